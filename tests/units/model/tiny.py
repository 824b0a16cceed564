"""Models of a few kilobytes with random weights, made on the spot: for what depends on the file, not the wits."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

QWEN = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>")
CHATML = (
    "{% for message in messages %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CHAT = ("<|im_start|>", "<|im_end|>")
END = "<|endoftext|>"


WORDPIECE = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def write_bert(path: Path, *, words: str = "price cost mail tax parse of the", pooling: int | None = 1) -> Path:
    """A BERT of one layer with random weights, as models of embeddings are: no cache of keys, marks around each text.

    Its vocabulary is `WORDPIECE`, then the words. pooling: what the file says, if anything.
    """
    width, hidden, context = 32, 64, 64
    random = np.random.default_rng(0)
    vocabulary = [*WORDPIECE, *(f"\u2581{word}" for word in words.split())]
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name("tiny-bert")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(2)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    if pooling is not None:
        writer.add_pooling_type(gguf.PoolingType(pooling))
    writer.add_token_type_count(2)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("bert")
    writer.add_token_list(vocabulary)
    marks = [gguf.TokenType.CONTROL] * len(WORDPIECE)
    writer.add_token_types(marks + [gguf.TokenType.NORMAL] * (len(vocabulary) - len(marks)))
    for add, mark in (
        (writer.add_pad_token_id, "[PAD]"),
        (writer.add_unk_token_id, "[UNK]"),
        (writer.add_bos_token_id, "[CLS]"),
        (writer.add_sep_token_id, "[SEP]"),
        (writer.add_eos_token_id, "[SEP]"),
        (writer.add_mask_token_id, "[MASK]"),
    ):
        add(WORDPIECE.index(mark))
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd": (len(vocabulary), width),
        "position_embd": (context, width),
        "token_types": (2, width),
    }
    norms = ["token_embd_norm"]
    dense = {"attn_q": (width, width), "attn_k": (width, width), "attn_v": (width, width)}
    dense |= {"attn_output": (width, width), "ffn_up": (hidden, width), "ffn_down": (width, hidden)}
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", random.normal(0, 0.5, shape).astype(np.float32))
    for name, shape in dense.items():
        writer.add_tensor(f"blk.0.{name}.weight", random.normal(0, 0.3, shape).astype(np.float32))
        writer.add_tensor(f"blk.0.{name}.bias", np.zeros(shape[0], np.float32))
    norms += ["blk.0.attn_output_norm", "blk.0.layer_output_norm"]
    for name in norms:
        writer.add_tensor(f"{name}.weight", np.ones(width, np.float32))
        writer.add_tensor(f"{name}.bias", np.zeros(width, np.float32))
    _write(writer)
    return path


def bytes_as_letters() -> list[str]:
    """The letter that byte-level BPE writes for each byte, by byte."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in shown else next(others)) for byte in range(256)]


def write(
    path: Path,
    *,
    name: str = "tiny",
    control: tuple[str, ...] = (END, *QWEN),
    chat_template: str = "",
    context: int = 512,
    without: bytes = b"",
    words: tuple[str, ...] = (),
    metadata: dict[str, str | int] | None = None,
    seed: int = 0,
    width: int = 32,
    layers: int = 1,
    window: int = 0,
) -> Path:
    """A Llama, of one layer unless asked, with random weights; a Gemma 3 where a token sees no more than a `window`.

    Its vocabulary is `control`, then a token a byte (but for `without`), then `words`.
    Token ids follow that order: a control token has its index, the byte b is at len(control) + b.
    """
    heads, hidden = max(2, width // 64), width * 11 // 4 if width > 32 else 64
    letters = [letter for byte, letter in enumerate(bytes_as_letters()) if byte not in without]
    vocabulary = [*control, *letters, "ab", *words]
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "gemma3" if window else "llama")
    writer.add_name(name)
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(vocabulary))
    if window:
        writer.add_sliding_window(window)
        writer.add_key_length(width // heads)
        writer.add_value_length(width // heads)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(vocabulary)
    kinds = [gguf.TokenType.CONTROL] * len(control) + [gguf.TokenType.NORMAL] * (len(vocabulary) - len(control))
    writer.add_token_types(kinds)
    writer.add_token_merges(["a b"])
    writer.add_add_bos_token(False)
    if END in control:
        writer.add_eos_token_id(control.index(END))
    if chat_template:
        writer.add_chat_template(chat_template)
    for key, value in (metadata or {}).items():
        if isinstance(value, int):
            writer.add_uint32(key, value)
        else:
            writer.add_string(key, value)

    def tensor(label: str, *shape: int) -> None:
        value = np.ones(shape) if "norm" in label else random.normal(0, 0.1, shape)
        half = width > 32 and "norm" not in label
        writer.add_tensor(label, value.astype(np.float16 if half else np.float32))

    tensor("token_embd.weight", len(vocabulary), width)
    tensor("output_norm.weight", width)
    for block in range(layers):
        for part in ("attn_norm", "ffn_norm", *(("post_attention_norm", "post_ffw_norm") if window else ())):
            tensor(f"blk.{block}.{part}.weight", width)
        for part in ("attn_q_norm", "attn_k_norm") if window else ():
            tensor(f"blk.{block}.{part}.weight", width // heads)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"blk.{block}.{part}.weight", width, width)
        tensor(f"blk.{block}.ffn_gate.weight", hidden, width)
        tensor(f"blk.{block}.ffn_up.weight", hidden, width)
        tensor(f"blk.{block}.ffn_down.weight", width, hidden)
    _write(writer)
    return path


def _write(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
