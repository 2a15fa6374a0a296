"""How we stand with Asterisk, as its listener last wrote it: what pages, health checks and the dial pad ask."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.dialer.errors import ApplicationTakenError, DialerNotConfiguredError, DialerNotConnectedError
from core.dialer.vocabulary import DATA_VERSION, WAKE_TOPIC
from core.settings import Settings
from core.store import change_signal, data_version
from core.store.models.dialer import AsteriskConnectionRow

NAME = "asterisk"
CONNECTED, CONNECTING, DOWN, TAKEN, STOPPED = "connected", "connecting", "down", "taken", "stopped"
STATES = (CONNECTED, CONNECTING, DOWN, TAKEN, STOPPED)
"""``taken``: another program holds our application name; ``stopped``: the sidecar ended its listener."""
SILENT_SECONDS = 15.0
"""A listener whose last beat is older than this is counted as gone."""
SHORT_BREAK_SECONDS = 15.0
"""A connection that broke this recently is expected back before a new call is given up."""


@dataclass(frozen=True)
class Connection:
    """The connection as of now. ``state`` is one of ``STATES`` or ``absent``: no listener runs. Moments are aware."""

    state: str
    since: datetime | None = None
    application: str = ""
    version: str = ""
    round_trip_ms: float | None = None
    error: dict[str, Any] | None = None

    @property
    def is_connected(self) -> bool:
        """Whether events arrive, and so calls can be placed."""
        return self.state == CONNECTED


def connection(session: Session, now: datetime) -> Connection:
    """How the connection stands at ``now`` (aware)."""
    row = session.get(AsteriskConnectionRow, NAME)
    if row is None:
        return Connection("absent")
    is_silent = (now - row.beat_at).total_seconds() > SILENT_SECONDS
    state = "absent" if is_silent and row.state != STOPPED else row.state
    return Connection(state, row.since, row.application, row.version, row.round_trip_ms, row.error)


def require_connection(session: Session, settings: Settings, now: datetime) -> Connection:
    """The connection, where a call asked for now can be placed at once or within seconds.

    Raises ``DialerNotConfiguredError``, ``ApplicationTakenError`` or ``DialerNotConnectedError``.
    """
    if not settings.ari_url:
        raise DialerNotConfiguredError
    found = connection(session, now)
    if found.is_connected:
        return found
    if found.state == TAKEN:
        raise ApplicationTakenError(application=found.application)
    since = found.since or now
    seconds = (now - since).total_seconds()
    if found.state in (DOWN, CONNECTING) and seconds <= SHORT_BREAK_SECONDS:
        return found
    raise DialerNotConnectedError(seconds=round(seconds))


def request_reconnect(session: Session, at: datetime) -> None:
    """Ask the listener to take our application name back from the program that took it."""
    row = session.get(AsteriskConnectionRow, NAME, with_for_update=True)
    if row is not None:
        row.reconnect_requested_at = at
        change_signal.announce(session, WAKE_TOPIC)


def publish(session: Session, state: str, at: datetime, *, since: datetime | None = None, **told: Any) -> None:
    """Write the state, for the listener; ``told`` are further columns. Pages are told when the state changed.

    ``since`` is when it began, for a reconnection that was tried in between: else now, where the state is another one.
    """
    row = session.get(AsteriskConnectionRow, NAME, with_for_update=True)
    if row is None:
        row = AsteriskConnectionRow(name=NAME, state="", since=at, beat_at=at, application="", version="")
        session.add(row)
    if row.state != state:
        data_version.bump(session, DATA_VERSION, at)
        row.state, row.since = state, since or at
    row.beat_at = at
    for name, value in told.items():
        setattr(row, name, value)
