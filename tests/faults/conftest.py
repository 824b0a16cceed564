"""The session's fixtures."""

from tests.session import client, project

__all__ = ["client", "project"]
