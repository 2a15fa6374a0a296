"""Recordings listed and searched: milliseconds of query for what the page asks at 1,000 recordings of sixty turns each,
on SQLite.

Measured is everything one look at the page asks of the database: a page of a hundred, the count, the figures, the
summaries' beginnings; and for a search the page of found ones with the places to show. The bound is 300 ms.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.figures import Figure, report
from core.recordings import query, search
from core.recordings.filters import RecordingFilter
from core.recordings.words import first_cues
from core.store.engine import Database
from core.store.migrate import upgrade
from core.store.models.recordings import RecordingCueRow, RecordingRow, RecordingSummaryRow, RecordingWordRow

RECORDINGS = 1000
BOUND_MS = 300.0
TURNS, ROUNDS = 60, 7
NOW = datetime(2026, 11, 20, 17, tzinfo=UTC)
VOCABULARY = 4000
"""Words a company's calls use; the common ones come up far more often than the rare, as in speech."""


def _words(draw: random.Random) -> list[str]:
    letters = "abcdefghijlmnopqrstuvz"
    return ["".join(draw.choice(letters) for _ in range(draw.randint(2, 10))) for _ in range(VOCABULARY)]


def fill(session: Session, count: int) -> str:
    """Keep so many recordings with transcripts, index and summaries; gives a word that a few of them hold."""
    draw = random.Random(7)
    words = _words(draw)
    weights = [1 / (place + 1) for place in range(VOCABULARY)]
    for number in range(1, count + 1):
        said = [" ".join(draw.choices(words, weights, k=12)) for _ in range(TURNS)]
        session.execute(insert(RecordingRow), [_row(number)])
        session.execute(
            insert(RecordingCueRow),
            [
                {"recording_id": number, "ordinal": at, "start_ms": at * 5000, "end_ms": at * 5000 + 4000,
                 "speaker": "", "text": text}
                for at, text in enumerate(said)
            ],
        )  # fmt: skip
        index = first_cues(said).items()
        session.execute(
            insert(RecordingWordRow), [{"word": word, "recording_id": number, "ordinal": at} for word, at in index]
        )
        answer = {"summary": said[0], "claims": [{"text": said[0], "cue": 0, "quote": said[0]}], "topics": []}
        session.execute(
            insert(RecordingSummaryRow),
            [{"recording_id": number, "language": "es", "source": "local", "answer": answer, "made_at": NOW}],
        )
    return words[60]


def _row(number: int) -> dict[str, object]:
    at = NOW - timedelta(minutes=7 * number)
    return {
        "id": number, "webex_id": f"r{number}", "created_at": at, "recorded_at": at, "found_at": at, "changed_at": at,
        "duration_seconds": 300, "cue_count": TURNS, "summary_source": "local", "state": "completed", "quality": 1.0,
        "language": "es", "sentiment_label": "neutral", "sentiment_score": 0.0, "audio_path": "x", "audio_bytes": 10**6,
        "site": f"Site {number % 12}",
    }  # fmt: skip


def listed(session: Session, wanted: RecordingFilter) -> None:
    """What one look at the page asks."""
    page = query.page(session, wanted, NOW, limit=20 if wanted.words else 100)
    query.count(session, wanted, NOW)
    query.stats(session, wanted, NOW)
    numbers = [row.id for row in page.rows]
    if wanted.words:
        assert search.snippets(session, numbers, wanted.words)  # noqa: S101 - a search that finds nothing is no figure
    else:
        query.answers(session, numbers)


def milliseconds(database: Database, look: Callable[[Session], None]) -> float:
    """The median of a few rounds, each in a session of its own."""
    took = []
    for _ in range(ROUNDS):
        with database.read() as session:
            started = perf_counter()
            look(session)
            took.append(1000 * (perf_counter() - started))
    return median(took)


def figures(folder: Path, count: int) -> list[Figure]:
    """The figures at a size."""
    database = Database(f"sqlite:///{folder / 'state.db'}")
    upgrade(database)
    with database.write() as session:
        rare = fill(session, count)
    asked = {
        "listed": RecordingFilter(),
        "filtered by site and mood": RecordingFilter(sites=("Site 3",), sentiments=("neutral",)),
        "searched, one word": RecordingFilter(text=rare),
        "searched, two beginnings of words": RecordingFilter(text=f"{rare[:3]} {rare[:2]}"),
    }
    told = [
        Figure(
            f"{count:,} recordings {name}, ms",
            milliseconds(database, partial(listed, wanted=wanted)),
            BOUND_MS,
            "less",
        )
        for name, wanted in asked.items()
    ]
    database.close()
    return told


def main() -> int:
    """Measure and report; ``--quick`` at a tenth of the size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    count = RECORDINGS // 10 if parser.parse_args().quick else RECORDINGS
    with tempfile.TemporaryDirectory(prefix="tollwatch-bench-") as name:
        return report(figures(Path(name), count))


if __name__ == "__main__":
    sys.exit(main())
