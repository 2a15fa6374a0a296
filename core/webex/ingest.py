"""Call history into the table of calls: at least once, deduplicated by Report ID, no gap.

The cursor moves only after every page of a window is stored. A process killed anywhere asks for the same window
again, and what was stored already counts as duplicate.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import structlog

from core.calls.ingest import IngestCounts, store_records
from core.errors import InvalidInputError, TollwatchError
from core.services import Services
from core.store.crash_points import reached
from core.webex import connections, sync_log
from core.webex.cdr import CallHistory, feed_pages, open_call_history, reach, stream_pages
from core.webex.cursors import CallsCursor, Span, change_calls, read_calls
from core.webex.errors import ForbiddenError, RequestRefusedError, StopRequestedError
from core.webex.windows import (
    HEAD_START,
    STALE_HEAD,
    Window,
    feed_windows,
    next_step,
    prepared,
    uses_stream,
    windows_left,
)

Progress = Callable[[int, int | None, str], None]

_FUTURE = timedelta(hours=1)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class CallsSync:
    """How far call history is stored, for pages. ``is_ahead``: the cursor is in the future, the clock was wrong."""

    head: datetime | None
    gaps: tuple[Span, ...]
    windows_left: int
    by_stream: bool
    is_ahead: bool


def calls_sync(services: Services) -> CallsSync:
    """The present state from our own tables; asks Webex nothing."""
    now = services.clock.now()
    with services.database.read() as session:
        cursor = read_calls(session)
    return CallsSync(
        head=cursor.head,
        gaps=cursor.gaps,
        windows_left=windows_left(cursor, services.settings),
        by_stream=uses_stream(cursor, now, services.settings),
        is_ahead=cursor.head is not None and cursor.head > now + _FUTURE,
    )


def ingest_once(
    services: Services,
    progress: Progress,
    stopping: Callable[[], bool],
    since: datetime | None = None,
    until: datetime | None = None,
) -> IngestCounts:
    """Fetch everything that is due, or with ``since`` (and ``until``) that stretch again; gives what became of it.

    Returns early, with what was stored, when ``stopping()`` says so. Raises the errors of ``core.webex.errors`` and
    of the stores; what was stored stays stored. Raises ``InvalidInputError`` for a stretch Webex does not show.
    """
    history = open_call_history(services, stopping=stopping)
    run = _Run(services, history, progress, stopping)
    try:
        if since is not None or until is not None:
            run.stretch(since, until)
        else:
            run.everything_due()
    except StopRequestedError:
        _log.info("ingest stopped on request", counts=str(run.counts))
    finally:
        history.close()
    connections.clear_error(services, "admin")
    return run.counts


def request_rescan(services: Services) -> Span:
    """Have the last ``WEBEX_RESCAN_HOURS`` asked for again by the next runs; gives that stretch.

    Late records beyond the overlap come in this way. A cursor left in the future by a wrong clock is set right.
    """
    settings, now = services.settings, services.clock.now()
    span = Span(now - timedelta(hours=settings.webex_rescan_hours), now - reach(settings, "feed").lag)

    def change(cursor: CallsCursor) -> CallsCursor:
        ahead = cursor.head is not None and cursor.head > now + _FUTURE
        return replace(cursor.with_gap(span), head=now - HEAD_START if ahead else cursor.head)

    with services.database.write() as session:
        change_calls(session, change, now)
        sync_log.prune(session, now)
    return span


class _Run:
    """One run: its counts, and how many windows it has done."""

    def __init__(
        self, services: Services, history: CallHistory, progress: Progress, stopping: Callable[[], bool]
    ) -> None:
        self.counts = IngestCounts()
        self._services = services
        self._history = history
        self._progress = progress
        self._stopping = stopping
        self._done = 0

    def everything_due(self) -> None:
        """Head first, then gaps newest first, going back to the head whenever it is five minutes old."""
        settings = self._services.settings
        cursor = self._change(lambda cursor: prepared(cursor, self._services.clock.now(), settings))
        due_after = timedelta()
        while not self._stopping():
            step = next_step(cursor, self._services.clock.now(), settings, due_after=due_after)
            if step is None:
                return
            due_after = STALE_HEAD
            if step.unreachable is not None:
                cursor = self._give_up(step.unreachable)
            elif step.window is not None:
                cursor = self._attempt(step.window, windows_left(cursor, settings))

    def stretch(self, since: datetime | None, until: datetime | None) -> None:
        """The windows of a stretch, newest first."""
        now, settings = self._services.clock.now(), self._services.settings
        feed = reach(settings, "feed")
        span = Span(since or now - feed.history, until or now - feed.lag)
        windows = feed_windows(span, now, settings)
        if not windows:
            days = settings.webex_feed_history_days
            raise InvalidInputError(field="since", problem=f"{span.since:%Y-%m-%d} – {span.until:%Y-%m-%d}, {days} d")
        for index, window in enumerate(windows):
            if self._stopping():
                return
            self._window(window, len(windows) - index)

    def _attempt(self, window: Window, left: int) -> CallsCursor:
        """A window of the plan; where the stream itself is refused, the feed does its work from now on."""
        try:
            return self._window(window, left)
        except (ForbiddenError, RequestRefusedError) as error:
            if window.endpoint != "stream":
                raise
            _log.warning("cdr_stream is refused, cdr_feed takes its place for an hour", code=error.code)
            return self._change(lambda cursor: replace(cursor, stream_refused_at=self._services.clock.now()))

    def _window(self, window: Window, left: int) -> CallsCursor:
        """Fetch and store a window, then move the cursor and write the log in one transaction."""
        reached("webex.window_planned")
        self._tell(window, left)
        before = self.counts
        try:
            self._fetch(window)
        except TollwatchError as error:
            self._note_failure(window, error, _difference(self.counts, before))
            raise
        reached("webex.window_stored")
        cursor = self._move(window, _difference(self.counts, before))
        reached("webex.cursor_moved")
        self._done += 1
        self._tell(window, left - 1)
        return cursor

    def _fetch(self, window: Window) -> None:
        pages_of = stream_pages if window.endpoint == "stream" else feed_pages
        since, until = window.span.since, window.span.until
        origin = f"cdr_{window.endpoint} {since:%Y-%m-%dT%H:%M:%SZ}/{until:%Y-%m-%dT%H:%M:%SZ}"
        for page in pages_of(self._history, since, until):
            reached("webex.page_fetched")
            self.counts += store_records(self._services, page, source=window.endpoint, origin=origin)
            reached("webex.page_stored")
            if self._stopping():
                raise StopRequestedError

    def _move(self, window: Window, counts: IngestCounts) -> CallsCursor:
        services, span = self._services, window.span
        now = services.clock.now()

        def change(cursor: CallsCursor) -> CallsCursor:
            return cursor.advanced(span.until) if window.moves_head else cursor.filled(span)

        with services.database.write() as session:
            cursor = change_calls(session, change, now)
            event = sync_log.SyncEvent(window.endpoint, "stored", span.since, span.until, asdict(counts))
            sync_log.note(session, event, now)
            reached("webex.cursor_written")
        return cursor

    def _note_failure(self, window: Window, error: TollwatchError, counts: IngestCounts) -> None:
        services, span = self._services, window.span
        stopped = isinstance(error, StopRequestedError)
        event = sync_log.SyncEvent(
            window.endpoint,
            "stopped" if stopped else "failed",
            span.since,
            span.until,
            asdict(counts),
            None if stopped else error,
        )
        with services.database.write() as session:
            sync_log.note(session, event, services.clock.now())
        if not stopped:
            connections.note_error(services, "admin", error)

    def _give_up(self, span: Span) -> CallsCursor:
        """Webex shows 30 days: what is older comes by file import, and the log says so."""
        services, now = self._services, self._services.clock.now()
        with services.database.write() as session:
            sync_log.note(session, sync_log.SyncEvent("feed", "unreachable", span.since, span.until), now)
            return change_calls(session, lambda cursor: cursor.filled(span), now)

    def _change(self, change: Callable[[CallsCursor], CallsCursor]) -> CallsCursor:
        with self._services.database.write() as session:
            return change_calls(session, change, self._services.clock.now())

    def _tell(self, window: Window, left: int) -> None:
        since, until = window.span.since, window.span.until
        doing = f"cdr_{window.endpoint} {since:%Y-%m-%d %H:%M} – {until:%Y-%m-%d %H:%M} UTC"
        self._progress(self._done, self._done + max(left, 0), doing)


def _difference(now: IngestCounts, before: IngestCounts) -> IngestCounts:
    return IngestCounts(*(getattr(now, name) - getattr(before, name) for name in asdict(before)))
