"""What another server says is fixed where a tool that may run here can tell that it is gone, and only there."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from dovetail.context.evidence import Evidence
from dovetail.features.actions import Diagnostic, Edited, Offer, Refused, Request, Result, fix
from dovetail.model.ask import Finding, Run, Silence, run
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import NO_MODEL, Scripted, no_linter

PATH = "/project/shop.py"
TEXT = "def label(count: int) -> str:\n    return count\n"
SAID = 'Type "int" is not assignable to return type "str"'


async def checks(asked: Run) -> list[Finding] | Silence:
    """A type checker of a person who trusts the folder; the linter has nothing to say."""
    if asked.checker != "types":
        return []
    if not asked.trusted:
        return Silence("pyright looks only at a folder that you trust", "refused")
    if "return str(count)" in asked.text:
        return []
    said = SAID if "return count\n" in asked.text else 'Type "list[int]" is not assignable to return type "str"'
    return [Finding("reportReturnType", said, 41, 46, line=1)]


def fixed(model: Scripted, *, trusted: bool) -> Result:
    world = World(["/project"])
    world.open(PATH, TEXT, 1, None)
    at = Span(TEXT.index("count\n"), TEXT.index("count\n") + 5)
    request = Request(Selection(PATH, at), (Diagnostic(at, "reportReturnType", SAID, "Pyright"),), trusted)
    request = replace(request, types="/usr/bin/pyright")
    (offer, *_) = fix.ACTION.offer(world.snapshot(), request)
    if offer.disabled:
        return Refused(offer.disabled, Evidence("fix"))
    return asyncio.run(run(fix.ACTION.make(world.snapshot(), request, offer, model.info), model, checks))


def test_a_type_error_is_fixed_where_the_users_type_checker_says_that_it_is_gone() -> None:
    result = fixed(Scripted([["return count,", "return str(count)"]]), trusted=True)
    assert isinstance(result, Edited)
    ((edit,),) = result.change.edits.values()
    assert edit.new == b"    return str(count)"
    assert "the finding is gone" in result.evidence.passed


def test_in_other_words_it_is_the_same_type_error() -> None:
    result = fixed(Scripted([["return [count]"]] * 3), trusted=True)
    assert isinstance(result, Refused)


def test_where_nothing_may_run_that_could_tell_it_is_refused_in_words() -> None:
    model = Scripted([["return str(count)"]])
    result = fixed(model, trusted=False)
    assert isinstance(result, Refused)
    assert "checked by a type checker, in a folder that you trust" in result.reason
    assert model.asks == []


CART = {
    "py": "class Cart:\n    def add_item(self, n):\n        self.n = n\n",
    "ts": "export class Cart {\n  addItem(n: number) {}\n}\n",
    "go": "package a\n\ntype Cart struct{}\n\nfunc (c *Cart) AddItem(n int) {}\n",
    "rs": "pub struct Cart {}\n\nimpl Cart {\n    pub fn add_item(&self, n: u32) {}\n}\n",
    "java": "class Cart {\n  void addItem(int n) {}\n}\n",
    "cpp": "struct Cart {\n  void add_item(int n) {}\n};\n",
}
SAYS = [
    ("py", "cart.ad_item(1)", 'Cannot access attribute "ad_item" for class "Cart"', "Pyright", "add_item"),
    ("py", "cart.ad_item(1)", '"Cart" has no attribute "ad_item"; maybe "add_item"?', "mypy", "add_item"),
    ("py", "cart.ad_item(1)", "Object of type `Cart` has no attribute `ad_item`", "ty", "add_item"),
    ("ts", "cart.adItem(1);", "Property 'adItem' does not exist on type 'Cart'.", "ts", "addItem"),
    ("go", "cart.AdItem(1)", "cart.AdItem undefined (type *Cart has no field or method AdItem)", "compiler", "AddItem"),
    ("rs", "cart.ad_item(1);", "no method named `ad_item` found for reference `&Cart` in the current scope", "rustc",
     "add_item"),
    ("java", "cart.adItem(1);", "The method adItem(int) is undefined for the type Cart", "Java", "addItem"),
    ("cpp", "cart.ad_item(1);", "no member named 'ad_item' in 'Cart'", "clang", "add_item"),
    ("cpp", "cart.ad_item(1);", "‘struct Cart’ has no member named ‘ad_item’; did you mean ‘add_item’?", "gcc",
     "add_item"),
]  # fmt: skip
AROUND = {
    "py": "from cart import Cart\n\n\ndef f(cart: Cart):\n    {}\n",
    "ts": 'import {{ Cart }} from "./cart";\n\nfunction f(cart: Cart) {{\n  {}\n}}\n',
    "go": "package a\n\nfunc f(cart *Cart) {{\n\t{}\n}}\n",
    "rs": "mod cart;\nuse cart::Cart;\n\nfn f(cart: &Cart) {{\n    {}\n}}\n",
    "java": "class F {{\n  void f(Cart cart) {{\n    {}\n  }}\n}}\n",
    "cpp": '#include "cart.cpp"\n\nvoid f(Cart cart) {{\n  {}\n}}\n',
}


def a_row(kind: str, line: str, message: str, source: str) -> tuple[World, Request, Offer]:
    world = World(["/project"])
    world.open(f"/project/cart.{kind}", CART[kind], 1, None)
    text = AROUND[kind].format(line)
    path = f"/project/f.{kind}"
    world.open(path, text, 1, None)
    at = text.index(line) + line.index(".") + 1
    told = Diagnostic(Span(at, at + 4), "x", message, source)
    request = Request(Selection(path, told.span), (told,))
    (offer,) = fix.ACTION.offer(world.snapshot(), request)
    return world, request, offer


@pytest.mark.parametrize(("kind", "line", "message", "source", "right"), SAYS)
def test_a_member_is_put_right_in_the_words_of_each_compiler(
    kind: str, line: str, message: str, source: str, right: str
) -> None:
    world, request, offer = a_row(kind, line, message, source)
    assert not offer.disabled
    result = asyncio.run(run(fix.ACTION.make(world.snapshot(), request, offer, None), NO_MODEL, no_linter))
    assert isinstance(result, Edited), result
    ((edit,),) = result.change.edits.values()
    assert edit.new.decode() == right
    assert any("not asked again" in told for told in result.evidence.unknown)


@pytest.mark.parametrize(("kind", "line", "message", "source", "right"), SAYS[:5])
def test_what_the_graph_does_not_see_is_not_offered(
    kind: str, line: str, message: str, source: str, right: str
) -> None:
    """The class has the member, for all that is known here: what the other server means, nobody knows."""
    wrong = next(word for word in re.findall(r"\w+", line) if word not in ("cart", "1"))
    _, _, offer = a_row(kind, line.replace(wrong, right), message.replace(wrong, right), source)
    assert offer.disabled


def test_of_two_classes_of_one_name_nobody_knows_which_is_meant() -> None:
    world, request, _ = a_row(*SAYS[0][:4])
    world.open("/project/other.py", "class Cart:\n    pass\n", 1, None)
    (offer,) = fix.ACTION.offer(world.snapshot(), request)
    assert "name one" in offer.disabled


IMPORTS = [
    ("py", "from cart import {}\n\nmine = {}()\n", '"Crat" is unknown import symbol', "Pyright"),
    ("py", "from cart import {}\n\nmine = {}()\n", 'Module "cart" has no attribute "Crat"', "mypy"),
    ("ts", 'import {{ {} }} from "./cart";\n\nconst cart = new {}();\n',
     "Module '\"./cart\"' has no exported member 'Crat'. Did you mean 'Cart'?", "ts"),
    ("rs", "mod cart;\nuse cart::{};\n\nfn f(cart: &{}) {{}}\n", "unresolved import `cart::Crat`", "rustc"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "message", "source"), IMPORTS)
def test_what_a_module_does_not_have_is_put_right_wherever_it_is_read(
    kind: str, text: str, message: str, source: str
) -> None:
    world = World(["/project"])
    world.open(f"/project/cart.{kind}", CART[kind], 1, None)
    path, wrong = f"/project/main.{kind}", text.format("Crat", "Crat")
    world.open(path, wrong, 1, None)
    at = Span(wrong.index("Crat"), wrong.index("Crat") + 4)
    request = Request(Selection(path, at), (Diagnostic(at, "x", message, source),))
    (offer,) = fix.ACTION.offer(world.snapshot(), request)
    assert not offer.disabled
    result = asyncio.run(run(fix.ACTION.make(world.snapshot(), request, offer, None), NO_MODEL, no_linter))
    assert isinstance(result, Edited), result
    after = world.snapshot().after(result.change).file(path)
    assert after is not None
    assert after.document.text() == text.format("Cart", "Cart")
