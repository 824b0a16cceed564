"""The whole recipe at toy size: from wheels to a GGUF that llama.cpp loads, answers with, and splits text like."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

for needed in ("torch", "tokenizers", "gguf", "llama_cpp"):
    pytest.importorskip(needed, reason=f"the recipe needs {needed}: `make model` installs it")

import numpy as np  # noqa: E402
import torch  # noqa: E402  # pyright: ignore[reportMissingImports]

from training import export  # noqa: E402
from training.evaluate import Engine, parity  # noqa: E402
from training.model import Llama, Shape  # noqa: E402

pytestmark = pytest.mark.training
ROOT = Path(export.__file__).parents[1]


def wheel(folder: Path, name: str, texts: dict[str, str]) -> None:
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Name: {name}\nVersion: 1.0\nLicense-Expression: MIT\n")
        for path, text in texts.items():
            archive.writestr(f"{name}/{path}", text)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that `make_model.py --toy` leaves behind."""
    out = tmp_path_factory.mktemp("recipe")
    wheels = out / "toy" / "wheels"
    wheels.mkdir(parents=True)
    mine = {path.name: path.read_text() for path in (ROOT / "training").glob("*.py")}
    held = {name: mine.pop(name) for name in ("evaluate.py", "fim.py")}
    wheel(wheels, "learnt", mine)
    wheel(wheels, "unseen", held)
    items = [f'[[{kind}]]\nname = "{name}"\nversion = "1.0"\nlicence = "MIT"\n' for kind, name in
             (("package", "learnt"), ("held_out", "unseen"))]  # fmt: skip
    (out / "list.toml").write_text("\n".join(items))
    command = [sys.executable, "-m", "training.make_model", "--toy", "--out", out, "--list", out / "list.toml"]
    subprocess.run([*map(str, command)], cwd=ROOT, check=True, timeout=600)
    return out / "toy"


def test_the_evaluation_measures_what_was_made(made: Path) -> None:
    report = json.loads((made / "models" / "dovetail-toy-q8_0.json").read_text())
    assert 0 < report["bits_per_byte"]["mean"] < 8
    assert report["line"]["suffix"]["n"] == 5
    assert report["parity"] == {"chunks": 200, "same": 200}


def test_llama_cpp_computes_what_the_trainer_does(made: Path) -> None:
    stored = torch.load(made / "toy" / "checkpoint.pt", weights_only=True)
    model = Llama(Shape(**stored["shape"]))
    model.load_state_dict(stored["model"])
    engine = Engine(made / "models" / "dovetail-toy-f16.gguf")
    ids = engine.tokenize((ROOT / "training" / "model.py").read_text())[:200]
    with torch.no_grad():
        theirs = (model(torch.tensor([ids])) @ model.token_embd.T)[0].numpy()
    assert np.abs(engine.decode(ids, len(ids)) - theirs).max() < 0.05


def test_pieces_join_to_the_text(made: Path) -> None:
    engine = Engine(made / "models" / "dovetail-toy-q8_0.gguf")
    text = "def f(x):\n    return 'größe'\n"
    assert b"".join(map(engine.piece, engine.tokenize(text))).decode() == text


def test_all_quantisations_load(made: Path) -> None:
    for kind in export.KINDS:
        engine = Engine(made / "models" / f"dovetail-toy-{kind}.gguf")
        assert engine.next_after(engine.tokenize("def f(x):\n    return ")) < engine.size


def test_text_is_split_alike(made: Path, tmp_path: Path) -> None:
    """What pre-tokenizers differ in: digits, contractions, spaces before line ends, CRLF, other scripts."""
    odd = [
        "x=1234567\n\n\n  y",
        "don't WE'LL I'm\r\n\t\t \n",
        "größe = '日本語' + \"🙂\"  \n",
        "a\u00a0b\u2003c\u200b",
        "<|fim_middle|>",
    ]
    rows = tmp_path / "odd.jsonl"
    rows.write_text("".join(json.dumps({"text": text}) + "\n" for text in odd))
    engine = Engine(made / "models" / "dovetail-toy-q8_0.gguf")
    assert parity(engine, made / "tokenizer.json", [rows], 300, 1)["same"] == 300


def test_a_finished_run_resumes_where_it_was(made: Path) -> None:
    """Ten more steps: the optimiser's state and the place in the data are carried over."""
    run = made / "toy"
    command = [sys.executable, "-m", "training.train", "--shape", "toy", "--rows", made / "rows", "--out", run]
    command += ["--steps", "40", "--batch", "4", "--micro", "4", "--ranks", "1", "--eager", "--deadline", "+10"]
    subprocess.run([*map(str, command)], cwd=ROOT, check=True, timeout=300)
    stored = torch.load(run / "checkpoint.pt", weights_only=True)
    assert (stored["step"], stored["rows"]) == (40, 160)
