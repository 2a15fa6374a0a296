"""A web process for the tests of the door, and a server in Claude's place."""

from tests.assistant.conftest import server
from tests.web.conftest import open_desk

__all__ = ["open_desk", "server"]
