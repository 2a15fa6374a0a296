"""Calendar invitations (RFC 5545, RFC 5546): the UID stays, the SEQUENCE only grows, times are those of the place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vText

from core.language import Language, translate
from core.notify.notice import Attachment
from core.store.models.visits import VisitRow
from core.visits.days import zone_of
from core.visits.vocabulary import CANCELLED, CLIENT, OPERATOR

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
_PRODUCT = "-//Tollwatch//Visits//EN"
_ORGANIZER = "Tollwatch"


@dataclass(frozen=True)
class Reader:
    """Who gets the invitation: a client reads nothing that is for the desk only. ``link`` leads an operator back.

    ``uninvited`` is the name and address of an operator whose place somebody else takes: it is cancelled for them.
    """

    role: Literal["client", "operator"]
    language: Language
    link: str = ""
    uninvited: tuple[str, str] | None = None


def invitation(visit: VisitRow, reader: Reader, method: Method, *, at: datetime) -> bytes:
    """One visit as a calendar file; ``at`` is when it was written (aware)."""
    return _file([_event(visit, reader, method, at)], method, reader.language)


def attachment(visit: VisitRow, reader: Reader, method: Method, *, at: datetime) -> Attachment:
    """The invitation as it goes with a mail."""
    name = f"{visit.public_id}.ics"
    return Attachment(name, f"text/calendar; method={method}", invitation(visit, reader, method, at=at))


def calendar(visits: Iterable[VisitRow], reader: Reader, *, at: datetime) -> bytes:
    """Several visits as a calendar to read along (METHOD:PUBLISH); cancelled ones say so."""
    events = [_event(visit, reader, "PUBLISH", at) for visit in visits]
    return _file(events, "PUBLISH", reader.language)


def _file(events: Sequence[Event], method: Method, language: Language) -> bytes:
    file = Calendar()
    file.add("prodid", _PRODUCT)
    file.add("version", "2.0")
    file.add("method", method)
    if method == "PUBLISH":
        file.add("x-wr-calname", translate("visits.calendar_name", language))
    for event in events:
        file.add_component(event)
    file.add_missing_timezones()
    content: bytes = file.to_ical()
    return content


def _event(visit: VisitRow, reader: Reader, method: Method, at: datetime) -> Event:
    zone = zone_of(visit.zone)
    event = Event()
    event.add("uid", visit.uid)
    event.add("sequence", visit.sequence)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("created", visit.created_at)
    event.add("last-modified", visit.changed_at)
    event.add("dtstart", visit.starts_at.astimezone(zone))
    event.add("dtend", visit.ends_at.astimezone(zone))
    event.add("summary", _summary(visit, reader))
    if visit.place:
        event.add("location", visit.place)
    event.add("description", _description(visit, reader))
    if reader.uninvited is None:
        event.add("status", "CANCELLED" if visit.state == CANCELLED else "CONFIRMED")
    event.add("transp", "OPAQUE")
    if reader.role == OPERATOR and reader.link:
        event.add("url", reader.link)
    event.add("organizer", _address(visit.organizer, _ORGANIZER))
    # RFC 5546 §3.2.1: what is only published names no attendees.
    for role, name, mail in _attendees(visit, reader) if method != "PUBLISH" else ():
        event.add("attendee", _attendee(mail, name, role))
    return event


def _attendees(visit: VisitRow, reader: Reader) -> list[tuple[str, str, str]]:
    if reader.uninvited is not None:
        name, mail = reader.uninvited
        return [(OPERATOR, name, mail)]
    both = (
        (CLIENT, visit.client_name, visit.client_email),
        (OPERATOR, visit.operator_name, visit.operator_email),
    )
    return [(role, name, mail) for role, name, mail in both if mail]


def _summary(visit: VisitRow, reader: Reader) -> str:
    if reader.role == CLIENT:
        return visit.title
    return f"{visit.title} – {visit.client_name}"


def _description(visit: VisitRow, reader: Reader) -> str:
    language = reader.language
    lines = [
        translate("visits.calendar.operator", language, operator=visit.operator_name),
        translate("visits.calendar.client", language, client=visit.client_name),
    ]
    if reader.role == OPERATOR and visit.notes:
        lines.append(visit.notes)
    lines.append(translate("visits.calendar.reference", language, reference=visit.public_id))
    return "\n".join(lines)


def _attendee(mail: str, name: str, role: str) -> vCalAddress:
    address = _address(mail, name)
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText("ACCEPTED" if role == OPERATOR else "NEEDS-ACTION")
    # Nobody reads answers: what a client cannot make, they say to the person who made the appointment.
    address.params["RSVP"] = vText("FALSE")
    return address


def _address(mail: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{mail}")
    # A parameter holds neither control signs nor quotes (RFC 5545 §3.1); RFC 6868's way out few programs know.
    plain = "".join(sign for sign in name.replace('"', "'") if sign.isprintable())
    address.params["CN"] = vText(plain)
    return address
