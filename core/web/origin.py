"""Where a request comes from: this site or another, this machine or another; and where it may be sent on to."""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from core.settings import Settings

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_LONGEST_PATH = 2000


def is_same_origin(connection: HTTPConnection) -> bool:
    """Whether a browser sent this from a page of ours; programs, which send no ``Origin``, pass too.

    Browsers always send ``Origin`` with a change; ``Sec-Fetch-Site`` cannot be set by scripts.
    """
    if connection.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    place = _place(origin)[1]
    return place != "" and place == connection.headers.get("host", "").lower()


def is_from_our_page(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether the ``Origin`` that a browser sends with a websocket is this site: the host asked for, or ``BASE_URL``.

    Missing is refused too: a websocket carries the session's cookie, whichever local port the page came from.
    """
    scheme, place = _place(connection.headers.get("origin", ""))
    if scheme not in ("http", "https") or not place:
        return False
    return place == connection.headers.get("host", "").lower() or (scheme, place) == _place(settings.base_url)


def _place(address: str) -> tuple[str, str]:
    """Scheme and host with port, in small letters; both empty for what is no address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc.lower()


def host_name(connection: HTTPConnection) -> str | None:
    """The host the request names, without port; ``None`` for one that cannot be read."""
    try:
        return urlsplit(f"//{connection.headers.get('host', '')}").hostname
    except ValueError:
        return None


def listed(setting: str) -> list[str]:
    """The parts of a comma separated setting."""
    return [part.strip() for part in setting.split(",") if part.strip()]


def is_known_host(connection: HTTPConnection, settings: Settings) -> bool:
    """Whether the request names this server by its own address: ``BASE_URL``, ``ALLOWED_HOSTS``, or loopback.

    A page on a name that an attacker points at loopback (DNS rebinding) names the attacker's host.
    """
    known = (*LOOPBACK_NAMES, urlsplit(settings.base_url).hostname, *listed(settings.allowed_hosts.lower()))
    return host_name(connection) in known


def is_from_this_machine(connection: HTTPConnection) -> bool:
    """Whether the request comes straight from this machine: loopback at both ends, no proxy in between."""
    if connection.client is None or any(name in connection.headers for name in _FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(connection.client.host)
    except ValueError:
        return False
    return address.is_loopback and host_name(connection) in LOOPBACK_NAMES


def client_address(connection: HTTPConnection) -> str:
    """The address of the other end; behind a trusted proxy the server has already put the real one here."""
    return connection.client.host if connection.client else ""


def local_path(wanted: str | None) -> str:
    """``wanted`` if it leads to a page of this site, else ``/``: never another host, scheme, or sign-in itself."""
    if not wanted or len(wanted) > _LONGEST_PATH or not wanted.startswith("/"):
        return "/"
    if wanted.startswith(("//", "/\\")) or "\\" in wanted or not wanted.isprintable():
        return "/"
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or parts.path.startswith(("/sign-in", "/sign-out", "/set-up", "/set-password")):
        return "/"
    return wanted
