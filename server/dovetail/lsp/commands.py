"""`workspace/executeCommand`: explanations, statistics, status, models."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from dovetail.features.actions import Explained, Refused
from dovetail.lsp.completion import accepted as suggestion_accepted
from dovetail.lsp.documents import show
from dovetail.lsp.menu import Meals, Row, cook, plain
from dovetail.model.catalog import BUNDLED, bundled, known, on_machine
from dovetail.model.found import found

if TYPE_CHECKING:
    from dovetail.lsp.server import Dovetail


def register(server: Dovetail) -> None:
    explanations: Meals = Meals()

    def accepted(ls: Dovetail, *arguments: Any) -> None:
        """The editor took a suggestion. Counted here, sent nowhere."""
        kind = str(arguments[0]).rsplit("-", 1)[0] if arguments else "completion"
        ls.counts[f"{kind} accepted"] += 1
        if kind == "completion" and arguments:
            suggestion_accepted(ls, str(arguments[0]))
        elif arguments:
            ls.kept.accepted(ls, str(arguments[0]))
            if len(arguments) > 1:  # who wrote it, for a client that shows no tag
                ls.say(str(arguments[1]))
        ls.send_status()

    def tell(ls: Dovetail, *arguments: Any) -> None:
        """A refused action was chosen all the same: say why."""
        if arguments:
            ls.say(str(arguments[0]))

    def status(ls: Dovetail, *arguments: Any) -> dict[str, Any]:
        return ls.status()

    async def models(ls: Dovetail, *arguments: Any) -> dict[str, Any]:
        """Which models the person can choose: those on this machine, then those worth having."""
        rows = await asyncio.to_thread(_models)
        return {"models": rows, "used": ls.chosen.model or BUNDLED, "endpoint": ls.chosen.endpoint or ""}

    async def show_stats(ls: Dovetail, *arguments: Any) -> dict[str, Any]:
        """What came of suggestions in this session, and what the model took."""
        text = ls.statistics.markdown(ls.port.status, ls.port.info, ls.port.stats)
        address = await show(ls, "statistics", "session", text)
        return {"markdown": text, "uri": address, "counts": ls.statistics.told(ls.port.stats)}

    async def explain(ls: Dovetail, *arguments: Any) -> dict[str, str]:
        """An explanation to read. Clients that show it themselves say so (`options.documents`)."""
        try:
            row = Row.model_validate(plain(arguments[0]) if arguments else None)
        except ValidationError:
            raise ls.refuse("dovetail.explain takes a row of the menu", -32602) from None
        if row.action != "explain":
            raise ls.refuse("dovetail.explain explains; it takes no other row", -32602)
        result, name = await cook(ls, explanations, row)
        if isinstance(result, Refused):
            ls.say(result.reason)
            return {"id": name, "markdown": ""}
        assert isinstance(result, Explained)
        return {"id": name, "markdown": result.markdown, "uri": await show(ls, "explanation", name, result.markdown)}

    server.serve_command("dovetail.accepted", accepted)
    server.serve_command("dovetail.tell", tell)
    server.serve_command("dovetail.status", status)
    server.serve_command("dovetail.models", models)
    server.serve_command("dovetail.showStats", show_stats)
    server.serve_command("dovetail.explain", explain)


def _models() -> list[dict[str, Any]]:
    """Looks through the folders of models."""
    size, there = bundled().stat().st_size / 1e9 if bundled().exists() else 0.0, found()
    here = [(BUNDLED, size, "travels with Dovetail"), *((one.name, one.size / 1e9, one.where) for one in there)]
    rows: list[dict[str, Any]] = [{"name": name, "gb": gb, "says": says, "here": True} for name, gb, says in here]
    for row in known():
        if on_machine(row.name, there) is None:
            says = f"{row.good_for}; {row.memory:.1f} GB of memory; {row.licence}"
            rows.append({"name": row.name, "gb": row.gb, "says": says, "here": False})
    return rows
