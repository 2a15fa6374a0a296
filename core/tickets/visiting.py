"""Visits as their ticket knows them: which ticket a number means, and what became of them in its timeline."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.errors import NotFoundError
from core.store import data_version
from core.store.models.tickets import TicketRow
from core.store.timeline import Deed
from core.tickets import timeline
from core.tickets.changing import Actor, Target, locked, resolve_merged
from core.tickets.create import DATA_VERSION
from core.tickets.vocabulary import LARGEST_NUMBER, public_id


def hold(session: Session, at: datetime) -> None:
    """Let nobody else change tickets until the transaction ends: who changes a ticket's visit comes here first."""
    data_version.bump(session, DATA_VERSION, at)


def meant(session: Session, ticket_id: int) -> int:
    """The ticket that a visit is for: the one of this number, or where its merging leads. Raises ``NotFoundError``."""
    if not 0 < ticket_id <= LARGEST_NUMBER or session.get(TicketRow, ticket_id) is None:
        raise NotFoundError(what=f"ticket {public_id(ticket_id)}"[:40])
    return resolve_merged(session, ticket_id)


def note(session: Session, ticket_id: int, deed: Deed) -> None:
    """Tell what became of a visit in the timeline of the ticket its number means; the ticket's clocks go on."""
    if session.get(TicketRow, ticket_id) is None:
        # Visits are older than the rule that their ticket is looked up.
        return
    row = locked(session, Target(resolve_merged(session, ticket_id)), Actor(deed.actor, deed.at))
    timeline.write(session, row, deed)
