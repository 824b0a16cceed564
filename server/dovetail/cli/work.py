"""`complete`, `explain`, `fix` and the other actions: one request, printed."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.markdown import Markdown
from rich.syntax import Syntax

from dovetail import disk
from dovetail.cli.project import Opened, opened
from dovetail.cli.terminal import terminal
from dovetail.context.evidence import Evidence
from dovetail.features.account import backs, entered
from dovetail.features.actions import (
    Action,
    Edited,
    Explained,
    Offer,
    Refused,
    Request,
    Result,
    actions,
    in_turn,
    nothing,
    throughout,
    together,
)
from dovetail.features.actions.testing.related import related
from dovetail.features.findings import Found, findings, seen
from dovetail.features.follow_up import about
from dovetail.features.inline_completion import Knobs, Suggestion, inline_completion
from dovetail.features.ledger import markdown
from dovetail.memory import Store
from dovetail.model.ask import Log, Silence, Tester, no_tests, run
from dovetail.model.two import for_typing
from dovetail.text import Span, unified_diff
from dovetail.verify.checkers import run_checker
from dovetail.verify.tests import line, tester_of
from dovetail.world import Selection

_NOTHING = {"validate": "nothing about these parameters can be checked that is not checked already"}

# reasons and paths are text, never markup
console = _out = terminal()
messages = _err = terminal(error=True)


def complete(given: Mapping[str, Any], path: Path, line: int, column: int, *, evidence: bool) -> int:
    async def work() -> int:
        async with opened(given, path, _err) as project:
            at = Selection(project.file.path, place(project, line, column))
            completion = project.settings.completion
            knobs = Knobs(invoked=True, confidence=completion.confidence, sure=completion.chance)
            port = for_typing(project.port)
            steps = inline_completion(project.world.snapshot(), at, port.info, knobs)
            said = await run(steps, port, run_checker)
            if isinstance(said, Suggestion):
                _out.print(said.text, highlight=False, markup=False)
            else:
                _err.print(f"nothing to suggest: {said.reason}")
            _tell(said.evidence, "" if isinstance(said, Suggestion) else said.reason, evidence)
            return 0 if isinstance(said, Suggestion) else 1

    return asyncio.run(work())


def explain(
    given: Mapping[str, Any], path: Path, line: int, column: int = 0, *, last: int = 0, trust: bool = False,
    evidence: bool,
) -> int:  # fmt: skip
    """The name at a place; without a column a line, with `last` the lines up to it, and what is found wrong there."""

    async def work() -> int:
        async with opened(given, path, _err) as project:
            if column:
                return _told(await act(project, "explain", place(project, line, column), trust, project.remembers()))
            document = project.file.document
            where = document.full_lines(min(line, document.lines) - 1, min(last or line, document.lines) - 1)
            found = await _findings(project, where, trust)
            _say(found.silent)
            told = found.told
            told += seen(project.world.snapshot(), project.file, where, told)
            request = project.request(where, trust, told)
            action: Action = next(a for a in actions() if a.name == "explain")
            offers = action.offer(project.world.snapshot(), request)
            if not offers:
                return _told(Refused(f"there is nothing to explain in line {line}", Evidence("explain")))
            results = [await _made(project, action, request, offer, project.remembers()) for offer in offers]
            codes = [_told(result, between=number > 0) for number, result in enumerate(results)]
            return min(codes)

    def _told(result: Result, *, between: bool = False) -> int:
        if between:
            _out.print()
            _out.rule(style="dim")
        if isinstance(result, Explained):
            _out.print(Markdown(result.markdown))
        return end(result, evidence)

    return asyncio.run(work())


def fix(
    given: Mapping[str, Any], path: Path, line: int, column: int, *, apply: bool, trust: bool, tests: bool = False,
    python: str = "", evidence: bool,
) -> int:  # fmt: skip
    """tests: hold it against those that are related, with the user's leave; python: what runs them."""

    def whole_line(project: Opened) -> Span:
        document = project.file.document
        return document.line(min(line, document.lines) - 1)

    return edit(
        given, path, "fix", whole_line, apply=apply, trust=trust, evidence=evidence, judged=python if tests else None
    )


def on_function(given: Mapping[str, Any], action: str, path: Path, symbol: str, *, apply: bool, evidence: bool) -> int:
    """An action on a function that is named."""
    return edit(
        given,
        path,
        action,
        lambda project: named(project, symbol, _NAMED.get(action, _FUNCTIONS)),
        apply=apply,
        trust=False,
        evidence=evidence,
    )


def on_lines(
    given: Mapping[str, Any], action: str, path: Path, first: int, last: int, name: str = "", *, apply: bool,
    evidence: bool,
) -> int:  # fmt: skip
    """An action on some lines; `name`: what the new thing is called."""

    def lines(project: Opened) -> Span:
        document = project.file.document
        return document.full_lines(min(first, document.lines) - 1, min(last, document.lines) - 1)

    data = (("name", name),) if name else ()
    return edit(given, path, action, lines, apply=apply, trust=False, evidence=evidence, data=data)


def rename(given: Mapping[str, Any], path: Path, symbol: str, name: str, *, apply: bool, evidence: bool) -> int:
    """`symbol` is a name of the file, or LINE:COL of a local one."""

    def at(project: Opened) -> Span | None:
        line, _, column = symbol.partition(":")
        if line.isdigit() and column.isdigit():
            return place(project, int(line), int(column))
        return named(project, symbol, ("function", "method", "class", "variable", "field"))

    data = (("name", name),)
    return edit(given, path, "rename", at, apply=apply, trust=False, evidence=evidence, data=data)


_FUNCTIONS = ("function", "method")
_NAMED = {"document": (*_FUNCTIONS, "class"), "annotate": (*_FUNCTIONS, "class")}


def named(project: Opened, symbol: str, kinds: tuple[str, ...] = _FUNCTIONS) -> Span | None:
    for known in project.world.snapshot().graph.symbols(project.file.path):
        if symbol in (known.name, known.qualified) and known.kind in kinds:
            return Span(known.name_span.start, known.name_span.start)
    what = "function" if len(kinds) == 2 else "name"
    _err.print(f"there is no {what} {symbol} in {Path(project.file.path).name}")
    return None


def edit(
    given: Mapping[str, Any],
    path: Path,
    action: str,
    where: Callable[[Opened], Span | None],
    *,
    apply: bool,
    trust: bool,
    evidence: bool,
    data: tuple[tuple[str, str], ...] = (),
    judged: str | None = None,
) -> int:
    """judged: the interpreter that runs the related tests, "" for the usual one; None where they are not asked for."""

    async def work() -> int:
        async with opened(given, path, _err) as project:
            span = where(project)
            if span is None:
                return 2
            began = time.monotonic()
            memo = project.remembers()
            tests = related(project.world.snapshot(), project.file.path, span.start) if judged is not None else ()
            if judged is not None and not tests:
                _err.print(f"no tests of {path.name} are known, so none is run", style="yellow", highlight=False)
            with _tester(project, judged or "", tests, trust) as tester:
                if tester is None:
                    return 2
                result = await act(project, action, span, trust or bool(tests), memo, data, tester)
            did = (action, about(project.world.snapshot(), project.file.path, span.start))
            done = show_edit(project, result, memo, action, began, apply=apply, did=did)
            return end(result, evidence) or int(not done)

    return asyncio.run(work())


@contextmanager
def _tester(project: Opened, python: str, tests: tuple[str, ...], trusted: bool) -> Generator[Tester | None]:
    """Runs these tests, where the user says so; None where they do not."""
    from dovetail.cli.failing_test import leave

    root = project.world.snapshot().roots[0]
    named = python or project.settings.python or ""
    what = line(root, tests, named) if tests else ""
    if isinstance(what, Silence):
        _err.print(what.reason, highlight=False)
        yield None
    elif not tests:
        yield no_tests
    elif not trusted and not leave(what, Path(root)):
        yield None
    else:
        with tester_of(root, named) as tester:
            yield tester


def show_edit(
    project: Opened, result: Result, memo: Store | None, asked: str, began: float, *, apply: bool,
    did: tuple[str, str] | None = None,
) -> bool:  # fmt: skip
    """Print the diff, write it where that is wanted, and keep a line of it in the ledger. False if it was not."""
    ms = 1000 * (time.monotonic() - began)
    number = entered(memo, asked, project.file.path, result, ms, did) if memo else 0
    if not isinstance(result, Edited):
        return True
    before = project.world.snapshot().under(result.change)
    after = before.after(result.change)
    for name in result.change.edits:
        diff = unified_diff(_shown(name), before.files[name].document, after.files[name].document)
        _out.print(Syntax(diff, "diff", background_color="default") if _out.is_terminal else diff,
                   end="", soft_wrap=True, highlight=False, markup=False)  # fmt: skip
    _err.print(f"{result.told}. Held: {', '.join(result.evidence.passed)}.")
    if not apply:
        return True
    texts = {name: (before.files[name].document.data, after.files[name].document.data) for name in result.change.edits}
    written = write(texts, result.change.creates)
    if written and memo:
        memo.applied(number, backs(before, result.change))
    return written


async def act(
    project: Opened, name: str, span: Span, trusted: bool, memo: Store | None = None,
    data: tuple[tuple[str, str], ...] = (),
    tester: Tester = no_tests,
) -> Result:  # fmt: skip
    """What an action makes at a place. `data`: what a menu would not have told it, a new name."""
    action: Action = next(a for a in actions() if a.name == name)
    snapshot = project.world.snapshot()
    found = await _findings(project, span, trusted) if name == "fix" else Found(())
    request = project.request(span, trusted, found.told)
    offers = action.offer(snapshot, request)
    if not offers and (wider := throughout.widened(snapshot, request, name)):
        action, offers = throughout.ACTION, wider
    if data:
        offers = [replace(each, data=data) for each in offers] or [Offer(name.capitalize(), span, data)]
    if not offers:
        said = nothing(action, snapshot, request, found.silent)
        return Refused(_NOTHING.get(action.name, said) if said.startswith("there is nothing") else said, Evidence(name))
    _say(found.silent)
    results: list[Result] = []
    for offer in in_turn(action, offers, leave=tester is not no_tests):
        if offer.disabled:
            return Refused(offer.disabled, Evidence(action.name))
        results.append(await _made(project, action, request, offer, memo, tester))
        if not isinstance(results[-1], Refused):
            break
    return together(results)


async def _made(
    project: Opened, action: Action, request: Request, offer: Offer, memo: Store | None, tester: Tester = no_tests
) -> Result:
    with _err.status(offer.title) as status:
        log = Log(lambda stage: status.update(f"{offer.title}: {stage.title.lower()}"))
        steps = action.result(project.world.snapshot(), request, offer, project.port.info)
        result = await run(steps, project.port, project.checks, log, tester, memo)
        return replace(result, evidence=result.evidence.with_stages(log.stages()))


async def _findings(project: Opened, span: Span, trusted: bool) -> Found:
    """What is said of the lines of a span; in an editor the diagnostics come from whoever serves them."""
    types = project.settings.type_checker or ""
    steps = findings(project.world.snapshot(), project.file.path, span, trusted, types)
    return await run(steps, project.port, project.checks)


def _say(reasons: Collection[str]) -> None:
    """Who could not look, and why."""
    for reason in reasons:
        _err.print(reason, style="yellow", highlight=False)


def end(result: Result, evidence: bool) -> int:
    reason = ""
    if isinstance(result, Refused):
        reason = result.reason
        _err.print(reason)
    _tell(result.evidence, reason, evidence)
    return 1 if reason else 0


def _tell(evidence: Evidence, reason: str, wanted: bool) -> None:
    if wanted:
        _out.print(Markdown(markdown(evidence, reason)))


def place(project: Opened, line: int, column: int) -> Span:
    """Columns count characters, as a terminal's user does."""
    document = project.file.document
    span = document.line(min(line, document.lines) - 1)
    text = document.text(span)[: column - 1]
    at = span.start + len(text.encode("utf-8", "surrogatepass"))
    return Span(at, at)


def _shown(path: str) -> str:
    return os.path.relpath(path)


def write(texts: Mapping[str, tuple[bytes, bytes]], created: Collection[str] = ()) -> bool:
    """Write all of these files, or say why none was."""
    try:
        written = disk.write(texts, created)
    except disk.Changed as changed:
        _err.print(str(changed), highlight=False)
        return False
    except OSError as error:
        _err.print(f"{error.filename} cannot be written ({error.strerror}); nothing was changed", highlight=False)
        return False
    for path in written:
        _err.print(f"wrote {_shown(str(path))}", highlight=False)
    return True
