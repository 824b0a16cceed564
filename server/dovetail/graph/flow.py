"""What an expression stands for: a function, a class, an instance of it, a module, a list of them.

Evaluated on demand, on the trees, without running anything: an abstract interpretation in which a name stands
for all that may have been assigned to it (the assignment graph of Salis et al., "PyCG", ICSE 2021, with strong
updates in straight-line code). How a language says what is in its folder: `flow.toml` and `locals.scm`. Names, types,
members and calls are followed here, across files; below lie what one tree tells (`sites.py`) and what things hold
(`held.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dovetail.graph.facts import CLASSES, OPEN, Import
from dovetail.graph.file import FileFacts
from dovetail.graph.held import Held, holders, union
from dovetail.graph.modules import Rules, crate_root, module_above, modules
from dovetail.graph.scopes import text_of
from dovetail.graph.sites import parameters_in, reaching
from dovetail.graph.values import (
    NOTHING,
    Bound,
    Constant,
    Def,
    Folder,
    Inside,
    Instance,
    Items,
    Lambda,
    Later,
    Local,
    Module,
    Outside,
    Part,
    Results,
    Space,
    Super,
    Value,
    Values,
    View,
    Yields,
    child_of,
    holds,
    shapes,
)
from dovetail.syntax import Node

if TYPE_CHECKING:
    from dovetail.graph.symbols import Symbol

_DEEPEST = 60
"""Expressions, bases and imports that are followed into one another."""
_MOST_STEPS = 4000
"""Expressions that are looked at to tell what one stands for."""
_ALIASES = 4
"""Names for types that are followed into one another."""
_MOST_VALUES = 24
"""What one expression may stand for; beyond it nobody can tell."""


@dataclass(eq=False)
class Flow(Held):
    """Evaluates expressions in one version of the graph.

    `passed`, `stored` and `selves` hold what calls and assignments elsewhere were seen to give (see `calls.py`);
    without them a parameter stands for what it is declared as.
    """

    passed: dict[tuple[Value, int | str], Values] = field(default_factory=dict[tuple[Value, int | str], Values])

    def __post_init__(self) -> None:
        super().__post_init__()
        self._known: dict[tuple[str, int], Values] = {}
        self._busy: dict[tuple[str, int], int] = {}
        """What is being evaluated, and how deep."""
        self._tentative: dict[tuple[str, int], tuple[Values, int]] = {}
        """What was found inside of a circle, and how deep the circle begins: it holds until that is left."""
        self._circles: dict[int, list[tuple[str, int]]] = {}
        self._reached = _DEEPEST
        """How deep the outermost expression lies that what was found since depends on, and that is not done."""
        self._steps = 0
        self._orders: dict[Def, tuple[Def | Outside, ...]] = {}
        self._depth = 0
        self._aliased: set[Def] = set()
        """Names for types that are being followed."""

    def forget(self) -> None:
        """What was evaluated may be more by now: `passed` or `stored` grew."""
        self._known.clear()

    # ---- expressions ------------------------------------------------------------------------

    def value(self, path: str, node: Node) -> Values:
        """All that an expression may stand for; empty where nobody can tell."""
        key, depth = (path, node.id), self._depth
        if (known := self._known.get(key)) is not None:
            return known
        if (kept := self._tentative.get(key)) is not None:
            self._reached = min(self._reached, kept[1])
            return kept[0]
        if (circle := self._busy.get(key)) is not None:
            self._reached = min(self._reached, circle)
            return NOTHING
        if depth == 0:
            self._steps = 0
        self._steps += 1
        if depth > _DEEPEST or self._steps > _MOST_STEPS:
            self._reached = -1
            return NOTHING
        before, self._reached = self._reached, _DEEPEST
        self._busy[key] = depth
        self._depth += 1
        try:
            found = self._value(path, node)
        finally:
            del self._busy[key]
            self._depth -= 1
            reached, self._reached = self._reached, before
            for inner in self._circles.pop(depth, ()):
                self._tentative.pop(inner, None)
        if len(found) > _MOST_VALUES:
            found = frozenset(sorted(found, key=repr)[:_MOST_VALUES])
        if reached >= depth or depth == 0:
            self._known[key] = found
        else:  # in a circle, or cut short: the answer may be incomplete
            self._reached = min(before, reached)
            self._tentative[key] = found, reached
            self._circles.setdefault(max(reached, 0), []).append(key)
        return found

    def _value(self, path: str, node: Node) -> Values:
        facts = self.graph.files.get(path)
        if facts is None:
            return NOTHING
        what, spec = shapes(facts.language).of.get(node.type, ("", {}))
        match what:
            case "":
                return self.name(path, node) if node.named_child_count == 0 else NOTHING
            case "name":  # one that has parts
                return self.name(path, node)
            case "member":
                holder, name = child_of(node, spec["object"]), child_of(node, spec["name"])
                if name is None:
                    return NOTHING
                bare = bare_name(name)
                if holder is None:  # from the top, as in `::A`
                    symbols = self.graph.top_symbols(path, bare) or self.graph.outer(path, bare, 0)
                    return union(self._symbol(symbol) for symbol in symbols if not symbol.container)
                return self._each(self.value(path, holder), lambda v: self.member(v, bare))
            case "call" | "new":
                return self._called(path, node, spec)
            case "item":
                holder, key = child_of(node, spec["object"]), child_of(node, spec["key"])
                if holder is None or key is None:
                    return NOTHING
                keys = self.value(path, key)
                return self._each(self.value(path, holder), lambda v: self.item(v, keys))
            case "await":
                inner = child_of(node, 0)
                given = self.value(path, inner) if inner is not None else NOTHING
                return self._each(given, lambda v: self._given_by(v.of) if isinstance(v, Later) else frozenset((v,)))
            case "same" | "spread" | "raise":
                inner = child_of(node, spec.get("child", 0))
                return self.value(path, inner) if inner is not None else NOTHING
            case "cast":
                written = child_of(node, spec["type"])
                inner = child_of(node, spec["value"]) if "value" in spec else None
                typed = self.typed(path, written) if written is not None else NOTHING
                return typed or (self.value(path, inner) if inner is not None else NOTHING)
            case "keyword" | "assign" | "parameter":
                inner = child_of(node, spec["value"]) if "value" in spec else None
                return self.value(path, inner) if inner is not None else NOTHING
            case "either":
                children = [child_of(node, k) for k in spec] if spec else node.named_children
                return union(self.value(path, child) for child in children if child is not None)
            case "function":
                return frozenset((Lambda(path, node.start_byte),))
            case "list" if spec.get("single") and node.named_child_count == 1:
                inner = node.named_child(0)
                return self.value(path, inner) if inner is not None else NOTHING
            case "results" if node.named_child_count == 1:
                inner = node.named_child(0)
                return self.typed(path, inner) if inner is not None else NOTHING
            case "list" | "map" | "comprehension" | "items" | "results":
                return frozenset((Items(path, node.start_byte, node.end_byte),))
            case "constant":
                text = text_of(node)
                return frozenset((Constant(f'"{text[1:-1]}"' if text[:1] in "'\"`" else text),))
            case _:
                return NOTHING

    # ---- names ------------------------------------------------------------------------------

    def name(self, path: str, node: Node) -> Values:
        """What a plain name stands for, by everything that may have been bound to it."""
        text = text_of(node)
        facts = self.graph.files[path]
        settings = self.graph.settings(facts.language)
        found: set[Value] = set()
        crate: Rules = settings.get("imports", {})
        crate = crate if crate.get("style") == "crate" else {}
        begins = bool(crate) and self._begins_path(node, crate["separator"])
        if begins and text in (crate["here"], crate["up"], crate["root"]):
            return self._module_around(path, text, node.start_byte, crate)
        if (places := self.qualified(path, text)) is not None:
            return frozenset(places)
        sites = self.sites(path, text, node)
        for site in sites:
            found |= self.bound(site)
        if sites:
            return frozenset(found)
        if text in settings.get("receivers", ()) and (owner := self.class_around(path, node.start_byte)):
            return self._self(owner)
        if text in settings.get("supers", ()) and (owner := self.class_around(path, node.start_byte)):
            return frozenset((Super(owner, Instance(owner)),))
        for symbol in self.graph.outer(path, text, node.start_byte):
            if symbol.kind in ("variable", "constant", "field"):
                found |= self.defined(Def(symbol.path, symbol.name_span.start))
            else:
                found.add(Module(symbol.path) if symbol.is_file else Def(symbol.path, symbol.name_span.start))
        if not found:
            for _, imported in facts.imports:
                if imported.alias == text and imported.name != "*":
                    found |= self.imported(path, imported)
        if not found and begins:  # the name of a crate
            found |= {Module(target) for target in modules(self.graph, path, text) if target != path}
        if not found and text in self.graph.builtins(facts.language):
            found.add(Outside(f"<builtin>.{text}"))
        return frozenset(found)

    def qualified(self, path: str, text: str) -> list[Def] | None:
        """What a name means that tells its namespace itself; None where it tells none."""
        rules = self.graph.settings(self.graph.files[path].language).get("imports", {})
        mark = rules["separator"] if rules.get("style") == "namespace" and "here" in rules else ""
        if not mark or mark not in text:
            return None
        file, (first, _, rest) = self.graph.files[path], text.partition(mark)
        spaces = list(file.spaces) or [""]
        if first == "":
            names = [rest]
        elif first == rules["here"]:
            names = [f"{space}{mark}{rest}".lstrip(mark) for space in spaces]
        else:
            named = [one for _, one in file.imports if one.alias == first and one.name != "*"]
            names = [mark.join(part for part in (one.module, one.name, rest) if part) for one in named]
            names = names or [f"{space}{mark}{text}".lstrip(mark) for space in spaces]
        found: list[Def] = []
        for whole in names:
            space, _, name = whole.rpartition(mark)
            for other in sorted(self.graph.definers.get(name, ())):
                declared = self.graph.files[other]
                if declared.language == file.language and (space in declared.spaces if space else not declared.spaces):
                    found += [Def(other, s.name_span.start) for s in self.graph.top_symbols(other, name)]
        return found

    @staticmethod
    def _begins_path(node: Node, separator: str) -> bool:
        """Whether a name is the first of several, as in `crate::m::f`."""
        beside = node.next_sibling
        return beside is not None and beside.type == separator

    def _module_around(self, path: str, text: str, at: int, rules: Rules) -> Values:
        """What the words for the crate, the module around and the one above it stand for in a path."""
        if text == rules["root"]:
            root = crate_root(self.graph, path, rules)
            return frozenset((Module(root or path),))
        inner = self._inline(path, at)
        here: Def | Module = inner[0] if inner else Module(path)
        return frozenset((here,)) if text == rules["here"] else self._module_above(here, rules)

    def _inline(self, path: str, at: int) -> list[Def]:
        """The modules around a place that are written inside of their file, the innermost first."""
        return [
            Def(where, placed.base + placed.definition.name_start)
            for where, placed in self.graph.classes_around(path, at)
            if placed.definition.kind in OPEN and where == path and placed.base + placed.definition.start < at
        ]

    def _module_above(self, here: Def | Module, rules: Rules) -> Values:
        if isinstance(here, Module):
            above = module_above(self.graph, here.path, rules)
            return frozenset((Module(above),)) if above is not None else NOTHING
        around = [one for one in self._inline(here.path, here.at) if one != here]
        return frozenset((around[0] if around else Module(here.path),))

    def _self(self, owner: Def) -> Values:
        return frozenset((Instance(owner),)) | self.passed.get((owner, "self"), NOTHING)

    # ---- what is bound ----------------------------------------------------------------------

    def bound(self, site: Local) -> Values:
        """What a binding gives its name."""
        path, node = site.path, site.node
        file = self.graph.files[path]
        placed = file.named_at.get(node.start_byte)
        if placed is not None and placed.definition.kind not in ("variable", "constant", "field"):
            if placed.definition.kind in OPEN and text_of(node) != placed.definition.name:
                return frozenset((Inside(Def(path, node.start_byte), 1),))
            return self.defined(Def(path, node.start_byte))
        if site.parameter:
            return self._parameter(path, node)
        if (imported := self._import_at(path, file, node.start_byte)) is not None:
            return self.imported(path, imported)
        table = shapes(file.language)
        steps: list[int | str | Part] = []
        if table.shape(node.type)[0] == "pick":
            steps.append(Part(text_of(node)))
        child, parent = node, node.parent
        while parent is not None:
            what, spec = table.shape(parent.type)
            if what in ("assign", "each", "with"):
                target = child_of(parent, spec["target"]) if "target" in spec else None
                if target is not None and not holds(target, node):
                    break
                value = child_of(parent, spec["value"]) if "value" in spec else None
                found = self.value(path, value) if value is not None else NOTHING
                if what == "assign" and "type" in spec and (written := child_of(parent, spec["type"])) is not None:
                    typed = self.typed(path, written)
                    found = typed if typed and table.protocol.get("declared") else found | typed
                elif what == "assign" and "type" not in spec and parent.parent is not None:
                    outer, around = table.shape(parent.parent.type)
                    if outer == "assign" and "value" not in around and "type" in around:
                        written = child_of(parent.parent, around["type"])
                        found |= self.typed(path, written) if written is not None else NOTHING
                if what == "each" and "type" in spec and (written := child_of(parent, spec["type"])) is not None:
                    if typed := self.typed(path, written):
                        return typed
                if what == "each" and "stream" in spec:  # a key goes before each element, but of what comes in
                    whole = [(v, self.node(v.path, v.start, v.end)) for v in found if isinstance(v, Items)]
                    streams = frozenset(v for v, n in whole if n is not None and n.type == spec["stream"])
                    found, steps = (found - streams, steps[1:]) if steps[:1] == [1] else (streams, steps)
                if what == "each":
                    found = self._each(found, self.elements)
                if what == "assign" and steps[:1] == [0] and value is not None and "tells" in table.protocol:
                    alone = value.named_child(0) if value.named_child_count == 1 else None
                    if (
                        alone is not None and alone.type in table.protocol["tells"]
                    ):  # the other tells whether it is there
                        steps = steps[1:]
                for step in steps:
                    found = self._each(found, lambda v, step=step: self._taken(v, step))
                # a = b = value
                if what == "assign" and value is None and parent.parent is not None:
                    pass
                return found
            if what == "list" and not (spec.get("single") and parent.named_child_count == 1):
                index = next((i for i, c in enumerate(parent.named_children) if c.id == child.id), -1)
                steps.insert(0, self._place_in(parent, index, table))
            elif what == "pick" and "key" in spec and (key := child_of(parent, spec["key"])) is not None:
                if key.id != child.id:
                    steps.insert(0, Part(text_of(key).strip("\"'")))
            elif what == "spread":
                pass
            elif steps and parent.type in table.parameters and parent.type not in table.of:
                found = self._declared(path, parent)
                for step in steps:
                    found = self._each(found, lambda v, step=step: self._taken(v, step))
                return found
            child, parent = parent, parent.parent
        return NOTHING

    def _import_at(self, path: str, file: FileFacts, at: int) -> Import | None:
        for base, found in file.imports:
            if base + found.at == at or base + found.start == at:
                return found
        return None

    def imported(self, path: str, found: Import) -> Values:
        """What an import binds."""
        key = (path, -1 - found.at)
        if (circle := self._busy.get(key)) is not None:
            self._reached = min(self._reached, circle)
            return NOTHING
        self._busy[key] = self._depth - 1
        try:
            return self._imported(path, found)
        finally:
            del self._busy[key]

    def _imported(self, path: str, found: Import) -> Values:
        if folder := self.graph.import_folder(path, found):
            return frozenset((Folder(folder),))
        symbols = self.graph.import_symbols(path, found)
        if len(symbols) > 1 and all(symbol.is_file for symbol in symbols):
            return frozenset((Space(tuple(symbol.path for symbol in symbols)),))
        if not symbols:
            if inside := self._imported_inside(path, found) or self._declared_module(path, found):
                return inside
            name = found.module.lstrip(".") + (f".{found.name}" if found.name not in ("", "*") else "")
            return frozenset((Outside(name),))
        return union(map(self._symbol, symbols))

    def _declared_module(self, path: str, found: Import) -> Values:
        """What an import brings from a module that a file only declares: `declare module 'm' { … }`."""
        file = self.graph.files[path]
        rules = self.graph.settings(file.language).get("imports", {})
        if "here" not in rules or rules.get("style") != "path" or found.module.startswith((rules["here"], "/")):
            return NOTHING
        declared = frozenset(
            Def(other, placed.base + placed.definition.name_start)
            for other in sorted(self.graph.definers.get(found.module, ()))
            for placed in self.graph.files[other].by_name.get(found.module, ())
            # its name is written in quotes
            if placed.definition.kind in OPEN and placed.definition.signature.endswith(("'", '"'))
        )
        if found.name in ("", "*"):
            return declared
        return union(self.defined(one) for module in declared for one in self.lookup(module, found.name))

    def _imported_inside(self, path: str, found: Import) -> Values:
        """What an import brings from a module that is written inside of a file."""
        rules = self.graph.settings(self.graph.files[path].language).get("imports", {})
        if rules.get("style") != "crate":
            return NOTHING
        separator = rules["separator"]
        parts = [*found.module.split(separator), *([found.name] if found.name not in ("", "*") else [])]
        while parts and parts[0] in (rules["here"], rules["up"], rules["root"]):
            parts = parts[1:]
        return self.written(path, separator.join(parts), 0) if len(parts) > 1 else NOTHING

    def _symbol(self, symbol: Symbol) -> Values:
        if symbol.is_file:
            return frozenset((Module(symbol.path),))
        return self.defined(Def(symbol.path, symbol.name_span.start))

    def defined(self, what: Def) -> Values:
        """What the name of a definition stands for: itself, what its decorators make of it, what is assigned to it."""
        file = self.graph.files.get(what.path)
        placed = file.named_at.get(what.at) if file is not None else None
        if placed is None or file is None:
            return NOTHING
        if placed.definition.kind in ("variable", "constant", "field"):
            tree = self.tree_of(what.path)
            d = placed.definition
            node = tree.root.descendant_for_byte_range(what.at, what.at + d.name_end - d.name_start) if tree else None
            if node is None:
                return NOTHING
            if d.kind != "field" and d.parent < 0:  # a later assignment to the name counts as well
                sites = [site.node for site in self._top_sites(what.path, d.name, lambda c: c == placed.container)]
                if len(sites) > 1:
                    return union(self.bound(Local(what.path, one, False)) for one in reaching(sites, None))
            return self.bound(Local(what.path, node, False))
        decorators = self.decorators(what)
        found: Values = frozenset((what,))
        for decorator in reversed(decorators):
            found = self._decorated(what, decorator, found)
        return found

    def _decorated(self, what: Def, decorator: Node, given: Values) -> Values:
        protocol = shapes(self.graph.files[what.path].language).protocol
        if text_of(decorator) in protocol.get("transparent", ()) or text_of(decorator) in protocol.get("property", ()):
            return given
        found: set[Value] = set()
        for function in self.value(what.path, decorator):
            if isinstance(function, (Def, Lambda, Bound)):
                found |= self.result(function)
            elif isinstance(function, Outside):
                found |= given
        return frozenset(found) or given

    # ---- parameters -------------------------------------------------------------------------

    def _parameter(self, path: str, node: Node) -> Values:
        file = self.graph.files[path]
        table = shapes(file.language)
        about = self.parameter_of(path, node)
        if about is None:  # what a method is called on, where it is declared before the parameters
            return self._declared(path, node.parent) if node.parent is not None else NOTHING
        function, index, name, whole = about
        found: Values = self.passed.get((function, index), NOTHING) | self.passed.get((function, name), NOTHING)
        found |= self._declared(path, whole)
        if index == 0 and isinstance(function, Def) and (owner := self.class_of(function)) is not None:
            protocol = table.protocol
            names = {text_of(decorator) for decorator in self.decorators(function)}
            if names & set(protocol.get("class-method", ())):
                found |= frozenset((owner,))
            elif "construct" in protocol and not names & set(protocol.get("static-method", ())):
                found |= self._self(owner)
        return found

    def _declared(self, path: str, parameter: Node) -> Values:
        """What a parameter stands for by its written type and its default."""
        spec = shapes(self.graph.files[path].language).parameters.get(parameter.type, {})
        found: Values = NOTHING
        if "type" in spec and (written := child_of(parameter, spec["type"])) is not None:
            found |= self.typed(path, written)
        if "value" in spec and (default := child_of(parameter, spec["value"])) is not None:
            found |= self.value(path, default)
        return found

    def typed(self, path: str, written: Node) -> Values:
        """Instances of the class that a written type names."""
        table = shapes(self.graph.files[path].language)
        node: Node | None = written
        for _ in range(8):
            spec = table.types.get(node.type) if node is not None else None
            if node is None or spec is None:
                break
            if "value" in spec:  # the type of what another name stands for
                inner = child_of(node, spec["value"])
                return self.value(path, inner) if inner is not None else NOTHING
            if "either" in spec:
                return union(self.typed(path, child) for child in node.named_children)
            if "text" in spec:  # a type that is written as a text
                named = self.written(path, text_of(node).strip("\"'"), node.start_byte)
                return union(self._instance(v) for v in named if isinstance(v, Def))
            inner = child_of(node, spec["base"])
            if inner is not None and text_of(inner) in holders(table):
                return frozenset((Items(path, node.start_byte, node.end_byte),))
            if inner is not None and text_of(inner) in table.protocol.get("optional", ()) and "arguments" in spec:
                inner = child_of(node, spec["arguments"])
            node = inner
        if node is None:
            return NOTHING
        found: set[Value] = set()
        for value in self.value(path, node):
            if isinstance(value, Def):
                found |= self._instance(value)
            elif isinstance(value, (Outside, Items, Instance, Lambda)):
                found.add(value)
        return frozenset(found)

    def _instance(self, what: Def, depth: int = 0) -> Values:
        """An object of a class; another name for a type is followed."""
        placed = self.placed(what)
        if placed is not None and placed.definition.kind == "type" and what not in self._aliased:
            # no name stands behind it, but several things, many of one, or a function
            whole, table = self._definition_node(what), shapes(self.graph.files[what.path].language)
            inner = whole.child_by_field_name("value") if whole is not None else None
            if inner is not None and table.shape(inner.type)[0] in ("results", "items", "function"):
                self._aliased.add(what)
                try:
                    return self.typed(what.path, inner)
                finally:
                    self._aliased.discard(what)
        if placed is None or self.is_class(what):
            return frozenset((Instance(what),)) if placed is not None else NOTHING
        if placed.definition.kind != "type" or not placed.definition.type or depth == _ALIASES:
            return NOTHING
        named = self.written(what.path, placed.definition.type, what.at)
        return union(self._instance(v, depth + 1) for v in named if isinstance(v, Def) and v != what)

    # ---- members ----------------------------------------------------------------------------

    def order(self, what: Def) -> tuple[Def | Outside, ...]:
        """A class and its bases in the order in which members are looked for (C3, else depth first)."""
        if (known := self._orders.get(what)) is not None:
            return known
        before, self._reached = self._reached, _DEEPEST
        found = self._in_circle(what) or self._linear(what)
        reached, self._reached = self._reached, min(before, self._reached)
        if reached >= self._depth:  # else a base is just being worked out: the answer may be incomplete
            self._orders[what] = found
        return found

    def _linear(self, what: Def) -> tuple[Def | Outside, ...]:
        lists: list[list[Def | Outside]] = []
        bases: list[Def | Outside] = []
        for base in self.bases(what):
            bases.append(base)
            lists.append(list(self.order(base)) if isinstance(base, Def) else [base])
        found: list[Def | Outside] = [what]
        lists.append(list(bases))
        while lists := [one for one in lists if one]:
            head = next((one[0] for one in lists if not any(one[0] in other[1:] for other in lists)), lists[0][0])
            found.append(head)
            lists = [[value for value in one if value != head] for one in lists]
        return tuple(found)

    def _in_circle(self, what: Def) -> tuple[Def | Outside, ...]:
        """All that is above a class, depth first, where one of it is above itself; else nothing.

        Then no order is right, and this one is the same whoever asks.
        """
        found: dict[Def | Outside, None] = {what: None}
        stack = [(what, iter(self.bases(what)))]
        around, circle = {what}, False
        while stack:
            owner, bases = stack[-1]
            base = next(bases, None)
            if base is None:
                stack.pop()
                around.discard(owner)
            elif base in around:
                circle = True
            elif base not in found:
                found[base] = None
                if isinstance(base, Def):
                    stack.append((base, iter(self.bases(base))))
                    around.add(base)
        return tuple(found) if circle else ()

    def bases(self, what: Def) -> list[Def | Outside]:
        placed = self.placed(what)
        if placed is None:
            return []
        found: list[Def | Outside] = []
        file, written = self.graph.files[what.path], list[str]()
        for part in (placed, *(p for p in file.by_name.get(placed.definition.name, ()) if p != placed)):
            if part.definition.kind in CLASSES:
                written += file.bases(part)
        for base in dict.fromkeys(written):
            values = self.written(what.path, base, placed.base + placed.definition.start)
            found += [
                value
                for value in sorted(values, key=repr)
                if isinstance(value, Outside) or isinstance(value, Def) and value != what and self.is_class(value)
            ]
        if placed.definition.kind == "type" and placed.definition.type:  # another name for a type has what it has
            values = self.written(what.path, placed.definition.type, placed.base + placed.definition.start)
            found += [v for v in sorted(values, key=repr) if isinstance(v, Def) and v != what and self.is_class(v)]
        return found

    def written(self, path: str, text: str, at: int) -> Values:
        """What a dotted name means that is written at a place."""
        for bracket in "[<(":
            text = text.split(bracket)[0]
        if (places := self.qualified(path, text)) is not None:
            return frozenset(places)
        first, *rest = [part for part in text.replace("::", ".").replace("\\", ".").split(".") if part] or [""]
        tree = self.tree_of(path)
        node = tree.root.descendant_for_byte_range(at, at) if tree is not None else None
        if node is None:
            return NOTHING
        found: Values = NOTHING
        rules = self.graph.settings(self.graph.files[path].language).get("imports", {})
        if rules.get("style") == "crate" and first in (rules["here"], rules["up"], rules["root"]):
            found = self._module_around(path, first, at, rules)
        for site in self._sites_at(path, first):
            found |= self.bound(site)
        if not found:
            for symbol in self.graph.outer(path, first, at):
                found |= self._symbol(symbol)
        if not found:
            for _, imported in self.graph.files[path].imports:
                if imported.alias == first and imported.name != "*":
                    found |= self.imported(path, imported)
        for part in rest:
            found = self._each(found, lambda v, part=part: self.member(v, part))
        return found

    def lookup(self, value: Value, name: str) -> list[Def]:
        """The definitions that a member of a value may have."""
        match value:
            case Instance(of=cls) | Super(of=cls):
                if isinstance(value, Instance) and self._apart(cls, "enum"):
                    return []  # what it lists belongs to itself, not to one of them
                return self._of_class(cls, name, above=isinstance(value, Super))
            case Def() if self.is_class(value):
                return [one for one in self._of_class(value, name) if self._static(one)]
            case Inside(of=of, taken=taken):
                return [of] if self._parts(of)[taken : taken + 1] == [name] else []
            case Bound(method=method):
                return self.lookup(method, name)
            case Module(path=path):
                return [
                    Def(symbol.path, symbol.name_span.start)
                    for symbol in self.graph.module_symbols(path, name)
                    if not symbol.is_file
                ]
            case Space(paths=paths):
                return [
                    Def(symbol.path, symbol.name_span.start)
                    for path in paths
                    for symbol in self.graph.top_symbols(path, name)
                ]
            case _:
                return []

    def _of_class(self, cls: Def, name: str, *, above: bool = False) -> list[Def]:
        """What a class, or only those above it, has under a name."""
        for one in self.order(cls)[int(above) :]:
            if isinstance(one, Def) and (found := self.graph.own_members(one.path, one.at, name)):
                return [Def(path, at) for path, at in found]
        return []

    def _parts(self, what: Def) -> list[str]:
        placed = self.placed(what)
        return placed.definition.name.split(".") if placed is not None else []

    def _apart(self, what: Def, kind: str) -> bool:
        """Whether it is of a kind, in a language that tells members of the class from those of its objects."""
        placed = self.placed(what)
        marked = "static" in shapes(self.graph.files[what.path].language).protocol
        return marked and placed is not None and placed.definition.kind == kind

    def _static(self, what: Def) -> bool:
        """Whether a member is one of the class itself; True where its language does not tell."""
        owner = self.class_of(what)
        if owner is None or not self._apart(owner, "class") or (node := self._definition_node(what)) is None:
            return True
        word = shapes(self.graph.files[what.path].language).protocol["static"]
        around = node.parent
        return (
            any(child.type == word for child in node.children)
            or around is None
            or around.parent is None
            or (body := around.parent.child_by_field_name("body")) is None
            or body.id != around.id
        )

    def member(self, value: Value, name: str) -> Values:
        """What `value.name` stands for."""
        if isinstance(value, Outside):
            return frozenset((Outside(f"{value.name}.{name}"),))
        if isinstance(value, (Def, Module)) and value.path in self.graph.files:
            rules = self.graph.settings(self.graph.files[value.path].language).get("imports", {})
            if rules.get("style") == "crate" and name == rules["up"]:
                return self._module_above(value, rules)
        found: Values = self.stored.get((value, name), NOTHING)
        if isinstance(value, Instance):
            for one in self.order(value.of):
                if isinstance(one, Def):
                    found |= self.stored.get((one, name), NOTHING) | self.stored.get((Instance(one), name), NOTHING)
        if isinstance(value, Items):
            return found | union(given for _, given in self.pairs(value, name))
        if isinstance(value, Folder):
            inner = self.graph.in_folder(value.path, name)
            return frozenset((Module(inner[0]) if inner[1] else Folder(inner[0]),)) if inner else NOTHING
        if isinstance(value, Module):
            symbols = self.graph.module_symbols(value.path, name)
            modules = frozenset(Module(symbol.path) for symbol in symbols if symbol.is_file)
            definitions = [s for s in symbols if not s.is_file]
            if not symbols:
                sites = self._sites_at(value.path, name)
                return found | union(self.bound(site) for site in sites)
            return found | modules | union(map(self._symbol, definitions))
        if isinstance(value, Inside):
            parts, further = self._parts(value.of), value.taken + 1
            if parts[value.taken : further] == [name]:
                return frozenset((Inside(value.of, further) if further < len(parts) else value.of,))
            return NOTHING
        for what in self.lookup(value, name):
            placed = self.placed(what)
            if placed is None:
                continue
            if placed.definition.kind == "function":
                functions = self.defined(what)
                receiver = value.receiver if isinstance(value, Super) else value
                if isinstance(receiver, Instance) and self._is_property(what):
                    found |= self.result(what)
                elif isinstance(receiver, (Instance, Def)):
                    found |= frozenset(Bound(f, receiver) if isinstance(f, Def) else f for f in functions)
                else:
                    found |= functions
            else:
                found |= self.defined(what)
        if not found and isinstance(value, (Instance, Super, Def)):
            cls = value.of if not isinstance(value, Def) else value
            if isinstance(value, Def) and not self.is_class(value):
                return NOTHING
            outside = next((one for one in self.order(cls) if isinstance(one, Outside)), None)
            if outside is not None:
                return frozenset((Outside(f"{outside.name}.{name}"),))
        return found

    # ---- calls ------------------------------------------------------------------------------

    def _called(self, path: str, node: Node, spec: Mapping[str, Any]) -> Values:
        callee = child_of(node, spec["function"])
        if callee is None:
            return NOTHING
        protocol = shapes(self.graph.files[path].language).protocol
        if "object" in spec and (holder := child_of(node, spec["object"])) is not None:
            held = self.value(path, holder)
            if viewed := self._viewed(held, text_of(callee), protocol):
                return viewed
            if text_of(callee) in protocol.get("makes", ()):
                return frozenset(Instance(v) for v in held if isinstance(v, Def) and self.is_class(v))
            methods = self._each(held, lambda v: self.member(v, text_of(callee)))
            return self._each(methods, lambda v: frozenset((v,)) if isinstance(v, Outside) else self.result(v))
        if text_of(callee) == protocol.get("super") and (owner := self.class_around(path, node.start_byte)):
            return frozenset((Super(owner, Instance(owner)),))
        found: set[Value] = set()
        what, member = shapes(self.graph.files[path].language).shape(callee.type)
        if "views" in protocol and what == "member":
            holder, name = child_of(callee, member["object"]), child_of(callee, member["name"])
            if holder is not None and name is not None and text_of(name) in protocol["views"]:
                found |= self._viewed(self.value(path, holder), text_of(name), protocol)
        for function in self.value(path, callee):
            if isinstance(function, Outside):
                name = function.name.removeprefix("<builtin>.")
                if function.name.startswith("<builtin>.") and name in protocol.get("alike", ()):
                    found |= self._first_given(path, node)
                if function.name.startswith("<builtin>.") and name in protocol.get("numbers", ()):
                    found.add(View(path, node.start_byte, node.end_byte, "numbered"))
                if function.name.startswith("<builtin>.") and name in protocol.get("apply", ()):
                    found.add(Results(path, node.start_byte, node.end_byte))
                elif not function.name.startswith("<builtin>."):
                    found.add(function)
            elif isinstance(function, Items) and shapes(self.graph.files[path].language).shape(node.type)[0] == "new":
                found.add(function)  # a list, or a struct without a name
            else:
                found |= self.result(function) | self._given_back(path, node, spec, function)
                if "types" in spec:
                    found |= self._filled(path, node, spec, function)
        return frozenset(found)

    def _given_back(self, path: str, call: Node, spec: Mapping[str, Any], function: Value) -> Values:
        """Those arguments of a call that the function returns as they are."""
        target = function.method if isinstance(function, Bound) else function
        arguments = child_of(call, spec["arguments"]) if "arguments" in spec else None
        if arguments is None or not isinstance(target, (Def, Lambda)) or self.is_class(target):
            return NOTHING
        inside = self._function_node(target)
        table = shapes(self.graph.files[path].language)
        given = [child for child in arguments.named_children if not child.is_extra]
        # a method's own object is its first parameter where the language writes it so
        skipped = int(isinstance(function, Bound) and "construct" in table.protocol)
        found: Values = NOTHING
        for one in self._returns(target.path, inside) if inside is not None else ():
            for site in self.sites(target.path, text_of(one), one) if one.named_child_count == 0 else ():
                about = self.parameter_of(site.path, site.node) if site.parameter else None
                index = about[1] - skipped if about is not None else -1
                if 0 <= index < len(given) and not any(
                    table.shape(child.type)[0] in ("spread", "keyword") for child in given[: index + 1]
                ):
                    found |= self.value(path, given[index])
        return found

    def _filled(self, path: str, call: Node, spec: Mapping[str, Any], function: Value) -> Values:
        """What a call gives of a function that is written to return one of its type parameters."""
        target = function.method if isinstance(function, Bound) else function
        inside = (
            self._function_node(target) if isinstance(target, (Def, Lambda)) and not self.is_class(target) else None
        )
        written = _written(inside) if inside is not None else None
        listed = inside.child_by_field_name("type_parameters") if inside is not None else None
        if inside is None or written is None or listed is None or not isinstance(target, (Def, Lambda)):
            return NOTHING
        wanted = text_of(written).lstrip(": ")
        names = [text_of(child_of(one, "name") or one) for one in listed.named_children]
        if wanted not in names:
            return NOTHING
        index = names.index(wanted)
        given = child_of(call, spec["types"])
        if given is not None and index < given.named_child_count:
            one = given.named_child(index)
            return self.typed(path, one) if one is not None else NOTHING
        parameters = inside.child_by_field_name("parameters")
        arguments = child_of(call, spec["arguments"])
        for number, one in enumerate(parameters_in(parameters) if parameters is not None else ()):
            type_ = one.child_by_field_name("type")
            if type_ is not None and text_of(type_).lstrip(": ") == wanted and arguments is not None:
                value = arguments.named_child(number) if number < arguments.named_child_count else None
                if value is not None and (found := self.value(path, value)):
                    return found
        default = listed.named_children[index].child_by_field_name("value")
        inner = default.named_child(0) if default is not None else None
        return self.typed(target.path, inner) if inner is not None else NOTHING

    def result(self, function: Value) -> Values:
        """What a call of a value gives."""
        match function:
            case Def() if self.is_class(function):
                return frozenset((Instance(function),))
            case Bound(method=method, receiver=receiver):
                protocol = shapes(self.graph.files[method.path].language).protocol
                inside = self._function_node(method) if protocol.get("own-type") else None
                written = _written(inside) if inside is not None else None
                if written is not None and text_of(written).lstrip(": ?") in protocol["own-type"]:
                    return frozenset((receiver if isinstance(receiver, Instance) else Instance(receiver),))
                return self.result(method)
            case Instance():
                protocol = shapes(self.graph.files[function.of.path].language).protocol
                called = protocol.get("called", "")
                return self._each(self.member(function, called), self.result) if called else NOTHING
            case Def() | Lambda():
                node = self._function_node(function)
                if node is None:
                    return NOTHING
                if self._given(function.path, node)[1]:
                    return frozenset((Yields(function),))
                later = shapes(self.graph.files[function.path].language).protocol.get("later")
                if later and any(child.type == later for child in node.children) and _written(node) is None:
                    return frozenset((Later(function),))
                return self._given_by(function)
            case _:
                return NOTHING

    def _given_by(self, function: Def | Lambda) -> Values:
        """What a function returns, or is written to return."""
        node = self._function_node(function)
        if node is None:
            return NOTHING
        found = union(self.value(function.path, inner) for inner in self._returns(function.path, node))
        if (written := _written(node)) is not None:
            typed = self.typed(function.path, written)
            declared = shapes(self.graph.files[function.path].language).protocol.get("declared")
            found = typed if typed and declared else found | typed
        return found


def _written(function: Node) -> Node | None:
    """The type that is written for what a function returns."""
    fields = (function.child_by_field_name(name) for name in ("return_type", "type", "result", "returns"))
    return next((one for one in fields if one is not None), None)


def bare_name(name: Node) -> str:
    """A name without its mark, where it is written with one (`$name`)."""
    inner = name.named_child(0) if name.named_child_count == 1 else None
    return text_of(inner) if inner is not None and inner.named_child_count == 0 else text_of(name)
