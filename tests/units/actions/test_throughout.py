"""A plan has callees before callers, circles together, and its edit comes as one."""

from __future__ import annotations

import asyncio
import re

from dovetail.features.actions import Edited, Request, throughout
from dovetail.features.actions.pipeline import NEXT
from dovetail.model.ask import Chat, Fim, Log, ModelInfo, run
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import Scripted, no_linter

PATH = "/project/a.py"
TEXT = """class Till:
    def top(self, a: int) -> int:
        return self.left(a) + self.leaf(a)

    def left(self, a: int) -> int:
        return self.right(a)

    def right(self, a: int) -> int:
        return self.left(a - 1) if a else self.leaf(a)

    def leaf(self, a: int) -> int:
        return a
"""


def test_callees_first_and_circles_together() -> None:
    world = World(["/project"])
    world.open(PATH, TEXT, 1, None)
    graph = world.snapshot().graph
    methods = [one for one in graph.symbols(PATH) if one.kind == "method"]
    assert [[one.name for one in batch] for batch in throughout.plan(graph, methods)] == [
        ["leaf"], ["left", "right"], ["top"],
    ]  # fmt: skip


def test_one_edit_through_allowed_states_with_windows_line_ends() -> None:
    world = World(["/project"])
    text = TEXT.replace("\n", "\r\n")
    world.open(PATH, text, 1, None)
    snapshot = world.snapshot()
    request = Request(Selection(PATH, Span(6, 6)))
    offer = throughout.offer(snapshot, request)[0]
    log = Log()
    result = asyncio.run(run(throughout.make(snapshot, request, offer, None), Scripted(), no_linter, log))
    assert isinstance(result, Edited), result
    states = [""]
    for title, _ in log.stages():
        if title != states[-1]:
            assert title in NEXT[states[-1]], (states[-1], title)
            states.append(title)
    assert states[-1] == "COMPLETE"
    after = snapshot.after(result.change).files[PATH].document.text()
    assert after.count('"""') == 8
    assert "\n" not in after.replace("\r\n", "")
    kept = [line for line in after.split("\r\n") if line in text.split("\r\n")]
    assert [line for line in kept if line.strip()] == [line for line in text.split("\r\n") if line.strip()]


def asked_throughout(info: ModelInfo | None, text: str, choose: str = "Document") -> tuple[Scripted, str]:
    world = World(["/project"])
    world.open(PATH, text, 1, None)
    snapshot, request = world.snapshot(), Request(Selection(PATH, Span(6, 6)))
    (offer,) = [one for one in throughout.offer(snapshot, request) if one.title.startswith(choose)]
    model = Scripted(["Return the value that it was given."] * 40, info=info)
    result = asyncio.run(run(throughout.make(snapshot, request, offer, model.info), model, no_linter))
    assert isinstance(result, Edited), result
    return model, snapshot.after(result.change).files[PATH].document.text()


SAYS = TEXT.replace("return a\n", "return a * 2 + 1\n")


def test_each_question_ends_with_where_in_the_plan_it_is() -> None:
    chat, _ = asked_throughout(ModelInfo("chat", "", "", context=4096, fim=None, chat=True), SAYS)
    ends = [ask.prompt.user.rsplit("\n", 1)[-1] for ask in chat.asks if isinstance(ask.prompt, Chat)]
    assert ends
    assert all(re.fullmatch(r"step [1-4] of 4: Till\.\w+", end) for end in ends)
    assert len({end.split(":")[0] for end in ends}) > 1


def test_a_model_that_fills_in_reads_the_step_in_a_comment_above_and_nothing_of_it_is_written() -> None:
    model, after = asked_throughout(None, SAYS)
    heads = [ask.prompt.prefix.split("\n", 2)[:2] for ask in model.asks if isinstance(ask.prompt, Fim)]
    assert len(heads) == len(model.asks) > 1
    for comment, head in heads:
        told = re.fullmatch(r"# step [1-4] of 4: Till\.(\w+)", comment)
        assert told, comment
        assert f"def {told[1]}(" in head
    assert "step" not in after
