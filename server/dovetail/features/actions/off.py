"""Mechanisms that the user switched off, in one place: what asks for them goes unanswered.

What `pipeline.py` does itself it leaves out itself; it asks with `Off`.
"""

from __future__ import annotations

from typing import Any, TypeVar

from dovetail.model.ask import Ask, Attempt, Effect, Lesson, Noted, Off, Past, Silence, Spare, Steps, Vain, answered

T = TypeVar("T")
NOT_ASKED = "not asked, you switched it off"
"""What the evidence says of a gate; it is never one that was passed."""


def switched(steps: Steps[T], off: frozenset[str]) -> Steps[T]:
    """The same steps, without what is switched off."""

    def answer(effect: Effect) -> Steps[Any]:
        match effect:
            case Off():
                return off
            case Past() if "cache" in off:
                return ()
            case Vain() if "attempts" in off:
                return ()
            case Noted() if "notes" in off:
                return ()
            case Lesson() if "cache" in off:
                return None
            case Attempt() if "attempts" in off:
                return None
            case Ask() if "model" in off:
                return Silence("the model is switched off")
            case Spare() if "spare" in off or "model" in off:
                return Silence("it is switched off")
            case _:
                return (yield effect)

    return answered(steps, answer)
