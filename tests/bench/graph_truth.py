"""Does the graph tell the truth? Call edges and definitions against ground truth that nobody here wrote.

    python -m tests.bench.graph_truth [SET …] [--misses] [--write]

Sets: `pycg` (call edges of the PyCG micro-benchmark) and `python`, `javascript`, `typescript`, `java`, `go`, `rust`
(go to definition). Data: a folder with `callgraph-pycg.jsonl.xz` and `nav-*.jsonl.xz`, by default `../shared/data`.

A definition counts where every place that is answered is one of those expected, and there is one. Recall: of the
places that must resolve. Precision: of all places that were answered, those that must not resolve included. The
baseline answers with every definition of the name, in the file or else in the project. Where a set has references
(go, rust), they are counted one by one, the definition itself left out and guesses as well. Of the four places of
`rust` that are said to resolve to nothing, the texts of three mark the answer themselves (`^^^^`); they count as told.
"""

from __future__ import annotations

import argparse
import json
import lzma
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dovetail.graph import FileFacts, Graph
from dovetail.graph.callgraph import CallGraph, qualified
from dovetail.graph.configured import Configured
from dovetail.graph.flow import Flow
from dovetail.syntax import Tree, language_for
from dovetail.text import Document
from tests.bench.figures import wilson

DATA = Path(__file__).parents[2].parent / "shared" / "data"
RESULT = Path(__file__).parent / "results" / "graph_truth.json"
NAVIGATION = {
    "python": "nav-stackgraphs-python",
    "javascript": "nav-stackgraphs-javascript",
    "typescript": "nav-stackgraphs-typescript",
    "java": "nav-stackgraphs-java",
    "go": "nav-scip-go",
    "rust": "nav-rust-analyzer",
}
_ROOT = "/project/"


@dataclass
class Score:
    """How one arm did on one set."""

    name: str
    right: int = 0
    answered: int = 0
    positives: int = 0
    negatives: int = 0
    negatives_right: int = 0
    misses: Counter[str] = field(default_factory=Counter[str])

    def row(self) -> dict[str, Any]:
        return {
            "arm": self.name,
            "n": self.positives,
            "recall": _share(self.right, self.positives),
            "recall_95": _interval(self.right, self.positives),
            "precision": _share(self.right, self.answered),
            "precision_95": _interval(self.right, self.answered),
            "negatives": f"{self.negatives_right}/{self.negatives}",
            "misses": dict(self.misses.most_common(12)),
        }


def project(files: dict[str, str]) -> Graph:
    """The graph of a few files."""
    graph = Graph()
    for path, text in files.items():
        if (language := language_for(path.removesuffix(".bug"))) is not None:  # the sets' mark of a hard one
            graph = graph.with_file(_ROOT + path, FileFacts.of(Tree.parse(language, Document.of(text))))
    told = {_ROOT + path: text.encode() for path, text in files.items() if path.endswith(".json")}
    return graph.with_configured(Configured.of(told, [_ROOT]))


def calls(data: Path, *, misses: bool) -> Score:
    """Call edges: caller → callee, by their full names."""
    score = Score("ours")
    for row in _rows(data, "callgraph-pycg"):
        graph = project(row["files"])
        flow = Flow(graph, graph.tree)
        edges = CallGraph(flow, tuple(graph.files)).edges
        modules = {
            path: path.removeprefix(_ROOT).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            for path in graph.files
        }
        got = {(qualified(flow, edge.caller, modules), qualified(flow, edge.callee, modules)) for edge in edges}
        want = {(caller, callee) for caller, callees in row["callgraph"].items() for callee in callees}
        score.right += len(got & want)
        score.answered += len(got)
        score.positives += len(want)
        if got != want:
            score.misses[row["id"].removeprefix("callgraph-pycg-").split("/")[0]] += 1
            if misses:
                print(f"  {row['id']}: missing {sorted(want - got)}, too many {sorted(got - want)}")
    return score


def definitions(data: Path, name: str, *, misses: bool) -> list[Score]:
    """Go to definition, beside the baseline of names."""
    ours, names = Score("ours"), Score("names alone")
    for row, files, graph in _questions(data, name, "definition"):
        query, path = row["query"], _ROOT + row["query"]["path"]
        want = {(place["path"], place["line"]) for place in row["expected"]}
        offset = _offset(files[query["path"]], query["line"], query["character"])
        known = path in graph.files
        found = graph.flow.leads(path, offset) or graph.flow.definitions(path, offset) if known else []
        got = {_line(files, place.path, place.start) for place in found}
        word = _word(files[query["path"]], offset)
        by_name = [s for s in graph.named(word) if s.path == path] or graph.named(word)
        for score, lines in ((ours, got), (names, {_line(files, s.path, s.name_span.start) for s in by_name})):
            _count(score, want, lines)
        if misses and not (got <= want and bool(got) == bool(want)):
            line = files[query["path"]].split("\n")[query["line"]]
            cursor = f"{line[: query['character']]}⟨⟩{line[query['character'] :]}"
            print(f"  {row['id']}: {cursor.strip()} expected {sorted(want)}, got {sorted(got)}")
    return [ours, names]


def references(data: Path, name: str, *, misses: bool) -> Score | None:
    """Find references: line by line, without the definition and without guesses."""
    score = Score("references")
    for row, files, graph in _questions(data, name, "references"):
        query, path = row["query"], _ROOT + row["query"]["path"]
        offset = _offset(files[query["path"]], query["line"], query["character"])
        want = {(place["path"], place["line"]) for place in row["expected"]}
        symbols = graph.defined(path, offset).symbols if path in graph.files else ()
        got: set[tuple[str, int]] = set()
        for symbol in symbols[:1]:
            if graph.placed(symbol) is None and symbol.kind in ("variable", "parameter"):
                got = {_line(files, symbol.path, span.start) for span in graph.local_references(symbol)}
            else:
                found = graph.references(symbol, guessed=False)
                got = {_line(files, reference.path, reference.span.start) for reference in found}
        if (here := (query["path"], query["line"])) not in want:
            got.discard(here)
        score.right += len(got & want)
        score.answered += len(got)
        score.positives += len(want)
        score.misses["a place is missing"] += not want <= got
        score.misses["a place too many"] += not got <= want
        if misses and got != want:
            print(f"  {row['id']}: missing {sorted(want - got)}, too many {sorted(got - want)}")
    return score if score.positives else None


def _questions(data: Path, name: str, kind: str) -> Iterator[tuple[dict[str, Any], dict[str, str], Graph]]:
    """(question, its files, their graph)."""
    rows = list(_rows(data, NAVIGATION[name]))
    shared = {row["case"]: row["files"] for row in rows if row.get("case") and row.get("files")}
    projects: dict[str, Graph] = {}
    for row in rows:
        if row["kind"] == kind:
            files = row.get("files") or shared[row["case"]]
            key = json.dumps(files, sort_keys=True)
            if key not in projects:
                projects[key] = project(files)
            yield row, files, projects[key]


def _count(score: Score, want: set[tuple[str, int]], got: set[tuple[str, int]]) -> None:
    score.answered += bool(got)
    if want:
        score.positives += 1
        score.right += bool(got) and got <= want
        if not got:
            score.misses["no answer"] += 1
        elif not got <= want:
            score.misses["one of several wrong" if got & want else "wrong place"] += 1
    else:
        score.negatives += 1
        score.negatives_right += not got
        if got:
            score.misses["answered where there is nothing"] += 1


def _rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    with lzma.open(data / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _offset(text: str, line: int, character: int) -> int:
    lines = text.split("\n")
    units = lines[line].encode("utf-16-le")[: 2 * character]
    return sum(len(one.encode()) + 1 for one in lines[:line]) + len(units.decode("utf-16-le", "ignore").encode())


def _line(files: dict[str, str], path: str, offset: int) -> tuple[str, int]:
    short = path.removeprefix(_ROOT)
    return short, files[short].encode()[:offset].count(b"\n")


def _word(text: str, offset: int) -> str:
    data = text.encode()
    start = end = offset
    while start > 0 and (data[start - 1 : start].isalnum() or data[start - 1] in b"_$" or data[start - 1] > 127):
        start -= 1
    while end < len(data) and (data[end : end + 1].isalnum() or data[end] in b"_$" or data[end] > 127):
        end += 1
    return data[start:end].decode("utf-8", "replace")


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _interval(part: int, whole: int) -> list[float] | None:
    return [round(bound, 3) for bound in wilson(part, whole)] if whole else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"pycg, {', '.join(NAVIGATION)}; all by default")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--misses", action="store_true", help="list every miss")
    parser.add_argument("--write", action="store_true", help=f"write {RESULT.name}")
    options = parser.parse_args()
    if not options.data.is_dir():
        raise SystemExit(f"{options.data} is not there: nothing to compare with")
    results: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name in options.sets or ["pycg", *NAVIGATION]:
        scores = (
            [calls(options.data, misses=options.misses)]
            if name == "pycg"
            else definitions(options.data, name, misses=options.misses)
        )
        if name != "pycg" and (places := references(options.data, name, misses=options.misses)) is not None:
            scores.append(places)
        for score in scores:
            row = score.row()
            results[name].append(row)
            print(f"{name:12} {row['arm']:12} n {row['n']:4}  recall {row['recall']}  precision {row['precision']}  "
                  f"negatives {row['negatives']}  {row['misses']}")  # fmt: skip
    if options.write:
        RESULT.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
