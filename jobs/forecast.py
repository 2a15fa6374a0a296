"""How many calls to expect at each site: fitted at night, and soon after the first start once there is history."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.forecast import fitting
from jobs.registry import JobContext, job

EVERY_SECONDS = 120.0
"""How often to see whether a fit is due; seeing costs two small reads."""


@job("forecast", every_seconds=EVERY_SECONDS, timeout_seconds=6 * 3600.0)
def forecast(context: JobContext) -> Mapping[str, Any]:
    """Fit every site when it is due, or at once with the argument ``now``."""
    if not context.arguments.get("now") and not fitting.is_due(context.services):
        return {}
    return asdict(fitting.fit_all(context.services, context.progress, context.stopping))
