"""The calendars and policies that people keep, and the promise a ticket gets from them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, NotFoundError
from core.notify.places import place_of
from core.operators import clients
from core.store import audit, data_version
from core.store.models.tickets import TicketCalendarRow, TicketPolicyRow
from core.tickets import calendars
from core.tickets.calendars import Calendar
from core.tickets.errors import BookChangedError, CalendarInUseError
from core.tickets.policies import Policy, Step, checked_minutes, founding, steps_from
from core.tickets.vocabulary import PRIORITIES, line, one_of

DATA_VERSION = "tickets"
EVERY_CLIENT = 0
LONGEST_NAME = 120
SITES_OWN = "*"
"""As a calendar's time zone or country: that of the ticket's site."""


@dataclass(frozen=True)
class PolicyForm:
    """What somebody promises for a priority to a client, or with ``EVERY_CLIENT`` to all without one of their own."""

    priority: str
    calendar_id: int
    own_minutes: int | None
    resolve_minutes: int | None
    steps: tuple[Step, ...] = ()
    client_id: int = EVERY_CLIENT


def policy_for(session: Session, priority: str, client_id: int | None, site: str) -> Policy:
    """The promise in force for a priority, a client and a site; that of the founding where none is kept."""
    wanted = {EVERY_CLIENT, client_id or EVERY_CLIENT}
    query = (
        select(TicketPolicyRow, TicketCalendarRow)
        .join(TicketCalendarRow, TicketCalendarRow.id == TicketPolicyRow.calendar_id)
        .where(TicketPolicyRow.priority == priority, TicketPolicyRow.client_id.in_(wanted))
        .order_by(TicketPolicyRow.client_id.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    if found is None:
        return founding(priority)
    policy, calendar = found
    return Policy(
        priority=priority,
        calendar=at_site(session, calendar_of(calendar), site),
        own=_span(policy.own_minutes),
        resolve=_span(policy.resolve_minutes),
        steps=steps_from(policy.steps),
        policy_id=policy.id,
    )


def at_site(session: Session, calendar: Calendar, site: str = "") -> Calendar:
    """The calendar as it counts for a ticket of a site, or of the organisation."""
    if SITES_OWN not in (calendar.time_zone, calendar.country):
        return calendar
    place = place_of(session, site)
    return replace(
        calendar,
        time_zone=place.zone if calendar.time_zone == SITES_OWN else calendar.time_zone,
        country=place.country if calendar.country == SITES_OWN else calendar.country,
    )


def _span(minutes: int | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)


def calendar_of(row: TicketCalendarRow) -> Calendar:
    """The calendar a row describes; its zone and country may be ``SITES_OWN``."""
    names = ("name", "time_zone", "country", "is_always", "hours", "closed_days")
    return Calendar.from_json({name: getattr(row, name) for name in names})


def kept_calendars(session: Session) -> list[TicketCalendarRow]:
    """All calendars, by name."""
    return list(session.scalars(select(TicketCalendarRow).order_by(TicketCalendarRow.name)))


def kept_policies(session: Session) -> list[TicketPolicyRow]:
    """All policies: those for every client first, then by client; the gravest priority first."""
    rows = session.scalars(select(TicketPolicyRow))
    return sorted(rows, key=lambda row: (row.client_id, -PRIORITIES.index(row.priority)))


def save_calendar(
    session: Session,
    calendar: Calendar,
    *,
    actor: str,
    at: datetime,
    calendar_id: int | None = None,
    version: int | None = None,
) -> int:
    """Keep a calendar, new or in place of one, audited; gives its number. Tickets under way keep their promises.

    Raises ``InvalidInputError`` for what cannot be reckoned with, also because a policy's promise would never come
    due by it; ``NotFoundError``; ``BookChangedError`` when ``version`` is given and no longer stands.
    """
    data_version.bump(session, DATA_VERSION, at)
    named = replace(calendar, name=line(calendar.name, LONGEST_NAME))
    if not named.name:
        raise InvalidInputError(field="name", problem=f"1-{LONGEST_NAME} characters")
    calendars.checked(_without_site(named))
    for policy in session.scalars(select(TicketPolicyRow).where(TicketPolicyRow.calendar_id == calendar_id)):
        _comes_due(session, named, {"hours": max(policy.own_minutes or 0, policy.resolve_minutes or 0)}, at)
    same = select(TicketCalendarRow.id).where(TicketCalendarRow.name == named.name)
    if session.scalar(same) not in (None, calendar_id):
        raise InvalidInputError(field="name", problem=named.name)
    row = _calendar(session, calendar_id) if calendar_id else TicketCalendarRow(version=0)
    if version is not None and row.version != version:
        raise BookChangedError(what=row.name, who=row.changed_by)
    for name, value in named.to_json().items():
        setattr(row, name, value)
    row.version, row.changed_at, row.changed_by = row.version + 1, at, actor[:200]
    session.add(row)
    session.flush()
    audit.record(session, actor=actor, action="ticket_calendar.saved", subject=row.name, detail=named.to_json(), at=at)
    return row.id


def _without_site(calendar: Calendar) -> Calendar:
    return replace(
        calendar,
        time_zone="UTC" if calendar.time_zone == SITES_OWN else calendar.time_zone,
        country="" if calendar.country == SITES_OWN else calendar.country,
    )


def _comes_due(session: Session, calendar: Calendar, minutes: Mapping[str, int | None], at: datetime) -> None:
    """Refuse a promise that would never come due, because the calendar is hardly ever open; named by its field."""
    here = at_site(session, calendar, "")
    for field, promised in minutes.items():
        if promised and here.after(at, timedelta(minutes=promised)) is None:
            raise InvalidInputError(field=field, problem=f"{promised} min > {calendar.name}")


def remove_calendar(session: Session, calendar_id: int, *, actor: str, at: datetime) -> None:
    """Remove a calendar, audited. Raises ``CalendarInUseError`` while a policy counts by it, ``NotFoundError``."""
    data_version.bump(session, DATA_VERSION, at)
    row = _calendar(session, calendar_id)
    in_use = select(TicketPolicyRow.id).where(TicketPolicyRow.calendar_id == calendar_id).limit(1)
    if session.scalar(in_use) is not None:
        raise CalendarInUseError(what=row.name)
    session.delete(row)
    audit.record(session, actor=actor, action="ticket_calendar.removed", subject=row.name, at=at)


def save_policy(session: Session, form: PolicyForm, *, actor: str, at: datetime, version: int | None = None) -> int:
    """Keep what is promised for a priority to a client, in place of what was, audited; gives its number.

    Tickets under way keep their promises until their priority or client changes. Raises ``InvalidInputError``, also
    for a promise that would never come due and a step counted from one that is not made; ``NotFoundError`` for the
    calendar or the client; ``BookChangedError`` when ``version`` is given and no longer stands (0: none is kept).
    """
    data_version.bump(session, DATA_VERSION, at)
    one_of("priority", form.priority, PRIORITIES)
    if form.client_id != EVERY_CLIENT:
        clients.one(session, form.client_id)
    calendar = _calendar(session, form.calendar_id)
    steps = _checked(session, form, calendar, at)
    same = select(TicketPolicyRow).where(
        TicketPolicyRow.priority == form.priority, TicketPolicyRow.client_id == form.client_id
    )
    row = session.scalars(same).one_or_none() or TicketPolicyRow(version=0)
    if version is not None and row.version != version:
        raise BookChangedError(what=form.priority, who=row.changed_by or "?")
    row.priority, row.client_id, row.calendar_id = form.priority, form.client_id, form.calendar_id
    row.own_minutes, row.resolve_minutes = form.own_minutes, form.resolve_minutes
    row.steps = [step.to_json() for step in steps]
    row.version, row.changed_at, row.changed_by = row.version + 1, at, actor[:200]
    session.add(row)
    session.flush()
    detail = {
        "priority": form.priority,
        "client": form.client_id,
        "calendar": calendar.name,
        "own_minutes": form.own_minutes,
        "resolve_minutes": form.resolve_minutes,
        "steps": row.steps,
    }
    audit.record(session, actor=actor, action="ticket_policy.saved", subject=form.priority, detail=detail, at=at)
    return row.id


def _checked(session: Session, form: PolicyForm, calendar: TicketCalendarRow, at: datetime) -> tuple[Step, ...]:
    """The steps of a policy that can be kept."""
    minutes = {"own_minutes": form.own_minutes, "resolve_minutes": form.resolve_minutes}
    for field, promised in minutes.items():
        checked_minutes(field, promised)
    if form.own_minutes and form.resolve_minutes and form.own_minutes > form.resolve_minutes:
        raise InvalidInputError(field="own_minutes", problem=f"{form.own_minutes} > {form.resolve_minutes}")
    _comes_due(session, calendar_of(calendar), minutes, at)
    steps = steps_from([step.to_json() for step in form.steps])
    for step in steps:
        if step.anchor != "start" and minutes[f"{step.anchor}_minutes"] is None:
            raise InvalidInputError(field=f"{step.anchor}_minutes", problem="–")
    return steps


def drafted(session: Session, form: PolicyForm, site: str = "") -> Policy:
    """The promise a ticket at a site would get from a policy that is not kept yet. Raises ``NotFoundError``."""
    calendar = calendar_of(_calendar(session, form.calendar_id, is_held=False))
    return Policy(
        priority=form.priority,
        calendar=at_site(session, calendar, site),
        own=_span(form.own_minutes),
        resolve=_span(form.resolve_minutes),
        steps=form.steps,
    )


def remove_policy(session: Session, policy_id: int, *, actor: str, at: datetime) -> None:
    """Remove a policy, audited; what stands for every client or the founding takes its place."""
    data_version.bump(session, DATA_VERSION, at)
    row = session.get(TicketPolicyRow, policy_id, with_for_update=True)
    if row is None:
        raise NotFoundError(what="policy")
    session.delete(row)
    detail = {"client": row.client_id}
    audit.record(session, actor=actor, action="ticket_policy.removed", subject=row.priority, detail=detail, at=at)


def _calendar(session: Session, calendar_id: int, *, is_held: bool = True) -> TicketCalendarRow:
    row = session.get(TicketCalendarRow, calendar_id, with_for_update=is_held or None)
    if row is None:
        raise NotFoundError(what="calendar")
    return row
