"""Which addresses Tollwatch may call on a person's word: not its own network, not without encryption.

A name is resolved once, every address it has is checked, and the connection goes to exactly the address that was
checked, so that a name that answers differently the second time (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import httpcore

from core.notify.errors import AddressRefusedError, HostUnknownError
from core.settings import Settings

PRIVATE, PLAIN, MALFORMED = "private", "plain", "malformed"
LONGEST_ADDRESS = 2000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_6TO4 = ipaddress.ip_network("2002::/16")
_NOT_PUBLIC = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "fec0::/10", "3fff::/20")))
"""Protocol assignments, the former site-local and the newer documentation addresses, which Python counts as public."""
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_address(address: str, settings: Settings) -> None:
    """Raise ``AddressRefusedError`` for an address that may not be called, as far as it can be told without asking."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        port_is_known = parts.port is None or parts.port > 0
    except ValueError:
        port_is_known = False
    if parts.scheme not in ("http", "https") or not host or len(address) > LONGEST_ADDRESS or not port_is_known:
        raise AddressRefusedError(host=host[:100] or "–", problem=MALFORMED)
    if parts.username is not None or parts.password is not None or any(sign.isspace() for sign in address):
        raise AddressRefusedError(host=host[:100], problem=MALFORMED)
    if parts.scheme == "http" and not _may_be_plain(host, settings):
        raise AddressRefusedError(host=host[:100], problem=PLAIN)
    literal = _literal(host)
    if literal is not None and not may_be_called(literal, host, settings):
        raise AddressRefusedError(host=host[:100], problem=PRIVATE)


def may_be_called(address: IpAddress, host: str, settings: Settings) -> bool:
    """Whether a connection to ``address``, which ``host`` resolved to, is permitted."""
    if settings.sandbox or settings.allow_insecure_endpoints or host.lower() in private_hosts(settings):
        return not address.is_multicast and not address.is_unspecified
    return is_public(address)


def is_public(address: IpAddress) -> bool:
    """Whether an address belongs to the public internet, whatever it is wrapped in."""
    inner = _unwrapped(address)
    if any(inner in network for network in _NOT_PUBLIC):
        return False
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def private_hosts(settings: Settings) -> frozenset[str]:
    """Names inside the network that an administrator permits by ``NOTIFY_PRIVATE_HOSTS``."""
    return frozenset(name.strip().lower() for name in settings.notify_private_hosts.split(",") if name.strip())


class CheckedNetwork(httpcore.NetworkBackend):
    """Opens connections for httpcore, to checked addresses only."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to ``host``. Raises ``AddressRefusedError``, ``HostUnknownError`` and httpcore's own errors."""
        addresses = self._resolved(host, port)
        if any(not may_be_called(address, host, self._settings) for address in addresses):
            raise AddressRefusedError(host=host[:100], problem=PRIVATE)
        problem: Exception | None = None
        for address in addresses:
            try:
                return self._plain.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem or HostUnknownError(host=host[:100])

    def _resolved(self, host: str, port: int) -> list[IpAddress]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise HostUnknownError(host=host[:100]) from error
        return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found))


def _may_be_plain(host: str, settings: Settings) -> bool:
    if settings.allow_insecure_endpoints:
        return True
    literal = _literal(host)
    is_loopback = host.lower() == "localhost" or (literal is not None and literal.is_loopback)
    return settings.sandbox and is_loopback


def _literal(host: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _unwrapped(address: IpAddress) -> IpAddress:
    """The IPv4 address inside an IPv6 one that carries it (mapped, NAT64, 6to4, Teredo), else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _6TO4 and address.sixtofour is not None:
        return address.sixtofour
    return address.teredo[1] if address.teredo is not None else address
