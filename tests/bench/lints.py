"""Findings of ruff in installed packages, drawn by a seed, and whether one is gone."""

from __future__ import annotations

import ast
import asyncio
import json
import random
import re
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dovetail.features.actions import Diagnostic, Request, Result, fix
from dovetail.memory import Store
from dovetail.model.ask import Log, Port, run
from dovetail.text import Document, Span
from dovetail.verify.checkers import run_checker
from dovetail.verify.checkers.ruff import executable
from dovetail.world import Selection, World

_LARGEST = 60_000
"""Characters of a file that is taken."""


@dataclass(frozen=True)
class Lint:
    """One finding in one file."""

    path: str
    text: str
    code: str
    message: str
    line: int
    start: int
    end: int

    @property
    def name(self) -> str:
        return f"{self.path}:{self.line + 1} {self.code}"

    async def gone(self, shown: str) -> bool:
        """Whether ruff, in a process of its own, finds it no more and nothing else instead, and Python parses it."""
        try:
            ast.parse(shown)
        except SyntaxError:
            return False
        before, after = Counter(await _found(self.text)), Counter(await _found(shown))
        key = (self.code, _plain(self.message))
        return after[key] < before[key] and not after - before


async def _found(text: str) -> list[tuple[str, str]]:
    argv = [executable(), "check", "--isolated", "--no-cache", "--no-fix", "--output-format", "json", "-"]
    with tempfile.TemporaryDirectory() as folder:
        ruff = await asyncio.create_subprocess_exec(
            *argv, cwd=folder, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await ruff.communicate(text.encode())
    rows: list[dict[str, Any]] = json.loads(out or b"[]")
    return [(str(row["code"]), _plain(row["message"])) for row in rows]


def _plain(message: str) -> str:
    """Without the numbers of lines."""
    return re.sub(r"\d+", "…", message)


async def lints(site: Path, count: int, seed: int) -> list[Lint]:
    """`count` findings of what ruff tells without being asked for more: the rules in turns, files by chance."""
    argv = [executable(), "check", "--isolated", "--no-cache", "--no-fix", "--output-format", "json", "."]
    ruff = await asyncio.create_subprocess_exec(
        *argv, cwd=site, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    out, _ = await ruff.communicate()
    rows: list[dict[str, Any]] = json.loads(out or b"[]")
    draw = random.Random(seed)
    rows.sort(key=lambda row: (row["filename"], row["location"]["row"], row["location"]["column"], str(row["code"])))
    draw.shuffle(rows)
    turns: Counter[str] = Counter()
    order = sorted(((turns.update([str(row["code"])]), turns[str(row["code"])])[1], n) for n, row in enumerate(rows))
    found: list[Lint] = []
    used: Counter[str] = Counter()
    for _, number in order:
        row = rows[number]
        place = Path(row["filename"])
        if used[row["filename"]] or row["code"] in (None, "invalid-syntax"):
            continue
        try:
            text = place.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if not text.isascii() or len(text) > _LARGEST:
            continue
        used[row["filename"]] += 1
        document = Document(text.encode())
        at, to = (
            document.start_of(row[key]["row"] - 1) + row[key]["column"] - 1 for key in ("location", "end_location")
        )
        path = place.relative_to(site).as_posix()
        found.append(Lint(path, text, row["code"], row["message"], row["location"]["row"] - 1, at, max(at, to)))
        if len(found) == count:
            break
    return found


async def fixed(world: World, path: str, lint: Lint, port: Port, arm: str, log: Log, memo: Store | None) -> Result:
    """What *Fix* makes of a finding that an editor shows."""
    span = Span(lint.start, lint.end)
    request = Request(Selection(path, span), (Diagnostic(span, lint.code, lint.message, "ruff"),))
    offer = fix.ACTION.offer(world.snapshot(), request)[0]
    info = None if arm == "without model" else port.info
    steps = fix.ACTION.make(world.snapshot(), request, offer, info)
    return await run(steps, port, run_checker, log, memo=memo)


def of_the_model(source: str, log: Log) -> bool:
    """Whether it came of a second or third try of the model."""
    return source == "model" and sum(title == "REPAIR" for title, _ in log.stages()) > 1
