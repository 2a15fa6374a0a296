"""A recording's transcript in the other language, when somebody asks for it."""

from collections.abc import Mapping
from typing import Any

from core.errors import InvalidInputError
from core.recordings.transcript_translations import JOB, translate_whole
from jobs.registry import JobContext, job

LONGEST_RUN_SECONDS = 3600.0


@job(JOB, timeout_seconds=LONGEST_RUN_SECONDS)
def translate_transcript(context: JobContext) -> Mapping[str, Any]:
    """Translate the transcript of the recording ``id`` into ``into``, going on where a former run ended."""
    number, into = context.arguments.get("id"), context.arguments.get("into")
    if not isinstance(number, int) or isinstance(number, bool):
        raise InvalidInputError(field="id", problem=str(number)[:40])
    outcome = translate_whole(
        context.services,
        number,
        str(into),
        progress=lambda done, total: context.progress(done, total, "turns"),
        stopping=context.stopping,
    )
    return {"outcome": outcome}
