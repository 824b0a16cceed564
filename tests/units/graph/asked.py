"""A project in which one place is asked where it is defined: `⟨⟩` stands before it, `◆` before each answer."""

from __future__ import annotations

from collections.abc import Mapping

from dovetail.graph import Graph
from dovetail.graph.configured import Configured
from tests.units.graph.reading import Place, read

ROOT = "/project"


def asked(files: Mapping[str, str], *, leads: bool = False) -> tuple[set[Place], set[Place], Graph]:
    """(what is found, what is expected, the graph). leads: to where the place leads comes first."""
    project = read({f"{ROOT}/{name}": text for name, text in files.items()})
    told = {path: text.encode() for path, text in project.texts.items() if path not in project.graph.files}
    graph = project.graph.with_configured(Configured.of(told, [ROOT]))
    found = leads and graph.leads(*project.asked) or graph.defined(*project.asked)
    return {(symbol.path, symbol.name_span.start) for symbol in found.symbols}, set(project.answers), graph
