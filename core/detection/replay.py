"""A history replayed through the engine in the order of Report time, as live running would have seen it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from core.calls.normalise import normalise_records
from core.calls.sources import read_batches
from core.detection.directory import Directory
from core.detection.engine import Engine
from core.detection.finding import AlertDraft
from core.detection.observation import COLUMNS, DAY, Observation, observations

_ANY_YEAR = datetime(9000, 1, 1, tzinfo=UTC)
"""Histories may carry any date; only a live feed may be refused for coming from the future."""

Progress = Callable[[int, int], None]


def read_history(paths: Iterable[Path], progress: Progress | None = None) -> pa.Table:
    """The legs of files of calls, only the columns that detection needs, in the order of the files.

    Records that cannot be typed are left out. Raises ``core.calls.errors.SourceFileError``.
    """
    tables = []
    for path in paths:
        for batch in read_batches(path):
            table = normalise_records(batch.records, source="import", stored_at=_ANY_YEAR).table
            tables.append(table.select(list(COLUMNS)))
            if progress is not None:
                progress(batch.done, batch.total)
    return pa.concat_tables(tables) if tables else pa.table({name: pa.array([], pa.string()) for name in COLUMNS})


def first_copies(legs: Iterable[Observation]) -> Iterator[Observation]:
    """The legs without the later copies of a Report ID already seen."""
    seen: set[str] = set()
    for leg in legs:
        if leg.report_id not in seen:
            seen.add(leg.report_id)
            yield leg


def replay(
    table: pa.Table,
    directory: Directory,
    *,
    warmup_days: float = 0,
    changes: Mapping[str, Mapping[str, float]] | None = None,
) -> Iterator[AlertDraft]:
    """New alerts of a history, each as it was at its first emission; none from the first ``warmup_days``."""
    if not table.num_rows:
        return
    engine = Engine(directory, changes)
    silent_until = 0.0
    for leg in first_copies(observations(table, directory)):
        if not silent_until:
            silent_until = leg.reported + warmup_days * DAY
        for draft in engine.feed((leg,)):
            if draft.is_new and leg.reported >= silent_until:
                yield draft
