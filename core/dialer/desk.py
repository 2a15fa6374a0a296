"""Dialling as a person or program does it: the policy is asked, then the call is stored, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.dialer import policy_book, query
from core.dialer.asterisk import endpoint_of, extension_endpoint_of
from core.dialer.calls import DialRequest, request_dial, request_hangup
from core.dialer.connection import require_connection
from core.dialer.errors import OtherCallOfKeyError
from core.dialer.policy import LONGEST_REASON, Asked, Verdict, international
from core.dialer.refused import DialRefusedError
from core.dialer.vocabulary import BRIDGE, DIALPLAN, PLAY
from core.errors import NotAllowedError
from core.settings import Settings
from core.store import audit
from core.store.models.dialer import OutboundCallRow


@dataclass(frozen=True)
class Wish:
    """What somebody wants to dial. ``text`` is as typed; ``site`` empty is the first one.

    With ``override`` the rules a supervisor may override do not refuse; its words are kept in the audit.
    ``after_answer`` is one of ``vocabulary.AFTER_ANSWER``; ``bridge_to`` the extension to join. ``endpoint`` says
    by which trunk it is rung (``PJSIP/{number}@trunk-b``), empty for the usual one.
    """

    text: str
    reason: str = ""
    site: str = ""
    caller_id: str = ""
    endpoint: str = ""
    after_answer: str = PLAY
    media: str = "sound:hello-world"
    bridge_to: str = ""
    context: str = ""
    extension: str = ""
    priority: int = 1
    ring_seconds: int = 30
    max_seconds: int = 300
    is_recorded: bool = False
    override: str = ""
    source: str = "pad"
    idempotency_key: str | None = None
    test_id: int | None = None

    def asked(self) -> Asked:
        """What the policy judges of it."""
        joined = self.bridge_to if self.after_answer == BRIDGE and not self.context else ""
        goes_on = self.extension or joined
        return Asked(self.text, self.reason, self.caller_id, self.max_seconds, goes_on, self.is_recorded)


@dataclass(frozen=True)
class Dialler:
    """Who dials; ``may_override`` where the person holds ``dialer.override``."""

    name: str
    may_override: bool = False


def dial(session: Session, settings: Settings, wish: Wish, by: Dialler, *, at: datetime) -> str:
    """Dial, if the policy allows it; gives the call's id, that of the first call for a known idempotency key.

    Raises ``DialRefusedError`` with the verdict, ``OtherCallOfKeyError``, ``InvalidInputError`` and what
    ``require_connection`` raises. A call that overrides the policy is audited with the reason given for it.
    """
    policy_book.take_turn(session, by.name, at)
    earlier = _of_key(session, wish, by)
    if earlier is not None:
        return earlier
    is_test = wish.source == "test"
    found, place = policy_book.verdict(
        session, settings, wish.asked(), site=wish.site, person=by.name, at=at, is_test=is_test
    )
    is_overridden = _is_overridden(found, wish, by)
    if not found.is_allowed and not is_overridden:
        raise DialRefusedError(found)
    require_connection(session, settings, at)
    request = _request(settings, wish, found, {**found.told(), "site": place.name}, _key(wish, by))
    call_id = request_dial(session, request, actor=by.name, at=at)
    detail = {"number": found.number, "reason": wish.reason[:LONGEST_REASON], "source": wish.source, **found.told()}
    if is_overridden:
        detail["override"] = wish.override[:LONGEST_REASON]
    action = "dialer.overridden" if is_overridden else "dialer.dialed"
    audit.record(session, actor=by.name, action=action, subject=call_id, detail=detail, at=at)
    return call_id


def hang_up(session: Session, call_id: str, by: Dialler, *, at: datetime) -> bool:
    """End a call of one's own, or anybody's for who may override, which is audited; whether there was one to end.

    Raises ``NotFoundError`` and ``NotAllowedError``.
    """
    row = query.one(session, call_id)
    is_own = row.requested_by == by.name
    if not is_own and not by.may_override:
        raise NotAllowedError(permission="dialer.override")
    was_open = request_hangup(session, call_id, actor=by.name, at=at)
    if was_open and not is_own:
        detail = {"number": row.number, "requested_by": row.requested_by}
        audit.record(session, actor=by.name, action="dialer.hung_up", subject=row.call_id, detail=detail, at=at)
    return was_open


def _is_overridden(found: Verdict, wish: Wish, by: Dialler) -> bool:
    return found.can_be_overridden and by.may_override and len(wish.override.strip()) > 0


def _request(settings: Settings, wish: Wish, found: Verdict, told: dict[str, Any], key: str | None) -> DialRequest:
    is_dialplan = bool(wish.context or wish.extension)
    if not found.is_allowed:
        told = {**told, "override": wish.override[:LONGEST_REASON]}
    return DialRequest(
        number=found.number,
        endpoint=endpoint_of(settings, found.number, wish.endpoint),
        after_answer=DIALPLAN if is_dialplan else wish.after_answer,
        media=wish.media,
        bridge_endpoint=extension_endpoint_of(settings, wish.bridge_to) if wish.after_answer == BRIDGE else "",
        context=wish.context,
        extension=wish.extension,
        priority=wish.priority,
        caller_id=wish.caller_id or settings.default_caller_id,
        ring_seconds=wish.ring_seconds,
        max_seconds=wish.max_seconds,
        is_recorded=wish.is_recorded,
        reason=wish.reason.strip(),
        source=wish.source,
        idempotency_key=key,
        policy=told,
        test_id=wish.test_id,
    )


def _key(wish: Wish, by: Dialler) -> str | None:
    """One person's keys never meet another's."""
    return f"{wish.source}:{by.name[:90]}:{wish.idempotency_key[:90]}" if wish.idempotency_key else None


def _of_key(session: Session, wish: Wish, by: Dialler) -> str | None:
    key = _key(wish, by)
    if key is None:
        return None
    row = session.scalars(select(OutboundCallRow).where(OutboundCallRow.idempotency_key == key)).one_or_none()
    if row is None:
        return None
    known, _ = policy_book.rules(session)
    country = policy_book.place_of(session, known, wish.site).country
    if international(wish.text.strip(), country) != row.number:
        raise OtherCallOfKeyError(what="idempotency key")
    return row.call_id
