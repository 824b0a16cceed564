"""What is not of the project is no file of it that merely has its name; what is, is found wherever it lies."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest

from dovetail.graph import FileFacts
from dovetail.graph.modules import modules
from dovetail.syntax import Tree, language_for
from dovetail.text import Document
from dovetail.world import World

ROOT = "/project"


def _world(files: Mapping[str, str], order: tuple[str, ...] = ()) -> World:
    here = World([ROOT])
    for name in order or files:
        if (language := language_for(name)) is not None:
            document = Document.of(files[name])
            here.learn([(f"{ROOT}/{name}", FileFacts.of(Tree.parse(language, document)), document.data)])
    told = {f"{ROOT}/{name}": text.encode() for name, text in files.items() if language_for(name) is None}
    here.configure(ROOT, told)
    return here


def leads(files: Mapping[str, str], path: str, name: str) -> str | None:
    found = modules(_world(files).snapshot().graph, f"{ROOT}/{path}", name)
    return found[0].removeprefix(f"{ROOT}/") if found else None


@pytest.mark.parametrize(
    ("importing", "name", "file", "expected"),
    [
        pytest.param("app/c.py", "requests", "tests/fakes/requests.py", None, id="a fake of a package"),
        pytest.param("tests/fakes/test_c.py", "requests", "tests/fakes/requests.py", "tests/fakes/requests.py",
                     id="beside a script"),
        pytest.param("app/c.py", "os.path", "lib/os/path.py", None, id="of the standard library"),
        pytest.param("app/c.py", "json", "app/json.py", "app/json.py", id="called as one of the standard library"),
        pytest.param("app/c.py", "json", "lib/json.py", None, id="called as one of the standard library, elsewhere"),
        pytest.param("app/deep/c.py", "queue", "queue.py", "queue.py", id="called as one of it, at the root"),
        pytest.param("app/c.py", "platform.linux", "app/platform/linux.py", "app/platform/linux.py", id="in a folder"),
        pytest.param("app/c.py", "sys", "app/sys.py", None, id="of the standard library, never looked for"),
        pytest.param("z/a.py", "utils", "x/utils.py", None, id="elsewhere"),
        pytest.param("app/core/a.py", "utils", "utils.py", "utils.py", id="at the root"),
        pytest.param("app/core/a.py", "app.core.b", "app/core/b.py", "app/core/b.py", id="folders that are packages"),
        pytest.param("tests/test_a.py", "shop.a", "src/shop/a.py", "src/shop/a.py", id="below src"),
        pytest.param("backend/tests/test_a.py", "app.a", "backend/app/a.py", "backend/app/a.py", id="of one above"),
        pytest.param("tests/deep/test_a.py", "helpers", "tests/helpers.py", "tests/helpers.py", id="above"),
    ],
)  # fmt: skip
def test_python(importing: str, name: str, file: str, expected: str | None) -> None:
    assert leads({importing: "", file: ""}, importing, name) == expected


def test_a_folder_that_a_package_is_imported_from_is_a_root_for_all() -> None:
    files = {
        "tools/run.py": "",
        "python/shop/__init__.py": "from shop.a import A\n",
        "python/shop/a.py": "class A: ...",
    }
    assert leads(files, "tools/run.py", "shop.a") == "python/shop/a.py"
    assert leads({**files, "python/shop/__init__.py": ""}, "tools/run.py", "shop.a") is None
    assert leads({**files, "python/shop/__init__.py": "", "python/setup.py": ""}, "tools/run.py", "shop.a")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["core/shop/__init__.py", "core/shop/a.py"], ["core/shop/a.py"]),
        (["core/shop/__init__.py", "core/shop/a.py", "old/shop/__init__.py", "old/shop/a.py"], []),
        (["fakes/shop/a.py"], []),
    ],
)
def test_the_one_package_of_a_name_is_a_guess(files: list[str], expected: list[str]) -> None:
    main = "from shop.a import price\n\nprint(price())\n"
    graph = _world({"cli/run.py": main, **dict.fromkeys(files, "def price(): ...\n")}).snapshot().graph
    place = f"{ROOT}/cli/run.py", main.index("price\n")
    assert not graph.defined(*place)
    assert not graph.at(*place)
    found = graph.perhaps(*place)
    assert found.how == "guessed"
    assert [symbol.path.removeprefix(f"{ROOT}/") for symbol in found.symbols] == expected


def test_a_package_knows_itself_by_its_name() -> None:
    files = {"lib/json/__init__.py": "", "lib/json/scanner.py": "", "app/other.py": ""}
    assert leads(files, "lib/json/__init__.py", "json.scanner") == "lib/json/scanner.py"
    assert leads(files, "app/other.py", "json.scanner") is None
    within = {"app/__init__.py": "", "app/json.py": "", "app/other.py": ""}
    assert leads(within, "app/other.py", "json") is None


@pytest.mark.parametrize("told", ["pyproject.toml", "setup.cfg"])
def test_beside_the_file_of_a_project_lie_its_modules(told: str) -> None:
    files = {"packages/core/shop/__init__.py": "", "packages/core/shop/a.py": "", "packages/cli/run.py": ""}
    assert leads(files, "packages/cli/run.py", "shop.a") is None
    assert leads({**files, f"packages/core/{told}": ""}, "packages/cli/run.py", "shop.a") == "packages/core/shop/a.py"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_whatever_order_files_become_known(order: tuple[int, ...]) -> None:
    files = {"app/c.py": "import json\nfrom app.a import A\n", "app/__init__.py": "", "app/a.py": "class A: ..."}
    graph = _world(files, tuple(list(files)[n] for n in order)).snapshot().graph
    assert modules(graph, f"{ROOT}/app/c.py", "app.a") == (f"{ROOT}/app/a.py",)
    assert modules(graph, f"{ROOT}/app/c.py", "json") == ()


GO = {
    "go.mod": "module ex.com/m\n",
    "m.go": "package m\nfunc Root() {}\n",
    "internal/errors/e.go": "package errors\nfunc New() {}\n",
    "vendor/github.com/x/y/y.go": "package y\nfunc Y() {}\n",
    "cmd/main.go": 'package main\nimport "ex.com/m"\nfunc main() { m.Root() }\n',
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("errors", None),
        ("ex.com/m/internal/errors", "internal/errors/e.go"),
        ("ex.com/m", "m.go"),
        ("github.com/x/y", "vendor/github.com/x/y/y.go"),
        ("github.com/z/errors", None),
    ],
)
def test_go(name: str, expected: str | None) -> None:
    assert leads(GO, "cmd/main.go", name) == expected


def test_go_before_its_module_is_known() -> None:
    files = {name: text for name, text in GO.items() if name != "go.mod"}
    assert leads(files, "cmd/main.go", "errors") is None
    assert leads({"m/log/l.go": "package log\n", "m/x.go": "package m\n"}, "m/x.go", "net/log") is None
    assert leads({"m/log/l.go": "package log\n", "m/x.go": "package m\n"}, "m/x.go", "ex.com/m/log") == "m/log/l.go"
    place = {"src/ex.com/m/log/l.go": "package log\n", "src/ex.com/m/x.go": "package m\n"}
    assert leads(place, "src/ex.com/m/x.go", "ex.com/m/log") == "src/ex.com/m/log/l.go"


def test_the_package_at_the_root_of_a_module_of_go() -> None:
    graph = _world(GO).snapshot().graph
    at = GO["cmd/main.go"].index("Root")
    for found in (graph.defined(f"{ROOT}/cmd/main.go", at), graph.at(f"{ROOT}/cmd/main.go", at)):
        assert [symbol.path for symbol in found.symbols] == [f"{ROOT}/m.go"]


@pytest.mark.parametrize("suffix", ["ts", "js", "tsx"])
def test_a_bare_name_is_no_file_beside(suffix: str) -> None:
    files = {f"a/fs.{suffix}": "export function readFile() {}\n", f"a/u.{suffix}": ""}
    assert leads(files, f"a/u.{suffix}", "fs") is None
    assert leads(files, f"a/u.{suffix}", "./fs") == f"a/fs.{suffix}"


@pytest.mark.parametrize("suffix", ["c", "cpp"])
@pytest.mark.parametrize(
    ("line", "header", "expected"),
    [
        ("<string.h>", "inc/string.h", None),
        ('"string.h"', "inc/string.h", "inc/string.h"),
        ("<shop/item.h>", "include/shop/item.h", "include/shop/item.h"),
        ("<item.h>", "include/item.h", "include/item.h"),
        ("<shop/item.h>", "shop/item.h", "shop/item.h"),
        ("<item.h>", "src/item.h", None),
    ],
)
def test_headers(suffix: str, line: str, header: str, expected: str | None) -> None:
    path = f"{ROOT}/src/main.{suffix}"
    text = f"#include {line}\nint main() {{ return pour(1); }}\n"
    graph = _world({f"src/main.{suffix}": text, header: "int pour(int cups);\n"}).snapshot().graph
    found = [symbol.path.removeprefix(f"{ROOT}/") for symbol in graph.at(path, text.index("pour")).symbols]
    assert found == ([expected] if expected else [])


def test_a_crate_by_its_own_name() -> None:
    for quote in "\"'":
        files = {
            "Cargo.toml": f"[package]\nname = {quote}my-shop{quote}\n",
            "src/lib.rs": "pub mod m;\n",
            "src/m.rs": "",
        }
        assert leads({**files, "tests/t.rs": ""}, "tests/t.rs", "my_shop::m") == "src/m.rs"
