"""Texts from outside stay texts, and times of a site follow its own clock."""

import re
from datetime import UTC, datetime

import pytest

from core.calls.errors import SourceFileError
from core.language import catalogue
from core.number_tests.vocabulary import ACTOR as NUMBER_TESTS
from core.recordings.retention import ACTOR as RETENTION
from core.store.commands import describe
from core.tickets.vocabulary import AUTOMATIC
from core.ui import numbers
from core.ui.text import choose_language, escaped, stored_error, unescaped
from core.ui.times import clock_span, site_time
from core.visits.reminders import ACTOR as REMINDERS

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "hostile", ["**bold**", "[x](http://evil)", "<b>", ":red[x]", "$x$", "`code`", "![i](u)", "~~x~~", "a\n==="]
)
def test_nothing_from_outside_acts_as_markdown(hostile: str) -> None:
    shown = escaped(hostile).replace(":small[]", "")
    signs = set("*[]()<>:$`!~=")
    assert all(shown[place - 1] == "\\" for place, sign in enumerate(shown) if sign in signs)
    assert unescaped(escaped(hostile)) == hostile


@pytest.mark.parametrize(
    "found_afterwards",
    ["ana@example.com", "https://example.com/x", "HTTP://example.com", "www.example.com", ":material/home:", ":smile:"],
)
def test_what_is_looked_for_after_markdown_is_parted(found_afterwards: str) -> None:
    read = [part.replace("\\", "") for part in escaped(found_afterwards).split(":small[]")]
    assert len(read) == 2
    assert "".join(read) == found_afterwards
    assert not any(re.search(r"\S@\S|https?://|www\.|:[\w/]+:", part, re.IGNORECASE) for part in read)


def test_what_nothing_is_made_of_stays_short() -> None:
    assert escaped("2026 at 11:30, @home") == "2026 at 11\\:30, @home"


def test_a_text_from_outside_neither_turns_nor_indents_what_stands_around_it() -> None:
    assert escaped("a\u202ebc\u2066d\n\n    <b>") == "abcd\n\n\\<b\\>"


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


NAMES_OF_THINGS = "errors.things."
CODES = sorted(
    key.split(".")[1]
    for key in catalogue()
    if key.startswith("errors.") and key.endswith(".message") and not key.startswith(NAMES_OF_THINGS)
)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("facts", [{}, {"file": "a.csv", "kind": "no_header"}])
def test_no_error_shows_a_placeholder(code: str, facts: dict[str, str]) -> None:
    for words in stored_error({"code": code, "facts": facts}):
        assert words.strip()
        assert "{" not in words


def test_a_file_is_told_by_its_name_and_its_problem() -> None:
    error = SourceFileError(file="a.csv", kind="no_header", line=0, known=1, columns=2)
    message, _ = stored_error(describe(error))
    assert message.replace("\\", "") == error.message("en")


def test_a_count_is_written_as_its_reader_writes_it_and_says_where_it_was_given_up() -> None:
    assert [numbers.counted(found, 10_000) for found in (1_234, 10_000, 10_001)] == ["1,234", "10,000", "10,000+"]
    choose_language("es")
    try:
        assert numbers.counted(10_001, 10_000) == "10.000+"
    finally:
        choose_language(None)


@pytest.mark.parametrize("actor", [AUTOMATIC, RETENTION, NUMBER_TESTS, REMINDERS])
def test_parts_of_the_product_that_act_have_a_name(actor: str) -> None:
    assert set(catalogue()[f"users.actors.{actor}"]) == {"en", "es"}
