"""`dovetail do "…"`: a sentence, understood by rules, done by an action."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.markdown import Markdown

from dovetail.cli.failing_test import leave
from dovetail.cli.project import Opened, opened
from dovetail.cli.work import act, console, end, messages, show_edit
from dovetail.features.actions import Action, Explained, Request, actions
from dovetail.features.follow_up import Act, about, follow_up, is_follow_up
from dovetail.features.intent import Here, Question, named, understand, words
from dovetail.model.ask import no_tests, run
from dovetail.text import Span
from dovetail.verify.checkers import run_checker
from dovetail.verify.tests import tester_of
from dovetail.world import Selection


def do(
    given: Mapping[str, Any],
    sentence: str,
    path: Path,
    line: int,
    column: int,
    *,
    apply: bool,
    trust: bool,
    evidence: bool,
) -> int:
    async def work() -> int:
        async with opened(given, path, messages) as project:
            span = _place(project, sentence, line, column)
            snapshot = project.world.snapshot()
            if is_follow_up(sentence):
                return await _again(project, span)
            request = Request(Selection(project.file.path, span), (), trust)
            fix = next(action for action in actions() if action.name == "fix")
            here = Here(
                finding=bool(fix.offer(snapshot, request)),
                symbol=bool(snapshot.graph.at(project.file.path, span.start)),
                selection=span.end > span.start,
            )
            said = await run(understand(sentence, here, project.port.info), project.port, run_checker)
            if isinstance(said, Question):
                messages.print(said.text)
                return 2
            if said.kind == "search":
                return _search(project, sentence)
            if not any(action.name == said.action for action in actions()):
                messages.print(
                    _REFUSAL
                    if said.kind == "refuse"
                    else f"understood as “{said.action or said.kind}”: no action does that"
                )
                return 2
            return await _done(project, said.action, span, said.data)

    async def _again(project: Opened, span: Span) -> int:
        snapshot = project.world.snapshot()
        memo = project.remembers()
        known = memo.last_act() if memo else None
        last = Act(*known) if known else None
        said = follow_up(sentence, last, snapshot, Selection(project.file.path, span))
        if isinstance(said, Question):
            messages.print(said.text)
            return 2
        if said.at.path != project.file.path:
            text = project.world.snapshot().texts.get(said.at.path)
            if text is None:
                messages.print(f"{said.at.path} could not be read")
                return 2
            project = replace(project, file=project.world.open(said.at.path, text.decode("utf-8"), 1, None))
        return await _done(project, said.action, said.at.span)

    async def _done(project: Opened, name: str, span: Span, data: tuple[tuple[str, str], ...] = ()) -> int:
        action = next(each for each in actions() if each.name == name)
        allowed = trust
        if action.runs and not trust and (row := _only_trusted(project, action, span)):
            if not leave(row, Path(project.world.snapshot().roots[0])):
                return 2
            allowed = True
        began = time.monotonic()
        memo = project.remembers()
        messages.print(f"understood as: {action.words}", highlight=False)
        runs = action.runs and allowed
        root = project.world.snapshot().roots[0]
        with tester_of(root, project.settings.python or "") if runs else nullcontext(no_tests) as tester:
            result = await act(project, action.name, span, allowed, memo, data, tester)
        if isinstance(result, Explained):
            console.print(Markdown(result.markdown))
        did = (action.name, about(project.world.snapshot(), project.file.path, span.start))
        done = show_edit(project, result, memo, sentence, began, apply=apply, did=did)
        return end(result, evidence) or int(not done)

    return asyncio.run(work())


def _only_trusted(project: Opened, action: Action, span: Span) -> str:
    """What the action would offer in a trusted project, where it offers nothing in another."""
    snapshot, at = project.world.snapshot(), Selection(project.file.path, span)
    if action.offer(snapshot, Request(at)):
        return ""
    return next((offer.title for offer in action.offer(snapshot, Request(at, trusted=True))), "")


_REFUSAL = "Dovetail reads and edits code with you; it runs no commands, reaches no network and does not chat"


def _place(project: Opened, sentence: str, line: int, column: int) -> Span:
    """The place that was given; without one the symbol of the file that the sentence names."""
    document = project.file.document
    if line:
        span = document.line(min(line, document.lines) - 1)
        text = document.text(span)
        if not column:
            return Span(span.start + len(text) - len(text.lstrip()), span.end)
        at = span.start + len(text[: column - 1].encode("utf-8", "surrogatepass"))
        return Span(at, at)
    found = named(sentence, project.world.snapshot().graph.symbols(project.file.path))
    start = found.name_span.start if found is not None else 0
    return Span(start, start)


def _search(project: Opened, sentence: str) -> int:
    """Where the names of the sentence are defined and used, from the graph."""
    graph = project.world.snapshot().graph
    found = 0
    for word in dict.fromkeys(words(sentence)):
        for symbol in graph.named(word, 20):
            document = project.world.snapshot().file(symbol.path)
            where = (
                f"{symbol.path}:{document.document.line_at(symbol.name_span.start) + 1}" if document else symbol.path
            )
            console.print(f"{symbol.kind} {symbol.qualified}  {where}", highlight=False, soft_wrap=True)
            callers = dict.fromkeys(caller.qualified for caller, _ in graph.callers(symbol))
            if callers:
                console.print(f"    called by {', '.join(callers)}", highlight=False, soft_wrap=True)
            found += 1
    if not found:
        messages.print("no name of the sentence is defined in this project")
    return 0 if found else 1
