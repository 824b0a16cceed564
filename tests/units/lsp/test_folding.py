"""What folds: bodies, what is indented, imports and comments; the first line of each stays."""

from __future__ import annotations

import pytest
from lsprotocol import types as t

from dovetail.lsp.folding import folds
from dovetail.lsp.server import Dovetail

PYTHON = """\
import os
import sys

# one
# two

def f(x):
    if x:
        return 1

    for y in x:
        a = [
            1,
        ]

    return 2
"""
GO = """\
package a

import (
\t"fmt"
\t"os"
)

/*
 * Speaks.
 */
func f() {
\tif true {
\t\tfmt.Println(os.Args)
\t}
}
"""
C = """\
#include <a.h>
#include <b.h>
int f(int x)
{
    return x;
}
"""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.py", PYTHON, ["0-1 imports", "3-4 comment", "6-15", "7-8", "10-13", "11-12"]),
        ("a.go", GO, ["2-4 imports", "7-9 comment", "10-13", "11-12"]),
        ("a.c", C, ["0-1 imports", "2-5", "3-4"]),
        ("a.py", "x = 1\r\nif x:\r\n\ty = 2\r\n\r\n\tz = 3\r\n", ["1-4"]),
        ("a.py", "def f():\n    import os\n    import sys\n    print(os, sys)\n", ["0-3", "1-2 imports"]),
        ("a.go", 'package a\n\nimport (\n\t"fmt"\n\n\t// of others\n\t"x.y/z"\n)\n', ["2-6 imports"]),
        ("a.c", "/*\nCopyright\nno stars here\n*/\n// more\n\n/* one */ int x;\n", ["0-4 comment"]),
        ("a.rs", "/// Says\n/// what.\nfn f() {}\n\n/* a\n   b */\n", ["0-1 comment", "4-5 comment"]),
        ("a.py", "", []),
        ("a.py", "if x:\n", []),
    ],
)
def test_what_folds(name: str, text: str, expected: list[str]) -> None:
    ls = Dovetail()
    ls.world.open(f"/p/{name}", text, 1, None)
    found = folds(ls, t.FoldingRangeParams(t.TextDocumentIdentifier(f"file:///p/{name}")))
    told = [f"{one.start_line}-{one.end_line} {getattr(one.kind, 'value', '')}".strip() for one in found]
    assert told == expected
