"""A model whose answers are written in the test; none at all, and no linter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dovetail.model.ask import Answer, Ask, ModelInfo, Port, Run, Silence, Status
from dovetail.model.desk import NoModel, estimate

Said = str | list[str] | Silence
"""One turn: one answer, several candidates, or none with a reason."""


NO_MODEL = NoModel("There is no model in this test.")


async def no_linter(run: Run) -> Silence:
    return Silence("not asked in this test")


class Scripted(Port):
    """Answers the asks in order, and keeps them in `asks`; when the script is over, with a `Silence`.

    A text is an answer as it stands, also where a grammar was asked for: the test vouches for it.
    Text and candidates are cut as a real model's would be: at a stop string, at the number asked for.
    """

    def __init__(self, script: Iterable[Said] = (), *, info: ModelInfo | None = None) -> None:
        self.script = list(script)
        self.asks: list[Ask] = []
        self._info = info or ModelInfo("scripted", "", "", context=4096, fim="suffix-first", chat=True)

    @property
    def info(self) -> ModelInfo | None:
        return self._info

    @property
    def status(self) -> Status:
        return Status("ready")

    async def answer(self, ask: Ask) -> list[Answer] | Silence:
        self.asks.append(ask)
        if not self.script:
            return Silence("The script of the test is over.", "none")
        said = self.script.pop(0)
        if isinstance(said, Silence):
            return said
        texts = [said] if isinstance(said, str) else said[: max(1, ask.candidates)]
        return [_answer(text, ask) for text in texts]

    async def count(self, texts: Sequence[str]) -> list[int]:
        return estimate(texts)

    async def close(self) -> None:
        pass


def _answer(text: str, ask: Ask) -> Answer:
    hits = [hit for hit in (text.find(stop) for stop in ask.stop if stop) if hit >= 0]
    cut = text[: min(hits)] if hits else text
    return Answer(cut, estimate((cut,))[0], -0.1, "stop" if hits else "grammar" if ask.grammar else "end")
