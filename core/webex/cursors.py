"""How far call history is stored: a head that moves with time, and the gaps behind it still to be filled.

Everything before ``head`` is stored except ``gaps``. Gaps are filled newest first: the first fill, what a long
stand-still left, the nightly re-scan. All changes are commutative, so two processes at work lose nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.models.webex import SyncCursor

CALLS = "calls"


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of time, UTC; ``since`` before ``until``."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class CallsCursor:
    """``head`` is ``None`` before the first run; ``stream_refused_at`` when Webex last refused ``cdr_stream``."""

    head: datetime | None = None
    gaps: tuple[Span, ...] = ()
    stream_refused_at: datetime | None = None

    def advanced(self, to: datetime) -> "CallsCursor":
        """Everything up to ``to`` is stored; a head that is further already stays."""
        return replace(self, head=to if self.head is None else max(self.head, to))

    def with_gap(self, gap: Span) -> "CallsCursor":
        """The gap is to be filled (again)."""
        return replace(self, gaps=merged([*self.gaps, gap]))

    def filled(self, done: Span) -> "CallsCursor":
        """The stretch is stored."""
        return replace(self, gaps=subtracted(self.gaps, done))


def merged(spans: list[Span]) -> tuple[Span, ...]:
    """The same time in as few spans as possible, oldest first; empty ones fall away."""
    joined: list[Span] = []
    for span in sorted(span for span in spans if span.since < span.until):
        if joined and span.since <= joined[-1].until:
            joined[-1] = Span(joined[-1].since, max(joined[-1].until, span.until))
        else:
            joined.append(span)
    return tuple(joined)


def subtracted(spans: tuple[Span, ...], done: Span) -> tuple[Span, ...]:
    """``spans`` without the time of ``done``."""
    left: list[Span] = []
    for span in spans:
        left.append(Span(span.since, min(span.until, done.since)))
        left.append(Span(max(span.since, done.until), span.until))
    return merged(left)


def total(spans: tuple[Span, ...]) -> timedelta:
    """How much time the spans hold."""
    return sum((span.until - span.since for span in spans), timedelta())


def read_calls(session: Session) -> CallsCursor:
    """The stored cursor, or an empty one before the first run."""
    row = session.get(SyncCursor, CALLS)
    return _decoded(row) if row else CallsCursor()


def change_calls(session: Session, change: Callable[[CallsCursor], CallsCursor], at: datetime) -> CallsCursor:
    """Apply ``change`` to the cursor as it stands now, in the caller's transaction; gives the new one."""
    row = session.execute(
        select(SyncCursor).where(SyncCursor.name == CALLS).with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        row = SyncCursor(name=CALLS, detail={}, changed_at=at)
        session.add(row)
    cursor = change(_decoded(row))
    row.watermark = cursor.head
    row.detail = _detail(cursor)
    row.changed_at = at
    return cursor


def _detail(cursor: CallsCursor) -> dict[str, Any]:
    refused = cursor.stream_refused_at
    return {
        "gaps": [[gap.since.isoformat(), gap.until.isoformat()] for gap in cursor.gaps],
        "stream_refused_at": refused.isoformat() if refused else None,
    }


def _decoded(row: SyncCursor) -> CallsCursor:
    """Read leniently: a detail somebody edited by hand must not stop ingestion."""
    detail = row.detail if isinstance(row.detail, dict) else {}
    gaps: list[Span] = []
    for pair in detail.get("gaps") or []:
        since, until = (
            (_instant(value) for value in pair) if isinstance(pair, list) and len(pair) == 2 else (None, None)
        )
        if since and until:
            gaps.append(Span(since, until))
    return CallsCursor(row.watermark, merged(gaps), _instant(detail.get("stream_refused_at")))


def _instant(value: object) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
