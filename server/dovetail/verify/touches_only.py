"""Nothing outside the chosen range changes."""

from __future__ import annotations

from dovetail.model.ask import Finding
from dovetail.text import Change, Span
from dovetail.verify.promise import Promise, documents, finding
from dovetail.world import Snapshot


def touches_only(path: str, span: Span) -> Promise:
    """Every edit lies in `span` of the file at `path`, and every byte outside is as before."""

    def promise(before: Snapshot, after: Snapshot, change: Change, _: str) -> list[Finding]:
        texts = documents(before, after, path)
        if texts is None or any(other != path and edits for other, edits in change.edits.items()):
            return [Finding("RANGE", "the edit reaches into another file")]
        old, new = texts[0].data, texts[1].data
        rest = len(old) - span.end
        inside = all(span.holds(edit.span) for edit in change.edits.get(path, ()))
        kept = (
            len(new) >= span.start + rest
            and new[: span.start] == old[: span.start]
            and new[len(new) - rest :] == old[span.end :]
        )
        if inside and kept:
            return []
        return [finding("RANGE", "the edit reaches outside the chosen range", texts[0], span.start)]

    return promise
