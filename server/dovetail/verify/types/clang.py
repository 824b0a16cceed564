"""clang answers as gcc does."""

from __future__ import annotations

from dovetail.verify.types.gcc import ON_ERRORS, SUFFIXES, findings, prepared

__all__ = ["ON_ERRORS", "SUFFIXES", "findings", "prepared"]
