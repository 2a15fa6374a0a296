"""What a reader of files hands on."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.calls.normalise import Rejected

RECORDS_A_BATCH = 5000
BYTES_A_BATCH = 32 * 1024 * 1024
"""A batch of long records is closed early, so that what is held at a time does not depend on what they hold."""
LONGEST_SHOWN = 64 * 1024
_END = object()


@dataclass
class Batch:
    """Some records, the lines that were none, and how far the file is read (bytes on disk).

    ``texts`` holds the JSON of each record as it stood in the file, ``None`` where it stood in no line of its own.
    """

    records: list[Any] = field(default_factory=list)
    texts: list[bytes | None] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Run:
    """Records that came one after the other, and the text of each."""

    records: list[Any]
    texts: list[bytes]


@dataclass(frozen=True)
class Position:
    """How far reading is, in bytes: ``done`` of ``total`` on disk, and ``read`` unpacked ones."""

    done: Callable[[], int]
    total: int
    read: Callable[[], int]


def batched(items: Iterable[Any], position: Position) -> Iterator[Batch]:
    """Gather records, runs of them and ``Rejected`` ones into batches; what came before an error is handed on first."""
    batch = Batch()
    problem: Exception | None = None
    remaining = iter(items)
    begun = position.read()
    while True:
        try:
            item = next(remaining, _END)
        except Exception as error:
            item, problem = _END, error
        if item is _END:
            break
        if _held(batch) + (len(item.records) if isinstance(item, Run) else 1) > RECORDS_A_BATCH:
            yield _closed(batch, position)
            batch, begun = Batch(), position.read()
        _add(batch, item)
        if position.read() - begun > BYTES_A_BATCH:
            yield _closed(batch, position)
            batch, begun = Batch(), position.read()
    if _held(batch):
        yield _closed(batch, position)
    if problem is not None:
        raise problem


def _held(batch: Batch) -> int:
    return len(batch.records) + len(batch.rejected)


def _add(batch: Batch, item: Any) -> None:
    if isinstance(item, Run):
        batch.records += item.records
        batch.texts += item.texts
    elif isinstance(item, Rejected):
        batch.rejected.append(item)
    else:
        batch.records.append(item)
        batch.texts.append(None)


def _closed(batch: Batch, position: Position) -> Batch:
    batch.done, batch.total = position.done(), position.total
    return batch


def shown(text: str) -> str:
    """As much of an unreadable line as is worth keeping."""
    return text[:LONGEST_SHOWN]
