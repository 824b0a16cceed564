"""Documents: what LSP calls a line, and edits that move nothing but their own bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dovetail.text import Change, Document, Edit, Overlap, Span, differing, unified_diff

_TEXT = st.text(st.sampled_from("ab é😀\n\r\t\f\x0b\x85\u2028\x1c"), max_size=40)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\r\nb", ["a", "b"]),
        ("a\rb\n\rc", ["a", "b", "", "c"]),
        ("a\fb\x0bc\x85d\u2028e\x1cf", ["a\fb\x0bc\x85d\u2028e\x1cf"]),
    ],
)
def test_lines_end_where_lsp_says(text: str, lines: list[str]) -> None:
    document = Document.of(text)
    assert [document.text(document.line(n)) for n in range(document.lines)] == lines


def test_a_lone_surrogate_is_kept() -> None:
    text = "x = '\ud83d'"
    assert Document.of(text).data.decode("utf-8", "surrogatepass") == text
    assert "\ufffd" in Document.of(text).text()


@given(_TEXT, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8), _TEXT), max_size=8))
def test_an_edited_document_equals_a_fresh_one(text: str, edits: list[tuple[int, int, str]]) -> None:
    document = Document.of(text)
    for start, length, new in edits:
        start = min(start, len(document))
        edit = Edit(Span(start, min(len(document), start + length)), new.encode())
        before = document.data
        document = document.edited(edit)
        assert document.data == before[: edit.span.start] + edit.new + before[edit.span.end :]
        fresh = Document(document.data)
        assert document.line_starts.tolist() == fresh.line_starts.tolist()
        assert [document.point(n) for n in range(len(document) + 1)] == [fresh.point(n) for n in range(len(fresh) + 1)]


@given(_TEXT)
def test_points_count_rows_by_newline_alone(text: str) -> None:
    data = Document.of(text)
    for offset in range(len(data) + 1):
        before = data.data[:offset]
        assert data.point(offset) == (before.count(b"\n"), len(before) - (before.rfind(b"\n") + 1))


def test_edits_of_one_change_do_not_overlap() -> None:
    with pytest.raises(Overlap):
        Change.one("a", [Edit(Span(0, 3), b""), Edit(Span(2, 4), b"")])
    with pytest.raises(ValueError, match="edit ends at 9"):
        Document(b"abc").edited(Edit(Span(0, 9), b""))


def test_a_diff_is_what_diff_says() -> None:
    before = Document(b"one\ntwo\nthree")
    after = before.edited(Edit(Span(4, 7), b"2"))
    assert unified_diff("x", before, after).splitlines() == [
        "--- a/x",
        "+++ b/x",
        "@@ -1,3 +1,3 @@",
        " one",
        "-two",
        "+2",
        " three",
        "\\ No newline at end of file",
    ]
    assert unified_diff("x", before, before) == ""


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=40))
def test_what_two_texts_differ_in(head: bytes, old: bytes, new: bytes, tail: bytes) -> None:
    one, two = head + old + tail, head + new + tail
    gone, come = differing(one, two)
    assert one[: gone.start] == two[: come.start]
    assert one[gone.end :] == two[come.end :]
    assert len(gone) <= len(old)
    assert len(come) <= len(new)
