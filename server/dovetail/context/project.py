"""What a project is, in one line, by rules: `project.toml` of each language says which file tells what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from dovetail.graph import Graph
from dovetail.syntax import Language, languages

LONGEST = 200
"""Characters of a summary."""
_LARGEST = 1 << 16
"""Characters of a file that are looked at."""
_KINDS = ("runtime", "manager", "entry", "build", "test", "lint")


def manifests() -> frozenset[str]:
    """The names of the files at a project's root that say something of it."""
    return frozenset(
        row["file"] for language in languages() for kind in _KINDS for row in _rules(language).get(kind, ())
    )


def summary(files: Mapping[str, str], graph: Graph) -> str:
    """Runtime, package manager, frameworks, entry points, commands; at most `LONGEST` characters, "" for nothing.

    files: name → text of the manifests that are there. The language that most files are written in speaks first.
    """
    written = Counter(facts.language for facts in graph.files.values())
    ranked = sorted(languages(), key=lambda language: (-written[language.name], language.name))
    said = {kind: _first([_rules(language) for language in ranked], kind, files) for kind in _KINDS}
    frameworks = _frameworks([_rules(language) for language in ranked if written[language.name]], graph)
    parts = [
        ", ".join(part for part in (said["runtime"], said["manager"]) if part),
        f"uses {', '.join(frameworks)}" if frameworks else "",
        *(f"{kind}: {said[kind]}" for kind in _KINDS[2:] if said[kind]),
    ]
    line = ""
    for part in filter(None, parts):
        longer = f"{line}; {part}" if line else part
        if len(longer) <= LONGEST:
            line = longer
    return line


def _rules(language: Language) -> Mapping[str, Any]:
    return language.table("project") or {}


def _first(rules: list[Mapping[str, Any]], kind: str, files: Mapping[str, str]) -> str:
    for rule in rules:
        for row in rule.get(kind, ()):
            text = files.get(row["file"])
            if text is None:
                continue
            if "pattern" not in row:
                return row["says"]
            if match := re.search(row["pattern"], text[:_LARGEST]):
                caught = match.group(1) if match.groups() else ""
                return row["says"].replace("{}", " ".join(caught.split()))
    return ""


def _frameworks(rules: list[Mapping[str, Any]], graph: Graph) -> list[str]:
    """The packages that shape the project, the one that most files import first."""
    known: dict[str, str] = {}
    for rule in rules:
        known |= rule.get("frameworks", {})
    counts: Counter[str] = Counter()
    for facts in graph.files.values():
        modules = {found.module for _, found in facts.imports}
        heads = modules | {re.split(r"[./:]", module, maxsplit=1)[0] for module in modules}
        counts.update({known[head] for head in heads if head in known})
    return [name for name, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:3]]
