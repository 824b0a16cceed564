"""Names behind the words for a crate and its modules, and what a type is written for. `⟨⟩` is asked, `◆` the answer."""

from __future__ import annotations

import pytest

from dovetail.graph import Graph
from tests.units.graph.asked import ROOT, asked

LIB = "pub mod m;\npub fn ◆top() {}\n"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"src/lib.rs": LIB, "src/m.rs": "fn f() { crate::⟨⟩top(); }\n"}, id="the crate"),
        pytest.param({"src/lib.rs": LIB, "src/m.rs": "fn f() { super::⟨⟩top(); }\n"}, id="the module above"),
        pytest.param({"src/lib.rs": f"{LIB}fn f() {{ self::⟨⟩top(); }}\n"}, id="this module"),
        pytest.param({"src/lib.rs": f"{LIB}mod a {{ fn f() {{ super::⟨⟩top(); }} }}\n"}, id="above one inside"),
        pytest.param({"src/lib.rs": f"{LIB}mod a {{ mod b {{ fn f() {{ super::super::⟨⟩top() }} }} }}"}, id="two up"),
        pytest.param({"src/lib.rs": "mod a { fn ◆f() {} mod b { fn g() { super::⟨⟩f(); } } }\nfn f() {}\n"}, id="in"),
        pytest.param({"src/lib.rs": "pub mod m;\nfn f() { crate::m::⟨⟩g(); }\n", "src/m.rs": "pub fn ◆g() {}\n"},
                     id="a module of the crate"),
        pytest.param({"src/lib.rs": "pub mod m;\nfn f() { self::m::⟨⟩g(); }\n", "src/m.rs": "pub fn ◆g() {}\n"},
                     id="a module of this one"),
        pytest.param({"Cargo.toml": '[package]\nname = "shop"\n', "src/lib.rs": "pub mod m;\n",
                      "src/m.rs": "pub fn ◆g() {}\n", "tests/t.rs": "fn t() { shop::m::⟨⟩g(); }\n"}, id="by its name"),
        pytest.param({"src/lib.rs": "enum ◆Op {}\nimpl ⟨⟩Op { fn f() {} }\n"}, id="what is written for a type"),
        pytest.param({"src/lib.rs": "pub mod m;\npub struct ◆Op;\n", "src/m.rs": "use crate::Op;\nimpl A for ⟨⟩Op {}"},
                     id="for one of another file"),
        pytest.param({"src/lib.rs": "pub mod m;\npub trait Go { fn ◆go(&self) {} }\n",
                      "src/m.rs": "pub struct A;\nimpl crate::Go for A {}\nfn f(a: A) { a.⟨⟩go(); }\n"}, id="a trait"),
    ],
)  # fmt: skip
def test_rust(files: dict[str, str]) -> None:
    found, expected, _ = asked(files)
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("namespace B;\nclass C {}\nnew \\A\\⟨⟩C;\n", id="from the root"),
        pytest.param("namespace B;\nclass C {}\nfunction t(\\A\\⟨⟩C $c) {}\n", id="a type"),
        pytest.param("namespace B;\nclass C {}\nclass D extends \\A\\⟨⟩C {}\n", id="a base"),
        pytest.param("namespace B;\nuse A as Q;\nclass C {}\nnew Q\\⟨⟩C;\n", id="below one that is imported"),
        pytest.param("new A\\⟨⟩C;\n", id="below this one"),
        pytest.param("namespace A;\nnew namespace\\⟨⟩C;\n", id="this one"),
    ],
)
def test_php(text: str) -> None:
    found, expected, graph = asked({"a.php": "<?php\nnamespace A;\nclass ◆C {}\n", "b.php": f"<?php\n{text}"})
    assert found == expected
    at = f"<?php\n{text}".index("⟨⟩")
    assert {(s.path, s.name_span.start) for s in graph.at(f"{ROOT}/b.php", at).symbols} == expected


def test_php_knows_a_function_by_its_whole_name() -> None:
    files = {"a.php": "<?php\nnamespace A;\nfunction ◆f() {}\n", "b.php": "<?php\nnamespace B;\n\\A\\⟨⟩f();\n"}
    found, expected, _ = asked(files)
    assert found == expected


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"a.ts": "export function ◆x() {}\n", "b.ts": "export { ⟨⟩x } from './a';\n"}, id="passed on"),
        pytest.param({"a.ts": "export function ◆x() {}\n", "b.ts": "export { x as ⟨⟩y } from './a';\n"}, id="renamed"),
        pytest.param({"a.ts": "export type ◆T = {}\n", "b.ts": "export type { ⟨⟩T } from './a'\n"}, id="type"),
        pytest.param({"g.ts": "export namespace ◆Geo { export function d() {} }\n", "all.ts": "export * from './g';\n",
                      "v.ts": "import * as all from './all';\nall.⟨⟩Geo.d();\n"}, id="a namespace of another file"),
        pytest.param({"g.ts": "export namespace Geo { export function ◆d() {} }\n", "all.ts": "export * from './g';\n",
                      "v.ts": "import * as all from './all';\nall.Geo.⟨⟩d();\n"}, id="what it holds"),
        pytest.param({"d.d.ts": "declare module 'foo' { export function ◆f(): void; }\n",
                      "w.ts": "import { f } from 'foo';\n⟨⟩f();\n"}, id="a module that is only declared"),
        pytest.param({"a.tsx": "interface P { ◆title: string }\nfunction Card(p: P) { return <b/>; }\n"
                               "const z = <Card ⟨⟩title='a' />;\n"}, id="what a component is given"),
        pytest.param({"a.tsx": "interface P { ◆title: string }\nconst Card = ({ title }: P) => <b/>;\n"
                               "const z = <Card ⟨⟩title='a'></Card>;\n"}, id="taken apart"),
        pytest.param({"a.tsx": "const Card = ({ n }: { ◆n: number }) => <b/>;\nconst z = <Card ⟨⟩n={1} />;\n"},
                     id="by a type without a name"),
        pytest.param({"a.tsx": "const z = <div ⟨⟩title='a' />;\n"}, id="of the browser's own nothing is known"),
        pytest.param({"a.ts": "class A { me(): this { return this; } }\nclass B extends A { ◆x() {} }\n"
                              "new B().me().⟨⟩x();\n"}, id="a result that is the object itself"),
    ],
)  # fmt: skip
def test_typescript(files: dict[str, str]) -> None:
    found, expected, _ = asked(files)
    assert found == expected


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"a.php": "<?php\nclass A { static function make(): static { return new static; } }\n"
                               "class B extends A { function ◆m() {} }\nB::make()->⟨⟩m();\n"}, id="php"),
        pytest.param({"m.rb": "module M\n class ◆Foo; end\nend\nclass Foo; end\n", "u.rb": "M::⟨⟩Foo\n"}, id="inner"),
        pytest.param({"m.rb": "module M\n class Foo; end\nend\nclass ◆Foo; end\n", "u.rb": "::⟨⟩Foo\n"}, id="outer"),
        pytest.param({"a.c": "static int hidden(void) { return 1; }\n",
                      "b.c": "int ◆hidden(void);\nint y(void) { return ⟨⟩hidden(); }\n"}, id="a file's own function"),
        pytest.param({"a.c": "int ◆seen(void) { return 1; }\n",
                      "b.c": "int seen(void);\nint y(void) { return ⟨⟩seen(); }\n"}, id="one that others see"),
    ],
)  # fmt: skip
def test_what_merely_has_the_name(files: dict[str, str]) -> None:
    found, expected, _ = asked(files)
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("◆count = 0\ndef f():\n    global count\n    ⟨⟩count = 1\n", id="of the file"),
        pytest.param("◆count = 0\ndef f():\n    global count\n    count = 1\n    return ⟨⟩count\n", id="read"),
        pytest.param("◆count = 0\ndef f():\n    global count\n    count = 1\n⟨⟩count\n", id="read in the file"),
        pytest.param("def f():\n    global count\n    ⟨⟩◆count = 1\n", id="bound nowhere else"),
        pytest.param(
            "n = 0\ndef g():\n    ◆n = 0\n    def h():\n        nonlocal n\n        ⟨⟩n = 1\n", id="of a function"
        ),
        pytest.param(
            "def g():\n    ◆n = 0\n    def h():\n        nonlocal n\n        n = 1\n    return ⟨⟩n\n", id="after"
        ),
        pytest.param("def g(◆n):\n    def h():\n        nonlocal n\n        return ⟨⟩n\n", id="a parameter"),
        pytest.param(
            "def g():\n    ◆n = 0\n"
            "    def h():\n        n = 1\n        def i():\n            nonlocal n\n            n = 2\n"
            "    def j():\n        nonlocal n\n        return ⟨⟩n\n",
            id="and not of another function that has one",
        ),
    ],
)
def test_names_that_a_function_says_are_not_its_own(text: str) -> None:
    found, expected, _ = asked({"a.py": text})
    assert found == expected


def test_who_calls_by_such_a_path() -> None:
    files = {"src/lib.rs": "pub mod m;\npub fn ◆⟨⟩top() {}\n", "src/m.rs": "fn f() { crate::top(); super::top(); }\n"}
    found, expected, graph = asked(files)
    assert found == expected
    assert callers(graph, "/project/src/lib.rs", "top") == {"f": 2}


def callers(graph: Graph, path: str, name: str) -> dict[str, int]:
    symbol = next(one for one in graph.symbols(path) if one.name == name)
    return {caller.name: len(places) for caller, places in graph.callers(symbol)}


LIB = "lib/shop/z.rb"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({LIB: "◆class L\nend\n", "test/b.rb": "require 'shop/⟨⟩z'\n"}, id="below lib"),
        pytest.param({LIB: "◆class L\nend\n", "lib/b.rb": "require_relative 'shop/⟨⟩z'\n"}, id="beside"),
        pytest.param({LIB: "◆class L\nend\n", "lib/b.rb": "require File.join(__dir__, 'shop/⟨⟩z')\n"}, id="joined"),
        pytest.param({LIB: "◆class L\nend\n", "test/b.rb": "load File.expand_path('../lib/shop/⟨⟩z.rb', __dir__)\n"},
                     id="expanded"),
        pytest.param({LIB: "◆class L\nend\n", "lib/b.rb": "module S\n  autoload :L, 'shop/⟨⟩z'\nend\n"}, id="late"),
        pytest.param({LIB: "class L\nend\n", "lib/shop/b.rb": "require '⟨⟩z'\n"}, id="no library lies beside"),
        pytest.param({LIB: "module S\nend\n", "lib/shop.rb": "module ◆S\n  V=1\nend\nrequire 'shop/z'\np ⟨⟩S::V\n"},
                     id="what goes on in a file that is required"),
        pytest.param({LIB: "class ◆L\nend\n", "lib/a/z.rb": "class L\nend\n", "t.rb": "require 'shop/z'\n⟨⟩L.new\n"},
                     id="of two classes the one that is required"),
    ],
)  # fmt: skip
def test_ruby(files: dict[str, str]) -> None:
    found, expected, _ = asked(files)
    assert found == expected


GO = {"go.mod": "module ex.com/m\n"}
TEST = 'package x_test\nimport "ex.com/m/x"\nfunc g() { '


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"x/x.go": "package x\nfunc F() {}\n", "x/x_test.go": f"{TEST}⟨⟩F() }}\n"}, id="nothing bare"),
        pytest.param({"x/x.go": "package x\nfunc ◆F() {}\n", "x/x_test.go": f"{TEST}x.⟨⟩F() }}\nfunc F() {{}}\n"},
                     id="what is imported"),
        pytest.param({"x/x.go": "package x\nfunc F() {}\n", "x/y_test.go": "package x_test\nfunc ◆F() {}\n",
                      "x/x_test.go": f"{TEST}⟨⟩F() }}\n"}, id="what another test has"),
        pytest.param({"x/x.go": "package x\nfunc g() { ⟨⟩F() }\n", "x/y_test.go": "package x_test\nfunc F() {}\n"},
                     id="unseen by the package"),
        pytest.param({"x/x.go": "package x\nfunc ◆F() {}\n", "x/y_test.go": "package x\nfunc g() { ⟨⟩F() }\n"},
                     id="a test inside"),
    ],
)  # fmt: skip
def test_go_tests_outside_of_their_package(files: dict[str, str]) -> None:
    found, expected, graph = asked(GO | files)
    assert found == expected
    place = next(name for name, text in files.items() if "⟨⟩" in text)
    at = files[place].replace("◆", "").index("⟨⟩")
    assert {(s.path, s.name_span.start) for s in graph.at(f"{ROOT}/{place}", at).symbols} == expected


BASE = "class Base { void help() {} void run() {} int n; }\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{BASE.replace('help', '◆help')}class Main {{ void help() {{}} "
                     "Base b = new Base() { void run() { ⟨⟩help(); } }; }", id="what it inherits"),
        pytest.param(f"{BASE.replace('run', '◆run')}class Main {{ void run() {{}} void m() {{ "
                     "go(new Base() { void run() { super.⟨⟩run(); } }); } }", id="what it overrides"),
        pytest.param(f"{BASE.replace('n;', '◆n;')}class Main {{ int n; void m() {{ "
                     "go(new Base() { void run() { this.⟨⟩n = 1; } }); } }", id="its object"),
        pytest.param(f"{BASE}class Main {{ int n; void m() {{ go(new Base() {{ int n; }}); "
                     "go(new Base() { int ◆n; void run() { this.⟨⟩n = 1; } }); } }", id="its own, of two"),
        pytest.param(f"{BASE}class Main {{ void ◆other() {{}} void m() {{ "
                     "go(new Base() { void run() { ⟨⟩other(); } }); } }", id="what is around it"),
    ],
)  # fmt: skip
def test_a_class_of_java_without_a_name(text: str) -> None:
    found, expected, graph = asked({"A.java": text})
    assert found == expected
    at = text.replace("◆", "").index("⟨⟩")
    assert {(s.path, s.name_span.start) for s in graph.at(f"{ROOT}/A.java", at).symbols} == expected


def test_what_a_class_of_java_without_a_name_overrides() -> None:
    made = "new Base() { void run() {} }; new Base() { void run() { ⟨⟩run(); } };"
    text = f"{BASE}class Main {{ void m() {{ {made} }} }}"
    _, _, graph = asked({"A.java": text})
    path = f"{ROOT}/A.java"
    base, one, two = [s for s in graph.symbols(path) if s.name == "run"]
    assert [graph.overridden(method) for method in (one, two)] == [base, base]
    assert [len(graph.references(method)) for method in (base, one, two)] == [0, 0, 1]
    assert [s.path for s in graph.derived(graph.named("Base")[0])] == [path, path]
    around = graph.enclosing(path, text.index("{ void run() {} }"))
    assert around is not None
    assert around.qualified == "Main.m"


STAR = "from m import *\n"
LISTED = "__all__ = ['area']\n__all__ += ['total']\ndef area(): pass\ndef show(): pass\n"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"m.py": "def area(): pass\n", "a.py": f"def ◆show(): pass\n{STAR}⟨⟩show()\n"}, id="has none"),
        pytest.param({"m.py": "def ◆show(): pass\n", "a.py": f"def show(): pass\n{STAR}⟨⟩show()\n"}, id="has one"),
        pytest.param({"m.py": "def ◆show(): pass\n", "a.py": f"def show(): pass\n{STAR}def f():\n    ⟨⟩show()\n"},
                     id="in a function"),
        pytest.param({"m.py": "def show(): pass\n", "a.py": f"def ◆show(): pass\n⟨⟩show()\n{STAR}"}, id="used before"),
        pytest.param({"m.py": "def show(): pass\n", "a.py": f"{STAR}def ◆show(): pass\n⟨⟩show()\n"}, id="made behind"),
        pytest.param({"m.py": LISTED, "a.py": f"def ◆show(): pass\n{STAR}⟨⟩show()\n"}, id="lists others"),
        pytest.param({"m.py": LISTED, "a.py": f"{STAR}⟨⟩show()\n"}, id="lists none of that name"),
        pytest.param({"m.py": f"{LISTED}__all__.append(x)\n".replace("show", "◆show"), "a.py": f"{STAR}⟨⟩show()\n"},
                     id="lists what nobody knows"),
        pytest.param({"m.py": "def _show(): pass\n", "a.py": f"{STAR}⟨⟩_show()\n"}, id="private"),
        pytest.param({"m.py": "__all__ = ['_show']\ndef ◆_show(): pass\n", "a.py": f"{STAR}⟨⟩_show()\n"}, id="listed"),
        pytest.param({"m.py": LISTED.replace("show", "◆show"), "a.py": "from m import show\n⟨⟩show()\n"}, id="by name"),
        pytest.param({"m.py": "def ◆show(): pass\n", "n.py": "def show(): pass\n",
                      "a.py": f"from n import *\n{STAR}⟨⟩show()\n"}, id="the last of two"),
        pytest.param({"m.py": "import os\nfrom a import *\ndef show(): pass\n",
                      "a.py": f"import os\ndef ◆show(): pass\n{STAR}⟨⟩show()\nos.path\n"}, id="each of the other"),
    ],
)  # fmt: skip
def test_an_import_of_everything_in_python(files: dict[str, str]) -> None:
    found, expected, graph = asked(files)
    assert found == expected
    at = files["a.py"].replace("◆", "").index("⟨⟩")
    assert {(s.path, s.name_span.start) for s in graph.at(f"{ROOT}/a.py", at).symbols} == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("a.php", "<?php\nclass B { function ◆f() {} }\nclass M { function f() {} function m() {"
                     " return new class extends B { function g() { $this->⟨⟩f(); } }; } }\n", id="php"),
        pytest.param("a.php", "<?php\nclass B { function ◆f() {} }\nclass M { function f() {} function m() {"
                     " return new class extends B { function f() { parent::⟨⟩f(); } }; } }\n", id="php above"),
        pytest.param("a.js", "class B { ◆f() {} }\nclass M { f() {} m() {"
                     " return class extends B { g() { this.⟨⟩f(); } }; } }\n", id="javascript"),
        pytest.param("a.js", "class B { f() {} }\nclass M { f() {} m() {"
                     " use(class extends B { ◆f() {} g() { this.⟨⟩f(); } }); } }\n", id="javascript, its own"),
        pytest.param("a.js", "class B { ◆f() {} }\nexport default class extends B { f() { super.⟨⟩f(); } }\n",
                     id="javascript above"),
        pytest.param("a.ts", "class B { ◆f() {} }\nclass M { f() {} m() {"
                     " return class extends B { g() { this.⟨⟩f(); } }; } }\n", id="typescript"),
    ],
)  # fmt: skip
def test_a_class_without_a_name(path: str, text: str) -> None:
    found, expected, _ = asked({path: text})
    assert found == expected
