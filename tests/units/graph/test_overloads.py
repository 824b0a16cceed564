"""Of functions that share a name and take as many arguments, the types choose where those are plain; else all are
guesses. `⟨⟩` marks the one that is asked for; the lines that call it, `?` behind guesses."""

from __future__ import annotations

import random

import pytest

from dovetail.graph import Graph
from dovetail.text import Edit, Span
from dovetail.world import World
from tests.units.graph.test_references import _references

JAVA = """class Till {{
void ⟨t⟩put(String s) {{}}
void ⟨n⟩put(int n) {{}}
void ⟨i⟩put(Item i) {{}}
Item kept; int count;
void all(String a, final int b, Item c, long d, Object e) {{
{0}
}} }}
class Item {{}}
"""
SHARP = (
    JAVA.replace("String", "string")
    .replace("Object", "object")
    .replace("final ", "")
    .replace("void ⟨", "public void ⟨")
)
CPP = """#include <string>
class Item {{}};
void ⟨t⟩put(const std::string &s) {{}}
void ⟨n⟩put(int n) {{}}
void ⟨i⟩put(Item *i) {{}}
void all(std::string a, const int &b, Item *c, long d, void *e) {{
{0}
}}
"""


def _expected(path: str, which: str, meant: str) -> set[str]:
    return {f"{path[3:]}:7(" + "?" * (meant == "?")} if meant in (which, "?") else set()


LANGUAGES = {"/p/a.java": JAVA, "/p/a.cs": SHARP, "/p/a.cpp": CPP}


CALLS = {
    "put(a);": "t", "put(1);": "n", "put((b));": "n", "put(c);": "i", "put(new Item());": "i", "put(e);": "?",
    "put(nobody());": "?",
}  # fmt: skip


@pytest.mark.parametrize(("call", "meant"), CALLS.items())
@pytest.mark.parametrize("path", LANGUAGES)
def test_types_choose(path: str, call: str, meant: str) -> None:
    for which in ("t", "n", "i"):
        assert _references({path: LANGUAGES[path].format(call)}, which) == _expected(path, which, meant), which


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        ("var x = 1; put(x);", "n"),
        ("var x = new Item(); put(x);", "i"),
        ('put("a");', "t"),
        ("put(this.nobody);", "?"),
        ("put(kept);", "i"),
        ("put(count);", "n"),
        ("int[] many = null; put(many);", "?"),
        ("for (String one : nobody()) { put(one); }", "t"),
        ("put((String) e);", "t"),
    ],
)
def test_declared_names_of_java(call: str, meant: str) -> None:
    for which in ("t", "n", "i"):
        expected = _expected("/p/a.java", which, meant)
        assert _references({"/p/a.java": JAVA.format(call)}, which) == expected, which


def test_what_text_is_never_a_number_although_the_rest_is_not_plain() -> None:
    text = "class A { void ⟨⟩f(String s, Object o) {} void ⟨n⟩f(int n, Object o) {}\nvoid g(A a) { f(1, h()); } }\n"
    assert _references({"/p/A.java": text}, "n") == {"A.java:2("}
    assert _references({"/p/A.java": text}) == set()


def test_a_text_of_cpp_is_no_number_but_may_be_a_truth() -> None:
    text = '#include <string>\nvoid ⟨⟩f(std::string s); void ⟨n⟩f({} n);\nvoid g() {{ f("a"); }}\n'
    assert _references({"/p/a.cpp": text.format("int")}) == {"a.cpp:3("}
    assert _references({"/p/a.cpp": text.format("bool")}, "n") == {"a.cpp:3(?"}


def test_a_wider_number_is_not_known_to_be_meant() -> None:
    text = "class A { void ⟨⟩f(long s) {} void ⟨n⟩f(double n) {}\nvoid g(A a) { f(1); } }\n"
    assert _references({"/p/A.java": text}, "n") == _references({"/p/A.java": text}) == {"A.java:2(?"}


def _hops(graph: Graph, path: str) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = {}
    for symbol in graph.symbols(path):
        spot = graph.hops.spot(graph, path, symbol.name_span.start)
        assert spot is not None
        found[symbol.name_span.start] = [(hop.spot.place, hop.relation) for hop in graph.hops.of(graph, spot)[0]]
    return found


def test_a_step_in_the_graph_leads_where_a_search_for_callers_does() -> None:
    text = (
        "class A { int n; void f(String s) {} void f(int n) {} void f(A a) {}\n"
        'void one() { f("a"); }\nvoid two() { f(n); }\nvoid three() { f("a"); f(1); }\nvoid four() { f(x()); } }\n'
    )
    world = World(["/p"])
    world.open("/p/A.java", text, 0, None)
    graph = world.snapshot().graph
    symbols = graph.symbols("/p/A.java")
    for symbol in [one for one in symbols if one.kind == "method"]:
        callers = {s.name_span.start for s, _ in graph.callers(symbol) if symbol.name == "f"}
        steps = _hops(graph, "/p/A.java")[symbol.name_span.start]
        assert {at for at, how in steps if how == "caller"} == callers
        named = {at for at, how in steps if how == "named"} - {s.name_span.start for s in symbols if s.name in "An"}
        assert named == {s.name_span.start for s, _ in graph.callees(symbol) if s.name == "f"}


@pytest.mark.parametrize("seed", range(3))
def test_such_steps_follow_what_the_types_become(seed: int) -> None:
    chance = random.Random(seed)
    text = (
        "class A { int n; void f(String s) {} void f(int n) {} void f(A a, int b) {}\n"
        'void one() { f("a"); f(n); }\nvoid two(String b) { f(b); f(n); } }\n'
    )
    world = World(["/p"])
    world.open("/p/A.java", text, 0, None)
    for version in range(1, 40):
        data = world.snapshot().files["/p/A.java"].document.data
        words = [b"String", b"int", b"A a", b"n", b'"a"', b", int b"]
        old = chance.choice(words)
        at = data.find(old, chance.randrange(len(data)))
        if at >= 0:
            edit = Edit(Span(at, at + len(old)), chance.choice(words))
            world.edit("/p/A.java", version, [lambda _, edit=edit: edit])
        graph = world.snapshot().graph
        fresh = Graph().with_file("/p/A.java", graph.files["/p/A.java"])
        assert _hops(graph, "/p/A.java") == _hops(fresh, "/p/A.java")
