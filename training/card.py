"""Write the tables of the model card from what was measured and what was collected.

`results/NAME.json` are reports of `training.evaluate`, `results/corpus.json` is the collector's summary. The tables
stand between `<!-- NAME -->` and `<!-- end of NAME -->` in MODEL_CARD.md and in the README beside the bundled file.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PAGES = (HERE / "MODEL_CARD.md", HERE.parent / "server" / "dovetail" / "model" / "bundled" / "README.md")
COLUMNS = {"shipped": "shipped", "before": "the one before", "first": "first"}
"""Report to title, in the order of the columns."""
KINDS = {
    "rest": "the rest of a line",
    "line": "a whole line",
    "long-line": "the line of a random character",
    "expression": "an expression",
    "argument": "an argument",
    "block": "a block",
}

STANDARD = "python standard library"
"""As the collector calls it."""

Report = dict[str, Any]


def exact(arm: Report) -> str:
    low, high = arm["exact_95"]
    return f"{arm['exact']} % [{low}–{high}]"


def both(kind: Report, on: str, off: str, gains: str, loses: str) -> str:
    """Two arms on the same cases, with the cases that tell them apart and the sign test's p."""
    pairs, counted = kind["pairs"], f", n = {kind[on]['n']}"
    won, lost = pairs[gains], pairs[loses]
    return f"{kind[on]['exact']} / {kind[off]['exact']} %{counted}; {won} : {lost}, p = {sign_test(won, lost):.2g}"


def sign_test(won: int, lost: int) -> float:
    """Two-sided, exact: how likely so uneven a split is where both are as good."""
    n, most = won + lost, max(won, lost)
    return min(1.0, 2 * sum(math.comb(n, k) for k in range(most, n + 1)) / 2**n) if n else 1.0


def rows() -> list[tuple[str, Callable[[Report], str]]]:
    """Title, and how a cell is told; a KeyError is a cell that nobody measured."""

    def packages(report: Report) -> str:
        bits = report["bits_per_byte"]
        return f"{bits['mean']:.3f} ({bits['networkx']:.3f}, {bits['scrapy']:.3f}, {bits['tornado']:.3f})"

    def interval(report: Report) -> str:
        return "{:.3f}–{:.3f}".format(*report["bits_per_byte"]["mean_95"])

    def again(report: Report) -> str:
        return "{again[nats]} / {once[nats]}".format(**report["said_again"])

    told: list[tuple[str, Callable[[Report], str]]] = [
        ("bits per byte, mean (networkx, Scrapy, tornado)", packages),
        ("95 % interval of the mean over windows", interval),
        ("held-out code that stands in the context / that does not: nats a token", again),
    ]
    for key, words in KINDS.items():
        told.append((f"{words}, exact", lambda report, key=key: exact(report[key]["suffix"])))
        if key in ("rest", "line", "long-line"):
            told += [
                (
                    f"{words}: with the suffix / left to right; right with one alone",
                    lambda r, key=key: both(r[key], "suffix", "left_to_right", "suffix_gains", "suffix_loses"),
                ),
                (
                    f"{words}: lines of the project in the prompt, on / off; right with one alone",
                    lambda r, key=key: both(r[key], "context_on", "context_off", "context_gains", "context_loses"),
                ),
                (
                    f"{words}: the same where the model is asked in an editor",
                    lambda r, key=key: "{} / {} %, n = {}".format(
                        r[key]["asked_on"]["exact"], r[key]["asked_off"]["exact"], r[key]["asked_on"]["n"]
                    ),
                ),
            ]
        told.append((f"{words}: first token", lambda r, key=key: f"{r[key]['suffix']['first_token']} %"))
        told.append(
            (
                f"{words}: ends by itself / likeliest after the true middle",
                lambda r, key=key: "{ends_itself} / {end_after_true_middle} %".format(**r[key]["suffix"]),
            )
        )
    told.append(("new tokens a CPU second", lambda report: f"{report['speed']['new_tokens_per_cpu_second']:,}"))
    told.append(("file, SHA-256", lambda report: f"`{report['sha256'][:16]}…`"))
    return told


def figures(reports: dict[str, Report]) -> str:
    """A column for each report, a row for whatever any of them measured."""
    names = [name for name in COLUMNS if name in reports]
    table = [["", *(COLUMNS[name] for name in names)], ["---"] * (len(names) + 1)]
    for title, cell in rows():
        cells: list[str] = []
        for name in names:
            try:
                cells.append(cell(reports[name]))
            except KeyError:
                cells.append("not measured")
        if set(cells) != {"not measured"}:
            table.append([title, *cells])
    return "".join(f"| {' | '.join(cells)} |\n" for cells in table).replace("|  |", "| |")


def data(summary: Report) -> str:
    """Every item with its licence, the standard library first."""
    items = sorted(summary["packages"], key=lambda one: (one["name"] != STANDARD, one["name"].lower()))
    table = "| item | version | licence | files | characters |\n|---|---|---|---|---|\n"
    for one in items:
        size = f"{one['characters'] / 1e6:.2f} M"
        table += f"| {one['name']} | {one['version']} | {one['licence']} | {one['files']:,} | {size} |\n"
    return f"{table}\nIn all {summary['files']:,} files and {summary['characters'] / 1e6:.1f} M characters.\n"


def written(page: str, tables: dict[str, str]) -> str:
    """The page with each table between its marks, where it has them."""
    for name, table in tables.items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(\n?<!-- end of {name} -->)", re.S)
        page = between.sub(lambda found, table=table: f"{found[1]}{table}{found[2]}", page)
    return page


def tables() -> dict[str, str]:
    """All tables, of the results in the repository."""
    reports = {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}
    corpus = reports.pop("corpus")
    return {"figures": figures(reports), "data": data(corpus)}


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    for page in PAGES:
        page.write_text(written(page.read_text(), tables()))


if __name__ == "__main__":
    main()
