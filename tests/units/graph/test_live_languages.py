"""The live graph equals a rebuild in every language: random edits of small files, half of them not valid any more."""

# ruff: noqa: E501  a text a line

import random

import pytest

from dovetail.cli.index import replay
from dovetail.syntax import LanguageMissing, language_for, languages

_TEXTS = {
    "a.py": "import os\n\n\n@cached\nclass A(B):\n    x: int = 1\n\n    def f(self, n=2):\n        return os.path\n\n    class C:\n        def g(self): ...\n\n\nif A:\n    y = 1\nelse:\n    y = 2\n",
    "a.js": "import b, { c as d } from './b.js'\n\n/** What it is. */\nexport class A extends b.C {\n  x = 1\n  f(n = 2) {\n    return this.x + d\n  }\n}\nconst g = ({ p, ...q }) => { let r = p; return r }\nexport default g\n",
    "a.ts": "import type { C } from './c'\n\nnamespace N {\n  export interface I<T> { x: T; f(n: number): C }\n  export enum E { One, Two = 2 }\n}\n\nabstract class A implements N.I<C> {\n  constructor(private y: string) {}\n  get z(): C { return this.y as C }\n}\n",
    "a.tsx": "export function Box({ title }: { title: string }) {\n  const [open, set] = use(false)\n  return <div onClick={() => set(!open)}>{title}<Inner {...open} /></div>\n}\n",
    "a.go": "package a\n\nimport (\n\tb \"x/b\"\n)\n\n// A holds.\ntype A struct {\n\tX, Y int\n}\n\n// F does.\nfunc (a *A) F(n int) (r string, err error) {\n\tfor i := range n {\n\t\tr += b.G(i)\n\t}\n\treturn\n}\n",
    "a.rs": "use std::{fmt, collections::HashMap as M};\n\n/// What it is.\n#[derive(Debug)]\npub struct A<T> {\n    x: T,\n}\n\nimpl<T> A<T> {\n    /// New.\n    pub fn new(x: T) -> Self {\n        let y = x;\n        A { x: y }\n    }\n}\n\nmod m {\n    pub trait B { fn f(&self); }\n}\n",
    "A.java": "package a.b;\n\nimport a.c.D;\n\n/** What it is. */\npublic class A extends D implements E {\n    private int x = 1;\n\n    @Override\n    public int f(int n) {\n        return this.x + n;\n    }\n\n    enum G { ONE, TWO }\n}\n",
    "a.c": "#include \"b.h\"\n\n/* what it is */\nstruct A { int x; };\nstatic int f(struct A *a, int n)\n{\n#ifdef B\n    return a->x;\n#else\n    return n;\n#endif\n}\n",
    "a.cpp": "#include <b.hpp>\n\nnamespace n {\ntemplate <typename T>\nclass A : public B<T> {\npublic:\n    int f(int x) const { return x + y; }\nprivate:\n    int y = 1;\n};\n}\n\nint n::A<int>::g() { return f(1); }\n",
    "A.cs": "using System;\n\nnamespace N\n{\n    /// <summary>What it is.</summary>\n    public class A : B\n    {\n        public int X { get; set; } = 1;\n        public int F(int n) => X + n;\n    }\n}\n",
    "a.rb": "require_relative 'b'\n\n# What it is.\nmodule M\n  class A < B\n    attr_reader :x\n\n    def f(n = 1)\n      @x = n\n      [1].each { |i| g(i) }\n    end\n  end\nend\n",
    "a.php": "<?php\nnamespace N;\n\nuse M\\B as C;\n\n/** What it is. */\nclass A extends C {\n    private $x = 1;\n    public function f(int $n): int {\n        return $this->x + $n;\n    }\n}\n\nfunction g() { return new A(); }\n",
    "a.sh": "source ./b.sh\n\n# What it does.\nf() {\n  local x=1\n  for i in \"$@\"; do\n    g \"$i\" \"$x\"\n  done\n}\nf one two\n",
    "a.lua": "local b = require(\"b\")\n\n-- What it is.\nlocal A = {}\n\nfunction A.f(n)\n  local x = n or 1\n  return b.g(x)\nend\n\nreturn A\n",
    "a.md": "# One\n\nText.\n\n## Two\n\n```py\nx = 1\n```\n\nThree\n=====\n\n- item\n",
}  # fmt: skip
_SUFFIXES = {f".{name.split('.')[1]}" for name in _TEXTS}


def test_there_is_a_text_for_every_language() -> None:
    assert {language.name for language in languages() if not _SUFFIXES & set(language.suffixes)} == set()


@pytest.mark.parametrize("name", sorted(_TEXTS))
def test_after_random_edits_the_live_graph_equals_a_rebuild(name: str) -> None:
    language = language_for(name)
    assert language is not None
    try:
        _ = language.grammar
    except LanguageMissing as missing:
        pytest.skip(str(missing))
    for seed in range(5):
        tried, same = replay(f"/p/{name}", _TEXTS[name], random.Random(f"{name} {seed}"), 60)
        assert tried > 5
        assert same, f"seed {seed}, edit {tried}"
