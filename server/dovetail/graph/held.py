"""What something holds: a list, a map, a comprehension, what a generator gives, what a written type says of that."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dovetail.graph.scopes import text_of
from dovetail.graph.sites import Sites
from dovetail.graph.values import (
    NOTHING,
    Bound,
    Constant,
    Def,
    Instance,
    Items,
    Lambda,
    Part,
    Results,
    Shapes,
    Value,
    Values,
    View,
    Yields,
    child_of,
    shapes,
)
from dovetail.syntax import Node


@dataclass(eq=False)
class Held(Sites, ABC):
    """Needs to be told what expressions, types, members and calls stand for: `flow.py`."""

    stored: dict[tuple[Value, str], Values] = field(default_factory=dict[tuple[Value, str], Values])
    """What assignments elsewhere were seen to put into something."""

    @abstractmethod
    def value(self, path: str, node: Node) -> Values:
        """All that an expression may stand for."""

    @abstractmethod
    def typed(self, path: str, written: Node) -> Values:
        """What a written type stands for."""

    @abstractmethod
    def member(self, value: Value, name: str) -> Values:
        """What `value.name` stands for."""

    @abstractmethod
    def result(self, function: Value) -> Values:
        """What a call of a value gives."""

    # ---- what is in it ----------------------------------------------------------------------

    def item(self, value: Value, keys: Values) -> Values:
        """What `value[key]` stands for."""
        if isinstance(value, (Yields, Results)):
            return self.elements(value)
        constants = [key.text for key in keys if isinstance(key, Constant)]
        if isinstance(value, View):
            return union(self._part_of(value, text) for text in constants)
        found: Values = NOTHING
        if isinstance(value, (Instance, Items)) and shapes(self.graph.files[_home(value)].language).keyed:
            names = [text[1:-1] for text in constants if text.startswith('"')]
            found = union(self.member(value, name) for name in names)
        if not isinstance(value, Items):
            return found
        for text in constants:
            found |= self.stored.get((value, text), NOTHING)
        node = self.node(value.path, value.start, value.end)
        if node is None:
            return found
        what, spec = shapes(self.graph.files[value.path].language).shape(node.type)
        number = next((text for text in constants if text.isdecimal()), "value")
        if (typed := self._elements_typed(value.path, value.start, value.end, number)) is not None:
            return found | typed
        if what == "results":
            types = [t for child in node.named_children for t in self._result_types(child)]
            for text in constants:
                if text.isdecimal() and int(text) < len(types):
                    found |= self.typed(value.path, types[int(text)])
        if what == "list":
            children = node.named_children
            for text in constants:
                if text.lstrip("-").isdecimal() and -len(children) <= int(text) < len(children):
                    found |= self.value(value.path, children[int(text)])
        elif what == "map":
            for pair in node.named_children:
                key = pair.child_by_field_name(spec["key"])
                inner = pair.child_by_field_name(spec["value"])
                if key is None or inner is None:
                    continue
                if not constants or any(
                    isinstance(k, Constant) and k.text in constants for k in self.value(value.path, key)
                ):
                    found |= self.value(value.path, inner)
            if "any" in spec:
                written = (one.child_by_field_name("type") for one in node.named_children if one.type == spec["any"])
                found |= union(self.typed(value.path, one) for one in written if one is not None)
        elif what == "comprehension":
            found |= self.elements(value)
        if not constants and what == "list":
            found |= self.elements(value)
        return found

    def elements(self, value: Value) -> Values:
        """What one gets from walking over a value."""
        match value:
            case Items():
                node = self.node(value.path, value.start, value.end)
                what, spec = shapes(self.graph.files[value.path].language).shape(node.type if node else "")
                if node is None:
                    return NOTHING
                if (typed := self._elements_typed(value.path, value.start, value.end)) is not None:
                    return typed
                if what == "comprehension":
                    inner = child_of(node, spec["value"])
                    return self.value(value.path, inner) if inner is not None else NOTHING
                if what == "map":
                    keys = (pair.child_by_field_name(spec["key"]) for pair in node.named_children)
                    return union(self.value(value.path, key) for key in keys if key is not None)
                return union(self.value(value.path, child) for child in node.named_children)
            case View(what="values"):
                return self._held(Items(*value[:3]))
            case View(what="pairs" | "numbered"):
                return frozenset((value,))
            case Yields(of=function):
                body = self._function_node(function)
                path = function.path
                nodes = self._given(path, body)[0] if body is not None else []
                return union(self.value(path, inner) for node in nodes if (inner := child_of(node, 0)) is not None)
            case Results():
                node = self.node(value.path, value.start, value.end)
                return self._each(self._arguments_called(value.path, node), self.result) if node else NOTHING
            case Instance():
                protocol = shapes(self.graph.files[value.of.path].language).protocol
                found: Values = NOTHING
                for iterator in self._each(self.member(value, protocol.get("iterate", "")), self.result):
                    for step in self.member(iterator, protocol.get("next", "")):
                        found |= self.result(step)
                    if isinstance(iterator, Yields):
                        found |= self.elements(iterator)
                return found
            case _:
                return NOTHING

    def pairs(self, value: Items, name: str) -> Iterator[tuple[Node, Values]]:
        """(key, values) of what a map has under a name, where its language lets its pairs be members."""
        node = self.node(value.path, value.start, value.end)
        table = shapes(self.graph.files[value.path].language)
        what, spec = table.shape(node.type if node is not None else "")
        if node is None or what != "map" or not spec.get("members"):
            return
        for child in node.named_children:
            key = child.child_by_field_name(spec["key"]) or child.child_by_field_name("name")
            if child.type == spec["pair"] and key is not None:
                for one in child.children_by_field_name(spec["key"]):
                    if text_of(one).strip("\"'") == name:
                        inner = child.child_by_field_name(spec["value"])
                        rule = self.typed if spec.get("typed") else self.value
                        yield one, rule(value.path, inner) if inner is not None else NOTHING
            elif key is not None:
                if text_of(key) == name and key.start_byte in self.graph.files[value.path].named_at:
                    method = Def(value.path, key.start_byte)
                    yield key, self.result(method) if self._is_property(method) else frozenset((method,))
            elif child.named_child_count == 0 and text_of(child) == name:
                yield child, self.value(value.path, child)
            elif table.shape(child.type)[0] == "spread":
                for inner in self.value(value.path, child):
                    if isinstance(inner, Items) and inner.path == value.path and inner != value:
                        yield from self.pairs(inner, name)

    def _held(self, value: Items) -> Values:
        """What a map leads to, by its type or as it is written; what a list holds."""
        if (typed := self._elements_typed(value.path, value.start, value.end, "value")) is not None:
            return typed
        node = self.node(value.path, value.start, value.end)
        what, spec = shapes(self.graph.files[value.path].language).shape(node.type if node is not None else "")
        if node is None or what != "map":
            return self.elements(value)
        inner = (pair.child_by_field_name(spec["value"]) for pair in node.named_children)
        return union(self.value(value.path, one) for one in inner if one is not None)

    def _part_of(self, view: View, number: str) -> Values:
        """One of a pair, by its place."""
        if view.what == "numbered" and number == "1":
            call = self.node(view.path, view.start, view.end)
            return self._each(self._first_given(view.path, call), self.elements) if call is not None else NOTHING
        if view.what == "pairs" and number in ("0", "1"):
            whole = Items(*view[:3])
            return self.elements(whole) if number == "0" else self._held(whole)
        return NOTHING

    def _first_given(self, path: str, call: Node) -> Values:
        """What the first argument of a call stands for."""
        spec = shapes(self.graph.files[path].language).shape(call.type)[1]
        arguments = child_of(call, spec["arguments"]) if "arguments" in spec else None
        first = child_of(arguments, 0) if arguments is not None else None
        return self.value(path, first) if first is not None else NOTHING

    def _viewed(self, held: Values, name: str, protocol: Mapping[str, Any]) -> Values:
        """What a method of something that holds others gives of it."""
        what = protocol.get("views", {}).get(name)
        items = [value for value in held if isinstance(value, Items)] if what else []
        if what == "value":
            return union(self._held(value) for value in items)
        return frozenset(View(*value, what) for value in items)

    @staticmethod
    def _result_types(result: Node) -> list[Node]:
        """The types of one of several results: `(a, b int)` has two of the same."""
        written = result.child_by_field_name("type")
        return [result] if written is None else [written] * max(1, len(result.children_by_field_name("name")))

    def _elements_typed(self, path: str, start: int, end: int, part: str = "") -> Values | None:
        """What is in something by its written type; None where the span is no such type.

        part: `value` for what a map leads to, a number for one of several; else what one gets from walking over it.
        """
        node = self.node(path, start, end)
        table = shapes(self.graph.files[path].language)
        while node is not None:
            what, spec = table.shape(node.type)
            if what == "items":
                element = child_of(node, spec["element"])
                return self.typed(path, element) if element is not None else NOTHING
            spec = table.types.get(node.type, {})
            base = text_of(child_of(node, spec["base"]) or node) if "arguments" in spec else ""
            if base in holders(table):
                listed = node.children_by_field_name(spec["arguments"]) if isinstance(spec["arguments"], str) else []
                arguments = child_of(node, spec["arguments"])
                if not listed and arguments is not None:
                    listed = arguments.named_children
                index = int(base in table.protocol.get("maps", ()) and part != "")
                if base in table.protocol.get("several", ()):
                    repeated = [one for one in listed if text_of(one) != "..."]
                    if not part.isdecimal():
                        return union(self.typed(path, one) for one in repeated)
                    index = int(part) if repeated == listed else min(int(part), len(repeated) - 1)
                return self.typed(path, listed[index]) if 0 <= index < len(listed) else NOTHING
            inner = child_of(node, 0)
            node = inner if inner is not None and (inner.start_byte, inner.end_byte) == (start, end) else None
        return None

    def _arguments_called(self, path: str, node: Node) -> Values:
        """The functions among the arguments of a call."""
        spec = shapes(self.graph.files[path].language).shape(node.type)[1]
        arguments = child_of(node, spec["arguments"]) if "arguments" in spec else None
        values = union(self.value(path, child) for child in arguments.named_children) if arguments else NOTHING
        return frozenset(v for v in values if isinstance(v, (Def, Lambda, Bound)))

    @staticmethod
    def _place_in(pattern: Node, index: int, table: Shapes) -> int | str:
        """Which element a place in a pattern takes: from the front, from the end behind a spread, or the rest."""
        children = pattern.named_children
        spread = next((i for i, c in enumerate(children) if table.shape(c.type)[0] == "spread"), -1)
        if spread < 0 or index < spread:
            return index
        return f"{spread}:{len(children) - 1 - spread}" if index == spread else index - len(children)

    def _taken(self, value: Value, step: int | str | Part) -> Values:
        if isinstance(step, Part):
            return self.member(value, step.name)
        if isinstance(step, int):
            return self.item(value, frozenset((Constant(str(step)),)))
        return (
            self.elements(value)
            if not isinstance(value, Items)
            else frozenset((Items(value.path, value.start, value.end),))
        )

    @staticmethod
    def _each(values: Values, rule: Callable[[Value], Values]) -> Values:
        return union(rule(value) for value in values)


def union(parts: Iterable[Values]) -> Values:
    none: Values = frozenset()
    return none.union(*parts)


def holders(table: Shapes) -> tuple[str, ...]:
    """The names of types that hold others."""
    return tuple(name for key in ("lists", "maps", "several") for name in table.protocol.get(key, ()))


def _home(value: Instance | Items) -> str:
    return value.of.path if isinstance(value, Instance) else value.path
