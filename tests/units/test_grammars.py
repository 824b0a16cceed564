"""What the folders of `grammars/` say holds for the grammars that are installed."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from dovetail.syntax import Language, LanguageMissing, languages

LANGUAGES = languages()
FOLDERS = LANGUAGES[0].folder.parent

_GROUPS = {
    "attribute",
    "passed",
    "name", "member", "call", "new", "cast", "item", "same", "either", "function", "list", "map", "comprehension",
    "constant", "keyword", "spread", "assign", "each", "with", "return", "yield", "raise", "parameter",
    "decorated", "type", "protocol", "pick", "items", "results", "case", "await", "leads",
}  # fmt: skip
"""The tables of `flow.toml`."""


_DATA = {
    *(f"flow.{group}" for group in _GROUPS - {"protocol"}),  # node types
    "flow.protocol.literals", "flow.protocol.views",
    "annotations.is", "annotations.marks", "annotations.makes", "annotations.said",
    "docstrings.words.marks", "extract.not-values", "fix.imports.known", "parameters.literals",
    "parameters.structural", "parameters.untold", "probe.containers", "probe.literal-parts", "probe.literals",
    "probe.refused.empty", "probe.refused.kinds", "probe.refused.numbers", "probe.refused.takes",
    "probe.refused.types", "probe.same-types", "probe.values", "project.frameworks", "repair.likely",
    "validation.callers.wider", "validation.conditional", "validation.fixed", "validation.messages.by-error",
    "validation.messages.escapes", "validation.messages.shapes", "validation.same-types",
    "validation.templates.by-error", "validation.templates.needs", "validation.templates.raises",
    "validation.type-forms", "validation.type-tests", "validation.type-words.fits", "validation.type-words.modules",
    "validation.type-words.said", "validation.type-words.within",
}  # fmt: skip
"""Tables whose keys are data: names of node types, types, functions, packages, errors, forms, kinds of mistakes."""
_ROWS = {
    "docstrings.styles", "simplify.rules", "validation.calls", "validation.kinds", "validation.types",
    "validation.uses", "write_tests.styles",
}  # fmt: skip
"""Tables of rows whose names are data, and whose keys are not."""


@pytest.fixture(params=LANGUAGES, ids=lambda language: language.name)
def language(request: pytest.FixtureRequest) -> Language:
    known: Language = request.param
    try:
        _ = known.grammar
    except LanguageMissing as missing:
        pytest.skip(str(missing))
    return known


def _files(language: Language, suffix: str) -> list[str]:
    folders = [*language.settings.get("inherits", ()), language.name]
    return sorted({file.stem for folder in folders for file in (FOLDERS / folder).glob(f"*{suffix}")})


def test_queries_compile(language: Language) -> None:
    for name in _files(language, ".scm"):
        assert language.query(name) is not None  # raises where a node type or a field does not exist


def test_no_anchor_stands_before_a_condition() -> None:
    """tree-sitter drops it: `(a (b) . (#eq? …))` is `(a (b) (#eq? …))`."""
    for file in sorted(FOLDERS.glob("*/*.scm")):
        assert not re.search(r"\.\s*(?:;[^\n]*\s*)*\(#", file.read_text("utf-8")), file


def test_every_language_tells_definitions_and_scopes(language: Language) -> None:
    assert language.query("tags") is not None
    assert language.suffixes
    assert all(re.fullmatch(r"\.[\w.+-]+", suffix) for suffix in language.suffixes)
    assert language.language_ids


def test_flow_names_node_types_and_fields_that_exist(language: Language) -> None:
    table = language.table("flow")
    if table is None:
        return
    assert set(table) <= _GROUPS
    for group, rows in table.items():
        if group == "protocol":
            continue
        if group == "leads":  # by keyword
            assert all(language.grammar.id_for_node_kind(keyword, False) for keyword in rows)
            assert all(_exists(language, kind) for kinds in rows.values() for kind in kinds)
            continue
        for kind, spec in rows.items():
            assert _exists(language, kind), f"[{group}] {kind} is no node type of {language.name}"
            for key, value in _places(spec):
                known = isinstance(value, int) or _field(language, value) or _exists(language, value)
                assert known, f"[{group}] {kind}: {key} = {value} is neither a field nor a node type of {language.name}"


def test_settings_name_node_types_that_exist(language: Language) -> None:
    for key in ("containers", "blocks", "wrappers", "doc-comments", "doc-passes"):
        for kind in language.settings.get(key, ()):
            assert _exists(language, kind), f"{key}: {kind} is no node type of {language.name}"


@pytest.mark.parametrize("table", sorted({file.stem for file in FOLDERS.glob("*/*.toml")}))
def test_every_key_is_explained(table: str) -> None:
    used: set[str] = set()
    for file in FOLDERS.glob(f"*/{table}.toml"):
        used |= set(_keys(tomllib.loads(file.read_text("utf-8")), table))
    explained = _explained(f"key of `{table}.toml`")
    assert used - explained == set()
    assert explained - used == set(), "nothing has these"


@pytest.mark.parametrize("query", sorted({file.stem for file in FOLDERS.glob("*/*.scm")}))
def test_every_capture_is_explained(query: str) -> None:
    used: set[str] = set()
    for file in FOLDERS.glob(f"*/{query}.scm"):
        plain = re.sub(r'"(?:[^"\\]|\\.)*"|;[^\n]*', "", file.read_text("utf-8"))  # no texts, no comments
        used |= {capture for capture in re.findall(r"@([\w.-]+)", plain) if not capture.startswith("_")}
    explained: set[str] = set()
    for line in _rows_of(f"capture of `{query}.scm`"):
        above = ""
        for said in re.findall(r"`([@.][^`]+)`", line):
            above = said if said.startswith("@") else above
            explained.add((said if said.startswith("@") else above + said).removeprefix("@"))
    families = {one.removesuffix("…") for one in explained if one.endswith("…")}
    assert {one for one in used - explained if not one.startswith(tuple(families))} == set()
    assert {one for one in explained - used if not one.endswith("…")} == set(), "nothing captures these"


def test_builtins_are_names_and_named_once() -> None:
    for folder in sorted(FOLDERS.iterdir()):
        if (file := folder / "builtins.txt").exists():
            names = file.read_text("utf-8").split()
            assert sorted(set(names)) == sorted(names), folder.name


def test_no_suffix_and_no_language_id_belongs_to_two() -> None:
    for said in ("suffixes", "language_ids"):
        every = [one for known in LANGUAGES for one in getattr(known, said)]
        assert sorted(set(every)) == sorted(every)


def _keys(rows: dict[str, Any], table: str, above: str = "") -> Iterator[str]:
    """The keys of a table, by their path; of a table whose keys are data those of its rows."""
    for key, value in rows.items():
        path = f"{above}.{key}" if above else key
        yield path
        if isinstance(value, list) and value and isinstance(value[0], dict):  # [[rows]]
            yield from (f"{path}.{inner}" for row in value for inner in row)
        elif isinstance(value, dict) and f"{table}.{path}" in _ROWS:
            yield from (f"{path}.{inner}" for row in value.values() if isinstance(row, dict) for inner in row)
        elif isinstance(value, dict) and f"{table}.{path}" not in _DATA:
            yield from _keys(value, table, path)


def _explained(heading: str) -> set[str]:
    """What the first column of a table of grammars/README.md names: `key`, or `[table]` and its keys behind it."""
    found: set[str] = set()
    for line in _rows_of(heading):
        above = ""
        for said in re.findall(r"`([^`]+)`", line):
            if said.startswith("["):
                above = said.strip("[]")
                found |= {above, above.split(".")[0]}
            else:
                found.add(f"{above}.{said}" if above else said)
    return found


def _rows_of(heading: str) -> list[str]:
    """The first column of a table of grammars/README.md."""
    readme = (FOLDERS / "README.md").read_text("utf-8")
    written = re.search(rf"^\| {re.escape(heading)} \|.*?(?=\n\n|\Z)", readme, re.DOTALL | re.MULTILINE)
    assert written is not None, f"grammars/README.md has no table of each {heading}"
    return [line.split(" | ")[0] for line in written.group().splitlines()[2:]]


def _places(spec: Any) -> Iterator[tuple[str, Any]]:
    """The fields and children that a row names."""
    if isinstance(spec, list):
        yield from (("either", one) for one in spec)
    else:
        yield from ((key, value) for key, value in spec.items() if not isinstance(value, bool))


def _exists(language: Language, kind: str) -> bool:
    return language.grammar.id_for_node_kind(kind, True) is not None


def _field(language: Language, name: str) -> bool:
    return language.grammar.field_id_for_name(name) is not None
