"""How pages name a recording: who spoke with whom, its state and mood, and the colours of these."""

from core.store.models.recordings import RecordingRow
from core.ui import times
from core.ui.colors import BadgeColor
from core.ui.text import named, t

STATE_COLOURS: dict[str, BadgeColor] = {
    "pending": "gray",
    "downloading": "blue",
    "transcribing": "blue",
    "summarizing": "blue",
    "completed": "green",
    "partial": "orange",
    "failed": "red",
}
STEP_COLOURS: dict[str, BadgeColor] = {
    "waiting": "gray", "running": "blue", "done": "green", "failed": "red", "unavailable": "orange"
}  # fmt: skip
STEP_ICONS = {
    "waiting": ":material/schedule:",
    "running": ":material/progress_activity:",
    "done": ":material/check:",
    "failed": ":material/error:",
    "unavailable": ":material/block:",
}
FEELING_COLOURS: dict[str, BadgeColor] = {"negative": "red", "neutral": "gray", "positive": "green"}
FEELING_ICONS = {
    "negative": ":material/sentiment_dissatisfied:",
    "neutral": ":material/sentiment_neutral:",
    "positive": ":material/sentiment_satisfied:",
}
WORKING = ("downloading", "transcribing", "summarizing")


def caller(row: RecordingRow) -> str:
    """Who called, as plain text: name and number as far as known."""
    return _party(row.caller_name, row.caller_number, row.caller_email)


def callee(row: RecordingRow) -> str:
    """Who was called, as plain text."""
    return _party(row.callee_name, row.callee_number, row.callee_email)


def _party(name: str, number: str, email: str) -> str:
    return f"{name} {number}" if name and number else name or number or email


def title(row: RecordingRow) -> str:
    """Who spoke with whom, as plain text; without anybody the topic, else the owner."""
    if caller(row) or callee(row):
        nobody = t("recordings_page.no_parties")
        return t("recordings_page.detail.title", caller=caller(row) or nobody, callee=callee(row) or nobody)
    return row.topic or row.owner_name or row.owner_email or t("recordings_page.no_parties")


def state(row: RecordingRow) -> str:
    """The state in a word."""
    return t(f"recordings.states.{row.state}")


def language_of(row: RecordingRow) -> str:
    """The language in a word, escaped; empty where it is not known."""
    return named("recordings_page.tongues", row.language) if row.language else ""


def feeling(row: RecordingRow) -> str:
    """The mood in a word; empty where it was not judged."""
    return t(f"recordings_page.feelings.{row.sentiment_label}") if row.sentiment_label in FEELING_COLOURS else ""


def length(row: RecordingRow) -> str:
    """How long the recording is."""
    return times.clock_span(row.audio_seconds or row.duration_seconds)
