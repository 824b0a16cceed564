"""The shape of an answer: a file of `grammars/gbnf/`. One that depends on what is asked is built where it is asked."""

from __future__ import annotations

from functools import cache

from dovetail.syntax.language import grammars


@cache
def shape(name: str) -> str:
    """GBNF with a rule `root`, for `Ask.grammar`; without the comments. Raises `FileNotFoundError`."""
    lines = (grammars() / "gbnf" / f"{name}.gbnf").read_text("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#"))
