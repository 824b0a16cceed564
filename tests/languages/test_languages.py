"""A small project in each language: its outline, and where its names lead.

A folder is a language. `⟨label⟩` in its files stands before a name that is defined there, and `⟨→label⟩` before
one that leads there (several with commas, none where nobody can tell). The marks are taken out.

`outline.txt` is what the files define; `pytest --update` writes it, its diff is to be read.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from dovetail.graph import FileFacts, Graph
from dovetail.syntax import Language, LanguageMissing, Tree, language_for, languages
from dovetail.text import Document, Edit, Span

HERE = Path(__file__).parent
FOLDERS = sorted(folder for folder in HERE.iterdir() if (folder / "outline.txt").exists())
_MARK = re.compile("⟨([^⟩]*)⟩")
_PIECES = [
    "{",
    "}",
    "(",
    ")",
    '"',
    "'",
    "\n",
    "#",
    "/*",
    " end ",
    "x",
    " = ",
    ";",
    "é😀",
    "class A ",
    "=begin\n",
    "<?php ",
]


class Use(NamedTuple):
    """A name that leads somewhere."""

    path: str
    offset: int
    labels: frozenset[str]


class Project(NamedTuple):
    graph: Graph
    texts: dict[str, bytes]
    uses: list[Use]
    labels: dict[tuple[str, int], str]
    """What is defined where."""


@cache
def _project(folder: Path) -> Project:
    graph = Graph()
    texts: dict[str, bytes] = {}
    uses: list[Use] = []
    labels: dict[tuple[str, int], str] = {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "outline.txt"):
        path = f"/project/{file.relative_to(folder).as_posix()}"
        data = b""
        for index, part in enumerate(_MARK.split(file.read_text("utf-8"))):
            if index % 2 == 0:
                data += part.encode()
            elif part.startswith("→"):
                uses.append(Use(path, len(data), frozenset(part[1:].split(",")) - {""}))
            else:
                labels[path, len(data)] = part
        texts[path] = data
        language = language_for(path)
        assert language is not None, f"no language has files like {file.name}"
        try:
            tree = Tree.parse(language, Document(data))
        except LanguageMissing as missing:
            pytest.skip(str(missing))
        assert not tree.errors(), f"{path} is not valid"
        graph = graph.with_file(path, FileFacts.of(tree))
    return Project(graph, texts, uses, labels)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_outline(folder: Path, request: pytest.FixtureRequest) -> None:
    project = _project(folder)
    lines: list[str] = []
    for path in project.texts:
        lines.append(f"== {path.removeprefix('/project/')} ==")
        for symbol in project.graph.symbols(path):
            doc = f"  — {symbol.doc.splitlines()[0]}" if symbol.doc else ""
            lines.append(f"{symbol.kind} {symbol.qualified}: {symbol.signature}{doc}")
    seen = "\n".join(lines) + "\n"
    if request.config.getoption("--update"):
        (folder / "outline.txt").write_text(seen, "utf-8")
    assert seen == (folder / "outline.txt").read_text("utf-8")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_names_lead_to_their_definitions(folder: Path) -> None:
    project = _project(folder)
    wrong: list[str] = []
    for use in project.uses:
        found = project.graph.flow.definitions(use.path, use.offset)
        got = {
            project.labels.get((d.path, d.start), f"{d.path}:{_line(project.texts[d.path], d.start)}") for d in found
        }
        if got != use.labels:
            text = project.texts[use.path]
            name = text[use.offset : use.offset + 20].split(b"\n")[0].decode("utf-8", "replace")
            wrong.append(f"{use.path}:{_line(text, use.offset)} {name!r}: expected {set(use.labels)}, got {got}")
    assert not wrong, "\n".join(wrong)


def _line(text: bytes, offset: int) -> int:
    return text[:offset].count(10) + 1


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_name_is_called_unknown(folder: Path) -> None:
    graph = _project(folder).graph
    assert {path: names for path in graph.files if (names := graph.unknown_names(path))} == {}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_broken_code_is_followed_edit_by_edit(folder: Path) -> None:
    """After random edits the live facts are those of the same tree, told from scratch."""
    texts = _project(folder).texts
    chance = random.Random(folder.name)
    path = max(texts, key=lambda p: len(texts[p]))
    language = language_for(path)
    assert language is not None
    document = Document(texts[path])
    tree = Tree.parse(language, document)
    facts = FileFacts.of(tree)
    for _ in range(40):
        start = chance.randrange(len(document.data) + 1)
        end = min(len(document.data), start + chance.choice((0, 0, 1, 3, 20)))
        edit = Edit(Span(start, end), chance.choice(_PIECES).encode())
        after = document.edited(edit)
        tree, changed = tree.edited(document, edit, after)
        facts, _, _ = facts.after(tree, edit, changed)
        document = after
        assert facts.dump() == FileFacts.of(tree).dump()


_TABLE = re.compile(r"(?s)(\| language \| files \|.*?\n)\n")
_RULES: dict[str, Callable[[Language], bool]] = {
    "unknown names": lambda one: bool(one.settings.get("names-known", True)),
    "values": lambda one: one.table("flow") is not None,
    "*Fix*": lambda one: one.table("fix") is not None,
    "*Add validation*": lambda one: one.table("validation") is not None,
    "*Add parameter*": lambda one: one.table("parameters") is not None,
    "*Document*": lambda one: "write" in (one.table("docstrings") or {}),
}


def test_the_table_of_languages_is_current(request: pytest.FixtureRequest) -> None:
    """`grammars/README.md` says what each language has; `pytest --update` writes it."""
    rows = ["| language | files | " + " | ".join(_RULES) + " |", "|---" * (2 + len(_RULES)) + "|"]
    for one in languages():
        has = " | ".join("yes" if rule(one) else "" for rule in _RULES.values())
        rows.append(f"| {one.name} | {' '.join(f'`{suffix}`' for suffix in one.suffixes)} | {has} |")
    seen = "\n".join(rows) + "\n"
    file = languages()[0].folder.parent / "README.md"
    text = file.read_text("utf-8")
    if request.config.getoption("--update"):
        file.write_text(_TABLE.sub(lambda _: seen + "\n", text, count=1), "utf-8")
    assert seen in file.read_text("utf-8")
