"""Detection beside ingestion: what is new in the table of calls goes through an engine that knows the weeks before.

The sidecar keeps one ``LiveDetection``; a new process rebuilds the memory from the table, silently, and goes on
where ``since`` says. Nothing here writes: the drafts go to whoever keeps alerts.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from core.calls.engine import Legs, reading
from core.detection import snapshot, tariffs, tuning
from core.detection.baselines import MEMORY_DAYS
from core.detection.directory import Directory, directory_of
from core.detection.engine import Engine
from core.detection.finding import AlertDraft
from core.detection.observation import COLUMNS, observations
from core.errors import NotFoundError
from core.services import Services
from core.store.encryption import derive_key, secret_key
from core.webex import directory as webex_directory

MEMORY = timedelta(days=MEMORY_DAYS + 7)
LATEST_RECORD = timedelta(days=3)
"""A record may come this long after its call began and is still judged."""

SNAPSHOT = "detection_memory"
KEPT_EVERY = timedelta(hours=1)
"""How often the memory is written to the data folder; a new process reads the calls stored since."""

_SECONDS_TO_READ = 600.0
_PAGE = 1000


class LiveDetection:
    """An engine that follows the table of calls; for one thread.

    Records stored up to ``since`` teach and raise nothing. ``changes`` are parameters by detector id, ``campaigns``
    the declared ones in the shape of ``directory.json``, ``judged`` how alerts were closed, as verdicts by Report ID of
    their evidence. The memory is kept in the data folder hourly; a new process starts from there.
    """

    def __init__(
        self,
        services: Services,
        since: datetime,
        changes: Mapping[str, Mapping[str, float]] | None = None,
        campaigns: Sequence[Mapping[str, Any]] = (),
        judged: Mapping[str, str] | None = None,
    ) -> None:
        self._services = services
        self._directory = stored_directory(services, campaigns)
        with services.database.read() as session:
            policy = tuning.policy(session)
        self._engine = Engine(self._directory, changes, policy=policy)
        self._engine.decide(judged or {})
        self._seen: dict[str, float] = {}
        self.watermark = since.astimezone(UTC)
        self._key = derive_key(secret_key(services.settings), SNAPSHOT)
        self._told = _fingerprint(changes, campaigns)
        kept = self._recalled()
        begin = (kept - LATEST_RECORD if kept else self.watermark - MEMORY).date()
        bound = [_naive(kept or datetime.min.replace(tzinfo=UTC)), _naive(self.watermark)]
        self._feed(_records(services, begin, "stored_at > ? AND stored_at <= ?", bound))
        self._engine.decide(judged or {})
        self._kept_at = kept or datetime.min.replace(tzinfo=UTC)

    def decide(self, verdicts: Mapping[str, str]) -> None:
        """Hear how alerts were closed, as verdicts by Report ID: see ``Engine.decide``."""
        self._engine.decide(verdicts)

    def keep(self) -> None:
        """Write the memory to the data folder, for a process that starts later."""
        memory = {"told": self._told, "watermark": self.watermark, "seen": self._seen, "engine": self._engine.memory()}
        snapshot.save(self._services.settings.data_dir / SNAPSHOT, memory, self._key)
        self._kept_at = self._services.clock.now()

    def _recalled(self) -> datetime | None:
        """Up to when a kept memory reaches, if there is a usable one; the engine then knows it."""
        kept = snapshot.load(self._services.settings.data_dir / SNAPSHOT, self._key)
        if kept is None or kept["told"] != self._told:
            return None
        reaches: datetime = kept["watermark"]
        if not self.watermark - MEMORY < reaches <= self.watermark:
            return None
        self._engine.recall(kept["engine"])
        self._seen = kept["seen"]
        return reaches

    def catch_up(self) -> list[AlertDraft]:
        """Judge what was stored since the last time; gives new alerts and those that grew (``is_new`` false)."""
        now = self._services.clock.now()
        # Before judging: what is kept may not be ahead of what whoever keeps alerts has committed.
        if now - self._kept_at >= KEPT_EVERY:
            self.keep()
        condition, bound = "stored_at > ? AND stored_at <= ?", [_naive(self.watermark), _naive(now)]
        begin = (self.watermark - LATEST_RECORD).date()
        drafts = self._feed(_records(self._services, begin, condition, bound))
        self.watermark = now
        return drafts

    def _feed(self, table: pa.Table) -> list[AlertDraft]:
        fresh = []
        for leg in observations(table, self._directory):
            if leg.report_id not in self._seen:
                self._seen[leg.report_id] = leg.reported
                fresh.append(leg)
        drafts = self._engine.feed(fresh)
        if fresh:
            oldest = fresh[-1].reported - 2 * LATEST_RECORD.total_seconds()
            self._seen = {report_id: at for report_id, at in self._seen.items() if at > oldest}
        return drafts


def run_live(services: Services, since: datetime, campaigns: Sequence[Mapping[str, Any]] = ()) -> list[AlertDraft]:
    """One pass of a process that keeps nothing: alerts about what was stored after ``since``."""
    return LiveDetection(services, since, campaigns=campaigns).catch_up()


def analyse_user(
    services: Services,
    user: str,
    detectors: Collection[str] | None = None,
    days: int = MEMORY_DAYS,
    changes: Mapping[str, Mapping[str, float]] | None = None,
) -> list[AlertDraft]:
    """What the chosen detectors (all by default) say about one user over the last ``days``, new alerts only.

    The weeks before and the calls of the user's site teach what is ordinary. Raises ``NotFoundError`` when the user
    has no calls in that time, ``InvalidInputError`` for a parameter out of bounds.
    """
    now = services.clock.now()
    site = _site_of(services, user, (now - timedelta(days=days)).date())
    condition = "site_uuid = ? OR user_uuid = ?" if site else "user_uuid = ? OR user_uuid = ?"
    table = _records(services, (now - timedelta(days=days) - MEMORY).date(), condition, [site or user, user])
    with services.database.read() as session:
        directory = stored_directory(services, tuning.campaigns(session))
        policy, tuned = tuning.policy(session), tuning.parameter_changes(session)
    if detectors is not None:
        policy = replace(policy, disabled=policy.disabled - set(detectors))
    engine = Engine(directory, changes if changes is not None else tuned, detectors, {user}, policy)
    begin = (now - timedelta(days=days)).timestamp()
    return [draft for draft in engine.feed(observations(table, directory)) if draft.is_new and draft.emitted_at > begin]


def stored_directory(services: Services, campaigns: Sequence[Mapping[str, Any]] = ()) -> Directory:
    """The directory as the last synchronisation with Webex left it, with added days off and the tariff in use."""
    places: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    after: tuple[str, str] | None = None
    while page := webex_directory.locations(services.database, after=after, limit=_PAGE):
        places += [
            {"uuid": each.uuid, "name": each.name, "country": each.country, "timezone": each.time_zone} for each in page
        ]
        after = (page[-1].name, page[-1].uuid)
    after = None
    while people := webex_directory.persons(services.database, after=after, limit=_PAGE):
        members += [
            {
                "uuid": each.uuid,
                "name": each.name,
                "location": each.location_uuid,
                "department": each.department,
                "number": each.work_number,
                "extension": each.extension,
            }
            for each in people
        ]
        after = (people[-1].name, people[-1].uuid)
    with services.database.read() as session:
        days_off, tariff = tuning.days_off(session), tariffs.tariff(session)
    directory = directory_of(
        {"locations": places, "users": members, "campaigns": list(campaigns), "days_off": days_off}
    )
    directory.tariff = tariff
    return directory


def stored_calls(services: Services, since: date, one_in: int = 1) -> pa.Table:
    """The stored calls from that UTC day on, with the columns that observing needs; ``one_in`` many users only."""
    condition = "hash(coalesce(user_uuid, user_number, '')) % ? = 0"
    return _records(services, since, condition, [one_in])


def stored_count(services: Services, since: date) -> int:
    """How many calls are stored from that UTC day on."""
    with reading() as reader:
        return int(reader.rows("SELECT count(*) FROM legs", Legs(services.calls.files(since=since)))[0][0])


def _records(services: Services, since: date, condition: str, bound: list[Any]) -> pa.Table:
    legs = Legs(services.calls.files(since=since), condition, bound)
    with reading(_SECONDS_TO_READ) as reader:
        return reader.table(f"SELECT {', '.join(COLUMNS)} FROM legs", legs)  # noqa: S608 - columns of our own


def _site_of(services: Services, user: str, since: date) -> str | None:
    legs = Legs(services.calls.files(since=since), "user_uuid = ?", [user])
    with reading() as reader:
        rows = reader.rows("SELECT any_value(site_uuid), count(*) FROM legs", legs)
    if not rows or not rows[0][1]:
        raise NotFoundError(what=user)
    return str(rows[0][0]) if rows[0][0] else None


def _fingerprint(changes: Mapping[str, Mapping[str, float]] | None, campaigns: Sequence[Mapping[str, Any]]) -> str:
    """What a memory depends on besides the calls: thresholds decide which legs were kept from teaching."""
    return repr((sorted((name, sorted(values.items())) for name, values in (changes or {}).items()), list(campaigns)))


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
