"""Exploring calls: page, histogram and top lists against the same question written by hand in SQL over the same files.

The hand-written query has the same definition of a conversation, knows the files beforehand, reads only what it shows
and has the whole machine as we do. The bounds: each question at most 1.3 times the bare query, and the first page of
everything within 60 ms at 10M legs.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import duckdb

from bench.figures import Figure, interleaved, report
from bench.history import NOW, history
from core.calls.conversations import CONVERSATION, TALK_SECONDS
from core.calls.filters import CallFilter
from core.calls.query import GRID_COLUMNS, CallQueries
from core.calls.table import CallTable
from core.clock import SteppedClock

SIZES = (1_000_000, 10_000_000)
BOUND = 1.3
FIRST_PAGE_MS = 60
ROUNDS = 7
ROUNDS_OF_SHORT_ONES = 25

EVERYTHING = CallFilter(last="all")
NARROW = CallFilter(last="7d", countries=("CU",), outcomes=("answered",))
RARE = CallFilter(last="all", number="+576015512345")

_SHOWN = ", ".join(f'"{name}"' for name in GRID_COLUMNS)
_FIGURES = (
    f"count(*), count(*) FILTER ({CONVERSATION}), count_if(international), sum({TALK_SECONDS}) FILTER ({CONVERSATION})"
)
_CALLS = (
    "count(DISTINCT correlation_id), count(DISTINCT far_number), "
    "count(DISTINCT correlation_id) FILTER (international), "
    f"count(DISTINCT correlation_id) FILTER ({CONVERSATION})"
)
_WEEK = "start_time >= TIMESTAMP '2026-11-13 17:00' AND start_time < TIMESTAMP '2026-11-20 17:00'"

_NUMBER = " OR ".join(
    f"starts_with({column}, '{spelling}')"
    for spelling in ("+576015512345", "576015512345")
    for column in ("calling_number", "called_number", "user_number")
)


@dataclass(frozen=True)
class Question:
    """One question to the explorer, and the statement somebody would write for it."""

    name: str
    ask: Callable[[CallQueries], object]
    period: CallFilter
    bare: str


QUESTIONS = (
    Question(
        "page of everything",
        lambda queries: queries.page(EVERYTHING).rows,
        EVERYTHING,
        f"SELECT {_SHOWN} FROM read_parquet(?) ORDER BY start_time DESC, report_id DESC LIMIT 100",
    ),
    Question(
        "page of 7 days, two filters",
        lambda queries: queries.page(NARROW).rows,
        NARROW,
        f"SELECT {_SHOWN} FROM read_parquet(?) WHERE {_WEEK} AND far_country = 'CU' AND outcome = 'answered' "
        "ORDER BY start_time DESC, report_id DESC LIMIT 100",
    ),
    Question(
        "page of one number, all history",
        lambda queries: queries.page(RARE).rows,
        RARE,
        f"SELECT {_SHOWN} FROM read_parquet(?) WHERE {_NUMBER} ORDER BY start_time DESC, report_id DESC LIMIT 100",
    ),
    Question(
        "figures of the strip, 7 days",
        lambda queries: queries.aggregate(CallFilter(last="7d")),
        CallFilter(last="7d"),
        f"SELECT {_FIGURES}, {_CALLS} FROM read_parquet(?) WHERE {_WEEK}",
    ),
    Question(
        "figures of the strip, all history",
        lambda queries: queries.aggregate(EVERYTHING),
        EVERYTHING,
        f"SELECT {_FIGURES}, {_CALLS} FROM read_parquet(?)",
    ),
    Question(
        "histogram, all history",
        lambda queries: queries.histogram(EVERYTHING, 100),
        EVERYTHING,
        f"SELECT time_bucket(INTERVAL 1 DAY, start_time), {_FIGURES} FROM read_parquet(?) GROUP BY 1",
    ),
    Question(
        "histogram, 7 days",
        lambda queries: queries.histogram(CallFilter(last="7d"), 100),
        CallFilter(last="7d"),
        f"SELECT time_bucket(INTERVAL 3 HOUR, start_time), {_FIGURES} FROM read_parquet(?) WHERE {_WEEK} GROUP BY 1",
    ),
    Question(
        "top users, all history",
        lambda queries: queries.top(EVERYTHING, "users"),
        EVERYTHING,
        f'SELECT user_uuid, any_value("user"), {_FIGURES} FROM read_parquet(?) '
        "GROUP BY 1 ORDER BY count(*) DESC LIMIT 10",
    ),
    Question(
        "top countries, all history",
        lambda queries: queries.top(EVERYTHING, "countries"),
        EVERYTHING,
        f"SELECT far_country, {_FIGURES} FROM read_parquet(?) GROUP BY 1 ORDER BY count(*) DESC LIMIT 10",
    ),
    Question(
        "top numbers, 7 days",
        lambda queries: queries.top(CallFilter(last="7d"), "numbers"),
        CallFilter(last="7d"),
        f"SELECT far_number, {_FIGURES} FROM read_parquet(?) WHERE {_WEEK} GROUP BY 1 ORDER BY count(*) DESC LIMIT 10",
    ),
)


def measure(table: CallTable, size: str) -> list[Figure]:
    """The figures over one history."""
    queries = CallQueries(table, SteppedClock(NOW))
    figures = [_compared(queries, table, question, size) for question in QUESTIONS]
    figures.append(_first_page(queries, size))
    return figures


def _compared(queries: CallQueries, table: CallTable, question: Question, size: str) -> Figure:
    files = table.files(*question.period.resolved(NOW).days())
    rounds = ROUNDS_OF_SHORT_ONES if question.period.relative_span else ROUNDS
    engine = duckdb.connect()
    ours, bare, ratio = interleaved(
        lambda: question.ask(queries), lambda: engine.execute(question.bare, [files]).fetchall(), rounds
    )
    engine.close()
    detail = f"{ours * 1000:.0f} ms, bare {bare * 1000:.0f} ms"
    return Figure(f"{size} {question.name}", ratio, BOUND, "less", detail)


def _first_page(queries: CallQueries, size: str) -> Figure:
    taken = []
    for _ in range(ROUNDS_OF_SHORT_ONES):
        started = perf_counter()
        queries.page(EVERYTHING)
        taken.append((perf_counter() - started) * 1000)
    milliseconds = statistics.median(taken)
    return Figure(f"{size} first page, ms", milliseconds, FIRST_PAGE_MS, "less", f"of {FIRST_PAGE_MS} ms")


def main() -> int:
    """Make the histories, ask, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--history", type=Path, nargs="*", default=[], help="folders that already hold a history")
    arguments = parser.parse_args()
    if arguments.history:
        return max(report(measure(CallTable(folder / "calls"), folder.name)) for folder in arguments.history)
    sizes = [size // 10 if arguments.quick else size for size in SIZES]
    worst = 0
    for legs in sizes:
        with tempfile.TemporaryDirectory(prefix="tollwatch-bench-") as folder:
            worst = max(worst, report(measure(history(Path(folder), legs), f"{legs / 1_000_000:g}M")))
    return worst


if __name__ == "__main__":
    sys.exit(main())
