"""What a function answers to some arguments, in the sandbox, in each of some texts of its file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dovetail.features.actions.documentation.target import Target
from dovetail.features.actions.testing.inputs import Input
from dovetail.features.actions.testing.place import names
from dovetail.graph.calls import decorators
from dovetail.model.ask import Silence, Steps, Test, Tested
from dovetail.world import Snapshot

SECONDS = 1.0
"""Processor seconds of one test; of one call it is a twentieth."""
PATIENCE = 30.0
RULES = "tests"
_DEEP = 4
"""Calls that are followed from a function."""
_MOST = 200


class Probe:
    """One function, reached as a test in a folder would reach it."""

    def __init__(self, snapshot: Snapshot, found: Target, folder: str, rules: Mapping[str, Any]) -> None:
        self.snapshot, self.found, self.folder, self.rules = snapshot, found, folder, rules
        self.root = next(r.rstrip("/") for r in snapshot.roots if folder.startswith(r.rstrip("/")))
        self.path = found.symbol.path
        self.text = found.document.text()
        """As it is in the editor, which may not be saved yet."""
        self.module = ""
        """What it is imported as; "" until it was."""

    def asked(self, texts: Sequence[str], given: Sequence[Input]) -> Steps[Tested | Silence]:
        """A verdict for each text, whose `said` is the answer to each of the arguments."""
        before, after = self.rules["names"][0]
        probe = f"{self.folder}/{before}dovetail_probe{after}"
        first = self.found.symbol.qualified.split(".")[0]
        last: Tested | Silence = Silence("its module has no name that could be imported")
        known = [self.module] if self.module else names(self.snapshot, self.path, self.found.language, self.rules)
        for module in known:
            brings = self.rules["import"].format(module=module, names=first)
            text = f"{brings}\n\n\n{self.rules['probe'].format(name=first)}\n"
            last = yield Test(
                (self.told(probe),),
                self.path,
                tuple(texts),
                function=self.found.symbol.qualified,
                inputs=tuple(one.tuple for one in given),
                files=((probe, text), (self.path, self.text)),
                limit=SECONDS,
                patience=PATIENCE,
            )
            if not isinstance(last, Silence):
                self.module = module
                return last
            if last.kind in ("none", "refused"):
                return last
        return last

    def told(self, path: str) -> str:
        """A path as the runner is told it."""
        return path[len(self.root) + 1 :]


def unfit(snapshot: Snapshot, found: Target) -> str:
    """Why a function cannot be called by itself; "" where it can."""
    rules, name = found.language.table(RULES), found.symbol.name
    if rules is None or found.language.table("repair") is None:
        return f"tests are not written in {found.language.name} so far"
    path = found.symbol.path
    if re.search(rules["file"], path) or re.search(rules["beside"], path) or found.symbol.path.endswith(".pyi"):
        return f"{path.rsplit('/', 1)[-1]} is a file of tests"
    if found.stub:
        return f"{name} has no body yet"
    if re.search(rules["asynchronous"], found.symbol.signature):
        return f"{name} has to be awaited, which a test cannot without more"
    around = found.symbol.container
    if around and not set(decorators(snapshot.graph, found.symbol)) & set(rules["static-decorators"]):
        return f"{name} needs an object, and nothing says how one is made"
    start = found.symbol.span.start
    inner = snapshot.graph.enclosing(path, start - 1, ("function",)) if start else None
    if inner is not None and inner.span.holds(found.symbol.span):
        return f"{name} lies inside of {inner.name} and cannot be reached from a test"
    if any(p.passed == "name" and p.needed for p in found.written.parameters):
        return f"{name} has to be given something by name, which is not tried so far"
    return ""


def reaches_out(found: Target, snapshot: Snapshot) -> str:
    """Why a function is not called unasked: it, or what it calls, does something to the world; "" where none does."""
    rules = found.language.table(RULES)
    assert rules is not None
    todo, seen = [(found.symbol, 0)], {(found.symbol.path, found.symbol.span.start)}
    while todo:
        symbol, depth = todo.pop()
        opened = snapshot.opened(symbol.path)
        if opened is None:
            continue
        text = opened.files[symbol.path].document.text(symbol.span)
        if what := re.search(rules["outside"], text):
            return f"{symbol.name} reaches outside ({what.group().rstrip('(')}), so it is not called unasked"
        for callee, _ in snapshot.graph.callees(symbol) if depth < _DEEP else ():
            key = (callee.path, callee.span.start)
            if key not in seen and len(seen) < _MOST:
                seen.add(key)
                todo.append((callee, depth + 1))
    return ""
