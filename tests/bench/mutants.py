"""Functions of installed packages with one mistake put in by a seed, and the tests of those packages.

A package counts that brings its tests along (`pkg/tests/test_x.py` beside `pkg/x.py`) and says that its licence is a
permissive one. Half of a module's tests, by the seed, are seen by the fixer, one that fails among them; the others
score. Nothing of the packages is kept here: they are read from the folder they are installed in.

The five kinds of mistakes are made from Python's own syntax tree, not with what *Fix* knows of mistakes.
"""

from __future__ import annotations

import ast
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import PathDistribution
from pathlib import Path

from tests.bench.programs import Program, laid_out, outcomes

KINDS = ("operator", "off by one", "swapped arguments", "wrong variable", "missing guard")
_PERMISSIVE = re.compile(r"\b(BSD|MIT|Apache|ISC|PSF|Python Software Foundation)\b", re.IGNORECASE)
_SECONDS = 20.0
"""A module whose tests take longer is left out."""
_TRIES = 12
"""Mistakes of one kind that are put into a module until a test notices one."""
_OPERATORS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "+"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "//"), ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"), ast.And: ("and", "or"), ast.Or: ("or", "and"),
}  # fmt: skip
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Put = tuple[int, int, bytes]
"""(start, end, what stands there instead), in bytes."""


class Source:
    """A text and where the nodes of its tree stand in it."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.tree = ast.parse(text)
        self.lines = [0]
        for line in self.data.split(b"\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)

    def span(self, node: ast.AST) -> tuple[int, int]:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end_line, end_column = getattr(node, "end_lineno", line), getattr(node, "end_col_offset", column)
        return self.lines[line - 1] + column, self.lines[end_line - 1] + end_column

    def of(self, node: ast.AST) -> bytes:
        start, end = self.span(node)
        return self.data[start:end]

    def functions(self) -> list[tuple[str, _Function]]:
        """The functions of the module and of its classes, with their names."""
        found: list[tuple[str, _Function]] = []
        for node in self.tree.body:
            if isinstance(node, _Function):
                found.append((node.name, node))
            elif isinstance(node, ast.ClassDef):
                found += [(f"{node.name}.{one.name}", one) for one in node.body if isinstance(one, _Function)]
        return found

    def put(self, place: _Put) -> str:
        start, end, new = place
        return (self.data[:start] + new + self.data[end:]).decode()


def mistakes(source: Source, function: _Function, kind: str) -> list[_Put]:
    """Every mistake of a kind that can be made in the body of a function."""
    makers: dict[str, Callable[[Source, _Function, ast.AST], Iterator[_Put]]] = {
        "operator": _operator, "off by one": _off_by_one, "swapped arguments": _swapped,
        "wrong variable": _variable, "missing guard": _guard,
    }  # fmt: skip
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return [put for part in body for node in ast.walk(part) for put in makers[kind](source, function, node)]


def _operator(source: Source, function: _Function, node: ast.AST) -> Iterator[_Put]:
    pairs: list[tuple[ast.AST, ast.AST, ast.AST]] = []
    if isinstance(node, ast.BinOp):
        pairs = [(node.left, node.op, node.right)]
    elif isinstance(node, ast.Compare):
        pairs = list(zip([node.left, *node.comparators], node.ops, node.comparators, strict=False))
    elif isinstance(node, ast.BoolOp) and len(node.values) == 2:
        pairs = [(node.values[0], node.op, node.values[1])]
    elif isinstance(node, ast.AugAssign):
        pairs = [(node.target, node.op, node.value)]
    for left, operator, right in pairs:
        if type(operator) not in _OPERATORS:
            continue
        old, new = _OPERATORS[type(operator)]
        start, end = source.span(left)[1], source.span(right)[0]
        between = source.data[start:end]
        if between.count(old.encode()) == 1 and b"#" not in between:
            yield start, end, between.replace(old.encode(), new.encode())


def _off_by_one(source: Source, function: _Function, node: ast.AST) -> Iterator[_Put]:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield (*source.span(node), str(node.value + 1).encode())
    steps: list[ast.AST] = []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        steps = [*node.args]
    elif isinstance(node, ast.Slice):
        steps = [bound for bound in (node.lower, node.upper) if bound is not None]
    for step in steps:
        if not isinstance(step, ast.Constant):
            yield (*source.span(step), source.of(step) + b" - 1")


def _swapped(source: Source, function: _Function, node: ast.AST) -> Iterator[_Put]:
    if not isinstance(node, ast.Call) or any(isinstance(each, ast.Starred) for each in node.args):
        return
    for one, two in zip(node.args, node.args[1:], strict=False):
        start, end = source.span(one)[0], source.span(two)[1]
        between = source.data[source.span(one)[1] : source.span(two)[0]]
        if source.of(one) != source.of(two):
            yield start, end, source.of(two) + between + source.of(one)


def _variable(source: Source, function: _Function, node: ast.AST) -> Iterator[_Put]:
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    names = {arg.arg for arg in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    names |= {each.id for each in ast.walk(function) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    if node.id in names:
        for other in sorted(names - {node.id, "self", "cls"}):
            yield (*source.span(node), other.encode())


def _guard(source: Source, function: _Function, node: ast.AST) -> Iterator[_Put]:
    leaves = ast.Return | ast.Raise | ast.Continue | ast.Break
    if isinstance(node, ast.If) and not node.orelse and len(node.body) == 1 and isinstance(node.body[0], leaves):
        start, end = source.span(node)
        first = source.data.rfind(b"\n", 0, start) + 1
        indent = source.data[first:start]
        beside = re.match(rb"\n*" + indent + rb"[^\s#]", source.data[end:])
        if not indent.strip() and beside:  # not an `elif`, and the block does not end with it
            yield first, end + 1, b""


def _modules(site: Path) -> Iterator[tuple[str, Path, Path]]:
    """(package, module, its tests) of every package there with a permissive licence and tests of its own."""
    for folder in sorted(site.glob("*.dist-info")):
        told = PathDistribution(folder).metadata
        licence = [line for key in ("License-Expression", "License", "Classifier") for line in told.get_all(key) or []]
        top = site / str(told["Name"]).replace("-", "_").lower()
        if not any(_PERMISSIVE.search(line) for line in licence) or not top.is_dir():
            continue
        for test in sorted(top.rglob("tests/test_*.py")):
            module = test.parent.parent / test.name.removeprefix("test_")
            if module.is_file():
                yield top.name, module, test


def _parted(test: str, seen: set[str], *, keep: bool) -> str:
    """A test file with only the tests that are seen, or only the others."""
    tree = ast.parse(test)

    def kept(body: list[ast.stmt], prefix: str) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for node in body:
            if isinstance(node, ast.ClassDef):
                node.body = kept(node.body, f"{prefix}{node.name}::") or [ast.Pass()]
            elif isinstance(node, _Function) and node.name.startswith("test"):
                if (f"{prefix}{node.name}" in seen) != keep:
                    continue
            found.append(node)
        return found

    tree.body = kept(tree.body, "")
    return ast.unparse(ast.fix_missing_locations(tree))


async def _after(program: Program, text: str, test: str, jobs: int) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder, laid_out(folder, program, text, test) as scratch:
        return await outcomes(folder, scratch, program, jobs, 5, _SECONDS)


def _in_turns(modules: list[tuple[str, Path, Path]], draw: random.Random) -> list[tuple[str, Path, Path]]:
    """In an order by chance, one package after the other."""
    draw.shuffle(modules)
    places: dict[str, int] = {}
    order: list[tuple[int, tuple[str, Path, Path]]] = []
    for each in modules:
        places[each[0]] = places.get(each[0], 0) + 1
        order.append((places[each[0]], each))
    return [each for _, each in sorted(order, key=lambda pair: pair[0])]


async def mutants(site: Path, count: int, seed: int, jobs: int) -> list[Program]:
    """`count` mistakes that a test notices: the kinds in turns, at most one of a kind in a module."""
    draw = random.Random(seed)
    modules = _in_turns(list(_modules(site)), draw)
    found: list[Program] = []
    for number, (package, module, test) in enumerate(modules):
        if len(found) >= count:
            break
        name = module.relative_to(site).with_suffix("").as_posix()
        text, tests = module.read_text("utf-8"), test.read_text("utf-8")
        plain = Program(
            "mutants", name, "", text, text, tests, tests, file=f"{name}.py",
            test=test.relative_to(site).as_posix(), package=site / package,
        )  # fmt: skip
        before = await _after(plain, text, tests, jobs)
        if not before or any(outcome not in ("passed", "skipped") for outcome in before.values()) or len(before) < 4:
            continue
        source = Source(text)
        for kind in (KINDS[number % len(KINDS)], KINDS[(number + 2) % len(KINDS)]):
            places = [(of, put) for of, function in source.functions() for put in mistakes(source, function, kind)]
            draw.shuffle(places)
            for of, put in places[:_TRIES]:
                wrong = source.put(put)
                after = await _after(plain, wrong, tests, jobs)
                failing = sorted(one for one in after if after[one] in ("failed", "timeout"))
                if not after or not failing or set(after) != set(before):
                    continue
                order = sorted(before)
                draw.shuffle(order)
                seen = {*order[: len(order) // 2], draw.choice(failing)}
                found.append(Program(
                    "mutants", f"{name} {of} ({kind})", of.rpartition(".")[2], wrong, text,
                    _parted(tests, seen, keep=True), _parted(tests, seen, keep=False), file=plain.file,
                    test=plain.test, package=plain.package, kind=kind,
                ))  # fmt: skip
                break
    return found[:count]
