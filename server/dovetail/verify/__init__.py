"""What must hold before an edit is shown.

A promise is a pure function `(before, after, change, path) → findings`, one file each. A checker is a
program that looks at a text; `checkers/` has one file each, and `process.py` is the only way to start one.
Knows snapshots; does not know models, editors or why the change is wanted.
Invariant: no findings means that the promise holds; what could not be asked is a `Silence`, never a pass.
"""

from dovetail.verify.all_reached import all_reached
from dovetail.verify.calls_fit import calls_fit, calls_open
from dovetail.verify.clean_text import clean_text
from dovetail.verify.documents_match import documents_match
from dovetail.verify.failing_case import FAILS, TEST, failing_case, fails
from dovetail.verify.imports_exist import imports_exist
from dovetail.verify.lints_no_worse import lints_no_worse
from dovetail.verify.no_new_members import no_new_members
from dovetail.verify.no_new_names import names_open, no_new_names
from dovetail.verify.no_secrets import no_secrets
from dovetail.verify.outline_kept import outline_kept
from dovetail.verify.promise import Promise
from dovetail.verify.signature_kept import signature_kept
from dovetail.verify.still_parses import still_parses
from dovetail.verify.tests_no_worse import tests_no_worse
from dovetail.verify.touches_only import touches_only

__all__ = [
    "FAILS",
    "TEST",
    "Promise",
    "all_reached",
    "calls_fit",
    "calls_open",
    "clean_text",
    "documents_match",
    "failing_case",
    "fails",
    "imports_exist",
    "lints_no_worse",
    "names_open",
    "no_new_members",
    "no_new_names",
    "no_secrets",
    "outline_kept",
    "signature_kept",
    "still_parses",
    "tests_no_worse",
    "touches_only",
]
