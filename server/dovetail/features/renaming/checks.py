"""What must hold after a rename."""

from __future__ import annotations

import re
from dataclasses import replace

from dovetail.features.renaming.found import Renaming, rules_of, short
from dovetail.model.ask import Finding, Run, Silence, Stage, Steps
from dovetail.text import Change
from dovetail.verify import clean_text, lints_no_worse, no_new_names, no_secrets, still_parses
from dovetail.verify.promise import Promise
from dovetail.world import Snapshot

_LINTED = 10
"""Files that the linter is asked about."""


def wrong(found: Renaming) -> Steps[str]:
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
                return f"{short(path)}: {findings[0].message}"
        if reason := _moved(found, after, path):
            return reason
    return ""


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
            lints: list[Finding] | Silence = yield Run(checker, path, text, select=tuple(rules_of(language)["lints"]))
            if isinstance(lints, Silence):
                return "", lints.reason
            told.append(lints)
        named = rf"\b{re.escape(found.named.text)}\b"
        known = [replace(f, message=re.sub(named, found.new, f.message)) for f in told[0]]
        if worse := lints_no_worse([*told[0], *known], told[1]):
            return f"{short(path)} line {worse[0].line + 1}: {worse[0].message}", ""
    return "", f"only {_LINTED} of {len(paths)} files were looked at" if len(paths) > _LINTED else ""


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
        return f"{short(path)}: {new} means something else in a place that names {old}"
    if (uses - already) - now:
        return f"{short(path)}: what is called {new} there would mean another"
    return ""
