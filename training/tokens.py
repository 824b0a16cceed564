"""The tokenizer: byte-level BPE with llama.cpp's `qwen2` pre-tokenizer, trained on a share of the corpus.

Writes `tokenizer.json` in the format of the `tokenizers` library; ids 0-7 are the control tokens.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import tokenizers
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from training.fim import CONTROL

RUN = Path(__file__).parent / ".run"

QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""What llama.cpp does for `tokenizer.ggml.pre = qwen2`."""
LINE_ENDS, BLANKS = "Ċč", "Ġĉ"
"""Newline and carriage return, space and tab, as byte-level BPE spells them."""


def train(texts: Iterator[str], size: int) -> Tokenizer:
    """A tokenizer of `size` tokens, control tokens included.

    Merges are learnt from text that is also split at line ends: where a token can hold both the last sign of a line
    and its end, the model says that token in place of the sign and the end of the middle.
    """
    tokenizer = around({}, [])
    final = tokenizer.pre_tokenizer
    assert final is not None
    lines = pre_tokenizers.Split(Regex(r"[\r\n]+"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([lines, final])
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(CONTROL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        max_token_length=24,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.pre_tokenizer = final
    return tokenizer


def around(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    """Byte-level BPE with these merges, which splits text as llama.cpp does."""
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    split = pre_tokenizers.Split(Regex(QWEN2), "isolated")
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, level])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def joins_a_line_end(token: str) -> bool:
    """True of a token, in the spelling of byte-level BPE, that has a line end and anything visible."""
    return any(sign in token for sign in LINE_ENDS) and any(sign not in LINE_ENDS + BLANKS for sign in token)


def load(path: Path = RUN / "tokenizer.json") -> Tokenizer:
    """For user text: a marker that stands in a file is text, never a control token."""
    spec = json.loads(path.read_text())
    spec["added_tokens"] = []
    return Tokenizer.from_str(json.dumps(spec))


def corpus_texts(corpus: Path, characters: int) -> Iterator[str]:
    with corpus.open() as rows:
        for line in rows:
            text = json.loads(line)["text"]
            yield text
            characters -= len(text)
            if characters < 0:
                return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=RUN / "corpus" / "train.jsonl")
    parser.add_argument("--out", type=Path, default=RUN / "tokenizer.json")
    parser.add_argument("--size", type=int, default=6144, help="tokens in the vocabulary")
    parser.add_argument("--characters", type=int, default=30_000_000, help="how much text to learn merges from")
    parser.add_argument("--from", dest="begin", type=Path, help="take the tokenizer of this GGUF, learn none")
    options = parser.parse_args()
    if options.begin:
        from training.restore import tokenizer_of

        tokenizer = tokenizer_of(options.begin)
    else:
        tokenizer = train(corpus_texts(options.corpus, options.characters), options.size)
    tokenizer.save(str(options.out))
    plain = load(options.out)
    sample = "".join(corpus_texts(options.corpus, 1_000_000))
    bytes_per_token = len(sample.encode()) / len(plain.encode(sample).ids)
    print(f"{tokenizer.get_vocab_size()} tokens ({tokenizers.__version__}), {bytes_per_token:.2f} bytes a token")


if __name__ == "__main__":
    main()
