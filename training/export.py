"""Write a checkpoint as GGUF (F16, Q8_0, Q4_0), with all that a runtime needs to know in its metadata."""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf.quants import quantize

from training.fim import CONTROL, END, FILE, MID, PAD, PRE, REPO, SUF
from training.restore import restore
from training.shapes import Shape

HERE = Path(__file__).parent
RUN = HERE / ".run"

KINDS = {
    "f16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    "q4_0": (gguf.GGMLQuantizationType.Q4_0, gguf.LlamaFileType.MOSTLY_Q4_0),
}


Blend = list[tuple[float, Path]]
"""How much of which other weights is mixed in."""


def load(checkpoint: Path, blend: Blend) -> tuple[Shape, dict[str, np.ndarray], dict[str, int]]:
    """Shape, tensors in float32 by their names in GGUF, and how far the training was."""
    stored = torch.load(checkpoint, weights_only=True, map_location="cpu")
    shape = Shape(**stored["shape"])
    weights = weights_of(checkpoint)
    rest = 1 - sum(share for share, _ in blend)
    weights = {name: rest * value for name, value in weights.items()}
    for share, path in blend:
        for name, value in weights_of(path).items():
            weights[name] += share * value
    tensors: dict[str, np.ndarray] = {}
    for name, value in weights.items():
        if name.endswith("attn_q"):
            value = in_pairs(value, shape.heads)
        elif name.endswith("attn_k"):
            value = in_pairs(value, shape.kv_heads)
        tensors[f"{name}.weight"] = value
    return shape, tensors, {"steps": stored["step"], "tokens": stored["seen"], "length": stored["length"]}


def weights_of(path: Path) -> dict[str, np.ndarray]:
    """Of a checkpoint or a GGUF, by their names in the trainer."""
    if path.suffix == ".gguf":
        return restore(path).weights
    stored = torch.load(path, weights_only=True, map_location="cpu")["model"]
    return {name: tensor.float().numpy() for name, tensor in stored.items()}


def in_pairs(weight: np.ndarray, heads: int) -> np.ndarray:
    """Reorder the rows: llama.cpp turns neighbours against each other, the trainer the halves of a head."""
    rows, width = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, width).swapaxes(1, 2).reshape(rows, width)


def export(
    checkpoint: Path,
    tokenizer: Path,
    out: Path,
    kind: str,
    name: str,
    description: str,
    datasets: list[str],
    blend: Blend,
) -> None:
    shape, tensors, facts = load(checkpoint, blend)
    quantisation, file_type = KINDS[kind]
    writer = gguf.GGUFWriter(out, "llama")
    writer.add_name(name)
    writer.add_license("apache-2.0")
    writer.add_description(description)
    writer.add_tags(["code", "fill-in-the-middle", "text-generation"])
    writer.add_languages(["python"])
    writer.add_size_label(f"{sum(t.size for t in tensors.values()) / 1e6:.1f}M")
    writer.add_file_type(file_type)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.vocabulary)

    spec = json.loads(tokenizer.read_text())
    vocabulary: dict[str, int] = spec["model"]["vocab"]
    words = sorted(vocabulary, key=vocabulary.__getitem__)
    merges: list[list[str] | str] = spec["model"]["merges"]
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(words)
    writer.add_token_types([control if word in CONTROL else normal for word in words])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    writer.add_eos_token_id(END)
    writer.add_bos_token_id(END)
    writer.add_pad_token_id(PAD)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    ids = {"pre": PRE, "suf": SUF, "mid": MID, "pad": PAD, "rep": REPO, "sep": FILE}
    for marker, token in ids.items():
        writer.add_uint32(f"tokenizer.ggml.fim_{marker}_token_id", token)
    writer.add_string("dovetail.fim.order", "suffix-first")
    # Beyond the rows that it was trained on it gets worse, whatever the context length says.
    writer.add_uint32("dovetail.training.length", facts["length"])
    writer.add_uint32("dovetail.training.tokens", facts["tokens"])
    writer.add_uint32("dovetail.training.steps", facts["steps"])
    writer.add_array("dovetail.training.data", datasets)

    for tensor_name, value in tensors.items():
        if value.ndim == 1:
            writer.add_tensor(tensor_name, value)
        else:
            writer.add_tensor(tensor_name, quantize(value, quantisation), raw_dtype=quantisation)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {facts['tokens'] / 1e6:.1f} M tokens seen")


def data_list(listing: Path) -> list[str]:
    """Every training item with its licence, for the metadata."""
    spec = tomllib.loads(listing.read_text())
    items = [f"{p['name']} {p['version']} ({p['licence']})" for p in spec["package"]]
    return ["CPython standard library (PSF-2.0)", *items]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=RUN / "small" / "checkpoint.pt")
    parser.add_argument("--tokenizer", type=Path, default=RUN / "tokenizer.json")
    parser.add_argument("--list", type=Path, default=HERE / "corpus.toml")
    parser.add_argument("--out", type=Path, default=RUN / "models", help="folder")
    parser.add_argument("--name", default="dovetail-small")
    parser.add_argument("--kinds", nargs="+", choices=sorted(KINDS), default=["f16", "q8_0", "q4_0"])
    parser.add_argument(
        "--blend",
        nargs=2,
        action="append",
        default=[],
        metavar=("SHARE", "PATH"),
        help="mix in so much (0 to 1) of the weights of another checkpoint or of the GGUF that this one began from",
    )
    o = parser.parse_args()
    o.out.mkdir(parents=True, exist_ok=True)
    description = (
        "Small fill-in-the-middle model for Python, trained from scratch on permissively licensed packages. "
        "Order: pre, suf, SUFFIX, mid, PREFIX, then the middle, closed by the end token."
    )
    blend = [(float(share), Path(path)) for share, path in o.blend]
    for kind in o.kinds:
        path = o.out / f"{o.name}-{kind}.gguf"
        export(o.checkpoint, o.tokenizer, path, kind, o.name, description, data_list(o.list), blend)


if __name__ == "__main__":
    main()
