"""The server: what it holds, how it starts and ends. The requests are in the files beside it."""

from __future__ import annotations

import asyncio
import codecs
import inspect
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types as t
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from dovetail import __version__
from dovetail.context.evidence import Evidence
from dovetail.lsp import (
    cache,
    commands,
    completion,
    documents,
    evidence,
    hover,
    lints,
    memory,
    menu,
    navigation,
    resting,
    sync,
)
from dovetail.lsp.convert import Encoding, to_path
from dovetail.lsp.models import open_meaning, open_model
from dovetail.lsp.scan import Scanner, text_of
from dovetail.lsp.statistics import REASONS, Statistics
from dovetail.lsp.wire import Protocol, is_failure
from dovetail.model.ask import (
    Ask,
    Log,
    Memo,
    ModelInfo,
    Port,
    Silence,
    Stage,
    Steps,
    Tester,
    no_meaning,
    no_tests,
    run,
)
from dovetail.model.desk import NoModel
from dovetail.model.meaning import Meaning
from dovetail.model.two import for_typing, pair, without_spare
from dovetail.recall import Library
from dovetail.settings import DANGEROUS, Settings, load, narrowed
from dovetail.text import Document
from dovetail.verify.checkers import runner
from dovetail.world import Snapshot, World

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that went to the editor, kept so that it can say what it rests on."""

    id: str
    evidence: Evidence
    silence: str = ""


class Dovetail(LanguageServer):
    """One editor's session."""

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            "dovetail", __version__, protocol_cls=Protocol, converter_factory=default_converter, max_workers=2
        )
        self.world = World(read=text_of)
        self.port: Port = NoModel("The model is being loaded.")
        self.meaning: Meaning | None = None
        self.encoding = Encoding()
        self.settings = Settings()
        self.trusted: set[str] = set()
        self.options: Mapping[str, Any] = {}
        self.scanner = Scanner()
        self.shown: OrderedDict[str, Shown] = OrderedDict()
        self.silences: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.statistics = Statistics()
        self.completion = completion.Completion()
        self.library = Library()
        self.kept = memory.Kept()
        self.offered = menu.Offered()
        self.lints = lints.Lints()
        self.sentences = hover.Sentences()
        self.resting = resting.Resting()
        self.loaded = False
        self.was_shut_down = False
        self.indexed = ""
        self.documents = documents.Documents()
        self.scans = 1
        """How many are going on; the first begins with the session."""
        self.unread = 1
        """How many of them have not read the folders themselves yet."""
        self.read = asyncio.Event()
        """Whether none has that to do, as soon as a session has begun."""
        self.read.set()
        self.partly: dict[str, str] = {}
        """Why a folder of the workspace is not read whole, in words."""
        self.settling: dict[str, asyncio.TimerHandle] = {}
        self._given = dict(given or {})
        self._user_settings = self._opening_settings = Settings()
        self.tasks: set[asyncio.Task[Any]] = set()
        self._disk: OrderedDict[str, tuple[float, Document]] = OrderedDict()
        self._told: set[str] = set()
        self._closing: list[Callable[[str], object]] = []
        self._ids = 0
        self.feature(t.INITIALIZE)(_initialize)
        self.feature(t.INITIALIZED)(_initialized)
        self.feature(t.SHUTDOWN)(_shutdown)
        self.feature(t.WORKSPACE_DID_CHANGE_CONFIGURATION)(_configured)
        self.feature("dovetail/trustGranted")(_trust_granted)
        self.feature("dovetail/trustLost")(_trust_lost)
        for part in (sync, completion, hover, menu, commands, documents, evidence, memory):
            part.register(self)

    def serve_command(self, name: str, handler: Callable[..., Any]) -> None:
        """Register `handler(ls, *arguments)` for `workspace/executeCommand`; any number of arguments will do."""

        async def called(*arguments: Any) -> Any:
            result = handler(self, *arguments)
            return await result if inspect.isawaitable(result) else result

        self.command(name)(called)

    # ---- what handlers use ------------------------------------------------------------------

    @property
    def chosen(self) -> Settings:
        """What the user says, before the workspace narrows it."""
        return self._user_settings

    @property
    def annotates(self) -> bool:
        """VS Code shows annotated edits before it applies them; others apply them unseen or trip over them."""
        workspace = self.client_capabilities.workspace
        edit = workspace.workspace_edit if workspace else None
        return bool(edit and edit.change_annotation_support) and self.options.get("preview") == "annotations"

    def snapshot(self) -> Snapshot:
        return self.world.snapshot()

    async def do(
        self,
        steps: Steps[T],
        about: str,
        tell: Callable[[Stage], None] = lambda stage: None,
        port: Port | None = None,
        memo: Memo | None = None,
        tester: Tester = no_tests,
    ) -> tuple[T, list[tuple[str, float]]]:
        """Run a feature that is about a file; also how many milliseconds each of its stages took."""
        log = Log(tell)
        known = self._user_settings
        checks = runner(known.type_checker or "", known.python or "", self.snapshot().roots)
        outgoing = partial(self._outgoing, about)
        result = await run(steps, port or self.port, checks, log, tester, memo, self.meaning or no_meaning, outgoing)
        return result, log.stages()

    def _outgoing(self, about: str, ask: Ask, model: ModelInfo) -> Ask | Silence:
        """Nothing goes to another machine of a file that the project leaves out, or of a folder that is not trusted."""
        if not model.away:
            return ask
        now = self.snapshot()
        for path in (about, ask.of or about):
            if path in now.private:
                return Silence(f"the project leaves this file out, so nothing of it is sent to {model.name}", "refused")
            if not self.trusts(path) and now.root_of(path):
                folder = "this folder" if path == about else f"the folder of {path.rsplit('/', 1)[-1]}"
                reason = f"is on another machine, and {folder} is not trusted: trust it, or choose a model on this one"
                return Silence(f"{model.name} {reason}", "refused")
        return ask

    def keep(self, kind: str, evidence: Evidence, silence: str = "") -> str:
        """Remember what an answer rests on; the id names it in `dovetail.showEvidence`."""
        self._ids += 1
        name = f"{kind}-{self._ids}"
        self.shown[name] = Shown(name, evidence, silence)
        while len(self.shown) > 100:
            self.shown.popitem(last=False)
        if silence:
            self.silences[silence] += 1
            if len(self.silences) > 2 * REASONS:
                self.silences = Counter(dict(self.silences.most_common(REASONS)))
        self.counts[f"{kind} {'silent' if silence else 'shown'}"] += 1
        self.statistics.spent(kind, evidence)
        return name

    def spawn(self, work: Coroutine[Any, Any, Any], name: str | None = None) -> asyncio.Task[Any]:
        """Run beside the requests. A failure is logged, and no other request notices."""
        task = asyncio.create_task(work, name=name)
        self.tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, JsonRpcException):
            _log.error("a background task failed", exc_info=error)

    @property
    def off(self) -> frozenset[str]:
        """Mechanisms of actions that the user switched off."""
        return frozenset(self.settings.actions.off)

    def trusts(self, path: str) -> bool:
        """Whether the folder of a file is one that the user trusts."""
        return any(path.startswith(f"{root.rstrip('/')}/") for root in self.trusted)

    def on_close(self, then: Callable[[str], object]) -> None:
        """Call with the path of each document that the editor closes."""
        self._closing.append(then)

    def closed(self, path: str) -> None:
        for then in self._closing:
            then(path)

    def document(self, path: str) -> Document | None:
        """The text of a file: the editor's where it is open, else the disk's."""
        if file := self.snapshot().file(path):
            return file.document
        with suppress(OSError):
            changed = Path(path).stat().st_mtime
            known = self._disk.get(path)
            if known is None or known[0] != changed:
                known = (changed, Document(Path(path).read_bytes().removeprefix(codecs.BOM_UTF8)))
                self._disk[path] = known
                while len(self._disk) > 64:
                    self._disk.popitem(last=False)
            return known[1]
        return None

    def tell_once(self, message: str, kind: t.MessageType = t.MessageType.Warning) -> None:
        """Into the editor's log, the first time only."""
        if message not in self._told:
            self._told.add(message)
            self.window_log_message(t.LogMessageParams(type=kind, message=f"Dovetail: {message}"))

    def say(self, message: str, kind: t.MessageType = t.MessageType.Info) -> None:
        """To the person."""
        self.window_show_message(t.ShowMessageParams(type=kind, message=f"Dovetail: {message}"))

    def refuse(self, reason: str, code: int = t.LSPErrorCodes.RequestFailed) -> JsonRpcException:
        """An error for the editor: a sentence, no traceback."""
        return JsonRpcException(message=reason, code=code)

    def status(self) -> dict[str, Any]:
        """What the status bar and `dovetail doctor` say."""
        now, roots = self.port.status, set(self.snapshot().roots)
        return {
            "state": now.state if self.loaded else "loading",
            "reason": now.reason,
            "model": self.port.info.name if self.port.info else "",
            "typing": quick.info.name
            if (quick := for_typing(self.port)) is not without_spare(self.port) and quick.info
            else "",
            "indexed": self.indexed,
            "scanning": self.scans > 0,
            "trusted": bool(self.trusted) and self.trusted >= roots,
            "silences": dict(self.silences.most_common(5)),
            "counts": dict(self.counts),
        }

    def send_status(self) -> None:
        """Tell a client that asked for it (`initializationOptions.status`)."""
        if self.options.get("status") is True:
            self.protocol.notify("dovetail/status", self.status())

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What goes wrong outside of a request is logged; nobody is disturbed with a traceback."""
        if is_failure(error):
            _log.error("%s: %s", source, error, exc_info=error)

    # ---- start and end ----------------------------------------------------------------------

    def configure(self, workspace: Mapping[str, Any]) -> None:
        """Take what the workspace may say."""
        before = self.settings.index.exclude
        self.settings, complaints = narrowed(self._opening_settings, workspace)
        for complaint in complaints:
            self.tell_once(complaint)
        if self.settings.index.exclude != before:
            self.spawn(sync.left_out_anew(self))

    def begin(self, params: t.InitializeParams) -> None:
        folders = params.workspace_folders or []
        roots = [to_path(folder.uri) for folder in folders]
        if not roots and params.root_uri:
            roots = [to_path(params.root_uri)]
        self.world.set_roots(roots)
        options = params.initialization_options
        self.options = options if isinstance(options, Mapping) else _as_mapping(options)
        self.trusted = set(roots) if self.options.get("workspaceTrusted") is True else set()
        user = _as_mapping(self.options.get("user"))
        self._user_settings, complaints = load({**user, **self._given}, roots)
        for key in DANGEROUS & self.options.keys():
            complaints.append(f"{key} belongs under `user` in the initialization options; it is ignored here")
        self._complaints = complaints
        self.encoding = Encoding(self.workspace.position_encoding or t.PositionEncodingKind.Utf16)
        self._opening_settings, more = narrowed(self._user_settings, _as_mapping(self.options.get("settings")))
        complaints += more
        self.settings = self._opening_settings
        self.scanner = Scanner(cache.cache_folder() if self.settings.index.cache else None)
        if self.settings.intelligence:
            navigation.register(self, self.settings.intelligence_off)
        if self.settings.completion.in_list:
            completion.register_list(self)

    async def start(self) -> None:
        for complaint in self._complaints:
            self.tell_once(complaint)
        self.spawn(self._load_model())
        self.spawn(sync.scan(self, list(self.snapshot().roots)))
        sync.watch(self)

    async def _load_model(self) -> None:
        chosen = self._user_settings.model_copy(update={"index": self.settings.index})  # whether anything may be kept
        try:
            self.meaning = open_meaning(chosen)
            self.port = await open_model(chosen, lambda status: self.send_status())
        except Exception as error:  # whatever it is: nobody shall wait for a model that does not come
            _log.exception("the model could not be opened")
            why = f"The model could not be opened ({error}): choose another, or report it with the server's log."
            self.port = NoModel(why, failed=True)
        self.loaded = True
        self.send_status()
        if self.port.status.state in ("none", "failed"):
            self.say(
                f"{self.port.status.reason} Symbols, hover facts and rule-driven actions work without.",
                t.MessageType.Warning,
            )
        if (two := pair(self.port)) and two.missing:
            self.say(f"The model for typing: {two.missing} The other one is used.", t.MessageType.Warning)

    async def end(self) -> None:
        self.was_shut_down = True
        ending = list(self.tasks)
        for task in ending:
            task.cancel()
        self.scanner.close()
        await asyncio.gather(self.port.close(), *((self.meaning.close(),) if self.meaning else ()))
        if ending:
            await asyncio.wait(ending, timeout=1.5)


def _as_mapping(value: Any) -> dict[str, Any]:
    """pygls gives free-form objects as named tuples or dicts; settings want dicts."""
    if isinstance(value, Mapping):
        return {str(k): v for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if hasattr(value, "_asdict"):
        return {k: _as_mapping(v) if hasattr(v, "_asdict") else v for k, v in value._asdict().items()}
    return {}


def _initialize(ls: Dovetail, params: t.InitializeParams) -> None:
    ls.read.clear()
    ls.begin(params)


async def _initialized(ls: Dovetail, params: t.InitializedParams) -> None:
    await ls.start()


async def _shutdown(ls: Dovetail, params: Any) -> None:
    await ls.end()


def _configured(ls: Dovetail, params: t.DidChangeConfigurationParams) -> None:
    given = _as_mapping(params.settings)
    ls.configure(_as_mapping(given.get("dovetail", given)))


def _trust_granted(ls: Dovetail, params: Any) -> None:
    """For the folder of `uri`, or for all that are open now; one that is added later has to be trusted itself."""
    uri = _as_mapping(params).get("uri") or getattr(params, "uri", None)
    ls.trusted |= {to_path(uri)} & set(ls.snapshot().roots) if isinstance(uri, str) else set(ls.snapshot().roots)
    ls.send_status()


def _trust_lost(ls: Dovetail, params: Any) -> None:
    """Whatever runs for these folders ends."""
    ls.trusted.clear()
    for task in list(ls.tasks):
        if task.get_name() in ("action", "lints"):
            task.cancel()
    ls.send_status()
