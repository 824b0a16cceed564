"""A language is a folder of `grammars/`: `language.toml`, queries, and what else a feature reads there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path, PurePath
from typing import Any

import tree_sitter as ts

_CAPTURE = re.compile(r"@([\w.\-]+)")
_NOT_A_CAPTURE = re.compile(r';[^\n]*|"(?:[^"\\]|\\.)*"')
"""Comments and strings of a query."""


class LanguageMissing(ImportError):
    """The folder is there, but its grammar wheel is not installed."""


def grammars() -> Path:
    """The folder of all that is known of languages, and of the shapes of answers."""
    package = Path(__file__).parent.parent
    inside = package / "grammars"  # an installed wheel; a checkout keeps them at its root
    return inside if inside.is_dir() else package.parent.parent / "grammars"


@dataclass(frozen=True, eq=False)
class Language:
    """One language and everything that is known of it."""

    name: str
    folder: Path
    settings: Mapping[str, Any] = field(repr=False)

    @property
    def spoken(self) -> str:
        """Its name for a person."""
        return str(self.settings.get("spoken", self.name.capitalize()))

    @property
    def suffixes(self) -> tuple[str, ...]:
        return tuple(self.settings["suffixes"])

    @property
    def language_ids(self) -> tuple[str, ...]:
        """LSP `languageId`s."""
        return tuple(self.settings["language-ids"])

    @cached_property
    def containers(self) -> frozenset[str]:
        """Node types whose body's statements are items of their own: classes and the like."""
        return frozenset(self.settings["containers"])

    @cached_property
    def blocks(self) -> frozenset[str]:
        """Node types that hold statements themselves, without a body of their own (`#ifdef`)."""
        return frozenset(self.settings.get("blocks", ()))

    @cached_property
    def block_heads(self) -> tuple[str, ...]:
        """Fields of `blocks` that hold no statement: the name in `#ifdef NAME`."""
        return tuple(self.settings.get("block-heads", ()))

    @cached_property
    def wrappers(self) -> frozenset[str]:
        """Node types that wrap a definition (`decorated_definition`)."""
        return frozenset(self.settings["wrappers"])

    def body(self, node: ts.Node) -> ts.Node | None:
        """What holds the members of a container (inside of its wrappers); None where a node is no container."""
        while True:
            if node.type in self.blocks:
                return node
            if node.type in self.containers:
                for name in self._body_fields:
                    found = node.child_by_field_name(name)
                    if found is None:
                        found = next((child for child in node.named_children if child.type == name), None)
                    if found is not None:
                        return found
            if node.type not in self.wrappers or not node.named_child_count:
                return None
            node = node.named_children[-1]

    @cached_property
    def _body_fields(self) -> tuple[str, ...]:
        return tuple(self.settings.get("body-fields", ("body",)))

    def _texts(self, file: str) -> list[str]:
        """A file of the folder, after those of the folders that the language inherits."""
        folders = [*(self.folder.parent / name for name in self.settings.get("inherits", ())), self.folder]
        return [(folder / file).read_text("utf-8") for folder in folders if (folder / file).exists()]

    @cached_property
    def builtins(self) -> frozenset[str]:
        """Names that exist everywhere."""
        return frozenset(name for text in self._texts("builtins.txt") for name in text.split())

    @cached_property
    def modules(self) -> frozenset[str]:
        """Modules that come with the language; none where it does not list them."""
        return frozenset(name for text in self._texts("modules.txt") for name in text.split())

    @cached_property
    def grammar(self) -> ts.Language:
        """Raises `LanguageMissing` where the wheel is not installed."""
        try:
            module = import_module(self.settings["wheel"])
        except ImportError as error:
            raise LanguageMissing(f"{self.name}: install {self.settings['wheel']}") from error
        pointer: object = getattr(module, self.settings.get("entry", "language"))()
        return ts.Language(pointer)

    @cached_property
    def parser(self) -> ts.Parser:
        return ts.Parser(self.grammar)

    @cache  # noqa: B019  languages live as long as the process
    def query(self, *names: str) -> ts.Query | None:
        """The query `name`.scm, or several as one; None where this language has none: the feature does not apply."""
        texts = [text for name in names for text in self._texts(f"{name}.scm")]
        return ts.Query(self.grammar, "\n".join(texts)) if texts else None

    @cache  # noqa: B019
    def patterns(self, one: str, two: str) -> tuple[tuple[tuple[str, ...], ...], int]:
        """What each pattern of two queries in one may capture, but for its predicates; how many are of the first."""
        query = self.query(one, two)
        if query is None:
            return (), 0
        ahead, behind = ("\n".join(self._texts(f"{name}.scm")).encode() for name in (one, two))
        text = ahead + b"\n" + behind if ahead else behind
        count: int = query.pattern_count  # pyright: ignore[reportAssignmentType]  a property, unlike its stub
        starts = [query.start_byte_for_pattern(number) for number in range(count)]
        found: list[tuple[str, ...]] = []
        for number, start in enumerate(starts):
            pattern = text[start : query.end_byte_for_pattern(number)].decode()
            names = _CAPTURE.findall(_NOT_A_CAPTURE.sub("", pattern))
            found.append(tuple(dict.fromkeys(name for name in names if not name.startswith("_"))))
        return tuple(found), sum(start < len(ahead) for start in starts)

    @cache  # noqa: B019
    def table(self, name: str) -> Mapping[str, Any] | None:
        """The facts in `name`.toml, None where there are none."""
        merged: dict[str, Any] = {}
        texts = self._texts(f"{name}.toml")
        for text in texts:
            merged = _merged(merged, tomllib.loads(text))
        return merged if texts else None


def _merged(one: Mapping[str, Any], two: Mapping[str, Any]) -> dict[str, Any]:
    """Both tables; what both say is as the second says it."""
    both = {**one, **two}
    for key in one.keys() & two.keys():
        if isinstance(one[key], Mapping) and isinstance(two[key], Mapping):
            both[key] = _merged(one[key], two[key])
    return both


@cache
def languages() -> tuple[Language, ...]:
    """Every language that has a folder."""
    return tuple(
        Language(file.parent.name, file.parent, tomllib.loads(file.read_text("utf-8")))
        for file in sorted(grammars().glob("*/language.toml"))
    )


@cache
def _by_suffix() -> dict[str, Language]:
    return {suffix: language for language in languages() for suffix in language.suffixes}


@cache
def _by_id() -> dict[str, Language]:
    return {name: language for language in languages() for name in language.language_ids}


def language_for(path: str, language_id: str | None = None) -> Language | None:
    """What the editor says counts, then the file's ending. None: text only."""
    if language_id is not None and (known := _by_id().get(language_id)):
        return known
    return _by_suffix().get(PurePath(path).suffix)
