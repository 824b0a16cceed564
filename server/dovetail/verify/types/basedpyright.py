"""basedpyright answers as pyright does."""

from __future__ import annotations

from dovetail.verify.types.pyright import SUFFIXES, findings, prepared

__all__ = ["SUFFIXES", "findings", "prepared"]
