"""Call records from a file that somebody gave to the Connections page; only on request."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.calls import uploads
from core.errors import PermanentError
from jobs.import_calls import run_import
from jobs.registry import JobContext, job


@job("import_upload")
def import_upload(context: JobContext) -> Mapping[str, Any]:
    """Read the file of the argument ``upload`` and store its records; the file goes once it was read.

    A run that is cut off leaves the file, and the command repeats it: records are stored once however often.
    """
    upload = str(context.arguments.get("upload", ""))
    settings = context.services.settings
    path = uploads.path_of(settings, upload)
    by = str(context.arguments.get("by", ""))[:200]
    try:
        counts = run_import(context.services, [path], progress=context.progress, by=by)
    except PermanentError:
        uploads.remove(settings, upload)
        raise
    uploads.remove(settings, upload)
    return asdict(counts)
