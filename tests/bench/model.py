"""What the model runtime promises, measured: `python -m tests.bench.model [PART …] [--small]`.

candidates   five candidates against five asks of one: prompt tokens evaluated, wall time
cancel       from the cancel to a free worker: while reading 4,000 tokens, while writing; a storm of 1,000
urgent       a suggestion while an action runs, against one while nothing does; does the action finish
grammars     10,000 constrained generations, random weights included: does each parse
hostile      200 grammars that are wrong or meant to harm: does each get a reason, does the server live
mutated      500 damaged model files: the same

Times are of this machine in this hour: compare them within a run. The raw result is `results/model.json`; parts
that were not run keep what it holds of them.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import os
import platform
import random
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from dovetail.model import gbnf
from dovetail.model.ask import Ask, Fim, Silence
from dovetail.model.catalog import bundled
from dovetail.model.desk import LlamaPort
from dovetail.model.gguf import ModelRefused, read_header
from tests.units.model import tiny
from tests.units.model.test_gbnf import BAD, GOOD

RESULT = Path(__file__).parent / "results" / "model.json"
CODE = Path(os.__file__).read_text()
FILL = Ask(Fim("def add(a, b):\n    return a", "\n"), limit=12, stop=("\n",), purpose="typing")


def percentiles(samples: list[float]) -> dict[str, float]:
    """Nearest rank, in milliseconds."""
    ordered = sorted(samples)

    def rank(share: float) -> float:
        return round(1e3 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

    return {"n": len(samples), "p50_ms": rank(0.5), "p95_ms": rank(0.95), "max_ms": round(1e3 * ordered[-1], 2)}


async def started(path: Path, **options: Any) -> LlamaPort:
    port = LlamaPort(path, **options)
    await port.start()
    await port.settle()
    return port


def pid(port: LlamaPort) -> int:
    assert port._process is not None  # pyright: ignore[reportPrivateUsage]
    return port._process.pid  # pyright: ignore[reportPrivateUsage]


async def told(port: LlamaPort, ask: Ask) -> list[Any]:
    said = await port.answer(ask)
    assert isinstance(said, list), said
    return said


# --- candidates ----------------------------------------------------------------------------------------


async def candidates(small: bool, folder: Path) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    shapes = {"bundled": bundled(), "random, 20 M": tiny.write(folder / "c.gguf", context=2048, width=512, layers=6)}
    for name, path in shapes.items():
        port = await started(path, threads=1)
        assert port.info is not None
        together: list[float] = []
        alone: list[float] = []
        evaluated: list[int] = []
        separate: list[int] = []
        written: list[int] = []
        for i in range(3 if small else 30 if name == "bundled" else 5):
            text = f"# {i}\n{CODE[1000 * (i % 9) : 1000 * (i % 9) + 900]}"
            ask = Ask(Fim(text), limit=24, candidates=5, temperature=0.8, seed=i)
            before = port.stats.purposes.get("action")
            since = (before.evaluated, before.written) if before else (0, 0)
            began = time.perf_counter()
            said = await told(port, ask)
            together.append(time.perf_counter() - began)
            now = port.stats.purposes["action"]
            assert len(said) == 5
            evaluated.append(now.evaluated - since[0])
            written.append(now.written - since[1])
            began = time.perf_counter()
            for k in range(5):
                # a mark in front: nothing of the prompt is known
                again = replace(ask, candidates=1, seed=i + k, prompt=Fim(f"# {i}, {k}, by itself\n{text}"))
                (one,) = await told(port, again)
                separate.append(one.prompt_tokens - one.reused)
            alone.append(time.perf_counter() - began)
        rows.append(
            {
                "model": name,
                "n": len(together),
                "evaluated_for_five": sum(evaluated),
                "evaluated_for_five_asks": sum(separate),
                "written": sum(written),
                "five": percentiles(together),
                "five_asks": percentiles(alone),
                "ratio_p50": round(percentiles(together)["p50_ms"] / percentiles(alone)["p50_ms"], 3),
                "fit": port.info.details["measured"],
                "candidates": port.info.details["candidates"],
            }
        )
        await port.close()
    return {"rows": rows}


# --- cancelling ----------------------------------------------------------------------------------------


async def free(port: LlamaPort) -> None:
    """Until the worker has acknowledged all cancels."""
    while port._owed:  # noqa: ASYNC110  # pyright: ignore[reportPrivateUsage]
        await asyncio.sleep(0.0002)


async def cancelled(port: LlamaPort, ask: Ask, pause: float) -> float | None:
    """Seconds from the cancel to a worker that has let go; None if it was done before."""
    task = asyncio.create_task(port.answer(ask))
    await asyncio.sleep(pause)
    if task.done():
        return None
    began = time.perf_counter()
    task.cancel()
    await asyncio.wait([task])
    await free(port)
    return time.perf_counter() - began


async def cancel(small: bool, folder: Path) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    chance = random.Random(0)
    n = 20 if small else 100
    shaped = tiny.write(folder / "a.gguf", context=8192, width=256, layers=4)
    for name, path, options in (
        ("bundled", bundled(), {}),
        ("random, the bundled one's shape", shaped, {"context": 4608}),
    ):
        port = await started(path, threads=1, **options)
        assert port.info is not None
        length = port.info.context - 64
        text = CODE if name == "bundled" else CODE[:length]
        whole = Ask(Fim(text), limit=8, purpose="typing")
        began = time.perf_counter()
        (said,) = await told(port, whole)
        seconds = time.perf_counter() - began
        reading: list[float] = []
        for i in range(n):
            ask = replace(whole, prompt=Fim(f"# {i} {chance.random()}\n{text}"))
            took = await cancelled(port, ask, chance.random() * min(seconds, 2.0) * 0.8)
            if took is not None:
                reading.append(took)
        writing: list[float] = []
        long = Ask(Fim(text[:400]), limit=256, candidates=500, temperature=1.0)
        for _ in range(n):
            took = await cancelled(port, long, 0.05 + chance.random() * 0.1)
            if took is not None:
                writing.append(took)
        rows.append(
            {
                "model": name,
                "prompt_tokens": said.prompt_tokens,
                "whole_prompt_seconds": round(seconds, 3),
                "while_reading": percentiles(reading),
                "while_writing": percentiles(writing),
            }
        )
        await port.close()
    return {"rows": rows, "storm": await storm(100 if small else 1000)}


def held(process: int) -> dict[str, int]:
    folder = Path(f"/proc/{process}")
    resident = int((folder / "statm").read_text().split()[1]) * resource.getpagesize()
    return {
        "files": len(list((folder / "fd").iterdir())),
        "threads": len(list((folder / "task").iterdir())),
        "resident_kB": resident >> 10,
    }


async def storm(n: int) -> dict[str, Any]:
    port = await started(bundled(), threads=1)
    worker, chance = pid(port), random.Random(1)
    asks = [Ask(Fim(CODE[i : i + 900]), limit=50, purpose="typing") for i in range(0, 4000, 40)]
    for ask in asks[:20]:  # what is allocated once is allocated
        await told(port, replace(ask, limit=4))
    before = {"worker": held(worker), "server": held(os.getpid())}
    for i in range(n):
        task = asyncio.create_task(port.answer(asks[i % len(asks)]))
        await asyncio.sleep(0 if i % 3 else chance.random() * 0.01)
        task.cancel()
        await asyncio.wait([task])
    await told(port, FILL)
    await free(port)
    after = {"worker": held(worker), "server": held(os.getpid())}
    left = len(port._waiting) + len(port._watches)  # pyright: ignore[reportPrivateUsage]
    same = pid(port) == worker
    await port.close()
    return {"cancels": n, "before": before, "after": after, "left_over": left, "same_worker": same}


# --- urgent --------------------------------------------------------------------------------------------


async def urgent(small: bool, folder: Path) -> dict[str, Any]:
    port = await started(bundled(), threads=1)

    async def suggestion(i: int) -> float:
        began = time.perf_counter()
        await told(port, replace(FILL, prompt=Fim(f"{CODE[:600]}\n{'x' * (i % 7)} = ")))
        return time.perf_counter() - began

    n = 20 if small else 200
    idle, busy, actions = [], [], 0
    for i in range(n):
        await asyncio.sleep(0.01)
        idle.append(await suggestion(i))
    action = Ask(Fim(CODE[:2000]), limit=60, candidates=40, temperature=0.9, purpose="action")
    task = asyncio.create_task(port.answer(action))
    for i in range(n):
        if task.done():
            assert isinstance(task.result(), list)
            actions += 1
            task = asyncio.create_task(port.answer(action))
        await asyncio.sleep(0.01)
        busy.append(await suggestion(i))
    said = await task
    assert isinstance(said, list)
    spent = port.stats.purposes["typing"]
    await port.close()
    return {
        "idle": percentiles(idle),
        "while_an_action_runs": percentiles(busy),
        "ratio_p95": round(percentiles(busy)["p95_ms"] / percentiles(idle)["p95_ms"], 2),
        "actions_finished": actions + 1,
        "typing_reuse": round(spent.reuse or 0.0, 3),
    }


# --- grammars ------------------------------------------------------------------------------------------


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


SHAPES: dict[str, tuple[str, Callable[[str], bool]]] = {
    "a guard": (
        r"""root ::= "if " test ":\n    raise " ("ValueError" | "TypeError") "(" text ")"
test ::= name " is None" | "not isinstance(" name ", " ("int" | "str") ")" | name " " [<>] " " [0-9]{1,3}
name ::= "path" | "default"
text ::= "\"" [a-z ]{1,20} "\""
""".replace("[0-9]{1,3}", '("0" | [1-9] [0-9]{0,2})'),
        is_python,
    ),
    "an expression": (
        r"""root ::= term (" " ("+" | "-" | "*" | "and" | "or" | "is not") " " term){0,3}
term ::= name | name "(" (name (", " name){0,2})? ")" | "[" name "]" | "(" name " if " name " else " name ")" | number
name ::= [a-hj-z] [0-9]{0,2}
number ::= "0" | [1-9] [0-9]{0,3}
""",
        is_python,
    ),
    "a block": (
        r"""root ::= "for " name " in " name ":\n" ("    " line "\n"){1,3}
line ::= name " = " name | name "(" name ")" | "if " name ": continue"
name ::= [b-hj-z] "_" [a-z]{0,6}
""",
        is_python,
    ),
    "JSON": (
        r"""root ::= "{" pair (", " pair){0,2} "}"
pair ::= text ": " (text | number | list | "true" | "null")
list ::= "[" (number (", " number){0,3})? "]"
text ::= "\"" [^"\\\x00-\x1f\x7f\uFFFD]{0,8} "\""
number ::= "-"? ("0" | [1-9] [0-9]{0,4}) ("." [0-9]{1,3})?
""".replace(r"\x00-\x1f", r"\x01-\x1f"),
        is_json,
    ),
    "the rest of a word": (
        r'root ::= "_find" [^\n]{0,24} "\n"',
        lambda text: re.fullmatch(r"_find[^\n]{0,24}\n", text) is not None,
    ),
    "one of these": (
        "root ::= " + " | ".join(f'"name_{i}"' for i in range(200)),
        lambda text: re.fullmatch(r"name_(\d|[1-9]\d|1\d\d)", text) is not None,
    ),
}  # fmt: skip


async def grammars(small: bool, folder: Path) -> dict[str, Any]:
    models = {"bundled": bundled()}
    for seed in range(3):
        words = ("Ġ" * 9, "()", '":', "true", "ĊĠĠĠĠ", "éé")
        models[f"random {seed}"] = tiny.write(folder / f"r{seed}.gguf", seed=seed, words=words)
    total = 300 if small else 10_000
    each = -(-total // (len(models) * len(SHAPES)))
    count: Counter[str] = Counter()
    unparsed: list[str] = []
    distinct: set[str] = set()
    for name, path in models.items():
        port = await started(path, threads=1)
        worker = pid(port)
        for shape, (grammar, parses) in SHAPES.items():
            for at in range(0, each, 50):
                prompt = Fim(CODE[at * 7 : at * 7 + 200] if at % 100 else "x = ", "\n")
                ask = Ask(prompt, 220, min(50, each - at), 1.4, at, grammar)
                for one in await told(port, ask):
                    count["generated"] += 1
                    distinct.add(one.text)
                    if one.stopped != "grammar":
                        count[f"stopped by {one.stopped}"] += 1
                    elif not parses(one.text):
                        unparsed.append(f"{name}, {shape}: {one.text!r}")
        count["worker deaths"] += pid(port) != worker
        await port.close()
    return {**count, "distinct": len(distinct), "not parsed": len(unparsed), "examples": unparsed[:5]}


# --- hostile -------------------------------------------------------------------------------------------


def harmful(n: int) -> list[str]:
    """The known bad ones, those that explode while they run, and good ones with damage in them."""
    chance = random.Random(2)
    found = [grammar for grammar, _ in BAD.values()]
    for ways, times in ((8, 50), (6, 80), (12, 40)):
        found.append(f'root ::= ({" | ".join(["[ a-z]"] * ways)}){{{times}}} "."')
    parts = ["(", ")", "|", "*", "+", "?", "{9999}", "{0,1000}", '"', "[", "]", "^", "root", "::=", "\n", "\\x", "\0"]
    good = list(GOOD.values())
    while len(found) < n:
        text = chance.choice(good)[:2000]
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(parts) + text[at + chance.randint(0, 4) :]
        found.append(text)
    return found[:n]


async def hostile(small: bool, folder: Path) -> dict[str, Any]:
    port = await started(bundled(), threads=1)
    outcome: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for grammar in harmful(70 if small else 200):
        said = await port.answer(Ask(Fim("x = "), limit=40, temperature=1.0, grammar=grammar, patience=30))
        if isinstance(said, Silence):
            assert said.reason
            vetted = True
            try:
                gbnf.vet(grammar)
            except gbnf.GrammarRefused:
                vetted = False
            outcome["harmless, but led nowhere" if vetted and said.kind == "refused" else f"silent, {said.kind}"] += 1
            reasons[re.sub(r"line \d+|rule [\w-]+|name [\w-]+", "…", said.reason)] += 1
        else:
            outcome["harmless, answered"] += 1
        while isinstance(await port.answer(FILL), Silence):  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # until it is there again
    stats, status = port.stats, port.status
    await port.close()
    return {
        "grammars": sum(outcome.values()),
        "server deaths": 0,
        "worker deaths": stats.starts - 1,
        "in the end": status.state,
        "outcome": dict(outcome),
        "reasons": dict(reasons.most_common(12)),
    }


# --- mutated files -------------------------------------------------------------------------------------


def damaged(n: int, folder: Path) -> list[bytes]:
    """Tiny models and the bundled one with flipped bytes, wrong lengths, cut short, or with holes."""
    chance = random.Random(3)
    whole = tiny.write(folder / "whole.gguf", control=(tiny.END, *tiny.QWEN), chat_template=tiny.CHATML).read_bytes()
    big = bundled().read_bytes()
    header = len(whole) // 4
    found: list[bytes] = []
    while len(found) < n:
        source, end = (big, 200_000) if len(found) % 5 == 0 else (whole, header)
        data = bytearray(source)
        match chance.randrange(5):
            case 0:  # bytes of the header
                for _ in range(chance.randint(1, 8)):
                    data[chance.randrange(end)] = chance.randrange(256)
            case 1:  # lengths and counts
                at = chance.randrange(0, end, 4)
                number = chance.choice((0, 1, 255, 1 << 31, (1 << 63) - 1, (1 << 64) - 1))
                data[at : at + 8] = number.to_bytes(8, "little")
            case 2:
                del data[chance.randrange(len(data)) :]
            case 3:  # a hole, or something too many
                at = chance.randrange(end)
                filling = bytes(chance.randrange(256) for _ in range(chance.randint(0, 16)))
                data[at : at + chance.randint(0, 16)] = filling
            case _:  # weights
                for _ in range(50):
                    data[chance.randrange(end, len(data))] = chance.randrange(256)
        found.append(bytes(data))
    return found


async def mutated(small: bool, folder: Path) -> dict[str, Any]:
    outcome: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    starts = 0
    for i, data in enumerate(damaged(25 if small else 500, folder)):
        path = folder / "m.gguf"
        path.write_bytes(data)
        try:
            read_header(path)
        except ModelRefused as refused:  # the process would say the same, half a second later
            outcome["refused by the header"] += 1
            reasons[_without_names(refused.reason)] += 1
            continue
        port = await started(path, threads=1)
        starts += port.stats.starts
        if port.status.state == "ready":
            said = await port.answer(Ask(Fim("def f(", "\n"), limit=6, patience=60))
            outcome["loads and answers" if isinstance(said, list) else "loads, says why it is silent"] += 1
            if isinstance(said, Silence):
                assert said.reason
                reasons[said.reason] += 1
        else:
            assert port.status.state == "failed", port.status
            assert port.status.reason
            outcome["the process dies of it" if "process ended" in port.status.reason else "refused by llama.cpp"] += 1
            reasons[_without_names(port.status.reason)] += 1
        await port.close()
        if i % 10 == 0:
            print(f"  {i} files", file=sys.stderr)
    return {
        "files": sum(outcome.values()),
        "server deaths": 0,
        "worker starts": starts,
        "outcome": dict(outcome),
        "reasons": dict(reasons.most_common(20)),
    }


def _without_names(reason: str) -> str:
    return re.sub(r"m\.gguf|\([^)]*\)|[\d,]+ bytes", "…", reason)


PARTS: dict[str, Callable[[bool, Path], Coroutine[Any, Any, dict[str, Any]]]] = {
    "candidates": candidates,
    "cancel": cancel,
    "urgent": urgent,
    "grammars": grammars,
    "hostile": hostile,
    "mutated": mutated,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--small", action="store_true", help="a tenth of it, nothing is written")
    given = parser.parse_args()
    results: dict[str, Any] = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for name in given.parts or PARTS:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            found = asyncio.run(PARTS[name](given.small, Path(folder)))
        found["seconds"] = round(time.perf_counter() - began, 1)
        found["where"] = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        results[name] = found
        print(json.dumps({name: found}, indent=1, ensure_ascii=False), flush=True)
        if not given.small:
            RESULT.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
