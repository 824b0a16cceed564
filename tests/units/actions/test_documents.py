"""Documentation always matches: whatever the signature, the body and the style, on made and on real functions."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.features.actions import Edited, Refused, Request, Result, document, nothing
from dovetail.graph.documentation import Documented, read_documentation
from dovetail.model.ask import run
from dovetail.syntax import languages
from dovetail.text import Span
from dovetail.world import Selection, Snapshot, World
from tests.bench.validation import files
from tests.scripted import NO_MODEL, Scripted, no_linter

PATH = "/project/a.py"
RULES: Any = next(known for known in languages() if known.name == "python").table("docstrings")
HABITS = {
    "": "",
    "google": 'def habit(x):\n    """Do.\n\n    Args:\n        x: It.\n    """\n\n\n',
    "numpy": 'def habit(x):\n    """Do.\n\n    Parameters\n    ----------\n    x : int\n        It.\n    """\n\n\n',
    "sphinx": 'def habit(x):\n    """Do.\n\n    :param x: It.\n    """\n\n\n',
}
NAMES = ("a", "count", "max_size", "Path", "kind", "self_made", "größe")
TYPES = ("", ": int", ": 'str | None'", ": list[dict[str, int]]", ": typing.Callable[..., int]")
DEFAULTS = ("", " = None", " = 1", " = 'a\\n'", " = {'x': [1]}", " = False")


@st.composite
def functions(draw: st.DrawFn) -> str:
    """A function with parameters of every kind and some ways to end."""
    names = draw(st.lists(st.sampled_from(NAMES), max_size=5, unique=True))
    kinds = sorted(draw(st.sampled_from((0, 1, 2))) for _ in names)
    parts: list[str] = []
    defaulted = False
    for number, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        if kind and (number == 0 or not kinds[number - 1]) and number:
            parts.append("/")
        if kind == 2 and (number == 0 or kinds[number - 1] < 2):
            parts.append("*" if draw(st.booleans()) else "*rest")
            defaulted = False
        default = draw(st.sampled_from(DEFAULTS[1:] if defaulted and kind < 2 else DEFAULTS))
        defaulted = defaulted or bool(default)
        parts.append(name + draw(st.sampled_from(TYPES)) + default)
    if draw(st.booleans()):
        parts.append("**more")
    method = draw(st.booleans())
    separator = draw(st.sampled_from((", ", ",\n        ", ",  # one\n    ")))
    head = separator.join([*(["self"] if method else []), *parts])
    body = draw(
        st.lists(
            st.sampled_from(
                (
                    "if 1 < 2:\n    raise ValueError('x')",
                    "return total",
                    "yield 1",
                    "raise errors.Own",
                    "try:\n    raise KeyError\nexcept KeyError:\n    pass",
                    "def inner():\n    return 4",
                    "return None",
                    "x = 1",
                )
            ),
            min_size=1,
            max_size=3,
        )
    )
    returns = draw(st.sampled_from(("", " -> None", " -> int", " -> Iterator[int]")))
    lines = "\n".join(body).replace("\n", "\n    ")
    whole = f"def compute_total({head}){returns}:\n    {lines}\n"
    return "class Made:\n    " + whole.replace("\n", "\n    ").rstrip() + "\n" if method else whole


def made(text: str, model: Any = None) -> tuple[Snapshot, Result | None]:
    world = World()
    world.open(PATH, text, 1, None)
    snapshot = world.snapshot()
    at = text.encode().index(b"compute_total")
    request = Request(Selection(PATH, Span(at, at)))
    offers = document.offer(snapshot, request)
    if not offers:
        return snapshot, None
    port = model or NO_MODEL
    return snapshot, asyncio.run(run(document.make(snapshot, request, offers[0], port.info), port, no_linter))


def told(snapshot: Snapshot, result: Edited) -> tuple[str, Documented]:
    file = snapshot.after(result.change).file(PATH)
    assert file is not None
    text = file.document.text()
    compile(text, PATH, "exec", dont_inherit=True)
    (symbol,) = list(snapshot.after(result.change).graph.named("compute_total"))
    return text, read_documentation(symbol.doc, RULES)


@settings(max_examples=50, deadline=None)
@given(functions(), st.sampled_from(sorted(HABITS)))
def test_documentation_names_the_parameters_that_there_are(function: str, habit: str) -> None:
    before, result = made(f"{HABITS[habit]}{function}")
    if not isinstance(result, Edited):
        assert result is None or (isinstance(result, Refused) and "that can be said" in result.reason), result
        return
    _, documented = told(before, result)
    wanted = [p for p in _parameters(function) if p != "self"]
    assert list(documented.parameters) == wanted
    assert {e for e, _ in documented.errors} == {"ValueError", "errors.Own"} & {
        error for error in ("ValueError", "errors.Own") if f"raise {error}" in function
    }


@settings(max_examples=20, deadline=None)
@given(functions(), functions(), st.sampled_from(("google", "numpy", "sphinx")))
def test_documentation_of_another_signature_is_mended(one: str, other: str, habit: str) -> None:
    """Documented for one signature, then the signature changes: afterwards it matches again."""
    before, result = made(f"{HABITS[habit]}{one}")
    if not isinstance(result, Edited):
        return
    text, _ = told(before, result)
    if ("class Made" in one) != ("class Made" in other):
        return
    head, rest = text.index("def compute_total"), text.index('"""', text.index("def compute_total"))
    new = text[:head] + other[other.index("def compute_total") :].split(":\n", 1)[0] + ":\n"
    new += ("        " if "class Made" in one else "    ") + text[rest:]
    after, mended = made(new)
    if not isinstance(mended, Edited):
        assert mended is None or isinstance(mended, Refused)
        return
    _, documented = told(after, mended)
    names = [p for p in _parameters(other) if p != "self"]
    assert set(documented.parameters) <= set(names)
    assert not documented.parameters or {n for n in names if n not in ("rest", "more")} <= set(documented.parameters)


def _parameters(function: str) -> list[str]:
    scope: dict[str, Any] = {}
    plain = "from __future__ import annotations\n" + function
    exec(compile(plain, PATH, "exec"), scope)
    made_ = scope["Made"].compute_total if "Made" in scope else scope["compute_total"]
    return list(inspect.signature(made_).parameters)


HOSTILE = [
    '"""',
    "'''\nimport os\n",
    "\\",
    "x" * 3000,
    "`frobnicate()`",
    "[a](https://b)",
    "\u202e evil",
    "",
    "\0",
    "the\nend",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_whatever_a_model_says_the_parts_stay(said: str) -> None:
    text = "def compute_total(count: int, size: int) -> int:\n    return count * size\n"
    before, result = made(text, Scripted([said] * 3))
    assert isinstance(result, Edited)
    _, documented = told(before, result)
    assert list(documented.parameters) == ["count", "size"]


async def test_functions_of_installed_packages() -> None:
    counts = {"offered": 0, "made": 0}
    for path in list(files(["click", "httpcore"]))[:6]:
        text = path.read_text("utf-8")
        world = World()
        world.open(str(path), text, 1, None)
        snapshot = world.snapshot()
        for symbol in snapshot.graph.symbols(str(path)):
            request = Request(Selection(str(path), symbol.name_span))
            offers = document.offer(snapshot, request) if symbol.kind in ("function", "method") else []
            if not offers or offers[0].disabled:
                continue
            counts["offered"] += 1
            result = await run(document.make(snapshot, request, offers[0], None), NO_MODEL, no_linter)
            if isinstance(result, Refused):
                assert "that can be said" in result.reason or "holds" not in result.reason, (path, result.reason)
                continue
            assert isinstance(result, Edited)
            counts["made"] += 1
            after = snapshot.after(result.change)
            file = after.file(str(path))
            assert file is not None
            compile(file.document.text(), str(path), "exec", dont_inherit=True)
            assert document.offer(after, request) == []
    assert counts["made"] > 25, counts


PLAIN_RESULTS = {
    "python": ("a.py", "def pull(url):\n    start = url\n    return start\n"),
    "javascript": ("a.js", "function pull(url) {\n  const start = url;\n  return start;\n}\n"),
    "typescript": ("a.ts", "function pull(url: string): string {\n  const start = url;\n  return start;\n}\n"),
    "tsx": ("a.tsx", "function pull(url: string): string {\n  const start = url;\n  return start;\n}\n"),
    "go": ("a.go", "package a\n\nfunc pull(url string) string {\n\tstart := url\n\treturn start\n}\n"),
    "java": ("A.java", "class A {\n  String pull(String url) {\n    String start = url;\n    return start;\n  }\n}\n"),
    "rust": ("a.rs", "fn pull(url: u8) -> u8 {\n    let start = url;\n    return start;\n}\n"),
}


def test_what_gives_back_a_plain_name_is_documented_in_every_language() -> None:
    documenting = {one.name for one in languages() if "styles" in (one.table("docstrings") or {})}
    assert documenting == set(PLAIN_RESULTS)
    for name, text in PLAIN_RESULTS.values():
        world = World(["/project"])
        world.open(f"/project/{name}", text, 1, None)
        snapshot = world.snapshot()
        at = text.encode().index(b"pull")
        request = Request(Selection(f"/project/{name}", Span(at, at)))
        port = Scripted(["Gives back the url that it was given."])
        offered = document.offer(snapshot, request)[0]
        result = asyncio.run(run(document.make(snapshot, request, offered, port.info), port, no_linter))
        assert isinstance(result, Edited), name
        after = snapshot.after(result.change).file(f"/project/{name}")
        assert after is not None
        assert b"ives back the url" in after.document.data, name


def test_of_what_is_documented_it_is_said_that_it_is() -> None:
    def why(name: str, text: str) -> str:
        world = World(["/project"])
        world.open(f"/project/{name}", text, 1, None)
        at = text.encode().rindex(b"pull")
        request = Request(Selection(f"/project/{name}", Span(at, at)))
        assert not document.offer(world.snapshot(), request)
        return nothing(document.ACTION, world.snapshot(), request)

    assert why("a.py", 'def pull(url):\n    """Pull it."""\n    return url\n') == (
        "pull is documented, and what that says matches"
    )
    above = "package a\n\n// pull pulls.\nfunc pull(url string) string {\n\treturn url\n}\n"
    assert why("a.go", above) == "pull is documented already"
    assert why("b.py", "pull = 1\n") == "there is nothing to document here"
