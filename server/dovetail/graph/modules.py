"""Which files an import means: one rule for each way in which languages name them (`[imports]` of `language.toml`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dovetail.graph.graph import Graph

Rules = dict[str, Any]


def modules(graph: Graph, path: str, name: str) -> tuple[str, ...]:
    """The files that the module `name`, written in `path`, stands for, best first; () where none is known."""
    key = (path, name)
    if (known := graph.modules_known.get(key)) is None:
        rules = graph.settings(graph.files[path].language).get("imports") if path in graph.files else None
        known = _STYLES[rules.get("style", "dotted")](graph, path, name, rules) if rules is not None and name else ()
        graph.modules_known[key] = known
    return known


def submodule(graph: Graph, path: str, name: str) -> str | None:
    """The file of a module inside of the module that a file is; None where there is none."""
    rules = graph.settings(graph.files[path].language).get("imports") if path in graph.files else None
    if rules is None or rules.get("style", "dotted") not in ("dotted", "crate"):
        return None
    place = PurePosixPath(path)
    inside = place.stem in _indexes(rules) or place.name in rules.get("roots", ())
    found = _file_in(graph, place.parent if inside else place.parent / place.stem, [name], rules)
    return found or (None if inside or rules.get("style") == "crate" else _file_in(graph, place.parent, [name], rules))


def stem_of(path: str, rules: Rules) -> str:
    """The last part of the name that a file is imported by."""
    place = PurePosixPath(path)
    return place.parent.name if place.stem in _indexes(rules) else place.stem


def _indexes(rules: Rules) -> tuple[str, ...]:
    index = rules.get("index", ())
    return (index,) if isinstance(index, str) else tuple(index)


def _dotted(graph: Graph, path: str, name: str, rules: Rules) -> tuple[str, ...]:
    separator = rules["separator"]
    level = len(name) - len(name.lstrip(separator))
    parts = [part for part in name[level:].split(separator) if part]
    folder = PurePosixPath(path).parent
    if level:
        for _ in range(level - 1):
            folder = folder.parent
        found = _file_in(graph, folder, parts, rules)
        return (found,) if found else ()
    if not parts:
        return ()
    candidates: list[tuple[int, str]] = []
    for candidate in graph.stems.get(parts[-1], ()):
        place = PurePosixPath(candidate)
        start = place.parent
        for _ in range(len(parts) + (place.stem in _indexes(rules)) - 1):
            start = start.parent
        if _file_in(graph, start, parts, rules) != candidate:
            continue
        # where the first part is looked for: a root, not inside a package
        if any(f"{start}/{index}{suffix}" in graph.files for index in _indexes(rules) for suffix in rules["suffixes"]):
            continue
        candidates.append((-shared_folders(str(start), str(folder)), candidate))
    if candidates:
        return (min(candidates)[1],)
    # a folder whose files are one package
    return _folder(graph, path, "/".join(parts), rules) if rules.get("folders") else ()


def _path(graph: Graph, path: str, name: str, rules: Rules) -> tuple[str, ...]:
    folder = PurePosixPath(path).parent
    if not name.startswith("/"):
        found = _file_at(graph, normpath(f"{folder}/{name}"), rules)
        if found:
            return (found,)
    if graph.configured and not name.startswith((".", "/")):
        for place in graph.configured.paths(path, name, rules):
            if (found := _file_at(graph, place, rules)) and found != path:
                return (found,)
    if name.startswith(".") or not rules.get("anywhere", False):
        return ()
    # below a folder that some configuration names: whatever ends so, the nearest first
    wanted = f"/{normpath(name).lstrip('/')}"
    stem = stem_of(name, rules)
    ends = (wanted, *(f"{wanted}{suffix}" for suffix in rules["suffixes"]))
    ends += tuple(f"{wanted}/{index}{suffix}" for index in _indexes(rules) for suffix in rules["suffixes"])
    candidates = [
        (-shared_folders(candidate, path), candidate)
        for key in {stem, PurePosixPath(name).name, PurePosixPath(name).stem}
        for candidate in graph.stems.get(key, ())
        if candidate.endswith(ends)
    ]
    return (min(candidates)[1],) if candidates else ()


def _file_at(graph: Graph, stem: str, rules: Rules) -> str | None:
    tried = [stem, *(f"{stem}{suffix}" for suffix in rules["suffixes"])]
    # `./x.js` may mean `x.ts`
    for written in rules.get("written-suffixes", ()):
        if stem.endswith(written):
            tried += [f"{stem.removesuffix(written)}{suffix}" for suffix in rules["suffixes"]]
    tried += [f"{stem}/{index}{suffix}" for index in _indexes(rules) for suffix in rules["suffixes"]]
    return next((one for one in tried if one in graph.files), None)


def _folder(graph: Graph, path: str, name: str, rules: Rules) -> tuple[str, ...]:
    parts = [part for part in name.split("/") if part]
    if (known := graph.configured.folder("/".join(parts))) is not None:
        beside = graph.folders.get(PurePosixPath(known).name, ())
        ends = tuple(rules["suffixes"])
        return tuple(sorted(p for p in beside if str(PurePosixPath(p).parent) == known and p.endswith(ends)))
    files = [p for p in graph.folders.get(parts[-1], ()) if p.endswith(tuple(rules["suffixes"]))] if parts else []
    best: dict[str, int] = {}
    for folder in {str(PurePosixPath(p).parent) for p in files}:
        have = [part for part in folder.split("/") if part]
        same = 0
        while same < min(len(parts), len(have)) and have[-1 - same] == parts[-1 - same]:
            same += 1
        best[folder] = same
    if not best:
        return ()
    chosen = max(best, key=lambda folder: (best[folder], shared_folders(folder, path), folder))
    return tuple(sorted(p for p in files if str(PurePosixPath(p).parent) == chosen))


def _namespace(graph: Graph, path: str, name: str, rules: Rules) -> tuple[str, ...]:
    return tuple(
        sorted(
            p
            for p in graph.definers.get(name, ())
            if any(placed.definition.kind == "module" for placed in graph.files[p].by_name.get(name, ()))
        )
    )


def _crate(graph: Graph, path: str, name: str, rules: Rules) -> tuple[str, ...]:
    """The file that a path of modules leads to. What stands at its end inside of a file, `values.py` looks up."""
    parts = [part for part in name.split(rules["separator"]) if part]
    if not parts:
        return ()
    here: str | None = path
    if parts[0] == rules["root"]:
        here = crate_root(graph, path, rules)
        parts = parts[1:]
    else:
        while parts and parts[0] in (rules["here"], rules["up"]):
            if parts[0] == rules["up"] and here is not None:
                here = _above(graph, here, rules)
            parts = parts[1:]
    if here == path and parts and submodule(graph, path, parts[0]) is None:
        here = _crate_named(graph, parts[0], rules) or here
        parts = parts[1:] if here != path else parts
    for part in parts:
        here = submodule(graph, here, part) if here is not None else None
    return (here,) if here is not None else ()


def _crate_named(graph: Graph, name: str, rules: Rules) -> str | None:
    """The file that another crate of the workspace begins with: that of the folder that is called so, or named so."""
    for said in (name, name.replace("_", "-")):
        if (known := graph.configured.folder(said)) is not None:
            for inside in (f"{known}/src/", f"{known}/"):
                if found := next((inside + root for root in rules["roots"] if inside + root in graph.files), None):
                    return found
    for folder in (name, name.replace("_", "-")):
        for inside in (f"{folder}/", f"{folder}/src/"):
            ends = tuple(f"/{inside}{root}" for root in rules["roots"])
            last = inside.rstrip("/").rpartition("/")[2]
            if found := sorted(p for p in graph.folders.get(last, ()) if p.endswith(ends)):
                return found[0]
    return None


def crate_root(graph: Graph, path: str, rules: Rules) -> str | None:
    """The file that a crate begins with."""
    folder = PurePosixPath(path).parent
    for above in (folder, *folder.parents):
        for name in rules["roots"]:
            if (found := f"{str(above).rstrip('/')}/{name}") in graph.files:
                return found
    return path


def _above(graph: Graph, path: str, rules: Rules) -> str | None:
    place = PurePosixPath(path)
    folder = place.parent.parent if place.stem in _indexes(rules) else place.parent
    tried = [*(f"{str(folder).rstrip('/')}/{name}" for name in rules["roots"])]
    tried += [f"{str(folder).rstrip('/')}/{index}{s}" for index in _indexes(rules) for s in rules["suffixes"]]
    tried += [f"{folder}{suffix}" for suffix in rules["suffixes"]]
    return next((one for one in tried if one in graph.files and one != path), None)


def _file_in(graph: Graph, folder: PurePosixPath, parts: list[str], rules: Rules) -> str | None:
    stem = "/".join((str(folder).rstrip("/"), *parts))
    for suffix in rules["suffixes"]:
        for path in (f"{stem}{suffix}", *(f"{stem}/{index}{suffix}" for index in _indexes(rules))):
            if path in graph.files:
                return path
    return None


def shared_folders(one: str, two: str) -> int:
    """How many leading folders two paths share."""
    count = 0
    for a, b in zip(one.split("/"), two.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count


_STYLES: dict[str, Callable[[Graph, str, str, Rules], tuple[str, ...]]] = {
    "dotted": _dotted,
    "path": _path,
    "folder": _folder,
    "crate": _crate,
    "namespace": _namespace,
}
