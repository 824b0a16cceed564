"""The terminal's language: the same core without an editor.

Every command is a few lines here and a module beside; modules are imported when their command runs,
so that an editor's start pays for none of them.
"""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path
from typing import Any

import click

from dovetail import __version__


class Place(click.ParamType[tuple[Path, int, int]]):
    """`FILE:LINE[:COL]`, numbered from 1 as compilers do."""

    def __init__(self, needs_column: bool) -> None:
        self.name = "FILE:LINE:COL" if needs_column else "FILE:LINE"
        self._pattern = re.compile(r"(.+?):(\d+):(\d+)$" if needs_column else r"(.+?):(\d+)(?::(\d+))?$")

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[Path, int, int]:
        found = self._pattern.match(str(value))
        if not found:
            self.fail(f"{value!r} is not {self.name}, as in server.py:12{':8' if 'COL' in self.name else ''}")
        line, column = int(found[2]), int(found[3] or 1)
        if not line or not column:
            self.fail(f"{value!r}: lines and columns are numbered from 1")
        return _file(self, found[1]), line, column


class Named(click.ParamType[tuple[Path, str]]):
    """`FILE:SYMBOL`; a method is `Class.method`."""

    name = "FILE:SYMBOL"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[Path, str]:
        path, _, symbol = str(value).rpartition(":")
        if not path or not symbol:
            self.fail(f"{value!r} is not FILE:SYMBOL, as in shop.py:Basket.add")
        return _file(self, path), symbol


def _file(kind: click.ParamType[Any], name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        kind.fail(f"there is no file {name}")
    return path.absolute()


_apply = click.option("--apply", is_flag=True, help="Write the change to the file.")
_KINDS = (
    "tagged", "mentioned", "modified", "path", "symbol", "heading", "imports", "content", "lexical", "subject",
    "passage", "meaning", "graph", "recent", "size", "vendored",
)  # fmt: skip
_trust = click.option(
    "--trust", is_flag=True, help="Let checkers read the project's own configuration, and run its tests unasked."
)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dovetail")
@click.option("--model", metavar="FILE|NAME", help="A GGUF model; the bundled one without.")
@click.option("--endpoint", metavar="URL", help="An OpenAI-compatible server instead of a local file.")
@click.option("--endpoint-model", metavar="NAME", help="The model to ask for there.")
@click.option("--threads", type=click.IntRange(1, 256), help="Threads of the model.")
@click.option("--without", multiple=True, metavar="MECHANISM", help="Do without it, as `actions.off` says.")
@click.option("--tcp", metavar="[HOST:]PORT", help="Serve one editor on a socket instead of stdio.")
@click.option("--log", "log_file", metavar="FILE", help="Write a log; it holds no text of yours.")
@click.pass_context
def main(
    ctx: click.Context,
    model: str | None,
    endpoint: str | None,
    endpoint_model: str | None,
    threads: int | None,
    without: tuple[str, ...],
    tcp: str | None,
    log_file: str | None,
) -> None:
    """A small local model at work in your editor, every edit verified before you see it.

    Without a command it is the language server itself: editors start it and speak LSP on its
    standard input and output. The commands below do the same work without an editor.
    """
    _step_out()
    if model and ctx.invoked_subcommand and Path(model).is_file():
        model = os.path.abspath(model)  # said in a terminal, it means the folder that one stands in
    given = {
        "model": model,
        "endpoint": endpoint,
        "endpoint_model": endpoint_model,
        "threads": threads,
        "actions": {"off": list(_mechanisms(without))} if without else None,
    }
    ctx.obj = {key: value for key, value in given.items() if value is not None}
    if ctx.invoked_subcommand is None:
        from dovetail.cli.serve import serve

        sys.exit(serve(ctx.obj, tcp, log_file))


def _mechanisms(names: tuple[str, ...]) -> tuple[str, ...]:
    from dovetail.settings import MECHANISMS

    for name in names:
        if name not in MECHANISMS:
            raise click.BadParameter(f"{name} is none of {', '.join(MECHANISMS)}", param_hint="--without")
    return names


def _step_out() -> None:
    """We are started in folders of strangers: no `pickle.py` that lies there may be imported, here or in a process
    that we start."""
    sys.path[:] = [place for place in sys.path if place not in ("", ".", os.getcwd())]
    os.environ["PYTHONSAFEPATH"] = "1"
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 is no reason to stop


@main.command()
@click.option("--project", metavar="FOLDER", help="A Python project; Dovetail's own source without.")
@click.pass_obj
def demo(given: dict[str, Any], project: str | None) -> None:
    """Watch it work: index, completion, hover and a verified edit over a real pipe."""
    from dovetail.cli.demo import demo as show

    folder = Path(project).expanduser() if project else None  # make passes a ~ on as it is
    if folder is not None and not folder.is_dir():
        raise click.BadParameter(f"there is no folder {project}", param_hint="--project")
    sys.exit(show(given, folder))


@main.command()
@click.argument("place", type=Place(needs_column=True))
@click.option("--evidence", is_flag=True, help="Say what the suggestion rests on.")
@click.pass_obj
def complete(given: dict[str, Any], place: tuple[Path, int, int], evidence: bool) -> None:
    """What would come next at FILE:LINE:COL?"""
    from dovetail.cli.work import complete as show

    sys.exit(show(given, *place, evidence=evidence))


@main.command()
@click.argument("place", metavar="FILE:LINE[:COL|-LINE]")
@_trust
@click.option("--evidence", is_flag=True, help="Say what the explanation rests on.")
@click.pass_obj
def explain(given: dict[str, Any], place: str, trust: bool, evidence: bool) -> None:
    """What is the thing at FILE:LINE:COL? What do the lines FILE:LINE-LINE do, or one, and what is wrong in them?

    What the linter says of them is explained as well; with --trust what your type checker says.
    """
    from dovetail.cli.work import explain as show

    if re.fullmatch(r".+:\d+-\d+", place):
        path, first, last = _lines(place)
        sys.exit(show(given, path, first, last=last, trust=trust, evidence=evidence))
    path, line, column = Place(needs_column=False).convert(place, None, None)
    column = column if re.search(r":\d+:\d+$", place) else 0
    sys.exit(show(given, path, line, column, trust=trust, evidence=evidence))


@main.command()
@click.argument("place", type=Place(needs_column=True))
@click.argument("question", nargs=-1)
@click.option("--without", multiple=True, type=click.Choice(_KINDS), help="A kind of evidence that is not looked at.")
@click.option("--trust", is_flag=True, help="Ask git what is changed; it reads the project's own configuration.")
@click.pass_obj
def why(
    given: dict[str, Any],
    place: tuple[Path, int, int],
    question: tuple[str, ...],
    without: tuple[str, ...],
    trust: bool,
) -> None:
    """What would a model see of the project at FILE:LINE:COL, and why?

    With a QUESTION the files and definitions that it is about are weighed as well; `@file` and `#symbol` name one.
    """
    from dovetail.cli.why import why as show

    sys.exit(show(given, *place, " ".join(question), without, trust))


@main.command()
@click.argument("place", metavar="FILE:LINE", required=False)
@_apply
@_trust
@click.option("--test", metavar="COMMAND", help="Make this pass: 'pytest tests/test_x.py::test_y'. FILE says where.")
@click.option("--python", default="", metavar="FILE", help="The interpreter that runs the tests.")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=120, help="Of test runs, at most.")
@click.option("--tests", is_flag=True, help="Run the tests related to it as well, in a sandbox: none may fail anew.")
@click.option("--evidence", is_flag=True, help="Say what the edit rests on.")
@click.pass_obj
def fix(
    given: dict[str, Any],
    place: str | None,
    apply: bool,
    trust: bool,
    test: str | None,
    python: str,
    seconds: float,
    tests: bool,
    evidence: bool,
) -> None:
    """Fix what is wrong at FILE:LINE, or what a failing test shows; prints the diff."""
    if test is not None:
        from dovetail.cli.failing_test import fix_test

        path = _file(click.STRING, place) if place else None
        sys.exit(fix_test(given, test, path, python, seconds, apply=apply, trust=trust, evidence=evidence))
    from dovetail.cli.work import fix as show

    if place is None:
        raise click.UsageError("say where: FILE:LINE, or --test COMMAND")
    where = Place(needs_column=False).convert(place, None, None)
    sys.exit(show(given, *where, apply=apply, trust=trust, tests=tests, python=python, evidence=evidence))


@main.command("do")
@click.argument("sentence")
@click.argument("place", metavar="[FILE[:LINE[:COL]]]", required=False)
@_apply
@_trust
@click.option("--evidence", is_flag=True, help="Say what the answer rests on.")
@click.pass_obj
def do_it(given: dict[str, Any], sentence: str, place: str | None, apply: bool, trust: bool, evidence: bool) -> None:
    """Do what SENTENCE says, as in 'add validation to total'; FILE where it names nothing that this project has."""
    from dovetail.cli.ask import do

    if place is None:
        path, line, column = None, 0, 0
    elif Path(place).is_file():
        path, line, column = Path(place).absolute(), 0, 0
    else:
        path, line, column = Place(needs_column=False).convert(place, None, None)
        column = column if place.count(":") > 1 else 0
    sys.exit(do(given, sentence, path, line, column, apply=apply, trust=trust, evidence=evidence))


@main.command()
@click.option("-n", "most", type=click.IntRange(1, 5000), default=50, help="Lines at most.")
@click.option("--tried", is_flag=True, help="Also what did not hold.")
def log(most: int, tried: bool) -> None:
    """What was asked in this project, what came of it, how long it took."""
    from dovetail.cli.memory import log as show

    sys.exit(show(most, tried))


@main.command()
@click.argument("text", nargs=-1)
@click.option("--kind", default="note", metavar="WORD", help="decision, convention, gotcha, …")
@click.option("--find", default="", metavar="WORDS", help="Only notes with these words.")
@click.option("--forget", type=click.IntRange(0, 2**63 - 1), default=0, metavar="NUMBER", help="Forget this note.")
def note(text: tuple[str, ...], kind: str, find: str, forget: int) -> None:
    """Keep TEXT about this project; without one, tell what was kept."""
    from dovetail.cli.memory import note as keep

    sys.exit(keep(" ".join(text), kind, find, forget))


@main.command()
def undo() -> None:
    """Take back what was applied last in this project, if its files are still so."""
    from dovetail.cli.memory import undo as take_back

    sys.exit(take_back())


def _on_function(action: str, about: str) -> None:
    """A command that does something to the function FILE:SYMBOL."""

    @main.command(action, help=f"{about} the function FILE:SYMBOL; prints the diff.")
    @click.argument("symbol", type=Named())
    @_apply
    @click.option("--evidence", is_flag=True, help="Say what the edit rests on.")
    @click.pass_obj
    def command(given: dict[str, Any], symbol: tuple[Path, str], apply: bool, evidence: bool) -> None:
        from dovetail.cli.work import on_function

        sys.exit(on_function(given, action, *symbol, apply=apply, evidence=evidence))

    del command


_on_function("validate", "Add checks of its arguments to")
_on_function("document", "Document, or bring up to date the documentation of,")
_on_function("annotate", "Add the type annotations that are certain to")
_on_function("implement", "Write the missing body of")


@main.command()
@click.argument("lines", metavar="FILE:LINE[-LINE]")
@_apply
@click.option("--evidence", is_flag=True, help="Say what the edit rests on.")
@click.pass_obj
def simplify(given: dict[str, Any], lines: str, apply: bool, evidence: bool) -> None:
    """Say more simply what means the same for certain; prints the diff."""
    from dovetail.cli.work import on_lines

    sys.exit(on_lines(given, "simplify", *_lines(lines), apply=apply, evidence=evidence))


@main.command()
@click.argument("lines", metavar="FILE:LINE[-LINE]")
@click.argument("name", required=False, default="")
@_apply
@click.option("--evidence", is_flag=True, help="Say what the edit rests on.")
@click.pass_obj
def extract(given: dict[str, Any], lines: str, name: str, apply: bool, evidence: bool) -> None:
    """Make a function, called NAME, of whole statements of another one; prints the diff."""
    from dovetail.cli.work import on_lines

    sys.exit(on_lines(given, "extract", *_lines(lines), name, apply=apply, evidence=evidence))


def _lines(written: str) -> tuple[Path, int, int]:
    found = re.fullmatch(r"(.+):(\d+)(?:-(\d+))?", written)
    first, last = (int(found[2]), int(found[3] or found[2])) if found else (0, 0)
    if found is None or not 0 < first <= last:
        raise click.UsageError(f"{written!r} is not FILE:LINE-LINE, as in server.py:12-15")
    return _file(click.STRING, found[1]), first, last


@main.command()
@click.argument("symbol", metavar="FILE:SYMBOL|FILE:LINE:COL")
@click.argument("name")
@_apply
@click.option("--evidence", is_flag=True, help="Say what the edit rests on.")
@click.pass_obj
def rename(given: dict[str, Any], symbol: str, name: str, apply: bool, evidence: bool) -> None:
    """Call it NAME, wherever it is named; prints the diff."""
    from dovetail.cli.work import rename as show

    found = re.fullmatch(r"(.+?):(\d+:\d+|[^:]+)", symbol)
    if found is None:
        raise click.UsageError(f"{symbol!r} is not FILE:SYMBOL, as in shop.py:Basket.add, nor FILE:LINE:COL")
    sys.exit(show(given, _file(click.STRING, found[1]), found[2], name, apply=apply, evidence=evidence))


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--check", type=int, default=0, metavar="EDITS", help="Try so many random edits, in memory, and compare.")
def index(folder: Path, check: int) -> None:
    """What does the graph know of FOLDER?

    With --check, the live graph after each edit must equal one that is built anew.
    """
    from dovetail.cli.index import index as show

    sys.exit(show(folder, check))


@main.command()
@click.pass_obj
def doctor(given: dict[str, Any]) -> None:
    """Is everything well here? Each part with a verdict and a remedy."""
    from dovetail.cli.doctor import doctor as show

    sys.exit(show(given))


@main.group("model", context_settings={"help_option_names": ["-h", "--help"]})
def models() -> None:
    """Which models there are, and which one is used."""


@models.command("list")
@click.pass_obj
def model_list(given: dict[str, Any]) -> None:
    """Those on this machine, whoever downloaded them, and those worth having."""
    from dovetail.cli.model import listed

    sys.exit(listed(given))


@models.command("pull")
@click.argument("name")
@click.option("--use", is_flag=True, help="Use it from now on.")
def model_pull(name: str, use: bool) -> None:
    """Download NAME of the catalogue, or OWNER/REPO/FILE.gguf of the Hugging Face hub."""
    from dovetail.cli.model import pulled

    sys.exit(pulled(name, use))


@models.command("use")
@click.argument("name", metavar="NAME|FILE")
@click.pass_obj
def model_use(given: dict[str, Any], name: str) -> None:
    """Use this one from now on; `bundled` for the one that travels with Dovetail."""
    from dovetail.cli.model import used

    sys.exit(used(given, name))


@models.command("info")
@click.argument("name", metavar="[NAME|FILE]", required=False)
@click.pass_obj
def model_info(given: dict[str, Any], name: str | None) -> None:
    """What a model says about itself; the one in use without NAME."""
    from dovetail.cli.model import told

    sys.exit(told(given, name))


@models.command("remove")
@click.argument("name")
@click.option("--yes", "sure", is_flag=True, help="Do not ask.")
@click.pass_obj
def model_remove(given: dict[str, Any], name: str, sure: bool) -> None:
    """Delete a model that `pull` downloaded."""
    from dovetail.cli.model import removed

    sys.exit(removed(given, name, sure))
