"""Bad input, bad luck: a stated result for each, nothing lost, the next request works."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from lsprotocol import types as t
from pytest_lsp import LanguageClient

from tests.bench.pipe import ready, server
from tests.laid import lay
from tests.session import command, completion, names, opened, typed, until


def _logged(client: LanguageClient, words: str) -> bool:
    return any(words in message.message for message in client.log_messages)


def _model_process(parent: int) -> int:
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
            line = status.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if f"\nPPid:\t{parent}\n" in text and b"dovetail.model.worker" in line:
            return int(status.parent.name)
    if Path("/proc/self").exists():
        pytest.fail("there is no model process")
    pytest.skip("this system does not tell of processes in /proc")


async def test_a_killed_model_process_comes_back(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "shop.py")
    assert client._server is not None
    os.kill(_model_process(client._server.pid), signal.SIGKILL)
    hover = await client.text_document_hover_async(t.HoverParams(t.TextDocumentIdentifier(uri), t.Position(5, 8)))
    assert hover is not None  # the graph's facts need no model

    async def works() -> bool:
        await completion(client, uri, 17, 15)
        status = await command(client, "dovetail.status")
        return status["state"] == "ready"

    await until(works)


async def test_a_stale_version_is_told_and_not_applied(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "prices.py", version=5)
    typed(client, uri, 4, 0, 0, "def wrong(): pass\n")
    assert await names(client, uri) == ["PRICES", "price_of"]
    assert _logged(client, "was not taken (version 4 after 5)")
    typed(client, uri, 6, 0, 0, "def right(): pass\n")
    assert await names(client, uri) == ["right", "PRICES", "price_of"]


async def test_a_form_feed_or_u2028_is_no_line_end(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "odd.py", 'a = "x\u2028y\x85z"\n\f\ndef f():\n    pass\n')
    typed(client, uri, 2, 2, 4, "first_")
    assert await names(client, uri) == ["a", "first_f"]
    typed(client, uri, 3, 0, 6, "😀")  # inside the string, before U+2028
    typed(client, uri, 4, 0, 8, "b", delete=1)  # the column counts the emoji twice: UTF-16
    assert await names(client, uri) == ["a", "first_f"]


async def test_a_lone_surrogate_breaks_nothing(client: LanguageClient, project: Path) -> None:
    uri = (project / "odd.py").as_uri()
    body = {
        "jsonrpc": "2.0",
        "method": "textDocument/didOpen",
        "params": {
            "textDocument": {
                "uri": uri,
                "languageId": "python",
                "version": 1,
                "text": "s = '\ud83d'\n\ndef f(): pass\n",
            }
        },
    }
    data = json.dumps(body).encode()  # json writes the surrogate as an escape, as editors do
    writer = client.protocol.writer
    assert writer is not None
    writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
    assert await names(client, uri) == ["s", "f"]
    typed(client, uri, 2, 0, 6, "\ude00")  # the other half, typed behind it
    typed(client, uri, 3, 2, 4, "g")
    assert await names(client, uri) == ["s", "gf"]
    await completion(client, uri, 2, 13)


async def test_nul_bytes_and_huge_files_are_text_only(client: LanguageClient, project: Path) -> None:
    nul = opened(client, project / "nul.py", "def f(): pass\n\0\n")
    assert await names(client, nul) == []
    assert _logged(client, "nul.py contains NUL bytes")
    huge = opened(client, project / "huge.py", "x = 1\n" * 3_600_000)
    assert await names(client, huge) == []
    assert _logged(client, "huge.py is larger than 2 MB")
    typed(client, huge, 2, 0, 0, "y")
    result = await completion(client, huge, 0, 1)
    assert result is not None
    assert not result.items
    assert await names(client, opened(client, project / "shop.py")) == ["Basket", "__init__", "add", "total"]


async def test_positions_out_of_range_are_clamped(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "prices.py", "def f():\n    pass")
    for line, character in ((0, 10**6), (10**6, 0), (1, 2**31 - 1)):
        await client.text_document_hover_async(
            t.HoverParams(t.TextDocumentIdentifier(uri), t.Position(line, character))
        )
        await completion(client, uri, line, character)
    typed(client, uri, 2, 99, 99, "\n\ndef g(): pass")
    assert await names(client, uri) == ["f", "g"]


async def test_a_file_that_is_not_open_gets_an_answer(client: LanguageClient, project: Path) -> None:
    uri = (project / "nowhere.py").as_uri()
    typed(client, uri, 2, 0, 0, "x")
    result = await completion(client, uri, 0, 0)
    assert result is not None
    assert not result.items
    assert await names(client, uri) == []


async def test_a_malformed_request_is_answered_with_an_error(tmp_path: Path) -> None:
    async with server(root=tmp_path) as pipe:
        _, answer = pipe.ask("textDocument/hover", {"position": "here"})
        _, body = await asyncio.wait_for(answer, 5)
        error = json.loads(body)["error"]
        assert error["code"] == -32602
        assert "Traceback" not in body.decode()
        assert pipe.process.stdin is not None
        for junk in (b"Content-Length: 7\r\n\r\nnot json"[:-1], b"Content-Length: 2\r\n\r\n{}"):
            pipe.process.stdin.write(junk)
        pipe.notify("$/whatever", {})
        _, answer = pipe.ask("no/such/method", {})
        _, body = await asyncio.wait_for(answer, 5)
        assert json.loads(body)["error"]["code"] == -32601
        await ready(pipe)


@pytest.mark.parametrize("content", [None, b"", b"GGUF", b"not a model at all" * 100])
async def test_without_a_model_the_rest_works(tmp_path: Path, content: bytes | None) -> None:
    model = tmp_path / "model.gguf"
    if content is not None:
        model.write_bytes(content)
    (tmp_path / "a.py").write_text("def half(n: int) -> int:\n    return n // 2\n", "utf-8")
    uri = (tmp_path / "a.py").as_uri()
    at = {"line": 0, "character": 5}
    async with server(sys.executable, "-I", "-m", "dovetail", "--model", str(model), root=tmp_path) as pipe:
        status = await ready(pipe)
        assert status["state"] == "failed"
        assert "model.gguf" in status["reason"]
        assert status["reason"].endswith(".")
        item = {"uri": uri, "languageId": "python", "version": 1, "text": (tmp_path / "a.py").read_text("utf-8")}
        pipe.notify("textDocument/didOpen", {"textDocument": item})
        _, hover = await pipe.timed("textDocument/hover", {"textDocument": {"uri": uri}, "position": at})
        assert "def half(n: int) -> int" in hover["contents"]["value"]
        here = {"textDocument": {"uri": uri}, "range": {"start": at, "end": at}, "context": {"diagnostics": []}}
        _, rows = await pipe.timed("textDocument/codeAction", here)
        row = next(row for row in rows if row["kind"].endswith("validate"))
        _, made = await pipe.timed("codeAction/resolve", row)
        assert "raise" in json.dumps(made["edit"])
        _, nothing = await pipe.timed(
            "textDocument/inlineCompletion",
            {"textDocument": {"uri": uri}, "position": at, "context": {"triggerKind": 1}},
        )
        assert nothing["items"] == []


async def test_the_server_ends_with_the_right_code(tmp_path: Path) -> None:
    async with server(root=tmp_path) as pipe:
        pass
    assert pipe.process.returncode == 0


async def test_nothing_outlives_a_killed_server(tmp_path: Path) -> None:
    with contextlib.suppress(ConnectionError):  # nobody says good-bye
        async with server(root=tmp_path) as pipe:
            await ready(pipe)
            model = _model_process(pipe.process.pid)
            pipe.process.kill()
            await pipe.process.wait()

            async def gone() -> bool:
                return not Path(f"/proc/{model}").exists()

            await until(gone, 5)
            raise ConnectionError


async def test_two_windows_do_not_meet(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(): pass\n", "utf-8")
    async with server(root=tmp_path) as one, server(root=tmp_path) as two:
        await ready(one)
        await ready(two)
        for pipe, text in ((one, "def one(): pass\n"), (two, "def two(): pass\n")):
            item = {"uri": (tmp_path / "a.py").as_uri(), "languageId": "python", "version": 1, "text": text}
            pipe.notify("textDocument/didOpen", {"textDocument": item})
        for pipe, name in ((one, "one"), (two, "two")):
            _, found = await pipe.timed(
                "textDocument/documentSymbol", {"textDocument": {"uri": (tmp_path / "a.py").as_uri()}}
            )
            assert [symbol["name"] for symbol in found] == [name]


async def test_an_edit_made_for_another_text_is_not_handed_out(tmp_path: Path) -> None:
    """Editors count versions anew when a file is opened again: same version, same places, another text."""
    one = "def half(value: int) -> int:\n    return value\n"
    two = "def half(names: str) -> str:\n    return names\n"
    assert len(one) == len(two)
    uri = (tmp_path / "a.py").as_uri()
    at = {"line": 0, "character": 5}
    here = {"textDocument": {"uri": uri}, "range": {"start": at, "end": at}, "context": {"diagnostics": []}}
    async with server(root=tmp_path) as pipe:
        await ready(pipe)
        rows = {}
        for text in (one, two):
            item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
            pipe.notify("textDocument/didOpen", {"textDocument": item})
            _, found = await pipe.timed("textDocument/codeAction", here)
            rows[text] = next(row for row in found if row["kind"].endswith("validate"))
            _, made = await pipe.timed("codeAction/resolve", rows[text])
            edit = json.dumps(made["edit"])
            assert ("value" in edit, "names" in edit) == (text is one, text is two)
            pipe.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


@pytest.mark.parametrize("how", ["exit", "end of input"])
async def test_leaving_without_a_word_ends_all_while_the_project_is_read(tmp_path: Path, how: str) -> None:
    for number in range(400):
        (tmp_path / f"m{number}.py").write_text("def f(a, b):\n    return a + b\n" * 300, "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", "dovetail", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    messages = [
        {
            "id": 1,
            "method": "initialize",
            "params": {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {}},
        },
        {"method": "initialized", "params": {}},
    ]
    for message in messages:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    await process.stdout.readline()
    await asyncio.sleep(0.8)
    if how == "exit":
        body = b'{"jsonrpc":"2.0","method":"exit"}'
        process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 10) == 1


async def test_a_key_during_the_pause_makes_the_older_question_void(tmp_path: Path) -> None:
    uri = (tmp_path / "a.py").as_uri()
    async with server(root=tmp_path, settings={"completion": {"debounce_ms": 60}}) as pipe:
        await ready(pipe)
        text = "def f():\n    return 1\n" + "é" * 40 + "\n"
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        pipe.notify("textDocument/didOpen", {"textDocument": item})
        context = {"triggerKind": 2}
        asked = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 40}, "context": context}
        _, answer = pipe.ask("textDocument/inlineCompletion", asked)
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 3, "character": 0}}
        changed = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"range": whole, "text": "x"}]}
        pipe.notify("textDocument/didChange", changed)
        _, body = await answer
        assert json.loads(body)["result"] is None


async def test_what_the_scan_leaves_out_stays_out(tmp_path: Path) -> None:
    """Also when the disk tells of it, and when it was open and is closed."""
    (tmp_path / ".gitignore").write_text("gen/\n", "utf-8")
    names = {
        "a.py": "def kept(): pass\n",
        "gen/g.py": "def ignored(): pass\n",
        "secrets.py": "hidden = 'correct horse'\n",
    }
    lay(tmp_path, names)
    async with server(root=tmp_path, settings={"index": {"exclude": ["!", "nothing/"]}}) as pipe:
        await ready(pipe)

        async def known(query: str) -> list[str]:
            _, found = await pipe.timed("workspace/symbol", {"query": query})
            return [symbol["name"] for symbol in found]

        assert await known("kept") == ["kept"]
        uris = [(tmp_path / name).as_uri() for name in ("gen/g.py", "secrets.py")]
        pipe.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2} for uri in uris]})
        item = {"uri": uris[1], "languageId": "python", "version": 1, "text": names["secrets.py"]}
        pipe.notify("textDocument/didOpen", {"textDocument": item})
        await asyncio.sleep(0.5)
        assert await known("hidden") == []
        pipe.notify("textDocument/didClose", {"textDocument": {"uri": uris[1]}})
        await asyncio.sleep(0.5)
        assert await known("ignored") == []
        assert await known("hidden") == []


async def test_a_chain_of_thousands_of_links_does_not_hold_up_the_server(tmp_path: Path) -> None:
    uri = (tmp_path / "chain.py").as_uri()
    async with server(root=tmp_path) as pipe:
        await ready(pipe)
        item = {"uri": uri, "languageId": "python", "version": 1, "text": "x" + ".y" * 3000 + "\ndef f(): pass\n"}
        pipe.notify("textDocument/didOpen", {"textDocument": item})
        _, found = await asyncio.wait_for(pipe.timed("textDocument/documentSymbol", {"textDocument": {"uri": uri}}), 20)
        assert [symbol["name"] for symbol in found] == ["f"]


async def test_text_only_ends_when_its_reason_is_gone(client: LanguageClient, project: Path) -> None:
    uri = opened(client, project / "nul.py", "def f(): pass\n\0\n")
    assert await names(client, uri) == []
    typed(client, uri, 2, 1, 0, "", delete=1)
    assert await names(client, uri) == ["f"]
