"""Working visits: scheduling, moving, cancelling, finishing, each told and in the timeline in the same transaction.

A change names the version it was made from; when somebody was quicker it raises ``VisitChangedError`` and changes
nothing. A change made again under the same ``key`` of the same actor gives what it gave. Each of these runs in the
caller's transaction.
"""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFoundError
from core.store import data_version
from core.store.crash_points import reached
from core.store.models.visits import VisitRow, VisitTimelineRow
from core.store.timeline import Deed
from core.tickets import visiting
from core.visits import availability, telling, timeline
from core.visits.availability import Host
from core.visits.days import zone_of
from core.visits.errors import VisitChangedError, VisitClashError, VisitStateError, VisitTimeError
from core.visits.orders import Actor, Guest, Move, NewVisit, Target, line, mail_address, prose, span
from core.visits.telling import News, Recipient
from core.visits.vocabulary import (
    CANCELLED,
    DATA_VERSION,
    DONE,
    LONGEST_NAME,
    LONGEST_NOTES,
    LONGEST_PLACE,
    LONGEST_REASON,
    LONGEST_TITLE,
    MISSED,
    OPERATOR,
    REMINDER_MINUTES,
    SCHEDULED,
    new_public_id,
)

__all__ = ["Actor", "Guest", "Move", "NewVisit", "Target", "cancel", "finish", "move", "schedule"]

_LONGEST_KEY = 400


def schedule(session: Session, new: NewVisit, actor: Actor) -> VisitRow:
    """Schedule a visit and invite its people.

    A ticket that was merged means the one it is worked as. Raises ``VisitClashError`` when the operator is with
    somebody else then, ``VisitTimeError``, ``NotFoundError`` for an operator, client or ticket nobody knows,
    ``InvalidInputError``. What is only awkward stands in ``concerns``.
    """
    if new.ticket_id is not None:
        visiting.hold(session, actor.at)
    data_version.bump(session, DATA_VERSION, actor.at)
    if known := _scheduled_before(session, actor):
        return known
    host = availability.host(session, new.operator_id)
    guest = _guest(session, new.client)
    ticket_id = None if new.ticket_id is None else visiting.meant(session, new.ticket_id)
    starts_at, ends_at = span(new.starts_at, new.minutes, actor.at)
    row = VisitRow(
        public_id=new_public_id(),
        idempotency_key=_key(actor),
        uid=f"{secrets.token_hex(16)}@tollwatch",
        organizer=new.organizer,
        title=line("title", new.title, LONGEST_TITLE, required=True),
        notes=prose(new.notes, LONGEST_NOTES),
        place=line("place", new.place, LONGEST_PLACE),
        site=line("site", new.site or guest.site, LONGEST_NAME),
        zone=zone_of(new.zone).key,
        starts_at=starts_at,
        ends_at=ends_at,
        client_id=guest.id,
        client_name=guest.name,
        client_email=guest.email,
        client_language=guest.language,
        ticket_id=ticket_id,
        created_at=actor.at,
        created_by=actor.name[:200],
        changed_at=actor.at,
        changed_by=actor.name[:200],
        sequence=0,
        version=0,
        state=SCHEDULED,
        moves=0,
        outcome="",
    )
    _refuse_clash(session, host, (starts_at, ends_at))
    _give_to(row, host)
    _look_again(session, row, actor.at)
    session.add(row)
    session.flush()
    deed = Deed("scheduled", actor.name, actor.at, detail=_told(row))
    _note(session, row, actor, deed)
    _tell(session, row, News("scheduled", actor.at, actor.name))
    return row


def move(session: Session, target: Target, wanted: Move, actor: Actor) -> VisitRow:
    """Give a scheduled visit another time, place or operator and tell everybody, also whom it is taken from.

    Raises as ``schedule``, ``VisitStateError``, and ``VisitChangedError`` when somebody was quicker.
    """
    row, is_done = _locked(session, target, actor, "moved")
    if is_done:
        return row
    _only(row, (SCHEDULED,), "move")
    before, former, span_before = _told(row), _host_of(row), (row.starts_at, row.ends_at)
    minutes = wanted.minutes or round((row.ends_at - row.starts_at).total_seconds() / 60)
    row.starts_at, row.ends_at = span(wanted.starts_at or row.starts_at, minutes, actor.at)
    if wanted.place is not None:
        row.place = line("place", wanted.place, LONGEST_PLACE)
    if wanted.zone is not None:
        row.zone = zone_of(wanted.zone).key
    if wanted.operator_id not in (None, row.operator_id):
        _give_to(row, availability.host(session, wanted.operator_id))
    after = _told(row)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changes:
        return row
    _refuse_clash(session, _host_of(row), (row.starts_at, row.ends_at), row.id)
    _look_again(session, row, actor.at)
    row.sequence += 1
    row.moves += 1
    reason = prose(wanted.reason, LONGEST_REASON)
    _note(session, row, actor, Deed("moved", actor.name, actor.at, reason=reason, detail={"changes": changes}))
    news = News(
        "moved",
        actor.at,
        actor.name,
        reason,
        before=span_before if span_before != (row.starts_at, row.ends_at) else None,
        former_place=str(before["place"]) if "place" in changes else "",
    )
    _tell_moved(session, row, news, is_new_host=former.id != row.operator_id)
    if former.email and former.email != row.operator_email:
        left = Recipient("operator", former.name, former.email, telling.language_of(former.language))
        telling.mail_to(session, row, left, News("given_away", actor.at, actor.name, reason))
    return row


def cancel(session: Session, target: Target, actor: Actor, *, reason: str) -> VisitRow:
    """Call a scheduled visit off and take it out of everybody's calendar. Raises as ``move``."""
    row, is_done = _locked(session, target, actor, "cancelled")
    if is_done:
        return row
    _only(row, (SCHEDULED,), "cancel")
    before, reason = row.state, prose(reason, LONGEST_REASON)
    row.state, row.ended_at = CANCELLED, actor.at
    row.sequence += 1
    _note(session, row, actor, Deed("cancelled", actor.name, actor.at, before, reason))
    _tell(session, row, News("cancelled", actor.at, actor.name, reason))
    return row


def finish(session: Session, target: Target, actor: Actor, *, outcome: str = "", missed: bool = False) -> VisitRow:
    """Say that a visit took place and what came of it, or that it was ``missed``. Raises as ``move``.

    Neither can be said before the visit has begun (``VisitTimeError``).
    """
    action = MISSED if missed else DONE
    row, is_done = _locked(session, target, actor, action)
    if is_done:
        return row
    _only(row, (SCHEDULED,), "finish")
    if actor.at < row.starts_at:
        raise VisitTimeError(problem="early")
    before = row.state
    row.state, row.ended_at = action, actor.at
    row.outcome = prose(outcome, LONGEST_NOTES)
    _note(session, row, actor, Deed(action, actor.name, actor.at, before, row.outcome))
    telling.tell_channels(session, row, News(action, actor.at, actor.name, row.outcome[:LONGEST_REASON]))
    return row


def _locked(session: Session, target: Target, actor: Actor, action: str) -> tuple[VisitRow, bool]:
    """The visit, held until the end of the transaction, and whether this very change was made before."""
    if session.scalar(select(VisitRow.ticket_id).where(VisitRow.id == target.visit_id)) is not None:
        visiting.hold(session, actor.at)
    # Whoever changes visits takes this row first: one after the other, so that two cannot take the same hour.
    data_version.bump(session, DATA_VERSION, actor.at)
    # Read anew: who asks may have looked at it before somebody else's change was done.
    row = session.get(VisitRow, target.visit_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError(what="visit")
    if actor.key and _made_before(session, row, actor, action):
        return row, True
    if target.version is not None and row.version != target.version:
        raise VisitChangedError(
            what=row.public_id, who=row.changed_by, when=row.changed_at.isoformat(), version=row.version
        )
    return row, False


def _made_before(session: Session, row: VisitRow, actor: Actor, action: str) -> bool:
    made = session.scalars(
        select(VisitTimelineRow).where(
            VisitTimelineRow.visit_id == row.id,
            VisitTimelineRow.actor == actor.name[:200],
            VisitTimelineRow.action == action,
        )
    )
    return any(entry.detail.get("key") == actor.key for entry in made)


def _scheduled_before(session: Session, actor: Actor) -> VisitRow | None:
    key = _key(actor)
    return session.scalars(select(VisitRow).where(VisitRow.idempotency_key == key)).one_or_none() if key else None


def _key(actor: Actor) -> str | None:
    return f"{actor.name}|{actor.key}"[:_LONGEST_KEY] if actor.key else None


def _note(session: Session, row: VisitRow, actor: Actor, deed: Deed) -> None:
    row.version += 1
    row.changed_at, row.changed_by = actor.at, actor.name[:200]
    detail = {**deed.detail, "key": actor.key} if actor.key else deed.detail
    timeline.write(session, row, replace(deed, detail=detail))
    if row.ticket_id is not None:
        visiting.note(session, row.ticket_id, _as_tickets_tell(row, deed))
    reached("visits.noted")


def _as_tickets_tell(row: VisitRow, deed: Deed) -> Deed:
    """What happened to the visit as the timeline of its ticket tells it: a state of the visit is none of the ticket."""
    told = {"visit": row.id, "label": row.public_id, "starts_at": row.starts_at.isoformat()}
    return Deed(f"visit_{deed.action}", deed.actor, deed.at, reason=deed.reason, detail=told)


def _tell(session: Session, row: VisitRow, news: News) -> None:
    telling.invite(session, row, news)
    telling.tell_channels(session, row, news)


def _tell_moved(session: Session, row: VisitRow, news: News, *, is_new_host: bool) -> None:
    """To whom the visit is given it is a new one; to everybody else it is the one they know."""
    for recipient in telling.recipients(row):
        is_new = is_new_host and recipient.role == OPERATOR
        telling.mail_to(session, row, recipient, replace(news, event="scheduled", before=None) if is_new else news)
    telling.tell_channels(session, row, news)


def _only(row: VisitRow, states: tuple[str, ...], action: str) -> None:
    if row.state not in states:
        raise VisitStateError(what=row.public_id, state=row.state, action=action)


def _refuse_clash(session: Session, host: Host, wanted: tuple[datetime, datetime], but: int = 0) -> None:
    taken = (
        select(VisitRow)
        .where(
            VisitRow.operator_id == host.id,
            VisitRow.state == SCHEDULED,
            VisitRow.starts_at < wanted[1],
            VisitRow.ends_at > wanted[0],
            VisitRow.id != but,
        )
        .order_by(VisitRow.starts_at)
        .limit(1)
    )
    other = session.scalars(taken).one_or_none()
    if other is not None:
        raise VisitClashError(who=host.name, what=other.public_id, visit_id=other.id, when=other.starts_at.isoformat())


def _give_to(row: VisitRow, host: Host) -> None:
    row.operator_id, row.operator_name = host.id, host.name[:LONGEST_NAME]
    row.operator_email, row.operator_language = host.email, telling.language_of(host.language)


def _host_of(row: VisitRow) -> Host:
    return Host(row.operator_id, row.operator_name, row.operator_email, row.operator_language)


def _look_again(session: Session, row: VisitRow, at: datetime) -> None:
    """What is awkward about the visit as it now stands, and which reminders would come too late to be of use."""
    row.concerns = availability.concerns(session, row)
    late = [lead for lead in REMINDER_MINUTES if row.starts_at - timedelta(minutes=lead) <= at]
    row.reminded_minutes = min(late, default=None)


def _told(row: VisitRow) -> dict[str, str | int]:
    """What a change of it is told with."""
    return {
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "operator": row.operator_name,
        "operator_id": row.operator_id,
        "place": row.place,
        "zone": row.zone,
    }


def _guest(session: Session, given: Guest) -> Guest:
    known = availability.client(session, given.id) if given.id is not None else Guest()
    name = line("client", given.name or known.name, LONGEST_NAME, required=True)
    mail = mail_address("client_email", given.email or known.email)
    return Guest(name, mail, telling.language_of(given.language or known.language), given.id, known.site)
