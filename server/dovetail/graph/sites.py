"""Where a name is bound in its own file, and which function, class or parameter stands at a place: one tree at a time.

What a binding gives its name is worked out on top of it: `held.py`, `flow.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dovetail.graph.facts import CLASSES, OPEN, Facts
from dovetail.graph.file import Placed
from dovetail.graph.scopes import Scope, Scopes, Site, owner_of, text_of
from dovetail.graph.values import Def, Lambda, Local, Value, child_of, holds, in_own_value, shapes
from dovetail.syntax import Node, Tree
from dovetail.text import Span

if TYPE_CHECKING:
    from dovetail.graph.graph import Graph

_NO_FACTS = Facts((), (), (), (), frozenset(), frozenset())
# What grammars call these, nearly all of them.
_BLOCKS = frozenset(("block", "statement_block", "compound_statement", "else_clause", "elif_clause", "except_clause"))
_LOOPS = ("for_statement", "while_statement", "for_in_statement", "do_statement", "loop_expression", "for_expression")
_FUNCTIONS = ("function", "method", "lambda", "arrow", "class_", "constructor")


@dataclass(eq=False)
class Sites:
    """Of the files of one version of the graph."""

    graph: Graph
    tree: Callable[[str], Tree | None]
    """The tree of a file; None where its text is not at hand."""

    def __post_init__(self) -> None:
        self._scopes: dict[tuple[str, int, bool], Scopes] = {}
        self._trees: dict[str, Tree | None] = {}
        self._returned: dict[tuple[str, int], tuple[list[Node], bool]] = {}

    # ---- names ------------------------------------------------------------------------------

    def sites(self, path: str, name: str, node: Node) -> list[Local]:
        """Where a name that is read at a node is bound in its own file; [] where it comes from elsewhere."""
        at = node.start_byte
        item = self._item(path, at)
        if item is None:
            return []
        _, facts, container, scopes = item
        here = scopes.around([at])[0]
        where = scopes.bound_in(name, here)
        if where is None and (of := owner_of(name, here)) is not None:
            said = [s for s in scopes.all if name in s.beyond and of.start <= s.start < of.end]
            inside = [of, *(s for s in said if owner_of(name, s) is of)]
            return [Local(path, site.node, site.parameter) for s in inside for site in s.names.get(name, ())]
        file = self.graph.files[path]
        settings = self.graph.settings(file.language)
        declared_first, table = settings.get("scope", {}).get("declared-first"), shapes(file.language)
        while where is not None:
            local = [Local(path, site.node, site.parameter) for site in where.names[name]]
            if not declared_first:
                return self._last(local, node) if here is where else local
            if before := [s for s in local if s.node.start_byte <= at and not in_own_value(s.node, at, table)]:
                return before[-1:]
            if name in where.defined:
                return local[:1]
            where = scopes.bound_in(name, where.lookup) if where.lookup is not None else None
        # What the heads of the classes around bind: type parameters.
        around = container
        while around >= 0:
            shell = file.shells[around]
            head = self._scopes_of(path, shell.start, shell.end, True)
            for scope in reversed(head.all[1:] if head is not None else []):
                if scope.start <= at < scope.end and name in scope.names:
                    return [Local(path, site.node, site.parameter) for site in scope.names[name]]
            around = shell.around
        # In the body of a class its own names are seen, in its methods they are not.
        if not _in_function(scopes, here) and (named := file.named_shell(container)) >= 0:
            found = [
                Local(path, site.node, False)
                for site in self._top_sites(path, name, lambda c: file.named_shell(c) == named)
            ]
            if found:
                return self._last(found, node)
        if self.graph.implicit(path, name, at):
            return []  # a member hides what the file has under its name
        found = [Local(path, site.node, False) for site in self._top_sites(path, name, lambda c: not file.in_class(c))]
        if name in facts.wide or any(name in item.facts.wide for item in file.spans):
            found += self._wide_sites(path, name) or ([] if found else self._assigned_sites(path, name, at))
        late = None if _in_function(scopes, here) else at
        if found and self.graph.starred(path, name, max(site.node.start_byte for site in found), late):
            return []
        return found if _in_function(scopes, here) else self._last(found, node)

    def _last(self, sites: list[Local], node: Node) -> list[Local]:
        """In straight-line code the last binding before a use counts, and what may come after it."""
        if len(sites) < 2:
            return sites
        here = [site.node for site in sites if not self.elsewhere(site)]
        gone = {n.start_byte for n in here} - {n.start_byte for n in reaching(here, node)}
        return [site for site in sites if site.node.start_byte not in gone]

    def elsewhere(self, site: Local) -> bool:
        """Whether a name gets a value there that is another scope's: `global`, `nonlocal`."""
        item = self._item(site.path, site.node.start_byte)
        return item is not None and site.node.start_byte in item[3].elsewhere

    def _top_sites(self, path: str, name: str, inside: Callable[[int], bool]) -> Iterator[Site]:
        """Where an item that `inside` accepts by its container binds a name in the scope around it."""
        file = self.graph.files[path]
        for item in file.binders.get(name, ()):
            if inside(item.container):
                scopes = self._scopes_of(path, item.start, item.end, item.shell)
                if scopes is not None:
                    yield from scopes.top.names.get(name, ())

    def _wide_sites(self, path: str, name: str) -> list[Local]:
        found: list[Local] = []
        file = self.graph.files[path]
        for item in file.spans:
            if (
                name in item.facts.wide
                and (scopes := self._scopes_of(path, item.start, item.end, item.shell)) is not None
            ):
                for scope in scopes.all:
                    if name in scope.wide:
                        found += [Local(path, site.node, False) for site in scope.names.get(name, ())]
        return found

    def _assigned_sites(self, path: str, name: str, at: int) -> list[Local]:
        """Where a name that nothing binds gets its value: in the same function, or outside of any."""
        found: list[Local] = []
        for item in self.graph.files[path].spans:
            if name not in item.facts.wide or not (scopes := self._scopes_of(path, item.start, item.end, item.shell)):
                continue
            sites = scopes.assigned.get(name, ())
            for site, scope in zip(sites, scopes.around([site.node.start_byte for site in sites]), strict=True):
                while scope.outer is not None and not scope.is_function:
                    scope = scope.outer
                if scope is scopes.top or scope.start <= at < scope.end:
                    found.append(Local(path, site.node, False))
        return found

    def _sites_at(self, path: str, name: str) -> list[Local]:
        file = self.graph.files[path]
        return [Local(path, site.node, False) for site in self._top_sites(path, name, lambda c: not file.in_class(c))]

    # ---- functions, classes, parameters -----------------------------------------------------

    def parameter_of(self, path: str, node: Node) -> tuple[Value, int, str, Node] | None:
        """(function, index, name, the parameter's own node) of a parameter."""
        child, parent = node, node.parent
        while parent is not None:
            listed = parent.parent.child_by_field_name("parameters") if parent.parent is not None else None
            single = parent.child_by_field_name("parameter")
            if listed is not None and listed.id == parent.id:
                index = next((i for i, c in enumerate(parameters_in(parent)) if c.id == child.id), -1)
                function = self.function_at(path, parent.parent) if parent.parent is not None else None
                return (function, index, text_of(node), child) if function is not None else None
            if single is not None and single.id == child.id:
                function = self.function_at(path, parent)
                return (function, 0, text_of(node), child) if function is not None else None
            child, parent = parent, parent.parent
        return None

    def function_at(self, path: str, node: Node | None) -> Def | Lambda | None:
        """The function that a node is, by name or without one."""
        file = self.graph.files[path]
        while node is not None:
            name = node.child_by_field_name("name") or node.child_by_field_name("declarator")
            while name is not None and (inner := name.child_by_field_name("name")) is not None:
                name = inner
            if name is not None and (placed := file.named_at.get(name.start_byte)) is not None:
                if placed.definition.kind == "function":
                    return Def(path, name.start_byte)
            if shapes(file.language).shape(node.type)[0] == "function":
                return Lambda(path, node.start_byte)
            declared = node.parent
            if declared is None or declared.start_byte != node.start_byte and declared.child_by_field_name("body"):
                return None
            node = declared
        return None

    def decorators(self, what: Def) -> list[Node]:
        """The expressions that decorate a definition, the outermost first."""
        file = self.graph.files[what.path]
        spec = next(iter(self._rows(file.language, "decorated")), None)
        node = self._definition_node(what)
        if spec is None or node is None or node.parent is None or node.parent.type != spec[0]:
            return []
        kind = spec[1]["decorator"]
        return [inner for c in node.parent.named_children if c.type == kind and (inner := child_of(c, 0)) is not None]

    @staticmethod
    @lru_cache(maxsize=256)
    def _rows(language: str, what: str) -> tuple[tuple[str, Any], ...]:
        return tuple((kind, spec) for kind, (group, spec) in shapes(language).of.items() if group == what)

    def is_class(self, what: Value) -> bool:
        placed = self.placed(what) if isinstance(what, Def) else None
        return placed is not None and placed.definition.kind in CLASSES

    def placed(self, what: Def) -> Placed | None:
        file = self.graph.files.get(what.path)
        return file.named_at.get(what.at) if file is not None else None

    def _is_property(self, what: Def) -> bool:
        protocol = shapes(self.graph.files[what.path].language).protocol
        if (word := protocol.get("getter")) and (node := self._definition_node(what)) is not None:
            return any(child.type == word for child in node.children)
        names = set(protocol.get("property", ()))
        return bool(names) and any(text_of(decorator) in names for decorator in self.decorators(what))

    def class_of(self, function: Def) -> Def | None:
        """The class that a function is a member of."""
        placed = self.placed(function)
        if placed is None:
            return None
        file = self.graph.files[function.path]
        if placed.definition.parent >= 0:
            around = placed.item.definitions[placed.definition.parent]
            return Def(function.path, placed.base + around.name_start) if around.kind in CLASSES else None
        named = file.named_shell(placed.container)
        if named < 0:
            return None
        shell = file.shells[named]
        return Def(function.path, shell.start + shell.facts.definitions[0].name_start)

    def class_around(self, path: str, at: int) -> Def | None:
        """The innermost class around a place."""
        for where, placed in self.graph.classes_around(path, at):
            if placed.definition.kind not in OPEN:
                return Def(where, placed.base + placed.definition.name_start)
        return None

    def _definition_node(self, what: Def) -> Node | None:
        placed = self.graph.files[what.path].named_at.get(what.at)
        if placed is None:
            return None
        tree = self.tree_of(what.path)
        node = tree.root.descendant_for_byte_range(what.at, what.at) if tree is not None else None
        start, end = placed.base + placed.definition.start, placed.base + placed.definition.end
        while node is not None and (node.start_byte > start or node.end_byte < end):
            node = node.parent
        return node

    def _function_node(self, function: Def | Lambda) -> Node | None:
        tree = self.tree_of(function.path)
        of = shapes(self.graph.files[function.path].language).of
        if isinstance(function, Def):
            whole, placed = self._definition_node(function), self.placed(function)
            if whole is None or placed is None or tree is None:
                return whole
            # `const f = () => …`: the function is what the name is given
            at = placed.base + placed.definition.body
            node = tree.root.descendant_for_byte_range(at, at)
            while node is not None and node.id != whole.id and of.get(node.type, ("",))[0] != "function":
                node = node.parent
            body = node.child_by_field_name("body") if node is not None else None
            return node if body is not None and body.start_byte == at else whole
        node = tree.root.descendant_for_byte_range(function.start, function.start + 1) if tree is not None else None
        while node is not None and of.get(node.type, ("",))[0] != "function":
            node = node.parent
        return node

    def _given(self, path: str, function: Node) -> tuple[list[Node], bool]:
        """(what a function returns, or what it yields; whether it yields)."""
        key = (path, function.id)
        if (known := self._returned.get(key)) is None:
            of = shapes(self.graph.files[path].language).of
            named = self.graph.files[path].named_at
            returns: list[Node] = []
            yields: list[Node] = []
            stack = [child for child in function.named_children if child.type != "parameters"]
            while stack:
                node = stack.pop()
                what = of.get(node.type, ("",))[0]
                if what == "return":
                    returns.append(node)
                elif what == "yield":
                    yields.append(node)
                name = node.child_by_field_name("name")
                if (
                    what == "function"
                    or name is not None
                    and (
                        (placed := named.get(name.start_byte)) is not None
                        and placed.definition.kind not in ("variable", "constant", "field")
                    )
                ):
                    continue
                stack += node.named_children
            known = self._returned[key] = (yields, True) if yields else (returns, False)
        return known

    def _returns(self, path: str, function: Node) -> list[Node]:
        """The expressions that a function returns; none where it yields."""
        nodes, generator = self._given(path, function)
        found = [] if generator else [inner for one in nodes if (inner := child_of(one, 0)) is not None]
        body = function.child_by_field_name("body")
        if body is not None and shapes(self.graph.files[path].language).shape(function.type)[0] == "function":
            found.append(body)
        return found

    # ---- items and trees --------------------------------------------------------------------

    def _item(self, path: str, at: int) -> tuple[int, Facts, int, Scopes] | None:
        """(start, facts, container, scopes) of the innermost item around a place."""
        file = self.graph.files.get(path)
        if file is None:
            return None
        first, last = file.leaves.starts.searchsorted(at, "right") - 1, file.leaves.ends.searchsorted(at, "right")
        if first >= 0 and first == last and at < int(file.leaves.ends[first]):
            base, end = int(file.leaves.starts[first]), int(file.leaves.ends[first])
            scopes = self._scopes_of(path, base, end, False)
            return (base, file.leaves.facts[first], file.containers[first], scopes) if scopes else None
        index = file.container_of(at)
        if index < 0:  # a statement that says nothing but to itself
            tree = self.tree_of(path)
            node = tree.root.descendant_for_byte_range(at, at) if tree is not None else None
            while node is not None and node.parent is not None and node.parent.parent is not None:
                node = node.parent
            if node is not None and node.parent is None:
                return None  # between two statements
            scopes = self._scopes_of(path, node.start_byte, node.end_byte, False) if node is not None else None
            return (node.start_byte, _NO_FACTS, -1, scopes) if node is not None and scopes is not None else None
        shell = file.shells[index]
        scopes = self._scopes_of(path, shell.start, shell.end, True)
        return (shell.start, shell.facts, shell.around, scopes) if scopes else None

    def _scopes_of(self, path: str, base: int, end: int, shell: bool) -> Scopes | None:
        """shell: only what stands before the body of a container."""
        key = (path, base, shell)
        if (known := self._scopes.get(key)) is None:
            tree = self.tree_of(path)
            if tree is None:
                return None
            node = tree.root.descendant_for_byte_range(base, end)
            if node is None:
                return None
            while (
                node.parent is not None
                and node.parent.parent is not None
                and (node.parent.start_byte == base and node.parent.end_byte == end)
            ):
                node = node.parent
            limit, within = node.end_byte, None
            if shell and (body := tree.language.body(node)) is not None:
                limit = body.start_byte
                within = Span(base, limit)
            known = self._scopes[key] = Scopes(tree, node, limit, within)
        return known

    def tree_of(self, path: str) -> Tree | None:
        """The tree of a file, the same one as long as this lives."""
        if path not in self._trees:
            self._trees[path] = self.tree(path)
        return self._trees[path]

    def node(self, path: str, start: int, end: int) -> Node | None:
        """The outermost node of a span."""
        tree = self.tree_of(path)
        found = tree.root.descendant_for_byte_range(start, end) if tree is not None else None
        while (
            found is not None
            and found.parent is not None
            and (found.parent.start_byte == start and found.parent.end_byte == end)
        ):
            found = found.parent
        return found


def parameters_in(listed: Node) -> list[Node]:
    return [child for child in listed.named_children if "separator" not in child.type and not child.is_extra]


def _in_function(scopes: Scopes, here: Scope) -> bool:
    scope: Scope | None = here
    while scope is not None and scope is not scopes.top:
        if not scope.is_class:
            return True
        scope = scope.outer
    return False


def reaching(bindings: list[Node], use: Node | None) -> list[Node]:
    """The bindings of one scope that may hold at a use; `None` for the end of the scope.

    The last one on the way there that stands in no block of its own ends those before it. In a loop all may hold.
    """
    if len(bindings) < 2:
        return bindings
    at = use.start_byte if use is not None else 1 << 62
    if use is not None and _in_loop(use):
        return bindings
    before = [node for node in bindings if node.start_byte < at]
    firm = [
        node.start_byte for node in before if (block := _block(node)) is None or use is not None and holds(block, use)
    ]
    last = max(firm, default=-1)
    return [node for node in before if node.start_byte >= last] or bindings


def _block(node: Node) -> Node | None:
    """The block inside of a function or file that a binding stands in, None for the outermost."""
    parent = node.parent
    while parent is not None and parent.parent is not None:
        if parent.type in _BLOCKS and not parent.parent.type.startswith(_FUNCTIONS):
            return parent
        if parent.type.startswith(_FUNCTIONS):
            return None
        parent = parent.parent
    return None


def _in_loop(node: Node) -> bool:
    parent = node.parent
    while parent is not None and not parent.type.startswith(_FUNCTIONS):
        if parent.type.startswith(_LOOPS):
            return True
        parent = parent.parent
    return False
