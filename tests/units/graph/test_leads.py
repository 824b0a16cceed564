"""Types and values, members of a class and of its objects, and places that lead somewhere without a name.

`⟨⟩` is asked, `◆` stands before the answer."""

import pytest

from tests.units.graph.asked import asked


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("struct ◆Tea;\n/// Like [`Te⟨⟩a`].\nfn pour() {}\n", id="a link in documentation"),
        pytest.param("mod m { pub struct ◆Cup; }\n/// A [`Cu⟨⟩p`].\n///\n/// [`Cup`]: m::Cup\nfn f() {}\n",
                     id="a link whose name is told below"),
        pytest.param("fn f() {\n    ◆loop {\n        break⟨⟩;\n    }\n}\n", id="what `break` leaves"),
        pytest.param("fn f() {\n    ◆'out: loop {\n        loop { break⟨⟩ 'out; }\n    }\n}\n",
                     id="a loop by its label"),
        pytest.param("◆fn f() -> u8 {\n    if true { return⟨⟩ 1 }\n    2\n}\n", id="what `return` leaves"),
        pytest.param("fn f(a: u8) {\n    ◆if a == 1 {} else if⟨⟩ a == 2 {}\n}\n", id="the whole chain of conditions"),
        pytest.param("trait Warm { const ◆HEAT: u8; }\nstruct Tea;\nimpl Warm for Tea { const HE⟨⟩AT: u8 = 1; }\n",
                     id="what a trait promises"),
        pytest.param("type T = u8;\nconst ◆T: u8 = 0;\nfn f(x: u8) { match x { ⟨⟩T => {}, _ => {} } }\n",
                     id="a constant beside a type of its name"),
        pytest.param("trait T {}\nfn f(x: u8) { match x { ◆⟨⟩T => {}, _ => {} } }\n", id="a pattern binds it"),
        pytest.param("struct Pair(u8, ◆u16);\nfn f() { let p = Pair(1, 2); p.⟨⟩1; }\n", id="a field without a name"),
        pytest.param("trait Give { type ◆Gift; }\nfn f() -> impl Give<⟨⟩Gift = u8> {}\n", id="a type that is bound"),
        pytest.param("make!(◆pour);\nfn f() { ⟨⟩pour(); }\n", id="what a macro is told alone"),
        pytest.param("fn f() {\n    mod kitchen { pub struct ◆Cup; }\n    use kitchen::⟨⟩Cup;\n}\n",
                     id="an import from inside a function"),
    ],
)  # fmt: skip
def test_rust(text: str) -> None:
    found, expected, _ = asked({"a.rs": text}, leads=True)
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("class A { go() {} }\nA.⟨⟩go();\n", id="what only objects have"),
        pytest.param("class A { static ◆go() {} }\nA.⟨⟩go();\n", id="what the class has"),
        pytest.param("class A { ◆go() {} }\nnew A().⟨⟩go();\n", id="what an object has"),
        pytest.param("async function f() { return { a: 1 } }\nf().⟨⟩a;\n", id="a result that comes later"),
        pytest.param("async function f() { return { ◆a: 1 } }\n(await f()).⟨⟩a;\n", id="and was waited for"),
        pytest.param("const a = { ◆b: 1 };\na[⟨⟩'b'];\n", id="by key"),
    ],
)
def test_javascript(text: str) -> None:
    for path in ("a.js", "a.ts"):
        found, expected, _ = asked({path: text}, leads=True)
        assert found == expected, path


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("type A = number;\nlet b = ⟨⟩A;\n", id="no type is a value"),
        pytest.param("let a = 1;\nlet b: ⟨⟩a = 2;\n", id="no value is a type"),
        pytest.param("enum E { A }\nlet e: E;\ne.⟨⟩A;\n", id="what an enum lists is none of its objects'"),
        pytest.param("enum E { ◆A }\nE.⟨⟩A;\n", id="but its own"),
        pytest.param("interface V { ◆a: number }\nfunction f<X>(x: X): X { return null }\nf<V>(null).⟨⟩a;\n",
                     id="a type parameter that is given"),
        pytest.param("interface V { ◆a: number }\ndeclare let v: V;\nfunction f<X>(x: X): X { return 0 }\nf(v).⟨⟩a;\n",
                     id="a type parameter that an argument tells"),
        pytest.param("interface V { ◆a: number }\ntype Two = [number, V];\nlet t: Two;\nt[1].⟨⟩a;\n",
                     id="a name for several"),
        pytest.param("interface V { ◆a: number }\nlet f: (x: V) => V;\nf(null).⟨⟩a;\n", id="a written function"),
        pytest.param("interface V { ◆a: number }\nlet m: { [key: string]: V };\nm['x'].⟨⟩a;\n", id="any key"),
        pytest.param("namespace a.b.c { export const ◆d = 1; }\na.b.c.⟨⟩d;\n", id="a namespace of several names"),
        pytest.param("type A = A | [A];\nlet a: A;\na[0].⟨⟩b;\n", id="a name for itself"),
    ],
)  # fmt: skip
def test_typescript(text: str) -> None:
    found, expected, _ = asked({"a.ts": text}, leads=True)
    assert found == expected
