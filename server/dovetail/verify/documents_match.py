"""Documentation says of a function what its signature and its body say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dovetail.graph import FileFacts
from dovetail.graph.documentation import Documented, read_documentation
from dovetail.graph.outcomes import Outcomes, is_stub, outcomes
from dovetail.graph.signature import Signature, signature_at
from dovetail.model.ask import Finding
from dovetail.text import Change, Span
from dovetail.verify.promise import documents, finding
from dovetail.world import File, Snapshot

_RULES = "docstrings"


def documents_match(before: Snapshot, after: Snapshot, change: Change, path: str) -> list[Finding]:
    """Nothing that documentation says of parameters, results and errors turns false by the edit.

    Every parameter that is documented exists; where some are, all are; a documented result is given; a newly
    documented error is raised. What did not match before may stay.
    """
    one, two, texts = before.file(path), after.file(path), documents(before, after, path)
    if one is None or two is None or texts is None or one.facts is None or two.facts is None or two.language is None:
        return []
    rules = two.language.table(_RULES)
    if rules is None:
        return []
    kept = {id(facts) for _, facts, _ in one.facts} & {id(facts) for _, facts, _ in two.facts}
    was = {name: (doc, set(wrong)) for name, doc, wrong, _ in _functions(one, one.facts, kept, rules, {})}
    known = {name: doc for name, (doc, _) in was.items()}
    found: list[Finding] = []
    for name, _, wrong, at in _functions(two, two.facts, kept, rules, known):
        old = was.get(name, ("", set[str]()))[1]
        found += [finding("DOC", message, texts[1], at) for message in wrong if message not in old]
    return found


def mismatches(
    documented: Documented, written: Signature, ends: Outcomes | None, rules: Mapping[str, Any], stub: bool = False
) -> Iterator[str]:
    """What documentation says that a signature and a body do not, and the other way round.

    written: as a caller sees it, without the object of a method.
    """
    names = [parameter.name for parameter in written.parameters]
    open_end = any(parameter.passed == "rest by name" for parameter in written.parameters)
    for name in documented.parameters:
        if name not in names and not open_end:
            yield f"{name} is documented and is no parameter"
    if documented.parameters:
        for parameter in written.parameters:
            if parameter.name not in documented.parameters and parameter.passed not in ("rest", "rest by name"):
                yield f"{parameter.name} is a parameter and is not documented"
    if ends is None:
        return
    nothing = rules.get("nothing", ())
    gives = any(_text(value) not in nothing for value in ends.returns)
    silent = written.returns in nothing if written.returns else not gives and not stub
    if documented.part("returns") and silent and not ends.yields:
        yield "a result is documented and none is given"
    if documented.part("yields") and not ends.yields and not stub and not gives and not written.returns:
        yield "it is documented to yield and does not"


def _functions(
    file: File, facts: FileFacts, kept: set[int], rules: Mapping[str, Any], known: Mapping[str, str]
) -> Iterator[tuple[str, str, list[str], int]]:
    """(name, documentation, what is wrong with it, where) of each documented function that the edit touches."""
    assert file.tree is not None and file.language is not None
    for placed in facts.placed:
        d = placed.definition
        if id(placed.item) in kept or d.kind != "function" or not d.doc:
            continue
        span, body = Span(placed.base + d.start, placed.base + d.end), placed.base + d.body
        written = signature_at(file.tree, span, body)
        if written is None:
            continue
        around = placed.item.definitions[d.parent].name if d.parent >= 0 else ""
        name = f"{placed.container} {around}.{d.name}"
        documented = read_documentation(d.doc, rules)
        ends = outcomes(file.tree, span, body)
        first = written.parameters[0].name if written.parameters else ""
        plain = written.without_receiver() if first in file.language.settings.get("receivers", ()) else written
        wrong = list(
            mismatches(documented, plain, ends, rules, is_stub(file.language, file.document.text(Span(body, span.end))))
        )
        if ends is not None and name in known:
            wrong += _new_errors(documented, read_documentation(known[name], rules), ends)
        yield name, d.doc, wrong, placed.base + d.name_start


def _new_errors(documented: Documented, before: Documented, ends: Outcomes) -> Iterator[str]:
    every = (*(one.error for one in (*ends.raises, *ends.handled)), *ends.declared)
    raised = {one.rsplit(".", 1)[-1] for one in every}
    old = {error for error, _ in before.errors}
    for error, _ in documented.errors:
        if error not in old and error.rsplit(".", 1)[-1] not in raised:
            yield f"{error} is documented and is not raised here"


def _text(node: Any) -> str:
    return (node.text or b"").decode("utf-8", "replace")
