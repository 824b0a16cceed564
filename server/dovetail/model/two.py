"""Two models: a small one while somebody types, another for everything else; or one in reserve."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from dovetail.model.ask import Answer, Ask, ModelInfo, Port, Purpose, Silence, Spent, Stats, Status

_TYPING = ("typing", "prefetch")
SPARED = 5
"""How often a session may turn to the model in reserve."""


def for_typing(port: Port) -> Port:
    """The port that answers while somebody types; the only one where there is one."""
    two = pair(port)
    return two.quick if two else without_spare(port)


def pair(port: Port) -> TwoPorts | None:
    """The two of which one is for typing, if there are two."""
    first = without_spare(port)
    return first if isinstance(first, TwoPorts) else None


def without_spare(port: Port) -> Port:
    return port.first if isinstance(port, WithSpare) else port


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


class WithSpare:
    """A port with another model in reserve, which is loaded when it is first needed. It tells of the first one."""

    def __init__(self, first: Port, load: Callable[[], Awaitable[Port]], most: int = SPARED) -> None:
        self.first, self._load, self._left, self._most = first, load, most, most
        self._loading: asyncio.Future[Port] | None = None

    @property
    def info(self) -> ModelInfo | None:
        return self.first.info

    @property
    def status(self) -> Status:
        return self.first.status

    @property
    def stats(self) -> Stats:
        return self.first.stats

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        return await self.first.answer(ask)

    async def count(self, texts: Sequence[str]) -> list[int]:
        return await self.first.count(texts)

    async def spare(self, *, again: bool = False) -> Port | Silence:
        """The other model, a few times. `again`: for what it was asked for before."""
        reason = f"the second model was asked {self._most} times in this session, which is the most"
        enough = Silence(reason, "refused")
        if not self._left and not again:
            return enough
        if self._loading is None:
            self._loading = asyncio.ensure_future(self._load())
        port = await asyncio.shield(self._loading)
        if port.info is None:
            return Silence(f"the second model is not there: {port.status.reason}", "failed")
        if again:
            return port
        if not self._left:  # others who waited for it were first
            return enough
        self._left -= 1
        return port

    async def close(self) -> None:
        await asyncio.gather(self.first.close(), self._close_spare())

    async def _close_spare(self) -> None:
        if (loading := self._loading) is None:
            return
        loading.cancel()  # a session that ends waits for no model to be loaded
        await asyncio.wait([loading])
        if not loading.cancelled() and loading.exception() is None:
            await loading.result().close()
