"""What may be asked of visits, and how it is brought to the one form that is kept."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.errors import InvalidInputError
from core.notify.kinds import addresses_in
from core.visits.errors import VisitTimeError
from core.visits.vocabulary import FARTHEST, LONGEST_MINUTES, SHORTEST_MINUTES


@dataclass(frozen=True)
class Actor:
    """Who acts, and when (aware). ``key`` makes a repetition harmless: the same change again does nothing."""

    name: str
    at: datetime
    key: str = ""


@dataclass(frozen=True)
class Target:
    """A visit by its number, and the version the change was made from; ``None`` takes whatever stands."""

    visit_id: int
    version: int | None = None


@dataclass(frozen=True)
class Guest:
    """The client: one we know by ``id``, else whoever is named. Without a mail address nobody tells them."""

    name: str = ""
    email: str = ""
    language: str = ""
    id: int | None = None
    site: str = ""


@dataclass(frozen=True)
class NewVisit:
    """What is to be scheduled. ``starts_at`` is aware; ``zone`` is the IANA name of the place's time zone.

    ``organizer`` is the address the invitations come from: ``core.notify.channels.email.letter.sender_address``.
    """

    title: str
    starts_at: datetime
    minutes: int
    operator_id: int
    client: Guest
    zone: str
    organizer: str
    place: str = ""
    site: str = ""
    notes: str = ""
    ticket_id: int | None = None


@dataclass(frozen=True)
class Move:
    """What is to be otherwise; ``None`` leaves it as it is."""

    starts_at: datetime | None = None
    minutes: int | None = None
    operator_id: int | None = None
    place: str | None = None
    zone: str | None = None
    reason: str = ""


def span(starts_at: datetime, minutes: int, at: datetime) -> tuple[datetime, datetime]:
    """Begin and end to the minute, UTC. Raises ``VisitTimeError``, ``InvalidInputError`` for a naive begin."""
    if starts_at.tzinfo is None:
        raise InvalidInputError(field="starts_at", problem=starts_at.isoformat())
    begin = starts_at.astimezone(UTC).replace(second=0, microsecond=0)
    for is_wrong, problem in (
        (minutes < SHORTEST_MINUTES, "short"),
        (minutes > LONGEST_MINUTES, "long"),
        (begin - at > FARTHEST, "far"),
    ):
        if is_wrong:
            raise VisitTimeError(problem=problem)
    end = begin + timedelta(minutes=minutes)
    if end <= at:
        raise VisitTimeError(problem="past")
    return begin, end


def line(field: str, text: str, longest: int, *, required: bool = False) -> str:
    """A text of one line. Raises ``InvalidInputError`` for one that is too long, or missing where it is required."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if (required and not plain) or len(plain) > longest:
        raise InvalidInputError(field=field, problem=f"{int(required)}-{longest}")
    return plain


def prose(text: str, longest: int) -> str:
    """A text of several lines, cut where it is too long.

    Other signs that are not seen become spaces: calendars must not hold control signs (RFC 5545 §3.3.11), and some
    programs take rare ends of line for the end of a property.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in lines).strip()[:longest]


def mail_address(field: str, text: str) -> str:
    """One mail address, or none. Raises ``InvalidInputError``."""
    found = addresses_in(text)
    if len(found) > 1:
        raise InvalidInputError(field=field, problem=text[:80])
    return found[0] if found else ""
