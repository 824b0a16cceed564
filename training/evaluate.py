"""Measure any GGUF fill-in-the-middle model on the held-out packages, through llama.cpp itself.

Bits per byte; greedy exact match on middles of several kinds with the suffix, without it (left to right)
and with repository context; whether it stops where it should; speed; and, with `--tokenizer`, whether
llama.cpp splits text as the trainer did. One thread. Prints each figure when it is known and writes JSON.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import math
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GGML_NO_BACKTRACE", "1")

import llama_cpp as L
import numpy as np

from training.fim import FILE, MID, PRE, SUF, Kind, Piece, Repository, Source, cut, prompt, read, shown

RUN = Path(__file__).parent / ".run"

PREFIX, SUFFIX, CONTEXT, WINDOW = 900, 400, 420, 1600
"""Characters of a prompt's parts, and of a window for bits per byte."""
SURE = 0.35
"""Chance from which the server proposes what the project wrote before and asks no model: `completion.chance`."""
LIMIT = {"block": 120, "statement": 90}
"""Most new tokens; other kinds 48."""
ARMS = ("suffix", "left_to_right", "context_off", "context_on", "asked_off", "asked_on")
"""`asked`: of the cases with context those where the server would ask the model."""
Asked = Kind | Literal["long-line"]
ONE_LINE = {"line", "long-line", "rest"}
"""Kinds whose answer may be cut at the end of the line."""


@L.llama_log_callback
def _quiet(_level: int, _text: bytes, _user: object) -> None:
    """llama.cpp tells much on stderr. The callback must outlive every call, hence the module level."""


L.llama_log_set(_quiet, ctypes.c_void_p(0))
L.llama_backend_init()


class Engine:
    """One model, one context, one sequence, one thread."""

    def __init__(self, path: Path, context: int = 2048) -> None:
        begun = time.perf_counter()
        parameters = L.llama_model_default_params()
        parameters.n_gpu_layers = 0
        model = L.llama_model_load_from_file(str(path).encode(), parameters)
        vocab = L.llama_model_get_vocab(model) if model else None
        if model is None or vocab is None:
            raise SystemExit(f"llama.cpp cannot load {path}")
        self.vocab = vocab
        self.size = L.llama_vocab_n_tokens(self.vocab)
        wanted = L.llama_context_default_params()
        wanted.n_ctx = wanted.n_batch = context
        wanted.n_ubatch = 512
        wanted.n_threads = wanted.n_threads_batch = 1
        wanted.no_perf = True
        decoder = L.llama_init_from_model(model, wanted)
        memory = L.llama_get_memory(decoder) if decoder else None
        if decoder is None or memory is None:
            raise SystemExit(f"llama.cpp gives no context of {context} tokens for {path}")
        self._context, self._memory = decoder, memory
        self._batch = L.llama_batch_init(context, 0, 1)
        self._kept: list[int] = []
        self.context = context
        self.load_seconds = time.perf_counter() - begun
        fim = [L.llama_vocab_fim_pre, L.llama_vocab_fim_suf, L.llama_vocab_fim_mid, L.llama_vocab_fim_sep]
        self._markers = dict(zip((PRE, SUF, MID, FILE), (int(f(self.vocab)) for f in fim), strict=True))

    def tokenize(self, text: str) -> list[int]:
        raw = text.encode()
        buffer = (L.llama_token * (len(raw) + 8))()
        count = L.llama_tokenize(self.vocab, raw, len(raw), buffer, len(buffer), False, False)
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        length = L.llama_token_to_piece(self.vocab, token, buffer, 256, 0, False)
        return buffer.raw[:length]

    def encode(self, pieces: list[Piece]) -> list[int]:
        """Each text by itself, each marker by this model's own id."""
        ids: list[int] = []
        for piece in pieces:
            ids += [self._markers[piece]] if isinstance(piece, int) else self.tokenize(piece)
        return ids

    def ends(self, token: int) -> bool:
        return bool(L.llama_vocab_is_eog(self.vocab, token))

    def keep(self, ids: list[int]) -> None:
        """Forget all but the common beginning of what is in memory and `ids`."""
        same = 0
        for a, b in zip(self._kept, ids, strict=False):
            if a != b:
                break
            same += 1
        L.llama_memory_seq_rm(self._memory, 0, same, -1)
        del self._kept[same:]

    def decode(self, ids: list[int], scored: int) -> np.ndarray:
        """Append; logits of the last `scored` positions, (scored, vocabulary) float32."""
        batch, start = self._batch, len(self._kept)
        batch.n_tokens = len(ids)
        first = len(ids) - scored
        for i, token in enumerate(ids):
            batch.token[i], batch.pos[i] = token, start + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = 0
            batch.logits[i] = i >= first
        if status := L.llama_decode(self._context, batch):
            raise RuntimeError(f"llama_decode answered {status} for {len(ids)} tokens at {start}")
        self._kept += ids
        rows = [
            np.ctypeslib.as_array(L.llama_get_logits_ith(self._context, first + i), (self.size,)).copy()
            for i in range(scored)
        ]
        return np.stack(rows)

    def next_after(self, ids: list[int]) -> int:
        """Greedy next token, reusing what is in memory."""
        return int(self.score(ids, 1)[0].argmax())

    def score(self, ids: list[int], scored: int) -> np.ndarray:
        """Logits of the last `scored` positions of this sequence, whose beginning may be in memory."""
        self.keep(ids[:-scored])
        return self.decode(ids[len(self._kept) :], scored)


@dataclass(frozen=True, slots=True)
class Case:
    """A middle to be found again."""

    kind: Asked
    prefix: str
    suffix: str
    middle: str
    context: list[tuple[str, str]]
    path: str
    asked: bool
    """The server would ask the model: the project does not surely go on as it did before."""


def load_heldout(path: Path) -> dict[str, Repository]:
    sources: dict[str, list[Source]] = {}
    with path.open() as lines:
        for line in lines:
            row = json.loads(line)
            sources.setdefault(row["package"], []).append(read(row["package"], row["path"], row["text"]))
    return {name: Repository(files) for name, files in sources.items()}


def cases(packages: dict[str, Repository], kind: Asked, count: int, seed: int) -> list[Case]:
    """The same for every model: packages by turns, files by size, places evenly.

    A `line` is drawn as one writes them, each as likely as the next, and told from its first sign on: an editor has
    indented by then. `long-line` is the line of a random character, so longer ones are likelier, indentation and all.
    """
    rng = random.Random(f"{seed} {kind}")
    found: list[Case] = []
    names = sorted(packages)
    while len(found) < count:
        repository = packages[names[len(found) % len(names)]]
        files = repository.files
        source = rng.choices(files, [len(s.text) for s in files])[0]
        place = cut(source, 0, len(source.text), "rest" if kind == "long-line" else kind, rng, lean=1.0)
        if place is None:
            continue
        low, high = place
        if kind == "line":
            low += len(source.text[low:high]) - len(source.text[low:high].lstrip())
        if kind == "long-line":
            low = source.text.rfind(b"\n", 0, low) + 1
        start = max(0, low - PREFIX)
        start = source.text.find(b"\n", start, low) + 1 if start else 0
        prefix = source.text[start:low].decode("utf-8", "ignore")
        if not prefix:
            continue  # nothing to go on from left to right
        suffix = source.text[high : high + SUFFIX].decode("utf-8", "ignore")
        middle = source.text[low:high].decode("utf-8", "ignore")
        visible = (prefix + " " + suffix).encode()
        recalled = repository.recalled(source, start, low, high, high + SUFFIX)
        similar = shown(recalled, source, start, low, high, high + SUFFIX)
        room = CONTEXT - sum(len(text) for _, text in similar)
        context = repository.context(source, start, high + SUFFIX, visible, room) + similar
        asked = not recalled or recalled[0].chance < SURE
        found.append(Case(kind, prefix, suffix, middle, context, source.path, asked))
    return found


@dataclass(slots=True)
class Tally:
    """Counts over the cases of one kind and arm."""

    cases: int = 0
    exact: int = 0
    """The text, cut at the end of the line where the kind is one line."""
    exact_own: int = 0
    """The text up to the model's own end token, nothing cut."""
    first: int = 0
    """First token of the middle."""
    stops: int = 0
    """Ended by itself before a line end (kinds of one line) or the limit."""
    end_known: int = 0
    """After the true middle the likeliest token is the end."""
    early: int = 0
    middle_tokens: int = 0
    """Of the tokens of the true middles, `early` are where the end was likeliest."""

    def report(self) -> dict[str, Any]:
        n = max(1, self.cases)
        low, high = wilson(self.exact, n)
        return {
            "n": self.cases,
            "exact": round(100 * self.exact / n, 1),
            "exact_95": [round(100 * low, 1), round(100 * high, 1)],
            "exact_own_end": round(100 * self.exact_own / n, 1),
            "first_token": round(100 * self.first / n, 1),
            "ends_itself": round(100 * self.stops / n, 1),
            "end_after_true_middle": round(100 * self.end_known / n, 1),
            "end_too_early_per_token": round(100 * self.early / max(1, self.middle_tokens), 2),
        }


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share."""
    z, p = 1.96, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def ask(engine: Engine, case: Case, pieces: list[Piece], tally: Tally) -> bool:
    """One case: what greedy decoding says, then what the model thinks of the true middle. True if exact."""
    ids = engine.encode(pieces)
    limit = LIMIT.get(case.kind, 48)
    one_line = case.kind in ONE_LINE
    said, own, sequence = b"", False, list(ids)
    for _ in range(limit):
        token = engine.next_after(sequence)
        if engine.ends(token):
            own = True
            break
        said += engine.piece(token)
        sequence.append(token)
        if one_line and b"\n" in said:
            break
    text = said.decode("utf-8", "replace")
    exact = (text.split("\n")[0].rstrip() if one_line else text) == (case.middle.rstrip() if one_line else case.middle)
    tally.cases += 1
    tally.exact += exact
    tally.exact_own += own and text == case.middle
    tally.stops += own
    true = engine.tokenize(case.middle)
    best = engine.score(ids + true, len(true) + 1).argmax(1)
    tally.first += int(best[0]) == true[0]
    tally.end_known += engine.ends(int(best[-1]))
    tally.early += sum(engine.ends(int(token)) for token in best[:-1])
    tally.middle_tokens += len(true)
    return exact


def measure_middles(engine: Engine, found: list[Case]) -> dict[str, Any]:
    """All arms on the same cases; the pairs with and without context only where there is context.

    With context means what the server sends then: lines that go on like this place, skeletons of other places, and the
    file's own path. The server asks the model only where the project is not sure to go on as it did before.
    """
    arms = {name: Tally() for name in ARMS}
    differ = {"suffix_gains": 0, "suffix_loses": 0, "context_gains": 0, "context_loses": 0}
    for case in found:
        before = ask(engine, case, prompt(case.prefix, case.suffix, []), arms["suffix"])
        if case.kind in ONE_LINE:
            left = ask(engine, case, prompt(case.prefix, None, []), arms["left_to_right"])
            differ["suffix_gains"] += before and not left
            differ["suffix_loses"] += left and not before
        if case.context:
            arms["context_off"].cases += 1
            arms["context_off"].exact += before
            after = ask(engine, case, prompt(case.prefix, case.suffix, case.context, case.path), arms["context_on"])
            differ["context_gains"] += after and not before
            differ["context_loses"] += before and not after
            for name, exact in (("asked_off", before), ("asked_on", after)) if case.asked else ():
                arms[name].cases += 1
                arms[name].exact += exact
    result: dict[str, Any] = {name: tally.report() for name, tally in arms.items() if tally.cases}
    for name in ("context_off", "asked_off", "asked_on"):
        if name in result:
            result[name] = {key: result[name][key] for key in ("n", "exact", "exact_95")}
    return result | {"pairs": differ}


def bits_per_byte(engine: Engine, packages: dict[str, Repository], windows: int, seed: int) -> dict[str, Any]:
    """Left to right; the first line of each window of 1,600 characters is given and not counted.

    `mean_95`: of the mean of the packages, by drawing the windows anew.
    """
    result: dict[str, Any] = {}
    draws: list[np.ndarray] = []
    for name in sorted(packages):
        rng = random.Random(f"{seed} {name}")
        files = packages[name].files
        bits: list[float] = []
        sizes: list[int] = []
        for _ in range(windows):
            source = rng.choices(files, [len(s.text) for s in files])[0]
            start = source.text.rfind(b"\n", 0, rng.randrange(max(1, len(source.text) - 300))) + 1
            text = source.text[start : start + WINDOW].decode("utf-8", "ignore")
            head, newline, rest = text.partition("\n")
            if not rest.strip():
                continue
            given, counted = engine.tokenize(head + newline), engine.tokenize(rest)
            counted = counted[: engine.context - len(given) - 1]
            engine.keep([])
            logits = engine.decode((given + counted)[:-1], len(counted))
            top = logits.max(1)
            logs = top + np.log(np.exp(logits - top[:, None]).sum(1)) - logits[np.arange(len(counted)), counted]
            bits.append(float(logs.sum()) / math.log(2))
            sizes.append(sum(len(engine.piece(token)) for token in counted))
        result[name] = round(sum(bits) / sum(sizes), 4)
        drawn = np.random.default_rng(seed).integers(0, len(bits), (2000, len(bits)))
        draws.append(np.array(bits)[drawn].sum(1) / np.array(sizes)[drawn].sum(1))
    result["mean"] = round(sum(result.values()) / len(result), 4)
    result["mean_95"] = [round(float(x), 4) for x in np.quantile(np.mean(draws, 0), (0.025, 0.975))]
    return result


def said_again(engine: Engine, packages: dict[str, Repository], count: int, seed: int) -> dict[str, Any]:
    """Whether it looks up what stands in its context: 250 characters behind 700 others, without and with the same 250
    before those. Mean nats a token, and how often the right token is the likeliest (%).
    """
    rng = random.Random(f"{seed} again")
    files = [source for name in sorted(packages) for source in packages[name].files if len(source.text) > 4000]
    if not files:
        return {}
    sums = {"once": [0.0, 0], "again": [0.0, 0]}
    tokens = 0
    for _ in range(count):
        text = rng.choice(files).text.decode("utf-8", "ignore")
        start = text.find("\n", rng.randrange(len(text) - 3000)) + 1
        said, between = engine.tokenize(text[start : start + 250]), engine.tokenize(text[start + 1200 : start + 1900])
        tokens += len(said)
        for name, before in (("once", between), ("again", said + between)):
            engine.keep([])
            logits = engine.decode((before + said)[:-1], len(said))
            top = logits.max(1)
            logs = top + np.log(np.exp(logits - top[:, None]).sum(1)) - logits[np.arange(len(said)), said]
            sums[name][0] += float(logs.sum())
            sums[name][1] += int((logits.argmax(1) == np.array(said)).sum())
    return {
        name: {"nats": round(nats / tokens, 3), "likeliest": round(100 * hits / tokens, 1)}
        for name, (nats, hits) in sums.items()
    }


def speed(engine: Engine) -> dict[str, float]:
    """Tokens a second of CPU time (one thread): what a busy machine cannot blur. Load is wall time."""
    ids = [8 + i * 37 % (engine.size - 8) for i in range(256)]
    prompts: list[float] = []
    steps: list[float] = []
    for _ in range(5):
        engine.keep([])
        begun = time.process_time()
        engine.decode(ids, 1)
        prompts.append(time.process_time() - begun)
        begun = time.process_time()
        for i in range(64):
            engine.decode([ids[i]], 1)
        steps.append(time.process_time() - begun)
    return {
        "prompt_tokens_per_cpu_second": round(256 / min(prompts)),
        "new_tokens_per_cpu_second": round(64 / min(steps)),
        "load_ms": round(1000 * engine.load_seconds, 1),
    }


def parity(engine: Engine, tokenizer: Path, corpus: list[Path], chunks: int, seed: int) -> dict[str, int]:
    """Random pieces of random files, cut at any character: how many are split alike in both tokenizers."""
    from training.tokens import load

    theirs = load(tokenizer)
    texts = [json.loads(line)["text"] for path in corpus for line in path.open()]
    rng = random.Random(seed)
    same = 0
    for _ in range(chunks):
        text = rng.choice(texts)
        start = rng.randrange(len(text))
        chunk = text[start : start + rng.randint(1, 1500)]
        same += theirs.encode(chunk, add_special_tokens=False).ids == engine.tokenize(chunk)
    return {"chunks": chunks, "same": same}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--heldout", type=Path, default=RUN / "corpus" / "heldout.jsonl")
    parser.add_argument(
        "--out", type=Path, help="JSON, what it says of this very model is kept; default: beside the model"
    )
    parser.add_argument("--n", type=int, default=1000, help="cases of each kind")
    parser.add_argument("--kinds", nargs="*", default=["line", "rest", "expression", "argument", "block"])
    parser.add_argument("--windows", type=int, default=200, help="windows a package for bits per byte")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer.json of the trainer, to be compared")
    parser.add_argument(
        "--corpus", type=Path, default=RUN / "corpus" / "train.jsonl", help="more text for the comparison"
    )
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    o = parser.parse_args()
    engine = Engine(o.model)
    packages = load_heldout(o.heldout)
    digest = hashlib.sha256(o.model.read_bytes()).hexdigest()
    report: dict[str, Any] = {"model": o.model.name, "bytes": o.model.stat().st_size, "sha256": digest}
    report["speed"] = speed(engine)
    print(json.dumps(report), flush=True)
    if o.windows:
        report["bits_per_byte"] = bits_per_byte(engine, packages, o.windows, o.seed)
        report["said_again"] = said_again(engine, packages, o.windows, o.seed)
        print(json.dumps(report["bits_per_byte"]), json.dumps(report["said_again"]), flush=True)
    for kind in o.kinds:
        report[kind] = measure_middles(engine, cases(packages, kind, o.n, o.seed))
        print(kind, json.dumps(report[kind]), flush=True)
    if o.tokenizer:
        report["parity"] = parity(engine, o.tokenizer, [o.heldout, o.corpus], o.chunks, o.seed)
        print(json.dumps(report["parity"]), flush=True)
    out = o.out or o.model.with_suffix(".json")
    if out.exists() and (told := json.loads(out.read_text())).get("sha256") == digest:
        report = told | report
    out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
