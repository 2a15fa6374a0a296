"""What a ticket is about: alerts, cases, calls, journeys, recordings, visits and other tickets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.errors import InvalidInputError, NotFoundError
from core.store.models.alerts import AlertRow, CaseRow
from core.store.models.recordings import RecordingRow
from core.store.models.tickets import TicketLinkRow, TicketRow
from core.store.models.visits import VisitRow
from core.tickets.vocabulary import LARGEST_NUMBER, LINK_KINDS, number_of, one_of, plain

MOST_LINKS = 200
LONGEST = 200


@dataclass(frozen=True)
class Link:
    """One thing: ``reference`` is its number or id as its own page knows it, ``label`` what people call it."""

    kind: str
    reference: str
    label: str = ""

    def checked(self) -> "Link":
        """The link as it is kept. Raises ``InvalidInputError``."""
        one_of("link", self.kind, LINK_KINDS)
        reference = plain(self.reference, LONGEST + 1)
        if not reference or len(reference) > LONGEST:
            raise InvalidInputError(field="reference", problem=f"1-{LONGEST}")
        return Link(self.kind, reference, plain(self.label, LONGEST))


_KEPT: Mapping[str, InstrumentedAttribute[int]] = {
    "alert": AlertRow.id,
    "case": CaseRow.id,
    "recording": RecordingRow.id,
    "visit": VisitRow.id,
    "ticket": TicketRow.id,
}
_NAMED = {
    "alert": (AlertRow.public_id, AlertRow.id),
    "case": (CaseRow.public_id, CaseRow.id),
    "visit": (VisitRow.public_id, VisitRow.id),
}
"""Kinds whose things the operational database knows, by number and by the id people read. Calls lie elsewhere."""


def existing(session: Session, link: Link) -> Link:
    """The link somebody wrote, to a thing there is, by its number. Raises ``NotFoundError``, ``InvalidInputError``."""
    link = link.checked()
    if link.kind not in _KEPT:
        return link
    number = number_of(link.reference) if link.kind == "ticket" else None
    if number is None and link.reference.isascii() and link.reference.isdecimal():
        number = int(link.reference)
    if number is None and link.kind in _NAMED:
        named, numbered = _NAMED[link.kind]
        number = session.scalar(select(numbered).where(named == link.reference.upper()))
    kept = _KEPT[link.kind]
    if number is None or number > LARGEST_NUMBER or session.scalar(select(kept).where(kept == number)) is None:
        raise NotFoundError(what=link.reference[:40])
    return Link(link.kind, str(number), link.label or (link.reference if link.reference != str(number) else ""))


def add(session: Session, ticket_id: int, link: Link, *, actor: str, at: datetime) -> bool:
    """Tie a thing to a ticket; gives whether it was not tied before. Raises ``InvalidInputError``."""
    link = link.checked()
    known = of_ticket(session, ticket_id)
    if any((one.kind, one.reference) == (link.kind, link.reference) for one in known):
        return False
    if len(known) >= MOST_LINKS:
        raise InvalidInputError(field="links", problem=f"<= {MOST_LINKS}")
    session.add(
        TicketLinkRow(
            ticket_id=ticket_id,
            kind=link.kind,
            reference=link.reference,
            label=link.label,
            added_at=at,
            added_by=actor[:200],
        )
    )
    session.flush()
    return True


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
