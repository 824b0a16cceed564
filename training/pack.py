"""Turn the corpus into rows of token ids with loss weights: what the trainer reads.

Writes `rows-000.npz`, `rows-001.npz`, ... each with `tokens` (rows, length + 1) uint16 and `weights` of
the same shape, uint8, in halves: how much the prediction of that token counts. The next pass cuts the corpus anew.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import json
import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from training import tokens
from training.fim import END, FILE, MIDDLE, PAD, Piece, Repository, Source, draw, prompt, read, segments

RUN = Path(__file__).parent / ".run"

PLAIN, CONTEXT = 2, 1
"""Loss weights in halves of text and of repository context; `MIDDLE` is that of a middle and its end."""
LEFT_TO_RIGHT, PREFIX_FIRST, WITH_SIGNATURES, WITH_LINES, WITH_PATH = 0.12, 0.06, 0.2, 0.7, 0.5
"""Shares of the samples (prefix first and with similar lines: of those with a suffix)."""
ECHOES, LONGEST_ECHO, MISSING, LONGEST_RUN, CUT = 0.12, 1100, 0.15, 5, 30
"""Share of the pieces of at most so many bytes that are said twice; share of their lines that the second time lacks,
how many stay together, and in how many characters it is cut once."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Pieces with the weight of each."""

    pieces: list[tuple[Piece, int]]


def samples(repository: Repository, source: Source, rng: random.Random, longest: int) -> Iterator[Sample]:
    """Every part of the file once, each as one sample."""
    for start, end in segments(source, rng, 250, longest * rng.choice((1, 2, 3)) // 3):
        text = source.text[start:end].decode("utf-8", "ignore")
        if not text.strip():
            continue
        if end - start <= LONGEST_ECHO and rng.random() < ECHOES:
            # Behind the marks of another file: text without any should not lead to expect that it is said again.
            head = _weigh(prompt("", None, [(source.path.rsplit("/", 1)[-1], text)], source.path)[:-1])
            yield Sample([*head, *((part, PLAIN) for part in echo(text, rng)), (END, 0)])
            continue
        path = source.path if rng.random() < WITH_PATH else ""
        found = draw(source, start, end, rng) if rng.random() > LEFT_TO_RIGHT else None
        low, high = (found[1], found[2]) if found else (end, end)
        visible = source.text[start:low] + b" " + source.text[high:end]
        similar: list[tuple[str, str]] = []
        if found and rng.random() < WITH_LINES:
            similar = repository.similar(source, start, low, high, end, typed=rng.random() < 0.5)
        room = 420 - sum(len(text) for _, text in similar)
        signatures = repository.context(source, start, end, visible, room) if rng.random() < WITH_SIGNATURES else []
        context = signatures + similar
        before = source.text[start:low].decode("utf-8", "ignore")
        if not found:
            pieces = prompt(before, None, context, path)
            yield Sample([*_weigh(pieces[:-1]), (before, PLAIN), (END, 0)])
            continue
        middle = source.text[low:high].decode("utf-8", "ignore")
        after = source.text[high:end].decode("utf-8", "ignore")
        if rng.random() < 0.3:
            after = after[: rng.randint(0, len(after))]
        if rng.random() < PREFIX_FIRST:
            pieces = _weigh(prompt(before, after, context, path, suffix_first=False))
            yield Sample([*pieces, (middle, MIDDLE), (END, MIDDLE)])
        else:
            pieces = _weigh(prompt(before, after, context, path))
            yield Sample([*pieces, (middle, MIDDLE), (END, MIDDLE)])


def echo(text: str, rng: random.Random) -> list[str]:
    """The text again, a few lines at a time in another order and some left out: whoever knows how a place begins can
    look up how it goes on. In parts that are to be tokenized by themselves, for somebody may begin inside a word.
    """
    lines = [f"{line}\n" for line in text.split("\n")[: -1 if text.endswith("\n") else None] if rng.random() > MISSING]
    runs: list[str] = []
    while lines:
        count = rng.randint(1, LONGEST_RUN)
        runs.append("".join(lines[:count]))
        del lines[:count]
    rng.shuffle(runs)
    again = "".join(runs)
    drawn = rng.sample(range(1, len(again)), len(again) // CUT) if len(again) > 1 else []
    places = sorted({place for at in drawn if (place := _past_indentation(again, at)) < len(again)})
    return [again[a:b] for a, b in itertools.pairwise([0, *places, len(again)])]


def _weigh(pieces: list[Piece]) -> list[tuple[Piece, int]]:
    weighed: list[tuple[Piece, int]] = []
    in_context = False
    for piece in pieces:
        if isinstance(piece, int):
            in_context = piece == FILE
            weighed.append((piece, 0))
        else:
            weighed.append((piece, CONTEXT if in_context else PLAIN))
    return weighed


def encode(
    batch: list[Sample], tokenizer: Tokenizer, length: int, rng: random.Random
) -> list[tuple[list[int], list[int]]]:
    """Ids and weights of each sample; the few that are longer than a row are left out.

    Prefix and middle are tokenized by themselves, as at run time: the middle begins where a person stopped. Other
    text is cut at a random place every 80 characters or so, for a model that has only seen whole words does not
    know how to go on inside one.
    """
    batch = [Sample([part for piece in sample.pieces for part in broken(piece, rng)]) for sample in batch]
    texts = [piece for sample in batch for piece, _ in sample.pieces if isinstance(piece, str)]
    encoded = iter(tokenizer.encode_batch_fast(texts, add_special_tokens=False))
    result: list[tuple[list[int], list[int]]] = []
    for sample in batch:
        ids: list[int] = []
        weights: list[int] = []
        for piece, weight in sample.pieces:
            new = [piece] if isinstance(piece, int) else next(encoded).ids
            ids += new
            weights += [weight] * len(new)
        weights[0] = 0
        if len(ids) <= length:
            result.append((ids, weights))
    return result


def broken(piece: tuple[Piece, int], rng: random.Random) -> list[tuple[Piece, int]]:
    """A text of weight `PLAIN` in parts that are to be tokenized by themselves; anything else as it is.

    None is cut inside of an indentation: a line that an editor has indented seldom begins farther in.
    """
    text, weight = piece
    if isinstance(text, int) or weight != PLAIN or len(text) < 2:
        return [piece]
    drawn = rng.sample(range(1, len(text)), min(len(text) - 1, int(len(text) / 80 + rng.random())))
    places = sorted({place for at in drawn if (place := _past_indentation(text, at)) < len(text)})
    return [(text[a:b], weight) for a, b in itertools.pairwise([0, *places, len(text)])]


def _past_indentation(text: str, at: int) -> int:
    """This place, or the end of the indentation that it is inside of."""
    if text[text.rfind("\n", 0, at) + 1 : at].strip():
        return at
    return at + len(text[at:]) - len(text[at:].lstrip(" \t"))


class Rows:
    """Fits samples into rows of one length: each goes where the least room is left."""

    def __init__(self, length: int, open_rows: int = 96) -> None:
        self._length, self._open_rows = length, open_rows
        self._open: list[tuple[list[int], list[int]]] = []

    def add(self, ids: list[int], weights: list[int]) -> tuple[list[int], list[int]] | None:
        """A full row now and then."""
        fitting = [row for row in self._open if len(row[0]) + len(ids) <= self._length]
        if fitting:
            row = max(fitting, key=lambda row: len(row[0]))
            row[0].extend(ids)
            row[1].extend(weights)
        else:
            self._open.append((list(ids), list(weights)))
        if len(self._open) <= self._open_rows:
            return None
        fullest = max(range(len(self._open)), key=lambda i: len(self._open[i][0]))
        return self._padded(*self._open.pop(fullest))

    def rest(self) -> list[tuple[list[int], list[int]]]:
        """What is left at the end."""
        return [self._padded(*row) for row in self._open]

    def _padded(self, ids: list[int], weights: list[int]) -> tuple[list[int], list[int]]:
        room = self._length - len(ids)
        return ids + [PAD] * room, weights + [0] * room


def load_corpus(path: Path) -> dict[str, list[dict[str, str]]]:
    packages: dict[str, list[dict[str, str]]] = collections.defaultdict(list)
    with path.open() as lines:
        for line in lines:
            row = json.loads(line)
            packages[row["package"]].append(row)
    return packages


def make_shard(
    corpus: Path, tokenizer_path: Path, out: Path, index: int, parts: int, length: int, seed: int
) -> tuple[int, int]:
    """Part `index % parts` of the corpus, cut with a seed of its own. Returns rows and counted tokens."""
    rng = random.Random(seed * 1_000_003 + index)
    tokenizer = tokens.load(tokenizer_path)
    pool: list[Sample] = []
    for rows in load_corpus(corpus).values():
        sources = [read(row["package"], row["path"], row["text"]) for row in rows[index % parts :: parts]]
        targets = {s.path for s in sources}
        wanted = _imported(sources, rows)
        helpers = [read(r["package"], r["path"], r["text"]) for r in rows if r["path"] in wanted - targets]
        repository = Repository(sources + helpers, {r["path"]: r["text"].encode() for r in rows})
        pool += (sample for source in sources for sample in samples(repository, source, rng, 5 * length // 2))
    rng.shuffle(pool)
    packer = Rows(length + 1)
    ids: list[list[int]] = []
    weights: list[list[int]] = []
    stream = iter(pool)
    while batch := list(itertools.islice(stream, 2000)):
        for sample_ids, sample_weights in encode(batch, tokenizer, length + 1, rng):
            if row := packer.add(sample_ids, sample_weights):
                ids.append(row[0])
                weights.append(row[1])
    for row in packer.rest():
        ids.append(row[0])
        weights.append(row[1])
    order = list(range(len(ids)))
    rng.shuffle(order)
    token_rows = np.array([ids[i] for i in order], dtype=np.uint16)
    weight_rows = np.array([weights[i] for i in order], dtype=np.uint8)
    final = out / f"rows-{index:03}.npz"
    part = out / f"rows-{index:03}.{os.getpid()}.part"
    with part.open("wb") as sink:
        np.savez(sink, tokens=token_rows, weights=weight_rows)
    part.rename(final)
    return len(ids), int((weight_rows > 0).sum())


def _imported(sources: list[Source], rows: list[dict[str, str]]) -> set[str]:
    """Paths that these files import from, so that a shard parses no more than it needs."""
    everywhere = Repository([Source(r["package"], r["path"], b"") for r in rows])
    targets = (everywhere.resolve(source, module) for source in sources for module in source.imports)
    return {target.path for target in targets if target}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=RUN / "corpus" / "train.jsonl")
    parser.add_argument("--tokenizer", type=Path, default=RUN / "tokenizer.json")
    parser.add_argument("--out", type=Path, default=RUN / "rows")
    parser.add_argument("--length", type=int, default=768, help="tokens that the model sees at once")
    parser.add_argument("--parts", type=int, default=40, help="shards that one pass over the corpus makes")
    parser.add_argument("--shards", type=int, default=40, help="how many to make; more than --parts is a second pass")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("RAYON_NUM_THREADS", "1")  # of the tokenizer: a job is one core
    missing = [i for i in range(options.shards) if not (options.out / f"rows-{i:03}.npz").exists()]
    begun = time.monotonic()
    with ProcessPoolExecutor(options.jobs) as workers:
        tasks = {
            i: workers.submit(
                make_shard,
                options.corpus,
                options.tokenizer,
                options.out,
                i,
                options.parts,
                options.length,
                options.seed,
            )
            for i in missing
        }
        for index, task in tasks.items():
            rows, counted = task.result()
            seconds = time.monotonic() - begun
            print(
                f"shard {index}: {rows} rows, {counted / 1e6:.2f} M counted tokens, {seconds:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
