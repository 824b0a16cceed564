"""What goes into the server's log: failures, and no refusals, which are answers."""

import logging
import sys

from pygls.exceptions import JsonRpcException, JsonRpcInternalError

from dovetail.lsp.wire import is_failure, loud


def _record(error: Exception) -> logging.LogRecord:
    try:
        raise error
    except Exception:
        return logging.LogRecord("pygls", logging.ERROR, "", 0, "", (), sys.exc_info())


def test_a_refusal_is_no_failure() -> None:
    refused = JsonRpcException(message="The file changed meanwhile: ask again.")
    assert not is_failure(refused)
    assert not loud(_record(refused))


def test_a_failure_is_one() -> None:
    assert is_failure(JsonRpcInternalError(message="broken"))
    assert loud(_record(JsonRpcInternalError(message="broken")))
    assert loud(_record(KeyError("x")))
    assert loud(logging.LogRecord("pygls", logging.ERROR, "", 0, "", (), None))
