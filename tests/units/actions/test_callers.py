"""What calls give a function: which argument goes where, and that nothing they give is refused."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.features.actions import Edited, Request, validate
from dovetail.features.actions.validation.callers import Callers, callers
from dovetail.features.actions.validation.reading import Function, read
from dovetail.graph import FileFacts
from dovetail.graph.file import digest
from dovetail.model.ask import run, through
from dovetail.syntax import Tree, language_for
from dovetail.text import Document, Span
from dovetail.world import Selection, Snapshot, World
from tests.scripted import NO_MODEL, no_linter


def opened(files: dict[str, str]) -> Snapshot:
    world = World(["/project"])
    for path, text in files.items():
        world.open(f"/project/{path}", text, 1, None)
    return world.snapshot()


def told(snapshot: Snapshot, path: str, name: str) -> Callers:
    symbol = next(s for s in snapshot.graph.symbols(f"/project/{path}") if s.name == name and s.kind != "class")
    function = read(snapshot, f"/project/{path}", symbol.name_span.start)
    assert isinstance(function, Function)
    return through(callers(snapshot, function))


def values(known: Callers) -> list[tuple[str, str]]:
    return sorted((one.name, one.value or one.type) for one in known.given if one.type)


@pytest.mark.parametrize(
    ("path", "text", "name", "expected"),
    [
        (
            "a.py",
            "def f(a, /, b=1, *rest, c=2):\n    print(a)\n\nf(3, 4, 5, c=6)\n",
            "f",
            [("a", "3"), ("b", "4"), ("c", "6")],
        ),
        ("a.py", "def f(a, b=1):\n    print(a)\n\nf('x')\n", "f", [("a", "'x'"), ("b", "1")]),
        ("a.py", "def f(a, b):\n    print(a)\n\nf(*x, 1)\nf(2, *x)\nf(b=3, **y)\n", "f", [("a", "2"), ("b", "3")]),
        (
            "a.py",
            "def f(a):\n    print(a)\n\nf(x for x in [])\nf([x for x in []])\nf((1))\nf({1: 2})\nf(len(a))\n",
            "f",
            [("a", "1"), ("a", "dict"), ("a", "int"), ("a", "list")],
        ),
        (
            "a.py",
            "class A:\n    @classmethod\n    def f(cls, a):\n        print(a)\n\nA.f(1)\nA().f(2)\n",
            "f",
            [("a", "1"), ("a", "2")],
        ),
        ("a.py", "class A:\n    @staticmethod\n    def f(a):\n        print(a)\n\nA.f(1)\n", "f", [("a", "1")]),
        ("a.py", "class A:\n    def f(self, a):\n        self.f(1)\n\nA.f(A(), 2)\n", "f", [("a", "1")]),
        (
            "a.py",
            "NONE = None\nTWICE = 1\nTWICE = 2\n\ndef f(a):\n    print(a)\n\nf(NONE)\nf(TWICE)\n",
            "f",
            [("a", "None")],
        ),
        ("a.py", "def f(a):\n    print(a)\n\nf(1\n", "f", []),
        (
            "a.py",
            "if x:\n    def f(a):\n        print(a)\nelse:\n    def f(a):\n        print(a, a)\n\nf(1)\n",
            "f",
            [],
        ),
        (
            "a.ts",
            "function f(this: Window, a: string, b = 1) {\n  return a;\n}\nf('x');\n",
            "f",
            [("a", "'x'"), ("b", "1")],
        ),
        (
            "a.ts",
            "const f = (a: any, b?: any) => {\n  return a.b;\n};\nf(`x`, ...c);\nf(null);\n",
            "f",
            [("a", "`x`"), ("a", "null"), ("b", "undefined")],
        ),
        (
            "a.go",
            'package a\n\nimport "errors"\n\nvar e = errors.New("")\n\nfunc F(a, b int, c *T) error {\n\t_ = 1 / b\n\t'
            "return nil\n}\n\nfunc G() {\n\tF(1, -2, nil)\n}\n",
            "F",
            [("a", "1"), ("b", "-2"), ("c", "nil")],
        ),
        (
            "A.java",
            "class A {\n  A(String a, int b) {\n    a.length();\n  }\n  A x() {\n    return new A(null, -1);\n  }\n}\n",
            "A",
            [("a", "null"), ("b", "-1")],
        ),
        (
            "A.cs",
            "class A {\n  void F(string a, int b = 1) {\n    var n = a.Length;\n  }\n  void G() {\n"
            '    F(b: /* why */ 2, a: null);\n    F("x");\n  }\n}\n',
            "F",
            [("a", '"x"'), ("a", "null"), ("b", "2")],
        ),
        (
            "a.php",
            "<?php\nclass A {\n  function __construct($a, $b) {\n    $a->x();\n  }\n}\nnew A(b: null, a: 1);\n"
            "new A(...$c);\n",
            "__construct",
            [("a", "1"), ("b", "null")],
        ),
        (
            "a.rs",
            "struct A { n: u32 }\nimpl A {\n    fn f(&mut self, a: u32) -> u32 {\n        1 / a\n    }\n}\n"
            "fn g(a: &mut A) {\n    a.f(0);\n    A::f(a, 1);\n    assert_eq!(a.f(2), 1);\n}\n",
            "f",
            [("a", "0")],
        ),
    ],
)
def test_which_argument_goes_where(path: str, text: str, name: str, expected: list[tuple[str, str]]) -> None:
    assert values(told(opened({path: text}), path, name)) == expected


@pytest.mark.parametrize(
    ("path", "text", "errors", "worded"),
    [
        (
            "a.py",
            "def f(a):\n    print(a)\n\nwith pytest.raises((KeyError, a.TypeError)):\n    f(1)\n",
            ("KeyError", "TypeError"),
            False,
        ),
        (
            "a.py",
            "def f(a):\n    print(a)\n\nwith self.assertRaisesRegex(KeyError, 'x') as e:\n    f(1)\n",
            ("KeyError",),
            True,
        ),
        ("a.py", "def f(a):\n    print(a)\n\nself.assertRaises(KeyError, lambda: f(1))\n", ("KeyError",), False),
        ("a.py", "def f(a):\n    print(a)\n\nwith self.subTest():\n    f(1)\n", None, False),
        ("a.js", "function f(a) {\n  return a.b;\n}\nexpect(() => f(1)).toThrow();\n", (), False),
        ("a.js", "function f(a) {\n  return a.b;\n}\nexpect(() => f(1)).toThrow('words');\n", (), True),
        ("a.js", "function f(a) {\n  return a.b;\n}\nexpect(() => f(1)).not.toThrow();\n", None, False),
        (
            "a.js",
            "async function f(a) {\n  return a.b;\n}\nawait expect(f(1)).rejects.toThrow(TypeError);\n",
            ("TypeError",),
            False,
        ),
        (
            "A.java",
            "class A {\n  void f(int a) {\n    int b = 1 / a;\n  }\n  @Test(expected = X.class)\n  void g() {\n"
            "    f(1);\n  }\n}\n",
            ("X",),
            False,
        ),
        (
            "A.cs",
            "class A {\n  void F(int a) {\n    var b = 1 / a;\n  }\n  [ExpectedException(typeof(X))]\n  void G() {\n"
            "    F(1);\n  }\n}\n",
            ("X",),
            False,
        ),
        (
            "a.go",
            'package a\n\nimport "errors"\n\nvar e = errors.New("")\n\n'
            "func F(a int) error {\n\t_ = 1 / a\n\treturn nil\n"
            "}\n\nfunc G() {\n\terr := F(1)\n\tassert.Error(t, err)\n}\n",
            (),
            False,
        ),
    ],
)
def test_what_a_test_expects(path: str, text: str, errors: tuple[str, ...] | None, worded: bool) -> None:
    name = "F" if path in ("A.cs", "a.go") else "f"
    [one] = told(opened({path: text}), path, name).given
    assert (one.errors, one.worded) == (errors, worded)


def test_however_a_text_is_quoted_it_is_one() -> None:
    given = ["'a'", '"a\\n"', "'''a'''", "f'{1}'", "r'a'", "'a' f'b'", "0x10", "b'a'", "b'a' b'b'", "'' ''"]
    known = told(
        opened({"a.py": "def f(a):\n    print(a)\n\n\n" + "".join(f"f({one})\n" for one in given)}), "a.py", "f"
    )
    kinds = [one.type for one in sorted(known.given, key=lambda one: int(one.where.split(":")[1]))]
    assert kinds == ["str", "str", "str", "str", "str", "str", "int", "bytes", "bytes", "str"]


def test_an_import_under_another_name_is_followed_and_the_nearest_calls_come_first() -> None:
    files = {
        "shop/load.py": "def load(path):\n    return path.strip()\n",
        "shop/near.py": "from shop.load import load as read\n\nread(1)\n",
        "far/off.py": "import shop.load\n\nshop.load.load(2)\n",
    }
    known = told(opened(files), "shop/load.py", "load")
    assert [(one.value, one.where) for one in known.given] == [("1", "near.py:3"), ("2", "off.py:3")]


def test_calls_in_files_that_are_only_on_disk_are_read() -> None:
    text = b"import load\n\nload.f(1)\nload.A().load(2)\n"
    own = "def f(a):\n    print(a)\n\n\nclass A:\n    def load(self, path):\n        return path.strip()\n"
    world = World(["/project"], {"/project/app.py": text}.get)
    world.open("/project/load.py", own, 1, None)
    language = language_for("app.py")
    assert language is not None
    told_of = replace(FileFacts.of(Tree.parse(language, Document(text)), digest(text)), tree=None)
    world.learn([("/project/app.py", told_of, text)])
    assert values(told(world.snapshot(), "load.py", "f")) == [("a", "1")]
    assert values(told(world.snapshot(), "load.py", "load")) == [("path", "2")]


@pytest.mark.parametrize(
    ("path", "text", "read"),
    [
        ("a.py", "SIZE: int = 3\n{}if SIZE == 3 or SIZE >= 4:\n    pass\nf(SIZE)\n", True),
        ("a.py", "SIZE = 3\n{}for SIZE in 'ab':\n    pass\nf(SIZE)\n", False),
        ("a.py", "SIZE = 3\n{}SIZE += 1\nf(SIZE)\n", False),
        ("a.js", "let SIZE = 3;\n{}if (SIZE === 3) f(SIZE);\n", True),
        ("a.js", "let SIZE = 3;\n{}const g = () => {{ SIZE++; }};\nf(SIZE);\n", False),
        ("a.ts", "let SIZE = 3;\n{}export function set(v: any) {{ SIZE = v; }}\nf(SIZE);\n", False),
    ],
)
def test_a_constant_is_read_where_nothing_else_gives_it_a_value(path: str, text: str, read: bool) -> None:
    function = "def f(a):\n    print(a)\n\n" if path == "a.py" else "function f(a) {\n  return a.b;\n}\n"
    assert values(told(opened({path: text.format(function)}), path, "f")) == ([("a", "3")] if read else [])


def test_another_file_may_give_a_constant_a_value() -> None:
    files = {"a.py": "SIZE = 3\n\n\ndef f(a):\n    print(a)\n\n\nf(SIZE)\n", "b.py": "import a\n\na.SIZE = 'x'\n"}
    assert values(told(opened(files), "a.py", "f")) == []


def test_what_a_file_gives_away_by_default_or_asks_for_is_followed() -> None:
    files = {
        "a.js": "export default function f(p) {\n  return p.q;\n}\n",
        "b.js": "import g from './a.js';\ng(1);\n",
        "c.js": "function h(p) {\n  return p.q;\n}\nmodule.exports = { h };\n",
        "d.js": "const { h } = require('./c');\nh(2);\n",
    }
    assert values(told(opened(files), "a.js", "f")) == [("p", "1")]
    assert values(told(opened(files), "c.js", "h")) == [("p", "2")]


def test_a_decorator_is_known_by_its_own_name() -> None:
    text = "import functools\n\n\n@functools.{}\ndef f(a):\n    return a\n\n\nf(1)\n"
    assert values(told(opened({"a.py": text.format("cache")}), "a.py", "f")) == [("a", "1")]
    assert values(told(opened({"a.py": text.format("wraps(g)")}), "a.py", "f")) == []


def test_not_more_calls_are_read_than_there_is_time_for() -> None:
    known = told(opened({"a.py": "def f(a):\n    print(a)\n\n\n" + "f(1)\n" * 100}), "a.py", "f")
    assert (known.calls, known.more, known.all) == (64, True, False)


# ---- nothing that is given today is refused -----------------------------------------------------

_LITERALS = st.sampled_from(
    ["None", "0", "-1", "3", "0.5", "''", "'left'", "'a'", "[]", "[1]", "()", "(1, 2)", "{}", "{1: 2}", "True", "b''",
     "(1)", "lambda: 0", "not 1", "[1 for _ in 'a']"]
)  # fmt: skip
_TYPES = [
    "",
    "int",
    "float",
    "str",
    "list",
    "int | None",
    "Literal['left', 'right']",
    "Sequence[int]",
    "Callable",
    "bool",
]
_DOCS = ["", "must be positive", "must not be empty", "must be at least 1", "One of 'left', 'right'", "between 0 and 1"]
_PARAMETER = st.tuples(st.sampled_from(_TYPES), st.sampled_from(_DOCS))
_HEAD = "from collections.abc import Callable, Sequence\nfrom typing import Literal\n\n\n"
_FILES = {
    "own.py": ("", "_f", "{}\n"),
    "near.py": ("from own import _f as near\n", "near", "{}\n"),
    "package.py": ("from own import _f as passed_on\n", "passed_on", ""),
    "far.py": ("from package import passed_on\n", "passed_on", "{}\n"),
    "test_own.py": (
        "import own\nimport pytest\n", "own._f",
        "with pytest.raises(ValueError):\n    rows = {}\n    rows.index(object())\n",
    ),
    "test_rows.py": (
        "import own\nimport pytest\n", "own._f", "with pytest.raises(ValueError):\n    {}.index(object())\n",
    ),
}  # fmt: skip
"""What stands at the top of a file, what the function is called there, and how a call of it stands."""


def test_what_calls_give_today_they_give_after() -> None:
    offered = ran = 0

    @settings(max_examples=40, deadline=None, report_multiple_bugs=False)
    @given(
        st.lists(_PARAMETER, min_size=1, max_size=3),
        st.lists(
            st.tuples(st.lists(_LITERALS, min_size=3, max_size=3), st.booleans(), st.sampled_from(list(_FILES))),
            min_size=2,
            max_size=6,
        ),
        _LITERALS,
    )
    def every_call_goes_on(
        parameters: list[tuple[str, str]], calls: list[tuple[list[str], bool, str]], other: str
    ) -> None:
        nonlocal offered, ran
        offered += 1
        names = [f"p{number}" for number in range(len(parameters))]
        head = ", ".join(f"{name}: {kind}" if kind else name for name, (kind, _) in zip(names, parameters, strict=True))
        rows = "".join(f"        {name}: {said}.\n" for name, (_, said) in zip(names, parameters, strict=True) if said)
        docs = f'    """Do.\n\n    Args:\n{rows}    """\n' if rows else ""
        texts = {path: top for path, (top, _, _) in _FILES.items()}
        texts["own.py"] = (
            f"{_HEAD}def _f(free, {head}, sure: int = 3):\n{docs}    return [{', '.join(names)}]\n\n\n"
            f"CHANGED = 3\n\n\ndef change():\n    global CHANGED\n    CHANGED = {other}\n\n\nchange()\n"
            f"_f(CHANGED, {', '.join(calls[0][0][: len(names)])})\n"
        )
        for values_given, named, path in calls:
            _, called, stands = _FILES[path]
            written = (f"{name}={one}" if named else one for name, one in zip(names, values_given, strict=False))
            texts[path] += stands.format(f"{called}(1, {', '.join(written)})")
        snapshot = opened(texts)
        place = texts["own.py"].index("_f(")
        at = Selection("/project/own.py", Span(place, place))
        [offer] = validate.offer(snapshot, Request(at))
        result = asyncio.run(run(validate.make(snapshot, Request(at), offer, None), NO_MODEL, no_linter))
        assert isinstance(result, Edited)
        after = snapshot.after(result.change).file("/project/own.py")
        assert after is not None
        texts["own.py"] = after.document.text()
        with pytest.MonkeyPatch.context() as patch:
            for path, text in texts.items():
                module = ModuleType(path.removesuffix(".py"))
                patch.setitem(sys.modules, module.__name__, module)
                exec(text, vars(module))
        ran += 1

    every_call_goes_on()
    assert ran == offered >= 40
