"""Where a name is defined: what stands behind go to definition, rename and hierarchies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dovetail.graph.facts import CLASSES, Import
from dovetail.graph.file import FileFacts, Placed
from dovetail.graph.flow import Flow, bare_name
from dovetail.graph.held import union
from dovetail.graph.scopes import text_of
from dovetail.graph.sites import parameters_in
from dovetail.graph.values import (
    NOTHING,
    Bound,
    Def,
    Defined,
    Folder,
    Instance,
    Items,
    Lambda,
    Module,
    Space,
    Values,
    child_of,
    shapes,
)
from dovetail.syntax import Node

_LINKS = 40
"""Comments in which the name of a link may be told."""


@dataclass(eq=False)
class Definitions(Flow):
    """Answers with places, where `Flow` answers with values."""

    # ---- where it is defined ----------------------------------------------------------------

    def definitions(self, path: str, offset: int) -> list[Defined]:
        """Where the name at a place is defined: local names and parameters too, imports followed to their end."""
        return self._written_out(self._defined_at(path, offset))

    def _defined_at(self, path: str, offset: int) -> list[Defined]:
        file = self.graph.files.get(path)
        node = self._name_at(path, offset)
        if node is None or file is None:
            return []
        of = shapes(file.language)
        own = file.named_at.get(node.start_byte)
        if own is not None and not (own.definition.kind == "field" and self._is_read(path, node)):
            taken = node.parent is not None and of.shape(node.parent.type)[0] == "member"
            if (own.definition.kind != "field" or not taken) and not self._adds(path, node):
                return [self._own(path, node)]
        imported = self._import_at(path, file, node.start_byte)
        while node.parent is not None and of.shape(node.parent.type)[0] == "name":
            node = node.parent
        parent, named = node.parent, node
        if imported is not None or (imported := self._import_at(path, file, node.start_byte)) is not None:
            places = self._imported_from(path, imported)
            if places or parent is None or of.shape(parent.type)[0] != "member":
                return places
        what, spec = of.shape(parent.type if parent is not None else "")
        if parent is not None and what == "same" and parent.parent is not None:
            if (around := of.shape(parent.parent.type))[0] == "keyword":
                (what, spec), named, parent = around, parent, parent.parent
        if parent is not None and what == "pick" and parent.parent is not None and "key" in spec:
            if of.shape(parent.parent.type)[0] == "new":  # a pattern that names what it takes apart
                what, spec = "keyword", {"name": spec["key"]}
        keyed = parent.parent if parent is not None and what == "constant" else parent
        if keyed is not None and of.keyed and of.shape(keyed.type)[0] == "item":
            spec = of.shape(keyed.type)[1]
            if (key := child_of(keyed, spec["key"])) is not None and key.id in (
                node.id,
                node.parent and node.parent.id,
            ):
                if of.shape(key.type)[0] == "constant" and text_of(key)[:1] in "'\"`":
                    return self._members_at(path, keyed, spec, text_of(key)[1:-1])
        if parent is not None and what in ("member", "keyword"):
            name = child_of(parent, spec["name"])
            if name is not None and name.id == named.id:
                rule = self._members_at if what == "member" else self._parameters_named
                return rule(path, parent, spec, bare_name(node)) or ([self._own(path, node)] if own is not None else [])
        if parent is not None and what == "call" and "object" in spec and child_of(parent, spec["object"]) is not None:
            name = child_of(parent, spec["function"])
            if name is not None and name.id == node.id:
                return self._members_at(path, parent, spec, text_of(node))
        if parent is not None and what == "attribute":
            return self._attribute(path, parent, spec, text_of(node))
        if parent is not None and what == "passed" and (source := self._passed_from(parent, spec)) is not None:
            name = child_of(parent, spec["name"])
            return self._passed(path, text_of(name) if name is not None else "", text_of(source).strip("\"'`"))
        if (places := self.qualified(path, text_of(node))) is not None:
            return self._far(frozenset(places))
        found: list[Defined] = []
        sites = self.sites(path, text_of(node), node)
        if len(sites) > 1:
            sites = [site for site in sites if not self.elsewhere(site)] or sites
        for site in sites:
            imported = self._import_at(path, file, site.node.start_byte)
            far = self._imported_from(path, imported) if imported is not None else []
            found += far or [self._own(path, site.node)]
        found = found or self._fitting(
            path,
            node,
            [
                Defined(symbol.path, symbol.name_span.start, symbol.name_span.end)
                for symbol in self.graph.outer(path, text_of(node), offset)
            ],
        )
        found = self._in_namespace(path, node, found)
        if not found:  # a package is called what the end of its path says
            for _, imported in file.imports:
                if imported.alias == text_of(node) and not imported.name:
                    found += self._imported_from(path, imported)
        if not found and parent is not None and what == "case":
            found = self._of_subject(path, parent, spec, text_of(node))
        if not found and own is not None:
            return [self._own(path, node)]
        return list(dict.fromkeys(found))

    def _attribute(self, path: str, attribute: Node, spec: Mapping[str, Any], name: str) -> list[Defined]:
        """What is given to a component by a name: a member of its first parameter."""
        component = child_of(attribute.parent, spec["of"]) if attribute.parent is not None else None
        found: list[Defined] = []
        for function in sorted(self.value(path, component), key=repr) if component is not None else ():
            whole = self._function_node(function) if isinstance(function, (Def, Lambda)) else None
            listed = whole.child_by_field_name("parameters") if whole is not None else None
            first = parameters_in(listed)[:1] if listed is not None else []
            if not first or not isinstance(function, (Def, Lambda)):
                continue
            for value in sorted(self._declared(function.path, first[0]), key=repr):
                found += self._far(frozenset(self.lookup(value, name)))
                if isinstance(value, Items):
                    found += [self._own(value.path, key) for key, _ in self.pairs(value, name)]
        return list(dict.fromkeys(found))

    @staticmethod
    def _passed_from(specifier: Node, spec: Mapping[str, Any]) -> Node | None:
        """The module that a name is passed on from; None where it is the file's own."""
        around = specifier.parent
        while around is not None and around.type != spec["of"]:
            around = around.parent
        return child_of(around, spec["from"]) if around is not None else None

    def _passed(self, path: str, name: str, module: str) -> list[Defined]:
        target = self.graph.module(path, module)
        symbols = self.graph.module_symbols(target, name) if target is not None else []
        return [
            self._beginning(symbol.path)
            if symbol.is_file
            else Defined(symbol.path, symbol.name_span.start, symbol.name_span.end)
            for symbol in symbols
        ]

    def _adds(self, path: str, node: Node) -> bool:
        """Whether a definition's own name is that of what it adds to: `impl T`."""
        adds = shapes(self.graph.files[path].language).protocol.get("adds", ())
        whole = self._definition_node(Def(path, node.start_byte)) if adds else None
        return whole is not None and whole.type in adds

    def _in_namespace(self, path: str, node: Node, found: list[Defined]) -> list[Defined]:
        """Those that a name can mean here, in languages where types and values have names of their own."""
        protocol = shapes(self.graph.files[path].language).protocol
        if "types" not in protocol or node.parent is None or node.parent.type in protocol.get("mixed", ()):
            return found
        kinds = [p.definition.kind if (p := self.placed(Def(one.path, one.start))) else "" for one in found]
        if node.type in protocol["types"]:
            kept = [kind in CLASSES and kind != "module" or not kind for kind in kinds]
        elif shapes(self.graph.files[path].language).shape(node.parent.type)[0] == "member":
            return found  # what stands before a dot may be either
        else:
            kept = [kind not in ("type", "interface") for kind in kinds]
            if any(kind in ("function", "variable", "constant") for kind in kinds):
                kept = [kind not in CLASSES for kind in kinds]
        told = [one for one, keep in zip(found, kept, strict=True) if keep]
        # a name in a pattern that no value has is bound there
        return [self._own(path, node)] if found and not told and node.parent.type in protocol.get("binds", ()) else told

    # ---- where else it leads ------------------------------------------------------------------

    def leads(self, path: str, offset: int) -> list[Defined]:
        """Where a place leads that names nothing by itself: a link in documentation, a keyword; or that only keeps
        what a base of its class has promised."""
        file, tree = self.graph.files.get(path), self.tree_of(path)
        if file is None or tree is None:
            return []
        node = tree.root.descendant_for_byte_range(offset, offset + 1)
        if node is None:
            return []
        settings = self.graph.settings(file.language)
        comments: tuple[str, ...] = tuple(settings.get("doc-comments", ()))
        comment = node if node.type in comments else node.parent
        if comment is not None and comment.type in comments:
            return self._linked(path, comment, offset, settings)
        keywords = shapes(file.language).leads
        for at in (offset, offset - 1) if keywords else ():
            keyword = tree.root.descendant_for_byte_range(at, at + 1)
            if keyword is not None and not keyword.is_named and keyword.type in keywords:
                return self._left(path, keyword)
        if settings.get("scope", {}).get("promised-above"):
            return self._promised(path, file, offset)
        return []

    def _linked(self, path: str, comment: Node, offset: int, settings: Mapping[str, Any]) -> list[Defined]:
        """What a link in a comment names; by the name of a link, what stands behind that."""
        text = comment.text or b""
        for link in re.finditer(settings.get("doc-link", "$^"), text.decode("utf-8", "replace")):
            start, end = (len(link.string[:at].encode()) + comment.start_byte for at in link.span())
            if start <= offset <= end:
                name, around = link.group(1), [text_of(comment)]
                for step in ("prev_sibling", "next_sibling"):
                    beside = getattr(comment, step)
                    while beside is not None and beside.type == comment.type and len(around) < _LINKS:
                        around.append(text_of(beside))
                        beside = getattr(beside, step)
                said = re.search(rf"\[`?{re.escape(name)}`?\]:\s*(\S+)", "\n".join(around))
                return self._far(self._named_from(path, said.group(1) if said else name, comment.start_byte, settings))
        return []

    def _named_from(self, path: str, name: str, at: int, settings: Mapping[str, Any]) -> Values:
        rules = settings.get("imports", {})
        separator = rules.get("separator", ".")
        parts = name.split(separator)
        while len(parts) > 1 and parts[0] in (rules.get("here"), rules.get("up"), rules.get("root")):
            parts = parts[1:]
        return self.written(path, separator.join(parts), at)

    def _left(self, path: str, keyword: Node) -> list[Defined]:
        """The beginning of what a keyword begins, or leaves: the loop, the function, the whole chain of conditions."""
        kinds = shapes(self.graph.files[path].language).leads[keyword.type]
        beside = keyword.next_named_sibling
        label = text_of(beside) if beside is not None and beside.type == "label" else ""
        node = keyword.parent
        while node is not None and not (
            node.type in kinds and (not label or any(text_of(c) == label for c in node.children if c.type == "label"))
        ):
            node = node.parent
        while (
            node is not None
            and node.parent is not None
            and node.parent.parent is not None
            and (node.parent.type, node.parent.parent.type) == ("else_clause", node.type)
        ):
            node = node.parent.parent
        return [Defined(path, node.start_byte, node.start_byte + 1)] if node is not None else []

    def _promised(self, path: str, file: FileFacts, offset: int) -> list[Defined]:
        """What a base has under the name that a member of a class defines here."""
        node = self._name_at(path, offset)
        placed = file.named_at.get(node.start_byte) if node is not None else None
        named = file.named_shell(placed.container) if placed is not None and placed.definition.parent < 0 else -1
        if (
            placed is None
            or named < 0
            or placed.definition.kind == "function"
            and (placed.definition.body >= placed.definition.end)
        ):  # what has no body keeps no promise
            return []
        shell = file.shells[named]
        owner = Placed(shell.start, shell.facts.definitions[0], shell.around, shell.facts)
        found: list[Defined] = []
        for base in file.bases(owner):
            for value in sorted(self.written(path, base, shell.start), key=repr):
                if isinstance(value, Def) and self.is_class(value):
                    found += self._far(frozenset(self.lookup(Instance(value), placed.definition.name)))
        return found

    def _of_subject(self, path: str, label: Node, spec: Mapping[str, Any], name: str) -> list[Defined]:
        """`case NAME`: a member of what is told apart."""
        switch: Node | None = label
        while switch is not None and switch.type != spec["of"]:
            switch = switch.parent
        subject = child_of(switch, spec["value"]) if switch is not None else None
        values = sorted(self.value(path, subject), key=repr) if subject is not None else []
        return [one for value in values for one in self._far(frozenset(self.lookup(value, name)))]

    def _written_out(self, found: list[Defined]) -> list[Defined]:
        """Functions that are only promised, as their bodies elsewhere, in languages that promise them first."""
        written: list[Defined] = []
        for one in found:
            placed = self.placed(Def(one.path, one.start))
            language = self.graph.files[one.path].language
            if (
                placed is None
                or placed.definition.kind != "function"
                or placed.definition.body < placed.definition.end
                or not self.graph.settings(language).get("scope", {}).get("promises")
            ):
                written.append(one)
                continue
            promise = self.graph.symbol(one.path, placed)
            bodies = [
                Defined(symbol.path, symbol.name_span.start, symbol.name_span.end)
                for symbol in self.graph.alike(promise)
                if symbol.body < symbol.span.end
            ]
            written += bodies or [one]
        return list(dict.fromkeys(written))

    def _is_read(self, path: str, node: Node) -> bool:
        """Whether a name that defines something is read as well: an embedded type is a field of its own name."""
        item = self._item(path, node.start_byte)
        return item is not None and any(read.start_byte == node.start_byte for read in item[3].reads)

    def imported_at(self, path: str, offset: int) -> list[Defined]:
        """The name at a place where an import binds it."""
        file, node = self.graph.files.get(path), self._name_at(path, offset)
        bound = file is not None and node is not None and self._import_at(path, file, node.start_byte) is not None
        return [self._own(path, node)] if bound and node is not None else []

    def _name_at(self, path: str, offset: int) -> Node | None:
        """The name under a place, or else the one that ends there."""
        tree, file = self.tree_of(path), self.graph.files.get(path)
        if tree is None or file is None:
            return None
        for at in (offset, offset - 1):
            node = tree.root.named_descendant_for_byte_range(at, at)
            if node is not None and node.start_byte <= at < node.end_byte:
                shape = shapes(file.language).shape(node.type)[0]
                if not node.child_count or shape == "name" or shape == "constant" and shapes(file.language).keyed:
                    return node
        return None

    def _imported_from(self, path: str, found: Import) -> list[Defined]:
        """Where the thing is defined that an import brings."""
        if not self.graph.import_folder(path, found):
            places = [
                self._beginning(symbol.path)
                if symbol.is_file
                else Defined(symbol.path, symbol.name_span.start, symbol.name_span.end)
                for symbol in self.graph.import_symbols(path, found)
            ]
            if places:
                return places
        return self._far(self.imported(path, found))

    def mentions(self, path: str, at: int) -> list[Defined]:
        """The places that name what is bound at `at` inside of a function or block, in the order of the text."""
        item = self._item(path, at)
        tree = self.tree_of(path)
        node = tree.root.descendant_for_byte_range(at, at) if tree is not None else None
        if item is None or node is None:
            return []
        scopes = item[3]
        scope, name = scopes.local_at.get(at), text_of(node)
        if scope is None:
            return []
        found = {site.node.start_byte: site.node for site in scope.names.get(name, ())}
        reads = [read for read in scopes.reads if text_of(read) == name]
        for read, here in zip(reads, scopes.around([read.start_byte for read in reads]), strict=True):
            if scopes.bound_in(name, here) is scope or scope is scopes.top and scopes.bound_in(name, here) is None:
                found[read.start_byte] = read
        return [self._own(path, found[start]) for start in sorted(found) if start != at]

    @staticmethod
    def _own(path: str, node: Node) -> Defined:
        return Defined(path, node.start_byte, node.end_byte)

    def _far(self, values: Values) -> list[Defined]:
        found: list[Defined] = []
        for value in sorted(values, key=repr):
            if isinstance(value, Def) and (placed := self.placed(value)) is not None:
                d = placed.definition
                found.append(Defined(value.path, placed.base + d.name_start, placed.base + d.name_end))
            elif isinstance(value, Module):
                found.append(self._beginning(value.path))
            elif isinstance(value, Space):
                found += [self._beginning(path) for path in value.paths]
        return found

    def _beginning(self, path: str) -> Defined:
        tree = self.tree_of(path)
        start = tree.root.start_byte if tree is not None else 0
        return Defined(path, start, start)

    def _members_at(self, path: str, member: Node, spec: Mapping[str, Any], name: str) -> list[Defined]:
        holder = child_of(member, spec["object"])
        if holder is None:  # from the top
            return self._far(self.value(path, member))
        found: list[Defined] = []
        for value in sorted(self.value(path, holder), key=repr):
            found += self._far(self._declared_first(self.lookup(value, name)))
            if isinstance(value, Items):
                found += [self._own(value.path, key) for key, _ in self.pairs(value, name)]
            if isinstance(value, Folder):
                found += self._far(self.member(value, name))
            if isinstance(value, Module) and not found:
                # what is exported under another name alone is not seen under its own
                if not any(export.local == name for export in self.graph.files[value.path].exports):
                    found += [self._own(value.path, site.node) for site in self._sites_at(value.path, name)]
                if not found and (inner := self.graph.module_symbols(value.path, name)):
                    found += [self._beginning(symbol.path) for symbol in inner]
            if not found and name.isdecimal() and isinstance(value, Instance):
                found += self._numbered(value.of, int(name))
        return self._as_used(member, list(dict.fromkeys(found)))

    def _numbered(self, owner: Def, number: int) -> list[Defined]:
        """A field without a name."""
        whole = self._definition_node(owner)
        kind = shapes(self.graph.files[owner.path].language).protocol.get("numbered")
        listed = child_of(whole, kind) if whole is not None and kind else None
        types = list(listed.children_by_field_name("type")) if listed is not None else []
        return [self._own(owner.path, types[number])] if number < len(types) else []

    def _as_used(self, member: Node, found: list[Defined]) -> list[Defined]:
        """Where a class has a method and a field of one name: what a call means, or what anything else does."""
        if len(found) < 2:
            return found
        path = found[0].path
        of = shapes(self.graph.files[path].language).of
        called = of.get(member.type, ("",))[0] == "call" or (
            member.parent is not None
            and of.get(member.parent.type, ("",))[0] == "call"
            and (function := child_of(member.parent, of[member.parent.type][1]["function"])) is not None
            and function.id == member.id
        )
        kept = [
            one
            for one in found
            if (placed := self.placed(Def(one.path, one.start))) is None
            or (placed.definition.kind == "function") == called
        ]
        return self._fitting(path, member, kept or found)

    def _fitting(self, path: str, callee: Node, found: list[Defined]) -> list[Defined]:
        """Of functions with one name those that take as many arguments as they are given; all where none does."""
        if len(found) < 2:
            return found
        of = shapes(self.graph.files[path].language).of
        call = next((n for n in (callee, callee.parent) if n is not None and of.get(n.type, ("",))[0] == "call"), None)
        arguments = child_of(call, of[call.type][1].get("arguments", "")) if call is not None else None
        if arguments is None:
            return found
        given = sum(not child.is_extra for child in arguments.named_children)
        fitting: list[Defined] = []
        for one in found:
            whole = self._definition_node(Def(one.path, one.start))
            listed = whole.child_by_field_name("parameters") if whole is not None else None
            if listed is not None and len(parameters_in(listed)) == given:
                fitting.append(one)
        return fitting or found

    def _declared_first(self, found: list[Def]) -> Values:
        """Of the places of a field those in the body of its class, if there are any, else all that assign it."""
        placed = [(what, self.placed(what)) for what in found]
        inside = [
            what
            for what, p in placed
            if p is not None and (p.definition.parent < 0 or p.item.definitions[p.definition.parent].kind in CLASSES)
        ]
        return frozenset(inside or found)

    def _fields(self, what: Def | Instance, name: str) -> list[Def]:
        """The fields of a class that are given by name where an object of it is written."""
        owner = what.of if isinstance(what, Instance) else what
        if not self.is_class(owner) or "construct" in shapes(self.graph.files[owner.path].language).protocol:
            return []
        return self.lookup(Instance(owner), name)

    def _parameters_named(self, path: str, keyword: Node, _: Mapping[str, Any], name: str) -> list[Defined]:
        of = shapes(self.graph.files[path].language).of
        call = keyword.parent
        while call is not None and of.get(call.type, ("",))[0] not in ("call", "new"):
            call = call.parent
        callee = child_of(call, of[call.type][1]["function"]) if call is not None else None
        found: list[Defined] = []
        values = self.value(path, callee) if callee is not None else NOTHING
        if call is not None and of[call.type][0] == "new":  # `[]T{{name: …}}` names what its elements have
            values |= union(self.elements(value) for value in values if isinstance(value, Items))
        for value in sorted(values, key=repr):
            function = value.method if isinstance(value, Bound) else value
            if isinstance(function, Items):
                found += [self._own(function.path, key) for key, _ in self.pairs(function, name)]
            if isinstance(function, (Def, Instance)):
                found += self._far(frozenset(self._fields(function, name)))
            if isinstance(function, Def) and self.is_class(function):
                construct = shapes(self.graph.files[function.path].language).protocol.get("construct", "")
                function = next(iter(self.lookup(Instance(function), construct)), function)
            if not isinstance(function, (Def, Lambda)):
                continue
            node = self._function_node(function)
            listed = node.child_by_field_name("parameters") if node is not None else None
            for parameter in parameters_in(listed) if listed is not None else ():
                inner = parameter if parameter.named_child_count == 0 else child_of(parameter, 0)
                if inner is not None and text_of(inner) == name:
                    found.append(self._own(function.path, inner))
        return found
