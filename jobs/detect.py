"""Detection in the sidecar, once for a stretch by hand, and for one user on request.

``python -m jobs detect`` judges what was stored since the last pass, as the sidecar does; with ``--since`` and
``--until`` it judges a stretch of time anew and announces nothing of it.
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from core.alerts.stretch import analyse, judge_stretch
from core.alerts.watching import Watch
from core.errors import InvalidInputError
from core.services import Services
from jobs.ingest import instant
from jobs.registry import JobContext, job
from jobs.terminal import say

EVERY_SECONDS = 20.0
"""Nothing is read when no records arrived in between."""

_watches: dict[int, tuple[Services, Watch]] = {}
"""The engine with its memory of the weeks before is kept from run to run; one a process."""


@job("detect", every_seconds=EVERY_SECONDS)
def detect(context: JobContext) -> Mapping[str, Any]:
    """Judge the records stored since the last run, or the stretch of ``since`` and ``until`` (ISO 8601) again."""
    services = context.services
    since, until = (instant(context.arguments.get(name), name) for name in ("since", "until"))
    if since or until:
        return _stretch(services, since, until)
    return asdict(_watch(services).run(context.fence))


@job("analyse_user")
def analyse_user(context: JobContext) -> Mapping[str, Any]:
    """Judge one user's last four weeks by some detectors; arguments ``user``, ``detectors``, ``requested_by``."""
    user = str(context.arguments.get("user") or "")
    if not user:
        raise InvalidInputError(field="user_id", problem="")
    chosen = context.arguments.get("detectors") or None
    actor = str(context.arguments.get("requested_by") or "")
    return analyse(context.services, user, chosen, actor=actor, fence=context.fence)


def _watch(services: Services) -> Watch:
    kept = _watches.get(id(services))
    if kept is None or kept[0] is not services:
        _watches.clear()
        kept = _watches[id(services)] = (services, Watch(services))
    return kept[1]


def _stretch(services: Services, since: datetime | None, until: datetime | None) -> dict[str, Any]:
    if since is None:
        raise InvalidInputError(field="since", problem="")
    received = judge_stretch(services, since, until or services.clock.now())
    return {"state": "done", "raised": sum(one.is_new for one in received), "grown": sum(one.grew for one in received)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Without arguments: what was stored since the last pass."""
    parser.add_argument("--since", default="", help="ISO 8601, UTC unless it says otherwise")
    parser.add_argument("--until", default="", help="ISO 8601; now where it is left out")


def run(services: Services, arguments: argparse.Namespace) -> int:
    """Judge once and print what became of it. Raises ``InvalidInputError`` for times that cannot be read."""
    since, until = instant(arguments.since, "since"), instant(arguments.until, "until")
    result = _stretch(services, since, until) if since or until else asdict(Watch(services).run())
    say(f"alerts.command.{result['state']}", raised=result["raised"], grown=result["grown"])
    sys.stdout.flush()
    return 0
