"""When to speak and when not to: pages where nobody wants a suggestion, and pages where anybody would expect one.

`python -m tests.bench.silence`: the pages of `quiet/` and of `show/` beside this file, with the bundled model and
the settings as shipped. Prints the rate of each, and where it was otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from rich.console import Console

from dovetail.features.inline_completion import Knobs, Suggestion, inline_completion
from dovetail.lsp.models import open_model
from dovetail.model.ask import run
from dovetail.settings import Settings
from dovetail.verify.checkers import run_checker
from tests.page import Scene, read

SETS = ("quiet", "show")


async def measure(model: str | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    port = await open_model(Settings(model=model))
    records: list[dict[str, Any]] = []
    for name in SETS:
        for path in sorted((Path(__file__).parent / name).glob("*.page")):
            scene = Scene(read(path))
            said = await run(inline_completion(scene.snapshot, scene.at, port.info, Knobs()), port, run_checker)
            shown = isinstance(said, Suggestion)
            what = (
                {"text": said.text, "by": said.source, "chance": round(said.chance, 2)}
                if isinstance(said, Suggestion)
                else {"reason": said.reason}
            )
            records.append({"set": name, "page": path.stem, "shown": shown, **what})
    info = port.info
    await port.close()
    quiet = [not r["shown"] for r in records if r["set"] == "quiet"]
    show = [r["shown"] for r in records if r["set"] == "show"]
    head = {
        "model": info.name if info else "", "sha256": info.digest if info else "",
        "quiet": f"{sum(quiet)} of {len(quiet)}", "quiet rate": round(sum(quiet) / len(quiet), 3),
        "shown": f"{sum(show)} of {len(show)}", "show rate": round(sum(show) / len(show), 3),
    }  # fmt: skip
    return head, records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a GGUF file; the bundled model without")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    head, records = asyncio.run(measure(given.model))
    for record in records:
        if record["shown"] != (record["set"] == "show"):
            what = record.get("text", record.get("reason"))
            Console().print(f"{record['set']}/{record['page']}: {what!r} {record.get('by', '')}", markup=False)
    Console().print_json(json.dumps(head))
    if given.out:
        given.out.write_text("\n".join(json.dumps(row) for row in (head, *records)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
