"""The live graph equals a rebuild, after any edits, in broken code and in any alphabet."""

import random
from pathlib import Path

import pytest

import dovetail
from dovetail.graph import FileFacts, Graph
from dovetail.graph.file import digest
from dovetail.graph.stored import packed, unpacked
from dovetail.syntax import Tree, language_for
from dovetail.text import Document, Edit, Span
from dovetail.world import Stale, World

_SOURCES = sorted(Path(dovetail.__file__).parent.rglob("*.py"))
_PIECES = [
    b"def f(x):\n    return x\n", b"class A(B):\n", b'"""', b"'", b"(", b")", b"    ", b"\n", b"import os.path as p\n",
    b"x = 1\n", b":", b"#", "é😀".encode(), b"@", b"async ", b"\\", b"[", b"{", b"\t", b"\f", b"\r\n", b"\r",
    b"lambda", b"if x:\n", b" ", b"=", b"", b"", b"", b"self.q = 3\n", b"from a import *\n", b"\x00", b"global x\n",
    "\u2028".encode(), b"\xed\xa0\xbd",
]  # fmt: skip


def _random_edit(chance: random.Random, data: bytes) -> Edit:
    start = chance.randrange(len(data) + 1)
    end = min(len(data), start + chance.choice((0, 0, 0, 1, 2, 5, 40, 400)))
    return Edit(Span(start, end), chance.choice(_PIECES))


def _read_from_disk(data: bytes) -> FileFacts:
    """As the scan hands them over."""
    language = language_for("a.py")
    assert language is not None
    return unpacked(packed(FileFacts.of(Tree.parse(language, Document(data)), digest(data))))


@pytest.mark.parametrize("seed", range(20))
def test_after_random_edits_the_live_graph_equals_a_rebuild(seed: int) -> None:
    """100 edits a seed, 2,000 in all: facts of the same tree, and of a fresh one once it has settled."""
    chance = random.Random(seed)
    source = chance.choice(_SOURCES).read_bytes()
    start = chance.randrange(max(1, len(source) - 3000))
    world = World()
    # a cut in the middle of a file is broken code from the start
    text = source[start : start + 3000].decode("utf-8", "ignore")
    if seed % 2:  # what the scan knows of it is not told again
        world.learn([("/p/a.py", _read_from_disk(text.encode()), None)])
    world.open("/p/a.py", text, 0, "python")
    for version in range(1, 101):
        edit = _random_edit(chance, world.snapshot().files["/p/a.py"].document.data)
        file = world.edit("/p/a.py", version, [lambda _, edit=edit: edit])
        if file.text_only:  # a NUL byte came in: text only until the file is opened again
            assert "/p/a.py" not in world.snapshot().graph.files
            return
        assert file.tree is not None
        assert file.facts is not None
        assert file.facts.dump() == FileFacts.of(file.tree).dump()
        if version % 10 == 0:
            world.settle("/p/a.py")
            language = language_for("a.py")
            assert language is not None
            fresh = FileFacts.of(Tree.parse(language, world.snapshot().files["/p/a.py"].document))
            assert world.snapshot().graph.dump() == Graph().with_file("/p/a.py", fresh).dump()


def test_files_come_and_go() -> None:
    """Open, edit, close, learn and forget in any order leave what a rebuild would have."""
    chance = random.Random(7)
    language = language_for("a.py")
    assert language is not None
    world = World(["/p"])
    texts = {f"/p/{n}.py": path.read_text("utf-8") for n, path in enumerate(_SOURCES[:8])}
    disk: dict[str, str] = {}
    for step in range(200):
        path = chance.choice(sorted(texts))
        match chance.randrange(5):
            case 0:
                disk[path] = texts[path]
                text = Document.of(texts[path])
                world.learn([(path, _read_from_disk(text.data), text.data)])
            case 1:
                disk.pop(path, None)
                world.forget(path)
            case 2:
                world.open(path, texts[path], step, "python")
            case 3:
                world.close(path)
            case _ if path in world.snapshot().files:
                world.edit(path, step, [lambda _: Edit(Span(0, 0), b"import os\n")])
            case _:
                pass
        if step % 20 == 0:
            rebuilt = Graph()
            opened = world.snapshot().files
            for known in {*disk, *opened}:
                text = opened[known].document if known in opened else Document.of(disk[known])
                rebuilt = rebuilt.with_file(known, FileFacts.of(Tree.parse(language, text)))
            assert world.snapshot().graph.dump() == rebuilt.dump()


def test_a_snapshot_never_changes() -> None:
    world = World()
    world.open("/p/a.py", "def one():\n    pass\n", 1, "python")
    before = world.snapshot()
    dump = before.graph.dump()
    world.edit("/p/a.py", 2, [lambda _: Edit(Span(4, 7), b"two")])
    assert before.files["/p/a.py"].document.data == b"def one():\n    pass\n"
    assert before.graph.dump() == dump
    assert [s.name for s in world.snapshot().graph.symbols("/p/a.py")] == ["two"]


def test_one_mistake_does_not_hide_the_rest_of_the_file() -> None:
    """tree-sitter may wrap the whole file in one ERROR; what is whole inside of it still counts."""
    world = World()
    text = "import os\n\n\nclass A:\n    def f(self):\n        return os\n\n\ndef broken(a, b)\n    return a + 1\n"
    world.open("/p/a.py", text, 1, "python")
    names = [s.qualified for s in world.snapshot().graph.symbols("/p/a.py")]
    assert names[:2] == ["A", "A.f"]
    assert world.snapshot().graph.unknown_names("/p/a.py") <= {"broken", "a", "b"}


def test_documentation_follows_an_edit_of_what_stands_before_it() -> None:
    """What stood between is deleted, so that the licence becomes part of what documents the class."""
    text = "<?php\n/*\n * A licence.\n */\nnamespace a;\n\n/**\n * A thing.\n */\nclass A extends B {\n}\n"
    world = World()
    world.open("/p/a.php", text, 0, None)
    start, end = text.index("licence."), text.index("A thing.")
    file = world.edit("/p/a.php", 1, [lambda _: Edit(Span(start, end), b"] ")])
    assert file.facts is not None
    assert file.tree is not None
    assert file.facts.dump() == FileFacts.of(file.tree).dump()
    assert [s.doc for s in world.snapshot().graph.named("A")] == ["A ] A thing."]


def test_what_was_written_is_text_at_once_and_graph_when_it_is_asked_for() -> None:
    """Between two looks at the graph any number of changes may come; it is the same as looking after each."""
    chance = random.Random(3)
    text = _SOURCES[0].read_text("utf-8")[:3000]
    one, all_at_once = World(), World()
    for world in (one, all_at_once):
        world.open("/p/a.py", text, 0, "python")
    for version in range(1, 200):
        edit = _random_edit(chance, one.snapshot().files["/p/a.py"].document.data)
        file = one.edit("/p/a.py", version, [lambda _, edit=edit: edit])
        all_at_once.write("/p/a.py", version, [lambda _, edit=edit: edit])
        written = all_at_once.text("/p/a.py")
        assert written is not None
        assert written.data == file.document.data
        if chance.random() < 0.2:
            seen = all_at_once.snapshot()
            assert seen.files["/p/a.py"].document is written
            assert seen.files["/p/a.py"].version == version
            assert seen.graph.dump() == one.snapshot().graph.dump()
    with pytest.raises(Stale):
        all_at_once.write("/p/a.py", 199, [])
    all_at_once.close("/p/a.py")
    assert all_at_once.text("/p/a.py") is None
    assert not all_at_once.snapshot().graph.dump()["files"]


def test_what_was_typed_stays_where_it_cannot_be_read_as_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that loses one key is another text for the rest of the session."""
    world = World(["/p"])
    world.open("/p/a.py", "a = 1\n", 1, "python")
    world.open("/p/b.py", "b = 1\n", 1, "python")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(FileFacts, "after", broken)
        for path in ("/p/a.py", "/p/b.py"):
            world.write(path, 2, [lambda _: Edit(Span(0, 0), b"c = 0\n")])
        assert {file.document.text(): file.version for file in world.snapshot().files.values()} == {
            "c = 0\na = 1\n": 2,
            "c = 0\nb = 1\n": 2,
        }
        assert "/p/a.py" not in world.snapshot().graph.files
        assert world.snapshot().files["/p/a.py"].text_only
    world.write("/p/a.py", 3, [lambda _: Edit(Span(0, 0), b"d = 0\n")])
    file = world.snapshot().files["/p/a.py"]
    assert file.document.text() == "d = 0\nc = 0\na = 1\n"
    assert (file.text_only, file.tree is not None) == ("", True)
    assert world.snapshot().graph.files["/p/a.py"].defined == {"a", "c", "d"}


def test_a_name_that_the_parser_misses_is_none() -> None:
    language = language_for("a.py")
    assert language is not None
    facts = FileFacts.of(Tree.parse(language, Document.of("class A(B:\n x.=1\n")))
    assert facts.mentioned == set().union(*(item.mentioned for _, item, _ in facts))
    assert "" not in facts.mentioned
