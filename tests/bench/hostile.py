"""20,000 hostile model outputs through the real pipeline: no byte outside the chosen range, no file parses worse.

`python -m tests.bench.hostile`. Three parts, each with a third of the outputs, drawn at random with a seed:
*ranges*: the same places, pieces and checks as the 1,000 of `make test` (`tests/units/actions/test_hostile.py`);
*actions*: every action that a model has a say in, in seven languages, held to the function or class that it is about;
*stale*: while the model speaks, somebody types; what is made is refused, or holds in the text as it is by then.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from pygls.exceptions import JsonRpcException

from dovetail.features.actions import Action, Edited, Offer, Request, actions, offers
from dovetail.lsp import menu
from dovetail.model.ask import Answer, Ask, Silence, run
from dovetail.text import Change, Edit, Span
from dovetail.verify.clean_text import unclean
from dovetail.world import Selection, Snapshot, World
from tests.scripted import Scripted, no_linter
from tests.units.actions.test_hostile import PIECES, PLACES, chosen_range, held
from tests.units.lsp.test_menu import Desk

RESULTS = Path(__file__).parent / "results" / "hostile.json"
ACTIONS = ("fix", "validate")


class Hostile(Scripted):
    """Answers every question with rubbish, now and then with rubbish that looks like the line that was asked for."""

    def __init__(self, chance: random.Random, line: str) -> None:
        super().__init__()
        self.chance, self.outputs, self.line = chance, 0, line

    def said(self) -> str:
        rubbish = [self.chance.choice(PIECES) for _ in range(self.chance.randrange(9))]
        if self.chance.random() < 0.6:
            return "".join(rubbish)
        at = self.chance.randrange(len(self.line) + 1)
        end = min(len(self.line), at + self.chance.randrange(4))
        almost = self.line[:at] + self.chance.choice(("", ")", ":", "]", "*", *PIECES)) + self.line[end:]
        return self.chance.choice((almost, f"```python\n{almost}\n```", f"{almost}\r\n", f"{almost}\n{rubbish}"))

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        if self.chance.random() < 0.05:
            return Silence("busy")
        texts = [self.said() for _ in range(max(1, ask.candidates))]
        self.outputs += len(texts)
        self.script = [texts]
        return await super().answer(ask)


TEXTS = {
    "a.py": "import os\n\n\ndef ⟨⟩area(width: int, height):\n    return width * height\n\n\n"
    "def ⟨⟩stub(xs: list[int]) -> int:\n    '''Sum of xs.'''\n    raise NotImplementedError\n\n\n"
    "class A:\n    def ⟨⟩f(self, n, xs):\n        if n == True:\n            return max(xs) / n\n"
    "        return None\n\n"
    "    def ⟨⟩g(self):\n        ...\n",
    "b.ts": "export function ⟨⟩area(width: number, height: number): number {\n  return width * height;\n}\n"
    "class A {\n  ⟨⟩f(n: number) { return n * totla; }\n}\n",
    "c.go": "package a\n\nfunc ⟨⟩Area(w int, h int) int {\n\treturn w * h\n}\n",
    "d.rs": "pub fn ⟨⟩area(w: u32, h: u32) -> u32 {\n    w * h\n}\n",
    "E.java": "class E {\n    int ⟨⟩area(int w, int h) {\n        return w * h;\n    }\n}\n",
    "f.js": "function ⟨⟩area(w, h) {\r\n  return w * h;\r\n}\r\nconst ⟨⟩g = (a) => { return a.b };\r\n",
    "g.py": "def ⟨⟩f(names, é):\r\n\tfor name in names:\r\n\t\tprint(name, é, '🙂')\r\n\treturn names[0]\r\n",
}
"""⟨⟩ is where a row of the menu is asked for."""
NOT_ASKED = ("fix_test", "write_tests")
"""They run tests, and their own measurements do."""
SAID = "was typed meanwhile"


async def measure(wanted: int, seed: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for part in (ranges, every_action, stale):
        own = await part(wanted // 3 + 1, seed)
        counts += own
        counts[f"outputs, {part.__name__}"] = own["outputs"]
    return counts


async def every_action(wanted: int, seed: int) -> Counter[str]:
    """Edits of any action stay in what it is about, and what is not there parses as before."""
    counts: Counter[str] = Counter()
    rows: list[tuple[Snapshot, Request, Action, Offer]] = []
    for name, text in TEXTS.items():
        path, whole = f"/project/{name}", text.replace("⟨⟩", "")
        world = World(["/project"])
        world.open(path, whole, 1, None)
        parts = text.split("⟨⟩")
        for number in range(1, len(parts)):
            at = len("".join(parts[:number]).encode())
            request = Request(Selection(path, Span(at, at)))
            found = offers(world.snapshot(), request)
            rows += [(world.snapshot(), request, a, o) for a, o in found if not o.disabled and a.name not in NOT_ASKED]
    number = 0
    while counts["outputs"] < wanted:
        chance = random.Random(f"{seed} {number}")
        number += 1
        snapshot, request, action, offer = chance.choice(rows)
        model = Hostile(chance, "return width * height")
        result = await run(action.make(snapshot, request, offer, model.info), model, no_linter)
        counts["outputs"] += model.outputs
        counts["runs"] += 1
        if isinstance(result, Edited):
            counts["edits shown"] += 1
            counts["edits with a model's text"] += result.by_model
            if wrong := _strays(snapshot, result.change, request.at):
                counts["BROKEN"] += 1
                print(number, action.name, wrong)
    return counts


def _strays(snapshot: Snapshot, change: Change, at: Selection) -> str:
    """What is wrong with a change, "" where nothing is."""
    after = snapshot.after(change)
    around = [s.span for s in snapshot.graph.symbols(at.path) if s.span.start <= at.offset < s.span.end]
    for path, edits in change.edits.items():
        one, two = snapshot.files[path], after.files[path]
        if one.tree is None or two.tree is None or len(two.tree.errors()) > len(one.tree.errors()):
            return "parses worse"
        first = min((one.document.line_at(span.start) for span in around), default=0)
        last = max((one.document.line_at(span.end) for span in around), default=one.document.lines)
        for edit in edits:
            if unclean(edit.new.decode(), one.document.slice(edit.span).decode()):
                return f"unclean: {edit.new!r}"
            lines = [one.document.line_at(edit.span.start), one.document.line_at(edit.span.end)]
            # an import that is needed stands at the top of the file
            if not edit.new.lstrip().startswith(b"import ") and (lines[0] < first or lines[1] > last + 1):
                return f"lines {lines} are not of {first} to {last}"
    return ""


class Typing(Hostile):
    """Somebody types a line while it speaks."""

    desk: Desk

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        if self.chance.random() < 0.7:
            document = self.desk.ls.snapshot().files[self.desk.path].document
            at = document.start_of(self.chance.randrange(document.lines))
            self.desk.version += 1
            new = f"# {SAID} {self.desk.version}\n".encode()
            self.desk.ls.world.edit(self.desk.path, self.desk.version, [lambda _: Edit(Span(at, at), new)])
        return await super().answer(ask)


async def stale(wanted: int, seed: int) -> Counter[str]:
    """What was typed meanwhile is there afterwards, and the file parses no worse than with it alone."""
    counts: Counter[str] = Counter()
    text = (
        '# a shop\n\n\ndef area(width: int, height: int) -> int:\n    """The area."""\n    ...\n\n\n'
        "def last(names: list[str], count: int):\n    a = names[0]\n    return 1 / count\n"
    )
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        while counts["outputs"] < wanted:
            chance = random.Random(f"{seed} {number} stale")
            number += 1
            action, about = chance.choice((("implement", "area("), ("validate", "last("), ("document", "last(")))
            model = Typing(chance, "return width * height")
            model.desk = desk = Desk(Path(folder), text, action, about, model)
            counts["runs"] += 1
            try:
                result, _ = await menu.cook(desk.ls, desk.meals, desk.row)
            except JsonRpcException:
                counts["refused, since the text moved"] += 1
                continue
            finally:
                counts["outputs"] += model.outputs
            if isinstance(result, Edited):
                counts["edits shown"] += 1
                counts["edits with a model's text"] += result.by_model
                before = desk.ls.snapshot()
                one, two = before.files[desk.path], before.after(result.change).files[desk.path]
                assert one.tree is not None
                assert two.tree is not None
                kept = two.document.text().count(SAID) == one.document.text().count(SAID)
                if not kept or len(two.tree.errors()) > len(one.tree.errors()):
                    counts["BROKEN"] += 1
                    print(number, action, "parses worse" if kept else "what was typed is gone")
    return counts


async def ranges(wanted: int, seed: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    chosen = [action for action in actions() if action.name in ACTIONS]
    number = 0
    while counts["outputs"] < wanted:
        chance = random.Random(seed + number)
        number += 1
        place, action = chance.choice(PLACES), chance.choice(chosen)
        request = Request(place.at)
        offers = [offer for offer in action.offer(place.snapshot, request) if not offer.disabled]
        if not offers:
            continue
        file = place.snapshot.files[place.at.path]
        line = file.document.text(file.document.line(file.document.line_at(place.at.offset)))
        model = Hostile(chance, line.strip())
        result = await run(action.make(place.snapshot, request, offers[0], model.info), model, no_linter)
        counts["outputs"] += model.outputs
        counts["runs"] += 1
        if isinstance(result, Edited):
            counts["edits shown"] += 1
            counts["edits with a model's text"] += result.by_model
            try:
                held(place, result.change, chosen_range(place, action, result))
            except AssertionError as error:
                counts["BROKEN"] += 1
                print(number, action.name, error)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", action="store_true")
    told = parser.parse_args()
    counts = asyncio.run(measure(told.n, told.seed))
    broken = counts["BROKEN"]
    said = {**dict(sorted(counts.items())), "bytes outside the range or parses worse": broken, "seed": told.seed}
    print(json.dumps(said, indent=1))
    if told.save:
        RESULTS.write_text(json.dumps(said, indent=1) + "\n", "utf-8")
    return 1 if counts["BROKEN"] else 0


if __name__ == "__main__":
    sys.exit(main())
