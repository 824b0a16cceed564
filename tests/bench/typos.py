"""One sign too few or too many: how often does *Fix* bring back what stood there?

    python -m tests.bench.typos                             Python of installed packages
    python -m tests.bench.typos --files 'src/**/*.ts'       other files, all languages that Fix knows
    python -m tests.bench.typos --save

A bracket, a quote, a comma, a colon or a semicolon of a file that parses is taken away (six of ten times) or put
somewhere, by a seed, where that breaks the syntax; Fix is asked on the line where the tree says that it is wrong, and
where that offers nothing on the line itself. No model; the linter only with `--lint`. `restored`: but for spaces the
text is what it was. `other`: it parses, and is another text; `fewer`: errors are left elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dovetail.features.actions import Edited, Request, fix
from dovetail.model.ask import Runner, run
from dovetail.text import Span
from dovetail.verify.checkers import run_checker
from dovetail.world import Selection, World
from tests.scripted import Scripted, no_linter

RESULTS = Path(__file__).parent / "results" / "typos.json"
SITE = Path(sysconfig.get_path("purelib"))
PACKAGES = ("click", "rich", "pygls", "jinja2", "httpx")
SIGNS = "()[]{}\"',:;"
_LARGEST = 60_000


def files(patterns: list[str]) -> list[Path]:
    if patterns:
        return sorted(path for pattern in patterns for path in Path().glob(pattern))
    return sorted(path for package in PACKAGES for path in (SITE / package).glob("*.py"))


def broken(paths: list[Path], chance: random.Random) -> Iterator[tuple[Path, str, str, int]]:
    """(file, its text, the wrong text, where), for ever."""
    while True:
        path = chance.choice(paths)
        text = path.read_text("utf-8")
        places = [match.start() for match in re.finditer(f"[{re.escape(SIGNS)}]", text)]
        if not places or len(text) > _LARGEST:
            continue
        at = chance.choice(places)
        if chance.random() < 0.6:
            yield path, text, text[:at] + text[at + 1 :], at
        else:
            yield path, text, text[:at] + chance.choice(SIGNS) + text[at:], at


def mended(path: Path, text: str, wrong: str, at: int, check: Runner = no_linter) -> str:
    """What became of it; "" where nothing is wrong with one of the texts."""
    name = f"/project/{path.name}"
    right = World(["/project"]).open(name, text, 1, None)
    world = World(["/project"])
    file = world.open(name, wrong, 1, None)
    if right.tree is None or right.tree.errors() or file.tree is None or not (errors := file.tree.errors()):
        return ""
    place = min(len(wrong[:at].encode()), len(file.document))
    line = file.document.line(file.document.line_at(place))
    said = "nothing offered"
    for start in dict.fromkeys((errors[0].start, line.start)):
        request = Request(Selection(name, Span(start, start)))
        for offer in fix.ACTION.offer(world.snapshot(), request)[:1]:
            said = "refused"
            steps = fix.ACTION.make(world.snapshot(), request, offer, None)
            result = asyncio.run(run(steps, Scripted(), check))
            if isinstance(result, Edited):
                after = world.snapshot().after(result.change).files[name]
                assert after.tree is not None
                if re.sub(r"\s", "", after.document.text()) == re.sub(r"\s", "", text):
                    return "restored"
                return "fewer" if after.tree.errors() else "other"
    return said


def measure(paths: list[Path], count: int, seed: int, check: Runner) -> dict[str, Any]:
    found: Counter[str] = Counter()
    times: list[float] = []
    for case in broken(paths, random.Random(seed)):
        began = time.process_time()
        if said := mended(*case, check):
            found[said] += 1
            times.append(time.process_time() - began)
        if found.total() >= count:
            break
    times.sort()
    seconds = {"median": round(times[len(times) // 2], 3), "p95": round(times[int(0.95 * len(times))], 3)}
    return {"n": found.total(), "seed": seed, **dict(sorted(found.items())), "processor seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", nargs="*", default=[])
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--lint", action="store_true", help="ask the linter, as in an editor; some 50 ms a candidate")
    told = parser.parse_args()
    check = run_checker if told.lint else no_linter
    paths = files(told.files)
    said = {
        "files": told.files or [f"{package}/*.py" for package in PACKAGES],
        "linter": told.lint,
        **measure(paths, told.n, told.seed, check),
    }
    print(json.dumps(said, indent=1))
    if told.save:
        kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else []
        kept = [one for one in kept if (one["files"], one["linter"]) != (said["files"], said["linter"])]
        RESULTS.write_text(json.dumps([*kept, said], indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
