"""What does a sentence ask for? Told by weights that a person can read (`intent.toml`); a model only breaks a tie.

Deterministic: the same sentence gives the same scores. On a tie the kind that changes nothing wins. A sentence that
does not say what about is asked back instead of guessed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dovetail.graph import Symbol
from dovetail.model.ask import Answer, Ask, Chat, ModelInfo, Silence, Steps

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Here:
    """What there is at the place that the sentence is about."""

    finding: bool = False
    """A diagnostic, a syntax error, an unknown name."""
    symbol: bool = False
    selection: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """What is asked for."""

    kind: str
    """`refuse`, `explain`, `search`, `validate`, `fix`, `generate` or `edit`."""
    action: str
    """The name of the action that does it; "" where none does."""
    scores: Mapping[str, float]
    by_model: bool = False
    data: tuple[tuple[str, str], ...] = ()
    """What the sentence says besides: a new name, a parameter."""


@dataclass(frozen=True, slots=True)
class Question:
    """What must be said first."""

    text: str


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("intent.toml").read_text("utf-8"))


@cache
def _signals() -> tuple[tuple[re.Pattern[str], dict[str, float]], ...]:
    kinds = _table()["kinds"]
    return tuple(
        (re.compile(row["pattern"]), {kind: row[kind] for kind in kinds if kind in row}) for row in _table()["signals"]
    )


def scores(sentence: str) -> dict[str, float]:
    """What speaks for each kind, the likeliest first; of equals the one that changes less."""
    text = " ".join(sentence.lower().replace("’", "'").split())
    found: dict[str, float] = dict.fromkeys(_table()["kinds"], 0.0)
    for pattern, weights in _signals():
        if pattern.search(text):
            for kind, weight in weights.items():
                found[kind] += weight
    order = list(found)
    return dict(sorted(found.items(), key=lambda pair: (-round(pair[1], 6), order.index(pair[0]))))


def understand(sentence: str, here: Here, model: ModelInfo | None = None) -> Steps[Intent | Question]:
    """The intent of a sentence, or what to ask back."""
    table = _table()
    ranked = scores(sentence)
    (kind, best), (rival, second) = list(ranked.items())[:2]
    if not sentence.strip():
        return Question("what should be done? for example “explain this” or “add validation to total”")
    if best < table["least"]:
        return Question(
            "it is not clear what is wanted; say it with a verb: explain, find, validate, fix, write, change"
        )
    by_model = False
    if best - second < table["close"]:
        chosen = yield from _classified(sentence, (kind, rival), model)
        by_model = chosen is not None
        kind = chosen or min((kind, rival), key=table["kinds"].index)
    question = _vague(sentence, kind, here)
    if question:
        return Question(question)
    action, data = _action(sentence, kind)
    return Intent(kind, action, ranked, by_model, data)


def _classified(sentence: str, kinds: tuple[str, str], model: ModelInfo | None) -> Steps[str | None]:
    """Which of two, by a model that can say nothing else."""
    if model is None or not model.chat:
        return None
    grammar = f'root ::= "{kinds[0]}" | "{kinds[1]}"'
    prompt = Chat(
        "You sort requests to a programming tool. Answer with one word.", f"{sentence}\n\n{' or '.join(kinds)}?"
    )
    answers: list[Answer] | Silence = yield Ask(prompt, 8, temperature=0.1, grammar=grammar)
    said = answers[0].text.strip() if not isinstance(answers, Silence) and answers else ""
    return said if said in kinds else None


def _vague(sentence: str, kind: str, here: Here) -> str:
    """What to ask back; "" where the sentence or the place says what it is about."""
    words = set(_WORD.findall(sentence.lower())) - set(_table()["vague"])
    if kind == "fix" and not here.finding and not words:
        return "fix what? There is no diagnostic here and nothing is selected; point at a line, or name a failing test"
    if kind in ("explain", "validate", "generate", "edit") and not (here.symbol or here.selection) and len(words) < 2:
        return f"{kind} what? Point at a name, or select something"
    if kind == "edit" and not words:
        return "change it how? For example rename, extract, simplify"
    return ""


def vague(word: str) -> bool:
    """Whether a word says nothing of what a sentence is about."""
    return word.lower() in _table()["vague"]


def named(sentence: str, symbols: Sequence[Symbol]) -> Symbol | None:
    """The symbol that a sentence names."""
    known = {word: symbol for symbol in reversed(symbols) for word in (symbol.name, symbol.qualified)}
    said = words(sentence)
    found = [number for number, word in enumerate(said) if word in known]
    # "add validation to total" is about `total`, also where something is called `add`
    behind = [number for number in found if number and said[number - 1].lower() in BEFORE_A_NAME]
    number = next(iter((*behind, *(number for number in found if number), *found)), None)
    return known[said[number]] if number is not None else None


BEFORE_A_NAME = ("to", "of", "for", "in", "from", "function", "method", "class")


def words(sentence: str) -> list[str]:
    """The words of a sentence, names as they are written."""
    return re.sub(r"[`?,]", " ", sentence).split()


def _action(sentence: str, kind: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The action, and what the sentence says besides."""
    text = sentence.lower()
    for row in _table()["actions"]:
        if kind in row["kinds"] and re.search(row["pattern"], text):
            said = (re.search(pattern, sentence.replace("\n", " "), re.IGNORECASE) for pattern in row.get("data", ()))
            found = next((match for match in said if match), None)
            data = found.groupdict() if found else {}
            return str(row["action"]), tuple((key, value) for key, value in data.items() if value)
    return (kind if kind in ("explain", "validate", "fix") else ""), ()
