"""Real edits, typed key by key through the real server and its pipe: how fast, how often without the model?

`python -m tests.bench.completion DATA`: DATA is a JSONL file (or .xz) of `lang`, `before` and `after`. The lines that
an edit adds or changes are typed into `before`, with the editor's indentation after a line end, at the pace of a
person; each key sends `didChange` and asks for a suggestion. Half of the suggestions that go the way of the edit are
taken, the others are typed through. The same keys are then put to llama-cpp-python itself: the whole prompt evaluated
at each key, and with the longest prefix kept; and to llama.cpp's own server, out of the wheel `xllamacpp`.
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
import json
import lzma
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dovetail.model import fim
from dovetail.model.ask import Ask, Fim
from dovetail.model.catalog import bundled
from dovetail.settings import Settings
from tests.bench.pipe import Pipe, ready, server

DATA = Path(__file__).parents[3] / "shared" / "data" / "real-edit-stream.jsonl.xz"
_PROMPT = (1200, 400)
"""Characters before and behind the cursor for the bare arms: about as many tokens as ours."""
_NEW = 16
_PAUSES, _PAUSE = 0.04, 0.6
"""How often somebody stops to think, and for how many seconds."""


@dataclass(frozen=True)
class Stroke:
    """One thing that a person does: text in place of a range, and what he means to write behind it."""

    line: int
    character: int
    remove: int
    """Characters right of it on that line; -1: the whole line and its end."""
    text: str
    rest: str = ""


def strokes(before: str, after: str) -> Iterator[list[Stroke]]:
    """The runs of keys that make one text the other. A run goes on where the one before it ended."""
    old, new = before.split("\n"), after.split("\n")
    shift = 0
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        at = i + shift
        pairs = min(j - i, m - k) if tag == "replace" else 0
        for n in range(pairs):
            yield list(_changed(at + n, old[i + n], new[k + n]))
        for _ in range(j - i - pairs):
            yield [Stroke(at + pairs, 0, -1, "")]
        if added := new[k + pairs : m]:
            yield list(_added(at + pairs, new[k + pairs - 1] if k + pairs else "", added))
        shift += (m - k) - (j - i)


def _changed(line: int, old: str, new: str) -> Iterator[Stroke]:
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    if gone := len(old) - head - tail:
        yield Stroke(line, head, gone, "")
    typed = new[head : len(new) - tail]
    for n, sign in enumerate(typed):
        yield Stroke(line, head + n, 0, sign, typed[n + 1 :])


def _shared(one: str, two: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def _added(line: int, above: str, added: Sequence[str]) -> Iterator[Stroke]:
    """New lines: the editor indents each as the line to come, all at once with the line end."""
    at, column = line - 1, len(above)
    for n, text in enumerate(added):
        bare = text.lstrip()
        indent = text[: len(text) - len(bare)]
        behind = "".join(f"\n{one}" for one in added[n + 1 :])
        if line == 0 and n == 0:
            yield Stroke(0, 0, 0, "\n")
            at, column = -1, 0
        else:
            yield Stroke(at, column, 0, "\n" + indent, bare + behind)
        at, column = at + 1, len(indent)
        for k, sign in enumerate(bare):
            yield Stroke(at, column + k, 0, sign, bare[k + 1 :] + behind)
        column = len(text)


@dataclass
class Replay:
    """What was seen."""

    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds from key to answer, by who answered."""
    keys: int = 0
    shown: int = 0
    right: int = 0
    """Suggestions that went the way of the edit."""
    taken: int = 0
    typed: int = 0
    """Characters that were taken, not typed."""
    seconds: float = 0.0
    cpu: float = 0.0
    counts: dict[str, Any] = field(default_factory=dict[str, Any])
    prompts: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    read: list[tuple[bool, int, int]] = field(default_factory=list[tuple[bool, int, int]])
    """Of each answer of the model: whether it was asked on this run before, tokens evaluated, tokens of the prompt."""


class Typist:
    """Types a run into a document that is open in the server."""

    def __init__(self, pipe: Pipe, uri: str, text: str, seen: Replay, gap: float, chance: random.Random) -> None:
        self.pipe, self.uri, self.seen, self.gap, self.chance = pipe, uri, seen, gap, chance
        self.lines = text.split("\n")
        self.version = 1
        self.warm = False
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        pipe.notify("textDocument/didOpen", {"textDocument": item})

    def put(self, stroke: Stroke) -> tuple[int, int]:
        """Tell the server; where the cursor is then."""
        line, column = stroke.line, stroke.character
        start = {"line": line, "character": column}
        end = {"line": line, "character": column + stroke.remove}
        if stroke.remove < 0:
            end = {"line": line + 1, "character": 0}
            del self.lines[line]
        else:
            head, tail = self.lines[line][:column], self.lines[line][column + stroke.remove :]
            self.lines[line : line + 1] = (head + stroke.text + tail).split("\n")
            rows = stroke.text.split("\n")
            line, column = line + len(rows) - 1, len(rows[-1]) + (column if len(rows) == 1 else 0)
        self.version += 1
        change = {"range": {"start": start, "end": end}, "text": stroke.text}
        document = {"uri": self.uri, "version": self.version}
        self.pipe.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        return line, column

    async def run(self, some: list[Stroke], most: int) -> None:
        skip = 0
        self.warm = False
        for stroke in some:
            if self.seen.keys >= most:
                return
            if skip >= len(stroke.text) and skip:
                skip -= len(stroke.text)
                continue
            skip = 0
            pace = self.gap * self.chance.uniform(0.5, 1.5)
            if stroke.text.startswith("\n") or self.chance.random() < _PAUSES:
                pace += _PAUSE  # people stop to think at the end of a line, and now and then
            began = time.perf_counter()
            line, column = self.put(stroke)
            if stroke.text:
                text = await self.ask(line, column, pace)
                if text and len(text) > 1 and stroke.rest.startswith(text):
                    self.seen.right += 1
                    if self.chance.random() < 0.5:
                        self.seen.taken += 1
                        self.seen.typed += len(text)
                        await asyncio.sleep(0.25)  # reading it
                        line, column = self.put(Stroke(line, column, 0, text))
                        await self.ask(line, column, pace)
                        skip = len(text)
            await asyncio.sleep(max(0.0, pace - (time.perf_counter() - began)))

    async def ask(self, line: int, column: int, pace: float) -> str:
        """What is shown before the next key."""
        seen = self.seen
        seen.keys += 1
        before = "\n".join([*self.lines[max(0, line - 60) : line], self.lines[line][:column]])
        behind = "\n".join([self.lines[line][column:], *self.lines[line + 1 : line + 20]])
        seen.prompts.append((before[-_PROMPT[0] :], behind[: _PROMPT[1]]))
        began = time.perf_counter()
        known: Counter[str] = Counter(seen.counts.get("answered", {}))
        params = {
            "textDocument": {"uri": self.uri},
            "position": {"line": line, "character": column},
            "context": {"triggerKind": 2},
        }
        _, answer = self.pipe.ask("textDocument/inlineCompletion", params)
        done, _ = await asyncio.wait([answer], timeout=pace)
        if not done:
            seen.spent["not before the next key"].append(pace)
            return ""
        arrived, body = await answer
        result = json.loads(body).get("result")
        _, told = await self.pipe.timed("workspace/executeCommand", {"command": "dovetail.showStats"})
        was, seen.counts = seen.counts.get("typing") or {}, told["counts"]
        now = seen.counts.get("typing") or {}
        evaluated, reused = (now.get(key, 0) - was.get(key, 0) for key in ("evaluated", "reused"))
        if evaluated + reused:
            seen.read.append((self.warm, evaluated, evaluated + reused))
            self.warm = True
        new = Counter(seen.counts["answered"]) - known
        who = next((name for name in new if not name.startswith("nobody")), "silence, at once")
        seen.spent[who].append(arrived - began)
        items = (result or {}).get("items", [])
        seen.shown += bool(items)
        return str(items[0]["insertText"]) if items else ""


def _cpu(pid: int) -> float:
    """Processor seconds of a process and all below it."""
    ticks = os.sysconf("SC_CLK_TCK")
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(entry.parent.name)] = int(fields[1])
        used[int(entry.parent.name)] = (int(fields[11]) + int(fields[12])) / ticks
    mine = {pid}
    while more := {child for child, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return sum(used.get(one, 0.0) for one in mine)


async def replay(rows: Sequence[dict[str, Any]], keys: int, gap: float, seed: int, settings: Any) -> Replay:
    seen, chance = Replay(), random.Random(seed)
    async with server(settings=settings) as pipe:
        await ready(pipe)
        started, cpu = time.perf_counter(), _cpu(pipe.process.pid)
        for number, row in enumerate(rows):
            if seen.keys >= keys:
                break
            typist = Typist(pipe, f"file:///replay/{number}/{Path(row['path']).name}", row["before"], seen, gap, chance)
            for some in strokes(row["before"], row["after"]):
                await typist.run(some, keys)
                if seen.keys >= keys:
                    break
            else:
                assert "\n".join(typist.lines) == row["after"], row["id"]
            pipe.notify("textDocument/didClose", {"textDocument": {"uri": typist.uri}})
        seen.seconds = time.perf_counter() - started
        seen.cpu = _cpu(pipe.process.pid) - cpu
        _, told = await pipe.timed("workspace/executeCommand", {"command": "dovetail.showStats"})
        seen.counts = told["counts"]
    return seen


def _prompt(before: str, behind: str) -> str:
    """As the bundled model was trained."""
    template = fim.template_for("dovetail")
    assert template is not None
    parts: dict[fim.Part, str] = {"pre": template.pre, "suf": template.suf, "mid": template.mid}
    return "".join(fim.arrange(template.layout, {**parts, "PREFIX": before, "SUFFIX": behind}))


async def llama_server(prompts: Sequence[tuple[str, str]]) -> list[float]:
    """llama.cpp's own server, of the wheel `xllamacpp`, at each of these keys: its prompt cache on."""
    from dovetail.model.wheel import WheelPort

    port = WheelPort(bundled(), context=1024, threads=1)
    await port.settle()
    spent: list[float] = []
    for before, behind in prompts:
        began = time.perf_counter()
        await port.answer(Ask(Fim(before, behind), _NEW, stop=("\n",), purpose="typing"))
        spent.append(time.perf_counter() - began)
    await port.close()
    return spent


def bare(prompts: Sequence[tuple[str, str]], *, reuse: bool) -> list[float]:
    """llama-cpp-python at each of these keys."""
    from llama_cpp import Llama

    llama = Llama(str(bundled()), n_ctx=1024, n_threads=1, n_threads_batch=1, verbose=False)
    spent: list[float] = []
    for before, behind in prompts:
        text = _prompt(before, behind)
        began = time.perf_counter()
        if not reuse:
            llama.reset()
        tokens = llama.tokenize(text.encode(), add_bos=False, special=True)
        for count, token in enumerate(llama.generate(tokens, temp=0.0, reset=True), 1):
            if count == _NEW or b"\n" in llama.detokenize([token]):
                break
        spent.append(time.perf_counter() - began)
    return spent


def rows_of(path: Path, seed: int) -> list[dict[str, Any]]:
    data = path.read_bytes()
    text = (lzma.decompress(data) if path.suffix == ".xz" else data).decode()
    rows = [json.loads(line) for line in text.split("\n") if line]
    rows = [r for r in rows if r["lang"] == "py" and r["before"].isascii() and r["after"].isascii()]
    rows = [r for r in rows if "\r" not in r["before"] + r["after"] and r["before"] and r["after"]]
    random.Random(seed).shuffle(rows)
    return rows


def _line(name: str, spent: Sequence[float]) -> dict[str, Any]:
    ordered = sorted(spent)
    at = (0.5, 0.95)
    p50, p95 = (1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0 for share in at)
    return {"answered by": name, "n": len(ordered), "p50_ms": round(p50, 2), "p95_ms": round(p95, 2)}


def _share(read: Sequence[tuple[bool, int, int]], *, warm: bool) -> dict[str, float]:
    """Of the prompts' tokens those that were evaluated: all together, and of the median prompt."""
    some = [(evaluated, prompt) for was_warm, evaluated, prompt in read if was_warm == warm]
    each = sorted(evaluated / prompt for evaluated, prompt in some)
    if not some:
        return {"n": 0}
    whole = sum(evaluated for evaluated, _ in some) / sum(prompt for _, prompt in some)
    return {"n": len(some), "share": round(whole, 4), "median": round(each[len(each) // 2], 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    parser.add_argument("--keys", type=int, default=1500)
    parser.add_argument("--gap", type=float, default=0.15, help="seconds between two keys, give or take a half")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bare", type=int, default=200, help="keys that are put to llama-cpp-python itself")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--reads", action="store_true", help="print what each answer read")
    given = parser.parse_args()
    if not given.data.exists():
        Console().print(f"{given.data} is not there: nothing was measured")
        return
    rows = rows_of(given.data, given.seed)
    settings = {"completion": {"debounce_ms": Settings().completion.debounce_ms}}
    seen = asyncio.run(replay(rows, given.keys, given.gap, given.seed, settings))
    lines = [_line(who, spent) for who, spent in sorted(seen.spent.items())]
    some = seen.prompts[: given.bare]
    lines.append(_line("bare llama-cpp-python, whole prompt", bare(some, reuse=False)))
    lines.append(_line("bare llama-cpp-python, prefix kept", bare(some, reuse=True)))
    server_there = find_spec("xllamacpp") is not None
    if server_there:
        lines.append(_line("llama-server (xllamacpp), prompt cache", asyncio.run(llama_server(some))))
    table = Table("answered by", "n", "p50 ms", "p95 ms")
    for line in lines:
        table.add_row(*(str(value) for value in line.values()))
    Console().print(table)
    asked = seen.counts.get("with the model", 0)
    typing = seen.counts.get("typing") or {}
    asks = max(1, typing.get("asks", 0))
    head = {
        "keys": seen.keys,
        "without the model": round(1 - asked / max(1, seen.counts.get("asked", 0)), 3),
        "model asks": typing.get("asks", 0),
        "share of the prompt evaluated, warm": _share(seen.read, warm=True),
        "share of the prompt evaluated, cold": _share(seen.read, warm=False),
        "prompt tokens evaluated per ask": round(typing.get("evaluated", 0) / asks, 1),
        "prompt tokens kept per ask": round(typing.get("reused", 0) / asks, 1),
        "tokens written per ask": round(typing.get("written", 0) / asks, 1),
        "shown": seen.shown, "went the way of the edit": seen.right,
        "taken": seen.taken, "characters taken": seen.typed,
        "model asks cancelled": typing.get("silent", {}).get("cancelled", 0),
        "cpu_seconds_per_minute": round(60 * seen.cpu / max(1.0, seen.seconds), 2),
        "server_ms": seen.counts.get("milliseconds", {}),
        "llama-server": version("xllamacpp") if server_there else "xllamacpp is not installed",
        "gap": given.gap, "seed": given.seed, "load": os.getloadavg(),
    }  # fmt: skip
    Console().print_json(json.dumps(head))
    if given.reads:
        Console().print(seen.read)
    if given.out:
        raw = {who: [round(1000 * one, 2) for one in spent] for who, spent in seen.spent.items()}
        given.out.write_text(json.dumps({**head, "rows": lines, "raw_ms": raw}) + "\n", "utf-8")


if __name__ == "__main__":
    main()
