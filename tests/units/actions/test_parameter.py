"""A signature changes with every call of it, or not at all: the program does what it did."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from typing import Any

import pytest

from dovetail.features.actions import Edited, Offer, Refused, Request, Result, parameter
from dovetail.features.parameters import asked
from dovetail.model.ask import run
from dovetail.syntax import language_for
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import Scripted, no_linter

PATH = "/project/a.py"
PROGRAM = """class Base:
    def __init__(self, name, size=1, *rest, flag=True, **more):
        self.told = (name, size, rest, flag, sorted(more))

    def tell(self, unused, times=2):
        return [self.told] * times


class Other(Base):
    def __init__(self, name, *rest):
        super().__init__(name, 5, *rest, extra=1)

    def tell(self, unused, times=2):
        return super().tell(unused, times=times + 1)


def show(one: Base, unused=None, *, last):
    return one.tell(7, 1), one.tell(unused=8), last


def make(unused, name):
    return Base(
        name,
        2,
        3,
        other=1,
    )


RESULT = [show(make(0, "a"), last=1), show(Other("b", 6), unused=2, last=4), Other("c").tell(1, 3)]
"""


def done(text: str | dict[str, str], about: str, *, path: str = PATH, before: str = "def ", **data: str) -> Result:
    """What comes of it; of several files the first is the one that it is about."""
    world = World(["/project"])
    files = {path: text} if isinstance(text, str) else {f"/project/{name}": one for name, one in text.items()}
    for name, one in files.items():
        world.open(name, one, 1, None)
    path, text = next(iter(files.items()))
    at = text.index(about) + len(before)
    request = Request(Selection(path, Span(at, at)))
    offer = Offer("", Span(at, at), tuple(data.items()))
    return asyncio.run(run(parameter.ACTION.make(world.snapshot(), request, offer, None), Scripted(), no_linter))


def after(text: str, result: Result, *, path: str = PATH) -> str:
    assert isinstance(result, Edited), result
    world = World(["/project"])
    world.open(path, text, 1, None)
    return world.snapshot().after(result.change).files[path].document.text()


def outcome(text: str) -> Any:
    names: dict[str, Any] = {}
    exec(text, names)
    return names["RESULT"]


@pytest.mark.parametrize("about", ["def __init__(self, name, size", "def tell", "def show", "def make"])
@pytest.mark.parametrize("new", ["more_of_it=0", "more_of_it: int = 3", "more_of_it"])
def test_a_parameter_that_comes_changes_nothing(about: str, new: str) -> None:
    text = after(PROGRAM, done(PROGRAM, about, add=new))
    assert text != PROGRAM
    assert outcome(text) == outcome(PROGRAM)


@pytest.mark.parametrize("about", ["def tell", "def show", "def make"])
def test_a_parameter_that_goes_changes_nothing(about: str) -> None:
    result = done(PROGRAM, about, remove="unused")
    if about == "def tell":  # the overriding one hands it up, so it is read
        assert isinstance(result, Refused)
        assert "Other.tell uses unused" in result.reason
        return
    assert outcome(after(PROGRAM, result)) == outcome(PROGRAM)


@pytest.mark.parametrize(
    ("text", "about", "data", "reason"),
    [
        ("def f(*rest):\n    pass\nf(1)\n", "def f", {"remove": "rest"}, "takes what is left"),
        ("def f(a):\n    pass\nf(*[1])\n", "def f", {"remove": "a"}, "nobody has counted"),
        ("def f(a):\n    pass\nf(print())\n", "def f", {"remove": "a"}, "may do something"),
        ("def test_f(tmp_path):\n    pass\n", "def test", {"remove": "tmp_path"}, "nothing that is known calls it"),
        ("def f(a):\n    a = 1\n    return a\n", "def f", {"remove": "a"}, "uses a"),
        ("def f(a):\n    pass\n", "def f", {"add": "a"}, "has a parameter a already"),
        ("def f():\n    b = 1\n    return b\n", "def f", {"add": "b"}, "a value of its own"),
        ("def f():\n    pass\n", "def f", {"add": "not a name"}, "say which"),
        ("@w\ndef f():\n    pass\n", "def f", {"add": "b"}, "decorator"),
        ("def f():\n    pass\ndef f(c):\n    pass\n", "def f", {"add": "b"}, "more than once"),
        (
            "class A:\n    def f(self, a):\n        pass\ndef g(x):\n    x.f(1)\n",
            "def f",
            {"remove": "a"},
            "nobody knows",
        ),
    ],
)
def test_what_could_break_is_refused_in_words(text: str, about: str, data: dict[str, str], reason: str) -> None:
    result = done(text, about, **data)
    assert isinstance(result, Refused), result
    assert reason in result.reason


@pytest.mark.parametrize(
    ("files", "about", "data", "reason"),
    [
        ({"a.py": "def f(a):\n    return sorted(a, key=lambda x: id(x))\n"}, "f(a", "id: int = 0", "uses id from"),
        ({"a.py": "from os import *\ndef f():\n    return getcwd()\n"}, "f()", "getcwd = 0", "uses getcwd from"),
        ({"a.py": "import time\ndef f():\n    return time.time()\n"}, "f()", "time = 0", "uses time from"),
        ({"a.py": "def f():\n    b = 1\n    def g():\n        return b\n    g()\n"}, "g()", "b = 0", "uses b from"),
        ({"a.js": "function f(a) { return parseInt(a) }\nf(1)\n"}, "f(a", "parseInt = 0", "uses parseInt from"),
        (
            {"a.go": "package a\n\nfunc f(a []int) int { return len(a) }\nfunc g() int { return f(nil) }\n"},
            "f(a",
            "len int = 0",
            "uses len from",
        ),
        (
            {"a.go": 'package a\n\nimport "strings"\n\nfunc f(a string) string { return strings.ToUpper(a) }\n'},
            "f(a",
            "strings int = 0",
            "uses strings from",
        ),
        (
            {
                "a.go": "package a\n\nfunc f() int { return limit() }\n",
                "b.go": "package a\n\nfunc limit() int { return 1 }\n",
            },
            "f()",
            "limit int = 0",
            "uses limit from",
        ),
        (
            {"A.java": "class A extends Foreign {\n  private int f() { return limit; }\n}\n"},
            "f()",
            "limit: int = 0",
            "uses limit from",
        ),
        ({"a.py": "class C:\n    def __iter__(self):\n        return limit\n"}, "__iter__", "limit", "by the language"),
        ({"a.py": "class C:\n    def __exit__(self, *a):\n        pass\n"}, "__exit__", "limit", "by the language"),
        ({"a.js": "class C { get size() { return limit } }\n"}, "size()", "limit", "by the language"),
        ({"a.ts": "class C { set size(v: number) { } }\n"}, "size(v", "limit: number = 1", "by the language"),
        ({"a.js": "class C { toString() { return limit } }\n"}, "toString()", "limit", "by the language"),
        ({"a.go": 'package main\n\nfunc main() { }\n'}, "main()", "limit int = 1", "by the language"),
    ],
)  # fmt: skip
def test_what_would_hide_a_name_or_is_called_by_nobody_here_is_refused(
    files: dict[str, str], about: str, data: str, reason: str
) -> None:
    result = done(files, about, before="", add=data)
    assert isinstance(result, Refused), result
    assert reason in result.reason


@pytest.mark.parametrize(
    ("files", "about", "reason"),
    [
        (
            {"a.go": "package a\nfunc g() (int, int) { return 1, 2 }\nfunc f(a, b int) { }\nfunc h() { f(g()) }\n"},
            "f(a",
            "stands for several",
        ),
        (
            {"a.ts": "class C { m(a: number, b: number) { } }\ntype S = { m(a: number): void }\nnew C().m(1, 2)\n"},
            "m(a",
            "promises a m",
        ),
        ({"a.py": "def f(a, b):\n    return locals()\nf(1, 2)\n"}, "f(a", "look b up"),
        ({"a.js": "function f(a, b) { return eval('b') }\nf(1, 2)\n"}, "f(a", "look b up"),
        ({"a.php": "<?php function f($a, $b) { $n = 'b'; return $$n; }\nf(1, 2);\n"}, "f($a", "look $b up"),
        ({"a.py": "def f(a, b):\n    b += 1\nf(1, 2)\n"}, "f(a", "uses b"),
        ({"a.rs": 'fn f(a: u32, b: u32) { println!("{b}"); }\nfn g() { f(1, 2); }\n'}, "f(a", "uses b"),
        ({"a.php": "<?php function f($a, $b) { return function() use ($b) { }; }\nf(1, 2);\n"}, "f($a", "uses $b"),
        ({"a.js": "function f({a, b}) { }\nf({})\n"}, "f({a", "is a part of `{a, b}`"),
        ({"a.ts": "class C { constructor(private b: number) { } }\nnew C(1)\n"}, "constructor", "is a field"),
        ({"a.py": "def f(a, b):\n    pass\nf(1, 2)\n", "a.pyi": "def f(a, b): ...\n"}, "f(a", "a.pyi says"),
    ],
)
def test_what_may_be_used_or_given_in_another_way_does_not_go(files: dict[str, str], about: str, reason: str) -> None:
    result = done(files, about, before="", remove="$b" if "a.php" in files else "b")
    assert isinstance(result, Refused), result
    assert reason in result.reason


def test_a_word_that_is_another_things_name_is_no_use() -> None:
    text = "def f(a, b):\n    # b\n    return a.b + g(b=1) + 'b'\n\nf(1, 2)\n"
    assert after(text, done(text, "f(a", before="", remove="b")) == text.replace("a, b)", "a)").replace("1, 2)", "1)")


def test_files_that_no_linter_saw_are_told() -> None:
    files = {"a.py": "def f(a, b):\n    return a\n"}
    files |= {f"u{n}.py": f"from a import f\nprint(f({n}, 2))\n" for n in range(6)}
    result = done(files, "f(a", before="", remove="b")
    assert isinstance(result, Edited)
    assert "lints no worse: only 5 of 7 files were looked at" in result.evidence.unknown


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "class C:\n    def __iter__(self):\n        return limit\n"),
        ("a.py", "class C:\n    @property\n    def size(self):\n        return limit\n"),
        ("a.js", "class C { get size() { return limit } }\n"),
        ("a.py", "def f(a):\n    return id\n".replace("id", "len")),
    ],
)
def test_no_row_is_shown_where_nothing_could_come_of_it(path: str, text: str) -> None:
    assert not _rows(path, text, "return ")


def test_a_row_is_shown_on_a_name_that_is_nobodys() -> None:
    assert _rows("a.py", "def f(a):\n    return limit\n", "return ") == ["Add parameter limit to f"]
    java = "class A {\n    int f(int a) { return limit; }\n}\n"
    assert _rows("A.java", java, "return ") == ["Add parameter limit to f"]


_F = "def f(a):\n    return a\n\n"


@pytest.mark.parametrize(
    ("path", "text", "new", "given"),
    [
        ("a.py", _F + "def g(limit):\n    return f(1)\n", "limit: int = 30", ""),
        ("a.py", _F + "def g(limit):\n    return f(1)\n", "limit", "limit=limit"),
        ("a.py", _F + "def g(limit: int):\n    return f(1)\n", "limit: int = 30", "limit=limit"),
        ("a.py", _F + "def g(limit: int):\n    return f(1)\n", "limit: float = 30", "limit=limit"),
        ("a.py", _F + "def g(limit: int):\n    return f(1)\n", "limit: int | None = None", "limit=limit"),
        ("a.py", _F + "def g(limit: int | None = None):\n    return f(1)\n", "limit: int = 30", ""),
        ("a.py", _F + "def g(limit: int = None):\n    return f(1)\n", "limit: int = 30", ""),
        ("a.py", _F + "def g(limit: timedelta):\n    return f(1)\n", "limit: float = 30", ""),
        ("a.py", _F + "limit = 3\ndef g():\n    return f(1)\n", "limit: int = 30", "limit=limit"),
        ("a.py", _F + "limit = [3]\ndef g():\n    return f(1)\n", "limit: int = 30", ""),
        ("a.py", _F + "limit = compute()\ndef g():\n    return f(1)\n", "limit: int = 30", ""),
        ("a.py", _F + "if x:\n    limit = 3\ndef g():\n    return f(1)\n", "limit: int = 30", ""),
        ("a.py", _F + "import logging as limit\ndef g():\n    return f(1)\n", "limit: int = 30", ""),
        ("a.py", _F + "class limit: ...\ndef g():\n    return f(1)\n", "limit: int = 30", ""),
        ("a.py", _F + "def g():\n    for limit in 'ab':\n        f(1)\n", "limit: str = ''", ""),
        ("a.py", _F + "def g():\n    limit = 3\n    del limit\n    return f(1)\n", "limit", ""),
        ("a.ts", "function f(a) { }\nfunction g(limit: Date) { f(1) }\n", "limit: number = 30", ""),
        ("a.ts", "function f(a) { }\nfunction g(limit: number) { f(1) }\n", "limit: number = 30", "limit"),
        ("a.ts", "function f(a) { }\nfunction g() { const limit = 3; f(1) }\n", "limit: number = 30", "limit"),
        ("a.ts", "function f(a) { }\nfunction g() { const limit = h(); f(1) }\n", "limit: number = 30", ""),
        ("a.php", "<?php function f($a) { }\nfunction g($limit) { f(1); }\n", "int $limit = 30", ""),
        ("a.php", "<?php function f($a) { }\nfunction g(int $limit) { f(1); }\n", "int $limit = 30", "$limit"),
        ("a.go", "package a\nfunc f(a int) { }\nfunc g() { limit := h(); f(1) }\n", "limit int = 30", "30"),
        ("a.go", "package a\nfunc f(a int) { }\nfunc g() { limit := 3; f(1) }\n", "limit int = 30", "limit"),
        ("a.go", "package a\nfunc f(a int) { }\nfunc g() { for limit := range 3 { f(1) } }\n", "limit int = 30", "30"),
    ],
)
def test_a_value_is_given_where_it_surely_is_of_the_type(path: str, text: str, new: str, given: str) -> None:
    path = f"/project/{path}"
    changed = after(text, done(text, "f(", path=path, before="", add=new), path=path)
    assert f"f(1, {given})" in changed if given else "f(1)" in changed, changed


def _rows(path: str, text: str, before: str) -> list[str]:
    world = World(["/project"])
    world.open(f"/project/{path}", text, 1, None)
    at = text.index(before) + len(before)
    request = Request(Selection(f"/project/{path}", Span(at, at)))
    return [row.title for row in parameter.ACTION.offer(world.snapshot(), request)]


def test_a_parameter_as_it_is_asked_for() -> None:
    language = language_for("a.py")
    assert language is not None
    told = asked(language, "timeout: float | None = None")
    assert told is not None
    assert (told.name, told.type, told.default) == ("timeout", "float | None", "None")
    assert asked(language, "1st") is None


SCRIPT = """function tell(name, times = 2, ...rest) {
  return [name, times, rest];
}

function show(one, unused) {
  return [tell(one, 1, 5), tell(one)];
}

const last = (unused, name) => {
  return name;
};

console.log(JSON.stringify([show("a", 1), show("b"), last(0, "c"), last(
  1,
  "d",
)]));
"""


@pytest.mark.parametrize(
    ("about", "data"),
    [
        ("last = (", {"add": "more"}),
        ("last = (", {"add": "more = 3"}),
        ("show(one", {"remove": "unused"}),
        ("last = (", {"remove": "unused"}),
    ],
)
@pytest.mark.skipif(shutil.which("node") is None, reason="no node is installed")
def test_a_script_does_what_it_did(about: str, data: dict[str, str]) -> None:
    text = after(SCRIPT, done(SCRIPT, about, path="/project/a.js", before="", **data), path="/project/a.js")
    assert text != SCRIPT
    assert _said(text) == _said(SCRIPT)


def test_what_is_given_more_than_it_takes_is_not_given_a_place_for_it() -> None:
    text = SCRIPT.replace('show("b")', 'show("b", 2, 3)')
    result = done(text, "show(one", path="/project/a.js", before="", add="more")
    assert isinstance(result, Refused)
    assert "gives more than is taken" in result.reason


def _said(text: str) -> str:
    node = shutil.which("node")
    assert node is not None
    return subprocess.run([node, "-e", text], capture_output=True, text=True, check=True).stdout


def test_a_language_that_it_does_not_know_is_told() -> None:
    result = done("def f(a)\n  a\nend\n", "f(a", path="/project/a.rb", before="", add="wait")
    assert isinstance(result, Refused)
    known = "C#, Go, Java, JavaScript, PHP, Python, Rust and TypeScript"
    assert result.reason == f"Parameter knows {known} only so far, not Ruby"
