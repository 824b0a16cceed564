"""eslint, gofmt and php where the user has them: never a project's own, and absent is no verdict.

Stand-ins say what the real ones say; the real ones are asked where they are installed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dovetail.context.evidence import Ledger
from dovetail.features.actions import Diagnostic, Edited, Refused, Request, Result
from dovetail.features.actions.fix import finding as fix
from dovetail.features.actions.pipeline import Candidate, Held, Wish, grant
from dovetail.model.ask import Finding, Run, Silence, Steps, run
from dovetail.text import Change, Edit, Span
from dovetail.verify.checkers import run_checker, runner
from dovetail.verify.checkers.eslint import RULES
from dovetail.world import Selection, World
from tests.scripted import Scripted

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-ins are scripts")

JS = 'import a from "a";\nexport const f = (x) => { const s = "é🙂"; debugger; return !!a(x, s) ? 1 : 2; };\n'
"""An extra `!!` behind characters of several bytes and units."""
CAST = 'start = text.index("!!a(x, s)"); end = start + len("!!a(x, s)")'


def a_program(folder: Path, name: str, code: str) -> Path:
    """A stand-in that tells `text`, what it was given on standard input, from `code`."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!{sys.executable}\nimport json, os, sys\ntext = sys.stdin.read()\n{code}\n", "utf-8")
    program.chmod(0o755)
    return program


def told(**messages: Any) -> str:
    return f"print(json.dumps([{{'messages': [{messages!r}]}}]))"


@pytest.fixture
def root(tmp_path: Path) -> str:
    (tmp_path / "project").mkdir()
    return (tmp_path / "project").as_posix()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the user's whole path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


UTF16 = """
def units(at): return len(text[:at].encode("utf-16-le")) // 2
def place(at): return 1 + text.count("\\n", 0, at), 1 + units(at) - units(text.rfind("\\n", 0, at) + 1)
"""
FINDS_CAST = f"""{UTF16}
messages = []
if "!!a(x, s)" in text:
    {CAST}
    (line, column), (last, to) = place(start), place(end)
    messages.append({{"ruleId": "no-extra-boolean-cast", "message": "Redundant double negation.", "line": line,
        "column": column, "endLine": last, "endColumn": to,
        "fix": {{"range": [units(start), units(end)], "text": "a(x, s)"}}}})
if "debugger" in text:
    messages.append({{"ruleId": "no-debugger", "message": "Unexpected 'debugger' statement.", "line": 2, "column": 1}})
print(json.dumps([{{"messages": messages}}]))
sys.exit(bool(messages))
"""


async def test_eslint_is_asked_for_rules_of_ours_alone(root: str, path: Path, tmp_path: Path) -> None:
    said = tmp_path / "said"
    a_program(
        path,
        "eslint",
        f"open({str(said)!r}, 'w').write(json.dumps([sys.argv[1:], os.listdir(), sorted(os.environ), text]))"
        "\nprint('[{\"messages\": []}]')",
    )
    assert await run_checker(Run("eslint", f"{root}/a b&c.js", JS, trusted=True), [root]) == []
    arguments, here, environment, text = json.loads(said.read_text())
    assert {"--no-config-lookup", "--no-inline-config", "--stdin"} <= set(arguments)
    assert not {"--config", "-c", "--plugin", "--fix"} & set(arguments)
    assert (here, text) == ([], JS)
    assert not any("b&c" in each or root in each for each in arguments)
    assert arguments[-1] == "text.mjs"
    assert not {name for name in environment if name.startswith(("NODE", "npm"))}
    rules = [each.split(":")[0] for before, each in pairwise(arguments) if before == "--rule"]
    assert rules == [*RULES, "no-unused-vars"]


async def test_what_eslint_says_is_placed_in_bytes(root: str, path: Path) -> None:
    a_program(path, "eslint", FINDS_CAST)
    found = await run_checker(Run("eslint", f"{root}/a.js", JS), [root])
    assert not isinstance(found, Silence), found.reason
    cast = found[0]
    data = JS.encode()
    assert (cast.code, data[cast.start : cast.end], cast.line) == ("no-extra-boolean-cast", b"!!a(x, s)", 1)
    ((start, end, new),) = cast.fix
    assert (data[start:end], new) == (b"!!a(x, s)", "a(x, s)")


async def test_what_cannot_be_parsed_is_a_finding(root: str, path: Path) -> None:
    a_program(
        path, "eslint", told(ruleId=None, fatal=True, message="Parsing error: Unexpected token", line=1, column=3)
    )
    assert await run_checker(Run("eslint", f"{root}/a.js", "x ="), [root]) == [
        Finding("SYNTAX", "Unexpected token", 2, 2)
    ]


async def test_a_program_of_the_project_is_never_run(
    root: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not from its folder, not through a link, not from where one stands; not where it is trusted."""
    canary = tmp_path / "CANARY"
    for name in ("eslint", "gofmt", "php"):
        evil = a_program(Path(root, "node_modules", ".bin"), name, f"open({str(canary)!r}, 'w')")
        (path / name).symlink_to(evil)
    monkeypatch.chdir(evil.parent)
    monkeypatch.setenv("PATH", os.pathsep.join(("", ".", str(evil.parent), str(path))))
    for name in ("eslint", "gofmt", "php"):
        for roots in ([root], []):
            silence = await run_checker(Run(name, f"{root}/a.x", "x", trusted=True), roots)
            assert isinstance(silence, Silence)
            assert (silence.kind, "not installed" in silence.reason) == ("none", True)
    assert not canary.exists()


async def test_types_need_a_parser_beside_it(root: str, path: Path, tmp_path: Path) -> None:
    silence = await run_checker(Run("eslint", f"{root}/a.ts", "let x: number\n"), [root])
    assert isinstance(silence, Silence)
    packages = tmp_path / "lib" / "node_modules"
    script = a_program(packages / "eslint" / "bin", "eslint.js", "print(json.dumps([{'messages': []}]), sys.argv)")
    (path / "eslint").symlink_to(script)
    silence = await run_checker(Run("eslint", f"{root}/a.ts", "let x: number\n"), [root])
    assert isinstance(silence, Silence)
    assert "needs node" in silence.reason
    (path / "node").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (path / "node").chmod(0o755)
    silence = await run_checker(Run("eslint", f"{root}/a.ts", "let x: number\n"), [root])
    assert isinstance(silence, Silence)
    assert "no parser of TypeScript" in silence.reason
    parser = packages / "@typescript-eslint" / "parser" / "dist" / "index.js"
    parser.parent.mkdir(parents=True)
    parser.touch()
    a_program(
        packages / "eslint" / "bin",
        "eslint.js",
        f"assert sys.argv[sys.argv.index('--parser') + 1] == {str(parser)!r}\nprint('[{{\"messages\": []}}]')",
    )
    assert await run_checker(Run("eslint", f"{root}/a.ts", "let x: number\n"), [root]) == []


@pytest.mark.parametrize("code", ["print('Invalid option')", "print('[]')", "sys.exit(2)", "print('[{}]')"])
async def test_an_answer_that_is_not_understood_is_no_verdict(root: str, path: Path, code: str) -> None:
    a_program(path, "eslint", code)
    silence = await run_checker(Run("eslint", f"{root}/a.js", "x\n"), [root])
    assert isinstance(silence, Silence)
    assert silence.kind == "failed"


async def test_gofmt_tells_what_it_cannot_read(root: str, path: Path) -> None:
    a_program(path, "gofmt", "sys.stderr.write(\"<standard input>:3:9: expected ')', found '{'\\n\"); sys.exit(2)")
    text = "package a\n\nfunc f( {\n}\n"
    assert await run_checker(Run("gofmt", f"{root}/a.go", text), [root]) == [
        Finding("SYNTAX", "expected ')', found '{'", text.index("{"), text.index("{"), line=2)
    ]
    a_program(path, "gofmt", "print(text)")
    assert await run_checker(Run("gofmt", f"{root}/a.go", text), [root]) == []
    a_program(path, "gofmt", "sys.exit(1)")
    assert isinstance(await run_checker(Run("gofmt", f"{root}/a.go", text), [root]), Silence)


async def test_php_tells_the_first_thing_that_it_cannot_compile(root: str, path: Path) -> None:
    said = "Fatal error: Cannot redeclare f() (previously declared in Standard input code:2) in Standard input code"
    a_program(path, "php", f"assert sys.argv[1:] == ['-n', '-l']\nprint('\\n{said} on line 3')\nsys.exit(255)")
    text = "<?php\nfunction f() {}\nfunction f() {}\n"
    assert await run_checker(Run("php", f"{root}/a.php", text), [root]) == [
        Finding("FATAL", "Cannot redeclare f()", text.rindex("function"), len(text) - 1, line=2)
    ]
    a_program(path, "php", "print('No syntax errors detected in Standard input code')")
    assert await run_checker(Run("php", f"{root}/a.php", text), [root]) == []


# ---- an edit --------------------------------------------------------------------------------------


def fixed(root: str, code: str, source: str = "eslint") -> tuple[Steps[Result], Request] | None:
    world = World([root])
    world.open(f"{root}/a.js", JS, 1, None)
    at = JS.encode().index(b"!!a")
    said = Diagnostic(Span(at, at + 2), code, "Redundant double negation.", source)
    request = Request(Selection(f"{root}/a.js", Span(at, at)), (said,))
    rows = [row for row in fix.offer(world.snapshot(), request) if not row.disabled]
    return (fix.make(world.snapshot(), request, rows[0], None), request) if rows else None


async def test_a_finding_of_eslint_is_fixed_as_eslint_would(root: str, path: Path) -> None:
    a_program(path, "eslint", FINDS_CAST)
    asked = fixed(root, "no-extra-boolean-cast")
    assert asked is not None
    result = await run(asked[0], Scripted(), runner(roots=[root]))
    assert isinstance(result, Edited), result
    ((edit,),) = result.change.edits.values()
    assert edit.new == b"a(x, s)"
    assert {"lints no worse", "the finding is gone"} <= set(result.evidence.passed)


async def test_without_eslint_its_finding_is_not_said_to_be_fixed(root: str, path: Path) -> None:
    asked = fixed(root, "no-extra-boolean-cast")
    assert asked is not None
    result = await run(asked[0], Scripted(), runner(roots=[root]))
    assert isinstance(result, Refused)
    assert "eslint is not installed" in result.reason
    assert fixed(root, "2322", "ts") is None
    assert fixed(root, "prettier/prettier") is None


async def granted(root: str, new: str) -> tuple[Held | str, Ledger]:
    world, ledger = World([root]), Ledger("fix")
    world.open(f"{root}/a.js", "export const f = (x) => {\n  return x;\n};\n", 1, None)
    place = Span(28, 37)

    def propose(number: int, failed: object) -> Steps[list[Candidate]]:
        yield from ()
        change = Change.one(f"{root}/a.js", [Edit(place, new.encode())])
        return [] if number else [Candidate("model", change, place, new)]

    wish = Wish(f"{root}/a.js", propose)
    return await run(grant(world.snapshot(), wish, ledger), Scripted(), runner(roots=[root])), ledger


async def test_an_edit_that_eslint_dislikes_is_not_shown(root: str, path: Path) -> None:
    a_program(path, "eslint", FINDS_CAST)
    held, ledger = await granted(root, "debugger;")
    assert isinstance(held, str)
    assert [trial.failed for trial in ledger.trials] == ["lints no worse"]
    held, ledger = await granted(root, "return 1;")
    assert isinstance(held, Held)
    assert "lints no worse" in ledger.passed


async def test_a_linter_that_is_not_there_is_told_once_and_never_held(root: str, path: Path) -> None:
    held, ledger = await granted(root, "debugger;")
    assert isinstance(held, Held)
    assert "lints no worse" not in (*ledger.passed, *ledger.gates)
    (told,) = [each for each in ledger.unknown if "lints" in each]
    assert "eslint is not installed" in told


# ---- the real ones --------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("eslint") is None, reason="eslint is not installed")
async def test_eslint_itself(root: str) -> None:
    found = await run_checker(Run("eslint", f"{root}/a.js", f"/* eslint no-debugger: 0 */{JS}"), [root])
    assert not isinstance(found, Silence), found.reason
    assert [one.code for one in found] == ["no-debugger", "no-extra-boolean-cast"]
    assert [one.fix[0][2] for one in found if one.fix] == ["a(x, s)"]
    module = 'import Foo from "./foo";\nexport const a = (x) => <Foo>{x}</Foo>;\n'
    assert await run_checker(Run("eslint", f"{root}/a.jsx", module), [root]) == []
    broken = await run_checker(Run("eslint", f"{root}/a.js", "let x = ;\n"), [root])
    assert isinstance(broken, list)
    assert [(one.code, one.start) for one in broken] == [("SYNTAX", 8)]
    typed = "export function f(a: string): void;\nexport function f(a: number): void;\nexport function f(a: any) {}\n"
    said = await run_checker(Run("eslint", f"{root}/a.ts", typed), [root])
    assert said == [] or isinstance(said, Silence) and "no parser" in said.reason


@pytest.mark.skipif(shutil.which("gofmt") is None, reason="gofmt is not installed")
async def test_gofmt_itself(root: str) -> None:
    broken = await run_checker(Run("gofmt", f"{root}/a.go", "package a\n\nfunc f( {\n}\n"), [root])
    assert isinstance(broken, list)
    assert (broken[0].code, broken[0].line) == ("SYNTAX", 2)
    assert await run_checker(Run("gofmt", f"{root}/a.go", "package a\nfunc f(){\nx:=1\n_=x }\n"), [root]) == []


@pytest.mark.skipif(shutil.which("php") is None, reason="php is not installed")
async def test_php_itself(root: str) -> None:
    text = "<?php\nfunction f($a, $a) { return 1; }\n"
    found = await run_checker(Run("php", f"{root}/a.php", text), [root])
    assert isinstance(found, list)
    assert [(one.code, one.line) for one in found] == [("FATAL", 1)]
    assert await run_checker(Run("php", f"{root}/a.php", "<?php echo 1;\n"), [root]) == []
