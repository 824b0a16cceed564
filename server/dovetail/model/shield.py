"""A choice from a chat model that no grammar can hold to it: asked for as JSON, found in prose and fences, validated.

What is mended is unambiguous: other quotes, a bracket that is missing in the end, a bare word. Where it still is no
choice, the model is told once what is wrong with which field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from dovetail.model.ask import Ask, Chat

_ROOT = re.compile(r'\s*root\s*::=\s*("(?:[^"\\\n]|\\.)+"(?:\s*\|\s*"(?:[^"\\\n]|\\.)+")*)\s*')
_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)+"')
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_THOUGHT_ENDS = re.compile("</think(?:ing)?>")
"""Some servers keep to themselves what opens a thought."""
_OPENS = "<think"
_MOST = 4000
"""Characters of an answer that are looked at."""
_ROOM = 48
"""Tokens that the wrapping takes."""


class _Chosen(BaseModel):
    choice: str

    @field_validator("choice")
    @classmethod
    def _one_of_them(cls, value: str, info: ValidationInfo) -> str:
        words: Sequence[str] = info.context["words"] if info.context else ()
        if value not in words:
            raise PydanticCustomError("choice", "it is none of {words}", {"words": ", ".join(words)})
        return value


def choices(grammar: str) -> tuple[str, ...]:
    """The words that a grammar leaves to choose from; none where it is more than a choice."""
    found = _ROOT.fullmatch(grammar)
    if found is None:
        return ()
    try:
        return tuple(json.loads(literal) for literal in _LITERAL.findall(found[1]))
    except ValueError:
        return ()


def asked(ask: Ask, words: Sequence[str]) -> Ask:
    """The same question, for a model that is told in words what shape its answer has."""
    assert isinstance(ask.prompt, Chat)
    wanted = f'Answer with JSON alone, {{"choice": …}}, where … is one of {", ".join(map(json.dumps, words))}.'
    prompt = replace(ask.prompt, user=f"{ask.prompt.user}\n\n{wanted}")
    return replace(ask, prompt=prompt, grammar=None, stop=(), limit=ask.limit + _ROOM)


def again(ask: Ask, said: str, wrong: str) -> Ask:
    """The question once more, with what was wrong with the answer."""
    assert isinstance(ask.prompt, Chat)
    told = f"You answered: {said.strip()[:200]}\nThat is wrong: {wrong}."
    return replace(ask, prompt=replace(ask.prompt, user=f"{ask.prompt.user}\n\n{told}"))


def read(said: str, words: Sequence[str]) -> tuple[str, str]:
    """(the choice, "") or ("", what is wrong with which field)."""
    *_, text = _THOUGHT_ENDS.split(_THOUGHT.sub("", said))
    text = text[:_MOST]
    wrong = "it holds no JSON object"
    chosen: set[str] = set()
    behind = 0
    for start, end, value in _objects(text):
        if start < behind:
            continue  # inside of one that was taken
        try:
            chosen.add(_Chosen.model_validate(value, context={"words": words}).choice)
            behind = end
        except ValidationError as error:
            first = error.errors()[0]
            wrong = f"{'.'.join(map(str, first['loc'])) or 'the answer'}: {first['msg']}"
    if chosen:
        return (chosen.pop(), "") if len(chosen) == 1 else ("", "it holds more than one choice")
    named = [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)]
    if len(named) == 1 and "{" not in text:
        return named[0], ""
    return "", wrong


def behind_thought(text: str) -> str | None:
    """The answer in what a model said so far; None while it thinks."""
    *_, answer = _THOUGHT_ENDS.split(text)
    if answer == text and _OPENS.startswith(text.lstrip()[: len(_OPENS)]) and text.strip():
        return None
    return answer if answer == text else answer.lstrip("\n")


def _objects(text: str) -> Iterator[tuple[int, int, Any]]:
    """Every JSON object in a text and its place, outer ones first; where there is none, those of a repaired text."""
    found = False
    for tried in (text, _mended(text)):
        for brace in re.finditer(r"\{", tried):
            try:
                value, end = json.JSONDecoder().raw_decode(tried, brace.start())
            except (ValueError, RecursionError):
                continue
            found = True
            yield brace.start(), end, value
        if found:
            return


def _mended(text: str) -> str:
    """Single quotes where there are no others, no comma before a bracket, and the brackets that are open closed."""
    if '"' not in text:
        text = text.replace("'", '"')
    text = re.sub(r",\s*([}\]])", r"\1", text)
    return text + "}" * max(0, text.count("{") - text.count("}"))
