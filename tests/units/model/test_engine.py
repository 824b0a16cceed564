"""The engine on the bundled model, and on tiny ones where only the file matters."""

from __future__ import annotations

import ast
import contextlib
import os
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dovetail.model.ask import NO_THOUGHT, Answer, Ask, Chat, Cost, Fim, Purpose, Thought
from dovetail.model.catalog import bundled
from dovetail.model.gguf import ModelRefused, read_header
from dovetail.model.llama import AskRefused, Cancelled, Engine
from tests.units.model import tiny

pytestmark = pytest.mark.model

PREFIX = '''import os


def read_config(path, default=None):
    """Read a configuration file."""
    if not os.path.exists(path):
        return default
    with open(path) as file:
        for line in file:
            name, value = line.'''
ENDLESS = r"root ::= [^\n]{900}"
"""Only its limit ends an answer."""
SUFFIX = """
            result[name] = value
    return result
"""


@pytest.fixture(scope="module")
def engine() -> Generator[Engine]:
    engine = Engine(read_header(bundled()), threads=1)
    yield engine
    engine.close()


@pytest.fixture
def make(tmp_path: Path) -> Generator[Callable[..., Engine]]:
    made: list[Engine] = []

    def make(**options: Any) -> Engine:
        made.append(Engine(read_header(tiny.write(tmp_path / f"{len(made)}.gguf", **options)), threads=1))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def answer(engine: Engine, ask: Ask, **options: Any) -> list[Answer]:
    steps = engine.complete(ask, lambda: False, **options)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def typing(prefix: str = PREFIX, suffix: str = SUFFIX, **options: Any) -> Ask:
    return Ask(Fim(prefix, suffix), limit=24, stop=("\n",), purpose="typing", **options)


# --- what it says ------------------------------------------------------------------------------------


def test_the_middle_is_filled_in(engine: Engine) -> None:
    (said,) = answer(engine, typing())
    assert said.text.strip()
    assert "\n" not in said.text
    assert said.tokens > 0
    assert said.logprob < 0


def test_the_same_question_has_the_same_answer_whatever_came_before(engine: Engine) -> None:
    engine.forget()
    first = answer(engine, typing())
    answer(engine, typing(PREFIX + "strip().", "\n"))
    answer(engine, Ask(Fim("def add(a, b):\n    return "), limit=20, candidates=3, temperature=0.8))
    for cut in range(0, len(PREFIX), 7):
        answer(engine, typing(PREFIX[:cut]))
    again = answer(engine, typing())
    assert [(a.text, a.logprob, a.tokens) for a in again] == [(a.text, a.logprob, a.tokens) for a in first]


def test_what_was_asked_before_is_not_evaluated_again(engine: Engine) -> None:
    engine.forget()
    (cold,) = answer(engine, typing())
    (same,) = answer(engine, typing())
    (typed,) = answer(engine, typing(PREFIX + "s"))
    assert cold.reused == 0
    assert same.reused == same.prompt_tokens - 1
    assert typed.reused >= typed.prompt_tokens - 3


def test_each_purpose_keeps_its_prefix(engine: Engine) -> None:
    engine.forget()
    answer(engine, typing())
    answer(engine, Ask(Fim("class A:\n    "), limit=8, purpose="action"))
    answer(engine, Ask(Fim("def f():\n    "), limit=8, purpose="hover"))
    (again,) = answer(engine, typing())
    assert again.reused == again.prompt_tokens - 1


def test_a_model_that_sees_a_window_reuses_what_it_sees(make: Callable[..., Engine]) -> None:
    """llama.cpp writes over what a sequence cannot see any more, which another end of it would see."""
    engine, fresh = make(window=32, layers=3), make(window=32, layers=3)
    random = Random(3)
    written: dict[Purpose, str] = {}
    purposes: tuple[Purpose, ...] = ("typing", "hover", "action")
    reused = 0
    for _ in range(60):
        purpose = random.choice(purposes)
        before = written.get(purpose, "")
        kept = before[: random.randrange(60, len(before))] if before else ""
        more = "".join(random.choices("abcdefgh \n", k=random.randrange(1, 150)))
        written[purpose] = f"{kept}{more}{'ab' * max(0, 100 - len(kept + more) // 2)}"[:430]
        ask = Ask(Fim(written[purpose]), limit=4, purpose=purpose)
        (said,) = answer(engine, ask)
        fresh.forget()
        (anew,) = answer(fresh, ask)
        reused += said.reused
        assert (said.text, said.logprob) == (anew.text, pytest.approx(anew.logprob, abs=5e-3))
    assert reused


def test_candidates_are_those_of_their_seeds(engine: Engine) -> None:
    ask = Ask(Fim(PREFIX, SUFFIX), limit=12, candidates=4, temperature=0.8, seed=5)
    together = [said.text for said in answer(engine, ask)]
    alone = [answer(engine, replace(ask, candidates=1, seed=5 + i))[0].text for i in range(4)]
    assert together == alone
    assert len(set(together)) > 1


def test_the_prompt_is_evaluated_once_for_all_candidates(engine: Engine) -> None:
    engine.forget()
    cost = Cost()
    ask = Ask(Fim(PREFIX, SUFFIX), limit=4, candidates=5, temperature=1.0, grammar=ENDLESS)
    first, *others = answer(engine, ask, cost=cost)
    assert first.reused == 0
    assert {other.reused for other in others} == {first.prompt_tokens}
    assert (cost.evaluated, cost.reused) == (first.prompt_tokens, 0)
    assert cost.written == sum(one.tokens for one in (first, *others)) == 20
    again = Cost()
    answer(engine, ask, cost=again)
    assert (again.evaluated, again.reused) == (1, first.prompt_tokens - 1)


@pytest.mark.parametrize("grammar", [None, 'root ::= [a-z_]{1,9} "(" [a-z, ]{0,12} ")"'])
def test_in_one_batch_or_one_by_one_is_the_same(engine: Engine, grammar: str | None) -> None:
    ask = Ask(Fim(PREFIX, SUFFIX), limit=16, candidates=11, temperature=1.5, grammar=grammar)
    found: list[list[tuple[str, float, str]]] = []
    for width in (1, 3, 8):
        engine.forget()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "_width", width)
            found.append([(one.text, one.logprob, one.stopped) for one in answer(engine, ask)])
    assert found[0] == found[1] == found[2]
    assert len({text for text, _, _ in found[0]}) > 5


def test_more_candidates_than_the_cache_has_room_for_together(make: Callable[..., Engine]) -> None:
    engine = make(context=512)
    said = answer(engine, Ask(Fim("x" * 400), limit=256, candidates=9, temperature=2.0, grammar="root ::= [c-z]{256}"))
    assert [one.tokens for one in said] == [256] * 9


def test_log_probabilities_are_told_for_each_token(engine: Engine) -> None:
    (said,) = answer(engine, typing())
    assert len(said.logprobs) == said.tokens
    assert said.logprob == pytest.approx(sum(said.logprobs) / said.tokens)


def test_a_prefix_is_taken_over_from_another_purpose(engine: Engine) -> None:
    engine.forget()
    (cold,) = answer(engine, Ask(Fim(PREFIX, SUFFIX), limit=8, stop=("\n",), purpose="prefetch"))
    (warm,) = answer(engine, Ask(Fim(PREFIX, SUFFIX), limit=8, stop=("\n",), purpose="typing"))
    assert warm.reused == warm.prompt_tokens - 1
    assert warm.text == cold.text
    (kept,) = answer(engine, Ask(Fim(PREFIX, SUFFIX), limit=8, stop=("\n",), purpose="prefetch"))
    assert kept.reused == kept.prompt_tokens - 1


def test_an_action_as_long_as_the_context_leaves_the_typing_its_prefix(make: Callable[..., Engine]) -> None:
    engine = make(context=4096)
    assert engine.info.context == 4096
    type_ = Ask(Fim("t" * 1500, "u" * 40), limit=24, purpose="typing")
    act = Ask(Fim("a" * 8000, ""), limit=64, candidates=5, temperature=1.0, purpose="action")
    answer(engine, type_)
    assert answer(engine, act)[0].prompt_tokens > 3900
    assert answer(engine, replace(act, prompt=Fim("h" * 2000), purpose="hover"))
    (again,) = answer(engine, type_)
    assert again.reused == again.prompt_tokens - 1


# --- dropping candidates, running out of time --------------------------------------------------------


def test_a_dropped_candidate_costs_nothing_more_and_the_others_go_on(engine: Engine) -> None:
    ask = Ask(Fim(PREFIX, SUFFIX), limit=24, candidates=4, temperature=0.9, grammar="root ::= [^~]{24}")
    whole = answer(engine, ask)
    told: dict[int, str] = {}

    def say(candidate: int, text: str) -> None:
        told[candidate] = told.get(candidate, "") + text

    cost = Cost()
    said = answer(engine, ask, say=say, dropped=lambda i: i % 2 == 1 and len(told.get(i, "")) > 3, cost=cost)
    assert [one.stopped for one in said][1::2] == ["cancelled"] * 2
    assert [one.text for one in said][::2] == [one.text for one in whole][::2]
    for one, all_of_it in zip(said, whole, strict=True):
        assert all_of_it.text.startswith(one.text)
        assert told[said.index(one)].startswith(one.text)
    assert said[1].tokens < whole[1].tokens
    assert cost.written == sum(one.tokens for one in said)


def test_when_the_time_is_over_what_is_there_is_the_answer(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("dovetail.model.llama.time.monotonic", lambda: now)
    ask = Ask(Fim(PREFIX, SUFFIX), limit=30, candidates=2, temperature=0.9, seconds=1.0, grammar="root ::= [^~]{30}")
    whole = answer(engine, replace(ask, seconds=None))

    def say(candidate: int, text: str) -> None:
        nonlocal now
        now += 0.1

    said = answer(engine, ask, say=say)
    assert [one.stopped for one in said] == ["time", "time"]
    assert all(0 < one.tokens < 10 for one in said)
    assert all(b.text.startswith(a.text) for a, b in zip(said, whole, strict=True))
    engine.forget()
    said = answer(engine, replace(ask, seconds=-1.0))
    assert [(one.text, one.stopped) for one in said] == [("", "time")]
    assert answer(engine, replace(ask, seconds=None))[0].text == whole[0].text


def test_generation_ends_at_the_limit_and_before_a_stop(make: Callable[..., Engine]) -> None:
    engine = make()
    word = 'root ::= "cdefghij"'  # a token each
    (limited,) = answer(engine, Ask(Fim("x"), limit=3, grammar=word))
    assert (limited.text, limited.tokens, limited.stopped) == ("cde", 3, "limit")
    (stopped,) = answer(engine, Ask(Fim("x"), limit=30, grammar=word, stop=("zz", "hi", "efghij")))
    assert (stopped.text, stopped.stopped) == ("cdefg", "stop")
    (whole,) = answer(engine, Ask(Fim("x"), limit=30, grammar=word))
    assert (whole.text, whole.tokens, whole.stopped) == ("cdefghij", 8, "grammar")


def test_half_a_character_is_not_told(make: Callable[..., Engine]) -> None:
    engine = make()
    (said,) = answer(engine, Ask(Fim("x"), limit=3, grammar='root ::= "éé"'))
    assert said.text == "é"  # three of four bytes


def test_a_piece_may_be_long(make: Callable[..., Engine]) -> None:
    engine = make(words=("Ġ" * 200,))
    assert engine.piece(6 + 256 + 1) == b" " * 200


# --- the prompt --------------------------------------------------------------------------------------


def test_the_bundled_model_gets_the_suffix_first(engine: Engine) -> None:
    ids = engine.tokenize
    assert engine.prompt(typing("a = ", "\nb = 2")) == [1, 2, *ids("\nb = 2"), 3, *ids("a = ")]
    assert engine.info.fim == "suffix-first"


def test_qwen_gets_the_prefix_first_and_other_files_between_its_markers(make: Callable[..., Engine]) -> None:
    engine = make(name="Qwen2.5 Coder 0.5B")
    ids = engine.tokenize
    assert engine.prompt(typing("P", "S")) == [1, *ids("P"), 2, *ids("S"), 3]
    wish = Fim("P", "S", (("a.py", "A"),), "b.py")
    files = [4, *ids("project\n"), 5, *ids("a.py\nA"), 5, *ids("b.py\n")]
    assert engine.prompt(Ask(wish, limit=8)) == [*files, 1, *ids("P"), 2, *ids("S"), 3]
    assert engine.info.repository


def test_markers_that_llama_cpp_does_not_know_are_found_by_their_spelling(make: Callable[..., Engine]) -> None:
    control = (tiny.END, "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<repo_name>", "<file_sep>")
    ids = make(name="starcoder2", control=control).prompt(Ask(Fim("P", "S", (("a", "A"),)), limit=8))
    assert [token for token in ids if token < len(control)] == [4, 5, 1, 2, 3]
    engine = make(name="Codestral", control=(tiny.END, "[PREFIX]", "[SUFFIX]"))
    assert engine.prompt(typing("P", "S")) == [2, *engine.tokenize("S"), 1, *engine.tokenize("P")]
    assert engine.info.fim == "suffix-first"


def test_a_file_may_tell_its_order(make: Callable[..., Engine]) -> None:
    engine = make(metadata={"dovetail.fim.order": "suffix-first", "dovetail.training.length": 128})
    assert engine.prompt(typing("P", "S")) == [1, 2, *engine.tokenize("S"), 3, *engine.tokenize("P")]
    assert engine.info.context == 128


def test_no_text_becomes_a_control_token(engine: Engine) -> None:
    marks = "".join(("<|endoftext|>", *tiny.QWEN))
    ids = engine.prompt(Ask(Fim(marks, marks, ((marks, marks),), marks), limit=8))
    assert [token for token in ids if token < 8] == [6, 6, 1, 2, 3]  # the separators of two files, pre, suf, mid


def test_a_model_without_markers_is_refused(make: Callable[..., Engine]) -> None:
    engine = make(control=(tiny.END,))
    assert engine.info.fim is None
    with pytest.raises(AskRefused, match="tiny cannot fill in the middle"):
        answer(engine, typing())


def test_a_long_prompt_is_trimmed_and_keeps_what_is_near(engine: Engine) -> None:
    lines = "".join(f"value_{i} = {i}\n" for i in range(2000))
    ids = engine.prompt(typing(lines + "the_end", "the_start\n" + lines))
    room = engine.info.context - 24
    assert room - 64 - 4 <= len(ids) <= room
    assert ids[-len(engine.tokenize("the_end")) :] == engine.tokenize("the_end")
    assert ids[2:4] == engine.tokenize("the_start\n" + lines)[:2]
    (said,) = answer(engine, typing(lines + "the_end", lines))
    assert said.prompt_tokens <= room


def test_a_trimmed_prompt_keeps_its_start_while_one_types(engine: Engine) -> None:
    lines = "".join(f"value_{i} = {i}\n" for i in range(2000))
    prompts = [engine.prompt(typing(lines + "abcdefgh"[:i], "\n")) for i in range(8)]
    assert len({tuple(ids[:100]) for ids in prompts}) <= 2


def test_lone_surrogates_and_nul_are_survived(engine: Engine) -> None:
    assert answer(engine, typing("a = '\ud800\0'", "\udfff"))


# --- chat --------------------------------------------------------------------------------------------


def test_a_question_goes_through_the_models_own_template(make: Callable[..., Engine]) -> None:
    engine = make(control=(tiny.END, *tiny.CHAT), chat_template=tiny.CHATML)
    assert engine.info.chat
    ids = engine.tokenize
    expected = [
        1,
        *ids("system\nS"),
        2,
        *ids("\n"),
        1,
        *ids("user\nU<|im_end|>"),
        2,
        *ids("\n"),
        1,
        *ids("assistant\n"),
    ]
    prompt = engine.prompt(Ask(Chat("S", "U<|im_end|>"), limit=8))
    assert prompt == expected
    assert prompt.count(2) == 2  # the user's own `<|im_end|>` is plain text
    assert engine.prompt(Ask(Chat("", "U"), limit=8)) == [1, *ids("user\nU"), 2, *ids("\n"), 1, *ids("assistant\n")]
    assert answer(engine, Ask(Chat("S", "U"), limit=4))


def test_a_thinking_model_is_not_let_think(make: Callable[..., Engine]) -> None:
    thinking = tiny.CHATML + "{# enable_thinking: <think> #}"
    plain, thoughtful = (
        make(control=(tiny.END, *tiny.CHAT), chat_template=template) for template in (tiny.CHATML, thinking)
    )
    ask = Ask(Chat("Be brief.", "Why?"), limit=1)
    asked = thoughtful.prompt(ask)
    assert asked[: len(plain.prompt(ask))] == plain.prompt(ask)
    rest = b"".join(thoughtful.piece(token) for token in asked[len(plain.prompt(ask)) :])
    assert rest == b"<think>\n\n</think>\n\n"


def test_a_thinking_model_thinks_about_an_action_as_long_as_it_may_and_shows_none_of_it(
    tmp_path: Path,
) -> None:
    template = tiny.CHATML + "{# enable_thinking: <think> #}"
    file = tiny.write(tmp_path / "thinks.gguf", control=(tiny.END, *tiny.CHAT), chat_template=template, context=1024)
    question = Chat("Be brief.", "Why?")

    def told(thought: Thought, ask: Ask) -> tuple[int, int, int, str]:
        """Tokens of the prompt that the answer goes on from, of the answer, of all that was written; the answer."""
        engine = Engine(read_header(file), threads=1, thought=thought)
        cost = Cost()
        (said,) = answer(engine, ask, cost=cost)
        engine.close()
        return said.prompt_tokens, said.tokens, cost.written, said.text

    ask = Ask(question, limit=4)
    short, tokens, written, _ = told(NO_THOUGHT, ask)
    assert written == tokens
    for seconds in (60.0, 0.0):
        longer, tokens, written, text = told(Thought(40, seconds), ask)
        thought = written - tokens
        assert (0 < thought <= 40) if seconds else thought == 0
        assert short + thought - 2 <= longer <= short + thought + 2  # the tags fall into other tokens
        assert "think>" not in text
    for other in (replace(ask, purpose="hover"), replace(ask, grammar='root ::= "a" | "b"')):
        assert told(Thought(40, 60.0), other)[0] == short


def test_a_model_without_a_template_answers_no_questions(engine: Engine) -> None:
    assert not engine.info.chat
    with pytest.raises(AskRefused, match="answers no questions: its file has no chat template"):
        answer(engine, Ask(Chat("S", "U"), limit=8))


def test_a_template_that_llama_cpp_does_not_know(make: Callable[..., Engine]) -> None:
    assert not make(chat_template="{{ raise_exception('no') }}").info.chat


def test_a_question_longer_than_the_context(make: Callable[..., Engine]) -> None:
    engine = make(control=(tiny.END, *tiny.CHAT), chat_template=tiny.CHATML)
    for length in (2000, 10**6):
        with pytest.raises(AskRefused, match="The question"):
            answer(engine, Ask(Chat("", "x" * length), limit=8))


# --- grammars ----------------------------------------------------------------------------------------

GUARD = r"""
root ::= "if " test ":\n    raise " ("ValueError" | "TypeError") "(" text ")"
test ::= name " is None" | "not isinstance(" name ", " ("int" | "str") ")" | name " " [<>] " " [1-9] [0-9]{0,2}
name ::= "path" | "default"
text ::= "\"" [a-z ]{1,20} "\""
"""


def test_what_a_grammar_lets_through_parses(engine: Engine) -> None:
    ask = Ask(Fim(PREFIX, SUFFIX), limit=64, candidates=100, temperature=1.5, grammar=GUARD)
    said = answer(engine, ask)
    assert len(said) == 100
    for one in said:
        if one.stopped == "grammar":
            ast.parse(one.text)
    assert sum(one.stopped == "grammar" for one in said) > 90
    assert len({one.text for one in said}) > 50


def test_a_grammar_holds_a_random_model(make: Callable[..., Engine]) -> None:
    for one in answer(make(), Ask(Fim("x"), limit=100, candidates=20, temperature=2.0, grammar=GUARD)):
        assert one.stopped == "grammar"
        ast.parse(one.text)


def test_an_answer_is_text_whatever_the_model(make: Callable[..., Engine]) -> None:
    """A vocabulary of bytes and random weights: half of what it likes to say is no character."""
    grammar = r"root ::= [^\n\uFFFD]{12}"
    said = answer(make(), Ask(Fim("x"), limit=60, candidates=40, temperature=5.0, grammar=grammar))
    assert len(said) == 40  # none came to where nothing fits, half a surrogate for one
    assert all(len(one.text) == 12 and "\ufffd" not in one.text for one in said)
    assert any(not one.text.isascii() for one in said)
    for one in answer(make(seed=1), Ask(Fim("x"), limit=40, candidates=40, temperature=5.0)):
        assert "\ufffd" not in one.text


def test_no_control_token_passes_for_its_letters(make: Callable[..., Engine]) -> None:
    for one in answer(make(), Ask(Fim("x"), limit=40, candidates=20, temperature=5.0, grammar='root ::= "<" .* "~"')):
        assert "fim_" not in one.text


def test_a_grammar_that_the_vocabulary_cannot_write(make: Callable[..., Engine]) -> None:
    engine = make(without=b"z")
    with pytest.raises(AskRefused, match="no token of this model fits"):
        answer(engine, Ask(Fim("x"), limit=8, grammar='root ::= "az"'))
    assert answer(engine, Ask(Fim("x"), limit=8, grammar='root ::= "a"'))[0].text == "a"


# --- drafts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grammar", [None, r'root ::= [^\n]* ("\n" [^\n]*)*'])
@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_a_draft_changes_no_answer_only_what_it_costs(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, temperature: float, grammar: str | None
) -> None:
    ask = Ask(Fim(PREFIX, ""), limit=24, temperature=temperature, grammar=grammar, stop=("\n\n",))
    decodes = 0
    decode = engine._decode

    def counting(*given: Any, **more: Any) -> bool:
        nonlocal decodes
        decodes += 1
        return decode(*given, **more)

    monkeypatch.setattr(engine, "_decode", counting)

    def said(draft: str) -> tuple[Answer, int]:
        nonlocal decodes
        decodes = 0
        (one,) = answer(engine, replace(ask, draft=draft))
        return replace(one, reused=0, seconds=0.0), decodes

    for seed in range(50):  # what is sampled need not be split as its text is, and then the text is no draft of it
        ask = replace(ask, seed=seed)
        if said("")[0].tokens == len(engine.tokenize(said("")[0].text)) > 8:
            break
    plain, alone = said("")
    assert plain.tokens > 8
    right, cheap = said(plain.text)
    assert right == plain
    assert cheap < alone / 2
    for draft in (plain.text[:9] + "????", "????", plain.text[1:], "é\ud800"[:1], plain.text * 3):
        assert said(draft)[0] == plain
    assert said("????")[1] <= alone + 1


def test_a_draft_that_is_cancelled_leaves_the_engine_in_order(engine: Engine) -> None:
    expected = answer(engine, typing())
    draft = answer(engine, replace(typing(), limit=60))[0].text
    for times in (0, 5, 40, 80):
        engine.forget()
        with contextlib.suppress(Cancelled):
            for _ in engine.complete(replace(typing(), limit=60, draft=draft), After(times)):
                pass
        assert answer(engine, typing())[0].text == expected[0].text


# --- cancelling, interrupting, running out of room ---------------------------------------------------


class After:
    """True from the n-th time that it is asked on."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self) -> bool:
        self.times -= 1
        return self.times < 0


@pytest.mark.parametrize("times", [0, 1, 50, 300, 700, 1500])
def test_a_cancelled_answer_leaves_the_engine_in_order(engine: Engine, times: int) -> None:
    engine.forget()
    expected = answer(engine, typing())
    engine.forget()
    long = Ask(Fim(Path(os.__file__).read_text()[:4000], SUFFIX), limit=200, purpose="typing", grammar=ENDLESS)
    with pytest.raises(Cancelled):
        for _ in engine.complete(long, After(times)):
            pass
    assert answer(engine, typing())[0].text == expected[0].text


def test_a_prompt_of_thousands_of_tokens_is_cancelled_where_it_stands(make: Callable[..., Engine]) -> None:
    engine = make(context=8192)
    ask = Ask(Fim("".join(f"value_{i} = {i}\n" for i in range(400))[:4000]), limit=8, purpose="typing")
    whole, read = len(engine.prompt(ask)), 0
    assert whole >= 4000
    for times in (0, 30, 300, 600):
        cost = Cost()
        with pytest.raises(Cancelled):
            for _ in engine.complete(ask, After(times), cost=cost):
                pass
        assert cost.reused == read  # what was read is not read again
        read += cost.evaluated
        assert read < whole
    rest = Cost()
    assert answer(engine, ask, cost=rest)
    assert rest.evaluated == whole - read < whole


def test_an_urgent_ask_is_answered_in_the_middle_of_another(engine: Engine) -> None:
    action = Ask(Fim(Path(os.__file__).read_text()[:3000]), limit=30, candidates=2, temperature=0.7)
    engine.forget()
    undisturbed = answer(engine, action)
    engine.forget()
    waiting = [50, 400, 900, 2000]  # something urgent arrives when so often was asked whether it has
    asked = 0

    def urgent() -> bool:
        nonlocal asked
        asked += 1
        return bool(waiting) and asked >= waiting[0]

    steps = engine.complete(action, lambda: False, urgent)
    quick: list[str] = []
    while True:
        try:
            next(steps)
        except StopIteration as end:
            disturbed = end.value
            break
        if waiting and asked >= waiting[0]:
            quick.append(answer(engine, typing())[0].text)
            waiting.pop(0)
    assert len(quick) == 4
    assert set(quick) == {answer(engine, typing())[0].text}
    assert [said.text for said in disturbed] == [said.text for said in undisturbed]


def test_a_full_cache_drops_what_was_used_longest_ago(make: Callable[..., Engine]) -> None:
    engine = make(context=4096)
    asks = {p: Ask(Fim(p * 400, ""), limit=4, purpose=p) for p in ("typing", "hover", "action")}
    alone = {}
    for purpose, ask in asks.items():
        engine.forget()
        alone[purpose] = answer(engine, ask)[0].text
    engine.forget()
    for purpose in ("typing", "hover", "action", "typing", "action", "hover"):
        assert answer(engine, asks[purpose])[0].text == alone[purpose]
    assert answer(engine, asks["hover"])[0].reused > 0


def test_llama_cpp_tells_why_it_does_not_load(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "a.gguf")
    path.write_bytes(path.read_bytes().replace(b"blk.0.attn_q", b"blk.0.attn_x"))
    with pytest.raises(ModelRefused, match=r"cannot load a.gguf \(.*tensor 'blk.0.attn_q.weight' not found\)"):
        Engine(read_header(path))
