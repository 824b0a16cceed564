"""pygls, with our own text: no copy of each document in pygls, answers that are already JSON, bad
messages answered instead of dropped."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any, BinaryIO

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol, lsp_method

_log = logging.getLogger(__name__)

LARGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes; what is larger is read past and dropped."""


@dataclass(frozen=True, slots=True)
class Json:
    """A result that is already JSON text. Skips the conversion, which costs far more than the parse."""

    text: str


class Protocol(LanguageServerProtocol):
    """pygls's protocol; documents are kept by `World` alone.

    pygls's own handlers for text would rebuild the document at each keystroke, and split lines where
    LSP does not.
    """

    @lsp_method(t.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: t.DidOpenTextDocumentParams) -> Any:
        return self._pass_on(t.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(t.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: t.DidChangeTextDocumentParams) -> Any:
        return self._pass_on(t.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(t.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: t.DidCloseTextDocumentParams) -> Any:
        return self._pass_on(t.TEXT_DOCUMENT_DID_CLOSE, params)

    def _pass_on(self, method: str, params: Any) -> None:
        self.fm.features[method](params)  # pyright: ignore[reportUnknownMemberType]

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A request that cannot be understood is answered with an error and its id."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(
                    data["id"],
                    error=JsonRpcInvalidParams(f"{data['method']}: the parameters are not valid").to_response_error(),
                )
            _log.warning("a message was not understood: %s", error)
            return super().structure_message({"jsonrpc": "2.0", "method": "$/notUnderstood", "params": {}})

    def _send_response(self, msg_id: Any, result: Any = None, error: t.ResponseError | None = None) -> None:
        if error is not None:
            # no traceback and no path of the machine goes to the client; both are in our own log
            error = t.ResponseError(code=error.code, message=error.message)
        if isinstance(result, Json) and error is None:
            self._result_types.pop(msg_id, None)
            body = f'{{"jsonrpc":"2.0","id":{json.dumps(msg_id)},"result":{result.text}}}'.encode()
            if self.writer is not None:
                self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            return
        super()._send_response(msg_id, result, error)


def is_failure(error: BaseException | None) -> bool:
    """Whether an error is one of ours. A refusal is an answer: its sentence went to the editor, and nothing broke."""
    return not isinstance(error, JsonRpcException) or isinstance(error, JsonRpcInternalError)


def loud(record: logging.LogRecord) -> bool:
    """For pygls's log, which writes a traceback for every error that it answers with."""
    return record.exc_info is None or is_failure(record.exc_info[1])


class Bounded:
    """Standard input whose messages have a largest size."""

    def __init__(self, stdin: BinaryIO) -> None:
        self._stdin = stdin

    def readline(self) -> bytes:
        return self._stdin.readline(65536)

    def read(self, size: int) -> bytes:
        if size <= LARGEST_MESSAGE:
            return self._stdin.read(size)
        while size > 0:
            chunk = self._stdin.read(min(size, 1 << 20))
            if not chunk:
                return b""
            size -= len(chunk)
        _log.warning("a message of more than %d MiB was dropped", LARGEST_MESSAGE >> 20)
        return b'{"jsonrpc":"2.0","method":"$/tooLarge","params":{}}'
