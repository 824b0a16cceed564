"""Java, C#, PHP and Rust: nothing but the declaration, the calls and the row moves, and what comes of it compiles."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.features.actions import Edited, Refused
from tests.units.actions.test_parameter import after, done

JAVA = """interface Priced {
    int total(int cents);
}

class Cart implements Priced {
    final int size;

    Cart() {
        this(1, 2);
    }

    Cart(int size, int unused) {
        this.size = size;
    }

    @Override
    public int total(int cents) {
        return cents * size;
    }

    static int sum(int first, int... more) {
        return first + more.length;
    }

    static int all(int rate) {
        Runnable late = () -> System.out.println(sum(rate, 1, 2));
        late.run();
        return sum(1) + sum(2, 3);
    }
}

class Big extends Cart {
    Big() {
        super(9, 0);
    }

    @Override
    public int total(int cents) {
        return super.total(cents) + 1;
    }

    static int both(Priced one, Big other) {
        return one.total(1) + other.total(2) + new Cart(3, 4).size + Cart.all(5);
    }
}
"""
RUST = """pub trait Priced {
    fn total(&self, cents: u32) -> u32;
    fn twice(&self) -> u32 {
        self.total(1) * 2
    }
}

pub struct Cart {
    pub size: u32,
}

impl Cart {
    pub fn new(size: u32, _unused: u32) -> Self {
        Self { size }
    }
    pub fn sum<'a>(&'a self, more: &'a [u32]) -> u32 {
        more.iter().sum::<u32>() + self.size
    }
}

impl Priced for Cart {
    fn total(&self, cents: u32) -> u32 {
        cents * self.size
    }
}

pub fn tax(cents: u32) -> u32 {
    cents
}

pub fn both(one: &dyn Priced, rate: u32) -> u32 {
    let cart = Cart::new(1, 2);
    let late = |more: u32| tax(more) + tax(1);
    println!("{} {}", tax(1), vec![tax(2)][0]);
    one.total(1) + Cart::sum(&cart, &[rate]) + cart.sum(&[2]) + Priced::total(&cart, late(3))
}
"""
_CHANGES = [
    (JAVA, "a.java", "total(int", {"add": "rate: int = 30"}),
    (JAVA, "a.java", "sum(int", {"add": "rate: int = 30"}),
    (JAVA, "a.java", "all(int", {"add": "String name = \"a\""}),
    (JAVA, "a.java", "Cart(int", {"add": "more: long = 3L"}),
    (JAVA, "a.java", "Cart(int", {"remove": "unused"}),
    (RUST, "a.rs", "total(&", {"add": "rate: u32 = 30"}),
    (RUST, "a.rs", "tax(cents", {"add": "rate: u32 = 30"}),
    (RUST, "a.rs", "sum<", {"add": "rate: u32 = 30"}),
    (RUST, "a.rs", "new(size", {"add": "name: String = String::new()"}),
    (RUST, "a.rs", "new(size", {"remove": "_unused"}),
]  # fmt: skip


def _changed(name: str) -> list[str]:
    found: list[str] = []
    for text, path, about, data in _CHANGES:
        if path == name:
            new = after(text, done(text, about, path=f"/project/{path}", before="", **data), path=f"/project/{path}")
            assert new != text
            found.append(new)
    return found


@pytest.mark.skipif(shutil.which("javac") is None, reason="no javac is installed")
def test_java_that_is_changed_compiles(tmp_path: Path) -> None:
    files: list[str] = []
    for number, text in enumerate(_changed("a.java")):
        (tmp_path / f"p{number}").mkdir()
        files.append(f"p{number}/A.java")
        (tmp_path / files[-1]).write_text(f"package p{number};\n{text}")
    said = subprocess.run(
        ["javac", "-J-XX:TieredStopAtLevel=1", "-proc:none", "-d", "out", *files],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr


@pytest.mark.skipif(shutil.which("rustc") is None, reason="no rustc is installed")
def test_rust_that_is_changed_compiles(tmp_path: Path) -> None:
    modules = (f"pub mod p{number} {{\n{text}}}\n" for number, text in enumerate(_changed("a.rs")))
    (tmp_path / "lib.rs").write_text("".join(modules))
    said = subprocess.run(
        ["rustc", "--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "lib.rs"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr


_ROWS = {
    "java": ["/**", " * What it is.", " *", " * @param one the first", " * @return it", " */"],
    "php": ["/**", " * What it is.", " *", " * @param int $one the first", " * @return int", " */"],
    "cs": ["/// <summary>What it is.</summary>", '/// <param name="one">The first.</param>'],
    "rs": ["/// What it is."],
}
_ROW = {"java": " * @param rate The rate.", "php": " * @param int $rate The rate.",
        "cs": '/// <param name="rate">The rate.</param>'}  # fmt: skip
_NEW = {"java": "int rate", "php": "int $rate = 30", "cs": "int rate = 30", "rs": "rate: i32"}
_WRITTEN = {
    "java": ("class A {", "static int f{0} {{ return one; }}", "static int g() {{ return f{1} + A.f{2}; }}", "}"),
    "php": ("<?php class A {", "static function f{0}: int {{ return $one; }}",
            "static function g() {{ return self::f{1} + A::f{2}; }}", "}"),
    "cs": ("class A {", "static int f{0} {{ return one; }}", "static int g() {{ return f{1} + A.f{2}; }}", "}"),
    "rs": ("struct A; impl A {", "fn f{0} -> i32 {{ one }}", "fn g() -> i32 {{ Self::f{1} + A::f{2} }}", "}"),
}  # fmt: skip
_FIRST = {"java": "int one", "php": "int $one", "cs": "int one", "rs": "one: i32"}


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(sorted(_WRITTEN)), st.lists(st.booleans(), min_size=3, max_size=3), st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["\t", "  "]), st.sampled_from(["", "ä", "𝒳 $& `"]), st.booleans(),
)  # fmt: skip
def test_nothing_else_moves(
    language: str, apart: list[bool], newline: str, step: str, remark: str, documented: bool
) -> None:
    def text(new: str, given: str, row: str) -> str:
        def listed(number: int, *items: str) -> str:
            kept = [item for item in items if item]
            between = f"{newline}{step * 3}" if apart[number] else ""
            inside = f",{between or ' '}".join(kept)
            return f"({between}{inside}{newline + step if between else ''})"

        top, one, two, end = _WRITTEN[language]
        lists = (listed(0, _FIRST[language], new), listed(1, "1", given), listed(2, "/* b */ 2", given))
        rows = list(_ROWS[language])
        if row:
            rows.insert(next(n for n, line in enumerate(rows) if "param" in line) + 1, row)
        comment = [f"{step}{line}" for line in rows] if documented else []
        lines = [top, f"{step}// {remark}", *comment, *(step + line.format(*lists) for line in (one, two)), end, ""]
        return newline.join(lines)

    before, path = text("", "", ""), f"/project/a.{language}"
    result = done(before, "f(", path=path, before="", add="rate: i32 = 30" if language == "rs" else "rate: int = 30")
    left = language in ("cs", "php")
    row = _ROW.get(language, "") if documented else ""
    assert isinstance(result, Edited), result
    assert after(before, result, path=path) == text(_NEW[language], "" if left else "30", row)


@pytest.mark.parametrize(
    ("path", "text", "about", "data", "reason"),
    [
        (
            "a.java",
            "class A { void f(int a) { g(a); } void g(int a) { } int x = 1; A() { f(x++); } }",
            "f(int", {"remove": "a"}, "uses a",
        ),
        (
            "a.java",
            "class A { void g(int a) { } void f(int x) { g(x++); } }",
            "g(int", {"remove": "a"}, "may do something",
        ),
        (
            "a.java",
            "class A { void g(int... a) { } void f() { g(1); } }",
            "g(int", {"remove": "a"}, "takes what is left",
        ),
        (
            "a.java",
            "enum E { A(1); E(int a) { } }",
            "E(int", {"add": "b: int = 1"}, "values of E are made by it",
        ),
        (
            "a.java",
            "class A { public static void main(String[] a) { } }",
            "main(", {"add": "b: int = 1"}, "not in this project",
        ),
        (
            "a.java",
            "class A { A(int a) { } java.util.function.Function<Integer, A> f = A::new; }",
            "A(int", {"add": "b: int = 1"}, "handed on",
        ),
        (
            "a.java",
            "interface I { int f(int a); int g(); } class U { I i = new I() { public int "
            "f(int a) { return a; } public int g() { return 1; } }; }",
            "f(int", {"add": "b: int = 1"}, "in a class without a name",
        ),
        (
            "a.java",
            "class A { int f(int a) { return a; } int g(Object o) { return o.f(1); } }",
            "f(int", {"add": "b: int = 1"}, "may mean it",
        ),
        (
            "a.cs",
            "class A { int F(params int[] a) => 1; int G() => F(1, 2); }",
            "F(params", {"add": "b: int = 1"}, "any number",
        ),
        (
            "a.cs",
            "class A { public A(int a) { } static object F() { var x = G(new(1)); return x; } }",
            "A(int", {"add": "b: int"}, "is not said there",
        ),
        (
            "a.php",
            "<?php function f($a) { return func_get_args(); } f(1);",
            "f($a", {"add": "b"}, "uses func_get_args",
        ),
        (
            "a.php",
            "<?php function f($a) { return 1; } call_user_func('f', 1);",
            "f($a", {"add": "b = 1"}, "name in a text",
        ),
        (
            "a.php",
            "<?php function f($a) { return 1; } f(...$x);",
            "f($a", {"remove": "a"}, "nobody has counted",
        ),
        (
            "a.php",
            "<?php class A { function __construct($a) {} static function m() { return new "
            "static(1); } } class B extends A { function __construct() {} }",
            "__construct($a", {"add": "b = 1"}, "derived from A",
        ),
        (
            "a.rs",
            "fn f(a: u32) -> u32 { 1 }\nfn g() { mine!(f(1)); }\n",
            "f(a", {"add": "b: u32 = 1"}, "in a macro",
        ),
        (
            "a.rs",
            "#[no_mangle]\nfn f(a: u32) -> u32 { 1 }\n",
            "f(a", {"add": "b: u32 = 1"}, "marked no_mangle",
        ),
        (
            "a.rs",
            "fn f(a: u32) -> u32 { 1 }\nfn g(b: i64) -> u32 { f(1) }\n",
            "f(a", {"add": "b: u32"}, "no b to give",
        ),
        (
            "a.rs",
            "fn f(a: u32) -> u32 { 1 }\nfn g() -> u32 { let b; b = 1; f(1) }\n",
            "f(a", {"add": "b: u32"}, "no b to give",
        ),
    ],
)  # fmt: skip
def test_what_could_break_is_refused_in_words(
    path: str, text: str, about: str, data: dict[str, str], reason: str
) -> None:
    result = done(text, about, path=f"/project/{path}", before="", **data)
    assert isinstance(result, Refused), result
    assert reason in result.reason, result.reason
