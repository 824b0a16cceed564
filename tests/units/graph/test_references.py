"""Who names and calls what. `⟨⟩` marks what is asked for: on a use, a declaration or a definition; all must agree.

The answer is compared by file and line; `?` behind it marks a guess, `(` a call.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dovetail.features.references import places
from dovetail.graph import Graph, Symbol, by_caller
from dovetail.graph.file import digest
from dovetail.graph.kept import keepers, promises_of
from dovetail.graph.references import alike
from dovetail.model.ask import through
from tests.units.graph.reading import read


def _asked(graph: Graph, path: str, at: int) -> Symbol:
    return (graph.defined(path, at) or graph.at(path, at)).symbols[0]


def _line(texts: dict[str, str], path: str, at: int) -> str:
    line = texts[path].encode()[:at].count(b"\n") + 1
    return f"{path[3:]}:{line}"


def _references(files: dict[str, str], mark: str = "") -> set[str]:
    project = read(files)
    graph, texts, marks = project.graph, project.texts, project.marks
    answers: list[set[str]] = []
    for path, at in marks[mark]:
        found = graph.references(_asked(graph, path, at))
        answers.append(
            {
                _line(texts, r.path, r.span.start) + ("(" if r.call else "") + ("?" if r.how == "guessed" else "")
                for r in found
            }
        )
    assert all(answer == answers[0] for answer in answers), answers
    return answers[0]


def test_what_is_named_in_one_file_is_what_is_named_there_of_all() -> None:
    files = {
        "/p/a.rb": "class A\n  def run(x)\n    x\n  end\nend\nclass B < A\n  def run(x)\n    super\n  end\nend\n",
        "/p/a.ts": "function store(x: number) { return x }\nexport { store as put, store as set }\n",
        "/p/i.ts": 'export { put as PUT } from "./a"\nexport * from "./a"\n',
        "/p/c.ts": 'import { PUT, set } from "./i"\nPUT(1); set(1)\nimport * as A from "./a"\nA.put(1)\n',
        "/p/s.py": "def price():\n    return 1\n\n\nprice()\n",
        "/p/u.py": "from s import price as p\n\nprint(p())\n",
    }
    graph = read(files).graph
    for symbol in [one for path in files for one in graph.symbols(path)]:
        found = [(one.path, one.span, one.how) for one in graph.references(symbol)]
        for path in files:
            here = [(one.path, one.span, one.how) for one in graph.references_in(path, symbol)]
            assert sorted(here, key=str) == sorted((one for one in found if one[0] == path), key=str)


_STORES = {
    "/p/a.h": "namespace a {\nclass Store {\npublic:\n  void ⟨⟩put(int x);\n};\nint ⟨f⟩size(int x);\n}\n",
    "/p/a.cpp": '#include "a.h"\nnamespace a {\nvoid Store::⟨⟩put(int x) {}\nint ⟨f⟩size(int x) { return x; }\n}\n',
    "/p/b.h": "namespace b {\nclass Store {\npublic:\n  void ⟨b⟩put(int x);\n};\nint ⟨g⟩size(int x);\n}\n",
    "/p/use.cpp": '#include "b.h"\nvoid g(b::Store &s) {\n  s.⟨b⟩put(1);\n  b::⟨g⟩size(1);\n}\n',
}


def test_two_namespaces_with_a_class_of_one_name_share_no_member() -> None:
    assert _references(_STORES) == _references(_STORES, "f") == set()
    assert _references(_STORES, "b") == {"use.cpp:3("}
    assert _references(_STORES, "g") == {"use.cpp:4("}
    project = read(_STORES)
    for mark, paths in (("", {"/p/a.h", "/p/a.cpp"}), ("b", {"/p/b.h"}), ("f", {"/p/a.h", "/p/a.cpp"})):
        path, at = project.marks[mark][0]
        assert {one.path for one in project.graph.alike(_asked(project.graph, path, at))} == paths


def test_a_body_that_does_not_say_its_namespace_is_surely_of_one_alone() -> None:
    files = {
        "/p/a.h": "namespace a {\nclass Store {\npublic:\n  void ⟨⟩put(int x);\n};\n}\n",
        "/p/a.cpp": '#include "a.h"\nusing namespace a;\nvoid Store::put(int x) {\n}\n',
    }
    two = {**files, "/p/b.h": "namespace b {\nclass Store {\npublic:\n  void put(int x);\n};\n}\n"}
    for each, hows in ((files, ["resolved", "resolved"]), (two, ["resolved", "guessed", "guessed"])):
        project = read(each)
        graph = project.graph
        (body,) = (one for one in graph.symbols("/p/a.cpp") if one.name == "put")
        assert [how for _, how in alike(graph, body)] == hows


_LIST = {
    "/p/list.h": "int ⟨⟩push(int v);\nextern int ⟨g⟩size;\n",
    "/p/list.c": '#include "list.h"\nint ⟨g⟩size = 0;\nint ⟨⟩push(int v) { return v + size; }\n',
    "/p/main.c": '#include "list.h"\nint main() {\n  ⟨⟩push(1);\n  return push(2) + ⟨g⟩size;\n}\n',
}


def test_a_declaration_and_its_definition_are_one() -> None:
    assert _references(_LIST) == {"main.c:3(", "main.c:4("}
    assert _references(_LIST, "g") == {"list.c:3", "main.c:4"}
    project = read(_LIST)
    graph, marks = project.graph, project.marks
    for path, at in marks[""]:
        assert [s.name for s, _ in graph.callers(_asked(graph, path, at))] == ["main"]
    (main,) = graph.named("main")
    assert [s.path for s, _ in graph.callees(main)] == ["/p/list.c"]
    assert [s.path for s in graph.alike(graph.named("push")[0])] == ["/p/list.c", "/p/list.h"]


def test_a_method_is_one_with_what_its_class_declares() -> None:
    files = {
        "/p/k.h": "class K {\npublic:\n  int ⟨⟩go(int a);\n  int ho() { return go(1); }\n};\n",
        "/p/k.cpp": '#include "k.h"\nint K::⟨⟩go(int b) { return b; }\nint t(K k) {\n  return k.⟨⟩go(1);\n}\n',
    }
    assert _references(files) == {"k.h:4(", "k.cpp:4("}


def test_a_static_function_is_none_of_another_file() -> None:
    files = {
        "/p/a.c": "static int ⟨⟩f(void);\nint g(void) { return f(); }\nstatic int ⟨⟩f(void) { return 1; }\n",
        "/p/b.c": "static int f(void) { return 2; }\nint h(void) { return f(); }\n",
    }
    assert _references(files) == {"a.c:2("}


def test_what_two_files_define_is_called_for_certain_in_neither() -> None:
    files = {
        "/p/io.h": "int put(int c);\n",
        "/p/unix.c": '#include "io.h"\nint ⟨⟩put(int c) { return 1; }\n',
        "/p/win.c": '#include "io.h"\nint ⟨w⟩put(int c) { return 2; }\n',
        "/p/main.c": '#include "io.h"\nint main() { return put(1); }\n',
    }
    assert _references(files) == _references(files, "w") == {"main.c:2(?"}
    elsewhere = {**files, "/p/win.c": "int ⟨w⟩put(int c) { return 2; }\n"}
    assert _references(elsewhere) == {"main.c:2("}
    assert _references(elsewhere, "w") == set()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {
                "/p/a.ts": "export default function ⟨⟩main() {}\n",
                "/p/b.ts": "import def from './a';\ndef(1);\nfunction g() { return def(2); }\n",
                "/p/c.ts": "export { default as again } from './a';\n",
                "/p/d.ts": "import { again } from './c';\nagain();\n",
                "/p/e/a.ts": "export default function other() {}\n",
                "/p/e/b.ts": "import def from './a';\ndef(1);\n",
            },
            {"b.ts:1", "b.ts:2(", "b.ts:3(", "d.ts:1", "d.ts:2("},
            id="a default export",
        ),
        pytest.param(
            {
                "/p/a.ts": "export class ⟨⟩Derived {}\n",
                "/p/b.ts": "import { Derived as D } from './a';\nnew ⟨⟩D();\nlet x: D;\n",
            },
            {"b.ts:1", "b.ts:2(", "b.ts:3"},
            id="import as",
        ),
        pytest.param(
            {
                "/p/m.py": "def ⟨⟩f(): pass\n",
                "/p/a.py": "from m import f as g\ng()\ndef h():\n    g()\n    f()\n",
                "/p/q/__init__.py": "from m import f as public\n",
                "/p/b.py": "from q import public\nimport q\n⟨⟩public()\nq.public()\n",
            },
            {"a.py:1", "a.py:2(", "a.py:4(", "q/__init__.py:1", "b.py:1", "b.py:3(", "b.py:4("},
            id="from import as",
        ),
        pytest.param(
            {
                "/p/src/lib.rs": "mod m;\nuse m::f as ff;\nfn g() { ff(); }\n",
                "/p/src/m.rs": "pub fn ⟨⟩f() {}\n",
            },
            {"src/lib.rs:2", "src/lib.rs:3("},
            id="use as",
        ),
        pytest.param(
            {"/p/src/lib.rs": "mod m { pub fn ⟨⟩f() {} }\nuse m::f as ff;\nfn g() { ff(); m::f(); }\n"},
            {"src/lib.rs:2", "src/lib.rs:3("},
            id="use as, of a module in the same file",
        ),
        pytest.param(
            {
                "/p/S.cs": "using St = A.Store;\nclass U { void t() { var s = new St(); } }\n",
                "/p/T.cs": "namespace A { public class ⟨⟩Store {} }\n",
            },
            {"S.cs:1", "S.cs:2("},
            id="using",
        ),
        pytest.param(
            {
                "/p/d.js": "function ⟨⟩q() {}\nmodule.exports = { q };\n",
                "/p/c.js": "const { q } = require('./d');\nq();\nconst d = require('./d');\nd.⟨⟩q();\n",
                "/p/e.js": "const { q: z } = require('./d');\nz();\n",
                "/p/f.js": "const { q } = require('./other');\nq();\n",
                "/p/other.js": "function q() {}\nmodule.exports = { q };\n",
            },
            {"d.js:2", "c.js:1", "c.js:2(", "c.js:4(", "e.js:1", "e.js:2("},
            id="require",
        ),
        pytest.param(
            {
                "/p/d.js": "function ⟨⟩q() {}\nmodule.exports = { run: q };\n",
                "/p/c.js": "const { run } = require('./d');\nrun();\nconst d = require('./d');\nd.run();\n",
            },
            {"d.js:2", "c.js:1", "c.js:2(", "c.js:4("},
            id="exported under another name",
        ),
        pytest.param(
            {
                "/p/d.js": "exports.⟨⟩r = function () {};\nmodule.exports.s = () => 1;\n",
                "/p/c.js": "const { r, s } = require('./d');\n⟨⟩r();\ns();\n"
                "const d = require('./d');\nd.⟨⟩r();\nd.s();\n",
            },
            {"c.js:1", "c.js:2(", "c.js:5("},
            id="defined where it is exported",
        ),
        pytest.param(
            {
                "/p/a.ts": "export namespace Geo { export function ⟨⟩dist() {}\nexport function f() { dist(); } }\n",
                "/p/b.ts": "import { Geo } from './a';\nGeo.⟨⟩dist();\nimport * as all from './a';\nall.Geo.dist();\n",
            },
            {"a.ts:2(", "b.ts:2(", "b.ts:4("},
            id="through a namespace",
        ),
        pytest.param(
            {"/p/a.ts": "namespace Geo { export class ⟨⟩P {} }\nnew Geo.⟨⟩P();\n"},
            {"a.ts:2("},
            id="a class of a namespace",
        ),
        pytest.param(
            {"/p/src/lib.rs": "mod m { pub fn ⟨⟩f() {} }\nfn g() { m::f(); }\n"},
            {"src/lib.rs:2("},
            id="through an inline module",
        ),
        pytest.param(
            {
                "/p/a.py": "class Outer:\n    class ⟨⟩Inner:\n        v = 1\n    def m(self): return self.Inner()\n",
                "/p/b.py": "from a import Outer\ndef g(): return Outer.⟨⟩Inner().v\n",
            },
            {"a.py:4(", "b.py:2("},
            id="a class of a class",
        ),
        pytest.param(
            {"/p/a.cpp": "namespace n { struct S { struct ⟨⟩T { int x; }; }; }\nint g() { n::S::T t; return 0; }\n"},
            {"a.cpp:2"},
            id="a struct of a struct",
        ),
        pytest.param(
            {
                "/p/a.ts": "export function ⟨⟩f(a: number): void;\nexport function ⟨⟩f(a: string): void;\n"
                "export function ⟨⟩f(a: any) {}\nf(1);\n",
                "/p/b.ts": "import { f } from './a';\nimport * as all from './a';\nf('');\nall.f(2);\n",
            },
            {"a.ts:4(", "b.ts:1", "b.ts:3(", "b.ts:4("},
            id="signatures of one function",
        ),
        pytest.param(
            {
                "/p/a.go": "package a\ntype T struct {\n\t⟨⟩Size int\n}\nvar Other = 1\n"
                "func t() {\n\tx := T{Size: 1}\n\tx.⟨⟩Size = 2\n\ty := map[int]int{Other: 3}\n}\n",
                "/p/b.go": "package a\ntype U struct {\n\tSize int\n}\nvar u = U{Size: 1}\n",
            },
            {"a.go:7", "a.go:8"},
            id="a field where an object is written",
        ),
        pytest.param(
            {
                "/p/m/a.go": "package m\nfunc ⟨⟩Max[K, V any](a K, b V) {}\nfunc t() { Max[int](1, 2); Max(1, 2) }\n",
                "/p/b.go": 'package b\nimport "p/m"\nfunc t() {\n\tm.Max[int](1, 2)\n\tm.Max[int, string](1, "")\n}\n',
            },
            {"m/a.go:3(", "b.go:4(", "b.go:5("},
            id="with arguments for its types",
        ),
    ],
)
def test_references(files: dict[str, str], expected: set[str]) -> None:
    assert _references(files) == expected


_MAX = {
    "/p/A.java": """
        package p;
        public class A {
          public ⟨c⟩A(int a) {}
          public ⟨d⟩A(int a, int b) {}
          static int ⟨m⟩max(int a) { return a; }
          static int ⟨n⟩max(int a, int b) { return a; }
          static void ⟨s⟩say(int a) {}
          static void ⟨t⟩say(String a) {}
          static void ⟨v⟩any(int a) {}
          static void any(int a, int b, int... more) {}
          void go() { go(1); max(1); max(1, 2); }
          void ⟨g⟩go(int a) {}
        }
        """,
    "/p/B.java": """
        package p;
        import static p.A.max;
        class B {
          void t() {
            A.max(3);
            max(3, 4);
            A a = new A(1);
            new A(1, 2).go(1);
            A.say(nobody());
            A.any(1, 2, 3);
            A.any(1);
          }
        }
        """,
}


def test_the_number_of_arguments_chooses_among_functions_of_one_name() -> None:
    assert _references(_MAX, "m") == {"A.java:11(", "B.java:5(", "B.java:2?"}
    assert _references(_MAX, "n") == {"A.java:11(", "B.java:6(", "B.java:2?"}
    assert _references(_MAX, "v") == {"B.java:11("}
    assert _references(_MAX, "g") == {"A.java:11(", "B.java:8("}
    graph = read(_MAX).graph
    go = graph.named("go")[0]
    assert next((s.name, s.signature) for s, _ in graph.callees(go)) == ("go", "void go(int a)")
    assert graph.callers(go) == []


def test_a_call_leads_to_the_function_that_its_arguments_choose() -> None:
    project = read(_MAX)
    graph, texts, marks = project.graph, project.texts, project.marks
    first, second = (_asked(graph, *marks[mark][0]) for mark in "mn")
    for line, symbol in (("A.max(3)", first), ("max(3, 4)", second)):
        at = texts["/p/B.java"].index(line) + line.index("max")
        assert graph.defined("/p/B.java", at).symbols == (symbol,)
        assert graph.at("/p/B.java", at).symbols == (symbol,)
    at = texts["/p/B.java"].index("say(")
    assert (graph.at("/p/B.java", at).how, len(graph.at("/p/B.java", at).symbols)) == ("guessed", 2)


def test_where_only_types_choose_and_nobody_knows_them_each_is_a_guess() -> None:
    assert _references(_MAX, "s") == _references(_MAX, "t") == {"B.java:9(?"}
    project = read(_MAX)
    graph, marks = project.graph, project.marks
    assert graph.callers(_asked(graph, *marks["s"][0])) == []


def test_a_constructor_is_called_where_its_class_is_made() -> None:
    assert _references(_MAX, "c") == {"B.java:7("}
    assert _references(_MAX, "d") == {"B.java:8("}
    project = read(_MAX)
    graph, marks = project.graph, project.marks
    assert [s.name for s, _ in graph.callers(_asked(graph, *marks["c"][0]))] == ["t"]


def test_functions_of_one_name_in_cpp() -> None:
    files = {
        "/p/f.h": "int ⟨a⟩f(int a);\nint ⟨b⟩f(int a, int b = 0, int c = 0);\nint ⟨c⟩f(int a, int b, int c, int d);\n",
        "/p/f.cpp": '#include "f.h"\nint ⟨a⟩f(int x) { return x; }\nint ⟨b⟩f(int a, int b, int c) { return a; }\n'
        "int ⟨c⟩f(int a, int b, int c, int d) { return a; }\nint g() { return f(1, 2) + f(1, 2, 3, 4) + f(1); }\n",
        "/p/m.cpp": '#include "f.h"\nint main() {\n  f(1, 2, 3);\n  return f(1, 2, 3, 4);\n}\n',
    }
    assert _references(files, "b") == {"f.cpp:5(", "f.cpp:5(?", "m.cpp:3("}
    assert _references(files, "c") == {"f.cpp:5(", "m.cpp:4("}


def test_a_call_at_the_top_of_a_file_is_the_file_s() -> None:
    project = read({"/p/a.py": "def ⟨⟩f(): pass\n", "/p/b.py": "from a import f\nf()\ndef g(): f()\n"})
    graph, marks = project.graph, project.marks
    f = _asked(graph, *marks[""][0])
    assert {(s.kind, s.name) for s, _ in by_caller(graph.references(f), files=True)} == {
        ("module", "b.py"),
        ("function", "g"),
    }
    assert [s.name for s, _ in graph.callers(f)] == ["g"]


def test_a_name_alone_calls_in_ruby() -> None:
    files = {"/p/a.rb": "class A\n  def go\n    helper\n  end\n\n  def ⟨⟩helper; end\nend\n"}
    assert _references(files) == {"a.rb:3("}
    graph = read(files).graph
    assert [s.name for s, _ in graph.callees(graph.named("go")[0])] == ["helper"]


def test_what_is_left_out_of_the_places_is_said() -> None:
    files = {f"/p/u{n}.py": "from k import K\ndef f():\n    k = K()\n    k.go()\n    k.go()\n" for n in range(4)}
    project = read({"/p/k.py": "class K:\n    def ⟨⟩go(self): pass\n", **files})
    graph, texts, marks = project.graph, project.texts, project.marks
    go = _asked(graph, *marks[""][0])
    assert (len(through(places(graph, go)).references), through(places(graph, go)).left_out) == (8, "")
    few = through(places(graph, go, most=3))
    assert len(few.references) == 3
    assert "more than 3 places" in few.left_out
    closed = Graph(read=lambda path: texts[path].encode()).with_files(
        (path, replace(facts, tree=None, digest=digest(texts[path].encode()))) for path, facts in graph.files.items()
    )
    two = through(places(closed, go, guessed=False, parsed=2))
    assert len(two.references) == 4
    assert "in 2 files; in 2 more" in two.left_out


def test_what_a_class_includes_is_above_it() -> None:
    graph = read({"/p/a.rb": "module Mix\nend\n\nclass Base\nend\n\nclass A < Base\n  include Mix\nend\n"}).graph
    (a,) = graph.named("A")
    assert [base and base.name for _, base in graph.bases(a)] == ["Base", "Mix"]
    assert graph.derived(graph.named("Mix")[0]) == [a]
    assert [r.within for r in graph.references(graph.named("Base")[0])] == [a]


def test_a_type_is_below_the_interfaces_whose_methods_it_has() -> None:
    graph = read(
        {
            "/p/s/shape.go": "package s\ntype Named interface { Name() string }\n"
            "type Shape interface {\n\tNamed\n\tArea(scale float64) float64\n}\n",
            "/p/t/square.go": "package t\ntype Square struct{}\nfunc (s *Square) Area(x float64) float64 { return 1 }",
            "/p/t/names.go": 'package t\nfunc (s *Square) Name() string { return "" }\n'
            "type Line struct{}\nfunc (l Line) Area() float64 { return 0 }\n"
            'func (l Line) Name() string { return "" }\n',
        }
    ).graph
    (shape,), (named,) = graph.named("Shape"), graph.named("Named")
    (square,), (line,) = graph.named("Square"), graph.named("Line")
    assert keepers(graph, shape) == [square]
    assert {one.name for one in keepers(graph, named)} == {"Square", "Line"}
    assert {one.name for one in promises_of(graph, square)} == {"Named", "Shape"}
    assert promises_of(graph, line) == [named]


def test_a_promise_is_kept_by_what_embeds_what_keeps_it() -> None:
    files = {
        "/p/a/a.go": """
            package a

            type Shape interface {
                Area() float64
                Name() string
            }

            type Named interface {
                Name() string
            }

            type Base struct{}

            func (b Base) Name() string { return "" }

            type Square struct{ Base }

            func (s Square) Area() float64 { return 1 }

            type Two struct{ Square }

            type Told struct{ Named }

            type None struct{}
            """,
    }
    graph = read(files).graph
    of = {symbol.name: symbol for symbol in graph.symbols("/p/a/a.go") if not symbol.container}
    assert {one.name for one in keepers(graph, of["Shape"])} == {"Square", "Two"}
    assert {one.name for one in keepers(graph, of["Named"])} == {"Base", "Square", "Two", "Told"}
    for name, promises in {"Two": {"Shape", "Named"}, "Told": {"Named"}, "Base": {"Named"}, "None": set[str]()}.items():
        assert {one.name for one in promises_of(graph, of[name])} == promises


def test_every_keeper_is_found_however_many_types_have_such_a_method() -> None:
    types = "".join(f'type T{n} struct{{}}\n\nfunc (t T{n}) String() string {{ return "" }}\n\n' for n in range(600))
    files = {"/p/a.go": f"package a\n\n{types}", "/p/z.go": "package a\n\ntype S interface {\n\tString() string\n}\n"}
    graph = read(files).graph
    (promise,) = (symbol for symbol in graph.symbols("/p/z.go") if symbol.name == "S")
    assert len(keepers(graph, promise)) == 600
    (last,) = graph.named("T599")
    assert promises_of(graph, last) == [promise]


def test_super_calls_what_is_overridden() -> None:
    files = {
        "/p/base.rb": "class Base\n  def ⟨⟩go\n  end\n\n  def stay\n  end\nend\n",
        "/p/below.rb": "class A < Base\n  def go\n    super\n    super(1)\n  end\nend\n"
        "class Middle < Base\nend\nclass B < Middle\n  def go\n    super() + 1\n  end\n"
        "  def stay\n    super\n  end\nend\n"
        "class C < A\n  def go\n    super\n  end\nend\n",
    }
    assert _references(files) == {"below.rb:3(", "below.rb:4(", "below.rb:11("}
    graph = read(files).graph
    gos = {s.container: s for s in graph.named("go")}
    assert [(s.container, n) for s, n in graph.callees(gos["A"])] == [("Base", 2)]
    assert [(s.container, n) for s, n in graph.callees(gos["C"])] == [("A", 1)]
