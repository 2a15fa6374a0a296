"""Between a stored call and the state machine: reading one from the other and back."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.asterisk.call_state import CallState, Detail, Status
from core.dialer import steps
from core.dialer.vocabulary import BRIDGE
from core.store.models.dialer import OutboundCallRow


def state_of(row: OutboundCallRow) -> CallState:
    """The state machine's view of a stored call."""
    return CallState(
        channel_id=row.channel_id,
        timeout_seconds=row.ring_seconds,
        status=Status(row.status),
        detail=Detail(row.detail),
        dialed_at=row.dialed_at,
        ringing_at=row.ringing_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        last_dial_word=row.last_dial_word,
        cause=row.cause,
        sip_code=row.sip_code,
        is_cancel_requested=row.hangup_requested_at is not None,
    )


def write(session: Session, row: OutboundCallRow, state: CallState, at: datetime) -> bool:
    """Store what the state machine made of a call, with a step where the status changed; whether anything did."""
    before = state_of(row)
    if before == state:
        return False
    row.status, row.detail, row.is_open = state.status.value, state.detail.value, not state.is_final
    row.dialed_at, row.ringing_at = state.dialed_at, state.ringing_at
    row.answered_at, row.ended_at = state.answered_at, state.ended_at
    row.last_dial_word = state.last_dial_word[:40]
    row.cause, row.sip_code = state.cause, state.sip_code
    if state.is_final and row.after_answer != BRIDGE and not row.recording_name:
        row.cleared_at = at
    if before.status is not state.status:
        word = "ended" if state.is_final else state.status.value
        steps.note(session, row, word, at, facts=_facts(state))
    return True


def _facts(state: CallState) -> dict[str, str | int]:
    if not state.is_final:
        return {}
    told = {"detail": state.detail.value or None, "cause": state.cause, "sip": state.sip_code}
    return {name: value for name, value in told.items() if value is not None}
