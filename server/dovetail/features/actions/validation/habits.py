"""How this project says that an argument is wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dovetail.features.actions.validation.reading import QUERY, text
from dovetail.graph.modules import shared_folders
from dovetail.syntax import Node, Tree
from dovetail.text import Document
from dovetail.world import File, Snapshot

_LOOKED_AT = 200
"""Guards of one file that are read."""

_ELSEWHERE = 400_000
"""Bytes of other files that are parsed, some 40 ms."""
_PLENTY = 4
"""Guards from which it counts that none of them checks a type."""


@dataclass(frozen=True, slots=True)
class Habit:
    """A style, and how many guards it was read from."""

    type_error: str
    value_error: str
    missing_error: str
    form: str
    """A row of `[messages]`: `f-string`, `plain`, `percent`, `format`."""
    template: str = "guard"
    quote: str = '"'
    period: bool = False
    name_quote: str = ""
    """What stands around a parameter's name in a message."""
    seen: int = 0
    types_seen: int = 0
    """How many of them check a type."""
    width: int = 88
    """Columns after which a line is broken."""
    end: str = ""
    """What ends a statement here, where a language leaves that to the project."""

    @property
    def trusts_types(self) -> bool:
        """The project checks values and never types."""
        return self.seen >= _PLENTY and not self.types_seen

    def words(self) -> str:
        """For the evidence."""
        if not self.seen:
            return f"no guards to learn from: {self.value_error} and {self.type_error}, {self.form} messages"
        return (
            f"read from {self.seen} guard{'s' if self.seen > 1 else ''}: {self.value_error} for values, "
            f"{self.type_error} for types, {self.form} messages"
        )


@dataclass(frozen=True, slots=True)
class _Guard:
    error: str
    message: str
    by_type: bool
    missing: bool
    name: str
    assigned: bool
    short: bool
    """It stands on one line."""


def habit(snapshot: Snapshot, path: str) -> Habit:
    """The habit of a file; where it has no guards of its own, that of the files nearest to it."""
    file = snapshot.file(path)
    assert file is not None and file.language is not None
    rules = file.language.table(QUERY)
    assert rules is not None
    guards = _guards(snapshot, file)
    own = bool(guards)
    if not guards:
        for other in _nearest(snapshot, file):
            guards += _guards(snapshot, other)
            if len(guards) >= _PLENTY:
                break
    bound = snapshot.graph.files[path].bound
    templates = rules["templates"]
    own_errors = re.compile(templates["own-errors"])
    mine = {name for name in bound - file.language.builtins if own_errors.search(name)}
    known = {*mine, *templates["usual-value-errors"]}
    values = Counter(g.error for g in guards if not g.by_type and not g.missing and g.error in known)
    types = Counter(g.error for g in guards if g.by_type and g.error in {*mine, *templates["usual-type-errors"]})
    usual_missing = templates.get("usual-missing-errors", ())
    missing = Counter(g.error for g in guards if g.missing and g.error in {*mine, *usual_missing})
    builtin = {*templates["usual-value-errors"], *templates["usual-type-errors"]}
    alike = {name for name in mine if _is_one_of(snapshot, name, builtin)}
    facts = snapshot.graph.files[path]
    named = {*bound, *facts.imported, *(found.module for _, found in facts.imports)}
    standard = {key: _there(rules, f"{key}-error", named) for key in ("type", "value", "missing")}
    value_error = _usual(values, standard["value"], alike if own else None)
    type_error = _usual(types, standard["type"], alike if own else None)
    missing_error = _usual(
        missing, standard["missing"] or value_error, {*builtin, *alike, *usual_missing} if own else None
    )
    if type_error not in file.language.builtins and type_error not in values:
        type_error = standard["type"]  # an error of its own for one occasion
    style = Habit(
        type_error, value_error, missing_error, rules["messages"]["usual"], templates.get("usual", "guard"),
        seen=len(guards), width=_width(file, templates.get("width", (88, 100))),
        quote=_quote(file, rules["messages"]["quotes"]), end=_end(file, templates.get("end", "")),
    )  # fmt: skip
    return _styled(style, guards, rules)


def _there(rules: Mapping[str, Any], key: str, bound: Collection[str]) -> str:
    """The first of the errors that can be named in a file as it is; "" where none can."""
    said = rules["templates"].get(key, "")
    needs: Mapping[str, str] = rules["templates"].get("needs", {})
    errors: Sequence[str] = [said] if isinstance(said, str) else said
    return next((error for error in errors if error not in needs or needs[error] in bound), "")


def _nearest(snapshot: Snapshot, file: File) -> Iterator[File]:
    """Other files of the language, the open ones and those of the same folder first."""
    language = file.language
    assert language is not None
    for path, other in sorted(snapshot.files.items()):
        if path != file.path and other.language is language:
            yield other
    looked_at = 0
    paths = (p for p, facts in snapshot.graph.files.items() if facts.language == language.name)
    for path in sorted(paths, key=lambda p: (-shared_folders(p, file.path), p)):
        text = snapshot.texts.get(path)
        if path in snapshot.files or text is None or looked_at + len(text) > _ELSEWHERE:
            continue
        looked_at += len(text)
        document = Document(text)
        yield File(path, document, language=language, tree=Tree.parse(language, document))


def _usual(counts: Counter[str], standard: str, alike: set[str] | None) -> str:
    """The most frequent error, if it is more than a single exception to the rule.

    alike: the project's own errors that are the standard one's kind; None where the file has no guards.
    """
    if not counts or alike is None:
        return standard
    error, times = counts.most_common(1)[0]
    return error if times > 1 or error in alike else standard


def _is_one_of(snapshot: Snapshot, name: str, bases: set[str]) -> bool:
    """Whether a class of the project is derived from one of these, told by its own head."""
    heads = [symbol.signature for symbol in snapshot.graph.named(name) if symbol.kind == "class"]
    return any(base in re.findall(r"\w+", head) for head in heads for base in bases)


def _styled(plain: Habit, guards: list[_Guard], rules: Mapping[str, Any]) -> Habit:
    if not guards:
        return plain
    shapes: Mapping[str, str] = rules["messages"]["shapes"]
    forms = Counter(_form(guard.message, shapes) for guard in guards)
    texts = [re.sub(r"^\w*[\"'`]+", "", guard.message) for guard in guards]
    half = len(guards) / 2
    marks = Counter(mark for guard in guards for mark in ("'", "`") if f"{mark}{guard.name}{mark}" in guard.message)
    name_quote = next((mark for mark, times in marks.items() if times > half), "")
    if name_quote == plain.quote:
        name_quote = ""
    template = plain.template
    if sum(guard.assigned for guard in guards) > half:
        template = "assigned"
    elif sum(guard.short for guard in guards) > half and "short" in rules["templates"]:
        template = "short"
    return replace(
        plain,
        form=forms.most_common(1)[0][0],
        template=template,
        period=sum(t.rstrip("\"'`)").endswith(".") for t in texts) > half,
        name_quote=name_quote,
        types_seen=sum(guard.by_type for guard in guards),
    )


def _form(message: str, shapes: Mapping[str, str]) -> str:
    return next((form for form, pattern in shapes.items() if re.match(pattern, message)), "plain")


def _guards(snapshot: Snapshot, file: File) -> list[_Guard]:
    if file.tree is None:
        return []
    assert file.language is not None
    rules = file.language.table(QUERY)
    assert rules is not None
    by_type: str = rules["templates"]["type-condition"]
    missing: str = rules["templates"].get("missing-condition", "(?!)")
    said: str = rules["messages"]["begins"]
    receivers = set(file.language.settings.get("receivers", ()))
    found: list[_Guard] = []
    for match in file.tree.matches("habits")[:_LOOKED_AT]:
        node = match["guard"][0]
        around = snapshot.graph.enclosing(file.path, node.start_byte, ("function",))
        if around is None or not _of_body(node, around.body):
            continue  # deeper inside it is not about the arguments alone
        parameters = set(re.findall(r"\w+", around.signature.partition("(")[2])) - receivers
        condition = text(match["condition"][0])
        named = [name for name in re.findall(r"(?<![\w.\"'])\w+", condition) if name in parameters]
        if not named:
            continue
        name = re.escape(named[0])
        asks_type = re.match(by_type.replace("{p}", name), condition) is not None
        asks_missing = re.match(missing.replace("{p}", name), condition) is not None
        error, message = text(match["error"][0]), text(match["message"][0])
        if not re.match(said, message):
            continue  # what this error takes is no message
        short = b"\n" not in (node.text or b"") and error not in rules["templates"].get("by-error", {})
        found.append(_Guard(error, message, asks_type, asks_missing, named[0], "assigned" in match, short))
    return found


def _of_body(node: Node, body: int) -> bool:
    """Whether a statement is one of the body's own."""
    holder, around = node.parent, node.parent.parent if node.parent is not None else None
    if holder is None or holder.start_byte == body:
        return holder is not None
    # some grammars keep the statements of a block in a list of their own
    return around is not None and around.start_byte == body and around.named_child_count == 1


def _quote(file: File, quotes: Sequence[str]) -> str:
    data = file.document.data
    one, other = quotes[0], quotes[-1]
    return other if data.count(other.encode()) > 2 * data.count(one.encode()) else one


def _end(file: File, end: str) -> str:
    """What a statement ends with, "" where most lines of the file leave it out."""
    data = file.document.data
    return end if end and 4 * data.count(f"{end}\n".encode()) >= data.count(b")\n") else ""


def _width(file: File, agreed: Sequence[int]) -> int:
    """The longest code line, within what people agree on."""
    starts = file.document.line_starts
    longest = int((starts[1:] - starts[:-1]).max(initial=0)) - 1
    return min(max(longest, agreed[0]), agreed[1])
