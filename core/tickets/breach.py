"""How likely an open ticket misses its time to resolve, learnt from past ones: what is looked at, and the judging.

A model is a weight for each feature, learnt by a job (``jobs/predict_breaches.py``) and kept as plain numbers, so
that judging needs no library. It is a hint with its reasons and decides nothing.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.store.models.tickets import TicketModelRow, TicketPredictionRow, TicketRow, TicketTimelineRow
from core.tickets.deadlines import Happening, standing

LEAST_TICKETS = 200
LEAST_OF_EACH = 20
"""Below these past tickets, and of either outcome, nothing is learnt."""

MOST_TICKETS = 4000
LOOKS = (0.0, 0.25, 0.5, 0.75)
"""A past ticket teaches as it stood when these shares of its working time had passed."""

MOST_JUDGED = 2000
MODELS_KEPT = 60
MOST_REASONS = 3
_MOST_COUNTED = 5
_BATCH = 500

FEATURES = (
    "used", "unowned", "unassigned", "handovers", "waits", "reopened", "load", "low", "high", "critical", "from_alert",
    "from_watson", "from_recording",
)  # fmt: skip
"""Share of the working time used; nobody owns it, nobody has it; how often it changed hands, waited; whether it was
opened again; how many tickets were open; priority and source, each against medium and made by hand."""


@dataclass(frozen=True)
class Past:
    """A ticket with what happened to it, oldest first; ``missed`` whether its time to resolve was, once it ended."""

    source: str
    priority: str
    created_at: datetime
    ended_at: datetime | None
    history: Sequence[Happening]
    missed: bool = False


@dataclass(frozen=True)
class Load:
    """How many tickets were open at an instant."""

    begun: Sequence[datetime]
    ended: Sequence[datetime]

    @classmethod
    def of(cls, tickets: Iterable[tuple[datetime, datetime | None]]) -> "Load":
        """The load that tickets made, from when each was made and ended."""
        spans = list(tickets)
        return cls(sorted(begin for begin, _ in spans), sorted(end for _, end in spans if end is not None))

    def at(self, instant: datetime) -> int:
        """The number of open tickets then."""
        return bisect_right(self.begun, instant) - bisect_right(self.ended, instant)


def features(ticket: Past, load: Load, at: datetime) -> dict[str, float] | None:
    """What is looked at of a ticket as it stood at an instant; ``None`` when no deadline ran any more or yet."""
    seen = [one for one in ticket.history if one.at <= at]
    if not seen:
        return None
    stands = standing(seen)
    target = stands.policy.resolve
    if stands.resolved_at is not None or not target:
        return None
    left = stands.resolve_left
    if left is None:
        if stands.resolve_due_at is None or stands.resolve_due_at <= at:
            return None
        left = stands.policy.calendar.between(at, stands.resolve_due_at)
    priority = stands.policy.priority
    hands = [one.detail.get("to") for one in seen if one.action in ("assigned", "taken", "unassigned")]
    return {
        "used": min(1.0, max(0.0, 1.0 - left / target)),
        "unowned": float(stands.owned_at is None),
        "unassigned": float(not hands or hands[-1] is None),
        "handovers": float(min(_MOST_COUNTED, max(0, len({hand for hand in hands if hand is not None}) - 1))),
        "waits": float(min(_MOST_COUNTED, sum(one.to_state == "waiting" != one.from_state for one in seen))),
        "reopened": float(any(one.action == "reopened" for one in seen)),
        "load": math.log1p(max(0, load.at(at))),
        "low": float(priority == "low"),
        "high": float(priority == "high"),
        "critical": float(priority == "critical"),
        "from_alert": float(ticket.source in ("alert", "case")),
        "from_watson": float(ticket.source == "watson"),
        "from_recording": float(ticket.source == "recording"),
    }


def looks(ticket: Past, load: Load) -> list[dict[str, float]]:
    """A past ticket as it stood at ``LOOKS``, those before its end."""
    begun = standing(ticket.history[:1])
    if not begun.policy.resolve:
        return []
    found = []
    for share in LOOKS:
        at = begun.policy.calendar.after(ticket.created_at, share * begun.policy.resolve)
        if at is None or (ticket.ended_at is not None and at >= ticket.ended_at):
            break
        seen = features(ticket, load, at)
        if seen is not None:
            found.append(seen)
    return found


@dataclass(frozen=True)
class Model:
    """What was learnt: for each feature its usual value, its spread and its weight, and where to begin."""

    means: Mapping[str, float]
    scales: Mapping[str, float]
    weights: Mapping[str, float]
    intercept: float

    def judge(self, seen: Mapping[str, float]) -> "Judgement":
        """How likely what is seen ends in a miss, and why."""
        parts = {
            name: self.weights[name] * (seen[name] - self.means[name]) / self.scales[name] for name in self.weights
        }
        total = max(-50.0, min(50.0, self.intercept + sum(parts.values())))
        gravest = sorted(parts, key=lambda name: -abs(parts[name]))[:MOST_REASONS]
        reasons = [
            {"feature": name, "value": round(seen[name], 3), "weight": round(parts[name], 3)}
            for name in gravest
            if abs(parts[name]) >= 0.05
        ]
        return Judgement(1.0 / (1.0 + math.exp(-total)), reasons)

    def to_json(self) -> dict[str, Any]:
        """As the model's row keeps it."""
        return {
            "means": dict(self.means),
            "scales": dict(self.scales),
            "weights": dict(self.weights),
            "intercept": self.intercept,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Model":
        """The model of a row."""
        return cls(stored["means"], stored["scales"], stored["weights"], stored["intercept"])


@dataclass(frozen=True)
class Judgement:
    """A probability from 0 to 1, and the features that moved it most: positive weights towards a miss."""

    probability: float
    reasons: list[dict[str, Any]] = field(default_factory=list)


def ended_tickets(session: Session) -> list[Past]:
    """The newest tickets that ended with a time to resolve, oldest first."""
    query = (
        select(TicketRow)
        .where(TicketRow.state.in_(("resolved", "closed")), TicketRow.resolve_due_at.is_not(None))
        .order_by(TicketRow.created_at.desc(), TicketRow.id.desc())
        .limit(MOST_TICKETS)
    )
    return _with_history(session, list(session.scalars(query)))[::-1]


def _with_history(session: Session, rows: Sequence[TicketRow]) -> list[Past]:
    happened: dict[int, list[Happening]] = {row.id: [] for row in rows}
    numbers = list(happened)
    for begin in range(0, len(numbers), _BATCH):
        query = (
            select(TicketTimelineRow)
            .where(TicketTimelineRow.ticket_id.in_(numbers[begin : begin + _BATCH]))
            .order_by(TicketTimelineRow.id)
        )
        for one in session.scalars(query):
            happening = Happening(one.at, one.action, one.from_state, one.to_state, one.detail)
            happened[one.ticket_id].append(happening)
    return [
        Past(row.source, row.priority, row.created_at, row.resolved_at, happened[row.id], _is_missed(row))
        for row in rows
    ]


def _is_missed(row: TicketRow) -> bool:
    return bool(row.resolved_at and row.resolve_due_at and row.resolved_at > row.resolve_due_at)


def load_of(session: Session, since: datetime) -> Load:
    """The load of all tickets not ended before an instant."""
    query = select(TicketRow.created_at, TicketRow.resolved_at).where(
        TicketRow.state != "merged", TicketRow.resolved_at.is_(None) | (TicketRow.resolved_at >= since)
    )
    return Load.of((row[0], row[1]) for row in session.execute(query))


def newest_model(session: Session) -> TicketModelRow | None:
    """What was learnt last."""
    return session.scalars(select(TicketModelRow).order_by(TicketModelRow.id.desc()).limit(1)).first()


def keep(session: Session, row: TicketModelRow) -> None:
    """Keep what was learnt, and of what was learnt before the newest ``MODELS_KEPT``."""
    session.add(row)
    session.flush()
    newest = select(TicketModelRow.id).order_by(TicketModelRow.id.desc()).limit(MODELS_KEPT)
    session.execute(delete(TicketModelRow).where(TicketModelRow.id.not_in(newest)))


def judge_open(session: Session, row: TicketModelRow, at: datetime) -> int:
    """Judge the open tickets whose deadlines are nearest anew, in the caller's transaction; gives how many."""
    model = Model.from_json(row.weights)
    query = (
        select(TicketRow)
        .where(TicketRow.is_open.is_(True), TicketRow.resolve_due_at > at)
        .order_by(TicketRow.resolve_due_at)
        .limit(MOST_JUDGED)
    )
    tickets = list(session.scalars(query))
    load = load_of(session, at - timedelta(days=1))
    session.execute(delete(TicketPredictionRow))
    judged = 0
    for ticket, past in zip(tickets, _with_history(session, tickets), strict=True):
        seen = features(past, load, at)
        if seen is None:
            continue
        told = model.judge(seen)
        session.add(
            TicketPredictionRow(
                ticket_id=ticket.id, model_id=row.id, at=at, probability=told.probability, reasons=told.reasons
            )
        )
        judged += 1
    return judged
