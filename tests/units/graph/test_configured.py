"""Names of modules that a configuration leads elsewhere, and packages of the workspace."""

import json
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.graph.configured import Configured, extends
from dovetail.graph.modules import modules
from dovetail.lsp.manifests import configuring
from dovetail.world import World
from tests.units.context.project import ROOT, world

CODE = "export function one() {}\n"


def project(files: Mapping[str, str]) -> World:
    """Code is read, what configures is told."""
    here = world({path.removeprefix(f"{ROOT}/"): text for path, text in files.items() if not path.endswith(".json")})
    here.configure(ROOT, {path: text.encode() for path, text in files.items() if path.endswith(".json")})
    return here


def leads(here: World, path: str, name: str) -> str | None:
    return next(iter(modules(here.snapshot().graph, path, name)), None)


def test_paths_and_base_url_of_the_nearest_configuration() -> None:
    here = project(
        {
            "/project/tsconfig.json": """{
              // where names lead
              "compilerOptions": {"baseUrl": "src", "paths": {
                "@/*": ["./*"], "@lib/special": ["lib/other.ts"], "@lib/*": ["gone/*", "lib/*"], /* an alias */
              }},
            }""",
            "/project/src/app.ts": 'import { one } from "@/lib/a";\n',
            "/project/src/lib/a.ts": CODE,
            "/project/src/lib/other.ts": CODE,
            "/project/other/app.ts": CODE,
            "/project/other/jsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./*"]}}}',
        }
    )
    assert leads(here, "/project/src/app.ts", "@/lib/a") == "/project/src/lib/a.ts"
    assert leads(here, "/project/src/app.ts", "@lib/special") == "/project/src/lib/other.ts"
    assert leads(here, "/project/src/app.ts", "@lib/a") == "/project/src/lib/a.ts"
    assert leads(here, "/project/src/app.ts", "lib/a") == "/project/src/lib/a.ts"  # below the base
    assert leads(here, "/project/other/app.ts", "@/lib/a") is None
    assert leads(here, "/project/other/app.ts", "@/app") is None  # itself
    found = here.snapshot().graph.at("/project/src/app.ts", 10)
    assert [(symbol.path, symbol.name) for symbol in found.symbols] == [("/project/src/lib/a.ts", "one")]


def test_what_a_configuration_extends_and_refers_to() -> None:
    here = project(
        {
            "/project/app/tsconfig.json": '{"files": [], "references": [{"path": "./tsconfig.app.json"}]}',
            "/project/app/tsconfig.app.json": '{"extends": ["../tsconfig.base"]}',
            "/project/tsconfig.base.json": """{"extends": "./tsconfig.base.json",
                "compilerOptions": {"paths": {"~/*": ["app/*"]}}}""",
            "/project/app/main.ts": CODE,
            "/project/app/deep/a.ts": CODE,
        }
    )
    assert leads(here, "/project/app/deep/a.ts", "~/main") == "/project/app/main.ts"


def test_packages_of_a_workspace() -> None:
    here = project(
        {
            "/project/packages/ui/package.json": """{"name": "@acme/ui",
                "imports": {"#in/*": "./src/inner/*.ts"}, "exports": {
                ".": {"types": "./dist/main.d.ts", "import": "./dist/main.js"},
                "./parts/*": "./src/parts/*.tsx", "./out": "../../secret.ts"}}""",
            "/project/packages/ui/src/main.ts": CODE,
            "/project/packages/ui/src/parts/button.tsx": CODE,
            "/project/packages/ui/src/inner/x.ts": CODE,
            "/project/packages/core/package.json": """{"name": "core", "main": "lib/index.js",
                "devDependencies": {"@acme/ui": "*"}}""",
            "/project/packages/core/src/index.ts": CODE,
            "/project/packages/core/src/extra.ts": CODE,
            "/project/secret.ts": CODE,
            "/project/app.ts": CODE,
            "/project/broken/package.json": "{",
        }
    )
    assert leads(here, "/project/app.ts", "@acme/ui") == "/project/packages/ui/src/main.ts"
    assert leads(here, "/project/app.ts", "@acme/ui/parts/button") == "/project/packages/ui/src/parts/button.tsx"
    assert leads(here, "/project/app.ts", "@acme/ui/out") is None  # no entry leaves its package
    assert leads(here, "/project/app.ts", "core") == "/project/packages/core/src/index.ts"
    assert leads(here, "/project/app.ts", "core/extra") == "/project/packages/core/src/extra.ts"
    assert leads(here, "/project/packages/ui/src/main.ts", "#in/x") == "/project/packages/ui/src/inner/x.ts"
    assert leads(here, "/project/app.ts", "#in/x") is None
    assert leads(here, "/project/packages/ui/src/main.ts", "@acme/ui/parts/button") is not None  # itself
    assert leads(here, "/project/packages/ui/src/main.ts", "core") is None  # it does not say that it needs it
    assert leads(here, "/project/packages/core/src/index.ts", "@acme/ui") == "/project/packages/ui/src/main.ts"


def test_a_module_of_go_begins_where_its_file_says() -> None:
    here = project({"/project/checkout/main.go": "package cobra\n", "/project/checkout/doc/md.go": "package doc\n",
                    "/project/other/doc/md.go": "package doc\n", "/project/app/app.go": "package app\n"})  # fmt: skip
    assert leads(here, "/project/app/app.go", "example.com/x/cobra") is None
    here.configure(ROOT, {f"{ROOT}/checkout/go.mod": b"// ours\nmodule example.com/x/cobra\n\ngo 1.22\n"})
    assert leads(here, "/project/app/app.go", "example.com/x/cobra") == "/project/checkout/main.go"
    assert leads(here, "/project/app/app.go", "example.com/x/cobra/doc") == "/project/checkout/doc/md.go"
    assert leads(here, "/project/app/app.go", "example.com/x/cobra/gone") is None


def test_headers_lie_where_the_compiler_is_told_to_look() -> None:
    here = project(
        {
            "/project/src/a.c": "#include <z.h>\n",
            "/project/src/a.h": "#include <z.h>\n",
            "/project/other/b.cpp": "#include <z.h>\n",
            "/project/third/z.h": "int third;\n",
            "/project/sys one/z.h": "int sys;\n",
            "/project/src/own.h": "int own;\n",
            "/project/third/own.h": "int other;\n",
        }
    )
    assert leads(here, "/project/src/a.c", "<z.h>") is None
    commands = [
        {"directory": f"{ROOT}/build", "file": "../src/a.c", "command": "cc -DX=1 -I ../third -c ../src/a.c"},
        {"directory": f"{ROOT}/build", "file": f"{ROOT}/other/b.cpp",
         "arguments": ["c++", "-isystem", f"{ROOT}/sys one", "-I../gone", "-c"]},
        {"file": 1}, None,
    ]  # fmt: skip
    here.configure(ROOT, {f"{ROOT}/build/compile_commands.json": json.dumps(commands).encode()})
    assert leads(here, "/project/src/a.c", "<z.h>") == "/project/third/z.h"
    assert leads(here, "/project/other/b.cpp", "<z.h>") == "/project/sys one/z.h"
    assert leads(here, "/project/src/a.h", "<z.h>") == "/project/third/z.h"  # no command: what any is told
    assert leads(here, "/project/src/a.c", "own.h") == "/project/src/own.h"  # beside the file goes first
    assert leads(here, "/project/src/a.c", "<own.h>") == "/project/third/own.h"
    here.configure(ROOT, {f"{ROOT}/compile_commands.json": b"[{"})
    assert leads(here, "/project/src/a.c", "<z.h>") is None


def test_a_crate_is_called_what_its_file_says() -> None:
    here = project(
        {"/project/crates/searcher/src/lib.rs": "pub fn look() {}\n", "/project/src/main.rs": "fn main() {}\n"}
    )
    assert leads(here, "/project/src/main.rs", "grep_searcher") is None
    text = b'[dependencies]\nname = "no"\n\n[package]\nedition = "2021"\nname = "grep-searcher"\n'
    here.configure(ROOT, {f"{ROOT}/crates/searcher/Cargo.toml": text})
    assert leads(here, "/project/src/main.rs", "grep_searcher") == "/project/crates/searcher/src/lib.rs"


def test_a_configuration_that_changes_leads_elsewhere_at_once() -> None:
    here = project({"/project/app.ts": CODE, "/project/one/a.ts": CODE, "/project/two/a.ts": CODE})
    assert leads(here, "/project/app.ts", "@/a") is None
    for folder in ("one", "two"):
        text = f'{{"compilerOptions": {{"paths": {{"@/*": ["{folder}/*"]}}}}}}'
        here.configure(ROOT, {"/project/tsconfig.json": text.encode()})
        assert leads(here, "/project/app.ts", "@/a") == f"/project/{folder}/a.ts"
    here.configure(ROOT, {})
    assert leads(here, "/project/app.ts", "@/a") is None


def test_what_makes_no_sense_is_passed_over() -> None:
    for text in (b"", b"\xff", b"[]", b'{"compilerOptions": []}', b'{"compilerOptions": {"paths": {"a": "b"}}}'):
        assert list(Configured.of({"/project/tsconfig.json": text}).paths("/project/a.ts", "a", {})) == []


def test_only_files_below_the_root_are_read(tmp_path: Path) -> None:
    root = tmp_path / "w"
    (root / "src").mkdir(parents=True)
    (tmp_path / "tsconfig.json").write_text("{}")
    (root / "tsconfig.json").write_text(
        '{"extends": "../tsconfig.json", "references": [{"path": "./tsconfig.app.json"}]}'
    )
    (root / "tsconfig.app.json").write_text("{}")
    (root / "src" / "package.json").symlink_to(tmp_path / "tsconfig.json")
    (root / "src" / "a.ts").write_text(CODE)
    found = configuring(root.as_posix(), [(root / "src" / "a.ts").as_posix()])
    assert sorted(Path(path).relative_to(root).as_posix() for path in found) == ["tsconfig.app.json", "tsconfig.json"]
    assert configuring(root.as_posix(), [(root / "a.py").as_posix()]) == {}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["*", ".", "./a/*", "../b", "#x", "@a/b", ""]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["compilerOptions", "paths", "baseUrl", "extends", "references", "path", "name", "exports", "imports", "*",
             ".", "./a", "#x", "main", "dependencies"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(_JSON, _JSON, st.sampled_from(["a", "@a/b", "@a/b/c", "#x", "*", ".", ""]))
def test_whatever_is_written_there_is_read(one: object, two: object, name: str) -> None:
    files = {"/w/tsconfig.json": json.dumps(one).encode(), "/w/package.json": json.dumps(two).encode()}
    found = Configured.of(files)
    assert all(path.startswith("/") for path in found.paths("/w/src/a.ts", name, {"built": ["a"], "source": "src"}))
    assert all(path.endswith(".json") for path in extends("/w/tsconfig.json", files["/w/tsconfig.json"]))
