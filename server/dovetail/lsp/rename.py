"""`textDocument/rename`: every place that means the same, in one versioned edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as t

from dovetail.features.renaming import Renaming, astray, named_at, renaming
from dovetail.lsp.convert import to_path, to_uri
from dovetail.lsp.progress import cancellable
from dovetail.lsp.sync import whole
from dovetail.text import Edit, Span
from dovetail.world import File

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail


def register(server: Dovetail) -> None:
    server.feature(t.TEXT_DOCUMENT_PREPARE_RENAME)(_prepare)
    server.feature(t.TEXT_DOCUMENT_RENAME, t.RenameOptions(prepare_provider=True))(_rename)


def _prepare(ls: Dovetail, params: t.PrepareRenameParams) -> t.PrepareRenamePlaceholder:
    file = _file(ls, params.text_document.uri)
    found = named_at(ls.snapshot(), file.path, ls.encoding.offset(file.document, params.position))
    if isinstance(found, str):
        raise ls.refuse(found)
    return t.PrepareRenamePlaceholder(range=ls.encoding.range(file.document, found.span), placeholder=found.text)


async def _rename(ls: Dovetail, params: t.RenameParams) -> t.WorkspaceEdit:
    file, title = _file(ls, params.text_document.uri), f"Renaming to {params.new_name}"
    offset = ls.encoding.offset(file.document, params.position)  # a place of the text as it was when this was asked
    await whole(ls, title)
    if _file(ls, params.text_document.uri).document.data != file.document.data:
        raise ls.refuse("the text has changed meanwhile; rename again", t.LSPErrorCodes.ContentModified)
    async with cancellable(ls, title) as tell:
        made, _ = await ls.do(renaming(ls.snapshot(), file.path, offset, params.new_name), file.path, tell)
        if isinstance(made, str):
            raise ls.refuse(made)
        (reason, _), _ = await ls.do(astray(made), file.path, tell)
    if reason:
        raise ls.refuse(reason)
    unsure = made.maybe if ls.annotates else {}
    if made.guesses and not unsure:
        ls.say(f"{made.guesses} more places may mean {made.named.text}; they stay as they are")
    for note in made.notes:
        ls.say(note)
    return workspace_edit(ls, made, guesses=bool(unsure))


def workspace_edit(ls: Dovetail, made: Renaming, *, guesses: bool = False) -> t.WorkspaceEdit:
    """The edit; places that are only guessed need a yes of their own."""
    documents: list[t.TextDocumentEdit | t.CreateFile | t.RenameFile | t.DeleteFile] = []
    for path, edits in made.change(guesses=guesses).edits.items():
        file = made.before.files[path]
        if ls.snapshot().file(path) is None:
            now = ls.document(path)
            if now is None or now.data != file.document.data:
                raise ls.refuse(f"{path.rsplit('/', 1)[-1]} has changed on disk; wait a moment and rename again")
        maybe = made.maybe.get(path, set[Span]()) if guesses else set[Span]()
        changed = [_edit(ls, file, edit, annotate=edit.span in maybe) for edit in edits]
        identifier = t.OptionalVersionedTextDocumentIdentifier(uri=to_uri(path), version=file.version)
        documents.append(t.TextDocumentEdit(text_document=identifier, edits=changed))
    note = t.ChangeAnnotation(
        label=f"may mean {made.named.text}", needs_confirmation=True, description="whether it is meant cannot be told"
    )
    return t.WorkspaceEdit(document_changes=documents, change_annotations={"maybe": note} if guesses else None)


def _edit(ls: Dovetail, file: File, edit: Edit, *, annotate: bool) -> t.TextEdit | t.AnnotatedTextEdit:
    range_, text = ls.encoding.range(file.document, edit.span), edit.new.decode()
    if annotate:
        return t.AnnotatedTextEdit(annotation_id="maybe", range=range_, new_text=text)
    return t.TextEdit(range=range_, new_text=text)


def _file(ls: Dovetail, uri: str) -> File:
    file = ls.snapshot().file(to_path(uri))
    if file is None:
        raise ls.refuse("the file is not open")
    return file
