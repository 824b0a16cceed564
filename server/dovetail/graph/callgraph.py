"""Who calls whom in a set of files, through variables, parameters, containers and returned functions.

The fixpoint of PyCG (Salis et al., ICSE 2021): every call tells the parameters of what it calls what they may be
given, every assignment to a member or an item tells its holder, until nothing grows. Costs a few evaluations of
every call in the files; `flow.py` alone answers a single question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from dovetail.graph.flow import Flow
from dovetail.graph.scopes import text_of
from dovetail.graph.values import (
    Bound,
    Constant,
    Def,
    Instance,
    Lambda,
    Module,
    Outside,
    Value,
    Values,
    child_of,
    shapes,
)
from dovetail.syntax import Node

_ROUNDS = 12
_NOTHING: Values = frozenset()

Owner = Def | Lambda | Module


class Edge(NamedTuple):
    """One call, or what the language itself calls: an iterator, a constructor, a decorator."""

    caller: Owner
    callee: Def | Lambda | Outside
    path: str
    at: int
    """Where the call is written."""


class _Place(NamedTuple):
    path: str
    node: Node
    what: str
    owner: Owner


@dataclass(eq=False)
class CallGraph:
    """The calls of some files. `flow` evaluates in the graph that they belong to."""

    flow: Flow
    paths: tuple[str, ...]
    edges: set[Edge] = field(default_factory=set[Edge])

    def __post_init__(self) -> None:
        places = [place for path in self.paths for place in self._places(path)]
        for _ in range(_ROUNDS):
            self.edges.clear()
            self._grew = False
            self.flow.forget()
            for place in places:
                self._visit(place)
            if not self._grew:
                break

    def _places(self, path: str) -> Iterator[_Place]:
        tree = self.flow.tree_of(path)
        if tree is None:
            return
        file = self.flow.graph.files[path]
        of = shapes(file.language).of
        stack: list[tuple[Node, Owner]] = [(tree.root, Module(path))]
        while stack:
            node, owner = stack.pop()
            what = of.get(node.type, ("",))[0]
            if what in ("call", "new", "each", "raise", "assign", "decorated"):
                yield _Place(path, node, what, owner)
            inner: Owner = owner
            name = node.child_by_field_name("name")
            if what == "function":
                inner = Lambda(path, node.start_byte)
            elif name is not None and (placed := file.named_at.get(name.start_byte)) is not None:
                if placed.definition.kind == "function":
                    inner = Def(path, name.start_byte)
            parameters = node.child_by_field_name("parameters")
            for child in reversed(node.named_children):
                outside = parameters is not None and child.id == parameters.id and what != "function"
                stack.append((child, owner if outside else inner))

    def _visit(self, place: _Place) -> None:
        flow, path, node = self.flow, place.path, place.node
        language = flow.graph.files[path].language
        spec = shapes(language).of[node.type][1]
        protocol = shapes(language).protocol
        match place.what:
            case "call" | "new":
                callee = child_of(node, spec["function"])
                arguments = child_of(node, spec["arguments"])
                if callee is None:
                    return
                if text_of(callee) == protocol.get("super"):
                    self._edge(place, Outside(f"<builtin>.{text_of(callee)}"))
                for function in flow.value(path, callee):
                    self._call(place, function, list(self._arguments(path, arguments)))
                    if isinstance(function, Outside) and function.name.removeprefix("<builtin>.") in protocol.get(
                        "apply", ()
                    ):
                        self._apply(place, arguments)
            case "each":
                value = child_of(node, spec["value"])
                for held in flow.value(path, value) if value is not None else ():
                    if isinstance(held, Instance):
                        iterators = flow.member(held, protocol.get("iterate", ""))
                        for iterate in iterators:
                            self._call(place, iterate, [])
                            for iterator in flow.result(iterate):
                                for step in flow.member(iterator, protocol.get("next", "")):
                                    self._call(place, step, [])
            case "raise":
                inner = child_of(node, 0)
                for held in flow.value(path, inner) if inner is not None else ():
                    if flow.is_class(held):
                        self._call(place, held, [])
            case "decorated":
                self._decorate(place)
            case _:
                self._store(place)

    def _arguments(self, path: str, arguments: Node | None) -> Iterator[tuple[str | None, Values]]:
        """(name or None, values) of what is passed."""
        of = shapes(self.flow.graph.files[path].language).of
        for child in arguments.named_children if arguments is not None else ():
            if child.is_extra:
                continue
            what, spec = of.get(child.type, ("", {}))
            if what == "keyword":
                name, value = child_of(child, spec["name"]), child_of(child, spec["value"])
                if name is not None and value is not None:
                    yield text_of(name), self.flow.value(path, value)
            else:
                yield None, self.flow.value(path, child)

    def _call(self, place: _Place, function: Value, given: list[tuple[str | None, Values]]) -> None:
        flow = self.flow
        protocol = shapes(flow.graph.files[place.path].language).protocol
        match function:
            case Outside():
                self._edge(place, function)
            case Instance():
                for method in flow.member(function, protocol.get("called", "")):
                    self._call(place, method, given)
            case Def() if flow.is_class(function):
                construct = protocol.get("construct", "")
                for method in flow.member(Instance(function), construct) if construct else ():
                    if not isinstance(method, Outside) or method.name.startswith("<") is False:
                        self._call(place, method, given)
            case Bound(method=method, receiver=receiver):
                self._edge(place, method)
                names = {text_of(decorator) for decorator in flow.decorators(method)}
                own = flow.class_of(method)
                takes = isinstance(receiver, Instance) or bool(names & set(protocol.get("class-method", ())))
                if names & set(protocol.get("static-method", ())):
                    takes = False
                if takes and own is not None and isinstance(receiver, Instance) and receiver.of != own:
                    self._pass((own, "self"), frozenset((receiver,)))
                self._give(method, given, 1 if takes and "construct" in protocol else 0)
            case Def() | Lambda():
                self._edge(place, function)
                self._give(function, given, 0)
            case _:
                pass

    def _give(self, function: Def | Lambda, given: list[tuple[str | None, Values]], first: int) -> None:
        index = first
        for name, values in given:
            if name is None:
                self._pass((function, index), values)
                index += 1
            else:
                self._pass((function, name), values)

    def _apply(self, place: _Place, arguments: Node | None) -> None:
        """`map(function, list)`: the function is called here, with what is in the list."""
        values = [v for name, v in self._arguments(place.path, arguments) if name is None]
        for function in _NOTHING.union(*values):
            if isinstance(function, (Def, Lambda, Bound)):
                others = _NOTHING.union(*(self.flow.elements(v) for one in values for v in one))
                self._call(place, function, [(None, others)])

    def _decorate(self, place: _Place) -> None:
        flow = self.flow
        file = flow.graph.files[place.path]
        spec = shapes(file.language).of[place.node.type][1]
        definition = child_of(place.node, spec["definition"])
        name = definition.child_by_field_name("name") if definition is not None else None
        if name is None or name.start_byte not in file.named_at:
            return
        what = Def(place.path, name.start_byte)
        held: Values = frozenset((what,))
        transparent = shapes(file.language).protocol
        for decorator in reversed(flow.decorators(what)):
            text = text_of(decorator)
            if text in transparent.get("transparent", ()) or text in transparent.get("property", ()):
                continue
            functions = flow.value(place.path, decorator)
            for function in functions:
                self._call(place, function, [(None, held)])
            held = _NOTHING.union(*(flow.result(f) for f in functions)) or held

    def _store(self, place: _Place) -> None:
        flow, path = self.flow, place.path
        of = shapes(flow.graph.files[path].language).of
        spec = of[place.node.type][1]
        target = child_of(place.node, spec["target"]) if "target" in spec else None
        value = child_of(place.node, spec["value"]) if "value" in spec else None
        if target is None or value is None:
            return
        what, inner = of.get(target.type, ("", {}))
        if what not in ("member", "item"):
            return
        holder = child_of(target, inner["object"])
        key = child_of(target, inner["name" if what == "member" else "key"])
        if holder is None or key is None:
            return
        values = flow.value(path, value)
        for held in flow.value(path, holder):
            if what == "member":
                self._stored(held, text_of(key), values)
            else:
                for constant in flow.value(path, key):
                    if isinstance(constant, Constant):
                        self._stored(held, constant.text, values)

    def _edge(self, place: _Place, callee: Def | Lambda | Outside) -> None:
        self.edges.add(Edge(place.owner, callee, place.path, place.node.start_byte))

    def _pass(self, key: tuple[Value, int | str], values: Values) -> None:
        known = self.flow.passed.get(key, _NOTHING)
        if not values <= known:
            self.flow.passed[key] = known | values
            self._grew = True

    def _stored(self, holder: Value, name: str, values: Values) -> None:
        known = self.flow.stored.get((holder, name), _NOTHING)
        if not values <= known:
            self.flow.stored[(holder, name)] = known | values
            self._grew = True


def qualified(flow: Flow, what: Owner | Outside, modules: dict[str, str]) -> str:
    """A dotted name, as call graphs are written down; `modules` gives the names of the files."""
    match what:
        case Outside(name=name):
            return name
        case Module(path=path):
            return modules[path]
        case Lambda(path=path):
            around = _around(flow, what)
            numbered = sorted(
                (one for one in _lambdas(flow, path) if _around(flow, one) == around), key=lambda one: one.start
            )
            return f"{qualified(flow, around, modules)}.<lambda{numbered.index(what) + 1}>"
        case Def(path=path, at=at):
            names: list[str] = []
            file = flow.graph.files[path]
            placed = file.named_at[at]
            index = placed.definition.parent
            names.append(placed.definition.name)
            while index >= 0:
                names.append(placed.item.definitions[index].name)
                index = placed.item.definitions[index].parent
            shell = file.named_shell(placed.container)
            while shell >= 0:
                names.append(file.shells[shell].facts.definitions[0].name)
                shell = file.named_shell(file.shells[shell].around)
            return ".".join((modules[path], *reversed(names)))


def _around(flow: Flow, what: Lambda) -> Owner:
    tree = flow.tree_of(what.path)
    node = tree.root.descendant_for_byte_range(what.start, what.start + 1) if tree is not None else None
    file = flow.graph.files[what.path]
    while node is not None:
        name = node.child_by_field_name("name")
        placed = file.named_at.get(name.start_byte) if name is not None else None
        if name is not None and placed is not None and placed.definition.kind == "function":
            return Def(what.path, name.start_byte)
        node = node.parent
    return Module(what.path)


def _lambdas(flow: Flow, path: str) -> Iterable[Lambda]:
    tree = flow.tree_of(path)
    of = shapes(flow.graph.files[path].language).of
    stack = [tree.root] if tree is not None else []
    while stack:
        node = stack.pop()
        if of.get(node.type, ("",))[0] == "function":
            yield Lambda(path, node.start_byte)
        stack += node.named_children
