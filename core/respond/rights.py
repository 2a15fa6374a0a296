"""Whether the connection may change settings: what Webex said it granted, no request."""

from typing import Literal

from core.respond.errors import WriteRightMissingError
from core.services import Services
from core.webex.call_settings import write_scopes
from core.webex.connections import status
from core.webex.errors import NotConnectedError

Right = Literal["granted", "missing", "unknown", "not_connected"]


def write_right(services: Services) -> Right:
    """``unknown`` where Webex has not told what it granted: it is then tried, and a refusal says what is missing."""
    found = status(services)
    if not found.is_connected:
        return "not_connected"
    if found.scopes_granted is None:
        return "unknown"
    return "granted" if set(write_scopes(services.settings)) <= set(found.scopes_granted) else "missing"


def check_write_right(services: Services) -> None:
    """Raise ``NotConnectedError`` or ``WriteRightMissingError`` where a change could only fail."""
    right = write_right(services)
    if right == "not_connected":
        raise NotConnectedError(kind="admin")
    if right == "missing":
        raise WriteRightMissingError(scope=" ".join(write_scopes(services.settings)))
