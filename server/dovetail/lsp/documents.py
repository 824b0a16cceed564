"""What is there to be read: explanations, evidence, statistics, as Markdown documents that the server writes.

Where the client reads documents from a server (`workspace/textDocumentContent`), each has an address of its own,
`dovetail://explanation/…`, and no file. Others are shown a file that goes with the server, or a message.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException

from dovetail.features.ledger import markdown
from dovetail.lsp.convert import to_uri

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail

SCHEME = "dovetail"
_MOST = 100


class Documents:
    """The newest ones, by their addresses."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self.registered = False
        """The client was told that it may read them from us."""

    def keep(self, kind: str, name: str, text: str) -> str:
        """The address of a document."""
        address = f"{SCHEME}://{kind}/{name}.md"
        self._texts[address] = text
        self._texts.move_to_end(address)
        while len(self._texts) > _MOST:
            self._texts.popitem(last=False)
        return address

    def text(self, address: str) -> str | None:
        return self._texts.get(address)


def register(server: Dovetail) -> None:
    async def content(ls: Dovetail, params: t.TextDocumentContentParams) -> t.TextDocumentContentResult:
        """The text of a document of ours."""
        name, text = params.uri.rsplit("/", 1)[-1].removesuffix(".md"), ls.documents.text(params.uri)
        if text is None and params.uri == f"{SCHEME}://evidence/{name}.md" and (kept := ls.shown.get(name)):
            text = markdown(kept.evidence, kept.silence)
        if text is None:
            raise ls.refuse(f"{name} is not remembered any more")
        return t.TextDocumentContentResult(text=text)

    server.feature(t.WORKSPACE_TEXT_DOCUMENT_CONTENT)(content)


async def show(ls: Dovetail, kind: str, name: str, text: str) -> str:
    """Put Markdown before the person: the client's own way, a document, a file, or a message. Its address."""
    address = ls.documents.keep(kind, name, text)
    if ls.options.get("documents") == "client":
        return address
    window = ls.client_capabilities.window
    if window and window.show_document and window.show_document.support:
        if await _reads(ls):
            await ls.window_show_document_async(t.ShowDocumentParams(uri=address, take_focus=False))
            return address
        with suppress(OSError):  # no room, or nowhere to write: as a message
            file = Path(_folder().name) / f"{kind}.md"
            file.write_text(text, "utf-8")
            await ls.window_show_document_async(t.ShowDocumentParams(uri=to_uri(file.as_posix()), take_focus=False))
            return address
    ls.window_show_message(t.ShowMessageParams(type=t.MessageType.Info, message=text))
    return address


async def _reads(ls: Dovetail) -> bool:
    """Whether the client reads documents from a server; it is told of ours once."""
    workspace = ls.client_capabilities.workspace
    can = workspace.text_document_content if workspace else None
    if can is None or not can.dynamic_registration:
        return False
    if not ls.documents.registered:
        options = t.TextDocumentContentRegistrationOptions(schemes=[SCHEME])
        try:
            await ls.client_register_capability_async(
                t.RegistrationParams([t.Registration("dovetail-documents", t.WORKSPACE_TEXT_DOCUMENT_CONTENT, options)])
            )
        except JsonRpcException:
            return False
        ls.documents.registered = True
    return True


@cache
def _folder() -> TemporaryDirectory[str]:
    """For what this server shows: another window has its own. Gone with the server."""
    return TemporaryDirectory(prefix="dovetail-")
