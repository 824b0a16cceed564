"""The model process: owns llama.cpp, answers what the server asks, ends when the server does.

The main thread decodes. A second one reads: it counts tokens at once (a vocabulary may be read by
several threads) and hears cancels while the first is deep inside llama.cpp. Typing goes before hover,
hover before action, action before prefetch, even when the less urgent one has begun. Nothing is written
but frames on standard output, what was read into the folder that it was told (`kept.py`) and, should it break, a
traceback on standard error; no text of the user's goes there.
"""

from __future__ import annotations

import contextlib
import ctypes
import heapq
import os
import sys
import threading
import time
import traceback
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from dovetail.model import wire
from dovetail.model.ask import Ask, Cost
from dovetail.model.gguf import ModelRefused, read_header

if TYPE_CHECKING:
    from dovetail.model.llama import Engine

_RANK = {"typing": 0, "hover": 1, "action": 2, "prefetch": 3}
_IDLE = len(_RANK)
_REST = 2.0
"""Seconds without an ask after which what typing has read is kept for the next start."""


@dataclass(order=True, slots=True)
class Job:
    """One ask on its way; sorted by urgency, then arrival."""

    rank: int
    order: int
    id: int = field(compare=False)
    ask: Ask = field(compare=False)
    aloud: bool = field(compare=False)
    arrived: float = field(compare=False)
    cancelled: bool = field(default=False, compare=False)
    dropped: set[int] = field(default_factory=set[int], compare=False)


class Work:
    """The asks that wait or run, shared by the two threads."""

    def __init__(self) -> None:
        self.condition = threading.Condition()
        self.waiting: list[Job] = []
        self.jobs: dict[int, Job] = {}
        self.most_urgent = _IDLE
        """Rank of the first that waits; read without the lock in the middle of a decode."""
        self._order = 0

    def add(self, id: int, ask: Ask, aloud: bool) -> None:
        with self.condition:
            self._order += 1
            job = Job(_RANK[ask.purpose], self._order, id, ask, aloud, time.monotonic())
            self.jobs[id] = job
            heapq.heappush(self.waiting, job)
            self._changed()

    def cancel(self, id: int) -> bool:
        """True if the job had not begun and is gone now; a running one sees its flag soon."""
        with self.condition:
            job = self.jobs.get(id)
            if job is None:
                return False
            job.cancelled = True
            if job not in self.waiting:
                return False
            self.waiting.remove(job)
            heapq.heapify(self.waiting)
            del self.jobs[id]
            self._changed()
            return True

    def drop(self, id: int, candidate: int) -> None:
        with self.condition:
            if job := self.jobs.get(id):
                job.dropped.add(candidate)

    def next(self, seconds: float | None = None) -> Job | None:
        """The most urgent job, as soon as there is one; None if there is none for so long."""
        with self.condition:
            self.condition.wait_for(lambda: self.waiting, seconds)
            return self._pop() if self.waiting else None

    def before(self, rank: int) -> Job | None:
        """A waiting job that is more urgent than this rank."""
        with self.condition:
            return self._pop() if self.most_urgent < rank else None

    def done(self, job: Job) -> None:
        with self.condition:
            self.jobs.pop(job.id, None)

    def _pop(self) -> Job:
        job = heapq.heappop(self.waiting)
        self._changed()
        return job

    def _changed(self) -> None:
        self.most_urgent = self.waiting[0].rank if self.waiting else _IDLE
        self.condition.notify()


class Worker:
    """The process's two ends and what is between them."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self.source, self.sink = source, sink
        self.sending = threading.Lock()
        self.work = Work()
        self.engine: Engine | None = None

    def run(self) -> NoReturn:
        load = self.receive()
        if not isinstance(load, wire.Load):
            raise SystemExit("the first message must be load")
        threading.Thread(target=self.listen, name="listen", daemon=True).start()
        with self.refusing():
            header = read_header(Path(load.path))
            # Only now: importing takes half a second and is for nothing if the file is refused.
            from dovetail.model.llama import Engine

            limit_memory(header.size)
            engine = Engine(header, context=load.context, threads=load.threads, measured=load.fit, thought=load.thought)
        self.engine = engine
        if load.kept:
            engine.remember(Path(load.kept))
        self.send(wire.Ready(info=engine.info, fit=engine.fit))
        while True:
            job = self.work.next(_REST)
            if job is None:
                engine.keep()
                job = self.work.next()
            if job is not None:
                self.serve(engine, job)

    @contextlib.contextmanager
    def refusing(self) -> Generator[None]:
        """Tell why a model cannot be loaded, and end."""
        try:
            yield
        except ModelRefused as refused:
            self.send(wire.Refused(reason=refused.reason))
        except ImportError:
            self.send(wire.Refused(reason="llama-cpp-python is not installed or does not load: run `make`."))
        else:
            return
        raise SystemExit(0)

    def serve(self, engine: Engine, job: Job) -> None:
        """Answer one ask, and in its pauses those that are more urgent."""
        from dovetail.model.llama import AskRefused, Cancelled

        def urgent() -> bool:
            return self.work.most_urgent < job.rank

        def say(candidate: int, text: str) -> None:
            if job.aloud:
                self.send(wire.Said(id=job.id, candidate=candidate, text=text))

        cost = Cost()
        waited = time.monotonic() - job.arrived
        steps = engine.complete(
            job.ask, lambda: job.cancelled, urgent, say=say, dropped=job.dropped.__contains__, cost=cost
        )
        reply: wire.FromWorker
        try:
            while True:
                next(steps)
                while other := self.work.before(job.rank):
                    self.serve(engine, other)
        except StopIteration as end:
            reply = wire.Answered(id=job.id, answers=end.value, cost=cost)
        except Cancelled:
            reply = wire.Silent(id=job.id, reason="Cancelled.", why="cancelled", cost=cost)
        except AskRefused as refused:
            reply = wire.Silent(id=job.id, reason=refused.reason, why=refused.kind)
        except Exception:
            traceback.print_exc()
            engine.forget()
            reply = wire.Silent(id=job.id, reason="The model process failed at this question.", why="failed")
        if cost.first is not None:
            cost.first += waited
        self.work.done(job)
        self.send(reply)

    def listen(self) -> None:
        """Read until the server closes the pipe, which ends this process whatever it is doing."""
        try:
            while True:
                self.take(self.receive())
        except EOFError:
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def take(self, message: wire.ToWorker) -> None:
        match message:
            case wire.Asked():
                self.work.add(message.id, message.ask, message.aloud)
            case wire.Drop():
                self.work.drop(message.id, message.candidate)
            case wire.Cancel():
                if self.work.cancel(message.id):
                    self.send(wire.Silent(id=message.id, reason="Cancelled.", why="cancelled"))
            case wire.Counting():
                engine = self.engine
                counts = [engine.count(text) for text in message.texts] if engine else []
                self.send(wire.Counted(id=message.id, counts=counts))
            case wire.Load() | wire.Placing():
                raise ValueError(f"no {message.kind} here")

    def receive(self) -> wire.ToWorker:
        """The next message. Raises `EOFError` at the end of the pipe."""
        (length,) = wire.LENGTH.unpack(self._read(wire.LENGTH.size))
        if length > wire.FRAME:
            raise ValueError("a frame beyond all bounds")
        return wire.to_worker.validate_json(self._read(length))

    def send(self, message: wire.FromWorker) -> None:
        with self.sending:
            self.sink.write(wire.frame(message))
            self.sink.flush()

    def _read(self, length: int) -> bytes:
        data = self.source.read(length)
        if len(data) < length:
            raise EOFError
        return data


def _die_with_parent() -> None:
    """On Linux the kernel ends this process with its parent; elsewhere the end of the pipe does."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL


def limit_memory(size: int) -> None:
    """Let a model that runs wild end this process, not the machine.

    Counts what is allocated (RLIMIT_DATA): the mapped file itself is not in it, but weights that
    llama.cpp repacked are. With a GPU, drivers reserve address space at will: no limit there.
    """
    from llama_cpp import llama_supports_gpu_offload

    if sys.platform != "linux" or llama_supports_gpu_offload():
        return
    import resource

    room = 2 * size + (4 << 30)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or room < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (room, hard))


def _no_core() -> None:
    """A core file would hold the user's code."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def ends() -> tuple[BinaryIO, BinaryIO]:
    """Where the server's frames come from and where ours go; ends with the server, leaves no core."""
    _die_with_parent()
    _no_core()
    # Whatever prints to standard output must not get among the frames.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return os.fdopen(os.dup(0), "rb"), sink


def main() -> NoReturn:
    Worker(*ends()).run()


if __name__ == "__main__":
    main()
