"""Make the bundled model from nothing but the package registry: every stage in turn, finished ones skipped.

python -m training.make_model                  small, 150 minutes of training on two cores
python -m training.make_model --minutes 300    the same for longer; resumes where a run was cut short
python -m training.make_model --from MODEL     go on from the weights and the tokenizer of a GGUF, the shipped one say
python -m training.make_model --shape base --device cuda --minutes 18    the larger one, on a GPU
python -m training.make_model --toy            everything at a size that takes two minutes
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from training.shapes import SHAPES

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / "training" / ".run"
SPEED = {"cpu": 11_000, "cuda": 1_000_000}
"""Tokens a second that are packed for: no model here sees more on two cores, or on one GPU."""


def stage(title: str, module: str, *arguments: object, unless: Path | None = None) -> None:
    """Run `python -m training.<module>`, unless what it makes is there already."""
    if unless is not None and unless.exists():
        print(f"{title}: done before ({unless.name})", flush=True)
        return
    print(f"{title} ...", flush=True)
    subprocess.run([sys.executable, "-m", f"training.{module}", *map(str, arguments)], cwd=ROOT, check=True)


def settle(out: Path, begin: Path | None, shape: str = "small") -> None:
    """Say what this folder's run starts from: a tokenizer and rows of another start would fit no longer."""
    start = hashlib.sha256(begin.read_bytes()).hexdigest() if begin else "nothing" if shape == "small" else shape
    out.mkdir(parents=True, exist_ok=True)
    said = out / "begin"
    if said.exists() and said.read_text() != start:
        raise SystemExit(f"{out} holds a run that started from something else: give another folder with --out.")
    said.write_text(start)


def make(
    out: Path, listing: Path, minutes: float, evaluate: int, name: str, device: str, jobs: int, begin: Path | None
) -> Path:
    """All stages below `out`; returns the Q8_0 file. No evaluation of 0 cases, for a machine without llama.cpp."""
    settle(out, begin, name)
    corpus, rows, models, tokenizer = out / "corpus", out / "rows", out / "models", out / "tokenizer.json"
    toy = name == "toy"
    train_text, heldout = corpus / "train.jsonl", corpus / "heldout.jsonl"
    # A shard is more than 5 million tokens.
    shards = 12 if toy else max(8, round(minutes * 60 * SPEED[device] / 5e6) + 1)
    start: list[object] = ["--from", begin] if begin else []
    lengths: list[object] = ["--parts", 1] if toy else []
    collecting: list[object] = ["--list", listing, "--wheels", out / "wheels", "--out", corpus]
    if toy:
        collecting += ["--few", 3, "--cap", 300_000]
    stage("corpus", "corpus", *collecting, unless=train_text)
    stage(
        "tokenizer",
        "tokens",
        "--corpus",
        train_text,
        "--out",
        tokenizer,
        "--size",
        SHAPES[name].vocabulary,
        *start,
        unless=tokenizer,
    )
    packing: list[object] = [
        "--corpus",
        train_text,
        "--tokenizer",
        tokenizer,
        "--out",
        rows,
        "--shards",
        shards,
        "--jobs",
        jobs,
    ]
    training: list[object] = ["--shape", name, "--rows", rows, "--out", out / name, "--device", device, *start]
    if begin:  # what has been learnt is not to be shaken out again
        training += ["--matrix-rate", 0.012, "--other-rate", 0.0024]
    if toy:
        training += ["--steps", 30, "--batch", 4, "--micro", 4, "--ranks", 1, "--eager", "--warm-up", 5]
    else:
        training += ["--deadline", f"+{minutes}", "--decay", (0.9 if begin else 0.75) * minutes]
    finished = out / name / "finished"
    if not finished.exists():
        if device == "cpu":
            stage("packing", "pack", *packing, *lengths)
            stage("training", "train", *training)
        else:  # the processor's cores have nothing else to do
            print("packing beside the training ...", flush=True)
            command = [sys.executable, "-m", "training.pack", *map(str, packing)]
            beside = subprocess.Popen(command, cwd=ROOT, process_group=0)
            try:
                while beside.poll() is None and not (rows / f"rows-{jobs - 1:03}.npz").exists():
                    time.sleep(1)  # as many as come at once: then the clock begins
                stage("training", "train", *training)
            finally:
                if beside.poll() is None:
                    os.killpg(beside.pid, signal.SIGTERM)
                elif beside.returncode:
                    print(f"packing ended early, with code {beside.returncode}", flush=True)
                beside.wait()
        finished.touch()
    export: list[object] = [
        "--checkpoint",
        out / name / "checkpoint.pt",
        "--tokenizer",
        tokenizer,
        "--list",
        listing,
    ]
    stage("export", "export", *export, "--out", models, "--name", f"dovetail-{name}")
    model = models / f"dovetail-{name}-q8_0.gguf"
    judging: list[object] = [model, "--heldout", heldout, "--tokenizer", tokenizer, "--corpus", train_text]
    judging += ["--n", evaluate]
    if toy:
        judging += ["--windows", 5, "--chunks", 200]
    if evaluate:
        stage("evaluation", "evaluate", *judging)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RUN, help="where everything is kept")
    parser.add_argument("--list", type=Path, default=ROOT / "training" / "corpus.toml")
    parser.add_argument("--minutes", type=float, default=150, help="of training")
    parser.add_argument("--evaluate", type=int, help="cases of each kind (default 1,000; toy 5); 0: no evaluation")
    parser.add_argument("--from", dest="begin", type=Path, help="a GGUF to go on from, in its shape")
    parser.add_argument("--shape", choices=("small", "base"), default="small")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="what trains; packing needs none")
    parser.add_argument("--jobs", type=int, default=1, help="processes that pack")
    parser.add_argument("--toy", action="store_true", help="a model of 0.1 M parameters, to try the recipe")
    o = parser.parse_args()
    if o.begin and o.shape != "small":
        parser.error("--from goes on in the file's own shape: leave --shape out")
    out = o.out / "toy" if o.toy else o.out
    evaluate = o.evaluate if o.evaluate is not None else 5 if o.toy else 1000
    name = "toy" if o.toy else o.shape
    begin = o.begin and o.begin.resolve()
    print(f"The model is {make(out.resolve(), o.list, o.minutes, evaluate, name, o.device, o.jobs, begin)}")


if __name__ == "__main__":
    main()
