"""The rows of ``webex_connection``: who Tollwatch acts as, and what the Connections page shows of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from core.errors import TollwatchError
from core.services import Services
from core.settings import Settings
from core.store.models.webex import WebexConnection

Kind = Literal["admin", "compliance"]
State = Literal["connected", "needs_authorisation", "disconnected"]

BY_HAND = "by_hand"
"""Row of the token given by hand; it holds no token, only what was learnt with it."""

COMPLIANCE_SCOPES = "spark-compliance:recordings_read spark:people_read"
"""What a compliance officer is asked for: the download links of recordings are given to nobody else."""


@dataclass(frozen=True)
class ConnectionStatus:
    """What a person may know of a connection. ``method`` is oauth, token (given by hand) or none.

    Instants are UTC; ``scopes_granted`` is ``None`` when Webex did not say.
    """

    kind: str
    method: Literal["oauth", "token", "none"]
    state: str
    is_sandbox: bool
    person_name: str = ""
    person_email: str = ""
    org_id: str = ""
    org_name: str = ""
    scopes_asked: list[str] = field(default_factory=list)
    scopes_granted: list[str] | None = None
    access_expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    refreshed_at: datetime | None = None
    connected_at: datetime | None = None
    connected_by: str = ""
    api_url: str = ""
    analytics_url: str = ""
    last_error_code: str | None = None
    last_error_facts: dict[str, Any] | None = None
    last_error_at: datetime | None = None

    @property
    def is_connected(self) -> bool:
        """Whether jobs can act with it."""
        return self.state == "connected"

    @property
    def scopes_missing(self) -> list[str]:
        """Asked for and not granted; empty when Webex did not say what it granted."""
        if self.scopes_granted is None:
            return []
        return [scope for scope in self.scopes_asked if scope not in self.scopes_granted]


def scopes_of(settings: Settings, kind: Kind) -> str:
    """The scopes a kind of connection asks for, separated by spaces."""
    return settings.webex_scopes if kind == "admin" else COMPLIANCE_SCOPES


def has_token_by_hand(settings: Settings) -> bool:
    """Whether ``WEBEX_ACCESS_TOKEN`` is in use: never for the sandbox, which gives its own tokens."""
    return bool(settings.webex_access_token.get_secret_value()) and not settings.sandbox


def row_kind(settings: Settings, kind: Kind) -> str:
    """The row a kind of connection is kept in: a token given by hand takes the administrator's place."""
    return BY_HAND if kind == "admin" and has_token_by_hand(settings) else kind


def find(session: Session, settings: Settings, kind: Kind) -> WebexConnection | None:
    """The row of a kind, if there is one."""
    return session.get(WebexConnection, row_kind(settings, kind))


def find_or_add(session: Session, settings: Settings, kind: Kind) -> WebexConnection:
    """The row of a kind, made when missing; for the caller's transaction."""
    name = row_kind(settings, kind)
    row = session.get(WebexConnection, name, with_for_update=True)
    if row is None:
        row = WebexConnection(kind=name, state="connected" if name == BY_HAND else "disconnected")
        session.add(row)
        session.flush()
    return row


def status(services: Services, kind: Kind = "admin") -> ConnectionStatus:
    """The state of a connection from our own tables; asks Webex nothing."""
    settings = services.settings
    with services.database.read() as session:
        row = find(session, settings, kind)
    by_hand = row_kind(settings, kind) == BY_HAND
    unused = ConnectionStatus(
        kind=kind,
        method="token" if by_hand else "none",
        state="connected" if by_hand else "disconnected",
        is_sandbox=settings.sandbox,
        scopes_asked=scopes_of(settings, kind).split(),
        api_url=settings.webex_api,
        analytics_url=settings.webex_analytics,
    )
    if row is None:
        return unused
    return replace(
        unused,
        method="token" if by_hand else ("oauth" if row.state != "disconnected" else "none"),
        state=row.state,
        person_name=row.person_name,
        person_email=row.person_email,
        org_id=row.org_id,
        org_name=row.org_name,
        scopes_asked=(row.scopes_asked or scopes_of(settings, kind)).split(),
        scopes_granted=None if row.scopes_granted is None else row.scopes_granted.split(),
        access_expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
        refreshed_at=row.refreshed_at,
        connected_at=row.connected_at,
        connected_by=row.connected_by,
        analytics_url=row.analytics_url or settings.webex_analytics,
        last_error_code=row.last_error_code,
        last_error_facts=row.last_error_facts,
        last_error_at=row.last_error_at,
    )


def remember_analytics_url(services: Services, kind: Kind, address: str) -> None:
    """Keep the regional host that Webex sent us to, for this connection's organisation."""
    with services.database.write() as session:
        find_or_add(session, services.settings, kind).analytics_url = address


def note_error(services: Services, kind: Kind, error: TollwatchError) -> None:
    """Show on the connection what went wrong last."""
    with services.database.write() as session:
        row = find_or_add(session, services.settings, kind)
        set_error(row, error, services.clock.now())


def clear_error(services: Services, kind: Kind) -> None:
    """What went wrong is over: the connection works."""
    with services.database.read() as session:
        row = find(session, services.settings, kind)
    if row is None or row.last_error_code is None:
        return
    with services.database.write() as session:
        row = find_or_add(session, services.settings, kind)
        set_error(row, None, None)
        if row.kind == BY_HAND:
            row.state = "connected"


def set_error(row: WebexConnection, error: TollwatchError | None, at: datetime | None) -> None:
    """Write an error, or its absence, on a row of the caller's transaction."""
    row.last_error_code = error.code if error else None
    row.last_error_facts = {name: str(value)[:300] for name, value in error.facts.items()} if error else None
    row.last_error_at = at if error else None
