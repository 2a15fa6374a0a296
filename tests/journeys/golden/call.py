"""What a golden call is, and the rings that calls of several kinds share."""

from dataclasses import dataclass, field
from typing import Any

from tests.journeys.sequences import PORTAL_NAME, SALES, TEAM, Member, orig, pair

Record = dict[str, Any]


@dataclass(frozen=True)
class Golden:
    """One call: its records in the order of their making, and what must come of them."""

    name: str
    records: list[Record]
    expected: dict[str, Any] = field(default_factory=dict)


def queue_ring(
    agent: Member, ids: tuple[str, str], at: float, until: float, answer: float | None, **keys: Any
) -> list[Record]:
    return pair(
        SALES, agent, ids, at, until, answer, **{"Rel": "40:0", "related": "CallQueue", "redirect": "CallQueue"} | keys
    )


def group_ring(
    agent: Member, ids: tuple[str, str], at: float, until: float, answer: float | None, **keys: Any
) -> list[Record]:
    return pair(
        TEAM, agent, ids, at, until, answer, **{"Rel": "32:0", "related": "HuntGroup", "redirect": "HuntGroup"} | keys
    )


def mailbox(member: Member, local: str, at: float, until: float, answer: float | None, **keys: Any) -> Record:
    return orig(
        member, local, at, until, answer, **{"line": PORTAL_NAME, "called": "999", "redirect": "NoAnswer"} | keys
    )
