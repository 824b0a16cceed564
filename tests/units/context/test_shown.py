"""Features show the model what the code leans on, and the evidence says so."""

from __future__ import annotations

from typing import Any

from dovetail.features.actions import Request, actions
from dovetail.features.ledger import markdown
from dovetail.features.why import why
from dovetail.model.ask import Fim, ModelInfo, run
from dovetail.text import Span
from dovetail.verify.checkers import run_checker
from dovetail.world import Selection
from tests.scripted import Scripted
from tests.units.context.project import ROOT, SHOP, world

_MODEL = ModelInfo("with files", "", "", context=4096, fim="suffix-first", chat=True, repository=True)


async def _acted(name: str, path: str, before: str, files: dict[str, str], said: list[Any]) -> Scripted:
    snapshot = world(files, [path]).snapshot()
    offset = files[path].index(before) + len(before)
    request = Request(Selection(f"{ROOT}/{path}", Span(offset, offset)))
    action = next(action for action in actions() if action.name == name)
    port = Scripted(said, info=_MODEL)
    await run(action.make(snapshot, request, action.offer(snapshot, request)[0], port.info), port, run_checker)
    return port


async def test_an_explanation_sees_what_a_function_calls_and_who_calls_it() -> None:
    port = await _acted("explain", "shop/basket.py", "def tot", SHOP, ["Adds up the prices of all the items."])
    prompt = port.asks[0].prompt
    assert isinstance(prompt, Fim)
    shown = dict(prompt.context)
    assert "return amount * (1 + rate)" in shown["prices.py"]
    assert "def pay(" in shown["till.py"]


async def test_a_fix_sees_what_the_line_calls() -> None:
    broken = SHOP["shop/basket.py"].replace("for price in self.items)", "of the price self.items)")
    files = {**SHOP, "shop/basket.py": broken}
    port = await _acted("fix", "shop/basket.py", "sum(with_tax(", files, [["return 1"]] * 4)
    prompts = [ask.prompt for ask in port.asks]
    assert prompts
    assert all(isinstance(p, Fim) and any("with_tax" in text for _, text in p.context) for p in prompts)


async def test_why_says_what_was_chosen_and_what_was_left_out() -> None:
    snapshot = world(SHOP, ["shop/till.py"]).snapshot()
    offset = SHOP["shop/till.py"].index("basket.total") + 9
    at = Selection(f"{ROOT}/shop/till.py", Span(offset, offset))
    small = ModelInfo("small", "", "", context=128, fim=None, chat=True)
    evidence = await run(why(snapshot, at, "parse the `@` of an address in mail.py", small), Scripted(), run_checker)
    assert evidence.weighed[0].what == "mail.py"
    assert "mentioned 24.0 (mail.py is mentioned)" in evidence.weighed[0].why
    assert evidence.left_out
    assert all("no room for it" in piece.why for piece in evidence.left_out)
    text = markdown(evidence)
    assert "Which files it is about" in text
    assert "What was left out" in text
