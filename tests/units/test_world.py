"""What the world knows of files on disk."""

from __future__ import annotations

from dovetail.features.renaming import Renaming, renaming
from dovetail.graph import FileFacts
from dovetail.graph.file import digest
from dovetail.model.ask import through
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
    made = through(renaming(world.snapshot(), "/p/shop.py", 4, "size"))
    assert isinstance(made, Renaming), made
    assert set(made.change().edits) == set(disk)
    disk["/p/uses.py"] = b"# new\n" + _USES
    assert isinstance(through(renaming(world.snapshot(), "/p/shop.py", 4, "size")), str), "it is another text by now"


def test_what_a_file_on_disk_is_known_to_say_is_not_told_again_when_it_is_looked_at() -> None:
    world = World(["/p"], {"/p/uses.py": _USES}.get)
    world.learn([("/p/uses.py", facts_of("/p/uses.py", _USES), None)])
    opened = world.snapshot().opened("/p/uses.py")
    assert opened is not None
    facts = opened.files["/p/uses.py"].facts
    assert facts is not None
    assert facts.tree is not None
    assert facts.leaves is opened.graph.files["/p/uses.py"].leaves


def test_a_method_is_renamed_in_every_file_that_shows_its_object_and_others_are_heard_in_between() -> None:
    shop = "class Cart:\n    def draw(self):\n        return 1\n"
    uses = b"from shop import Cart\n\n\ndef use():\n    cart = Cart()\n    return cart.draw()\n"
    disk = {"/p/shop.py": shop.encode(), **{f"/p/use{n}.py": uses for n in range(40)}}
    world = World(["/p"], disk.get)
    world.learn((path, facts_of(path, text), None) for path, text in disk.items())
    world.open("/p/shop.py", shop, 1, None)
    steps, heard = renaming(world.snapshot(), "/p/shop.py", shop.index("draw"), "paint"), 0
    while True:
        try:
            next(steps)
            heard += 1
        except StopIteration as end:
            made: Renaming | str = end.value
            break
    assert isinstance(made, Renaming), made
    assert set(made.sure) == set(disk)
    assert not made.guesses
    assert heard >= 2 * len(disk)
