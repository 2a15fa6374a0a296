"""Working a ticket: every change with its row in the timeline in the same transaction.

A change names the version it was made from; when somebody was quicker it raises ``TicketChangedError`` and changes
nothing. A merged ticket is worked as its target and refuses everything with ``MergedTicketError``. Each of these runs
in the caller's transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from core.store import several
from core.store.engine import Database
from core.store.models.tickets import TicketRow
from core.store.several import Outcome
from core.store.timeline import LONGEST_REASON, Deed
from core.tickets import announcing, links, policy_book, timeline, watchers, wording
from core.tickets.announcing import News
from core.tickets.changing import Actor, Target, changed, locked, wrong_state
from core.tickets.create import (
    LONGEST_DESCRIPTION,
    NewTicket,
    checked_skills,
    checked_title,
    create,
)
from core.tickets.deadlines import POLICY
from core.tickets.links import Link
from core.tickets.merging import merge
from core.tickets.timeline import LONGEST_COMMENT
from core.tickets.vocabulary import (
    ENDED_STATES,
    NEXT_STATES,
    OPEN_STATES,
    PRIORITIES,
    STATES,
    number_of,
    one_of,
    plain,
    public_id,
    rank,
)

__all__ = [
    "Actor", "Changes", "NewTicket", "Target", "Wait", "assign", "bulk", "change_state", "comment",
    "create", "edit", "link", "merge", "prioritise", "take", "unlink", "unwatch", "watch",
]  # fmt: skip

_BEGINNINGS = {"new": "begun", "waiting": "resumed", "resolved": "reopened", "closed": "reopened"}
"""What going over to open is called, by where it came from."""

LONGEST_WAIT = timedelta(days=366)


@dataclass(frozen=True)
class Wait:
    """What a ticket waits for; ``until`` (aware) is when it opens again by itself, ``None`` never."""

    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Changes:
    """What to change of a ticket's facts; ``None`` leaves a field. ``client_id`` 0 means no client."""

    title: str | None = None
    description: str | None = None
    client_id: int | None = None
    site: str | None = None
    skills: Sequence[str] | None = None


def take(session: Session, target: Target, actor: Actor, *, operator_id: int, reason: str = "") -> TicketRow:
    """Make it the operator's own and begin to work: assigned and open at once, which meets the time to own."""
    row = locked(session, target, actor)
    if row.state not in ("new", "open", "waiting"):
        raise wrong_state(row, "take")
    before, detail = row.state, {"from": row.operator_id, "to": operator_id}
    row.operator_id, row.assigned_at = operator_id, actor.at
    if before == "new":
        row.state = "open"
    return changed(session, row, actor, Deed("taken", actor.name, actor.at, before, plain(reason, 300), detail=detail))


def assign(
    session: Session,
    target: Target,
    actor: Actor,
    *,
    operator_id: int | None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> TicketRow:
    """Give it to an operator, or with ``None`` to nobody; whoever gets it still has to take it.

    ``detail`` is what the timeline tells beside: why that operator was chosen.
    """
    row = locked(session, target, actor)
    if not row.is_open:
        raise wrong_state(row, "assign")
    told = {"from": row.operator_id, "to": operator_id, **(detail or {})}
    row.operator_id = operator_id
    row.assigned_at = actor.at if operator_id is not None else None
    action = "unassigned" if operator_id is None else "assigned"
    return changed(session, row, actor, Deed(action, actor.name, actor.at, reason=plain(reason, 300), detail=told))


def change_state(
    session: Session,
    target: Target,
    actor: Actor,
    *,
    to: str,
    reason: str = "",
    wait: Wait | None = None,
    resolution: str = "",
) -> TicketRow:
    """Move it to another state: to open (begin, go on, or reopen), waiting with its ``wait``, resolved or closed.

    Raises ``TicketStateError`` where ``NEXT_STATES`` does not lead, ``InvalidInputError`` for a wait without reason.
    """
    one_of("state", to, STATES)
    row = locked(session, target, actor)
    before = row.state
    if to not in NEXT_STATES[before]:
        raise wrong_state(row, to)
    detail: dict[str, Any] = {}
    if to == "waiting":
        detail = _begin_wait(row, wait or Wait(reason), actor.at)
        reason = reason or row.waiting_reason
    else:
        row.waiting_reason, row.waiting_until = "", None
    if before in ENDED_STATES and to == "open":
        detail[POLICY] = policy_book.policy_for(session, row.priority, row.client_id, row.site).to_json()
        row.resolution = ""
    row.state, row.is_open = to, to in OPEN_STATES
    comment = ""
    if to in ENDED_STATES:
        comment = plain(resolution, LONGEST_COMMENT)
        row.resolution = comment or row.resolution
    action = _BEGINNINGS[before] if to == "open" else to
    deed = Deed(action, actor.name, actor.at, before, plain(reason, LONGEST_REASON), comment, detail)
    return changed(session, row, actor, deed)


def _begin_wait(row: TicketRow, wait: Wait, at: datetime) -> dict[str, Any]:
    reason = plain(wait.reason, LONGEST_REASON)
    if not reason:
        raise InvalidInputError(field="reason", problem=f"1-{LONGEST_REASON} characters")
    if wait.until is not None and not at < wait.until <= at + LONGEST_WAIT:
        raise InvalidInputError(field="until", problem=wait.until.isoformat())
    row.waiting_reason, row.waiting_until = reason, wait.until
    return {"until": wait.until.isoformat()} if wait.until else {}


def prioritise(session: Session, target: Target, actor: Actor, *, priority: str, reason: str = "") -> TicketRow:
    """Give it another priority; its clocks count by that priority's policy from now on."""
    one_of("priority", priority, PRIORITIES)
    row = locked(session, target, actor)
    if not row.is_open or row.priority == priority:
        raise wrong_state(row, "prioritise")
    before = row.priority
    row.priority, row.priority_rank = priority, rank(priority)
    policy = policy_book.policy_for(session, priority, row.client_id, row.site)
    detail = {"from": before, "to": priority, POLICY: policy.to_json()}
    deed = Deed("prioritised", actor.name, actor.at, reason=plain(reason, LONGEST_REASON), detail=detail)
    return changed(session, row, actor, deed)


def edit(session: Session, target: Target, actor: Actor, changes: Changes, *, reason: str = "") -> TicketRow:
    """Change its facts; another client or site counts by the policy it has. The timeline tells what was before."""
    row = locked(session, target, actor)
    wanted = _checked(changes)
    before = {name: getattr(row, name) for name, value in wanted.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, wanted[name])
    if not before:
        return row
    if "title" in before or "description" in before:
        row.texts = {}
    detail: dict[str, Any] = {"before": before, "after": {name: wanted[name] for name in before}}
    if row.is_open and ("client_id" in before or "site" in before):
        detail[POLICY] = policy_book.policy_for(session, row.priority, row.client_id, row.site).to_json()
    deed = Deed("edited", actor.name, actor.at, reason=plain(reason, LONGEST_REASON), detail=detail)
    return changed(session, row, actor, deed)


def _checked(changes: Changes) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if changes.title is not None:
        made["title"] = checked_title(changes.title)
    if changes.description is not None:
        made["description"] = plain(changes.description, LONGEST_DESCRIPTION)
    if changes.client_id is not None:
        made["client_id"] = changes.client_id or None
    if changes.site is not None:
        made["site"] = plain(changes.site, 200)
    if changes.skills is not None:
        made["skills"] = checked_skills(changes.skills)
    return made


def comment(session: Session, ticket_id: int, actor: Actor, *, text: str) -> TicketRow:
    """Write into the timeline; takes and keeps whatever version stands.

    Raises ``InvalidInputError`` for an empty text.
    """
    text = plain(text, LONGEST_COMMENT)
    if not text:
        raise InvalidInputError(field="comment", problem=f"1-{LONGEST_COMMENT} characters")
    row = locked(session, Target(ticket_id), actor)
    row.changed_at, row.changed_by = actor.at, actor.name[:200]
    timeline.write(session, row, Deed("commented", actor.name, actor.at, comment=text))
    announcing.tell(session, row, News("commented", actor.at, actor.name, wording.note(text)))
    return row


def link(session: Session, ticket_id: int, actor: Actor, wanted: Link) -> bool:
    """Tie it to a thing; gives whether it was not tied before.

    Raises ``InvalidInputError``, and ``NotFoundError`` for a thing there is not.
    """
    row = locked(session, Target(ticket_id), actor)
    if wanted.kind == "ticket" and number_of(wanted.reference) == ticket_id:
        raise InvalidInputError(field="reference", problem=public_id(ticket_id))
    added = links.add(session, ticket_id, [wanted], actor=actor.name, at=actor.at)
    for one in added:
        detail = {"kind": one.kind, "reference": one.reference, "label": one.label}
        timeline.write(session, row, Deed("linked", actor.name, actor.at, detail=detail))
    return bool(added)


def unlink(session: Session, ticket_id: int, actor: Actor, unwanted: Link) -> bool:
    """Untie it from a thing; gives whether it was tied."""
    row = locked(session, Target(ticket_id), actor)
    removed = links.remove(session, ticket_id, unwanted)
    if removed:
        detail = {"kind": unwanted.kind, "reference": unwanted.reference}
        timeline.write(session, row, Deed("unlinked", actor.name, actor.at, detail=detail))
    return removed


def watch(session: Session, ticket_id: int, actor: Actor, *, person: str) -> bool:
    """Tell somebody of it from now on; gives whether they were not told before. Raises ``InvalidInputError``."""
    row = locked(session, Target(ticket_id), actor)
    added = watchers.add(session, ticket_id, person, at=actor.at)
    if added:
        detail = {"person": watchers.checked(person)}
        timeline.write(session, row, Deed("watched", actor.name, actor.at, detail=detail))
    return added


def unwatch(session: Session, ticket_id: int, actor: Actor, *, person: str) -> bool:
    """Tell somebody of it no more; gives whether they were told."""
    row = locked(session, Target(ticket_id), actor)
    removed = watchers.remove(session, ticket_id, person)
    if removed:
        timeline.write(session, row, Deed("unwatched", actor.name, actor.at, detail={"person": person.strip()[:200]}))
    return removed


Change = Callable[[Session, Target], object]


def bulk(database: Database, targets: Sequence[Target], change: Change) -> list[Outcome[Target]]:
    """Make one change to several tickets, each in a transaction of its own; gives what became of each.

    ``change`` is called with a session and one target. Raises ``InvalidInputError`` for more than 500.
    """
    return several.change_each(database, targets, change, field="tickets")
