"""Steps that ask for nothing but how many tokens texts have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from dovetail.model.ask import Count, Effect, Stage, Steps, answered, through

T = TypeVar("T")


def driven(steps: Steps[T], count: Callable[[Sequence[str]], list[int]]) -> T:
    """What they come to, with the tokens counted like this."""

    def answer(effect: Effect) -> Steps[Any]:
        if isinstance(effect, Count):
            return count(effect.texts)
        assert isinstance(effect, Stage), effect
        return (yield effect)

    return through(answered(steps, answer))
