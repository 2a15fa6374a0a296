"""People's calling settings read in turn, and what was changed in them handed on to detection.

A run reads a limited number, at the pace that is set: first whoever an administrator's act, an open alert or a
forwarded call points at, then those who were read longest ago. For people with open alerts permissions and intercept
are read too, so that an answer to the alert can show what it would change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alerts.receive import receive_drafts
from core.calls.engine import Legs, reading
from core.errors import TollwatchError
from core.respond.setting_alerts import draft_of
from core.services import Services
from core.store import rate_gate
from core.store.crash_points import reached
from core.store.models.alerts import AlertRow
from core.store.models.responses import SettingChange
from core.webex import sync_log
from core.webex.admin_audit_sync import sync_admin_audit
from core.webex.call_settings import SETTINGS, Setting, read_setting
from core.webex.call_settings_store import (
    Reading,
    act_behind,
    differs,
    keep,
    longest_unread,
    note_failure,
    prune,
    readable,
    told_of,
    tried_since,
)
from core.webex.client import WebexClient, open_client
from core.webex.errors import NotFoundOnWebexError, RateLimitedError, SettingsRightMissingError

GATE = "webex:call_settings"
AGAIN = timedelta(minutes=5)
"""Whoever is watched closely is read this often, not more."""

ACTIVITY = timedelta(hours=24)
MOST_WATCHED = 200
_LONGEST_WAIT_SECONDS = 5.0
_LIMITED_SECONDS, _REFUSED_SECONDS = 60.0, 600.0

Fence = Callable[[Session], None]


def no_fence(session: Session) -> None:
    """Nobody competes: a poll called from a command or a test."""


@dataclass
class PollCounts:
    """What a run did: settings read, changes found, alerts raised or grown, people whose settings gave an error."""

    read: int = 0
    changed: int = 0
    alerts: int = 0
    failed: int = 0
    state: str = "done"


@dataclass(frozen=True)
class _Task:
    person: str
    settings: tuple[Setting, ...] = ("call_forwarding",)


@dataclass
class _Poll:
    """One run."""

    services: Services
    client: WebexClient
    fence: Fence
    stopping: Callable[[], bool]
    counts: PollCounts = field(default_factory=PollCounts)
    audit_read: bool = False
    is_urgent: bool = False

    def run(self, tasks: Sequence[_Task], progress: Callable[[int, int | None, str], None]) -> PollCounts:
        for position, task in enumerate(tasks):
            progress(position, len(tasks), "")
            for setting in task.settings:
                if self.stopping() or not self._turn():
                    return self.counts
                self._read(task.person, setting)
        return self.counts

    def _turn(self) -> bool:
        """Wait for a token of the pace that all processes share; ``False`` when that would take long."""
        if self.is_urgent:
            return True
        settings, clock = self.services.settings, self.services.clock
        pace = float(settings.settings_poll_per_minute)
        per = 60.0 * settings.rate_scale
        while True:
            wait = rate_gate.take(self.services.database, GATE, capacity=pace, per_seconds=per, clock=clock)
            if wait <= 0:
                return True
            if wait > _LONGEST_WAIT_SECONDS or self.stopping():
                self.counts.state = "waiting"
                return False
            clock.sleep(wait)

    def _read(self, person: str, setting: Setting) -> None:
        clock, asked = self.services.clock, self.services.clock.now()
        telephony = self.services.settings.webex_outgoing_permission_path == "telephony"
        try:
            value = read_setting(self.client, setting, person, telephony=telephony)
        except NotFoundOnWebexError as error:
            self._note(person, setting, error)
        else:
            self.counts.read += 1
            self._store(Reading(person, setting, value, asked, clock.now()))

    def _note(self, person: str, setting: Setting, error: TollwatchError) -> None:
        self.counts.failed += 1
        with self.services.database.write() as session:
            self.fence(session)
            note_failure(session, person, setting, error.code, self.services.clock.now())

    def _store(self, found: Reading) -> None:
        """Keep a reading; a change, its alert and the new snapshot are written together or not at all."""
        reached("settings.read")
        with self.services.database.read() as session:
            may_differ = differs(session, found)
        if may_differ:
            self._read_audit()
        with self.services.database.write() as session:
            self.fence(session)
            change = keep(session, found)
            if change is not None:
                self._tell(session, change)
            reached("settings.written")

    def _read_audit(self) -> None:
        """Who did it is asked for at most once a run; not to know it keeps no change back."""
        if self.audit_read:
            return
        self.audit_read = True
        try:
            sync_admin_audit(self.services, self.client)
        except TollwatchError as error:
            with self.services.database.write() as session:
                sync_log.note(
                    session, sync_log.SyncEvent("admin_audit", "failed", error=error), self.services.clock.now()
                )

    def _tell(self, session: Session, change: SettingChange) -> None:
        self.counts.changed += 1
        act = act_behind(session, change)
        if act is not None:
            change.actor_uuid, change.actor_name, change.audit_event_id = act.actor_uuid, act.actor_name, act.id
            change.changed_at = min(act.at, change.seen_at)
        draft = draft_of(session, change)
        if draft is not None:
            self.counts.alerts += len(receive_drafts(session, [draft], at=self.services.clock.now()))


def poll_settings(
    services: Services,
    progress: Callable[[int, int | None, str], None],
    stopping: Callable[[], bool],
    fence: Fence = no_fence,
) -> PollCounts:
    """Read the next people's settings and raise what their changes deserve.

    Without the right to read them the state is ``no_right`` and Webex is left in peace for a while. Raises the other
    errors of the Webex client; what was read until then stays.
    """
    pace = services.settings.settings_poll_per_minute
    if not pace:
        return PollCounts(state="off")
    client = open_client(services)
    poll = _Poll(services, client, fence, stopping)
    try:
        return poll.run(_tasks(services, pace), progress)
    except RateLimitedError as error:
        _leave_in_peace(services, error.retry_after_seconds or _LIMITED_SECONDS)
        poll.counts.state = "waiting"
        return poll.counts
    except SettingsRightMissingError as error:
        _leave_in_peace(services, _REFUSED_SECONDS)
        _note(services, error)
        poll.counts.state = "no_right"
        return poll.counts
    except TollwatchError as error:
        _note(services, error)
        raise
    finally:
        client.close()


def _leave_in_peace(services: Services, seconds: float) -> None:
    rate_gate.penalise(services.database, GATE, services.clock.now() + timedelta(seconds=seconds))


def _note(services: Services, error: TollwatchError) -> None:
    with services.database.write() as session:
        sync_log.note(session, sync_log.SyncEvent("call_settings", "failed", error=error), services.clock.now())


def read_people(services: Services, people: Sequence[str], fence: Fence = no_fence) -> PollCounts:
    """Read all settings of these people now, because somebody looks at what would change.

    Raises the errors of the Webex client.
    """
    client = open_client(services)
    poll = _Poll(services, client, fence, lambda: False, is_urgent=True)
    try:
        return poll.run([_Task(person, SETTINGS) for person in people], lambda _done, _total, _doing: None)
    finally:
        client.close()


def forget_old(services: Services) -> None:
    """Prune the history of settings and acts."""
    with services.database.write() as session:
        prune(session, services.clock.now())


def _tasks(services: Services, limit: int) -> list[_Task]:
    """Who is read in this run, those watched closely first."""
    now = services.clock.now()
    forwarding = _forwarding_lately(services, now)
    with services.database.read() as session:
        told = told_of(session, now - ACTIVITY)
        alerted = _with_open_alerts(session)
        unseen = {uuid for uuid, at in told.items() if not tried_since(session, [uuid], "call_forwarding", at)}
        close = list(dict.fromkeys([*sorted(unseen), *alerted, *forwarding]))[:MOST_WATCHED]
        fresh = tried_since(session, close, "call_forwarding", now - AGAIN)
        ordinary = longest_unread(session, now, limit)
        people = readable(session, close, now)
    first = [uuid for uuid in close if uuid in people and (uuid in unseen or uuid not in fresh)]
    watched = set(alerted)
    chosen = list(dict.fromkeys([*first, *ordinary]))[:limit]
    return [_Task(uuid, SETTINGS if uuid in watched and uuid in first else ("call_forwarding",)) for uuid in chosen]


def _with_open_alerts(session: Session) -> list[str]:
    """Users of open alerts, the newest first."""
    query = (
        select(AlertRow.entity)
        .where(AlertRow.is_open.is_(True), AlertRow.deleted_at.is_(None), AlertRow.entity_kind == "user")
        .order_by(AlertRow.emitted_at.desc())
        .limit(MOST_WATCHED)
    )
    return list(dict.fromkeys(session.scalars(query)))


def _forwarding_lately(services: Services, now: datetime) -> list[str]:
    """Who sent calls on of late, most of all first: the party that a redirected call names."""
    since = now - ACTIVITY
    legs = Legs(
        services.calls.files(since=since.date()),
        "start_time >= ? AND related_reason LIKE 'CallForward%' AND direction = 'ORIGINATING'",
        [since.astimezone(UTC).replace(tzinfo=None)],
    )
    sql = (
        "SELECT user_uuid FROM legs WHERE user_uuid IS NOT NULL"
        " GROUP BY user_uuid ORDER BY count(*) DESC, user_uuid LIMIT 100"
    )
    with reading() as reader:
        return [str(uuid) for (uuid,) in reader.rows(sql, legs)]
