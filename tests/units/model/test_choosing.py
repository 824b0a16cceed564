"""`dovetail model`: what is found on the machine, what is chosen, and what a download may do wrong."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Generator
from pathlib import Path

import pytest
from huggingface_hub import constants

from dovetail.cli import model as command
from dovetail.model import catalog, pull
from dovetail.model.ask import Ask, Fim, Silence
from dovetail.model.found import found
from dovetail.settings import NotWritten, user_file, write_own
from tests.units.model import hub, tiny

NAME = "qwen2.5-coder-0.5b"
PATH = "/ggml-org/Qwen2.5-Coder-0.5B-Q8_0-GGUF/resolve/main/qwen2.5-coder-0.5b-q8_0.gguf"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and nothing in the environment that leads elsewhere."""
    home = tmp_path / "home"
    for name in ("OLLAMA_MODELS", "HF_HOME", "HF_HUB_CACHE", "LLAMA_CACHE", "DOVETAIL_CONFIG", "DOVETAIL_MODEL"):
        monkeypatch.delenv(name, raising=False)
    for name, folder in {
        "HOME": "",
        "XDG_CACHE_HOME": ".cache",
        "XDG_DATA_HOME": "data",
        "XDG_CONFIG_HOME": "config",
    }.items():
        monkeypatch.setenv(name, str(home / folder))
    home.mkdir()
    return home


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> Generator[hub.Hub]:
    with hub.serving() as told:
        monkeypatch.setenv("HF_ENDPOINT", told.url)
        monkeypatch.setattr(time, "sleep", lambda seconds: None)  # the pause before another attempt
        monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 4096)  # what is written at once; 10 MB otherwise
        told.path = PATH
        yield told


@pytest.fixture
def weights(tmp_path: Path) -> bytes:
    return tiny.write(tmp_path / "weights.gguf", name="Qwen2.5 Coder 0.5B").read_bytes()


def names() -> list[str]:
    return [one.name for one in found()]


def incoming() -> list[Path]:
    return [path for path in pull.unfinished(NAME) if not path.name.endswith("@lock")]


# --- found on the machine ------------------------------------------------------------------------------


def in_ollama(home: Path, weights: bytes, tag: str = "1.5b", host: str = "registry.ollama.ai/library") -> Path:
    """As `ollama pull qwen2.5-coder:TAG` leaves it."""
    digest = hashlib.sha256(weights).hexdigest()
    blob = home / ".ollama/models/blobs" / f"sha256-{digest}"
    manifest = home / ".ollama/models/manifests" / host / "qwen2.5-coder" / tag
    for path in (blob, manifest):
        path.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(weights)
    layers = [
        {"mediaType": "application/vnd.ollama.image.template", "digest": "sha256:" + "0" * 64, "size": 9},
        {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{digest}", "size": len(weights)},
    ]
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": layers}))
    return blob


def in_hugging_face(home: Path, weights: bytes) -> Path:
    repo = home / ".cache/huggingface/hub/models--ggml-org--Qwen2.5-Coder-0.5B-Q8_0-GGUF"
    (repo / "blobs").mkdir(parents=True)
    (repo / "blobs/abc").write_bytes(weights)
    (repo / "snapshots/c0ffee").mkdir(parents=True)
    link = repo / "snapshots/c0ffee/qwen2.5-coder-0.5b-q8_0.gguf"
    link.symlink_to("../../blobs/abc")
    return link


def test_nothing_is_found_in_an_empty_home() -> None:
    assert found() == []


def test_models_of_others_are_found(home: Path, weights: bytes) -> None:
    blob = in_ollama(home, weights)
    in_ollama(home, weights, "Q4_K_M", "hf.co/bartowski")
    link = in_hugging_face(home, weights)
    studio = home / ".lmstudio/models/maker/Some-GGUF"
    studio.mkdir(parents=True)
    for file in ("big-00001-of-00002.gguf", "big-00002-of-00002.gguf", "mmproj-big.gguf", "notes.txt"):
        (studio / file).write_bytes(weights)
    (home / ".cache/llama.cpp").mkdir(parents=True)
    (home / ".cache/llama.cpp/ggml-org_Some_some-q8_0.gguf").write_bytes(weights)
    assert [(one.name, one.where) for one in found()] == [
        ("hf:ggml-org/Qwen2.5-Coder-0.5B-Q8_0-GGUF/qwen2.5-coder-0.5b-q8_0.gguf", "Hugging Face"),
        ("ollama:hf.co/bartowski/qwen2.5-coder:Q4_K_M", "Ollama"),
        ("ollama:qwen2.5-coder:1.5b", "Ollama"),
        ("lmstudio:maker/Some-GGUF/big-00001-of-00002.gguf", "LM Studio"),
        ("llama.cpp:ggml-org_Some_some-q8_0.gguf", "llama.cpp"),
    ]
    sizes = {one.where: one.size for one in found()}
    assert sizes == {
        "Hugging Face": len(weights),
        "Ollama": len(weights),
        "LM Studio": 2 * len(weights),
        "llama.cpp": len(weights),
    }
    assert catalog.choose("ollama:qwen2.5-coder:1.5b") == blob
    assert catalog.choose(NAME) == link  # by the catalogue's name, whoever downloaded it


def test_a_stray_file_in_a_cache_is_no_model_and_hides_none(home: Path, weights: bytes) -> None:
    link = in_hugging_face(home, weights)
    hub = home / ".cache/huggingface/hub"
    (hub / "stray.gguf").write_bytes(weights)
    (hub / "a/b/c").mkdir(parents=True)
    (hub / "a/b/c/stray.gguf").write_bytes(weights)
    assert [one.path for one in found()] == [link]


def test_an_old_snapshot_is_not_told_twice(home: Path, weights: bytes) -> None:
    link = in_hugging_face(home, weights)
    newer = link.parent.parent / "newer" / link.name
    newer.parent.mkdir()
    newer.symlink_to("../../blobs/abc")
    os.utime(link, (1, 1), follow_symlinks=False)
    assert [one.path for one in found()] == [newer]


def test_the_tag_latest_may_be_left_out(home: Path, weights: bytes) -> None:
    blob = in_ollama(home, weights, "latest")
    assert catalog.choose("ollama:qwen2.5-coder") == catalog.choose("ollama:Qwen2.5-Coder:latest") == blob


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"{",
        b"[]",
        b'{"layers": 7}',
        b'{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../../passwd"}]}',
        b"[" * 9999,
        b" " * (2 << 20),
    ],
    ids=range(7),
)
def test_a_manifest_without_sense(home: Path, weights: bytes, manifest: bytes) -> None:
    in_ollama(home, weights)
    (home / ".ollama/models/manifests/registry.ollama.ai/library/qwen2.5-coder/1.5b").write_bytes(manifest)
    assert found() == []


def test_links_into_nothing_and_in_circles(home: Path, weights: bytes) -> None:
    in_hugging_face(home, weights).parent.parent.parent.joinpath("blobs/abc").unlink()
    (home / ".lmstudio/models").mkdir(parents=True)
    (home / ".lmstudio/models/again").symlink_to(home / ".lmstudio/models")
    assert found() == []


# --- which one is meant --------------------------------------------------------------------------------


def test_a_name_is_never_looked_for_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (NAME, "mine", "ollama:qwen2.5-coder:1.5b"):
        (tmp_path / name).write_bytes(b"GGUF")
        assert not catalog.choose(name).exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (NAME, f"The model {NAME} is not on this machine: run `dovetail model pull {NAME}` (0.5 GB)."),
        ("ollama:gone:7b", "There is no model ollama:gone:7b on this machine: `dovetail model list` shows those"),
        ("qwen", "There is no model qwen on this machine: `dovetail model list` shows those that there are."),
        ("/no/such.gguf", "There is no model file such.gguf: check the path in your settings."),
    ],
)
async def test_a_model_that_is_not_there_says_what_to_do(name: str, reason: str) -> None:
    port = await catalog.open_port(name, threads=1)
    said = await port.answer(Ask(Fim("x"), limit=4))
    assert isinstance(said, Silence)
    assert said.kind == "failed"
    assert said.reason.startswith(reason)
    assert port.status.state == "failed"
    await port.close()


async def test_a_model_of_ollama_is_loaded_by_its_name(home: Path, weights: bytes) -> None:
    in_ollama(home, weights)
    port = await catalog.open_port("ollama:qwen2.5-coder:1.5b", threads=1)
    assert isinstance(await port.answer(Ask(Fim("x"), limit=4)), list)
    assert port.info is not None
    assert port.info.name == "Qwen2.5 Coder 0.5B"
    await port.close()


def test_the_catalogue_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    rows = catalog.known()
    assert len({row.name for row in rows}) == len(rows) >= 6
    assert [row.gb for row in rows] == sorted(row.gb for row in rows)
    for row in rows:
        assert row.name == row.name.casefold()
        assert catalog.is_name(row.name)
        assert row.memory > row.gb
        assert pull.wanted(row.name).file == row.file
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", row.repo)
    assert command.listed({}) == 0
    shown = capsys.readouterr().out
    assert all(row.name in shown and row.good_for in shown for row in rows)
    assert "bundled" in shown


# --- using one -----------------------------------------------------------------------------------------


def test_use_writes_the_users_own_file_and_nothing_else_in_it(home: Path, weights: bytes) -> None:
    in_ollama(home, weights)
    file = user_file()
    file.parent.mkdir(parents=True)
    before = "# mine\n\n# how many\nthreads = 3  # of four\n\n# quiet\n[completion]\nenabled = false\n"
    file.write_text(before)
    file.chmod(0o640)
    assert command.used({}, "ollama:qwen2.5-coder:1.5b") == 0
    assert file.read_text() == before.replace("# mine\n", '# mine\nmodel = "ollama:qwen2.5-coder:1.5b"\n')
    assert file.stat().st_mode & 0o777 == 0o640
    assert command.used({}, "bundled") == 0
    assert file.read_text() == before
    assert os.listdir(file.parent) == [file.name]


def test_use_takes_a_file(tmp_path: Path, weights: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / 'a "b" é.gguf'
    path.write_bytes(weights)
    monkeypatch.chdir(tmp_path)
    assert command.used({}, path.name) == 0
    assert tomllib.loads(user_file().read_text()) == {"model": str(path)}
    assert user_file().stat().st_mode & 0o777 == 0o600
    assert command.used({}, path.name) == 0
    assert tomllib.loads(user_file().read_text()) == {"model": str(path)}


def test_use_refuses_what_is_no_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.gguf").write_bytes(b"no")
    assert command.used({}, str(tmp_path / "a.gguf")) == 1
    assert command.used({}, NAME) == 1
    assert command.used({}, str(tmp_path / "b.gguf")) == 1
    shown = capsys.readouterr().err
    assert "is not a GGUF file" in shown
    assert f"dovetail model pull {NAME}" in shown
    assert not user_file().exists()


@pytest.mark.parametrize("text", ["model = ", "\xff", 'model = "a"\nmodel = "b"\n'])
def test_a_file_that_cannot_be_read_is_left_alone(text: str) -> None:
    file = user_file()
    file.parent.mkdir(parents=True)
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(NotWritten, match="was not changed"):
        write_own("model", "a")
    assert file.read_bytes() == text.encode("latin-1")


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_a_file_that_others_may_write_is_left_alone() -> None:
    file = user_file()
    file.parent.mkdir(parents=True)
    file.write_text("threads = 1\n")
    file.chmod(0o666)
    with pytest.raises(NotWritten, match="others may write"):
        write_own("model", "a")


def test_a_link_to_the_settings_stays_one_and_line_ends_stay(tmp_path: Path) -> None:
    (tmp_path / "dotfiles.toml").write_bytes(b"[hover]\r\nenabled = true\r\n")
    (tmp_path / "dotfiles.toml").chmod(0o600)
    user_file().parent.mkdir(parents=True)
    user_file().symlink_to(tmp_path / "dotfiles.toml")
    write_own("model", "a")
    assert user_file().is_symlink()
    assert (tmp_path / "dotfiles.toml").read_bytes() == b'model = "a"\n[hover]\r\nenabled = true\r\n'


def test_info_tells_what_a_file_says(home: Path, weights: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    in_hugging_face(home, weights)
    assert command.told({}, NAME) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for words in ("name Qwen2.5 Coder 0.5B", "family Qwen Coder", "fills in the middle prefix first", "context 512"):
        assert words in shown
    assert command.told({}, "starcoder2-3b") == 0
    assert "dovetail model pull starcoder2-3b" in capsys.readouterr().out
    assert command.told({}, None) == 0
    assert "dovetail-small" in capsys.readouterr().out
    assert command.told({}, "nothing") == 1


# --- downloading ---------------------------------------------------------------------------------------


def test_pull_then_use_then_remove(
    online: hub.Hub, weights: bytes, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    online.data = weights
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert command.pulled(NAME, use=True) == 0
    assert names() == [NAME]
    assert catalog.choose(NAME).read_bytes() == weights
    assert tomllib.loads(user_file().read_text()) == {"model": NAME}
    assert pull.unfinished(NAME) == []
    assert len(online.asked) == 1
    assert "100%" in capsys.readouterr().err  # the bar
    assert command.pulled(NAME, use=False) == 0
    assert len(online.asked) == 1  # it is here
    assert command.removed({}, NAME, sure=True) == 0
    assert names() == []
    assert tomllib.loads(user_file().read_text()) == {}


def test_nothing_of_the_users_is_sent_along(online: hub.Hub, weights: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    online.data = weights
    assert command.pulled(NAME, use=False) == 0
    assert online.headers
    for headers in online.headers:
        assert "hf_secret" not in str(headers)
        assert "authorization" not in {name.lower() for name in headers}


def test_another_file_of_the_hub(online: hub.Hub, weights: bytes) -> None:
    online.data, online.path = weights, "/maker/Some-GGUF/resolve/main/sub/some-q4.gguf"
    assert command.pulled("maker/Some-GGUF/sub/some-q4.gguf", use=True) == 0
    assert names() == ["some-q4"]
    assert catalog.choose("some-q4").read_bytes() == weights


def test_a_download_that_breaks_goes_on_by_itself(online: hub.Hub, weights: bytes) -> None:
    online.data, online.breaks_after = weights, [20_000, 30_000]
    assert command.pulled(NAME, use=False) == 0
    assert catalog.choose(NAME).read_bytes() == weights
    assert len(online.asked) == 3
    assert online.asked[1].startswith("bytes=")


def test_what_was_fetched_before_a_break_is_kept(
    online: hub.Hub, weights: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    online.data, online.breaks_after = weights, [40_000, -1]
    assert command.pulled(NAME, use=False) == 1
    assert "the next attempt goes on there" in capsys.readouterr().err
    assert names() == []
    (part,) = incoming()
    have = part.stat().st_size
    assert 0 < have <= 40_000
    online.breaks_after = []
    assert command.pulled(NAME, use=False) == 0
    assert online.asked[-1] == f"bytes={have}-"
    assert catalog.choose(NAME).read_bytes() == weights


def test_what_was_fetched_can_be_removed(online: hub.Hub, weights: bytes) -> None:
    online.data, online.breaks_after = weights, [40_000, -1]
    assert command.pulled(NAME, use=False) == 1
    assert incoming()
    assert command.removed({}, NAME, sure=False) == 0
    assert pull.unfinished(NAME) == []
    assert command.removed({}, NAME, sure=False) == 1


def test_stopping_by_hand_keeps_it_as_well(
    online: hub.Hub, weights: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    online.data, online.breaks_after = weights, [40_000]

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    assert command.pulled(NAME, use=False) == 130
    assert "is kept" in capsys.readouterr().err
    assert incoming()
    assert command.pulled(NAME, use=False) == 0


def test_a_wrong_hash_is_never_opened(
    online: hub.Hub, weights: bytes, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    online.data, online.sha256 = weights, "0" * 64
    monkeypatch.setattr(pull, "read_header", None)  # would fail if it were called
    assert command.pulled(NAME, use=False) == 1
    assert "its SHA-256 differs" in capsys.readouterr().err
    assert names() == []
    assert not incoming()


def test_a_file_without_a_hash_is_not_fetched(
    online: hub.Hub, weights: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    online.data, online.sha256 = weights, "abc"
    assert command.pulled(NAME, use=False) == 1
    assert "it cannot be checked" in capsys.readouterr().err
    assert not online.asked


def test_what_is_no_model_is_deleted(online: hub.Hub, capsys: pytest.CaptureFixture[str]) -> None:
    online.data = b"<html>" * 10_000
    assert command.pulled(NAME, use=False) == 1
    shown = capsys.readouterr().err
    assert "What the hub sent is of no use. qwen2.5-coder-0.5b-q8_0.gguf is not a GGUF file" in shown
    assert names() == []
    assert not incoming()


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (404, "EntryNotFound", "has no file ggml-org/"),
        (404, "RepoNotFound", "has no file ggml-org/"),
        (401, "GatedRepo", "wants a login: download it with `hf download"),
        (403, "GatedRepo", "wants a login: download it with `hf download"),
        (500, "", "answers with 500: try again later."),
        (429, "", "answers with 429: try again later."),
    ],
)
def test_a_hub_that_refuses(
    online: hub.Hub, status: int, code: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    online.status, online.error = status, code
    assert command.pulled(NAME, use=False) == 1
    shown = capsys.readouterr().err
    assert expected in shown
    assert "Traceback" not in shown


def test_no_network(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        assert command.pulled(NAME, use=False) == 1
    shown = capsys.readouterr().err
    assert "cannot be reached (ConnectError): see whether this machine is online." in shown
    assert names() == []


def test_no_room(
    online: hub.Hub, weights: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    online.data = weights
    monkeypatch.setattr(pull.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 10})())
    assert command.pulled(NAME, use=False) == 1
    assert "make room or choose a smaller model" in capsys.readouterr().err
    assert not online.asked


@pytest.mark.parametrize(
    "name", ["nothing", "a/b", "a/b/c.txt", "a/../c.gguf", "../a/b.gguf", "a/b/x-00001-of-00003.gguf"]
)
def test_what_cannot_be_pulled(online: hub.Hub, name: str) -> None:
    assert command.pulled(name, use=False) == 1
    assert not online.headers


# --- removing ------------------------------------------------------------------------------------------


def test_what_belongs_to_others_is_not_removed(home: Path, weights: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    blob = in_ollama(home, weights)
    for name in ("ollama:qwen2.5-coder:1.5b", "bundled", "nothing", str(blob)):
        assert command.removed({}, name, sure=True) == 1
    assert "ollama rm qwen2.5-coder:1.5b" in capsys.readouterr().err
    assert blob.exists()
    assert catalog.bundled().exists()


def test_removing_asks_first(online: hub.Hub, weights: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    online.data = weights
    command.pulled(NAME, use=False)
    monkeypatch.setattr(command.click, "confirm", lambda text: False)
    assert command.removed({}, NAME, sure=False) == 1
    assert names() == [NAME]


# --- from outside --------------------------------------------------------------------------------------


def test_the_hub_is_not_imported_by_the_server_nor_by_a_list(home: Path) -> None:
    code = (
        "import sys\nfrom dovetail.cli import model\nimport dovetail.lsp.server\n"
        "model.listed({})\nassert not [m for m in sys.modules if m.startswith(('huggingface', 'tomlkit', 'httpx'))]"
    )
    path = str(Path(catalog.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
