"""`dovetail do "…"`: a sentence, understood by rules, done by an action."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from rich.markdown import Markdown

from dovetail.cli.failing_test import leave
from dovetail.cli.project import Opened, Project, reading, root_of
from dovetail.cli.work import act, console, end, messages, show_edit
from dovetail.features.actions import Action, Explained, actions
from dovetail.features.asked import asked, places
from dovetail.features.follow_up import Act, about
from dovetail.features.intent import Question
from dovetail.memory import Store
from dovetail.model.ask import no_tests, run, through
from dovetail.text import Span
from dovetail.verify.checkers import run_checker
from dovetail.verify.tests import tester_of
from dovetail.world import File


def do(
    given: Mapping[str, Any],
    sentence: str,
    path: Path | None,
    line: int,
    column: int,
    *,
    apply: bool,
    trust: bool,
    evidence: bool,
) -> int:
    """path: the file that it is about; None where the sentence says that."""

    async def work() -> int:
        async with reading(given, root_of(path or Path.cwd() / "x"), messages) as project:
            memo = project.remembers()
            known = memo.last_act() if memo else None
            file = project.opened(path).file if path else None
            span = _place(file, line, column) if file and line else None
            said = await run(
                asked(
                    sentence, project.world.snapshot(), file.path if file else "", span, project.port.info,
                    Act(*known) if known else None,
                ),
                project.port, run_checker,
            )  # fmt: skip
            if isinstance(said, Question):
                messages.print(said.text)
                return 2
            if said.kind == "search":
                return _search(project, sentence)
            assert said.at is not None
            return await _done(project.opened(Path(said.at.path)), said.action, said.at.span, said.data, memo)

    async def _done(
        project: Opened, name: str, span: Span, data: tuple[tuple[str, str], ...], memo: Store | None
    ) -> int:
        action = next(each for each in actions() if each.name == name)
        root = project.world.snapshot().roots[0]
        allowed = trust
        if action.runs and not trust and (row := _only_trusted(project, action, span)):
            if not leave(row, Path(root)):
                return 2
            allowed = True
        began = time.monotonic()
        messages.print(f"understood as: {action.words}", highlight=False)
        runs = action.runs and allowed
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
    snapshot = project.world.snapshot()
    if action.offer(snapshot, project.request(span, trusted=False)):
        return ""
    return next((offer.title for offer in action.offer(snapshot, project.request(span, trusted=True))), "")


def _place(file: File, line: int, column: int) -> Span:
    document = file.document
    span = document.line(min(line, document.lines) - 1)
    text = document.text(span)
    if not column:
        return Span(span.start + len(text) - len(text.lstrip()), span.end)
    at = span.start + len(text[: column - 1].encode("utf-8", "surrogatepass"))
    return Span(at, at)


def _search(project: Project, sentence: str) -> int:
    found = through(places(sentence, project.world.snapshot()))
    for each in found:
        console.print(each, highlight=False, soft_wrap=True)
    if not found:
        messages.print("no name of the sentence is defined in this project")
    return 0 if found else 1
