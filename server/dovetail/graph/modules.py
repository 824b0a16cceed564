"""Which files an import means: one rule for each way in which languages name them (`[imports]` of `language.toml`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING, Any

from dovetail.syntax import languages

if TYPE_CHECKING:
    from dovetail.graph.graph import Graph

Rules = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What one version of a graph was asked for already."""

    modules: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict[tuple[str, str], tuple[str, ...]])
    """(file, module as written there) → the files that it stands for."""
    tops: dict[str, str] = field(default_factory=dict[str, str])
    """Folder → the one that holds the outermost package around it."""
    importing: dict[str, bool] = field(default_factory=dict[str, bool])
    """Package → whether files of its own import it by its name."""
    beside: dict[str, dict[str, list[str]]] = field(default_factory=dict[str, dict[str, list[str]]])
    """Name of folders → each of them with its files."""


def modules(graph: Graph, path: str, name: str) -> tuple[str, ...]:
    """The files that the module `name`, written in `path`, stands for, best first; () where none is known."""
    key = (path, name)
    if (known := graph.known_modules.modules.get(key)) is None:
        rules = graph.settings(graph.files[path].language).get("imports") if path in graph.files else None
        known = _STYLES[rules.get("style", "dotted")](graph, path, name, rules) if rules is not None and name else ()
        graph.known_modules.modules[key] = known
    return known


def perhaps(graph: Graph, path: str, name: str, target: str) -> bool:
    """Whether a module that leads nowhere may be a file all the same: a program is told at its start where to look."""
    rules = graph.settings(graph.files[path].language).get("imports") if path in graph.files else None
    if rules is None or rules.get("style", "dotted") != "dotted" or name.startswith(rules["separator"]):
        return False
    parts = name.split(rules["separator"])
    if not name or parts[0] in _standard(graph.files[path].language) or modules(graph, path, name):
        return False
    stem = "/".join(("", *parts))
    ends = (f"{stem}{suffix}" for suffix in rules["suffixes"])
    inside = (f"{stem}/{index}{suffix}" for index in _indexes(rules) for suffix in rules["suffixes"])
    return target.endswith((*ends, *inside))


def package_of(graph: Graph, path: str, name: str) -> str | None:
    """The file that a module which leads nowhere may be: that of the one package in the project that is called so."""
    rules: Rules = graph.settings(graph.files[path].language).get("imports", {})
    parts = name.split(rules.get("separator", "."))
    fits = [
        (one, start)
        for one in graph.stems.get(parts[-1], ())
        if perhaps(graph, path, name, one) and (start := _start(graph, one, parts, rules)) is not None
    ]
    (found, start), *others = fits or [(None, "")]
    return None if others or not _is_package(graph, f"{start}/{parts[0]}", rules) else found


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
    standard = parts[0] in _standard(graph.files[path].language)
    if standard and parts[0] in rules.get("frozen", ()):
        top = _above_packages(graph, folder, rules)
        if folder.parts[len(PurePosixPath(top).parts) :][:1] != (parts[0],):  # but a package knows itself
            return ()
    candidates = [
        (-shared_folders(start, str(folder)), candidate, start)
        for candidate in graph.stems.get(parts[-1], ())
        if (start := _start(graph, candidate, parts, rules)) is not None
    ]
    for _, candidate, start in sorted(candidates):
        # where the first part is looked for: a root, not inside a package
        if not _is_package(graph, start, rules) and (
            _comes_first(graph, start, folder, rules)
            or not standard
            and _is_searched(graph, start, parts[0], rules)
        ):  # fmt: skip
            return (candidate,)
    return ()


def _start(graph: Graph, candidate: str, parts: list[str], rules: Rules) -> str | None:
    """The folder from which a name leads to a file; None where it does not."""
    stem = "/".join(parts)
    for ending in (*(f"/{stem}/{index}" for index in _indexes(rules)), f"/{stem}"):
        start, found, suffix = candidate.rpartition(ending)
        if found and suffix in rules["suffixes"] and _file_in(graph, PurePosixPath(start), parts, rules) == candidate:
            return start
    return None


@cache
def _standard(language: str) -> frozenset[str]:
    """The modules that come with a language: what merely has the name of one lies elsewhere."""
    return next((known.modules for known in languages() if known.name == language), frozenset[str]())


def _is_package(graph: Graph, folder: str, rules: Rules) -> bool:
    for index in _indexes(rules):
        for suffix in rules["suffixes"]:
            if f"{folder}/{index}{suffix}" in graph.files:
                return True
    return False


def _above_packages(graph: Graph, folder: PurePosixPath, rules: Rules) -> str:
    """The folder that holds the outermost package around; the folder itself where it is none."""
    key = str(folder)
    if (known := graph.known_modules.tops.get(key)) is None:
        known = key
        while known and _is_package(graph, known, rules):
            known = known.rpartition("/")[0]
        graph.known_modules.tops[key] = known
    return known


def _comes_first(graph: Graph, start: str, folder: PurePosixPath, rules: Rules) -> bool:
    """Whether a program looks there even before the standard library: at a root, above the importing file's package."""
    return start in graph.configured.roots or f"{_above_packages(graph, folder, rules)}/".startswith(f"{start}/")


def _is_searched(graph: Graph, start: str, first: str, rules: Rules) -> bool:
    """Whether a program looks for modules there, as far as the project says.

    It does in folders that are called so or hold a file of a project, and where a package lies whose own files import
    it by this name.
    """
    if start.rpartition("/")[2] in rules.get("searched", ()) or start in graph.configured.projects:
        return True
    if any(f"{start}/{mark}" in graph.files for mark in rules.get("marks", ())):
        return True
    package = f"{start}/{first}"
    if (known := graph.known_modules.importing.get(package)) is None:
        known = graph.known_modules.importing[package] = _imports_itself(graph, package, first, rules)
    return known


def _imports_itself(graph: Graph, package: str, first: str, rules: Rules) -> bool:
    """Whether files of a package import it by its name."""
    if not _is_package(graph, package, rules):
        return False
    if (folders := graph.known_modules.beside.get(first)) is None:
        folders = graph.known_modules.beside[first] = {}
        for one in graph.folders.get(first, ()):
            folders.setdefault(one.rpartition("/")[0], []).append(one)
    mark = rules["separator"]
    return any(
        f"{found.module}{mark}".startswith(f"{first}{mark}")
        for one in folders.get(package, ())
        for _, found in graph.files[one].imports
    )


def _path(graph: Graph, path: str, name: str, rules: Rules) -> tuple[str, ...]:
    folder = PurePosixPath(path).parent
    angled = name.startswith("<")
    name = name.strip("<>")
    # where paths are marked as such, a bare name is a package
    if not (name.startswith("/") or angled or "here" in rules and not name.startswith(rules["here"])):
        found = _file_at(graph, normpath(f"{folder}/{name}"), rules)
        if found:
            return (found,)
    for place in graph.configured.included(path, name, angled=angled) if "commands" in rules else ():
        if place in graph.files and place != path:  # an include names its file whole
            return (place,)
    if graph.configured and not name.startswith((".", "/")):
        for place in graph.configured.paths(path, name, rules):
            if (found := _file_at(graph, place, rules)) and found != path:
                return (found,)
    if name.startswith(".") or not rules.get("anywhere", False):
        return ()
    below = angled or "here" in rules
    # below a folder that some configuration names: whatever ends so, the nearest first
    wanted = f"/{normpath(name).lstrip('/')}"
    stem = stem_of(name, rules)
    ends = (wanted, *(f"{wanted}{suffix}" for suffix in rules["suffixes"]))
    ends += tuple(f"{wanted}/{index}{suffix}" for index in _indexes(rules) for suffix in rules["suffixes"])
    candidates = [
        (-shared_folders(candidate, path), candidate)
        for key in {stem, PurePosixPath(name).name, PurePosixPath(name).stem}
        for candidate in graph.stems.get(key, ())
        if candidate.endswith(ends) and (not below or _is_included(graph, path, candidate, name, rules))
    ]
    return (min(candidates)[1],) if candidates else ()


def _is_included(graph: Graph, path: str, candidate: str, name: str, rules: Rules) -> bool:
    """Whether a name may be this file: below a folder of such or, with a folder of its own, above who asks."""
    wanted = f"/{normpath(name)}"
    ending = next((one for s in ("", *rules["suffixes"]) if candidate.endswith(one := f"{wanted}{s}")), "")
    start = PurePosixPath(candidate.removesuffix(ending))
    if start.name in rules.get("searched", ()):
        return True
    return "/" in name and (start in PurePosixPath(path).parents or str(start) in graph.configured.roots)


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
    ends, file = tuple(rules["suffixes"]), rules.get("module-file", "")
    if not parts:
        return ()
    known = graph.configured.folder(file, "/".join(parts))
    home = graph.configured.home(file, path)
    if known is None and home is not None:  # what its module does not have is a package: a copy of it may be here
        known = "/".join((home.rstrip("/"), rules.get("copies", ""), *parts))
    if known is not None:
        beside = graph.folders.get(PurePosixPath(known).name, ())
        return tuple(sorted(p for p in beside if str(PurePosixPath(p).parent) == known and _given(graph, p, ends)))
    files = [p for p in graph.folders.get(parts[-1], ()) if _given(graph, p, ends)]
    chosen = _unnamed(path, parts, {str(PurePosixPath(p).parent) for p in files}, rules)
    return tuple(sorted(p for p in files if str(PurePosixPath(p).parent) == chosen))


def _given(graph: Graph, path: str, ends: tuple[str, ...]) -> bool:
    """Whether a file is of the package that its folder is: what says another name is not imported."""
    return path.endswith(ends) and not graph.files[path].spaces


def _unnamed(path: str, parts: list[str], folders: set[str], rules: Rules) -> str:
    """Of folders the one that a package is in while nobody says what the module is called: "" where none fits.

    It lies beside what is around the file, or in a folder of all modules. What comes with the language has no host in
    its name, so there it takes more than one part to go by, or that the folder is called like the module.
    """
    hosted = "." in parts[0]
    for above in PurePosixPath(path).parents:
        for count in range(1, len(parts)):
            if hosted or len(parts) - count > 1 or above.name == parts[count - 1]:
                if (found := str(above.joinpath(*parts[count:]))) in folders:
                    return found
    wanted = "/".join(("", *(() if hosted else rules.get("searched", ())[:1]), *parts))
    whole = [folder for folder in folders if folder.endswith(wanted)]
    return max(whole, key=lambda folder: (shared_folders(folder, path), folder), default="")


def _namespace(graph: Graph, path: str, name: str, rules: Rules) -> tuple[str, ...]:
    return tuple(
        sorted(
            p
            for p in graph.definers.get(name, ())
            if any(placed.definition.kind == "module" for placed in graph.files[p].by_name.get(name, ()))
        )
    )


def _crate(graph: Graph, path: str, name: str, rules: Rules) -> tuple[str, ...]:
    """The file that a path of modules leads to. What stands at its end inside of a file, `flow.py` looks up."""
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
                here = module_above(graph, here, rules)
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
        if (known := graph.configured.folder(rules.get("module-file", ""), said)) is not None:
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


def module_above(graph: Graph, path: str, rules: Rules) -> str | None:
    """The file of the module that the module is in that a file is."""
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
