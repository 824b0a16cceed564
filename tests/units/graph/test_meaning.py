"""What a name means. `⟨⟩` marks the name that is asked for."""

import pytest

from tests.units.graph.reading import read


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"/p/a.py": "def f(): pass\n⟨⟩f()"}, ("/p/a.py", "f", "resolved"), id="same file"),
        pytest.param(
            {"/p/a.py": "from b import f\n⟨⟩f()", "/p/b.py": "def f(): pass"},
            ("/p/b.py", "f", "resolved"),
            id="imported",
        ),
        pytest.param(
            {"/p/a.py": "from b import f as g\n⟨⟩g()", "/p/b.py": "def f(): pass"},
            ("/p/b.py", "f", "resolved"),
            id="imported under another name",
        ),
        pytest.param(
            {"/p/a.py": "import b.c\nb.c.⟨⟩f()", "/p/b/__init__.py": "", "/p/b/c.py": "def f(): pass"},
            ("/p/b/c.py", "f", "resolved"),
            id="through a module",
        ),
        pytest.param(
            {
                "/p/q/__init__.py": "from .b import f",
                "/p/q/b.py": "def f(): pass",
                "/p/a.py": "from q import f\n⟨⟩f()",
            },
            ("/p/q/b.py", "f", "resolved"),
            id="re-exported",
        ),
        pytest.param(
            {"/p/q/__init__.py": "", "/p/q/a.py": "from ..r import f\n⟨⟩f()", "/p/r.py": "def f(): pass"},
            ("/p/r.py", "f", "resolved"),
            id="relative",
        ),
        pytest.param(
            {"/p/a.py": "from b import *\n⟨⟩f()", "/p/b.py": "def f(): pass"},
            ("/p/b.py", "f", "resolved"),
            id="imported with a star",
        ),
        pytest.param(
            {
                "/p/a.py": """
                class A:
                    def f(self): pass
                class B(A):
                    def g(self):
                        self.⟨⟩f()
                """
            },
            ("/p/a.py", "A.f", "resolved"),
            id="inherited method",
        ),
        pytest.param(
            {
                "/p/a.py": "from b import A\nclass B(A):\n    def g(self):\n        self.⟨⟩f()",
                "/p/b.py": "class A:\n    def f(self): pass",
            },
            ("/p/b.py", "A.f", "resolved"),
            id="inherited from another file",
        ),
        pytest.param(
            {"/p/a.py": "def g(x):\n    return x.⟨⟩f()\nclass A:\n    def f(self): pass"},
            ("/p/a.py", "A.f", "guessed"),
            id="only the name leads there",
        ),
        pytest.param({"/p/a.py": "import logging\n⟨⟩logging.info()", "/p/q/__init__.py": "", "/p/q/logging.py": ""},
                     None, id="the standard library is not a module inside a package"),
        pytest.param({"/p/a.py": "def f(f):\n    return ⟨⟩f"}, None, id="a parameter hides it"),
        pytest.param({"/p/a.py": "def f(): pass\ndef g():\n    f = 1\n    return ⟨⟩f"}, None, id="a local hides it"),
        pytest.param({"/p/a.py": "def f(): pass\ndef g():\n    return [f for f in ⟨⟩f()]"},
                     ("/p/a.py", "f", "resolved"), id="a comprehension's first iterable is read outside of it"),
        pytest.param(
            {"/p/a.py": "class date: pass\ndef f(date: ⟨⟩date) -> None: ..."},
            ("/p/a.py", "date", "resolved"),
            id="an annotation is read outside of its function",
        ),
        pytest.param(
            {"/p/a.py": "class A:\n    def f(self): pass\nclass B(A):\n    def f(self):\n        super().⟨⟩f()"},
            ("/p/a.py", "A.f", "resolved"),
            id="what a base defines",
        ),
        pytest.param(
            {"/p/a.py": "class A:\n    x = 1\n    def g(self):\n        return ⟨⟩x\nx = 2"},
            ("/p/a.py", "x", "resolved"),
            id="a class's names are not seen in its methods",
        ),
        pytest.param(
            {"/p/a.py": "def g():\n    def f(): pass\n    ⟨⟩f()\ndef f(): pass"},
            ("/p/a.py", "g.f", "resolved"),
            id="a nested function goes first",
        ),
    ],
)  # fmt: skip
def test_a_name_means(files: dict[str, str], expected: tuple[str, str, str] | None) -> None:
    project = read(files)
    found = project.graph.at(*project.asked)
    if expected is None:
        assert not found
    else:
        symbol = found.symbols[0]
        assert (symbol.path, symbol.qualified, found.how) == expected


def test_callers_and_callees_are_counted() -> None:
    graph = read(
        {
            "/p/a.py": "def f():\n    g()\n    g()\n    h()\n",
            "/p/b.py": "from a import f\ndef k():\n    f()\n",
            "/p/c.py": "",
        }
    ).graph
    graph = graph.with_file("/p/a.py", graph.files["/p/a.py"])
    f = graph.named("f")[0]
    assert [(s.name, len(places)) for s, places in graph.callers(f)] == [("k", 1)]
    assert graph.callees(f) == []  # g and h exist nowhere
    assert [(r.path, r.call) for r in graph.references(f)] == [("/p/b.py", True), ("/p/b.py", False)]


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("print(len(x))", {"x"}),
        ("def f(a, *b, c=1, **d):\n    return a, b, c, d, e", {"e"}),
        ("import os, sys as s\nfrom a import (b, c as d)\nos, s, b, d, sys, c", {"sys", "c"}),
        ("for i, (j, *k) in []: i, j, k\nwith x as (y, z): y, z", {"x"}),
        ("try: pass\nexcept E as e: e", {"E"}),
        ("[(i := j) for j in k]\nlambda a, b=q: a + b + c", {"k", "q", "c"}),
        ("match v:\n    case [a, *b]: a, b\n    case {'k': c, **d}: c, d\n    case P(x=y) as w: y, w", {"v"}),
        ("class A[T]:\n    def f[U](self, t: T, u: U) -> W: ...", {"W"}),
        ("def f():\n    global g\n    g = 1\ng", set[str]()),
        ("from a import *\nanything", set[str]()),
        ("a = 1\n[i for i in (j for j in a)]", set[str]()),
        ("def g[*Ts, **P](a: T) -> Ts: return P\ntype A[V] = list[V]", {"T"}),
        ("with open(0) as [x, *y]: x, y", set[str]()),
        ("import date\ndef f(date: date) -> date: return date", set[str]()),
        ("x: int = 3\nx.missing\nf(key=1)", {"f"}),
        ('f"{a!r:>{b}}"', {"a", "b"}),
        ("@d\nasync def f(): await g()\n__name__", {"d", "g"}),
    ],
)
def test_names_that_exist_nowhere(text: str, unknown: set[str]) -> None:
    graph = read({"/p/a.py": text}).graph
    assert graph.unknown_names("/p/a.py") == unknown
