"""What installed packages say of the names that the code near the cursor takes from them: signatures and prose."""

from __future__ import annotations

from dovetail.context.nearby import Near, distance_points, said_where
from dovetail.graph import Symbol
from dovetail.graph.packages import family_of
from dovetail.text import Span
from dovetail.world import Selection, Snapshot

_NEAR = 40
"""Lines above the cursor whose names are looked up."""
_MOST = 12


def documented_near(snapshot: Snapshot, at: Selection) -> list[Near]:
    """Definitions of installed packages that the lines above the cursor name, the nearest first."""
    file, packages = snapshot.file(at.path), snapshot.packages
    if file is None or file.facts is None or not packages.entries:
        return []
    imports = {found.alias: found for _, found in file.facts.imports if found.alias}
    if not imports:
        return []
    family = family_of(file.facts.language)
    here = file.document.line_at(at.offset)
    near = Span(file.document.start_of(max(0, here - _NEAR)), at.span.end)
    found: dict[tuple[str, int], tuple[int, Symbol, str]] = {}
    for use in snapshot.graph.uses_in(at.path, near):
        written = f"{use.use.receiver}.{use.use.name}" if use.use.receiver else use.use.name
        first, _, rest = written.partition(".")
        imported = imports.get(first)
        if imported is None:
            continue
        name = rest if not imported.name else f"{imported.name}.{rest}".rstrip(".")
        if not name:
            continue
        module = imported.module
        if not imported.name and module.startswith(f"{imported.alias}.") and rest:  # `import a.b` binds `a`
            module = imported.alias
        symbol = packages.named(family, module, name)
        if symbol is not None:
            distance = max(0, here - file.document.line_at(use.base + use.use.start))
            key = (symbol.path, symbol.span.start)
            if key not in found or distance < found[key][0]:
                found[key] = (distance, symbol, imported.module)
    nearest = sorted(found.values(), key=lambda one: (one[0], one[1].path, one[1].span.start))
    return [
        Near(symbol, "package", distance_points("package", distance), f"of {module}, {said_where(distance)}")
        for distance, symbol, module in nearest[:_MOST]
    ]
