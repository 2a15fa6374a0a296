"""Which window of call history to ask for next: pure decisions on the cursor and the time.

The head comes first and stays fresh while gaps are filled: Webex grants one window a minute, so a first fill of 30
days takes an hour. ``cdr_stream`` moves the head; where it is refused, ``cdr_feed`` does with an overlap, because
the feed shows a late record only to whoever asks for its window again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.settings import Settings
from core.webex.cdr import Endpoint, Reach, reach
from core.webex.cursors import CallsCursor, Span, subtracted, total

STREAM_OVERLAP = timedelta(minutes=1)
EDGE = timedelta(seconds=1)
"""Windows share this much, so that it does not matter whether Webex counts the ends of a window in or out."""

HEAD_START = timedelta(hours=2)
"""How far behind now the head begins: what enters the cloud late while the first windows are fetched is in reach."""

STREAM_AGAIN = timedelta(hours=1)
STALE_HEAD = timedelta(minutes=5)
_MARGIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Window:
    """One request with its pages. ``moves_head`` tells the steady state from the filling of a gap."""

    endpoint: Endpoint
    span: Span
    moves_head: bool = False


@dataclass(frozen=True)
class Step:
    """What to do next: fetch a window, or give up a stretch that Webex does not show any more."""

    window: Window | None = None
    unreachable: Span | None = None


def prepared(cursor: CallsCursor, now: datetime, settings: Settings) -> CallsCursor:
    """The cursor at the start of a run: a first fill is a gap, and so is a stand-still beyond the stream's reach."""
    feed, stream = reach(settings, "feed"), reach(settings, "stream")
    if cursor.head is None:
        filled = cursor.with_gap(Span(now - feed.history + _MARGIN, now - feed.lag))
        return replace(filled, head=now - HEAD_START)
    if now - cursor.head <= stream.history - _MARGIN:
        return cursor
    missed = Span(cursor.head - timedelta(hours=settings.webex_feed_overlap_hours), now - feed.lag)
    return replace(cursor.with_gap(missed), head=now - HEAD_START)


def next_step(cursor: CallsCursor, now: datetime, settings: Settings, *, due_after: timedelta) -> Step | None:
    """The next step, ``None`` when everything in reach is stored.

    The head's turn comes when more than ``due_after`` waits there; a head in the future (a clock that was wrong)
    asks for nothing.
    """
    window = _head_window(cursor, now, settings, due_after)
    if window is not None:
        return Step(window=window)
    feed = reach(settings, "feed")
    for gap in sorted(cursor.gaps, reverse=True):
        if gap.until <= _earliest(now, feed):
            return Step(unreachable=gap)
        shown = _shown(gap, now, feed)
        if shown is not None and (shown.until == gap.until or shown.until - shown.since > STALE_HEAD):
            return Step(window=_newest_window(shown, feed))
    return None


def feed_windows(span: Span, now: datetime, settings: Settings) -> list[Window]:
    """The windows of a stretch asked for by a person, newest first; what Webex does not show is left out."""
    feed = reach(settings, "feed")
    left = _shown(span, now, feed)
    windows: list[Window] = []
    while left is not None:
        windows.append(_newest_window(left, feed))
        rest = subtracted((left,), windows[-1].span)
        left = rest[0] if rest else None
    return windows


def windows_left(cursor: CallsCursor, settings: Settings) -> int:
    """About how many windows the gaps still need."""
    return -(-total(cursor.gaps) // reach(settings, "feed").window)


def uses_stream(cursor: CallsCursor, now: datetime, settings: Settings) -> bool:
    """Whether the head moves by ``cdr_stream``: where Webex refused it, it is tried again every hour."""
    refused = cursor.stream_refused_at
    return settings.webex_use_stream and (refused is None or not timedelta() <= now - refused < STREAM_AGAIN)


def _head_window(cursor: CallsCursor, now: datetime, settings: Settings, due_after: timedelta) -> Window | None:
    if cursor.head is None:
        return None
    endpoint: Endpoint = "stream" if uses_stream(cursor, now, settings) else "feed"
    overlap = STREAM_OVERLAP
    if endpoint == "feed":
        overlap = timedelta(hours=settings.webex_feed_overlap_hours)
        due_after = max(due_after, STALE_HEAD)
    limits = reach(settings, endpoint)
    since = cursor.head - min(overlap, limits.window / 2)
    until = min(since + limits.window, now - limits.lag)
    if until - cursor.head <= due_after:
        return None
    return Window(endpoint, Span(since, until), moves_head=True)


def _shown(span: Span, now: datetime, feed: Reach) -> Span | None:
    """The part of ``span`` that the feed shows at the moment: a gap may reach into the future of a wrong clock."""
    shown = Span(max(span.since, _earliest(now, feed)), min(span.until, now - feed.lag))
    return shown if shown.since < shown.until else None


def _newest_window(span: Span, feed: Reach) -> Window:
    """The newest window of a stretch in reach; it begins a little before what it is to fill."""
    edge = min(EDGE, feed.window / 10)
    return Window("feed", Span(max(span.since, span.until - feed.window + edge) - edge, span.until))


def _earliest(now: datetime, feed: Reach) -> datetime:
    return now - feed.history + _MARGIN / 2
