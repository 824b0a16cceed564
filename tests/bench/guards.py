"""Do the guards of *Add validation* hold when they run? On functions of installed packages that nobody wrote for us.

    python -m tests.bench.guards                        about a thousand functions
    python -m tests.bench.guards --save tests/bench/results/guards.json

For every function that is given guards: the result is compiled; the guards, in the namespace of the real module, get
values that the annotation, the default and the documentation allow, which must pass, and for each check values that
it refuses, which must raise. Functions of modules that only compute are also run whole, before and after, on the
allowed values, in a process of their own that can write nothing: both must do the same.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import contextlib
import copy
import importlib
import io
import itertools
import multiprocessing
import os
import random
import re
import resource
import signal
import sys
import sysconfig
import textwrap
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dovetail.features.actions import Edited, Request, validate
from dovetail.features.actions.validation.callers import callers
from dovetail.features.actions.validation.derive import Check, derive, in_range
from dovetail.features.actions.validation.reading import Function, Parameter, read
from dovetail.model.ask import run, through
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.bench.validation import PACKAGES, files, tell
from tests.scripted import NO_MODEL, no_linter

PASSED = object()
_POOL: tuple[Any, ...] = (
    1, 2, 3, 0, -1, 7, 0.5, 1.5, -0.5, 100, "a", "utf-8", "", b"a", b"", True, None, [], [1], ["a"], (), (1,), {},
    {"a": 1}, set(), {1}, frozenset(), bytearray(b"a"), object(), len, str, Path("a"), 1j, range(3),
)  # fmt: skip
_PURE = re.compile(
    r"(?:^|/)(?:statistics|textwrap|fractions|difflib|calendar|ipaddress|heapq|json|jinja2/(?:utils|filters|lexer)|"
    r"click/(?:formatting|utils|_textwrap)|rich/(?:cells|color|text|padding|measure|filesize|_ratio|align|style|segment)|"
    r"httpx/(?:_utils|_urlparse|_urls)|pathspec/|networkx/(?:utils|algorithms|classes)|pygls/(?:uris|workspace/)|"
    r"packaging/|pip/_vendor/packaging/|attr/|hypothesis/internal/(?:floats|intervalsets|charmap)|email/|xml/|"
    r"huggingface_hub/utils/_(?:datetime|validators|paths)|gguf/quants|colorsys|fnmatch|html/)"
)
_LEAVE = re.compile(
    r"(?i)rm|del|remov|unlink|kill|exit|exec|system|install|write|save|open|load|send|serv|prompt|input|sleep|wait|main"
)


def module_name(path: Path) -> str | None:
    for root in (Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("stdlib"))):
        if path.is_relative_to(root):
            parts = list(path.relative_to(root).with_suffix("").parts)
            if parts[-1] == "__init__":
                parts.pop()
            return ".".join(parts)
    return None


def look(path: Path, counts: Counter[str], told: list[str], most: int) -> None:
    try:
        text = path.read_text("utf-8")
    except (UnicodeDecodeError, OSError):
        return
    name = module_name(path)
    if name is None or len(text) > 300_000:
        return
    world = World([str(path.parent)])
    world.open(str(path), text, 1, "python")
    snapshot = world.snapshot()
    module: Any = None
    for symbol in snapshot.graph.symbols(str(path)):
        if symbol.kind not in ("function", "method") or counts["functions with guards"] >= most:
            continue
        at = Selection(str(path), Span(symbol.name_span.start, symbol.name_span.start))
        offers = validate.offer(snapshot, Request(at))
        if not offers or offers[0].disabled:
            continue
        result = asyncio.run(run(validate.make(snapshot, Request(at), offers[0], None), NO_MODEL, no_linter))
        if not isinstance(result, Edited):
            counts["refused by the server"] += 1
            continue
        counts["functions with guards"] += 1
        file = snapshot.after(result.change).file(str(path))
        assert file is not None
        after = file.document.text()
        try:
            compile(after, str(path), "exec", dont_inherit=True)
            counts["parse"] += 1
        except (SyntaxError, ValueError):
            told.append(f"{path}: {symbol.qualified} does not parse")
            continue
        if module is None:
            module = imported(name)
        if module is False:
            counts["not importable here"] += 1
            continue
        function = read(snapshot, str(path), symbol.name_span.start)
        assert isinstance(function, Function)
        checks = [
            check
            for check in derive(snapshot, function, through(callers(snapshot, function)))
            if check.confidence != "possible"
        ]
        guards = textwrap.dedent(result.change.edits[str(path)][0].new.decode()).strip("\n")
        checks = [check for check in checks if re.search(rf"\b{re.escape(check.name)}\b", guards)]
        counts["functions run"] += run_guards(
            function, checks, guards, module, f"{name}.{symbol.qualified}", counts, told
        )
        if (
            symbol.kind == "function"
            and not symbol.container
            and _PURE.search(path.as_posix())
            and not _LEAVE.search(symbol.name)
        ):
            run_whole(function, checks, symbol.name, after, module, counts, told)


def imported(name: str) -> Any:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return importlib.import_module(name)
        except BaseException:
            return False


def allowed_types(check: Check, scope: dict[str, Any]) -> tuple[Any, ...] | None:
    try:
        return tuple(eval(one, dict(scope)) for one in check.types)
    except Exception:
        return None


def passes(check: Check, value: Any, scope: dict[str, Any]) -> bool | None:
    """Whether a value is one that a check lets through, told from what was derived and not from the guard's text."""
    if check.missing and value is None:
        return True
    match check.kinds[0]:
        case "type" | "number":
            types = allowed_types(check, scope)
            if types is None:
                return None
            if isinstance(value, bool) and (check.kinds[0] == "number" or bool not in types) and int in types:
                return check.kinds[0] != "number" and None
            return isinstance(value, types)
        case "callable":
            return callable(value)
        case "choice":
            return repr(value) in {repr(ast.literal_eval(choice)) for choice in check.choices}
        case "present":
            return value is not None
        case "non-empty" | "non-empty-length":
            return len(value) > 0 if hasattr(type(value), "__len__") else None
        case kind:
            if isinstance(value, bool) or not isinstance(value, int | float):
                return None
            return in_range(kind, value, check.a, check.b)


def values(check: Check | None, parameter: Parameter) -> list[Any]:
    found = list(_POOL)
    if check is not None and check.kinds[0] == "choice":
        found = [ast.literal_eval(choice) for choice in check.choices] + found
    if check is not None and (check.a or check.b):
        for bound in filter(None, (check.a, check.b)):
            number = float(bound)
            found += [number, int(number), number - 1, number + 1, int(number) - 1, int(number) + 1]
    if parameter.default is not None:
        with contextlib.suppress(Exception):
            found.insert(0, ast.literal_eval(parameter.default))
    return found


def good_values(parameter: Parameter, checks: list[Check], scope: dict[str, Any]) -> list[Any]:
    own = [check for check in checks if check.name == parameter.name]
    pool = list(itertools.chain.from_iterable(values(check, parameter) for check in own or [None]))
    return [v for v in pool if all(passes(check, v, scope) is True for check in own)]


def run_guards(
    function: Function, checks: list[Check], guards: str, module: Any, name: str, counts: Counter[str], told: list[str]
) -> int:
    """Give the guards allowed and refused values."""
    names = [parameter.name for parameter in function.parameters]
    scope = dict(vars(module))
    source = f"def guarded({', '.join(names)}):\n{textwrap.indent(guards, '    ')}\n    return PASSED_\n"
    scope["PASSED_"] = PASSED
    try:
        exec(compile(source, "guards", "exec"), scope)
    except Exception as error:
        told.append(f"{name}: {error!r}")
        return 0
    good = {p.name: good_values(p, checks, scope) for p in function.parameters}
    if any(not found for found in good.values()):
        counts["no allowed value at hand"] += 1
        return 0
    usual = {p: found[0] for p, found in good.items()}
    for p, found in good.items():
        for value in found[:12]:
            counts["allowed values"] += 1
            try:
                assert scope["guarded"](**{**usual, p: value}) is PASSED
                counts["allowed values that pass"] += 1
            except Exception as error:
                told.append(f"{name}: {p}={value!r} is allowed and refused: {error!r}")
    for check in checks:
        parameter = next(p for p in function.parameters if p.name == check.name)
        own = [c for c in checks if c.name == check.name]
        for value in values(check, parameter):
            if passes(check, value, scope) is not False or any(
                passes(other, value, scope) is False for other in own[: own.index(check)]
            ):
                continue  # not this check's to refuse
            counts["refused values"] += 1
            counts[f"refused values of {check.kinds[0]}"] += 1
            try:
                scope["guarded"](**{**usual, check.name: value})
                told.append(f"{name}: {check.name}={value!r} should be refused ({check.kinds[0]})")
                counts[f"not refused: {check.kinds[0]}"] += 1
            except Exception as error:
                expected = (TypeError, ValueError) if not check.error else Exception
                kind = type(error)
                counts["refused values that raise"] += 1
                if not issubclass(kind, expected) and kind.__module__ == "builtins":
                    told.append(f"{name}: {check.name}={value!r} raises {error!r}")
                    counts["raised something else"] += 1
    return 1


def run_whole(
    function: Function, checks: list[Check], name: str, after: str, module: Any, counts: Counter[str], told: list[str]
) -> None:
    """The function itself and the one with guards, on allowed values."""
    original = vars(module).get(name)
    node = next(
        (n for n in ast.parse(after).body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == name),
        None,
    )
    if original is None or node is None or isinstance(node, ast.AsyncFunctionDef) or node.decorator_list:
        return
    scope = dict(vars(module))
    known = {check.name for check in checks}
    if not all(p.name in known or p.default is not None for p in function.parameters):
        return  # what the others take is not known
    needed = [p for p in function.parameters if p.name in known]
    good = {p.name: good_values(p, checks, scope)[:4] for p in needed}
    if any(not found for found in good.values()):
        return
    flags = "from __future__ import annotations\n" if "annotations" in vars(module) else ""
    try:
        exec(compile(flags + ast.unparse(node), "validated", "exec", dont_inherit=True), scope)
    except Exception:
        return
    combinations = list(itertools.islice(itertools.product(*good.values()), 12))
    said = apart(lambda: [played(original, scope[name], dict(zip(good, one, strict=True))) for one in combinations])
    if said is None:
        counts["whole: too slow or ended the process"] += 1
        return
    same = [one for one in said if one is not None]
    if same:
        counts["whole: functions"] += 1
    counts["whole: calls"] += len(same)
    counts["whole: calls that do the same"] += sum(same)
    for one, arguments in zip(said, combinations, strict=True):
        if one is False:
            told.append(f"{module.__name__}.{name}{arguments!r} does another thing with guards")


def played(one: Any, other: Any, arguments: dict[str, Any]) -> bool | None:
    """Whether two functions do the same; None where one of them does not do the same twice."""
    first, again, guarded = (outcome(f, arguments) for f in (one, one, other))
    return first == guarded if first == again else None


def outcome(function: Any, arguments: dict[str, Any]) -> str:
    try:
        value = function(**copy.deepcopy(arguments))
        if hasattr(value, "__next__"):
            value = list(itertools.islice(value, 50))
        return re.sub(r"0x[0-9a-f]+", "0x", repr(value))[:2000]
    except RecursionError:
        raise
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def apart(work: Any) -> Any:
    """Do something in a process that can write nothing, for two seconds at most; None where it does not come back."""
    mine, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_child, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    result = None
    if mine.poll(4):
        with contextlib.suppress(EOFError):
            result = mine.recv()
    process.kill()
    process.join()
    return result


def _child(work: Any, pipe: Any) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    with contextlib.suppress(BaseException):
        pipe.send(work())
    os._exit(0)


def every(packages: list[str], most: int, seed: int) -> Iterator[Path]:
    found = list(files(packages))
    random.Random(seed).shuffle(found)
    yield from found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", default=[*PACKAGES, "packaging", "html", "fnmatch", "colorsys"])
    parser.add_argument("--functions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    counts: Counter[str] = Counter()
    told: list[str] = []
    for path in every([p for p in asked.packages if p not in ("torch", "numpy")], asked.functions, asked.seed):
        if counts["functions with guards"] >= asked.functions:
            break
        look(path, counts, told, asked.functions)
    return tell(counts, sorted(told), asked.save)


if __name__ == "__main__":
    sys.exit(main())
