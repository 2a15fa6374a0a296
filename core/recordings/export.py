"""The recordings of a filter as CSV, page by page, so that any number of them takes the memory of one page."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.csv

from core.calls.formulas import harmless
from core.recordings import query
from core.recordings.filters import RecordingFilter
from core.store.engine import Database
from core.store.models.recordings import RecordingRow

ROWS_A_PAGE = 500
_OF_ROW = (
    "id", "recorded_at", "duration_seconds", "caller_number", "caller_name", "callee_number", "callee_name",
    "owner_name", "owner_email", "site", "recording_type", "language", "sentiment_label", "sentiment_score", "state",
    "quality", "problem_step", "problem_code", "transcript_source", "word_count", "summary_source", "audio_bytes",
    "call_session_id", "webex_id_as_given",
)  # fmt: skip
COLUMNS = (*_OF_ROW, "summary", "topics", "action_items")


def csv_chunks(database: Database, filter: RecordingFilter, now: datetime) -> Iterator[bytes]:
    """The file in pieces, UTF-8 with a byte order mark; instants ISO 8601 UTC, rows in the filter's order.

    Transcripts are not in it; the summary is that in the language of the call. Formulas are made inert.
    """
    yield b"\xef\xbb\xbf" + (",".join(f'"{name}"' for name in COLUMNS) + "\n").encode()
    cursor: str | None = None
    while True:
        with database.read() as session:
            page = query.page(session, filter, now, cursor=cursor, limit=ROWS_A_PAGE)
            answers = query.answers(session, [row.id for row in page.rows])
            rows = [_cells(row, answers.get(row.id, {})) for row in page.rows]
        if rows:
            yield _lines(rows)
        cursor = page.next
        if cursor is None:
            return


def _lines(rows: list[dict[str, str]]) -> bytes:
    columns = [harmless(pa.array([row[name] for row in rows], pa.string())) for name in COLUMNS]
    buffer = io.BytesIO()
    batch = pa.record_batch(columns, names=list(COLUMNS))
    pyarrow.csv.write_csv(batch, buffer, pyarrow.csv.WriteOptions(include_header=False))
    return buffer.getvalue()


def _cells(row: RecordingRow, answer: dict[str, Any]) -> dict[str, str]:
    items = [one["text"] for one in answer.get("action_items", ())]
    said = {
        "summary": answer.get("summary", ""),
        "topics": "; ".join(answer.get("topics", ())),
        "action_items": "; ".join(items),
    }
    return {name: _text(getattr(row, name)) for name in _OF_ROW} | said


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
