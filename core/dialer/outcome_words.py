"""How an outbound call stands or ended, in words: status, what the status does not say, cause, SIP answer, by whom."""

from collections.abc import Callable

from core.asterisk.call_state import Detail
from core.asterisk.causes import cause_words, sip_words
from core.dialer.vocabulary import HANGUP_REASONS
from core.language import Language, translate
from core.store.models.dialer import OutboundCallRow


def talk_seconds(row: OutboundCallRow) -> float | None:
    """Seconds between answer and end; ``None`` for a call that was not answered or has not ended."""
    if row.answered_at is None or row.ended_at is None:
        return None
    return round((row.ended_at - row.answered_at).total_seconds(), 3)


def outcome_words(
    row: OutboundCallRow, language: Language, *, name: Callable[[str], str] = lambda person: person
) -> str:
    """One line for people; parts that nothing is known of are left out. ``name`` says how a person is called."""
    parts = [translate(f"asterisk.statuses.{row.status}", language)]
    if row.hangup_by:
        by = translate(f"dialer.hangup_by.{row.hangup_by}", language) if row.hangup_by in HANGUP_REASONS else ""
        deed = "cancelled_by" if row.detail == Detail.CANCELLED else "ended_by"
        parts.append(translate(f"dialing.{deed}", language, by=by or name(row.hangup_by)))
    if row.detail and not (row.hangup_by and row.detail == Detail.CANCELLED):
        parts.append(translate(f"asterisk.details.{row.detail}", language))
    # The cause of a call we gave up says that it ended normally, that of one nobody answered in time that it rang.
    if row.cause is not None and row.detail not in (Detail.CANCELLED, Detail.TIMEOUT):
        parts.append(cause_words(row.cause, language))
    if row.sip_code is not None:
        parts.append(sip_words(row.sip_code, language))
    return " · ".join(dict.fromkeys(parts))
