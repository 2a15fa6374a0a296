"""A report as JSON: values as they are, instants in UTC, shares from 0 to 1, written row by row."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

import orjson

from core.reports.document import Document, Table

_ROWS_AT_ONCE = 500


def write(document: Document, file: BinaryIO, table: Table | None) -> None:
    """Write the whole report, or only ``table`` of it."""
    head = orjson.dumps(heading(document))
    file.write(head[:-1] + b',"tables":[')
    for position, one in enumerate([table] if table else document.tables):
        file.write(b"," if position else b"")
        _write_table(one, file)
    file.write(b"]}")


def heading(document: Document) -> dict[str, Any]:
    """Everything but the tables, as JSON values."""
    return {
        "report": document.kind,
        "title": document.title,
        "sentence": document.sentence,
        "period": {
            "since": _plain(document.period.since),
            "until": _plain(document.period.until),
            "time_zone": document.period.zone,
        },
        "made_at": _plain(document.made_at),
        "language": document.language,
        "figures": [
            {
                "name": figure.name,
                "title": figure.title,
                "kind": figure.kind,
                "value": figure.value,
                "before": figure.before,
            }
            for figure in document.figures
        ],
        "pictures": [
            {
                "name": picture.name,
                "title": picture.title,
                "form": picture.form,
                "kind": picture.kind,
                "labels": [_plain(label) for label in picture.labels],
                "series": [{"title": one.title, "values": list(one.values)} for one in picture.series],
            }
            for picture in document.pictures
        ],
    }


def _write_table(table: Table, file: BinaryIO) -> None:
    head = {
        "name": table.name,
        "title": table.title,
        "note": table.note,
        "columns": [{"name": one.name, "title": one.title, "kind": one.kind} for one in table.columns],
    }
    file.write(orjson.dumps(head)[:-1] + b',"rows":[')
    names = [column.name for column in table.columns]
    begun = False
    for some in _batches(table.rows()):
        written = orjson.dumps([dict(zip(names, map(_plain, row), strict=True)) for row in some])
        file.write((b"," if begun else b"") + written[1:-1])
        begun = True
    file.write(b"]}")


def _batches(rows: Iterable[Any]) -> Iterable[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value
