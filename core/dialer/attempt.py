"""One attempt to dial, from asking the policy to the stored call; what the policy refuses stands in the audit."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.dialer import desk
from core.dialer.desk import Dialler, Wish
from core.dialer.policy import LONGEST_INPUT, LONGEST_REASON, Verdict
from core.dialer.refused import DialRefusedError
from core.settings import Settings
from core.store import audit
from core.store.engine import Database


def attempt(database: Database, settings: Settings, wish: Wish, by: Dialler, *, at: datetime) -> str:
    """Dial in a transaction of its own; gives the call's id and raises what ``desk.dial`` raises.

    A refusal is audited in another transaction, as the first leaves nothing behind; a reason forgotten is none to keep.
    """
    try:
        with database.write() as session:
            return desk.dial(session, settings, wish, by, at=at)
    except DialRefusedError as error:
        if {refusal.rule for refusal in error.verdict.refusals} != {"reason"}:
            with database.write() as session:
                note_refusal(session, error.verdict, wish, by, at=at)
        raise


def note_refusal(session: Session, found: Verdict, wish: Wish, by: Dialler, *, at: datetime) -> None:
    """Write into the audit that the policy refused a wish: the whole number, every rule in the way and who asked."""
    detail = {
        "number": found.number or wish.text.strip()[:LONGEST_INPUT],
        "reason": wish.reason.strip()[:LONGEST_REASON],
        "source": wish.source,
        "site": wish.site[:300],
        "caller_id": wish.caller_id[:120],
        **found.told(),
    }
    if wish.override.strip():
        detail["override"] = wish.override.strip()[:LONGEST_REASON]
    audit.record(session, actor=by.name, action="dialer.refused", subject=detail["number"], detail=detail, at=at)
