"""A GGUF gives back the network and the tokenizer that it was made from, so that training can go on from it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

for needed in ("torch", "tokenizers", "gguf", "llama_cpp"):
    pytest.importorskip(needed, reason=f"the trainer needs {needed}: `make model` installs it")

import numpy as np  # noqa: E402
import torch  # noqa: E402  # pyright: ignore[reportMissingImports]
from tokenizers import pre_tokenizers, trainers  # noqa: E402  # pyright: ignore[reportMissingImports]

from tests.units.training.test_fim import SHAPES, USER  # noqa: E402
from training.evaluate import Engine, parity  # noqa: E402
from training.export import export  # noqa: E402
from training.fim import CONTROL, END, MID, MIDDLE, PRE, SUF  # noqa: E402
from training.model import Llama, Shape  # noqa: E402
from training.restore import restore, tokenizer_of  # noqa: E402
from training.tokens import around, joins_a_line_end, train  # noqa: E402
from training.train import Plan, grow, start  # noqa: E402

SHAPE = Shape(400, 64, 2, 4, 2, 96, context=256)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of random weights and a tokenizer that joins line ends, as a GGUF in F16 and in Q8_0."""
    here = tmp_path_factory.mktemp("restore")
    torch.manual_seed(1)
    model = Llama(SHAPE)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, 1.0 if parameter.ndim == 1 else 0.0, 0.1)
    facts = {"shape": asdict(SHAPE), "step": 3, "seen": 1234, "length": 128}
    torch.save({"model": model.state_dict(), **facts}, here / "checkpoint.pt")
    tokenizer = around({}, [])
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(
        [SHAPES + USER] * 4,
        trainers.BpeTrainer(vocab_size=400, special_tokens=list(CONTROL), initial_alphabet=alphabet),
    )
    tokenizer.save(str(here / "joining.json"))
    for kind in ("f16", "q8_0"):
        export(here / "checkpoint.pt", here / "joining.json", here / f"{kind}.gguf", kind, "tiny", "", [], [])
    return here


def network(path: Path) -> Llama:
    restored = restore(path)
    model = Llama(restored.shape)
    model.load_state_dict({name: torch.from_numpy(value) for name, value in restored.weights.items()})
    return model


@pytest.mark.parametrize(("kind", "near"), [("f16", 2e-3), ("q8_0", 1e-2)])
def test_weights_come_back_as_they_went(folder: Path, kind: str, near: float) -> None:
    stored = torch.load(folder / "checkpoint.pt", weights_only=True)["model"]
    restored = restore(folder / f"{kind}.gguf")
    assert restored.shape == SHAPE
    assert restored.seen == 1234
    assert set(restored.weights) == set(stored)
    for name, value in stored.items():
        assert np.abs(restored.weights[name] - value.numpy()).max() < near, name


def test_the_restored_network_says_what_llama_cpp_says(folder: Path) -> None:
    engine = Engine(folder / "f16.gguf", 256)
    ids = engine.tokenize(SHAPES)[:200]
    model = network(folder / "f16.gguf")
    with torch.no_grad():
        ours = (model(torch.tensor([ids])) @ model.token_embd.T)[0].numpy()
    theirs = engine.decode(ids, len(ids))
    assert np.abs(theirs).max() > 1
    assert np.abs(ours - theirs).max() < 0.02


def test_weights_can_be_mixed(folder: Path, tmp_path: Path) -> None:
    stored = torch.load(folder / "checkpoint.pt", weights_only=True)
    stored["model"] = {name: 3 * value for name, value in stored["model"].items()}
    torch.save(stored, tmp_path / "checkpoint.pt")
    mixed = tmp_path / "mixed.gguf"
    blend = [(0.25, folder / "f16.gguf"), (0.25, folder / "checkpoint.pt")]
    export(tmp_path / "checkpoint.pt", folder / "joining.json", mixed, "f16", "tiny", "", [], blend)
    for name, value in restore(folder / "f16.gguf").weights.items():
        assert np.abs(restore(mixed).weights[name] - 2 * value).max() < 5e-3, name


def test_no_line_end_is_joined_any_more_and_ids_stay(folder: Path, tmp_path: Path) -> None:
    tokenizer = tokenizer_of(folder / "f16.gguf")
    before = json.loads((folder / "joining.json").read_text())["model"]
    joined = {token for token in before["vocab"] if joins_a_line_end(token)}
    assert joined
    assert tokenizer.get_vocab() == before["vocab"]
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert not joined & set(tokenizer.encode(SHAPES + USER).tokens)
    assert tokenizer.decode(tokenizer.encode(SHAPES + USER).ids) == SHAPES + USER

    again = tmp_path / "again.gguf"
    export(folder / "checkpoint.pt", tmp_path / "tokenizer.json", again, "f16", "tiny", "", [], [])
    rows = tmp_path / "rows.jsonl"
    texts = [SHAPES, USER, "f(x):\r\n\r\n\ty\n\n\n  z ):\n", "x = {\n'ö':\n[1,\n2],\n}\n\n"]
    rows.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    assert parity(Engine(again, 256), tmp_path / "tokenizer.json", [rows], 500, 1) == {"chunks": 500, "same": 500}


def test_a_tokenizer_of_ours_learns_no_such_token() -> None:
    learnt = train(iter([SHAPES + USER] * 4), 400)
    assert not any(map(joins_a_line_end, learnt.get_vocab()))
    assert any(len(token) > 3 for token in learnt.get_vocab())


def test_training_starts_from_the_file(folder: Path, tmp_path: Path) -> None:
    """With a rate of zero the first checkpoint holds the file's weights; its tokens are counted on."""
    rng = np.random.default_rng(1)
    tokens = rng.integers(8, 400, (16, 65)).astype(np.uint16)
    tokens[:, [0, 1, 20, 64]] = PRE, SUF, MID, END
    weights = np.full((16, 65), 2, np.uint8)
    weights[:, 60:] = MIDDLE
    np.savez(tmp_path / "rows-000.npz", tokens=tokens, weights=weights)
    begin = folder / "f16.gguf"
    common = {"ranks": 1, "batch": 4, "micro": 4, "steps": 2, "compiled": False, "begin": begin}
    start(Plan(SHAPE, tmp_path, tmp_path / "still", matrix_rate=0.0, other_rate=0.0, **common))
    start(Plan(SHAPE, tmp_path, tmp_path / "moved", **common))
    still, moved = (torch.load(tmp_path / run / "checkpoint.pt", weights_only=True) for run in ("still", "moved"))
    assert (still["seen"], still["length"]) == (1234 + 2 * 4 * 64, 64)
    for name, value in restore(begin).weights.items():
        assert np.array_equal(still["model"][name].numpy(), value), name
        assert not np.array_equal(moved["model"][name].numpy(), value), name


def test_a_grown_network_begins_as_the_smaller_one_was(folder: Path) -> None:
    small = network(folder / "f16.gguf")
    ids = torch.randint(0, SHAPE.vocabulary, (2, 40))
    for shape in (replace(SHAPE, hidden=160), replace(SHAPE, layers=3), replace(SHAPE, hidden=128, layers=4)):
        large = Llama(shape)
        grow(large, restore(folder / "f16.gguf").weights)
        with torch.no_grad():
            assert torch.equal(small(ids), large(ids))
