"""`why`: what a model would see of the project for a place, and the reasons."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.markdown import Markdown

from dovetail.cli.project import opened, said
from dovetail.cli.terminal import terminal
from dovetail.cli.work import place
from dovetail.context.scorer import About, Weights
from dovetail.features.ledger import markdown
from dovetail.features.why import why as asked
from dovetail.lsp.models import open_meaning
from dovetail.model.ask import Silence, Stage, no_meaning, run
from dovetail.verify import git
from dovetail.verify.checkers import run_checker
from dovetail.world import Selection

_out = terminal()
_err = terminal(error=True)


def why(
    given: Mapping[str, Any],
    path: Path,
    line: int,
    column: int,
    question: str,
    without: tuple[str, ...],
    trust: bool,
) -> int:
    async def work() -> int:
        async with opened(given, path, _err) as project:
            at = Selection(project.file.path, place(project, line, column))
            snapshot = project.world.snapshot()
            about = About(modified=await _modified(snapshot.roots[0]) if trust else None)
            steps = asked(
                snapshot,
                at,
                question,
                project.port.info,
                about=about,
                weights=Weights.of(project.settings.evidence).without(*without),
            )
            meaning = open_meaning(project.settings)

            def tell(stage: Stage) -> None:
                status.update(f"{stage.title.lower()}{f' {stage.done}/{stage.of}' if stage.of else ''}")

            try:
                with _err.status("weighing the project") as status:
                    evidence = await run(steps, project.port, run_checker, tell, comparer=meaning or no_meaning)
            finally:
                if meaning is not None:
                    await meaning.close()
            _out.print(Markdown(markdown(evidence)))
            for reason, count in Counter(reason for _, reason in project.left_out).items():
                said(_err, f"{count} {'file is' if count == 1 else 'files are'} not read: {reason}")
            return 0

    return asyncio.run(work())


async def _modified(root: str) -> frozenset[str]:
    found = await git.modified(root)
    if isinstance(found, Silence):
        _err.print(found.reason, style="yellow", highlight=False)
        return frozenset()
    return found
