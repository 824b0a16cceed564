"""A plan has callees before callers, circles together, and its edit comes as one."""

from __future__ import annotations

import asyncio
import re

from dovetail.features.actions import Edited, Request, throughout
from dovetail.features.actions.pipeline import NEXT
from dovetail.model.ask import Chat, Log, ModelInfo, run
from dovetail.text import Span
from dovetail.world import Selection, World
from tests.scripted import Scripted
from tests.units.actions.test_hostile import no_linter

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


def test_each_question_ends_with_where_in_the_plan_it_is() -> None:
    world = World(["/project"])
    world.open(PATH, TEXT.replace("return a\n", "return a * 2 + 1\n"), 1, None)
    snapshot = world.snapshot()
    offer = throughout.offer(snapshot, Request(Selection(PATH, Span(6, 6))))[0]
    chat = Scripted(["Says what it is."] * 9, info=ModelInfo("chat", "", "", context=4096, fim=None, chat=True))
    asyncio.run(run(throughout.make(snapshot, Request(Selection(PATH, Span(6, 6))), offer, chat.info), chat, no_linter))
    ends = [ask.prompt.user.rsplit("\n", 1)[-1] for ask in chat.asks if isinstance(ask.prompt, Chat)]
    assert ends
    assert all(re.fullmatch(r"Step [1-4] of 4: Till\.\w+\.", end) for end in ends)
    assert len({end.split(":")[0] for end in ends}) > 1
