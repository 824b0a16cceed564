"""A finding that was fixed once is fixed from memory the second time: no model is asked, everything is verified."""

from __future__ import annotations

import asyncio
from pathlib import Path

from dovetail.features.account import entered
from dovetail.features.actions import Edited, Refused, Request, Result, fix
from dovetail.features.actions.fix.recipes import made
from dovetail.features.actions.pipeline import NEXT
from dovetail.memory import Store, open_store
from dovetail.model.ask import Fim, Log, Recipe, run
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import Scripted, no_linter

FIRST = "def area(width, height):\n    return width * * * height\n"
SECOND = "import math\n\n\ndef volume(w, d, h):\n    base = w\n    return base * * * d\n"


def fixed(path: str, text: str, line: int, model: Scripted, store: Store | None, log: Log | None = None) -> Result:
    world = World(["/project"])
    world.open(path, text, 1, None)
    file = world.snapshot().files[path]
    at = file.document.line(line)
    request = Request(Selection(path, Span(at.start, at.start)))
    (offer, *_) = fix.ACTION.offer(world.snapshot(), request)
    steps = fix.ACTION.make(world.snapshot(), request, offer, model.info)
    return asyncio.run(run(steps, model, no_linter, log or Log(), memo=store))


def new_text(text: str, result: Result, path: str) -> str:
    assert isinstance(result, Edited)
    world = World(["/project"])
    world.open(path, text, 1, None)
    return world.snapshot().after(result.change).files[path].document.text()


def take(store: Store, result: Result) -> None:
    """As the editor, the terminal and the library tell it."""
    assert isinstance(result, Edited)
    store.applied(entered(store, "fix", "/project/a.py", result, 5, None), {})


def test_the_second_time_no_model_is_asked(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    model = Scripted([["return width * height"]])
    first = fixed("/project/a.py", FIRST, 1, model, store)
    assert isinstance(first, Edited)
    assert first.by_model
    assert len(model.asks) == 1
    silent = Scripted([])
    second = fixed("/project/b.py", SECOND, 5, silent, store)
    assert "    return base * d\n" in new_text(SECOND, second, "/project/b.py")
    assert silent.asks == []
    assert isinstance(second, Edited)
    assert second.evidence.trials[-1].source == "cache"
    assert "parses no worse" in second.evidence.passed
    assert second.by_model, "a model wrote it once"


def test_without_a_store_the_model_is_asked_again(tmp_path: Path) -> None:
    model = Scripted([["return base * d"]])
    fixed("/project/b.py", SECOND, 5, model, None)
    assert len(model.asks) == 1


def test_what_was_kept_is_verified_before_it_is_used(tmp_path: Path) -> None:
    """The same words, where what was written then would be no better."""
    store = open_store("/project", tmp_path)
    fixed("/project/a.py", FIRST, 1, Scripted([["return width * height"]]), store)
    signature = "python|syntax|SYNTAX|~the syntax error"
    (recipe,) = store.past((signature,))
    store.learn(type(recipe)(signature, recipe.old, "return ‹0› * * ‹1› height", number=0), True)
    for _ in range(3):
        result = fixed("/project/b.py", SECOND, 5, Scripted([]), store)
        assert isinstance(result, Edited)
        assert result.evidence.trials[-1].source == "cache"
        assert "return base * d\n" in new_text(SECOND, result, "/project/b.py")


def test_what_a_model_wrote_once_does_not_take_away_what_no_tool_names(tmp_path: Path) -> None:
    """Kept when that was still let through; every gate holds, the sum is gone."""
    store = open_store("/project", tmp_path)
    signature = "python|name|NAME|~… is not defined"
    for new, shown in (("return ‹0›", False), ("return ‹0› + ‹2›", False), ("return ‹0› + len(‹0›)", True)):
        store.learn(Recipe(signature, "return ‹0› + ‹1›", new, by_model=True), True)
        result = fixed("/project/a.py", "def size(text):\n    return text + lenght\n", 1, Scripted([]), store)
        assert isinstance(result, Edited if shown else Refused)


def test_a_name_that_was_imported_is_imported_from_memory(tmp_path: Path) -> None:
    store = open_store("/project", tmp_path)
    text = "x = 1\ny = deepcopy(x)\n"
    first = fixed("/project/a.py", text, 1, Scripted([]), store)
    assert "from copy import deepcopy" in new_text(text, first, "/project/a.py")
    other = '"""Words."""\n\nimport os\n\nz = deepcopy(os.environ)\n'
    for source in ("rule", "cache"):  # until it is taken it is no surer than a rule
        second = fixed("/project/b.py", other, 4, Scripted([]), store)
        assert isinstance(second, Edited)
        assert second.evidence.trials[-1].source == source
        assert "from copy import deepcopy\nimport os\n" in new_text(other, second, "/project/b.py")
        take(store, first)


def test_what_helped_on_another_line_is_not_done_there_again(tmp_path: Path) -> None:
    """Two lines are wrong: each time the one that was asked about is mended."""
    store = open_store("/project", tmp_path)
    text = 'def f(x):\n    if x = 3:\n        return {"a": 1, "b" 2}\n'
    take(store, last := fixed("/project/a.py", text, 2, Scripted([]), store))
    assert '"b": 2' in new_text(text, last, "/project/a.py")
    first = new_text(text, fixed("/project/a.py", text, 1, Scripted([]), store), "/project/a.py")
    assert first == text.replace("x = 3", "x == 3")


def test_a_recipe_that_fits_nowhere_has_failed_once_for_each_use(tmp_path: Path) -> None:
    """Among six imports it is tried at seven places."""
    store = open_store("/project", tmp_path)
    recipe = Recipe("python|name|NAME|deepcopy is not defined", "", "from copy import deepcop")
    store.learn(recipe, True)
    text = "".join(f"import {name}\n" for name in ("ast", "bisect", "copy", "json", "os", "sys"))
    for left in (1, 1, 1, 1, 0):
        result = fixed(
            "/project/a.py", f"{text}\ny = deepcopy(ast, bisect, copy, json, os, sys)\n", 7, Scripted([]), store
        )
        assert isinstance(result, Edited)
        assert len([each for each in store.past((recipe.signature,)) if each.new == recipe.new]) == left


def test_a_line_that_was_removed_is_removed_with_its_end() -> None:
    world = World(["/project"])
    file = world.open("/project/a.py", "def f(y):\n    import os\n    return y\n", 1, None)
    assert file.language is not None
    recipe = Recipe("", "import ‹0›", "")
    (again,) = made(recipe, file.document, "/project/a.py", [1], file.language)
    after = world.snapshot().after(again.change).files["/project/a.py"].document.text()
    assert after == "def f(y):\n    return y\n"


def test_what_a_model_said_in_vain_is_not_tried_again(tmp_path: Path) -> None:
    """It is told what was wrong, in one line, and asked in another way; for another text all begins anew."""
    text = "def area(width, height):\n    return width * tallness\n"
    wrong, right = "return width * hoehe", "return width * height"
    store = open_store("/project", tmp_path)
    first = Scripted([[wrong]])
    assert isinstance(fixed("/project/a.py", text, 1, first, store), Refused)
    second = Scripted([[wrong, right]])
    result = fixed("/project/a.py", text, 1, second, store)
    assert right in new_text(text, result, "/project/a.py")
    assert wrong not in [trial.text for trial in result.evidence.trials]
    assert second.asks[0].seed != first.asks[0].seed
    prompt = second.asks[0].prompt
    assert isinstance(prompt, Fim)
    assert "# NAME at line 2: hoehe is not defined" in prompt.prefix
    wrong = wrong.replace("*", "+")
    other = Scripted([[wrong]])
    again = fixed("/project/a.py", text.replace("*", "+"), 1, other, store)
    assert wrong in [trial.text for trial in again.evidence.trials]
    assert other.asks[0].seed == first.asks[0].seed


def test_what_is_asked_in_vain_again_and_again_is_asked_otherwise_each_time(tmp_path: Path) -> None:
    text = "def area(width, height):\n    return width * tallness\n"
    store = open_store("/project", tmp_path)
    seeds: set[int] = set()
    for _ in range(4):
        model = Scripted([["return width * hoehe"]])
        result = fixed("/project/a.py", text, 1, model, store)
        assert isinstance(result, Refused)
        assert "hoehe is not defined" in result.reason, "not that nothing was proposed"
        seeds.add(model.asks[0].seed)
    assert len(seeds) == 4


def test_the_first_time_a_model_is_asked_as_it_is_and_then_in_turns_less_and_more_freely() -> None:
    text = "def area(width, height):\n    return width * tallness\n"
    model = Scripted([["return width * hoehe"], ["return width * hoogte"], ["return width * altura"]])
    fixed("/project/a.py", text, 1, model, None)
    assert [ask.temperature for ask in model.asks] == [0.6, 0.45, 0.75][: len(model.asks)]
    assert len(model.asks) > 1


def test_every_state_follows_one_that_it_may_follow() -> None:
    for script in ([["return width * height"]], [["Sure, here is the code"]] * 4, []):
        log = Log()
        result = fixed("/project/a.py", FIRST, 1, Scripted(script), None, log)
        states = [state for state, _ in log.stages()]
        assert states[0] == "UNDERSTAND"
        for one, two in zip(["", *states], states, strict=False):
            assert two in NEXT[one], f"{one} → {two}"
        assert states[-1] == ("GIVE UP" if isinstance(result, Refused) else "COMPLETE")
