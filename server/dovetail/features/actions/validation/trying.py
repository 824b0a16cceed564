"""Guards tried in the sandbox: what was allowed goes on as before, and what they are for is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dovetail.features.actions.documentation.target import Target, target
from dovetail.features.actions.pipeline import Candidate, Judge
from dovetail.features.actions.testing.inputs import Input, inputs
from dovetail.features.actions.testing.literals import kind_of
from dovetail.features.actions.testing.place import place
from dovetail.features.actions.testing.probe import Probe, reaches_out, rules_of, unfit
from dovetail.features.actions.validation.derive import Check
from dovetail.features.actions.validation.reading import QUERY
from dovetail.model.ask import Finding, Silence, Steps, Tested
from dovetail.syntax import Language
from dovetail.world import Snapshot

NAME = "keeps what is allowed, refuses what it is for"
_BAD = 3
"""Arguments that are tried for one check."""


def fit(snapshot: Snapshot, path: str, offset: int, *, glance: bool = False) -> Target | None:
    """The function at a place, if it can be called by itself."""
    found = target(snapshot, path, offset, glance=glance)
    if isinstance(found, str) or unfit(snapshot, found):
        return None
    return found if glance or not reaches_out(found, snapshot) else None


def trying(
    snapshot: Snapshot, found: Target, kept: Sequence[Check], notes: list[str], unknown: list[str]
) -> Judge | str:
    """A judge of guards, or why they cannot be tried. unknown: grows where nothing could be run after all."""
    rules, guards = rules_of(found.language), found.language.table(QUERY)
    assert rules is not None and guards is not None
    written: Mapping[str, str] = guards["templates"]
    folder = ""
    if "import" in rules:  # it is called as a test would call it
        at = place(snapshot, found.symbol, found.language, rules)
        if isinstance(at, str):
            return at
        folder = at.path.rsplit("/", 1)[0]
    probe = Probe(snapshot, found, folder, rules)
    allowed = inputs(snapshot, found, rules)
    if not allowed:
        return "nothing written about it says what it could be called with"
    bad = [(check, one) for check in kept for one in list(_refused(found, check, allowed[0], rules))[:_BAD]]

    def judge(candidate: Candidate, after: Snapshot) -> Steps[list[Finding]]:
        text = after.files[probe.path].document.text()
        told: Tested | Silence = yield from probe.asked((probe.text, text), [*allowed, *(one for _, one in bad)])
        line = found.document.line_at(candidate.span.start)
        if isinstance(told, Silence):
            unknown.append(f"{NAME}: {told.reason}")
            return []
        before, now = ((verdict.said if verdict is not None else ()) for verdict in told.verdicts)
        if len(before) != len(now) or len(now) != len(allowed) + len(bad):
            return [Finding("TRIED", "it did not come to an end", line=line)]
        worked = sum(not was.startswith("!") for was in before[: len(allowed)])
        if not worked:
            unknown.append(f"{NAME}: none of {len(allowed)} calls goes well as the code is")
            return []
        errors = {f"!{name.rsplit('.', 1)[-1]}" for name in re.findall(written["raised"], candidate.text)}
        values = any(check.kinds[0] not in ("type", "number", "callable") for check in kept)
        for one, was, is_now in zip(allowed, before, now, strict=False):
            if was == is_now or was.startswith("!"):
                continue
            # what nobody wrote down may be one of those that are to be refused
            if is_now in errors and values and one.derived:
                continue
            return [Finding("TRIED", f"{_call(found, one)} gave {was} and would give {is_now}", line=line)]
        for (check, one), is_now in zip(bad, now[len(allowed) :], strict=True):
            if is_now not in errors:
                return [Finding("TRIED", f"{_call(found, one)} is not refused, for {check.why}", line=line)]
        notes.append(f"tried: {worked} calls as before, {len(bad)} refused; sandbox: {told.isolated or 'none'}")
        return []

    return judge


def _call(found: Target, one: Input) -> str:
    return f"{found.symbol.name}({', '.join(one.arguments)})"


def _refused(found: Target, check: Check, base: Input, rules: Mapping[str, Any]) -> Iterator[Input]:
    """Calls that are right but for one argument."""
    plain = [p for p in found.written.parameters if p.passed in ("position", "either")]
    at = next((number for number, p in enumerate(plain) if p.name == check.name), -1)
    if not 0 <= at < len(base.arguments):
        return
    for value in _values(check, base.arguments[at], rules["refused"], found.language):
        yield Input((*base.arguments[:at], value, *base.arguments[at + 1 :]), check.why, derived=True)


def _values(check: Check, usual: str, rules: Mapping[str, Any], language: Language) -> Iterator[str]:
    kind = check.kinds[0]
    if kind in ("type", "number"):
        if set(check.types) <= set(rules["types"]):
            taken = {*check.types, *(also for one in check.types for also in rules["takes"].get(one, ()))}
            if kind == "number":
                taken -= {"bool"}
            yield from (value for name, value in rules["types"].items() if name not in taken)
    elif kind.startswith("non-empty"):
        if empty := rules["empty"].get(kind_of(usual, language)):
            yield empty
    elif kind in rules["numbers"]:
        for bound, step in rules["numbers"][kind]:
            written = check.a if bound == "a" else check.b
            if re.fullmatch(r"[-+]?\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?", written):
                number = float(written) if re.search(r"[.eE]", written) else int(written)
                yield repr(number + step)
    else:
        yield from rules["kinds"].get(kind, ())
