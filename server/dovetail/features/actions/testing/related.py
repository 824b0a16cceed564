"""The tests that are about a place: those that name what is there and import its module, and those called after it.

Cheap enough for a menu: nothing is walked but who mentions a name, and nothing is looked for but a file's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from heapq import nsmallest
from itertools import islice
from typing import Any

from dovetail.features.actions import Offer, Request
from dovetail.graph.modules import shared_folders, stem_of
from dovetail.syntax import Language
from dovetail.world import Snapshot

KEY = "tests"
"""Under which a row keeps them: who chooses it gives leave to run them."""
_MOST = 4
"""Files of tests that are run for one edit."""
_LOOKED_AT = 24
"""Of them that mention a name, the nearest."""


def related(snapshot: Snapshot, path: str, offset: int) -> tuple[str, ...]:
    """Files of tests, told from the project's folder, the likeliest first; () where nothing is known of any."""
    facts = snapshot.graph.files.get(path)
    file = snapshot.file(path)
    language = file.language if file is not None else None
    rules = language.table("tests") if language is not None else None
    root = snapshot.root_of(path)
    if facts is None or language is None or rules is None or not root or _is_test(path, root, rules):
        return ()
    named = sorted(_naming(snapshot, path, offset, root, language, rules), key=lambda one: _far(one, path))
    own = [path] if "inside" in rules and file and re.search(rules["inside"].encode(), file.document.data) else []
    called = sorted(_called(snapshot, path, root, language, rules), key=lambda one: _far(one, path))
    found = dict.fromkeys([*own, *called[:1], *named, *called[1:2]])
    return tuple(one[len(root) + 1 :] for one in islice(found, _MOST))


def judged(snapshot: Snapshot, request: Request, rows: Sequence[Offer]) -> list[Offer]:
    """The rows, and in a folder that is trusted each once more with the tests that would be run."""
    found = list(rows)
    for row in rows if request.trusted else ():
        if not row.disabled and (tests := related(snapshot, request.at.path, row.target.start)):
            title = f"{row.title}, judged by running {shown(tests)}"
            found.append(replace(row, title=title, data=(*row.data, (KEY, "\n".join(tests)))))
    return found


def allowed(offer: Offer) -> tuple[str, ...]:
    """The tests that the row which was chosen says it runs."""
    return tuple(one for one in dict(offer.data).get(KEY, "").split("\n") if one)


def shown(tests: Sequence[str]) -> str:
    return ", ".join(one.rsplit("/", 1)[-1] for one in tests)


def _naming(
    snapshot: Snapshot, path: str, offset: int, root: str, language: Language, rules: Mapping[str, Any]
) -> Iterator[str]:
    """Tests that name the function at a place, or its class, and see it: they import the module, or lie beside it
    where the files of a folder see each other."""
    graph = snapshot.graph
    here = graph.enclosing(path, offset)
    shared = language.settings.get("scope", {}).get("shared") == "folder"
    for name in dict.fromkeys([here.name, *here.container.split(".")[:1]]) if here is not None else ():
        near = _nearest(graph.mentioners.get(name, ()), path, root, language, rules)
        yield from (each for each in near if shared and _beside(each, path) or _imports(snapshot, each, path))


def _nearest(paths: Iterable[str], path: str, root: str, language: Language, rules: Mapping[str, Any]) -> list[str]:
    """The tests among files, those that lie nearest to one."""
    known = _distances(path.rpartition("/")[0], root, language.name)
    for one in paths:
        if one not in known:
            known[one] = _far(one, path) if _is_test(one, root, rules) else None
    tests = [far for one in paths if (far := known[one]) is not None]
    return [test for _, _, test in nsmallest(_LOOKED_AT, tests)]


@lru_cache(maxsize=8)
def _distances(folder: str, root: str, language: str) -> dict[str, tuple[int, bool, str] | None]:
    """How far files lie from a folder, None of what is no test: a menu asks this of every file that names a thing."""
    return {}


def _called(snapshot: Snapshot, path: str, root: str, language: Language, rules: Mapping[str, Any]) -> Iterator[str]:
    """Tests whose file is called after the module."""
    imports = dict(language.settings["imports"])
    stem = stem_of(path, imports)
    for before, after in rules["names"]:
        name = f"{before}{stem}{after}"
        for each in snapshot.graph.stems.get(stem_of(name, imports), ()):
            if each != path and each.rsplit("/", 1)[-1] == name and _is_test(each, root, rules):
                yield each


def _imports(snapshot: Snapshot, test: str, path: str) -> bool:
    """Whether a file imports another, or a package that this one belongs to."""
    graph = snapshot.graph
    rules: Mapping[str, Any] = graph.settings(graph.files[test].language).get("imports", {})
    for _, found in graph.files[test].imports:
        for name in (found.module, f"{found.module}.{found.name}" if found.name else ""):
            known = graph.module(test, name) if name else None
            if known == path or known is not None and _is_package(known, rules) and _within(known, path):
                return True
    return False


def _is_package(path: str, rules: Mapping[str, Any]) -> bool:
    """Whether a file stands for its folder, as each does where a folder is what is imported."""
    file, index = path.rsplit("/", 1)[-1], rules.get("index", "")
    indexes: Sequence[str] = (index,) if isinstance(index, str) else index
    return rules.get("style") == "folder" or file.split(".")[0] in indexes or file in rules.get("roots", ())


def _within(package: str, path: str) -> bool:
    return path.startswith(f"{package.rpartition('/')[0]}/")


def _beside(test: str, path: str) -> bool:
    return test.rpartition("/")[0] == path.rpartition("/")[0]


def _is_test(path: str, root: str, rules: Mapping[str, Any]) -> bool:
    """By its place in the project; above that a folder may be called anything."""
    told = path.removeprefix(root)
    return path.startswith(f"{root}/") and bool(re.search(rules["file"], told)) and not re.search(rules["beside"], told)


def _far(test: str, path: str) -> tuple[int, bool, str]:
    """How far a test lies from what it tests; folders of the same name are near."""
    one, two = (each.split("/")[-2:-1] for each in (test, path))
    return -shared_folders(test, path), one != two, test
