"""`install.py`: what it says when something is missing, and that no build runs on another processor."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import install

EPYC = """\
processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 1
model name\t: AMD EPYC 7763
microcode\t: 0xffffffff
cpu MHz\t\t: 2445.430
flags\t\t: fpu avx avx2 fma
"""
NEWER = EPYC.replace("avx2 fma", "avx2 fma avx512f")


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Sets the processor that install.py sees."""
    if sys.platform != "linux":
        pytest.skip("the processor is read from /proc/cpuinfo")
    monkeypatch.delenv("DOVETAIL_PORTABLE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(install, "compilers", lambda: ["cc 12.2", "c++ 12.2"])

    def be(text: str) -> None:
        read = install.read
        monkeypatch.setattr(install, "read", lambda path: text if path == Path("/proc/cpuinfo") else read(path))

    return be


def test_another_processor_needs_another_build_and_another_stamp(computer):
    computer(EPYC)
    key, stamp = install.llama_key(), install.wanted()
    computer(NEWER)
    assert install.llama_key() != key
    assert install.wanted() != stamp


def test_the_clock_of_the_processor_does_not_matter(computer):
    computer(EPYC)
    key = install.llama_key()
    computer(EPYC.replace("2445.430", "1500.000") * 2)
    assert install.llama_key() == key


def test_a_portable_build_is_the_same_for_all_processors(computer, monkeypatch: pytest.MonkeyPatch):
    computer(EPYC)
    native = install.llama_key()
    monkeypatch.setenv("DOVETAIL_PORTABLE", "1")
    portable = install.llama_key()
    computer(NEWER)
    assert install.llama_key() == portable != native


def test_an_unknown_processor_gets_a_portable_build(computer):
    computer("")
    assert install.processor() == "portable"


@pytest.mark.parametrize("name", ["CC", "CXX", "CFLAGS", "CMAKE_ARGS"])
def test_other_options_need_another_build(computer, monkeypatch: pytest.MonkeyPatch, name: str):
    computer(EPYC)
    key = install.llama_key()
    monkeypatch.setenv(name, "-DSOMETHING=ON")
    assert install.llama_key() != key


def test_the_lock_is_read_whole():
    pins = install.locked()
    assert pins["llama-cpp-python"].startswith("llama-cpp-python==0.3.36 --hash=sha256:")
    assert all("--hash=sha256:" in line for pin in pins.values() for line in pin.splitlines())
    assert set(install.BUILD_ONLY) <= set(pins)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Retrying after connection broken by 'NewConnectionError'\nNo matching distribution", "no network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "was not used"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("c++: fatal error: Killed signal terminated program cc1plus", "not enough memory"),
        ("making\nggml.c:3: error: unknown type name 'x'\n", "ggml.c:3: error: unknown type name 'x'"),
        ("", "It said nothing."),
    ],
)
def test_failures_in_plain_words(said: str, reason: str):
    assert reason in install.explain(said)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project folder that was never set up."""
    for name in ("install.py", "requirements.lock", "pyproject.toml"):
        shutil.copy(install.ROOT / name, tmp_path)
    return tmp_path


def run(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    base = {name: value for name, value in os.environ.items() if name not in ("CC", "CXX")}
    environment = {**base, "XDG_CACHE_HOME": str(clone / "cache"), **environment}
    return subprocess.run(
        [sys.executable, str(clone / "install.py")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="CMake finds the compiler by itself there")
def test_without_a_compiler_it_names_the_package_and_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("DOVETAIL_WHEEL", raising=False)
    for name in ("CC", "CXX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    why = install.no_build()
    assert "there is no working C compiler here" in why
    assert "To have one:" in why


def test_what_was_made_without_a_compiler_is_made_anew_with_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("DOVETAIL_WHEEL", raising=False)
    (tmp_path / "stamp").write_text(install.wanted() + install.WITHOUT)
    monkeypatch.setattr(install, "no_build", lambda: "no compiler")
    assert install.up_to_date(tmp_path)
    monkeypatch.setattr(install, "no_build", lambda: "")
    assert not install.up_to_date(tmp_path)
    (tmp_path / "stamp").write_text(install.wanted())
    assert install.up_to_date(tmp_path)
    monkeypatch.setenv("DOVETAIL_WHEEL", "1")
    assert not install.up_to_date(tmp_path), "who wishes for the wheel gets it"


@pytest.mark.skipif(sys.platform == "win32", reason="links are made otherwise there")
def test_it_says_how_the_program_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    program = tmp_path / "a clone/.venv/bin/dovetail"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho it is me\n")
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert f"(and put {tmp_path}/.local/bin into your PATH)" in install.by_name(program.parents[1])
    monkeypatch.setenv("PATH", f"{tmp_path}/.local/bin:/usr/bin:/bin")
    told = install.by_name(program.parents[1])
    assert str(program) in told
    assert "into your PATH" not in told
    subprocess.run(told.splitlines()[1].strip(), shell=True, check=True)
    assert subprocess.check_output(["dovetail"], text=True) == "it is me\n"
    assert install.by_name(program.parents[1]) == "", "nothing is said where it is so already"


def test_another_python_is_refused_by_name(clone: Path):
    script = clone / "install.py"
    script.write_text(
        script.read_text().replace("OLDEST, NEWEST = (3, 11), (3, 13)", "OLDEST, NEWEST = (3, 7), (3, 7)")
    )
    done = run(clone, PATH=str(clone / "empty"))
    assert done.returncode == 1
    assert "Dovetail needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "Traceback" not in done.stderr


def test_when_nothing_changed_nothing_is_done(clone: Path):
    home = clone / ".venv"
    home.mkdir()
    code = f"import sys; sys.path.insert(0, {str(clone)!r}); import install; print(install.wanted(), end='')"
    stamp = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    (home / "stamp").write_text(stamp)
    done = run(clone, PATH=str(clone / "empty"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
