"""Claude's place, taken by a local server, and waits between attempts cut short: for every test that asks."""

from collections.abc import Iterator

import pytest
import stamina

from tests.assistant.messages_server import MessagesServer

KEY = "sk-ant-test-3f9b1c77d2"


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """Three attempts, one behind the other."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def server() -> Iterator[MessagesServer]:
    """Claude's place, taken by a server of the test's own."""
    with MessagesServer() as opened:
        yield opened
