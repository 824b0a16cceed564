"""The project's own words: the index equals one made anew, and what is proposed stands where it is said to stand."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from dovetail.recall import Library, Source, Tokens, recall
from dovetail.recall.library import Shelf

CODE = st.text("ab_ \n\t\r(.=é", max_size=60).map(str.encode)


def _source(path: str, text: bytes) -> Source:
    return Source(Shelf.of([(path, text, Tokens.of(text))]))


@given(CODE)
def test_tokens_cover_the_whole_text(text: bytes) -> None:
    tokens = Tokens.of(text)
    starts = [*tokens.starts.tolist(), len(text)]
    assert starts[0] == 0
    assert all(a < b for a, b in pairwise(starts)) or not text


@given(CODE, CODE, CODE, CODE)
def test_tokens_after_an_edit_equal_those_made_anew(head: bytes, old: bytes, new: bytes, tail: bytes) -> None:
    before, after = head + old + tail, head + new + tail
    told, fresh = Tokens.of(before).after(before, after), Tokens.of(after)
    assert told.starts.tolist() == fresh.starts.tolist()
    assert told.hashes.tolist() == fresh.hashes.tolist()


def test_the_rest_of_a_line_is_found_at_another_depth() -> None:
    text = b"class A:\n    def go(self):\n        if self.closed:\n            raise RuntimeError('closed')\n"
    found = recall(b"def go(self):\n    if self.closed:\n        raise ", b"", [_source("/a.py", text)])
    assert found[0].text == "RuntimeError('closed')"
    assert text[found[0].offset :].startswith(b"RuntimeError")
    assert found[0].path == "/a.py"


def test_a_word_that_was_begun_is_finished() -> None:
    found = recall(b"total = sum(pri", b"", [_source("/a.py", b"total = sum(prices)\n")])
    assert found[0].text == "ces)"


def test_what_more_places_say_goes_first_and_is_surer() -> None:
    text = b"".join(b"\nlog.info(%s)" % name for name in (b"name", b"name", b"name", b"price"))
    found = recall(b"x\nlog.info(", b"", [_source("/a.py", text)], 2)
    assert [one.text for one in found] == ["name)", "price)"]
    assert found[0].chance > found[1].chance
    assert (found[0].times, found[0].of) == (3, 4)


def test_the_line_below_the_cursor_is_not_proposed() -> None:
    text = b"a = 1\nb = 2\n"
    assert not recall(b"a = 1\n", b"b = 2\n", [_source("/a.py", text)])


def test_two_texts_side_by_side_are_not_one() -> None:
    shelf = Shelf.of([("/a.py", b"x = one", Tokens.of(b"x = one")), ("/b.py", b"(two)\n", Tokens.of(b"(two)\n"))])
    assert not recall(b"y = one", b"", [Source(shelf)])
    assert shelf.place(8) == ("/b.py", 0)


@given(CODE, CODE)
def test_what_is_proposed_stands_there(before: bytes, text: bytes) -> None:
    for one in recall(before, b"", [_source("/a.py", text)], 3):
        assert text[one.offset :].decode("utf-8", "replace").startswith(one.text)
        assert 0 <= one.chance <= 1


def test_a_library_forgets_what_was_used_longest_ago() -> None:
    library = Library(room=20)
    first = library.tokens(b"x" * 12)
    library.tokens(b"y" * 12)
    assert library.tokens(b"x" * 12) is not first


def test_the_shelf_is_made_anew_only_when_texts_change() -> None:
    library, texts = Library(), Map({"/a.py": b"a = 1\n", "/b.py": b"b = 2\n"})
    shelf = library.shelf(texts, frozenset())
    assert library.shelf(texts, frozenset()) is shelf
    assert library.shelf(texts, frozenset({"/a.py"})).paths == ["/b.py"]
