"""`dovetail doctor`: each part with a verdict and a remedy."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rich.markup import escape
from rich.table import Table

from dovetail import __version__
from dovetail.cli.terminal import terminal
from dovetail.lsp.cache import cache_folder
from dovetail.lsp.models import open_meaning, open_model
from dovetail.model.ask import Answer, Ask, Compare, Fim, Port, Run, Silence
from dovetail.model.two import WithSpare, pair
from dovetail.settings import Settings, load, user_file
from dovetail.syntax import LanguageMissing, Tree, languages
from dovetail.text import Document
from dovetail.verify.checkers import run_checker

_MARK = {"good": "[green]✓", "poor": "[yellow]![/]", "bad": "[red]✗"}


@dataclass(frozen=True, slots=True)
class _Verdict:
    part: str
    verdict: Literal["good", "poor", "bad"]
    says: str
    remedy: str = ""


def doctor(given: Mapping[str, Any]) -> int:
    """Print the table; 1 where a part is bad."""
    verdicts = asyncio.run(_examine(given))
    table = Table(title=f"Dovetail {__version__}", show_lines=False)
    for column in ("", "part", "what was found", "what to do"):
        table.add_column(column, overflow="fold")
    for v in verdicts:
        table.add_row(_MARK[v.verdict], v.part, escape(v.says), escape(v.remedy))
    terminal(markup=True).print(table)
    return 1 if any(v.verdict == "bad" for v in verdicts) else 0


async def _examine(given: Mapping[str, Any]) -> list[_Verdict]:
    verdicts = [_python(), _llama()]
    settings, complaints = load(given)
    verdicts.append(
        _Verdict("settings", "poor", "; ".join(complaints), f"edit {user_file()}")
        if complaints
        else _Verdict("settings", "good", f"{user_file()}" if user_file().exists() else "all as they come")
    )
    started = time.perf_counter()
    port = await open_model(settings)
    loaded = time.perf_counter() - started
    try:
        verdicts += await _model(port, loaded)
        if two := pair(port):
            if two.missing:
                remedy = "name another as `typing_model`, or remove the setting"
                verdicts.append(_Verdict("typing model", "bad", two.missing, remedy))
            else:
                verdicts += await _model(two.quick, loaded, "typing ")
        if isinstance(port, WithSpare):
            started = time.perf_counter()
            spare = await port.spare()
            if isinstance(spare, Silence):
                remedy = "name another as `second_model`, or remove the setting"
                verdicts.append(_Verdict("second model", "bad", spare.reason, remedy))
            else:
                verdicts += await _model(spare, time.perf_counter() - started, "second ")
    finally:
        await port.close()
    verdicts.append(await _meaning(settings))
    verdicts += [_memory(), *_grammars(), await _ruff(), _cache()]
    return verdicts


def _python() -> _Verdict:
    says = f"{platform.python_version()} at {sys.executable}"
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return _Verdict("Python", "poor", says, "3.11 to 3.13 are tested")
    return _Verdict("Python", "good", says)


def _llama() -> _Verdict:
    for name, lacks in (
        ("llama-cpp-python", ""),
        (
            "xllamacpp",
            "it stops between batches, not within; one candidate at a time; measures nothing; no drafts",
        ),
    ):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        remedy = "with a C/C++ compiler, `make` compiles llama-cpp-python: about twice as fast" if lacks else ""
        return _Verdict("llama.cpp", "poor" if lacks else "good", f"{name} {version}\n{lacks}".strip(), remedy)
    return _Verdict("llama.cpp", "bad", "neither llama-cpp-python nor xllamacpp is installed", "run `make`")


async def _model(port: Port, loaded: float, of: str = "") -> list[_Verdict]:
    info = port.info
    if info is None:
        return [_Verdict("model", "bad", port.status.reason, "name another with --model, or remove the setting")]
    fim = {"suffix-first": "suffix first", "prefix-first": "prefix first", None: "no"}[info.fim]
    fit = {key: info.details[key] for key in ("context", "threads", "candidates", "measured") if key in info.details}
    details = ", ".join(f"{key} {value}" for key, value in info.details.items() if key not in fit)
    found = [
        _Verdict(
            f"{of}model",
            "good" if info.fim or info.chat else "poor",
            f"{info.name}, context {info.context}, fill-in-the-middle {fim}, chat {'yes' if info.chat else 'no'}"
            f", loaded in {loaded:.1f} s\n{details}\n{info.path}",
            "" if info.fim else "without fill-in-the-middle there are no suggestions while you type",
        )
    ]
    if fit:
        says = "\n".join(f"{key}: {value}" for key, value in fit.items())
        found.append(_Verdict(f"{of}fit", "good", says, "`threads` and `context` in your settings decide otherwise"))
    prompt = Fim("def add(a, b):\n    return " * 12, "\n") if info.fim else None
    if prompt is None:
        return found
    answers: list[Answer] | Silence = await port.answer(Ask(prompt, 32, purpose="action", patience=60))
    if isinstance(answers, Silence):
        return [
            *found,
            _Verdict(f"{of}speed", "bad", answers.reason, "start again; if it stays, use a smaller model"),
        ]
    one = answers[0]
    rate = (one.prompt_tokens + one.tokens) / one.seconds if one.seconds else 0.0
    says = (
        f"{one.prompt_tokens} tokens read and {one.tokens} written in {one.seconds * 1000:.0f} ms ({rate:.0f} a second)"
    )
    slow = one.seconds > 2
    return [
        *found,
        _Verdict(f"{of}speed", "poor" if slow else "good", says, "use a smaller model" if slow else ""),
    ]


async def _meaning(settings: Settings) -> _Verdict:
    """Semantic search: whether it is on, and whether its model answers."""
    part, meaning = "meaning", open_meaning(settings)
    if meaning is None:
        return _Verdict(part, "good", "off: no `embedding_model` is set; questions are answered by words and the graph")
    started = time.perf_counter()
    try:
        near = await meaning(
            Compare("read a file", ("Open a document and give its text back.", "def rotate(matrix): ..."))
        )
    finally:
        await meaning.close()
    if isinstance(near, Silence) or meaning.info is None:
        reason = near.reason if isinstance(near, Silence) else "it does not say what it is"
        return _Verdict(part, "bad", reason, "name another as `embedding_model`, or remove the setting")
    details = ", ".join(f"{key} {value}" for key, value in meaning.info.details.items())
    says = f"{meaning.info.name} answers after {time.perf_counter() - started:.1f} s\n{details}\n{meaning.info.path}"
    return _Verdict(part, "good", says)


def _memory() -> _Verdict:
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    except (ValueError, OSError, AttributeError):
        return _Verdict("memory", "good", "not told by this system")
    return _Verdict(
        "memory",
        "good" if free > 1 else "poor",
        f"{free:.1f} GiB free",
        "" if free > 1 else "close something",
    )


def _grammars() -> list[_Verdict]:
    found: list[_Verdict] = []
    for language in languages():
        try:
            Tree.parse(language, Document(b""))
            queries = ", ".join(sorted(q.stem for q in language.folder.glob("*.scm")))
            found.append(_Verdict(f"grammar {language.name}", "good", f"{queries}"))
        except LanguageMissing as error:
            found.append(_Verdict(f"grammar {language.name}", "poor", str(error), "pip install it"))
    return found or [_Verdict("grammars", "bad", "none found", "install Dovetail anew")]


async def _ruff() -> _Verdict:
    found = await run_checker(Run("ruff", "x.py", "import os\n"))
    if isinstance(found, Silence):
        return _Verdict("ruff", "bad", found.reason, "pip install ruff")
    return _Verdict("ruff", "good", "answers")


def _cache() -> _Verdict:
    folder = cache_folder().parent
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        return _Verdict("cache", "poor", f"{folder}: {error.strerror}", "make the folder writable")
    return _Verdict("cache", "good", str(folder))
