"""The visits of a filter as CSV, page by page, so that any number of them takes the memory of one page."""

from collections.abc import Iterator
from typing import Any

from core.csv_pages import ROWS_A_PAGE, Cells, csv_pages
from core.language import Language, translate
from core.store.engine import Database
from core.store.models.visits import VisitRow
from core.visits import query
from core.visits.days import zone_of
from core.visits.filters import VisitFilter
from core.visits.query import Reader

COLUMNS = (
    "id", "state", "starts_at", "ends_at", "zone", "local_start", "title", "client_name", "client_email",
    "operator_name", "place", "site", "ticket_id", "moves", "outcome", "created_at", "created_by", "changed_at",
    "changed_by",
)  # fmt: skip


def csv_chunks(database: Database, filter: VisitFilter, reader: Reader, language: Language) -> Iterator[bytes]:
    """The file in pieces, UTF-8 with a byte order mark; instants ISO 8601 UTC, rows in the filter's order."""

    def read_page(cursor: str | None) -> tuple[list[Cells], str | None]:
        with database.read() as session:
            page = query.page(session, filter, reader, cursor=cursor, limit=ROWS_A_PAGE)
            return [_cells(row, language) for row in page.rows], page.next

    return csv_pages(COLUMNS, read_page)


def _cells(row: VisitRow, language: Language) -> Cells:
    values: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS if name != "local_start"}
    values |= {
        "id": row.public_id,
        "state": translate(f"visits.states.{row.state}", language),
        "local_start": f"{row.starts_at.astimezone(zone_of(row.zone)):%Y-%m-%d %H:%M}",
    }
    return values
