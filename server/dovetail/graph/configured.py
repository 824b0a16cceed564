"""Where files that configure a project lead the names of modules: aliases, and the packages of a workspace.

Which files those are is in `[imports]` of `language.toml`: `mapping` (`compilerOptions.baseUrl` and `.paths`, with what
they extend), `manifest` (`name`, `exports`, `imports`, `main`), `module-file`, of which `module-name` tells what the
folder around it is called, `commands`: how each file is compiled, so where its headers are looked for, and `projects`:
that the folder around it is one of a project, from which its modules are named. They are read as text and never run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import basename, dirname, join, normpath
from typing import Any, cast

from dovetail.syntax import Language, languages

_STRING = r'"(?:[^"\\\n]|\\.)*"'
_COMMENT = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_LAST_COMMA = re.compile(rf"{_STRING}|,(?=\s*[}}\]])")
_FOLDER = re.compile(r"""(?:^|\s)["']?(-iquote|-isystem|-idirafter|[-/]I)\s*((?:"(?:[^"\\]|\\.)*"|\\.|[^\s"'])+)""")
"""What a command line says of folders of headers."""
_ORDER = ("-iquote", "-I", "-isystem", "-idirafter")
_DEPTH = 4
"""How many files that extend one another are followed."""
_MOST = 500
"""Patterns of one file."""


@dataclass(frozen=True, slots=True)
class _Aliases:
    """What one mapping says."""

    base: str = ""
    """The folder in which names are looked for; "" where none is."""
    patterns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(name with at most one `*`, the paths that it may mean)."""


@dataclass(frozen=True, slots=True)
class _Package:
    """What one manifest says."""

    folder: str
    entries: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(`.`, `./sub` or `./sub/*`, the paths that it may mean)."""
    inside: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(`#name`, paths): names that only the package itself sees."""
    needs: frozenset[str] = frozenset()
    """The packages that it may import."""


@dataclass(frozen=True, slots=True)
class _Headers:
    """Where a compiler is told to look for headers."""

    quoted: tuple[str, ...] = ()
    """For `"x.h"` alone."""
    any: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Configured:
    """A value."""

    aliases: Mapping[str, _Aliases] = field(default_factory=dict[str, _Aliases])
    """By folder."""
    packages: Mapping[str, _Package] = field(default_factory=dict[str, _Package])
    """By name."""
    manifests: Mapping[str, _Package] = field(default_factory=dict[str, _Package])
    """By folder."""
    modules: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """By the file that names it, and by the name of a module, the folder that it is."""
    headers: Mapping[str, _Headers] = field(default_factory=dict[str, _Headers])
    """By the file that is compiled; under "" what any of them is told, for those that no command names."""
    projects: frozenset[str] = frozenset()
    """The folders that modules are named from."""
    roots: frozenset[str] = frozenset()
    """The folders of the workspace."""

    @classmethod
    def of(cls, files: Mapping[str, bytes], roots: Iterable[str] = ()) -> Configured:
        """From the texts of files, by path; what makes no sense is passed over."""
        apart = {*_module_files(), *_projects(), *map(basename, _commands())}
        told = {path: _loose(data) for path, data in files.items() if basename(path) not in apart}
        aliases: dict[str, _Aliases] = {}
        packages: dict[str, _Package] = {}
        manifests: dict[str, _Package] = {}
        known = names()
        # of two in one folder the first that is listed in `mapping` counts, of two packages of one name the first
        for path in sorted(
            (path for path in told if basename(path) in known),
            key=lambda path: (dirname(path), known.index(basename(path))),
        ):
            folder = dirname(path)
            if basename(path) in _mappings():
                if folder not in aliases and (found := _aliases(path, told)) is not None:
                    aliases[folder] = found
            elif basename(path) in _manifests():
                package = manifests[folder] = _package(folder, told[path])
                if isinstance(name := told[path].get("name"), str):
                    packages.setdefault(name, package)
        modules: dict[str, dict[str, str]] = {}
        for path in sorted(files, reverse=True):
            if name := _module(path, files[path]):
                modules.setdefault(basename(path), {})[name] = dirname(path)
        compiled = map(basename, _commands())
        headers = _headers([files[path] for path in sorted(files) if basename(path) in compiled])
        projects = frozenset(dirname(path) for path in files if basename(path) in _projects())
        tops = frozenset(root.rstrip("/") for root in roots)
        return cls(aliases, packages, manifests, modules, headers, projects, tops)

    def folder(self, file: str, name: str) -> str | None:
        """The folder of a package inside of a module that is here; None where its module is not.

        file: the one that tells what modules are called.
        """
        parts, modules = name.split("/"), self.modules.get(file, {})
        for count in range(len(parts), 0, -1):
            if (root := modules.get("/".join(parts[:count]))) is not None:
                return "/".join((root.rstrip("/"), *parts[count:]))
        return None

    def home(self, file: str, path: str) -> str | None:
        """The folder of the module that a path is in."""
        homes = set(self.modules.get(file, {}).values())
        return next((folder for folder in _above(path) if folder in homes), None) if homes else None

    def included(self, path: str, name: str, *, angled: bool) -> Iterator[str]:
        """Where a header may lie that a file includes, the first folder first."""
        told = self.headers.get(path) or self.headers.get("")
        if told is not None and not name.startswith("/"):
            rest = normpath(name)
            for folder in told.any if angled else (*told.quoted, *told.any):
                yield normpath(join(folder, rest)) if rest.startswith("..") else f"{folder}/{rest}"

    def paths(self, path: str, name: str, rules: Mapping[str, Any]) -> Iterator[str]:
        """Where the module `name`, written in the file `path`, may lie: without ending where none is written."""
        for folder in _above(path):
            if (found := self.aliases.get(folder)) is not None:
                yield from _led(name, found.patterns)
                if found.base:
                    yield normpath(join(found.base, name))
                break
        if name.startswith("#"):
            nearest = next((self.manifests[folder] for folder in _above(path) if folder in self.manifests), None)
            if nearest is not None:
                yield from _sources(nearest.folder, _led(name, nearest.inside), rules)
            return
        parts = name.split("/")
        size = 2 if name.startswith("@") else 1
        called = "/".join(parts[:size])
        package = self.packages.get(called)
        above = [self.manifests[folder] for folder in _above(path) if folder in self.manifests]
        seen = not above or package in above or any(called in one.needs for one in above)
        if package is not None and seen:
            rest = "/".join(parts[size:])
            yield from _sources(package.folder, _led(f"./{rest}" if rest else ".", package.entries), rules)
            places = (package.folder, join(package.folder, rules.get("source", "")))
            yield from (normpath(join(place, rest or rules.get("index", ""))) for place in places)

    def __bool__(self) -> bool:
        return bool(self.aliases or self.manifests or self.modules or self.headers)


def names() -> tuple[str, ...]:
    """The files that count, by their paths below a folder of the project."""
    return (*_mappings(), *_manifests(), *_module_files(), *_commands(), *_projects())


def names_of(language: Language) -> tuple[str, ...]:
    """Those that say something of the modules of one language."""
    rules: Mapping[str, Any] = language.settings.get("imports", {})
    single = [rules[key] for key in ("manifest", "module-file") if key in rules]
    return (*rules.get("mapping", ()), *single, *rules.get("commands", ()), *rules.get("projects", ()))


def extends(path: str, data: bytes) -> list[str]:
    """The files that a mapping takes further rules from."""
    apart = {*_manifests(), *_module_files(), *_projects(), *map(basename, _commands())}
    return _extended(path, _loose(data)) if basename(path) not in apart else []


def entries(folder: str, data: bytes, inner: str = "") -> list[str]:
    """The files that a package, of this manifest, or something inside of it begins with."""
    found = _led(f"./{inner}" if inner else ".", _package(folder, _loose(data)).entries)
    return [path for target in found if (path := normpath(join(folder, target))).startswith(f"{folder}/")]


def _mappings() -> tuple[str, ...]:
    rules = [language.settings.get("imports", {}) for language in languages()]
    return tuple(dict.fromkeys(name for one in rules for name in one.get("mapping", ())))


def _manifests() -> tuple[str, ...]:
    rules = [language.settings.get("imports", {}) for language in languages()]
    return tuple(dict.fromkeys(one["manifest"] for one in rules if "manifest" in one))


def _module_files() -> dict[str, str]:
    """How each tells its name."""
    rules = [language.settings.get("imports", {}) for language in languages()]
    return {one["module-file"]: one["module-name"] for one in rules if "module-file" in one}


def _commands() -> tuple[str, ...]:
    rules = [language.settings.get("imports", {}) for language in languages()]
    return tuple(dict.fromkeys(name for one in rules for name in one.get("commands", ())))


def _projects() -> tuple[str, ...]:
    rules = [language.settings.get("imports", {}) for language in languages()]
    return tuple(dict.fromkeys(name for one in rules for name in one.get("projects", ())))


def _headers(listed: list[bytes]) -> dict[str, _Headers]:
    """What the first command of each file says."""
    found: dict[str, _Headers] = {}
    known: dict[tuple[str, str], _Headers] = {}
    for data in listed:
        try:
            entries = _list(json.loads(data.decode("utf-8-sig", "replace")))
        except (ValueError, RecursionError):
            continue
        for entry in map(_table, entries):
            folder, file = entry.get("directory"), entry.get("file")
            words = [re.sub(r'([\s"\\])', r"\\\1", str(one)) for one in _list(entry.get("arguments"))]
            line = entry.get("command") or " ".join(words)
            if not isinstance(folder, str) or not isinstance(file, str) or not isinstance(line, str):
                continue
            key = (folder, " ".join(flag + place for flag, place in _FOLDER.findall(line)))
            if key not in known:
                known[key] = _told_headers(folder, _FOLDER.findall(line))
            found.setdefault(normpath(join(folder, file)), known[key])
    if found:
        every = [*dict.fromkeys(found.values())]
        found[""] = _Headers(
            tuple(dict.fromkeys(place for one in every for place in one.quoted)),
            tuple(dict.fromkeys(place for one in every for place in one.any)),
        )
    return found


def _told_headers(folder: str, said: list[tuple[str, str]]) -> _Headers:
    places: dict[str, list[str]] = {flag: [] for flag in _ORDER}
    for flag, place in said:
        bare = re.sub(r'\\(.)|"', r"\1", place)
        places[flag.replace("/", "-")].append(normpath(join(folder, bare)))
    return _Headers(tuple(places["-iquote"]), tuple(one for flag in _ORDER[1:] for one in places[flag]))


def _module(path: str, data: bytes) -> str:
    pattern = _module_files().get(basename(path))
    found = re.search(pattern, data.decode("utf-8-sig", "replace"), re.MULTILINE) if pattern else None
    return found.group(1) if found else ""


def _loose(data: bytes) -> dict[str, Any]:
    """JSON with comments and commas at the end; {} for what is none."""
    text = data.decode("utf-8-sig", "replace")
    for superfluous in (_COMMENT, _LAST_COMMA):
        text = superfluous.sub(lambda found: found[0] if found[0][0] == '"' else "", text)
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return _table(told)


def _table(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _extended(path: str, told: Mapping[str, Any]) -> list[str]:
    above: Any = told.get("extends")
    listed: list[Any] = [*_list(above), above, *(_table(one).get("path") for one in _list(told.get("references")))]
    found = [one for one in listed if isinstance(one, str) and one.startswith(".")]
    return [normpath(join(dirname(path), one if one.endswith(".json") else f"{one}.json")) for one in found]


def _aliases(path: str, told: Mapping[str, Mapping[str, Any]], depth: int = 0) -> _Aliases | None:
    """What a mapping says itself, and as far as it says nothing, what it extends says."""
    if path not in told or depth > _DEPTH:
        return None
    options = _table(told[path].get("compilerOptions"))
    written: Any = options.get("baseUrl")
    base = normpath(join(dirname(path), written)) if isinstance(written, str) else ""
    patterns: list[tuple[str, tuple[str, ...]]] = []
    for name, targets in list(_table(options.get("paths")).items())[:_MOST]:
        if name.count("*") <= 1:
            listed = [one for one in _list(targets) if isinstance(one, str)]
            patterns.append((name, tuple(normpath(join(base or dirname(path), one)) for one in listed)))
    for other in _extended(path, told[path]):
        if (base and patterns) or (more := _aliases(other, told, depth + 1)) is None:
            continue
        base, patterns = base or more.base, patterns or list(more.patterns)
    return _Aliases(base, tuple(patterns)) if base or patterns else None


def _package(folder: str, told: Mapping[str, Any]) -> _Package:
    exports: Any = told.get("exports")
    table = _table(exports)
    if not any(key.startswith(".") for key in table):
        table = {".": exports} if exports else {}
    entries = [(key, tuple(_targets(value))) for key, value in list(table.items())[:_MOST]]
    begins = [told[key] for key in ("source", "types", "typings", "module", "main") if isinstance(told.get(key), str)]
    if begins:
        entries.append((".", tuple(begins)))
    inside = [(key, tuple(_targets(value))) for key, value in list(_table(told.get("imports")).items())[:_MOST]]
    needs = (name for key, table in told.items() if key.lower().endswith("dependencies") for name in _table(table))
    return _Package(folder, tuple(entries), tuple(inside), frozenset(needs))


def _targets(value: Any, depth: int = 0) -> Iterator[str]:
    """All paths that an entry may stand for, whatever the condition: their order is that of the file."""
    if isinstance(value, str):
        yield value
    elif depth < _DEPTH:
        for one in (*_table(value).values(), *_list(value)):
            yield from _targets(one, depth + 1)


def _led(name: str, patterns: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Where the patterns that a name meets lead; those that say most of it first, a whole name before all."""
    met: list[tuple[int, str, tuple[str, ...]]] = []
    for pattern, targets in patterns:
        head, star, tail = pattern.partition("*")
        if not star and pattern == name:
            met.append((len(name) + 1, "", targets))
        elif star and len(name) >= len(head) + len(tail) and name.startswith(head) and name.endswith(tail):
            met.append((len(head), name[len(head) : len(name) - len(tail)], targets))
    met.sort(key=lambda one: -one[0])
    for _, inner, targets in met:
        yield from (target.replace("*", inner) for target in targets)


def _sources(folder: str, targets: Iterable[str], rules: Mapping[str, Any]) -> Iterator[str]:
    """Targets of a package as paths; for one that is built also what it may be built from."""
    for target in targets:
        path = normpath(join(folder, target))
        if not f"{path}/".startswith(f"{folder.rstrip('/')}/"):
            continue  # a target never leaves its package
        yield path
        first, _, rest = path[len(folder) :].lstrip("/").partition("/")
        if first in rules.get("built", ()) and rest:
            parts = basename(rest).split(".")
            yield normpath(join(folder, rules.get("source", ""), dirname(rest), parts[0]))


def _above(path: str) -> Iterator[str]:
    """The folders that a file is in, the innermost first."""
    folder = dirname(path)
    while True:
        yield folder
        if folder == (above := dirname(folder)):
            return
        folder = above
