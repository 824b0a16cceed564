"""`dovetail demo`: a real server over a real pipe on a real project. Nothing shown is prepared."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient
from rich.console import Console, Group
from rich.markdown import Markdown
from rich.panel import Panel
from rich.syntax import Syntax
from rich.text import Text

from dovetail import __version__
from dovetail.cli.terminal import terminal
from dovetail.lsp.convert import Encoding, to_uri
from dovetail.text import Change, Document, unified_diff

_FILES = 24
"""Files of the project that are looked into."""
_COMPLETIONS = 3
_PLACES = 60
"""Places tried for completions, at most."""
_HOVERS = 120
_MENUS = 400
_SECONDS = 45.0
"""Time after which no new place is tried."""


@dataclass
class _Open:
    path: Path
    uri: str
    text: str
    version: int = 1
    symbols: list[t.DocumentSymbol] = field(default_factory=list[t.DocumentSymbol])


class _Editor(LanguageClient):
    """As much of an editor as the demo needs."""

    def __init__(self) -> None:
        super().__init__("dovetail demo", __version__)
        self.reading = ""

        def progress(params: t.ProgressParams) -> None:
            self.reading = getattr(params.value, "message", None) or self.reading

        def nothing(params: Any) -> None: ...

        self.feature(t.PROGRESS)(progress)
        for method in (t.WINDOW_WORK_DONE_PROGRESS_CREATE, t.CLIENT_REGISTER_CAPABILITY, t.WINDOW_LOG_MESSAGE):
            self.feature(method)(nothing)


def demo(given: Mapping[str, Any], project: Path | None) -> int:
    """Run it. 0 where every part could be shown."""
    console = terminal(markup=True)
    root = (project or Path(__file__).parent.parent).absolute()
    try:
        return asyncio.run(_demo(given, root, console))
    except (ConnectionError, TimeoutError, RuntimeError, JsonRpcException) as error:
        console.print(f"[red]the server did not answer: {error}[/] `dovetail doctor` tells more.")
        return 1


async def _demo(given: Mapping[str, Any], root: Path, console: Console) -> int:
    started = time.perf_counter()
    console.print(f"\n[bold]Dovetail {__version__}[/] on [bold]{root}[/]\n", highlight=False)
    async with _server(given, root) as editor:
        status = await _ready(editor, console)
        if not status["model"]:
            console.print(f"[red]no model: {status['reason']}")
            return 1
        console.print(f"  model    {status['model']}", highlight=False)
        console.print(f"  indexed  {status['indexed']}", highlight=False)
        files = await _files(editor, root)
        if not files:
            console.print(f"[red]there is no Python file with a function under {root}")
            return 1
        completed = await _completions(editor, files, console, started)
        hovered = await _hover(editor, files, console, started)
        validated = await _validation(editor, files, console, started)
    console.print(f"\n{time.perf_counter() - started:.1f} s in all. No file was changed.\n", highlight=False)
    return 0 if completed and hovered and validated else 1


@asynccontextmanager
async def _server(given: Mapping[str, Any], root: Path) -> AsyncGenerator[_Editor]:
    """The server as an editor starts it: a process, spoken to on its standard input and output."""
    editor = _Editor()
    options = [word for key, value in given.items() for word in (f"--{key.replace('_', '-')}", str(value))]
    await editor.start_io(sys.executable, "-I", "-X", "utf8", "-m", "dovetail", *options)  # pyright: ignore[reportUnknownMemberType]
    try:
        await asyncio.wait_for(editor.initialize_async(_introduction(root)), 30)
        editor.initialized(t.InitializedParams())
        yield editor
        await asyncio.wait_for(editor.shutdown_async(None), 5)
    finally:
        editor.exit(None)
        await asyncio.wait_for(editor.stop(), 5)


def _introduction(root: Path) -> t.InitializeParams:
    action = t.CodeActionClientCapabilities(
        data_support=True,
        disabled_support=True,
        resolve_support=t.ClientCodeActionResolveOptions(properties=["edit"]),
    )
    return t.InitializeParams(
        process_id=None,
        root_uri=to_uri(root.as_posix()),
        workspace_folders=[t.WorkspaceFolder(uri=to_uri(root.as_posix()), name=root.name)],
        client_info=t.ClientInfo(name="dovetail demo"),
        capabilities=t.ClientCapabilities(
            general=t.GeneralClientCapabilities(position_encodings=[t.PositionEncodingKind.Utf16]),
            window=t.WindowClientCapabilities(work_done_progress=True),
            text_document=t.TextDocumentClientCapabilities(code_action=action),
        ),
        initialization_options={"documents": "client"},
    )


async def _ready(editor: _Editor, console: Console) -> dict[str, Any]:
    with console.status("starting the server") as shown:
        while True:
            status = _plain(await _command(editor, "dovetail.status"))
            if status["state"] != "loading" and not status["scanning"]:
                return status
            shown.update(f"reading the project: {editor.reading or status['indexed']}")
            await asyncio.sleep(0.05)


async def _files(editor: _Editor, root: Path) -> list[_Open]:
    """Files worth looking into: many functions, not tests; opened as an editor opens them."""
    found: list[tuple[float, Path, str]] = []
    for path in sorted(root.rglob("*.py")):
        if any(
            part in (".venv", "node_modules", "__pycache__") or part.startswith("test")
            for part in path.relative_to(root).parts
        ):
            continue
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        functions = len(re.findall(r"^\s*(?:async )?def \w+\(.*\w+:", text, re.MULTILINE))
        if functions and len(text) < 200_000:
            found.append((-functions, path, text))
    opened: list[_Open] = []
    for _, path, text in sorted(found)[:_FILES]:
        file = _Open(path, to_uri(path.as_posix()), text)
        item = t.TextDocumentItem(uri=file.uri, language_id="python", version=1, text=text)
        editor.text_document_did_open(t.DidOpenTextDocumentParams(text_document=item))
        params = t.DocumentSymbolParams(text_document=t.TextDocumentIdentifier(file.uri))
        symbols = await editor.text_document_document_symbol_async(params)
        file.symbols = _functions([s for s in symbols or [] if isinstance(s, t.DocumentSymbol)])
        opened.append(file)
    return opened


def _functions(symbols: list[t.DocumentSymbol]) -> list[t.DocumentSymbol]:
    found: list[t.DocumentSymbol] = []
    for symbol in symbols:
        if symbol.kind in (t.SymbolKind.Function, t.SymbolKind.Method):
            found.append(symbol)
        found += _functions(list(symbol.children or ()))
    return found


# ---- completion ---------------------------------------------------------------------------------


async def _completions(editor: _Editor, files: list[_Open], console: Console, started: float) -> bool:
    console.rule("[bold]Fill in the middle", align="left")
    shown: list[str] = []
    tried = 0
    silences: dict[str, int] = {}
    for file, line, cut in _places(files):
        if len(shown) == _COMPLETIONS or tried == _PLACES or time.perf_counter() - started > _SECONDS / 2:
            break
        tried += 1
        lines = file.text.splitlines(keepends=True)
        authored = lines[line].rstrip("\r\n")
        end = t.Position(line, len(authored.encode("utf-16-le")) // 2)
        cursor = t.Position(line, len(authored[:cut].encode("utf-16-le")) // 2)
        _change(editor, file, t.Range(cursor, end), "")
        asked = time.perf_counter()
        result = await editor.text_document_inline_completion_async(
            t.InlineCompletionParams(
                text_document=t.TextDocumentIdentifier(file.uri),
                position=cursor,
                context=t.InlineCompletionContext(trigger_kind=t.InlineCompletionTriggerKind.Invoked),
            )
        )
        took = (time.perf_counter() - asked) * 1000
        _change(editor, file, t.Range(cursor, cursor), authored[cut:])
        items = result.items if isinstance(result, t.InlineCompletionList) else result or []
        if not items:
            status = _plain(await _command(editor, "dovetail.status"))
            silences = status["silences"]
            continue
        text = str(items[0].insert_text)
        shown.append(text)
        same = text.strip() == authored[cut:].strip()
        before = [Text(f"{one.rstrip()}\n", style="dim") for one in lines[max(0, line - 3) : line]]
        ghost = Text.assemble((authored[:cut], "bold"), (text, "bold green"), "\n")
        told = "just as its author wrote it" if same else f"its author wrote {authored[cut:].strip()!r}"
        note = Text(f"\n{told} · {took:.0f} ms", style="italic dim")
        console.print(Panel(Group(Text.assemble(*before, ghost), note), title=_where(file, line), title_align="left"))
    console.print(f"{len(shown)} shown of {tried} places tried; at the others Dovetail stayed quiet.", highlight=False)
    for reason, count in sorted(silences.items(), key=lambda pair: -pair[1])[:3]:
        console.print(f"  [dim]{count} × {reason}", highlight=False)
    return bool(shown)


def _places(files: list[_Open]) -> list[tuple[_Open, int, int]]:
    """(file, line, cut): the ends of plain lines inside functions, one per function in turn."""
    places: list[list[tuple[_Open, int, int]]] = []
    for file in files:
        lines = file.text.splitlines()
        mine: list[tuple[_Open, int, int]] = []
        for symbol in file.symbols:
            for line in range(symbol.range.start.line + 2, min(symbol.range.end.line, len(lines))):
                found = re.match(r"\s+(?:return |if |for \w+ in |\w+ = |\w+(?:\.\w+)+\()(?=\S{3})", lines[line])
                if found and 24 <= len(lines[line]) <= 88 and lines[line].isascii():
                    mine.append((file, line, found.end()))
                    break
        places.append(mine)
    return [place for group in zip(*places, strict=False) for place in group] or [p for g in places for p in g]


def _change(editor: _Editor, file: _Open, range_: t.Range, text: str) -> None:
    file.version += 1
    editor.text_document_did_change(
        t.DidChangeTextDocumentParams(
            text_document=t.VersionedTextDocumentIdentifier(uri=file.uri, version=file.version),
            content_changes=[t.TextDocumentContentChangePartial(range=range_, text=text)],
        )
    )


# ---- hover --------------------------------------------------------------------------------------


async def _hover(editor: _Editor, files: list[_Open], console: Console, started: float) -> bool:
    console.rule("[bold]Hover", align="left")
    best: tuple[int, _Open, t.DocumentSymbol, str] | None = None
    asked, spent = 0, 0.0
    for file in files:
        for symbol in file.symbols:
            if asked == _HOVERS or time.perf_counter() - started > _SECONDS * 0.7:
                break
            asked += 1
            begun = time.perf_counter()
            found = await editor.text_document_hover_async(
                t.HoverParams(t.TextDocumentIdentifier(file.uri), symbol.selection_range.start)
            )
            spent += time.perf_counter() - begun
            if found is None or not isinstance(found.contents, t.MarkupContent):
                continue
            text = found.contents.value
            worth = sum(4 * (mark in text) for mark in ("Called by", "Calls", "written by")) + min(text.count("["), 8)
            if best is None or worth > best[0]:
                best = (worth, file, symbol, text)
    if best is None:
        console.print("[red]no name could be explained")
        return False
    _, file, symbol, text = best
    plain = re.sub(r"\]\(file://[^)]*\)", "]()", text)
    body = Markdown(re.sub(r"\[((?:\\.|[^\]])*)\]\(\)", r"**\1**", plain))
    console.print(Panel(body, title=_where(file, symbol.selection_range.start.line), title_align="left"))
    console.print(f"{asked} names asked, {1000 * spent / max(asked, 1):.1f} ms each.", highlight=False)
    return True


# ---- add validation -----------------------------------------------------------------------------


async def _validation(editor: _Editor, files: list[_Open], console: Console, started: float) -> bool:
    console.rule("[bold]Add validation", align="left")
    offered, refused = 0, 0
    best: tuple[int, _Open, t.DocumentSymbol, t.CodeAction, str, str] | None = None
    for file, symbol in [(f, s) for f in files for s in f.symbols][:_MENUS]:
        if time.perf_counter() - started > _SECONDS or offered == 12:
            break
        at = symbol.selection_range.start
        rows = await editor.text_document_code_action_async(
            t.CodeActionParams(
                t.TextDocumentIdentifier(file.uri), t.Range(at, at),
                t.CodeActionContext(diagnostics=[], only=[t.CodeActionKind.RefactorRewrite]),
            )
        )  # fmt: skip
        for row in rows or []:
            if not isinstance(row, t.CodeAction) or row.disabled or not str(row.kind).endswith("validate"):
                continue
            offered += 1
            made = await editor.code_action_resolve_async(row)
            if made.edit is None:
                refused += 1
                continue
            diff, added = _diff(file, made.edit)
            evidence = _plain(await _command(editor, "dovetail.showEvidence"))["markdown"]
            worth = min(added, 8) + 4 * ("tokens of prompt" in evidence)  # the model had a say
            if best is None or worth > best[0]:
                best = (worth, file, symbol, made, diff, evidence)
        if best is not None and best[0] >= 8:
            break
    if best is None:
        console.print(f"[red]of {offered} functions with something to check, none could be verified")
        return False
    _, file, symbol, made, diff, evidence = best
    console.print(
        Panel(
            Syntax(diff, "diff", background_color="default"),
            title=_where(file, symbol.selection_range.start.line),
            title_align="left",
        )
    )
    console.print(Panel(Markdown(evidence), title="evidence", title_align="left"))
    console.print(
        f"{made.title}: {offered} tried, {offered - refused} verified, {refused} refused. "
        "An editor shows this diff and waits for your yes.",
        highlight=False,
    )
    return True


def _diff(file: _Open, edit: t.WorkspaceEdit) -> tuple[str, int]:
    document = Document.of(file.text)
    encoding = Encoding()
    edits = [
        one
        for changed in edit.document_changes or []
        if isinstance(changed, t.TextDocumentEdit)
        for e in changed.edits
        if isinstance(e, t.TextEdit)
        and not isinstance(one := encoding.edit(document, t.TextDocumentContentChangePartial(e.range, e.new_text)), str)
    ]
    after = document.with_edits(Change.one("", edits).edits[""])
    diff = unified_diff(file.path.name, document, after)
    return diff, sum(line.startswith("+") and "raise" in line for line in diff.splitlines()) * 2


def _where(file: _Open, line: int) -> str:
    return f"{file.path.name}:{line + 1}"


async def _command(editor: _Editor, name: str) -> Any:
    return await editor.workspace_execute_command_async(t.ExecuteCommandParams(command=name, arguments=[]))


def _plain(value: Any) -> dict[str, Any]:
    """pygls hands free-form objects over as named tuples."""
    if isinstance(value, dict):
        return value  # pyright: ignore[reportUnknownVariableType]
    return {k: _plain(v) if hasattr(v, "_asdict") else v for k, v in value._asdict().items()}
