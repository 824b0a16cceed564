"""A file that is no model, or not a whole one, is told in one sentence before llama.cpp sees it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import struct
from pathlib import Path

import pytest
from gguf.constants import GGML_QUANT_SIZES

from dovetail.model.catalog import bundled
from dovetail.model.gguf import TENSOR_TYPES, ModelRefused, digest, read_header
from tests.units.model import tiny


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny.write(tmp_path / "model.gguf", name="Tiny 1")


def reason(path: Path) -> str:
    with pytest.raises(ModelRefused) as refused:
        read_header(path)
    return refused.value.reason


def test_the_bundled_model_tells_what_it_is() -> None:
    header = read_header(bundled())
    assert (header.architecture, header.quantisation) == ("llama", "Q8_0")
    assert header.context >= 512
    assert header.parameters > 1_000_000
    assert digest(header) == hashlib.sha256(bundled().read_bytes()).hexdigest()


def test_arrays_are_told_by_their_length(model: Path) -> None:
    assert read_header(model).number("tokenizer.ggml.tokens") == 6 + 256 + 1


def test_the_sizes_of_tensor_types_are_those_of_the_format() -> None:
    sizes = {kind.value: (kind.name, *size) for kind, size in GGML_QUANT_SIZES.items()}
    assert {kind: sizes[kind] for kind in TENSOR_TYPES} == TENSOR_TYPES


def test_a_missing_file(tmp_path: Path) -> None:
    assert reason(tmp_path / "no.gguf") == "There is no model file no.gguf: check the path in your settings."


def test_a_folder(tmp_path: Path) -> None:
    assert reason(tmp_path).endswith("is a folder: name the .gguf file inside it.")


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").touch()
    assert reason(tmp_path / "a.gguf") == "The model file a.gguf is empty: download it again."


def test_another_format(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"PK\3\4" + bytes(100))
    assert reason(tmp_path / "a.gguf") == "a.gguf is not a GGUF file: choose a model in the GGUF format."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    assert reason(tmp_path / "pipe.gguf") == "pipe.gguf is no regular file: copy the model into one."


def test_a_device() -> None:
    assert reason(Path(os.devnull)) == f"{Path(os.devnull).name} is no regular file: copy the model into one."


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read(model: Path) -> None:
    model.chmod(0)
    assert "may not be read" in reason(model)


@pytest.mark.parametrize("kept", [4, 23, 24, 40, 2000, -33])
def test_a_truncated_file(model: Path, kept: int) -> None:
    model.write_bytes(model.read_bytes()[:kept])
    assert reason(model).endswith((": download it again.", "choose a model in the GGUF format."))


def test_how_much_is_missing_is_told(model: Path) -> None:
    model.write_bytes(model.read_bytes()[:-1000])
    assert "is cut off, 1,000 bytes are missing" in reason(model)


def test_an_adapter_is_no_model(tmp_path: Path) -> None:
    path = tiny.write(tmp_path / "lora.gguf", metadata={"general.type": "adapter"})
    assert reason(path) == "lora.gguf is a GGUF file but no language model (adapter): choose another file."


def test_counts_beyond_all_bounds(model: Path) -> None:
    data = model.read_bytes()
    for place in (8, 16):
        model.write_bytes(data[:place] + struct.pack("<Q", 1 << 60) + data[place + 8 :])
        assert "makes no sense" in reason(model)


def test_a_split_model_needs_all_its_parts(tmp_path: Path) -> None:
    tiny.write(tmp_path / "m-00001-of-00002.gguf", metadata={"split.count": 2})
    assert "There is no model file m-00002-of-00002.gguf" in reason(tmp_path / "m-00001-of-00002.gguf")
    tiny.write(tmp_path / "m-00002-of-00002.gguf")
    assert len(read_header(tmp_path / "m-00001-of-00002.gguf").parts) == 2


def test_damage_anywhere_in_the_header_is_refused_or_harmless(model: Path) -> None:
    random.seed(1)
    whole = model.read_bytes()
    header = len(whole) // 4
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(random.randint(1, 8)):
            data[random.randrange(header)] = random.randrange(256)
        model.write_bytes(data[: random.choice((len(data), random.randrange(len(data))))])
        with contextlib.suppress(ModelRefused):
            read_header(model)
