"""The cache of the index: it may only ever cost or save time."""

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest
from lsprotocol import types as t
from pygls.workspace import Workspace

from dovetail.graph import FileFacts
from dovetail.graph.stored import packed, unpacked
from dovetail.lsp import server
from dovetail.lsp.cache import Cache, key_of
from dovetail.lsp.scan import Scanner
from dovetail.model.desk import NoModel
from dovetail.settings import Settings
from dovetail.syntax import Tree, language_for
from dovetail.text import Document

_KEY = key_of("python", b"0123456789abcdef")


def _facts(text: str) -> FileFacts:
    language = language_for("a.py")
    assert language is not None
    return FileFacts.of(Tree.parse(language, Document.of(text)), b"mark")


def test_facts_come_back_as_they_were() -> None:
    text = "import os\n\n\nclass A(B):\n    x: int = 1\n\n    def f(self, n=2):\n        return os.path + self.y\n"
    facts = _facts(text)
    again = unpacked(packed(facts))
    assert again.dump() == facts.dump()
    assert (again.language, again.digest) == ("python", b"mark")


@pytest.mark.parametrize("data", [b"", b"\xc1", b"nonsense", packed(_facts("x = 1\n"))[:-3]])
def test_what_is_no_facts_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        unpacked(data)


def test_what_is_kept_is_known_the_next_time(tmp_path: Path) -> None:
    first = Cache(tmp_path, "v1")
    first.keep([(_KEY, b"facts")])
    first.close()
    assert Cache(tmp_path, "v1").known([_KEY, b"other"]) == {_KEY: b"facts"}
    assert Cache(tmp_path, "v2").known([_KEY]) == {}


def test_a_flipped_bit_is_a_miss(tmp_path: Path) -> None:
    first = Cache(tmp_path, "v1")
    first.keep([(_KEY, b"facts")])
    first.close()
    with sqlite3.connect(tmp_path / "v1.sqlite3") as database:
        database.execute("UPDATE facts SET data = ?", (b"facts"[:-1] + b"t",))
    again = Cache(tmp_path, "v1")
    assert again.known([_KEY]) == {}
    assert not again.trouble


def test_a_file_that_is_no_database_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "v1.sqlite3").write_bytes(b"not a database at all, but long enough to be one\n" * 100)
    cache = Cache(tmp_path, "v1")
    cache.keep([(_KEY, b"facts")])
    assert cache.known([_KEY]) == {_KEY: b"facts"}
    assert not cache.trouble


def test_a_cache_that_cannot_be_written_says_so_and_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file where the folder should be")
    cache = Cache(tmp_path / "index", "v1")
    cache.keep([(_KEY, b"facts")])
    assert cache.known([_KEY]) == {}
    assert "not kept between starts" in cache.trouble


def test_a_locked_cache_says_so_and_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Cache(tmp_path, "v1").close()
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, timeout: connect(path, timeout=0.01))
    cache = Cache(tmp_path, "v1")
    other = connect(tmp_path / "v1.sqlite3")
    other.execute("BEGIN IMMEDIATE")
    cache.keep([(_KEY, b"facts")])
    other.close()
    assert "not kept between starts" in cache.trouble
    assert cache.known([_KEY]) == {}


def test_two_windows_share_one_cache(tmp_path: Path) -> None:
    one, two = Cache(tmp_path, "v1"), Cache(tmp_path, "v1")
    one.keep([(_KEY, b"facts")])
    two.keep([(b"k" * 16, b"more")])
    assert one.known([_KEY, b"k" * 16]) == two.known([_KEY, b"k" * 16]) == {_KEY: b"facts", b"k" * 16: b"more"}


def test_what_was_not_asked_for_longest_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "v1", most=800)
    keys = [bytes([n]) * 16 for n in range(10)]
    cache.keep([(key, b"x" * 100) for key in keys])
    cache.trim()
    assert list(cache.known(keys)) == keys[4:]


async def test_a_second_start_parses_nothing_that_it_knows(tmp_path: Path) -> None:
    project, cache = tmp_path / "project", tmp_path / "cache"
    project.mkdir()
    (project / "a.py").write_text("def one():\n    pass\n")
    (project / "b.py").write_text("def two():\n    pass\n")
    paths = [str(project / name) for name in ("a.py", "b.py")]
    seen: list[tuple[int, list[str]]] = []
    for _ in range(2):
        scanner = Scanner(cache)
        try:
            async for _, found in scanner.read(paths):
                told = [facts.leaves.facts[0].definitions[0].name for _, facts, _ in found.told()]
                seen.append((found.cached, told))
                assert not found.trouble
        finally:
            scanner.close()
        (project / "b.py").write_text("def three():\n    pass\n")
    assert seen == [(0, ["one", "two"]), (1, ["one", "three"])]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    cache = Cache(tmp_path, "x")
    assert "others may write" in cache.trouble
    assert not list(tmp_path.iterdir())


@pytest.mark.asyncio
async def test_a_model_that_cannot_be_opened_for_whatever_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def open_model(settings: Settings, tell: object) -> NoModel:
        raise ValueError("an odd file")

    said: list[str] = []
    monkeypatch.setattr(server, "open_model", open_model)
    ls = server.Dovetail()
    monkeypatch.setattr(ls, "say", lambda message, *_: said.append(message))
    await ls._load_model()
    assert ls.status()["state"] == "failed"
    assert "an odd file" in ls.status()["reason"]
    assert len(said) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("cache", [True, False])
async def test_what_the_model_reads_is_kept_where_the_editor_lets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, cache: bool
) -> None:
    """Editors tell what is no danger beside the user's own settings."""
    opened: list[Settings] = []

    async def open_model(settings: Settings, tell: object) -> NoModel:
        opened.append(settings)
        return NoModel("There is none.")

    monkeypatch.setattr(server, "open_model", open_model)
    ls = server.Dovetail({"model": "/one.gguf"})
    ls.protocol.client_capabilities = t.ClientCapabilities()
    monkeypatch.setattr(ls, "say", lambda *_: None)
    monkeypatch.setattr(server.Dovetail, "workspace", Workspace(None))
    told = {"settings": {"index": {"cache": cache}}}
    ls.begin(t.InitializeParams(capabilities=t.ClientCapabilities(), initialization_options=told))
    await ls.start()
    await asyncio.wait(ls.tasks)
    await ls.end()
    assert [(one.index.cache, one.model) for one in opened] == [(cache, "/one.gguf")]
