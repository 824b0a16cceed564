"""How often is a sentence understood? `python -m tests.bench.intents`: the confusion matrix over `intents.tsv`.

The sentences were written before they were tried. Some of those about tests, and of those that ask what calls or uses a
thing, were misread and then led to a rule; none after line 272 did. The place has a symbol,
but for sentences that must be asked back (`ask`), where there is nothing.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from dovetail.features.intent import Here, Question, understand

SENTENCES = Path(__file__).with_name("intents.tsv")
RESULTS = Path(__file__).parent / "results" / "intents.json"
KINDS = ("explain", "search", "validate", "fix", "generate", "edit", "refuse", "ask")


def sentences() -> list[tuple[str, str]]:
    """(what is meant, what is said)."""
    rows = (line.split("\t") for line in SENTENCES.read_text("utf-8").splitlines())
    return [(kind, said) for kind, said in rows]


def understood(kind: str, said: str) -> str:
    """What comes of it without a model."""
    steps = understand(said, Here() if kind == "ask" else Here(symbol=True))
    try:
        next(steps)
    except StopIteration as end:
        return "ask" if isinstance(end.value, Question) else end.value.kind
    raise AssertionError("it asked a model that is not there")


def confusion() -> Counter[tuple[str, str]]:
    return Counter((kind, understood(kind, said)) for kind, said in sentences())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--wrong", action="store_true", help="show the sentences that were not understood")
    told = parser.parse_args()
    found = confusion()
    right, count = sum(n for (one, two), n in found.items() if one == two), found.total()
    print(f"{'':10}" + "".join(f"{kind:>10}" for kind in KINDS))
    for one in KINDS:
        print(f"{one:10}" + "".join(f"{found[one, two] or '·':>10}" for two in KINDS))
    print(f"{right} of {count} ({100 * right / count:.1f} %)")
    if told.wrong:
        for kind, said in sentences():
            if (got := understood(kind, said)) != kind:
                print(f"{kind:10}{got:10}{said}")
    if told.save:
        rows = {one: {two: found[one, two] for two in KINDS if found[one, two]} for one in KINDS}
        RESULTS.write_text(
            json.dumps({"n": count, "right": right, "meant → understood": rows}, indent=1) + "\n", "utf-8"
        )


if __name__ == "__main__":
    main()
