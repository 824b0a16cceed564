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

_CHECK = ("check", "--isolated", "--no-cache", "--no-fix", "--output-format", "json")
_EACH = 4
"""Findings of a rule, each in another file."""
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
        before, after = Counter(await _found(self.path, self.text)), Counter(await _found(self.path, shown))
        key = (self.code, _plain(self.message))
        return after[key] < before[key] and not after - before


async def _found(path: str, text: str) -> list[tuple[str, str]]:
    argv = [executable(), *_CHECK, "--stdin-filename", path, "-"]
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
    """`count` findings of what ruff tells without being asked for more: rules by chance, four findings of each."""
    ruff = await asyncio.create_subprocess_exec(
        executable(), *_CHECK, ".", cwd=site, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    out, _ = await ruff.communicate()
    rows: list[dict[str, Any]] = json.loads(out or b"[]")
    draw = random.Random(seed)
    rows.sort(key=lambda row: (row["filename"], row["location"]["row"], row["location"]["column"], str(row["code"])))
    draw.shuffle(rows)
    by_rule: dict[str, list[Lint]] = {}
    texts: dict[str, str] = {}
    for row in rows:
        rule = by_rule.setdefault(str(row["code"]), [])
        if len(rule) < _EACH and row["filename"] not in texts and row["code"] not in (None, "invalid-syntax"):
            if (lint := _lint(site, row)) is not None:
                texts[row["filename"]] = lint.text
                rule.append(lint)
    rules = sorted(rule for rule, own in by_rule.items() if len(own) == _EACH)
    draw.shuffle(rules)
    # one of each rule, then the second of each: a memory has forgotten nothing in between
    return [by_rule[rule][turn] for turn in range(_EACH) for rule in rules[: count // _EACH]]


def _lint(site: Path, row: dict[str, Any]) -> Lint | None:
    place = Path(row["filename"])
    try:
        text = place.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    if not text.isascii() or len(text) > _LARGEST:
        return None
    document = Document(text.encode())
    ends = (row["location"], row["end_location"])
    at, to = (document.start_of(end["row"] - 1) + end["column"] - 1 for end in ends)
    path = place.relative_to(site).as_posix()
    return Lint(path, text, row["code"], row["message"], row["location"]["row"] - 1, at, max(at, to))


async def fixed(
    world: World, path: str, lint: Lint, port: Port, off: frozenset[str], log: Log, memo: Store | None
) -> Result:
    """What *Fix* makes of a finding that an editor shows, without what is off."""
    span = Span(lint.start, lint.end)
    request = Request(Selection(path, span), (Diagnostic(span, lint.code, lint.message, "ruff"),), off=off)
    offer = fix.ACTION.offer(world.snapshot(), request)[0]
    steps = fix.ACTION.result(world.snapshot(), request, offer, port.info)
    return await run(steps, port, run_checker, log, memo=memo)


def of_the_model(source: str, log: Log) -> bool:
    """Whether it came of a second or third try of the model."""
    return source == "model" and sum(title == "REPAIR" for title, _ in log.stages()) > 1
