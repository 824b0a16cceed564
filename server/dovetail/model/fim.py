"""How each family of models wants to be asked to fill in the middle: one data row a family.

A local model tells its marker tokens itself (GGUF metadata, or their usual spelling in its
vocabulary). What no file tells is the order of the parts, and that is what the rows are for.
An endpoint takes text, so there the spelling of the markers comes from the row as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from dovetail.model.ask import Fim

Part = Literal["pre", "suf", "mid", "PREFIX", "SUFFIX"]
Layout = tuple[Part, ...]

PREFIX_FIRST: Layout = ("pre", "PREFIX", "suf", "SUFFIX", "mid")
SUFFIX_FIRST: Layout = ("pre", "suf", "SUFFIX", "mid", "PREFIX")
"""The middle joins the prefix: what is typed is appended, so its KV stays."""
SUFFIX_THEN_PREFIX: Layout = ("suf", "SUFFIX", "pre", "PREFIX")

ORDER_KEY = "dovetail.fim.order"
"""Metadata key by which a file tells its order itself: `suffix-first` or `prefix-first`."""
LENGTH_KEY = "dovetail.training.length"
"""Metadata key by which a file tells on how many tokens it was trained, where it promises more context."""

PROJECT = "project\n"
"""What follows the repository marker: nobody tells us the name."""

Order = Literal["suffix-first", "prefix-first"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Template:
    """One family. Markers are spelled as the model's card gives them, with the spaces of its text form."""

    family: str
    name: re.Pattern[str]
    """Found in a model's name, lower case."""
    pre: str
    suf: str
    mid: str = ""
    layout: Layout = PREFIX_FIRST
    repo: str = ""
    file: str = ""
    """Markers before the project's name and before each file; empty where the model knows none."""
    trained: int = 0
    """Tokens that it was trained on, where its file promises more."""
    files: bool = True
    """False where the vocabulary has file markers that training never used."""

    @property
    def markers(self) -> tuple[str, ...]:
        return tuple(m.strip() for m in (self.pre, self.suf, self.mid, self.repo, self.file) if m)


def _row(family: str, name: str, markers: Sequence[str], **rest: object) -> Template:
    return Template(family, re.compile(name), *markers, **rest)  # pyright: ignore[reportArgumentType]


_BAR = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
_PLAIN = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")

TEMPLATES: tuple[Template, ...] = (
    # Its loss on unseen Python doubles between 500 and 900 tokens of prompt, so the trained length counts.
    _row("Dovetail, first", r"tiny-py-fim", _BAR, layout=SUFFIX_FIRST, trained=512, files=False),
    _row("Dovetail", r"dovetail", _BAR, layout=SUFFIX_FIRST, file="<|file_sep|>"),
    _row("Qwen Coder", r"qwen.*coder|codeqwen", _BAR, repo="<|repo_name|>", file="<|file_sep|>"),
    _row("StarCoder2", r"starcoder2", _PLAIN, repo="<repo_name>", file="<file_sep>"),
    _row("StarCoder", r"starcoder", _PLAIN),
    _row("Stable Code", r"stable-?code", _PLAIN),
    _row("CodeLlama", r"code-?llama", ("<PRE> ", " <SUF>", " <MID>")),
    _row("DeepSeek Coder", r"deepseek.*coder", ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>")),
    _row("CodeGemma", r"codegemma", _BAR, file="<|file_separator|>"),
    _row("Codestral", r"codestral", ("[PREFIX]", "[SUFFIX]"), layout=SUFFIX_THEN_PREFIX),
    _row("Granite Code", r"granite.*code", _PLAIN),
    _row("Granite", r"granite", _BAR),
)  # fmt: skip


def template_for(name: str) -> Template | None:
    """The first row whose pattern is found in the model's name."""
    return next((row for row in TEMPLATES if row.name.search(name.lower())), None)


def order_of(layout: Layout) -> Order:
    return "prefix-first" if layout.index("PREFIX") < layout.index("SUFFIX") else "suffix-first"


def layout_of(template: Template | None, told: str) -> Layout:
    """The order that the file tells (`told`, the value of `ORDER_KEY`), else its row's, else prefix first."""
    if told == "suffix-first":
        return SUFFIX_FIRST
    if told == "prefix-first" or template is None:
        return PREFIX_FIRST
    return template.layout


def arrange(layout: Layout, parts: Mapping[Part, T]) -> list[T]:
    """The parts in the model's order."""
    return [parts[part] for part in layout]


def as_text(template: Template, fim: Fim) -> str | None:
    """The prompt as text, for an endpoint; None if a part contains a marker.

    The server behind an endpoint reads markers wherever they stand, so the user's text may have none.
    """
    plain = (fim.prefix, fim.suffix, fim.path, *(text for item in fim.context for text in item))
    if any(marker in text for marker in template.markers for text in plain):
        return None
    parts: dict[Part, str] = {
        "pre": template.pre,
        "suf": template.suf,
        "mid": template.mid,
        "PREFIX": fim.prefix,
        "SUFFIX": fim.suffix,
    }
    files = ""
    if template.file:
        named = (*(f"{path}\n{text}" for path, text in fim.context), *([f"{fim.path}\n"] if fim.path else ()))
        repo = f"{template.repo}{PROJECT}" if template.repo and named else ""
        files = repo + "".join(template.file + text for text in named)
    return files + "".join(arrange(template.layout, parts))
