#!/usr/bin/env python3
"""Sets Dovetail up in this folder: one `.venv` with what `requirements.lock` pins, and llama.cpp.

    python3 install.py            what `make demo` and `make test` do first
    python3 install.py --train    another environment, `training/.venv`, with PyTorch

It needs Python 3.11 to 3.13, and the network once. When nothing has changed it only compares a stamp.
Python 3.7 can still read this file, so that it can say that it is too old.

llama.cpp is compiled for the very processor of this computer: that halves the time to read a prompt.
Such a build crashes on a lesser processor, and its wheel does not say so in its name. So it is kept in
a cache of our own under a key that names the processor, never in pip's; and the stamp in `.venv` names
the processor too, so that an environment carried to another computer is given another build.

Without a C/C++ compiler there is no such build; then a ready-made llama.cpp serves the model, from the wheel
`xllamacpp`, at about half the speed. A compiler that is installed later is taken at the next run.

    DOVETAIL_WHEEL=1              do not compile, with or without a compiler
    DOVETAIL_PORTABLE=1           compile for any x86-64 with AVX2 (or any ARM64) instead
    CMAKE_ARGS=-DGGML_CUDA=ON     options for llama.cpp's own build, added to ours
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import queue
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
LOG = ROOT / ".cache" / "install.log"

LLAMA = "llama-cpp-python"
LEAN = "set(LLAMA_BUILD_COMMON OFF)\n"
"""Run inside llama.cpp's `project()`: a plain variable hides the cache entry that the Python package
forces on. Python does not use that library, and without it there is 40 % less to compile."""
OPTIONS = ("-DLLAVA_BUILD=OFF", "-DLLAMA_OPENSSL=OFF", "-DGGML_CCACHE=OFF")
SETTINGS = ("build.targets=llama", "wheel.exclude=bin/**;include/**;lib/**")
"""What is excluded are second copies, which would lie loose among the packages."""
HEEDED = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "CMAKE_ARGS", "MACOSX_DEPLOYMENT_TARGET")
BUILD_ONLY = ("cmake", "ninja", "scikit-build-core")


WITHOUT = "\nwithout a build"
"""At the end of a stamp."""


class Trouble(Exception):
    """What went wrong and what to do, in words for a person."""


def main() -> int:
    wish = sys.argv[1:]
    if wish not in ([], ["--train"]):
        print(__doc__)
        return 0 if wish in (["-h"], ["--help"]) else 2
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    home = ROOT / "training" / ".venv" if wish else ROOT / ".venv"
    try:
        right_python()
        if not up_to_date(home):
            with alone():
                if not up_to_date(home):  # the run that we waited for may have done it
                    set_up(home, train=bool(wish))
    except Trouble as trouble:
        say(f"\n{trouble}\n")
        return 1
    except OSError as error:
        say(f"\n{error.filename or 'A file'} cannot be used: {error.strerror or error}.\n")
        return 1
    except KeyboardInterrupt:
        say("\nStopped. The next run goes on with what is missing.")
        return 130
    return 0


def set_up(home: Path, train: bool) -> None:
    """Bring `home` up to date. What is done stays done if the run is cut short."""
    began = time.monotonic()
    why = no_build()
    if why:
        say(f"{why}\nGoing on with a llama.cpp that was compiled elsewhere, at about half the speed.\n")
    folder = wheels() / ("none" if why else llama_key())
    python = make_environment(home)
    (home / "stamp").write_text(f"folder {ROOT}\n")

    wheel = next(folder.glob("*.whl"), None)
    leave = {LLAMA, *(BUILD_ONLY if wheel else ())}
    pins = [pin for name, pin in locked().items() if name not in leave]
    install(python, "packages", "--no-deps", pins=pins)
    if why:
        if read(home / "llama") not in ("", folder.name):
            with Step("removing llama-cpp-python") as step:
                follow([*pip(python), "uninstall", "-y", LLAMA], step)
        (home / "llama").write_text(folder.name)
    elif read(home / "llama") != folder.name:
        wheel = wheel or compile_llama(python, folder)
        install(python, "llama.cpp", "--no-deps", "--no-index", "--force-reinstall", str(wheel))
        (home / "llama").write_text(folder.name)
    install(python, "dovetail", "--no-deps", "--no-index", "--no-build-isolation", "-e", str(ROOT))
    if train:
        install(python, "PyTorch", "--no-build-isolation", "-e", f"{ROOT}[train]")
    with Step("trying it") as step:
        question = "import llama_cpp, pygls, tree_sitter; llama_cpp.llama_backend_init()"
        question = "import xllamacpp, pygls, tree_sitter" if why else question
        follow([python, "-I", "-c", question], step)

    (home / "stamp").write_text(wanted() + (WITHOUT if why else ""))
    say(f"{home.relative_to(ROOT)} is ready after {clock(time.monotonic() - began)}")
    if not train:
        say(by_name(home), end="")


def by_name(home: Path) -> str:
    """How `dovetail` alone comes to mean the one that was set up; "" where it does."""
    program = home / ("Scripts/dovetail.exe" if sys.platform == "win32" else "bin/dovetail")
    found = shutil.which("dovetail")
    if found and os.path.realpath(found) == os.path.realpath(program):
        return ""
    if sys.platform == "win32":
        return f"The program is {program}; to call it `dovetail`, put its folder into your PATH.\n"
    folders = [Path(one) for one in os.environ.get("PATH", "").split(os.pathsep)]
    usual = [Path.home() / ".local" / "bin", Path.home() / "bin"]
    folder = next((one for one in usual if one in folders), usual[0])
    make = "" if folder.is_dir() else f"mkdir -p {shlex.quote(str(folder))} && "
    note = "" if folder in folders else f"   (and put {folder} into your PATH)"
    link = f"{make}ln -s {shlex.quote(str(program))} {shlex.quote(str(folder))}/"
    return f"The program is {program}. To call it `dovetail` from anywhere:\n    {link}{note}\n"


# --- is there anything to do? -------------------------------------------------------------------------


def up_to_date(home: Path) -> bool:
    told = read(home / "stamp")
    if told == wanted():
        return not wheel_wanted()
    return told == wanted() + WITHOUT and bool(no_build())


def wheel_wanted() -> bool:
    return os.environ.get("DOVETAIL_WHEEL", "0") not in ("", "0")


def no_build() -> str:
    """Why llama.cpp is not compiled here; "" where it is."""
    if wheel_wanted():
        return "DOVETAIL_WHEEL is set, so llama.cpp is not compiled."
    try:
        compilers()
    except Trouble as trouble:
        return str(trouble)
    return ""


def wanted() -> str:
    """All that an environment depends on, a line each. Not the compiler: it has done its work."""
    digest = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    return "\n".join([f"folder {ROOT}", f"pins {digest}", *recipe()])


def recipe() -> list[str]:
    """What makes one build of llama.cpp differ from another by the same compiler, a line each."""
    return [
        f"options {' '.join((*OPTIONS, *SETTINGS, LEAN.strip()))}",
        f"system {platform.system()} {platform.machine()} {' '.join(platform.libc_ver())}",
        f"processor {processor()}",
        *(f"{name} {os.environ[name]}" for name in HEEDED if os.environ.get(name)),
    ]


def processor() -> str:
    """The processor and all that it can do; `portable` where that is wished for, or where it is unknown."""
    told = ""
    if os.environ.get("DOVETAIL_PORTABLE", "0") not in ("", "0"):
        return "portable"
    if sys.platform == "linux":
        told = cpuinfo(read(Path("/proc/cpuinfo")))
    elif sys.platform == "darwin":
        told = output(["/usr/sbin/sysctl", "machdep.cpu.brand_string", "hw.optional"])
    elif sys.platform == "win32":
        told = platform.processor()
    return " ".join(told.split()) or "portable"


def cpuinfo(text: str) -> str:
    """From /proc/cpuinfo the names and the instruction sets, each once (cores may differ); no clocks."""
    names = r"vendor_id|cpu|cpu family|model|model name|flags|isa|Features|CPU (?:implementer|variant|part)"
    return "\n".join(sorted(set(re.findall(rf"^(?:{names})\s*:.*$", text, re.MULTILINE))))


def llama_key() -> str:
    """The name under which a build is kept: one for each version, processor, compiler and set of options."""
    pin = locked()[LLAMA]
    about = "\n".join([pin, *recipe(), *compilers()])
    return f"{pin.split('==')[1].split()[0]}-{hashlib.sha256(about.encode()).hexdigest()[:20]}"


def wheels() -> Path:
    """Our folder in the user's cache; in the project's own where that cannot be written."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "dovetail" / "wheels"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        folder = ROOT / ".cache" / "wheels"
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def locked() -> dict[str, str]:
    """Name → `name==version ; marker --hash=… --hash=…`; several lines where Pythons need several pins."""
    pins: dict[str, str] = {}
    for line in re.sub(r"\s*\\\n\s*", " ", LOCK.read_text()).splitlines():
        if line[:1].isalnum():
            name = line.split("==")[0]
            pins[name] = f"{pins[name]}\n{line}" if name in pins else line
    return pins


# --- what the computer must bring ---------------------------------------------------------------------


def right_python() -> None:
    """Go on in this Python if it is a right one, else in the newest right one on the PATH."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and output([found, "-c", "print(True)"]) == "True":
            os.execv(found, [found, *sys.argv])
    raise Trouble(
        f"This is Python {platform.python_version()}; Dovetail needs Python 3.11, 3.12 or 3.13.\n"
        "Install one of them, or, if it is there under another name, say so:\n"
        "    make demo PYTHON=/path/to/python3.12"
    )


def make_environment(home: Path) -> str:
    """The path of the environment's Python; made anew if it is missing, broken, moved or half made."""
    python = str(home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    stamp = read(home / "stamp")
    moved = stamp and not stamp.startswith(f"folder {ROOT}\n")
    if not moved and not (home / "unfinished").exists():
        question = f"import pip, sys; print({OLDEST} <= sys.version_info[:2] <= {NEWEST})"
        if output([python, "-I", "-c", question]) == "True":
            return python
    base = str(getattr(sys, "_base_executable", sys.executable))  # this may be the old environment's
    if output([base, "-I", "-c", "import ensurepip, venv; print(bool(ensurepip.version()))"]) != "True":
        raise Trouble(
            f"{base} cannot make virtual environments, because a part of it is missing.\n"
            f"On Debian and Ubuntu install it:  {as_root()}apt-get install python3.{sys.version_info[1]}-venv"
        )
    with Step(f"making {home.relative_to(ROOT)}") as step:
        if home.is_symlink():
            home.unlink()
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        with mark(home):
            follow([base, "-I", "-m", "venv", str(home)], step)
    return python


@contextlib.contextmanager
def mark(home: Path) -> Generator[None]:
    """Whoever finds the mark knows that its maker was cut short and left who knows what."""
    (home / "unfinished").touch()
    yield
    (home / "unfinished").unlink()


def compilers() -> list[str]:
    """What each compiler says that it is. Raises `Trouble` where one is missing or cannot compile."""
    if sys.platform == "win32":
        return []  # CMake looks for Visual Studio, and tells if there is none
    said: list[str] = []
    for variable, names, kind, program in (
        ("CC", ("cc", "gcc", "clang"), "C", "#include <stdio.h>\nint main(void) { return 0; }\n"),
        ("CXX", ("c++", "g++", "clang++"), "C++", "#include <vector>\nint main() { return 0; }\n"),
    ):
        here = [name for name in names if shutil.which(name)]
        command = shlex.split(os.environ.get(variable, "")) or here[:1] or [names[0]]
        try:
            check = [*command, "-x", kind.lower(), "-fsyntax-only", "-"]
            subprocess.run(check, input=program, text=True, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            why = str(getattr(error, "stderr", "")).strip() or f"{command[0]} was not found"
            raise Trouble(
                f"llama.cpp cannot be compiled, because there is no working {kind} compiler here:\n"
                f"    {why.splitlines()[-1]}\n"
                f"To have one:\n    {compiler_package()}"
            ) from None
        said.append(output([*command, "--version"]).partition("\n")[0])
    return said


def compiler_package() -> str:
    """The command that installs a C/C++ compiler on this system."""
    if sys.platform == "darwin":
        return "xcode-select --install"
    names = " ".join(re.findall(r"^ID(?:_LIKE)?=(.*)$", read(Path("/etc/os-release")), re.MULTILINE))
    for system, command in (
        ("debian|ubuntu", "apt-get install build-essential"),
        ("fedora|rhel|centos", "dnf install gcc gcc-c++ make"),
        ("suse", "zypper install gcc gcc-c++ make"),
        ("arch", "pacman -S base-devel"),
        ("alpine", "apk add build-base linux-headers"),
    ):
        if re.search(system, names):
            return as_root() + command
    return "gcc and g++, or clang, from the packages of your system"


def as_root() -> str:
    return "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "sudo "


# --- installing ---------------------------------------------------------------------------------------


def pip(python: str) -> list[str]:
    return [python, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2"]


def install(python: str, what: str, *arguments: str, pins: Iterable[str] = ()) -> None:
    """`pip install`; what is pinned, only if its hash is the pinned one."""
    lines = "\n".join(pins).splitlines()
    begun = passed = 0

    def seen(line: str) -> None:
        nonlocal begun, passed
        begun += line.startswith(("Collecting ", "Processing ", "Requirement already satisfied"))
        passed += line.startswith("Ignoring ")  # for another Python or system
        step.tell(f"{begun}/{len(lines) - passed}" if lines else "")

    # Not in /tmp, which is small on many computers.
    with Step(f"installing {what}") as step, tempfile.TemporaryDirectory(dir=str(LOG.parent)) as folder:
        if lines:
            file = Path(folder) / "pins.txt"
            file.write_text("\n".join(lines))
            arguments += ("--require-hashes", "-r", str(file))
        with mark(Path(python).parents[1]):
            follow([*pip(python), "install", *arguments], step, seen, {"TMPDIR": folder, "TEMP": folder})


def compile_llama(python: str, folder: Path) -> Path:
    """Compile the pinned llama.cpp into a wheel in `folder`, which appears only when all is done."""
    for left in folder.parent.glob("building-*"):  # by a run that was killed
        if time.time() - left.stat().st_mtime > 86_400:
            shutil.rmtree(left, ignore_errors=True)
    # Not in /tmp here either: this takes 700 MB for a while.
    with tempfile.TemporaryDirectory(prefix="building-", dir=str(folder.parent)) as name:
        work = Path(name)
        (work / "pin.txt").write_text(locked()[LLAMA])
        (work / "lean.cmake").write_text(LEAN)
        native = "OFF" if processor() == "portable" else "ON"
        lean = shlex.quote(f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={work / 'lean.cmake'}")
        options = [*OPTIONS, f"-DGGML_NATIVE={native}", lean, os.environ.get("CMAKE_ARGS", "")]
        tools = str(Path(python).parent)
        environment = {
            "CMAKE_ARGS": " ".join(options),
            "PATH": os.pathsep.join([tools, os.environ.get("PATH", os.defpath)]),
            "TMPDIR": name,
            "TEMP": name,
        }

        as_is = ["--no-deps", "--no-build-isolation"]
        with Step("downloading llama.cpp") as step:
            pinned = ["--no-binary", LLAMA, "--require-hashes", "-r", str(work / "pin.txt")]
            follow([*pip(python), "download", *as_is, *pinned, "-d", name], step, environment=environment)
        with Step("compiling llama.cpp") as step:
            archive = str(next(work.glob("llama*.tar.gz")))
            here = ["--no-index", "--no-cache-dir", "-v", "-w", str(work / "built")]
            settings = [f"--config-settings={setting}" for setting in SETTINGS]
            build = [*pip(python), "wheel", *as_is, *here, *settings, archive]
            follow(build, step, step.count, environment)

        (work / "built" / "about.txt").write_text("\n".join([*recipe(), *compilers()]) + "\n")
        with contextlib.suppress(OSError):  # it is there: another run compiled the same
            (work / "built").rename(folder)
    return next(folder.glob("*.whl"))


def explain(said: str) -> str:
    """The likely reason in what a failed program said, and the remedy."""
    for sign, reason in (
        (
            "NewConnectionError|NameResolution|ConnectTimeout|ReadTimeout|ProxyError|unreachable",
            "There is no network, or Python's package index cannot be reached; the first time needs it.",
        ),
        (
            "CERTIFICATE_VERIFY_FAILED",
            "The package index shows a certificate that this computer does not trust.",
        ),
        (
            "DO NOT MATCH THE HASHES",
            "A downloaded file is not the one that requirements.lock names, and was not used.",
        ),
        (
            "No matching distribution",
            "Your package index lacks a version that requirements.lock names.",
        ),
        ("No space left on device", "The disk is full; this takes about 2 GB."),
        (
            "Killed signal|cannot allocate memory",
            "There was not enough memory; try again with CMAKE_BUILD_PARALLEL_LEVEL=1.",
        ),
    ):
        if re.search(sign, said, re.IGNORECASE):
            return reason
    errors = [line for line in said.splitlines() if re.search(r"\b(error|fatal)\b", line, re.IGNORECASE)]
    return (errors or said.splitlines() or ["It said nothing."])[0].strip()


# --- running programs, and telling how far they are -----------------------------------------------------


class Step:
    """One line about what goes on: rewritten on a terminal, else said again every fifteen seconds."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.detail = ""
        self.began = self.said = time.monotonic()

    def __enter__(self) -> Step:
        self.tell()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.show("\n")

    def tell(self, detail: str = "") -> None:
        """Still alive; with `detail`, how far."""
        self.detail = detail or self.detail
        if sys.stderr.isatty():
            self.show("")
        elif time.monotonic() - self.said >= 15:
            self.show("\n")

    def count(self, line: str) -> None:
        """Hear a line of ninja's: `[34/78] Building …`."""
        found = re.search(r"\[(\d+/\d+)\]", line)
        if found:
            self.tell(found[1])

    def show(self, end: str) -> None:
        self.said = time.monotonic()
        words = f"{self.name} {self.detail}".strip()
        start = "\r\x1b[2K" if sys.stderr.isatty() else ""
        say(f"{start}{words} · {clock(self.said - self.began)}", end)


def say(text: str, end: str = "\n") -> None:
    print(text, end=end, file=sys.stderr, flush=True)


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def read(path: Path) -> str:
    """The text of a file, or nothing."""
    with contextlib.suppress(OSError):
        return path.read_text(errors="replace")
    return ""


def output(command: list[str]) -> str:
    """What a short program prints, or nothing."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)
        return said.stdout.decode(errors="replace").strip()
    return ""


def follow(
    command: list[str],
    step: Step,
    seen: Callable[[str], None] | None = None,
    environment: dict[str, str] | None = None,
) -> None:
    """Run a program to its end; `seen` hears each line. Stopping us stops it and all that it started.

    Raises `Trouble` in plain words if it fails.
    """
    elsewhere = ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    inherited = {name: value for name, value in os.environ.items() if name not in elsewhere}
    program = subprocess.Popen(
        command,
        env={**inherited, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # a group that can be ended as a whole
    )
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def listen() -> None:
        for line in program.stdout or ():
            lines.put(line)
        lines.put(None)

    threading.Thread(target=listen, daemon=True).start()
    said: list[str] = []
    try:
        with LOG.open("a", errors="replace") as log:
            log.write(f"\n$ {shlex.join(command)}\n")
            while True:
                try:
                    line = lines.get(timeout=1)
                except queue.Empty:
                    step.tell()
                    continue
                if line is None:
                    break
                log.write(line)
                said.append(line)
                if seen:
                    seen(line.strip())
        if program.wait():
            raise Trouble(
                f"It went wrong while {step.name}. {explain(''.join(said))}\n"
                f"Everything that was said is in {LOG.relative_to(ROOT)}."
            )
    finally:
        end(program)


def end(program: subprocess.Popen[str]) -> None:
    """End a program that still runs, with all that it started: as Ctrl-C does, after a while for good."""
    for name in ("SIGINT", "SIGTERM", "SIGKILL"):
        if program.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            if sys.platform == "win32":
                output(["taskkill", "/T", "/F", "/PID", str(program.pid)])
            else:
                os.killpg(program.pid, getattr(signal, name))
            program.wait(timeout=5)


@contextlib.contextmanager
def alone() -> Generator[None]:
    """One set-up at a time in one folder."""
    LOG.parent.mkdir(exist_ok=True)
    if sys.platform == "win32":
        LOG.write_text("")
        yield
        return
    import fcntl

    with (LOG.parent / "install.busy").open("w") as busy:
        try:
            fcntl.flock(busy, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another set-up is at work in this folder; waiting for it.")
            fcntl.flock(busy, fcntl.LOCK_EX)
        LOG.write_text("")
        yield


if __name__ == "__main__":
    sys.exit(main())
