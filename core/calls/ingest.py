"""One way into the table of calls for every channel: file import, ``cdr_feed``, ``cdr_stream``.

The steps are ordered so that a kill between any two loses and doubles nothing when the caller repeats the page:
what cannot be typed is put aside first (once, by fingerprint), then the rows are committed (once, by Report ID),
then pages are told (by the table's own version, so that a kill before it is made good by the next call).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy.orm import Session

from core.calls import quarantine
from core.calls.normalise import Normalised, Source, normalise_records
from core.calls.table import NO_VERSION
from core.services import Services
from core.store import data_version
from core.store.crash_points import reached
from core.store.models.operations import DataVersion

DATA_VERSION = "calls"
_ANNOUNCED = "calls_table"


@dataclass(frozen=True)
class IngestCounts:
    """What became of records read; ``read`` is the sum of the others."""

    read: int = 0
    new: int = 0
    duplicate: int = 0
    replaced: int = 0
    quarantined: int = 0

    def __add__(self, other: "IngestCounts") -> "IngestCounts":
        return IngestCounts(
            self.read + other.read,
            self.new + other.new,
            self.duplicate + other.duplicate,
            self.replaced + other.replaced,
            self.quarantined + other.quarantined,
        )

    def __str__(self) -> str:
        return (
            f"read {self.read} · new {self.new} · duplicate {self.duplicate} · "
            f"replaced {self.replaced} · quarantined {self.quarantined}"
        )


def store_records(
    services: Services,
    raw: Iterable[Any],
    *,
    source: Source,
    origin: str,
    transaction: tuple[str, int] | None = None,
) -> IngestCounts:
    """Type, dedupe and store one page of records; repeat it as often as you like.

    ``origin`` says where they came from (a file's name, a window of the feed) and is shown with quarantined ones.
    Records that cannot be typed never fail the page. Raises ``core.calls.errors.StorageFullError`` or
    ``TableBusyError`` (both transient: nothing of the page's rows was stored) and database errors.
    """
    page = normalise_records(raw, source=source, stored_at=services.clock.now())
    reached("calls.normalised")
    return store_normalised(services, page, source=source, origin=origin, transaction=transaction)


def store_normalised(
    services: Services,
    page: Normalised,
    *,
    source: Source,
    origin: str,
    transaction: tuple[str, int] | None = None,
) -> IngestCounts:
    """The storing half of ``store_records``, for a caller that types the next page meanwhile."""
    if page.rejected:
        with services.database.write() as session:
            quarantine.keep(session, page.rejected, source=source, origin=origin, at=services.clock.now())
    reached("calls.quarantined")
    stored = services.calls.append(page.table, transaction=transaction)
    announce(services)
    reached("calls.announced")
    return IngestCounts(
        read=page.table.num_rows + len(page.rejected),
        new=stored.new,
        duplicate=stored.duplicate,
        replaced=stored.replaced,
        quarantined=len(page.rejected),
    )


def announce(services: Services) -> None:
    """Raise the data version of the calls if the table has commits that pages were not told of."""
    version = services.calls.version()
    with services.database.read() as session:
        if version == NO_VERSION or data_version.current(session, _ANNOUNCED)[0] == version:
            return
    with services.database.write() as session:
        _note(session, version, services.clock.now())


def _note(session: Session, version: int, at: datetime) -> None:
    announced = session.get(DataVersion, _ANNOUNCED, with_for_update=True)
    if announced is None:
        announced = DataVersion(name=_ANNOUNCED, number=NO_VERSION, changed_at=at)
        session.add(announced)
    if announced.number < version:
        announced.number = version
        announced.changed_at = at
        data_version.bump(session, DATA_VERSION, at)


def retry_quarantined(services: Services, ids: list[int], *, by: str) -> IngestCounts:
    """Type waiting records again, store those that now can be, and close them; the others keep waiting."""
    counts = IngestCounts()
    with services.database.read() as session:
        rows = quarantine.waiting(session, ids)
    for row in rows:
        source = cast(Source, row.source)
        page = normalise_records([quarantine.record_of(row)], source=source, stored_at=services.clock.now())
        if page.rejected or row.is_cut:
            counts += IngestCounts(read=1, quarantined=1)
            continue
        counts += store_normalised(services, page, source=source, origin=row.origin)
        with services.database.write() as session:
            quarantine.mark_retried(session, [row.id], by=by, at=services.clock.now())
    return counts
