"""Many calls of one tenant on one day, each with ids of its own."""

from collections.abc import Iterable
from typing import Any

from tests.calls.records import uuid_of
from tests.journeys.golden import PLAIN, SERVICES, Golden

_CALL_IDS = ("Local call ID", "Remote call ID", "Related call ID", "Transfer related call ID")
_NAMED = ("Report ID", "Correlation ID", "Interaction ID")


def distinct_calls(goldens: Iterable[Golden]) -> list[Golden]:
    """The calls with their ids made different from each other's, as they are in a tenant."""
    return [
        Golden(golden.name, [_of_call(number, record) for record in golden.records], golden.expected)
        for number, golden in enumerate(goldens, start=1)
    ]


def _of_call(number: int, record: dict[str, Any]) -> dict[str, Any]:
    changed = {name: uuid_of(f"{number} {record[name]}") for name in _NAMED if record[name]}
    changed |= {name: f"{number}00{record[name]}" for name in _CALL_IDS if record[name]}
    return record | changed


GOLDEN_HISTORY = distinct_calls([PLAIN[0], SERVICES[0]])
"""Two calls: an internal one, and one through an attendant and a hunt group."""
