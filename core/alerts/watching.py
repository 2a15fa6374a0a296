"""Detection beside ingestion: judge what was stored since the last time, keep the alerts, move on.

The place up to which records were judged moves in the transaction that keeps the alerts, so a process killed
anywhere repeats a stretch, and receiving the same again changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.orm import Session

from core.alerts.evidence import facts_of, verdicts
from core.alerts.judged import CURSOR
from core.alerts.receive import DATA_VERSION, Received, receive_drafts
from core.calls.query import CallQueries
from core.detection import tuning
from core.detection.finding import AlertDraft
from core.detection.live import MEMORY, LiveDetection
from core.services import Services
from core.store import crash_points, data_version, job_runs
from core.store.models.alerts import DetectionCursor
from core.webex import cursors

HISTORY = timedelta(days=30)
"""How far back the first start raises the alerts of the past."""

OVERLAP = timedelta(minutes=10)
"""A record gets its time of storing before it is committed; each pass looks this far behind the one before."""

LONGEST_WAIT = timedelta(hours=3)
"""Webex gives a first history newest first; detection waits this long for all of it, because it learns in order."""


@dataclass(frozen=True)
class Pass:
    """What one pass did. ``state``: done, nothing_new, no_calls, filling (the first history still arrives)."""

    state: str
    raised: int = 0
    grown: int = 0


def no_fence(session: Session) -> None:
    """Nobody competes."""


class Watch:
    """Keeps an engine that knows the weeks before between passes; for one thread of one process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._live: LiveDetection | None = None
        self._calls_seen = -1
        self._tuning_seen = -1
        self._alerts_seen = -1

    def run(self, fence: Callable[[Session], None] = no_fence) -> Pass:
        """One pass. ``fence`` raises in the transaction of a process that has been replaced."""
        services = self._services
        now = services.clock.now()
        with services.database.read() as session:
            calls, _ = data_version.current(session, "calls")
            tuned, _ = data_version.current(session, tuning.DATA_VERSION)
            cursor = session.get(DetectionCursor, CURSOR)
            filling = cursor is None and _first_history_arrives(session, now)
        if filling:
            return Pass("filling")
        if self._is_outdated(cursor, tuned):
            self._live = None
        if self._live is not None and calls == self._calls_seen:
            return Pass("nothing_new")
        start = cursor.watermark if cursor else self._beginning(now)
        if start is None:
            return Pass("no_calls")
        began = cursor.began_at if cursor else now
        try:
            received = self._judge(start, began, now, fence)
        except BaseException:
            self._live = None
            raise
        self._calls_seen, self._tuning_seen = calls, tuned
        return Pass("done", sum(one.is_new for one in received), sum(one.grew for one in received))

    def _is_outdated(self, cursor: DetectionCursor | None, tuned: int) -> bool:
        """Whether another process judged meanwhile, or people changed how detection decides."""
        moved = self._live is not None and cursor is not None and cursor.watermark != self._live.watermark
        return moved or tuned != self._tuning_seen

    def _beginning(self, now: datetime) -> datetime | None:
        days = self._services.calls.days()
        if not days:
            return None
        oldest = datetime.combine(days[-1], time.min, UTC)
        return max(oldest, now - HISTORY - MEMORY)

    def _judge(
        self, start: datetime, began: datetime, now: datetime, fence: Callable[[Session], None]
    ) -> list[Received]:
        services = self._services
        if self._live is None:
            with services.database.read() as session:
                changes, campaigns = tuning.parameter_changes(session), tuning.campaigns(session)
                self._alerts_seen, judged = self._verdicts(session, start)
            self._live = LiveDetection(services, start, changes, campaigns, judged)
        else:
            self._hear_verdicts(self._live)
        stored = CallQueries(services.calls).newest_stored() if now == began else None
        drafts = self._live.catch_up()
        # A history stored at once lies behind the mark for good: read again, only its last days would be known.
        self._live.watermark = stored or max(self._live.watermark - OVERLAP, start)
        oldest = (began - HISTORY).timestamp()
        drafts = [draft for draft in drafts if draft.emitted_at >= oldest]
        legs = facts_of(services.calls, drafts)
        crash_points.reached("detect.judged")
        with services.database.write() as session:
            fence(session)
            received = receive_drafts(session, drafts, at=now, legs=legs, history_before=began)
            crash_points.reached("detect.received")
            session.merge(DetectionCursor(name=CURSOR, watermark=self._live.watermark, began_at=began))
        crash_points.reached("detect.committed")
        return received

    def _hear_verdicts(self, live: LiveDetection) -> None:
        """Tell the engine how alerts were closed since the last time: what was harmless may teach."""
        with self._services.database.read() as session:
            number, _ = data_version.current(session, DATA_VERSION)
            if number != self._alerts_seen:
                self._alerts_seen, judged = self._verdicts(session, live.watermark)
                live.decide(judged)

    @staticmethod
    def _verdicts(session: Session, mark: datetime) -> tuple[int, dict[str, str]]:
        number, _ = data_version.current(session, DATA_VERSION)
        return number, verdicts(session, (mark - MEMORY).date())


def _first_history_arrives(session: Session, now: datetime) -> bool:
    """Whether the connection still fetches the history from before it was made."""
    begun = job_runs.first_start(session)
    if begun is not None and now - begun > LONGEST_WAIT:
        return False
    return bool(cursors.read_calls(session).gaps)


def receive_all(
    services: Services,
    drafts: list[AlertDraft],
    *,
    actor: str,
    fence: Callable[[Session], None] = no_fence,
    history_before: datetime | None = None,
) -> list[Received]:
    """Keep drafts found outside the live passes, such as of an analysis somebody asked for."""
    legs = facts_of(services.calls, drafts)
    now = services.clock.now()
    with services.database.write() as session:
        fence(session)
        return receive_drafts(session, drafts, at=now, legs=legs, history_before=history_before, actor=actor)
