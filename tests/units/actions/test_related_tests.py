"""The tests that are about a place judge an edit, in a folder that is trusted and under a row that says so."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from dovetail import Session
from dovetail.context.evidence import Ledger
from dovetail.features.actions import Edited, Offer, Refused, Request, Result, implement, validate
from dovetail.features.actions.fix import finding as fix
from dovetail.features.actions.pipeline import TESTED, Candidate, Held, Wish, grant
from dovetail.features.actions.testing.related import judged, related
from dovetail.model import ask
from dovetail.model.ask import Ran, Silence, Steps, Tester, run
from dovetail.text import Change, Edit, Span
from dovetail.verify import tests as runs
from dovetail.verify import tests_no_worse as no_worse
from dovetail.world import Selection, Snapshot
from tests.laid import lay
from tests.scripted import Scripted, no_linter
from tests.units.actions.test_write_tests import opened

forks = pytest.mark.skipif(os.name != "posix", reason="needs processes that fork")

TILL = """from shop.steps import step


def share(total, people):
    return total / people


def label(name):
    return name.upper()
"""
TESTS = """from shop.till import label, share


def test_share():
    assert share(6, 3) == 2


def test_label():
    assert label("a") == "A"


def test_that_fails_today():
    assert share(1, 1) == 2
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return lay(tmp_path, {
        "shop/__init__.py": "",
        "shop/till.py": TILL,
        "shop/steps.py": "def step():\n    return 1\n",
        "tests/test_till.py": TESTS,
        "tests/test_sums.py": "from shop import till\n\n\ndef test_sums():\n    assert till.share(4, 2) == 2\n",
        "tests/test_other.py": "def share():\n    pass\n\n\ndef test_share():\n    share()\n",
        "tests/conftest.py": "from shop.till import share\n\nshare(1, 1)\n",
    })  # fmt: skip


def test_who_names_it_and_imports_its_module_or_is_called_after_it(shop: Path) -> None:
    snapshot = opened(shop)
    path = (shop / "shop/till.py").as_posix()
    assert related(snapshot, path, TILL.index("/ people")) == ("tests/test_till.py", "tests/test_sums.py")
    assert related(snapshot, path, TILL.index("upper")) == ("tests/test_till.py",)
    assert related(snapshot, path, 0) == ("tests/test_till.py",)
    steps = opened(shop, "steps.py")
    assert related(steps, (shop / "shop/steps.py").as_posix(), 5) == ()
    test = opened(shop, "test_till.py")
    assert related(test, (shop / "tests/test_till.py").as_posix(), TESTS.index("assert")) == ()


def test_who_imports_a_neighbour_does_not_import_the_module(tmp_path: Path) -> None:
    lay(tmp_path, {
        "shop/till.py": TILL,
        "shop/sums.py": "def add():\n    return 1\n",
        "tests/test_sums.py": "from shop import sums\n\n\ndef test_share(share):\n    share(sums.add())\n",
    })  # fmt: skip
    assert related(opened(tmp_path), (tmp_path / "shop/till.py").as_posix(), TILL.index("/ people")) == ()


def test_only_a_row_that_says_so_gives_leave(shop: Path) -> None:
    snapshot = opened(shop)
    at = TILL.index("/ people")
    rows = [Offer("Fix it", Span(at, at)), Offer("Mend it", Span(at, at), disabled="not now")]
    request = Request(Selection((shop / "shop/till.py").as_posix(), Span(at, at)))
    assert judged(snapshot, request, rows) == rows
    trusting = Request(request.at, trusted=True)
    said = judged(snapshot, trusting, rows)
    assert [row.title for row in said] == [
        "Fix it", "Mend it", "Fix it, judged by running test_till.py, test_sums.py"
    ]  # fmt: skip
    assert [fix.ACTION.leave(row) for row in said] == [False, False, True]


def edit(shop: Path, old: str, *new: str, tests: tuple[str, ...] | None, tester: Tester) -> tuple[Held | str, Ledger]:
    path = (shop / "shop/till.py").as_posix()
    snapshot, ledger = opened(shop), Ledger("fix")
    place = Span(TILL.index(old), TILL.index(old) + len(old))

    def propose(number: int, failed: object) -> Steps[list[Candidate]]:
        yield from ()
        one = [Candidate("rule", Change.one(path, [Edit(place, each.encode())]), place, each) for each in new]
        return [] if number else one

    wish = Wish(path, propose, trusted=True, tests=tests)
    return asyncio.run(run(grant(snapshot, wish, ledger), Scripted(), no_linter, tester=tester)), ledger


def real(shop: Path, old: str, *new: str) -> tuple[Held | str, Ledger]:
    with runs.copied(shop.as_posix()) as scratch:
        assert isinstance(scratch, str)
        tester = runs.Tests(shop.as_posix(), scratch, sys.executable, plugins=False)
        found = edit(shop, old, *new, tests=("tests/test_till.py", "tests/test_sums.py"), tester=tester)
    assert (shop / "shop/till.py").read_text() == TILL
    return found


@forks
def test_what_passed_before_must_pass(shop: Path) -> None:
    held, ledger = real(shop, "total / people", "total // people + 1", "total * (1 / people)")
    assert isinstance(held, Held)
    assert held.candidate.text == "total * (1 / people)"
    (failed,) = [trial for trial in ledger.trials if trial.failed]
    assert (failed.text, failed.failed) == ("total // people + 1", TESTED)
    assert failed.finding == "TEST FAIL: test_share — expected 2, got 3, for share(6, 3)"
    assert TESTED in ledger.passed
    assert TESTED in ledger.gates
    (note,) = [note for note in ledger.notes if "related" in note]
    assert note.startswith("3 related tests passed before and after (tests/test_till.py, tests/test_sums.py); sandbox:")
    assert note.endswith("; 1 did not pass before and is not counted")


@forks
def test_what_keeps_the_tests_from_being_collected_is_not_shown(shop: Path) -> None:
    held, ledger = real(
        shop, "step\n\n\ndef share(total, people):", "step\n\nassert step() == 2\n\n\ndef share(total, people):"
    )
    assert isinstance(held, str)
    assert [trial.failed for trial in ledger.trials] == [TESTED]


def script(*answers: ask.Tested | Silence) -> tuple[Tester, list[ask.Test]]:
    left, asked = list(answers), list[ask.Test]()

    async def tester(test: ask.Test) -> ask.Tested | Silence:
        asked.append(test)
        return left.pop(0)

    return tester, asked


def ran(*outcomes: str, isolated: str = "no network") -> ask.Tested:
    return ask.Tested(tuple(Ran(f"t.py::test_{n}", each) for n, each in enumerate(outcomes)), (), isolated)  # pyright: ignore[reportArgumentType]


def test_they_run_on_the_text_that_is_not_saved_and_once_on_the_text_before(shop: Path) -> None:
    tester, asked = script(ran("passed", "failed"), ran("failed"), ran("passed"))
    held, _ = edit(shop, "total / people", "total", "people", tests=("t.py",), tester=tester)
    assert isinstance(held, Held)
    assert [each.arguments for each in asked] == [("t.py",)] * 3
    assert [each.must for each in asked] == [(), ("t.py::test_0",), ("t.py::test_0",)]
    assert [each.texts[0].count("total / people") for each in asked] == [1, 0, 0]
    assert all(each.whole and each.path.endswith("shop/till.py") for each in asked)


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([Silence("no test was collected", "failed")], "no test was collected"),
        ([Silence("there is no interpreter", "none")], "there is no interpreter"),
        ([ran("failed", "timeout")], "none of them passes as the code is"),
    ],
)
def test_unknown_is_never_shown_as_passed(shop: Path, answers: list[ask.Tested | Silence], why: str) -> None:
    held, ledger = edit(shop, "total / people", "total", tests=("t.py",), tester=script(*answers)[0])
    assert isinstance(held, Held)
    assert TESTED not in ledger.passed
    assert any(told.startswith(TESTED) and why in told for told in ledger.unknown), ledger.unknown


def test_an_edit_with_which_the_tests_do_not_end_is_not_shown(shop: Path) -> None:
    late = Silence("node took longer than 100 s", "patience")
    tester, _ = script(ran("passed"), late, ran("passed"))
    held, ledger = edit(shop, "total / people", "total", "people", tests=("t.py",), tester=tester)
    assert isinstance(held, Held)
    assert held.candidate.text == "people"
    assert any(late.reason in str(trial) for trial in ledger.trials), ledger.trials


def test_without_a_sandbox_that_is_said(shop: Path) -> None:
    tester, _ = script(ran("passed", isolated=""), ran("passed", isolated=""))
    _, ledger = edit(shop, "total / people", "total", tests=("t.py",), tester=tester)
    assert TESTED in ledger.passed
    assert any("sandbox" in told for told in ledger.unknown)


def test_without_leave_nothing_runs_and_that_is_told(shop: Path) -> None:
    tester, asked = script()
    held, ledger = edit(shop, "total / people", "total", tests=(), tester=tester)
    assert isinstance(held, Held)
    assert not asked
    assert f"{TESTED}: tests/test_till.py, tests/test_sums.py not run; another row of the menu does" in ledger.unknown
    _, ledger = edit(shop, "total / people", "total", tests=None, tester=tester)
    assert not any(TESTED in told for told in ledger.unknown)


def test_a_test_that_failed_before_may_fail_and_none_may_go() -> None:
    before = ran("passed", "failed", "passed", "skipped").tests
    assert no_worse(before, ran("passed", "failed", "passed", "failed").tests) == []
    assert [one.message for one in no_worse(before, ran("failed", "failed").tests)] == [
        "test_0 fails: took too long", "test_2 is not there any more"
    ]  # fmt: skip


@forks
def test_guards_that_a_test_forbids_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "till.py").write_text("def share(total: float, people: int) -> float:\n    return total / people\n")
    (tmp_path / "test_till.py").write_text(
        "from till import share\n\n\ndef test_share():\n    assert share(*[6, True]) == 6\n"
    )
    path, snapshot = tmp_path / "till.py", opened(tmp_path)
    request = Request(Selection(path.as_posix(), Span(5, 5)), trusted=True)
    rows = validate.offer(snapshot, request)
    assert [row.title for row in rows] == [
        "Add validation to share, tried in a sandbox, judged by running test_till.py", "Add validation to share"
    ]  # fmt: skip

    def made(row: Offer) -> Result:
        with runs.copied(tmp_path.as_posix()) as scratch:
            assert isinstance(scratch, str)
            tester = runs.Tests(tmp_path.as_posix(), scratch, sys.executable, plugins=False)
            steps = validate.make(snapshot, request, row, None)
            return asyncio.run(run(steps, Scripted(), no_linter, tester=tester))

    judged, plain = map(made, rows)
    assert isinstance(judged, Refused)
    assert "test_share fails" in judged.reason
    assert isinstance(plain, Edited)
    assert any(told.startswith(TESTED) for told in plain.evidence.unknown)


@forks
@pytest.mark.parametrize("folder", ["", "tests/"])
def test_a_stub_is_judged_by_its_tests(tmp_path: Path, folder: str) -> None:
    (tmp_path / "till.py").write_text("def share(total, people):\n    ...\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / f"{folder}test_till.py").write_text(
        "from till import share\n\n\ndef test_share():\n    assert share(6, 3) == 2\n"
    )
    path = tmp_path / "till.py"

    def made(*bodies: str) -> Result:
        snapshot: Snapshot = opened(tmp_path, "till.py")
        request = Request(Selection(path.as_posix(), Span(6, 6)), trusted=True)
        row = implement.offer(snapshot, request)[0]
        assert row.title == "Implement share, judged by running test_till.py"
        port = Scripted([list(bodies), [], [], []])
        with runs.copied(tmp_path.as_posix()) as scratch:
            assert isinstance(scratch, str)
            tester = runs.Tests(tmp_path.as_posix(), scratch, sys.executable, plugins=False)
            steps = implement.make(snapshot, request, row, port.info)
            return asyncio.run(run(steps, port, no_linter, tester=tester))

    result = made("return total * people", "return total / people")
    assert isinstance(result, Edited), result
    assert b"/ people" in result.change.edits[path.as_posix()][0].new
    assert isinstance(made("return total * people"), Refused)


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on the path")
def test_other_languages_are_judged_by_their_own_runners(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "till.js").write_text("export function share(bill, names) {\n  return bill.total / names.length;\n}\n")
    test = tmp_path / "till.test.js"
    head = 'import test from "node:test";\nimport assert from "node:assert";\nimport { share } from "./till.js";\n\n'
    kept = 'test("shares", () => assert.equal(share({ total: 6 }, ["a", "b"]), 3));\n'
    test.write_text(head + kept)
    with Session(tmp_path, trust=True, model=False) as session:
        done = session.validate("till.js:share")
        assert TESTED in done.gates, done
        assert any(note.startswith("1 related test passed before and after") for note in done.evidence.notes)
    test.write_text(head + kept + 'test("says why", () => assert.throws(() => share(...[null, []]), /Cannot read/));\n')
    with Session(tmp_path, trust=True, model=False) as session:
        done = session.validate("till.js:share")
        assert "says why fails: The input did not match the regular expression /Cannot read/" in done.text
        assert not done
    with Session(tmp_path, model=False) as session:
        done = session.validate("till.js:share")
        assert f"{TESTED}: till.test.js not run; that takes a project that you trust" in done.unknown


def test_tests_of_one_name_are_counted() -> None:
    good, bad = Ran("till.test.js::shares", "passed"), Ran("till.test.js::shares", "failed", 0.0, "expected 2, got 3")
    assert [one.message for one in no_worse([good, good], [bad, good])] == ["shares fails: expected 2, got 3"]
    assert no_worse([good, bad], [bad, good]) == []
    assert [one.message for one in no_worse([good, bad], [bad, bad])] == ["shares fails: expected 2, got 3"]
    assert [one.message for one in no_worse([good, good], [good])] == ["shares is not there any more"]
