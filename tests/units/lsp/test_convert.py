"""UTF-16 at the door, bytes inside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as t

import dovetail
from dovetail.lsp.convert import Encoding, document_symbols, to_path, to_uri, workspace_edit
from dovetail.text import Change, Document, Edit, Span
from dovetail.world import World

_KINDS = [t.PositionEncodingKind.Utf8, t.PositionEncodingKind.Utf16, t.PositionEncodingKind.Utf32]


@given(st.text(st.sampled_from("aé😀\n\r\t\u2028\ud83d\ude00"), max_size=30), st.sampled_from(_KINDS), st.data())
def test_an_offset_survives_the_way_out_and_in(text: str, kind: t.PositionEncodingKind, data: st.DataObject) -> None:
    document = Document.of(text)
    encoding = Encoding(kind)
    cut = data.draw(st.integers(0, len(text)))
    offset = len(text[:cut].encode("utf-8", "surrogatepass"))
    line = document.line_at(offset)
    if offset > document.line(line).end:  # inside a line's end there is no position
        return
    assert encoding.offset(document, encoding.position(document, offset)) == offset


@pytest.mark.parametrize(
    ("line", "character", "offset"),
    [(0, 0, 0), (0, 1, 1), (0, 3, 5), (0, 2, 1), (0, 99, 6), (1, 0, 7), (1, 9, 8), (9, 9, 8)],
)
def test_positions_are_clamped_and_never_split_a_character(line: int, character: int, offset: int) -> None:
    document = Document.of("a😀b\nc")
    assert Encoding().offset(document, t.Position(line, character)) == offset


@given(st.text(st.sampled_from("ab😀\n\r"), max_size=20), st.lists(st.tuples(*[st.integers(0, 9)] * 4), max_size=5))
def test_changes_mean_what_they_mean_to_an_editor(text: str, changes: list[tuple[int, int, int, int]]) -> None:
    """Against the plainest reading of the specification: UTF-16 code units, line by line."""
    document, units = Document.of(text), text.encode("utf-16-le")
    for line, character, length, kind in changes:
        new = ["x", "é\n", "😀", "\r\n"][kind % 4]
        starts = [0]
        whole = units.decode("utf-16-le", "surrogatepass")
        here = 0
        for row in whole.replace("\r\n", "\x00\n").replace("\r", "\n").splitlines(keepends=True):
            here += len(row.encode("utf-16-le"))
            if row.endswith("\n"):
                starts.append(here)
        if line >= len(starts):
            continue
        end_of_line = starts[line + 1] if line + 1 < len(starts) else len(units)
        content = units[starts[line] : end_of_line].decode("utf-16-le", "surrogatepass").rstrip("\r\n")
        if "😀" in content:
            continue  # clamping inside a pair is tested above
        first = min(character, len(content))
        last = min(first + length, len(content))
        change = t.TextDocumentContentChangePartial(
            range=t.Range(t.Position(line, first), t.Position(line, last)), text=new
        )
        edit = Encoding().edit(document, change)
        assert isinstance(edit, Edit)
        document = document.edited(edit)
        units = units[: starts[line] + 2 * first] + new.encode("utf-16-le") + units[starts[line] + 2 * last :]
        assert document.text() == units.decode("utf-16-le")


def test_an_emoji_that_was_typed_in_halves_leaves_what_follows_in_its_place() -> None:
    """Some editors send a surrogate pair as two changes; to them it is one character of two units."""
    document, encoding = Document.of("# x"), Encoding()
    for column, text in ((3, "\ud83d"), (4, "\ude00"), (5, "abc")):
        at = t.Position(0, column)
        edit = encoding.edit(document, t.TextDocumentContentChangePartial(range=t.Range(at, at), text=text))
        assert isinstance(edit, Edit)
        document = document.edited(edit)
    assert document.data == "# x\ud83d\ude00abc".encode("utf-8", "surrogatepass")
    assert encoding.position(document, len(document)) == t.Position(0, 8)


def test_a_file_and_its_uri() -> None:
    for path in ("/some/a b/ü.py", "/some/a#b.py"):
        assert to_path(to_uri(path)) == path
    assert to_path("untitled:Untitled-1") == to_uri("untitled:Untitled-1") == "untitled:Untitled-1"


@pytest.mark.parametrize("path", sorted(Path(dovetail.__file__).parent.rglob("*.py"))[:12], ids=lambda p: p.name)
def test_symbols_as_text_are_what_the_classes_would_say(path: Path) -> None:
    world = World()
    file = world.open("/a.py", "# 😀é\n" + path.read_text("utf-8"), 1, "python")
    assert file.facts is not None
    encoding = Encoding()
    text = document_symbols(file, file.facts, encoding)

    def check(symbols: list[dict[str, object]], around: t.Range | None) -> int:
        count = 0
        for symbol in symbols:
            range_ = t.Range(
                *(t.Position(**symbol["range"][end]) for end in ("start", "end"))  # type: ignore[index]
            )
            name = t.Range(*(t.Position(**symbol["selectionRange"][end]) for end in ("start", "end")))  # type: ignore[index]
            assert file.document.text(encoding.span(file.document, name)) == symbol["name"]
            outer, inner = encoding.span(file.document, range_), encoding.span(file.document, name)
            assert outer.holds(inner)
            if around is not None:
                assert encoding.span(file.document, around).holds(outer)
            count += 1 + check(symbol["children"], range_)  # type: ignore[arg-type]
        return count

    shown = check(json.loads(text), None)
    functions = [p for p in file.facts.placed if p.definition.kind in ("function", "class")]
    assert shown >= len(functions)


def test_an_edit_is_versioned_and_annotated_only_where_asked() -> None:
    world = World()
    world.open("/a.py", "x = '😀'\n", 7, "python")
    change = Change.one("/a.py", [Edit(Span(10, 10), b"  # yes")])
    for annotate in (True, False):
        edit = workspace_edit(world.snapshot(), change, Encoding(), "Label", "what it does", annotate=annotate)
        assert edit.document_changes is not None
        document = edit.document_changes[0]
        assert isinstance(document, t.TextDocumentEdit)
        assert document.text_document.version == 7
        assert document.edits[0].range == t.Range(t.Position(0, 8), t.Position(0, 8))  # type: ignore[union-attr]
        assert (edit.change_annotations is not None) == annotate
        if annotate:
            assert edit.change_annotations is not None
            assert edit.change_annotations["dovetail"].needs_confirmation
