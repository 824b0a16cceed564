"""`make bench`: keystrokes, completions, actions, index and memory, each against its bare cost.

Everything but the in-process rows goes through the real server, over a pipe, with the bundled model.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import json
import os
import platform
import random
import resource
import sys
import sysconfig
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import tree_sitter
from rich.console import Console
from rich.table import Table

import dovetail
from dovetail import __version__
from dovetail.lsp.scan import read, walk
from dovetail.model.catalog import bundled
from dovetail.syntax import Tree, language_for
from dovetail.text import Document, Edit, Span
from dovetail.world import World
from tests.bench.editors import editors
from tests.bench.figures import Figure
from tests.bench.pipe import Pipe, ready, server
from tests.bench.queries import queries

_STDLIB = Path(sysconfig.get_paths()["stdlib"])
_LARGE = ("typing.py", "argparse.py", "dataclasses.py", "_pydecimal.py", "tarfile.py", "inspect.py")
_LINES = 13_000
_KEYS = ("x", "a", "_", "1", " ", "\n", "q", "e")
_STRUCTURE = ("def typed(a, b):\n    return a\n", "(", "class Typed:\n    x = 1\n")


def large_file() -> str:
    """13,000 lines of the standard library."""
    lines: list[str] = []
    for name in _LARGE:
        lines += (_STDLIB / name).read_text("utf-8").split("\n")
    return "\n".join(lines[:_LINES]) + "\n"


class Typist:
    """Types and takes back, so that the file stays what it was."""

    def __init__(self, text: str, seed: int = 0) -> None:
        self.lines = text.split("\n")
        self.chance = random.Random(seed)
        self.version = 1
        # the ends of lines inside functions, where people type; not inside strings, which re-parse the file
        self.places = [n for n, line in enumerate(self.lines) if line.startswith("        ") and line.endswith(")")]

    def key(self, keys: tuple[str, ...] = _KEYS) -> tuple[dict[str, Any], dict[str, Any]]:
        """A change and the one that takes it back, as `contentChanges` entries."""
        line = self.chance.choice(self.places)
        text = self.chance.choice(keys)
        at = {"line": line, "character": len(self.lines[line])}
        rows = text.split("\n")
        end = {"line": line + len(rows) - 1, "character": len(rows[-1]) + (at["character"] if len(rows) == 1 else 0)}
        return {"range": {"start": at, "end": at}, "text": text}, {"range": {"start": at, "end": end}, "text": ""}

    def change(self, pipe: Pipe, uri: str, change: dict[str, Any]) -> None:
        self.version += 1
        pipe.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": self.version}, "contentChanges": [change]},
        )


def _opened(pipe: Pipe, uri: str, text: str) -> None:
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    pipe.notify("textDocument/didOpen", {"textDocument": item})


async def _echo(pipe: Pipe) -> float:
    return (await pipe.timed("workspace/executeCommand", {"command": "dovetail.status"}))[0]


# ---- keystrokes ---------------------------------------------------------------------------------


def _typed(document: Document, change: dict[str, Any]) -> Edit:
    start, end = (
        document.start_of(at["line"]) + at["character"] for at in (change["range"]["start"], change["range"]["end"])
    )
    return Edit(Span(start, end), change["text"].encode())


def bare_parse(text: str, keys: tuple[str, ...], n: int) -> list[float]:
    """tree-sitter alone: `edit` and an incremental parse of the same keys."""
    language = language_for("a.py")
    assert language is not None
    parser = tree_sitter.Parser(language.grammar)
    typist = Typist(text)
    document = Document.of(text)
    tree = parser.parse(document.data)
    spent: list[float] = []
    for _ in range(n):
        for number, change in enumerate(typist.key(keys)):
            edit = _typed(document, change)
            after = document.edited(edit)
            first, last = edit.span.start, edit.span.end
            points = (document.point(first), document.point(last), after.point(first + len(edit.new)))
            began = time.perf_counter()
            tree.edit(first, last, first + len(edit.new), *points)
            tree = parser.parse(after.data, tree)
            if number == 0:
                spent.append(time.perf_counter() - began)
            document = after
    return spent


def in_process(text: str, keys: tuple[str, ...], n: int, before: Callable[[], None] | None = None) -> list[float]:
    """`World.edit`, the whole of text, tree, facts and graph. before: done once the file is open."""
    world, typist = World(), Typist(text)
    document = world.open("/large.py", text, 1, "python").document
    if before is not None:
        before()
    spent: list[float] = []
    version = 1
    for _ in range(n):
        for number, change in enumerate(typist.key(keys)):
            edit = _typed(document, change)
            version += 1
            began = time.perf_counter()
            document = world.edit("/large.py", version, [lambda _, edit=edit: edit]).document
            if number == 0:
                spent.append(time.perf_counter() - began)
    return spent


_BURST = 40
"""Keys that are typed before somebody rests for a moment."""


def collections(text: str, n: int) -> list[float]:
    """How long each collection of garbage took while keys were typed, with a rest now and then, as in the server."""
    spent: list[float] = []
    began = 0.0

    def told(phase: str, _: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = time.process_time()
        else:
            spent.append(time.process_time() - began)

    def rest() -> None:
        gc.callbacks.remove(told)
        gc.collect()
        gc.freeze()
        gc.callbacks.append(told)

    gc.callbacks.append(told)
    for _ in range(n // _BURST + 1):
        in_process(text, (*_KEYS, *_STRUCTURE), _BURST, rest)
    gc.callbacks.remove(told)
    return spent


async def keystrokes(n: int) -> list[Figure]:
    text = large_file()
    bare = bare_parse(text, _KEYS, n)
    bare_structure = bare_parse(text, _STRUCTURE, n)
    figures = [
        Figure("key → graph, in process", in_process(text, _KEYS, n), bare, "bare incremental parse", "13,000 lines"),
        Figure(
            "structural key → graph, in process", in_process(text, _STRUCTURE, n), bare_structure,
            "bare incremental parse", "a function, a class or a bracket typed at once",
        ),
        Figure(
            "pause for garbage while typing (CPU)", paused := collections(text, n),
            work=f"the longest {1000 * max(paused):.1f} ms",
        ),
    ]  # fmt: skip
    uri = "file:///bench/large.py"
    async with server(sys.executable, str(Path(__file__).with_name("echo.py"))) as pipe:
        await _echo(pipe)
        echo = [await _echo(pipe) for _ in range(n)]
    async with server() as pipe:
        await ready(pipe)
        for name, keys, parse in (("key", _KEYS, bare), ("structural key", _STRUCTURE, bare_structure)):
            _opened(pipe, uri, text)
            typist = Typist(text)
            await _echo(pipe)
            current: list[float] = []
            symbols: list[float] = []
            size = 0
            for _ in range(n):
                change, back = typist.key(keys)
                began = time.perf_counter()
                typist.change(pipe, uri, change)
                current.append(await _echo(pipe) and time.perf_counter() - began)
                began = time.perf_counter()
                _, answer = pipe.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
                arrived, body = await answer
                symbols.append(arrived - began)
                size = len(body)
                typist.change(pipe, uri, back)
                await _echo(pipe)
            against = [p + e for p, e in zip(sorted(parse), sorted(echo), strict=True)]
            figures.append(
                Figure(f"{name} → graph, over the pipe", current, against, "bare parse + a bare pygls round trip")
            )
            figures.append(
                Figure(
                    f"documentSymbol right after a {name}", symbols, echo, "a bare pygls round trip", f"{size:,} bytes"
                )
            )
            pipe.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    return figures


# ---- the model ----------------------------------------------------------------------------------


def _inline(uri: str, line: int, character: int, kind: int = 2) -> dict[str, Any]:
    return {
        "textDocument": {"uri": uri},
        "position": {"line": line, "character": character},
        "context": {"triggerKind": kind},  # 2: as keys are typed; 1: as somebody asks
    }


def bare_model(prompts: list[list[int]], new: int) -> list[float]:
    """llama-cpp-python as its manual shows it: evaluate the whole prompt, then greedy tokens."""
    from llama_cpp import Llama

    llama = Llama(str(bundled()), n_ctx=512, n_threads=1, n_threads_batch=1, verbose=False)
    spent: list[float] = []
    for tokens in prompts:
        began = time.perf_counter()
        for count, _ in enumerate(llama.generate(tokens, temp=0.0, reset=False), 1):
            if count == new:
                break
        spent.append(time.perf_counter() - began)
        llama.reset()
    return spent


async def completions(n: int) -> list[Figure]:
    text = (_STDLIB / "argparse.py").read_text("utf-8")
    lines = text.split("\n")
    chance = random.Random(1)
    places = [k for k, line in enumerate(lines) if line.startswith("        ") and 24 < len(line) < 90 and k > 60]
    uri = "file:///bench/argparse.py"
    cold: list[float] = []
    warm: list[float] = []
    ahead: list[float] = []
    shown = served = 0
    async with server(settings={"completion": {"debounce_ms": 0}}) as pipe:
        await ready(pipe)
        _opened(pipe, uri, text)
        typist = Typist(text)
        for _ in range(n):
            line = chance.choice(places)
            cut = len(lines[line]) - chance.randrange(8, 16)
            rest = lines[line][cut:]
            start = {"line": line, "character": cut}
            end = {"line": line, "character": len(lines[line])}
            typist.change(pipe, uri, {"range": {"start": start, "end": end}, "text": ""})
            spent, result = await pipe.timed("textDocument/inlineCompletion", _inline(uri, line, cut))
            cold.append(spent)
            items = result["items"] if result else []
            shown += bool(items)
            typed = 0
            if items and len(items[0]["insertText"]) > 1:
                letter = items[0]["insertText"][0]
                at = {"line": line, "character": cut}
                typist.change(pipe, uri, {"range": {"start": at, "end": at}, "text": letter})
                typed = 1
                spent, result = await pipe.timed("textDocument/inlineCompletion", _inline(uri, line, cut + 1))
                ahead.append(spent)
                served += bool(result and result["items"])
            # one more key that nobody foresaw: the prompt's beginning is still in the model's cache
            at = {"line": line, "character": cut + typed}
            typist.change(pipe, uri, {"range": {"start": at, "end": at}, "text": " z"})
            spent, _ = await pipe.timed("textDocument/inlineCompletion", _inline(uri, line, cut + typed + 2))
            warm.append(spent)
            whole = {"start": start, "end": {"line": line, "character": cut + typed + 2}}
            typist.change(pipe, uri, {"range": whole, "text": rest})
    chance = random.Random(1)
    prompts = [[chance.randrange(300, 3000) for _ in range(300)] for _ in range(min(n, 40))]
    bare = bare_model(prompts, 16)
    work = f"{shown} of {n} shown"
    against = "bare llama-cpp-python: 300 prompt tokens, 16 new"
    return [
        Figure("suggestion, cold (another place each time)", cold, bare, against, work),
        Figure("suggestion, warm (the next key)", warm, bare, against, "an unforeseen key"),
        Figure("suggestion, typed ahead", ahead, bare, against, f"{served} of {len(ahead)} served without the model"),
    ]


async def while_generating(n: int) -> list[Figure]:
    """Hover and didChange while the model works, against the same while it is idle; and cancelling it."""
    text = (_STDLIB / "argparse.py").read_text("utf-8")
    uri = "file:///bench/argparse.py"
    hover = {"textDocument": {"uri": uri}, "position": {"line": 1740, "character": 9}}
    place = next(k for k, line in enumerate(text.split("\n")) if line.startswith("    def add_argument("))
    hover["position"] = {"line": place, "character": 9}
    lines = text.split("\n")
    block = next(k for k in range(place, len(lines)) if lines[k].startswith("        ") and lines[k].endswith(":"))
    # below an `if`: who asks there is written several lines; it stays, so that the keys beside it hit what they mean
    lines.insert(block + 1, " " * 12)
    text = "\n".join(lines)
    async with server(settings={"completion": {"debounce_ms": 0}}) as pipe:
        await ready(pipe)
        _opened(pipe, uri, text)
        typist = Typist(text)
        await pipe.timed("textDocument/hover", hover)

        async def one() -> tuple[float, float]:
            asked = (await pipe.timed("textDocument/hover", hover))[0]
            change, back = typist.key()
            began = time.perf_counter()
            typist.change(pipe, uri, change)
            await _echo(pipe)
            typed = time.perf_counter() - began
            typist.change(pipe, uri, back)
            return asked, typed

        idle = [await one() for _ in range(n)]
        busy: list[tuple[float, float]] = []
        cancels: list[float] = []
        for _ in range(n):
            number, answer = pipe.ask("textDocument/inlineCompletion", _inline(uri, block + 1, 12, 1))
            await asyncio.sleep(0.004)
            if not answer.done():
                busy.append(await one())
            began = time.perf_counter()
            working = not answer.done()
            pipe.notify("$/cancelRequest", {"id": number})
            arrived, _ = await answer
            if working:
                cancels.append(arrived - began)
    if not busy or not cancels:
        return []
    return [
        Figure("hover while the model writes", [h for h, _ in busy], [h for h, _ in idle], "the same while idle"),
        Figure(
            "didChange while the model writes", [c for _, c in busy], [c for _, c in idle], "the same while it is idle"
        ),
        Figure("cancel → answered", cancels),
    ]


async def menus(n: int) -> list[Figure]:
    """Offers at any cursor, and one action from the menu to its edit."""
    text = (Path(dovetail.__file__).parent / "graph" / "graph.py").read_text("utf-8")
    uri = "file:///bench/graph.py"
    lines = text.split("\n")
    chance = random.Random(2)
    async with server() as pipe:
        await ready(pipe)
        _opened(pipe, uri, text)
        offers: list[float] = []
        rows: list[dict[str, Any]] = []
        for _ in range(n):
            at = {"line": chance.randrange(len(lines)), "character": 4}
            params = {"textDocument": {"uri": uri}, "range": {"start": at, "end": at}, "context": {"diagnostics": []}}
            spent, found = await pipe.timed("textDocument/codeAction", params)
            offers.append(spent)
            rows += [row for row in found or () if "data" in row]
        echo = [await _echo(pipe) for _ in range(n)]
        meals: list[float] = []
        again: list[float] = []
        edits = 0
        for row in list({json.dumps(row["data"], sort_keys=True): row for row in rows}.values())[:20]:
            spent, made = await pipe.timed("codeAction/resolve", row)
            meals.append(spent)
            edits += "edit" in made
            again.append((await pipe.timed("codeAction/resolve", row))[0])
    figures = [Figure("menu of code actions", offers, echo, "a round trip of the same server", f"{len(rows)} rows")]
    if meals:
        figures.append(Figure("action → verified edit", meals, [], "", f"{edits} edits of {len(meals)} actions"))
        figures.append(Figure("the same again", again, echo, "a round trip of the same server"))
    return figures


# ---- index --------------------------------------------------------------------------------------


def indexing() -> tuple[list[Figure], dict[str, Any]]:
    """Reading a project, against a bare parse of the same files."""
    paths, _ = walk(str(_STDLIB), ("test/", "site-packages/", "idlelib/", "lib2to3/"), 300)
    language = language_for("a.py")
    assert language is not None
    texts = [Path(path).read_bytes() for path in paths]
    began = time.perf_counter()
    for text in texts:
        Tree.parse(language, Document(text))
    bare = time.perf_counter() - began
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    world = World([str(_STDLIB)])
    began = time.perf_counter()
    found = read(paths)
    world.learn(found.told())
    whole = time.perf_counter() - began
    lines = sum(text.count(b"\n") for text in texts)
    graph = world.snapshot().graph
    symbols = sum(len(facts.placed) for facts in graph.files.values())
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    told = {"files": len(paths), "lines": lines, "symbols": symbols, "lines_per_second": int(lines / whole),
            "graph_MiB_at_most": round(memory, 1)}  # fmt: skip
    work = f"{len(paths)} files, {lines:,} lines, {symbols:,} symbols"
    return [Figure("index, whole", [whole], [bare], "bare tree-sitter parse of the same files", work)], told


async def start_up() -> tuple[list[Figure], dict[str, Any]]:
    """From process start to ready, and what the processes hold."""
    spent: list[float] = []
    memory: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(3):
            began = time.perf_counter()
            async with server(root=Path(folder)) as pipe:
                await ready(pipe)
                spent.append(time.perf_counter() - began)
                memory = _memory(pipe.process.pid)
    return [Figure("start → ready, empty project", spent, [], "", "server, scan process and model loaded")], memory


def _memory(pid: int) -> dict[str, Any]:
    """Resident memory of a process and its children, in MiB; Linux only."""
    found: dict[str, Any] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if int(fields.get("PPid", "0")) == pid or int(fields.get("Pid", "0")) == pid:
            name = "server" if int(fields["Pid"]) == pid else f"child {len(found)}"
            found[f"{name}_MiB"] = round(int(fields.get("VmRSS", "0").split()[0]) / 1024, 1)
    return found


# ---- all of it ----------------------------------------------------------------------------------


async def _main(n: int, only: str, out: Path | None) -> int:
    console = Console(width=200)
    parts: dict[str, Callable[[], Awaitable[Any]]] = {
        "keystrokes": lambda: keystrokes(n),
        "completions": lambda: completions(n),
        "generating": lambda: while_generating(n),
        "menus": lambda: menus(n),
        "start": start_up,
        "index": lambda: asyncio.to_thread(indexing),
        "queries": lambda: asyncio.to_thread(queries, n),
        "editors": lambda: asyncio.to_thread(editors, n),
    }
    figures: list[Figure] = []
    extra: dict[str, Any] = {}
    for name, part in parts.items():
        if only and name not in only.split(","):
            continue
        with console.status(name):
            result = await part()
        if isinstance(result, tuple):
            extra[name] = result[1]
            result = result[0]
        figures += result
    table = Table(title=f"Dovetail {__version__}")
    for column in ("", "n", "p50 ms", "p95 ms", "p99 ms", "× at p50", "× at p95", "against", "work"):
        table.add_column(column, justify="left" if column in ("", "against", "work") else "right", overflow="fold")
    for figure in figures:
        row = figure.row()
        ratios = [f"{row[key]:.2f}" if row[key] is not None else "" for key in ("ratio_p50", "ratio_p95")]
        numbers = [f"{row[key]:.2f}" for key in ("p50_ms", "p95_ms", "p99_ms")]
        table.add_row(figure.name, str(row["n"]), *numbers, *ratios, figure.against, figure.work)
    console.print(table)
    for name, told in extra.items():
        console.print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in told.items()), highlight=False)
    if out is not None:
        run = {
            "version": __version__,
            "python": platform.python_version(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
            "model": bundled().name,
            "model_sha256": hashlib.sha256(bundled().read_bytes()).hexdigest(),
            "figures": [figure.row() for figure in figures],
            "samples_ms": {f.name: [round(1000 * s, 3) for s in f.samples] for f in figures},
            **extra,
        }
        out.write_text(json.dumps(run, indent=1) + "\n", "utf-8")
        console.print(f"raw result: {out}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("-n", type=int, default=200, help="samples a row")
    parser.add_argument(
        "--only", default="", help="some of keystrokes,completions,generating,menus,start,index,queries,editors"
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "latest.json")
    given = parser.parse_args()
    sys.exit(asyncio.run(_main(given.n, given.only, given.out)))
