"""Random tokens, of which the database keeps only the hash."""

import hashlib
import hmac
import secrets

_BYTES = 32


def new_token(prefix: str = "") -> str:
    """A token of 256 random bits, safe in URLs and cookies, behind ``prefix``."""
    return prefix + secrets.token_urlsafe(_BYTES)


def hash_of(token: str) -> str:
    """What is stored of a token. Plain SHA-256 suffices: the token itself is random and long."""
    return hashlib.sha256(token.encode()).hexdigest()


def derived(token: str, purpose: str) -> str:
    """A value that only a holder of ``token`` can know, different for each ``purpose``."""
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def equal(one: str, other: str) -> bool:
    """Compare two secrets in constant time; never equal when either is empty."""
    return bool(one) and bool(other) and hmac.compare_digest(one.encode(), other.encode())
