"""Mechanisms that the user switched off, in one place: what asks for them goes unanswered.

What `pipeline.py` does itself it leaves out itself; it asks with `Off`.
"""

from __future__ import annotations

from typing import TypeVar

from dovetail.model.ask import Ask, Attempt, Lesson, Noted, Off, Past, Silence, Spare, Steps, Vain

T = TypeVar("T")
NOT_ASKED = "not asked, you switched it off"
"""What the evidence says of a gate; it is never one that was passed."""


def switched(steps: Steps[T], off: frozenset[str]) -> Steps[T]:
    """The same steps, without what is switched off."""
    sent: object = None
    try:
        while True:
            try:
                effect = steps.send(sent)
            except StopIteration as end:
                return end.value
            match effect:
                case Off():
                    sent = off
                case Past() if "cache" in off:
                    sent = ()
                case Vain() if "attempts" in off:
                    sent = ()
                case Noted() if "notes" in off:
                    sent = ()
                case Lesson() if "cache" in off:
                    sent = None
                case Attempt() if "attempts" in off:
                    sent = None
                case Ask() if "model" in off:
                    sent = Silence("the model is switched off")
                case Spare() if "spare" in off or "model" in off:
                    sent = Silence("it is switched off")
                case _:
                    sent = yield effect
    finally:
        steps.close()
