"""What a promise holds and what it does not."""

from __future__ import annotations

import pytest

from dovetail.text import Change, Edit, Span
from dovetail.verify import (
    Promise,
    calls_fit,
    calls_open,
    clean_text,
    imports_exist,
    names_open,
    no_new_members,
    no_new_names,
    no_secrets,
    outline_kept,
    signature_kept,
    still_parses,
    touches_only,
)
from dovetail.world import World

PATH = "/project/a.py"


def found(promise: Promise, text: str, old: str, new: str, path: str = PATH) -> list[str]:
    """The messages of a promise about replacing `old`, which occurs once, by `new`."""
    world = World()
    world.open(PATH, text, 1, None)
    before = world.snapshot()
    data = text.encode("utf-8", "surrogatepass")
    start = data.index(old.encode())
    change = Change.one(path, [Edit(Span(start, start + len(old.encode())), new.encode("utf-8", "surrogatepass"))])
    return [finding.message for finding in promise(before, before.after(change), change, PATH)]


@pytest.mark.parametrize(
    ("text", "old", "new", "holds"),
    [
        ("x = 1\n", "1", "2", True),
        ("x = 1\n", "1", "(2", False),
        ("x = (1\ny = 2\n", "2", "3", True),  # the error was there before
        ("x = (1\n", "1", "1)", True),
        ("x = (1\ny = 2\n", "2", "(2", False),
        ("def f(:\n    pass\n", "pass", "return 1", True),
        ("x = 1\n", "1", "1\n)", False),
        ("x = 1\n", "1", "1\0", False),  # taken for binary
    ],
)
def test_still_parses(text: str, old: str, new: str, holds: bool) -> None:
    assert (found(still_parses, text, old, new) == []) is holds


def test_a_syntax_error_tells_its_line() -> None:
    (message,) = found(still_parses, "a = 1\nb = 2\n", "2", "(2")
    assert message.startswith("line 2 ")


@pytest.mark.parametrize(
    ("text", "old", "new", "lost"),
    [
        ("def f():\n    return 1\n", "return 1", "return 2", []),
        ("def f():\n    return 1\n", "f()", "g()", ["f would be lost"]),
        ("class A:\n    def f(self):\n        pass\n", "def f(self):\n        pass", "x = 1", ["f would be lost"]),
        ("def f():\n    def g():\n        pass\n", "def g():\n        pass", "pass", ["g would be lost"]),
        ("x = 1\ndef f():\n    pass\n", "x = 1", "x = 2\ny = 3", []),
        ("def f():\n    pass\n", "pass", "def inner():\n        pass", []),
    ],
)
def test_outline_kept(text: str, old: str, new: str, lost: list[str]) -> None:
    assert found(outline_kept, text, old, new) == lost


@pytest.mark.parametrize(
    ("new", "unknown"),
    [
        ("x + 1", []),
        ("len(x)", []),
        ("os.path", []),
        ("nowhere", ["nowhere is not defined"]),
        ("[i for i in x]", []),
        ("lambda q: q + later", ["later is not defined"]),
        ("already_unknown", []),
    ],
)
def test_no_new_names(new: str, unknown: list[str]) -> None:
    text = "import os\nalready_unknown\n\ndef f(x):\n    return 0\n"
    assert found(no_new_names, text, "0", new) == unknown


def test_names_are_open_where_a_star_may_bring_them() -> None:
    world = World()
    world.open(PATH, "from os import *\nx = whatever\n", 1, None)
    assert "imports with *" in names_open(world.snapshot(), PATH)


@pytest.mark.parametrize(
    ("name", "names", "calls"),
    [("a.py", True, True), ("a.ts", True, True), ("a.js", True, False), ("a.rs", True, False), ("a.c", False, False)],
)
def test_what_a_language_cannot_tell_is_unknown_and_not_held(name: str, names: bool, calls: bool) -> None:
    world = World()
    world.open(f"/project/{name}", "x\n", 1, None)
    assert (not names_open(world.snapshot(), f"/project/{name}")) is names
    assert (not calls_open(world.snapshot(), f"/project/{name}")) is calls


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("price(1, 2);", ""),
        ("other(...[1]);", ""),
        ("[1].map(price);", "price is handed on in line 4"),
        ("price.call(null, 1);", "price is handed on in line 4"),
        ("const half = price.bind(null, 1);", "price is handed on in line 4"),
        ("price(...[1]);", "price is given in line 4 what nobody has counted"),
    ],
)
def test_a_call_that_nobody_counts_is_no_call_that_fits(line: str, reason: str) -> None:
    text = "function price(cents: number, rate: number): number {\n  return cents * rate;\n}\n"
    world = World()
    world.open("/project/a.ts", text, 1, None)
    change = Change.one("/project/a.ts", [Edit(Span(len(text), len(text)), line.encode())])
    told = calls_open(world.snapshot().after(change), "/project/a.ts", change)
    assert told.startswith(reason) if reason else not told


def test_touches_only() -> None:
    inside, outside = touches_only(PATH, Span(4, 5)), touches_only(PATH, Span(0, 1))
    assert found(inside, "x = 1\n", "1", "2\n3") == []
    assert found(outside, "x = 1\n", "1", "2") != []
    assert found(inside, "x = 1\n", "1", "2", path="/project/other.py") != []


@pytest.mark.parametrize(
    "new",
    [
        "\u202e", "\u200b", "\ufeff", "\U000e0041", "\ue000", "\x07", "\x1b[0m", "\x9f", "\u2028", "\x85", "\udc80",
        "аpi", "ﬁle", "x" * 2001, "a" + " " * 81 + "b", "<|fim_prefix|>", "<fim_middle>",
        "<|im_end|>", "<｜fim▁hole｜>",
    ],
)  # fmt: skip
def test_text_that_may_not_be_added(new: str) -> None:
    assert found(clean_text, "x = 1  # note\n", "note", new)


@pytest.mark.parametrize(
    "new", ["größe", "名前", "привет", "日本API", "naïve", "😀", "a\tb", "\r\n", "a  b", "α β", "<|", "x" * 1900]
)
def test_text_that_may(new: str) -> None:
    assert found(clean_text, "x = 1  # note\n", "note", new) == []


def test_what_was_there_may_stay() -> None:
    assert found(clean_text, "x = 'a\u200bb'\n", "'a\u200bb'", "'a\u200bbc'") == []


@pytest.mark.parametrize(
    ("new", "is_secret"),
    [
        ("AKIA" + "ABCDEFGHIJKLMNOP", True),
        ("ghp_" + "a1B2" * 10, True),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", True),
        ('password = "' + "q8Zr2LmX9vTk4Wc1" + '"', True),
        ('password = "please-change-me-now"', False),
        ('token = get_token("somewhere else")', False),
        ("x = 'aaaaaaaaaaaaaaaaaaaaaaaaa'", False),
    ],
)
def test_secrets(new: str, is_secret: bool) -> None:
    assert bool(found(no_secrets, "x = 1\n", "x = 1", new)) is is_secret


@pytest.mark.parametrize(
    ("head", "new", "unknown"),
    [
        ("class A:", "self.x", []),
        ("class A:", "self.g(1)", []),
        ("class A:", "self.inherited", []),
        ("class A:", "self.nowhere", ["self.nowhere is not defined"]),
        ("class A(B):", "self.nowhere(2)", ["self.nowhere is not defined"]),
        ("class A(Unknown):", "self.nowhere", []),
        ("class A:", "self.__class__", []),
        ("class A:", "other.nowhere", []),
        ("class A:", "self.used_elsewhere", []),
    ],
)
def test_no_new_members(head: str, new: str, unknown: list[str]) -> None:
    text = (
        "class B:\n    inherited = 1\n\n"
        f"{head}\n    def f(self, other):\n        self.x = 1\n        return 0\n\n"
        "    def g(self, n):\n        pass\n\nprint(A().used_elsewhere)\n"
    )
    assert found(no_new_members, text, "0", new) == unknown


CALLED = """
def one(a, b=1, *, c=2): pass
def rest(a, *r, **k): pass
@register
def wrapped(a): pass
class C:
    def __init__(self, x): pass
    def m(self, y, /): pass
    @staticmethod
    def s(z): pass
    @classmethod
    def k(cls, z): pass
class D(C): pass
class E(Unknown): pass
class F: pass
class G(C):
    def f(self):
        return 0
"""


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("one()", "one is not given a"),
        ("one(1, 2, 3)", "one takes 2 arguments by position, 3 given"),
        ("one(1, d=3)", "one has no parameter d"),
        ("one(1, a=2)", "one is given a twice"),
        ("one(1, 2, 3, *x)", "one takes 2 arguments by position, 3 given"),
        ("rest()", "rest is not given a"),
        ("C()", "C is not given x"),
        ("D()", "D is not given x"),
        ("F(1)", "F takes 0 arguments by position, 1 given"),
        ("self.m()", "m is not given y"),
        ("self.m(y=1)", "m has no parameter y"),
        ("C.s()", "s is not given z"),
        ("C.k(1, 2)", "k takes 1 argument by position, 2 given"),
        ("super().m(1, 2)", "m takes 1 argument by position, 2 given"),
    ],
)
def test_a_call_that_does_not_fit(new: str, reason: str) -> None:
    assert found(calls_fit, CALLED, "0", new) == [reason]


@pytest.mark.parametrize(
    "new",
    [
        "one(1, c=3)", "one(*x)", "one(**x)", "rest(1, 2, 3, z=2)", "one(i for i in x)", "one(1, # why\n 2)",
        "C(1)", "self.m(1)", "C.m(1, 2)", "C.k(1)", "self.s(1)",
        "wrapped()", "E(1, 2)", "nobody_knows(1, 2)", "x.m(1, 2, 3)",
    ],
)  # fmt: skip
def test_a_call_that_fits_or_may(new: str) -> None:
    assert found(calls_fit, CALLED, "0", new) == []


def test_a_call_that_did_not_fit_before_may_stay() -> None:
    text = "def f(a): pass\ndef g():\n    f()\n    return 0\n"
    assert found(calls_fit, text, "0", "1") == []
    assert found(calls_fit, text, "0", "f()") == ["f is not given a"]


def test_callers_in_the_file_are_not_asked_when_a_signature_changes() -> None:
    """That is what a plan over the callers is for; this promise speaks of the calls in what was touched."""
    assert found(calls_fit, "def f(a): pass\n\nx = 1\n\nf(1)\n", "(a)", "(a, b)") == []
    assert found(signature_kept, "def f(a): pass\n\nf(1)\n", "(a)", "(a, b)") == ["the signature of f would change"]
    assert found(signature_kept, "def f(a): pass\n\nf(1)\n", "pass", "return a") == []


@pytest.mark.parametrize(
    ("new", "unknown"),
    [
        ("C.x", []),
        ("C.y", []),
        ("C.z", ["C.z is not defined"]),
        ("D.z", ["D.z is not defined"]),
        ("E.z", []),
        ("C().z", []),
        ("[c.z for c in q]", []),
        ("0\n    c = C()\n    c.z", ["c.z is not defined"]),
        ("0\n    c = C()\n    c = q\n    c.z", []),
        ("0\n    C = q\n    C.z", []),
    ],
)
def test_members_of_known_classes(new: str, unknown: list[str]) -> None:
    text = (
        "class C:\n    x = 1\n    def m(self): self.y = 2\nclass D(C): pass\nclass E(Unknown): pass\n"
        "def f(q):\n    return 0\n"
    )
    assert found(no_new_members, text, "0", new) == unknown


def imported(new: str, text: str = "def f(x):\n    return x\n", folder: str = "/project") -> list[str]:
    world = World(["/project"])
    for path, other in (
        ("/project/shop/__init__.py", ""),
        ("/project/shop/till.py", "from decimal import Decimal\n\ndef total(): pass\n"),
        ("/project/shop/any.py", "def __getattr__(name): ...\n"),
        ("/project/plain/near.py", "x = 1\n"),
        ("/project/uses.py", "import requests\nfrom ._version import number\n"),
    ):
        world.open(path, other, 1, None)
    path = f"{folder}/a.py"
    world.open(path, text, 1, None)
    before = world.snapshot()
    start = text.index("return x")
    change = Change.one(path, [Edit(Span(start, start + len("return x")), new.encode())])
    return [one.message for one in imports_exist(before, before.after(change), change, path)]


@pytest.mark.parametrize(
    ("new", "missing"),
    [
        ("import handy", "there is no module handy"),
        ("import handy.parts as p", "there is no module handy.parts"),
        ("from handy import tool", "there is no module handy"),
        ("from shop.till import totals", "shop.till has no totals"),
        ("from . import handy", "there is no module ."),
        ("from .handy import tool", "there is no module .handy"),
        ("from shop.till import total, Decimal", ""),
        ("from shop import till", ""),
        ("from . import uses", ""),
        ("import shop.till", ""),
        ("from shop.any import whatever", ""),
        ("import json, os.path", ""),
        ("from plain import near", ""),
        ("import requests.sessions", ""),
        ("from requests import Session", ""),
        ("from ._version import number", ""),
    ],
)
def test_what_an_edit_imports_is_there(new: str, missing: str) -> None:
    assert imported(new) == ([missing] if missing else [])


def test_an_import_that_stood_there_is_not_questioned() -> None:
    assert imported("import handy as h", "import handy\n\n\ndef f(x):\n    return x\n") == []
    assert imported("return x + 1", "import handy\n\n\ndef f(x):\n    return x\n") == []
    broken = "def g(:\nimport handy\n\ndef f(x):\n    return x\n"
    assert imported("import handy as h", broken) == []


def test_beside_a_file_in_no_open_folder_nobody_looked() -> None:
    assert imported("import handy", folder="/elsewhere") == []


GO = """package shop

func add(a, b int, names ...string) int { return a + b }

func two() (int, int) { return 1, 2 }

func half(int) int { return 0 }

func total(x int) int {
	return add(x, 1)
}
"""
TS = """import { far } from "./far";
function pay(total: number, by = "card", note?: string): number { return total; }
const tip = (of: number, ...more: number[]) => of;
function shape({ x, y }: Point): number { return x; }
function over(a: string): void;
function over(a: number, b: number): void;
function over(a: any, b?: any) {}
class Till {
  add(price: number) { return this.add(price); }
  all() { return this.add(1); }
}
function ask(other: any) {
  return pay(1);
}
"""


@pytest.mark.parametrize(
    ("name", "text", "old", "new", "said"),
    [
        ("a.go", GO, "add(x, 1)", "add(x)", "add takes 2 or more arguments, 1 given"),
        ("a.go", GO, "add(x, 1)", 'add(x, 1, "a", "b")', ""),
        ("a.go", GO, "add(x, 1)", "add(two())", ""),
        ("a.go", GO, "add(x, 1)", "add(1, 2, names...)", ""),
        ("a.go", GO, "add(x, 1)", "half()", "half takes 1 argument, 0 given"),
        ("a.go", GO, "add(x, 1)", "unheard(1, 2, 3)", ""),
        ("a.ts", TS, "pay(1)", "pay()", "pay takes 1 to 3 arguments, 0 given"),
        ("a.ts", TS, "pay(1)", 'pay(1, "cash", "thanks", 4)', "pay takes 1 to 3 arguments, 4 given"),
        ("a.ts", TS, "pay(1)", "pay(...other)", ""),
        ("a.ts", TS, "pay(1)", "tip()", "tip takes 1 or more arguments, 0 given"),
        ("a.ts", TS, "pay(1)", "tip(1, 2, 3)", ""),
        ("a.ts", TS, "pay(1)", "shape()", "shape takes 1 argument, 0 given"),
        ("a.tsx", TS, "pay(1)", "shape()", "shape takes 1 argument, 0 given"),
        ("a.ts", TS, "pay(1)", "over(1, 2, 3)", ""),
        ("a.ts", TS, "pay(1)", "other.pay()", ""),
        ("a.ts", TS, "pay(1)", "far()", "far takes 1 argument, 0 given"),
        ("a.ts", TS, "this.add(1)", "this.add()", "add takes 1 argument, 0 given"),
        ("a.js", "function pay(a) {}\nfunction f() { return pay(1) }\n", "pay(1)", "pay()", ""),
    ],
)
def test_calls_outside_of_python_give_as_many_as_are_taken(name: str, text: str, old: str, new: str, said: str) -> None:
    path, world = f"/project/{name}", World(["/project"])
    world.open("/project/far.ts", "export function far(a: number) {}\n", 1, None)
    world.open(path, text, 1, None)
    before, start = world.snapshot(), text.index(old)
    change = Change.one(path, [Edit(Span(start, start + len(old)), new.encode())])
    found = [one.message for one in calls_fit(before, before.after(change), change, path)]
    assert found == ([said] if said else [])
