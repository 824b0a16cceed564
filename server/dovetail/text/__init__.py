"""Spans, edits, changes, documents.

Knows bytes and line ends. Does not know files, trees, editors or UTF-16.
Invariant: a `Document` is one immutable version; every offset is a UTF-8 byte.
"""

from dovetail.text.change import Change, Edit, Overlap, Span
from dovetail.text.diff import differing, unified_diff
from dovetail.text.document import Document

__all__ = ["Change", "Document", "Edit", "Overlap", "Span", "differing", "unified_diff"]
