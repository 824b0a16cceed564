"""What is to be replaced by what: `Span`, `Edit`, `Change`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise


class Overlap(ValueError):
    """Two edits of one change touch the same bytes."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The half-open byte range `start ≤ offset < end`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def __bool__(self) -> bool:  # an empty span is still a place
        return True

    def holds(self, other: Span) -> bool:
        """True where `other` lies inside, the ends included."""
        return self.start <= other.start and other.end <= self.end

    def meets(self, other: Span) -> bool:
        """True where the two share a byte or touch end to end."""
        return self.start <= other.end and other.start <= self.end


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of `span` by `new`. An empty span inserts."""

    span: Span
    new: bytes

    @property
    def delta(self) -> int:
        """How many bytes everything after the edit moves."""
        return len(self.new) - len(self.span)


@dataclass(frozen=True, slots=True)
class Change:
    """A wish: edits per path, all against the same version of each file.

    The edits of a path are sorted, do not overlap and number each byte of the *old* text.
    Raises `Overlap` where two of them share a byte.
    """

    edits: Mapping[str, tuple[Edit, ...]] = field(default_factory=dict[str, tuple[Edit, ...]])
    creates: frozenset[str] = frozenset()
    """The paths among them that do not exist yet; their old text is empty."""

    def __post_init__(self) -> None:
        for path, edits in self.edits.items():
            for one, two in pairwise(edits):
                if two.span.start < one.span.end or two.span == one.span:
                    raise Overlap(f"{path}: {one.span} and {two.span}")

    @classmethod
    def one(cls, path: str, edits: Iterable[Edit]) -> Change:
        """A change of one file; the edits may come in any order."""
        return cls({path: tuple(sorted(edits, key=lambda edit: edit.span))})

    def __bool__(self) -> bool:
        return any(self.edits.values())
