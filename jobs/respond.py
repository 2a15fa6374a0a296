"""Changes of calling settings that an administrator asked for, made in Webex; and reading what they would change."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.errors import InvalidInputError
from core.respond.carrying_out import work_off
from core.respond.setting_watch import read_people
from jobs.registry import JobContext, job

EVERY_SECONDS = 60.0
"""A request starts a run at once; the clock takes up what met a passing failure or a dying process."""

MOST_PEOPLE = 25


@job("respond", every_seconds=EVERY_SECONDS, timeout_seconds=900)
def respond(context: JobContext) -> Mapping[str, Any]:
    """Take every response under way as far as it goes."""
    return asdict(work_off(context.services, context.stopping, context.fence))


@job("read_call_settings", timeout_seconds=300)
def read_call_settings(context: JobContext) -> Mapping[str, Any]:
    """Read all settings of the people in the argument ``people`` (UUIDs) now."""
    people = context.arguments.get("people")
    if not isinstance(people, list) or not 0 < len(people) <= MOST_PEOPLE:
        raise InvalidInputError(field="people", problem=str(MOST_PEOPLE))
    return asdict(read_people(context.services, [str(uuid) for uuid in people], context.fence))
