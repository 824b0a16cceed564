"""The order and the spelling of the markers, family by family."""

from __future__ import annotations

import pytest

from dovetail.model import fim
from dovetail.model.ask import Fim

PROMPTS = {
    "Qwen2.5-Coder-1.5B": "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    "Qwen3-Coder-30B-A3B-Instruct": "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    "starcoder2-3b": "<fim_prefix>P<fim_suffix>S<fim_middle>",
    "stable-code-3b": "<fim_prefix>P<fim_suffix>S<fim_middle>",
    "codellama:7b-code": "<PRE> P <SUF>S <MID>",
    "deepseek-coder-1.3b-base": "<｜fim▁begin｜>P<｜fim▁hole｜>S<｜fim▁end｜>",
    "codegemma-2b": "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    "Codestral-22B-v0.1": "[SUFFIX]S[PREFIX]P",
    "granite-3b-code-base": "<fim_prefix>P<fim_suffix>S<fim_middle>",
    "granite-3.3-2b-instruct": "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    "tiny-py-fim": "<|fim_prefix|><|fim_suffix|>S<|fim_middle|>P",
    "dovetail-medium": "<|fim_prefix|><|fim_suffix|>S<|fim_middle|>P",
}


def row(name: str) -> fim.Template:
    found = fim.template_for(name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", PROMPTS)
def test_prompt(name: str) -> None:
    assert fim.as_text(row(name), Fim("P", "S")) == PROMPTS[name]


@pytest.mark.parametrize("name", ["llama-3.2-1b-instruct", "mistral-7b", "phi-4", "qwen2.5-7b-instruct", ""])
def test_a_model_that_is_not_trained_to_fill_in(name: str) -> None:
    assert fim.template_for(name) is None


def test_other_files_come_first_where_the_model_knows_files() -> None:
    wish = Fim("P", "S", (("a.py", "A\n"), ("b.py", "B\n")), "c.py")
    files = "<|repo_name|>project\n<|file_sep|>a.py\nA\n<|file_sep|>b.py\nB\n<|file_sep|>c.py\n"
    assert fim.as_text(row("qwen2.5-coder"), wish) == files + PROMPTS["Qwen2.5-Coder-1.5B"]
    assert fim.as_text(row("codellama"), wish) == PROMPTS["codellama:7b-code"]


def test_a_text_with_a_marker_in_it_is_not_sent() -> None:
    for wish in (Fim("<|fim_middle|>"), Fim("", "<|file_sep|>"), Fim("", "", (("a", "<|repo_name|>"),))):
        assert fim.as_text(row("qwen2.5-coder"), wish) is None


def test_the_file_itself_may_tell_the_order() -> None:
    assert fim.layout_of(None, "suffix-first") == fim.SUFFIX_FIRST
    assert fim.layout_of(row("tiny-py-fim"), "prefix-first") == fim.PREFIX_FIRST
    assert fim.layout_of(row("codestral"), "") == fim.SUFFIX_THEN_PREFIX
    assert fim.layout_of(None, "") == fim.PREFIX_FIRST
