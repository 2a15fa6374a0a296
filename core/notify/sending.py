"""The sender: takes what is due from the outbox, hands it to its channel, notes what came of it."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import structlog

from core.errors import TollwatchError, TransientError
from core.notify.channel_book import values_of
from core.notify.errors import ChannelGoneError, MailDeferredError, ReceiverBusyError, ReceiverUnavailableError
from core.notify.kinds import kind_of
from core.notify.notice import Order, Receipt
from core.notify.wording import notice_of
from core.services import Services
from core.store import outbox, rate_gate
from core.store.crash_points import reached
from core.store.encryption import Vault
from core.store.models.outbox import NotificationChannel
from core.store.outbox import Claimed, Outcome

LEASE_SECONDS = 300.0
"""Longer than any conversation with a receiver; what a dead sender held is taken up again after it."""
DIRECT_PER_MINUTE = 60
"""Mails to addresses of their own, which belong to no channel."""
GATE = "outbox:"
_DIRECT = 0
_MINUTE = 60.0
_log = structlog.get_logger(__name__)


def send_due(
    services: Services,
    chance: random.Random,
    *,
    lease_seconds: float = LEASE_SECONDS,
    stopping: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _done: None,
) -> dict[str, int]:
    """Send everything that is due, one after the other; gives how many were sent, put off and given up.

    A channel that has used up its minute, asks for patience or does not answer is left alone for the rest of the
    run, so that it holds nobody else up. Several senders may run at once.
    """
    counted: Counter[str] = Counter()
    resting: set[int] = set()
    while not stopping():
        taken = outbox.claim(services.database, services.clock, lease_seconds, without_channels=resting)
        if not taken:
            break
        result = _send(services, taken[0], chance, resting)
        counted[result] += 1
        progress(sum(counted.values()))
    return dict(counted)


def _send(services: Services, message: Claimed, chance: random.Random, resting: set[int]) -> str:
    channel = _channel(services, message)
    wait = _wait_for_room(services, message, channel)
    if wait > 0:
        resting.add(message.channel_id or _DIRECT)
        outbox.hand_back(services.database, message, services.clock, wait)
        return "waiting"
    began = services.clock.monotonic()
    try:
        receipt = _hand_over(services, message, channel)
    except Exception as error:
        outcome = Outcome(seconds=services.clock.monotonic() - began)
        return _failed(services, message, error, chance, resting, outcome)
    reached("outbox.handed_over")
    seconds = services.clock.monotonic() - began
    outcome = Outcome(receipt.answer, seconds, receipt.refused)
    outbox.delivered(services.database, message, services.clock, outcome)
    return "sent"


def _channel(services: Services, message: Claimed) -> NotificationChannel | None:
    if message.channel_id is None:
        return None
    with services.database.read() as session:
        return session.get(NotificationChannel, message.channel_id)


def _wait_for_room(services: Services, message: Claimed, channel: NotificationChannel | None) -> float:
    """Seconds until the channel's rate has room; 0 when this message has been counted in."""
    return rate_gate.take(
        services.database,
        _gate(message),
        capacity=channel.per_minute if channel else DIRECT_PER_MINUTE,
        per_seconds=_MINUTE,
        clock=services.clock,
    )


def _hand_over(services: Services, message: Claimed, channel: NotificationChannel | None) -> Receipt:
    if channel is None and message.channel_id is not None:
        raise ChannelGoneError
    kind = kind_of(message.kind)
    order = Order(
        services=services,
        values=values_of(channel, Vault(services.settings, services.clock)) if channel else {},
        recipients=message.recipients,
        notice=notice_of(message, services.settings.base_url, channel.name if channel else ""),
        message_id=message.message_id,
        written_at=message.created_at,
    )
    return kind.send(order)


def _failed(
    services: Services,
    message: Claimed,
    error: Exception,
    chance: random.Random,
    resting: set[int],
    outcome: Outcome,
) -> str:
    if not isinstance(error, TollwatchError):
        _log.error("a message could not be sent", message=message.message_id, channel=message.kind, exc_info=error)
    if isinstance(error, ReceiverUnavailableError | ReceiverBusyError):
        resting.add(message.channel_id or _DIRECT)
    if isinstance(error, ReceiverBusyError) and error.retry_after_seconds:
        longest = min(error.retry_after_seconds, outbox.LONGEST_ASKED_WAIT_SECONDS)
        until = services.clock.now() + timedelta(seconds=longest)
        rate_gate.penalise(services.database, _gate(message), until)
    outbox.failed(services.database, message, error, services.clock, chance, outcome)
    again = isinstance(error, TransientError) and message.attempt < message.most_attempts
    _log.warning(
        "a message was not taken",
        message=message.message_id,
        channel=message.kind,
        attempt=message.attempt,
        again=again,
        deferred=isinstance(error, MailDeferredError),
        reason=getattr(error, "code", type(error).__name__),
    )
    return "put_off" if again else "given_up"


def _gate(message: Claimed) -> str:
    return f"{GATE}{message.channel_id or _DIRECT}"
