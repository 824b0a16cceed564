"""What other servers say that the graph of this project can see for itself, and see to be gone: a member that a class
does not have, a module or a name of one that is not there, a call that gives too much or too little.

`[says]` of a language's `fix.toml` knows the words of compilers and checkers. What they mean by them is looked for in
the text; where the graph does not see it, nothing is said of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any

from dovetail.features.actions import Diagnostic
from dovetail.graph import CLASSES, Symbol
from dovetail.graph.facts import Import
from dovetail.graph.file import UseAt
from dovetail.graph.scopes import text_of
from dovetail.text import Document, Edit, Span
from dovetail.verify.calls_fit import misfits
from dovetail.verify.imports_exist import missing
from dovetail.world import File, Snapshot

KINDS = ("member", "module", "imported", "call")
_NEAR = 0.6
"""How alike two names are that may be one mistyped."""
_MOST = 3
_SUGGESTED = re.compile(r"(?i)(?:did you mean|maybe|similar name[^`'\"]*)[^`'\"]*[`'\"](?:self\.)?(\w+)[`'\"]")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a diagnostic speaks of, as the graph sees it in the text."""

    kind: str
    name: str
    """The member, the last part of the module, the name of a module, what is called."""
    span: Span
    """Where that is written; of a call, its arguments."""
    holder: str = ""
    """The class that lacks the member."""


def seen(snapshot: Snapshot, file: File, told: Diagnostic, rules: Mapping[str, Any]) -> Seen | None:
    """What another server says of a place, if the graph sees the same there; else None."""
    says: Mapping[str, str] = rules.get("says", {})
    for kind in KINDS:
        match = re.search(says[kind], told.message) if kind in says else None
        if match is not None:
            words = {key.rstrip("0123456789"): value for key, value in match.groupdict().items() if value}
            found = _LOOKS[kind](snapshot, file, told, words)
            if found is not None:
                return found
    return None


def lacking(snapshot: Snapshot, file: File, number: int) -> Seen | None:
    """A name on a line that is imported of a file of the project which has none but one alike; nobody need say so."""
    line = _line(file.document, number)
    for found in _imports(snapshot, file.path, line):
        if found.name and missing(snapshot, file.path, found) and not _tried(file, line):
            seen = _taken(snapshot, file, line, found)
            if seen is not None and next(candidates(seen, snapshot, file, ""), None) is not None:
                return seen
    return None


def gone(found: Seen, document: Document, after: Snapshot, path: str) -> bool:
    """Whether the graph knows for certain, after a change on that line, that it is as it should be."""
    file = after.file(path)
    if file is None or file.tree is None or path not in after.graph.files:
        return False
    number = document.line_at(found.span.start)
    if number >= file.document.lines:
        return False
    line = _line(file.document, number)
    if found.kind == "member":
        return _has_member(after, path, line, found)
    if found.kind == "call":
        calls = [at for at in after.graph.uses_in(path, line) if at.use.role.endswith("call") and _in(at, line)]
        ours = [at for at in calls if at.use.name == found.name]
        certain = all(_one(after, path, at) for at in ours)
        before, now = document.text(_line(document, number)), file.document.text(line)
        spread = any(now.count(mark) > before.count(mark) for mark in ("*", "..."))  # nobody counts what that gives
        return bool(ours) and certain and not spread and not misfits(after, path, line)
    imports = _imports(after, path, line)
    return bool(imports) and all(_leads(after, path, each) for each in imports)


def candidates(found: Seen, snapshot: Snapshot, file: File, message: str) -> Iterator[tuple[list[Edit], str]]:
    """Edits that may put it right, the likeliest first, each with words for it."""
    hinted = _SUGGESTED.search(message)
    names = [hinted[1]] if hinted and found.kind in ("member", "imported") else []
    for new in dict.fromkeys((*names, *_alike(found, snapshot, file))):
        if found.kind == "imported" and (new in snapshot.graph.files[file.path].bound or new in _local(file)):
            continue  # it is there already, or something else somewhere
        edits = [Edit(found.span, new.encode())]
        if found.kind == "imported":  # what it binds goes by that name in the rest of the file
            edits += [Edit(place, new.encode()) for place in _named(snapshot, file, found.name) if place != found.span]
        yield sorted(edits, key=lambda edit: edit.span.start), f"{found.name} → {new}"


def _local(file: File) -> set[str]:
    """The names that functions of a file bind."""
    captures = file.tree.captures("locals") if file.tree is not None else {}
    nodes = [node for kind in ("bind", "bind.parameter") for node in captures.get(kind, ())]
    return {text_of(node) for node in nodes}


# ---- what is seen -------------------------------------------------------------------------------


def _member(snapshot: Snapshot, file: File, told: Diagnostic, words: Mapping[str, str]) -> Seen | None:
    """A member that is asked of something, by a name that its class, which is known, does not have."""
    graph, name = snapshot.graph, words["name"]
    line = _line(file.document, file.document.line_at(told.span.start))
    holders = _class(snapshot, words.get("holder", ""))
    if not holders or any(graph.member(one, name) is not None for one in holders):
        return None
    uses = [at for at in graph.uses_in(file.path, line) if at.use.name == name and _in(at, line)]
    uses = [at for at in uses if at.use.role in ("member", "member-call")]
    near = sorted(uses, key=lambda at: abs(at.base + at.use.start - told.span.start))
    return Seen("member", name, _span(near[0]), holders[0].qualified) if near else None


def _module(snapshot: Snapshot, file: File, told: Diagnostic, words: Mapping[str, str]) -> Seen | None:
    """A module that an import names and that the project does not have, but something alike."""
    line = _line(file.document, file.document.line_at(told.span.start))
    module = words["module"]
    for found in _imports(snapshot, file.path, line):
        if found.module == module and snapshot.graph.module(file.path, module) is None:
            at = file.document.data.find(module.encode(), line.start, line.end)
            if at >= 0:
                last = re.split(r"[./:]", module)[-1]
                end = at + len(module.encode())
                return Seen("module", last, Span(end - len(last.encode()), end), module)
    return None


def _imported(snapshot: Snapshot, file: File, told: Diagnostic, words: Mapping[str, str]) -> Seen | None:
    """A name that an import takes from a file of the project that does not have it."""
    line = _line(file.document, file.document.line_at(told.span.start))
    for found in _imports(snapshot, file.path, line):
        if found.name == words["name"] and not _leads(snapshot, file.path, found):
            if (seen := _taken(snapshot, file, line, found)) is not None:
                return seen
    return None


def _taken(snapshot: Snapshot, file: File, line: Span, found: Import) -> Seen | None:
    """Where a line names what it imports of a file of the project."""
    at = re.search(rf"(?<!\w){re.escape(found.name)}(?!\w)".encode(), file.document.data[line.start : line.end])
    if at is None or snapshot.graph.module(file.path, found.module) is None:
        return None
    return Seen("imported", found.name, Span(line.start + at.start(), line.start + at.end()), found.module)


def _tried(file: File, line: Span) -> bool:
    """Whether something is done where that fails."""
    node = file.tree.named_at(Span(line.start, line.end)) if file.tree is not None else None
    while node is not None and not node.type.startswith("try"):
        node = node.parent
    return node is not None


def _call(snapshot: Snapshot, file: File, told: Diagnostic, words: Mapping[str, str]) -> Seen | None:
    """A call that does not fit a signature that is known."""
    line = _line(file.document, file.document.line_at(told.span.start))
    wrong = [(said, span) for said, span in misfits(snapshot, file.path, line) if line.holds(span)]
    if len(wrong) != 1:
        return None
    said, span = wrong[0]
    return Seen("call", said.split(" ", 1)[0], span)


_LOOKS = {"member": _member, "module": _module, "imported": _imported, "call": _call}


# ---- what it is measured by ---------------------------------------------------------------------


def _has_member(after: Snapshot, path: str, line: Span, found: Seen) -> bool:
    holders = _class(after, found.holder.rsplit(".", 1)[-1])
    uses = [at for at in after.graph.uses_in(path, line) if at.use.role.startswith("member") and _in(at, line)]
    if any(at.use.name == found.name for at in uses):
        return False
    here = [at for at in uses if _span(at).start == found.span.start]
    return bool(here) and any(after.graph.member(one, here[0].use.name) is not None for one in holders)


def _leads(snapshot: Snapshot, path: str, found: Import) -> bool:
    """Whether what is imported is in the project for certain."""
    graph = snapshot.graph
    holder = graph.module(path, found.module)
    if holder is None:
        return False
    if found.name in ("", "*"):
        return True
    exported = graph.exported(holder, found.name)
    return bool(exported) or found.name in graph.files[holder].bound


def _one(snapshot: Snapshot, path: str, at: UseAt) -> bool:
    meant = snapshot.graph.resolved(path, at) or snapshot.graph.by_value(path, at)
    return meant.how == "resolved" and len(meant.symbols) == 1


def _alike(found: Seen, snapshot: Snapshot, file: File) -> list[str]:
    graph = snapshot.graph
    if found.kind == "member":
        names: set[str] = set()
        for holder in _class(snapshot, found.holder.rsplit(".", 1)[-1]):
            names |= {one.name for one in graph.symbols(holder.path) if one.container.endswith(holder.name)}
    elif found.kind == "imported":
        holder = graph.module(file.path, found.holder)
        names = set(graph.files[holder].bound) if holder is not None else set()
    elif found.kind == "module":
        front = found.holder.removesuffix(found.name)
        stems = {PurePosixPath(path).stem for path in graph.files} | {
            PurePosixPath(path).parent.name for path in graph.files
        }
        near = get_close_matches(found.name, sorted(stems - {found.name}), n=8, cutoff=_NEAR)
        return [each for each in near if graph.module(file.path, f"{front}{each}") is not None][:_MOST]
    else:
        return []
    return get_close_matches(found.name, sorted(names - {found.name}), n=_MOST, cutoff=_NEAR)


# ---- where --------------------------------------------------------------------------------------


def _class(snapshot: Snapshot, name: str) -> list[Symbol]:
    """What together makes the one class of that name; nothing where there are several, or none."""
    found = [one for one in snapshot.graph.named(name) if one.kind in CLASSES] if name else []
    return found if len({one.path for one in found}) == 1 else []  # a file may declare it, define it, add to it


def _imports(snapshot: Snapshot, path: str, line: Span) -> list[Import]:
    facts = snapshot.graph.files.get(path)
    if facts is None:
        return []
    return [one for base, one in facts.imports if base + one.start < line.end and line.start < base + one.end]


def _named(snapshot: Snapshot, file: File, name: str) -> list[Span]:
    uses = snapshot.graph.uses_in(file.path, Span(0, len(file.document)))
    return [_span(at) for at in uses if at.use.name == name and not at.use.role.startswith("member")]


def _line(document: Document, number: int) -> Span:
    return Span(document.start_of(number), document.line(number).end)


def _span(at: UseAt) -> Span:
    return Span(at.base + at.use.start, at.base + at.use.end)


def _in(at: UseAt, line: Span) -> bool:
    return line.holds(_span(at))
