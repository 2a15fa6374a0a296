"""What a demonstration begins with: a few visits of its operators in the days to come."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.language import Language, translate
from core.notify.channels.email.letter import sender_address
from core.operators.presence import ABSENT
from core.services import Services
from core.settings import Settings
from core.store.models.operations import SettingValue
from core.store.models.visits import VisitRow
from core.visits import availability, work
from core.visits.availability import Host
from core.visits.days import at_local, zone_of
from core.visits.errors import VisitClashError, VisitTimeError
from core.visits.telling import language_of
from core.visits.work import Actor, Guest, Move, NewVisit, Target

ACTOR = "sandbox"
_MADE = "visits.founded"
_ZONE = "America/Bogota"
_SUBJECTS = ("trunk", "phones", "training", "audit")
_HOURS = (8, 10, 13, 15)
_DAYS = 6
"""Working days to come that have visits."""


def found_once(services: Services) -> int:
    """Schedule them at the first start of a sandbox that has operators; gives how many, 0 ever after.

    Nobody outside is told: the clients' addresses end in ``.invalid`` and mails stay in the sandbox's mailbox.
    """
    if not services.settings.sandbox:
        return 0
    now = services.clock.now()
    with services.database.write() as session:
        hosts = availability.hosts(session)
        if not hosts or session.get(SettingValue, _MADE) is not None:
            return 0
        session.add(SettingValue(name=_MADE, value=now.isoformat(), changed_at=now, changed_by=ACTOR))
        if session.scalar(select(VisitRow.id).limit(1)) is not None:
            return 0
        return _schedule(session, services.settings, hosts, now)


def _schedule(session: Session, settings: Settings, hosts: Sequence[Host], now: datetime) -> int:
    chance = random.Random(settings.sandbox_seed)
    guests = availability.clients(session)
    zone = zone_of(_ZONE)
    made: list[VisitRow] = []
    for place, day in enumerate(_working_days(now.astimezone(zone).date())):
        for host in hosts[place % 2 :: 2][:3] or hosts[:1]:
            begin = at_local(day, chance.choice(_HOURS), chance.choice((0, 30)), zone)
            guest = chance.choice(guests) if guests else _guest(host.language, chance)
            new = _visit(settings, host, guest, begin, chance)
            if ABSENT in availability.shift_concerns(session, host.id, begin, begin + timedelta(minutes=new.minutes)):
                continue
            try:
                made.append(work.schedule(session, new, Actor(ACTOR, now)))
            except (VisitClashError, VisitTimeError):
                continue
    _change_some(session, made, now)
    return len(made)


_ZONE = "America/Bogota"


def _visit(settings: Settings, host: Host, guest: Guest, begin: datetime, chance: random.Random) -> NewVisit:
    language: Language = language_of(guest.language)
    subject = chance.choice(_SUBJECTS)
    return NewVisit(
        title=translate(f"visits.founding.{subject}", language),
        starts_at=begin,
        minutes=chance.choice((30, 60, 90)),
        operator_id=host.id,
        client=guest,
        zone=_ZONE,
        organizer=sender_address(settings),
        place=translate("visits.founding.place", language, number=chance.randrange(10, 99)),
        notes=translate("visits.founding.notes", language_of(host.language)),
    )


def _guest(language: str, chance: random.Random) -> Guest:
    number = chance.randrange(1, 6)
    name = translate("visits.founding.client", language_of(language), number=number)
    return Guest(name, f"client{number}@sandbox.invalid", language)


def _change_some(session: Session, made: Sequence[VisitRow], now: datetime) -> None:
    """One was moved and one called off, so that a calendar shows what that looks like."""
    if len(made) < 4:
        return
    moved, cancelled = made[1], made[3]
    reason = translate("visits.founding.reason", language_of(moved.client_language))
    work.move(session, Target(moved.id), Move(minutes=45, reason=reason), Actor(ACTOR, now))
    work.cancel(session, Target(cancelled.id), Actor(ACTOR, now), reason=reason)


def _working_days(today: date) -> list[date]:
    days = (today + timedelta(days=count) for count in range(1, 2 * _DAYS))
    return [day for day in days if day.weekday() < 5][:_DAYS]
