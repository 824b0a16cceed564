"""`dovetail model …`: which models there are, here and to be had, and which one is used."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dovetail.cli.terminal import terminal
from dovetail.model import catalog, fim
from dovetail.model.found import Found, found, own_folder
from dovetail.model.gguf import Header, ModelRefused, read_header
from dovetail.model.pull import unfinished
from dovetail.settings import NotWritten, load, user_file, write_own


def listed(given: Mapping[str, Any]) -> int:
    """Those on this machine, then those of the catalogue."""
    console = terminal(markup=True)
    now = _in_use(given)
    here = found()
    table = Table(title="on this machine", show_lines=False)
    for column in ("", "name", "GB", "from"):
        table.add_column(column, overflow="fold", justify="right" if column == "GB" else "left")
    bundled = catalog.bundled()
    if bundled.exists():
        table.add_row(_mark(bundled, now), catalog.BUNDLED, _gb(bundled.stat().st_size), "travels with Dovetail")
    for one in here:
        table.add_row(_mark(one.path, now), escape(one.name), _gb(one.size), one.where)
    console.print(table)
    memory = _memory()
    console.print("\nworth having: dovetail model pull NAME", style="italic", highlight=False)
    for row in catalog.known():
        here_too = "[green]✓[/]" if catalog.on_machine(row.name, here) else " "
        wants = f"{row.memory:.1f} GB of memory" + (", more than this machine has" if 0 < memory < row.memory else "")
        does = " and ".join(word for word, can in (("suggests", row.fim), ("explains", row.chat)) if can)
        _say(console, f"{here_too} [bold]{row.name}[/]  {row.gb:.1f} GB, {wants}; {does}; {row.licence}")
        _say(console, f"    {row.good_for}")
    _say(console, "✓ is on this machine already.")
    _say_what_counts(given, console)
    return 0


def pulled(name: str, use: bool) -> int:
    """Download it; 1 where that failed."""
    from dovetail.model.pull import PullFailed, pull, wanted

    console = terminal(error=True, markup=True)
    row = catalog.row_of(name)
    if row and (path := catalog.on_machine(row.name)):
        _say(console, escape(f"{row.name} is on this machine already: {path}"))
    else:
        if row:
            _say(console, escape(f"{row.name}: {row.gb:g} GB, licence {row.licence}"))
        try:
            path = pull(wanted(name))
        except PullFailed as failed:
            _say(console, escape(str(failed)), "red")
            return 1
        except KeyboardInterrupt:
            _say(console, "Stopped. What was fetched is kept; the same command goes on there.")
            return 130
        _say(console, escape(f"{path} is complete and checked."))
    name = row.name if row else path.stem
    if use:
        return used({}, name)
    _say(terminal(markup=True), escape(f"To use it: dovetail model use {name}"))
    return 0


def used(given: Mapping[str, Any], name: str) -> int:
    """Write it into the user's own settings; 1 where it is no model or cannot be written."""
    console = terminal(error=True, markup=True)
    if reason := catalog.missing(name):
        _say(console, escape(reason), "red")
        return 1
    path = catalog.choose(name).absolute()
    try:
        header = read_header(path)
        named = None if path == catalog.bundled() else name.casefold() if catalog.row_of(name) else name
        if named and not catalog.is_name(named):
            named = str(path)
        file = write_own("model", named)
    except (ModelRefused, NotWritten) as refused:
        _say(console, escape(str(refused)), "red")
        return 1
    what = "the bundled model" if named is None else f'model = "{named}"'
    _say(console, escape(f"{file}: {what}. Editors that run take it at their next start."))
    if fim.template_for(_named(header)) is None and "fim_pre" not in " ".join(header.metadata):
        _say(console, escape("It is of no known code family: suggestions while you type may be missing."), "yellow")
    _say_what_counts(given, console)
    return 0


def told(given: Mapping[str, Any], name: str | None) -> int:
    """What a file says about itself, or the catalogue of one that is not here; 1 where there is neither."""
    console = terminal(markup=True)
    if name is None:
        settings, _ = load(given)
        if settings.endpoint:
            _say(console, escape(f"The endpoint {settings.endpoint} is used, not a file."))
            return 0
        name = settings.model or catalog.BUNDLED
    row = catalog.row_of(name)
    if (reason := catalog.missing(name)) and row is None:
        _say(terminal(error=True, markup=True), escape(reason), "red")
        return 1
    facts: dict[str, str] = {}
    if not reason:
        path = catalog.choose(name).absolute()
        try:
            facts |= _facts(read_header(path), path)
        except ModelRefused as refused:
            _say(terminal(error=True, markup=True), escape(refused.reason), "red")
            return 1
    if row:
        facts |= {"good for": row.good_for, "memory": f"{row.memory:.1f} GB", "licence": row.licence}
        facts["on the hub"] = f"{row.repo}/{row.file}, {row.gb:.1f} GB"
    if reason:
        facts["here"] = f"no: dovetail model pull {name}"
    width = max(map(len, facts))
    for key, value in facts.items():
        _say(console, f"{key:{width}}  {escape(value)}")
    return 0


def removed(given: Mapping[str, Any], name: str, sure: bool) -> int:
    """Delete one that `pull` downloaded; 1 where it is somebody else's."""
    console = terminal(error=True, markup=True)
    own = {one.name.casefold(): one for one in found() if one.path.is_relative_to(own_folder())}
    one = own.get(name.casefold())
    if one is None and (left := unfinished(name)):
        for path in left:
            path.unlink()
        _say(console, escape(f"What was fetched of {name} was deleted."))
        return 0
    if one is None:
        _say(console, escape(_not_ours(name)), "red")
        return 1
    chosen = load({})[0].model
    in_use = bool(chosen) and catalog.choose(chosen) == one.path
    more = f" It is the one in use; the bundled model will be, and {user_file()} says so." if in_use else ""
    if not sure and not click.confirm(f"Delete {one.path} ({_gb(one.size)} GB)?{more}"):
        return 1
    try:
        if in_use:
            write_own("model", None)
        one.path.unlink()
    except NotWritten as refused:
        _say(console, escape(f"{refused} Nothing was deleted."), "red")
        return 1
    except OSError as error:
        _say(console, escape(f"{one.path} cannot be deleted: {error.strerror}."), "red")
        return 1
    _say(console, escape(f"{one.name} was deleted."))
    return 0


def _not_ours(name: str) -> str:
    path = catalog.on_machine(name)
    if name == catalog.BUNDLED:
        return "The bundled model travels with Dovetail and is not removed."
    if path is None:
        return f"There is no model {name} here: `dovetail model list` shows those that are."
    one: Found = next(one for one in found() if one.path == path)
    how = {"Ollama": f"ollama rm {one.name.removeprefix('ollama:')}", "Hugging Face": "hf cache rm"}
    return f"{one.name} belongs to {one.where}: remove it there ({how.get(one.where, f'delete {path}')})."


def _facts(header: Header, path: Path) -> dict[str, str]:
    row = fim.template_for(_named(header))
    markers = row is not None or "tokenizer.ggml.fim_pre_token_id" in header.metadata
    order = {"suffix-first": "suffix first", "prefix-first": "prefix first"}
    layout = fim.order_of(fim.layout_of(row, header.text(fim.ORDER_KEY)))
    return {
        "name": header.name,
        "file": str(path),
        "size": f"{_gb(header.size)} GB" + (f" in {len(header.parts)} parts" if len(header.parts) > 1 else ""),
        "architecture": header.architecture,
        "parameters": f"{header.parameters:,}",
        "quantisation": header.quantisation,
        "context": f"{header.context:,} tokens promised",
        "vocabulary": f"{header.number('tokenizer.ggml.tokens'):,} tokens, {header.text('tokenizer.ggml.model')}",
        "family": row.family if row else "unknown",
        "fills in the middle": order[layout] if markers else "no markers known",
        "chat template": "yes" if header.text("tokenizer.chat_template") else "no",
        "licence": header.text("general.license") or "not told",
    }


def _named(header: Header) -> str:
    return f"{header.name} {header.path.stem}"


def _in_use(given: Mapping[str, Any]) -> Path | None:
    settings, _ = load(given)
    return None if settings.endpoint else catalog.choose(settings.model)


def _mark(path: Path, now: Path | None) -> str:
    return "[green]▸[/]" if path == now else ""


def _say_what_counts(given: Mapping[str, Any], console: Console) -> None:
    """Where the user's file is not what decides, say what does."""
    settings, complaints = load(given)
    for complaint in complaints:
        _say(console, escape(complaint), "yellow")
    if settings.endpoint:
        _say(console, escape(f"An endpoint is set ({settings.endpoint}): it is used instead of a file."), "yellow")
    elif told := os.environ.get("DOVETAIL_MODEL"):
        _say(console, escape(f"DOVETAIL_MODEL is set in this terminal and goes before the file: {told}"), "yellow")


def _memory() -> float:
    """All memory of this machine, in GB; 0 where it is not told."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    except (ValueError, OSError, AttributeError):
        return 0.0


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f}" if size >= 5e7 else f"{size / 1e9:.3f}"


def _say(console: Console, text: str, style: str | None = None) -> None:
    """One line, which the terminal may wrap; a path in it stays in one piece."""
    console.print(text, style=style, highlight=False, soft_wrap=True)
