"""`log`, `note`, `undo`: what is remembered of a project, for its user."""

from __future__ import annotations

import os
import time
from pathlib import Path

from rich.table import Table

from dovetail.cli.project import root_of, said
from dovetail.cli.work import console, messages
from dovetail.memory import Store, open_store
from dovetail.session import take_back


def _here() -> Store:
    return open_store(str(root_of(Path.cwd() / "x")), tell=lambda notice: said(messages, notice))


def log(most: int, tried: bool) -> int:
    store = _here()
    entries = store.runs(most)
    if not entries:
        messages.print("nothing was asked in this project yet")
        return 0
    table = Table(box=None, pad_edge=False)
    for title in ("when", "asked", "file", "answered", "ms"):
        table.add_column(title, justify="right" if title == "ms" else "left")
    for one in reversed(entries):
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.at))
        answered = f"{one.answered}{' (applied)' if one.applied else ''}"
        table.add_row(when, one.asked, Path(one.path).name, answered, str(one.ms))
        for attempt in store.attempts(one.number) if tried else ():
            table.add_row("", "tried", "", f"{attempt.tried} ({attempt.failed})", "")
    console.print(table)
    return 0


def note(text: str, kind: str, find: str, forget: int) -> int:
    store = _here()
    if forget:
        known = store.forget_note(forget)
        messages.print(f"note {forget} is forgotten" if known else f"there is no note {forget}")
        return 0 if known else 1
    if text:
        if not store.note(kind, text):
            messages.print("the note could not be kept: the folder for user data cannot be written")
            return 1
        return 0
    for one in store.notes(find):
        console.print(f"{one.number}. {one.kind}: {one.text}", highlight=False)
    return 0


def undo() -> int:
    """Take back what was applied last, where its files are still as it left them."""
    try:
        for file in take_back(_here(), root_of(Path.cwd() / "x")):
            messages.print(f"{'wrote' if file.is_file() else 'removed'} {os.path.relpath(file)}", highlight=False)
    except ValueError as error:
        messages.print(str(error), highlight=False)
        return 1
    return 0
