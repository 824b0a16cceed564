"""Installed packages are read where they lie, and tell prompts what they say of themselves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dovetail.context.documented import documented_near
from dovetail.context.evidence import Ledger
from dovetail.context.neighbours import surroundings
from dovetail.context.pack import pack
from dovetail.context.walk import around
from dovetail.graph.packages import unresolved
from dovetail.lsp.packages import installed
from dovetail.lsp.scan import read, text_of, walk
from dovetail.model.ask import ModelInfo
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.laid import lay
from tests.units.context.project import done

_APP = """import postal
import postal.stamps as st
from postal import Letter, weigh
from unknown_thing import nothing

def send():
    letter = Letter("Hello")
    st.stamp(letter)
    postal.weigh(letter)
    return nothing(weigh(letter))
"""
_PACKAGE = {
    "postal/__init__.py": "from .letters import Letter\nfrom postal.scales import weigh as weigh\n"
    "raise SystemExit('run!')\n",
    "postal/letters.py": 'class Letter:\n    """What is sent.\n\n    At length.\n    """\n\n'
    "    def __init__(self, text: str) -> None: ...\n",
    "postal/scales.py": 'def weigh(letter: "Letter") -> int:\n    """Grams."""\n    return 1\n',
    "postal/stamps.py": "def wrong(): ...\n",
    "postal/stamps.pyi": "def stamp(letter: object, value: int = 80) -> None: ...\n",
    "postal/never.py": "def asked(): ...\n",
}  # fmt: skip


def _world(root: Path) -> World:
    here = World([root.as_posix()], text_of)
    here.learn(read(walk(str(root))[0]).told())
    found = installed(root.as_posix(), [one for one in unresolved(here.snapshot().graph) if one])
    here.know_packages(found.entries, found.read.told())
    return here


def _python(root: Path) -> Path:
    site = root / ".venv/lib/python3.12/site-packages"
    lay(root, {"app.py": _APP, ".venv/pyvenv.cfg": ""})
    lay(site, _PACKAGE)
    return site


def _at(here: World, path: Path, mark: str) -> Selection:
    text = path.read_text("utf-8")
    here.open(path.as_posix(), text, 1, None)
    at = text.index(mark)
    return Selection(path.as_posix(), Span(at, at))


def test_what_the_code_takes_from_a_package_is_told_with_its_documentation(tmp_path: Path) -> None:
    _python(tmp_path)
    here = _world(tmp_path)
    at = _at(here, tmp_path / "app.py", "nothing(weigh")
    near = {one.symbol.name: one for one in documented_near(here.snapshot(), at)}
    assert {name: one.symbol.path.rsplit("/", 1)[-1] for name, one in near.items()} == {
        "weigh": "scales.py", "stamp": "stamps.pyi", "Letter": "letters.py",
    }  # fmt: skip
    assert near["Letter"].why == "of postal, named 3 lines above the cursor"
    shown = done(pack(here.snapshot(), done(around(here.snapshot(), at, 1536)), 1536))
    texts = {item.name: item.text for item in shown.items}
    assert texts["weigh"] == 'def weigh(letter: "Letter") -> int\n    Grams.'
    assert "At length" not in texts["Letter"]
    assert "stamp(letter: object, value: int = 80)" in texts["stamp"]


def test_the_graph_of_the_project_knows_nothing_of_packages(tmp_path: Path) -> None:
    _python(tmp_path)
    snapshot = _world(tmp_path).snapshot()
    assert set(snapshot.graph.files) == {f"{tmp_path.as_posix()}/app.py"}
    assert not any("never" in path for path in snapshot.packages.graph.files)
    assert not snapshot.graph.search("Letter")


def test_types_of_node_packages_are_read(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "app.ts": "import { weigh, Letter as L } from '@post/scales'\nimport * as _ from 'lodash'\n\n"
            "export function send() { return _.chunk(weigh(new L())) }\n",
            "node_modules/@post/scales/package.json": '{"types": "./dist/main.d.ts"}',
            "node_modules/@post/scales/dist/main.d.ts": "export * from './letter.js'\n"
            "/** Grams. */\nexport declare function weigh(letter: Letter): number;\n",
            "node_modules/@post/scales/dist/letter.d.ts": "export declare class Letter { text: string }\n",
            "node_modules/@types/lodash/index.d.ts": "export declare function chunk<T>(list: T[]): T[][];\n",
        },
    )  # fmt: skip
    here = _world(tmp_path)
    at = _at(here, tmp_path / "app.ts", ")) }")
    assert {one.symbol.name for one in documented_near(here.snapshot(), at)} == {"weigh", "chunk", "Letter"}


def test_entries_of_node_packages_lead_to_their_types(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "app.ts": "import { one } from 'exporting'\nimport { two } from 'exporting/deep/two'\n"
            "import { three } from 'plain'\n\nexport function send() { return one(two(three())) }\n",
            "node_modules/exporting/package.json": """{"main": "./old.js", "exports": {
                ".": {"import": {"types": "./lib/main.d.mts", "default": "./lib/main.mjs"}},
                "./deep/*": "./lib/*.js", "./out": "../plain/lib/start.d.ts"}}""",
            "node_modules/exporting/old.d.ts": "export declare function wrong(): number;\n",
            "node_modules/exporting/lib/main.d.mts": "export declare function one(n: number): number;\n",
            "node_modules/exporting/lib/two.d.ts": "export declare function two(n: number): number;\n",
            "node_modules/plain/package.json": '{"main": "lib/start.js"}',
            "node_modules/plain/lib/start.d.ts": "export declare function three(): number;\n",
        },
    )
    here = _world(tmp_path)
    at = _at(here, tmp_path / "app.ts", "))) }")
    assert {one.symbol.name for one in documented_near(here.snapshot(), at)} == {"one", "two", "three"}


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "project", tmp_path / "outside"
    site = _python(root)
    lay(outside, {"unknown_thing/__init__.py": "def nothing(password='hunter2'): ...\n"})
    os.symlink(outside / "unknown_thing", site / "unknown_thing")
    assert not any("unknown_thing" in path for path in _world(root).snapshot().packages.graph.files)


def test_what_the_user_leaves_out_is_left_out(tmp_path: Path) -> None:
    _python(tmp_path)
    wanted = (("python", "postal"),)
    assert installed(tmp_path.as_posix(), wanted).entries
    assert not installed(tmp_path.as_posix(), wanted, (".venv/",)).entries


@pytest.mark.parametrize("away", [False, True], ids=["here", "away"])
def test_a_package_in_another_folder_is_not_told_to_a_model_elsewhere(tmp_path: Path, away: bool) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    _python(theirs)
    lay(ours, {"app.py": _APP})
    here = _world(theirs)
    here.set_roots([ours.as_posix(), theirs.as_posix()])
    model = ModelInfo("m", "", "", 1024, "suffix-first", chat=False, repository=True, away=away)
    for root, shown in ((ours, not away), (theirs, True)):
        at = _at(here, root / "app.py", "nothing(weigh")
        files, _ = done(surroundings(here.snapshot(), at, 1000, Ledger("action"), model))
        assert any("Grams." in text for _, text in files) is shown
