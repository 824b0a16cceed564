"""One row of a function's documentation that comes or goes with its parameter; every other word stays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from dovetail.features.actions.documentation import words
from dovetail.features.actions.documentation.style import Style
from dovetail.features.actions.documentation.target import Target, target, text
from dovetail.features.actions.documentation.writing import Prose, mended
from dovetail.features.parameters import RULES, Planned
from dovetail.graph import Symbol
from dovetail.graph.documentation import Documented, read_documentation
from dovetail.graph.signature import Parameter, Signature, signature_at
from dovetail.text import Edit, Span
from dovetail.world import Snapshot

_MARKS = re.compile(r"^\s*(?:/\*\*?|\*(?!/)|///?)?[ \t]?")
"""What stands before a line of a comment."""


def rows(plan: Planned, name: str) -> list[str]:
    """Put into a plan the row of each function that documents its parameters; what could not be written, in words."""
    change = plan.change()
    after = plan.snapshot.after(change)
    notes: list[str] = []
    for function in plan.functions:
        edits = change.edits.get(function.path, ())
        moved = sum(edit.delta for edit in edits if edit.span.end <= function.name_span.start)
        at, found = function.name_span.start + moved, after.files[function.path]
        rules = (found.language.table(RULES) or {}).get("documentation") if found.language is not None else None
        if rules is not None:
            edit = _line(after, function.path, at, name, rules)
        else:
            documented = target(after, function.path, at) if function.doc else ""
            if isinstance(documented, str):
                continue
            edit = _row(after, function, documented, name)
        if isinstance(edit, str):
            notes += [f"the documentation of {function.qualified} stays: {edit}"] if edit else []
            continue
        shift = 0
        for other in edits:
            if other.span.start + shift < edit.span.start:
                shift += other.delta
        span = Span(edit.span.start - shift, edit.span.end - shift)
        old, new = plan.snapshot.files[function.path].document, after.files[function.path].document
        if old.slice(span) == new.slice(edit.span):
            plan.put(function.path, span, edit.new.decode("utf-8", "replace"))
    return notes


def _row(after: Snapshot, function: Symbol, found: Target, name: str) -> Edit | str:
    """The edit on the text as it will be; "" where nothing has to be said."""
    documented = read_documentation(function.doc, found.rules)
    there = next((one for one in found.written.parameters if one.name == name), None)
    if not documented.parameters or (there is not None) == (name in documented.parameters):
        return ""
    # as if the rest were in order: what does not match for other reasons is not this action's to change
    kept = [one for one in found.written.parameters if one.name in documented.parameters or one is there]
    known = {one.name for one in kept}
    stale = [Parameter(other) for other in documented.parameters if other not in known and other != name]
    said = words.parameter(after, found, there)[0] if there is not None else ""
    one = replace(found, written=Signature((*stale, *kept), found.written.returns))
    if found.rules["write"]["place"] != "inside":
        return _above(one, there, said, name)
    form = next((part.form for part in documented.parts if part.kind == "parameters"), "")
    styles = found.rules["styles"]
    own = next((style for style, row in styles.items() if row["form"] == form), found.rules["write"]["style"])
    typed = any(each.type for each in documented.parameters.values())
    return mended(one, Style(own, styles[own], typed), Prose("", {name: said}), documented)


def _above(found: Target, there: Parameter | None, said: str, name: str) -> Edit | str:
    """The same in a comment above the function, line by line."""
    node = found.node
    around = {*found.rules["write"]["around"], *found.language.wrappers}
    while (outer := node.parent) is not None and outer.type in around:
        node = outer
    before = {*found.rules["write"]["before"]}
    comment = node.prev_sibling
    while comment is not None and comment.type in before:
        comment = comment.prev_sibling
    if comment is None or comment.type not in found.language.settings.get("doc-comments", ()):
        return "it is not right above it"
    lines = text(comment).split("\n")
    plain = [_MARKS.sub("", line.removesuffix("\r")).replace("*/", "") for line in lines]
    documented: Documented = read_documentation("\n".join(plain), found.rules)
    if there is None:
        row = documented.parameters.get(name)
        if row is None or not row.alone or row.first == 0 or row.last >= len(lines):
            return "its row shares a line with something else"
        if any("*/" in line for line in lines[row.first : row.last + 1]):
            return "its row shares a line with the end of the comment"
        del lines[row.first : row.last + 1]
    else:
        names = [one.name for one in found.written.parameters]
        above = [documented.parameters[one] for one in names[: names.index(name)] if one in documented.parameters]
        row = max(above, key=lambda one: one.last, default=None)
        if row is None or row.first == 0 or "*/" in lines[row.last]:
            return "there is no row that it could stand below"
        head = lines[row.first]
        entry: str = found.rules["styles"][found.rules["write"]["style"]]["parameters"]["entry"]
        written = entry.format(name=name, text=said)
        if " - " in entry and " - " not in head:
            written = written.replace(" - ", " ", 1)
        if row.type and there.type:
            written = written.replace(name, f"{{{there.type}}} {name}", 1)
        end = "\r" if head.endswith("\r") else ""
        lines.insert(row.last + 1, head[: head.index("@")] + written + end)
    return Edit(Span(comment.start_byte, comment.end_byte), "\n".join(lines).encode())


def _line(after: Snapshot, path: str, at: int, name: str, rules: Mapping[str, str]) -> Edit | str:
    """The same where `parameters.toml` says how a row is written: a line of its own in the comments above."""
    file, function = after.files[path], after.graph.enclosing(path, at, ("function",))
    if file.tree is None or file.language is None or function is None:
        return ""
    above = [file.tree.named_at(function.span)]
    while (node := above[0].prev_sibling) is not None and node.type in file.language.settings.get("doc-comments", ()):
        above.insert(0, node)
    written = signature_at(file.tree, function.span, function.body)
    if len(above) < 2 or written is None:
        return ""
    document = file.document
    first, last = document.line_at(above[0].start_byte), document.line_at(above[-2].end_byte - 1)
    lines = [document.text(Span(document.start_of(n), document.start_of(n + 1))) for n in range(first, last + 1)]
    sigil: str = (file.language.table(RULES) or {}).get("sigil", "")
    there: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(lines):
        if (row := re.search(rules["parameter"], line.rstrip())) is not None:
            end = number
            while "more" in rules and end + 1 < len(lines) and re.match(rules["more"], lines[end + 1].rstrip()):
                end += 1
            there[sigil + row["name"]] = (number, end)
            if _MARKS.sub("", line[: row.start()]).strip() or "*/" in line:
                return "its rows share a line with something else"
    one = next((each for each in written.parameters if each.name == name), None)
    if not there or (one is not None) == (name in there):
        return ""
    if one is None:
        start, end = there[name]
        return Edit(Span(document.start_of(first + start), document.start_of(first + end + 1)), b"")
    names = [each.name for each in written.parameters]
    row = max((there[each] for each in names[: names.index(name)] if each in there), default=max(there.values()))
    head = _MARKS.match(lines[row[0]])
    bare = name.removeprefix(sigil)
    form = rules["entry"] if one.type or "entry-untyped" not in rules else rules["entry-untyped"]
    entry = form.format(type=one.type, name=bare, words=" ".join(words.named(bare)) or bare)
    place = document.start_of(first + row[1] + 1)
    newline = document.newline().decode()
    return Edit(Span(place, place), f"{head.group() if head else ''}{entry}{newline}".encode())
