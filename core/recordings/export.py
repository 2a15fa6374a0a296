"""The recordings of a filter as CSV, page by page."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.csv_pages import ROWS_A_PAGE, Cells, csv_pages
from core.recordings import query
from core.recordings.filters import RecordingFilter
from core.recordings.text_languages import TextLanguages, text_languages
from core.store.engine import Database
from core.store.models.recordings import RecordingRow

_OF_ROW = (
    "id", "recorded_at", "duration_seconds", "caller_number", "caller_name", "callee_number", "callee_name",
    "owner_name", "owner_email", "site", "recording_type", "language", "sentiment_label", "sentiment_score", "state",
    "quality", "problem_step", "problem_code", "transcript_source", "word_count", "summary_source", "audio_bytes",
    "call_session_id", "webex_id_as_given",
)  # fmt: skip
_SUMMED_UP = ("summary", "topics", "action_items", "summary_language")
_TRANSLATIONS = ("summary_translations", "transcript_translations")
COLUMNS = (*_OF_ROW, *_SUMMED_UP, *_TRANSLATIONS)


def csv_chunks(database: Database, filter: RecordingFilter, now: datetime, limit: int | None = None) -> Iterator[bytes]:
    """The file in pieces, as ``core.csv_pages`` writes it, rows in the filter's order, at most ``limit`` of them.

    Transcripts are not in it; the summary is the one that is no translation, and the last columns name the languages
    there are translations in.
    """
    left = limit

    def read_page(cursor: str | None) -> tuple[Sequence[Cells], str | None]:
        nonlocal left
        size = ROWS_A_PAGE if left is None else min(left, ROWS_A_PAGE)
        with database.read() as session:
            page = query.page(session, filter, now, cursor=cursor, limit=size)
            ids = [row.id for row in page.rows]
            answers, languages = query.answers(session, ids), text_languages(session, ids)
            rows = [_cells(row, answers.get(row.id, {}), languages[row.id]) for row in page.rows]
        left = None if left is None else left - len(rows)
        return rows, None if left == 0 else page.next

    return csv_pages(COLUMNS, read_page)


def _cells(row: RecordingRow, answer: Mapping[str, Any], languages: TextLanguages) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _OF_ROW} | {
        "summary": answer.get("summary", ""),
        "topics": "; ".join(answer.get("topics", ())),
        "action_items": "; ".join(one["text"] for one in answer.get("action_items", ())),
        "summary_language": languages.summary,
        "summary_translations": "; ".join(languages.summary_translations),
        "transcript_translations": "; ".join(languages.transcript_translations),
    }
