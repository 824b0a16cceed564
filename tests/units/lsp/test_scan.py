"""Which files are read: .gitignore's rules, no secrets, no way out through a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dovetail.lsp.scan import LARGEST_FILE, Scanner, read, text_of, walk
from dovetail.world.unread import is_secret


def _tree(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _walked(root: Path, *exclude: str) -> list[str]:
    return [os.path.relpath(path, root) for path in walk(root.as_posix(), exclude)[0]]


def test_ignored_files_are_left_out(tmp_path: Path) -> None:
    _tree(
        tmp_path,
        {
            ".gitignore": "build/\n*.gen.py\n!keep.gen.py\n/top.py\n",
            "a.py": "",
            "top.py": "",
            "b.gen.py": "",
            "keep.gen.py": "",
            "build/c.py": "",
            "sub/.gitignore": "d.py\n!top.py\n",
            "sub/d.py": "",
            "sub/top.py": "",
            "sub/e.py": "",
            "notes.txt": "",
            "node_modules/x.py": "",
            "venv/pyvenv.cfg": "",
            "venv/lib.py": "",
        },
    )
    assert _walked(tmp_path) == ["a.py", "keep.gen.py", "sub/e.py", "sub/top.py"]
    assert _walked(tmp_path, "sub/") == ["a.py", "keep.gen.py"]
    assert walk(tmp_path.as_posix(), (), 2) == ([f"{tmp_path}/a.py", f"{tmp_path}/keep.gen.py"], True)


def test_a_folder_of_a_repository_leaves_out_what_that_ignores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", (tmp_path / "settings").as_posix())
    _tree(
        tmp_path,
        {
            "settings/git/ignore": "scratch*.py\n",
            "repo/.gitignore": "local_*.py\n/build/\n",
            "repo/.git/info/exclude": "mine.py\n",
            "repo/pkg/.gitignore": "!local_kept.py\n",
            "repo/pkg/a.py": "",
            "repo/pkg/local_settings.py": "",
            "repo/pkg/local_kept.py": "",
            "repo/pkg/sub/mine.py": "",
            "repo/pkg/scratch1.py": "",
            "repo/build/b.py": "",
            "repo/build/local_b.py": "",
        },
    )
    assert _walked(tmp_path / "repo") == ["pkg/a.py", "pkg/local_kept.py"]
    assert _walked(tmp_path / "repo" / "pkg") == ["a.py", "local_kept.py"]
    # whoever opens an ignored folder wants to see it
    assert _walked(tmp_path / "repo" / "build") == ["b.py", "local_b.py"]


@pytest.mark.skipif(os.name != "posix", reason="needs pipes and devices")
def test_what_never_ends_is_not_read(tmp_path: Path) -> None:
    """A folder that came as an archive may hold links to devices, and pipes that nobody writes."""
    _tree(tmp_path, {"a.py": "a = 1\n", "one/b.py": "", "two/c.py": "", "two/big.py": "#" * (LARGEST_FILE + 1)})
    (tmp_path / ".gitignore").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "one" / ".gitignore")
    os.mkfifo(tmp_path / "pipe.py")
    found = read([path.as_posix() for path in (tmp_path / "a.py", tmp_path / "pipe.py", tmp_path / "two/big.py")])
    assert _walked(tmp_path) == ["a.py", "pipe.py", "one/b.py", "two/big.py", "two/c.py"]
    assert [path for path, _, _ in found.files] == [f"{tmp_path}/a.py"]
    assert dict(found.left_out) == {
        f"{tmp_path}/pipe.py": "no regular file", f"{tmp_path}/two/big.py": "larger than 2 MB",
    }  # fmt: skip
    assert text_of(f"{tmp_path}/pipe.py") is None
    assert text_of(f"{tmp_path}/.gitignore") is None


def test_links_are_not_followed(tmp_path: Path) -> None:
    _tree(tmp_path, {"outside/secret.py": "", "project/a.py": ""})
    (tmp_path / "project/link.py").symlink_to(tmp_path / "outside/secret.py")
    (tmp_path / "project/folder").symlink_to(tmp_path / "outside")
    (tmp_path / "project/loop").symlink_to(tmp_path / "project")
    assert _walked(tmp_path / "project") == ["a.py"]


def test_secrets_are_known_by_name() -> None:
    assert all(map(is_secret, (".env", ".env.local", "id_rsa", "server.key", "cert.pem", ".netrc", "secrets.py")))
    assert not any(map(is_secret, ("a.py", "environment.py", "key.py", "secret_santa.py")))


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    _tree(tmp_path, {"good.py": "def f(): pass\n", "minified.py": "x=1;" * 5000, "big.py": "x = 1\n" * 400_000})
    (tmp_path / "binary.py").write_bytes(b"\x00\x01")
    names = ["good.py", "minified.py", "big.py", "binary.py", "gone.py"]
    found = read([f"{tmp_path}/{name}" for name in names])
    assert [Path(path).name for path, _, _ in found.files] == ["good.py"]
    why = {Path(path).name: reason for path, reason in found.left_out}
    assert why == {
        "minified.py": "generated or minified",
        "big.py": "larger than 2 MB",
        "binary.py": "binary",
        "gone.py": "No such file or directory",
    }


async def test_the_scan_runs_in_a_process_and_survives_its_death(tmp_path: Path) -> None:
    _tree(tmp_path, {f"m{n}.py": f"def f{n}(): pass\n" for n in range(60)})
    scanner = Scanner()
    try:
        for _ in range(2):
            paths, _ = await scanner.walk(tmp_path.as_posix(), (), 1000)
            batches = [(done, len(found.files)) async for done, found in scanner.read(paths)]
            assert batches == [(48, 48), (60, 12)]
            assert scanner._pool is not None  # pyright: ignore[reportPrivateUsage]
            for process in scanner._pool._processes.values():  # pyright: ignore[reportPrivateUsage]
                process.kill()
                process.join()
    finally:
        scanner.close()
