"""Which lines of the project a model is shown to go by."""

from __future__ import annotations

from dovetail.recall import Recalled, Shelf, Source, Tokens, alike, pieces, recall


def _said(line: str, path: str = "/p/a.py", words: int = 3) -> Recalled:
    return Recalled(line.strip(), 0.5, words, 1, 1, path, 0, line)


def test_the_likeliest_is_last_and_no_line_comes_twice() -> None:
    found = [_said("    total += price"), _said("total += price", "/p/b.py"), _said("count += 1", "/p/b.py")]
    assert [one.lines for one in alike(found)] == ["count += 1", "    total += price"]


def test_what_the_prompt_shows_anyway_is_left_out() -> None:
    assert not alike([_said("        return None"), _said("   ")], {"return None"})


def test_where_only_the_line_end_is_the_same_nothing_is_shown() -> None:
    assert not alike([_said("x = 1", words=1)])


def test_the_likeliest_have_the_room() -> None:
    found = [_said(f"name_{number} = {'x' * 90}") for number in range(9)]
    lines = [one.lines for one in alike([_said("y" * 300), *found])]
    assert [line[:6] for line in lines] == ["name_2", "name_1", "name_0"]


def test_a_line_of_which_nothing_is_typed_is_shown_with_the_one_above_it() -> None:
    text = b"def go(self):\n    if self.closed:\n\n        raise Closed\n"
    sources = [Source(Shelf.of([("/a.py", text, Tokens.of(text))]))]
    assert recall(b"if self.closed:\n    ", b"", sources)[0].lines == "    if self.closed:\n\n        raise Closed"
    assert recall(b"if self.closed:\n    raise ", b"", sources)[0].lines == "        raise Closed"
    sources = [Source(Shelf.of([("/b.py", b"a\nb", Tokens.of(b"a\nb"))]))]
    assert recall(b"a\n", b"", sources)[0].lines == "a\nb"


def test_line_ends_of_the_prompt_are_all_alike() -> None:
    text = b"if self.closed:\r\n    raise Closed\r\n"
    sources = [Source(Shelf.of([("/a.py", text, Tokens.of(text))]))]
    assert recall(b"if self.closed:\n    ", b"", sources)[0].lines == "if self.closed:\n    raise Closed"
    text = b"a = 1\rif self.closed: raise Closed\rb = 2"
    sources = [Source(Shelf.of([("/a.py", text, Tokens.of(text))]))]
    assert recall(b"if self.closed: ", b"", sources)[0].lines == ""


def test_a_huge_line_is_not_quoted() -> None:
    text = b"total = [" + b"1, " * 1000 + b"]\n"
    found = recall(b"total = [", b"", [Source(Shelf.of([("/a.py", text, Tokens.of(text))]))])
    assert found
    assert found[0].lines == ""


def test_a_key_is_not_quoted_not_even_on_a_line_of_its_own() -> None:
    text = b'login = {\n    "password":\n        "q8Zk3vT1xW9mR4pL7n",\n}\n'
    for before in (b'"password":\n        ', b'"password":\n        "q8'):
        found = recall(before, b"", [Source(Shelf.of([("/a.py", text, Tokens.of(text))]))])
        assert found[0].text
        assert found[0].lines == ""


def test_lines_of_one_file_stand_together() -> None:
    lines = [_said("a = 1", "/p/x.py"), _said("  b = 2", "/p/x.py"), _said("c = 3", "/q/x.py")]
    assert pieces(lines) == (("x.py", "a = 1\n  b = 2\n"), ("x.py", "c = 3\n"))
    assert pieces([]) == ()
