"""Texts from outside stay texts, and times of a site follow its own clock."""

from datetime import UTC, datetime

import pytest

from core.ui.text import escaped, stored_error
from core.ui.times import clock_span, site_time

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "hostile", ["**bold**", "[x](http://evil)", "<b>", ":red[x]", "$x$", "`code`", "![i](u)", "~~x~~"]
)
def test_nothing_from_outside_acts_as_markdown(hostile: str) -> None:
    shown = escaped(hostile)
    signs = set("*[]()<>:$`!~")
    assert all(shown[place - 1] == "\\" for place, sign in enumerate(shown) if sign in signs)
    assert shown.replace("\\", "") == hostile


@pytest.mark.parametrize(
    ("offset", "expected"),
    [("-300", "2026-11-20 12:00:00"), ("60", "2026-11-20 18:00:00"), (None, None), ("x", None), ("99999", None)],
)
def test_the_time_of_a_site(offset: str | None, expected: str | None) -> None:
    assert site_time(NOON, offset) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(0, "0:00"), (65, "1:05"), (3725, "1:02:05")])
def test_a_length_of_talk(seconds: float, expected: str) -> None:
    assert clock_span(seconds) == expected


@pytest.mark.parametrize("stored", [{}, {"code": "no_such_code"}, {"code": "settings", "facts": {}}])
def test_a_stored_error_always_has_words(stored: dict[str, object]) -> None:
    message, remedy = stored_error(stored)
    assert message
    assert remedy
