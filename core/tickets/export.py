"""The tickets of a filter as CSV, page by page, so that any number of them takes the memory of one page."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.csv_pages import ROWS_A_PAGE, Cells, csv_pages
from core.language import Language
from core.store.engine import Database
from core.store.models.tickets import TicketRow
from core.tickets import query, wording
from core.tickets.filters import Reader, TicketFilter
from core.tickets.vocabulary import public_id

COLUMNS = (
    "id", "title", "priority", "state", "source", "client", "site", "operator", "requested_by", "created_at",
    "owned_at", "own_due_at", "resolved_at", "resolve_due_at", "waiting_reason", "waiting_until", "resolution",
    "merged_into",
)  # fmt: skip


def csv_chunks(
    database: Database,
    filter: TicketFilter,
    reader: Reader,
    language: Language,
    names: Mapping[str, Mapping[int, str]] | None = None,
) -> Iterator[bytes]:
    """The file in pieces, UTF-8 with a byte order mark; instants ISO 8601 UTC, rows in the filter's order.

    ``names`` gives what ``operators`` and ``clients`` are called, by number; without it their numbers stand.
    """

    def read_page(cursor: str | None) -> tuple[list[Cells], str | None]:
        with database.read() as session:
            page = query.page(session, filter, reader, cursor=cursor, limit=ROWS_A_PAGE)
            return [_cells(row, language, names or {}) for row in page.rows], page.next

    return csv_pages(COLUMNS, read_page)


def _cells(row: TicketRow, language: Language, names: Mapping[str, Mapping[int, str]]) -> Cells:
    own = {"id", "title", "client", "operator", "merged_into"}
    values: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS if name not in own}
    values |= {
        "id": public_id(row.id),
        "title": wording.title(row, language),
        "client": _name(names.get("clients"), row.client_id),
        "operator": _name(names.get("operators"), row.operator_id),
        "merged_into": public_id(row.merged_into_id) if row.merged_into_id else "",
    }
    return values


def _name(names: Mapping[int, str] | None, number: int | None) -> str:
    return "" if number is None else (names or {}).get(number, str(number))
