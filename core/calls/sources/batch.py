"""What a reader of files hands on."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.calls.normalise import Rejected

RECORDS_A_BATCH = 5000
LONGEST_SHOWN = 64 * 1024
_END = object()


@dataclass
class Batch:
    """Some records, the lines that were none, and how far the file is read (bytes on disk)."""

    records: list[Any] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Position:
    """How far reading is; ``done`` is asked whenever a batch is full."""

    done: Callable[[], int]
    total: int


def batched(items: Iterable[Any], position: Position) -> Iterator[Batch]:
    """Gather single records and ``Rejected`` ones into batches; what came before an error is handed on first."""
    batch = Batch()
    problem: Exception | None = None
    remaining = iter(items)
    while True:
        try:
            item = next(remaining, _END)
        except Exception as error:
            item, problem = _END, error
        if item is _END:
            break
        if isinstance(item, Rejected):
            batch.rejected.append(item)
        else:
            batch.records.append(item)
        if len(batch.records) + len(batch.rejected) >= RECORDS_A_BATCH:
            yield _closed(batch, position)
            batch = Batch()
    if batch.records or batch.rejected:
        yield _closed(batch, position)
    if problem is not None:
        raise problem


def _closed(batch: Batch, position: Position) -> Batch:
    batch.done, batch.total = position.done(), position.total
    return batch


def shown(text: str) -> str:
    """As much of an unreadable line as is worth keeping."""
    return text[:LONGEST_SHOWN]
