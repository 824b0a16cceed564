"""JavaScript, TypeScript and TSX: what files define, which names exist, what a name means. `⟨⟩` marks the name."""

import pytest

from tests.units.graph.reading import definitions, outline, world_of

SHOP = """
    import React, { useState } from "react";
    import * as api from "./api";
    const fs = require("fs"), { join, resolve: absolute } = require("path");

    /**
     * A basket of things.
     * @param {string} owner
     */
    export class Basket extends api.Store {
      #secret = 1;
      static count = 0;
      onChange = (event) => { this.last = event; };
      constructor(owner) { super(owner); this.items = []; }
      /** How many. */
      get size() { return this.items.length; }
      async *walk() { yield* this.items; }
    }

    // Adds tax.
    export const taxed = (price, { rate = 0.2, ...rest } = {}) => price * (1 + rate);
    const MOST = 10, routes = { home() { return "/"; }, "about": function () {} };
    Basket.prototype.clear = function () { this.items = []; };
    exports.legacy = function () {};
    export default function App({ title, children: [first, ...others] }) {
      const [open, setOpen] = useState(false);
      for (const key in others) { var last = key; }
      try { fs.readFileSync(join(absolute("."), title)); } catch { setOpen(!open); }
      [first, last] = [last, first];
      return <Panel onClick={() => setOpen(MOST > first)} {...routes}>{last}<div/></Panel>;
    }
    function Panel() { return arguments.length ? new.target : null; }
    export { routes as paths };
    export * from "./more";
"""

MODEL = """
    import type { Base } from "./base";
    import legacy = require("legacy");

    declare const VERSION: string;
    declare global { interface Window { shop: Shop } }

    /** What is sold. */
    export interface Item<T = unknown> extends Base, Named<T> {
      /** Its name. */
      readonly name: string;
      price?(currency: Currency): number;
      [key: string]: any;
    }
    interface Named<T> { named: T }
    export type Unwrap<P> = P extends Promise<infer Inner extends object> ? Inner : never;
    type Point = { x: number; y: Point };
    export enum Currency { Euro, Dollar = "usd" }
    export abstract class Shop<T> implements Item<T>, legacy.Thing {
      private static readonly all: Shop<any>[] = [];
      name!: string;
      constructor(private readonly store: Map<string, T>, public size?: number) {}
      abstract open(): void;
      find(key: string): T;
      find(key: any): T | undefined { return this.store.get(key) satisfies unknown as T; }
    }
    namespace Tools.Inner { export const helper = (p: Point) => VERSION; }
    function isItem(it: unknown): it is Item { return typeof it === "object" && Shop != null && !!Tools; }
    const pair: [first: string, second?: Currency] = ["x"];
"""


def test_javascript_definitions() -> None:
    assert outline("/p/shop.js", SHOP) == [
        "constant fs", "constant join", "constant absolute",
        "class Basket", "field Basket.#secret", "field Basket.count", "method Basket.onChange", "field Basket.last",
        "method Basket.constructor", "field Basket.items", "method Basket.size", "method Basket.walk",
        "function taxed", "constant MOST", "constant routes", "function routes.home", "function routes.about",
        "method Basket.clear", "field Basket.items", "function legacy", "function App", "function Panel",
    ]  # fmt: skip


def test_typescript_definitions() -> None:
    assert outline("/p/model.ts", MODEL) == [
        "constant VERSION", "interface Window", "field Window.shop", "interface Item", "field Item.name",
        "method Item.price", "interface Named", "field Named.named", "type Unwrap", "type Point", "field Point.x",
        "field Point.y", "enum Currency", "field Currency.Euro", "field Currency.Dollar", "class Shop",
        "field Shop.all", "field Shop.name", "method Shop.constructor", "field Shop.store", "field Shop.size",
        "method Shop.open", "method Shop.find", "method Shop.find", "module Tools.Inner", "function Tools.Inner.helper",
        "function isItem", "constant pair",
    ]  # fmt: skip


def test_signatures_documentation_imports_and_bases() -> None:
    graph = world_of("/p/shop.js", SHOP).snapshot().graph
    by_name = {s.qualified: s for s in graph.symbols("/p/shop.js")}
    assert by_name["taxed"].signature == "const taxed = (price, { rate = 0.2, ...rest } = {})"
    assert by_name["taxed"].doc == "Adds tax."
    assert by_name["Basket"].signature == "class Basket extends api.Store"
    assert by_name["Basket"].doc == "A basket of things.\n@param {string} owner"
    assert by_name["Basket.size"].doc == "How many."
    assert by_name["routes"].signature == "const MOST = 10, routes"
    facts = graph.files["/p/shop.js"]
    assert {(i.module, i.name, i.alias) for _, i in facts.imports} == {
        ("react", "default", "React"), ("react", "useState", "useState"), ("./api", "", "api"),
        ("fs", "", "fs"), ("path", "join", "join"), ("path", "resolve", "absolute"),
    }  # fmt: skip
    assert {(e.name, e.local, e.module) for e in facts.exports} == {
        ("Basket", "Basket", ""), ("taxed", "taxed", ""), ("default", "App", ""), ("paths", "routes", ""),
        ("legacy", "legacy", ""), ("*", "*", "./more"),
    }  # fmt: skip
    assert [base for base, _ in graph.bases(by_name["Basket"])] == ["api.Store"]
    typed = {s.qualified: s for s in world_of("/p/m.ts", MODEL).snapshot().graph.symbols("/p/m.ts")}
    assert typed["Item.name"].doc == "Its name."
    assert typed["Item"].signature == "interface Item<T = unknown> extends Base, Named<T>"


@pytest.mark.parametrize(("path", "text"), [("/p/shop.jsx", SHOP), ("/p/model.ts", MODEL), ("/p/model.tsx", MODEL)])
def test_every_name_of_whole_code_is_known(path: str, text: str) -> None:
    assert world_of(path, text).snapshot().graph.unknown_names(path) == set()


@pytest.mark.parametrize(
    ("path", "text", "unknown"),
    [
        ("/p/a.js", "function f(x) { return x + y; }", {"y"}),
        ("/p/a.js", "{ let inner = 1; } inner;", {"inner"}),
        ("/p/a.js", "{ var outer = 1; } outer;", set()),
        ("/p/a.js", "if (x) { function g() {} } g();", {"x", "g"}),
        ("/p/a.js", "const { a: { b } } = c; a; b;", {"a", "c"}),
        ("/p/a.jsx", "const x = <Panel><div/></Panel>;", {"Panel"}),
        ("/p/a.js", "const o = { key: 1, short, [computed]: 2 };", {"short", "computed"}),
        ("/p/a.js", "label: for (;;) { break label; }", set()),
        ("/p/a.ts", "const x: Missing<string> = y as Other;", {"Missing", "Other", "y"}),
        ("/p/a.ts", "class A<T> { f(x: T): U { return x; } }", {"U"}),
        ("/p/a.ts", "import type { T } from './t'; export type { T }; let x: T;", set()),
    ],
)
def test_unknown_names(path: str, text: str, unknown: set[str]) -> None:
    assert world_of(path, text).snapshot().graph.unknown_names(path) == unknown


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"/p/a.ts": "import { f as g } from './b';\n⟨⟩g();", "/p/b.ts": "export function f() {}"},
            {("/p/b.ts", "export function f() {}")},
            id="imported under another name",
        ),
        pytest.param(
            {"/p/a.js": "import thing from './b';\n⟨⟩thing();", "/p/b.js": "function f() {}\nexport default f;"},
            {("/p/b.js", "function f() {}")},
            id="default export",
        ),
        pytest.param(
            {
                "/p/a.ts": "import { Shop } from './lib';\nnew Shop().⟨⟩open();",
                "/p/lib/index.ts": "export * from './shop';",
                "/p/lib/shop.ts": "export class Shop {\n  open() {}\n}",
            },
            {("/p/lib/shop.ts", "open() {}")},
            id="re-exported by an index file",
        ),
        pytest.param(
            {"/p/a.ts": "interface V {\n  f: string;\n}\nasync function g(): Promise<V[]> {}\n(await g())[0].⟨⟩f;"},
            {("/p/a.ts", "f: string;")},
            id="an awaited list by its written type",
        ),
        pytest.param(
            {"/p/a.js": "const o = {\n  deep: {\n    x: 1,\n  },\n};\nconst { deep: d } = o;\nd.⟨⟩x;"},
            {("/p/a.js", "x: 1,")},
            id="taken apart",
        ),
        pytest.param(
            {"/p/a.js": "class A {\n  m() {}\n}\nconst same = (x) => x;\nsame(new A()).⟨⟩m();"},
            {("/p/a.js", "m() {}")},
            id="given back",
        ),
        pytest.param(
            {"/p/a.js": "let x = 1;\nfunction f() {\n  let x = 2;\n  { let x = 3; }\n  return ⟨⟩x;\n}"},
            {("/p/a.js", "let x = 2;")},
            id="the nearest block",
        ),
        pytest.param({"/p/a.js": "f(class {\n  hidden() {}\n});\n⟨⟩hidden();"}, set(), id="a member is no plain name"),
        pytest.param({"/p/a.js": "while (x) { function g() {} }\n⟨⟩g();"}, set(), id="a name of a block stays inside"),
    ],
)
def test_definitions(files: dict[str, str], expected: set[tuple[str, str]]) -> None:
    assert definitions(files) == expected


def test_broken_code_keeps_what_is_whole() -> None:
    text = "class A {\n  m() { return 1; }\n}\nfunction broken(a, {\n\nfunction whole() {}\n"
    names = outline("/p/a.ts", text)
    assert names[:2] == ["class A", "method A.m"]
    assert "function whole" in names
