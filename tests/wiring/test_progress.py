"""Progress for what takes more than a moment, and a cancel button that cancels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bench.pipe import Pipe, ready, server
from tests.session import until


def _values(pipe: Pipe) -> list[dict[str, Any]]:
    return [said["params"]["value"] for said in pipe.heard if said["method"] == "$/progress"]


def _project(folder: Path) -> None:
    for number in range(300):
        (folder / f"m{number}.py").write_text("def f(a, b):\n    return a + b\n" * 200, "utf-8")


async def test_reading_a_project_tells_how_far_it_is(tmp_path: Path) -> None:
    _project(tmp_path)
    async with server(root=tmp_path, progress=True) as pipe:
        status = await ready(pipe)
        assert status["indexed"] == "300 files"
        values = _values(pipe)
        assert values[0]["kind"] == "begin"
        assert values[0]["title"] == "Reading the project"
        assert values[0]["cancellable"] is True
        assert any("of 300 files" in value.get("message", "") for value in values)
        assert values[-1]["kind"] == "end"


async def test_cancelling_ends_the_reading(tmp_path: Path) -> None:
    _project(tmp_path)
    async with server(root=tmp_path, progress=True) as pipe:

        async def begun() -> Any:
            return next((s["params"]["token"] for s in pipe.heard if s["method"] == "$/progress"), None)

        pipe.notify("window/workDoneProgress/cancel", {"token": await until(begun)})
        status = await ready(pipe)
        assert status["indexed"].endswith("then cancelled")
        assert _values(pipe)[-1]["kind"] == "end"
