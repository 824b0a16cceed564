"""`cargo test`, offline: the tests inside of a file, and those of a folder of tests."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path, PurePosixPath

from dovetail.model.ask import Ran, Silence
from dovetail.verify.process import on_path
from dovetail.verify.tests.runners import MESSAGE, Asked, Command, Said

LINKED = ()
MANIFEST = "Cargo.toml"
AROUND = (".cargo", "Cargo.toml", "rust-toolchain", "rust-toolchain.toml")
_SOURCES, _TESTS = "src", "tests"
_RAN = re.compile(r"(?m)^test (?P<name>\S+)(?: - should panic)? \.\.\. (?P<outcome>ok|FAILED|ignored)")
_SAID = re.compile(r"(?ms)^---- (?P<name>\S+) stdout ----\n(?P<said>.*?)(?=^---- \S+ stdout ----$|^failures:$|\Z)")
_PANIC = re.compile(r"(?s)thread '.*?panicked at [^\n]*:\n(?P<why>.*?)(?:\nnote: |\nstack backtrace:|\n\n|\Z)")
_OUTCOMES = {"ok": "passed", "FAILED": "failed", "ignored": "skipped"}


def claims(asked: Asked) -> bool:
    return (asked.folder / MANIFEST).is_file()


def commands(asked: Asked) -> list[Command] | Silence:
    program = on_path("cargo", asked.roots)
    if not program:
        return Silence("there is no cargo on your path outside of the project", "none")
    units = [test for test in asked.tests if test.startswith(f"{_SOURCES}/")]
    others = [PurePosixPath(test).parts[1].removesuffix(".rs") for test in asked.tests if test.startswith(f"{_TESTS}/")]
    found: list[tuple[list[str], list[str]]] = []
    if units:
        library = (asked.folder / _SOURCES / "lib.rs").is_file()
        modules = [_module(test) for test in units]
        found.append((["--lib"] * library + ["--bins"], [f"{each}::" for each in modules] if all(modules) else []))
    if others:
        found.append(([word for name in dict.fromkeys(others) for word in ("--test", name)], []))
    return [_command(program, targets, filters) for targets, filters in found]


def _command(program: str, targets: list[str], filters: list[str]) -> Command:
    home = {
        name: os.environ.get(name) or str(Path.home() / folder)
        for name, folder in (("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup"))
    }
    environment = {
        **home,
        "CARGO_TARGET_DIR": "{scratch}/target",
        "CARGO_INCREMENTAL": "0",
        "CARGO_TERM_COLOR": "never",
        # what compiles through a server of its own reaches none from here
        "RUSTC_WRAPPER": "",
        "RUST_BACKTRACE": "0",
    }
    words = ["test", "--offline", "--no-fail-fast", *targets]
    line = shlex.join(("cargo", *words, *(["--", *filters] if filters else [])))
    argv = (program, *words, "--message-format", "short", "--", "--test-threads=2", *filters)
    return Command(argv, line, environment, tuple(home.values()))


def _module(test: str) -> str:
    """The path of a file's module; "" for the one that a crate begins with."""
    parts = PurePosixPath(test).with_suffix("").parts[1:]
    if parts[-1] == "mod":
        parts = parts[:-1]
    return "" if parts in (("lib",), ("main",)) or parts[:1] == ("bin",) else "::".join(parts)


def read(said: Said, asked: Asked) -> list[Ran] | Silence:
    why = {one["name"]: _why(one["said"]) for one in _SAID.finditer(said.out)}
    found: list[Ran] = []  # more than one of a name, where a library and a program hold the same module
    for one in _RAN.finditer(said.out):
        outcome, name = _OUTCOMES[one["outcome"]], one["name"]
        found.append(Ran(name, outcome, 0.0, why.get(name, "") if outcome == "failed" else ""))  # pyright: ignore[reportArgumentType]
    if found:
        return found
    error = next((line for line in said.err.splitlines() if re.search(r"\berror\b", line)), "")
    return Silence(f"no test was collected{f': {error.strip()[:MESSAGE]}' if error else ''}", "failed")


def _why(said: str) -> str:
    panic = _PANIC.search(said)
    if panic is None:
        return " ".join(said.split())[:MESSAGE]
    return panic["why"].strip()[:MESSAGE]
