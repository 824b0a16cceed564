"""How far the search for the places of a name goes."""

from __future__ import annotations

import pytest

from dovetail.features.renaming import Renaming, renaming
from dovetail.model.ask import through
from dovetail.world import World

_UNKNOWN = "def run(x, path):\n" + "    x.fetch(path=path)\n" * 50


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dovetail.features.renaming.found.MOST", 20)


def renamed(files: dict[str, str], about: str, new: str) -> Renaming | str:
    world = World(["/project"])
    for path, text in files.items():
        world.open(f"/project/{path}", text, 1, None)
    return through(renaming(world.snapshot(), "/project/a.py", files["a.py"].index(about), new))


def test_places_that_are_guessed_push_out_none_that_is_sure() -> None:
    files = {
        "a.py": "class A:\n    def fetch(self, path):\n        return path\n",
        "b.py": _UNKNOWN,
        "c.py": "from a import A\n\nA().fetch(path=1)\n",
    }
    for about, name in (("fetch", "load"), ("path", "file")):
        found = renamed(files, about, name)
        assert isinstance(found, Renaming)
        assert "/project/c.py" in found.sure
        assert any("more than 20 other places may mean fetch" in note for note in found.notes)


@pytest.mark.parametrize("about", ["fetch", "path"])
def test_a_name_in_too_many_places_is_refused(about: str) -> None:
    files = {"a.py": "def fetch(path):\n    return path\n\n\n" + "fetch(path=1)\n" * 30}
    found = renamed(files, about, "load")
    assert found == "fetch is named in more than 20 places"


def test_a_parameter_is_renamed_where_its_function_has_another_name() -> None:
    files = {
        "a.py": "def fetch(path):\n    return path\n",
        "b.py": "from a import fetch as read\n\nread(path=1)\n",
        "c.py": "from b import read\n\nread(path=2)\n",
    }
    found = renamed(files, "path", "file")
    assert isinstance(found, Renaming)
    assert {path: len(spans) for path, spans in found.sure.items()} == {
        "/project/a.py": 2, "/project/b.py": 1, "/project/c.py": 1,
    }  # fmt: skip
