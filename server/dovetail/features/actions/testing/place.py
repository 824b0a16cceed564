"""The file in which a test of a function belongs, how tests are written there, and what the module is called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from dovetail.graph import Symbol
from dovetail.graph.modules import shared_folders, stem_of
from dovetail.syntax import Language
from dovetail.world import Snapshot

_READ = 12
"""Files of tests whose manner is looked at, the nearest first."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a test goes."""

    path: str
    new: bool
    """The file does not exist yet."""
    style: str
    """A row of `styles`."""
    annotated: bool
    """Tests say that they give nothing back."""
    quote: str


def place(snapshot: Snapshot, symbol: Symbol, language: Language, rules: Mapping[str, Any]) -> Place | str:
    """The file that tests the module already; else a new one beside the project's tests. A reason where none fits."""
    root = snapshot.root_of(symbol.path)
    if not root:
        return "the file lies in no folder that is open, so there is no place for its tests"
    files = [
        path
        for path in snapshot.graph.files
        if path.startswith(f"{root}/") and re.search(rules["file"], path) and not re.search(rules["beside"], path)
    ]
    files.sort(key=lambda path: (-shared_folders(path, symbol.path), path))
    own = _of_module(snapshot, symbol, language, files, rules)
    path = own or _new(root, symbol, language, files, rules)
    if not own and (path in snapshot.graph.files or snapshot.file(path) is not None):
        own = path
    texts = list(_texts(snapshot, [own] if own else files[:_READ]))
    if own and not texts:
        return f"{own.rsplit('/', 1)[-1]} could not be read"
    found: Counter[str] = Counter()
    for text in texts:
        found.update([_style(text, rules)])
    whole = "\n".join(texts)
    style = found.most_common(1)[0][0] if found else next(iter(rules["styles"]))
    tests = len(re.findall(rules["test"], whole))
    annotated = 2 * len(re.findall(rules["annotated"], whole)) > tests
    counts = [whole.count(quote) for quote in rules["quotes"]]
    single, double = rules["quotes"]
    return Place(path, not own, style, annotated, single if counts[0] > counts[1] else double)


def names(snapshot: Snapshot, path: str, language: Language, rules: Mapping[str, Any]) -> Iterator[str]:
    """What a module may be imported as, the likeliest first."""
    imports: Mapping[str, Any] = language.settings["imports"]
    index = f"{imports['index']}{imports['suffixes'][0]}"
    separator: str = imports["separator"]
    here = PurePosixPath(path)
    parts = [stem_of(path, dict(imports))]
    folder = here.parent.parent if here.stem == imports["index"] else here.parent
    while f"{folder}/{index}" in snapshot.graph.files and folder.name:
        parts.insert(0, folder.name)
        folder = folder.parent
    root = snapshot.root_of(path)
    above = [part for part in str(folder).removeprefix(root).split("/") if part]
    if above and above[0] in rules["sources"]:
        above = above[1:]
    # without a package the folders are the name, as far as the project's folder is imported from
    longest = separator.join([*above, *parts])
    shortest = separator.join(parts)
    yield from dict.fromkeys((shortest, longest) if len(parts) > 1 else (longest, shortest))


def _of_module(
    snapshot: Snapshot, symbol: Symbol, language: Language, files: list[str], rules: Mapping[str, Any]
) -> str:
    """The file that is called after the module; else the one that names most of what it defines. "" for none."""
    stem = stem_of(symbol.path, dict(language.settings["imports"]))
    called = {f"{before}{stem}{after}" for before, after in rules["names"]}
    for path in files:
        if path.rsplit("/", 1)[-1] in called:
            return path
    graph, wanted = snapshot.graph, set(files)
    counts: Counter[str] = Counter()
    for each in graph.symbols(symbol.path):
        if not each.container and each.kind in ("function", "class"):
            counts.update(wanted.intersection(graph.mentioners.get(each.name, ())))
    likely = sorted(counts, key=lambda path: (-counts[path], files.index(path)))
    for path in likely:
        modules = {graph.module(path, one.module) for _, facts, _ in graph.files[path] for one in facts.imports}
        if symbol.path in modules:
            return path
    return ""


def _new(root: str, symbol: Symbol, language: Language, files: list[str], rules: Mapping[str, Any]) -> str:
    stem = stem_of(symbol.path, dict(language.settings["imports"]))
    before, after = rules["names"][0]
    if files:
        for one, two in rules["names"]:
            alike = [p for p in files if PurePosixPath(p).name.startswith(one) and p.endswith(two)]
            if 2 * len(alike) > len(files):
                before, after = one, two
                break
    folders = Counter(str(PurePosixPath(path).parent) for path in files)
    own = PurePosixPath(symbol.path).parent
    # tests in folders like those of the modules; else where the most are; else a folder for them
    alike = [folder for folder in folders if PurePosixPath(folder).name == own.name and str(own) != root]
    most = max(folders, key=lambda folder: (folders[folder], shared_folders(folder, symbol.path), folder), default="")
    folder = str(own) if str(own) in folders else min(alike, default=most) or f"{root}/{rules['folder']}"
    return f"{folder}/{before}{stem}{after}"


def _texts(snapshot: Snapshot, paths: list[str]) -> Iterator[str]:
    for path in paths:
        opened = snapshot.opened(path)
        if opened is not None:
            yield opened.files[path].document.text()


def _style(text: str, rules: Mapping[str, Any]) -> str:
    styles: Mapping[str, Any] = rules["styles"]
    return next(
        (n for n, row in styles.items() if "usual" in row and re.search(row["usual"], text)), next(iter(styles))
    )
