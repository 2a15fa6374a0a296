"""Keeping the table of calling users true: who was seen in calls, who the directory names, what their alerts weigh."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from core.calls.engine import Legs, reading
from core.calls.outcomes import MAILBOX_USER_TYPES, SERVICE_USER_TYPES
from core.detection.finding import SEVERITIES
from core.risk.score import FORGOTTEN, Weighed, score, weight_sum
from core.services import Services
from core.store import data_version
from core.store.models.alerts import AlertRow
from core.store.models.detection import CallingUser
from core.store.models.webex import WebexLocation, WebexPerson

DATA_VERSION = "calling_users"
FIRST_LOOK = timedelta(days=90)
LATE_RECORDS = timedelta(days=3)
DEVICE_DAYS = timedelta(days=28)
ANOMALY_DAYS = timedelta(days=28)
WEEK = timedelta(days=7)
_AT_A_TIME = 500
_SECONDS_TO_READ = 120.0
_SERVICES = tuple({*SERVICE_USER_TYPES, *MAILBOX_USER_TYPES})
_COUNTED = ("", "true_positive")
"""Verdicts of alerts that weigh: none yet, or abuse. Harmless, expected and told-twice ones do not."""

WHO = "coalesce(nullif(user_uuid, ''), nullif(user_number, ''))"
DEVICE = "concat_ws('|', client_type, sub_client_type, os_type, coalesce(nullif(device_mac, ''), model))"
_SEEN = f"""
SELECT {WHO} AS who, arg_max("user", start_time), arg_max(user_number, start_time), arg_max(site_uuid, start_time),
    arg_max(location, start_time), min(start_time), max(start_time), max(stored_at)
FROM legs GROUP BY who ORDER BY max(stored_at), who
"""  # noqa: S608 - text of our own
_DEVICES = f"SELECT {WHO} AS who, count(DISTINCT {DEVICE}) FROM legs GROUP BY who"  # noqa: S608 - text of our own


@dataclass(frozen=True)
class Refreshed:
    """What one refresh did: users seen in new calls, users whose particulars changed, users with a score."""

    seen: int
    changed: int
    scored: int


def refresh(services: Services) -> Refreshed:
    """Take in new calls, changes of the directory, and the alerts as they stand; safe to repeat."""
    now = services.clock.now()
    seen = _take_calls(services, now)
    with services.database.write() as session:
        changed = _take_directory(session)
        scored = rescore(session, now)
        data_version.bump(session, DATA_VERSION, now)
    return Refreshed(seen, changed, scored)


def _take_calls(services: Services, now: datetime) -> int:
    with services.database.read() as session:
        known_to = session.scalar(select(func.max(CallingUser.records_to)))
    begin = (known_to - LATE_RECORDS) if known_to else now - FIRST_LOOK
    marks = ", ".join("?" * len(_SERVICES))
    condition = f"stored_at >= ? AND (user_type IS NULL OR user_type NOT IN ({marks})) AND {WHO} IS NOT NULL"
    bound = [_naive(known_to or now - 10 * FIRST_LOOK), *_SERVICES]
    with reading(_SECONDS_TO_READ) as reader:
        rows = reader.rows(_SEEN, Legs(services.calls.files(since=begin.date()), condition, bound))
    devices = _devices(services, [row[0] for row in rows], now) if rows else {}
    for first in range(0, len(rows), _AT_A_TIME):
        with services.database.write() as session:
            _store_seen(session, rows[first : first + _AT_A_TIME], devices)
    return len(rows)


def _devices(services: Services, users: Sequence[str], now: datetime) -> dict[str, int]:
    files = services.calls.files(since=(now - DEVICE_DAYS).date())
    few = len(users) <= _AT_A_TIME
    condition = f"list_contains(?, {WHO})" if few else f"{WHO} IS NOT NULL"
    with reading(_SECONDS_TO_READ) as reader:
        return dict(reader.rows(_DEVICES, Legs(files, condition, [list(users)] if few else [])))


def _store_seen(session: Session, rows: Sequence[tuple[Any, ...]], devices: dict[str, int]) -> None:
    uuids = [str(row[0])[:100] for row in rows]
    known = _by_uuid(session, uuids)
    listed = set(session.scalars(select(WebexPerson.uuid).where(WebexPerson.uuid.in_(uuids))))
    for uuid, (who, name, number, site_uuid, site, first, last, stored) in zip(uuids, rows, strict=True):
        user = known.get(uuid)
        if user is None:
            user = known[uuid] = _blank(uuid)
            session.add(user)
        if uuid not in listed:
            user.name, user.number = (name or user.name)[:300], (number or user.number)[:40]
            user.site_uuid, user.site = (site_uuid or user.site_uuid)[:100], (site or user.site)[:300]
        elif not user.site_uuid:
            user.site_uuid, user.site = (site_uuid or "")[:100], (site or "")[:300]
        began, ended = first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)
        user.first_seen = min(user.first_seen or began, began)
        user.last_seen = max(user.last_seen or ended, ended)
        user.devices = devices.get(who, user.devices)
        user.records_to = stored.replace(tzinfo=UTC)


def _blank(uuid: str) -> CallingUser:
    return CallingUser(
        uuid=uuid, name="", number="", extension="", site_uuid="", site="", department="", devices=0, risk_sum=0.0,
        risk_week_ago=0.0, anomalies=0, open_alerts=0,
    )  # fmt: skip


def _by_uuid(session: Session, uuids: Sequence[str]) -> dict[str, CallingUser]:
    found: dict[str, CallingUser] = {}
    for first in range(0, len(uuids), _AT_A_TIME):
        batch = uuids[first : first + _AT_A_TIME]
        found |= {row.uuid: row for row in session.scalars(select(CallingUser).where(CallingUser.uuid.in_(batch)))}
    return found


def _take_directory(session: Session) -> int:
    """What the directory says of a person wins over what the records say."""
    person, place, user = WebexPerson, WebexLocation, CallingUser
    differs = or_(
        user.uuid.is_(None),
        and_(person.name != "", user.name != person.name),
        user.extension != person.extension,
        user.department != person.department,
        and_(person.work_number != "", user.number != person.work_number),
        and_(place.uuid.is_not(None), or_(user.site_uuid != place.uuid, user.site != place.name)),
    )
    query = (
        select(person, place.uuid, place.name)
        .join(place, place.uuid == person.location_uuid, isouter=True)
        .join(user, user.uuid == person.uuid, isouter=True)
        .where(person.is_removed.is_(False), differs)
    )
    found = session.execute(query).all()
    known = _by_uuid(session, [row[0].uuid for row in found])
    for told, site_uuid, site in found:
        row = known.get(told.uuid)
        if row is None:
            row = _blank(told.uuid)
            session.add(row)
        row.name, row.number = told.name or row.name, told.work_number or row.number
        row.extension, row.department = told.extension, told.department
        if site_uuid is not None:
            row.site_uuid, row.site = site_uuid, site
    return len(found)


def rescore(session: Session, at: datetime) -> int:
    """Weigh every user's alerts anew; gives how many users have any that count."""
    weights, figures, names = _weights(session, at)
    rows = _by_uuid(session, list(figures))
    scored = session.scalars(select(CallingUser).where(or_(CallingUser.risk_sum > 0, CallingUser.anomalies > 0)))
    for row in scored:
        rows.setdefault(row.uuid, row)
    for uuid in figures.keys() - rows.keys():
        rows[uuid] = _blank(uuid)
        rows[uuid].name = names[uuid]
        session.add(rows[uuid])
    for uuid, row in rows.items():
        alerts = weights.get(uuid, [])
        row.risk_sum, row.risk_at = weight_sum(alerts, at), at
        row.risk_week_ago = score(weight_sum(alerts, at - WEEK))
        row.anomalies, row.open_alerts = figures.get(uuid, (0, 0))
    session.flush()
    return len(weights)


def alerts_of(session: Session, user: str, since: datetime) -> list[Weighed]:
    """The alerts of a user that weigh, raised or seen since an aware instant."""
    query = _alerts(since).where(AlertRow.entity == user)
    return [_weighed(row) for row in session.scalars(query) if row.verdict in _COUNTED]


def _alerts(since: datetime) -> Any:
    return select(AlertRow).where(
        AlertRow.entity_kind == "user", AlertRow.deleted_at.is_(None), AlertRow.last_seen > since
    )


def _weights(
    session: Session, at: datetime
) -> tuple[dict[str, list[Weighed]], dict[str, tuple[int, int]], dict[str, str]]:
    weights: dict[str, list[Weighed]] = defaultdict(list)
    figures: dict[str, tuple[int, int]] = {}
    names: dict[str, str] = {}
    rows: Iterable[AlertRow] = session.scalars(_alerts(at - FORGOTTEN))
    for row in rows:
        uuid = row.entity[:100]
        names[uuid] = row.entity_name
        anomalies, still_open = figures.get(uuid, (0, 0))
        counts = row.verdict in _COUNTED
        if counts:
            weights[uuid].append(_weighed(row))
        is_recent = counts and row.emitted_at > at - ANOMALY_DAYS
        figures[uuid] = (anomalies + is_recent, still_open + row.is_open)
    return weights, figures, names


def _weighed(row: AlertRow) -> Weighed:
    severity = next(one for one in SEVERITIES if one == row.severity)
    return Weighed(severity, row.emitted_at, row.last_seen)


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
