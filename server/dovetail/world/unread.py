"""What of an opened folder is never read and never copied, whatever it says of itself."""

from __future__ import annotations

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


def is_secret(path: str) -> bool:
    """True for files that never enter the graph, a prompt, a log or a copy."""
    return _SECRET.match_file(path)
