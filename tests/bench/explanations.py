"""Does the rule "an explanation names only what exists" hold back what is true, and does it let through what is not?

`python -m tests.bench.explanations [package …]`

True sentences: the first sentence of the docstrings of functions and classes in installed packages, as if a model had
said it of that very function (its documentation taken out of the text). Dropped ones are the price of the rule. In
each, one name is then replaced by an invented one, in the ways that code is named in prose; each that passes is wrong.
"""

from __future__ import annotations

import ast
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dovetail.features.known import Known, known
from dovetail.features.sentence import believable
from dovetail.text import Span
from dovetail.world import World
from tests.bench.validation import files

PACKAGES = ("click", "httpx", "attr", "anyio", "rich", "jinja2", "pluggy", "asyncio", "email", "http", "concurrent",
            "argparse", "shutil", "textwrap", "pathlib", "zipfile", "statistics", "heapq", "bisect",
            "queue")  # fmt: skip
RESULTS = Path(__file__).parent / "results" / "explanations.json"
INVENTED = ("frob_nicate", "frobNicate", "Frobnicator", "`frobnicate`", "frobnicate()", "Frob.nicate", "'frobnicate'",
            "FROBNICATE", "frobnicate", "the frobnicate function", "$frobnicate", "@frobnicate")  # fmt: skip
_MOST = 40
"""Functions of one package."""
_FIRST = re.compile(r"(.+?[.!?])(?:\s|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Case:
    """A true sentence about a function."""

    name: str
    sentence: str
    exists: Known


def cases(path: Path, most: int) -> Iterator[Case]:
    """Documented functions and classes of a file, the documentation taken out."""
    try:
        text = path.read_text("utf-8")
        tree = ast.parse(text)
    except (UnicodeDecodeError, SyntaxError):
        return
    lines = text.split("\n")
    found: list[tuple[int, int, str, str]] = []
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        doc, first = ast.get_docstring(node), node.body[0]
        told = _FIRST.match(doc.split("\n\n")[0]) if doc else None
        if told is None or len(node.body) < 2 or first.end_lineno is None:
            continue
        found.append((first.lineno, first.end_lineno, node.name, " ".join(told.group(1).split())))
    for start, end, _, _ in found:
        for number in range(start - 1, end):
            lines[number] = ""
    bare = "\n".join(lines)
    world = World(["/project"])
    world.open("/project/m.py", bare, 1, None)
    snapshot = world.snapshot()
    by_name = {symbol.name: symbol for symbol in snapshot.graph.symbols("/project/m.py")}
    for _, _, name, sentence in found[:most]:
        symbol = by_name.get(name)
        if symbol is not None and symbol.span != Span(0, 0):
            yield Case(name, sentence, known(snapshot, symbol))


def replaced(case: Case, way: str, choice: random.Random) -> str | None:
    """The sentence with one of its nouns, or what it names, called by an invented name."""
    places = [
        match
        for match in re.finditer(r"`[^`]+`|(?<=\s)[A-Za-z_][\w.]*\w(?=[\s.,])", case.sentence)
        if len(match.group()) > 3 and match.start() > 0
    ]
    if not places:
        return None
    place = choice.choice(places)
    return case.sentence[: place.start()] + way + case.sentence[place.end() :]


def measure(packages: tuple[str, ...], most: int = _MOST) -> dict[str, object]:
    """Both shares, with what was dropped."""
    choice = random.Random(5)
    true, dropped = 0, []
    wrong: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    let_through: list[str] = []
    for package in packages:
        left = most
        for path in files([package]):
            for case in cases(path, left):
                left -= 1
                true += 1
                if believable(case.sentence, case.exists) is None:
                    dropped.append(f"{package} {case.name}: {case.sentence}")
                    continue
                for way in INVENTED:
                    other = replaced(case, way, choice)
                    if other is None:
                        continue
                    tried[way] += 1
                    if believable(other, case.exists) is not None:
                        wrong[way] += 1
                        let_through.append(other)
            if left <= 0:
                break
    return {
        "true": true,
        "dropped": len(dropped),
        "invented": sum(tried.values()),
        "passed": sum(wrong.values()),
        "passed by how it was written": {way: [wrong[way], tried[way]] for way in INVENTED},
        "examples of dropped": dropped,
        "examples of passed": let_through[:20],
    }


if __name__ == "__main__":
    told = measure(tuple(sys.argv[1:]) or PACKAGES)
    RESULTS.write_text(json.dumps({**told, "examples of dropped": []}, indent=1) + "\n", "utf-8")
    print(json.dumps(told, indent=1, ensure_ascii=False))
