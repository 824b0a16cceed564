"""*Fix*: what is certain first (the linter's own safe fix, a bracket, an import), then the model's lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from pathlib import PurePosixPath
from typing import Any

from dovetail.context.evidence import Ledger, Piece
from dovetail.context.neighbours import surroundings
from dovetail.context.window import window
from dovetail.features.actions import Action, Diagnostic, Edited, Offer, Refused, Request, Result
from dovetail.features.actions.answers import code_of, first_line, unusable, watching, whole
from dovetail.features.actions.asking import CANDIDATES
from dovetail.features.actions.fix import foreign, meaning
from dovetail.features.actions.fix.recipes import made, signatures, told
from dovetail.features.actions.fix.syntax import Habits, searched
from dovetail.features.actions.pipeline import Candidate, Failed, Held, Wish, grant, line_of
from dovetail.features.actions.testing.related import allowed, judged
from dovetail.model.ask import (
    Answer,
    Ask,
    Fim,
    Finding,
    Lesson,
    ModelInfo,
    Past,
    Recipe,
    Run,
    Silence,
    Stage,
    Steps,
)
from dovetail.text import Change, Document, Edit, Span
from dovetail.verify import Promise
from dovetail.verify.types import looks_at, tools_for
from dovetail.world import File, Selection, Snapshot

_LINE = 64
"""New tokens for one line."""
_PROMPT = 448
_TITLE = 60
"""Characters of a message in the menu."""
_ALIKE = 0.4
"""Share of a line that a model's line must keep, so that a finding is not "fixed" by dropping the code."""
_TRIES = 8
"""Places in a line that one missing character is tried at."""
_PLACES = 24
"""Places among the imports that a new one is tried at."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is wrong."""

    kind: str
    """`syntax`, `name`, `lint`, `types`: what the user's type checker says, or one of what the graph sees as well."""
    finding: Finding
    name: str = ""
    seen: foreign.Seen | None = None


# ---- the menu -----------------------------------------------------------------------------------


def offer(snapshot: Snapshot, request: Request) -> list[Offer]:
    """A row for each diagnostic of the request; without any, for what the tree and the graph see here."""
    file = snapshot.file(request.at.path)
    if file is None or file.tree is None or file.language is None or file.language.table("fix") is None:
        return []
    told = [(number, d) for number, d in enumerate(request.diagnostics) if _checkable(snapshot, file, d)]
    foreign = [(number, d) for number, d in enumerate(request.diagnostics) if (number, d) not in told]
    rows = [_row(number, d) for number, d in told] or _seen(snapshot, request, file)
    rows += [replace(_row(number, d), disabled=_uncheckable(file, d, request)) for number, d in foreign]
    return judged(snapshot, request, rows)


def _row(number: int, diagnostic: Diagnostic) -> Offer:
    return Offer(f"Fix: {_short(diagnostic.message)}", diagnostic.span, (("diagnostic", str(number)),))


def _seen(snapshot: Snapshot, request: Request, file: File) -> list[Offer]:
    """What the tree and the graph see on the line of the cursor."""
    line = file.document.line_at(request.at.offset)
    place = file.document.line(line)
    if _errors_at(file, line):
        return [Offer("Fix syntax error", place)]
    unknown = _unknown_at(snapshot, file, line)
    if unknown:
        finding = unknown[0].finding
        return [Offer(f"Fix undefined name {unknown[0].name}", Span(finding.start, finding.end))]
    if (lacking := foreign.lacking(snapshot, file, line)) is not None:
        return [Offer(f"Fix imported name {lacking.name}", lacking.span)]
    return []


def _uncheckable(file: File, diagnostic: Diagnostic, request: Request) -> str:
    """Why it could not be seen to be gone, and what to set; "" where the user's type checker may tell."""
    assert file.language is not None
    who = diagnostic.source or "the tool that reported it"
    if not _typed(file, diagnostic):
        return f"nothing that may run here can check what {who} says, so no fix could be verified; ask {who} for one"
    if not looks_at(request.types, file.path):
        known = " or ".join(f"`{name}`" for name in tools_for(file.path))
        return (
            f"what {who} says takes a type checker to be seen to be gone: name one, {known}, as `type_checker` in your "
            "settings, and trust the folder"
        )
    return "" if request.trusted else f"what {who} says is checked by a type checker, in a folder that you trust"


def _typed(file: File, diagnostic: Diagnostic) -> bool:
    """Whether a type checker says it, which one that the user names may say as well."""
    assert file.language is not None
    typed = (file.language.table("fix") or {}).get("typed-by", "")
    return bool(typed and re.search(typed, f"{diagnostic.source} {diagnostic.code}"))


def _checkable(snapshot: Snapshot, file: File, diagnostic: Diagnostic) -> bool:
    """Whether it could be seen to be gone: by the language's linter, the tree, or the graph."""
    assert file.language is not None
    rules = file.language.table("fix") or {}
    told = re.search(rules.get("told-by", ""), f"{diagnostic.source} {diagnostic.code}")
    if _typed(file, diagnostic):
        told = re.search(rules["unused"], diagnostic.message) if "unused" in rules else None
    line = file.document.line_at(diagnostic.span.start)
    undefined = re.search(rules["undefined"], diagnostic.message)
    if file.language.settings.get("checker") and (told or undefined):
        return True
    if undefined and set(undefined.groupdict().values()) & {
        target.name for target in _unknown_at(snapshot, file, line)
    }:
        return True
    return bool(_errors_at(file, line)) or foreign.seen(snapshot, file, diagnostic, rules) is not None


def _short(message: str) -> str:
    flat = " ".join(message.split())
    return flat if len(flat) <= _TITLE else f"{flat[: _TITLE - 1]}…"


def _errors_at(file: File, line: int) -> list[Finding]:
    """Syntax errors that a line is in."""
    assert file.tree is not None
    found: list[Finding] = []
    for error in file.tree.errors():
        first, last = file.document.line_at(error.start), file.document.line_at(max(error.start, error.end - 1))
        if first <= line <= last:
            found.append(Finding("SYNTAX", "the syntax error", error.start, error.end, line=first))
    return found


def _unknown_at(snapshot: Snapshot, file: File, line: int) -> list[Target]:
    """Names on a line that nobody defines."""
    place = file.document.line(line)
    uses = snapshot.graph.uses_in(file.path, Span(place.start, place.end + 1))
    facts = snapshot.graph.files[file.path]
    assert file.language is not None
    builtins = file.language.builtins

    def known(name: str) -> bool:
        return name in builtins or name in facts.bound

    plain = [at for at in uses if at.use.role in ("read", "call") and not known(at.use.name)]
    if not plain:  # the usual case, and far cheaper than every unknown name of the file
        return []
    unknown = snapshot.graph.unknown_names(file.path)
    return [
        Target(
            "name",
            Finding("NAME", f"{at.use.name} is not defined", at.base + at.use.start, at.base + at.use.end, line=line),
            at.use.name,
        )
        for at in plain
        if at.use.name in unknown
    ]


# ---- the meal -----------------------------------------------------------------------------------


def make(snapshot: Snapshot, request: Request, offer: Offer, model: ModelInfo | None) -> Steps[Result]:
    """A verified change after which the finding is gone."""
    ledger = Ledger("fix", model)
    path = request.at.path
    file = snapshot.file(path)
    if file is None or file.tree is None or file.language is None:
        return Refused("there is no grammar for this kind of file, so nothing could be verified", ledger.evidence())
    rules = file.language.table("fix")
    if rules is None:
        return Refused(f"nothing is known of how to fix {file.language.name}", ledger.evidence())
    yield Stage("UNDERSTAND")
    data = dict(offer.data)
    diagnostic = request.diagnostics[int(data["diagnostic"])] if "diagnostic" in data else None
    lint: list[Finding] | Silence = Silence("no linter is known for this language")
    if checker := file.language.settings.get("checker"):
        lint = yield Run(checker, path, file.document.text(), request.trusted)
    at = diagnostic.span if diagnostic else offer.target
    targets = _targets(snapshot, file, at, diagnostic, lint, rules)
    typed: list[Finding] | Silence = []
    unsaid = lint.reason if isinstance(lint, Silence) and checker else ""
    if not targets and diagnostic is not None:
        typed = yield Run("types", path, file.document.text(), request.trusted)
        if isinstance(typed, Silence):
            unsaid = unsaid or typed.reason or "you name no type checker for it (`type_checker` in your settings)"
        else:
            targets = [Target("types", one) for one in _same(typed, diagnostic, file.document)]
    if not targets:
        what = f"“{_short(diagnostic.message)}”" if diagnostic else "a problem"
        why = f": {unsaid}" if unsaid else ""
        return Refused(
            f"{what} cannot be checked here{why}, so no fix could be verified; ask the tool that reported it",
            ledger.evidence(),
        )
    yield Stage("LOCATE")
    target = targets[0]
    ledger.notes.append(f"to fix: {line_of(target.finding)}")
    asked_again = request.trusted and looks_at(request.types, path)  # by a gate of every edit
    if target.seen is not None and diagnostic is not None and not asked_again:
        who = diagnostic.source or "the tool that reported it"
        ledger.unknown.append(f"{who}: not asked again; that it is gone is what the project's own definitions say")
    fixer = _Fixer(snapshot, file, rules, target, lint if isinstance(lint, list) else [], request, model, ledger)
    fixer.types = typed if isinstance(typed, list) else []
    yield Stage("PLAN")
    names = signatures(file.language, target.kind, target.finding)
    past: tuple[Recipe, ...] = yield Past(names)
    fixer.remember(past)
    gone = "the finding is gone"
    promise = fixer.promise()
    wish = Wish(
        path,
        fixer.propose,
        (gone, fixer.reads) if target.kind == "syntax" else (gone, fixer.goal) if target.kind == "lint" else None,
        request.trusted,
        ((gone, promise),) if promise else (),
        (gone, fixer.typed) if target.kind == "types" else None,
        tests=allowed(offer),
        smaller=fixer.smaller,
        asked=f"fix “{target.finding.message}” in line {target.finding.line + 1}",
        prefer=fixer.habits.likely_at(path) if fixer.habits is not None else None,
    )
    held = yield from grant(snapshot, wish, ledger)
    shown = held.candidate.change if isinstance(held, Held) else None
    for recipe in dict.fromkeys(recipe for recipe, _ in fixer.remembered):
        own = [candidate for each, candidate in fixer.remembered if each == recipe]
        vain = {t.text for t in ledger.trials if t.source == "cache" and t.failed} & {c.text for c in own}
        if vain and all(candidate.change != shown for candidate in own):
            yield Lesson(recipe, False)
    if not isinstance(held, Held):
        failed = {trial.failed for trial in ledger.trials}
        if target.kind == "syntax" and failed and failed <= {"parses no worse", gone}:
            held = f"nothing that was tried makes line {target.finding.line + 1} valid syntax"
        return Refused(f"no fix was found: {held}", ledger.evidence())
    by_model = held.candidate.source == "model"
    if recipe := next((r for r, c in fixer.remembered if c.change == held.candidate.change), None):
        by_model = recipe.by_model
    else:
        after = held.after.file(path)
        assert after is not None
        recipe = told(file.document, after.document, held.candidate.change, path, file.language, names, by_model)
    if recipe is not None:
        yield Lesson(recipe, True)
    summary = f"fix {_short(target.finding.message).rstrip('.')}"
    return Edited(held.candidate.change, summary, ledger.evidence(), by_model, recipe)


def _targets(
    snapshot: Snapshot, file: File, at: Span, diagnostic: Diagnostic | None, lint: list[Finding] | Silence,
    rules: Mapping[str, Any],
) -> list[Target]:  # fmt: skip
    """What is wrong at a place, as far as it can be checked again: the diagnostic's own subject first."""
    line = file.document.line_at(at.start)
    syntax = [Target("syntax", found) for found in _errors_at(file, line)]
    names = _unknown_at(snapshot, file, line)
    found = list(lint) if isinstance(lint, list) else []
    found = [f for f in found if f.line == line or Span(f.start, f.end).meets(at)]
    if not syntax:
        syntax = [Target("syntax", f) for f in found if f.code == "SYNTAX"]
    lints = [Target("lint", f) for f in found if f.code != "SYNTAX"]
    if diagnostic is None:
        imported = [_imported(lacking, line)] if (lacking := foreign.lacking(snapshot, file, line)) else []
        return [*syntax, *names, *imported, *lints]
    if match := re.search(rules["undefined"], diagnostic.message):
        named = next((value for value in match.groupdict().values() if value), "")
        if same := [target for target in names if target.name == named]:
            return same
    if same := [t for t in lints if t.finding.code == diagnostic.code or t.finding.message == diagnostic.message]:
        same.sort(key=lambda t: abs(t.finding.start - at.start))
        return same
    if syntax:
        return syntax
    if (what := foreign.seen(snapshot, file, diagnostic, rules)) is not None:
        start, end = what.span.start, what.span.end
        said = Finding(what.kind.upper(), " ".join(diagnostic.message.split()), start, end, line=line)
        return [Target(what.kind, said, what.name, what)]
    overlap = [t for t in lints if Span(t.finding.start, t.finding.end).meets(at) and _alike(t, diagnostic)]
    return overlap or [n for n in names if Span(n.finding.start, n.finding.end).meets(at)]


def _imported(lacking: foreign.Seen, line: int) -> Target:
    said = f"{lacking.holder} has no {lacking.name}"
    return Target(
        "imported", Finding("IMPORT", said, lacking.span.start, lacking.span.end, line=line), lacking.name, lacking
    )


def _same(typed: Sequence[Finding], diagnostic: Diagnostic, document: Document) -> list[Finding]:
    """What the type checker says of the diagnostic's line: the same, or the one thing that it says there at all."""
    here = [one for one in typed if one.line == document.line_at(diagnostic.span.start)]
    said = " ".join(diagnostic.message.split())
    same = [one for one in here if one.message == said or one.code.removeprefix("TS") == diagnostic.code]
    return same[:1] or (here if len(here) == 1 else [])


def _alike(target: Target, diagnostic: Diagnostic) -> bool:
    """Two tools speak of one thing: they quote the same name."""
    one = set(re.findall(r"[`\"'](\w+)[`\"']", target.finding.message))
    two = set(re.findall(r"[`\"'](\w+)[`\"']", diagnostic.message))
    return bool(one & two)


class _Fixer:
    """Proposes candidates for one target: certain ones first, then what each failure suggests."""

    def __init__(
        self, snapshot: Snapshot, file: File, rules: Mapping[str, Any], target: Target, lint: list[Finding],
        request: Request, model: ModelInfo | None, ledger: Ledger,
    ) -> None:  # fmt: skip
        self.snapshot, self.file, self.rules, self.target, self.lint = snapshot, file, rules, target, lint
        self.request, self.model, self.ledger = request, model, ledger
        self.document: Document = file.document
        self.line = self.document.line_at(target.finding.start)
        self.types: list[Finding] = []
        """What the type checker says of the text as it is, where it is what judges."""
        self.remembered: list[tuple[Recipe, Candidate]] = []
        self.habits = Habits(file, snapshot.graph, self._wrong()) if target.kind == "syntax" else None

    def remember(self, past: Sequence[Recipe]) -> None:
        """What helped before, where it fits here."""
        assert self.file.language is not None
        near = sorted(range(self.line - 3, self.line + 4), key=lambda line: abs(line - self.line))
        wrong = {*_lines_of(self.document, Span(self.target.finding.start, self.target.finding.end)), *self._lines()}
        for recipe in past:
            if recipe.old:
                again = list(made(recipe, self.document, self.file.path, near, self.file.language))
                again = [c for c in again if wrong & set(_lines_of(self.document, c.span))][:1]
                if recipe.by_model and self.target.kind != "syntax":
                    again = [c for c in again if self._means(self.document.text(c.span), _new_text(c))]
            else:
                again = [replace(c, source="cache", taken=recipe.taken > 0) for c in self._imported(recipe.new)]
            self.remembered += [(recipe, candidate) for candidate in again]

    def propose(self, number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        if number == 0:
            # what was shown once and not taken is no surer than a rule
            taken = [candidate for recipe, candidate in self.remembered if recipe.taken]
            shown = [candidate for recipe, candidate in self.remembered if not recipe.taken]
            return [*taken, *self._certain(), *(yield from self._searched()), *shown]
        polished = [c for each in failed if (c := self._polished(each)) is not None]
        if polished:
            return polished
        return (yield from self._written(number))

    def smaller(self, number: int, failed: Sequence[Failed]) -> Steps[list[Candidate]]:
        """Only the words that the finding is about, the rest of the line as it is."""
        place = self.document.line(self.line)
        hole = Span(max(place.start, self.target.finding.start), min(place.end, self.target.finding.end))
        if self.model is None or self.model.fim is None or not 0 < len(hole) < len(place):
            return []
        room = min(_PROMPT, self.model.context - _LINE - 16)
        around = yield from window(self.document, hole, room - room // 3, room // 3)
        answers: list[Answer] | Silence = yield Ask(
            Fim(around.before.replace("\r\n", "\n"), around.after.replace("\r\n", "\n")),
            _LINE // 2,
            candidates=CANDIDATES,
            stop=("\n",),
            watch=watching(line=True),
        )
        if isinstance(answers, Silence):
            return []
        self.ledger.count(answers)
        old = self.document.text(hole)
        texts = dict.fromkeys(first_line(code_of(answer.text)) for answer in whole(answers, self.ledger))
        return [
            Candidate("model", Change.one(self.file.path, [Edit(hole, text.encode("utf-8", "replace"))]), hole, text)
            for text in texts
            if not unusable(text, old) and (self.target.kind == "syntax" or self._means(old, text))
        ]

    def promise(self) -> Promise | None:
        """That the finding is gone, where tree and graph can tell; None where only the linter can."""
        target, tree = self.target, self.file.tree
        assert tree is not None
        before = len(tree.errors())

        def named(_: Snapshot, after: Snapshot, __: Change, path: str) -> list[Finding]:
            return [target.finding] if target.name in after.graph.unknown_names(path) else []

        def parsed(_: Snapshot, after: Snapshot, __: Change, path: str) -> list[Finding]:
            file = after.file(path)
            fewer = file is not None and file.tree is not None and len(file.tree.errors()) < before
            return [] if fewer else [target.finding]

        def seen(_: Snapshot, after: Snapshot, __: Change, path: str) -> list[Finding]:
            is_gone = target.seen is not None and foreign.gone(target.seen, self.document, after, path)
            return [] if is_gone else [target.finding]

        if target.kind == "name":
            return named
        if target.seen is not None:
            return seen
        return parsed if target.kind == "syntax" and before else None

    def reads(self, lint: list[Finding] | None) -> list[Finding]:
        """What a linter that reads more strictly than the tree still cannot read; nothing where there is none."""
        before = [f for f in self.lint if f.code == "SYNTAX"]
        after = [f for f in lint or () if f.code == "SYNTAX"]
        return after[:1] if before and len(after) >= len(before) else []

    def goal(self, lint: list[Finding] | None) -> list[Finding]:
        """What is left of the finding, in the linter's own words."""
        return self._left(self.lint, lint)

    def _left(self, before: Sequence[Finding], after: Sequence[Finding] | None) -> list[Finding]:
        """The finding, unless there is one fewer of its kind: in other words it would be the same."""
        code = self.target.finding.code
        left = after is None or sum(f.code == code for f in after) >= sum(f.code == code for f in before)
        return [self.target.finding] if left else []

    def typed(self, candidate: Candidate, after: Snapshot) -> Steps[list[Finding]]:
        """What is left of the finding, in the words of the type checker; where it is silent, all of it."""
        file = after.file(self.file.path)
        assert file is not None
        told: list[Finding] | Silence = yield Run("types", file.path, file.document.text(), self.request.trusted)
        return self._left(self.types, None if isinstance(told, Silence) else told)

    # ---- what is certain --------------------------------------------------------------------

    def _certain(self) -> Iterator[Candidate]:
        if self.target.kind == "lint" and self.target.finding.fix:
            if (candidate := self._linter(self.target.finding)) is not None:
                yield from self._closed_up(candidate)
                yield candidate
        if self.target.kind == "name":
            yield from self._named()
        if self.target.kind == "syntax":
            yield from self._repaired()
        if self.target.seen is not None:
            for edits, words in foreign.candidates(
                self.target.seen, self.snapshot, self.file, self.target.finding.message
            ):
                hull = Span(edits[0].span.start, edits[-1].span.end)
                yield Candidate("rule", Change.one(self.file.path, edits), hull, words)

    def _linter(self, finding: Finding) -> Candidate | None:
        """The linter's own safe fix; none where bytes and characters of the text part ways."""
        text = self.document.text()
        if text.encode("utf-8", "replace") != self.document.data or not finding.fix:
            return None
        edits = [Edit(Span(start, end), self._ended(new)) for start, end, new in sorted(finding.fix)]
        hull = Span(edits[0].span.start, max(edit.span.end for edit in edits))
        try:
            change = Change.one(self.file.path, edits)
        except ValueError:
            return None
        return Candidate("linter", change, hull, " … ".join(new.strip() or "remove" for _, _, new in finding.fix))

    def _closed_up(self, candidate: Candidate) -> Iterator[Candidate]:
        """Lines that go, with the blank ones below that nobody would leave there: above them is as much room."""
        document, span = self.document, candidate.span
        lines = _lines_of(document, span)
        above, below = lines.start, lines.stop
        whole = span == Span(document.start_of(above), document.full_lines(above, below - 1).end)
        if not whole or any(edit.new for edit in candidate.change.edits[self.file.path]):
            return
        while below < document.lines - 1 and not document.text(document.line(below)).strip():
            below += 1
        while above and not document.text(document.line(above - 1)).strip():
            above -= 1
        room = lines.start - above
        if not above or room == 0 and self._indent(above - 1) < self._indent(lines.start):
            room = below - lines.stop  # the file begins here, or a block
        if extra := min(room, below - lines.stop):
            hull = Span(span.start, document.full_lines(lines.start, lines.stop + extra - 1).end)
            yield replace(candidate, change=Change.one(self.file.path, [Edit(hull, b"")]), span=hull)

    def _indent(self, line: int) -> int:
        text = self.document.text(self.document.line(line))
        return len(text) - len(text.lstrip())

    def _named(self) -> Iterator[Candidate]:
        """An import that brings the name, then the names that look like it."""
        name = self.target.name
        for statement in self._imports(name):
            yield from self._imported(statement)
        facts = self.snapshot.graph.files[self.file.path]
        around = self.snapshot.graph.enclosing(self.file.path, self.target.finding.start, ("function",))
        local: set[str] = set()
        if around is not None and self.file.tree is not None:
            captures = self.file.tree.captures("locals", within=around.span)
            local = {
                (node.text or b"").decode("utf-8", "replace")
                for kind in ("bind", "bind.parameter")
                for node in captures.get(kind, ())
                if around.span.start <= node.start_byte < around.span.end
            }
        language = self.file.language
        assert language is not None
        known = local | facts.bound | language.builtins
        for near in get_close_matches(name, sorted(known - {name}), n=3, cutoff=0.75):
            span = Span(self.target.finding.start, self.target.finding.end)
            yield Candidate("rule", Change.one(self.file.path, [Edit(span, near.encode())]), span, f"{name} → {near}")

    def _imports(self, name: str) -> Iterator[str]:
        """Import statements that bring a name: as the project does, from the project, well known, a module."""
        if "imports" not in self.rules:
            return
        forms, graph = self.rules["imports"], self.snapshot.graph
        said: dict[str, None] = {}
        usual: Counter[str] = Counter()
        for path, facts in graph.files.items():
            if path == self.file.path:
                continue
            for _, found in facts.imports:
                if found.alias == name and found.name != "*" and not found.module.startswith("."):
                    usual[_import_text(found.module, found.name, name, forms)] += 1
        for statement, _ in usual.most_common(2):
            said[statement] = None
        for symbol in graph.named(name):
            if symbol.container or symbol.path == self.file.path:
                continue
            if module := self._module_of(symbol.path):
                said[forms["name"].format(module=module, name=name)] = None
        for module, names in forms["known"].items():
            if name in names:
                said[forms["name"].format(module=module, name=name)] = None
        assert self.file.language is not None
        if name in self.file.language.modules:
            said[forms["module"].format(module=name)] = None
        yield from list(said)[:4]

    def _module_of(self, path: str) -> str | None:
        """What to write after `from` for a file of the workspace."""
        language = self.file.language
        assert language is not None
        parts = list(PurePosixPath(path).with_suffix("").parts)
        if parts[-1] == language.settings["imports"]["index"]:
            parts.pop()
        separator = language.settings["imports"]["separator"]
        for count in range(1, min(len(parts), 8)):
            name = separator.join(parts[-count:])
            if all(part.isidentifier() for part in parts[-count:]):
                if self.snapshot.graph.module(self.file.path, name) == path:
                    return name
        return None

    def _imported(self, statement: str) -> Iterator[Candidate]:
        """An import statement at each place where it may stand, the likeliest first."""
        tree, document = self.file.tree, self.document
        assert tree is not None
        new = self._ended(statement + "\n")
        places: list[tuple[str, int]] = []
        first_line = 0
        for node in tree.root.named_children:
            written = (node.text or b"").decode("utf-8", "replace")
            if node.type in self.rules["imports"]["nodes"]:
                places.append((written, document.start_of(document.line_at(node.end_byte) + 1)))
            elif places or not (node.is_extra or _is_text(written)):
                break
            else:
                first_line = document.line_at(node.end_byte) + 1
        must = re.compile(self.rules["imports"]["first"])
        if not places:
            at = document.start_of(first_line)
            blank = document.newline()
            head = blank if first_line else b""
            yield self._insertion(at, head + new + blank, statement)
            return
        sorted_at = next((i for i, (w, _) in enumerate(places) if not must.match(w) and w > statement), len(places))
        order = sorted(range(-1, len(places)), key=lambda i: abs(i - (sorted_at - 1)))
        for index in order[:_PLACES]:
            if index < 0:
                if must.match(places[0][0]):
                    continue
                first = next(
                    n for n in tree.root.named_children if (n.text or b"").decode("utf-8", "replace") == places[0][0]
                )
                line = document.line_at(first.start_byte)
                yield self._insertion(document.start_of(line), new, statement)
            elif index + 1 >= len(places) or not must.match(places[index + 1][0]):
                yield self._insertion(places[index][1], new, statement)

    def _insertion(self, at: int, new: bytes, text: str) -> Candidate:
        place = Span(at, at)
        return Candidate("rule", Change.one(self.file.path, [Edit(place, new)]), place, text)

    def _repaired(self) -> Iterator[Candidate]:
        """What is usually forgotten or mixed up, on the lines where the error begins and ends."""
        tree, document = self.file.tree, self.document
        assert tree is not None
        for error in tree.errors():
            if error.start == error.end and document.line_at(error.start) == self.line:
                kind = tree.node_at(error).type
                if re.fullmatch(r"\W{1,3}", kind):
                    yield self._insertion(error.start, kind.encode(), f"insert {kind}")
        for line in self._lines():
            place = document.line(line)
            old = document.text(place)
            for new in dict.fromkeys(repairs(old, self.rules)):
                if new != old:
                    yield self._line(place, new, "rule")

    def _wrong(self) -> set[int]:
        """The lines that the error is on."""
        document, found = self.document, self.target.finding
        ends = (self.request.at.offset, found.start, max(found.start, found.end - 1))
        return {document.line_at(end) for end in ends}

    def _lines(self) -> list[int]:
        """Where the error may come from: where it was pointed at, ends and begins; then the lines before."""
        document = self.document
        last = document.line_at(max(self.target.finding.start, self.target.finding.end - 1))
        asked = document.line_at(self.request.at.offset)
        lines = (asked, last, self.line, self.line - 1, asked - 1)
        return [line for line in dict.fromkeys(lines) if 0 <= line < document.lines]

    def _searched(self) -> Steps[list[Candidate]]:
        """One sign more or less, wherever that helps."""
        found: list[Candidate] = []
        if self.habits is None:
            return found
        for edit in (yield from searched(self.file, self._lines(), self.rules, self.habits)):
            text = edit.new.decode() or f"without {self.document.text(edit.span)}"
            found.append(Candidate("rule", Change.one(self.file.path, [edit]), edit.span, text))
        return found

    def _polished(self, failed: Failed) -> Candidate | None:
        """A candidate that only the linter disliked, with the linter's own fix of the same lines on top."""
        file = failed.after.file(self.file.path)
        if failed.gate != "lints no worse" or file is None:
            return None
        fixes = [fix for finding in failed.findings for fix in finding.fix]
        if not fixes or len(failed.findings) > 1 or file.document.text().encode() != file.document.data:
            return None
        end = failed.candidate.span.end + len(file.document) - len(self.document)
        place = _with_blank(file.document, Span(failed.candidate.span.start, max(failed.candidate.span.start, end)))
        if not place.meets(_with_blank(file.document, Span(min(f[0] for f in fixes), max(f[1] for f in fixes)))):
            return None
        data = file.document.data
        for start, end, new in sorted(fixes, reverse=True):
            data = data[:start] + self._ended(new) + data[end:]
        edit = _difference(self.document.data, data)
        change = Change.one(self.file.path, [edit])
        return Candidate(
            failed.candidate.source, change, edit.span, f"{failed.candidate.text}, put in order by the linter"
        )

    # ---- the model --------------------------------------------------------------------------

    def _written(self, number: int) -> Steps[list[Candidate]]:
        """Lines that the model would write in place of this one."""
        if self.model is None or self.model.fim is None:
            if number == 1:
                self.ledger.notes.append("no model: only what rules and the linter know was tried")
            return []
        place = self.document.line(self.line)
        old = self.document.text(place)
        indent = old[: len(old) - len(old.lstrip())]
        room = min(_PROMPT, self.model.context - _LINE - 16)
        at = Selection(self.file.path, place)
        context, spent = (
            (yield from surroundings(self.snapshot, at, room // 4, self.ledger, self.model))
            if self.model.repository
            else ((), 0)
        )
        room -= spent
        around = yield from window(self.document, place, room - room // 3, room // 3)
        self.ledger.used += [
            Piece(
                "text before the line", self.file.path, around.first_line, "nearest lines", 1.0, around.before_tokens
            ),
            Piece("text after the line", self.file.path, self.line + 1, "nearest lines", 1.0, around.after_tokens),
        ]
        before = around.before.replace("\r\n", "\n")
        answers: list[Answer] | Silence = yield Ask(
            Fim(before + indent, around.after.replace("\r\n", "\n"), context),
            _LINE,
            candidates=CANDIDATES,
            stop=("\n",),
            watch=watching(line=True),
        )
        if isinstance(answers, Silence):
            self.ledger.notes.append(f"the model was silent: {answers.reason}")
            return []
        self.ledger.count(answers)
        found: list[Candidate] = []
        for answer in whole(answers, self.ledger):
            line = first_line(code_of(answer.text))
            if not unusable(line, old) and self._keeps(old, line):
                found.append(self._line(place, indent + line, "model"))
        return found

    def _keeps(self, old: str, new: str) -> bool:
        """Whether a written line is still about the same: half of its names, and no comment in place of code."""
        assert self.file.language is not None
        mark = self.file.language.settings["comment"].strip()
        if new.lstrip().startswith(mark) and not old.lstrip().startswith(mark):
            return False
        if self.target.kind != "syntax" and not self._means(old, new):
            return False
        names = set(re.findall(r"[^\W\d]\w*", old)) - {self.target.name}
        kept = names & set(re.findall(r"[^\W\d]\w*", new))
        return 2 * len(kept) >= len(names) and SequenceMatcher(None, old.strip(), new.strip()).ratio() >= _ALIKE

    def _means(self, old: str, new: str) -> bool:
        """Whether a line can mean what the old one did: nothing goes or comes that the linter does not name.

        For a name that nobody defines, anything may come in its place.
        """
        if self.target.kind == "call":
            return self._only_given(old, new)
        assert self.file.language is not None
        message, free = self.target.finding.message, self.target.kind == "name" or self.target.seen is not None
        names = {*meaning.named(message), self.target.name}
        signs = self.target.kind == "types"  # `str(…)` around what has another type, which the type checker judges
        return meaning.same(self.file.language, old, new, names, message, free=free, signs=signs)

    def _only_given(self, old: str, new: str) -> bool:
        """Whether nothing differs but what a call is given."""
        start = self.document.line(self.line).start
        call = self.target.finding
        opens = old.find("(", len(self.document.text(Span(start, call.start)))) + 1
        closes = len(old) - len(self.document.text(Span(start, call.end))) + 1
        head, tail = old[:opens].strip(), old[len(old) - closes :].strip()
        return bool(opens) and new.strip().startswith(head) and new.strip().endswith(tail)

    def _line(self, place: Span, new: str, source: Any) -> Candidate:
        change = Change.one(self.file.path, [Edit(place, new.encode("utf-8", "replace"))])
        return Candidate(source, change, place, new.strip())

    def _ended(self, text: str) -> bytes:
        newline = self.document.newline()
        return text.replace("\r\n", "\n").encode("utf-8", "replace").replace(b"\n", newline)


def _new_text(candidate: Candidate) -> str:
    return "".join(edit.new.decode("utf-8", "replace") for edits in candidate.change.edits.values() for edit in edits)


def repairs(line: str, rules: Mapping[str, Any]) -> Iterator[str]:
    """Ways to put a line right, the likeliest first."""
    comment = re.search(rules["comment"], line)
    code, tail = (line[: comment.start()], line[comment.start() :]) if comment else (line, "")
    code, blank = code.rstrip(), code[len(code.rstrip()) :]
    tail = blank + tail
    opener = rules["opener"]
    opens = re.match(rules["opens"], code) is not None
    if opens:
        yield code + opener + tail
    closed = _closed(code, rules["brackets"])
    if closed != code:
        yield closed + tail
        body = code.removesuffix(opener)
        if body != code:
            yield _closed(body, rules["brackets"]) + opener + tail
        elif opens:
            yield closed + opener + tail
    for row in rules["rewrites"]:
        new = re.sub(row["pattern"], row["new"], code)
        if new != code:
            yield new + tail
            if re.match(rules["opens"], new):
                yield new + opener + tail
    yield from (new + tail for new in _respelled(code, rules["keywords"]))
    yield from (new + tail for new in _bracketed(code, rules))
    yield from (new + tail for new in _quoted(code, rules))


def _respelled(code: str, keywords: Sequence[str]) -> Iterator[str]:
    """A word that is nearly a keyword as that keyword, where a keyword may stand: before another word, or alone."""
    for match in re.finditer(r"(?<![.\w])\w+(?=\s+[\w.(\[{\"'-]|\s*:?\s*$)", code):
        for near in get_close_matches(match.group(), keywords, n=1, cutoff=0.75):
            if near != match.group():
                yield code[: match.start()] + near + code[match.end() :]


def _bracketed(code: str, rules: Mapping[str, Any]) -> Iterator[str]:
    """A closing bracket too many taken away; one that is missing put where it may have been."""
    for pair in rules["brackets"]:
        more = code.count(pair[1]) - code.count(pair[0])
        if more > 0:
            at = code.rfind(pair[1])
            yield code[:at] + code[at + 1 :]
        elif more < 0:
            start = code.rfind(pair[0]) + 1
            places = [n for n in range(start, len(code)) if code[n] in rules["closes-before"]]
            yield from (code[:n] + pair[1] + code[n:] for n in places[:_TRIES])
        elif not code.strip():
            yield code + pair[1]


def _quoted(code: str, rules: Mapping[str, Any]) -> Iterator[str]:
    """The other half of a lonely quote, where a text may begin or end."""
    for quote in rules["quotes"]:
        if code.count(quote) % 2 == 0:
            continue
        lonely = code.rfind(quote)
        places = [n + 1 for n in range(lonely) if code[n] in rules["opens-after"] and code[n + 1] != " "]
        # a text more likely begins at a bracket, a comma or an equals sign than between two words
        places.sort(key=lambda n: (code[n - 1] == " " and code[n - 2 : n - 1].isalnum(), -n))
        ends = [len(code.rstrip(")]},:;")), len(code)]
        for end in dict.fromkeys(ends):
            yield code[:end] + quote + code[end:]
            closed = _closed(code[:end] + quote + code[end:], rules["brackets"])
            if end == len(code) and closed != code + quote:
                yield closed
        yield from (code[:n] + quote + code[n:] for n in places[:_TRIES])


def _closed(code: str, brackets: Sequence[str]) -> str:
    """The line with what it leaves open closed at its end; a closing bracket of the wrong kind is put right."""
    opening = {pair[0]: pair[1] for pair in brackets}
    closing = set(opening.values())
    expected: list[str] = []
    out: list[str] = []
    quote = ""
    for char in code:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in opening:
            expected.append(opening[char])
        elif char in closing and expected:
            wanted = expected.pop()
            if char != wanted and wanted not in expected and char in expected:
                out.append(wanted)
                while expected and expected.pop() != char:
                    out.append("")
            else:
                char = wanted
        out.append(char)
    return "".join(out) + "".join(reversed(expected))


def _import_text(module: str, name: str, alias: str, forms: Mapping[str, Any]) -> str:
    if not name:
        same = alias == module or alias == module.split(".")[0]
        return forms["module" if same else "alias"].format(module=module, name=alias)
    return forms["name" if name == alias else "name-alias"].format(module=module, original=name, name=alias)


def _is_text(written: str) -> bool:
    return bool(re.match(r"\w{0,2}[\"']", written))


def _lines_of(document: Document, span: Span) -> range:
    return range(document.line_at(span.start), document.line_at(max(span.start, span.end - 1)) + 1)


def _with_blank(document: Document, span: Span) -> Span:
    """The whole lines of a span, with the blank ones around them."""
    lines = _lines_of(document, span)
    first, last = lines.start, lines.stop - 1
    while first and not document.text(document.line(first - 1)).strip():
        first -= 1
    while last + 1 < document.lines and not document.text(document.line(last + 1)).strip():
        last += 1
    return Span(document.start_of(first), document.line(last).end)


def _difference(old: bytes, new: bytes) -> Edit:
    """The one edit that turns one text into another."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return Edit(Span(start, len(old) - end), new[start : len(new) - end])


ACTION = Action("fix", "quickfix.dovetail", offer, make, runs="where told")
