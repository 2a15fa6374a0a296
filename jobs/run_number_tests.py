"""Scheduled tests of numbers and trunks: ended calls are judged, then those that are due are dialled."""

from collections.abc import Mapping
from typing import Any

from core.number_tests.dialling import dial_due
from core.number_tests.settling import prune, settle
from core.settings import Settings
from jobs.registry import JobContext, job

EVERY_SECONDS = 20.0
UNUSED_SECONDS = 3600.0


def _interval(settings: Settings) -> float:
    return EVERY_SECONDS if settings.ari_url else UNUSED_SECONDS


@job("run_number_tests", every_seconds=_interval, catch_up=False, timeout_seconds=300)
def run_number_tests(context: JobContext) -> Mapping[str, Any]:
    """Judge, dial, and forget old results; slots that were missed are not made up."""
    services = context.services
    return {**settle(services, context.fence), **dial_due(services, context.fence), "forgotten": prune(services)}
