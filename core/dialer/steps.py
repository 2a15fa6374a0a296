"""What happened to a call, step by step, by our own clock: the timeline a page shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.models.dialer import OutboundCallRow, OutboundCallStepRow

WORDS = (
    "requested", "placing", "dialing", "ringing", "answered", "played", "play_failed", "bridging", "bridged",
    "bridge_failed", "recording", "recording_failed", "digit", "hangup_requested",
    "dialplan", "forwarded", "transferred", "other_hung_up", "ended",
)  # fmt: skip
"""Every kind of step; its text is ``dialer.steps.<word>``."""


def note(
    session: Session,
    call: OutboundCallRow,
    word: str,
    at: datetime,
    *,
    actor: str = "",
    facts: Mapping[str, str | int] | None = None,
) -> None:
    """Add a step to a call in the caller's transaction."""
    session.add(
        OutboundCallStepRow(
            outbound_call_id=call.id, at=at, word=word, status=call.status, actor=actor[:200], facts=dict(facts or {})
        )
    )


def has(session: Session, call: OutboundCallRow, word: str) -> bool:
    """Whether a call has a step of that kind."""
    asked = select(OutboundCallStepRow.id).where(
        OutboundCallStepRow.outbound_call_id == call.id, OutboundCallStepRow.word == word
    )
    return session.scalars(asked.limit(1)).first() is not None


def of_call(session: Session, call: OutboundCallRow) -> list[OutboundCallStepRow]:
    """The steps of a call in the order in which they were written."""
    asked = select(OutboundCallStepRow).where(OutboundCallStepRow.outbound_call_id == call.id)
    return list(session.scalars(asked.order_by(OutboundCallStepRow.id)))


def facts_of(step: OutboundCallStepRow) -> dict[str, Any]:
    """What fills the placeholders of a step's text."""
    return {"actor": step.actor, **step.facts}
