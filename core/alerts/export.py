"""The alerts of a filter as CSV, page by page, so that any number of them takes the memory of one page."""

from collections.abc import Iterator
from typing import Any

from core.alerts import explain, query
from core.alerts.filters import AlertFilter
from core.alerts.query import Reader
from core.csv_pages import ROWS_A_PAGE, Cells, csv_pages
from core.language import Language
from core.store.engine import Database
from core.store.models.alerts import AlertRow

COLUMNS = (
    "id", "severity", "alert", "alert_type", "entity_kind", "entity", "entity_name", "site", "state", "owner",
    "raised_at", "first_seen", "last_seen", "calls", "cost", "acknowledged_at", "resolved_at", "resolved_by", "verdict",
    "resolution_notes", "summary",
)  # fmt: skip


def csv_chunks(database: Database, filter: AlertFilter, reader: Reader, language: Language) -> Iterator[bytes]:
    """The file in pieces, UTF-8 with a byte order mark; instants ISO 8601 UTC, rows in the filter's order."""

    def read_page(cursor: str | None) -> tuple[list[Cells], str | None]:
        with database.read() as session:
            page = query.page(session, filter, reader, cursor=cursor, limit=ROWS_A_PAGE)
            return [_cells(row, language) for row in page.rows], page.next

    return csv_pages(COLUMNS, read_page)


def _cells(row: AlertRow, language: Language) -> Cells:
    values: dict[str, Any] = {
        name: getattr(row, name) for name in COLUMNS if name not in ("id", "alert", "summary", "raised_at", "calls")
    }
    values |= {
        "id": row.public_id,
        "alert": explain.title(row, language),
        "raised_at": row.emitted_at,
        "calls": row.evidence_count,
        "cost": f"{row.cost:.2f}",
        "summary": explain.summary(row, language),
    }
    return values
