"""An edit that held, told without the names and the place of that once; and made again where the text is alike.

Pure: what is remembered comes and goes as `Past` and `Lesson`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dovetail.features.actions.pipeline import Candidate
from dovetail.model.ask import Finding, Recipe
from dovetail.syntax import Language
from dovetail.text import Change, Document, Edit, Span

_MOST_LINES = 8
_NAME = re.compile(r"(?<![\w‹])[^\W\d]\w*")
_HOLE = re.compile(r"‹(\d+)›")


def signatures(language: Language, kind: str, finding: Finding) -> tuple[str, str]:
    """(what was found, with its names; the same without names and numbers)."""
    head = f"{language.name}|{kind}|{finding.code}|"
    said = " ".join(finding.message.split())
    loose = re.sub(r"[`\"'“][^`\"'”]*[`\"'”]|\b\d+\b", "…", said)
    loose = re.sub(r"^\w+ is not defined$", "… is not defined", loose)
    return f"{head}{said}", f"{head}~{loose}"


def told(
    document: Document,
    after: Document,
    change: Change,
    path: str,
    language: Language,
    names: tuple[str, str],
    by_model: bool,
) -> Recipe | None:
    """The recipe of an edit; None where it reaches too far to be told. names: the signatures, exact and loose."""
    edits = change.edits.get(path, ())
    if not edits or set(change.edits) != {path}:
        return None
    start, end = edits[0].span.start, edits[-1].span.end
    first, last = document.line_at(start), document.line_at(max(start, end - 1))
    new_end = end + sum(edit.delta for edit in edits)
    if end == start and document.start_of(first) == start and edits[0].new.endswith((b"\n", b"\r")):
        new = edits[0].new.decode("utf-8", "replace")
        if not new.startswith((" ", "\t")):  # at the top of a file, where the neighbours say nothing
            return Recipe(names[0], "", new.strip(), by_model) if new.strip() else None
    rest = len(document) - document.full_lines(first, last).end
    old_text = document.text(document.full_lines(first, last))
    new_text = after.text(Span(document.start_of(first), max(new_end, len(after) - rest)))
    if last - first >= _MOST_LINES or "‹" in old_text + new_text or not old_text.strip():
        return None
    old, new = _dedented(old_text, old_text), _dedented(new_text, old_text)
    keep = _kept(language)
    holes: dict[str, str] = {}
    for name in _NAME.findall(old):
        if name not in keep:
            holes.setdefault(name, f"‹{len(holes)}›")
    return Recipe(names[1], _with(old, holes), _with(new, holes), by_model)


def made(
    recipe: Recipe, document: Document, path: str, lines: Iterable[int], language: Language
) -> Iterator[Candidate]:
    """The edit again, wherever among some lines the text is like that of the recipe."""
    if not recipe.old:
        return
    old = recipe.old.split("\n")
    keep = _kept(language)
    pattern = re.compile(_pattern(recipe.old))
    for line in lines:
        if line < 0 or line + len(old) > document.lines:
            continue
        last = line + len(old) - 1
        span = Span(document.start_of(line), document.line(last).end)
        text = document.text(span).replace("\r\n", "\n")
        indent = text[: len(text) - len(text.lstrip(" \t"))]
        match = pattern.fullmatch(_dedented(text, text))
        if match is None:
            continue
        names = {f"‹{key[1:]}›": value for key, value in match.groupdict().items()}
        if keep & set(names.values()) or len(set(names.values())) < len(names):
            continue
        new = _HOLE.sub(lambda hole, names=names: names.get(hole.group(), hole.group()), recipe.new)
        newline = document.newline().decode()
        lines_of = [f"{indent}{each}" if each.strip() else each for each in new.split("\n")]
        if not new:  # lines that went, with their ends
            span = document.full_lines(line, last)
        edit = Edit(span, newline.join(lines_of).encode("utf-8", "replace"))
        yield Candidate(
            "cache", Change.one(path, [edit]), span, f"as before: {' / '.join(new.split(chr(10)))[:120] or 'remove'}"
        )


def _dedented(text: str, like: str) -> str:
    indent = like[: len(like) - len(like.lstrip(" \t"))]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(each.removeprefix(indent).rstrip() for each in lines).rstrip("\n")


def _kept(language: Language) -> frozenset[str]:
    """Words that mean the same everywhere."""
    rules = language.table("fix") or {}
    return language.builtins | frozenset(rules.get("keywords", ()))


def _with(text: str, holes: dict[str, str]) -> str:
    return _NAME.sub(lambda name: holes.get(name.group(), name.group()), text)


def _pattern(template: str) -> str:
    seen: set[str] = set()
    out: list[str] = []
    at = 0
    for hole in _HOLE.finditer(template):
        number = hole.group(1)
        out.append(re.escape(template[at : hole.start()]))
        out.append(rf"(?P=n{number})" if number in seen else rf"(?P<n{number}>[^\W\d]\w*)")
        seen.add(number)
        at = hole.end()
    return "".join((*out, re.escape(template[at:])))
