"""20,000 hostile model outputs through the real pipeline: no byte outside the chosen range, no file parses worse.

`python -m tests.bench.hostile`. The same places, pieces and checks as the 1,000 of `make test`
(`tests/units/actions/test_hostile.py`), drawn at random with a seed, until so many outputs were consumed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections import Counter
from pathlib import Path

from dovetail.features.actions import Edited, Request, actions
from dovetail.model.ask import Answer, Ask, Silence, run
from tests.scripted import Scripted
from tests.units.actions.test_hostile import PIECES, PLACES, chosen_range, held, no_linter

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


async def measure(wanted: int, seed: int) -> Counter[str]:
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
