"""What an answer rests on: every suggestion can say it, to a person and to a test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from dovetail.model.ask import Answer, ModelInfo

Section = Literal["system", "code", "task"]
"""What is always said; definitions of the project; the text at the cursor and what is asked."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a prompt, used or left out."""

    what: str
    """"text before the cursor", "definition of load_config", …"""
    path: str
    line: int
    """Where it begins, from 0."""
    why: str
    """The rule that brought it, or that left it out."""
    score: float
    tokens: int
    section: Section = "task"


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate and what became of it."""

    source: Literal["rule", "model", "linter", "project", "cache"]
    text: str
    failed: str = ""
    """The gate that it failed; "" where it passed all."""
    finding: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was looked at, what was tried, what held. Times are added by who measures them."""

    feature: str
    model: str = ""
    """Name of the model, "" where none was asked."""
    used: tuple[Piece, ...] = ()
    left_out: tuple[Piece, ...] = ()
    weighed: tuple[Piece, ...] = ()
    """The files that were compared, the best first, with their points."""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    new_tokens: int = 0
    trials: tuple[Trial, ...] = ()
    passed: tuple[str, ...] = ()
    """The gates that what is shown has cleared, in their order."""
    unknown: tuple[str, ...] = ()
    """Gates that could not be asked, with the reason. Never counted as passed."""
    gates: tuple[tuple[str, float, float, float], ...] = ()
    """(gate, milliseconds of all candidates together, of the longest one, budget for one)."""
    notes: tuple[str, ...] = ()
    stages: tuple[tuple[str, float], ...] = ()
    """(stage, milliseconds)."""

    def with_stages(self, stages: list[tuple[str, float]]) -> Evidence:
        return replace(self, stages=tuple(stages))


@dataclass
class Ledger:
    """Collects evidence while a feature runs; `evidence()` freezes it."""

    feature: str
    model: ModelInfo | None = None
    used: list[Piece] = field(default_factory=list[Piece])
    left_out: list[Piece] = field(default_factory=list[Piece])
    weighed: list[Piece] = field(default_factory=list[Piece])
    trials: list[Trial] = field(default_factory=list[Trial])
    passed: list[str] = field(default_factory=list[str])
    unknown: list[str] = field(default_factory=list[str])
    gates: dict[str, tuple[float, float, float]] = field(default_factory=dict[str, tuple[float, float, float]])
    notes: list[str] = field(default_factory=list[str])
    prompt_tokens: int = 0
    reused_tokens: int = 0
    new_tokens: int = 0
    asked: bool = False
    step: str = ""
    """Where in a plan this is, as a model is told it."""

    def count(self, answers: list[Answer]) -> None:
        """Add what a list of answers cost. The prompt they share counts once."""
        self.asked = True
        if answers:
            self.prompt_tokens += answers[0].prompt_tokens
            self.reused_tokens += answers[0].reused
        self.new_tokens += sum(answer.tokens for answer in answers)

    def spend(self, gate: str, ms: float, budget: float) -> None:
        """Add what a gate took for one candidate; budget: what it may take."""
        total, longest, _ = self.gates.get(gate, (0.0, 0.0, budget))
        self.gates[gate] = total + ms, max(longest, ms), budget

    def evidence(self) -> Evidence:
        return Evidence(
            self.feature,
            self.model.name if self.model and self.asked else "",
            tuple(self.used),
            tuple(self.left_out),
            tuple(self.weighed),
            self.prompt_tokens,
            self.reused_tokens,
            self.new_tokens,
            tuple(self.trials),
            tuple(self.passed),
            tuple(self.unknown),
            tuple((gate, *spent) for gate, spent in self.gates.items()),
            tuple(self.notes),
        )
