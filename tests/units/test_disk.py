"""A change is written whole or not at all."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest

from dovetail import disk


def made(folder: Path, **texts: str) -> dict[str, tuple[bytes, bytes]]:
    """Files, and a change that writes each in capitals."""
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    return {str(folder / name): (text.encode(), text.upper().encode()) for name, text in texts.items()}


def test_every_file_is_written(tmp_path: Path) -> None:
    texts = made(tmp_path, a="one", b="two")
    assert [path.name for path in disk.write(texts)] == ["a", "b"]
    assert [(tmp_path / name).read_text() for name in "ab"] == ["ONE", "TWO"]


@pytest.mark.parametrize("spoil", ["changed", "gone"])
def test_one_file_that_is_not_as_it_was_stops_all(tmp_path: Path, spoil: str) -> None:
    texts = made(tmp_path, a="one", b="two", c="three")
    last = tmp_path / "c"
    last.write_text("four") if spoil == "changed" else last.unlink()
    with pytest.raises(disk.Changed, match="nothing was written"):
        disk.write(texts)
    assert [(tmp_path / name).read_text() for name in "ab"] == ["one", "two"]
    assert sorted(path.name for path in tmp_path.iterdir()) == (["a", "b", "c"] if spoil == "changed" else ["a", "b"])


def test_a_disk_that_fails_midway_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = made(tmp_path, a="one", b="two")
    replace, calls = os.replace, 0

    def failing(old: object, new: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(28, "No space left on device")
        replace(old, new)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="No space"):
        disk.write(texts)
    assert [(tmp_path / name).read_text() for name in "ab"] == ["one", "two"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_file_that_was_to_go_is_there_again_where_another_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = made(tmp_path, a="one")
    (tmp_path / "new").write_text("new")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "chmod", full)
        with pytest.raises(OSError, match="No space") as raised:
            disk.write(texts, gone=[tmp_path / "new"])
    assert raised.value.filename == str(tmp_path / "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "new"]
    disk.write(texts, gone=[tmp_path / "new"])
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_byte_order_mark_a_link_and_a_mode_stay(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(codecs.BOM_UTF8 + b"one")
    (tmp_path / "real").chmod(0o750)
    (tmp_path / "link").symlink_to("real")
    disk.write({str(tmp_path / "link"): (b"one", b"two")})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == codecs.BOM_UTF8 + b"two"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o750


def test_a_new_file_is_written_over_none(tmp_path: Path) -> None:
    new = tmp_path / "tests" / "test_a.py"
    assert disk.write({str(new): (b"", b"new")}, [str(new)]) == (new.resolve(),)
    with pytest.raises(disk.Changed, match="is there already"):
        disk.write({str(new): (b"", b"newer")}, [str(new)])
    assert new.read_bytes() == b"new"
