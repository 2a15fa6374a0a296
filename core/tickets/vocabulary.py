"""The words of tickets: states, priorities, sources, kinds of link, and the number people read and say."""

import re
from typing import Literal, get_args

from core.errors import InvalidInputError

State = Literal["new", "open", "waiting", "resolved", "closed", "merged"]
STATES: tuple[State, ...] = get_args(State)
OPEN_STATES: tuple[State, ...] = ("new", "open", "waiting")
ENDED_STATES: tuple[State, ...] = ("resolved", "closed")
NEXT_STATES: dict[str, tuple[State, ...]] = {
    "new": ("open", "waiting", "resolved", "closed"),
    "open": ("waiting", "resolved", "closed"),
    "waiting": ("open", "resolved", "closed"),
    "resolved": ("open", "closed"),
    "closed": ("open",),
    "merged": (),
}
"""What a state may become. Nobody owns a new one yet; back to open from resolved or closed is a reopening."""

Priority = Literal["low", "medium", "high", "critical"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
"""Lowest first; the same words as the severities of alerts."""

Source = Literal["alert", "case", "recording", "watson", "manual"]
SOURCES: tuple[Source, ...] = get_args(Source)

LinkKind = Literal["alert", "case", "call", "journey", "recording", "visit", "ticket"]
LINK_KINDS: tuple[LinkKind, ...] = get_args(LinkKind)

LARGEST_NUMBER = 2**63 - 1
"""What the databases hold as a number of a row."""

AUTOMATIC = "tollwatch"
"""Who acts when nobody does: rules, escalation, a wait that ran out."""

_NUMBER = re.compile(r"(?:T-)?([0-9]{1,18})", re.ASCII | re.IGNORECASE)


def rank(priority: str) -> int:
    """The place of a priority on the scale, 0 for low. Raises ``InvalidInputError`` for an unknown one."""
    if priority not in PRIORITIES:
        raise InvalidInputError(field="priority", problem=priority[:20])
    return PRIORITIES.index(priority)


def one_of(field: str, value: str, known: tuple[str, ...]) -> str:
    """The value, when it is one of the known. Raises ``InvalidInputError``."""
    if value not in known:
        raise InvalidInputError(field=field, problem=value[:40])
    return value


def public_id(ticket_id: int) -> str:
    """The number people read and say: ``T-17``."""
    return f"T-{ticket_id}"


def number_of(reference: str | int) -> int | None:
    """The ticket that ``T-17``, ``17`` or a number means; ``None`` for what is none."""
    found = _NUMBER.fullmatch(str(reference).strip())
    return int(found[1]) if found else None


def line(text: str, longest: int) -> str:
    """A name as it is kept: one line of signs that are seen, cut to ``longest``."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in plain(text, 4 * longest)).split())[:longest]


def plain(text: str, longest: int) -> str:
    """A text as it is kept: without what the databases cannot hold, cut to ``longest`` signs."""
    return re.sub("[\x00\ud800-\udfff]", "", text).strip()[:longest]
