"""Who may set what: a workspace only narrows."""

from __future__ import annotations

from pathlib import Path

import pytest

from dovetail.settings import DANGEROUS, Index, Settings, load, narrowed


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "home" / "config.toml"
    file.parent.mkdir()
    monkeypatch.setenv("DOVETAIL_CONFIG", str(file))
    for key in DANGEROUS:
        monkeypatch.delenv(f"DOVETAIL_{key.upper()}", raising=False)
    return file


def test_the_command_line_wins_over_the_environment_over_the_file(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('model = "/file.gguf"\nthreads = 3\n[completion]\ndebounce_ms = 10\n')
    assert load()[0].model == "/file.gguf"
    monkeypatch.setenv("DOVETAIL_MODEL", "/environment.gguf")
    assert load()[0].model == "/environment.gguf"
    settings, complaints = load({"model": "/line.gguf"})
    assert (settings.model, settings.threads, settings.completion.debounce_ms) == ("/line.gguf", 3, 10)
    assert complaints == []


def test_what_is_wrong_is_told_and_the_rest_is_used(config: Path) -> None:
    config.write_text("threads = 0\nmodell = 'x'\n[completion]\ndebounce_ms = 10\npatience_ms = 'long'\n")
    settings, complaints = load()
    assert settings.completion.debounce_ms == 10
    assert settings.threads is None
    assert len(complaints) == 3
    assert all(str(config) in complaint for complaint in complaints)
    config.write_text("this is not toml")
    settings, complaints = load()
    assert settings == Settings()
    assert len(complaints) == 1


def test_one_word_of_a_list_that_nobody_knows_costs_that_list(config: Path) -> None:
    config.write_text('model = "/models/m.gguf"\nactions = { off = ["reviews"], patience_ms = 9000 }\n')
    settings, told = load()
    assert (settings.model, settings.actions.patience_ms, settings.actions.off) == ("/models/m.gguf", 9000, ())
    assert len(told) == 1
    assert "actions.off" in told[0]


def test_a_file_that_others_may_write_is_ignored(config: Path) -> None:
    config.write_text('model = "x.gguf"\n')
    config.chmod(0o666)
    settings, complaints = load()
    assert settings.model is None
    assert "others may write" in complaints[0]


def test_a_file_inside_an_opened_folder_is_ignored(config: Path) -> None:
    config.write_text('model = "x.gguf"\n')
    settings, complaints = load(roots=[str(config.parent)])
    assert settings.model is None
    assert "inside an opened folder" in complaints[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", "x.gguf"), ("model", "./x"), ("model", "models/x.gguf"), ("python", "bin/python"),
        ("typing_model", "x.gguf"), ("second_model", "models/x.gguf"), ("embedding_model", "./x"),
    ],
)  # fmt: skip
def test_a_path_that_the_opened_folder_would_fill_is_not_taken(config: Path, key: str, value: str) -> None:
    config.write_text(f'{key} = "{value}"\nthreads = 3\n')
    for settings, complaints in (load(), load({key: value})):
        assert settings == Settings(threads=3)
        assert "write the whole path" in complaints[0]


@pytest.mark.parametrize("value", ["bundled", "qwen2.5-coder-1.5b", "hf:o/r/x.gguf", "~/x.gguf", "/x.gguf"])
def test_a_name_or_a_whole_path_is_taken(config: Path, value: str) -> None:
    assert load({"model": value}) == (Settings(model=value), [])
    assert load({"embedding_model": value}) == (Settings(embedding_model=value), [])


def test_an_address_is_no_path(config: Path) -> None:
    assert load({"second_model": "http://127.0.0.1:8080/v1"})[1] == []


@pytest.mark.parametrize("key", sorted(DANGEROUS))
def test_a_workspace_names_no_model_endpoint_or_key(key: str) -> None:
    mine = Settings(model="mine.gguf")
    settings, complaints = narrowed(mine, {key: "http://evil.example" if "endpoint" in key else 7})
    assert settings == mine
    assert f"may not set {key}" in complaints[0]


def test_a_workspace_takes_back_nothing_that_the_user_left_out() -> None:
    mine = Settings(index=Index(exclude=("private/",)))
    assert narrowed(mine, {"index": {"exclude": ["!private/", " !private/**", "more/"]}})[0].index.exclude == (
        "private/",
        "more/",
    )


def test_one_bad_value_of_a_workspace_costs_that_one() -> None:
    asked = {
        "index": {"exclude": ["secrets/"], "most_files": -1},
        "actions": {"patience_ms": 100},
        "hover": {"enabled": False},
    }
    settings, complaints = narrowed(Settings(), asked)
    assert settings.index.exclude == ("secrets/",)
    assert not settings.hover.enabled
    assert settings.actions == Settings().actions
    assert settings.index.most_files == Settings().index.most_files
    assert len(complaints) == 2


def test_a_workspace_may_narrow_and_not_widen() -> None:
    mine = Settings()
    asked = {
        "completion": {"enabled": False, "prompt_tokens": 8000, "patience_ms": 100, "off_in": ["python"]},
        "hover": {"enabled": True},
        "index": {"exclude": ["generated/"], "most_files": 10},
        "nonsense": 1,
    }
    settings, complaints = narrowed(mine, asked)
    assert not settings.completion.enabled
    assert settings.completion.prompt_tokens == mine.completion.prompt_tokens
    assert settings.completion.patience_ms == 100
    assert settings.completion.off_in == ("python",)
    assert settings.index.exclude == ("generated/",)
    assert settings.index.most_files == 10
    assert len(complaints) == 1
    off = settings.model_copy(update={"hover": settings.hover.model_copy(update={"enabled": False})})
    assert not narrowed(off, {"hover": {"enabled": True}})[0].hover.enabled
    assert narrowed(mine, {"completion": "off", "hover": {"patience_ms": -5}})[0].hover == mine.hover
