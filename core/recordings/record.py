"""A recording as other programs take it: one JSON object in the shape of S2-32, whoever asks for it."""

from collections.abc import Sequence
from typing import Any

from core.recordings.query import WholeRecording
from core.store.models.recordings import RecordingCueRow, RecordingRow

SOURCE = "webex"
WEBEX_TRANSCRIPT = "webex"


def record_of(
    whole: WholeRecording, *, audio_url: str | None = None, said_in: str = "", summed_up_in: str = ""
) -> dict[str, Any]:
    """The record of S2-32: what Webex told, what was made of it and how far it came; what is not there is ``null``.

    Durations in seconds, the instant ISO 8601 UTC, scores from -1 to 1, confidence and quality from 0 to 1. After the
    fields of S2-32 come those that say in which language its texts are: transcript and summary are those in
    ``said_in`` and ``summed_up_in`` where there is such a translation, else as they were said and made.
    """
    row, summary = whole.row, whole.summary_in(summed_up_in)
    translation = whole.translations.get(said_in)
    answer = summary.answer if summary is not None else {}
    return {
        "recordingId": row.webex_id_as_given or row.webex_id,
        "timestamp": row.recorded_at.isoformat().replace("+00:00", "Z"),
        "caller": row.caller_number or row.caller_email or None,
        "callee": row.callee_number or row.callee_email or None,
        "caller_name": row.caller_name or None,
        "callee_name": row.callee_name or None,
        "duration": row.duration_seconds,
        "metadata": row.webex_metadata or None,
        "audio_url": audio_url if row.audio_path else None,
        "audio_format": audio_format(row),
        "audio_size_bytes": row.audio_bytes if row.audio_path else None,
        "transcript_text": transcript_text(whole.cues, translation.texts if translation is not None else None),
        "transcript_source": row.transcript_source or None,
        "has_webex_transcript": row.transcript_source == WEBEX_TRANSCRIPT,
        "summary_text": answer.get("summary"),
        "summary_bullet_points": [one["text"] for one in answer.get("bullets", ())],
        "key_topics": list(answer.get("topics", ())),
        "action_items": [
            {"text": one["text"], "owner": one["owner"] or None, "due": one["due"] or None}
            for one in answer.get("action_items", ())
        ],
        "sentiment": (
            None if row.sentiment_score is None else {"score": row.sentiment_score, "label": row.sentiment_label}
        ),
        "detected_language": row.language or None,
        "language_confidence": row.language_confidence,
        "processing_status": row.state,
        "quality_score": round(row.quality, 2),
        "source": SOURCE,
        "transcript_language": (said_in if translation is not None else row.language) or None,
        "transcript_is_translation": translation is not None,
        "transcript_translations": sorted(whole.translations),
        "summary_language": summary.language if summary is not None else None,
        "summary_is_translation": summary is not None and summary.is_translation,
    }


def audio_format(row: RecordingRow) -> str | None:
    """The kind of the audio kept here, such as ``mp3``; without any what Webex promises, or nothing."""
    if row.audio_path:
        return row.audio_path.rpartition(".")[2].lower()
    return row.format.lower() or None


def transcript_text(cues: Sequence[RecordingCueRow], texts: Sequence[str] | None = None) -> str | None:
    """What was said as plain text, a turn a line, each with its speaker where one is known; ``texts`` are the turns in
    another language."""
    if not cues:
        return None
    told = texts if texts is not None else [cue.text for cue in cues]
    return "\n".join(f"{cue.speaker}: {text}" if cue.speaker else text for cue, text in zip(cues, told, strict=True))


def file_name(row: RecordingRow, extension: str) -> str:
    """A name for a file of this recording, from our own number and its instant (UTC)."""
    return f"recording-{row.id}-{row.recorded_at:%Y%m%dT%H%M%SZ}.{extension}"
