"""`dovetail.showEvidence`: what an answer rests on, or what a model would see at a place, as a document
(`dovetail://evidence/…`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types as t
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dovetail.context.evidence import Evidence
from dovetail.context.scorer import About, Weights
from dovetail.features.ledger import markdown
from dovetail.features.why import why
from dovetail.lsp.convert import to_path
from dovetail.lsp.documents import show
from dovetail.lsp.menu import plain
from dovetail.lsp.progress import progress
from dovetail.model.ask import Silence
from dovetail.text import Span
from dovetail.verify import git
from dovetail.world import Selection

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail


class _Document(BaseModel):
    uri: str


class _Position(BaseModel):
    line: int = Field(ge=0)
    character: int = Field(ge=0)


class _Where(BaseModel):
    """A place in a document, and what is asked about it."""

    model_config = ConfigDict(populate_by_name=True)
    document: _Document = Field(alias="textDocument")
    position: _Position
    question: str = ""


def register(server: Dovetail) -> None:
    async def show_evidence(ls: Dovetail, *arguments: Any) -> dict[str, Any]:
        """What an answer rests on, the newest without an id; what would be shown a model, with a place."""
        given: Any = plain(arguments[0]) if arguments else None
        if isinstance(given, dict):
            name = await _weigh(ls, cast("dict[str, Any]", given))
        elif not ls.shown:
            ls.say("nothing was suggested yet")
            return {"id": "", "markdown": ""}
        else:
            name = str(given) if given else next(reversed(ls.shown))
        kept = ls.shown.get(name)
        if kept is None:
            raise ls.refuse(f"{name} is not remembered any more")
        text = markdown(kept.evidence, kept.silence)
        address = await show(ls, "evidence", name, text)
        return {"id": name, "markdown": text, "uri": address, "held": list(kept.evidence.passed)}

    server.serve_command("dovetail.showEvidence", show_evidence)


async def _weigh(ls: Dovetail, given: dict[str, Any]) -> str:
    """Weigh the project for a place; the id of what came of it."""
    try:
        where = _Where.model_validate(given)
    except ValidationError:
        raise ls.refuse("dovetail.showEvidence takes an id, or textDocument and position", -32602) from None
    path = to_path(where.document.uri)
    snapshot = ls.snapshot()
    file = snapshot.file(path)
    if file is None:
        raise ls.refuse(f"{path.rsplit('/', 1)[-1]} is not open")
    offset = ls.encoding.offset(file.document, t.Position(where.position.line, where.position.character))
    edited = [(-(f.version or 0), other) for other, f in snapshot.files.items() if (f.version or 0) > 1]
    recent = tuple(other for _, other in sorted(edited) if other != path)
    modified: set[str] = set()
    for root in sorted(ls.trusted) if ls.trusts(path) else ():
        found = await git.modified(root)
        modified.update(() if isinstance(found, Silence) else found)
    steps = why(
        snapshot,
        Selection(path, Span(offset, offset)),
        where.question,
        ls.port.info,
        about=About(modified=frozenset(modified) if ls.trusts(path) else None, recent=recent),
        weights=Weights.of(ls.settings.evidence),
    )
    async with progress(ls, "What a model would see") as report:  # a first question to a model of embeddings takes long
        if (mine := asyncio.current_task()) is not None:
            report.on_cancel(mine.cancel)
        evidence: Evidence
        evidence, stages = await ls.do(
            steps, path, lambda stage: report(stage.title.capitalize().replace("_", " "), stage.done, stage.of)
        )
    return ls.keep("context", evidence.with_stages(stages))
