"""What a ticket is about: alerts, cases, calls, journeys, recordings, visits and other tickets."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.errors import InvalidInputError, NotFoundError
from core.journeys.legs import usable_id
from core.store.models.alerts import AlertRow, CaseRow
from core.store.models.recordings import RecordingRow
from core.store.models.tickets import TicketLinkRow, TicketRow
from core.store.models.visits import VisitRow
from core.tickets.vocabulary import LARGEST_NUMBER, LINK_KINDS, number_of, one_of, plain

MOST_LINKS = 200
LONGEST = 200
OF_CALLS = ("call", "journey")
"""Kinds whose things lie in files; a call is known by its Report ID, a journey by any id its legs share."""

_ID = re.compile(r"[!-~]+")
"""Ids of Webex are signs that are seen, without spaces."""


@dataclass(frozen=True)
class Link:
    """One thing: ``reference`` is its number or id as its own page knows it, ``label`` what people call it."""

    kind: str
    reference: str
    label: str = ""

    def checked(self) -> "Link":
        """The link as it is kept. Raises ``InvalidInputError``, also for what cannot be the id of a call."""
        one_of("link", self.kind, LINK_KINDS)
        reference = plain(self.reference, LONGEST + 1)
        if not reference or len(reference) > LONGEST:
            raise InvalidInputError(field="reference", problem=f"1-{LONGEST} characters")
        if self.kind in OF_CALLS and (usable_id(reference) is None or not _ID.fullmatch(reference)):
            raise InvalidInputError(field="reference", problem=reference[:40])
        return Link(self.kind, reference, plain(self.label, LONGEST))


_NUMBERED: Mapping[str, tuple[InstrumentedAttribute[int], ColumnElement[bool]]] = {
    "alert": (AlertRow.id, AlertRow.deleted_at.is_(None)),
    "case": (CaseRow.id, true()),
    "recording": (RecordingRow.id, RecordingRow.deleted_at.is_(None)),
    "visit": (VisitRow.id, true()),
    "ticket": (TicketRow.id, true()),
}
"""Kinds whose things the operational database knows, by number, and which of them are there; calls lie elsewhere."""

_NAMED: Mapping[str, InstrumentedAttribute[str]] = {
    "alert": AlertRow.public_id,
    "case": CaseRow.public_id,
    "visit": VisitRow.public_id,
}
"""The ids people read."""


def existing(session: Session, wanted: Sequence[Link]) -> list[Link]:
    """Links as somebody wrote them, each to a thing there is, by its number; at most two questions a kind.

    Of calls and journeys only the form of the id is looked at: they lie in files beside the database, and searching
    those would hold up whoever else writes. Who ties them asks ``core.tickets.tied_calls.found`` before. Raises
    ``NotFoundError``, ``InvalidInputError``.
    """
    checked = [link.checked() for link in wanted]
    asked: dict[str, list[str]] = {}
    for link in checked:
        asked.setdefault(link.kind, []).append(link.reference)
    known = {kind: _numbers(session, kind, references) for kind, references in asked.items() if kind in _NUMBERED}
    return [_by_number(link, known[link.kind]) if link.kind in known else link for link in checked]


def _numbers(session: Session, kind: str, references: Sequence[str]) -> dict[str, int]:
    """The numbers of the things of a kind that are there, by how they were referred to."""
    (number, is_there), name = _NUMBERED[kind], _NAMED.get(kind)
    written = {one: as_number for one in references if (as_number := _number(kind, one)) is not None}
    found: dict[str, int] = {}
    if written:
        there = set(session.scalars(select(number).where(number.in_(set(written.values())), is_there)))
        found = {one: as_number for one, as_number in written.items() if as_number in there}
    called = [one for one in references if one not in written]
    if name is not None and called:
        named = select(name, number).where(name.in_({one.upper() for one in called}), is_there)
        by_name = {row[0]: row[1] for row in session.execute(named)}
        found |= {one: by_name[one.upper()] for one in called if one.upper() in by_name}
    return found


def _number(kind: str, reference: str) -> int | None:
    number = number_of(reference) if kind == "ticket" else None
    if number is None and reference.isascii() and reference.isdecimal():
        number = int(reference)
    return number if number is not None and number <= LARGEST_NUMBER else None


def _by_number(link: Link, known: Mapping[str, int]) -> Link:
    if link.reference not in known:
        raise NotFoundError(what=f"{link.kind} {link.reference[:40]}")
    reference = str(known[link.reference])
    return Link(link.kind, reference, link.label or (link.reference if link.reference != reference else ""))


def add(session: Session, ticket_id: int, wanted: Sequence[Link], *, actor: str, at: datetime) -> list[Link]:
    """Tie things to a ticket; gives those that were not tied before, by their numbers.

    Things are looked up only here: one that retention or somebody takes away later leaves its tie. Raises
    ``NotFoundError`` for a thing there is not, ``InvalidInputError``.
    """
    links = existing(session, wanted) if wanted else []
    tied = {(row.kind, row.reference) for row in of_ticket(session, ticket_id)} if links else set()
    new = {one: link for link in links if (one := (link.kind, link.reference)) not in tied}
    if len(tied) + len(new) > MOST_LINKS:
        raise InvalidInputError(field="links", problem=f"<= {MOST_LINKS}")
    about = {"ticket_id": ticket_id, "added_at": at, "added_by": actor[:200]}
    rows = [about | {"kind": one.kind, "reference": one.reference, "label": one.label} for one in new.values()]
    if rows:
        session.execute(insert(TicketLinkRow), rows)
    return list(new.values())


def has_room(session: Session, ticket_id: int) -> bool:
    """Whether another thing can be tied to a ticket."""
    count = select(func.count()).select_from(TicketLinkRow).where(TicketLinkRow.ticket_id == ticket_id)
    return (session.scalar(count) or 0) < MOST_LINKS


def remove(session: Session, ticket_id: int, link: Link) -> bool:
    """Untie a thing; gives whether it was tied."""
    found = session.execute(
        delete(TicketLinkRow)
        .where(
            TicketLinkRow.ticket_id == ticket_id,
            TicketLinkRow.kind == link.kind,
            TicketLinkRow.reference == link.reference,
        )
        .returning(TicketLinkRow.id)
    )
    return found.first() is not None


def of_ticket(session: Session, ticket_id: int) -> list[TicketLinkRow]:
    """What a ticket is about, in the order it was tied."""
    query = select(TicketLinkRow).where(TicketLinkRow.ticket_id == ticket_id)
    return list(session.scalars(query.order_by(TicketLinkRow.id)))


def tickets_of(session: Session, kind: str, references: Sequence[str]) -> dict[str, list[TicketRow]]:
    """The tickets about some things of one kind, the open and newest first, by reference; merged ones not."""
    query = (
        select(TicketLinkRow.reference, TicketRow)
        .join(TicketRow, TicketRow.id == TicketLinkRow.ticket_id)
        .where(TicketLinkRow.kind == kind, TicketLinkRow.reference.in_(references), TicketRow.state != "merged")
        .order_by(TicketRow.is_open.desc(), TicketRow.id.desc())
    )
    found: dict[str, list[TicketRow]] = {}
    for reference, ticket in session.execute(query):
        found.setdefault(reference, []).append(ticket)
    return found


def move(session: Session, source_id: int, target_id: int) -> None:
    """Tie everything of one ticket to another, where it is not tied already."""
    known = {(row.kind, row.reference) for row in of_ticket(session, target_id)} | {("ticket", str(target_id))}
    for row in of_ticket(session, source_id):
        if (row.kind, row.reference) in known:
            session.delete(row)
        else:
            row.ticket_id = target_id
    session.flush()
