"""Recordings as the pipeline leaves them, put straight into the tables for tests of what reads them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.recordings import search
from core.recordings.summary import ActionItem, Claim, Sentiment, SpokenLanguage, Summary
from core.recordings.vocabulary import STEPS
from core.store.models.recordings import (
    RecordingCueRow,
    RecordingRow,
    RecordingStepRow,
    RecordingSummaryRow,
)
from tests.calls.records import uuid_of
from tests.conftest import NOON

SAID = (
    ("Ana Ruiz", "Buenos días, habla Ana de Cafetales del Norte."),
    ("+573001234567", "Hola, me cobraron dos veces la factura número 4471."),
    ("Ana Ruiz", "Lamento el inconveniente; reviso el cobro y le devuelvo la llamada antes del viernes."),
    ("+573001234567", "Perfecto, muchas gracias."),
)
"""A short call in Spanish: who said what."""

CUE_MS = 5000


def recording(number: int = 1, *, at: datetime = NOON, **more: Any) -> RecordingRow:
    """A completed recording; the same ``number`` has the same ids."""
    fields: dict[str, Any] = {
        "webex_id": uuid_of(f"recording {number}").replace("-", ""),
        "webex_id_as_given": uuid_of(f"recording {number}"),
        "topic": f"Call {number}",
        "created_at": at + timedelta(minutes=2),
        "recorded_at": at,
        "duration_seconds": 60 + number,
        "format": "MP3",
        "service_type": "calling",
        "storage_region": "US",
        "owner_name": "Ana Ruiz",
        "owner_email": "ana.ruiz@example.com",
        "site": "Bogotá",
        "org_id": "org",
        "call_session_id": uuid_of(f"call {number}"),
        "call_session_key": uuid_of(f"call {number}").replace("-", ""),
        "call_half_id": f"{number}:0",
        "recording_type": "alwaysON",
        "caller_number": "+573001234567",
        "callee_number": "2101",
        "callee_name": "Ana Ruiz",
        "state": "completed",
        "steps_done": 6,
        "quality": 1.0,
        "audio_path": f"recordings/2026/11/20/{number}.mp3",
        "audio_bytes": 480_000,
        "audio_type": "audio/mpeg",
        "transcript_source": "webex",
        "transcript_hash": f"hash {number}",
        "cue_count": len(SAID),
        "language": "es",
        "language_confidence": 0.98,
        "summary_source": "local",
        "sentiment_label": "neutral",
        "sentiment_score": 0.1,
        "found_at": at,
        "changed_at": at,
    }
    return RecordingRow(**(fields | more))


def store(
    session: Session,
    row: RecordingRow,
    said: Sequence[tuple[str, str]] = SAID,
    *,
    failed: str = "",
    error_code: str = "transcript_unreadable",
) -> RecordingRow:
    """Keep a recording with its steps, what was said, and a summary of it; ``failed`` names a step not done."""
    session.add(row)
    session.flush()
    for ordinal, step in enumerate(STEPS):
        state = "failed" if step == failed else "done"
        code = error_code if step == failed else ""
        session.add(
            RecordingStepRow(recording_id=row.id, step=step, ordinal=ordinal, state=state, attempts=1, error_code=code)
        )
    for ordinal, (speaker, text) in enumerate(said):
        start = ordinal * CUE_MS
        session.add(
            RecordingCueRow(
                recording_id=row.id,
                ordinal=ordinal,
                start_ms=start,
                end_ms=start + CUE_MS - 500,
                speaker=speaker,
                text=text,
                sentiment=0.2 * (ordinal - 1),
            )
        )
    if said and row.summary_source:
        session.add(summary_row(row, summary()))
    session.flush()
    search.index(session, row.id)
    return row


def summary(language: str = "es", **more: Any) -> Summary:
    """A summary of ``SAID``, as our own rules would make it."""
    fields: dict[str, Any] = {
        "source": "local",
        "language": language,
        "claims": (Claim("El cliente reclama un cobro doble.", 1, "me cobraron dos veces"),),
        "bullets": (Claim("Factura 4471", 1, "la factura número 4471"),),
        "topics": ("facturación", "reembolso"),
        "action_items": (
            ActionItem("Devolver la llamada", "Ana Ruiz", "antes del viernes", 2, "le devuelvo la llamada"),
        ),
        "sentiment": Sentiment("neutral", 0.1),
        "spoken": SpokenLanguage("es", 0.98),
        "injection_suspected": False,
        "transcript_hash": "of the conversation",
        "prompt_version": "",
    }
    return Summary(**(fields | more))


def summary_row(row: RecordingRow, made: Summary) -> RecordingSummaryRow:
    """The row that keeps a summary."""
    return RecordingSummaryRow(
        recording_id=row.id,
        language=made.language,
        source=made.source,
        is_translation=made.is_translation,
        answer=made.answer(),
        model=made.model,
        transcript_hash=made.transcript_hash,
        error_code=made.error_code,
        made_at=row.recorded_at,
    )
