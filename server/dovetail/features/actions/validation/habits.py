"""How this project says that an argument is wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dovetail.features.actions.validation.reading import QUERY, text
from dovetail.graph.modules import shared_folders
from dovetail.syntax import Tree
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
    form: str = "f-string"
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
    name: str
    assigned: bool


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
    values = Counter(g.error for g in guards if not g.by_type and g.error in {*mine, *templates["usual-value-errors"]})
    types = Counter(g.error for g in guards if g.by_type and g.error in {*mine, *templates["usual-type-errors"]})
    builtin = {*templates["usual-value-errors"], *templates["usual-type-errors"]}
    alike = {name for name in mine if _is_one_of(snapshot, name, builtin)}
    value_error = _usual(values, templates["value-error"], alike if own else None)
    type_error = _usual(types, templates["type-error"], alike if own else None)
    if type_error not in file.language.builtins and type_error not in values:
        type_error = templates["type-error"]  # an error of its own for one occasion
    return _styled(Habit(type_error, value_error, seen=len(guards), width=_width(file), quote=_quote(file)), guards)


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


def _styled(plain: Habit, guards: list[_Guard]) -> Habit:
    if not guards:
        return plain
    forms = Counter(_form(guard.message) for guard in guards)
    texts = [re.sub(r"^\w*[\"']+", "", guard.message) for guard in guards]
    half = len(guards) / 2
    marks = Counter(mark for guard in guards for mark in ("'", "`") if f"{mark}{guard.name}{mark}" in guard.message)
    name_quote = next((mark for mark, times in marks.items() if times > half), "")
    if name_quote == plain.quote:
        name_quote = ""
    return Habit(
        plain.type_error,
        plain.value_error,
        forms.most_common(1)[0][0],
        "assigned" if sum(guard.assigned for guard in guards) > half else "guard",
        plain.quote,
        period=sum(t.rstrip("\"')").endswith(".") for t in texts) > half,
        name_quote=name_quote,
        seen=plain.seen,
        types_seen=sum(guard.by_type for guard in guards),
        width=plain.width,
    )


def _form(message: str) -> str:
    if re.match(r"(?i)r?f", message) and re.match(r"\w+[\"']", message):
        return "f-string"
    if re.search(r"[\"']\s*%\s*[\w(]", message):
        return "percent"
    if ".format(" in message:
        return "format"
    return "plain"


def _guards(snapshot: Snapshot, file: File) -> list[_Guard]:
    if file.tree is None:
        return []
    assert file.language is not None
    rules = file.language.table(QUERY)
    assert rules is not None
    by_type = rules["templates"]["type-condition"]
    receivers = set(file.language.settings.get("receivers", ()))
    found: list[_Guard] = []
    for match in file.tree.matches("habits")[:_LOOKED_AT]:
        node = match["guard"][0]
        around = snapshot.graph.enclosing(file.path, node.start_byte, ("function",))
        if around is None or node.parent is None or node.parent.start_byte != around.body:
            continue  # deeper inside it is not about the arguments alone
        parameters = set(re.findall(r"\w+", around.signature.partition("(")[2])) - receivers
        condition = text(match["condition"][0])
        named = [name for name in re.findall(r"(?<![\w.\"'])\w+", condition) if name in parameters]
        if not named:
            continue
        asks_type = re.match(by_type.replace("{p}", re.escape(named[0])), condition) is not None
        error, message = text(match["error"][0]), text(match["message"][0])
        if not re.match(r"\w{0,3}[\"']|_\(", message):
            continue  # what this error takes is no message
        found.append(_Guard(error, message, asks_type, named[0], "assigned" in match))
    return found


def _quote(file: File) -> str:
    data = file.document.data
    return "'" if data.count(b"'") > 2 * data.count(b'"') else '"'


def _width(file: File) -> int:
    """The longest code line, within what people agree on."""
    starts = file.document.line_starts
    longest = int((starts[1:] - starts[:-1]).max(initial=0)) - 1
    return min(max(longest, 88), 100)
