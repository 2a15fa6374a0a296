"""Invitations, read back by a calendar program's own parser."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Component

from core.store.models.visits import VisitRow
from core.visits.invitations import Method, Reader, attachment, calendar, invitation
from tests.visits.rows import NOON, visit_row

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ZONES = ("America/Bogota", "America/Mexico_City", "America/Denver", "Europe/Madrid", "Asia/Kolkata", "UTC")
CLIENT, OPERATOR = Reader("client", "es"), Reader("operator", "en", "https://desk.example.com/visits?visit=1")


def read(visit: VisitRow, reader: Reader = CLIENT, method: Method = "REQUEST") -> tuple[Calendar, Component]:
    found = Calendar.from_ical(invitation(visit, reader, method, at=AT))
    assert isinstance(found, Calendar)
    (event,) = found.walk("VEVENT")
    return found, event


def mails(event: Component, name: str) -> list[str]:
    given = event.get(name, [])
    return [str(one) for one in (given if isinstance(given, list) else [given])]


def test_an_invitation_says_when_where_who_and_by_whom() -> None:
    found, event = read(visit_row())
    assert (str(found["METHOD"]), str(found["VERSION"])) == ("REQUEST", "2.0")
    assert event.decoded("DTSTART") == datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("America/Bogota"))
    assert event["DTSTART"].params["TZID"] == "America/Bogota"
    assert [str(zone["TZID"]) for zone in found.walk("VTIMEZONE")] == ["America/Bogota"]
    assert (str(event["UID"]), event["SEQUENCE"], str(event["STATUS"])) == (
        "0123456789abcdef@tollwatch",
        0,
        "CONFIRMED",
    )
    assert str(event["ORGANIZER"]) == "mailto:desk@example.com"
    assert mails(event, "ATTENDEE") == ["mailto:gerencia@nandu.example", "mailto:luisa@example.com"]
    assert str(event["LOCATION"]) == "Calle 93 # 11-26, piso 4"


def test_a_client_reads_nothing_that_is_for_the_desk() -> None:
    whole = invitation(visit_row(), CLIENT, "REQUEST", at=AT).decode()
    assert "4711" not in whole
    assert "desk.example.com/visits" not in whole
    _, for_operator = read(visit_row(), OPERATOR)
    assert "4711" in str(for_operator["DESCRIPTION"])
    assert str(for_operator["URL"]) == OPERATOR.link
    assert "Ñandú" in str(for_operator["SUMMARY"])


def test_a_cancellation_names_the_same_visit() -> None:
    found, event = read(visit_row(state="cancelled", sequence=3), CLIENT, "CANCEL")
    assert (str(found["METHOD"]), str(event["STATUS"]), event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 3)


def test_whom_a_visit_is_taken_from_is_uninvited_alone() -> None:
    leaving = Reader("operator", "es", uninvited=("Pedro", "pedro@example.com"))
    found, event = read(visit_row(sequence=1), leaving, "CANCEL")
    assert str(found["METHOD"]) == "CANCEL"
    assert mails(event, "ATTENDEE") == ["mailto:pedro@example.com"]
    assert "STATUS" not in event, "RFC 5546 §3.2.5: the visit itself takes place"


def test_a_calendar_to_read_along_has_an_organizer_and_no_attendees() -> None:
    found = Calendar.from_ical(
        calendar([visit_row(), visit_row(uid="2@tollwatch", state="cancelled")], OPERATOR, at=AT)
    )
    first, second = found.walk("VEVENT")
    assert str(found["METHOD"]) == "PUBLISH"
    assert "ATTENDEE" not in first
    assert (str(first["STATUS"]), str(second["STATUS"])) == ("CONFIRMED", "CANCELLED")


def test_it_goes_with_a_mail_under_its_method() -> None:
    file = attachment(visit_row(), CLIENT, "CANCEL", at=AT)
    assert (file.name, file.media_type) == ("V-7KQ2MZ4P.ics", "text/calendar; method=CANCEL")


@pytest.mark.parametrize("zone", ZONES)
def test_the_zone_of_the_file_agrees_with_the_place_through_changes_of_the_clock(zone: str) -> None:
    for month in (1, 3, 4, 7, 10, 11):
        begin = datetime(2026, month, 29 if month in (3, 10) else 1, 15, 30, tzinfo=UTC)
        _, event = read(visit_row(zone=zone, starts_at=begin, minutes=45))
        assert event.decoded("DTSTART").astimezone(UTC) == begin
        assert (event.decoded("DTEND") - event.decoded("DTSTART")).total_seconds() == 45 * 60


_WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)


@settings(max_examples=60, deadline=None)
@given(_WORDS, _WORDS, _WORDS, st.sampled_from(ZONES), st.integers(0, 10**6), st.integers(5, 720))
def test_whatever_people_are_called_the_file_reads_back_as_it_was(
    title: str, name: str, place: str, zone: str, sequence: int, minutes: int
) -> None:
    visit = visit_row(title=title, client_name=name, place=place, zone=zone, sequence=sequence, minutes=minutes)
    content = invitation(visit, CLIENT, "REQUEST", at=AT)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    _, event = read(visit)
    assert (str(event["SUMMARY"]), str(event["UID"]), event["SEQUENCE"]) == (title, visit.uid, sequence)
    assert str(event.get("LOCATION", "")) == place
    assert event.decoded("DTSTART").astimezone(UTC) == NOON
    assert mails(event, "ATTENDEE")[0] == "mailto:gerencia@nandu.example"


@pytest.mark.parametrize("name", ["A\r\nATTENDEE:mailto:all@example.com", 'x";PARTSTAT=ACCEPTED:', "BEGIN:VALARM\nx"])
def test_a_hostile_name_adds_no_line(name: str) -> None:
    visit = visit_row(client_name=name, title=name, place=name)
    content = invitation(visit, OPERATOR, "REQUEST", at=AT)
    lines = content.replace(b"\r\n ", b"").split(b"\r\n")
    assert sum(line.startswith(b"ATTENDEE") for line in lines) == 2
    assert not any(line.startswith(b"BEGIN:VALARM") for line in lines)
    _, event = read(visit, OPERATOR)
    assert mails(event, "ATTENDEE") == ["mailto:gerencia@nandu.example", "mailto:luisa@example.com"]
