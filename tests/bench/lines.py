"""How often is a suggestion right? The rest of a line, or a whole one, of projects nobody trained on.

`python -m tests.bench.lines FOLDER …`: one file is left out at a time, the line behind the cursor taken away, and
what is said is compared with what the author wrote, white space at the end aside. Three kinds of places: `rest`
(a random line, a random place in it), `key` (a random character, as keys are struck: long lines count more)
and `line` (a random line, nothing of it typed). Arms, on the same places and the same model:

model            greedy, cut at the line's end, nothing held back, from the text around the place alone
no graph         the prompt of the feature, but for all that it brings of other files; greedy, nothing held back
graph            … and with it
lines            … and with lines of the project that go on like this place: the whole prompt of the feature
current file     the project's own words, from the file itself alone
copy             the same, from the file and the project
mixed            the copy or the model's answer, whichever is likelier
shown            the feature as people meet it: with filters, name check and silence

`--fit` instead learns the chances of `recall/` from projects, which must not be the ones that are measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from immutables import Map
from rich.console import Console
from rich.table import Table

from dovetail.context.evidence import Ledger
from dovetail.features.inline_completion import Knobs, Suggestion, inline_completion
from dovetail.features.inline_completion.complete import recalled, similar
from dovetail.features.inline_completion.prompt import continues, prompt
from dovetail.lsp.models import open_model
from dovetail.lsp.scan import read, walk
from dovetail.model.ask import Answer, Ask, Fim, ModelInfo, Port, Silence, Steps, run, through
from dovetail.recall import Library
from dovetail.settings import Settings
from dovetail.text import Document, Edit, Span
from dovetail.verify.checkers import run_checker
from dovetail.world import File, Selection, Snapshot, World

Kind = Literal["rest", "key", "line"]
KINDS: tuple[Kind, ...] = ("rest", "key", "line")
ARMS = ("model", "no graph", "graph", "lines", "current file", "copy", "mixed", "shown")
_PROMPTS = ("no graph", "graph", "lines")
_BLANKS = re.compile(rb"[ \t]*\n[ \t]*")


def places(texts: dict[str, bytes], n: int, seed: int, kind: Kind) -> list[tuple[str, int, int]]:
    """(path, cut, end of line), files by their size."""
    chance = random.Random(f"{seed} {kind}")
    paths = sorted(path for path, text in texts.items() if 1000 < len(text) < 200_000 and text.isascii())
    weights = [len(texts[path]) for path in paths]
    found: list[tuple[str, int, int]] = []
    while paths and len(found) < n:
        path = chance.choices(paths, weights)[0]
        text = texts[path]
        if kind == "key":
            cut = chance.randrange(len(text))
        else:
            line = chance.randrange(text.count(b"\n") + 1)
            lines = text.split(b"\n")
            begin = sum(len(one) + 1 for one in lines[:line])
            indent = len(lines[line]) - len(lines[line].lstrip())
            if len(lines[line].strip()) < 2:
                continue
            cut = begin + indent
            if kind == "rest":
                cut = chance.randrange(cut + 1, begin + len(lines[line]))
        start, end = text.rfind(b"\n", 0, cut) + 1, text.find(b"\n", cut)
        if end > cut and text[cut:end].strip() and (kind == "line" or text[start:cut].strip()):
            found.append((path, cut, end))
    return found


class Project:
    """A project, its files left out one at a time."""

    def __init__(self, folder: Path, *, graph: bool = True) -> None:
        paths, _ = walk(folder.as_posix())
        if not graph:
            texts = {path: Path(path).read_bytes() for path in paths}
            self.texts = {path: text for path, text in texts.items() if b"\0" not in text}
        else:
            self._read(folder, paths)
        self.library, self.alone = Library(), Library()
        self._all = Map(self.texts)
        self._lines = Counter(line.strip() for text in self.texts.values() for line in text.split(b"\n"))

    def _read(self, folder: Path, paths: list[str]) -> None:
        self.known = {path: (facts, text or b"") for path, facts, text in read(paths).told()}
        self.texts = {path: text for path, (_, text) in self.known.items()}
        self.world = World([folder.as_posix()])
        self.world.learn((path, *known) for path, known in self.known.items())

    def text_only(self, path: str, cut: int, end: int) -> Snapshot:
        """The file without what is to be guessed, among the texts of the others: all that `recall` looks at."""
        text = self.texts[path]
        file = File(path, Document(text[:cut] + text[end:]))
        return Snapshot(files=Map({path: file}), texts=self._all)

    def novel(self, path: str, cut: int, end: int) -> bool:
        """Whether the line stands nowhere else."""
        text = self.texts[path]
        return self._lines[text[text.rfind(b"\n", 0, cut) + 1 : end].strip()] < 2

    def at(self, path: str, cut: int, end: int) -> Selection:
        """Open a file and take away what is to be guessed."""
        self.world.forget(path)
        self.world.open(path, self.texts[path].decode(), 1, "python")
        self.world.edit(path, 2, [lambda _: Edit(Span(cut, end), b"")])
        return Selection(path, Span(cut, cut))

    def back(self, path: str) -> None:
        self.world.close(path)
        self.world.learn([(path, *self.known[path])])
        self.library.forget(path)


async def _bare(port: Port, text: bytes, cut: int, end: int) -> Answer | None:
    prompt = Fim(text[max(0, cut - 1200) : cut].decode(), text[end : end + 400].decode())
    answers = await port.answer(Ask(prompt, 40, stop=("\n",), purpose="action"))
    return None if isinstance(answers, Silence) or not answers else answers[0]


def _greedy(
    snapshot: Snapshot, at: Selection, model: ModelInfo | None, arm: str, library: Library, ledger: Ledger
) -> Steps[str | None]:
    """What the model says to the prompt that the feature makes, nothing held back."""
    file = snapshot.file(at.path)
    assert file is not None
    assert model is not None
    knobs = Knobs()
    lines = (yield from similar(snapshot, file, at, model, library)) if arm == "lines" else ()
    asked, typed = yield from prompt(
        snapshot, file, at, model, knobs.prompt_tokens, knobs.longest, ledger, lines, graph=arm != "no graph"
    )
    grammar = continues(typed) if typed and model.grammar else None
    answers: list[Answer] | Silence = yield Ask(asked, knobs.line_tokens, grammar=grammar, stop=("\n",))
    if isinstance(answers, Silence) or not answers:
        return None
    return answers[0].text[len(typed) :] if answers[0].text.startswith(typed) else None


async def measure(
    folder: Path, n: int, seed: int, port: Port | None, knobs: Knobs, kinds: Sequence[Kind]
) -> AsyncIterator[dict[str, Any]]:
    """A record for each place: who said the right thing, and how sure he was."""
    project = Project(folder, graph=port is not None)
    for kind in kinds:
        for path, cut, end in places(project.texts, n if kind != "key" else n // 3, seed, kind):
            text = project.texts[path]
            wanted = text[cut:end].decode().rstrip()
            record: dict[str, Any] = {"project": folder.name, "kind": kind, "novel": project.novel(path, cut, end)}
            at, snapshot = Selection(path, Span(cut, cut)), project.text_only(path, cut, end)
            file = snapshot.files[path]
            here = through(recalled(replace(snapshot, texts=type(snapshot.texts)()), file, at, project.alone, 1))
            # while somebody types, both are there from the key before
            project.library.newest(path, file.document.data)
            project.library.shelf(snapshot.texts, frozenset({path}))
            began = time.process_time()
            said = through(recalled(snapshot, file, at, project.library, 1))
            record["recall_ms"] = round(1000 * (time.process_time() - began), 2)
            record["current file"] = bool(here) and here[0].text == wanted
            record["copy"] = bool(said) and said[0].text == wanted
            record["chance"] = round(said[0].chance, 3) if said else 0.0
            if port is None:
                yield record
                continue
            at = project.at(path, cut, end)
            snapshot = project.world.snapshot()
            answer = await _bare(port, text, cut, end)
            record["model"] = answer is not None and answer.text.rstrip() == wanted
            sure = math.exp(answer.logprob * max(1, answer.tokens)) if answer is not None and answer.text.strip() else 0
            record["model chance"] = round(sure, 3)
            for arm in _PROMPTS:
                ledger = Ledger(arm, port.info)
                said = await run(_greedy(snapshot, at, port.info, arm, project.library, ledger), port, run_checker)
                record[arm] = said is not None and said.rstrip() == wanted
                if arm == "graph":  # elsewhere it is the same prompt
                    record["context"] = any(piece.section == "code" for piece in ledger.used)
            record["mixed"] = record["copy"] if record["chance"] >= sure else record["model"]
            steps = inline_completion(snapshot, at, port.info, knobs, project.library)
            shown = await run(steps, port, run_checker)
            record["shown"] = isinstance(shown, Suggestion) and shown.text.rstrip() == wanted
            if isinstance(shown, Suggestion):
                record["by"] = shown.source
                record["logprob"], record["sure"] = round(shown.logprob, 3), round(shown.chance, 3)
                record["begins"] = wanted.startswith(shown.text.rstrip()) or shown.text.startswith(wanted)
            else:
                record["quiet"] = shown.gate or shown.reason
                lost = [t for t in shown.evidence.trials if t.failed and t.text.rstrip() == wanted]
                if lost:
                    record["lost"] = f"{lost[0].source}: {lost[0].failed}: {lost[0].finding}"
            project.back(path)
            yield record


def summary(records: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows: kinds and projects, all places, novel lines, and those where the graph has something to show."""
    for kind in KINDS:
        of_kind = [r for r in records if r["kind"] == kind]
        groups = [
            (name, [r for r in of_kind if r["project"] == name])
            for name in dict.fromkeys(r["project"] for r in records)
        ]
        groups += [("all", of_kind), ("novel lines", [r for r in of_kind if r["novel"]])]
        groups += [("with context", [r for r in of_kind if r.get("context")])]
        for name, some in groups:
            if not some:
                continue
            shown = [r for r in some if "by" in r]
            yield {
                "kind": kind, "project": name, "n": len(some),
                **{arm: _share([r[arm] for r in some if arm in r]) for arm in ARMS},
                "share shown": _share(["by" in r for r in some if "shown" in r]),
                "right of shown": _share([r["shown"] for r in shown]),
            }  # fmt: skip


def _share(some: Sequence[bool]) -> float | None:
    return round(sum(some) / len(some), 3) if some else None


def fit(folders: Sequence[Path], n: int, seed: int) -> list[float]:
    """Weights of the logistic regression in `recall/recall.py`."""
    signs: list[tuple[float, ...]] = []
    right: list[float] = []
    for folder in folders:
        project = Project(folder)
        for kind in KINDS:
            for path, cut, end in places(project.texts, n, seed, kind):
                at = project.at(path, cut, end)
                file = project.world.snapshot().file(path)
                assert file is not None
                for said in through(recalled(project.world.snapshot(), file, at, project.library, 1)):
                    signs.append(said.signs)
                    right.append(said.text == project.texts[path][cut:end].decode().rstrip())
                project.back(path)
    x, y = np.array(signs), np.array(right, float)
    weights = np.zeros(x.shape[1])
    for _ in range(50):  # Newton
        p = 1 / (1 + np.exp(-x @ weights))
        curvature = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, x.T @ (y - p) - 1e-3 * weights)
    return [round(float(weight), 2) for weight in weights]


async def _main(given: argparse.Namespace) -> None:
    port: Port | None = None if given.recall_alone else await open_model(Settings(model=given.model))
    knobs = Knobs(invoked=False)
    if given.confidence is not None:
        knobs = replace(knobs, confidence=given.confidence)
    records: list[dict[str, Any]] = []
    out = given.out.open("w", encoding="utf-8") if given.out else None
    for folder in given.folder:
        async for record in measure(folder.absolute(), given.n, given.seed, port, knobs, given.kinds.split(",")):
            records.append(record)
            if out:
                out.write(json.dumps(record) + "\n")
                out.flush()
    table = Table("kind", "project", "n", *ARMS, "share shown", "right of shown")
    rows = list(summary(records))
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console(width=160).print(table)
    quiet = Counter(str(r["quiet"]) for r in records if "quiet" in r).most_common(12)
    cost = sorted(r["recall_ms"] for r in records)
    info = port.info if port else None
    head = {
        "model": info.name if info else "", "sha256": info.digest if info else "", "seed": given.seed,
        "n": len(records), "recall_ms_p50": cost[len(cost) // 2], "recall_ms_p95": cost[int(len(cost) * 0.95)],
        "quiet": dict(quiet), "summary": rows,
    }  # fmt: skip
    Console().print_json(json.dumps({key: value for key, value in head.items() if key != "summary"}))
    if out:
        out.write(json.dumps(head) + "\n")
        out.close()
    if port:
        await port.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("-n", type=int, default=340, help="places of each kind in each project; a third of `key`")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", help="a GGUF file; the bundled model without")
    parser.add_argument("--recall-alone", action="store_true", help="only the arms `current file` and `copy`")
    parser.add_argument("--confidence", type=float, help="the threshold; the default setting without")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--out", type=Path, help="JSON lines: every place, then the summary")
    arguments = parser.parse_args()
    if arguments.fit:
        sys.stdout.write(f"{fit([f.absolute() for f in arguments.folder], arguments.n, arguments.seed)}\n")
    else:
        asyncio.run(_main(arguments))
