"""The dialling policy as stored: its rules, the places calls leave from, and what a person used up today."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.detection import tariffs
from core.dialer import query
from core.dialer.policy import Asked, Place, Rules, Scene, Use, Verdict, judge
from core.dialer.vocabulary import DATA_VERSION
from core.errors import ConflictError, InvalidInputError
from core.settings import Settings
from core.store import audit, data_version
from core.store.models.dialer import OutboundCallRow
from core.store.models.dialing_policy import DialingPolicyRow, DialingTurnRow
from core.store.models.webex import WebexLocation

NAME = "policy"
MOST_ENTRIES = 250
TESTS_A_MINUTE = 30
"""Many scheduled tests are due at the full hour; those above this follow a minute later."""
_LIMITS: dict[str, tuple[float, float]] = {
    "highest_tier": (0, 4), "highest_price": (0, 100), "calls_a_minute": (1, 600), "budget_a_day": (0, 100_000),
    "tests_budget_a_day": (0, 100_000),
    "first_hour": (0, 23), "last_hour": (1, 24),
}  # fmt: skip
_MINUTE = timedelta(minutes=1)
_LISTS = ("countries", "weekdays", "caller_ids")


def rules(session: Session) -> tuple[Rules, int]:
    """The rules in force and their version; 0 while nobody changed them."""
    row = session.get(DialingPolicyRow, NAME)
    if row is None:
        return Rules(), 0
    return _read({name: row.rules[name] for name in Rules.__dataclass_fields__ if name in row.rules}), row.version


def change(session: Session, wanted: Rules, *, version: int, actor: str, at: datetime) -> None:
    """Put other rules in force, audited with what changed. Raises ``ConflictError``, ``InvalidInputError``."""
    _check(wanted)
    row = session.get(DialingPolicyRow, NAME, with_for_update=True)
    before, current = rules(session)
    if current != version:
        raise ConflictError(what="dialing policy")
    if before == wanted:
        return
    data_version.bump(session, DATA_VERSION, at)
    stored = json.loads(json.dumps(asdict(wanted)))
    if row is None:
        session.add(DialingPolicyRow(name=NAME, version=1, rules=stored, changed_at=at, changed_by=actor[:200]))
    else:
        row.version, row.rules, row.changed_at, row.changed_by = version + 1, stored, at, actor[:200]
    old, new = asdict(before), asdict(wanted)
    told = {name: {"before": old[name], "after": new[name]} for name in new if new[name] != old[name]}
    audit.record(session, actor=actor, action="dialer.policy_changed", subject=NAME, detail=told, at=at)


def places(session: Session, known: Rules) -> list[Place]:
    """Every site calls can leave from, by name; the one of the rules where no site is known."""
    asked = select(WebexLocation).where(WebexLocation.is_removed.is_(False)).order_by(WebexLocation.name)
    zones = available_timezones()
    found = [
        Place(row.name, row.country or known.country, row.time_zone if row.time_zone in zones else known.zone)
        for row in session.scalars(asked)
        if row.name
    ]
    return found or [Place("", known.country, known.zone)]


def place_of(session: Session, known: Rules, site: str) -> Place:
    """The place of that name, the first one for an empty name. Raises ``InvalidInputError``."""
    offered = places(session, known)
    for place in offered:
        if site in ("", place.name):
            return place
    raise InvalidInputError(field="site", problem=site[:60])


def caller_ids(known: Rules, settings: Settings) -> list[str]:
    """What may be shown to the callee, the default first."""
    offered = [settings.default_caller_id, *known.caller_ids]
    return list(dict.fromkeys(one for one in offered if one))


def verdict(
    session: Session,
    settings: Settings,
    asked: Asked,
    *,
    site: str,
    person: str,
    at: datetime,
    is_test: bool = False,
) -> tuple[Verdict, Place]:
    """What the policy in force says to a person's wish at ``at`` (aware), and the place it was judged for.

    A scheduled test has rate and budget of its own.
    """
    known, _ = rules(session)
    place = place_of(session, known, site)
    scene = Scene(
        rules=_of_tests(known) if is_test else known,
        place=place,
        at=at,
        home_countries=frozenset(one.country for one in places(session, known)),
        caller_ids=frozenset(caller_ids(known, settings)),
        extensions=frozenset({settings.default_extension}),
        tariff=tariffs.tariff(session),
        use=use_of(session, person, place, at),
    )
    return judge(asked, scene), place


def _of_tests(known: Rules) -> Rules:
    return replace(known, calls_a_minute=TESTS_A_MINUTE, budget_a_day=known.tests_budget_a_day)


def use_of(session: Session, person: str, place: Place, at: datetime) -> Use:
    """What a person dialled in the last minute and spent today by the site's clock: talk so far at the price judged.

    A call that has not ended counts with the longest it may last, so that many at once cannot pass the budget.
    """
    midnight = at.astimezone(ZoneInfo(place.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    row = OutboundCallRow
    asked = select(row.policy, row.is_open, row.max_seconds, row.answered_at, row.ended_at)
    today = session.execute(asked.where(row.requested_by == person, row.created_at >= midnight))
    dollars = 0.0
    for told, is_open, longest, answered, ended in today:
        talk = (ended - answered).total_seconds() if answered and ended else 0.0
        dollars += float(told.get("price", 0.0)) * (longest if is_open else talk) / 60
    return Use(query.dialled_since(session, person, at - _MINUTE), dollars)


def take_turn(session: Session, person: str, at: datetime) -> None:
    """Wait until no other transaction asks for the same person; held until the caller's ends."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(DialingTurnRow)
        .values(person=person[:200], taken_at=at)
        .on_conflict_do_update(index_elements=[DialingTurnRow.person], set_={"taken_at": at})
    )


def rules_from(told: Mapping[str, Any]) -> Rules:
    """Rules of what a form holds; unknown names are refused. Raises ``InvalidInputError``."""
    for name in set(told) - set(Rules.__dataclass_fields__):
        raise InvalidInputError(field=name[:40], problem="unknown")
    made = _read(told)
    _check(made)
    return made


def _read(told: Mapping[str, Any]) -> Rules:
    values: dict[str, Any] = {name: tuple(value) if name in _LISTS else value for name, value in told.items()}
    return Rules(**values)


def _check(wanted: Rules) -> None:
    for name, (least, most) in _LIMITS.items():
        if not least <= getattr(wanted, name) <= most:
            raise InvalidInputError(field=name, problem=f"{least}–{most}")
    if wanted.first_hour >= wanted.last_hour:
        raise InvalidInputError(field="last_hour", problem=f"≥ {wanted.first_hour + 1}")
    _check_lists(wanted)
    if wanted.zone not in available_timezones():
        raise InvalidInputError(field="zone", problem=wanted.zone[:60])


def _check_lists(wanted: Rules) -> None:
    if not set(wanted.weekdays) <= set(range(7)):
        raise InvalidInputError(field="weekdays", problem="0–6")
    for country in (*wanted.countries, wanted.country):
        if country not in phonenumbers.SUPPORTED_REGIONS:
            raise InvalidInputError(field="countries", problem=country[:10])
    if len(wanted.countries) > MOST_ENTRIES or len(wanted.caller_ids) > MOST_ENTRIES:
        raise InvalidInputError(field="countries", problem=f"≤ {MOST_ENTRIES}")
    for shown in wanted.caller_ids:
        if not shown.strip("+").isdigit() or len(shown) > 20:
            raise InvalidInputError(field="caller_ids", problem=shown[:40])
