"""What tickets' numbers mean to people: operators and clients by name, who the reader is, clocks in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import streamlit as st

from core.operators import clients, roster, skills
from core.operators.vocabulary import DATA_VERSION
from core.store import data_version
from core.store.models.tickets import TicketRow
from core.tickets.query import Reader
from core.ui import session, times
from core.ui.colors import BadgeColor
from core.ui.text import t

PRIORITY_COLORS: dict[str, BadgeColor] = {
    "low": "gray",
    "medium": "yellow",
    "high": "orange",
    "critical": "red",
}
STATE_COLORS: dict[str, BadgeColor] = {
    "new": "violet",
    "open": "blue",
    "waiting": "gray",
    "resolved": "green",
    "closed": "green",
    "merged": "gray",
}
CLOCK_COLORS: dict[str, BadgeColor] = {
    "kept": "green",
    "missed": "red",
    "late": "red",
    "soon": "orange",
    "running": "blue",
    "paused": "gray",
    "none": "gray",
}


@dataclass(frozen=True)
class Roster:
    """The names of operators and clients by number, retired and former ones too, and the skills there are."""

    operators: Mapping[int, str]
    clients: Mapping[int, str]
    skills: tuple[str, ...]
    operator_by_person: Mapping[str, int]

    def operator(self, number: int | None) -> str:
        """What an operator is called; nobody for none."""
        return t("tickets.operators.nobody") if number is None else self.operators.get(number, f"#{number}")

    def client(self, number: int | None) -> str:
        """What a client is called; empty for none."""
        return "" if number is None else self.clients.get(number, f"#{number}")


def names() -> Roster:
    """The names as they are now."""
    with session.services().database.read() as opened:
        version = data_version.current(opened, DATA_VERSION)[0]
    return _names(version)


@st.cache_data(max_entries=4, ttl="1h", show_spinner=False)
def _names(version: int) -> Roster:  # noqa: ARG001 - what the answer is remembered under
    with session.services().database.read() as opened:
        operators = roster.everybody(opened, with_retired=True)
        return Roster(
            {row.id: row.name for row in operators},
            clients.names(opened),
            tuple(skills.known(opened)),
            {row.person: row.id for row in operators if row.person and row.is_active},
        )


def reader() -> Reader:
    """Who looks, and now."""
    person = session.current_user()
    name = person.name if person else ""
    return Reader(session.services().clock.now(), names().operator_by_person.get(name), name)


@dataclass(frozen=True)
class Clock:
    """One promise in words and how it stands: kept, missed, late, soon, running, paused or none."""

    words: str
    state: Literal["kept", "missed", "late", "soon", "running", "paused", "none"]


_SOON_SECONDS = 2 * 3600


def own_clock(row: TicketRow, now: datetime) -> Clock:
    """How the time to own stands."""
    return _clock(row, row.owned_at, row.own_due_at, row.own_left_seconds, now)


def resolve_clock(row: TicketRow, now: datetime) -> Clock:
    """How the time to resolve stands."""
    return _clock(row, row.resolved_at, row.resolve_due_at, row.resolve_left_seconds, now)


def next_clock(row: TicketRow, now: datetime) -> Clock:
    """How the promise stands that has to be kept next: owning first, then resolving."""
    if row.is_open and row.owned_at is None and (row.own_due_at is not None or row.own_left_seconds is not None):
        return own_clock(row, now)
    return resolve_clock(row, now)


def _clock(row: TicketRow, met: datetime | None, due: datetime | None, left: int | None, now: datetime) -> Clock:
    if met is not None:
        if due is None:
            return Clock(t("tickets_page.clock.done"), "kept")
        if met <= due:
            return Clock(t("tickets_page.clock.kept"), "kept")
        return Clock(t("tickets_page.clock.missed", span=times.span((met - due).total_seconds())), "missed")
    if not row.is_open:
        return Clock(t("ui.none"), "none")
    if due is None:
        if left is None:
            return Clock(t("tickets_page.clock.none"), "none")
        return Clock(t("tickets_page.clock.paused", span=times.span(max(0, left))), "paused")
    seconds = (due - now).total_seconds()
    if seconds < 0:
        return Clock(t("tickets_page.clock.late", span=times.span(-seconds)), "late")
    words = t("tickets_page.clock.left", span=times.span(seconds))
    return Clock(words, "soon" if seconds < _SOON_SECONDS else "running")
