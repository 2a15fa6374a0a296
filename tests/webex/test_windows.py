"""The arithmetic of heads and gaps, for any cursor and any time."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from core.settings import Settings, load_settings
from core.webex.cursors import CallsCursor, Span, merged, subtracted, total
from core.webex.windows import feed_windows, next_step, prepared
from tests.conftest import NOON

MINUTES = st.integers(-60 * 24 * 45, 60 * 24 * 2)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


SPANS = st.tuples(MINUTES, st.integers(1, 60 * 24 * 40)).map(lambda pair: Span(at(pair[0]), at(pair[0] + pair[1])))
CONFIGURED: Settings = load_settings({})


@given(st.lists(SPANS, max_size=5), SPANS)
def test_what_is_taken_away_and_given_back_is_there_again(spans: list[Span], done: Span) -> None:
    whole = merged([*spans, done])
    left = subtracted(whole, done)
    assert total(left) + (done.until - done.since) == total(whole)
    assert merged([*left, done]) == whole
    assert all(one.until < other.since for one, other in pairwise(whole))


@given(SPANS, MINUTES)
def test_the_windows_of_a_stretch_cover_what_webex_shows_of_it(span: Span, minutes: int) -> None:
    now = at(minutes)
    windows = feed_windows(span, now, CONFIGURED)
    shown = Span(
        max(span.since, now - timedelta(days=30) + timedelta(minutes=5)), min(span.until, now - timedelta(minutes=5))
    )
    covered = merged([window.span for window in windows])
    assert subtracted((shown,), covered[0]) == () if covered else shown.since >= shown.until
    for window in windows:
        assert window.span.until - window.span.since <= timedelta(hours=12)
        assert now - timedelta(days=30) <= window.span.since < window.span.until <= now - timedelta(minutes=5)


@given(st.none() | MINUTES, st.lists(SPANS, max_size=4), st.none() | MINUTES, MINUTES)
@settings(max_examples=150, deadline=None)
def test_every_run_ends_and_asks_for_what_webex_allows(
    head: int | None, gaps: list[Span], refused: int | None, minutes: int
) -> None:
    now = at(minutes)
    cursor = CallsCursor(None if head is None else at(head), merged(gaps), None if refused is None else at(refused))
    cursor, due_after, asked = prepared(cursor, now, CONFIGURED), timedelta(), 0
    while (step := next_step(cursor, now, CONFIGURED, due_after=due_after)) is not None:
        asked, due_after, now = asked + 1, timedelta(minutes=5), now + timedelta(seconds=61)
        assert asked < 400, "the run does not end"
        if step.window is None:
            assert step.unreachable is not None
            cursor = cursor.filled(step.unreachable)
            continue
        span, sent = step.window.span, now - timedelta(seconds=61)
        lag, history, most = (1, 12, 2) if step.window.endpoint == "stream" else (5, 720, 12)
        assert span.until <= sent - timedelta(minutes=lag)
        assert span.since >= sent - timedelta(hours=history)
        assert timedelta(0) < span.until - span.since <= timedelta(hours=most)
        before = cursor
        cursor = cursor.advanced(span.until) if step.window.moves_head else cursor.filled(span)
        assert cursor != before, "each window brings the cursor on"
    assert all(gap.until > now - timedelta(minutes=15) for gap in cursor.gaps)
