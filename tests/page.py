"""A test that a stranger can read: files, a place, what is done, what the model says, what one sees.

    What this page shows, in a sentence or two.

    == file: shop/cart.py ==
    def total(prices, ⟨⟩count: int): …          ⟨⟩ is the cursor, ⟨text⟩ a selection
    == open file: shop/other.py ==              another file, open in the editor as well
    == file: shop/tax.py ==                     a file that is only on disk
    == diagnostics ==
    3:5-3:9 F841 ruff: Local variable `x` …     lines and columns from 1, in the file with the cursor
    == settings ==
    line-ends = "crlf"                          TOML: trusted, evidence, line-ends, choose (a title), name (a new one),
                                                type-checker (the one that the user names)
    == model ==                                 one section a question; candidates between lines of ---
    == do ==
    validate
    == sees ==
    what the person sees; `pytest --update` writes it

Without `== model ==` there is no model. `silent: reason` is a model that says nothing. A file or an answer
ends before the line that opens the next section; `\\` before that line joins it to the text.
"""

from __future__ import annotations

import asyncio
import difflib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dovetail.context.evidence import Evidence
from dovetail.features.actions import Diagnostic, Edited, Explained, Offer, Refused, Request, actions, offers
from dovetail.features.hover import hover, markdown
from dovetail.features.inline_completion import Knobs, Quiet, inline_completion
from dovetail.graph import FileFacts, Symbol
from dovetail.model.ask import Silence, Steps, run
from dovetail.syntax import Tree, language_for
from dovetail.text import Document, Span
from dovetail.verify.checkers import run_checker
from dovetail.world import Selection, Snapshot, World
from tests.scripted import NO_MODEL, Said, Scripted

ROOT = "/project"
_SECTION = re.compile(r"^== (?P<name>[^=\n]+?) ==\n", re.MULTILINE)
_MARK = re.compile("⟨(.*?)⟩", re.DOTALL)


@dataclass
class Page:
    """One page as it is written."""

    path: Path
    about: str
    files: dict[str, str] = field(default_factory=dict[str, str])
    open: list[str] = field(default_factory=list[str])
    at: Selection | None = None
    do: str = ""
    diagnostics: str = ""
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    script: list[Said] | None = None
    sees: str = ""


def read(path: Path) -> Page:
    """Parse a page. Raises `ValueError` in words for its author."""
    whole = path.read_bytes().decode("utf-8")
    parts = _SECTION.split(whole)
    page = Page(path, parts[0].strip())
    if not page.about:
        raise ValueError(f"{path.name}: say in a sentence what the page shows, before the first section")
    sections = list(zip(parts[1::2], parts[2::2], strict=True))
    page.settings = tomllib.loads("".join(text for name, text in sections if name == "settings"))
    for name, text in sections:
        match name.split(":", 1)[0]:
            case "file" | "open file":
                _file(page, f"{ROOT}/{name.split(':', 1)[1].strip()}", text, name.startswith("open"))
            case "do":
                page.do = text.strip()
            case "diagnostics":
                page.diagnostics = text
            case "settings":
                pass
            case "model":
                page.script = [*(page.script or []), _said(text)]
            case "sees":
                page.sees = text
            case _:
                raise ValueError(f"{path.name}: there is no section called {name}")
    if page.at is None:
        raise ValueError(f"{path.name}: no file has a cursor ⟨⟩")
    if page.do not in DOES:
        raise ValueError(f"{path.name}: `== do ==` is one of {', '.join(DOES)}")
    return page


def rewrite(page: Page, sees: str) -> None:
    """Put what is seen now into the page."""
    whole = page.path.read_bytes().decode("utf-8")
    head = whole.split("== sees ==\n", 1)[0]
    page.path.write_bytes(f"{head}== sees ==\n{sees}".encode())


def perform(page: Page) -> str:
    """Do what the page says, and tell what a person would see. Ends with a line end."""
    seen = asyncio.run(DOES[page.do](page, Scene(page)))
    return f"{seen.rstrip()}\n".replace("\r", "␍")


class Scene:
    """The world of a page, and its model."""

    def __init__(self, page: Page) -> None:
        assert page.at is not None
        self.page = page
        self.at = page.at
        world = World([ROOT])
        for path, text in page.files.items():
            if path == page.at.path or path in page.open:
                world.open(path, text, 1, None)
            elif language := language_for(path):
                document = Document.of(text)
                world.learn([(path, FileFacts.of(Tree.parse(language, document)), document.data)])
        self.snapshot: Snapshot = world.snapshot()
        self.port = NO_MODEL if page.script is None else Scripted(page.script)
        self.request = Request(
            self.at, _diagnostics(self.document, page.diagnostics), bool(page.settings.get("trusted")),
            types=str(page.settings.get("type-checker", "")),
        )  # fmt: skip

    @property
    def document(self) -> Document:
        file = self.snapshot.file(self.at.path)
        assert file is not None
        return file.document

    async def run(self, steps: Steps[Any]) -> Any:
        return await run(steps, self.port, run_checker)


# ---- what can be done ---------------------------------------------------------------------------


async def _action(page: Page, scene: Scene) -> str:
    action = next(action for action in actions() if action.name == page.do)
    made: list[Offer] = action.offer(scene.snapshot, scene.request)
    if name := page.settings.get("name"):  # what an editor asks for, or a terminal
        data = (("name", str(name)),)
        made = [replace(o, data=data) for o in made] or [Offer(page.do.capitalize(), scene.at.span, data)]
    if not made:
        return "(nothing is offered)"
    chosen = next((o for o in made if o.title == page.settings.get("choose")), made[0])
    if chosen.disabled:
        return f"{chosen.title}\n(cannot be done here: {chosen.disabled})"
    result = await scene.run(action.make(scene.snapshot, scene.request, chosen, scene.port.info))
    evidence = f"\n{_evidence(result.evidence)}" if page.settings.get("evidence") else ""
    match result:
        case Refused():
            return f"{chosen.title}\n(refused: {result.reason}){evidence}"
        case Explained():
            return f"{chosen.title}\n\n{result.markdown}{evidence}"
        case Edited():
            by = f" ({result.author})" if result.by_model else ""
            return f"{chosen.title}\n{result.summary}{by}\n\n{_diff(scene.snapshot, result)}{evidence}"
    raise AssertionError


async def _complete(page: Page, scene: Scene) -> str:
    knobs = Knobs(**page.settings.get("knobs", {}))
    result = await scene.run(inline_completion(scene.snapshot, scene.at, scene.port.info, knobs))
    if isinstance(result, Quiet):
        return f"(nothing is shown: {result.reason})"
    line = scene.document.line_at(result.span.start)
    end = scene.document.line(line).end
    before = scene.document.text(Span(scene.document.start_of(line), result.span.start))
    others = "".join(f"\nor ⟨{other}⟩" for other in result.others)
    return f"{before}⟨{result.text}⟩{scene.document.text(Span(result.span.end, max(end, result.span.end)))}{others}"


async def _hover(page: Page, scene: Scene) -> str:
    result = await scene.run(hover(scene.snapshot, scene.at, scene.port.info))

    def place(symbol: Symbol) -> tuple[str, str]:
        name = symbol.path.removeprefix(ROOT + "/")
        return name, name

    return markdown(result, place) if result is not None else "(nothing is known)"


async def _offers(page: Page, scene: Scene) -> str:
    rows = [
        f"{action.kind}: {offer.title}" + (f" (cannot be done here: {offer.disabled})" if offer.disabled else "")
        for action, offer in offers(scene.snapshot, scene.request)
    ]
    return "\n".join(rows) or "(nothing is offered)"


DOES: dict[str, Callable[[Page, Scene], Any]] = {
    **{action.name: _action for action in actions()},
    "complete": _complete,
    "hover": _hover,
    "offers": _offers,
}


# ---- reading and writing ------------------------------------------------------------------------


def _file(page: Page, path: str, text: str, is_open: bool) -> None:
    if page.settings.get("line-ends") == "crlf":
        text = text.replace("\n", "\r\n")
    mark = _MARK.search(text)
    if mark is not None:
        if page.at is not None:
            raise ValueError(f"{page.path.name}: there are two cursors")
        text = text[: mark.start()] + mark.group(1) + text[mark.end() :]
        start = len(text[: mark.start()].encode())
        page.at = Selection(path, Span(start, start + len(mark.group(1).encode())))
    page.files[path] = text
    if is_open:
        page.open.append(path)


def _said(text: str) -> Said:
    if text.startswith("silent:"):
        return Silence(text.removeprefix("silent:").strip())
    answers = [answer.removesuffix("\n") for answer in re.split(r"^---\n", text, flags=re.MULTILINE)]
    return [answer.replace("↵", "\n") for answer in answers]


def _diagnostics(document: Document, text: str) -> tuple[Diagnostic, ...]:
    found: list[Diagnostic] = []
    for line in filter(None, text.split("\n")):
        match = re.fullmatch(r"(\d+):(\d+)-(\d+):(\d+) (\S+) (\S+): (.*)", line)
        if match is None:
            raise ValueError(f"not a diagnostic: {line}")
        start, end = (document.line(int(match[n]) - 1).start + int(match[n + 1]) - 1 for n in (1, 3))
        found.append(Diagnostic(Span(start, end), match[5], match[7], match[6]))
    return tuple(found)


def _diff(snapshot: Snapshot, result: Edited) -> str:
    for path in result.change.edits:
        snapshot = snapshot.opened(path) or snapshot
    after = snapshot.after(result.change)
    parts: list[str] = []
    for path in result.change.edits:
        one, two = snapshot.file(path), after.file(path)
        assert one is not None
        assert two is not None
        name = path.removeprefix(ROOT + "/")
        lines = difflib.unified_diff(_lines(one.document), _lines(two.document), f"a/{name}", f"b/{name}", lineterm="")
        parts.append("\n".join(line.rstrip("\n") for line in lines))
    return "\n".join(parts)


def _lines(document: Document) -> list[str]:
    return document.text().split("\n")


def _evidence(evidence: Evidence) -> str:
    rows = [f"note: {note}" for note in evidence.notes]
    rows += [
        f"tried: {trial.text.strip()!r} failed “{trial.failed}”: {trial.finding}"
        for trial in evidence.trials
        if trial.failed
    ]
    rows += [f"unknown: {unknown}" for unknown in evidence.unknown]
    rows.append(f"held: {', '.join(evidence.passed) or 'nothing'}")
    return "\n".join(["", *rows])
