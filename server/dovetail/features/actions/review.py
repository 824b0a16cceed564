"""Last and least: a model looks at what it wrote, and may say no.

What every other gate let through is ranked by how sure the model is of it, and held back where it is sure that it is
wrong. It lets nothing through that another gate refused, and only a model that can judge is asked: a small one says
yes to anything.
"""

from __future__ import annotations

import re
from math import exp

from dovetail.context.evidence import Ledger
from dovetail.model.ask import Answer, Ask, Chat, ModelInfo, Silence, Steps
from dovetail.syntax import shape
from dovetail.text import Document, unified_diff

LEAST = 1_000_000_000
"""Parameters below which a model is not asked what it thinks."""
SURE = 0.7
"""Share of probability from which a no holds back."""
_BILLIONS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)b\b", re.IGNORECASE)
_SYSTEM = "You review one small change to a program. Answer YES where it does what was asked and nothing else, else NO."
_SHOWN = 4000
"""Characters of the difference that are shown."""


def unasked(model: ModelInfo | None, source: str, off: frozenset[str], vetted: str = "") -> str:
    """Why a model is not asked what it thinks of an edit, in words; "" where it is. The one rule for every action.

    vetted: what says more of its part than it could: its tests, or the graph that looked up what it chose.
    """
    if source != "model" or model is None:
        return "no model wrote it"
    if "review" in off:
        return "you switched it off"
    if vetted:
        return vetted
    if not judges(model):
        return f"{model.name} is too small to judge, or cannot be held to YES and NO"
    return ""


def judges(model: ModelInfo | None) -> bool:
    """Whether a model's opinion is worth the asking: it chats, can be held to two words, and is not too small."""
    if model is None or not model.chat or not model.grammar:
        return False
    told = model.details.get("parameters", "").replace(",", "")
    if told.isdigit():
        return int(told) >= LEAST
    named = _BILLIONS.search(model.name)  # of a model behind an endpoint its name is all that is known
    return named is not None and float(named[1]) * 1e9 >= LEAST


def margin(asked: str, path: str, before: Document, after: Document, ledger: Ledger) -> Steps[float | None]:
    """How sure the model is: from -1 (no) to 1 (yes); None where it does not say."""
    diff = unified_diff(path.rsplit("/", 1)[-1], before, after)[:_SHOWN]
    question = f"Asked: {asked}, and change nothing else.\n\n{diff}\nIs it right?"
    ask = Ask(Chat(_SYSTEM, question), 4, grammar=shape("yes-or-no"))
    answers: list[Answer] | Silence = yield ask
    if isinstance(answers, Silence) or not answers:
        return None
    ledger.count(answers)
    said = answers[0].text.strip()
    share = min(1.0, exp(answers[0].logprob * max(1, answers[0].tokens)))
    return share if said == "YES" else -share if said == "NO" else None
