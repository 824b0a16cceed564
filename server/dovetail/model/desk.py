"""The server's side of the model process: starts it, asks it, outlives it.

Nothing here waits but in coroutines. A worker that dies is started again after a pause, and each ask
that it took along is answered with a `Silence` that says so; one that dies again and again is given up
with a stated reason. One that does not hear a cancel is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import signal
import sys
import time
import traceback
from asyncio.subprocess import PIPE, Process
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Literal

from dovetail.model import fit, wire
from dovetail.model.ask import NO_THOUGHT, Answer, Ask, Cost, ModelInfo, Silence, Stats, Status, Thought
from dovetail.model.child import end, environment, exit_code, isolated
from dovetail.model.ledger import Ledger

LOAD_SECONDS = 180.0
"""A model that is not ready by then is on a disk or a machine too slow for it."""
DEATHS = 5
WINDOW = 180.0
"""So many deaths within so many seconds, and the model stays off."""
GRACE = 15.0
"""Seconds that the worker has to acknowledge a cancel."""
COUNT_SECONDS = 2.0
PLACE_SECONDS = 60.0
"""For the few texts of one request."""

_RESTART = "restart the server (in VS Code: “Developer: Reload Window”) to try again"


def estimate(texts: Sequence[str]) -> list[int]:
    """Tokens where no tokenizer is at hand: one per three bytes, rounded up."""
    return [-(-len(text.encode("utf-8", "surrogatepass")) // 3) for text in texts]


class NoModel:
    """The place where a model would be. Each ask is answered with the one reason."""

    def __init__(self, reason: str, *, failed: bool = False) -> None:
        """`failed`: the user named a model, and it is of no use."""
        self.reason, self.failed = reason, failed

    @property
    def info(self) -> ModelInfo | None:
        return None

    @property
    def status(self) -> Status:
        return Status("failed" if self.failed else "none", self.reason)

    @property
    def stats(self) -> Stats:
        return Stats()

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        return Silence(self.reason, "failed" if self.failed else "none")

    async def count(self, texts: Sequence[str]) -> list[int]:
        return estimate(texts)

    async def close(self) -> None:
        pass


class LlamaPort:
    """A local GGUF file behind the port. `start` it, then ask; `close` it in the end."""

    def __init__(
        self,
        path: Path,
        *,
        context: int = 0,
        threads: int = 0,
        tell: Callable[[Status], None] = lambda status: None,
        measured: Path | None = None,
        kept: Path | None = None,
        thought: Thought = NO_THOUGHT,
        embeddings: bool = False,
    ) -> None:
        """`context` and `threads`: 0 for what suits the model here. `tell` hears every change of status.

        `measured` is a file of ours that keeps what was measured; without one each start measures again. `kept` is
        a folder of ours for what the model has read; without one each start reads again. `embeddings`: it answers no
        ask, and `place` instead.
        """
        folder = str(kept) if kept is not None else ""
        self._load = wire.Load(
            path=str(path.absolute()),
            context=context,
            threads=threads,
            kept=folder,
            thought=thought,
            embeddings=embeddings,
        )
        self._measured = measured
        self._name = path.name
        self._tell = tell
        self._info: ModelInfo | None = None
        self._status = Status("none", "The model was not started.")
        self._settled = asyncio.Event()
        """Set while the worker is ready, and for good when it never will be."""
        self._process: Process | None = None
        self._life: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[wire.FromWorker]] = {}
        self._owed: dict[int, tuple[asyncio.TimerHandle, Ask | None]] = {}
        """Cancelled asks that the worker has not acknowledged yet."""
        self._last = 0
        self._crossed: set[int] = set()
        """Asks that were answered after they were cancelled and before their task heard of that."""
        self._watches: dict[int, _Watch] = {}
        self._ledger = Ledger()
        self._asks: list[Ask] = []
        """Those that the worker has."""
        self._hostile: set[str] = set()
        """Grammars that were too much for a worker: they would be for the next one."""
        self._deaf = False
        self._counts = _Counts()

    # --- the port ---------------------------------------------------------------------------------

    @property
    def info(self) -> ModelInfo | None:
        return self._info

    @property
    def status(self) -> Status:
        if self._status.state == "ready" and self._asks:
            return Status("busy")
        return self._status

    @property
    def stats(self) -> Stats:
        return self._ledger.stats()

    async def start(self) -> None:
        """Begin to load. Returns at once; `settle` waits."""
        if self._life is None:
            self._set(Status("loading", f"{self._name} is being loaded."))
            self._life = asyncio.create_task(self._live(), name="model process")

    async def settle(self) -> Status:
        """Wait until the model is ready or given up."""
        await self._settled.wait()
        return self.status

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        cost = Cost()
        try:
            said = await self._patiently(ask, cost)
        except asyncio.CancelledError:
            self._ledger.note(ask, Silence("Cancelled.", "cancelled"), cost)
            raise
        self._ledger.note(ask, said, cost)
        return said

    async def count(self, texts: Sequence[str]) -> list[int]:
        missing = self._counts.missing(texts)
        if missing and self._status.state == "ready":
            with contextlib.suppress(TimeoutError, ValueError):
                async with asyncio.timeout(COUNT_SECONDS):
                    reply = await self._request(lambda id: wire.Counting(id=id, texts=tuple(map(_whole, missing))))
                    if isinstance(reply, wire.Counted):
                        self._counts.learn(missing, reply.counts)
        return self._counts.tell(texts)

    async def place(self, texts: Sequence[str]) -> list[bytes] | Silence:
        """The vector of each text (`wire.Placed`). For a model of embeddings."""
        try:
            await self._settled.wait()
            if self._status.state != "ready":
                return self._silence()
            async with asyncio.timeout(PLACE_SECONDS):
                reply = await self._request(lambda id: wire.Placing(id=id, texts=tuple(map(_whole, texts))))
        except TimeoutError:
            return Silence(f"{self._name} took more than {PLACE_SECONDS:.0f} s: choose a smaller one.", "patience")
        except ValueError:
            return Silence("The texts are too long.", "refused")
        match reply:
            case wire.Placed(vectors=vectors) if len(vectors) == len(texts):
                return list(vectors)
            case wire.Silent():
                return Silence(reply.reason, reply.why)
            case _:
                return Silence("The model process answered something else.", "failed")

    async def close(self) -> None:
        """End the worker, within two seconds."""
        if self._life is not None:
            self._life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._life
        self._set(Status("none", "The model was stopped."))
        self._end_all(self._status.reason, "cancelled")
        self._settled.set()

    # --- asking -----------------------------------------------------------------------------------

    async def _patiently(self, ask: Ask, cost: Cost) -> list[Answer] | Silence:
        started = time.monotonic()
        try:
            async with asyncio.timeout(ask.patience):
                await self._settled.wait()
                if self._status.state != "ready":
                    return self._silence()
                return await self._ask(ask, cost)
        except TimeoutError:
            if not self._settled.is_set():
                return self._silence()
            waited = time.monotonic() - started
            return Silence(f"The model had no answer within {waited:.1f} s.", "patience")

    async def _ask(self, ask: Ask, cost: Cost) -> list[Answer] | Silence:
        """`cost` is written to where the answer tells it."""
        if ask.grammar in self._hostile:
            return Silence("The grammar was too much for the model process before.", "refused")
        self._asks.append(ask)
        self._tell(self.status)
        aloud = ask.watch is not None
        try:
            reply = await self._request(
                lambda id: wire.Asked(id=id, ask=replace(ask, watch=None), aloud=aloud), ask=ask
            )
        except ValueError:
            return Silence("The prompt is too long or holds half a character.", "refused")
        finally:
            self._asks.remove(ask)
            self._tell(self.status)
        match reply:
            case wire.Answered():
                _copy(reply.cost, cost)
                return reply.answers
            case wire.Silent():
                _copy(reply.cost, cost)
                return Silence(reply.reason, reply.why)
            case _:
                return Silence("The model process answered something else.", "failed")

    async def _request(self, message: Callable[[int], wire.ToWorker], ask: Ask | None = None) -> wire.FromWorker:
        """Send and await the reply. If this is cancelled, the worker is told at once."""
        self._last += 1
        id = self._last
        data = wire.frame(message(id))
        loop = asyncio.get_running_loop()
        reply = self._waiting[id] = loop.create_future()
        if ask is not None and ask.watch is not None:
            self._watches[id] = _Watch(ask.watch)
        try:
            self._write(data)
            return await reply
        except asyncio.CancelledError:
            # Not if it was answered in the same moment: then nothing more will come.
            if reply.cancelled() and id not in self._crossed:
                self._owed[id] = loop.call_later(GRACE, self._kill_deaf), ask
                self._write(wire.frame(wire.Cancel(id=id)))
            raise
        finally:
            del self._waiting[id]
            self._watches.pop(id, None)
            self._crossed.discard(id)

    def _write(self, data: bytes) -> None:
        """Never waits: the transport keeps what the pipe does not take. Into a dead worker: nothing."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(data)

    def _silence(self) -> Silence:
        state = self._status.state
        return Silence(self._status.reason, state if state in ("loading", "failed") else "none")

    # --- the worker's life ------------------------------------------------------------------------

    async def _live(self) -> None:
        """Start the worker, again and again, until it is refused, dies too often, or this is cancelled."""
        deaths: deque[float] = deque(maxlen=DEATHS)
        while True:
            reason, final = await self._once()
            now = time.monotonic()
            deaths.append(now)
            recent = sum(now - death < WINDOW for death in deaths)
            if recent == DEATHS:
                reason += f" It did so {DEATHS} times within three minutes, so it stays off: {_RESTART}."
            # A file that kills the process while it is loaded will do so again; once may be chance.
            if final or recent == DEATHS or (self._info is None and recent == 2):
                self._set(Status("failed", reason))
                self._end_all(reason)
                self._settled.set()
                return
            self._settled.clear()
            self._set(Status("loading", f"{reason} It is being started again."))
            self._end_all(f"{reason} It is being started again; ask once more.")
            await asyncio.sleep(0.1 * 2**recent)

    async def _once(self) -> tuple[str, bool]:
        """One life of the worker: why it ended, in a sentence, and whether that is the last word."""
        try:
            process = await asyncio.create_subprocess_exec(
                *isolated("dovetail.model.embed" if self._load.embeddings else "dovetail.model.worker"),
                stdin=PIPE,
                stdout=PIPE,
                env=environment(),
                cwd=Path(sys.executable).anchor,
                start_new_session=True,
            )
        except OSError as error:
            return f"The model process cannot be started ({error.strerror}).", True
        self._process, self._deaf = process, False
        try:
            return await self._converse(process)
        except (EOFError, ValueError):
            return self._death(await exit_code(process))
        finally:
            self._process = None
            for timer, _ in self._owed.values():
                timer.cancel()
            self._owed.clear()
            await asyncio.shield(end(process))

    async def _converse(self, process: Process) -> tuple[str, bool]:
        """Load, then take messages until the pipe ends (`EOFError`) or carries nonsense (`ValueError`)."""
        try:  # not `wait_for`: before Python 3.12 it may swallow the cancel of `close`
            async with asyncio.timeout(LOAD_SECONDS):
                refusal = await self._load_into(process)
        except TimeoutError:
            return f"{self._name} was not loaded within {LOAD_SECONDS:.0f} s: choose a smaller model.", True
        if refusal:
            return refusal, True
        while True:
            self._take(await _receive(process))

    async def _load_into(self, process: Process) -> str:
        """The empty string once the model is ready, else why it is refused."""
        key = fit.key_of(Path(self._load.path), version=_llama_version(), threads=self._load.threads)
        known = fit.recall(self._measured, key) if self._measured else None
        self._ledger.starts += 1
        self._write(wire.frame(self._load.model_copy(update={"fit": known})))
        match await _receive(process):
            case wire.Ready(info=info, fit=measured):
                if self._measured and measured != known and not fit.busy():
                    fit.remember(self._measured, key, measured)
                self._counts = _Counts()
                self._info = info
                self._set(Status("ready"))
                self._settled.set()
                return ""
            case wire.Refused(reason=reason):
                return reason
            case _:
                raise ValueError("neither ready nor refused")

    def _take(self, message: wire.FromWorker) -> None:
        if isinstance(message, wire.Ready | wire.Refused):
            raise ValueError("loaded twice")
        if isinstance(message, wire.Said):
            if (watch := self._watches.get(message.id)) and not watch.wants(message.candidate, message.text):
                self._write(wire.frame(wire.Drop(id=message.id, candidate=message.candidate)))
            return
        if owed := self._owed.pop(message.id, None):
            timer, ask = owed
            timer.cancel()
            if ask is not None and isinstance(message, wire.Answered | wire.Silent):
                self._ledger.spend(ask, message.cost)
        waiting = self._waiting.get(message.id)
        if waiting is None:
            return
        if waiting.done():
            self._crossed.add(message.id)
        else:
            waiting.set_result(message)

    def _death(self, code: int | None) -> tuple[str, bool]:
        """The sentence for an exit code, and whether another start makes no sense."""
        if self._deaf:
            return "The model process did not react any more and was ended.", False
        what = "While it was loaded, the" if self._info is None else "The"
        if code is None:
            return f"{what} model process spoke nonsense and was ended.", False
        if code >= 0:
            return f"{what} model process ended (exit code {code}).", False
        if -code == getattr(signal, "SIGILL", None):
            return "llama.cpp was compiled for another CPU: run `make` again.", True
        if -code == getattr(signal, "SIGVTALRM", None):
            self._hostile |= {ask.grammar for ask in self._asks if ask.grammar is not None}
            return "The grammar was too much for the model process, which ended.", False
        damaged = "" if self._info else ": the file may be damaged, download it again"
        return f"{what} model process ended (signal {-code}){damaged}.", False

    def _kill_deaf(self) -> None:
        if self._process is not None:
            self._deaf = True
            self._process.kill()

    def _end_all(self, reason: str, why: Literal["failed", "cancelled"] = "failed") -> None:
        for id, waiting in self._waiting.items():
            if not waiting.done():
                waiting.set_result(wire.Silent(id=id, reason=reason, why=why))

    def _set(self, status: Status) -> None:
        self._status = status
        self._tell(status)


class _Watch:
    """Puts the pieces of each candidate together for whoever looks on."""

    def __init__(self, wants: Callable[[int, str], bool]) -> None:
        self._wants = wants
        self._texts: dict[int, str] = {}
        self._dropped: set[int] = set()

    def wants(self, candidate: int, piece: str) -> bool:
        """False exactly once for a candidate that is not wanted any more; also if looking on goes wrong."""
        if candidate in self._dropped:
            return True
        text = self._texts[candidate] = self._texts.get(candidate, "") + piece
        try:
            if self._wants(candidate, text):
                return True
        except Exception:
            traceback.print_exc()
        self._dropped.add(candidate)
        return False


def _copy(source: Cost, target: Cost) -> None:
    for field in fields(Cost):
        setattr(target, field.name, getattr(source, field.name))


class _Counts:
    """The newest token counts, by text."""

    ENTRIES = 4096
    TEXT = 1 << 16
    """Characters of the longest text that is kept."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, int] = OrderedDict()

    def missing(self, texts: Sequence[str]) -> list[str]:
        return [text for text in dict.fromkeys(texts) if text not in self._known]

    def learn(self, texts: Sequence[str], counts: Sequence[int]) -> None:
        for text, count in zip(texts, counts, strict=False):
            self._known[text] = count

    def tell(self, texts: Sequence[str]) -> list[int]:
        """The counts, guessed where not known; then forgets what is old or large."""
        found: list[int] = []
        for text in texts:
            known = self._known.get(text)
            found.append(estimate((text,))[0] if known is None else known)
            if known is not None:
                self._known.move_to_end(text)
                if len(text) > self.TEXT:
                    del self._known[text]
        while len(self._known) > self.ENTRIES:
            self._known.popitem(last=False)
        return found


def _llama_version() -> str:
    try:
        return importlib.metadata.version("llama-cpp-python")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _whole(text: str) -> str:
    """Without lone surrogates, which no JSON in UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()


async def _receive(process: Process) -> wire.FromWorker:
    """The next message. Raises `EOFError` at the end of the pipe, `ValueError` for anything but a message."""
    assert process.stdout is not None
    (length,) = wire.LENGTH.unpack(await process.stdout.readexactly(wire.LENGTH.size))
    if length > wire.FRAME:
        raise ValueError("a frame beyond all bounds")
    return wire.from_worker.validate_json(await process.stdout.readexactly(length))
