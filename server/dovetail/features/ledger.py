"""Evidence as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from dovetail.context.evidence import Evidence, Piece
from dovetail.features.markdown import escaped, fenced


def markdown(evidence: Evidence, silence: str = "") -> str:
    """One page: what was shown the model, what was tried, what held, where the time went."""
    parts = [f"# What this {evidence.feature} rests on"]
    if silence:
        parts.append(f"Nothing was shown: {escaped(silence.rstrip('.'))}.")
    if evidence.passed:
        parts.append("**Held:** " + ", ".join(evidence.passed))
    if evidence.unknown:
        parts.append("**Could not be asked:** " + "; ".join(escaped(u) for u in evidence.unknown))
    if evidence.model:
        tokens = (
            f"{evidence.prompt_tokens} tokens of prompt ({evidence.reused_tokens} kept from before), "
            f"{evidence.new_tokens} generated"
        )
        parts.append(f"**Model:** {escaped(evidence.model)}, {tokens}")
    else:
        parts.append("**Model:** not asked")
    if evidence.used:
        parts.append("## What the model saw\n\n" + _pieces(evidence.used))
    if evidence.left_out:
        parts.append("## What was left out\n\n" + _pieces(evidence.left_out))
    if evidence.weighed:
        rows = "\n".join(f"| {escaped(short(p.path))} | {p.score:.1f} | {escaped(p.why)} |" for p in evidence.weighed)
        parts.append(f"## Which files it is about\n\n| file | points | why |\n|---|---:|---|\n{rows}")
    if evidence.trials:
        parts.append("## What was tried\n\n" + "\n\n".join(
            f"{number}. from the {trial.source}: "
            + (f"failed *{trial.failed}* ({escaped(trial.finding)})" if trial.failed else "**passed**")
            + "\n\n" + fenced(trial.text)
            for number, trial in enumerate(evidence.trials, 1)
        ))  # fmt: skip
    if evidence.gates:
        rows = "\n".join(
            f"| {escaped(gate)} | {ms:.1f} | {most:.1f} | {budget:.0f}{' exceeded' if most > budget else ''} |"
            for gate, ms, most, budget in evidence.gates
        )
        head = "| gate | ms | of one candidate, at most | budget for one |\n|---|---:|---:|---:|"
        parts.append(f"## Checks\n\n{head}\n{rows}")
    if evidence.notes:
        parts.append("## Notes\n\n" + "\n".join(f"- {escaped(note)}" for note in evidence.notes))
    if evidence.stages:
        parts.append(
            "## Time\n\n| stage | ms |\n|---|---:|\n"
            + "\n".join(f"| {stage.lower()} | {ms:.1f} |" for stage, ms in evidence.stages)
        )
    return "\n\n".join(parts) + "\n"


def short(path: str) -> str:
    """A file's name with its folder's: there are many of one name."""
    return "/".join(PurePosixPath(path).parts[-2:]).removeprefix("/")


def _pieces(pieces: Sequence[Piece]) -> str:
    rows = "\n".join(
        f"| {escaped(p.what)} | {escaped(short(p.path))}:{p.line + 1} | {escaped(p.why)} | {p.score:.2f} | {p.tokens} |"
        for p in pieces
    )
    return f"| part | where | why | score | tokens |\n|---|---|---|---:|---:|\n{rows}"
