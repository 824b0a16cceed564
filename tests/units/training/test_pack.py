"""From files to rows of token ids: what is counted, and how samples share a row."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.units.training.test_fim import SHAPES
from training.fim import END, FILE, MID, MIDDLE, PAD, PRE, SUF, Repository, read

pytest.importorskip("tokenizers", reason="packing needs the tokenizers library: the extra `train`")

from training import tokens
from training.pack import ECHOES, PLAIN, Rows, Sample, broken, echo, encode, samples


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("tokens") / "tokenizer.json"
    tokens.train(iter([SHAPES] * 5), 320).save(str(path))
    return tokens.load(path)


def test_a_sample_is_its_file_again_and_closes_the_middle(tokenizer) -> None:
    source = read("p", "p/shapes.py", SHAPES)
    drawn = [s for seed in range(40) for s in samples(Repository([source]), source, random.Random(seed), 5000)]
    with_suffix = [s for s in drawn if (SUF, 0) in s.pieces]
    assert with_suffix
    for sample in with_suffix:
        *_, (middle, weight), end = sample.pieces
        assert isinstance(middle, str)
        assert weight == MIDDLE
        assert end == (END, MIDDLE)
        assert middle in SHAPES
        assert all(weight == 0 for piece, weight in sample.pieces if piece in (PRE, SUF, MID))
    for sample in drawn:
        if (SUF, 0) not in sample.pieces:
            assert sample.pieces[-1] == (END, 0)


def test_now_and_then_a_piece_is_said_twice_in_another_order(tokenizer) -> None:
    source = read("p", "p/shapes.py", SHAPES)
    drawn = [s for seed in range(300) for s in samples(Repository([source]), source, random.Random(seed), 5000)]
    twice = [s for s in drawn if (SUF, 0) not in s.pieces and str(s.pieces[1][0]).startswith("shapes.py\n")]
    assert 0 < len(twice) < 2 * ECHOES * len(drawn)
    for sample in twice:
        (mark, _), (first, _), (own, _), (path, _), *rest = sample.pieces
        assert (mark, own, path) == (FILE, FILE, "p/shapes.py\n")
        assert isinstance(first, str)
        again = [piece for piece, weight in rest if weight == PLAIN]
        lines = "".join(map(str, again)).splitlines()
        assert set(lines) <= set(first.splitlines())
        assert sample.pieces[-1] == (END, 0)


def test_an_echo_keeps_runs_of_lines_and_begins_inside_words() -> None:
    text = "".join(f"number_{n} = {n}\n" for n in range(40))
    parts = echo(text, random.Random(1))
    lines = "".join(parts).splitlines(keepends=True)
    assert "".join(lines) != text
    assert set(lines) < set(text.splitlines(keepends=True))
    assert any(f"number_{n} = {n}\nnumber_{n + 1} = {n + 1}\n" in "".join(parts) for n in range(40))
    assert any(part[-1:].isalpha() for part in parts)


@pytest.mark.parametrize("cut", [lambda rng: [text for text, _ in broken((4 * SHAPES, PLAIN), rng)],
                                 lambda rng: echo(4 * SHAPES, rng)], ids=["text", "said again"])  # fmt: skip
def test_a_text_is_cut_inside_words_and_never_inside_an_indentation(cut) -> None:
    drawn = [cut(random.Random(seed)) for seed in range(40)]
    cuts = [(before, after) for parts in drawn for before, after in itertools.pairwise(parts)]
    assert any(before[-1].isalnum() and after[0].isalnum() for before, after in cuts)
    assert any(before.endswith("\n    ") and not after[0].isspace() for before, after in cuts)
    for parts in drawn:
        places = itertools.accumulate(map(len, parts[:-1]))
        text = "".join(parts)
        for at in places:
            assert text[text.rfind("\n", 0, at) + 1 : at].strip() or not text[at].isspace() or text[at] == "\n"


def test_markers_in_a_file_are_text(tokenizer) -> None:
    (ids, weights), *_ = encode([Sample([("x = '<|fim_middle|>'\n", 2)])], tokenizer, 100, random.Random(1))
    assert min(ids) > 7
    assert tokenizer.decode(ids) == "x = '<|fim_middle|>'\n"
    assert weights == [0] + [2] * (len(ids) - 1)


def test_rows_are_full_length_and_padding_counts_nothing() -> None:
    packer = Rows(10, open_rows=2)
    full = [row for n in (4, 7, 6, 3, 8, 9, 5) if (row := packer.add([9] * n, [2] * n))]
    assert full
    for ids, weights in full:
        assert len(ids) == len(weights) == 10
        assert all(weight == (0 if token == PAD else 2) for token, weight in zip(ids, weights, strict=True))
