"""Guards are tried in the sandbox: what is allowed goes on as before, what they are for is refused."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dovetail import Session
from dovetail.features.actions import Edited, Refused, Request, Result, validate
from dovetail.features.actions.testing.literals import kind_of
from dovetail.model.ask import run
from dovetail.session import Done
from dovetail.syntax import language_for
from dovetail.verify import tests as judge
from tests.scripted import Scripted, no_linter
from tests.units.actions.test_write_tests import at, opened

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs processes that fork")

GROW = '''def grow(count: int, names: list[str], size: float = 1.5) -> list[str]:
    """Grow.

    Args:
        count: How often. Must be positive.
        names: Must not be empty.
        size: From 0 to 2.
    """
    return names * (count + 1)
'''


def tried(folder: Path) -> Result:
    path = folder / "grow.py"
    snapshot = opened(folder, path.name)
    request = at(snapshot, path, "grow")
    offer = validate.offer(snapshot, request)[0]
    assert offer.title == "Add validation to grow, tried in a sandbox"
    with judge.copied(folder.as_posix()) as scratch:
        assert isinstance(scratch, str)
        tester = judge.Tests(folder.as_posix(), scratch, sys.executable, plugins=False)
        steps = validate.make(snapshot, request, offer, None)
        return asyncio.run(run(steps, Scripted(), no_linter, tester=tester))


def test_each_guard_refuses_what_it_is_for_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "grow.py").write_text(GROW)
    result = tried(tmp_path)
    assert isinstance(result, Edited), result
    assert result.evidence.passed[-1] == "keeps what is allowed, refuses what it is for"
    (note,) = [note for note in result.evidence.notes if note.startswith("tried: ")]
    assert int(note.split(" refused")[0].split(", ")[-1]) >= 8


def test_a_call_that_works_today_outweighs_the_documentation(tmp_path: Path) -> None:
    (tmp_path / "grow.py").write_text(GROW.replace("Grow.\n", "Grow.\n\n    >>> grow(0, ['a'])\n    ['a']\n"))
    result = tried(tmp_path)
    assert isinstance(result, Refused)
    assert "grow(0, ['a']) gave ['a'] and would give !ValueError" in result.reason


def test_without_trust_nothing_is_tried(tmp_path: Path) -> None:
    (tmp_path / "grow.py").write_text(GROW)
    snapshot = opened(tmp_path, "grow.py")
    request = at(snapshot, tmp_path / "grow.py", "grow")
    assert [offer.title for offer in validate.offer(snapshot, Request(request.at))] == ["Add validation to grow"]


# ---- JavaScript and TypeScript, by node ---------------------------------------------------------

NODE = shutil.which("node")
with_node = pytest.mark.skipif(NODE is None, reason="there is no node on the path")
TRIED = "keeps what is allowed, refuses what it is for"
JS_GROW = """/**
 * Grow.
 *
 * @param {number} count How often. Must be positive.
 * @param {string[]} names Must not be empty.
 * @param {number} [size=1.5] From 0 to 2.
 */
EXPORTfunction grow(count, names, size = 1.5) {
  return names.concat(names.slice(0, count)).map((one) => one.padEnd(size));
}
"""


def validated(folder: Path, place: str, **files: str) -> Done:
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(text)
    with Session(folder, trust=True, model=False) as session:
        return session.validate(place)


@with_node
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("grow_mjs", JS_GROW.replace("EXPORT", "export ")),
        ("grow_js", JS_GROW.replace("EXPORT", "export default ")),
        ("grow_js", JS_GROW.replace("EXPORT", "") + "module.exports = { grow };\n"),
        ("grow_cjs", JS_GROW.replace("EXPORT", "") + "exports.other = (names) => grow(1, names);\n"),
        ("grow_js", JS_GROW.replace("EXPORTfunction grow(count, names, size = 1.5)",
                                    "exports.grow = function grow(count, names, size = 1.5)")),
    ],
)  # fmt: skip
def test_in_javascript_however_it_is_handed_out(tmp_path: Path, name: str, text: str) -> None:
    place = "8:26" if "export " in text else "8"
    done = validated(tmp_path, f"{name.replace('_', '.')}:{place}", **{name: text})
    assert TRIED in done.gates, (done.text, done.unknown)
    (note,) = [note for note in done.evidence.notes if note.startswith("tried: ")]
    assert note.startswith("tried: 21 calls as before, 7 refused")
    assert not list(tmp_path.glob("*probe*"))


@with_node
def test_a_method_of_an_object_that_is_made_as_its_class_says(tmp_path: Path) -> None:
    done = validated(tmp_path, "cart.mjs:total", cart_mjs="""export class Cart {
  /** @param {number} rate Must be positive. */
  constructor(rate) {
    this.rate = rate;
  }

  /** @param {number[]} prices Must not be empty. */
  total(prices) {
    return this.rate * prices.reduce((sum, one) => sum + one, 0);
  }
}
""")  # fmt: skip
    assert TRIED in done.gates, (done.text, done.unknown)


@with_node
def test_a_call_that_works_today_outweighs_the_documentation_in_javascript(tmp_path: Path) -> None:
    done = validated(
        tmp_path, "grow.mjs:grow", grow_mjs=JS_GROW.replace("EXPORT", "export "),
        use_mjs='import { grow } from "./grow.mjs";\n\ngrow(0, ["a"]);\n',
    )  # fmt: skip
    assert not done or "count" not in done.text
    assert done or "grow(0, [\"a\"]) gave [ 'a' ] and would give !RangeError" in done.text


@with_node
def test_what_reaches_outside_is_not_tried(tmp_path: Path) -> None:
    outside = [
        ('import { readFileSync } from "node:fs";', "readFileSync(name.path)"),
        ("", "fetch(name.path)"),
        ("", "process.exit(name.path)"),
        ("", "document.write(name.path)"),
        ('const fs = require("fs");', "fs.rmSync(name.path)"),
        ("const away = (path) => process.chdir(path);", "away(name.path)"),
        ("", "[name.path, Math.random()]"),
        ("", "[name.path, new Date()]"),
    ]
    for number, (brings, body) in enumerate(outside):
        text = f"{brings}\n\n/** Look. */\nexport function look(name) {{\n  return {body};\n}}\n"
        (tmp_path / f"look{number}.mjs").write_text(text)
    with Session(tmp_path, trust=True, model=False) as session:
        for number, (_, body) in enumerate(outside):
            done = session.validate(f"look{number}.mjs:look")
            assert done, done.text
            assert TRIED not in done.gates, body
            assert any(told.startswith(TRIED) and "reaches outside" in told for told in done.unknown), done.unknown


@with_node
def test_an_endless_call_is_stopped_and_a_module_that_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    text = (
        "/** Wait. */\nexport function wait(name) {\n  const all = name.length;\n  while (all > 1);\n  return all;\n}\n"
    )
    done = validated(
        tmp_path,
        "wait.mjs:wait",
        wait_mjs=text,
        use_mjs='import { wait } from "./wait.mjs";\n\nwait(["a", "b"]);\nwait(["a"]);\n',
    )
    assert TRIED in done.gates, (done.text, done.unknown)
    done = validated(tmp_path, "wait.mjs:wait", wait_mjs=f'import "./away.mjs";\n{text}')
    assert TRIED not in done.gates
    assert any("its module could not be loaded: Error: Cannot find module" in told for told in done.unknown)


TS_GROW = """/**
 * Grow.
 *
 * @param count Must be positive.
 */
export function grow(count: number, names: readonly string[], how: "up" | "down" = "up"): string[] {
  const more: string[] = names.slice(0, count);
  return how === "up" ? [...names, ...more] : more;
}
"""


def nodes() -> list[str]:
    """Every node that is here, that of the editors' tests as well."""
    kept = Path.home().glob(".cache/dovetail/editors/*/bin/node")
    return [each for each in (NODE, *map(str, kept)) if each]


def strips_types(node: str) -> bool:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    return found is not None and (int(found[1]), int(found[2])) >= (22, 18)


def test_typescript_where_node_takes_the_types_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    able = next(filter(strips_types, nodes()), None)
    if able is None:
        pytest.skip("no node here runs TypeScript by itself")
    monkeypatch.setenv("PATH", os.path.dirname(able))
    done = validated(tmp_path, "grow.ts:grow", grow_ts=TS_GROW)
    assert TRIED in done.gates, (done.text, done.unknown)


def test_typescript_where_it_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unable = next((node for node in nodes() if not strips_types(node)), None)
    if unable is None:
        pytest.skip("every node here runs TypeScript by itself")
    monkeypatch.setenv("PATH", os.path.dirname(unable))
    done = validated(tmp_path, "grow.ts:grow", grow_ts=TS_GROW)
    assert TRIED not in done.gates
    assert f"{TRIED}: the node on your path does not run TypeScript; from 22.18 on it does" in done.unknown


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("3", "number"), ("-2.5", "number"), ("'a'", "string"), ("[1, 'a', [null]]", "array"),
        ("{ a: 1, 'b': [2] }", "object"), ("undefined", "undefined"), ("true", "boolean"), ("{}", "object"),
        ("-a", ""), ("!1", ""), ("a", ""), ("[a]", ""), ("f()", ""), ("{ a() {} }", ""), ("1, 2", ""),
        ("1); f(", ""), ("`${a}`", ""), ("() => 1", ""), ("{ ...a }", ""), ("{ [a]: 1 }", ""), ("", ""),
    ],
)  # fmt: skip
def test_what_is_a_literal_is_read_off_its_tree(written: str, kind: str) -> None:
    language = language_for("a.js")
    assert language is not None
    assert kind_of(written, language) == kind


@with_node
def test_without_types_arguments_follow_from_what_is_asked_of_them(tmp_path: Path) -> None:
    text = """exports.shown = function (name, parts, places, options, rest) {
  const digits = options.digits || places * 2;
  return name.trim() + parts.map((part) => part.toFixed(digits)).join() + rest;
};
"""
    done = validated(tmp_path, "shown.js:1", shown_js=text)
    assert TRIED in done.gates, (done.text, done.unknown)
    (note,) = [note for note in done.evidence.notes if note.startswith("tried: ")]
    assert note.split(";")[0].endswith("4 refused"), note


@with_node
def test_where_no_call_goes_well_today_nothing_was_kept(tmp_path: Path) -> None:
    text = "exports.shown = function (name) {\n  return name.away.trim();\n};\n"
    done = validated(tmp_path, "shown.js:1", shown_js=text)
    assert TRIED not in done.gates
    assert f"{TRIED}: none of 1 calls goes well as the code is" in done.unknown
