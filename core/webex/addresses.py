"""Which addresses may receive a Webex bearer token, and the addresses that Webex names in its answers.

A ``Link`` header and the body of a 451 come from outside: a token follows them only to ``*.webexapis.com`` over
https, or, where insecure endpoints are permitted or in the sandbox, to the very origins that are configured.
"""

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from core.settings import Settings, is_webex_address

_PROPER_LINK = re.compile(r"<([^<>]*+)>\s*+(;[^<]*+)")
_BARE_ADDRESS = re.compile(r"https?://[^\s<>;\"']+")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?")
_PARAMETER = re.compile(r";\s*+([A-Za-z*]++)\s*+=\s*+(?:\"([^\"]*+)\"|([^\s;,\"]*+))")
_LONGEST_ADDRESS = 8192


@dataclass(frozen=True)
class BearerHosts:
    """Where a bearer token may go: Webex over https, and ``own`` origins (``scheme://host:port``)."""

    own: frozenset[str] = frozenset()

    def allow(self, address: str) -> bool:
        """Whether the token may be sent to ``address``, read as the HTTP library reads it."""
        if len(address) > _LONGEST_ADDRESS or "\\" in address or not address.isprintable():
            return False
        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, ValueError):
            return False
        if url.userinfo:
            return False
        if f"{url.scheme}://{url.netloc.decode('ascii')}" in self.own:
            return True
        return url.port in (None, 443) and url.scheme == "https" and is_webex_address(f"https://{url.host}")


def bearer_hosts(settings: Settings) -> BearerHosts:
    """The hosts of these settings."""
    if not (settings.sandbox or settings.allow_insecure_endpoints):
        return BearerHosts()
    return BearerHosts(frozenset({origin(settings.webex_api), origin(settings.webex_analytics)}))


def host_of(address: str) -> str:
    """The host of an address from outside, for a message; ``?`` when there is none."""
    try:
        return (urlsplit(address).hostname or "?")[:100]
    except ValueError:
        return "?"


def _absolute(current: str, target: str) -> str:
    try:
        return urljoin(current, target)
    except ValueError:
        return target


def origin(address: str) -> str:
    """``scheme://host[:port]`` of an address of ours or of one already checked, in lower case."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def next_link(header: str | None, current: str) -> str | None:
    """The address of the next page in a ``Link`` header (RFC 8288), ``None`` on the last page.

    The call-history documentation prints it malformed, ``<<https://…;rel="next">``: that form is read too.
    """
    if not header:
        return None
    for target, parameters in _PROPER_LINK.findall(header):
        if _is_next(parameters):
            return _absolute(current, str(target).strip())
    if not _PROPER_LINK.search(header) and re.search(r"rel\s*=\s*\"?next\b", header):
        bare = _BARE_ADDRESS.search(header)
        return bare.group(0) if bare else None
    return None


def _is_next(parameters: str) -> bool:
    """Whether a link's parameters say ``rel=next``, alone or among other relations."""
    return any(
        name.lower() == "rel" and "next" in (quoted or bare).lower().split()
        for name, quoted, bare in _PARAMETER.findall(parameters)
    )


def region_origin(body: str, current: str, hosts: BearerHosts) -> tuple[str | None, str]:
    """The origin a 451 sends us to, if it may be followed, and the host it named (for the error).

    Only call-history hosts count on Webex; the same host again is no answer.
    """
    named = [found.rstrip(".").lower() for found in _ORIGIN.findall(body[:20_000])]
    for candidate in named:
        is_call_history = host_of(candidate).startswith("analytics") or candidate in hosts.own
        if is_call_history and candidate != origin(current) and hosts.allow(candidate):
            return candidate, host_of(candidate)
    return None, host_of(named[0]) if named else "?"
