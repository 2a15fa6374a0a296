"""A proposed tuning of a detector tried on the last weeks, for the page that asked."""

from collections.abc import Mapping
from typing import Any

from core.detection import preview
from core.errors import InvalidInputError
from core.store.engine import is_passing
from jobs.registry import JobContext, job


@job(preview.JOB)
def preview_detection(context: JobContext) -> Mapping[str, Any]:
    """Work out the preview of the argument ``preview``; what goes wrong for good is told on the page too."""
    preview_id = context.arguments.get("preview")
    if not isinstance(preview_id, int):
        raise InvalidInputError(field="preview", problem=str(preview_id)[:40])
    try:
        found = preview.work_out(context.services, preview_id, context.progress, context.stopping)
    except Exception as error:
        if not is_passing(error):
            preview.failed(context.services, preview_id, error)
        raise
    if found is None:
        return {}
    return {name: found[name] for name in ("legs", "appeared", "vanished")}
