"""What an edit imports is there: a small model likes to import what would be handy."""

from __future__ import annotations

from collections.abc import Iterator

from dovetail.graph import FileFacts
from dovetail.graph.facts import Import
from dovetail.graph.modules import submodule
from dovetail.graph.packages import family_of
from dovetail.model.ask import Finding
from dovetail.syntax import Language, language_for
from dovetail.text import Change
from dovetail.verify.promise import documents, finding
from dovetail.world import Snapshot

_ANY = "__getattr__"
"""A module that defines it may answer any name."""


def imports_exist(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """Every module that the edit imports is of the project, of the language, or imported by the project already.

    A module of the project has the name that is taken from it. Says nothing where the language does not list its
    own modules, and of a file in no open folder: what lies beside that is not read.
    """
    language, texts = language_for(path), documents(before, after, path)
    one, two = before.graph.files.get(path), after.graph.files.get(path)
    if language is None or texts is None or one is None or two is None or not language.modules:
        return []
    if not after.root_of(path):
        return []
    tree = before.files[path].tree
    broken = tree is None or tree.root.has_error  # what the parser had not read stands there all the same
    found: list[Finding] = []
    for base, new in _new(one, two):
        if broken and new.module.encode() in texts[0].data:
            continue
        if message := _missing(before, after, path, new, language):
            found.append(finding("IMPORT", message, texts[1], base + new.start, base + new.end))
    return found


def missing(snapshot: Snapshot, path: str, found: Import) -> str:
    """What an import of a file names that is not there, in words; "" where it is, or may be."""
    language = language_for(path)
    if language is None or not language.modules or not snapshot.root_of(path):
        return ""
    return _missing(snapshot, snapshot, path, found, language)


def _new(one: FileFacts, two: FileFacts) -> Iterator[tuple[int, Import]]:
    known = {(each.module, each.name) for _, each in one.imports}
    kept = {id(facts) for _, facts, _ in one}
    for base, facts, _ in two:
        if id(facts) not in kept:
            yield from ((base, each) for each in facts.imports if (each.module, each.name) not in known)


def _missing(before: Snapshot, after: Snapshot, path: str, new: Import, language: Language) -> str:
    """What is not there, in words; "" where it is, or may be."""
    graph, separator = after.graph, str(language.settings["imports"]["separator"])
    inner = f"{new.module.removesuffix(separator)}{separator}{new.name}"
    if new.name and graph.module(path, inner) is not None:
        return ""
    holder = graph.module(path, new.module)
    if holder is None:
        known = new.module.split(separator)[0] in language.modules
        known = known or (family_of(language.name), new.module) in after.packages.entries
        return "" if known or _imported(before, path, new.module, separator) else f"there is no module {new.module}"
    facts = graph.files[holder]
    if new.name in ("", "*") or {new.name, _ANY} & facts.bound or any(each.name == "*" for _, each in facts.imports):
        return ""
    return "" if submodule(graph, holder, new.name) else f"{new.module} has no {new.name}"


def _imported(snapshot: Snapshot, path: str, module: str, separator: str) -> bool:
    """Whether some file imports of the same package; where that is told from a folder, a file of that folder."""
    relative, folder = module.startswith(separator), path.rsplit("/", 1)[0]
    wanted = module if relative else module.split(separator)[0]
    for name, facts in snapshot.graph.files.items():
        if not relative or name.rsplit("/", 1)[0] == folder:
            for _, each in facts.imports:
                if (each.module if relative else each.module.split(separator)[0]) == wanted:
                    return True
    return False
