"""A recording's summary in the other language, when somebody asks for it."""

from collections.abc import Mapping
from typing import Any

from core.errors import InvalidInputError
from core.recordings.translations import JOB, translate
from jobs.registry import JobContext, job


@job(JOB, timeout_seconds=300)
def translate_summary(context: JobContext) -> Mapping[str, Any]:
    """Translate the summary of the recording ``id`` into the language ``into``."""
    number, into = context.arguments.get("id"), context.arguments.get("into")
    if not isinstance(number, int) or isinstance(number, bool):
        raise InvalidInputError(field="id", problem=str(number)[:40])
    return {"outcome": translate(context.services, number, str(into))}
