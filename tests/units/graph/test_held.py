"""What is in something, by the type that is written for it. `⟨⟩` is asked, `◆` stands before the answer."""

from __future__ import annotations

import pytest

from tests.units.graph.asked import asked


@pytest.mark.parametrize(
    ("written", "use"),
    [
        ("list[A]", "for i in x: i.⟨⟩run()"),
        ("list[A]", "x[0].⟨⟩run()"),
        ("list[A]", "[i.⟨⟩run() for i in x]"),
        ("list[A]", "for n, i in enumerate(x): i.⟨⟩run()"),
        ("list[A]", "for i in sorted(x): i.⟨⟩run()"),
        ("list[A] | None", "for i in x: i.⟨⟩run()"),
        ("Iterable['A']", "for i in x: i.⟨⟩run()"),
        ("typing.List[A]", "for i in x: i.⟨⟩run()"),
        ("tuple[int, A]", "n, a = x; a.⟨⟩run()"),
        ("tuple[A, ...]", "for i in x: i.⟨⟩run()"),
        ("tuple[A, ...]", "n, a, b = x; b.⟨⟩run()"),
        ("list[tuple[int, A]]", "for n, i in x: i.⟨⟩run()"),
        ("dict[str, A]", "x['k'].⟨⟩run()"),
        ("dict[str, A]", "x.get('k').⟨⟩run()"),
        ("dict[str, A]", "for v in x.values(): v.⟨⟩run()"),
        ("dict[str, A]", "for k, v in x.items(): v.⟨⟩run()"),
        ("dict[A, str]", "for k in x: k.⟨⟩run()"),
        ("A | None", "x.⟨⟩run()"),
        ("Optional[A]", "x.⟨⟩run()"),
        ("'A'", "x.⟨⟩run()"),
    ],
)
def test_python(written: str, use: str) -> None:
    found, expected, _ = asked({"a.py": f"class A:\n    def ◆run(self): ...\ndef f(x: {written}):\n    {use}\n"})
    assert found == expected


@pytest.mark.parametrize(
    ("written", "use"),
    [
        ("type[A]", "x.⟨⟩run()"),
        ("dict[str, A]", "for k in x: k.⟨⟩run()"),
        ("tuple[int, A]", "n, a, b = x; b.⟨⟩run()"),
    ],
)
def test_what_is_of_another_type_has_no_such_member(written: str, use: str) -> None:
    found, _, _ = asked({"a.py": f"class A:\n    def run(self): ...\ndef f(x: {written}):\n    {use}\n"})
    assert found == set()


@pytest.mark.parametrize(
    ("written", "use"),
    [
        ("[]*A", "for _, v := range x { v.⟨⟩Run() }"),
        ("map[string]*A", "for _, v := range x { v.⟨⟩Run() }"),
        ("chan *A", "for v := range x { v.⟨⟩Run() }"),
        ("map[string]*A", 'v, ok := x["k"]; _ = ok; v.⟨⟩Run()'),
        ("map[string]*A", 'x["k"].⟨⟩Run()'),
        ("func() []*A", "for _, v := range x() { v.⟨⟩Run() }"),
    ],
)
def test_go(written: str, use: str) -> None:
    text = "package a\ntype A struct{}\nfunc (a *A) ◆Run() {}\nfunc all() []*A { return nil }\n"
    found, expected, _ = asked({"a.go": f"{text}func f(x {written}) {{\n{use.replace('x()', 'all()')}\n}}\n"})
    assert found == expected


@pytest.mark.parametrize(
    ("written", "use"),
    [
        ("List<A>", "for (A a : x) a.⟨⟩run();"),
        ("List<A>", "for (var a : x) a.⟨⟩run();"),
        ("A[]", "for (var a : x) a.⟨⟩run();"),
        ("A[]", "x[0].⟨⟩run();"),
        ("List<A>", "x.get(0).⟨⟩run();"),
        ("Map<String, A>", 'x.get("k").⟨⟩run();'),
        ("Map<String, A>", "for (var a : x.values()) a.⟨⟩run();"),
    ],
)
def test_java(written: str, use: str) -> None:
    found, expected, _ = asked({"A.java": f"class A {{ void ◆run() {{}}\n void t({written} x) {{ {use} }} }}\n"})
    assert found == expected
