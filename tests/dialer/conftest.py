"""What the tests of the dial pad share: a pretend Asterisk of their own."""

from collections.abc import Iterator

import pytest

from tests.dialer.keeping import Asterisk, asterisk


@pytest.fixture
def exchange() -> Iterator[Asterisk]:
    with asterisk() as started:
        yield started
