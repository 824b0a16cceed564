"""The lines of the project that a model is shown: chosen once for a line, kept while it is typed, and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from dovetail.context.evidence import Ledger
from dovetail.features.inline_completion.complete import similar
from dovetail.features.inline_completion.prompt import prompt
from dovetail.model.ask import Count, Fim, ModelInfo, Steps
from dovetail.recall import Library, Recalled
from dovetail.text import Edit, Span
from dovetail.world import Selection, World

SHOP = """def sold(order):
    for item in order:
        log.info("sold %s", item.name)


def lost(order):
    for item in order:
        log.info("lost %s", item.name)
"""
HERE = """def found(order):
    for item in order:
        {}
"""
T = TypeVar("T")
INFO = ModelInfo("m", "", "", 1024, "suffix-first", chat=False, repository=True)


def told(steps: Steps[T]) -> T:
    """Run, a token being four characters."""
    answer = None
    while True:
        try:
            effect = steps.send(answer)
        except StopIteration as end:
            return end.value
        answer = [len(text) // 4 + 1 for text in effect.texts] if isinstance(effect, Count) else None


class Desk:
    """Two files, one of which is written in."""

    def __init__(self, *, private: bool = False) -> None:
        self.world, self.library = World(["/p"]), Library()
        self.world.open("/p/shop.py", SHOP, 1, "python", private=private)
        text, self.version = HERE.format("⟨⟩"), 1
        self.at = len(text[: text.index("⟨⟩")])
        self.world.open("/p/desk.py", text.replace("⟨⟩", ""), 1, "python")

    def type(self, text: str) -> None:
        self.version += 1
        self.world.edit("/p/desk.py", self.version, [lambda _: Edit(Span(self.at, self.at), text.encode())])
        self.at += len(text)

    def lines(self, model: ModelInfo = INFO) -> list[Recalled]:
        snapshot = self.world.snapshot()
        file = snapshot.file("/p/desk.py")
        assert file is not None
        return told(similar(snapshot, file, Selection(file.path, Span(self.at, self.at)), model, self.library))

    def asked(self, lines: Sequence[Recalled], tokens: int = 448) -> tuple[Fim, Ledger]:
        snapshot, ledger = self.world.snapshot(), Ledger("completion", INFO)
        file = snapshot.file("/p/desk.py")
        assert file is not None
        at = Selection(file.path, Span(self.at, self.at))
        return told(prompt(snapshot, file, at, INFO, tokens, 40, ledger, lines))[0], ledger


def test_lines_that_follow_the_same_words_are_shown_and_told() -> None:
    desk = Desk()
    fim, ledger = desk.asked(desk.lines())
    assert fim.context == (
        (
            "shop.py",
            '    for item in order:\n        log.info("sold %s", item.name)\n'
            '    for item in order:\n        log.info("lost %s", item.name)\n',
        ),
    )
    said = [piece for piece in ledger.used if piece.what == "a line that goes on like this"]
    assert {(piece.path, piece.line) for piece in said} == {("/p/shop.py", 2), ("/p/shop.py", 7)}
    assert all(piece.tokens for piece in said)


def test_they_stay_while_a_line_is_typed_and_change_with_it() -> None:
    desk = Desk()
    before = desk.lines()
    for key in 'log.info("':
        desk.type(key)
        assert desk.lines() is before
    desk.type('found", item)\n')
    assert desk.lines() is not before


def test_making_the_next_line_ready_does_not_change_what_this_one_shows() -> None:
    desk = Desk()
    before, at = desk.lines(), desk.at
    desk.type("pass\n        ")
    desk.lines()
    desk.version += 1
    desk.world.edit("/p/desk.py", desk.version, [lambda _: Edit(Span(at, desk.at), b"l")])
    desk.at = at + 1
    assert desk.lines() is before


def test_a_prompt_only_grows_while_a_line_is_typed() -> None:
    desk = Desk()
    first, _ = desk.asked(desk.lines())
    for key in 'log.warn("':
        desk.type(key)
        fim, _ = desk.asked(desk.lines())
        assert (fim.context, fim.suffix, fim.path) == (first.context, first.suffix, first.path)
        assert fim.prefix.startswith(first.prefix)


def test_where_nothing_was_found_it_is_looked_for_again() -> None:
    desk = Desk()
    desk.type("zzq")
    assert not desk.lines()
    desk.version, desk.at = desk.version + 1, desk.at - 3
    desk.world.edit("/p/desk.py", desk.version, [lambda _: Edit(Span(desk.at, desk.at + 3), b"")])
    assert desk.lines()


def test_a_file_that_the_project_leaves_out_is_not_quoted() -> None:
    assert not Desk(private=True).lines()
    desk = Desk()
    assert desk.lines()
    desk.world.leave_out(["/p/shop.py"])
    assert not desk.lines()


def test_what_was_closed_is_not_quoted_any_more() -> None:
    desk = Desk()
    assert desk.lines()
    desk.world.close("/p/shop.py")
    assert not desk.lines()


def test_nothing_of_another_folder_goes_to_a_model_on_another_machine() -> None:
    """Whoever asks is asked about the trust of one folder alone."""
    desk, away = Desk(), replace(INFO, away=True)
    assert desk.lines(away)
    desk = Desk()
    desk.world.set_roots(["/p", "/q"])
    desk.world.close("/p/shop.py")
    desk.world.open("/q/shop.py", SHOP, 1, "python")
    assert desk.lines()
    assert not desk.lines(away)


def test_a_model_that_is_shown_one_file_alone_is_shown_no_lines() -> None:
    assert not Desk().lines(replace(INFO, repository=False))


def test_they_take_their_share_of_a_prompt_and_no_more() -> None:
    desk = Desk()
    fim, _ = desk.asked(desk.lines(), tokens=80)
    assert len(fim.context) == 1
    assert fim.context[0][1].count("\n") == 2
    assert desk.asked([replace(line, lines="x" * 150) for line in desk.lines()], tokens=80)[0].context == ()
