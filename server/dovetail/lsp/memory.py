"""What was learnt, for one editor: the store of each folder, taking back, and asking in words."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types as t
from pydantic import BaseModel, ValidationError
from pygls.exceptions import JsonRpcException

from dovetail.features.account import backs, entered
from dovetail.features.actions import Edited, Offer, Result, actions, nothing, throughout
from dovetail.features.asked import asked as understood
from dovetail.features.asked import places
from dovetail.features.follow_up import Act
from dovetail.features.intent import Question, named
from dovetail.lsp.convert import to_path, to_uri, workspace_edit
from dovetail.lsp.menu import plain, request_at, row_of
from dovetail.lsp.progress import cancellable
from dovetail.memory import Back, Store, digest, open_store
from dovetail.text import Change, Edit, Span
from dovetail.world import File, Selection

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

_MOST = 50
"""Edits on offer that are kept until they are taken or forgotten."""


class Kept:
    """The stores that were opened, and the edits on offer."""

    def __init__(self) -> None:
        self._stores: dict[str, Store] = {}
        self._offered: OrderedDict[str, tuple[str, int, dict[str, Back]]] = OrderedDict()

    def store(self, ls: Dovetail, path: str) -> Store | None:
        """That of the folder a file lies in; None where nothing is to be remembered."""
        if not ls.settings.memory.enabled:
            return None
        root = ls.snapshot().root_of(path)
        if not root:
            return None
        if root not in self._stores:
            self._stores[root] = open_store(root, tell=ls.say)
        return self._stores[root]

    def answered(
        self, ls: Dovetail, path: str, asked: str, shown: str, result: Result, ms: float,
        did: tuple[str, str] | None = None,
    ) -> None:  # fmt: skip
        """A line for the ledger; an edit can be taken back once it was taken."""
        store = self.store(ls, path)
        if store is None or path in ls.snapshot().private:
            return
        number = entered(store, asked, path, result, ms, did)
        if isinstance(result, Edited):
            self._offered[shown] = path, number, backs(ls.snapshot(), result.change)
            while len(self._offered) > _MOST:
                self._offered.popitem(last=False)

    def accepted(self, ls: Dovetail, shown: str) -> None:
        """The editor took an edit."""
        if (offered := self._offered.get(shown)) and (store := self.store(ls, offered[0])):
            store.applied(offered[1], offered[2])


class _Asked(BaseModel):
    text: str
    uri: str
    range: dict[str, dict[str, int]]


def register(server: Dovetail) -> None:
    async def undo_last(ls: Dovetail, *arguments: Any) -> bool:
        """Take back the last edit that was taken, if its files are still as it left them."""
        stores = [ls.kept.store(ls, f"{root.rstrip('/')}/x") for root in ls.snapshot().roots]
        known = [(store, last) for store in stores if store and (last := store.last_applied())]
        if not known:
            ls.say("nothing that was applied is remembered")
            return False
        store, last = max(known, key=lambda each: each[1].at)
        edits: dict[str, tuple[Edit, ...]] = {}
        going: list[str] = []
        snapshot = ls.snapshot()
        for path, back in last.files.items():
            document = ls.document(path) if snapshot.root_of(path) else None  # of a file that is not open, the disk's
            if document is None or digest(document.data) != back.after:
                why = "is not there any more" if document is None else "has changed since"
                ls.say(f"{path.rpartition('/')[2]} {why}; “{last.asked}” is not taken back")
                return False
            if snapshot.file(path) is None:
                snapshot = replace(snapshot, files=snapshot.files.set(path, File(path, document)))
            if back.created and _deletes(ls):
                going.append(path)
            else:
                edits[path] = tuple(
                    Edit(Span(start, end), old.encode("utf-8", "surrogatepass"))
                    for start, end, old in sorted(back.edits)
                )
        label = f"take back: {last.asked}"
        edit = workspace_edit(snapshot, Change(edits), ls.encoding, label, label, annotate=False)
        edit.document_changes = [*(edit.document_changes or ()), *(t.DeleteFile(to_uri(path)) for path in going)]
        try:
            done = await ls.workspace_apply_edit_async(t.ApplyWorkspaceEditParams(edit=edit, label=label))
        except JsonRpcException:
            return False  # some clients answer a "no" with an error
        if done.applied:
            store.undone(last.number)
        return done.applied

    async def ask(ls: Dovetail, *arguments: Any) -> dict[str, Any]:
        """{text, uri, range} → what was understood: a question back, or a row to give to `dovetail.make`.

        What is searched for comes in `lines` as well, one for each thing that is told.
        """
        try:
            asked = _Asked.model_validate(plain(arguments[0]) if arguments else None)
            range_ = t.Range(t.Position(**asked.range["start"]), t.Position(**asked.range["end"]))
        except (ValidationError, KeyError, TypeError):
            raise ls.refuse("dovetail.ask takes {text, uri, range}", -32602) from None
        path = to_path(asked.uri)
        snapshot = ls.snapshot()
        file = snapshot.file(path)
        if file is None:
            raise ls.refuse("the file is not open; open it and ask again")
        span = ls.encoding.span(file.document, range_)
        store = ls.kept.store(ls, path)
        known = store.last_act() if store else None
        last = Act(*known) if known else None
        said, _ = await ls.do(understood(asked.text, snapshot, path, span, ls.port.info, last), path)
        if isinstance(said, Question):
            return {"question": said.text}
        if said.at is None or not said.action:
            async with cancellable(ls, "Looking for it") as tell:
                found, _ = await ls.do(places(asked.text, snapshot), path, tell)
            told = "; ".join(map(str.strip, found)) or "no name of the sentence is defined here"
            return {"kind": said.kind, "question": told, "lines": found}
        there = snapshot.file(said.at.path)
        name = said.at.path.rsplit("/", 1)[-1]
        if there is None:
            return {"question": f"it is in {name}; open that and ask again"}
        request = request_at(ls, said.at)
        action = next(each for each in actions() if each.name == said.action)
        offer = next((o for o in action.offer(snapshot, request) if not o.disabled), None)
        if said.data:  # a name or a parameter that no menu knows; about what the sentence names
            about = named(asked.text, snapshot.graph.symbols(path))
            target = about.name_span if about is not None else span
            request = request_at(ls, Selection(path, Span(target.start, target.start)))
            offer = Offer(" ".join(asked.text.split()), target, said.data)
        if offer is None and (wider := throughout.widened(snapshot, request, action.name)):
            action, offer = throughout.ACTION, wider[0]
        if offer is None:
            where = f" in {name}" * (said.at.path != path)
            why = nothing(action, snapshot, request)
            return {"kind": said.kind, "question": f"understood as “{action.words}”{where}: {why}"}
        row = row_of(ls, to_uri(said.at.path), there, request, action, offer)
        return {"kind": said.kind, "action": action.name, "title": offer.title, "row": row.model_dump(mode="json")}

    server.serve_command("dovetail.undoLast", undo_last)
    server.serve_command("dovetail.ask", ask)


def _deletes(ls: Dovetail) -> bool:
    workspace = ls.client_capabilities.workspace
    edit = workspace.workspace_edit if workspace else None
    return bool(edit and t.ResourceOperationKind.Delete in (edit.resource_operations or ()))
