"""The library: typed records, nothing written before `apply`; and the README's example runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dovetail import Session
from dovetail.memory import digest, open_store
from dovetail.session import NotThere
from tests.session import PRICES, SHOP


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP, "utf-8")
    (tmp_path / "prices.py").write_bytes(b"\xef\xbb\xbf" + PRICES.replace("\n", "\r\n").encode())
    return tmp_path


def test_an_edit_is_a_record_and_is_written_when_asked(shop: Path) -> None:
    with Session(shop, model=False) as session:
        done = session.validate("shop.py:Basket.add")
        assert done, done.text
        assert "+        if not isinstance(name, str):" in done.diff
        assert "parses no worse" in done.gates
        assert (done.action, done.by_model, done.tokens) == ("validate", False, 0)
        assert done.seconds > 0
        assert (shop / "shop.py").read_text() == SHOP
        assert done.apply() == (shop / "shop.py",)
        assert "count must be an int" in (shop / "shop.py").read_text()
        again = session.validate("shop.py:Basket.add")
        assert not again
        with pytest.raises(ValueError, match="changed"):
            done.apply()


def test_what_cannot_be_done_is_said(shop: Path) -> None:
    with Session(shop, model=False) as session:
        assert session.fix("shop.py:1").text == "there is nothing to fix here"
        assert "already" in session.rename("prices.py:price_of", "PRICES").text
        for place in ("nowhere.py:1", "shop.py:999", "shop.py:Basket.steal"):
            with pytest.raises(NotThere):
                session.explain(place)
        with pytest.raises(ValueError, match="there is no action"):
            session.do("conquer", "shop.py:1")
    with pytest.raises(NotThere):
        Session(shop / "nowhere")


def test_of_several_findings_on_a_line_one_that_can_be_mended_is(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("import os\nfrom typing import List\n\n\nclass A:\n    at = os.name\n")
    (tmp_path / "plain.py").write_text("def f(x):\n    l = x.y\n    return x\n")
    with Session(tmp_path, model=False) as session:
        done = session.fix("shop.py:2")
        assert "-from typing import List" in done.diff
        assert "+" not in done.diff.split("@@")[-1]
        assert session.fix("plain.py:2").text == "no fix was found: nothing could be proposed"


def test_what_a_linter_cannot_see_for_an_error_elsewhere_is_said(tmp_path: Path) -> None:
    (tmp_path / "half.py").write_text("import os\n\n\ndef half(x\n    return x / 2\n")
    (tmp_path / "half.rs").write_text("fn a() -> i64 {\n    1\n}\n\nfn b() -> i64 {\n    (2\n}\n")
    with Session(tmp_path, model=False) as session:
        said = session.fix("half.py:1").text
        assert said.endswith("half.py does not parse at line 4, so ruff says nothing else of it: fix that line first")
        said = session.fix("half.rs:2").text
        assert said.endswith("half.rs does not parse at line 6: fix that line first")


def test_a_rename_keeps_line_ends_and_marks(shop: Path) -> None:
    with Session(shop, model=False) as session:
        done = session.rename("prices.py:price_of", "cost_of")
        assert sorted(path.name for path in done.apply()) == ["prices.py", "shop.py"]
    data = (shop / "prices.py").read_bytes()
    assert data == b"\xef\xbb\xbf" + PRICES.replace("price_of", "cost_of").replace("\n", "\r\n").encode()
    assert SHOP.replace("price_of", "cost_of") == (shop / "shop.py").read_text()


def test_what_was_applied_or_taken_back_is_what_comes_next(shop: Path) -> None:
    with Session(shop, model=False) as session:
        session.rename("prices.py:price_of", "cost_of").apply()
        again = session.rename("prices.py:cost_of", "worth_of")
        assert set(again.change.edits if again.change else ()) == {
            str(shop / name) for name in ("prices.py", "shop.py")
        }
        again.apply()
        session.undo()
        assert "cost_of" in (shop / "shop.py").read_text()
        assert sorted(path.name for path in session.rename("prices.py:cost_of", "price_of").apply()) == [
            "prices.py", "shop.py",
        ]  # fmt: skip
    assert (shop / "shop.py").read_text() == SHOP


def test_a_sentence_is_about_the_text_that_somebody_else_wrote_meanwhile(shop: Path) -> None:
    with Session(shop, model=False) as session:
        session.document("shop.py:Basket.add")
        (shop / "shop.py").write_text("def first(count: int) -> int:\n    return 10 / count\n\n\n" + SHOP)
        done = session.do("add validation to first")
        assert done, done.text
        assert "def first" in done.diff


def test_the_other_verbs(shop: Path) -> None:
    with Session(shop, model=False) as session:
        assert "**Called by**" in session.explain("prices.py:price_of").text
        total = next(n for n, line in enumerate(SHOP.split("\n"), 1) if "return sum" in line)
        extracted = session.extract(f"shop.py:{total}", "sum_up")
        assert "+        return self.sum_up()" in extracted.diff
        assert "Returns:" in session.document("shop.py:Basket.total").diff
        (shop / "shop.py").write_text(SHOP + "\nimport os\n")
        assert "-import os" in session.fix("shop.py:22").diff


def test_the_example_of_the_readme_runs_as_a_script(shop: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    found = re.search(r"## From a script\n.*?```python\n(.*?)```", readme, re.DOTALL)
    assert found is not None
    script = shop.parent / "script.py"
    script.write_text("print('begun')\n" + found[1])
    ran = subprocess.run([sys.executable, script], cwd=shop, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, ran.stdout.count("begun")) == (0, 1), ran.stderr
    assert "+        if not isinstance(name, str):" in ran.stdout
    assert "+        Returns:" in ran.stdout
    assert (shop / "shop.py").read_text() == SHOP, "it was taken back"
    store = open_store(shop.as_posix())
    assert [(note.kind, note.text) for note in store.notes()] == [("decision", "prices are in cents")]
    store.close()


def test_the_server_starts_without_it() -> None:
    code = "import sys, dovetail; sys.exit('dovetail.session' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_a_class_is_documented_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "till.py").write_text(
        "class Till:\n    def half(self, total: int) -> int:\n        return total // 2\n\n"
        "    def twice(self, total: int) -> int:\n        return self.half(4 * total)\n"
    )
    with Session(tmp_path, model=False) as session:
        done = session.document("till.py:Till")
        assert done, done.text
        assert done.text == "document 2 of 2 functions of Till"
        assert done.diff.count("+        Returns:") == 2


@pytest.mark.skipif(sys.platform == "win32", reason="needs processes that fork")
def test_tests_are_written_only_with_trust_and_into_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "till.py").write_text("def half(total: int) -> int:\n    return total // 2\n")
    settings = {"python": sys.executable}
    with Session(tmp_path, model=False, settings=settings) as session:
        assert not session.write_tests("till.py:half")
    with Session(tmp_path, model=False, trust=True, settings=settings) as session:
        done = session.write_tests("till.py:half")
        assert done, done.text
        assert "wrong versions" in done.text
        assert not (tmp_path / "tests").exists()
        assert done.apply() == (tmp_path / "tests" / "test_till.py",)
        assert "from till import half" in (tmp_path / "tests" / "test_till.py").read_text()
        with pytest.raises(ValueError, match="is there already"):
            done.apply()


def test_what_held_is_remembered_and_what_was_applied_can_be_taken_back(shop: Path) -> None:
    with Session(shop, model=False) as session:
        for name in ("one.py", "two.py", "three.py"):
            (shop / name).write_text('"""Words."""\n\nx = {}\ny = deepcopy(x)\n')
        first = session.fix("one.py:4")
        first.apply()
        second = session.fix("two.py:4")
        assert "+from copy import deepcopy" in first.diff
        assert [done.evidence.trials[-1].source for done in (first, second)] == ["rule", "cache"]
        store = open_store(shop.as_posix())
        second.apply()
        last = store.last_applied()
        assert last is not None
        text = (shop / "two.py").read_bytes()
        assert last.files[(shop / "two.py").as_posix()].after == digest(text)
        assert last.files[(shop / "two.py").as_posix()].taken_back(text).startswith(b'"""Words."""\n\nx = {}')
        assert [entry.asked for entry in store.runs()] == ["fix", "fix"]
        store.close()
    with Session(shop, model=False, settings={"memory": {"enabled": False}}) as session:
        assert session.fix("three.py:4").evidence.trials[-1].source == "rule"


def test_what_needs_trust_says_so(tmp_path: Path) -> None:
    (tmp_path / "till.py").write_text("def half(total: int) -> int:\n    return total // 2\n")
    (tmp_path / "test_till.py").write_text("from till import half\n\n\ndef test_half():\n    assert half(2) == 2\n")
    with Session(tmp_path, model=False) as session:
        assert "a project that you trust" in session.write_tests("till.py:half").text
        assert "a project that you trust" in session.do("fix_test", "till.py:half").text


def test_a_function_may_be_called_by_one_letter(shop: Path) -> None:
    with Session(shop, model=False) as session:
        total = next(n for n, line in enumerate(SHOP.split("\n"), 1) if "return sum" in line)
        assert "return self.q()" in session.extract(f"shop.py:{total}", "q").diff
        assert session.extract(f"shop.py:{total}", "total").text.endswith("total means something here already")
        assert session.extract(f"shop.py:{total}", "2nd").text.endswith("2nd is no name")


@pytest.mark.skipif(sys.platform == "win32", reason="needs processes that fork")
def test_a_failing_test_is_fixed_with_trust_and_taken_back(tmp_path: Path) -> None:
    wrong = "def total(prices, discount):\n    return sum(prices) + discount\n"
    (tmp_path / "till.py").write_text(wrong)
    (tmp_path / "test_till.py").write_text(
        "from till import total\n\n\ndef test_total():\n"
        "    assert total([3, 4], 2) == 5\n    assert total([9], 1) == 8\n"
    )
    test, settings = "pytest test_till.py::test_total", {"python": sys.executable}
    with Session(tmp_path, model=False, settings=settings) as session:
        assert "trust=True" in session.fix(test=test).text
    with Session(tmp_path, model=False, trust=True, settings=settings) as session:
        assert "begins with" in session.fix(test="make test").text
        done = session.fix(test=test)
        assert done, done.text
        assert "+    return sum(prices) - discount" in done.diff
        assert "tests pass" in done.gates
        done.apply()
        assert session.fix(test=test).text.endswith("passes already; there is nothing to fix")
        assert session.undo() == (tmp_path / "till.py",)
        assert (tmp_path / "till.py").read_text() == wrong
        with pytest.raises(ValueError, match="nothing that was applied"):
            session.undo()
        assert session.do("make test_total pass"), "a sentence does the same"


def test_a_sentence_is_done_and_a_note_is_kept(shop: Path) -> None:
    with Session(shop, model=False) as session:
        done = session.do("add validation to Basket.add")
        assert done.action == "validate"
        assert "+        if not isinstance(name, str):" in done.diff
        assert "def price_of" in session.do("explain it", "prices.py:price_of").text
        assert "called by" in session.do("what calls price_of").text
        assert "in which file" in session.do("fix the parser in the reader").text
        assert session.note("price_of is in cents", kind="decision")
        assert "in cents" in session.explain("prices.py:price_of").text
    with Session(shop, model=False, without=("notes",)) as session:
        assert "in cents" not in session.explain("prices.py:price_of").text
    with Session(shop, model=False, settings={"memory": {"enabled": False}}) as session:
        assert not session.note("nothing")
        with pytest.raises(ValueError, match=r"memory\.enabled"):
            session.undo()


def test_a_file_that_the_project_leaves_out_is_told_of_where_it_is_asked_about_alone(shop: Path) -> None:
    (shop / ".gitignore").write_text("mine.py\n")
    (shop / "mine.py").write_text("def secret_share(price, share):\n    return price * share\n")
    with Session(shop, model=False) as session:
        assert "secret_share" in session.explain("mine.py:secret_share").text
        session.explain("shop.py:Basket.add")
        now = session._snapshot()  # pyright: ignore[reportPrivateUsage]
    mine, other = (f"{shop.as_posix()}/{name}" for name in ("mine.py", "shop.py"))
    assert not now.may_show(mine, other, away=False)
    assert now.may_show(other, mine, away=False)
