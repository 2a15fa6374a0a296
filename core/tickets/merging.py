"""Two tickets about one thing become one."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.store import data_version
from core.store.models.tickets import TicketRow
from core.store.models.visits import VisitRow
from core.store.timeline import LONGEST_REASON, Deed
from core.tickets import links, watchers
from core.tickets.changing import Actor, Target, changed, locked, resolve_merged, wrong_state
from core.tickets.errors import MergeError
from core.tickets.links import Link
from core.tickets.vocabulary import plain, public_id

_VISITS = "visits"
"""The name under which visits tell that they changed."""


def merge(session: Session, target: Target, actor: Actor, *, into: int, reason: str = "") -> TicketRow:
    """Work it as another ticket from now on: links, visits and watchers move, the number keeps pointing to the other.

    ``into`` that was merged itself means where it leads. Gives the ticket that stays. Raises ``MergeError`` for a
    ticket into itself, also in a roundabout way; ``TicketStateError`` when the other one has ended.
    """
    into = resolve_merged(session, into)
    if into == target.ticket_id:
        raise MergeError(what=public_id(target.ticket_id), target=public_id(into))
    # Everybody locks the lower number first, so that two who merge each other do not wait in a circle.
    versions = {target.ticket_id: target.version, into: None}
    rows = {number: locked(session, Target(number, versions[number]), actor) for number in sorted(versions)}
    row, other = rows[target.ticket_id], rows[into]
    if not other.is_open:
        raise wrong_state(other, "merge")
    before = row.state
    row.state, row.is_open, row.merged_into_id = "merged", False, into
    row.waiting_reason, row.waiting_until = "", None
    links.move(session, row.id, into)
    _move_visits(session, row.id, into, actor)
    if links.has_room(session, into):
        links.add(session, into, [Link("ticket", str(row.id), row.title)], actor=actor.name, at=actor.at)
    reason = plain(reason, LONGEST_REASON)
    changed(session, row, actor, Deed("merged", actor.name, actor.at, before, reason, detail={"into": into}))
    # Only now: those who watched it are told where it went.
    watchers.move(session, row.id, into)
    return changed(
        session, other, actor, Deed("absorbed", actor.name, actor.at, reason=reason, detail={"from": row.id})
    )


def _move_visits(session: Session, source_id: int, target_id: int, actor: Actor) -> None:
    data_version.bump(session, _VISITS, actor.at)
    session.execute(update(VisitRow).where(VisitRow.ticket_id == source_id).values(ticket_id=target_id))
