"""What a function answers to some arguments, in the sandbox, in each of some texts of its file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dovetail.features.actions.documentation.target import Target, target
from dovetail.features.actions.testing.inputs import Input, derived
from dovetail.features.actions.testing.place import names
from dovetail.graph.calls import decorators
from dovetail.model.ask import Silence, Steps, Test, Tested
from dovetail.syntax import Language
from dovetail.world import Snapshot

SECONDS = 1.0
"""Processor seconds of one test; of one call it is a twentieth."""
PATIENCE = 30.0
_DEEP = 4
"""Calls that are followed from a function."""
_MOST = 200


def rules_of(language: Language) -> Mapping[str, Any] | None:
    """How functions of a language are called, and how tests of them are written; None where they are not."""
    if language.table("probe") is None:
        return None
    tables = (language.table(name) or {} for name in ("tests", "probe", "write_tests"))
    return {key: value for table in tables for key, value in table.items()}


class Probe:
    """One function, reached as a test in a folder would reach it."""

    def __init__(self, snapshot: Snapshot, found: Target, folder: str, rules: Mapping[str, Any]) -> None:
        self.snapshot, self.found, self.folder, self.rules = snapshot, found, folder, rules
        self.path = found.symbol.path
        self.root = snapshot.root_of(self.path)
        self.text = found.document.text()
        """As it is in the editor, which may not be saved yet."""
        self.module = ""
        """What it is imported as; "" until it was."""
        self.made = receiver(snapshot, found, rules)
        """What makes its object; "" for a function, None where nothing says how one is made."""

    @property
    def callee(self) -> str:
        """What is called, as a test would write it."""
        return f"{self.made}.{self.found.symbol.name}" if self.made else self.found.symbol.qualified

    def asked(self, texts: Sequence[str], given: Sequence[Input]) -> Steps[Tested | Silence]:
        """A verdict for each text, whose `said` is the answer to each of the arguments."""
        if self.made is None:
            return Silence(f"nothing says how an object of {self.found.symbol.container} is made")
        if "import" not in self.rules:
            return (yield self._test((), texts, given, ()))
        before, after = self.rules["names"][0]
        probe = f"{self.folder}/{before}dovetail_probe{after}"
        first = self.found.symbol.qualified.split(".")[0]
        last: Tested | Silence = Silence("its module has no name that could be imported")
        known = [self.module] if self.module else names(self.snapshot, self.path, self.found.language, self.rules)
        for module in known:
            brings = self.rules["import"].format(module=module, names=first)
            text = f"{brings}\n\n\n{self.rules['probe'].format(name=first)}\n"
            last = yield self._test((self.told(probe),), texts, given, ((probe, text),))
            if not isinstance(last, Silence):
                self.module = module
                return last
            if last.kind in ("none", "refused"):
                return last
        return last

    def _test(
        self,
        arguments: tuple[str, ...],
        texts: Sequence[str],
        given: Sequence[Input],
        files: tuple[tuple[str, str], ...],
    ) -> Test:
        return Test(
            arguments,
            self.path,
            tuple(texts),
            function=self.found.symbol.qualified,
            inputs=tuple(one.tuple for one in given),
            made=self.made or "",
            files=(*files, (self.path, self.text)),
            limit=SECONDS,
            patience=PATIENCE,
        )

    def told(self, path: str) -> str:
        """A path as the runner is told it."""
        return path[len(self.root) + 1 :]


def unfit(snapshot: Snapshot, found: Target) -> str:
    """Why a function cannot be called by itself; "" where it can."""
    global _known  # two rows of one menu ask for the same
    if _known is None or _known[0] is not found:
        _known = found, _unfit(snapshot, found)
    return _known[1]


_known: tuple[Target, str] | None = None


def _unfit(snapshot: Snapshot, found: Target) -> str:
    rules, name = rules_of(found.language), found.symbol.name
    if rules is None:
        return f"functions of {found.language.name} are not tried so far"
    path = found.symbol.path
    told = path.removeprefix(snapshot.root_of(path) or "")
    if re.search(rules["file"], told) or re.search(rules["beside"], told):
        return f"{path.rsplit('/', 1)[-1]} is a file of tests"
    if re.search(rules["unrun"], told):
        return f"nothing in {path.rsplit('/', 1)[-1]} can be called by itself"
    if found.stub:
        return f"{name} has no body yet"
    if re.search(rules["asynchronous"], found.symbol.signature):
        return f"{name} has to be awaited, which a test cannot without more"
    around = found.symbol.container
    told = set(decorators(snapshot.graph, found.symbol)) if around else set[str]()
    if told - {*rules["static-decorators"], *rules["class-decorators"]}:
        return f"{name} is decorated, so nothing says how it is called"
    if "." in around or name == found.language.settings.get("maker"):
        return f"{name} is not called by itself"
    start = found.symbol.span.start
    inner = snapshot.graph.enclosing(path, start - 1, ("function",)) if start else None
    if inner is not None and inner.span.holds(found.symbol.span):
        return f"{name} lies inside of {inner.name} and cannot be reached from a test"
    if any(p.passed == "name" and p.needed for p in found.written.parameters):
        return f"{name} has to be given something by name, which is not tried so far"
    return ""


def receiver(snapshot: Snapshot, found: Target, rules: Mapping[str, Any]) -> str | None:
    """What a method is called on, as it is written; "" for a function, None where nothing says how one is made."""
    holder, graph = found.symbol.container, snapshot.graph
    told = set(decorators(graph, found.symbol)) if holder else set[str]()
    if not holder or told & set(rules["static-decorators"]):
        return ""
    if told & set(rules["class-decorators"]):
        return holder
    owner = graph.enclosing(found.symbol.path, max(found.symbol.span.start - 1, 0), ("class",))
    maker = graph.member(owner, found.language.settings["maker"]) if owner is not None else None
    if maker is None:
        return _making(holder, (), rules)
    opened = snapshot.opened(maker.path)
    making = target(opened, maker.path, maker.name_span.start) if opened is not None else ""
    if isinstance(making, str):
        return None
    if any(p.passed == "name" and p.needed for p in making.written.parameters):
        return None
    first = next(iter(derived(making, rules)), None)
    needed = sum(p.needed for p in making.written.parameters)
    return _making(holder, first.arguments[:needed], rules) if first is not None else None


def _making(holder: str, arguments: Sequence[str], rules: Mapping[str, Any]) -> str:
    return rules["made"].format(holder=holder, arguments=", ".join(arguments))


def reaches_out(found: Target, snapshot: Snapshot) -> str:
    """Why no test says what a function answers: it, or what it calls, does something to the world, or asks for the time
    or for chance; "" where none does."""
    rules = rules_of(found.language)
    assert rules is not None
    todo, seen = [(found.symbol, 0)], {(found.symbol.path, found.symbol.span.start)}
    while todo:
        symbol, depth = todo.pop()
        opened = snapshot.opened(symbol.path)
        if opened is None:
            continue
        file = opened.files[symbol.path].document.text()
        text = opened.files[symbol.path].document.text(symbol.span)
        what = re.search(rules["outside"], text)
        if reached := what.group().rstrip("(.[") if what else _brought(file, text, rules.get("outside-imports", "$.")):
            return f"{symbol.name} reaches outside ({reached}), so it is not called unasked"
        if what := _unsteady(file, text, rules):
            return f"{symbol.name} asks for the time or for chance ({what}), so it may answer otherwise tomorrow"
        for callee, _ in snapshot.graph.callees(symbol) if depth < _DEEP else ():
            key = (callee.path, callee.span.start)
            if key not in seen and len(seen) < _MOST:
                seen.add(key)
                todo.append((callee, depth + 1))
    return ""


def _unsteady(file: str, text: str, rules: Mapping[str, Any]) -> str:
    """What in the text of a function answers otherwise each time; "" where nothing is known to."""
    if what := re.search(rules["unsteady"], text):
        return what.group().rstrip("(")
    return _brought(file, text, rules["unsteady-imports"])


def _brought(file: str, text: str, imports: str) -> str:
    """A name that a file imports, by a pattern, and that is called in a text."""
    for brought in re.finditer(imports, file):
        for name in brought["names"].split(","):
            own = name.split()[-1:]
            if own and re.search(rf"(?<![\w.]){re.escape(own[0])}\(", text):
                return own[0]
    return ""
