"""The new function, the call in its place, and names for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dovetail.features.actions.extraction.plan import Plan
from dovetail.features.kin import owner_of, with_derived
from dovetail.graph.scopes import text_of
from dovetail.syntax import Node
from dovetail.text import Change, Edit, Span
from dovetail.world import Snapshot

_WORD = re.compile(r"[^\W\d]\w*")


def change(snapshot: Snapshot, plan: Plan, name: str, *, typed: bool = True) -> Change | str:
    """The piece as a function beside the one that it was in, and a call where it was; or why there is no place."""
    piece, rules, document = plan.piece, plan.piece.rules, plan.piece.file.document
    newline = document.newline().decode()
    beside, ahead = _beside(plan)
    line = document.line_at(piece.function.start_byte)
    indent = document.indentation(line) if plan.receiver else document.indentation(document.line_at(beside.start_byte))
    unit = _unit(plan)
    inside = _bound_in(plan, beside) if ahead else frozenset[str]()
    takes = [plan.receiver] * bool(plan.receiver)
    takes += [f"{n}: {t}" if t and typed and not inside.intersection(_WORD.findall(t)) else n for n, t in plan.takes]
    head = rules["head"].format(
        i=indent, u=unit, name=name, parameters=", ".join(takes), **{"async": rules["async"] if plan.waits else ""}
    )
    lines = [rules["decorator"].format(i=indent, name=d) for d in plan.decorators if plan.receiver]
    lines += [head, *_body(plan, indent + unit)]
    if plan.gives:
        lines.append(indent + unit + rules["give"].format(names=", ".join(plan.gives)))
    called = f"{plan.receiver}.{name}" if plan.receiver else name
    call = rules["call"].format(
        name=called, arguments=", ".join(n for n, _ in plan.takes), **{"await": rules["await"] if plan.waits else ""}
    )
    if plan.waits and not piece.statements:
        call = f"({call})"
    if plan.ends:
        call = rules["pass-on"].format(call=call)
    elif plan.gives:
        call = rules["take"].format(names=", ".join(plan.gives), call=call)
    blank = newline * (1 + rules["apart-class" if plan.receiver else "apart-top"])
    new = newline.join(lines)
    if ahead:
        at, new = _ahead_of(plan, beside), new + blank
    else:
        at, new = document.line(document.line_at(max(beside.end_byte - 1, 0))).end, blank + new
    return Change.one(piece.file.path, [Edit(piece.span, call.encode()), Edit(Span(at, at), new.encode())])


def reach(edits: Change, path: str) -> Span:
    """From the piece to the new function."""
    spans = [edit.span for edit in edits.edits[path]]
    return Span(min(s.start for s in spans), max(s.end for s in spans))


def by_rule(plan: Plan) -> Iterator[str]:
    """Names that the code itself suggests, the best first; without end."""
    rules, symbol = plan.piece.rules, plan.piece.symbol
    document = plan.piece.file.document
    bases: list[str] = []
    first = document.line_at(plan.piece.span.start)
    for line in (first, first - 1):
        comment = re.match(rules["comment"], document.text(document.line(max(line, 0))).strip())
        if comment and plan.piece.statements:
            words = re.findall(r"[a-z]+", comment["words"].lower())
            bases.append("_".join(words[:5]))
    if len(plan.gives) == 1:
        bases.append(rules["one"].format(name=plan.gives[0].strip("_")))
    if plan.ends or not plan.piece.statements:
        bases.append(rules["result"].format(function=symbol.name.strip("_")))
    bases.append(rules["none"].format(function=symbol.name.strip("_")))
    for base in bases:
        yield f"{rules['private']}{base}"
    number = 2
    while True:
        yield f"{rules['private']}{bases[-1]}_{number}"
        number += 1


def usable(snapshot: Snapshot, plan: Plan, name: str) -> bool:
    """Whether a name that nobody asked for looks like one, and means nothing yet."""
    return re.fullmatch(plan.piece.rules["name"], name) is not None and not taken(snapshot, plan, name)


def taken(snapshot: Snapshot, plan: Plan, name: str) -> bool:
    """Whether a name means something already, here, or in the class, those that it is derived from or those below."""
    if name in plan.taken or not plan.receiver:
        return name in plan.taken
    owner = owner_of(snapshot, plan.piece.symbol)
    if owner is None:
        return name in snapshot.graph.definers
    return any(snapshot.graph.member(one, name) is not None for one in with_derived(snapshot, [owner]))


def shown(plan: Plan) -> tuple[str, str]:
    """(parameters, body) as a model that is to name the function sees them."""
    takes = ", ".join([plan.receiver] * bool(plan.receiver) + [n for n, _ in plan.takes])
    lines = _body(plan, "    ")
    if plan.gives:
        lines.append("    " + plan.piece.rules["give"].format(names=", ".join(plan.gives)))
    return takes, "\n".join(lines) + "\n"


def _body(plan: Plan, indent: str) -> list[str]:
    """The piece at another indentation; lines that begin inside a text stay as they are."""
    piece, document = plan.piece, plan.piece.file.document
    first = document.line_at(piece.span.start)
    if not piece.statements:
        value = document.text(piece.span)
        if "\n" in value or "\r" in value:
            value = f"({value})"
        head, *rest = _split(value)
        return [indent + plan.piece.rules["give"].format(names=head), *rest]
    old = document.indentation(first)
    last = document.line_at(max(piece.span.end - 1, 0))
    lines: list[str] = []
    for number in range(first, last + 1):
        start = document.start_of(number)
        line = document.text(Span(start, min(document.line(number).end, piece.span.end)))
        if any(span.start < start < span.end for span in plan.verbatim):
            lines.append(line)
        elif not line.strip():
            lines.append("")
        else:
            lines.append(indent + line.removeprefix(old) if line.startswith(old) else indent + line.lstrip())
    return lines


def _split(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def _beside(plan: Plan) -> tuple[Node, bool]:
    """(what the new function stands beside, whether ahead of it).

    After the method, or after the function at the top of the file. Of anything else at the top some part may run, and
    call the function, before what comes after it is there.
    """
    piece = plan.piece
    node = piece.function
    wrappers = piece.file.language.wrappers if piece.file.language else frozenset[str]()
    if node.parent is not None and node.parent.type in wrappers:
        node = node.parent
    if plan.receiver:
        return node, False
    top = node
    while top.parent is not None and top.parent.parent is not None:
        top = top.parent
    return top, top.type != piece.function.type


def _bound_in(plan: Plan, node: Node) -> frozenset[str]:
    """Names that a statement binds, which mean nothing ahead of it."""
    tree = plan.piece.file.tree
    captures = tree.captures("locals", node) if tree is not None else {}
    return frozenset(text_of(n) for kind, nodes in captures.items() if kind.startswith("bind") for n in nodes)


def _ahead_of(plan: Plan, node: Node) -> int:
    """Where the line of a statement begins, or the lines of comments right above it, but not those that open a file."""
    document, language = plan.piece.file.document, plan.piece.file.language
    mark = language.settings["comment"].strip() if language is not None else ""
    own = first = document.line_at(node.start_byte)
    while first and mark and document.text(document.line(first - 1)).startswith(mark):
        first -= 1
    return document.start_of(first or own)


def _unit(plan: Plan) -> str:
    """One step of indentation, as the function itself shows it."""
    document, function = plan.piece.file.document, plan.piece.function
    outer = document.indentation(document.line_at(function.start_byte))
    body = function.child_by_field_name("body")
    inner = document.indentation(document.line_at(body.start_byte)) if body is not None else ""
    return inner[len(outer) :] if inner.startswith(outer) and len(inner) > len(outer) else "    "
