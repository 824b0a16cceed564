"""Add validation on functions that nobody wrote for us: does it hold, and what does it look like?

    python -m tests.bench.validation                    packages of this environment, without a model
    python -m tests.bench.validation --show 40 --seed 1 prints diffs to read

For every function where guards are offered: does the result parse, does it name only what exists, does
each guard let the default values pass, and is there nothing left to add afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
import json
import random
import re
import sys
import sysconfig
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dovetail.features.actions import Edited, Refused, Request, Result, validate
from dovetail.features.actions.validation.callers import callers
from dovetail.features.actions.validation.derive import derive
from dovetail.features.actions.validation.reading import Function, read
from dovetail.model.ask import Runner, run, through
from dovetail.text import Span
from dovetail.verify.checkers import run_checker
from dovetail.world import Selection, World
from tests.scripted import NO_MODEL, no_linter

PACKAGES = (
    "hypothesis", "pygls", "pydantic", "httpx", "rich", "click", "jinja2", "attr", "networkx", "numpy", "torch",
    "huggingface_hub", "gguf", "pathspec", "pip", "anyio", "httpcore", "requests", "platformdirs", "lsprotocol",
    "statistics", "random", "asyncio", "json", "email", "concurrent", "logging", "importlib", "xml", "fractions",
    "heapq", "textwrap", "tempfile", "shutil", "zipfile", "calendar", "ipaddress", "difflib", "sqlite3", "wave",
)  # fmt: skip


def files(packages: list[str]) -> Iterator[Path]:
    for package in packages:
        for root in (Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("stdlib"))):
            place = root / package
            if place.is_dir():
                yield from sorted(p for p in place.rglob("*.py") if "test" not in p.as_posix().split(package, 1)[1])
                break
            if place.with_suffix(".py").is_file():
                yield place.with_suffix(".py")
                break


async def look(path: Path, linter: Runner, counts: Counter[str], shown: list[str], times: list[float]) -> None:
    try:
        text = path.read_text("utf-8")
    except (UnicodeDecodeError, OSError):
        return
    if len(text) > 400_000:
        return
    world = World([str(path.parent)])
    name = str(path)
    world.open(name, text, 1, "python")
    snapshot = world.snapshot()
    counts["files"] += 1
    for symbol in snapshot.graph.symbols(name):
        if symbol.kind not in ("function", "method"):
            continue
        counts["functions"] += 1
        at = Selection(name, Span(symbol.name_span.start, symbol.name_span.start))
        began = time.perf_counter()
        offers = validate.offer(snapshot, Request(at))
        times.append(time.perf_counter() - began)
        if not offers:
            continue
        if offers[0].disabled:
            counts["disabled"] += 1
            continue
        counts["offered"] += 1
        result: Result = await run(validate.make(snapshot, Request(at), offers[0], None), NO_MODEL, linter)
        if not isinstance(result, Edited):
            assert isinstance(result, Refused)
            counts["refused"] += 1
            counts[f"refused: {result.reason[:100]}"] += 1
            continue
        after = snapshot.after(result.change)
        file = after.file(name)
        assert file is not None
        new = file.document.text()
        try:
            compile(new, name, "exec", dont_inherit=True)
            counts["parses"] += 1
        except (SyntaxError, ValueError):
            try:
                compile(text, name, "exec", dont_inherit=True)
                counts["BROKEN"] += 1
                print("BROKEN", name, symbol.name)
            except (SyntaxError, ValueError):
                counts["was broken"] += 1
        if after.graph.unknown_names(name) - snapshot.graph.unknown_names(name):
            counts["NEW NAMES"] += 1
        edit = result.change.edits[name][0]
        guards = textwrap.dedent(edit.new.decode()).strip("\n")
        function = read(snapshot, name, symbol.name_span.start)
        assert isinstance(function, Function)
        for check in derive(snapshot, function, through(callers(snapshot, function))):
            counts[f"check {check.kinds[0]} {check.confidence}"] += 1
            counts["checks"] += 1
        _defaults(function, guards, name, symbol.name, counts)
        again = validate.offer(after, Request(at))
        if again and not again[0].disabled:
            counts["OFFERED AGAIN"] += 1
            print("OFFERED AGAIN", name, symbol.name)
        shown.append(
            "".join(
                difflib.unified_diff(
                    text.splitlines(True), new.splitlines(True), f"{name}::{symbol.qualified}", "with guards", n=12
                )
            )
        )


def tell(counts: Counter[str], findings: list[str], save: Path | None) -> int:
    """Print what was counted and found, and keep it; the exit code."""
    said = json.dumps({**dict(sorted(counts.items())), "findings": findings[:60]}, indent=1, ensure_ascii=False)
    print(said)
    if save:
        save.write_text(f"{said}\n", "utf-8")
    return 1 if findings else 0


def _defaults(function: Function, guards: str, path: str, symbol: str, counts: Counter[str]) -> None:
    """Each default value that can be evaluated must pass the guards of its parameter."""
    for parameter in function.parameters:
        if parameter.default is None:
            continue
        try:
            value: Any = eval(parameter.default, {})
        except Exception:
            continue
        counts["defaults"] += 1
        for block in _blocks(guards):
            if not re.match(rf"if (?:not )?(?:isinstance\(|callable\(|len\(|\S+ < |\S+ <= )?{parameter.name}\b", block):
                continue
            scope = {parameter.name: value}
            try:
                exec(block, {**scope})
            except (NameError, AttributeError):
                continue  # another parameter's guard, or a name of the module
            except Exception as error:
                counts["DEFAULT REFUSED"] += 1
                print("DEFAULT REFUSED", path, symbol, parameter, error)


def _blocks(guards: str) -> Iterator[str]:
    block: list[str] = []
    for line in guards.split("\n"):
        if line.startswith("if ") and block:
            yield "\n".join(block)
            block = []
        if line.startswith((" ", "\t", "if ", ")")):
            block.append(line)
    if block:
        yield "\n".join(block)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", default=list(PACKAGES))
    parser.add_argument("--lint", action="store_true", help="ask ruff as well (20 ms a function)")
    parser.add_argument("--show", type=int, default=0, help="print so many diffs, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="write the counts here")
    parser.add_argument("--values", action="store_true", help="show only those that check a value, not a type")
    parser.add_argument("--files", type=int, default=300, help="look at so many files, drawn at random")
    told = parser.parse_args()
    counts: Counter[str] = Counter()
    shown: list[str] = []
    times: list[float] = []
    random.seed(told.seed)
    found = list(files(told.packages))
    random.shuffle(found)

    async def everything() -> None:
        for path in found[: told.files]:
            await look(path, run_checker if told.lint else no_linter, counts, shown, times)

    asyncio.run(everything())
    random.shuffle(shown)
    if told.values:
        shown = [diff for diff in shown if re.search(r"^\+\s+raise (?!TypeError)", diff, re.MULTILINE)]
    for diff in shown[: told.show]:
        print(diff)
    times.sort()
    if times:
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
            counts[f"offer {name} µs"] = round(1e6 * times[min(len(times) - 1, int(share * len(times)))])
    said = json.dumps(dict(sorted(counts.items())), indent=1, ensure_ascii=False)
    print(said)
    if told.save:
        told.save.write_text(f"{said}\n", "utf-8")
    return 1 if any(key.isupper() for key in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
