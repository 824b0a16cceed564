"""What documentation says of each parameter, and what of that can be checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dovetail.graph.documentation import Documented


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that documentation promises of a parameter."""

    kind: str
    a: str
    b: str
    choices: tuple[str, ...]
    error: str
    """The error that is documented for it, "" where none is."""
    confidence: str
    words: str


def promises(name: str, documented: Documented, rules: Mapping[str, Any]) -> list[Promise]:
    """What can be checked of what is said about a parameter. Half-sentences with a condition do not count."""
    found: list[Promise] = []
    said = documented.parameters.get(name)
    if said:
        plain = _unconditional(said.text, rules)
        found += _matched(rules["phrases"], "", plain, "", rules, rules["after"])
    for error, when in documented.errors:
        if name not in when:
            continue  # a pattern for each name is dear
        found += _matched(rules["errors"], name, " ".join(when.split()), error, rules)
    return found


def _matched(
    rows: Sequence[Mapping[str, Any]], name: str, text: str, error: str, rules: Mapping[str, Any], after: str = ""
) -> list[Promise]:
    """The rows that match, earlier ones first; of two that read the same words the earlier.

    after: what may follow the words that were read.
    """
    found: list[Promise] = []
    read: list[tuple[int, int]] = []
    for row in rows:
        pattern = row["pattern"].replace("{number}", rules["number"]).replace("{p}", re.escape(name))
        match = re.search(pattern, text)
        if match and not any(match.start() < end and start < match.end() for start, end in read):
            read.append(match.span())
            follows = row.get("after", after)
            if follows and not (re.match(follows, text[match.end() :]) and _whole(match)):
                continue
            found.append(_promise(row, match, error))
    return found


def _whole(match: re.Match[str]) -> bool:
    """Whether a list of choices is at its end."""
    choices = match.groupdict().get("choices")
    return choices is None or choices.rstrip()[-1:] in ("'", '"', "`")


def _unconditional(text: str, rules: Mapping[str, Any]) -> str:
    """The sentences of a description that hold whatever else is the case."""
    flat = re.sub(rules["harmless"], "", " ".join(text.split()))
    sentences = re.split(rules["sentence"], flat)
    return " ".join(s.strip() for s in sentences if not re.search(rules["condition"], s)).strip()


def _promise(row: Mapping[str, Any], match: re.Match[str], error: str) -> Promise:
    groups = match.groupdict()
    choices = tuple(re.findall(r"\"[\w -]+\"|'[\w -]+'", groups.get("choices") or ""))
    return Promise(
        row["kind"], groups.get("a") or "", groups.get("b") or "", choices, error,
        row.get("confidence", "certain"), match.group().strip(),
    )  # fmt: skip
