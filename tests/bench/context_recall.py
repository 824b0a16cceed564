"""How often are the right files found? Issues of real projects, at the commit before they were fixed.

    python -m tests.bench.context_recall --repositories FOLDER [--cache FOLDER] [--out FILE] [--history OWNER/NAME …]
        [--embedding MODEL]

FOLDER holds a git repository for each project, `owner+name/repo` or `owner/name`. Rows are those of
`swebench-lite-localisation` in the folder of shared data beside the checkout: the text of an issue, and the file that
its fix changed. Only Python files that are no tests are ranked. Arms, on the same files in the same run:

- *points*: the points of the evidence table for what is written, without an index and without the graph;
- *BM25* over whole texts; *BM25 + definitions and paths*, as a published repository map is matched;
- *ours*, and ours without the points of each kind of evidence.

`--history` takes commits of other projects instead: their messages, and the one source file that each changed. The
weights were fitted to such commits of pytest, pip, twisted and astropy; every other project is new to them.

`--embedding` adds arms with a model of embeddings, which compares the best 200: its points as they come, twice
and four times of them, and the order by what files mean alone.

`--cache` keeps what was read of each file for the next run, as long as the graph's code is the same.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import io
import json
import lzma
import math
import pickle
import random
import re
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import dovetail
from dovetail.context.lexicon import lexicon
from dovetail.context.meaning import meant
from dovetail.context.query import Query
from dovetail.context.scorer import Scored, Weights, rank
from dovetail.context.words import names, words
from dovetail.graph import FileFacts, Graph
from dovetail.lsp.cache import Cache
from dovetail.model.ask import run, through
from dovetail.model.desk import NoModel
from dovetail.model.meaning import Meaning
from dovetail.syntax import Tree, language_for
from dovetail.text import Document
from dovetail.verify.checkers import run_checker
from dovetail.world import Snapshot

DATA = Path(__file__).parents[3] / "shared" / "data" / "swebench-lite-localisation.jsonl.xz"
_TEST = re.compile(r"(^|/)(tests?|testing|_?benchmarks?)/|(^|/)(test_[^/]*|[^/]*_test|conftest|tests?)\.py$")
_TRAILER = re.compile(r"^(?:Co-authored|Signed-off|Reviewed)-by:.*$|^\(cherry picked.*$", re.MULTILINE | re.IGNORECASE)
_SAYS_ENOUGH = 80
"""Letters of a message."""
_COMMITS = 60
"""Of a project that are taken."""
_AT = (1, 3, 5, 8)
_RESAMPLED = 2000
KINDS = [f.name for f in fields(Weights) if f.name not in ("tagged", "modified", "recent", "meaning")]
WORDS = ("lexical", "subject", "passage", "content", "heading", "path")


@dataclass(frozen=True, eq=False)
class File:
    """What the arms know of one text."""

    facts: FileFacts
    bag: Counter[str]
    length: int
    defined: frozenset[str]
    documented: frozenset[str]
    imported: frozenset[str]

    @classmethod
    def of(cls, facts: FileFacts, data: bytes) -> File:
        items = [item for _, item, _ in facts]
        bag = bag_of(data.decode("utf-8", "replace"))
        docs = (name for item in items for d in item.definitions for name in names(d.doc.split("\n", 1)[0]))
        return cls(
            facts,
            bag,
            sum(bag.values()),
            frozenset(d.name.lower() for item in items for d in item.definitions),
            frozenset(name.lower() for name in docs),
            frozenset(name.lower() for item in items for one in item.imports for name in (one.name, one.module)),
        )


class Project:
    """One repository; going from commit to commit costs what differs."""

    def __init__(self, git: Path, cache: Path | None) -> None:
        self._git, self._cache = git, cache
        self._known: dict[str, File] = {}
        """By path and digest of the text."""
        self.graph = Graph()
        self.files: dict[str, File] = {}

    def at(self, commit: str) -> None:
        """Read the Python files of a commit that are no tests."""
        known: dict[str, File] = {}
        self.files = {}
        graph = self.graph
        for path, data in self._read(commit):
            digest = hashlib.sha256(data).hexdigest()
            key = f"{path} {digest}"
            file = self._known.get(key)
            if file is None:
                file = self._told(digest, data)
                graph = graph.with_file(path, file.facts)
            known[key] = self.files[path] = file
        for path in [path for path in graph.files if path not in self.files]:
            graph = graph.without(path)
        self._known, self.graph = known, graph

    def _told(self, digest: str, data: bytes) -> File:
        kept = self._cache / _code() / digest if self._cache else None
        if kept is not None and kept.exists():
            return File.of(pickle.loads(kept.read_bytes()), data)
        language = language_for("a.py")
        assert language is not None
        facts = replace(FileFacts.of(Tree.parse(language, Document(data))), tree=None)
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(pickle.dumps(facts, 5))
        return File.of(facts, data)

    def date(self, commit: str) -> int:
        return int(self._run("show", "-s", "--format=%ct", commit))

    def _read(self, commit: str) -> list[tuple[str, bytes]]:
        found: list[tuple[str, bytes]] = []
        with tarfile.open(fileobj=io.BytesIO(self._run("archive", "--format=tar", commit))) as archive:
            for member in archive:
                path = member.name
                if member.isfile() and path.endswith(".py") and not _TEST.search(path) and member.size < 2 << 20:
                    file = archive.extractfile(member)
                    assert file is not None
                    found.append((f"/project/{path}", file.read()))
        return sorted(found)

    def _run(self, *arguments: str) -> bytes:
        return subprocess.run(["git", "-C", str(self._git), *arguments], check=True, capture_output=True).stdout


# ---- arms ---------------------------------------------------------------------------------------


def bag_of(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, times in Counter(names(text)).items():
        for word in words(name):
            found[word] += times
    return found


def bm25(files: Mapping[str, File], issue: str) -> dict[str, float]:
    """Plain BM25 over whole texts: identifiers and their parts."""
    mean = sum(file.length for file in files.values()) / len(files)
    scores = dict.fromkeys(files, 0.0)
    for word, said in bag_of(issue).items():
        having = [path for path, file in files.items() if word in file.bag]
        rarity = math.log(1 + (len(files) - len(having) + 0.5) / (len(having) + 0.5))
        for path in having:
            times = files[path].bag[word]
            scores[path] += said * rarity * times * 2.5 / (times + 1.5 * (0.25 + 0.75 * files[path].length / mean))
    return scores


def bm25_and_definitions(graph: Graph, files: Mapping[str, File], issue: str) -> dict[str, float]:
    """BM25, and points for files that define a name or have a path that the issue says."""
    scores = bm25(files, issue)
    most = max(scores.values()) or 1.0
    found = {path: score / most for path, score in scores.items()}
    for name in set(names(issue)):
        defining = {s.path for s in graph.named(name) if not s.container and s.kind in ("function", "class")}
        for path in defining:
            found[path] += 0.4 / len(defining)
    for path in files:
        name = path.rsplit("/", 1)[-1]
        if path.removeprefix("/project/") in issue:
            found[path] += 1.0
        elif name != "__init__.py" and re.search(rf"(?<![\w/]){re.escape(name)}\b", issue):
            found[path] += 0.5
    return found


def points(files: Mapping[str, File], issue: str) -> dict[str, float]:
    """The evidence table alone: points for each word of the issue in the path, a symbol, documentation, an import,
    the text, and for each file that it mentions."""
    asked = {name.lower() for name in Query.of(issue).names}
    found = dict.fromkeys(files, 0.0)
    for path, file in files.items():
        found[path] += 8 * len(asked & {part.lower() for part in re.split(r"[/._]", path.removeprefix("/project/"))})
        found[path] += 7 * len(asked & file.defined)
        found[path] += 5 * len(asked & file.documented)
        found[path] += 4 * len(asked & file.imported)
        found[path] += 2 * sum(name in file.bag for name in asked)
        if (name := path.rsplit("/", 1)[-1]) in issue and name != "__init__.py":
            found[path] += 24
    return found


def ours(snapshot: Snapshot, issue: str) -> list[Scored]:
    return through(rank(snapshot, Query.of(issue), most=10**9))


def without(scored: Sequence[Scored], *kinds: str) -> dict[str, float]:
    """The scores without the points of some kinds."""
    return {one.path: sum(s.points for s in one.signals if s.kind not in kinds) for one in scored}


class Compared:
    """The arms of a model of embeddings. One event loop, so that its process lives from row to row."""

    def __init__(self, named: str, cache: Path | None) -> None:
        self._runner = asyncio.Runner()
        self._meaning = Meaning(named, store=(lambda schema: Cache(cache / "meaning", schema)) if cache else None)
        self.seconds = 0.0

    def arms(self, snapshot: Snapshot, issue: str, scored: Sequence[Scored]) -> dict[str, dict[str, float]]:
        began = time.perf_counter()
        steps = meant(snapshot, issue, scored, Weights().meaning)
        found, silence = self._runner.run(run(steps, NoModel(""), run_checker, comparer=self._meaning))
        self.seconds += time.perf_counter() - began
        if silence:
            sys.exit(f"the embedding model has no answer: {silence}")
        gained = {one.path: sum(s.points for s in one.signals if s.kind == "meaning") for one in found}
        words = without(scored)
        arms = {
            f"ours and {share}what files mean": {path: words[path] + times * gained[path] for path in words}
            for share, times in (("", 1.0), ("twice ", 2.0), ("four times ", 4.0))
        }
        return arms | {"what files mean alone": {path: points for path, points in gained.items() if points}}

    @property
    def model(self) -> dict[str, str]:
        info = self._meaning.info
        return {"name": info.name, **info.details} if info else {}

    def close(self) -> None:
        self._runner.run(self._meaning.close())
        self._runner.close()


@cache
def _code() -> str:
    """A digest of what the facts of a file depend on."""
    digest = hashlib.sha256()
    for room in ("graph", "syntax"):
        for path in sorted((Path(dovetail.__file__).parent / room).glob("*.py")):
            digest.update(path.read_bytes())
    for path in sorted((language_for("a.py") or sys.exit("no grammar")).folder.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


# ---- figures ------------------------------------------------------------------------------------


def place(scores: Mapping[str, float], files: Iterable[str], gold: Sequence[str]) -> int:
    """Where the first of the right files stands, from 1. Of equals the first by path is first."""
    order = sorted(files, key=lambda path: (-scores.get(path, 0.0), path))
    return 1 + min(order.index(f"/project/{path}") for path in gold)


def figures(places: Sequence[int]) -> dict[str, tuple[float, float, float]]:
    """hit@k and MRR, each with a 95 % interval by resampling the rows."""
    chance = random.Random(0)
    samples = [chance.choices(places, k=len(places)) for _ in range(_RESAMPLED)]
    rules: dict[str, Any] = {f"hit@{k}": lambda ps, k=k: sum(p <= k for p in ps) / len(ps) for k in _AT}
    rules["MRR"] = lambda ps: sum(1 / p for p in ps) / len(ps)
    found: dict[str, tuple[float, float, float]] = {}
    for name, rule in rules.items():
        low, high = np.quantile([rule(sample) for sample in samples], (0.025, 0.975))
        found[name] = round(rule(places), 4), round(float(low), 4), round(float(high), 4)
    return found


def held_out(row: Mapping[str, Any]) -> bool:
    """Half of the rows, by their name. Rules and weights come from commit messages of other projects and from a look at
    the other rows; of these nothing was seen but the total, when words and facts were compared."""
    return hashlib.sha256(row["instance_id"].encode()).digest()[0] % 2 == 0


def history(project: str, git: Path, most: int) -> list[dict[str, Any]]:
    """Commits that changed one source file and say enough; some of them, by their names."""
    log = ("log", "--no-merges", "--name-status", "--no-renames", "--format=%x00%H%x01%B%x02")
    told = subprocess.run(["git", "-C", str(git), *log], check=True, capture_output=True).stdout
    rows: list[dict[str, Any]] = []
    for commit in told.decode("utf-8", "replace").split("\0")[1:]:
        head, _, changed = commit.partition("\2")
        name, _, message = head.partition("\1")
        touched = [line.split("\t", 1) for line in changed.strip().splitlines()]
        source = [path for kind, path in touched if path.endswith(".py") and not _TEST.search(path)]
        said = _TRAILER.sub("", message).strip()
        if [kind for kind, path in touched if path in source] == ["M"] and len(said) >= _SAYS_ENOUGH:
            row = {"instance_id": name, "repo": project, "base_commit": f"{name}^", "gold_files": source}
            rows.append({**row, "problem_statement": said})
    rows.sort(key=lambda row: hashlib.sha256(row["instance_id"].encode()).digest())
    return rows[:most]


def repository(repositories: Path, project: str) -> Path:
    names = (project.replace("/", "+") + "/repo", project)
    return next(path for name in names if (path := repositories / name).exists())


def measure(
    rows: Sequence[Mapping[str, Any]], repositories: Path, cache: Path | None, compared: Compared | None = None
) -> dict[str, Any]:
    arms: dict[str, dict[str, int]] = {}
    spent = 0.0
    gc.disable()  # it would look at millions of facts again and again
    for project_name in sorted({row["repo"] for row in rows}):
        project = Project(repository(repositories, project_name), cache)
        mine = [row for row in rows if row["repo"] == project_name]
        for row in sorted(mine, key=lambda row: (project.date(row["base_commit"]), row["instance_id"])):
            project.at(row["base_commit"])
            snapshot = Snapshot(graph=project.graph, roots=("/project",))
            issue, gold, name = row["problem_statement"], row["gold_files"], row["instance_id"]
            through(lexicon(snapshot.graph, snapshot.roots))
            began = time.process_time()
            scored = ours(snapshot, issue)
            spent += time.process_time() - began
            found = {"ours": without(scored)}
            found |= compared.arms(snapshot, issue, scored) if compared else {}
            found["points"] = points(project.files, issue)
            found["BM25"] = bm25(project.files, issue)
            found["BM25 + definitions and paths"] = bm25_and_definitions(project.graph, project.files, issue)
            for kind in KINDS:
                found[f"ours without {kind}"] = without(scored, kind)
            found["ours without any words"] = without(scored, *WORDS)
            for arm, scores in found.items():
                arms.setdefault(arm, {})[name] = place(scores, project.files, gold)
            if "bm25_rank" in row:
                arms.setdefault("BM25, as told with the data", {})[name] = row["bm25_rank"]
                arms.setdefault("BM25 + definitions, as told with the data", {})[name] = row["bm25_plus_defs_rank"]
            print(name, {arm: where[name] for arm, where in arms.items() if "without" not in arm}, file=sys.stderr)
            listen(row, project, scored)
    held = [row["instance_id"] for row in rows if held_out(row)]
    return {
        "n": len(rows),
        "held out": len(held),
        "milliseconds of processor a question": round(1000 * spent / len(rows), 1),
        "all": {arm: figures(list(where.values())) for arm, where in arms.items()},
        "on the half held out": {arm: figures([where[name] for name in held]) for arm, where in arms.items()},
        "places": {arm: where for arm, where in arms.items() if "without" not in arm},
    }


def listen(row: Mapping[str, Any], project: Project, scored: Sequence[Scored]) -> None:
    """For whoever looks at single rows."""


def table(title: str, arms: Mapping[str, Mapping[str, Sequence[float]]]) -> Table:
    shown = Table("arm", *(f"hit@{k}" for k in _AT), "MRR", title=title)
    for arm, found in arms.items():
        percent = [f"{100 * v:.1f} ({100 * low:.0f}–{100 * high:.0f})" for v, low, high in list(found.values())[:-1]]
        value, low, high = found["MRR"]
        shown.add_row(arm, *percent, f"{value:.3f} ({low:.2f}–{high:.2f})")
    return shown


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repositories", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--history", nargs="+", default=[], metavar="OWNER/NAME")
    parser.add_argument("--embedding", metavar="MODEL")
    given = parser.parse_args()
    if given.history:
        rows = [row for one in given.history for row in history(one, repository(given.repositories, one), _COMMITS)]
    elif given.data.exists():
        rows = [json.loads(line) for line in lzma.decompress(given.data.read_bytes()).splitlines()]
    else:
        sys.exit(f"there is no {given.data}: the benchmark needs the localisation set")
    compared = Compared(given.embedding, given.cache) if given.embedding else None
    result = measure(rows, given.repositories, given.cache, compared)
    if compared:
        result |= {"embedding": compared.model, "seconds a question for it": round(compared.seconds / len(rows), 1)}
        compared.close()
    console = Console(width=130)
    for part in ("all",) if given.history else ("all", "on the half held out"):
        console.print(table(part, result[part]))
    if given.out:
        given.out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
