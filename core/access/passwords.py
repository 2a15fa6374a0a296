"""Passwords: what is accepted, how they are kept, how they are checked.

argon2id with the library's defaults (RFC 9106, 64 MiB). Two at a time: on a small host each takes a sixth of a
second and 64 MiB, and a flood of sign-ins must not take the whole machine.
"""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from core.access.errors import WeakPasswordError

SHORTEST = 12
LONGEST = 256
_FEWEST_DIFFERENT = 5
_AT_ONCE = 2

_hasher = PasswordHasher()
_turns = threading.BoundedSemaphore(_AT_ONCE)


def hash_password(password: str, name: str) -> str:
    """The argon2id hash of an acceptable password. Raises ``WeakPasswordError``."""
    _check(password, name)
    with _turns:
        return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password fits. Takes the same time when there is no hash, so that names cannot be guessed."""
    compared_with = password_hash or nobodys_hash()
    with _turns:
        try:
            fits = _hasher.verify(compared_with, password[:LONGEST])
        except (Argon2Error, InvalidHashError):
            return False
    return fits and password_hash is not None


@cache
def nobodys_hash() -> str:
    """The hash that is checked when an account does not exist; made once, ahead of the first sign-in."""
    return _hasher.hash("no account has this password")


def _check(password: str, name: str) -> None:
    plain = len(set(password)) < _FEWEST_DIFFERENT
    if not SHORTEST <= len(password) <= LONGEST or plain or name.lower() in password.lower():
        raise WeakPasswordError(field="password", problem="weak", shortest=SHORTEST)
