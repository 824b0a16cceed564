"""What is answered without asking anew, and when the model is asked."""

from __future__ import annotations

from dovetail.context.evidence import Evidence
from dovetail.features.inline_completion import Answers, Quiet, Suggestion, is_deletion, next_line, rest_of, still_holds
from dovetail.features.inline_completion.acceptance import Acceptance
from dovetail.features.inline_completion.rhythm import Rhythm
from dovetail.text import Document, Edit, Span
from dovetail.world import File, World

BEFORE = Document.of("x = \ny = 2\n")
SHOWN = Suggestion("/a.py", Span(4, 4), "one(two)\n    three", -0.1, Evidence("completion"))


def test_the_rest_is_told_while_what_is_typed_agrees() -> None:
    typed = Document.of("x = one(tw\ny = 2\n")
    rest = rest_of(SHOWN, BEFORE, typed, Span(10, 10))
    assert rest is not None
    assert rest.text == "o)\n    three"


def test_also_across_a_line_that_was_accepted() -> None:
    typed = Document.of("x = one(two)\n    \ny = 2\n")
    rest = rest_of(SHOWN, BEFORE, typed, Span(17, 17))
    assert rest is not None
    assert rest.text == "three"


def test_another_word_or_another_place_ends_it() -> None:
    assert rest_of(SHOWN, BEFORE, Document.of("x = ore\ny = 2\n"), Span(7, 7)) is None
    assert rest_of(SHOWN, BEFORE, Document.of("x = one\ny = 3\n"), Span(7, 7)) is None


def test_an_answer_is_found_again_after_a_detour() -> None:
    answers = Answers()
    answers.keep("/a.py", BEFORE, Span(4, 4), SHOWN)
    found = answers.find("/a.py", Document.of("x = on\ny = 2\n"), Span(6, 6))
    assert isinstance(found, Suggestion)
    assert found.text == "e(two)\n    three"
    assert answers.find("/a.py", Document.of("x = no\ny = 2\n"), Span(6, 6)) is None
    assert answers.find("/b.py", BEFORE, Span(4, 4)) is None


def test_a_silence_answers_only_where_it_was_and_only_if_it_lasts() -> None:
    answers = Answers()
    answers.keep("/a.py", BEFORE, Span(4, 4), Quiet("no", Evidence("completion")))
    assert isinstance(answers.find("/a.py", BEFORE, Span(4, 4)), Quiet)
    assert answers.find("/a.py", Document.of("x = o\ny = 2\n"), Span(5, 5)) is None
    answers.keep("/b.py", BEFORE, Span(4, 4), Quiet("late", Evidence("completion"), lasting=False))
    assert answers.find("/b.py", BEFORE, Span(4, 4)) is None


def test_where_the_model_had_nothing_to_say_it_is_not_asked_again_within_a_word() -> None:
    answers = Answers()
    answers.keep("/a.py", BEFORE, Span(4, 4), Quiet("not sure", Evidence("completion", model="small")))
    assert answers.silent("/a.py", Document.of("x = on\ny = 2\n"), Span(6, 6))
    assert not answers.silent("/a.py", Document.of("x = one\ny = 2\n"), Span(7, 7))
    assert not answers.silent("/a.py", Document.of("x = o.\ny = 2\n"), Span(6, 6))


def test_only_so_many_answers_are_kept() -> None:
    answers = Answers(most=2)
    for name in ("/a.py", "/b.py", "/c.py"):
        answers.keep(name, BEFORE, Span(4, 4), SHOWN)
    assert answers.find("/a.py", BEFORE, Span(4, 4)) is None
    assert answers.find("/c.py", BEFORE, Span(4, 4)) is not None


def test_an_answer_of_before_must_hold_today() -> None:
    world = World()
    world.open("/a.py", "def f(price):\n    return \n", 1, "python")
    said = Suggestion("/a.py", Span(25, 25), "price", -0.1, Evidence("completion"))
    assert still_holds(world.snapshot(), said)
    world.edit("/a.py", 2, [lambda _: Edit(Span(6, 11), b"costs")])
    assert not still_holds(world.snapshot(), said)


def test_taking_back_is_told_from_typing() -> None:
    assert is_deletion(Document.of("abc d"), Document.of("ab d"), 2)
    assert not is_deletion(Document.of("ab d"), Document.of("abc d"), 3)
    assert not is_deletion(Document.of("abc d"), Document.of("xb d"), 2)


def test_a_new_line_is_indented_as_an_editor_would() -> None:
    document = Document.of("def f(x):\n    if x:\n")
    file = File.open("/a.py", document, 1, "python")
    assert next_line(document, file, 19) == "\n        "
    assert next_line(Document.of("x = 1\r\n"), file, 5) == "\r\n"


def test_a_fast_model_is_asked_between_two_keys() -> None:
    rhythm = Rhythm()
    assert rhythm.wait(0.06) == 0.06
    for n in range(6):
        rhythm.key(0.2 * n)
    rhythm.answered(0.03)
    assert rhythm.wait(0.06) == 0.0


def test_a_slow_model_waits_for_a_pause_but_never_longer_than_said() -> None:
    rhythm = Rhythm()
    for n in range(6):
        rhythm.key(0.1 * n)
    rhythm.answered(0.08)
    assert 0.1 < rhythm.wait(1.0) < 0.15
    assert rhythm.wait(0.05) == 0.05


def test_inside_of_a_word_the_next_letter_is_waited_for() -> None:
    rhythm = Rhythm()
    for n in range(6):
        rhythm.key(0.1 * n)
    rhythm.answered(0.01)
    assert rhythm.wait(1.0) == 0.0
    assert 0.1 < rhythm.wait(1.0, in_word=True) <= 0.2


def test_who_takes_only_what_is_sure_is_shown_only_what_is_sure() -> None:
    learnt = Acceptance()
    assert learnt.threshold(0.35) == 0.35
    for n in range(30):
        learnt.shown(f"doubtful-{n}", 0.4)
        learnt.shown(f"sure-{n}", 0.9)
        learnt.taken(f"sure-{n}")
    assert learnt.threshold(0.35) == 0.35  # half is taken
    for n in range(90):
        learnt.shown(f"more-{n}", 0.4)
    assert 0.4 < learnt.threshold(0.35) <= 0.9


def test_an_editor_that_never_tells_what_was_taken_teaches_nothing() -> None:
    learnt = Acceptance()
    for n in range(60):
        learnt.shown(f"one-{n}", 0.9)
    assert learnt.threshold(0.35) == 0.35
    learnt.taken("one-59")
    assert learnt.threshold(0.35) > 0.35
