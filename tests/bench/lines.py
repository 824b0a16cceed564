"""How often is a suggestion right? Rest of the line at random places of a project nobody trained on.

`python -m tests.bench.lines FOLDER`: one file is left out at a time, the rest of its line taken away, and
what the feature shows is compared with what the author wrote, white space at the end aside. Arms, on the
same places and the same model: the bare model (greedy, cut at the line's end, everything shown), and ours
(project's own words, filters, name check, confidence).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console

from dovetail.features.inline_completion import Knobs, Suggestion, inline_completion
from dovetail.lsp.models import open_model
from dovetail.lsp.scan import read, walk
from dovetail.model.ask import Ask, Fim, Port, Silence, run
from dovetail.settings import Settings
from dovetail.text import Edit, Span
from dovetail.verify.checkers import run_checker
from dovetail.world import Selection, World


def places(folder: Path, n: int, seed: int) -> list[tuple[str, int, int]]:
    """(path, cut, end of line): random bytes inside lines, files by their size."""
    chance = random.Random(seed)
    paths, _ = walk(folder.as_posix())
    texts = {path: Path(path).read_bytes() for path in paths}
    texts = {path: text for path, text in texts.items() if 1000 < len(text) < 200_000 and text.isascii()}
    weights = [len(text) for text in texts.values()]
    found: list[tuple[str, int, int]] = []
    while len(found) < n:
        path = chance.choices(list(texts), weights)[0]
        text = texts[path]
        cut = chance.randrange(len(text))
        start, end = text.rfind(b"\n", 0, cut) + 1, text.find(b"\n", cut)
        if end > cut and text[start:cut].strip() and text[cut:end].strip():
            found.append((path, cut, end))
    return found


async def _bare(port: Port, text: bytes, cut: int, end: int) -> str:
    prompt = Fim(text[max(0, cut - 1200) : cut].decode(), text[end : end + 400].decode())
    answers = await port.answer(Ask(prompt, 40, stop=("\n",), purpose="action"))
    return "" if isinstance(answers, Silence) else answers[0].text


async def measure(folder: Path, n: int, seed: int, model: str | None, confidence: float | None) -> dict[str, Any]:
    port = await open_model(Settings(model=model))
    assert port.info is not None, port.status.reason
    paths, _ = walk(folder.as_posix())
    files = {path: (facts, text) for path, facts, text in read(paths).files}
    knobs = Knobs(invoked=True) if confidence is None else Knobs(invoked=True, confidence=confidence)
    counts: Counter[str] = Counter()
    shown: list[tuple[str, float, bool]] = []
    reasons: Counter[str] = Counter()
    for path, cut, end in places(folder, n, seed):
        if path not in files:
            continue
        text = files[path][1]
        wanted = text[cut:end].decode().rstrip()
        counts["places"] += 1
        counts["bare exact"] += (await _bare(port, text, cut, end)).rstrip() == wanted
        world = World([folder.as_posix()])
        world.learn((other, *known) for other, known in files.items() if other != path)
        world.open(path, text.decode(), 1, "python")
        world.edit(path, 2, [lambda _, cut=cut, end=end: Edit(Span(cut, end), b"")])
        at = Selection(path, Span(cut, cut))
        steps = inline_completion(world.snapshot(), at, port.info, knobs)
        said = await run(steps, port, run_checker)
        if not isinstance(said, Suggestion):
            reasons[said.reason.split("(")[0].strip().split(":")[0]] += 1
            continue
        source = said.evidence.trials[-1].source
        right = said.text.rstrip() == wanted
        shown.append((source, round(said.logprob, 3), right))
        counts["shown"] += 1
        counts["exact"] += right
        counts[f"{source} shown"] += 1
        counts[f"{source} exact"] += right
        counts["beginning right"] += wanted.startswith(said.text.rstrip()) or said.text.rstrip().startswith(wanted)
    await port.close()
    return {
        "project": folder.name, "n": counts["places"], "model": port.info.name if port.info else "", "seed": seed,
        **dict(sorted(counts.items())), "quiet": dict(reasons.most_common(6)), "shown_source_logprob_right": shown,
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("-n", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", help="a GGUF file; the bundled model without")
    parser.add_argument("--confidence", type=float, help="the threshold; the default setting without")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    results = [
        asyncio.run(measure(f.absolute(), given.n, given.seed, given.model, given.confidence)) for f in given.folder
    ]
    for result in results:
        told = {key: value for key, value in result.items() if key != "shown_source_logprob_right"}
        Console().print_json(json.dumps(told))
    if given.out:
        given.out.write_text(json.dumps(results) + "\n", "utf-8")
