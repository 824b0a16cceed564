"""A GGUF back into what the trainer works with: shape, weights, tokenizer.

The file in the history is the checkpoint that survives: whoever trains on needs nothing else. What is lost is
the optimiser's state and, with Q8_0, half a percent of precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf.quants import dequantize
from tokenizers import AddedToken, Tokenizer

from training.fim import CONTROL
from training.shapes import Shape
from training.tokens import around, joins_a_line_end


@dataclass(frozen=True, slots=True)
class Restored:
    """Weights by their names in the trainer, float32; `seen` is what the file says of its training."""

    shape: Shape
    weights: dict[str, np.ndarray]
    seen: int


def restore(path: Path) -> Restored:
    reader = gguf.GGUFReader(path)
    fact = _Facts(reader, path)
    if (kind := fact("general.architecture")) != "llama":
        raise SystemExit(f"{path} is of the architecture {kind}: only llama can be trained on")
    shape = Shape(
        vocabulary=len(fact("tokenizer.ggml.tokens")),
        width=fact("llama.embedding_length"),
        layers=fact("llama.block_count"),
        heads=fact("llama.attention.head_count"),
        kv_heads=fact("llama.attention.head_count_kv"),
        hidden=fact("llama.feed_forward_length"),
        context=fact("llama.context_length"),
        rope_base=fact("llama.rope.freq_base", 10_000.0),
        epsilon=round(fact("llama.attention.layer_norm_rms_epsilon"), 9),
    )
    if fact("llama.rope.dimension_count", shape.head) != shape.head:
        raise SystemExit(f"{path} turns only a part of each head, which this network does not")
    weights: dict[str, np.ndarray] = {}
    for tensor in reader.tensors:
        name = tensor.name.removesuffix(".weight")
        value = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if name.endswith("attn_q"):
            value = in_halves(value, shape.heads)
        elif name.endswith("attn_k"):
            value = in_halves(value, shape.kv_heads)
        weights[name] = value
    if "output" in weights:
        raise SystemExit(f"{path} has an output matrix of its own, but this network ties it to the embeddings")
    return Restored(shape, weights, int(fact("dovetail.training.tokens", 0)))


def in_halves(weight: np.ndarray, heads: int) -> np.ndarray:
    """Undo `export.in_pairs`."""
    rows, width = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, width).swapaxes(1, 2).reshape(rows, width)


def tokenizer_of(path: Path) -> Tokenizer:
    """The file's own, without the merges that join a line end to what stands before it. Ids stay as they are."""
    fact = _Facts(gguf.GGUFReader(path), path)
    if (kind := fact("tokenizer.ggml.model"), fact("tokenizer.ggml.pre")) != ("gpt2", "qwen2"):
        raise SystemExit(f"{path} splits text by {kind}: only byte-level BPE with `qwen2` can be trained on")
    words: list[str] = fact("tokenizer.ggml.tokens")
    if tuple(words[: len(CONTROL)]) != CONTROL:
        raise SystemExit(f"{path} begins with other control tokens than {', '.join(CONTROL)}")
    merges = [(left, right) for left, right in map(str.split, fact("tokenizer.ggml.merges"))]
    kept = [pair for pair in merges if not joins_a_line_end("".join(pair))]
    tokenizer = around({word: i for i, word in enumerate(words)}, kept)
    tokenizer.add_special_tokens([AddedToken(word, special=True) for word in CONTROL])
    return tokenizer


class _Facts:
    """The metadata, with words for what is missing."""

    def __init__(self, reader: gguf.GGUFReader, path: Path) -> None:
        self._reader, self._path = reader, path

    def __call__(self, key: str, default: Any = None) -> Any:
        field = self._reader.get_field(key)
        if field is None and default is None:
            raise SystemExit(f"{self._path} does not say its {key}")
        return default if field is None else field.contents()
