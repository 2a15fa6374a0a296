"""A web process for the tests of the door."""

from tests.web.conftest import open_desk

__all__ = ["open_desk"]
