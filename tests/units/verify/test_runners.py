"""Tests as a judge in languages with programs for runners: on a copy, in the same sandbox, nothing without leave."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest

from dovetail.model import ask as port
from dovetail.verify import failing_case
from dovetail.verify import tests as judge
from dovetail.verify.tests import programs
from dovetail.verify.tests.runners import Asked, Said, runner
from tests.laid import lay

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs processes in groups")
NODE = shutil.which("node")
with_node = pytest.mark.skipif(NODE is None, reason="there is no node on the path")

TILL = "export function share(total, people) {\n  return total / people;\n}\n"
TESTS = """import { describe, it, test } from "node:test";
import loose from "node:assert";
import assert from "node:assert/strict";
import { share } from "./till.js";

test("shares", () => assert.equal(share(6, 3), 2));
test("is loose", () => loose.equal(share(6, 3), 3));
describe("many", () => {
  it("is told apart", () => assert.deepEqual({ each: share(6, 2) }, { each: 4 }));
  it.skip("is for later", () => {});
});
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "package.json").write_text('{"type": "module"}')
    (root / "till.js").write_text(TILL)
    (root / "till.test.js").write_text(TESTS)
    return root


def ask(root: Path, *tests: port.Test) -> list[port.Tested | port.Silence]:
    async def asked() -> list[port.Tested | port.Silence]:
        with judge.tester_of(root.as_posix()) as tester:
            return [await tester(test) for test in tests]

    return asyncio.run(asked())


def outcomes(told: port.Tested | port.Silence) -> dict[str, str]:
    assert isinstance(told, port.Tested), told
    return {ran.name: ran.outcome for ran in told.tests}


@with_node
def test_node_tells_each_test(shop: Path) -> None:
    (told,) = ask(shop, port.Test(("till.test.js",)))
    assert outcomes(told) == {
        "till.test.js::shares": "passed",
        "till.test.js::is loose": "failed",
        "till.test.js::many > is told apart": "failed",
        "till.test.js::many > is for later": "skipped",
    }
    assert isinstance(told, port.Tested)
    assert [failing_case(ran.message) for ran in told.tests if ran.outcome == "failed"] == [
        "expected 3, got 2", "expected { each: 4 }, got { each: 3 }",
    ]  # fmt: skip


@with_node
def test_a_text_is_judged_in_place_of_its_file_and_leaves_nothing_behind(shop: Path) -> None:
    path = (shop / "till.js").as_posix()
    wrong, broken = TILL.replace("/ people", "* people"), TILL.replace("{", "", 1)
    asked = [port.Test(("till.test.js",), path, (text,), whole=True) for text in (wrong, TILL, broken)]
    one, two, three = ask(shop, *asked)
    assert outcomes(one)["till.test.js::shares"] == "failed"
    assert outcomes(two)["till.test.js::shares"] == "passed"
    assert three == port.Silence("no test was collected: SyntaxError: Unexpected token 'return'", "failed")
    (many,) = ask(shop, port.Test(("till.test.js",), path, (wrong, TILL, broken)))
    assert isinstance(many, port.Tested)
    assert [verdict and (verdict.passed, verdict.why) for verdict in many.verdicts] == [
        (False, "failed"), (False, "failed"), (False, "invalid"),
    ]  # fmt: skip
    assert (shop / "till.js").read_text() == TILL


# ---- what may not be ----------------------------------------------------------------------------

SAFE = """import { test } from "node:test";
import assert from "node:assert/strict";
import fs from "node:fs";
import net from "node:net";

test("nothing of the environment comes along", () => {
  assert.equal(process.env.NODE_OPTIONS, undefined);
  assert.equal(process.env.API_TOKEN, undefined);
});
test("no script of the project ran, and no secret was copied", () => {
  assert.deepEqual(fs.readdirSync(".").sort(), ["package.json", "safe.test.js", "till.js", "till.test.js"]);
});
test("nothing is writable elsewhere", () => assert.throws(() => fs.writeFileSync(CANARY, "")));
test("other programs are not reached", () => assert.throws(() => process.kill(RUNNING, 0), { code: "ESRCH" }));
test("nobody is called", async () => {
  const code = await new Promise((done) => {
    net.connect(9, "192.0.2.1").on("error", (error) => done(error.code)).on("connect", () => done(""));
  });
  assert.equal(code, "ENETUNREACH");
});
test("what listens in the test is reached", async () => {
  const server = net.createServer((socket) => socket.end("here"));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const said = await new Promise((done) => net.connect(server.address().port, "127.0.0.1").on("data", done));
  server.close();
  assert.equal(String(said), "here");
});
"""


@with_node
def test_what_a_test_may_not_do(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = tmp_path / "canary"
    monkeypatch.setenv("NODE_OPTIONS", "--require=/nowhere.js")
    monkeypatch.setenv("API_TOKEN", "hunter2")
    (shop / "package.json").write_text(f'{{"type": "module", "scripts": {{"pretest": "touch {canary} ran"}}}}')
    (shop / ".npmrc").write_text("script-shell=/bin/false\n")
    (shop / ".env").write_text("TOKEN=hunter2\n")
    text = SAFE.replace("CANARY", repr(str(canary))).replace("RUNNING", str(os.getpid()))
    (shop / "safe.test.js").write_text(text)
    (told,) = ask(shop, port.Test(("safe.test.js",)))
    assert isinstance(told, port.Tested), told
    if "nothing writable" not in told.isolated:
        pytest.skip("this platform has no sandbox")
    assert {ran.name: ran.message for ran in told.tests if ran.outcome != "passed"} == {}
    assert len(told.tests) == 6
    assert not canary.exists()


@with_node
def test_a_program_of_the_project_is_never_taken(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "bin").mkdir()
    (shop / "bin" / "node").write_text("#!/bin/sh\nexit 3\n")
    (shop / "bin" / "node").chmod(0o755)
    monkeypatch.chdir(shop)
    monkeypatch.setenv("PATH", os.pathsep.join((str(shop / "bin"), "bin", "", ".")))
    (none,) = ask(shop, port.Test(("till.test.js",)))
    assert none == port.Silence("there is no node on your path outside of the project", "none")
    assert NODE
    monkeypatch.setenv("PATH", os.pathsep.join((str(shop / "bin"), "bin", os.path.dirname(NODE))))
    (told,) = ask(shop, port.Test(("till.test.js",)))
    assert outcomes(told)["till.test.js::shares"] == "passed"


ENDLESS = """import { test } from "node:test";
import { spawn } from "node:child_process";

test("never ends", async () => {
  spawn(process.execPath, ["-e", "setInterval(() => {}, 1000) // MARK"], { detached: true, stdio: "ignore" }).unref();
  await new Promise(() => setInterval(() => {}, 1000));
});
"""


def running(mark: str) -> list[int]:
    found: list[int] = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in each.read_bytes():
                found.append(int(each.parent.name))
        except OSError:
            pass  # it ended meanwhile
    return found


@with_node
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc and namespaces")
@pytest.mark.parametrize("cancelled", [False, True])
def test_what_does_not_end_is_ended_with_all_that_it_started(
    shop: Path, monkeypatch: pytest.MonkeyPatch, cancelled: bool
) -> None:
    mark = f"mark-{os.getpid()}-{cancelled}"
    (shop / "till.test.js").write_text(ENDLESS.replace("MARK", mark))
    monkeypatch.setattr(programs, "_START", 0.0)

    async def asked() -> port.Tested | port.Silence | None:
        with judge.tester_of(shop.as_posix()) as tester:
            test = asyncio.ensure_future(tester(port.Test(("till.test.js",), patience=60.0 if cancelled else 2.0)))
            while cancelled and not running(mark):  # noqa: ASYNC110  it is another process
                await asyncio.sleep(0.05)
            if cancelled:
                test.cancel()
            return (await asyncio.gather(test, return_exceptions=True))[0]  # pyright: ignore[reportReturnType]

    told = asyncio.run(asked())
    if cancelled:
        assert isinstance(told, asyncio.CancelledError)
    else:
        assert told == port.Silence("node took longer than 2 s", "patience")
    for _ in range(2000):  # its end is under way
        if not running(mark):
            break
        time.sleep(0.005)
    assert running(mark) == []


def test_nobody_s_tests_are_not_run(shop: Path) -> None:
    (shop / "till.test.js").write_text('import { share } from "./till.js";\n\ntest("shares", () => share(1, 1));\n')
    (told,) = ask(shop, port.Test(("till.test.js",)))
    why = "nothing in the project says what runs till.test.js (vitest, node, jest, mocha)"
    assert told == port.Silence(why, "none")


# ---- which runner, and how it is told -----------------------------------------------------------


def install(root: Path, package: str, file: str) -> None:
    folder = root / "node_modules" / package
    (folder / file).parent.mkdir(parents=True)
    (folder / file).write_text("")
    (folder / "package.json").write_text(f'{{"bin": {{"{package}": "./{file}"}}}}')


@with_node
@pytest.mark.parametrize(
    ("package", "file", "brings", "said"),
    [
        ("vitest", "vitest.mjs", 'import { test } from "vitest";', "node node_modules/vitest/vitest.mjs run a.test.ts"),
        ("vitest", "vitest.mjs", "test(1);", "node node_modules/vitest/vitest.mjs run a.test.ts"),
        ("vitest", "vitest.mjs", 'import { test } from "node:test";', "node --import=tsx --test a.test.ts"),
        ("jest", "bin/jest.js", "", "node --import=tsx node_modules/jest/bin/jest.js a.test.ts"),
        ("mocha", "bin/mocha.js", "", "node --import=tsx node_modules/mocha/bin/mocha.js a.test.ts"),
        ("jest", "bin/jest.js", 'import { test } from "node:test";', "node --import=tsx --test a.test.ts"),
    ],
)
def test_the_line_that_a_person_is_asked_about(tmp_path: Path, package: str, file: str, brings: str, said: str) -> None:
    (tmp_path / "a.test.ts").write_text(f"{brings}\n")
    (tmp_path / "package.json").write_text(
        f'{{"scripts": {{"test": "node --import tsx {package.replace("vitest", "run")}"}}}}'
    )
    install(tmp_path, package, file)
    assert judge.line(tmp_path.as_posix(), ("a.test.ts",)) == said


@with_node
def test_packages_of_the_project_itself_are_those_of_the_copy(tmp_path: Path) -> None:
    """A package of a workspace is a link in `node_modules`: the test must see the text that is judged."""
    lay(tmp_path, {
        "package.json": '{"workspaces": ["packages/*"]}',
        "packages/sums/package.json": '{"name": "@shop/sums", "type": "module", "exports": "./sums.js"}',
        "packages/sums/sums.js": "export const one = 1;\n",
        "packages/till/package.json": '{"type": "module"}',
        "packages/till/sums.test.js": (
            'import test from "node:test";\nimport assert from "node:assert";\nimport { one } from "@shop/sums";\n'
            'import { away } from "away";\n\n'
            'test("one", () => assert.equal(one, away));\n'
        ),
        "node_modules/away/package.json": '{"type": "module", "exports": "./away.js"}',
        "node_modules/away/away.js": "export const away = 1;\n",
    })  # fmt: skip
    (tmp_path / "node_modules/@shop").mkdir()
    (tmp_path / "node_modules/@shop/sums").symlink_to("../../packages/sums")
    path, test = (tmp_path / "packages/sums/sums.js").as_posix(), "packages/till/sums.test.js"
    texts = ("export const one = 1;\n", "export const one = 2;\n")
    one, two = ask(tmp_path, *(port.Test((test,), path, (text,), whole=True) for text in texts))
    assert outcomes(one) == {f"{test}::one": "passed"}
    assert outcomes(two) == {f"{test}::one": "failed"}


# ---- Rust ---------------------------------------------------------------------------------------

CARGO = shutil.which("cargo")
CRATE = {
    "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n',
    "src/lib.rs": "pub mod till;\n",
    "src/till.rs": """pub fn share(total: u32, people: u32) -> u32 {
    total / people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        assert_eq!(share(6, 3), 2);
    }

    #[test]
    #[should_panic]
    fn refuses() {
        share(6, 0);
    }

    #[test]
    #[ignore]
    fn later() {}
}
""",
    "tests/sums.rs": "use shop::till::share;\n\n#[test]\nfn sums() {\n    assert_eq!(share(4, 2), 3);\n}\n",
}


@pytest.mark.skipif(CARGO is None, reason="there is no cargo on the path")
def test_cargo_runs_the_tests_of_a_file_and_those_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in CRATE.items():
        file = tmp_path / "shop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    # a project's own program is not taken; what its configuration starts is in the sandbox as well
    canary = tmp_path / "canary"
    build = f'fn main() {{ let _ = std::fs::write("{canary}", ""); }}\n'
    (tmp_path / "shop/build.rs").write_text(build)
    (tmp_path / "shop/.cargo").mkdir()
    started = f"""["/bin/sh", "-c", 'touch {canary} 2> /dev/null; exec "$@"', "sh"]"""
    (tmp_path / "shop/.cargo/config.toml").write_text(f"[target.'cfg(all())']\nrunner = {started}\n")
    (tmp_path / "shop/cargo").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "shop/cargo").chmod(0o755)
    (tmp_path / "shop/target").mkdir()
    (tmp_path / "shop/target/CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
    (tmp_path / "shop/target/large").write_text("built")
    monkeypatch.setenv("PATH", os.pathsep.join((str(tmp_path / "shop"), ".", os.environ["PATH"])))
    root, tests = tmp_path / "shop", ("src/till.rs", "tests/sums.rs")
    text = CRATE["src/till.rs"]
    texts = (text, text.replace("total / people", "total * people"), text.replace("people\n}", "\n}"))
    one, two, three = ask(root, *(port.Test(tests, f"{root}/src/till.rs", (each,), whole=True) for each in texts))
    assert outcomes(one) == {
        "till::tests::shares": "passed", "till::tests::refuses": "passed", "till::tests::later": "skipped",
        "sums": "failed",
    }  # fmt: skip
    assert isinstance(one, port.Tested)
    assert [failing_case(ran.message) for ran in one.tests if ran.message] == ["expected 3, got 2"]
    assert outcomes(two)["till::tests::shares"] == outcomes(two)["till::tests::refuses"] == "failed"
    assert isinstance(three, port.Silence)
    assert three.reason.startswith("no test was collected: src/till.rs:")
    assert sorted(os.listdir(root)) == [".cargo", "Cargo.toml", "build.rs", "cargo", "src", "target", "tests"]
    assert "nothing writable" not in one.isolated or not canary.exists()


# ---- what runners say ---------------------------------------------------------------------------

GO = """\
{"Time":"2024-05-01T10:00:00Z","Action":"start","Package":"shop/till"}
{"Time":"2024-05-01T10:00:00Z","Action":"run","Package":"shop/till","Test":"TestShare"}
{"Time":"2024-05-01T10:00:00Z","Action":"output","Package":"shop/till","Test":"TestShare","Output":"=== RUN   TestShare\\n"}
{"Time":"2024-05-01T10:00:00Z","Action":"output","Package":"shop/till","Test":"TestShare","Output":"    till_test.go:9: share(6, 3) = 3, want 2\\n"}
{"Time":"2024-05-01T10:00:00Z","Action":"output","Package":"shop/till","Test":"TestShare","Output":"--- FAIL: TestShare (0.00s)\\n"}
{"Time":"2024-05-01T10:00:00Z","Action":"fail","Package":"shop/till","Test":"TestShare","Elapsed":0}
{"Time":"2024-05-01T10:00:00Z","Action":"run","Package":"shop/till","Test":"TestMany/two"}
{"Time":"2024-05-01T10:00:00Z","Action":"output","Package":"shop/till","Test":"TestMany/two","Output":"    --- PASS: TestMany/two (0.01s)\\n"}
{"Time":"2024-05-01T10:00:00Z","Action":"pass","Package":"shop/till","Test":"TestMany/two","Elapsed":0.01}
{"Time":"2024-05-01T10:00:00Z","Action":"skip","Package":"shop/till","Test":"TestLater","Elapsed":0}
{"Time":"2024-05-01T10:00:00Z","Action":"output","Package":"shop/till","Output":"FAIL\\n"}
{"Time":"2024-05-01T10:00:00Z","Action":"fail","Package":"shop/till","Elapsed":0.012}
"""  # noqa: E501
"""In the form that `go doc test2json` documents; written from that, as no toolchain wrote it."""
GO_BROKEN = """\
{"ImportPath":"shop/till [shop/till.test]","Action":"build-output","Output":"# shop/till [shop/till.test]\\n"}
{"ImportPath":"shop/till [shop/till.test]","Action":"build-output","Output":"till/till.go:4:2: undefined: people\\n"}
{"ImportPath":"shop/till [shop/till.test]","Action":"build-fail"}
{"Action":"fail","Package":"shop/till","Elapsed":0,"FailedBuild":"shop/till [shop/till.test]"}
"""
JEST = """{"testResults": [{"name": "/copy/project/a.test.js", "message": "", "assertionResults": [
  {"ancestorTitles": ["many"], "title": "shares", "fullName": "many shares", "status": "failed", "duration": 2,
   "failureMessages": ["Error: \\u001b[2mexpect(\\u001b[22mreceived).toBe(expected)\\n\\nExpected: 2\\nReceived: undefined\\n    at Object.toBe (/copy/project/a.test.js:4:5)"]},
  {"ancestorTitles": [], "title": "is slow", "fullName": "is slow", "status": "failed", "duration": 5000,
   "failureMessages": ["thrown: \\"Exceeded timeout of 5000 ms for a test.\\""]},
  {"ancestorTitles": [], "title": "is alike", "fullName": "is alike", "status": "failed", "duration": 1,
   "failureMessages": ["Error: expect(received).toEqual(expected) // deep equality\\n\\n- Expected  - 1\\n+ Received  + 1\\n\\n  Object {\\n-   \\"a\\": 1,\\n+   \\"a\\": 2,\\n  }\\n    at x (a.js:1:1)"]},
  {"ancestorTitles": [], "title": "waits", "fullName": "waits", "status": "pending", "duration": null, "failureMessages": []}
]}]}"""  # noqa: E501
"""As jest 30 writes it, cut to what is read."""
MOCHA = """{"passes": [], "pending": [], "failures": [{"fullTitle": "many shares", "file": "/x/project/a.test.js",
  "duration": 1, "err": {"message": "Expected values to be strictly equal:\\n\\n3 !== 2\\n", "expected": "2",
  "actual": "3", "name": "AssertionError"}}]}"""
"""As mocha 11 writes it, cut to what is read."""


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("go", Said(1, GO, "", ""), [
            ("shop/till::TestShare", "failed", "expected 2, got 3, for share(6, 3)"),
            ("shop/till::TestMany/two", "passed", ""), ("shop/till::TestLater", "skipped", ""),
        ]),
        ("go", Said(1, GO_BROKEN, "", ""), "no test was collected: till/till.go:4:2: undefined: people"),
        ("jest", Said(1, "", "", JEST), [
            ("a.test.js::many > shares", "failed", "expected 2, got undefined"),
            ("a.test.js::is slow", "timeout", 'thrown: "Exceeded timeout of 5000 ms for a test."'),
            ("a.test.js::is alike", "failed", 'expected "a": 1, got "a": 2'),
            ("a.test.js::waits", "skipped", ""),
        ]),
        ("jest", Said(1, "", "Error: no preset\n", ""), "jest told nothing of its tests: Error: no preset"),
        ("mocha", Said(1, "", "", MOCHA), [("a.test.js::many shares", "failed", "expected 2, got 3")]),
        ("mocha", Said(1, "", "Error: Cannot find module x\n", ""),
         "mocha told nothing of its tests: Error: Cannot find module x"),
        ("node", Said(1, "", "TypeError [ERR_UNKNOWN_FILE_EXTENSION]: .ts", ""),
         "the node on your path does not run TypeScript; from 22.18 on it does"),
        ("cargo", Said(101, "", "error: no matching package named `rand` found\n", ""),
         "no test was collected: error: no matching package named `rand` found"),
    ],
)  # fmt: skip
def test_what_is_read_of_a_report(name: str, said: Said, told: str | list[tuple[str, str, str]]) -> None:
    read: list[port.Ran] | port.Silence = runner(name).read(said, Asked("/", (), "", ("a.test.js",)))
    if isinstance(read, port.Silence):
        assert read.reason == told
    else:
        assert [(ran.name, ran.outcome, failing_case(ran.message)) for ran in read] == told


def test_go_is_asked_for_the_tests_of_a_file_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a program of that name that is none: no toolchain is needed to see what would be run."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/go").write_text("#!/bin/sh\n")
    (tmp_path / "bin/go").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    root = tmp_path / "shop"
    (root / "till").mkdir(parents=True)
    (root / "go.mod").write_text("module shop\n")
    tests = "package till\n\nfunc TestShare(t *testing.T) {}\n\nfunc TestMany(t *testing.T) {}\n"
    (root / "till/till_test.go").write_text(tests)
    assert judge.line(root.as_posix(), ("till/till_test.go",)) == "go test -run '^(TestMany|TestShare)$' ./till"
    monkeypatch.setenv("PATH", str(root / "till"))
    none = port.Silence("there is no go on your path outside of the project", "none")
    assert judge.line(root.as_posix(), ("till/till_test.go",)) == none


@with_node
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives files to others")
def test_what_another_user_of_the_machine_put_above_the_copy_is_not_read(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(shop.parent))
    theirs = shop.parent / "node_modules"
    theirs.mkdir()
    assert outcomes(*ask(shop, port.Test(("till.test.js",))))
    os.chown(theirs, 12345, -1)
    (told,) = ask(shop, port.Test(("till.test.js",)))
    assert told == port.Silence(f"somebody else's {theirs} would be read by what runs the tests", "refused")


# ---- what a function answers --------------------------------------------------------------------

ANSWERS = """const rate = 2;
class Cart {
  constructor(rate) { this.rate = rate; }
  *each(prices) { for (const one of prices) yield one * this.rate; }
  static named(name) { return { name }; }
}
const share = (total, people) => {
  while (people === 0);
  if (people < 0) throw new RangeError("people");
  return people === undefined ? Promise.resolve(total) : rate * total / people;
};
"""


@with_node
@pytest.mark.parametrize(
    ("function", "made", "inputs", "said"),
    [
        ("share", "", ("(6, 3)", "(6, -1)", "(6, 0)", "(6,)", "(null, [])"), ("4", "!RangeError", "!late", "6", "NaN")),
        ("Cart.each", "new Cart(3)", ("([1, 2],)", "(3,)", "([],)"), ("[ 3, 6 ]", "!TypeError", "[]")),
        ("Cart.named", "new Cart(3)", ("('a',)",), ("{ name: 'a' }",)),
    ],
)
def test_what_a_function_answers_in_each_text(
    tmp_path: Path, function: str, made: str, inputs: tuple[str, ...], said: tuple[str, ...]
) -> None:
    path = tmp_path / "till.js"
    path.write_text(ANSWERS)
    other = ANSWERS.replace("throw new RangeError", "throw new Error").replace("* this.rate", "* 0")
    test = port.Test((), str(path), (ANSWERS, other, "class {"), function=function, inputs=inputs, made=made, limit=1)
    (told,) = ask(tmp_path, test)
    assert isinstance(told, port.Tested), told
    one, two, three = told.verdicts
    assert one == port.Verdict(True, said=said)
    changed = {"!RangeError": "!Error", "[ 3, 6 ]": "[ 0, 0 ]"}
    assert two == port.Verdict(True, said=tuple(changed.get(each, each) for each in said))
    assert three is not None
    assert (three.passed, three.why) == (False, "invalid")
    assert path.read_text() == ANSWERS


@with_node
def test_what_cannot_be_reached_is_told(tmp_path: Path) -> None:
    path = tmp_path / "till.js"
    path.write_text("(function () {\n  function share() {}\n})();\n")
    test = port.Test((), str(path), (path.read_text(),), function="share", inputs=("()",))
    (told,) = ask(tmp_path, test)
    assert told == port.Silence("it cannot be reached from outside of its file", "none")


@with_node
def test_a_file_that_is_called_like_an_option_is_none(tmp_path: Path) -> None:
    (tmp_path / "--globals.test.js").write_text("test(1);\n")
    (tmp_path / "package.json").write_text("{}")
    install(tmp_path, "jest", "bin/jest.js")
    told = judge.line(tmp_path.as_posix(), ("--globals.test.js",))
    assert told == "node node_modules/jest/bin/jest.js ./--globals.test.js"
