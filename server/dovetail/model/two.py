"""Two models at once: a small one while somebody types, another for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from dovetail.model.ask import Answer, Ask, ModelInfo, Port, Purpose, Silence, Spent, Stats, Status

_TYPING = ("typing", "prefetch")


def for_typing(port: Port) -> Port:
    """The port that answers while somebody types; the only one where there is one."""
    return port.quick if isinstance(port, TwoPorts) else port


class TwoPorts:
    """One port of two. What it tells of itself is of the model for everything else."""

    def __init__(self, quick: Port, other: Port) -> None:
        self._quick, self._other = quick, other

    @property
    def quick(self) -> Port:
        """The small one; the other where it could not be loaded."""
        return self._other if self.missing else self._quick

    @property
    def missing(self) -> str:
        """Why there is no small one after all; "" where it is there or still loading."""
        now = self._quick.status
        return now.reason or now.state if now.state in ("none", "failed") else ""

    @property
    def info(self) -> ModelInfo | None:
        return self._other.info

    @property
    def status(self) -> Status:
        return self._other.status

    @property
    def stats(self) -> Stats:
        quick, other = self.quick.stats, self._other.stats
        typed: dict[Purpose, Spent] = {name: spent for name, spent in quick.purposes.items() if name in _TYPING}
        return Stats(other.purposes | typed, quick.starts + other.starts)

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        return await (self.quick if ask.purpose in _TYPING else self._other).answer(ask)

    async def count(self, texts: Sequence[str]) -> list[int]:
        return await self._other.count(texts)

    async def close(self) -> None:
        await asyncio.gather(self._quick.close(), self._other.close())
