"""What is wrong on some lines, where no editor says it: the linter, the user's type checker, the tree and the graph."""

from __future__ import annotations

from dataclasses import dataclass

from dovetail.features.actions import Diagnostic
from dovetail.model.ask import Finding, Run, Silence, Steps
from dovetail.text import Document, Span
from dovetail.verify.types import chosen
from dovetail.world import File, Snapshot

OWN = "dovetail"
"""Whose findings tree and graph are."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and who could not look."""

    told: tuple[Diagnostic, ...]
    silent: tuple[str, ...] = ()


def findings(snapshot: Snapshot, path: str, span: Span, trusted: bool, types: str = "") -> Steps[Found]:
    """What the linter and the type checker that the user names say of the lines of a span."""
    file = snapshot.file(path)
    if file is None or file.language is None:
        return Found(())
    document, text = file.document, file.document.text()
    lines = range(document.line_at(span.start), document.line_at(max(span.start, span.end - 1)) + 1)
    told: list[Diagnostic] = []
    silent: list[str] = []
    broken, who = _broken(file), ""
    checkers = [(str(file.language.settings.get("checker", "")), "")]
    program = chosen(types, path).replace("\\", "/")
    checkers += [("types", program.rsplit("/", 1)[-1].removesuffix(".exe"))] if trusted else []
    for checker, shown in checkers:
        if not checker or (checker == "types" and not shown):
            continue
        found: list[Finding] | Silence = yield Run(checker, path, text, trusted)
        if isinstance(found, Silence):
            silent += [found.reason] if found.reason else []
            continue
        if checker != "types":  # it knows the language better than the tree
            broken, who = min((one.line for one in found if one.code == "SYNTAX"), default=-1), checker
        here = [one for one in found if document.line_at(one.start) in lines]
        here.sort(key=lambda one: not one.fix)  # first what is certain to go
        told += [Diagnostic(_span(document, one), one.code, one.message, shown or checker) for one in here]
    if not told and broken >= 0 and broken not in lines:
        rest = f", so {who} says nothing else of it" if who else ""
        silent.append(f"{file.path.rsplit('/', 1)[-1]} does not parse at line {broken + 1}{rest}: fix that line first")
    return Found(tuple(told), tuple(silent))


def seen(snapshot: Snapshot, file: File, span: Span, told: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """What tree and graph see on the lines of a span that nobody says there."""
    document = file.document
    lines = range(document.line_at(span.start), document.line_at(max(span.start, span.end - 1)) + 1)
    found: list[Diagnostic] = []
    if file.tree is not None and not any(each.code == "SYNTAX" for each in told):
        errors = [error for error in file.tree.errors() if document.line_at(error.start) in lines]
        found += [Diagnostic(Span(error.start, error.end), "", "this does not parse", OWN) for error in errors[:1]]
    if file.path not in snapshot.graph.files or any(each.code == "SYNTAX" for each in told) or found:
        return tuple(found)
    unknown = snapshot.graph.unknown_names(file.path)
    whole = Span(document.start_of(lines.start), document.line(lines[-1]).end)
    for at in snapshot.graph.uses_in(file.path, whole):
        place = Span(at.base + at.use.start, at.base + at.use.end)
        said = any(each.span.meets(place) and at.use.name in each.message for each in (*told, *found))
        if at.use.role in ("read", "call") and at.use.name in unknown and whole.holds(place) and not said:
            found.append(Diagnostic(place, "", f"undefined name `{at.use.name}`", OWN))
    return tuple(found)


def _broken(file: File) -> int:
    """The first line where the tree goes wrong, the last one written where something is missing; -1 if it does not."""
    error = next(iter(file.tree.errors()), None) if file.tree is not None else None
    if error is None:
        return -1
    missing = len(file.document.data[: error.start].rstrip())
    return file.document.line_at(error.start if error.end > error.start else missing)


def _span(document: Document, found: Finding) -> Span:
    """Where a finding is; the line's text where only that is told."""
    if found.end > found.start:
        return Span(found.start, found.end)
    line = document.line(document.line_at(found.start))
    if found.start > line.start:
        return Span(found.start, found.start)
    text = document.text(line)
    return Span(line.start + len(text) - len(text.lstrip()), line.end)
