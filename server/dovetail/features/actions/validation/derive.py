"""From what is known of a function to what can be checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from dovetail.features.actions.validation.callers import NONE, Callers, Given, at_hand, callers
from dovetail.features.actions.validation.documents import Promise, promises
from dovetail.features.actions.validation.reading import QUERY, Function, Parameter, Use
from dovetail.features.actions.validation.types import Allowed, allowed, literal_type, split
from dovetail.graph.documentation import Documented, read_documentation
from dovetail.model.ask import through
from dovetail.syntax import Tree
from dovetail.world import File, Snapshot

_ENOUGH = 2
"""Calls from which it counts that all give the same."""
_EMPTINESS = ("non-empty", "non-empty-length")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to refuse."""

    name: str
    """The parameter."""
    kinds: tuple[str, ...]
    """Rows of `[kinds]` that are plausible, the server's own choice first."""
    confidence: str
    """`certain` stands whatever a model says; `likely` stands unless it objects; `possible` if it agrees."""
    why: str
    """What led here, in words for a person."""
    types: tuple[str, ...] = ()
    said: str = ""
    a: str = ""
    b: str = ""
    choices: tuple[str, ...] = ()
    missing: bool = False
    """The missing value is allowed, so it is asked for first."""
    error: str = ""
    """The error that the documentation names, "" where none."""
    demanded: bool = False
    """The body fails without a value, whatever the declaration says of missing ones."""
    errors: tuple[str, ...] = ()
    """One of these is what tests expect."""
    tested: bool = False
    """Tests alone speak for it."""


def derive(snapshot: Snapshot, function: Function, known: Callers, told: list[str] | None = None) -> list[Check]:
    """Checks in the order of the parameters, types before values; what calls give today is not refused.

    told: grows by what calls had to say, in words for a person.
    """
    deriver = _deriver(snapshot, function)
    if deriver is None:
        return []
    deriver.callers = known
    checks = list(deriver.checks())
    if told is not None and known.calls:
        many = f"{known.calls} call{'s' * (known.calls > 1)} of it {'were' if known.calls > 1 else 'was'} read"
        told += [f"{many}, the nearest of more" if known.more else many, *dict.fromkeys(deriver.told)]
    return checks


def derives(snapshot: Snapshot, function: Function) -> bool:
    """Whether there is a check that needs nobody's word, whatever calls give; what is cheap to know is asked first."""
    deriver = _deriver(snapshot, function)
    if deriver is None:
        return False
    ways = (deriver.checks(values=False), deriver.checks())
    if any(check.confidence != "possible" for way in ways for check in way):
        return True
    if not deriver.private or not at_hand(snapshot, function):
        return False
    deriver.callers = through(callers(snapshot, function))
    return any(check.confidence != "possible" for check in deriver.checks(values=False))


def _deriver(snapshot: Snapshot, function: Function) -> _Deriver | None:
    file = snapshot.file(function.symbol.path)
    if file is None or file.language is None:
        return None
    rules = file.language.table(QUERY)
    assert rules is not None
    return _Deriver(snapshot, file, rules, function)


_asked: tuple[Tree, dict[int, bool]] | None = None


class _Deriver:
    def __init__(self, snapshot: Snapshot, file: File, rules: Mapping[str, Any], function: Function) -> None:
        self.snapshot, self.file, self.rules, self.function = snapshot, file, rules, function
        self.facts = snapshot.graph.files[function.symbol.path]
        assert file.language is not None
        self.builtins = file.language.builtins
        self.docs = file.language.table("docstrings")
        self.words: Mapping[str, Any] = rules["type-words"]
        self.callers: Callers = NONE
        self.told: list[str] = []
        """What calls had to say."""

    @cached_property
    def documented(self) -> Documented | None:
        return read_documentation(self.function.symbol.doc, self.docs) if self.docs else None

    def checks(self, *, values: bool = True) -> Iterator[Check]:
        for parameter in self.function.parameters:
            default = self._default(parameter)
            if default is not None and literal_type(default, self.rules) is None:
                continue  # a sentinel or something computed: it may be anything
            known, from_docs = self._allowed(parameter)
            unknown = bool(parameter.type) and known is None
            for check in self._of(parameter, known, from_docs, unknown, values):
                check = self._fitting(check, known, default, parameter)
                check = self._going_on(check) if check is not None else None
                if check is not None:
                    yield from self._expected(check)

    def _of(
        self, parameter: Parameter, known: Allowed | None, from_docs: bool, unknown: bool, with_values: bool
    ) -> Iterator[Check]:
        name, function = parameter.name, self.function
        if name in function.flexible:
            return
        untold = name in function.missing and not (known is not None and known.missing) and not parameter.optional
        if name not in function.checked_type and not untold:
            if known is not None:
                yield from self._type(name, known, from_docs)
            elif not unknown:
                yield from list(self._used_as(name)) or self._agreed(name)
        if name in function.checked_value or not with_values:
            return
        values = [*self._promised(name, known, unknown, from_docs), *self._needed(parameter, known, from_docs)]
        values += self._tested(name, known)
        truth = (self.words["truth"], False)
        if known is not None and len([c for c in known.choices if literal_type(c, self.rules) != truth]) > 1:
            values.append(
                Check(name, ("choice",), known.confidence, f"the annotation of {name}", choices=known.choices)
            )
        values.sort(key=lambda check: check.kinds[0] != "present")
        present = bool(values) and values[0].kinds[0] == "present" and values[0].demanded
        taken: set[str] = set()
        for check in values:
            if present and (plain := self.rules["kinds"].get(check.kinds[0], {}).get("present")):
                check = replace(check, kinds=(plain,))  # it is there, so that is not asked again
            family = "empty" if check.kinds[0] in _EMPTINESS else check.kinds[0]
            family = "range" if family not in ("empty", "choice", "present", "type", "callable", "index") else family
            if family not in taken:
                taken.add(family)
                yield check

    # ---- types ------------------------------------------------------------------------------

    def _allowed(self, parameter: Parameter) -> tuple[Allowed | None, bool]:
        """What the annotation allows, else what the documentation calls the type."""
        if parameter.type:
            return allowed(parameter.type, self.rules, self._origin), False
        said = self.documented.parameters.get(parameter.name) if self.documented else None
        if said is None or not said.type or self.docs is None:
            return None, False
        words = re.sub(self.docs["optional"], "", said.type.strip("` ")).strip()
        words = re.sub(r"\s+or\s+|\s*/\s*", self.rules["type-words"]["union"], words)
        words = re.sub(r"^(list|tuple|set|dict|sequence)s? of .*$", r"\1", words)
        names = {**{b: b for b in self.rules["types"]}, **self.rules["type-words"]["said"]}
        written = "|".join(names.get(word.strip(), word) for word in words.split("|"))
        return allowed(written, self.rules, self._origin), True

    def _type(self, name: str, known: Allowed, from_docs: bool) -> Iterator[Check]:
        why = f"the documentation of {name}" if from_docs else f"the annotation of {name}"
        confidence = "possible" if from_docs else known.confidence
        if known.callable:
            yield Check(name, ("callable",), confidence, why)
        elif known.checks:
            number = "number" in known.traits and "bool" not in known.checks
            kind = "number" if number else "type"
            yield Check(name, (kind,), confidence, why, types=known.checks, said=known.said)

    def _used_as(self, name: str) -> Iterator[Check]:
        """The type that methods tell which only one type has."""
        rule = self.rules.get("methods", {"names": ()})
        used = [u.detail for u in self.function.uses if u.name == name and u.kind == "method"]
        if any(method in rule["names"] for method in used):
            row = self.rules["types"][rule["type"]]
            method = next(m for m in used if m in rule["names"])
            yield Check(
                name, ("type",), "possible", f".{method}() in the body", types=tuple(row["check"]), said=row["said"]
            )

    def _origin(self, name: str) -> str | None:
        """The full name of a name of this file; None where it is not there at run time."""
        first, _, rest = name.partition(".")
        if first in self.function.bound:
            return None
        if first not in self.facts.bound:
            return name if first in self.builtins else None
        for base, found in reversed(self.facts.imported.get(first, ())):
            if not self._at_run_time(base + found.start):
                continue
            if found.name == "*":
                continue
            if found.name and not rest:
                return f"{found.module}.{found.name}"
            if found.name:
                return f"{found.module}.{found.name}.{rest}"
            if found.alias != found.module.split(".")[0]:  # import a.b as c
                return f"{found.module}.{rest}" if rest else None
            if name.startswith(found.module + "."):
                return name
        return None

    def _at_run_time(self, offset: int) -> bool:
        """Imported at the top of the file, whatever happens."""
        global _asked  # the functions of a file ask for the same imports
        assert self.file.tree is not None
        if _asked is None or _asked[0] is not self.file.tree:
            _asked = self.file.tree, {}
        if (known := _asked[1].get(offset)) is None:
            node = self.file.tree.root.descendant_for_byte_range(offset, offset)
            while node is not None and node.type not in self.rules["conditional"]:
                node = node.parent
            known = _asked[1][offset] = node is None
        return known

    # ---- values -----------------------------------------------------------------------------

    def _promised(self, name: str, known: Allowed | None, unknown: bool, from_docs: bool) -> Iterator[Check]:
        """What the documentation promises."""
        if self.documented is None or self.docs is None or self._deals_with(name):
            return
        found = promises(name, self.documented, self.docs)
        bounds = {p.kind: p for p in found}
        errors = {p.kind: p.error for p in found if p.error}
        if "at-least" in bounds and "at-most" in bounds:
            low, high = bounds["at-least"], bounds["at-most"]
            joined = Promise("between", low.a, high.a, (), low.error or high.error, "certain", low.words)
            found = [joined, *(p for p in found if p.kind not in ("at-least", "at-most"))]
        for promise in found:
            kind = promise.kind
            if kind in _EMPTINESS:
                sized = known is not None and "sized" in known.traits
                if unknown or (known is not None and not sized) or (known is None and not self._countable(name)):
                    continue
                # what is only documented as a list may be an array, which has no truth value
                kind = "non-empty" if sized and not from_docs else "non-empty-length"
            elif kind == "choice":
                if known is not None and "text" not in known.traits:
                    continue
                if len(promise.choices) < 2:
                    continue
            elif kind != "present" and (unknown or (known is not None and "number" not in known.traits)):
                continue
            if kind == "present" and (known is None or known.checks):
                if known is not None and name not in self.function.checked_type:
                    continue  # its type is asked, which says the same
            if kind.startswith("between") and float(promise.a) >= float(promise.b):
                continue
            error = (promise.error or errors.get(promise.kind, "")).rsplit(".", 1)[-1]
            yield Check(
                name, (kind,), promise.confidence, f"the documentation: “{promise.words}”",
                a=promise.a, b=promise.b, choices=promise.choices, error=error,
            )  # fmt: skip

    def _countable(self, name: str) -> bool:
        """Whether the documented type, where there is one, has a length."""
        said = self.documented.parameters.get(name) if self.documented else None
        return said is None or not said.type or bool(self.docs and re.search(self.docs["sized"], said.type))

    def _needed(self, parameter: Parameter, known: Allowed | None, from_docs: bool) -> Iterator[Check]:
        """What the body needs whenever it runs."""
        name = parameter.name
        if name in self.function.handled:
            return
        count = re.match(self.rules["count-names"], name) is not None
        for use in self.function.uses:
            if use.name != name:
                continue
            rule, what = self._rule(use)
            if rule is None or not self._applies(rule, parameter, known, use):
                continue
            kinds = tuple(rule["count-kinds"] if count and "count-kinds" in rule else rule["kinds"])
            if from_docs:
                kinds = tuple("non-empty-length" if kind == "non-empty" else kind for kind in kinds)
            if kinds:
                a = use.detail if use.kind == "index" else ""
                yield Check(name, kinds, rule["confidence"], f"{what} in the body", a=a, demanded=True)

    def _applies(self, rule: Mapping[str, Any], parameter: Parameter, known: Allowed | None, use: Use) -> bool:
        """Whether a rule is about what a parameter may hold, and about what it is used with."""
        other = rule.get("other", "")
        if other and not self._is(use.detail, other):
            return False
        of = rule["of"].split()
        if known is not None and known.traits.intersection(of):
            return True
        return "unknown" in of and self._untold(parameter)

    def _untold(self, parameter: Parameter) -> bool:
        """Whether nothing that the language checks says that there is a value."""
        if parameter.default is not None:
            return False
        union: str = self.words["union"]
        members = split(parameter.type, union) if parameter.type and union else [parameter.type] * bool(parameter.type)
        if any(re.fullmatch(pattern, parameter.type) for pattern in self.words.get("optional", ())):
            return True
        return not members or parameter.optional or any(one in self.words.get("nullable", ()) for one in members)

    def _is(self, written: str, trait: str) -> bool:
        """Whether a literal or another parameter has a trait."""
        found = literal_type(written, self.rules)
        if found is not None:
            return trait in self.rules["types"].get(found[0], {}).get("is", ())
        other = next((one for one in self.function.parameters if one.name == written), None)
        known = allowed(other.type, self.rules, self._origin) if other is not None else None
        return known is not None and trait in known.traits

    def _rule(self, use: Use) -> tuple[Mapping[str, Any] | None, str]:
        if use.kind == "argument":
            first, _, rest = use.detail.partition(".")
            full = self._origin(use.detail) if rest or first in self.facts.bound else use.detail
            if first in self.function.bound or full is None:
                return None, ""
            return self.rules["calls"].get(full), f"{use.detail}({use.name})"
        row = self.rules["uses"].get(use.kind)
        said = row.get("says", use.kind) if row is not None else ""
        return row, said.replace("{p}", use.name).replace("{detail}", use.detail)

    def _deals_with(self, name: str) -> bool:
        """True where a condition of the body lets the very values pass that would be refused."""
        pattern = self.rules["dealt"].replace("{p}", re.escape(name))
        return any(name in condition and re.search(pattern, condition) for condition in self.function.conditions)

    # ---- defaults ---------------------------------------------------------------------------

    def _default(self, parameter: Parameter) -> str | None:
        """The default as a literal, looked up where it is a constant of this file."""
        written = parameter.default
        if written is None or not written.isidentifier() or literal_type(written, self.rules) is not None:
            return written
        places = self.facts.top.get(written, ())
        if len(places) != 1 or places[0].definition.kind not in ("variable", "constant"):
            return written
        _, _, value = places[0].definition.signature.partition("=")
        return value.split("  #")[0].strip(" ;") or written

    def _fitting(self, check: Check, known: Allowed | None, default: str | None, parameter: Parameter) -> Check | None:
        """The check with the missing value let through, or None where it would refuse the default."""
        nothing = self.rules["type-words"]["missing"]
        missing = (known is not None and known.missing) or default in nothing or check.name in self.function.missing
        missing = missing or parameter.optional or (self.documented_optional(check.name) and not parameter.type)
        if default is not None and default not in nothing:
            kinds = tuple(kind for kind in check.kinds if self._holds(kind, check, default))
            if kinds != check.kinds and check.kinds[0] == "number" and self._holds("type", check, default):
                kinds = ("type",)
            if not kinds:
                return None
            check = replace(check, kinds=kinds)
        if missing and check.kinds[0] == "present":
            if not check.demanded:
                return None
            missing = False
        if check.kinds[0] in ("choice",) and any(c in nothing for c in check.choices):
            missing = False
        return replace(check, missing=missing)

    def documented_optional(self, name: str) -> bool:
        said = self.documented.parameters.get(name) if self.documented else None
        return said is not None and said.optional

    def _holds(self, kind: str, check: Check, default: str) -> bool:
        """Whether a literal passes a check."""
        found = literal_type(default, self.rules)
        return found is not None and self._passes(kind, check, default, *found)

    def _passes(self, kind: str, check: Check, literal: str, name: str, empty: bool) -> bool:
        """Whether a value of a type passes a check; one that nobody knows more of may."""
        match kind:
            case "type":
                within, fits = self.words.get("within", {}).get(name), self.words.get("fits", {}).get(name, ())
                asked = {one.rsplit(".", 1)[-1] for one in check.types}
                return name in check.types or within in check.types or not asked.isdisjoint(fits)
            case "number":
                return name in check.types
            case "callable":
                return name == "callable" or self.rules["types"].get(name, {}).get("kind") == "callable"
            case "choice":
                if not literal:
                    return name in {found[0] for one in check.choices if (found := literal_type(one, self.rules))}
                return _bare(literal) in {_bare(choice) for choice in check.choices}
            case "present":
                return True
            case "non-empty" | "non-empty-length" | "non-blank":
                traits: Sequence[str] = self.rules["types"].get(name, {}).get("is", ())
                return not empty and not {"sized", "sequence", "text"}.isdisjoint(traits)
            case _:
                if not literal or name not in self.words["numbers"]:
                    return name in self.words["numbers"]
                value = _number(literal)
                if kind == "index":  # a place, of which nobody knows how many there are
                    return value is None or value >= 0
                return value is None or in_range(kind, value, check.a, check.b)

    # ---- calls ------------------------------------------------------------------------------

    def _going_on(self, check: Check) -> Check | None:
        """The check with what calls give let through, or None where nothing of it is left."""
        nothing: Sequence[str] = self.words["missing"]
        for one in self.callers.of(check.name):
            if one.errors is not None or not one.type:
                continue
            if one.value in nothing:
                if check.missing or any(choice in nothing for choice in check.choices):
                    continue
                if check.kinds[0] == "present":
                    self.told.append(f"{one.says}: so that is not refused")
                    return None
                self.told.append(f"{one.says}: so that is let through")
                check = replace(check, missing=True)
                continue
            kinds = tuple(kind for kind in check.kinds if self._passes(kind, check, one.value, one.type, one.empty))
            if kinds == check.kinds:
                continue
            if check.kinds[0] == "number" and self._passes("type", check, one.value, one.type, one.empty):
                kinds = ("type",)
            self.told.append(f"{one.says}: so that is not refused")
            if not kinds:
                return None
            check = replace(check, kinds=kinds)
        return check

    def _expected(self, check: Check) -> Iterator[Check]:
        """The check as tests expect it that call the function with what it refuses; nothing where that cannot be."""
        first: Given | None = None
        by_type = check.kinds[0] in ("type", "number", "callable")
        usual: Sequence[str] = self.rules["templates"]["usual-type-errors"]
        for one in self.callers.of(check.name):
            if one.errors is None or not one.type or not self._refuses(check, one):
                continue
            if one.worded:
                self.told.append(f"{one.says}, and a test expects words of its own: so that is left as it is")
                return
            first = first or one
            if not one.errors or not set(self.rules["callers"].get("any-error", ())).isdisjoint(one.errors):
                continue
            named = [e for e in one.errors if self._named(e) and (not check.errors or e in check.errors)]
            other = by_type and set(named).isdisjoint(usual)
            if other and named and one.value in self.words["missing"] and "present" in self.rules["kinds"]:
                why = f"{one.says}, and a test expects {named[0]}"
                yield Check(check.name, ("present",), "likely", why, errors=tuple(named), tested=True)
            elif other or not named:
                errors = " or ".join(one.errors)
                self.told.append(f"{one.says}, and a test expects {errors}: so that is left as it is")
                return
            else:
                check = replace(check, errors=tuple(named))
        if first is not None:
            surer = "likely" if check.tested or check.confidence == "possible" else "certain"
            check = replace(check, confidence=surer, why=f"{check.why}; {first.says}, and a test expects an error")
        yield check

    def _tested(self, name: str, known: Allowed | None) -> Iterator[Check]:
        """What a test expects an error of, where it is plain which argument is wrong and nothing deals with it yet."""
        if name in self.function.handled:
            return
        for one in self.callers.of(name):
            if one.errors is None or one.worded or not self._odd(one):
                continue
            beside = [other for other in self.callers.given if (other.call, other.where) == (one.call, one.where)]
            if sum(map(self._odd, beside)) > 1:
                continue
            kind, confidence = "", "likely"
            if one.value in self.words["missing"]:
                kind = "present" if known is None or not (known.checks or known.callable) else ""
            elif one.empty:
                kind = "non-empty" if known is not None and "sized" in known.traits else ""
            elif known is not None and "number" in known.traits:
                kind, confidence = ("non-zero", "likely") if _number(one.value) == 0 else ("non-negative", "possible")
            if kind in self.rules["kinds"]:
                yield Check(name, (kind,), confidence, "what tests expect", tested=True)

    def _odd(self, one: Given) -> bool:
        """Whether it is one of those values that are often refused."""
        if one.value in self.words["missing"] or one.empty:
            return True
        number = _number(one.value) if one.type in self.words["numbers"] else None
        return number is not None and number <= 0

    def _refuses(self, check: Check, one: Given) -> bool:
        if one.value in self.words["missing"]:
            return not check.missing
        return not self._passes(check.kinds[0], check, one.value, one.type, one.empty)

    def _named(self, error: str) -> bool:
        """Whether an error can be named in the file."""
        templates = self.rules["templates"]
        usual = {
            e.lstrip("\\") for kind in ("type", "value", "missing") for e in templates.get(f"usual-{kind}-errors", ())
        }
        if templates.get("declared", False):
            return error in usual or error in self.function.symbol.signature
        return error in self.builtins or error in self.facts.bound or error in usual

    @property
    def private(self) -> bool:
        """Its name says that nobody outside calls it."""
        return re.match(self.rules["callers"].get("private", "(?!)"), self.function.symbol.name) is not None

    def _agreed(self, name: str) -> Iterator[Check]:
        """The type of what every call gives, where all of them are known."""
        given = [one for one in self.callers.of(name) if one.errors is None]
        if not self.callers.all or len(given) < _ENOUGH:
            return
        nothing: Sequence[str] = self.words["missing"]
        wider: Mapping[str, str] = self.rules["callers"].get("wider", {})
        kinds = {wider.get(one.type, one.type) for one in given if one.value not in nothing}
        row = self.rules["types"].get(next(iter(kinds))) if len(kinds) == 1 else None
        if row is None:
            return
        said: str = row.get("said", "a function")
        many = f"all {len(given)} calls of it, each of which passes {said}"
        missing = any(one.value in nothing for one in given)
        sure = self.private and len(given) > _ENOUGH and row.get("confidence") != "possible"
        confidence = "likely" if sure else "possible"
        why = f"{many}{' or nothing' * missing}"
        if row.get("kind") == "callable":
            yield Check(name, ("callable",), confidence, why, missing=missing)
        elif row.get("check"):
            kind = "number" if "number" in row.get("is", ()) else "type"
            yield Check(name, (kind,), confidence, why, types=tuple(row["check"]), said=said, missing=missing)


def _number(literal: str) -> float | None:
    """The value of a literal, whatever its ending says of its size."""
    found = re.match(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", literal.replace("_", ""))
    return float(found.group()) if found else None


def in_range(kind: str, value: float, a: str, b: str) -> bool:
    """Whether a number passes a check of a range."""
    low, high = float(a or 0), float(b or 0)
    return {
        "positive": value > 0,
        "non-negative": value >= 0,
        "non-zero": value != 0,
        "at-least": value >= low,
        "more-than": value > low,
        "at-most": value <= low,
        "less-than": value < low,
        "between": low <= value <= high,
        "between-open": low < value < high,
        "between-open-low": low < value <= high,
        "between-open-high": low <= value < high,
    }[kind]


def _bare(literal: str) -> str:
    return literal.strip("\"'")
