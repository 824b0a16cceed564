"""How this project documents: read from the functions that are documented."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dovetail.features.actions.documentation.target import Target
from dovetail.graph.documentation import read_documentation
from dovetail.graph.modules import shared_folders
from dovetail.world import Snapshot

_ENOUGH = 12
"""Documented functions after which no further file is read."""
_MOST = 60
"""Files that are looked at."""


@dataclass(frozen=True, slots=True)
class Style:
    """A habit, and from how many documented functions it was read."""

    name: str
    """A row of `[styles]`."""
    rules: Mapping[str, Any]
    """That row."""
    typed: bool = False
    """Types are written although the signature says them."""
    third: bool = False
    """“Returns the …”, not “Return the …”."""
    period: bool = True
    below: bool = False
    """The text begins on the line below the opening."""
    seen: int = 0

    def words(self) -> str:
        """For the evidence."""
        if not self.seen:
            return f"nobody documents here yet: {self.name}"
        return f"style read from {self.seen} documented function{'s' if self.seen > 1 else ''}: {self.name}"


def style(snapshot: Snapshot, target: Target) -> Style:
    """The habit of the file; where it says too little, that of the files nearest to it."""
    rules = target.rules
    names = {row["form"]: name for name, row in rules["styles"].items()}
    counts: Counter[str] = Counter()
    typed: Counter[bool] = Counter()
    third: Counter[bool] = Counter()
    period: Counter[bool] = Counter()
    for doc, signature in _documented(snapshot, target):
        first = doc.strip().split("\n\n", 1)[0].strip()
        period[first.endswith((".", "!", "?"))] += 1
        if word := re.match(r"[A-Z][a-z]+\b", first):
            third[word.group().endswith("s") and not word.group().endswith("ss")] += 1
        parts = read_documentation(doc, rules)
        forms = {part.form for part in parts.parts if part.kind}
        if forms:
            counts[names[forms.pop()]] += 1
            if parts.parameters and ":" in signature.partition("(")[2]:
                typed[any(said.type for said in parts.parameters.values())] += 1
        elif re.search(r"\(\s*(?!self\b|cls\b|\))\w", signature):
            counts[names[""]] += 1
    plain = counts.pop(names[""], 0)
    seen = sum(counts.values())
    chosen = rules["write"]["style"]
    if seen and 4 * seen >= plain:
        chosen = counts.most_common(1)[0][0]
    elif plain >= 3:
        chosen = names[""]
    return Style(
        chosen, rules["styles"][chosen], typed[True] > typed[False], third[True] > third[False],
        period[True] >= period[False], _below(target), seen + plain,
    )  # fmt: skip


def _documented(snapshot: Snapshot, target: Target) -> Iterator[tuple[str, str]]:
    """(documentation, signature) of functions, nearest files first, until there are enough."""
    here = target.symbol
    seen = 0
    files = snapshot.graph.files
    near = sorted(
        (path for path, facts in files.items() if facts.language == target.language.name),
        key=lambda path: (path != here.path, -shared_folders(path, here.path), path),
    )
    for path in near[:_MOST]:
        for placed in files[path].placed:
            d = placed.definition
            if (
                d.kind == "function"
                and d.doc
                and (path, placed.base + d.name_start) != (here.path, here.name_span.start)
            ):
                seen += 1
                yield d.doc, d.signature
        if seen >= _ENOUGH:
            return


def _below(target: Target) -> bool:
    """Whether most texts of more than a line begin on a line of their own."""
    texts = [n.text or b"" for n in target.tree.captures("tags").get("doc", ())]
    long = [text for text in texts if b"\n" in text.strip()]
    return 2 * sum(text.lstrip(b" \t\r")[:1] == b"\n" for text in long) > len(long)
