"""Asking for outbound calls and for their end: the row first, then whoever listens to Asterisk does the rest.

What the policy says is asked before; see ``core.dialer.policy``. The functions here check the form alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.asterisk.call_state import Detail, Status
from core.dialer import steps
from core.dialer.errors import OtherCallOfKeyError
from core.dialer.vocabulary import (
    AFTER_ANSWER,
    BRIDGE,
    CHANNEL_PREFIX,
    DATA_VERSION,
    DIALPLAN,
    PLAY,
    SOURCES,
    WAKE_TOPIC,
)
from core.errors import InvalidInputError, NotFoundError
from core.store import change_signal, data_version
from core.store.models.dialer import OutboundCallRow

LONGEST_RING_SECONDS = 180
LONGEST_CALL_SECONDS = 4 * 3600
_NUMBER = re.compile(r"\+?[0-9A-Za-z*#._-]{1,79}", re.ASCII)
_ENDPOINT = re.compile(r"[A-Za-z0-9]{1,20}/[^\s,\"\\\x00-\x1f]{1,220}")
_DIALPLAN = re.compile(r"[A-Za-z0-9*#+._-]{1,80}", re.ASCII)
_MEDIA = re.compile(r"(sound|tone|recording|number|digits|characters):[A-Za-z0-9_./;=&-]{1,180}", re.ASCII)
_CALLER_ID = re.compile(r'("[^"<>\\\x00-\x1f]{0,70}" ?)?<?\+?[0-9A-Za-z*#._-]{0,40}>?', re.ASCII)


@dataclass(frozen=True)
class DialRequest:
    """One call somebody wants. ``endpoint`` is Asterisk's word for whom to ring (``PJSIP/+57…@trunk``).

    With ``context`` and ``extension`` an answered call runs Asterisk's dialplan there; without, our application keeps
    it: ``after_answer`` says whether ``media`` is played (and the call ended after it), ``bridge_endpoint`` rung and
    joined, or nothing is done. ``ring_seconds`` is how long to let it ring, ``max_seconds`` how long it may last after
    the answer. What the dialplan goes on with is not recorded. The same ``idempotency_key`` never dials twice.
    ``policy`` is kept as given, for people to read.
    Raises ``InvalidInputError`` for what cannot be meant.
    """

    number: str
    endpoint: str
    after_answer: str = PLAY
    media: str = "sound:hello-world"
    bridge_endpoint: str = ""
    context: str = ""
    extension: str = ""
    priority: int = 1
    caller_id: str = ""
    ring_seconds: int = 30
    max_seconds: int = 300
    is_recorded: bool = False
    reason: str = ""
    source: str = "pad"
    idempotency_key: str | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    test_id: int | None = None

    def __post_init__(self) -> None:
        if self.context or self.extension:
            object.__setattr__(self, "after_answer", DIALPLAN)
        _matches("number", self.number, _NUMBER)
        _matches("endpoint", self.endpoint, _ENDPOINT)
        _matches("caller_id", self.caller_id, _CALLER_ID)
        _within("ring_seconds", self.ring_seconds, LONGEST_RING_SECONDS)
        _within("max_seconds", self.max_seconds, LONGEST_CALL_SECONDS)
        _within("priority", self.priority, 1000)
        _one_of("source", self.source, SOURCES)
        _one_of("after_answer", self.after_answer, AFTER_ANSWER)
        if self.after_answer == DIALPLAN:
            _matches("context", self.context, _DIALPLAN)
            _matches("extension", self.extension, _DIALPLAN)
        elif self.after_answer == PLAY:
            _matches("media", self.media, _MEDIA)
        elif self.after_answer == BRIDGE:
            _matches("bridge_endpoint", self.bridge_endpoint, _ENDPOINT)


def request_dial(session: Session, request: DialRequest, *, actor: str, at: datetime) -> str:
    """Store a call to be placed as soon as the caller's transaction is committed; gives its id.

    A second request with the same idempotency key gives the id of the first and dials nothing; with another number it
    raises ``OtherCallOfKeyError``.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(OutboundCallRow)
        .values(_row_of(request, actor, at))
        .on_conflict_do_nothing(index_elements=[OutboundCallRow.idempotency_key])
        .returning(OutboundCallRow)
    )
    made = session.scalars(statement).one_or_none()
    if made is None:
        return _of_key(session, request)
    data_version.bump(session, DATA_VERSION, at)
    steps.note(session, made, "requested", at, actor=actor)
    change_signal.announce(session, WAKE_TOPIC)
    return made.call_id


def request_hangup(session: Session, call_id: str, *, actor: str, at: datetime) -> bool:
    """Ask that a call be ended; whether there was anything left to end. Raises ``NotFoundError``.

    A call that has not left for Asterisk ends at once and is never placed; another one ends when Asterisk says so.
    """
    row = session.scalars(
        select(OutboundCallRow).where(OutboundCallRow.call_id == call_id[:40]).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFoundError(what="outbound call")
    if not row.is_open or row.hangup_requested_at is not None:
        return False
    data_version.bump(session, DATA_VERSION, at)
    row.hangup_requested_at, row.hangup_by = at, actor[:200]
    if row.placing_at is None:
        row.status, row.detail, row.is_open = Status.FAILED.value, Detail.CANCELLED.value, False
        row.ended_at = row.cleared_at = at
    steps.note(session, row, "hangup_requested", at, actor=actor)
    change_signal.announce(session, WAKE_TOPIC)
    return True


def _row_of(request: DialRequest, actor: str, at: datetime) -> dict[str, Any]:
    call_id = uuid4().hex
    is_dialplan = request.after_answer == DIALPLAN
    return {
        "call_id": call_id,
        "channel_id": CHANNEL_PREFIX + call_id,
        "idempotency_key": request.idempotency_key,
        "source": request.source,
        "number": request.number,
        "endpoint": request.endpoint,
        "context": request.context,
        "extension": request.extension,
        "priority": request.priority,
        "after_answer": request.after_answer,
        "media": request.media if request.after_answer == PLAY else "",
        "bridge_endpoint": request.bridge_endpoint if request.after_answer == BRIDGE else "",
        "caller_id": request.caller_id,
        "ring_seconds": request.ring_seconds,
        "max_seconds": request.max_seconds,
        "recording_name": CHANNEL_PREFIX + call_id if request.is_recorded and not is_dialplan else "",
        "reason": request.reason[:500],
        "policy": dict(request.policy),
        "test_id": request.test_id,
        "requested_by": actor[:200],
        "created_at": at,
        "status": Status.PENDING.value,
        "detail": "",
        "is_open": True,
        "hangup_by": "",
        "last_dial_word": "",
        "digits": "",
    }


def _of_key(session: Session, request: DialRequest) -> str:
    earlier = session.scalars(
        select(OutboundCallRow).where(OutboundCallRow.idempotency_key == request.idempotency_key)
    ).one()
    if earlier.number != request.number:
        raise OtherCallOfKeyError(what="idempotency key")
    return earlier.call_id


def _matches(name: str, value: str, form: re.Pattern[str]) -> None:
    if not form.fullmatch(value):
        raise InvalidInputError(field=name, problem=value[:40])


def _within(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise InvalidInputError(field=name, problem=f"1–{most}")


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InvalidInputError(field=name, problem=value[:40])
