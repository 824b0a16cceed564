"""A name everywhere that it means the same: the mechanics of a rename, by scopes and graph, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dovetail.features.kin import (
    family,
    item_at,
    owner_of,
    relatives,
    same_symbol,
    use_at,
    with_derived,
)
from dovetail.features.quoted import naming, quoting, texts
from dovetail.graph import Found, Reference, Symbol
from dovetail.graph.calls import called, decorators, language_of
from dovetail.graph.documentation import read_documentation
from dovetail.graph.facts import Import
from dovetail.graph.file import UseAt
from dovetail.graph.modules import modules
from dovetail.graph.scopes import Scope, Scopes, text_of
from dovetail.graph.signature import signature
from dovetail.model.ask import Finding, Run, Silence, Stage, Steps
from dovetail.syntax import Language, Node, Tree
from dovetail.text import Change, Edit, Span
from dovetail.verify import clean_text, lints_no_worse, no_new_names, no_secrets, still_parses
from dovetail.verify.promise import Promise
from dovetail.world import File, Snapshot

RULES = "rename"
_MOST = 5000
"""Places above which a rename is not one, and guessed ones that are kept."""
_PARSED = 200
"""Files whose text is read to know what an object is; in the others its members are guessed."""
_LINTED = 10
"""Files that the linter is asked about."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name that can be changed."""

    text: str
    span: Span
    """Where it was pointed at."""
    what: str
    """`variable`, `parameter`, `function` …"""


@dataclass
class Renaming:
    """Every place to change."""

    named: Named
    new: str
    before: Snapshot
    """With every file open that the change touches."""
    sure: dict[str, set[Span]] = field(default_factory=dict[str, set[Span]])
    maybe: dict[str, set[Span]] = field(default_factory=dict[str, set[Span]])
    """Where it cannot be told whether it is meant: members of what nobody knows, texts that may be looked up."""
    notes: list[str] = field(default_factory=list[str])
    """What may depend on the name and cannot be looked at, in words."""
    after: Snapshot = field(default_factory=Snapshot)
    """What is sure, done."""

    def change(self, *, guesses: bool = False) -> Change:
        """The edits; with those that are only guessed where asked for."""
        places = {path: set(spans) for path, spans in self.sure.items()}
        for path, spans in self.maybe.items() if guesses else ():
            places.setdefault(path, set()).update(spans)
        new = self.new.encode()
        return Change({path: tuple(Edit(s, new) for s in sorted(spans)) for path, spans in sorted(places.items())})

    @property
    def places(self) -> int:
        return sum(map(len, self.sure.values()))

    @property
    def guesses(self) -> int:
        return sum(map(len, self.maybe.values()))


def named_at(snapshot: Snapshot, path: str, offset: int) -> Named | str:
    """The name at a place, if it is one of the project's; or why it cannot be renamed, in words for a person."""
    file = snapshot.file(path)
    if file is None or file.tree is None or file.language is None:
        return "renaming is not known for this kind of file"
    if file.language.table(RULES) is None:
        return f"what a new name has to change is not known in {file.language.spoken} so far"
    rules = _rules(file.language)
    node = _identifier(file.tree, offset, rules)
    if node is None:
        return "there is no name here"
    text, span = text_of(node), Span(node.start_byte, node.end_byte)
    if re.match(rules["fixed"], text):
        return f"{text} has a meaning of its own to the language"
    local = _local(snapshot, file, node)
    brought = _brought(snapshot, path, local, text)
    if local is not None and brought is None:
        return Named(text, span, "parameter" if any(site.parameter for site in local[1].names[text]) else "variable")
    if brought is None and _declared(file, node):
        return f"a function gives {text} another value through a declaration"
    if brought is None and _aliases(snapshot, path, text, span.start):
        return Named(text, span, "import")
    symbol = _symbol(snapshot, path, brought or span, text)
    if isinstance(symbol, str):
        return symbol
    if symbol.kind == "module":
        return f"{text} is a file; rename that instead"
    return Named(text, span, symbol.kind) if symbol.name == text else f"{text} is another name for {symbol.name}"


def renaming(snapshot: Snapshot, path: str, offset: int, new: str) -> Steps[Renaming | str]:
    """Every place that has to change for a new name, checked; or why it cannot be done.

    Asks nobody; it only lets others go first, since a name may stand in a thousand files.
    """
    named = named_at(snapshot, path, offset)
    if isinstance(named, str):
        return named
    file = snapshot.file(path)
    assert file is not None and file.tree is not None and file.language is not None
    rules = _rules(file.language)
    if new == named.text:
        return f"it is called {new} already"
    if re.fullmatch(rules["name"], new) is None or new in rules["keywords"]:
        return f"{new} is not a name in {file.language.name}"
    if re.match(rules["fixed"], new):
        return f"{new} has a meaning of its own to the language"
    found = Renaming(named, new, snapshot)
    node = file.tree.named_at(named.span)
    local = _local(snapshot, file, node)
    brought = _brought(snapshot, path, local, named.text)
    if local is not None and brought is None:
        reason = yield from _of_local(found, file, *local)
    elif named.what == "import":
        reason = _of_alias(found, file)
    else:
        reason = yield from _of_symbol(found, path, brought or named.span)
    return reason or (yield from _wrong(found)) or found


def astray(found: Renaming) -> Steps[tuple[str, str]]:
    """(what a linter says of names that lead nowhere now, or to another; why that is not known), "" each where none."""
    before, after, change = found.before, found.after, found.change()
    paths = [path for path, file in before.files.items() if path in change.edits and file.language is not None]
    for path in sorted(paths)[:_LINTED]:
        language = before.files[path].language
        assert language is not None
        told: list[list[Finding]] = []
        for snapshot in (before, after):
            text = snapshot.files[path].document.text()
            checker: str = language.settings.get("checker", "")
            lints: list[Finding] | Silence = yield Run(checker, path, text, select=tuple(_rules(language)["lints"]))
            if isinstance(lints, Silence):
                return "", lints.reason
            told.append(lints)
        named = rf"\b{re.escape(found.named.text)}\b"
        known = [replace(f, message=re.sub(named, found.new, f.message)) for f in told[0]]
        if worse := lints_no_worse([*told[0], *known], told[1]):
            return f"{_short(path)} line {worse[0].line + 1}: {worse[0].message}", ""
    return "", f"only {_LINTED} of {len(paths)} files were looked at" if len(paths) > _LINTED else ""


# ---- what is renamed ----------------------------------------------------------------------------


def _rules(language: Language) -> Mapping[str, Any]:
    rules = language.table(RULES)
    assert rules is not None
    return rules


def _identifier(tree: Tree, offset: int, rules: Mapping[str, Any]) -> Node | None:
    for at in (Span(offset, offset + 1), Span(max(offset - 1, 0), offset)):
        if at.end > tree.root.end_byte:
            continue
        node = tree.named_at(at)
        if node.named_child_count == 0 and re.fullmatch(rules["name"], text_of(node)):
            if "identifier" in node.type and text_of(node) not in rules["keywords"]:
                return node
    return None


def _local(snapshot: Snapshot, file: File, node: Node) -> tuple[Scopes, Scope] | None:
    """The scope inside a function that binds the name at a place; None where it comes from outside."""
    assert file.tree is not None and file.facts is not None
    item = item_at(file, node.start_byte)
    if item is None:
        return None
    scopes = Scopes(file.tree, item, item.end_byte, None)
    at = node.start_byte
    scope = scopes.local_at.get(at)
    if scope is None:
        place = next((n for n in scopes.reads if n.start_byte == at), None)
        scope = scopes.bound_in(text_of(node), scopes.around([at])[0]) if place is not None else None
    if scope is None or scope is scopes.top or scope.is_class or text_of(node) in scope.wide:
        return None
    return scopes, scope


def _brought(snapshot: Snapshot, path: str, local: tuple[Scopes, Scope] | None, name: str) -> Span | None:
    """Where a function imports a name as it is called elsewhere; None where the name is its own."""
    sites = {site.node.start_byte for site in local[1].names[name]} if local is not None else set[int]()
    for base, imported in snapshot.graph.files[path].imports if sites else ():
        if base + imported.at in sites and not _renames(imported):
            return Span(base + imported.start, base + imported.end)
    return None


def _renames(imported: Import) -> bool:
    """Whether an import gives what it brings a name of its own."""
    return imported.alias not in ("", imported.name or re.split(r"\W", imported.module)[0])


def _declared(file: File, node: Node) -> bool:
    """Whether a function around a name declares that it means one from outside."""
    item = item_at(file, node.start_byte)
    if item is None or file.tree is None:
        return False
    scopes = Scopes(file.tree, item, item.end_byte, None)
    scope: Scope | None = scopes.around([node.start_byte])[0]
    while scope is not None and scope.outer is not None:
        if text_of(node) in scope.wide:
            return True
        scope = scope.outer if text_of(node) not in scope.names else None
    return False


def _aliases(snapshot: Snapshot, path: str, name: str, at: int) -> list[int]:
    """Where a file imports something under a name of its own, if that is what a place means."""
    facts = snapshot.graph.files[path]
    imports = facts.imported.get(name, ())
    if not imports or name in facts.top or not all(_renames(one) for _, one in imports):
        return []
    places = [base + one.at for base, one in imports]
    return places if at in (*places, *_plain_uses(snapshot, path, name)) else []


def _symbol(snapshot: Snapshot, path: str, span: Span, name: str) -> Symbol | str:
    found = snapshot.graph.at(path, span.start)
    if not found and any(name == imported.alias for _, imported in snapshot.graph.files[path].imports):
        return f"{name} is imported from outside of this project, which gives it its name"
    if not found:
        return "it is not defined in this project"
    if found.how != "resolved":
        return "which one is meant cannot be told here; rename it where it is defined"
    return found.symbols[0]


# ---- a local name -------------------------------------------------------------------------------


def _of_local(found: Renaming, file: File, scopes: Scopes, scope: Scope) -> Steps[str]:
    """Its places in the function; of a parameter also where callers name it, and where it is documented."""
    old = found.named.text
    if any(site.parameter for site in scope.names[old]) and (function := _function_of(found, file, scope)) is not None:
        return (yield from _of_parameter(found, function))
    return _in_scope(found, file, scopes, scope)


def _in_scope(found: Renaming, file: File, scopes: Scopes, scope: Scope) -> str:
    """The places of a local name; why the new one cannot stand in them."""
    old, new = found.named.text, found.new
    reads = list(zip(scopes.reads, scopes.around([n.start_byte for n in scopes.reads]), strict=True))
    places = [site.node for site in scope.names[old]]
    places += [n for n, inner in reads if text_of(n) == old and scopes.bound_in(old, inner) is scope]
    for inner in scopes.all:
        if old in inner.wide and inner.outer is not None:
            return f"{old} is also bound through a declaration inside"
    looking = _rules(file.language)["looks-up"] if file.language is not None else ()
    for node, inner in reads:
        if text_of(node) in looking and scope.start <= node.start_byte < scope.end:
            if node.start_byte in scopes.calls and scopes.bound_in(text_of(node), inner) is None:
                return f"{text_of(node)}() there may look {old} up by what it is called"
    if new in scope.names:
        return f"{new} is bound in the same place already"
    for node, inner in reads:
        where = scopes.bound_in(new, inner) if text_of(node) == new else None
        if text_of(node) == new and scope.start <= node.start_byte < scope.end and where is not scope:
            if where is None or not (scope.start < where.start):
                return f"{new} means something else there"
        if node in places and (hidden := scopes.bound_in(new, inner)) is not None and hidden.start > scope.start:
            return f"{new} means something else in a function inside"
    kept = found.sure.setdefault(file.path, set())
    kept.update(Span(n.start_byte, n.end_byte) for n in places)
    for text in texts(file.tree, old) if file.tree is not None and b'"' in file.document.data else ():
        inside = text.how == "type" and not text.before and scope.start <= text.span.start < scope.end
        if inside and scopes.bound_in(old, scopes.around([text.span.start])[0]) is scope:
            kept.add(text.span)
    return ""


def _function_of(found: Renaming, file: File, scope: Scope) -> Symbol | None:
    return next(
        (s for s in found.before.graph.symbols(file.path) if (s.span.start, s.span.end) == (scope.start, scope.end)),
        None,
    )


def _of_parameter(found: Renaming, function: Symbol) -> Steps[str]:
    """A parameter of a function and of those that override it or that it overrides, where they call it the same."""
    graph, old = found.before.graph, found.named.text
    language = language_of(graph, function.path)
    kin = [function]
    if function.kind == "method" and language is not None and function.name != language.settings.get("maker"):
        kin, reason = relatives(found.before, function)
        if reason:
            _note(found, reason)
        kin += [] if function in kin else [function]
    takers: list[Symbol] = []
    others: list[Symbol] = []
    for each in kin:
        if reason := _opened(found, each.path):
            return reason
        file = found.before.files[each.path]
        item = item_at(file, each.name_span.start)
        if item is None or file.tree is None or each.kind == "field":
            continue
        scopes = Scopes(file.tree, item, item.end_byte, None)
        scope = next((s for s in scopes.all if s.outer and Span(s.start, s.end) == each.span), None)
        if scope is None or not any(site.parameter for site in scope.names.get(old, ())):
            others.append(each)
            continue
        if "overload" in decorators(graph, each):
            return f"{each.qualified} has several signatures"
        if reason := _in_scope(found, file, scopes, scope):
            return reason if each == function else f"{each.qualified}: {reason}"
        _documented(found, file, each, old)
        takers.append(each)
    return (yield from _named_arguments(found, takers, others))


def _named_arguments(found: Renaming, takers: Sequence[Symbol], others: Sequence[Symbol] = ()) -> Steps[str]:
    """Where callers give the argument by its name.

    takers: the functions that take it, or a class that is made of its fields. others: of their kin, those that do not.
    """
    old, new = found.named.text, found.new
    for function in (*takers, *others):
        for target in _targets(found, function):
            references = yield from _references(found, target, others=True)
            if isinstance(references, str):
                return references
            for path, callee, certain in [(r.path, r.span, r.how == "resolved") for r in references if r.call]:
                if reason := (yield from _reached(found, path)):
                    return reason
                at = use_at(found.before, path, callee)
                given, spread = _arguments(found.before, path, callee)
                meant = _meant(found, path, at, target, function)
                taken = any(same_symbol(meant, one) for one in takers)
                if not taken and not _takes_any(found, meant):
                    continue
                spans = [span for name, span in given if name == old]
                if taken and any(name == new for name, _ in given):
                    return f"a call in {_short(path)} gives {new} already"
                if taken and certain and spread and not spans:
                    _note(found, f"a call in {_short(path)} gives what a mapping holds, which may name {old}")
                if spans:
                    kept = found.sure if taken and certain else found.maybe
                    kept.setdefault(path, set()).update(spans)
            if reason := _made_again(found, target, function) or (yield from _handed_on(found, references)):
                return reason
    _settle(found)
    return ""


def _made_again(found: Renaming, target: Symbol, function: Symbol) -> str:
    """Where a class makes objects of itself, or of one derived from it, by no name."""
    old = found.named.text
    if target.kind != "class":
        return ""
    if reason := _opened(found, target.path):
        return reason
    tree = found.before.files[target.path].tree
    made = [m for m in tree.matches(RULES, tree.named_at(target.span)) if "remade" in m] if tree is not None else []
    own = _meant(found, target.path, None, target, function)
    every = with_derived(found.before, [target])
    below = [other for other in every if _meant(found, other.path, None, other, function) != own]
    for node in (node for match in made for node in match["remade.name"] if text_of(node) == old):
        around = next((p for _, p in found.before.graph.classes_around(target.path, node.start_byte)), None)
        mine = around is not None and same_symbol(found.before.graph.symbol(target.path, around), target)
        if mine and (own == function or below):
            kept = found.maybe if below or own != function else found.sure
            kept.setdefault(target.path, set()).add(Span(node.start_byte, node.end_byte))
    return ""


def _handed_on(found: Renaming, references: Iterable[Reference]) -> Steps[str]:
    """Where it is handed on together with an argument of the name, to be called later."""
    for reference in references:
        if reference.call or reference.other or reference.how != "resolved":
            continue
        if reason := (yield from _reached(found, reference.path)):
            return reason
        tree = found.before.files[reference.path].tree
        given = tree.named_at(reference.span).parent if tree is not None else None
        call = given.parent if given is not None else None
        for match in tree.matches("calls", call) if tree is not None and call is not None else ():
            if given is not None and "named" in match and match["given"][0].id == given.id:
                spans = {Span(n.start_byte, n.end_byte) for n in match["named"] if text_of(n) == found.named.text}
                if spans:
                    found.maybe.setdefault(reference.path, set()).update(spans)
    return ""


def _targets(found: Renaming, function: Symbol) -> list[Symbol]:
    """What is named where a function is called: itself; of a constructor or a class also those derived."""
    holder = function if function.kind == "class" else owner_of(found.before, function)
    language = language_of(found.before.graph, function.path)
    made = language is not None and function.name == language.settings.get("maker")
    if holder is None or not (made or holder is function):
        return [function]
    classes = with_derived(found.before, [holder])
    return [function, *classes] if made else classes


def _meant(found: Renaming, path: str, at: UseAt | None, target: Symbol, function: Symbol) -> Symbol:
    """What a call runs that names one of the targets of a function."""
    graph = found.before.graph
    reached = called(graph, path, at) if at is not None else None
    if reached is not None:
        return reached.symbol if reached.symbol.kind != "class" else function
    language = language_of(graph, target.path)
    maker = language.settings.get("maker") if language is not None else None
    own = graph.member(target, maker) if target.kind == "class" and maker else None
    return own or function


def _takes_any(found: Renaming, function: Symbol) -> bool:
    """Whether a function takes arguments by names that it does not say."""
    language = language_of(found.before.graph, function.path)
    taken = signature(language, function.signature) if language is not None and function.kind != "class" else None
    return taken is not None and any(one.passed == "rest by name" for one in taken.parameters)


def _note(found: Renaming, said: str) -> None:
    if said not in found.notes:
        found.notes.append(said)


def _settle(found: Renaming) -> None:
    """What is sure is no guess."""
    found.sure = {place: spans for place, spans in found.sure.items() if spans}
    guesses = {place: spans - found.sure.get(place, set()) for place, spans in found.maybe.items()}
    found.maybe = {place: spans for place, spans in guesses.items() if spans}


def _arguments(snapshot: Snapshot, path: str, callee: Span) -> tuple[list[tuple[str, Span]], bool]:
    """(name, where) of the arguments that a call gives by name; whether it also gives those of a mapping."""
    file = snapshot.file(path)
    node: Node | None = file.tree.named_at(callee) if file is not None and file.tree is not None else None
    for _ in range(3):
        node = node.parent if node is not None else None
        if node is None or file is None or file.tree is None:
            break
        matches = file.tree.matches("calls", node)
        own = next((m for m in matches if "arguments" in m and m["callee"][0].start_byte == callee.start), None)
        if own is not None:
            given = own["arguments"][0].id
            its = [m for m in matches if "given" in m and m["given"][0].id == given]
            named = [(text_of(n), Span(n.start_byte, n.end_byte)) for m in its for n in m.get("named", ())]
            return named, any("spread.named" in m for m in its)
    return [], False


def _documented(found: Renaming, file: File, function: Symbol, old: str) -> None:
    """The entry of a parameter in its function's documentation."""
    assert file.tree is not None and file.language is not None
    rules = file.language.table("docstrings")
    if not function.doc or rules is None or old not in read_documentation(function.doc, rules).parameters:
        return
    said = read_documentation(function.doc, rules).parameters[old]
    line = function.doc.split("\n")[said.first].strip()
    body = Span(function.body, function.span.end)
    for match in file.tree.matches("tags", within=body):
        if "documents" not in match or match["documents"][0].start_byte != function.body:
            continue
        for node in match["doc"]:
            start = (node.text or b"").find(line.encode())
            inside = re.search(rf"\b{re.escape(old)}\b", line)
            if start >= 0 and inside is not None:
                at = node.start_byte + start + len(line[: inside.start()].encode())
                found.sure[file.path].add(Span(at, at + len(old.encode())))


# ---- a name that a file gives to what it imports ------------------------------------------------


def _of_alias(found: Renaming, file: File) -> str:
    """Its places in the file, where no other file has it from there."""
    graph, old, new = found.before.graph, found.named.text, found.new
    facts, language = graph.files[file.path], file.language
    if new in facts.bound or language is None or new in language.builtins:
        return f"{new} is defined in {_short(file.path)} already" if new in facts.bound else f"{new} is built in"
    if any(old in item.wide for _, item, _ in facts):
        return f"a function gives {old} another value through a declaration"
    for path in graph.mentioners.get(old, ()):
        if path != file.path and _has_from(found, path, file.path):
            return f"{_short(path)} has {old} from here; rename it where nobody else does"
    places = {
        *_aliases(found.before, file.path, old, found.named.span.start),
        *_plain_uses(found.before, file.path, old),
    }
    found.sure[file.path] = {Span(start, start + len(old.encode())) for start in places}
    for text in texts(file.tree, old) if file.tree is not None else ():
        if text.how in ("type", "export") and not text.before and _bound_at(file, text.span.start, old) is None:
            found.sure[file.path].add(text.span)
    return ""


def _plain_uses(snapshot: Snapshot, path: str, name: str) -> list[int]:
    """Where a file reads what its top calls so."""
    at = snapshot.graph.files[path].uses_by_name.get(name, ())
    return [a.base + a.use.start for a in at if not a.use.nested and not a.use.role.startswith("member")]


def _has_from(found: Renaming, path: str, source: str) -> bool:
    """Whether a file takes a name out of another one."""
    graph, old = found.before.graph, found.named.text
    facts = graph.files[path]
    takes = any(i.name in (old, "*") and source in modules(graph, path, i.module) for _, i in facts.imports)
    reaches = (
        one.path == source and one.kind == "module"
        for at in facts.uses_by_name.get(old, ())
        if at.use.role.startswith("member") and at.use.receiver.isidentifier()
        for one in graph.plain(path, at.use.receiver).symbols
    )
    return takes or any(reaches)


# ---- a name of the graph ------------------------------------------------------------------------


def _of_symbol(found: Renaming, path: str, span: Span) -> Steps[str]:
    graph, old, new = found.before.graph, found.named.text, found.new
    symbol = graph.at(path, span.start).symbols[0]
    member = symbol.kind in ("method", "field")
    relatives: list[Symbol] | str = family(found.before, symbol) if member else _alike(found, symbol)
    if isinstance(relatives, str):
        return relatives
    for one in relatives:
        if reason := _opened(found, one.path):
            return reason
        found.sure.setdefault(one.path, set()).add(one.name_span)
    for one in _distinct(relatives):
        if reason := _taken(found, one, new):
            return reason
        # a class inside of another is reached as a member is
        held = not member and owner_of(found.before, one) is not None
        references = yield from _references(found, replace(one, kind="field") if held else one)
        if isinstance(references, str):
            return references
        for reference in references:
            if reason := (yield from _reached(found, reference.path)):
                return reason
            kept = found.sure if reference.how == "resolved" else found.maybe
            kept.setdefault(reference.path, set()).add(reference.span)
    if found.places > _MOST:
        return f"{old} is named in more than {_MOST} places"
    for paths in (found.sure, found.maybe):
        for place, spans in list(paths.items()):
            own = {s for s in spans if _text(found.before, place, s) == old}
            paths[place] = own - (found.sure.get(place, set()) if paths is found.maybe else set())
    for owner in _owners(found, relatives):
        if reason := _in_class(found, owner):
            return reason
    if not member:
        for place in list(found.sure):
            if reason := _in_functions(found, place):
                return reason
            plain = _plain_places(found.before, place, old)
            if new in graph.files[place].bound and any(span.start in plain for span in found.sure[place]):
                return f"{new} is defined in {_short(place)} already"
    if reason := (yield from _in_texts(found, relatives, member=member)):
        return reason
    if symbol.kind == "field":
        if reason := (yield from _by_field(found, relatives)):
            return reason
        for owner in {(one.path, one.container): one for one in relatives}.values():
            holder = next(
                (s for s in graph.symbols(owner.path) if s.kind == "class" and s.span.holds(owner.span)), None
            )
            if holder is not None and (reason := (yield from _named_arguments(found, [holder]))):
                return reason
    _settle(found)
    return ""


def _in_functions(found: Renaming, path: str) -> str:
    """A name in the functions that import it."""
    old = found.named.text
    for base, imported in found.before.graph.files[path].imports:
        here = Span(base + imported.start, base + imported.end) in found.sure[path]
        if here and imported.name == old and not _renames(imported):
            file = found.before.files[path]
            item = item_at(file, base + imported.at)
            scopes = Scopes(file.tree, item, item.end_byte, None) if item is not None and file.tree else None
            scope = scopes.local_at.get(base + imported.at) if scopes is not None else None
            if scopes is not None and scope is not None and scope is not scopes.top and not scope.is_class:
                if reason := _in_scope(found, file, scopes, scope):
                    return f"{_short(path)}: {reason}"
    return ""


def _in_class(found: Renaming, owner: Symbol) -> str:
    """Where the body of a class names a member of its own: in a decorator, a default, a value."""
    graph, old = found.before.graph, found.named.text
    mine = graph.files[owner.path].member(placed, old) if (placed := graph.placed(owner)) is not None else None
    for at in graph.uses_in(owner.path, owner.span) if mine is not None else ():
        around = next((p for _, p in graph.classes_around(owner.path, at.base + at.use.start)), None)
        if at.use.name != old or at.use.role.startswith("member") or around is None:
            continue
        within = at.item.definitions[at.use.owner] if at.use.owner >= 0 else None
        heads = within is None or within.kind == "class" or within.parent < 0 and at.use.start < within.body
        if heads and same_symbol(graph.symbol(owner.path, around), owner):
            if reason := _opened(found, owner.path):
                return reason
            start = at.base + at.use.start
            found.sure.setdefault(owner.path, set()).add(Span(start, start + len(old.encode())))
    return ""


def _plain_places(snapshot: Snapshot, path: str, name: str) -> set[int]:
    """Where a name stands alone in a file: used without a dot, imported."""
    facts = snapshot.graph.files[path]
    uses = {a.base + a.use.start for a in facts.uses_by_name.get(name, ()) if not a.use.role.startswith("member")}
    return uses | {base + found.start for base, found in facts.imports if found.alias == name}


def _alike(found: Renaming, symbol: Symbol) -> list[Symbol] | str:
    """Every definition of a name at the top of a file, or of one in the same function."""
    graph = found.before.graph
    facts = graph.files[symbol.path]
    if any(symbol.name in item.wide for _, item, _ in facts):
        return f"a function gives {symbol.name} another value through a declaration"
    alike = [graph.symbol(symbol.path, placed) for placed in facts.by_name.get(symbol.name, ())]
    return [one for one in alike if one.container == symbol.container and one.kind not in ("method", "field")]


def _distinct(family: Iterable[Symbol]) -> Iterator[Symbol]:
    """One symbol for each definition that references can lead to: the last of each place of a name."""
    last: dict[tuple[str, str], list[Symbol]] = {}
    for one in family:
        last.setdefault((one.path, one.container), []).append(one)
    for ones in last.values():
        yield from ones


def _taken(found: Renaming, symbol: Symbol, new: str) -> str:
    """Why a new name is not free where the old one is defined."""
    graph = found.before.graph
    facts = graph.files[symbol.path]
    if symbol.kind in ("method", "field"):
        owner = owner_of(found.before, symbol)
        if owner is not None and graph.member(owner, new) is not None:
            return f"{owner.name} has a {new} already"
        for below in _owners(found, [symbol]):
            if graph.member(below, new) is not None:
                return (
                    f"{below.name} is derived from {owner.name if owner else symbol.container} and has a {new} already"
                )
        return ""
    if symbol.container:
        return f"{new} is defined there already" if new in {d.definition.name for d in facts.placed} else ""
    if new in facts.bound:
        return f"{new} is defined in {_short(symbol.path)} already"
    language = language_of(graph, symbol.path)
    if language is not None and new in language.builtins:
        return f"{new} is built in, and would be hidden"
    return ""


# ---- a name inside of a text, and of a field outside of its class --------------------------------


def _in_texts(found: Renaming, kin: Sequence[Symbol], *, member: bool) -> Steps[str]:
    """Where texts name it: annotations in quotes and lists of names surely, what may be looked up as a guess."""
    graph, old = found.before.graph, found.named.text
    language = language_of(graph, kin[0].path) if kin else None
    if language is None:
        return ""
    owners = _owners(found, kin) if member else []
    holders = {one.container for one in (*kin, *owners)} | {one.name for one in owners}
    holders |= set() if member else {one.path.rsplit("/", 1)[-1].rsplit(".", 1)[0] for one in kin}
    for file in naming(found.before, language, old, quoting(old)):
        if file is None or file.tree is None:
            yield Stage("LOCATE")
            continue
        kept: list[Span] = []
        maybe: list[Span] = []
        for text in texts(file.tree, old):
            last = text.before.rstrip(".").rpartition(".")[2]
            match text.how:
                case "type" | "export":
                    bound = _bound_at(file, text.span.start, f"{text.before}{old}".split(".")[0])
                    if bound is None:
                        meant = _written(found, file, f"{text.before}{old}")
                        if any(same_symbol(one, each) for one in meant.symbols for each in kin):
                            kept.append(text.span)
                        elif not meant and not text.before and not member:
                            maybe.append(text.span)
                    elif not text.before and bound & found.sure.get(file.path, set()):
                        kept.append(text.span)
                case "slot":
                    around = next((p for _, p in graph.classes_around(file.path, text.span.start)), None)
                    if around is not None and any(same_symbol(graph.symbol(file.path, around), o) for o in owners):
                        kept.append(text.span)
                case _ if text.before:
                    maybe += [text.span] if last in holders else []
                case "looked":
                    maybe.append(text.span)
                case _:
                    maybe += [text.span] if text.how == "given" and file.path in found.sure else []
        for places, spans in ((found.sure, kept), (found.maybe, maybe)):
            if spans:
                if reason := _opened(found, file.path):
                    return reason
                places.setdefault(file.path, set()).update(spans)
    return ""


def _written(found: Renaming, file: File, name: str) -> Found:
    """What a name means at the top of a file, with what stands before it and dots between."""
    graph = found.before.graph
    first, *rest = name.split(".")
    meant = graph.plain(file.path, first)
    for part in rest:
        inner = graph.member(meant.symbols[0], part) if meant else None
        meant = Found((inner,) if inner is not None else (), meant.how, meant.rule)
    return meant


def _bound_at(file: File, offset: int, name: str) -> set[Span] | None:
    """Where a function around a place binds a name; None where none does."""
    item = item_at(file, offset)
    if item is None or file.tree is None:
        return None
    scopes = Scopes(file.tree, item, item.end_byte, None)
    scope = scopes.bound_in(name, scopes.around([offset])[0])
    return {Span(site.node.start_byte, site.node.end_byte) for site in scope.names[name]} if scope else None


def _owners(found: Renaming, kin: Sequence[Symbol]) -> list[Symbol]:
    """The classes that have a member, with those derived from them."""
    owners: list[Symbol] = []
    for one in kin:
        owner = owner_of(found.before, one)
        owners += [owner] if owner is not None and owner not in owners else []
    return with_derived(found.before, owners)


def _by_field(found: Renaming, kin: Sequence[Symbol]) -> Steps[str]:
    """Where an object's field is named apart from it: in the pattern of its class; where another is made from it."""
    old = found.named.text
    language = language_of(found.before.graph, kin[0].path) if kin else None
    if language is None:
        return ""
    owners = _owners(found, kin)
    elsewhere = re.compile(_rules(language)["given-elsewhere"].encode())
    named = re.compile(rb"\b" + re.escape(old.encode()) + rb"\s*=[^=]")
    for file in naming(found.before, language, old, named):
        if file is None or file.tree is None or elsewhere.search(file.document.data) is None:
            yield Stage("LOCATE")
            continue
        places: list[tuple[Node, bool]] = []
        for match in file.tree.matches(RULES):
            places += [(node, False) for node in match.get("copied", ())]
            for node in match.get("pattern.field", ()):
                meant = _written(found, file, text_of(match["pattern"][0]))
                sure = any(same_symbol(one, owner) for one in meant.symbols for owner in owners)
                if sure or not meant:
                    places.append((node, sure))
        for node, sure in places:
            if text_of(node) == old:
                if reason := _opened(found, file.path):
                    return reason
                kept = found.sure if sure else found.maybe
                kept.setdefault(file.path, set()).add(Span(node.start_byte, node.end_byte))
    return ""


# ---- what must hold -----------------------------------------------------------------------------


def _wrong(found: Renaming) -> Steps[str]:
    """Why the files would not mean the same afterwards; "" where they do."""
    before, change = found.before, found.change()
    after = before
    for done, (path, edits) in enumerate(change.edits.items()):
        after = after.after(Change({path: edits}))
        yield Stage("VERIFY", done, 2 * len(change.edits))
    found.after = after
    promises: tuple[Promise, ...] = (still_parses, clean_text, no_secrets, no_new_names)
    for done, path in enumerate(change.edits, len(change.edits)):
        yield Stage("VERIFY", done, 2 * len(change.edits))
        for promise in promises:
            findings: list[Finding] = promise(before, after, change, path)
            if findings:
                return f"{_short(path)}: {findings[0].message}"
        if reason := _moved(found, after, path):
            return reason
    return ""


def _moved(found: Renaming, after: Snapshot, path: str) -> str:
    """Whether a name that means something else takes the place of one that is renamed, or the other way round."""
    old, new, before = found.named.text, found.new, found.before
    spans = sorted(found.sure[path])
    delta = len(new.encode()) - len(old.encode())
    now = {span.start + delta * number for number, span in enumerate(spans)}
    one, two = before.graph.files[path], after.graph.files[path]
    was = {a.base + a.use.start for a in one.uses_by_name.get(old, ())} & {s.start for s in spans}
    shifted = {start + delta * sum(1 for s in spans if s.start < start) for start in was}
    uses = {a.base + a.use.start for a in two.uses_by_name.get(new, ())}
    already = {
        a.base + a.use.start + delta * sum(1 for s in spans if s.start < a.base + a.use.start)
        for a in one.uses_by_name.get(new, ())
    }
    if not shifted <= uses:
        return f"{_short(path)}: {new} means something else in a place that names {old}"
    if (uses - already) - now:
        return f"{_short(path)}: what is called {new} there would mean another"
    return ""


def _opened(found: Renaming, path: str) -> str:
    """Make sure that a file's text is at hand."""
    if found.before.file(path) is not None:
        return ""
    opened = found.before.opened(path)
    if opened is None:
        return f"the text of {_short(path)} is not kept in memory; open it and rename again"
    found.before = opened
    return ""


def _references(found: Renaming, symbol: Symbol, *, others: bool = False) -> Steps[list[Reference] | str]:
    """The places that name a symbol, those of objects that nobody knows last; or why they are too many.

    others: also those that call it by another name, as far as they are certain.
    """
    sure: list[Reference] = []
    guesses: list[Reference] = []
    for some in found.before.graph.references_by_file(symbol, parsed=_PARSED, others=others):
        sure += [one for one in some if one.how == "resolved"]
        guesses += [one for one in some if one.how != "resolved" and not one.other]
        if len(sure) > _MOST:
            return f"{symbol.name} is named in more than {_MOST} places"
        if len(guesses) > _MOST:
            _note(found, f"more than {_MOST} other places may mean {symbol.name}; only the first of them are known")
            del guesses[_MOST:]
        yield Stage("LOCATE")
    return [*sure, *guesses]


def _reached(found: Renaming, path: str) -> Steps[str]:
    """As `_opened`, one of many."""
    if found.before.file(path) is None:
        yield Stage("LOCATE")
    return _opened(found, path)


def _text(snapshot: Snapshot, path: str, span: Span) -> str:
    file = snapshot.file(path)
    return file.document.text(span) if file is not None and span.end <= len(file.document) else ""


def _short(path: str) -> str:
    return path.rsplit("/", 1)[-1]
