"""Channels and deliveries for programs: what is set up, a test message, what became of every message."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from core.language import Language
from core.notify import channel_book, deliveries, rules
from core.notify.deliveries import DeliveryFilter, filter_from
from core.notify.kinds import kinds
from core.store.models.outbox import NotificationChannel, OutboxMessage
from core.web.api.parameters import LARGEST_ID, Identifier, Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor

router = APIRouter(tags=["notifications"], prefix="/notifications")

Manager = Annotated[Caller, Depends(require("notifications.manage"))]
States = Annotated[list[str], Query(max_length=20, description="queued, sending, collecting, sent, collected, dead, …")]
OneId = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]
Word = Annotated[str, Query(max_length=40, description="alert, case, digest, test, …")]


class ChannelOut(BaseModel):
    """A channel without its secrets; instants are UTC."""

    id: int
    name: str
    kind: str
    language: str
    recipients: list[str]
    per_minute: int
    is_paused: bool
    rules: int
    not_delivered: int
    last_sent_at: datetime | None


class ChannelKindOut(BaseModel):
    """A kind of channel and the names of what it needs."""

    id: str
    name: str
    about: str
    fields: list[str]


class Channels(BaseModel):
    """Every channel, by name, and the kinds there are to choose from."""

    items: list[ChannelOut]
    kinds: list[ChannelKindOut]


class DeliveryOut(BaseModel):
    """One message: what it is about and what became of it. ``message_id`` is what the receiver saw."""

    id: int
    message_id: str
    state: str
    channel_id: int | None
    kind: str
    recipients: list[str]
    subject: str
    subject_id: int
    event: str
    severity: str
    title: str
    created_at: datetime
    not_before: datetime
    finished_at: datetime | None
    attempts: int
    answer: str
    error: dict[str, Any] | None


class AttemptOut(BaseModel):
    """One attempt to hand a message over."""

    attempt: int
    at: datetime
    outcome: str
    seconds: float
    answer: str
    error: dict[str, Any] | None


class DeliveryWithAttempts(DeliveryOut):
    """A message with every attempt, oldest first."""

    tried: list[AttemptOut] = Field(default_factory=list)


class MessageAccepted(BaseModel):
    """The message is queued; ``/api/v1/notifications/deliveries/{id}`` tells what becomes of it."""

    id: int


@router.get("/channels")
def channels(services: Opened, caller: Manager) -> Channels:
    """The channels that are set up."""
    with services.database.read() as session:
        found, ruled = channel_book.listed(session), [rule.channel_id for rule in rules.listed(session)]
        sent, dead = deliveries.last_sent(session), deliveries.dead_by_channel(session)
    items = [_channel(row, ruled.count(row.id), dead.get(row.id, 0), sent.get(row.id)) for row in found]
    return Channels(items=items, kinds=_kinds(caller.language))


@router.post("/channels/{channel_id}/test", status_code=202)
def test(services: Opened, caller: Manager, channel_id: Identifier) -> MessageAccepted:
    """Send a test message to one channel."""
    return MessageAccepted(id=channel_book.try_out(services, channel_id, actor=caller.actor))


@router.get("/deliveries")
def list_deliveries(  # noqa: PLR0913 - each is a parameter of the address
    services: Opened,
    caller: Manager,
    state: States = [],  # noqa: B006 - FastAPI copies it
    channel: OneId = None,
    about: Word = "",
    number: OneId = None,
    cursor: CursorText = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Paged[DeliveryOut]:
    """What left and what waits, newest first."""
    chosen: DeliveryFilter = filter_from({"state": state})
    wanted = DeliveryFilter(chosen.states, channel, about, number)
    before = decode_cursor(cursor, int)[0] if cursor else None
    with services.database.read() as session:
        rows = deliveries.page(session, wanted, before=before, limit=limit + 1)
    items = [_delivery(row, caller.language) for row in rows[:limit]]
    return Paged(items=items, next=encode_cursor(items[-1].id) if len(rows) > limit else None)


@router.get("/deliveries/{delivery_id}")
def delivery(services: Opened, caller: Manager, delivery_id: Identifier) -> DeliveryWithAttempts:
    """One message with its attempts."""
    with services.database.read() as session:
        row, tried = deliveries.find(session, delivery_id), deliveries.attempts(session, delivery_id)
    shown = [AttemptOut(**{name: getattr(each, name) for name in AttemptOut.model_fields}) for each in tried]
    return DeliveryWithAttempts(**_delivery(row, caller.language).model_dump(), tried=shown)


@router.post("/deliveries/{delivery_id}/retry", status_code=202)
def retry(services: Opened, caller: Manager, delivery_id: Identifier) -> MessageAccepted:
    """Send a message once more that could not be delivered."""
    with services.database.write() as session:
        deliveries.retry(session, delivery_id, actor=caller.actor, at=services.clock.now())
    return MessageAccepted(id=delivery_id)


def _channel(row: NotificationChannel, ruled: int, dead: int, sent: datetime | None) -> ChannelOut:
    shared = {name: getattr(row, name) for name in ("id", "name", "kind", "language", "per_minute", "is_paused")}
    recipients = channel_book.recipients_of(row)
    return ChannelOut(**shared, recipients=recipients, rules=ruled, not_delivered=dead, last_sent_at=sent)


def _kinds(language: Language) -> list[ChannelKindOut]:
    return [
        ChannelKindOut(
            id=kind.id,
            name=kind.named(language),
            about=kind.about[language],
            fields=[field.name for field in kind.fields],
        )
        for kind in kinds().values()
    ]


def _delivery(row: OutboxMessage, language: Language) -> DeliveryOut:
    names = set(DeliveryOut.model_fields) - {"title"}
    return DeliveryOut(**{name: getattr(row, name) for name in names}, title=deliveries.title(row, language))
