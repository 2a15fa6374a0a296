"""History that nobody looks at any more is removed every night; the audit stays whole."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.access import password_links, sessions, sign_in
from core.calls import import_marks, imports
from core.store import commands, job_runs
from core.watson import activity as watson
from jobs.registry import JobContext, job

KEPT = timedelta(days=30)
IMPORTS_KEPT = timedelta(days=395)
"""Imports are kept as long as call records are by default, since they explain where those came from."""


@job("prune_history", cron="50 2 * * *")
def prune_history(context: JobContext) -> Mapping[str, Any]:
    """Remove what is old and close imports that were killed; each job's last run and last success stay."""
    services = context.services
    import_marks.settle(services)
    now = services.clock.now()
    with services.database.write() as session:
        removed = {
            "job_runs": job_runs.prune(session, now - KEPT),
            "commands": commands.prune(session, now - KEPT),
            "imports": imports.prune(session, now - IMPORTS_KEPT),
            "sign_in_attempts": sign_in.forget_attempts(session, now),
            "watson_requests": watson.prune(session, now - timedelta(days=services.settings.watson_retention_days)),
            "password_links": password_links.forget_closed(session, now - KEPT),
        }
    return {**removed, "sessions": sessions.forget_expired(services.database, services.clock)}
