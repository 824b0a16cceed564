"""What the world knows of files on disk."""

from __future__ import annotations

from dovetail.features.renaming import Renaming, renaming
from dovetail.graph import FileFacts
from dovetail.graph.file import digest
from dovetail.syntax import Tree, language_for
from dovetail.text import Document
from dovetail.world import World

_AREA = b"def area(width):\n    return width\n"
_USES = b"from shop import area\n\nprint(area(1))\n"


def facts_of(path: str, text: bytes) -> FileFacts:
    language = language_for(path)
    assert language is not None
    return FileFacts.of(Tree.parse(language, Document(text)), digest(text))


def test_a_name_is_changed_in_every_file_also_where_there_are_too_many_to_keep() -> None:
    disk = {"/p/shop.py": _AREA, "/p/uses.py": _USES}
    world = World(["/p"], disk.get)
    world.learn((path, facts_of(path, text), None) for path, text in disk.items())
    world.open("/p/shop.py", _AREA.decode(), 1, None)
    made = renaming(world.snapshot(), "/p/shop.py", 4, "size")
    assert isinstance(made, Renaming), made
    assert set(made.change().edits) == set(disk)
    disk["/p/uses.py"] = b"# new\n" + _USES
    assert isinstance(renaming(world.snapshot(), "/p/shop.py", 4, "size"), str), "it is another text by now"
