"""Dovetail: a small local model at work in the editor, every edit verified before it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dovetail.session import Session

__all__ = ["Session", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`Session` brings everything; the server's start shall not pay for it."""
    if name == "Session":
        from dovetail.session import Session

        return Session
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
