"""What installed packages say of themselves: a graph of its own, beside that of the project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from dovetail.graph.file import FileFacts
from dovetail.graph.graph import Graph, Symbol


@dataclass(frozen=True, eq=False)
class Packages:
    """A value. The project's own graph knows nothing of it: no search, no reference and no rename leads there."""

    graph: Graph = field(default_factory=Graph)
    entries: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """(family of languages, module as an import names it) → the file that it begins with."""

    def with_files(
        self, entries: Mapping[tuple[str, str], str], files: Iterable[tuple[str, FileFacts]]
    ) -> Packages:  # fmt: skip
        return Packages(self.graph.with_files(files), {**self.entries, **entries})

    def named(self, family: str, module: str, name: str) -> Symbol | None:
        """What a module has under a name, or under a dotted one; None where nobody knows."""
        first, *rest = name.split(".")
        inner = self.entries.get((family, f"{module}.{first}"))
        if inner is not None and rest:
            return self.named(family, f"{module}.{first}", ".".join(rest))
        path = self.entries.get((family, module))
        if path is None or path not in self.graph.files:
            return None
        found = next((one for one in self.graph.module_symbols(path, first) if one.kind != "module"), None)
        for part in rest:
            found = self.graph.member(found, part) if found is not None else None
        return found


def family_of(language: str) -> str:
    """What the packages of a language are found under."""
    settings = Graph.settings(language)
    return settings.get("family", language)


def unresolved(graph: Graph) -> Iterator[tuple[str, str] | None]:
    """(language, module) of what the project imports and does not have, each once; None between two files."""
    seen: set[tuple[str, str]] = set()
    for path in sorted(graph.files):
        facts = graph.files[path]
        yield None
        if "packages" not in Graph.settings(facts.language):
            continue
        for _, one in facts.imports:
            for module in (one.module, f"{one.module}.{one.name}" if one.name not in ("", "*") else ""):
                key = (facts.language, module)
                if module and not module.startswith(".") and key not in seen:
                    seen.add(key)
                    if graph.module(path, module) is None:
                        yield key
