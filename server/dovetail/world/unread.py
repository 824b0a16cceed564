"""What of an opened folder is never read and never copied, whatever it says of itself."""

from __future__ import annotations

import re

import pathspec

NEVER = frozenset(
    {".git", ".hg", ".svn", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache",
     ".tox", ".nox", ".eggs", ".hypothesis", ".idea", ".vscode", ".ssh", ".aws", ".gnupg", ".cache"}
)  # fmt: skip
"""Names of folders."""
_SECRET = pathspec.GitIgnoreSpec.from_lines(
    [".env", ".env.*", "*.pem", "*.key", "*.p12", "*.pfx", "*.crt", "*.cer", "id_rsa*", "id_ed25519*",
     ".netrc", ".pypirc", ".npmrc", "*.kdbx", "credentials", "secrets.*"],
)  # fmt: skip
_HEAD = 1024
"""Bytes at the beginning of a file in which it says that it is generated."""
_GENERATED = re.compile(
    rb"""^\ ?(?:\#+|//+|/?\*+|--+|;+|<!--|\"{3}|'{3}|<\?php\s+//)[ \t]*(?:
        [^\n]*\bcode\ generated\b[^\n]*\bdo\ not\ (?:edit|modify)\b
        | [^\n]*<auto-?generated\b
        | (?:[^\n]*[ \t(])?@generated(?![\w-])
        | (?:auto-?|automatically\ )?generated\ (?:by(?!\ django\b)|from|with|using)\b
        | this\ (?:file|code|class)\ (?:is|was|has\ been)\ (?:
              generated\ (?:by|from|with|using)\b | (?:auto-?|automatically\ )generated\b )
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


def is_generated(data: bytes) -> bool:
    """Whether a comment in the first lines of a file says that a program wrote it."""
    return _GENERATED.search(data[:_HEAD]) is not None


def is_secret(path: str) -> bool:
    """True for files that never enter the graph, a prompt, a log or a copy."""
    return _SECRET.match_file(path)
