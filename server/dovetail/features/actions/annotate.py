"""*Add type annotations*: what defaults, documentation, results and callers show; nothing is guessed.

Where the user names a type checker and trusts the folder, a model may propose the rest: what the checker objects to, or
a call contradicts, is not shown.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from dovetail.context.evidence import Ledger
from dovetail.context.window import window
from dovetail.features.actions import Action, Edited, Offer, Refused, Request, Result
from dovetail.features.actions.asking import CANDIDATES
from dovetail.features.actions.documentation.target import Target, target, text
from dovetail.features.actions.pipeline import Candidate, Failed, Held, Wish, grant
from dovetail.graph import Symbol
from dovetail.graph.calls import called, decorators
from dovetail.graph.documentation import read_documentation
from dovetail.graph.scopes import Scopes
from dovetail.graph.signature import Parameter, Signature, signature_at
from dovetail.model.ask import Answer, Ask, Fim, Finding, ModelInfo, Run, Silence, Stage, Steps
from dovetail.syntax import Match, Node, Tree
from dovetail.text import Change, Edit, Span
from dovetail.verify import documents_match
from dovetail.world import Snapshot

QUERY = "annotations"
_CALLERS = 60
"""Calls that are looked at."""
_ASKED = 4
"""Parameters that a model is asked about."""
_LIMIT = 12
_PROMPT = 384
_CLASSES = 8
_DEPTH = 4
"""Names that are followed to what they hold."""


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """A row on the head of a function where a glance shows a type that is not written."""
    found = target(snapshot, request.at.path, request.at.offset, glance=True, setters=True)
    if not isinstance(found, str) and len(request.at.span) and request.at.span.end > found.symbol.body:
        return []  # what is selected is something inside
    if isinstance(found, str) or found.language.query(QUERY) is None:
        return []
    rules = _rules(found)
    bare = [p for p in found.written.parameters if not p.type and p.passed not in ("rest", "rest by name")]
    typed = any(p.type for p in found.written.parameters)
    documented = read_documentation(found.symbol.doc, found.rules).parameters if bare and found.symbol.doc else {}
    shown = any(_literal(p.default, rules) for p in bare) or any(
        documented.get(p.name) for p in bare if _said(documented, p)
    )
    usual = typed or rules["usual"].encode() in found.document.data
    getter = signature_at(found.tree, found.getter.span, found.getter.body) if found.getter is not None else None
    shown = shown or bool(bare and getter is not None and getter.returns)
    if not shown and not (usual and (bare or not found.written.returns)):
        return []
    return [Offer(f"Add type annotations to {found.symbol.name}", found.symbol.name_span)]


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """Every type that is certain, written where it belongs; the rest stays bare, and is told."""
    ledger = Ledger("type annotations", model, step=request.step)
    path = request.at.path
    yield Stage("UNDERSTAND")
    found = target(snapshot, path, offer.target.start, setters=True)
    if isinstance(found, str) or found.language.query(QUERY) is None:
        return Refused("there is no function here that could be annotated", ledger.evidence())
    yield Stage("LOCATE")
    reader = _Reader(snapshot, found)
    edits = list(reader.edits(ledger))
    yield Stage("PLAN")
    promises = (("only annotations come", _only_types(found)), ("documentation matches", documents_match))
    head = Span(found.symbol.span.start, found.symbol.body)

    proposed: list[Edit] = []

    def propose(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        """With what the model proposes, told once what was wrong; where that does not hold, what is certain alone."""
        if not number or number == 1 and proposed:
            before = list(proposed)
            proposed[:] = yield from _proposed(reader, request.trusted, model, ledger)
            if proposed and proposed != before:
                return [candidate("model", [*edits, *proposed])]
        return (yield from certain(number, failed))

    def certain(number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        yield from ()
        return [candidate("rule", edits)] if edits else []

    def candidate(source: Literal["model", "rule"], these: Sequence[Edit]) -> Candidate:
        return Candidate(source, Change.one(path, these), head, ", ".join(e.new.decode().strip() for e in these))

    wish = Wish(
        path, propose, trusted=request.trusted, promises=promises, smaller=certain,
        asked=f"annotate {found.symbol.qualified}",
        vetted="it only chose among types, and the type checker has judged them",
    )  # fmt: skip
    held = yield from grant(snapshot, wish, ledger)
    if not isinstance(held, Held):
        if not ledger.trials:
            return Refused(f"nothing shows which types {found.symbol.name} takes or gives back", ledger.evidence())
        return Refused(f"no annotations for {found.symbol.name}: {held}", ledger.evidence())
    by_model = held.candidate.source == "model"
    if by_model and "types no worse" not in ledger.passed:
        return Refused("the type checker fell silent; what the model proposed is not shown", ledger.evidence())
    summary = f"annotate {found.symbol.name}"
    if by_model:
        summary += f", {len(proposed)} of it as the model proposes"
    return Edited(held.candidate.change, summary, ledger.evidence(), by_model)


def _proposed(reader: _Reader, trusted: bool, model: ModelInfo | None, ledger: Ledger) -> Steps[list[Edit]]:
    """Types of parameters that nothing shows and that most of a model's answers agree on; [] without a judge."""
    found = reader.found
    bare = list(reader.unshown)[:_ASKED]
    if model is None or model.fim is None or not model.grammar or not bare:
        return []
    path = found.symbol.path
    told: list[Finding] | Silence = yield Run("types", path, found.document.text(), trusted)
    if isinstance(told, Silence):
        if told.reason:
            ledger.notes.append(f"no model was asked for the rest: {told.reason}")
        return []
    choices = reader.choices()
    grammar = "root ::= " + " | ".join(json.dumps(each) for each in choices) + "\n"
    edits: list[Edit] = []
    yield Stage("GENERATE")
    for parameter, node in bare:
        end = node.end_byte
        place = Span(end, end)
        around = yield from window(found.document, place, _PROMPT * 2 // 3, _PROMPT // 3)
        opens = reader.rules["parameter"].format(type="")
        ask = Ask(
            Fim(around.before.replace("\r\n", "\n") + opens, around.after.replace("\r\n", "\n")), _LIMIT,
            candidates=CANDIDATES, grammar=grammar,
        )  # fmt: skip
        answers: list[Answer] | Silence = yield ask
        if isinstance(answers, Silence):
            ledger.notes.append(f"the model was silent: {answers.reason}")
            return edits
        ledger.count(answers)
        votes = Counter(answer.text.strip() for answer in answers if answer.text.strip() in choices)
        kind, count = votes.most_common(1)[0] if votes else ("", 0)
        if count * 2 <= CANDIDATES or reader.contradicted(parameter, kind):
            ledger.notes.append(f"{parameter.name}: the model is not of one mind")
            continue
        ledger.notes.append(f"{parameter.name}: {kind}, from {count} of {len(answers)} answers of the model")
        edits.append(Edit(place, reader.rules["parameter"].format(type=kind).encode()))
    return edits


def _rules(found: Target) -> Mapping[str, Any]:
    rules = found.language.table(QUERY)
    assert rules is not None
    return rules


def _only_types(found: Target) -> Any:
    """Without its types the signature is what it was."""

    def bare(written: Signature | None) -> list[tuple[str, str, str | None]]:
        return [(p.name, p.passed, p.default) for p in written.parameters] if written else []

    def promise(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
        now = target(after, path, found.symbol.name_span.start, setters=True)
        if isinstance(now, str) or bare(now.written) != bare(found.written):
            return [Finding("SIGNATURE", "the signature would change")]
        one, two = (
            snapshot.files[path].document.text(Span(f.symbol.body, f.symbol.span.end))
            for snapshot, f in ((before, found), (after, now))
        )
        return [] if one == two else [Finding("RANGE", "the body would change")]

    return promise


def _literal(written: str | None, rules: Mapping[str, Any]) -> str:
    """The type of a default that alone says it."""
    if written is None or written in rules["unsure"]["values"]:
        return ""
    if re.fullmatch(r"(?:[rRuUfF]|[bB]|[rR][bB]|[bB][rR])?(\"[^\"]*\"|'[^']*')", written):
        return _marked(written, rules)
    if written in ("True", "False"):
        return rules["is"]["bool"]
    if re.fullmatch(r"[-+]?\d[\d_]*\.\d*(?:[eE][-+]?\d+)?", written):
        return rules["is"]["float"]
    return rules["is"]["int"] if re.fullmatch(r"[-+]?\d[\d_]*", written) else ""


def _marked(written: str, rules: Mapping[str, Any]) -> str:
    return next((kind for mark, kind in rules["marks"].items() if re.match(mark, written)), rules["is"]["str"])


def _said(documented: Mapping[str, Any], parameter: Parameter) -> bool:
    said = documented.get(parameter.name)
    return bool(said and said.type)


class _Reader:
    """Which types are shown."""

    def __init__(self, snapshot: Snapshot, found: Target) -> None:
        self.snapshot, self.found = snapshot, found
        self.rules = _rules(found)
        self.joins = re.search(self.rules["joins"], found.document.text()) is not None
        self.bound = snapshot.graph.files[found.symbol.path].bound
        self.unshown: list[tuple[Parameter, Node]] = []
        """Parameters without a default whose type nothing shows, once the edits were read."""

    def choices(self) -> list[str]:
        """Types that a model may choose from: usual ones, and the classes above the function in its file."""
        graph, own = self.snapshot.graph, self.found.symbol
        classes = [
            one.name
            for one in graph.symbols(own.path)
            if one.kind == "class" and not one.container and one.span.end < own.span.start
        ]
        return [*self.rules["choices"], *classes[-_CLASSES:]]

    def edits(self, ledger: Ledger) -> Iterator[Edit]:
        """Where what is written."""
        found, tree = self.found, self.found.tree
        head = Span(found.symbol.span.start, max(found.symbol.body - 1, 0))
        matches = tree.matches(QUERY, found.node, head)
        own = found.node.child_by_field_name("parameters")
        for match in matches:
            if "untyped" not in match or match["list"][0] != own:
                continue
            name = match["untyped"][0]
            parameter = next((p for p in found.written.parameters if p.name == text(name)), None)
            if parameter is None:
                continue  # the object of a method
            kind, why = self.parameter(parameter)
            if not kind:
                ledger.notes.append(f"{parameter.name}: nothing shows its type")
                if "default" not in match and parameter.passed not in ("rest", "rest by name"):
                    self.unshown.append((parameter, name))
                continue
            ledger.notes.append(f"{parameter.name}: {kind}, from {why}")
            end = name.end_byte
            new = self.rules["parameter"].format(type=kind)
            if "default" in match:
                spaced, _ = self.rules["default"]
                yield Edit(Span(end, match["default"][0].start_byte), (new + spaced).encode())
            else:
                yield Edit(Span(end, end), new.encode())
        if not found.written.returns and own is not None:
            kind, why = self.result()
            ledger.notes.append(f"result: {kind}, from {why}" if kind else f"result: {why}")
            if kind:
                yield Edit(Span(own.end_byte, own.end_byte), self.rules["result"].format(type=kind).encode())

    def parameter(self, one: Parameter) -> tuple[str, str]:
        """(type, what shows it); ("", "") where nothing does."""
        missing = one.default == self.rules["none"]
        if self.found.getter is not None:
            kind = "" if one.name in self._asked("asked") or self._converted(one.name) else self._got(self.found.getter)
            return "" if self._set_otherwise(self.found.getter, kind) else kind, "what its getter gives back"
        kind, why = self._documented(one), "its documentation"
        if not kind and (kind := _literal(one.default, self.rules)):
            why = "its default"
            if self.contradicted(one, kind):
                return "", ""
        if not kind:
            kind, why = self._callers(one), "every call"
        if not kind or why != "its documentation" and one.name in self._asked("asked"):
            return "", ""
        if not missing and (why == "its documentation" or one.name not in self._asked("may.miss")):
            return kind, why
        if kind.endswith(self.rules["missing"].format(type="")):
            return kind, why
        if not self.joins:
            return "", ""
        return self.rules["missing"].format(type=kind), why

    def _asked(self, how: str) -> set[str]:
        """Names of which the body asks what they are."""
        body = self.found.node.child_by_field_name("body")
        captures = self.found.tree.captures(QUERY, body) if body is not None else {}
        return {text(node) for node in captures.get(how, ())}

    def _got(self, getter: Symbol) -> str:
        """The type that a getter is written with, or shows."""
        found = target(self.snapshot, getter.path, getter.name_span.start)
        if isinstance(found, str):
            return ""
        kind = found.written.returns or _Reader(self.snapshot, found).result()[0]
        return "" if kind == self.rules["none"] else kind

    def _converted(self, name: str) -> bool:
        """Whether the body makes something else of what it is given, or puts something else under its name."""
        body = self.found.node.child_by_field_name("body")
        captures = self.found.tree.captures(QUERY, body) if body is not None else {}
        kept = {node.start_byte for node in captures.get("kept", ())}
        todo = list(captures.get("stored", ()))
        for node in todo:
            if text(node) == name and node.start_byte not in kept:
                return True
            todo += node.named_children
        return any(text(node) == name for node in captures.get("bound", ()))

    def _set_otherwise(self, getter: Symbol, kind: str) -> bool:
        """Whether something is set elsewhere that shows to be of another type."""
        graph = self.snapshot.graph
        for symbol in (self.found.symbol, getter) if kind else ():
            for reference in graph.references(symbol, _CALLERS):
                opened = self.snapshot.opened(reference.path)
                tree = opened.files[reference.path].tree if opened else None
                for match in tree.matches(QUERY, tree.root, reference.span) if tree is not None else ():
                    if "set" in match and match["set"][0].start_byte == reference.span.start:
                        given = self.kind(tree, reference.path, match["set.value"][0]) if tree is not None else ""
                        if given not in ("", kind):
                            return True
        return False

    def _documented(self, one: Parameter) -> str:
        said = read_documentation(self.found.symbol.doc, self.found.rules).parameters.get(one.name)
        if said is None:
            return ""
        words = re.split(r",|\bor\b", said.type)[0].strip().strip("`")
        words = self.rules["said"].get(words, words)
        plain = set(self.rules["is"].values()) | set(self.rules["marks"].values())
        if "or" in said.type.split() or one.passed in ("rest", "rest by name"):
            return ""
        return words if words in plain - {self.rules["none"], "list", "dict", "set", "tuple"} else ""

    def _callers(self, one: Parameter) -> str:
        """The one type that every call gives, where every call is known and shows it."""
        graph, symbol = self.snapshot.graph, self.found.symbol
        if one.passed not in ("position", "either", "name") or symbol.container and symbol.kind != "method":
            return ""
        references = graph.references(symbol, _CALLERS + 1)
        if not 2 <= len(references) <= _CALLERS or any(r.how != "resolved" for r in references):
            return ""
        kinds: set[str] = set()
        if one.default is not None and one.default != self.rules["none"]:
            return ""
        for reference in references:
            value = self._given(reference.path, reference.span, one) if reference.call else None
            if reference.call and value is None:
                return ""
            if value is not None:
                kinds.add(value)
        some = kinds - {self.rules["none"]}
        if len(some) == 1 and len(kinds) == 2 and self.joins:
            return self.rules["missing"].format(type=some.pop())
        return kinds.pop() if len(kinds) == 1 else ""

    def contradicted(self, one: Parameter, kind: str) -> bool:
        """Whether a call that is known gives something else."""
        references = self.snapshot.graph.references(self.found.symbol, _CALLERS)
        given = {self._given(r.path, r.span, one) for r in references if r.call and r.how == "resolved"}
        return bool(given - {None, kind})

    def _given(self, path: str, callee: Span, one: Parameter) -> str | None:
        """The type of what one call gives a parameter; None where that is not shown."""
        opened = self.snapshot.opened(path)
        file = opened.files[path] if opened else None
        if file is None or file.tree is None:
            return None
        at = next((a for a in self.snapshot.graph.uses_in(path, callee) if a.base + a.use.start == callee.start), None)
        reached = called(self.snapshot.graph, path, at) if at is not None else None
        node: Node | None = file.tree.named_at(callee)
        while node is not None and node.child_by_field_name("arguments") is None:
            node = node.parent
        arguments = node.child_by_field_name("arguments") if node is not None else None
        if reached is None or arguments is None:
            return None
        names = [p.name for p in reached.signature.parameters]
        positional = [n for n in arguments.named_children if not n.is_extra]
        for match in file.tree.matches(QUERY, arguments):
            if "given" in match and match["given"][0] == arguments:
                if text(match["given.name"][0]) == one.name:
                    return self.kind(file.tree, path, match["given.value"][0]) or None
                positional = [n for n in positional if n != match["given.value"][0].parent]
        index = names.index(one.name) if one.name in names else -1
        if not 0 <= index < len(positional):
            return None
        return self.kind(file.tree, path, positional[index]) or None

    def result(self) -> tuple[str, str]:
        """(type, what shows it), or ("", why there is none)."""
        ends, found = self.found.ends, self.found
        nothing = self.rules["none"]
        if ends.yields:
            return "", "it yields"
        if found.stub or "abstractmethod" in decorators(self.snapshot.graph, found.symbol):
            return "", "its body is not there"
        if not ends.returns:
            return nothing, "that nothing is given back"
        kinds = {self.kind(found.tree, found.symbol.path, value) for value in ends.returns}
        if "" in kinds:
            return "", "what is given back does not show its type"
        if not self._ends_for_certain():
            return "", "its end may be reached without a result"
        some = kinds - {nothing}
        if len(some) == 1 and nothing in kinds and self.joins:
            return self.rules["missing"].format(type=some.pop()), "what is given back"
        return (kinds.pop(), "what is given back") if len(kinds) == 1 else ("", "what is given back has several types")

    def _ends_for_certain(self) -> bool:
        """The last statement gives back or raises."""
        body = self.found.node.child_by_field_name("body")
        statements = [child for child in body.named_children if not child.is_extra] if body is not None else []
        captures: Match = self.found.tree.captures("outcomes", self.found.node)
        last = statements[-1].start_byte if statements else -1
        ends = {n.start_byte for n in captures.get("raises", ())}
        ends |= {n.parent.start_byte for n in captures.get("returns", ()) if n.parent is not None}
        return last in ends

    def kind(self, tree: Tree, path: str, node: Node, depth: int = 0) -> str:
        """The type of an expression of a file that shows it, as the function's own file would write it."""
        for match in tree.matches(QUERY, node):
            key = next((k for k in match if k.startswith("is.")), None)
            if key is None or match[key][0] != node:
                continue
            if key == "is.made":
                return self._made(path, match["maker"][0])
            if key == "is.name":
                return self._named(path, node, depth)
            if key == "is.compared":
                return self._compared(tree, path, node, depth)
            kind = self.rules["is"][key.removeprefix("is.")]
            if kind == self.rules["is"]["str"]:
                return _marked(text(node), self.rules)
            return kind if kind not in ("list", "dict", "set", "tuple") else ""
        return ""

    def _compared(self, tree: Tree, path: str, node: Node, depth: int) -> str:
        """True or false where that is sure: what is compared may answer with something else of its own."""
        signs = {child.type for child in node.children if not child.is_named}
        if signs <= set(self.rules["sure"]):
            return self.rules["is"]["bool"]
        plain = set(self.rules["is"].values()) | set(self.rules["marks"].values())
        sides = [
            self.kind(tree, path, child, depth + 1) or self._own(tree, path, child) for child in node.named_children
        ]
        return self.rules["is"]["bool"] if all(side in plain for side in sides) else ""

    def _own(self, tree: Tree, path: str, node: Node) -> str:
        """The type that a parameter of the function itself is written with, where nothing else is bound to its name."""
        own = self.found.symbol
        if path != own.path or not own.span.start <= node.start_byte < own.span.end:
            return ""
        sites = self.snapshot.graph.flow.sites(path, text(node), node)
        written = next((p.type for p in self.found.written.parameters if p.name == text(node)), "")
        return written if len(sites) == 1 and sites[0].parameter else ""

    def _named(self, path: str, node: Node, depth: int) -> str:
        """What a name holds that is bound in one place: by a value that shows its type, or as a typed parameter."""
        flow = self.snapshot.graph.flow
        own, tree = flow.node(path, node.start_byte, node.end_byte), flow.tree_of(path)
        if own is None or tree is None or depth > _DEPTH:
            return ""
        sites = flow.sites(path, text(node), own)
        if len(sites) != 1 or sites[0].path != path:
            return ""
        site = sites[0]
        top = site.node
        while top.parent is not None and top.parent.parent is not None:
            top = top.parent
        if any(text(node) in scope.wide for scope in Scopes(tree, top, top.end_byte, None).all):
            return ""  # another function gives it something
        if site.parameter:
            return self._declared(path, tree, site.node)
        around = site.node.parent
        for match in tree.matches(QUERY, around) if around is not None else ():
            if "bound" in match and match["bound"][0] == site.node:
                return self.kind(tree, path, match["bound.value"][0], depth + 1)
        return ""

    def _declared(self, path: str, tree: Tree, name: Node) -> str:
        """The type that a parameter is written with, where it means the same in the function's own file."""
        around = self.snapshot.graph.enclosing(path, name.start_byte, ("function",))
        if around is None or around.span == self.found.symbol.span and path == self.found.symbol.path:
            return ""
        written = signature_at(tree, around.span, around.body)
        known = next((p for p in written.parameters if p.name == text(name)), None) if written else None
        if known is None or known.passed in ("rest", "rest by name"):
            return ""
        return self._here(path, known.type)

    def _here(self, path: str, written: str) -> str:
        """A type of another file as it is; "" where its names are not known to mean the same here."""
        names = set(re.findall(r"[^\W\d]\w*", written))
        plain = names <= self.found.language.builtins - self.bound
        return (
            written
            if plain or path == self.found.symbol.path and names <= self.bound | self.found.language.builtins
            else ""
        )

    def _made(self, path: str, maker: Node) -> str:
        """What a call by a plain name gives back: a built-in, a class, a function that says so."""
        name = text(maker)
        if name not in self.snapshot.graph.files[path].bound:
            kind = self.rules["makes"].get(name, "")
            return kind if kind not in ("list", "dict", "set", "frozenset", "tuple") and kind not in self.bound else ""
        meaning = self.snapshot.graph.at(path, maker.start_byte)
        if meaning.how != "resolved" or len(meaning.symbols) != 1:
            return ""
        symbol: Symbol = meaning.symbols[0]
        if symbol.kind == "class":
            return self._class(symbol)
        file = self.snapshot.file(symbol.path)
        if symbol.kind != "function" or file is None or file.tree is None or decorators(self.snapshot.graph, symbol):
            return ""
        written = signature_at(file.tree, symbol.span, symbol.body)
        known = written.returns if written else ""
        return self._here(symbol.path, known) if known and not re.match(r"async\b", symbol.signature) else ""

    def _class(self, symbol: Symbol) -> str:
        """The name of a class in the function's own file; "" where it has none before the function."""
        own, graph = self.found.symbol, self.snapshot.graph
        if symbol.container:
            return ""
        if symbol.path == own.path:
            return symbol.name if symbol.span.end < own.span.start else ""
        for base, found in graph.files[own.path].imports:
            if found.name == symbol.name and base + found.start < own.span.start:
                meant = graph.at(own.path, base + found.at)
                if meant.how == "resolved" and meant.symbols == (symbol,):
                    return found.alias
        return ""


ACTION = Action("annotate", "refactor.rewrite.dovetail.annotate", offer, make, needs="annotations")
