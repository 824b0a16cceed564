"""Dovetail for scripts and CI: a project is opened once, and each request answers with a record.

    from dovetail import Session

    with Session("shop") as session:
        done = session.validate("till.py:Basket.add")
        print(done.diff, done.gates)
        done.apply()
        session.undo()

The same core as in an editor: nothing is written before `apply`, what held is remembered where `memory.enabled` says
so, `dovetail undo` takes back what was applied, and a place is `FILE:SYMBOL`, `FILE:LINE`,
`FILE:LINE:COLUMN` or `FILE:LINE-LINE`, numbered from 1.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from dovetail import disk
from dovetail.context.evidence import Evidence
from dovetail.features.account import backs, entered
from dovetail.features.actions import (
    Action,
    Edited,
    Explained,
    Offer,
    Refused,
    Request,
    Result,
    actions,
    in_turn,
    nothing,
    throughout,
    together,
)
from dovetail.features.actions.fix.failing_test import FailingTest, fix_failing_test
from dovetail.features.actions.off import switched
from dovetail.features.asked import asked, places
from dovetail.features.findings import Found, findings
from dovetail.features.follow_up import Act, about
from dovetail.features.inline_completion import Knobs, Suggestion, inline_completion
from dovetail.features.intent import Question
from dovetail.lsp.manifests import configure
from dovetail.lsp.models import open_model
from dovetail.lsp.scan import Rules, Scanner, text_of
from dovetail.memory import Store, digest, open_store
from dovetail.model.ask import Log, Port, Runner, Silence, no_tests, run, through
from dovetail.model.two import for_typing
from dovetail.settings import Mechanism, load
from dovetail.text import Change, Edit, Span, unified_diff
from dovetail.verify.checkers import run_checker, runner
from dovetail.verify.tests import Tests, command, copied, tester_of
from dovetail.world import File, Selection, Snapshot, World
from dovetail.world.unread import is_secret

T = TypeVar("T")
_PLACE = re.compile(
    r"(?P<file>.+?)(?::(?:(?P<line>\d+)(?:-(?P<last>\d+)|:(?P<column>\d+))?|(?P<symbol>[^:]*[^\W\d][^:]*)))?"
)

_BY_LINE = ("fix", "extract", "simplify")
"""Actions for which `FILE:LINE` is the whole line."""


def take_back(store: Store, root: Path) -> tuple[Path, ...]:
    """Write what was applied last back as it was; the files that were written or removed.

    Raises `ValueError` where nothing was applied, or where a file is not as it was left; then nothing is written.
    """
    last = store.last_applied()
    if last is None:
        raise ValueError("nothing that was applied is remembered")
    texts: dict[str, tuple[bytes, bytes]] = {}
    made: list[Path] = []
    for name, back in last.files.items():
        file = Path(name)
        if not file.resolve().is_relative_to(root.resolve()):
            raise ValueError(f"{file.name} lies outside of {root.resolve()}; {last.asked} is not taken back")
        try:
            whole = file.read_bytes() if file.is_file() else b""
        except OSError as error:
            raise ValueError(f"{file.name} cannot be read ({error.strerror}); {last.asked} is not taken back") from None
        # an editor does not count a byte order mark
        now = next((text for text in (whole, whole.removeprefix(BOM_UTF8)) if digest(text) == back.after), None)
        if now is None:
            raise ValueError(f"{file.name} has changed since; {last.asked} is not taken back")
        if back.created:
            made.append(file)
        else:
            texts[name] = now, back.taken_back(now)
    try:
        written = disk.write(texts, gone=made)
    except OSError as error:
        name = Path(str(error.filename)).name
        raise ValueError(f"{name} cannot be written ({error.strerror}); {last.asked} is not taken back") from None
    store.undone(last.number)
    return (*written, *made)


class NotThere(ValueError):
    """A place that does not exist: the file, the line or the symbol."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one request."""

    action: str
    ok: bool
    text: str
    """What was done in a line; what was explained or suggested; why nothing was done."""
    change: Change | None = None
    diff: str = ""
    gates: tuple[str, ...] = ()
    """What was checked, and held."""
    unknown: tuple[str, ...] = ()
    """What could not be checked, and why."""
    by_model: bool = False
    evidence: Evidence = field(default_factory=lambda: Evidence(""))
    tokens: int = 0
    """Of the model: prompt and answers."""
    seconds: float = 0.0
    _taken: Callable[[], None] = field(default=lambda: None, repr=False)
    _texts: Mapping[str, tuple[bytes, bytes]] = field(default_factory=dict[str, tuple[bytes, bytes]], repr=False)

    def __bool__(self) -> bool:
        return self.ok

    def apply(self) -> tuple[Path, ...]:
        """Write the change; the files that were written. Raises `ValueError` where one is not as it was, and
        then nothing is written."""
        written = disk.write(self._texts, self.change.creates if self.change else ())
        self._taken()
        return written


class Session:
    """One project, opened as an editor would open it. Not for use in a running event loop."""

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        trust: bool = False,
        model: bool = True,
        without: Collection[Mechanism] = (),
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """
        folder: the project, or a file of it.
        trust: checkers may read the project's own configuration, and actions that run tests may run them.
        model: False for rules alone.
        without: mechanisms to do without, as the setting `actions.off` names them.
        settings: as on the command line; they go before the environment and the user's file.
        """
        root = Path(folder).expanduser().absolute()
        self.root = root.parent if root.is_file() else root
        if not self.root.is_dir():
            raise NotThere(f"there is no folder {folder}")
        self.trust = trust
        given = dict(settings or {})
        if without:
            given["actions"] = {**given.get("actions", {}), "off": list(without)}
        self.settings, self.complaints = load(given, [str(self.root)])
        self._wants_model = model
        self._runner = asyncio.Runner()
        self._world: World | None = None
        self._port: Port | None = None
        self._memo: Store | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the model and what else was started."""
        if self._port is not None:
            self._do(self._port.close())
            self._port = None
        if self._memo is not None:
            self._memo.close()
            self._memo = None
        self._runner.close()

    # ---- what can be asked ------------------------------------------------------------------

    def complete(self, place: str) -> Done:
        """What would come next at `FILE:LINE:COLUMN`."""
        file, span = self._place(place)
        began = time.perf_counter()
        knobs = Knobs(invoked=True, confidence=self.settings.completion.confidence)
        port = for_typing(self._loaded())
        said = self._do(
            run(inline_completion(self._snapshot(), Selection(file.path, span), port.info, knobs), port, run_checker)
        )
        if not isinstance(said, Suggestion):
            return self._record("complete", Refused(said.reason, said.evidence), began)
        change = Change.one(file.path, [Edit(said.span, said.text.encode("utf-8", "surrogatepass"))])
        return self._record("complete", Edited(change, said.text, said.evidence, bool(said.evidence.model)), began)

    def explain(self, place: str) -> Done:
        """What is the thing at a place? Markdown."""
        return self._act("explain", place)

    def fix(self, place: str = "", *, test: str = "", seconds: float = 120) -> Done:
        """Fix what the linter or the parser finds on a line; or what makes a test fail, only with `trust`.

        test: as in `pytest tests/test_till.py::test_half`, told from the project's folder; then `place` may name the
        file to be changed. seconds: of test runs, at most.
        """
        return self._fix_test(test, place, seconds) if test else self._act("fix", place)

    def validate(self, place: str) -> Done:
        """Add checks of its arguments to a function."""
        return self._act("validate", place)

    def document(self, place: str) -> Done:
        """Document a function, or bring its documentation up to date."""
        return self._act("document", place)

    def annotate(self, place: str) -> Done:
        """Add the type annotations that are certain."""
        return self._act("annotate", place)

    def simplify(self, place: str) -> Done:
        """Say more simply what means the same, on `FILE:LINE-LINE`."""
        return self._act("simplify", place)

    def implement(self, place: str) -> Done:
        """Write the missing body of a function."""
        return self._act("implement", place)

    def write_tests(self, place: str) -> Done:
        """Write tests for a function, which is run for it in a sandbox: only with `trust`."""
        return self._act("write_tests", place)

    def extract(self, place: str, name: str = "") -> Done:
        """Make a function of the whole statements at `FILE:LINE-LINE`."""
        return self._act("extract", place, name)

    def rename(self, place: str, name: str) -> Done:
        """Call it `name`, wherever it is named."""
        return self._act("rename", place, name)

    def do(self, action: str, place: str = "", name: str = "") -> Done:
        """Any action by its name; or what a sentence says, as in `add validation to total`, about a place or about
        what it names. Where more must be said first, the answer is a question."""
        if any(each.name == action for each in actions()):
            return self._act(action, place, name)
        if " " not in action.strip():
            raise ValueError(f"there is no action {action}; there are {', '.join(each.name for each in actions())}")
        return self._do_asked(action, place)

    def note(self, text: str, kind: str = "note") -> bool:
        """Keep something about this project, which explanations of what it names then tell. False where it cannot."""
        memo = self._remembers()
        return memo is not None and bool(memo.note(kind, text))

    def undo(self) -> tuple[Path, ...]:
        """Take back what was applied last in this project; the files that were written or removed. Raises
        `ValueError` where nothing was, or where a file is not as it was left, and then nothing is written."""
        memo = self._remembers()
        if memo is None:
            raise ValueError("nothing is remembered: memory.enabled is off")
        files = take_back(memo, self.root)
        self._read_again(files)
        return files

    # ---- how --------------------------------------------------------------------------------

    def _do_asked(self, sentence: str, place: str) -> Done:
        began = time.perf_counter()
        self._read_again(map(Path, self._snapshot().files))  # somebody else may have written them
        path, span = "", None
        if place:
            file, at = self._place(place)
            path, span = file.path, at if ":" in place else None
        memo, port = self._remembers(), self._loaded()
        last = memo.last_act() if memo is not None else None
        model = port.info if self._wants_model else None
        steps = asked(sentence, self._snapshot(), path, span, model, Act(*last) if last else None)
        said = self._do(run(steps, port, run_checker))
        if isinstance(said, Question):
            return self._record("ask", Refused(said.text, Evidence("ask")), began)
        if said.kind == "search":
            found = "\n".join(through(places(sentence, self._snapshot())))
            none = Refused("no name of the sentence is defined in this project", Evidence("search"))
            return self._record("search", Explained(found, Evidence("search"), False) if found else none, began)
        assert said.at is not None
        return self._made(said.action, self._opened(Path(said.at.path)), said.at.span, said.data)

    def _fix_test(self, test: str, place: str, seconds: float) -> Done:
        began = time.perf_counter()
        wanted = command(test, self.settings.python or "", (self.root.as_posix(),))
        if isinstance(wanted, str) or not self.trust:
            why = wanted if isinstance(wanted, str) else "it runs the project's tests: say trust=True"
            return self._record("fix", Refused(why, Evidence("fix")), began)
        path = self._place(place)[0].path if place else ""
        port, off, log = self._loaded(), frozenset[str](self.settings.actions.off), Log()
        info = port.info if self._wants_model and "model" not in off else None
        with copied(self.root.as_posix()) as scratch:
            if isinstance(scratch, Silence):
                return self._record("fix", Refused(scratch.reason, Evidence("fix")), began)
            tester = Tests(self.root.as_posix(), scratch, wanted.python, wanted.here)
            steps = fix_failing_test(self._snapshot(), FailingTest(wanted.arguments, path, seconds, off), info)
            result = self._do(run(switched(steps, off), port, self._checks(), log, tester, self._remembers()))
        result = replace(result, evidence=result.evidence.with_stages(log.stages()))
        changed = next(iter(result.change.edits)) if isinstance(result, Edited) else path
        if isinstance(result, Edited):
            self._opened(Path(changed))
        return self._kept("fix", changed, Span(0, 0), result, began)

    def _act(self, action: str, place: str, name: str = "") -> Done:
        file, span = self._place(place, whole_line=action in _BY_LINE)
        return self._made(action, file, span, (("name", name),) if name else ())

    def _made(self, action: str, file: File, span: Span, data: tuple[tuple[str, str], ...] = ()) -> Done:
        began = time.perf_counter()
        made = next(each for each in actions() if each.name == action)
        found = self._findings(file, span) if action == "fix" else Found(())
        allowed, off = self.settings.type_checker or "", frozenset(self.settings.actions.off)
        request = Request(Selection(file.path, span), found.told, self.trust, off, allowed)
        snapshot = self._snapshot()
        offers = made.offer(snapshot, request)
        if not offers and (wider := throughout.widened(snapshot, request, action)):
            made, offers = throughout.ACTION, wider
        if data:
            offers = [replace(each, data=data) for each in offers] or [Offer(action.capitalize(), span, data)]
        if not offers:
            why = nothing(made, snapshot, request, found.silent)
            return self._record(action, Refused(why, Evidence(action)), began)
        rows = in_turn(made, offers, leave=self.trust)
        if rows[0].disabled:
            return self._record(action, Refused(rows[0].disabled, Evidence(action)), began)
        results: list[Result] = []
        for row in rows:
            results.append(self._result(made, snapshot, request, row))
            if not isinstance(results[-1], Refused):
                break
        target = rows[len(results) - 1].target
        return self._kept(action, file.path, target, together(results), began)

    def _result(self, made: Action, snapshot: Snapshot, request: Request, row: Offer) -> Result:
        """What one row comes to."""
        runs = self.trust and made.leave(row)
        port = self._loaded()
        info = port.info if self._wants_model else None
        steps = made.result(snapshot, request, row, info)
        with tester_of(self.root.as_posix(), self.settings.python or "") if runs else nullcontext(no_tests) as tester:
            log = Log()
            result = self._do(run(steps, port, self._checks(), log, tester, self._remembers()))
        return replace(result, evidence=result.evidence.with_stages(log.stages()))

    def _kept(self, action: str, path: str, target: Span, result: Result, began: float) -> Done:
        """The record of what an action made, with a line for the ledger."""
        done, memo = self._record(action, result, began), self._remembers()
        if memo is None:
            return done
        did = (action, about(self._snapshot(), path, target.start))
        number = entered(memo, action, path, result, 1000 * done.seconds, did)
        if not isinstance(result, Edited):
            return done
        kept = backs(self._snapshot(), result.change)

        def taken() -> None:
            memo.applied(number, kept)
            self._read_again(map(Path, kept))

        return replace(done, _taken=taken)

    def _remembers(self) -> Store | None:
        if self._memo is None and self.settings.memory.enabled:
            self._memo = open_store(self.root.as_posix(), tell=self.complaints.append)
        return self._memo

    def _findings(self, file: File, span: Span) -> Found:
        steps = findings(self._snapshot(), file.path, span, self.trust, self.settings.type_checker or "")
        return self._do(run(steps, _nobody(), self._checks()))

    def _checks(self) -> Runner:
        return runner(self.settings.type_checker or "", self.settings.python or "", [self.root.as_posix()])

    def _record(self, action: str, result: Result, began: float) -> Done:
        evidence = result.evidence
        done = Done(
            action, not isinstance(result, Refused), "", gates=evidence.passed, unknown=evidence.unknown,
            evidence=evidence, tokens=evidence.prompt_tokens + evidence.new_tokens,
            seconds=time.perf_counter() - began,
        )  # fmt: skip
        if isinstance(result, Refused):
            return replace(done, text=result.reason)
        if isinstance(result, Explained):
            return replace(done, text=result.markdown, by_model=result.by_model)
        before = self._snapshot().under(result.change)
        after = before.after(result.change)
        diffs: list[str] = []
        texts: dict[str, tuple[bytes, bytes]] = {}
        for path in result.change.edits:
            one, two = before.files[path].document, after.files[path].document
            diffs.append(unified_diff(os.path.relpath(path, self.root), one, two))
            texts[path] = (one.data, two.data)
        return replace(
            done,
            text=result.summary, change=result.change, diff="".join(diffs), by_model=result.by_model, _texts=texts,
            _taken=lambda: self._read_again(map(Path, result.change.edits)),
        )  # fmt: skip

    def _read_again(self, files: Iterable[Path]) -> None:
        """What was written, or went, since the project was read."""
        for file in files:
            try:
                self._opened(file)
            except NotThere:
                self._read().close(file.as_posix())
                self._read().forget(file.as_posix())

    def _place(self, written: str, *, whole_line: bool = False) -> tuple[File, Span]:
        found = _PLACE.fullmatch(written)
        path = (self.root / found["file"]) if found else None
        if found is None or path is None or not path.is_file():
            raise NotThere(f"there is no file {written}")
        file = self._opened(path)
        document = file.document
        if found["symbol"]:
            for known in self._snapshot().graph.symbols(file.path):
                if found["symbol"] in (known.name, known.qualified):
                    return file, Span(known.name_span.start, known.name_span.start)
            raise NotThere(f"there is no {found['symbol']} in {path.name}")
        number = int(found["line"] or 1)
        last = int(found["last"] or number)
        if not 0 < number <= last <= document.lines:
            raise NotThere(f"{path.name} has {document.lines} lines, and no line {last}")
        if found["last"] or (whole_line and not found["column"]):
            whole = Span(document.start_of(number - 1), document.line(last - 1).end)
            return file, whole
        line = document.line(number - 1)
        at = line.start + len(document.text(line)[: int(found["column"] or 1) - 1].encode("utf-8", "surrogatepass"))
        return file, Span(at, at)

    def _opened(self, path: Path) -> File:
        """The file as it is on disk now."""
        if is_secret(path.name) or is_secret(path.resolve().name):
            raise NotThere(f"{path.name} may hold secrets, so it is not read and no model is asked about it")
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise NotThere(f"{path.name} is not UTF-8 (byte {error.start})") from None
        except OSError as error:
            raise NotThere(f"{path.name} cannot be read: {error.strerror}") from None
        world = self._read()
        known = world.snapshot().file(path.as_posix())
        if known is not None and known.document.text() == text:
            return known
        left_out = not Rules(self.root.as_posix(), self.settings.index.exclude).wants(path.as_posix())
        return world.open(path.as_posix(), text, 1, None, private=left_out)

    def _snapshot(self) -> Snapshot:
        return self._read().snapshot()

    def _read(self) -> World:
        if self._world is None:
            self._world = world = World([self.root.as_posix()], text_of)
            self._do(self._scan(world))
        return self._world

    async def _scan(self, world: World) -> None:
        scanner = Scanner()
        try:
            index = self.settings.index
            paths, _ = await scanner.walk(self.root.as_posix(), index.exclude, index.most_files)
            await configure(scanner, world, self.root.as_posix(), paths)
            async for _, found in scanner.read(paths):
                world.learn(found.told())
        finally:
            scanner.close()

    def _loaded(self) -> Port:
        if self._port is None:
            self._port = self._do(open_model(self.settings)) if self._wants_model else _nobody()
        return self._port

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)


def _nobody() -> Port:
    from dovetail.model.desk import NoModel

    return NoModel("No model was asked for.")
