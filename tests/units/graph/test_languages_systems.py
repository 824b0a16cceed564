"""Go and Rust: what files define, which names exist, what a name means. `⟨⟩` marks the name."""

import pytest

from tests.units.graph.reading import definitions, outline, world_of

STORE = """
    // Package store keeps things.
    package store

    import (
        "fmt"
        http "net/http"
        _ "embed"

        "github.com/example/go-queue/v2"
        "gopkg.in/yaml.v3"
    )

    // ErrGone says that it is gone.
    var ErrGone = fmt.Errorf("gone")

    // Kinds of things.
    const (
        // Small things.
        Small Kind = iota
        Large
    )

    // Kind is how large a thing is.
    type Kind int

    type (
        // Pair is two of a kind.
        Pair[T any] struct {
            // One comes first.
            One, two T
            *Base
            http.Client
        }
        Names = map[string]int
    )

    // Keeper keeps.
    type Keeper interface {
        fmt.Stringer
        Get(key string) (int, error)
    }

    type Base struct{ id int }

    // Swap turns it around.
    func (p *Pair[T]) Swap(n int, f func(a int) error) (out []T, err error) {
        for i, v := range []T{p.One, p.two} {
            if kept, ok := any(v).(Kind); ok && kept > Kind(i) {
                out = append(out, v)
            }
        }
        switch z := any(p).(type) {
        case *Base:
            return nil, fmt.Errorf("%d %v", z.id, yaml.Node{})
        }
        local := Base{id: n}
        go func() { defer recover(); _ = local }()
    loop:
        for {
            break loop
        }
        return out, f(queue.Length + int(Large) + len(Names{}))
    }

    func Map[A, B any](in []A, f func(A) B) []B { return nil }
"""

SHAPES = """
    //! Shapes.
    use std::collections::{HashMap, hash_map::{self, Entry as Slot}};
    use std::fmt as text;
    mod other;
    extern crate serde;

    /// A square.
    ///
    /// Of any size.
    #[derive(Debug, Clone)]
    pub struct Square<T: Copy> where T: Into<f64> {
        /// How long a side is.
        pub side: T,
    }
    pub struct Unit;
    /// What has an area.
    pub trait Area<X = f64>: Clone + text::Display {
        type Output;
        fn area(&self, scale: X) -> Self::Output;
    }
    impl<T: Copy> Area<T> for Square<T> {
        type Output = T;
        /// Multiplies.
        #[inline]
        fn area(&self, scale: T) -> T {
            let Square { side, .. } = *self;
            if let Some(found) = lookup(&side) { return found; }
            match kind() {
                Kind::Small(n) | Kind::Large(n) => n,
                m @ 1..=2 if m > 1 => m,
                None => LIMIT,
                _ => { println!("{} {}", self.side, scale); serde::export(side) }
            };
            let add = |a, b: T| a + b;
            'outer: loop { break 'outer; }
            Vec::<T>::with_capacity(add(1, side));
            Square { side }.area(scale)?
        }
    }
    pub enum Kind { Small(u8), Large { size: u8 } }
    const LIMIT: u8 = 3;
    macro_rules! twice { ($x:expr) => { $x + $x } }
    fn lookup<'a>(map: &'a HashMap<u8, Slot>) -> Option<&'a u8> { hash_map::new(); twice!(1); other::find(map) }
    fn kind() -> impl Area<Output = u8> { Unit }
    #[cfg(test)]
    mod tests { use super::*; #[test] fn works() { assert_eq!(kind(), LIMIT); } }
"""


def test_go_definitions() -> None:
    assert outline("/p/store.go", STORE) == [
        "variable ErrGone", "constant Small", "constant Large", "type Kind", "class Pair", "field Pair.One",
        "field Pair.two", "field Pair.Base", "field Pair.Client", "type Names", "interface Keeper",
        "method Keeper.Get", "class Base", "field Base.id", "method Pair.Swap", "function Map",
    ]  # fmt: skip


def test_rust_definitions() -> None:
    assert outline("/p/shapes.rs", SHAPES) == [
        "class Square", "field Square.side", "class Unit", "interface Area", "type Area.Output", "method Area.area",
        "class Square", "type Square.Output", "method Square.area", "enum Kind", "field Kind.Small",
        "field Kind.Large", "field Kind.size", "constant LIMIT", "function twice", "function lookup", "function kind",
        "module tests", "function tests.works",
    ]  # fmt: skip


def test_go_signatures_documentation_and_imports() -> None:
    graph = world_of("/p/store.go", STORE).snapshot().graph
    by_name = {s.qualified: s for s in graph.symbols("/p/store.go")}
    assert by_name["Pair.Swap"].signature == ("func (p *Pair[T]) Swap(n int, f func(a int) error) (out []T, err error)")
    assert by_name["Pair.Swap"].doc == "Swap turns it around."
    assert by_name["Small"].doc == "Small things."
    assert by_name["Large"].doc == ""
    assert by_name["Pair"].doc == "Pair is two of a kind."
    assert by_name["Keeper"].signature == "type Keeper interface"
    assert by_name["Base.id"].signature == "id int"
    imports = {(i.module, i.name, i.alias) for _, i in graph.files["/p/store.go"].imports}
    assert imports == {
        ("fmt", "", "fmt"), ("net/http", "", "http"), ("embed", "", "_"),
        ("github.com/example/go-queue/v2", "", "queue"), ("gopkg.in/yaml.v3", "", "yaml"),
    }  # fmt: skip
    assert [base for base, _ in graph.bases(by_name["Pair"])] == ["Base", "http.Client"]


def test_rust_signatures_documentation_and_imports() -> None:
    graph = world_of("/p/shapes.rs", SHAPES).snapshot().graph
    by_name = {s.qualified: s for s in graph.symbols("/p/shapes.rs")}
    assert by_name["Square.area"].signature == "fn area(&self, scale: T) -> T"
    assert by_name["Square.area"].doc == "Multiplies."
    first = next(s for s in graph.symbols("/p/shapes.rs") if s.name == "Square")
    assert first.doc == "A square.\n\nOf any size."
    imports = {(i.module, i.name, i.alias) for _, i in graph.files["/p/shapes.rs"].imports}
    assert imports == {
        ("std::collections", "HashMap", "HashMap"), ("std::collections::hash_map", "", "hash_map"),
        ("std::collections::hash_map", "Entry", "Slot"), ("std", "fmt", "text"), ("other", "", "other"),
        ("serde", "", "serde"), ("super", "*", ""),
    }  # fmt: skip
    assert [base for base, _ in graph.bases(by_name["Area"])] == ["Clone", "text::Display"]


@pytest.mark.parametrize(("path", "text"), [("/p/store.go", STORE), ("/p/shapes.rs", SHAPES)])
def test_every_name_of_whole_code_is_known(path: str, text: str) -> None:
    assert world_of(path, text).snapshot().graph.unknown_names(path) == set()


@pytest.mark.parametrize(
    ("path", "text", "unknown"),
    [
        ("/p/a.go", "package p\nfunc f(x int) int { return x + y }", {"y"}),
        ("/p/a.go", "package p\nfunc f() { if x := 1; x > 0 {}; x = 2 }", {"x"}),
        ("/p/a.go", 'package p\nimport . "math"\nfunc f() float64 { return Sqrt(2) }', set()),
        ("/p/a.go", "package p\nfunc f() { strings.ToUpper(nil) }", {"strings"}),
        ("/p/a.rs", "fn f(x: u8) -> Missing { x + y }", {"Missing", "y"}),
        ("/p/a.rs", "fn f() { { let x = 1; } x }", {"x"}),
        ("/p/a.rs", "fn f() { serde::go(); anything!(at all); }", set()),
        ("/p/a.rs", "use other::*;\nfn f() { unheard_of() }", set()),
    ],
)
def test_unknown_names(path: str, text: str, unknown: set[str]) -> None:
    assert world_of(path, text).snapshot().graph.unknown_names(path) == unknown


def test_a_go_file_sees_the_files_beside_it() -> None:
    world = world_of("/p/a.go", "package p\nfunc f() { g() }")
    assert world.snapshot().graph.unknown_names("/p/a.go") == {"g"}
    world.open("/p/b.go", "package p\nfunc g() {}", 1, "go")
    assert world.snapshot().graph.unknown_names("/p/a.go") == set()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {
                "/p/shop/a.go": 'package shop\nimport "example.com/p/store"\nfunc f() { store.New().⟨⟩Get() }',
                "/p/store/store.go": "package store\nfunc New() *Store { return &Store{} }\ntype Store struct{}",
                "/p/store/get.go": "package store\nfunc (s *Store) Get() {}",
            },
            {("/p/store/get.go", "func (s *Store) Get() {}")},
            id="a method in another file of an imported package",
        ),
        pytest.param(
            {"/p/a.go": "package p\ntype T struct {\n\tname string\n}\nfunc f(all []T) {\n\t_ = all[0].⟨⟩name\n}"},
            {("/p/a.go", "name string")},
            id="what a slice holds",
        ),
        pytest.param(
            {"/p/a.go": "package p\ntype T struct {\n\tid int\n}\ntype U struct{ T }\nfunc f(u U) { _ = u.⟨⟩id }"},
            {("/p/a.go", "id int")},
            id="an embedded field",
        ),
        pytest.param(
            {
                "/p/src/lib.rs": "mod shape;\nuse crate::shape::Square;\nfn f(s: &Square) { s.⟨⟩area(); }",
                "/p/src/shape.rs": "pub struct Square;\nimpl Square {\n    pub fn area(&self) {}\n}",
            },
            {("/p/src/shape.rs", "pub fn area(&self) {}")},
            id="a module in a file of its own",
        ),
        pytest.param(
            {"/p/a.rs": "trait T {\n    fn m(&self) {}\n}\nstruct S;\nimpl T for S {}\nfn f() { let s = S; s.⟨⟩m(); }"},
            {("/p/a.rs", "fn m(&self) {}")},
            id="what a trait brings",
        ),
        pytest.param(
            {"/p/a.rs": "fn f() {\n    let x = 1;\n    let x = ⟨⟩x + 1;\n}"},
            {("/p/a.rs", "let x = 1;")},
            id="a name is seen after its declaration",
        ),
    ],
)
def test_definitions(files: dict[str, str], expected: set[tuple[str, str]]) -> None:
    assert definitions(files) == expected


@pytest.mark.parametrize(
    ("path", "text", "kept"),
    [
        ("a.h", "#ifndef A_H\n#define A_H\nint f(int n) { return n + OF; }\n#endif\n", {"OF"}),
        ("a.cpp", "#ifdef A\nint f() { return OF; }\n#endif\n", {"OF"}),
        ("A.cs", "#if DEBUG\nclass A { int F() { return Of(); } }\n#endif\n", {"Of"}),
    ],
)
def test_what_a_block_of_the_preprocessor_hangs_on_is_no_use_of_a_name(path: str, text: str, kept: set[str]) -> None:
    facts = world_of(path, text).snapshot().graph.files[path]
    assert {use.name for _, item, _ in facts for use in item.uses} == kept
