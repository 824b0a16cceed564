"""Runs in the project's own interpreter, on a copy of the project: collects the tests once and judges many texts.

Nothing of Dovetail is imported here; the project's interpreter may be an older Python without it. A job comes as
JSON on standard input, answers go as lines of JSON to standard output. Each test, and each candidate text, runs in
a fork of the process that has collected the tests: no state leaks from one to the next, and starting costs
milliseconds. A candidate replaces the code of the functions that are loaded already, so it is not imported anew.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import json
import os
import re
import runpy
import select
import signal
import sys
import time
import types
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

MESSAGE = 400
"""Characters of an error."""
MEMORY = 1536 * 1024 * 1024
"""Bytes of one fork."""
CALLS = 12
"""Calls of a function whose arguments are kept."""

MIXED = 60
"""Calls that are made to tell candidates apart."""

End = Callable[[str], None]


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)

    def say(**told: Any) -> None:
        out.write(json.dumps(told) + "\n")
        out.flush()

    here = os.path.dirname(__file__)
    isolate = runpy.run_path(os.path.join(here, "isolation.py"))["isolate"]
    compared = runpy.run_path(os.path.join(here, "replays.py"))["compared"]
    needed = (job["root"], sys.executable, sys.prefix, sys.base_prefix, here, *sys.path)
    say(isolated=isolate(job["scratch"], needed))
    moved(job["root"], job["folder"])
    os.chdir(job["folder"])
    if job["here"]:
        sys.path.insert(0, job["folder"])
    try:
        import pytest
    except ImportError:
        say(silent="pytest is not installed in " + sys.executable)
        return
    plain = ["-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "no:randomly", "-q", "-s"]
    code = pytest.main([*plain, *job["arguments"]], plugins=[Judge(job, say, compared)])
    say(ended=int(code))


def moved(root: str, folder: str) -> None:
    """What is imported from the project is imported from its copy, an editable installation too."""

    def new(path: Any) -> Any:
        inside = isinstance(path, str) and (path == root or path.startswith(root + os.sep))
        copy = folder + path[len(root) :] if inside else ""
        return copy if copy and os.path.exists(copy) else path

    sys.path[:] = [new(path) for path in sys.path]
    for finder in sys.meta_path:
        module = sys.modules.get(getattr(finder, "__module__", ""))
        places: Any = getattr(module, "MAPPING", None)
        if isinstance(places, dict):
            for name in list(places):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                places[name] = new(places[name])


class Judge:
    """The plugin that takes over when the tests are collected."""

    def __init__(self, job: dict[str, Any], say: Callable[..., None], compared: Callable[..., list[str]]) -> None:
        self.job, self.say, self.compared = job, say, compared

    def pytest_runtestloop(self, session: Any) -> bool:
        if session.testsfailed and not session.items:
            self.say(silent="the tests could not be collected")
            return True
        by_name = {item.nodeid: item for item in session.items}
        wanted = [by_name[name] for name in self.job["must"] if name in by_name] or list(session.items)
        if self.job["texts"]:
            self.judge(wanted)
        else:
            self.tell(wanted)
        return True

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.say(broken=str(report.longrepr)[-MESSAGE:])

    # ---- each test by itself ----------------------------------------------------------------

    def tell(self, items: list[Any]) -> None:
        """What becomes of each; then once more for the lines, where going slowly changes no outcome."""
        known: list[dict[str, Any]] = [{"test": item.nodeid, "outcome": "timeout"} for item in items]

        def heard(number: int, text: str) -> bool:
            if text:
                known[number].update(json.loads(text))
            return True

        def followed(number: int, text: str) -> bool:
            if text:
                told = json.loads(text)
                known[number].update(lines=told["lines"], calls=told["calls"])
            return True

        for traced, limit, each in ((False, self.job["cpu"], heard), (True, min(1.0, self.job["cpu"]), followed)):
            if traced and not self.job["traced"]:
                continue
            jobs = [functools.partial(self.one, item, traced, limit) for item in items]
            forks(jobs, self.job["jobs"], self.job["wall"], self.job["patience"] / 2, each)
        for told in known:
            self.say(**told)

    def one(self, item: Any, traced: bool, limit: float, end: End) -> None:
        seen = Seen()
        began = time.process_time()

        def told(outcome: str, message: str, raised: list[list[Any]]) -> None:
            sys.settrace(None)
            lines = {path: sorted(numbers) for path, numbers in seen.lines.items()}
            calls = [[path, name, calls] for (path, name), calls in seen.calls.items()]
            end(json.dumps({
                "test": item.nodeid, "outcome": outcome, "seconds": time.process_time() - began,
                "message": message, "raised": raised, "lines": lines, "calls": calls,
            }))  # fmt: skip

        limited(limit, lambda *_: told("timeout", "took too long", []))
        if traced:
            sys.settrace(tracer(self.job["folder"], seen))
        told(*run(item, None, self.job["folder"]))

    # ---- each text --------------------------------------------------------------------------

    def judge(self, items: list[Any]) -> None:
        path = self.job["path"]
        functions, outline = loaded(path)
        if not functions:
            self.say(silent="the tests do not load " + os.path.basename(path))
            return
        order = list(items)
        texts = self.job["texts"]
        left = [self.job["enough"] or len(texts)]

        def heard(number: int, text: str) -> bool:
            told: dict[str, Any] = json.loads(text) if text else {"passed": False, "why": "timeout", "test": ""}
            for index, item in enumerate(order):
                if not told["passed"] and item.nodeid == told["test"] and index:
                    order.insert(index - 1, order.pop(index))  # who refuses most is asked first
                    break
            left[0] -= bool(told["passed"])
            self.say(text=number, **told)
            return left[0] > 0

        jobs: list[Callable[[End], None]] = []
        numbers: list[int] = []
        for number, text in enumerate(texts):
            try:
                module = compile(text, path, "exec", dont_inherit=True)
            except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
                self.say(text=number, passed=False, why="invalid", test="")
            else:
                jobs.append(functools.partial(self.candidate, module, functions, outline, order))
                numbers.append(number)
        gc.collect()
        gc.freeze()  # a fork that collects garbage copies the memory it looks at
        forks(jobs, self.job["jobs"], self.job["wall"], self.job["patience"], lambda n, text: heard(numbers[n], text))

    def candidate(
        self,
        module: types.CodeType,
        functions: list[Any],
        outline: dict[Any, types.CodeType],
        items: list[Any],
        end: End,
    ) -> None:
        now = [""]

        def late(*_: Any) -> None:
            end(json.dumps({"passed": False, "why": "timeout", "test": now[0]}))

        try:
            replaced(functions, outline, module)
        except ValueError:  # it closes over other names than the one that is loaded
            end(json.dumps({"passed": False, "why": "invalid", "test": ""}))
        if self.job["function"]:
            inputs = self.job["inputs"]
            said = behaviour(inputs, functions, self.job) if inputs else self.mixed(functions, items)
            end(json.dumps({"passed": True, "why": "", "test": "", "said": said}))
        for index, item in enumerate(items):
            now[0] = item.nodeid
            limited(self.job["cpu"], late)
            following = items[index + 1] if index + 1 < len(items) else None
            outcome, message = passed(item, following)
            if outcome != "passed":
                end(json.dumps({"passed": False, "why": outcome, "test": item.nodeid, "message": message}))
        end(json.dumps({"passed": True, "why": "", "test": ""}))

    def mixed(self, functions: list[Any], items: list[Any]) -> list[str]:
        """What the function answers where the arguments of its calls in the tests, live objects, change places; and
        what becomes of objects where the calls of their methods do. [] where that is no more than the tests do."""
        found: list[str] = []
        function = next((one for one, _ in functions if one.__qualname__ == self.job["function"]), None)
        seconds = max(0.05, self.job["cpu"] / 20)
        if function is not None and "." not in function.__qualname__:
            calls = self.calls_of(function.__code__, items[:CALLS])
            several = list(islice(exchanges(calls), MIXED))
            if len(several) > len(calls):
                found = [answer(function, arguments, seconds) for arguments in several]
        again = functools.partial(answer, seconds=seconds)
        run_one = functools.partial(passed, following=None)
        return found + self.compared(self.job["path"], functions, items[:CALLS], run_one, again, written)

    def calls_of(self, code: types.CodeType, items: list[Any]) -> list[tuple[Any, ...]]:
        """The arguments of the calls of a function in tests, without those that it makes itself."""
        calls: list[tuple[Any, ...]] = []

        def called(frame: Any, event: str, argument: Any) -> None:
            if event == "call" and frame.f_code is code and len(calls) < CALLS:
                names = code.co_varnames[: code.co_argcount]
                if frame.f_back is None or frame.f_back.f_code is not code:
                    calls.append(tuple(frame.f_locals[name] for name in names))

        for item in items:
            sys.setprofile(called)
            passed(item, None)
            sys.setprofile(None)
        return calls


def exchanges(calls: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Each call again, each with two of its arguments exchanged, each with one of another's; of one type each."""
    yield from calls
    for one in calls:
        for first in range(len(one)):
            for second in range(first + 1, len(one)):
                if type(one[first]) is type(one[second]):
                    new = list(one)
                    new[first], new[second] = one[second], one[first]
                    yield tuple(new)
    for one in calls:
        for two in calls:
            for index in range(min(len(one), len(two))):
                if one is not two and type(one[index]) is type(two[index]):
                    yield (*one[:index], two[index], *one[index + 1 :])


def run(item: Any, following: Any, folder: str) -> tuple[str, str, list[list[Any]]]:
    """(outcome, what a failure says, [file, line] of the frames of the project it came through)."""
    from _pytest.runner import runtestprotocol

    raised: list[list[Any]] = []
    try:
        reports = runtestprotocol(item, log=False, nextitem=following)
    except BaseException as error:
        return "failed", type(error).__name__, raised
    outcome, message = "passed", ""
    for report in reports:
        if report.outcome == "skipped":
            return "skipped", "", raised
        if report.outcome == "failed":
            outcome = "failed"
            message = said(report)
            chain = getattr(report.longrepr, "chain", None)
            trace = chain[-1][0] if chain else getattr(report.longrepr, "reprtraceback", None)
            for entry in getattr(trace, "reprentries", ()):
                place = getattr(entry, "reprfileloc", None)
                if place is not None:
                    raised.append([os.path.join(folder, str(place.path)), place.lineno])
            break
    return outcome, message, raised


def passed(item: Any, following: Any) -> tuple[str, str]:
    """(outcome, error) without pytest's account of the failure, which costs a hundred times what the test does."""
    from _pytest.outcomes import Skipped

    if hasattr(item, "_request") and not item._request:
        item._initrequest()
    try:
        item.ihook.pytest_runtest_setup(item=item)
        item.ihook.pytest_runtest_call(item=item)
        # of a `unittest.TestCase` pytest keeps what was raised for its report
        kept = [one.value for one in item.__dict__.pop("_excinfo", None) or ()]
        item.ihook.pytest_runtest_teardown(item=item, nextitem=following)
        if kept:
            raise kept[0]
    except Skipped:
        return "skipped", ""
    except BaseException as error:
        return "failed", f"{type(error).__name__}: {error}"[:MESSAGE]
    return "passed", ""


def said(report: Any) -> str:
    """The lines that pytest marks as the error, the shortest true account of a failure."""
    text = getattr(report, "longreprtext", "") or ""
    marked = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return "; ".join(marked)[:MESSAGE] if marked else text[-MESSAGE:]


class Seen:
    """What a test went through."""

    def __init__(self) -> None:
        self.lines: dict[str, set[int]] = {}
        self.calls: dict[tuple[str, str], list[str]] = {}
        """(path, function) → the arguments of its calls, as they are written."""


def tracer(folder: str, seen: Seen) -> Callable[[Any, str, Any], Any]:
    inside = folder + os.sep

    def called(frame: Any, event: str, argument: Any) -> Any:
        code = frame.f_code
        path = code.co_filename
        if not path.startswith(inside):
            return None
        lines = seen.lines.setdefault(path, set())
        calls = seen.calls.setdefault((path, getattr(code, "co_qualname", code.co_name)), [])
        if len(calls) < CALLS and not code.co_name.startswith("<"):
            with contextlib.suppress(Exception):
                values = tuple(frame.f_locals[name] for name in code.co_varnames[: code.co_argcount])
                written = repr(values)
                if len(written) <= MESSAGE and written not in calls:
                    calls.append(written)

        def stepped(frame: Any, event: str, argument: Any) -> Any:
            if event == "line":
                lines.add(frame.f_lineno)
            return stepped

        return stepped

    return called


def limited(seconds: float, late: Callable[..., None]) -> None:
    """Seconds of this process's own time, so that a busy machine does not count against a test."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, late)
        signal.setitimer(signal.ITIMER_PROF, seconds)


def loaded(path: str) -> tuple[list[Any], dict[Any, types.CodeType]]:
    """Every function of a file that lives, with its place in the file's outline; and that outline."""
    with open(path, "rb") as file:
        outline = dict(codes(compile(file.read(), path, "exec", dont_inherit=True)))
    places: dict[tuple[str, int], tuple[Any, ...]] = {}
    for name, code in outline.items():
        places.setdefault((code.co_name, code.co_firstlineno), name)
    found: list[Any] = []
    for one in gc.get_objects():
        if isinstance(one, types.FunctionType) and one.__code__.co_filename == path:
            name = places.get((one.__code__.co_name, one.__code__.co_firstlineno))
            if name is not None:
                found.append((one, name))
    return found, outline


def codes(code: types.CodeType, name: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], types.CodeType]]:
    """(place, code) of everything in a code object; a place is the names down to it, numbered where they repeat."""
    counts: dict[str, int] = {}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            number = counts[constant.co_name] = counts.get(constant.co_name, -1) + 1
            place = (*name, (constant.co_name, number))
            yield place, constant
            yield from codes(constant, place)


def replaced(functions: list[Any], outline: dict[Any, types.CodeType], module: types.CodeType) -> None:
    new = dict(codes(module))
    for function, name in functions:
        function.__code__ = new[name] if name in new else outline[name]


def behaviour(inputs: list[str], functions: list[Any], job: dict[str, Any]) -> list[str]:
    """What a function answers to each of some inputs, as text: how two candidates are told apart."""
    name = job["function"]
    function = next((one for one, _ in functions if one.__qualname__ == name), None)
    if function is None:
        return []
    found: list[str] = []
    for written in inputs:
        try:
            arguments = ast.literal_eval(written)
        except Exception:
            found.append("?")
            continue
        found.append(answer(on(function, job["made"]), arguments, max(0.05, job["cpu"] / 20)))
    return found


def on(function: Any, made: str) -> Any:
    """A method of an object that is made for each call; a function as it is."""

    def method(*given: Any) -> Any:
        return function(eval(made, function.__globals__), *given)  # noqa: S307  a class's name and literals

    return method if made else function


def answer(function: Any, arguments: tuple[Any, ...], seconds: float) -> str:
    """What a call returns, as text without addresses; the kind of error where it raises one."""

    def late(*_: Any) -> None:
        raise Late

    limited(seconds, late)
    try:
        return written(drained(function(*arguments)))
    except Late:
        return "!late"
    except BaseException as error:
        return "!" + type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def written(value: Any) -> str:
    """A value as text without addresses; of one that only tells where it lies, what it holds."""
    text = repr(value)
    held = getattr(value, "__dict__", None)
    if " at 0x" in text and held and not callable(value):
        text = f"{type(value).__name__} {held!r}"
        if len(text) > MESSAGE:
            text = f"{zlib.crc32(without_addresses(text).encode('utf-8', 'replace')):x} {text}"
    return without_addresses(text)[:MESSAGE]


def without_addresses(text: str) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", text)


class Late(BaseException):
    """A call that took too long."""


def drained(value: Any) -> Any:
    """A generator tells nothing until it is read."""
    if isinstance(value, types.GeneratorType):
        found: list[Any] = []
        for one in value:  # pyright: ignore[reportUnknownVariableType]
            found.append(one)
            if len(found) > 1000:
                break
        return found
    return value


def forks(
    jobs: list[Callable[[End], None]], together: int, wall: float, patience: float, heard: Callable[[int, str], bool]
) -> None:
    """Each job in a fork; it ends by handing `end` a text. A fork that outlives `wall` seconds is killed."""
    live: dict[int, list[Any]] = {}
    waiting = list(enumerate(jobs))[::-1]
    over = time.monotonic() + patience
    while waiting or live:
        while waiting and len(live) < together and time.monotonic() < over:
            number, job = waiting.pop()
            read, pid = forked(job)
            live[read] = [pid, number, time.monotonic() + wall, b""]
        if not live:
            return
        soonest = min(each[2] for each in live.values())
        ready, _, _ = select.select(list(live), [], [], max(0.0, soonest - time.monotonic()))
        for read in ready:
            part = os.read(read, 1 << 16)
            live[read][3] += part
            if not part and closed(read, live, heard) is False:
                waiting = []
        for read in [each for each, (_, _, late, _) in live.items() if time.monotonic() > late]:
            os.kill(live[read][0], signal.SIGKILL)
            live[read][3] = b""
            closed(read, live, heard)


def closed(read: int, live: dict[int, list[Any]], heard: Callable[[int, str], bool]) -> bool:
    pid, number, _, text = live.pop(read)
    os.close(read)
    os.waitpid(pid, 0)
    return heard(number, text.decode("utf-8", "replace"))


def forked(job: Callable[[End], None]) -> tuple[int, int]:
    read, pipe = os.pipe()
    pid = os.fork()
    if pid:
        os.close(pipe)
        return read, pid

    def end(text: str) -> None:
        data = text.encode("utf-8", "replace")
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(pipe, data) :]
        os._exit(0)

    try:
        os.close(read)
        with contextlib.suppress(Exception):
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        job(end)
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
