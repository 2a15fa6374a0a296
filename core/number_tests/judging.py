"""What a run came to, from the end of its call: pure."""

from dataclasses import dataclass, field

from core.asterisk.call_state import Detail, Status
from core.dialer.vocabulary import HANGUP_REASONS
from core.number_tests.vocabulary import ANSWERS, MISSED, NOT_DIALLED, PASSED, UNOBSERVED
from core.store.models.dialer import OutboundCallRow


@dataclass(frozen=True)
class Judgement:
    """One of ``OUTCOMES`` and ``REASONS``; ``facts`` fill the reason's text, ``answered_after`` is in seconds."""

    outcome: str
    reason: str
    facts: dict[str, str | int | float] = field(default_factory=dict)
    answered_after: float | None = None


def judge(expects: str, within_seconds: int, call: OutboundCallRow, *, has_play_failed: bool = False) -> Judgement:
    """The judgement on a call that has ended, by what was expected of it.

    What was not seen, and what a person ended before it could be seen, is unobserved: neither a pass nor a miss.
    """
    if call.detail == Detail.NOT_PLACED:
        return Judgement(NOT_DIALLED, "not_placed")
    after = _answered_after(call)
    if call.detail == Detail.UNOBSERVED:
        return Judgement(UNOBSERVED, "unobserved", answered_after=after)
    was_ended_by_person = bool(call.hangup_by) and call.hangup_by not in HANGUP_REASONS
    if after is None:
        return _unanswered(expects, call, was_ended_by_person)
    told: dict[str, str | int | float] = {"seconds": after, "within": within_seconds}
    if expects != ANSWERS:
        return Judgement(MISSED, "answered", told, after)
    if after > within_seconds:
        return Judgement(MISSED, "answered_late", told, after)
    if was_ended_by_person:
        return Judgement(UNOBSERVED, "hung_up", told, after)
    if has_play_failed:
        return Judgement(MISSED, "not_played", told, after)
    if not call.hangup_by:
        return Judgement(MISSED, "ended_early", told, after)
    return Judgement(PASSED, "answered", told, after)


def _unanswered(expects: str, call: OutboundCallRow, was_ended_by_person: bool) -> Judgement:
    if was_ended_by_person and call.status == Status.FAILED:
        return Judgement(UNOBSERVED, "hung_up")
    is_busy_or_unanswered = call.status in (Status.BUSY, Status.NO_ANSWER)
    reason = call.status if is_busy_or_unanswered else "failed"
    if is_busy_or_unanswered and expects != ANSWERS:
        return Judgement(PASSED, reason)
    return Judgement(MISSED, reason, {"cause": call.cause if call.cause is not None else "–"})


def _answered_after(call: OutboundCallRow) -> float | None:
    began = call.dialed_at or call.placing_at
    if call.answered_at is None or began is None:
        return None
    return round(max((call.answered_at - began).total_seconds(), 0.0), 1)
