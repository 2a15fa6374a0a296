"""How every change of a ticket begins and ends: its row held and checked, then its timeline and what follows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFoundError
from core.store import data_version
from core.store.models.tickets import TicketRow
from core.store.timeline import Deed
from core.tickets import announcing, timeline, wording
from core.tickets.announcing import News
from core.tickets.create import DATA_VERSION
from core.tickets.errors import MergedTicketError, MergeError, TicketChangedError, TicketStateError
from core.tickets.vocabulary import public_id

_GIVEN = ("assigned", "unassigned", "taken")
"""Changes whose detail tells from whom the ticket went to whom."""


@dataclass(frozen=True)
class Target:
    """A ticket by its number, and the version the change was made from; ``None`` takes whatever stands."""

    ticket_id: int
    version: int | None = None


@dataclass(frozen=True)
class Actor:
    """Who acts, and when (aware)."""

    name: str
    at: datetime


def locked(session: Session, target: Target, actor: Actor) -> TicketRow:
    """The row to be changed, held until the transaction ends; what has to be raised first is raised.

    Raises ``NotFoundError``, ``MergedTicketError``, ``TicketChangedError``.
    """
    data_version.bump(session, DATA_VERSION, actor.at)
    row = session.get(TicketRow, target.ticket_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError(what=f"ticket {public_id(target.ticket_id)}"[:40])
    if row.merged_into_id is not None:
        raise MergedTicketError(what=public_id(row.id), target=public_id(row.merged_into_id))
    if target.version is not None and row.version != target.version:
        raise _outrun(session, row)
    return row


def _outrun(session: Session, row: TicketRow) -> TicketChangedError:
    last = timeline.last_change(session, row.id)
    who, when = (last.actor, last.at) if last else (row.changed_by, row.changed_at)
    return TicketChangedError(what=public_id(row.id), who=who or "?", when=when.isoformat(), version=row.version)


def changed(session: Session, row: TicketRow, actor: Actor, deed: Deed) -> TicketRow:
    """Write a change of a held row: its version, the timeline, what follows from it, and who is told."""
    row.version += 1
    row.changed_at, row.changed_by = actor.at, actor.name[:200]
    timeline.write(session, row, deed)
    timeline.settle(session, row)
    note = wording.note(deed.comment, deed.reason, deed.detail)
    former = deed.detail.get("from") if deed.action in _GIVEN else None
    announcing.tell(session, row, News(deed.action, actor.at, actor.name, note, former))
    return row


def wrong_state(row: TicketRow, action: str) -> TicketStateError:
    """What to raise when a ticket's state does not allow an action."""
    return TicketStateError(what=public_id(row.id), state=row.state, action=action)


def resolve_merged(session: Session, ticket_id: int) -> int:
    """The ticket that a number is worked as: itself, or where its merging leads."""
    seen = set()
    while ticket_id not in seen:
        seen.add(ticket_id)
        led = session.scalar(select(TicketRow.merged_into_id).where(TicketRow.id == ticket_id))
        if led is None:
            return ticket_id
        ticket_id = led
    raise MergeError(what=public_id(ticket_id), target=public_id(ticket_id))
