"""Webex tokens are renewed well before they expire, so that a day without Webex's token service loses nothing."""

from collections.abc import Mapping
from typing import Any, get_args

from core.errors import TollwatchError
from core.webex.connections import Kind, status
from core.webex.oauth import refresh
from jobs.registry import JobContext, job

EVERY_SECONDS = 900.0


@job("refresh_tokens", every_seconds=EVERY_SECONDS)
def refresh_tokens(context: JobContext) -> Mapping[str, Any]:
    """Renew what is due; one connection that fails does not keep the other back.

    The arguments ``kind`` and ``force`` ask for one connection at once, whether due or not.
    """
    wanted, force = context.arguments.get("kind"), context.arguments.get("force") is True
    outcome: dict[str, str] = {}
    failures: list[TollwatchError] = []
    kinds: tuple[Kind, ...] = get_args(Kind)
    for kind in kinds:
        if wanted not in (None, kind):
            continue
        state = status(context.services, kind)
        if state.method != "oauth" or state.state != "connected":
            outcome[kind] = state.state
            continue
        try:
            outcome[kind] = "renewed" if refresh(context.services, kind=kind, force=force) else "fresh"
        except TollwatchError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return outcome
