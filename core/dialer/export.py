"""The outbound calls of a filter as CSV, page by page, so that any number of them takes the memory of one page."""

from collections.abc import Iterator
from typing import Any

from core.csv_pages import ROWS_A_PAGE, Cells, csv_pages
from core.dialer import query
from core.dialer.filters import OutboundFilter
from core.dialer.outcome_words import outcome_words, talk_seconds
from core.language import Language, translate
from core.store.engine import Database
from core.store.models.dialer import OutboundCallRow

_STORED = (
    "call_id", "number", "requested_by", "reason", "created_at", "dialed_at", "ringing_at", "answered_at", "ended_at",
    "caller_id", "context", "extension", "cause", "sip_code", "hangup_by", "digits",
)  # fmt: skip
COLUMNS = (*_STORED, "status", "source", "talk_seconds", "outcome", "country", "price_class", "override")


def csv_chunks(database: Database, filter: OutboundFilter, person: str, language: Language) -> Iterator[bytes]:
    """The file in pieces, UTF-8 with a byte order mark; instants ISO 8601 UTC, newest first."""

    def read_page(cursor: str | None) -> tuple[list[Cells], str | None]:
        with database.read() as session:
            page = query.page(session, filter, person=person, cursor=cursor, limit=ROWS_A_PAGE)
            return [_cells(row, language) for row in page.rows], page.next

    return csv_pages(COLUMNS, read_page)


def _cells(row: OutboundCallRow, language: Language) -> Cells:
    values: dict[str, Any] = {name: getattr(row, name) for name in _STORED}
    return values | {
        "status": translate(f"asterisk.statuses.{row.status}", language),
        "source": translate(f"dialer.sources.{row.source}", language),
        "talk_seconds": talk_seconds(row),
        "outcome": outcome_words(row, language),
        **{name: row.policy.get(name, "") for name in ("country", "price_class", "override")},
    }
