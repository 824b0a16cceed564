"""Is the live graph right after every edit? Random edits and real ones, compared with a graph built anew.

    python -m tests.bench.exact [--edits N] [--folder PATH …] [--repository PATH …] [--write]

Random edits (insertions, deletions, half-typed code, other alphabets) of the files under `--folder` (by default this
project and the standard library) and of the texts in `real-edit-stream.jsonl.xz`, in every language that has a
grammar; the changes of that file from before to after; and, with `--repository`, the commits of git histories, each
applied as the edits that lead from one version of a file to the next. Prints differences; there must be none. In broken
code the parser does not always say what it took for something else: what is right once the file rests is told apart.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import subprocess
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from dovetail.cli.index import replay
from dovetail.graph import FileFacts, Graph
from dovetail.lsp.scan import walk
from dovetail.syntax import Tree, language_for
from dovetail.text import Edit, Span
from dovetail.world import World
from tests.bench.graph_truth import DATA

RESULT = Path(__file__).parent / "results" / "exact.json"
_LARGEST = 60_000
"""Bytes of a text that is edited at random: each edit is compared with a rebuild."""


def texts(folders: list[Path], data: Path) -> Iterator[tuple[str, str]]:
    """(path, text) of what can be edited."""
    for folder in folders:
        paths, _ = walk(str(folder), ("site-packages/", "test/", "lib2to3/", "idlelib/"), 4000)
        for path in paths:
            try:
                text = Path(path).read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            if len(text) <= _LARGEST:
                yield path, text
    for before, after in real(data):
        yield before
        yield after


def real(data: Path) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """((path, text) before, (path, text) after) of real changes."""
    file = data / "real-edit-stream.jsonl.xz"
    if file.exists():
        with lzma.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                row: dict[str, Any] = json.loads(line)
                path = f"/project/{row.get('path') or row.get('file')}"
                if language_for(path) is not None:
                    yield (path, row["before"]), (path, row["after"])


def commits(repository: Path, most: int) -> Iterator[list[tuple[str, str, str]]]:
    """[(path, before, after)] of each commit, oldest first."""

    def git(*arguments: str) -> bytes:
        return subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=True).stdout

    for commit in git("rev-list", "--reverse", "--no-merges", "HEAD").decode().split()[-most:]:
        changed: list[tuple[str, str, str]] = []
        for line in git("diff-tree", "--root", "-r", "--no-commit-id", "--diff-filter=M", commit).decode().splitlines():
            about, path = line.split("\t", 1)
            _, _, before, after, _ = about.split()
            if language_for(path) is not None:
                old, new = git("cat-file", "blob", before), git("cat-file", "blob", after)
                changed.append((f"/project/{path}", old.decode("utf-8", "replace"), new.decode("utf-8", "replace")))
        if changed:
            yield changed


def applied(path: str, before: str, after: str) -> tuple[int, bool]:
    """(edits, whether the graph was right after each): one text becomes another, line by line."""
    world = World()
    world.open(path, before, 0, None)
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    offset, version = 0, 0
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line.encode("utf-8", "replace")))
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        text = "".join(new[c:d]).encode("utf-8", "replace")
        edit = Edit(Span(starts[a] + offset, starts[b] + offset), text)
        offset += len(text) - (starts[b] - starts[a])
        version += 1
        file = world.edit(path, version, [lambda _, edit=edit: edit])
        if file.facts is None or file.tree is None:
            return version, True
        if file.facts.dump() != FileFacts.of(file.tree).dump():
            return version, False
    world.settle(path)
    file = world.snapshot().files[path]
    if file.language is None or file.facts is None:
        return version, True
    fresh = FileFacts.of(Tree.parse(file.language, file.document))
    return version, world.snapshot().graph.dump() == Graph().with_file(path, fresh).dump()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, action="append", default=[])
    parser.add_argument("--repository", type=Path, action="append", default=[])
    parser.add_argument("--commits", type=int, default=500, help="of each repository, the newest")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help=f"write {RESULT.name}")
    options = parser.parse_args()
    began = time.perf_counter()
    chance = random.Random(options.seed)
    folders = options.folder or [Path(__file__).parents[2], Path(sysconfig.get_path("stdlib"))]
    by_language: dict[str, list[tuple[str, str]]] = {}
    for path, text in texts(folders, options.data):
        if (language := language_for(path)) is not None and text:
            by_language.setdefault(language.name, []).append((path, text))
    done: Counter[str] = Counter()
    wrong: list[str] = []
    late: list[str] = []
    while sum(done.values()) < options.edits and by_language:
        for language, known in sorted(by_language.items()):
            path, text = chance.choice(known)
            start = chance.randrange(max(1, len(text) - 4000))
            state = chance.getstate()
            edits, same = replay(path, text[start : start + 4000], chance, 50)
            done[language] += edits
            if not same:
                again = random.Random()
                again.setstate(state)
                where = f"random edits of {path}, from character {start}"
                rests = replay(path, text[start : start + 4000], again, edits, rest=True)[1]
                (late if rests else wrong).append(where)
                print(f"{where}{', until it rests' if rests else ''}", flush=True)
    changes = replayed = 0
    for (path, before), (_, after) in real(options.data):
        edits, same = applied(path, before, after)
        changes += 1
        if not same:
            wrong.append(f"real change {changes} of {path}")
            print(wrong[-1], flush=True)
    for repository in options.repository:
        for changed in commits(repository, options.commits):
            replayed += 1
            for path, before, after in changed:
                if not applied(path, before, after)[1]:
                    wrong.append(f"commit {replayed} of {repository.name}, {path}")
                    print(wrong[-1], flush=True)
    result = {
        "random_edits": dict(sorted(done.items())),
        "random_edits_in_all": sum(done.values()),
        "real_changes": changes,
        "commits": replayed,
        "differences": len(wrong),
        "differences until the file rests": len(late),
        "seconds": round(time.perf_counter() - began, 1),
        "seed": options.seed,
    }
    print(json.dumps(result, indent=1))
    if options.write:
        RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
