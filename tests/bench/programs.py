"""Wrong programs with tests: the sets that others made, and how one is laid out in a folder."""

from __future__ import annotations

import ast
import json
import lzma
import random
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dovetail.model.ask import Silence, Test, Tested
from dovetail.verify.tests import Tests, copied
from tests.bench import classes

NODE = """class Node:
    def __init__(
        self, value=None, successor=None, successors=(), predecessors=(), incoming_nodes=(), outgoing_nodes=()
    ):
        self.value = value
        self.successor = successor
        self.successors = list(successors)
        self.predecessors = list(predecessors)
        self.incoming_nodes = list(incoming_nodes)
        self.outgoing_nodes = list(outgoing_nodes)
"""


@dataclass(frozen=True)
class Program:
    """One wrong program and its tests."""

    suite: str
    name: str
    entry: str
    wrong: str
    right: str
    seen: str
    """The test file that the fixer is given."""
    held_out: str
    more: tuple[tuple[str, str], ...] = ()
    file: str = ""
    """Where it lies in its folder; `NAME.py` where empty."""
    test: str = "test_it.py"
    package: Path | None = None
    """An installed package that it is a part of."""
    kind: str = ""
    """What kind of mistake was put in, where it is known."""

    @property
    def path(self) -> str:
        return self.file or f"{self.name}.py"


@contextmanager
def laid_out(folder: str, program: Program, text: str, test: str) -> Generator[str]:
    """The program with a text and a test file in a folder, and a copy of that to run them in."""
    if program.package is not None:
        skipped = shutil.ignore_patterns("test_*.py", "__pycache__", "*.pyc")
        shutil.copytree(program.package, Path(folder, program.package.name), ignore=skipped)
    for name, content in ((program.path, text), (program.test, test), *program.more):
        place = Path(folder, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, "utf-8")
    with copied(folder) as scratch:
        if isinstance(scratch, Silence):
            raise RuntimeError(scratch.reason)
        yield scratch


async def outcomes(
    folder: str, scratch: str, program: Program, jobs: int, limit: float = 10, patience: float = 60
) -> dict[str, str]:
    """What becomes of each test function, the worst of its cases; {} where they cannot be run."""
    told = await Tests(folder, scratch, sys.executable, jobs=jobs, plugins=False)(
        Test((program.test,), limit=limit, patience=patience)
    )
    found: dict[str, str] = {}
    for ran in told.tests if isinstance(told, Tested) else ():
        name = ran.name.partition("::")[2].split("[")[0]
        if found.get(name, "passed") in ("passed", "skipped"):
            found[name] = ran.outcome
    return found


def rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    with lzma.open(data / f"{name}.jsonl.xz", "rt") as file:
        for line in file:
            yield json.loads(line)


def quixbugs(data: Path, part: float = 0.5, turn: int = 0) -> Iterator[Program]:
    """`part` of each program's cases is seen; with 1.0 all are, and scored as well."""
    for row in rows(data, "quixbugs"):
        name = row["name"]
        test = _imported(row["test"], name)
        if row["json_cases"]:
            cases: list[Any] = row["json_cases"]
            head, tail = test.split(f"load_json_testcases({name}.__name__)")
            files = [f"{head}{[cases[n] for n in half]!r}{tail}" for half in _parted(len(cases), f"{name}{turn}", part)]
        else:
            tree = ast.parse(test)
            tests: list[ast.stmt] = [
                node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test")
            ]
            files = [
                ast.unparse(ast.Module([n for n in tree.body if n not in tests or tests.index(n) in half], []))
                for half in _parted(len(tests), f"{name}{turn}", part)
            ]
        yield Program(
            f"quixbugs {part:g}", name, name, row["buggy"], row["correct"], files[0], files[1], (("node.py", NODE),)
        )


def _imported(test: str, name: str) -> str:
    """The test on its own: what it is about is beside it, slow cases are left out."""
    lines = test.split("\n")
    at = next(n for n, line in enumerate(lines) if "pytest.use_correct" in line)
    lines[at : at + 4] = [f"from {name} import {name}"]
    kept = [line for line in lines if not line.startswith("from load_testdata")]
    return "\n".join(kept).replace("pytest.run_slow", "False")


def _parted(count: int, seed: str, part: float) -> tuple[list[int], list[int]]:
    order = list(range(count))
    if part >= 1:
        return order, order
    random.Random(seed).shuffle(order)
    cut = max(1, round(count * part))
    return sorted(order[:cut]), sorted(order[cut:])


def humanevalfix(data: Path) -> Iterator[Program]:
    """The example tests are seen, one test an assertion; the hidden ones score."""
    for row in rows(data, "humanevalpack-python"):
        entry = row["entry_point"]
        module = f"m{row['task_id'].rpartition('/')[2]}"
        head = f"from {module} import *\nfrom {module} import {entry}\n\n"
        check = next((n for n in ast.parse(row["example_test"]).body if isinstance(n, ast.FunctionDef)), None)
        if check is None or not any(isinstance(n, ast.Assert) for n in check.body):
            continue  # no example is given in a form that can be run
        seen = head
        before: list[str] = []
        for number, node in enumerate(check.body):
            if not isinstance(node, ast.Assert):
                before.append(ast.unparse(node))
                continue
            body = "\n".join(f"    {line}" for part in (*before, ast.unparse(node)) for line in part.split("\n"))
            name = check.args.args[0].arg
            same = "" if name == entry else f"    {name} = {entry}\n"
            seen += f"def test_{number}():\n{same}{body}\n\n\n"
        test = "\n".join(line for line in row["test"].split("\n") if line.strip() != f"check({entry})")
        hidden = f"{head}{test}\n\ndef test_hidden():\n    check({entry})\n"
        yield Program(
            "humanevalfix", module, entry, row["prompt"] + row["buggy_solution"],
            row["prompt"] + row["canonical_solution"], seen, hidden,
        )  # fmt: skip


def faulty(data: Path) -> Iterator[Program]:
    """Our own; nothing is read."""
    for one in classes.classes():
        wrong = one.right.replace(one.line[1], one.line[0])
        yield Program("classes", one.name, "", wrong, one.right, one.seen, one.held_out)


_HEAD = """import bisect, collections, functools, heapq, itertools, math, random, re, string
from bisect import *
from collections import *
from functools import *
from heapq import *
from itertools import *
from math import *
from typing import *

"""
_INPUTS = 40
"""Inputs for which a right program and what is shown are compared."""


def debugbench(data: Path) -> Iterator[Program]:
    """Programs with one implanted mistake: the examples are seen, the right program's answers to other inputs score."""
    for row in rows(data, "debugbench-python-validated"):
        if row["category"] in ("double", "triple", "quadruple"):
            continue
        name = row["id"].removeprefix("debugbench-py-").replace("-", "_").replace("==", "").strip("_")
        try:
            wrong, right = _HEAD + row["buggy_code"], _HEAD + row["oracle_code"]
            tree = ast.parse(wrong)
            ast.parse(right)
        except SyntaxError:
            continue
        name = f"d_{''.join(char if char.isalnum() else '_' for char in name)}"
        of = next((n for n in tree.body if isinstance(n, ast.ClassDef)), None)
        entry = _method(of, row["examples"][0][0])
        if of is None or not entry:
            continue
        seen = f"from {name} import {of.name}\n\n"
        for number, (given, answer) in enumerate(row["examples"]):
            seen += f"def test_{number}():\n    assert {of.name}().{entry}(**{given!r}) == {answer!r}\n\n\n"
        draw = random.Random(name)
        others = [_varied(dict(draw.choice(row["examples"])[0]), draw) for _ in range(_INPUTS)]
        held_out = f"{right.replace(f'class {of.name}', 'class Right')}\n\nfrom {name} import {of.name}\n\n"
        for number, given in enumerate(dict.fromkeys(map(repr, others))):
            held_out += (
                f"def test_{number}():\n    answer = Right().{entry}(**{given})\n"
                f"    assert {of.name}().{entry}(**{given}) == answer\n\n\n"
            )
        yield Program("debugbench", name, entry, wrong, right, seen, held_out)


def _method(of: ast.ClassDef | None, given: dict[str, Any]) -> str:
    """The method that takes what an example gives."""
    for node in of.body if of is not None else ():
        if isinstance(node, ast.FunctionDef) and {arg.arg for arg in node.args.args} - {"self"} == set(given):
            return node.name
    return ""


def _varied(given: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """An example with one or two of its values changed a little."""
    for _ in range(draw.choice((1, 1, 2))):
        key = draw.choice(sorted(given))
        given[key] = _other(given[key], draw)
    return given


def _other(value: Any, draw: random.Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return max(0, value + draw.choice((-3, -2, -1, 1, 2, 3, 7))) if value >= 0 else value + draw.choice((-1, 1))
    if isinstance(value, float):
        return value * draw.choice((0.5, 2, 3))
    if not isinstance(value, str | list) or not value:
        return value
    several: Any = value  # pyright: ignore[reportUnknownVariableType]
    at, to = sorted(draw.randrange(len(several)) for _ in range(2))
    match draw.randrange(4):
        case 0:
            return several[:at] + several[at + 1 :]
        case 1:
            return several[:at] + several[to : to + 1] + several[at:]
        case 2 if at != to:
            return several[:at] + several[to : to + 1] + several[at + 1 : to] + several[at : at + 1] + several[to + 1 :]
        case _ if isinstance(several, list):
            return [*several[:at], _other(several[at], draw), *several[at + 1 :]]
        case _:
            return several[:at] + draw.choice(several) + several[at + 1 :]


async def answerable(program: Program, jobs: int) -> Program:
    """The program with those of its tests held out that the right one passes, in time."""
    with tempfile.TemporaryDirectory() as folder, laid_out(folder, program, program.right, program.held_out) as scratch:
        found = await outcomes(folder, scratch, program, jobs, 1, 30)
    tree = ast.parse(program.held_out)
    tree.body = [n for n in tree.body if not isinstance(n, ast.FunctionDef) or found.get(n.name) == "passed"]
    return replace(program, held_out=ast.unparse(tree) if "passed" in found.values() else "")
