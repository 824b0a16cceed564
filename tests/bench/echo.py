"""The baseline of the pipe: pygls alone, one request that does nothing."""

from typing import Any

from pygls.lsp.server import LanguageServer

server = LanguageServer("echo", "1")


@server.command("dovetail.status")
def status(*arguments: Any) -> None:
    return None


if __name__ == "__main__":
    server.start_io()
