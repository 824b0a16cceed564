"""Add validation on the Java of a JDK: does what is guarded still compile?

    python -m tests.bench.guards_java                      java.util, java.text and more of the JDK that is installed
    python -m tests.bench.guards_java --files 300 --save tests/bench/results/guards_java.json

Every function that is given guards gets them, all files of a module together; javac compiles the module's files as they
are and with guards. Skipped, with a reason, where there is no JDK with its sources.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

from tests.bench.guards_node import guarded
from tests.bench.validation import tell

_MODULES = {
    "java.base": ("java/util/", "java/text/", "java/net/", "java/io/", "java/time/"),
    "java.desktop": ("java/awt/geom/", "javax/swing/text/"),
    "java.xml": ("com/sun/org/apache/xerces/internal/util/", "javax/xml/"),
}


def jdk() -> tuple[Path, Path] | str:
    """(javac, the zip of its sources), or why there is none."""
    found = [shutil.which("javac"), *map(str, sorted(Path("/usr/lib/jvm").glob("*/bin/javac")))]
    for one in filter(None, found):
        javac = Path(one).resolve()
        if (sources := javac.parent.parent / "lib" / "src.zip").is_file():
            return javac, sources.resolve()
    return "no JDK with its sources (lib/src.zip) is installed"


def compiled(javac: Path, module: str, root: Path, out: Path) -> list[str]:
    """What javac finds wrong in files of a module that are put over it."""
    names = sorted(map(str, root.rglob("*.java")))
    listed = root.parent / f"{root.name}.txt"
    listed.write_text("\n".join(names), "utf-8")
    done = subprocess.run(
        [str(javac), "--patch-module", f"{module}={root}", "-d", str(out), "-nowarn", "-proc:none", "-Xmaxerrs", "500",
         f"@{listed}"],
        capture_output=True, text=True, timeout=550,
    )  # fmt: skip
    return [line.removeprefix(f"{root}/") for line in done.stderr.splitlines() if ": error:" in line]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=300, help="of each module, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args()
    found = jdk()
    if isinstance(found, str):
        print(f"skipped: {found}")
        return 0
    javac, sources = found
    counts: Counter[str] = Counter()
    told: list[str] = []
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(sources) as archive:
        for module, folders in _MODULES.items():
            inside = tuple(f"{module}/{folder}" for folder in folders)
            names = sorted(n for n in archive.namelist() if n.startswith(inside) and n.endswith(".java"))
            random.Random(asked.seed).shuffle(names)
            was, now = Path(scratch, module, "was"), Path(scratch, module, "now")
            for name in names[: asked.files]:
                text = archive.read(name).decode("utf-8")
                if len(text) > 200_000:
                    continue
                counts["files"] += 1
                new, functions = guarded(Path("/") / name, text, counts)
                counts["files with guards"] += bool(functions)
                for root, each in ((was, text), (now, new)):
                    place = root / Path(name).relative_to(module)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_text(each, "utf-8")
            before = compiled(javac, module, was, Path(scratch, module, "out"))
            after = compiled(javac, module, now, Path(scratch, module, "out"))
            counts["errors of javac before"] += len(before)
            counts["errors of javac after"] += len(after)
            told += [f"{module}: {one}" for one in after if one not in before]
    return tell(counts, told, asked.save)


if __name__ == "__main__":
    sys.exit(main())
