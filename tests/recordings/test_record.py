"""A recording as JSON has exactly the shape of S2-32, and the file of a filter holds it without any formula."""

import csv
import json
from datetime import timedelta

from core.recordings import query
from core.recordings.export import COLUMNS, csv_chunks
from core.recordings.filters import RecordingFilter
from core.recordings.record import file_name, record_of
from core.store.engine import Database
from core.store.models.recordings import TranscriptTranslationRow
from tests.calls.records import uuid_of
from tests.conftest import NOON
from tests.recordings.rows import SAID, recording, store, summary, summary_row

S2_32 = (
    "recordingId", "timestamp", "caller", "callee", "caller_name", "callee_name", "duration", "metadata", "audio_url",
    "audio_format", "audio_size_bytes", "transcript_text", "transcript_source", "has_webex_transcript",
    "summary_text", "summary_bullet_points", "key_topics", "action_items", "sentiment", "detected_language",
    "language_confidence", "processing_status", "quality_score", "source",
)  # fmt: skip
LANGUAGES = (
    "transcript_language", "transcript_is_translation", "transcript_translations", "summary_language",
    "summary_is_translation",
)  # fmt: skip


def test_the_shape_of_a_whole_recording(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        row = store(session, recording(1, webex_metadata={"serviceType": "calling"}))
        told = record_of(query.whole(session, row), audio_url="/api/v1/recordings/download/1/audio")
    assert tuple(told) == (*S2_32, *LANGUAGES)
    assert json.loads(json.dumps(told)) == told
    assert told["recordingId"] == uuid_of("recording 1")
    assert told["timestamp"] == "2026-11-20T17:00:00Z"
    assert told["transcript_text"].splitlines()[0] == f"{SAID[0][0]}: {SAID[0][1]}"
    assert (told["audio_format"], told["audio_size_bytes"]) == ("mp3", 480_000)
    assert told["action_items"] == [{"text": "Devolver la llamada", "owner": "Ana Ruiz", "due": "antes del viernes"}]
    assert told["sentiment"] == {"score": 0.1, "label": "neutral"}
    assert told["has_webex_transcript"] is True
    assert [told[name] for name in LANGUAGES] == ["es", False, [], "es", False]
    assert file_name(row, "json") == f"recording-{row.id}-20261120T170000Z.json"


def test_what_is_missing_is_null_and_not_made_up(sqlite_database: Database) -> None:
    bare = recording(
        1, state="partial", quality=0.333, audio_path="", audio_bytes=0, cue_count=0, transcript_source="",
        summary_source="", sentiment_label="", sentiment_score=None, language="", language_confidence=None,
    )  # fmt: skip
    with sqlite_database.write() as session:
        told = record_of(query.whole(session, store(session, bare, ())), audio_url="/x")
    assert tuple(told) == (*S2_32, *LANGUAGES)
    missing = ("audio_url", "audio_size_bytes", "transcript_text", "summary_text", "sentiment", "detected_language")
    assert [told[name] for name in missing] == [None] * len(missing)
    assert (told["quality_score"], told["summary_bullet_points"], told["has_webex_transcript"]) == (0.33, [], False)


def test_the_file_holds_exactly_the_filter_and_no_formula(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        store(session, recording(1, caller_name="=cmd|' /C calc'!A0"))
        store(session, recording(2, site="Denver"))
    wanted = RecordingFilter(sites=("Bogotá",))
    text = b"".join(csv_chunks(sqlite_database, wanted, NOON)).decode("utf-8-sig")
    assert text.splitlines()[0] == ",".join(f'"{name}"' for name in COLUMNS)
    assert len(text.splitlines()) == 2
    assert "\"'=cmd|" in text
    assert '"=cmd|' not in text
    assert "El cliente reclama un cobro doble." in text
    assert SAID[1][1] not in text


def test_the_file_says_which_translations_there_are_and_ends_where_it_was_told(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        for number in (1, 2, 3):
            row = store(session, recording(number, recorded_at=NOON + timedelta(hours=number)))
        session.add(summary_row(row, summary("en", is_translation=True)))
        session.add(summary_row(row, summary("pt", is_translation=True, transcript_hash="of another")))
        texts = [text.upper() for _, text in SAID]
        session.add(
            TranscriptTranslationRow(
                recording_id=row.id, language="en", texts=texts, is_whole=True, transcript_hash="hash 3",
                prompt_version="1", made_at=NOON,
            )
        )  # fmt: skip
    text = b"".join(csv_chunks(sqlite_database, RecordingFilter(), NOON, 2)).decode("utf-8-sig")
    first, second = csv.DictReader(text.splitlines())
    names = ("summary_language", "summary_translations", "transcript_translations")
    assert [first[name] for name in names] == ["es", "en", "en"]
    assert [second[name] for name in names] == ["es", "", ""]
