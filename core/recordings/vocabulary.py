"""The words of the pipeline: its steps in the order people read them, the states of a step and of a recording."""

from typing import Literal, get_args

Step = Literal["fetch_details", "fetch_metadata", "download_audio", "transcript", "generate_summary", "detect_language"]
STEPS: tuple[Step, ...] = get_args(Step)

StepState = Literal["waiting", "running", "done", "failed", "unavailable"]
"""``failed``: something broke; ``unavailable``: Webex withholds it, or has not made it yet."""

RecordingState = Literal["pending", "downloading", "transcribing", "summarizing", "completed", "partial", "failed"]
STATES: tuple[RecordingState, ...] = get_args(RecordingState)

WORKING: dict[Step, RecordingState] = {
    "fetch_details": "downloading",
    "fetch_metadata": "downloading",
    "download_audio": "downloading",
    "transcript": "transcribing",
    "generate_summary": "summarizing",
    "detect_language": "summarizing",
}
"""The state of a recording while a step of it runs."""

DATA_VERSION = "recordings"
"""The data version that pages showing recordings watch."""
