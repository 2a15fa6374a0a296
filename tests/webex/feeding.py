"""A tenant with three days of history, calls that end in it, and reading them in."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.calls.ingest import IngestCounts
from core.calls.table import CallTable
from core.services import Services
from core.webex.ingest import ingest_once
from tests.calls.records import leg
from tests.webex.scripted_cloud import ScriptedCloud

HOUR = timedelta(hours=1)


def quiet(_done: int, _total: int | None, _doing: str) -> None:
    return None


def never() -> bool:
    return False


def ingest(services: Services, since: datetime | None = None, until: datetime | None = None) -> IngestCounts:
    return ingest_once(services, quiet, never, since, until)


def stored(services: Services) -> list[str]:
    """Report IDs in the table, sorted, doubles and all."""
    return stored_in(services.settings.calls_path)


def stored_in(path: Path) -> list[str]:
    """Report IDs in the table at a path, read as another process would."""
    files = CallTable(path).files()
    return sorted(value for file in files for value in pq.read_table(file, columns=["report_id"])[0].to_pylist())


def end_call(cloud: ScriptedCloud, number: int, ended: datetime, late: timedelta = timedelta(0), **changes: Any) -> str:
    """A call of a minute that ends at an instant; its record enters the cloud ``late`` after that."""
    record = leg(number, start=ended - timedelta(seconds=66), seconds=60, **changes)
    cloud.add(record, ended + timedelta(seconds=1) + late)
    return str(record["Report ID"])
