"""The calls of a file of records, rebuilt aside from the store."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from core.calls.copies import KEY_COLUMNS, best_copies
from core.calls.fields import RECORD_SCHEMA
from core.calls.normalise import normalise_records
from core.calls.sources import read_batches
from core.journeys.legs import LEG_COLUMNS
from core.journeys.model import Journey
from core.journeys.rebuild import rebuild_all

_COLUMNS = [*LEG_COLUMNS, *(name for name in KEY_COLUMNS if name not in LEG_COLUMNS)]


def legs_of_file(
    path: Path, *, at: datetime, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> tuple[pa.Table, int]:
    """The legs of a file, one a Report ID (its best copy), and how many records could not be typed.

    ``at`` (aware) is when the file is read; start times far after it are absurd. ``progress`` gets bytes read and
    in all. Raises ``SourceFileError`` for a file that cannot be read to its end.
    """
    parts = [RECORD_SCHEMA.empty_table().select(_COLUMNS)]
    rejected = 0
    for batch in read_batches(path):
        page = normalise_records(batch.records, source="import", stored_at=at)
        parts.append(page.table.select(_COLUMNS))
        rejected += len(page.rejected) + len(batch.rejected)
        progress(batch.done, batch.total)
    return best_copies(pa.concat_tables(parts)), rejected


def journeys_of_file(path: Path, *, at: datetime) -> Iterator[Journey]:
    """Every call of the file; raises as ``legs_of_file``."""
    return rebuild_all(legs_of_file(path, at=at)[0])
