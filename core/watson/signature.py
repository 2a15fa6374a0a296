"""Checking that a message was signed as Standard Webhooks says (https://www.standardwebhooks.com): id, time, body."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from core.watson.errors import WatsonSignatureError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = timedelta(minutes=5)
"""How far a message's time may lie from ours, as the specification recommends."""
PREFIX = "whsec_"
MOST_SIGNATURES = 10
LONGEST_ID = 100


def is_signed(headers: Mapping[str, str]) -> bool:
    """Whether a message carries a signature, usable or not."""
    return SIGNATURE in headers


def check(secrets: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raise ``WatsonSignatureError`` unless one of the signatures is by one of the ``secrets``, parted by spaces.

    Several of either let a secret be changed without a gap.
    """
    given = {name: headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE)}
    if not all(given.values()) or len(given[ID]) > LONGEST_ID or not given[ID].isascii():
        raise WatsonSignatureError(problem="incomplete")
    if not given[TIMESTAMP].isascii() or not given[TIMESTAMP].isdecimal() or len(given[TIMESTAMP]) > 12:
        raise WatsonSignatureError(problem="time")
    if abs(now.timestamp() - int(given[TIMESTAMP])) > TOLERANCE.total_seconds():
        raise WatsonSignatureError(problem="old")
    signed = f"{given[ID]}.{given[TIMESTAMP]}.".encode() + body
    signatures = given[SIGNATURE].split()[:MOST_SIGNATURES]
    matching = [
        hmac.compare_digest(one.encode("utf-8", "replace"), sign(secret, signed).encode())
        for secret in secrets.split()
        for one in signatures
    ]
    if not any(matching):
        raise WatsonSignatureError(problem="wrong")


def sign(secret: str, signed: bytes) -> str:
    """The signature ``v1,…`` of ``<id>.<timestamp>.<body>``. Raises ``ValueError`` for a secret that is none."""
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def key_of(secret: str) -> bytes:
    """The key in a secret ``whsec_…`` of 24 to 64 bytes. Raises ``ValueError``."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("it is not base64") from error
    if not 24 <= len(key) <= 64:
        raise ValueError("it has not 24 to 64 bytes")
    return key
