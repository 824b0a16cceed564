"""Where a name is defined, by what expressions stand for: `⟨⟩` is asked, `◆` stands before the answer."""

import pytest

from dovetail.graph.callgraph import CallGraph, qualified
from dovetail.graph.flow import Flow
from dovetail.graph.values import Values
from dovetail.syntax import Node
from tests.units.graph.reading import Read, read


def _defined(project: Read) -> list[tuple[str, int]]:
    return sorted((found.path, found.start) for found in project.graph.flow.definitions(*project.asked))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("def f(◆count):\n    return ⟨⟩count + 1\n", id="a parameter"),
        pytest.param("def f():\n    x = 1\n    ◆x = 2\n    return ⟨⟩x\n", id="the last assignment before it"),
        pytest.param(
            "def f(a):\n    ◆x = 1\n    if a:\n        ◆x = 2\n    return ⟨⟩x\n", id="both, where one is conditional"
        ),
        pytest.param(
            "total = 1\n\n\nclass A:\n    total = 2\n\n    def f(self):\n        return ⟨⟩total\n".replace(
                "total = 1", "◆total = 1"
            ),
            id="the names of a class are not seen in its methods",
        ),
        pytest.param("class A:\n    def ◆go(self): ...\n\n\na = A()\na.⟨⟩go()\n", id="a method of an instance"),
        pytest.param(
            "class A:\n    def ◆go(self): ...\n\n\nclass B(A): ...\n\n\nB().⟨⟩go()\n", id="an inherited method"
        ),
        pytest.param(
            "class A:\n    def go(self): ...\n\n\nclass B(A): ...\n\n\nclass C(A):\n    def ◆go(self): ...\n\n\n"
            "class D(B, C): ...\n\n\nD().⟨⟩go()\n",
            id="in the order of Python's own lookup",
        ),
        pytest.param(
            "class A:\n    def ◆go(self): ...\n\n\nclass B:\n    def __init__(self, a: A):\n        self.a = a\n\n"
            "    def f(self):\n        self.a.⟨⟩go()\n",
            id="a field whose value is a parameter of a written type",
        ),
        pytest.param(
            "class A:\n    def ◆go(self): ...\n\n\ndef make():\n    return A()\n\n\nmake().⟨⟩go()\n",
            id="what a function returns",
        ),
        pytest.param(
            "class A:\n    def ◆go(self): ...\n\n\ndef make() -> A: ...\n\n\nmake().⟨⟩go()\n",
            id="what a function says that it returns",
        ),
        pytest.param(
            "class A:\n    def ◆go(self): ...\n\n\nclass B:\n    @property\n    def a(self):\n        return A()\n\n\n"
            "B().a.⟨⟩go()\n",
            id="a property",
        ),
        pytest.param(
            "class A:\n    def ◆go(self): ...\n\n\nfor a in [A()]:\n    a.⟨⟩go()\n", id="the elements of a list"
        ),
        pytest.param(
            "class A:\n    def ◆go(self): ...\n\n\nmade = {'a': A(), 'b': 1}\nmade['a'].⟨⟩go()\n", id="under a key"
        ),
        pytest.param("class A:\n    def ◆go(self): ...\n\n\nx, (y, z) = 1, (2, A())\nz.⟨⟩go()\n", id="taken apart"),
        pytest.param(
            "class A:\n    def ◆go(self): ...\n\n\ndef each():\n    yield A()\n\n\nfor a in each():\n    a.⟨⟩go()\n",
            id="what a generator yields",
        ),
        pytest.param("def f(*, ◆loud=False): ...\n\n\nf(⟨⟩loud=True)\n", id="a parameter by its name"),
        pytest.param(
            "class A:\n    def go(self): ...\n\n\nclass B(A):\n    def go(self):\n        super().⟨⟩go()\n".replace(
                "class A:\n    def go", "class A:\n    def ◆go"
            ),
            id="what the class above has",
        ),
        pytest.param("def f():\n    return ⟨⟩missing\n", id="nothing, where there is nothing"),
        pytest.param("def f(a):\n    return a.⟨⟩go()\n\n\nclass B:\n    def go(self): ...\n", id="no guess by name"),
    ],
)
def test_python(text: str) -> None:
    project = read({"/p/a.py": text})
    assert _defined(project) == project.answers


def test_imports_are_followed_to_their_end() -> None:
    project = read(
        {
            "/p/main.py": "from shop import Basket as B\n\nB().⟨⟩add()\n",
            "/p/shop/__init__.py": "from .basket import *\n",
            "/p/shop/basket.py": "class Basket:\n    def ◆add(self): ...\n",
        }
    )
    assert _defined(project) == project.answers


@pytest.mark.parametrize("other", ["a", "b"])
def test_a_circle_of_imports_ends(other: str) -> None:
    """Each asks the other one for a name, and has one of its own where that has none."""
    text = "class A:\n    def go(self): ...\n\n\ntry:\n    from {} import a\nexcept ImportError:\n    a = A()\n"
    files = {"/p/a.py": text.format(other).replace("go", "◆go") + "a.⟨⟩go()\n", "/p/b.py": text.format("a")}
    project = read(files)
    assert [place for place in _defined(project) if place[0] == project.asked[0]] == project.answers


def test_a_circle_ends() -> None:
    text = "def f(n):\n    return g(n)\n\n\ndef g(n):\n    return f(n)\n\n\nf(1).⟨⟩x\n"
    assert _defined(read({"/p/a.py": text})) == []


def _calls(text: str) -> set[tuple[str, str]]:
    graph = read({"/p/main.py": text}).graph
    flow = Flow(graph, graph.tree)
    names = {"/p/main.py": "main"}
    edges = CallGraph(flow, ("/p/main.py",)).edges
    return {(qualified(flow, e.caller, names), qualified(flow, e.callee, names)) for e in edges}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "def ring(bell):\n    bell()\n\n\ndef ding(): ...\n\n\nring(ding)\n",
            {("main", "main.ring"), ("main.ring", "main.ding")},
            id="a function that is passed",
        ),
        pytest.param(
            "def loud(f):\n    def shout():\n        return f()\n    return shout\n\n\n"
            "@loud\ndef hello(): ...\n\n\nhello()\n",
            {("main", "main.loud"), ("main", "main.loud.shout"), ("main.loud.shout", "main.hello")},
            id="a decorator",
        ),
        pytest.param(
            "class A:\n    def __init__(self): ...\n    def __iter__(self): return self\n"
            "    def __next__(self): ...\n\n\nfor one in A(): ...\n",
            {("main", "main.A.__init__"), ("main", "main.A.__iter__"), ("main", "main.A.__next__")},
            id="what a loop calls",
        ),
        pytest.param(
            "twice = lambda f: f()\n\n\ndef ding(): ...\n\n\ntwice(ding)\n",
            {("main", "main.<lambda1>"), ("main.<lambda1>", "main.ding")},
            id="a function without a name",
        ),
    ],
)
def test_who_calls_whom(text: str, expected: set[tuple[str, str]]) -> None:
    assert _calls(text) == expected


def test_functions_that_call_one_another_twice_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = "".join(f"def f{n}(a):\n    return f{n + 1}(f{n + 1}(a)) or f{n + 1}(a)\n\n\n" for n in range(14))
    text = f"class A:\n    def ◆go(self): ...\n\n\n{chain}def f14(a):\n    return A()\n\n\nf0(1).⟨⟩go()\n"
    project = read({"a.py": text})
    looked, evaluate = list[str](), Flow._value

    def counted(flow: Flow, where: str, node: Node) -> Values:
        looked.append(where)
        return evaluate(flow, where, node)

    monkeypatch.setattr(Flow, "_value", counted)
    found = project.graph.defined(*project.asked)
    assert [(s.path, s.name_span.start) for s in found.symbols] == project.answers
    assert len(looked) < 500


def test_what_was_cut_short_by_a_circle_is_whole_when_it_is_asked_for_alone() -> None:
    text = """
    class A:
        def ◆go(self): ...

    def one(a):
        return two(a) if a else A()

    def two(a):
        return one(a) if a else None

    one(1)
    two(1).⟨⟩go()
    """
    project = read({"a.py": text})
    path, offset = project.asked
    project.graph.defined(path, offset - len("two(1).") - len("one(1)\n"))
    found = project.graph.defined(path, offset)
    assert [(s.path, s.name_span.start) for s in found.symbols] == project.answers
