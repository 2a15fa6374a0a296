"""Webex's identifiers: base64 of ``ciscospark://us/PEOPLE/<uuid>``; call records carry the bare UUID."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

_LONGEST = 300


def uuid_of(webex_id: str) -> str:
    """The UUID (or number) inside an identifier; an identifier that is bare already comes back in lower case."""
    text = webex_id.strip()[:_LONGEST]
    try:
        decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return text.lower()
    if not decoded.startswith("ciscospark://"):
        return text.lower()
    return decoded.rsplit("/", 1)[-1].lower()


def webex_id(kind: str, uuid: str) -> str:
    """The identifier of a UUID; ``kind`` is PEOPLE, ORGANIZATION or LOCATION."""
    return urlsafe_b64encode(f"ciscospark://us/{kind}/{uuid}".encode()).decode().rstrip("=")
