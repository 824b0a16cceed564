"""Every action asks a model in one way: so many answers, told what failed, and never the same again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from dovetail.context.evidence import Ledger
from dovetail.features.actions import Edited, Refused, Request, Result, actions
from dovetail.features.actions.asking import CANDIDATES, ONE, TEMPERATURES, Asking, comment, told
from dovetail.features.actions.pipeline import NEXT, line_of
from dovetail.features.sentence import sentence
from dovetail.memory import Store, open_store
from dovetail.model.ask import Answer, Ask, Attempt, Chat, Fim, Finding, Log, ModelInfo, Silence, Steps, run
from dovetail.text import Span
from dovetail.verify import fails
from dovetail.world import Selection, World
from tests.scripted import Said, Scripted, no_linter

PATH = "/project/a.py"
LARGE = ModelInfo("large-7b", "", "", context=4096, fim="suffix-first", chat=True)


def made(
    name: str, text: str, port: Scripted, store: Store | None = None, off: Sequence[str] = (), log: Log | None = None
) -> Result:
    """What an action comes to at ⟨⟩, or on ⟨what is selected⟩."""
    before, _, rest = text.partition("⟨")
    inside, _, after = rest.partition("⟩")
    world = World(["/project"])
    world.open(PATH, before + inside + after, 1, None)
    start = len(before.encode())
    request = Request(Selection(PATH, Span(start, start + len(inside.encode()))), off=frozenset(off))
    action = next(each for each in actions() if each.name == name)
    offer = action.offer(world.snapshot(), request)[0]
    assert not offer.disabled, offer
    steps = action.result(world.snapshot(), request, offer, port.info)
    return asyncio.run(run(steps, port, no_linter, log or Log(), memo=store))


DOCUMENT = "def ⟨⟩area(width, height):\n    return width * height\n"
EXTRACT = "def bill(prices, rate):\n    ⟨total = sum(prices) * rate⟩\n    print(total)\n"
FIX = "def area(width, height):\n    return width * ⟨⟩tallness\n"
IMPLEMENT = 'def ⟨⟩twice(n: int) -> int:\n    """Two times n."""\n    raise NotImplementedError\n'
RENAME = "def bill(rate, prices):\n    ⟨⟩tmp = sum(prices) * rate\n    return tmp\n"
VAIN: dict[str, tuple[str, list[str]]] = {
    "document": (DOCUMENT, ["Calls `frobnicate()` on the registry."]),
    "explain": (DOCUMENT, ["Calls `frobnicate()` on the registry."]),
    "extract": (EXTRACT, ["frobnicate"]),
    "fix": (FIX, ["return width * hoehe"]),
    "implement": (IMPLEMENT, ["return 2 * m"]),
    "rename": (RENAME, ["frobnicated"]),
}
"""Something that a model says and that does not hold."""


def seen(ask: Ask) -> str:
    return f"{ask.prompt.prefix}{ask.prompt.suffix}" if isinstance(ask.prompt, Fim) else ask.prompt.user


@pytest.mark.parametrize("name", VAIN)
def test_it_is_asked_for_five_answers_or_the_likeliest_sentence_and_told_in_one_line_what_was_wrong(name: str) -> None:
    text, vain = VAIN[name]
    model = Scripted([vain, vain, vain, vain])
    result = made(name, text, model)
    first, second = model.asks[:2]
    prose = name in ("document", "explain")  # the likeliest sentence, then another
    assert first.candidates == second.candidates == (ONE if prose else CANDIDATES)
    assert (first.temperature, second.temperature) == (0.0 if prose else TEMPERATURES[0], TEMPERATURES[1])
    assert first.seed != second.seed
    new = [line.strip() for line in seen(second).split("\n") if line not in seen(first).split("\n")]
    (line,) = [one for one in new if one.startswith("# ")]
    wrong = next(trial for trial in result.evidence.trials if trial.failed)
    assert wrong.finding in line
    after = result.change.edits[PATH][0].new.decode() if isinstance(result, Edited) else ""
    assert line not in after


@pytest.mark.parametrize("name", VAIN)
def test_what_failed_is_not_tried_again(name: str, tmp_path: Path) -> None:
    text, vain = VAIN[name]
    store = open_store("/project", tmp_path)
    first, second, third = (Scripted([vain]) for _ in range(3))
    result = made(name, text, first, store)
    wrong = next(trial for trial in result.evidence.trials if trial.failed)
    again = made(name, text, second, store)
    assert wrong.text not in [trial.text for trial in again.evidence.trials]
    assert any("not tried again" in note for note in again.evidence.notes)
    assert second.asks[0].seed != first.asks[0].seed
    assert wrong.finding in seen(second.asks[0])
    anew = made(name, text, third, store, ("attempts",))
    assert wrong.text in [trial.text for trial in anew.evidence.trials]
    assert third.asks[0].seed == first.asks[0].seed


@pytest.mark.parametrize("name", VAIN)
def test_without_retry_it_is_asked_once(name: str) -> None:
    text, vain = VAIN[name]
    model = Scripted([vain, vain, vain])
    made(name, text, model, off=("retry",))
    assert len([ask for ask in model.asks if "Args:" not in seen(ask)]) == 1, "but for what stands for a parameter"


def test_the_sentence_of_a_hover_is_asked_for_once_and_not_the_same_way_again(tmp_path: Path) -> None:
    world = World(["/project"])
    world.open(PATH, DOCUMENT.replace("⟨⟩", ""), 1, None)
    snapshot, store = world.snapshot(), open_store("/project", tmp_path)
    (symbol,) = snapshot.graph.symbols(PATH)
    for said, shown in (("Calls `frobnicate()`.", None), ("Return the width times the height.", True)):
        model = Scripted([said, said])
        heard = asyncio.run(run(sentence(snapshot, symbol, model.info), model, no_linter, memo=store))
        assert (heard is not None) is bool(shown)
        (ask,) = model.asks
        assert ("frobnicate" in seen(ask)) is bool(shown)
        assert ask.candidates == 1


RIGHT: dict[str, tuple[str, Said]] = {
    "document": (DOCUMENT, ["Return the width times the height."]),
    "explain": (DOCUMENT, ["Return the width times the height."]),
    "extract": (EXTRACT, ["sum_prices("]),
    "fix": (FIX, ["return width * height"]),
    "implement": (IMPLEMENT, ["return 2 * n"]),
    "rename": (RENAME, ["bill_rate"]),
}


@pytest.mark.parametrize(("name", "asked"), [
    ("document", "document area"), ("fix", "fix “tallness is not defined” in line 2"),
    ("implement", "write the body of twice"),
])  # fmt: skip
def test_what_a_model_wrote_is_reviewed_by_it_in_every_action(name: str, asked: str) -> None:
    text, right = RIGHT[name]
    rest: list[Said] = [Silence("nothing for a parameter")] * 2 if name == "document" else []
    model = Scripted([right, *rest, "YES"], info=LARGE)
    result = made(name, text, model)
    assert isinstance(result, Edited)
    assert any(note.startswith("the model's own review: right") for note in result.evidence.notes)
    prompt = model.asks[-1].prompt
    assert isinstance(prompt, Chat)
    assert prompt.user.startswith(f"Asked: {asked}, and change nothing else.")
    assert "review" not in result.evidence.passed
    model = Scripted([right, *rest, "NO"], info=LARGE)
    refused = made(name, text, model)
    assert isinstance(refused, Refused) or not refused.by_model, "held back, or made by rule"
    model = Scripted([right, *rest, "NO"], info=LARGE)
    result = made(name, text, model, off=("review",))
    assert isinstance(result, Edited)
    assert result.by_model
    assert "the model's own review: not asked, you switched it off" in result.evidence.notes


@pytest.mark.parametrize(("name", "why"), [
    ("extract", "it only said a name, and the graph looked that up"),
    ("rename", "it only said a name, and the graph looked that up"),
    ("implement", "small is too small to judge, or cannot be held to YES and NO"),
])  # fmt: skip
def test_where_a_review_says_nothing_it_is_not_asked_and_the_evidence_says_why(name: str, why: str) -> None:
    text, right = RIGHT[name]
    info = LARGE if name != "implement" else ModelInfo("small", "", "", 4096, "suffix-first", True)
    model = Scripted([right], info=info)
    result = made(name, text, model)
    assert isinstance(result, Edited)
    assert result.by_model
    assert f"the model's own review: not asked, {why}" in result.evidence.notes
    assert len(model.asks) == 1


@pytest.mark.parametrize("name", VAIN)
@pytest.mark.parametrize("way", ["right", "vain", "silent"])
def test_every_state_of_every_action_follows_one_that_it_may_follow(name: str, way: str) -> None:
    text, right = RIGHT[name]
    script: list[Said] = {"right": [right], "vain": [VAIN[name][1]] * 4, "silent": []}[way]
    log = Log()
    result = made(name, text, Scripted(script), log=log)
    states = [state for state, _ in log.stages()]
    assert states[0] == "UNDERSTAND"
    for one, two in zip(["", *states], states, strict=False):
        assert two in NEXT[one], f"{one} → {two} in {states}"
    assert states[-1] == ("GIVE UP" if isinstance(result, Refused) else "COMPLETE")


@pytest.mark.parametrize(("name", "text"), [
    ("annotate", "def ⟨⟩area(width=1, height=2.0):\n    return None\n"),
    ("simplify", "def f(a, b):\n    ⟨⟩if a in b:\n        return True\n    else:\n        return False\n"),
    ("validate", 'def ⟨⟩half(count):\n    """Half of it.\n\n    Args:\n        count: Must be positive.\n    """\n'
                 "    return 1 / count\n"),
    ("throughout", "class ⟨⟩A:\n    def f(self, a):\n        return a\n\n    def g(self, b):\n        return b\n"),
])  # fmt: skip
def test_what_rules_make_goes_through_the_same_states(name: str, text: str) -> None:
    log = Log()
    result = made(name, text, Scripted(), log=log)
    states = [state for state, _ in log.stages()]
    assert isinstance(result, Edited), result
    assert all(two in NEXT[one] for one, two in zip(["", *states], states, strict=False)), states
    assert states[-1] == "COMPLETE"


def test_what_is_said_to_the_model_stands_before_the_line_in_the_language_of_the_file() -> None:
    prompt = told(Fim("def f():\n    x = 1\n    return "), ["LINT: F841 at line 2: x"], "a.py")
    assert isinstance(prompt, Fim)
    assert prompt.prefix == "def f():\n    x = 1\n    # LINT: F841 at line 2: x\n    return "
    prompt = told(Fim('def f():\n    """'), ["one", "", "two"], "a.py", above=True)
    assert isinstance(prompt, Fim)
    assert prompt.prefix == '# one\n# two\ndef f():\n    """'
    assert comment("a.go", "x") == "// x"
    assert comment("a.md", "x") == "<!-- x -->"
    chat = told(Chat("s", "u"), ["one"], "a.py")
    assert isinstance(chat, Chat)
    assert chat.user == "u\n\none"
    assert told(Chat("s", "u"), [""], "a.py") == Chat("s", "u")
    long = told(Fim("x"), ["word " * 99], "a.py")
    assert isinstance(long, Fim)
    assert long.prefix.count("word") == 99, "what the user noted is told whole"


def test_the_lines_that_go_back() -> None:
    assert line_of(Finding("SYNTAX", "the syntax error", 3, 4, line=11)) == "SYNTAX ERROR at line 12: the syntax error"
    assert line_of(Finding("F841", "`x` is never used", 3, 4, line=2)) == "LINT: F841 at line 3: `x` is never used"
    assert line_of(Finding("NAME", "x is not defined", 0, 1)) == "NAME at line 1: x is not defined"
    assert line_of(Finding("BODY", "it only calls itself")) == "BODY: it only calls itself"
    found = fails("tests/test_a.py::test_share", "expected 3, got None, for share(6, 2)")
    assert line_of(found) == "TEST FAIL: test_share — expected 3, got None, for share(6, 2)"
    assert found.message == "test_share fails: expected 3, got None, for share(6, 2)"


def test_one_answer_is_the_likeliest_at_first_and_what_is_said_most_often_goes_first() -> None:
    ledger = Ledger("any", LARGE)
    asking = Asking(ledger, PATH, "about", b"")

    def question() -> Steps[list[Answer] | Silence]:
        return (yield Ask(Fim("x = "), 4))

    def judged(answer: Answer) -> Steps[tuple[str, str]]:
        yield from ()
        return answer.text, "" if answer.text.isdigit() else "it is no number"

    model = Scripted(["no", "7"])
    heard = asyncio.run(run(asking.heard(question, judged, "a number"), model, no_linter))
    assert heard == ["7"]
    assert [ask.temperature for ask in model.asks] == [0.0, TEMPERATURES[1]]

    def several() -> Steps[list[Answer] | Silence]:
        return (yield Ask(Fim("x = "), 4, candidates=CANDIDATES))

    model = Scripted([["1", "2", "no", "2"]])
    heard = asyncio.run(run(Asking(ledger, PATH, "b", b"").heard(several, judged, "a number"), model, no_linter))
    assert heard == ["2", "1"]


def test_what_is_forgotten_is_not_told_though_it_was_asked_again() -> None:
    asking = Asking(Ledger("fix", LARGE), PATH, "mend it", b"")
    steps = asking.recall()
    next(steps)
    with pytest.raises(StopIteration):
        steps.send((Attempt(asking.key, "again 1", "it does not hold"),))
    assert asking.ledger.notes == []
    assert asking.vain == ()
