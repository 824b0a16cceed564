"""What another server says is fixed where a tool that may run here can tell that it is gone, and only there."""

from __future__ import annotations

import asyncio

from dovetail.features.actions import Diagnostic, Edited, Refused, Request, Result, fix
from dovetail.model.ask import Finding, Run, Silence, run
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import Scripted

PATH = "/project/shop.py"
TEXT = "def label(count: int) -> str:\n    return count\n"
SAID = 'Type "int" is not assignable to return type "str"'


async def checks(asked: Run) -> list[Finding] | Silence:
    """A type checker of a person who trusts the folder; the linter has nothing to say."""
    if asked.checker != "types":
        return []
    if not asked.trusted:
        return Silence("pyright looks only at a folder that you trust", "refused")
    if "return str(count)" in asked.text:
        return []
    said = SAID if "return count\n" in asked.text else 'Type "list[int]" is not assignable to return type "str"'
    return [Finding("reportReturnType", said, 41, 46, line=1)]


def fixed(model: Scripted, *, trusted: bool) -> Result:
    world = World(["/project"])
    world.open(PATH, TEXT, 1, None)
    at = Span(TEXT.index("count\n"), TEXT.index("count\n") + 5)
    request = Request(Selection(PATH, at), (Diagnostic(at, "reportReturnType", SAID, "Pyright"),), trusted)
    (offer, *_) = fix.ACTION.offer(world.snapshot(), request)
    return asyncio.run(run(fix.ACTION.make(world.snapshot(), request, offer, model.info), model, checks))


def test_a_type_error_is_fixed_where_the_users_type_checker_says_that_it_is_gone() -> None:
    result = fixed(Scripted([["return count,", "return str(count)"]]), trusted=True)
    assert isinstance(result, Edited)
    ((edit,),) = result.change.edits.values()
    assert edit.new == b"    return str(count)"
    assert "the finding is gone" in result.evidence.passed


def test_in_other_words_it_is_the_same_type_error() -> None:
    result = fixed(Scripted([["return [count]"]] * 3), trusted=True)
    assert isinstance(result, Refused)


def test_where_nothing_may_run_that_could_tell_it_is_refused_in_words() -> None:
    model = Scripted([["return str(count)"]])
    result = fixed(model, trusted=False)
    assert isinstance(result, Refused)
    assert "pyright looks only at a folder that you trust" in result.reason
    assert model.asks == []
