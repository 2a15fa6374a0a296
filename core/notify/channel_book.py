"""The channels people set up: adding, changing, pausing, removing, testing. Secrets go in and never come out.

Every change is audited without its secrets.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.language import LANGUAGES
from core.notify.kinds import RECIPIENTS, ChannelKind, addresses_in, checked_values, kind_of
from core.notify.severities import NONE
from core.notify.wording import TEST
from core.services import Services
from core.store import audit, commands, dead_letters, outbox
from core.store.encryption import Vault
from core.store.models.outbox import NotificationChannel

SEND_JOB = "send_outbox"
DEFAULT_PER_MINUTE, MOST_PER_MINUTE = 30, 600
_LONGEST_NAME = 120


class ChannelExistsError(ConflictError):
    """Another channel has that name. Facts: ``what``."""

    code = "notify_channel_exists"


@dataclass(frozen=True)
class ChannelForm:
    """What a person gave. An empty secret keeps the one that is stored."""

    name: str
    kind: str
    language: str = "en"
    per_minute: int = DEFAULT_PER_MINUTE
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Added:
    """A channel that was kept; ``shown_once`` are secrets that were made for it and are never shown again."""

    channel_id: int
    shown_once: Mapping[str, str]


def listed(session: Session) -> list[NotificationChannel]:
    """All channels, by name."""
    return list(session.scalars(select(NotificationChannel).order_by(NotificationChannel.name)))


def find(session: Session, channel_id: int) -> NotificationChannel:
    """One channel. Raises ``NotFoundError``."""
    row = session.get(NotificationChannel, channel_id)
    if row is None:
        raise NotFoundError(what=f"channel {channel_id}")
    return row


def add(services: Services, form: ChannelForm, *, actor: str) -> Added:
    """Keep a new channel. Raises ``InvalidInputError``, ``AddressRefusedError``, ``ChannelExistsError``."""
    kind, now = kind_of(form.kind), services.clock.now()
    made = {name: value for name, value in _made_up(kind).items() if not form.values.get(name, "").strip()}
    values = checked_values(kind, {**form.values, **made}, services.settings)
    row = NotificationChannel(kind=kind.id, is_paused=False, created_at=now, created_by=actor[:200], changed_at=now)
    _fill(row, form, kind, values, Vault(services.settings, services.clock))
    try:
        with services.database.write() as session:
            session.add(row)
            session.flush()
            _audit(session, "added", row, actor, now)
    except IntegrityError as error:
        raise ChannelExistsError(what=row.name) from error
    return Added(row.id, made)


def change(services: Services, channel_id: int, form: ChannelForm, *, actor: str) -> None:
    """Change a channel; its kind stays. Raises as ``add``, and ``NotFoundError``."""
    now, vault = services.clock.now(), Vault(services.settings, services.clock)
    try:
        with services.database.write() as session:
            row = _locked(session, channel_id)
            kind = kind_of(row.kind)
            secrets = [entry.name for entry in kind.fields if entry.secret]
            missing = [name for name in secrets if not form.values.get(name, "").strip()]
            # Secrets that are all replaced need no old one, which may have been lost with its key.
            stored = _secrets(row, vault) if missing else {}
            given = {**form.values, **{name: stored.get(name, "") for name in missing}}
            _fill(row, form, kind, checked_values(kind, given, services.settings), vault)
            row.changed_at = now
            _audit(session, "changed", row, actor, now)
    except IntegrityError as error:
        raise ChannelExistsError(what=form.name) from error


def pause(services: Services, channel_id: int, *, paused: bool, actor: str) -> None:
    """Stop a channel: nothing is announced to it and what waits stays, until it is let go again."""
    now = services.clock.now()
    with services.database.write() as session:
        row = _locked(session, channel_id)
        row.is_paused, row.changed_at = paused, now
        _audit(session, "paused" if paused else "resumed", row, actor, now)


def remove(services: Services, channel_id: int, *, actor: str) -> int:
    """Remove a channel with its rules; what waits for it is given up, and how much is given back."""
    now = services.clock.now()
    with services.database.write() as session:
        row = _locked(session, channel_id)
        given_up = dead_letters.discard_of_channel(session, channel_id, now)
        _audit(session, "removed", row, actor, now)
        session.delete(row)
        return given_up


def try_out(services: Services, channel_id: int, *, actor: str, shown_name: str = "") -> int:
    """Put a test message for that channel into the outbox and wake the sender; gives the message's id.

    It is tried once; ``core.notify.deliveries`` tells what the other side said.
    """
    now = services.clock.now()
    with services.database.write() as session:
        row = find(session, channel_id)
        parcel = outbox.Parcel(
            key=f"test:{channel_id}:{actor}:{now.isoformat(timespec='microseconds')}",
            kind=row.kind,
            subject=TEST,
            subject_id=channel_id,
            event=TEST,
            severity=NONE,
            content={"actor": (shown_name or actor)[:200]},
            language=row.language,
            recipients=recipients_of(row),
            channel_id=row.id,
            most_attempts=1,
        )
        written = outbox.put(session, parcel, at=now)
        wake(session, actor, now)
        audit.record(session, actor=actor, action="notification_channel.tested", subject=row.name, at=now)
    if written is None:
        raise ConflictError(what="test")
    return written


def wake(session: Session, actor: str, at: datetime) -> None:
    """Ask the sidecar, in the caller's transaction, to send what waits without waiting for its next turn."""
    commands.request(session, "run_job", {"job": SEND_JOB}, actor, at)


def recipients_of(row: NotificationChannel) -> list[str]:
    """The addresses a channel tells, for the kinds that have such."""
    return [str(address) for address in row.settings.get(RECIPIENTS) or ()]


def values_of(row: NotificationChannel, vault: Vault) -> dict[str, str]:
    """Every value of a channel, secrets opened: for sending only. Raises ``SecretUnreadableError``."""
    open_values = {name: value for name, value in row.settings.items() if isinstance(value, str)}
    return open_values | _secrets(row, vault)


def _made_up(kind: ChannelKind) -> Mapping[str, str]:
    return kind.made_up() if kind.made_up else {}


def _fill(
    row: NotificationChannel, form: ChannelForm, kind: ChannelKind, values: Mapping[str, str], vault: Vault
) -> None:
    name = form.name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(field="name", problem=f"1..{_LONGEST_NAME}")
    if form.language not in LANGUAGES:
        raise InvalidInputError(field="language", problem=form.language[:20])
    if not 1 <= form.per_minute <= MOST_PER_MINUTE:
        raise InvalidInputError(field="per_minute", problem=f"1..{MOST_PER_MINUTE}")
    row.name, row.language, row.per_minute = name, form.language, form.per_minute
    settings: dict[str, Any] = {entry.name: values[entry.name] for entry in kind.fields if not entry.secret}
    if kind.has_recipients:
        settings[RECIPIENTS] = addresses_in(values[RECIPIENTS])
    row.settings = settings
    secrets = {entry.name: values[entry.name] for entry in kind.fields if entry.secret and values[entry.name]}
    row.secrets = vault.encrypt(json.dumps(secrets)) if secrets else None


def _secrets(row: NotificationChannel, vault: Vault) -> dict[str, str]:
    if row.secrets is None:
        return {}
    opened: dict[str, str] = json.loads(vault.decrypt(row.secrets))
    return opened


def _locked(session: Session, channel_id: int) -> NotificationChannel:
    row = session.get(NotificationChannel, channel_id, with_for_update=True)
    if row is None:
        raise NotFoundError(what=f"channel {channel_id}")
    return row


def _audit(session: Session, action: str, row: NotificationChannel, actor: str, at: datetime) -> None:
    detail = {
        "channel": row.id,
        "kind": row.kind,
        "settings": row.settings,
        "language": row.language,
        "per_minute": row.per_minute,
        "is_paused": row.is_paused,
    }
    audit.record(session, actor=actor, action=f"notification_channel.{action}", subject=row.name, detail=detail, at=at)
