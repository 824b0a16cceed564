"""Add validation on JavaScript and TypeScript that nobody wrote for us: do guards keep what is allowed?

    python -m tests.bench.guards_node                       the packages below editors/vscode/node_modules
    python -m tests.bench.guards_node FOLDER --files 800 --save tests/bench/results/guards_node.json

For every function that is given guards: the file with all of them is read by node itself (TypeScript by esbuild); the
guards get values that they must let through and, for each check, values that they must refuse. Exported functions are
also run whole, before and after, on everything that nobody forbids: what went well must go on as
before, value by value.
Runs in processes that may read and do nothing else. Skipped, with a reason, where there is no node.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

from dovetail.features.actions import Edited, Request, validate
from dovetail.features.actions.validation.callers import callers
from dovetail.features.actions.validation.derive import Check, derive
from dovetail.features.actions.validation.reading import Function, read
from dovetail.model.ask import run, through
from dovetail.syntax import Tree, language_for
from dovetail.text import Change, Document, Edit, Span
from dovetail.world import Selection, World
from tests.bench.validation import tell
from tests.scripted import NO_MODEL, no_linter

HERE = Path(__file__).parent
PACKAGES = HERE.parent.parent / "editors" / "vscode" / "node_modules"
_ENDINGS = (".js", ".mjs", ".cjs", ".ts", ".mts")
_BIG = 200_000
_LEAVE = re.compile(
    r"(?i)rm|del|remov|unlink|kill|exit|exec|spawn|system|install|write|save|open|load|send|serv|prompt|input|sleep|"
    r"wait|main|listen|fork|cli|run"
)
_SKIPPED = re.compile(
    r"/(?:typescript|esbuild|@esbuild|@napi-rs|\.bin|\.cache)/|\.min\.|\.d\.[mc]?ts$|/test|bundle|umd"
)


def guarded(path: Path, text: str, counts: Counter[str]) -> tuple[str, list[dict[str, Any]]]:
    """The text with guards in every function that is given some, and what there is to know of each."""
    world, name = World([str(path.parent)]), str(path)
    world.open(name, text, 1, None)
    snapshot = world.snapshot()
    edits: list[Edit] = []
    found: list[dict[str, Any]] = []
    for symbol in snapshot.graph.symbols(name):
        if symbol.kind not in ("function", "method"):
            continue
        counts["functions"] += 1
        at = Selection(name, Span(symbol.name_span.start, symbol.name_span.start))
        offers = validate.offer(snapshot, Request(at))
        if not offers or offers[0].disabled:
            continue
        counts["offered"] += 1
        result = asyncio.run(run(validate.make(snapshot, Request(at), offers[0], None), NO_MODEL, no_linter))
        if not isinstance(result, Edited):
            counts["refused by the server"] += 1
            continue
        edit = result.change.edits[name][0]
        if any(edit.span.meets(other.span) for other in edits):
            continue  # a function inside one of another line
        function = read(snapshot, name, symbol.name_span.start)
        assert isinstance(function, Function)
        edits.append(edit)
        counts["functions with guards"] += 1
        written = edit.new[len(function.before) : len(edit.new) - len(function.after)].decode()
        checks = [
            one
            for one in derive(snapshot, function, through(callers(snapshot, function)))
            if one.confidence != "possible"
        ]
        checks = [one for one in checks if re.search(rf"(?<![\w$.]){re.escape(one.name)}\b", written)]
        for one in checks:
            counts[f"check {one.kinds[0]}, {one.confidence}"] += 1
        plain = [one.name for one in function.parameters]
        head = symbol.signature.partition("(")[2]
        found.append({
            "name": symbol.name, "parameters": plain, "guards": textwrap.dedent(written),
            "checks": [_told(one) for one in checks],
            "whole": not symbol.container and not _LEAVE.search(symbol.name) and not re.search(r"\.\.\.|[{\[]", head),
        })  # fmt: skip
    if not edits:
        return text, []
    after = snapshot.after(Change({name: tuple(sorted(edits, key=lambda one: one.span))})).files[name]
    assert after.tree is not None
    if not _parses(text, path) or _parses(after.document.text(), path):
        counts["files that parse"] += 1
    else:
        counts["files that parse no longer"] += 1
    return after.document.text(), found


def _parses(text: str, path: Path) -> bool:
    language = language_for(str(path))
    assert language is not None
    return not Tree.parse(language, Document.of(text)).root.has_error


def _told(check: Check) -> dict[str, Any]:
    return {
        "name": check.name, "kind": check.kinds[0], "types": check.types, "a": check.a, "b": check.b,
        "choices": check.choices, "missing": check.missing,
        # what is only refused because it is said, not because it fails
        "promised": check.confidence != "certain" or "documentation" in check.why or check.kinds[0] == "choice",
    }  # fmt: skip


def _copied(folder: Path, scratch: Path) -> Path:
    """The packages with room for files beside theirs, without a byte copied."""
    target = scratch / "node_modules"
    shutil.copytree(folder, target, copy_function=_linked, symlinks=True)
    return target


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=PACKAGES)
    parser.add_argument("--files", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="endings, as .ts")
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args()
    node = shutil.which("node")
    if node is None or not asked.folder.is_dir():
        print(f"skipped: {'no node is installed' if node is None else f'there is no {asked.folder}'}")
        return 0
    esbuild = asked.folder / ".bin" / "esbuild"
    counts: Counter[str] = Counter()
    told: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = _copied(asked.folder.resolve(), Path(scratch))
        paths = sorted(p for p in folder.rglob("*") if p.name.endswith(asked.only or _ENDINGS) and p.is_file())
        paths = [p for p in paths if not _SKIPPED.search(p.as_posix()) and p.stat().st_size < _BIG]
        random.Random(asked.seed).shuffle(paths)
        for path in paths[: asked.files]:
            try:
                text = path.read_text("utf-8")
            except UnicodeDecodeError:
                continue
            counts["files"] += 1
            new, functions = guarded(path, text, counts)
            if functions:
                _run(node, esbuild, path, new, functions, counts, told)
    return tell(counts, sorted(told), asked.save)


def _run(
    node: str, esbuild: Path, path: Path, new: str, functions: list[dict[str, Any]], counts: Counter[str],
    told: list[str],
) -> None:  # fmt: skip
    beside = path.with_name(f"{path.stem}.guarded{path.suffix}")
    beside.write_text(new, "utf-8")
    places = [path, beside]
    if path.suffix in (".ts", ".mts"):
        places = [_built(esbuild, one) for one in places] if esbuild.exists() else []
        if len(places) == 2 and places[0] is not None:
            counts["read by esbuild"] += places[1] is not None
            if places[1] is None:
                told.append(f"{path.name} is not read by esbuild any more")
    else:
        both = [subprocess.run([node, "--check", str(one)], capture_output=True).returncode for one in places]
        counts["read by node"] += both == [0, 0]
        if both[0] == 0 and both[1]:
            told.append(f"{path.name} is not read by node any more")
    named = len(places) == 2 and all(places)
    job = {
        "original": str(places[0]) if named else "",
        "guarded": str(places[1]) if named else "",
        "functions": functions,
    }
    try:
        done = subprocess.run(
            [node, "--no-warnings", "--experimental-permission", "--allow-fs-read=*", str(HERE / "guards.mjs")],
            input=json.dumps(job), capture_output=True, text=True, timeout=40, cwd="/", env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        answer = json.loads(done.stdout.rsplit("\x01", 1)[1])
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        counts["files whose process ended early"] += 1
        return
    counts.update(answer["counts"])
    told += [f"{path.parent.name}/{path.name}: {one}" for one in answer["told"]]


def _built(esbuild: Path, path: Path) -> Path | None:
    target = path.with_suffix(".built.mjs")
    done = subprocess.run(
        [str(esbuild), str(path), "--bundle", "--platform=node", "--format=esm", "--packages=external",
         "--log-level=silent", f"--outfile={target}"],
        capture_output=True,
    )  # fmt: skip
    return target if done.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
