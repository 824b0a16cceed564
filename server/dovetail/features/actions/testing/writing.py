"""What was seen of a function, in the words of a test; and where it goes in its file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dovetail.features.actions.documentation.target import Target
from dovetail.features.actions.testing.inputs import Input
from dovetail.features.actions.testing.place import Place
from dovetail.syntax import Language
from dovetail.text import Document, Edit, Span
from dovetail.world import File, Snapshot


@dataclass(frozen=True, slots=True)
class Case:
    """One call, and what was seen."""

    input: Input
    said: str
    """The result as it is written, or the name of the error."""
    raised: bool


def case(found: Target, snapshot: Snapshot, given: Input, answered: str, rules: Mapping[str, Any]) -> Case | None:
    """What an answer of the sandbox is worth in a test; None for one that cannot be written or is no promise.

    An error counts only where the function itself raises or documents it: any other may be a mistake.
    """
    if answered.startswith("!"):
        error = answered[1:]
        meant = {name.rsplit(".", 1)[-1] for name in found.errors}
        known = error in found.language.builtins or error in snapshot.graph.files[found.symbol.path].bound
        return Case(given, error, True) if error in meant and known else None
    if answered == "?" or "\n" in answered:
        return None
    try:
        tree = ast.parse(answered, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    bound = snapshot.graph.files[found.symbol.path].bound
    if not names <= bound | found.language.builtins or "nan" in answered or "inf" in answered:
        return None
    return Case(given, answered, False)


def needed(found: Target, cases: Iterable[Case], snapshot: Snapshot) -> list[str]:
    """What has to be imported from the function's module."""
    bound = snapshot.graph.files[found.symbol.path].bound
    names = {found.symbol.container.split(".")[0] or found.symbol.name}
    for each in cases:
        names |= set(re.findall(r"[^\W\d]\w*", re.sub(r"'[^']*'|\"[^\"]*\"", "", each.said))) & bound
    return sorted(names)


def tests(
    found: Target, callee: str, at: Place, cases: Sequence[Case], taken: Iterable[str], rules: Mapping[str, Any]
) -> tuple[str, list[str]]:
    """(the text of the tests, their names as the runner tells them)."""
    style: Mapping[str, Any] = rules["styles"][at.style]
    parts: list[str] = []
    named: list[str] = []
    arrow = rules["arrow"] if at.annotated else ""
    inside = style["indent"]
    taken = set(taken)
    group = ""
    if "class" in style:
        words = "".join(word[:1].upper() + word[1:] for word in found.symbol.name.strip("_").split("_"))
        group, taken = _free(style["class"].format(Name=words), taken, rules), set[str]()
    for raised, template in ((False, style["test"]), (True, style["refuses"])):
        mine = [one for one in cases if one.raised is raised]
        if not mine:
            continue
        name = _free(template.format(name=found.symbol.name.strip("_")), taken, rules)
        taken.add(name)
        lines = [style["opens"].format(test=name, arrow=arrow)]
        for one in mine:
            lines += [f"{inside}{line}" for line in _checked(found, callee, one, style, rules)]
        parts.append("\n".join(_quoted(line, at.quote, rules) for line in lines))
        named.append(f"{group}::{name}" if group else name)
    if group:
        return f"{style['opens-class'].format(group=group)}\n" + "\n\n".join(parts) + "\n", named
    return "\n\n\n".join(parts) + "\n", named


def edits(
    file: File, language: Language, module: str, names: Sequence[str], text: str, style: Mapping[str, Any],
    rules: Mapping[str, Any],
) -> list[Edit]:  # fmt: skip
    """The imports that are missing, and the tests at the end."""
    document = file.document
    bound = file.facts.bound if file.facts is not None else frozenset[str]()
    missing = [name for name in names if name not in bound]
    wants = re.search(style["needs-when"], text) and style["needs"].split()[-1] not in bound
    newline = document.newline().decode()
    if not document.text().strip():
        head = [style["needs"], ""] if wants else []
        head += [rules["import"].format(module=module, names=", ".join(missing))]
        whole = "\n".join(head) + "\n\n\n" + text
        return [Edit(Span(0, len(document)), whole.replace("\n", newline).encode())]
    made: list[Edit] = []
    lines: list[str] = []
    if missing:
        known = re.search(rules["imported"].format(module=re.escape(module)), document.text(), re.MULTILINE)
        if known is not None:
            merged = sorted({*known["names"].split(", "), *missing})
            start = len(document.text()[: known.start("names")].encode())
            made.append(Edit(Span(start, start + len(known["names"].encode())), ", ".join(merged).encode()))
        else:
            lines.append(rules["import"].format(module=module, names=", ".join(missing)))
    if wants:
        lines.insert(0, style["needs"])
    if lines:
        made.append(_imports(file, lines, newline, rules))
    data = document.text().replace("\r\n", "\n")
    gap = "\n" * max(0, 3 - (len(data) - len(data.rstrip("\n"))))
    end = Span(len(document), len(document))
    made.append(Edit(end, (gap + text).replace("\n", newline).encode()))
    return sorted(made, key=lambda edit: edit.span)


def _imports(file: File, lines: Sequence[str], newline: str, rules: Mapping[str, Any]) -> Edit:
    """Below the last import; else at the top."""
    assert file.tree is not None
    document: Document = file.document
    last = [node for node in file.tree.root.named_children if node.type in rules["import-nodes"]]
    text = "".join(f"{line}{newline}" for line in lines)
    if not last:
        return Edit(Span(0, 0), f"{text}{newline}".encode())
    at = document.start_of(document.line_at(last[-1].end_byte) + 1)
    return Edit(Span(at, at), text.encode())


def _checked(found: Target, callee: str, one: Case, style: Mapping[str, Any], rules: Mapping[str, Any]) -> list[str]:
    call = f"{callee}({', '.join(one.input.arguments)})"
    if found.result == "yields":
        call = rules["walked"].format(call=call)
    if one.raised:
        return [line.format(error=one.said, call=call) for line in style["raises"]]
    form = "same" if one.said in rules["same"] else "near" if re.fullmatch(rules["float"], one.said) else "equal"
    return [style[form].format(call=call, value=one.said)]


def _quoted(line: str, quote: str, rules: Mapping[str, Any]) -> str:
    """The project's quotes, around texts in which nothing has to be escaped."""
    other = next(each for each in rules["quotes"] if each != quote)
    return re.sub(rf"{other}([^{other}{quote}\\]*){other}", rf"{quote}\1{quote}", line)


def _free(name: str, taken: set[str], rules: Mapping[str, Any]) -> str:
    """A name that is not taken."""
    wanted, number = name, 1
    while wanted in taken:
        number += 1
        wanted = rules["again"].format(name=name, number=number)
    return wanted
