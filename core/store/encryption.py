"""Secrets at rest and short signed links, both under ``SECRET_KEY``.

Keys are derived with HKDF, one for each purpose, so that a link of one purpose is worth nothing for another and
never opens a stored token. ``SECRET_KEY_PREVIOUS`` holds former keys: they still open, and ``rotate`` moves on.
"""

import json
import os
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.clock import Clock, SystemClock
from core.errors import PermanentError, SettingsError
from core.settings import Settings

KEY_FILE = "secret_key"
_AT_REST = "at rest"
_LONGEST_LINK = 8192


class SecretUnreadableError(PermanentError):
    """A stored secret was written under a key that is not configured any more: connect again."""

    code = "secret_unreadable"
    http_status = 409


class LinkInvalidError(PermanentError):
    """A signed link was altered, cut, or made for something else."""

    code = "link_invalid"
    http_status = 403


class LinkExpiredError(PermanentError):
    """A signed link is older than it may be."""

    code = "link_expired"
    http_status = 410


class Vault:
    """Encrypts what is stored and signs what travels. Cheap to make; holds derived keys, never writes them."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._secrets = [secret_key(settings), *_previous(settings)]
        self._fernets: dict[str, MultiFernet] = {}

    def encrypt(self, plain: str) -> str:
        """The text under the present key, as URL-safe text."""
        return self._fernet(_AT_REST).encrypt_at_time(plain.encode(), self._now()).decode()

    def decrypt(self, stored: str) -> str:
        """The text behind ``encrypt``. Raises ``SecretUnreadableError`` when no configured key opens it."""
        try:
            return self._fernet(_AT_REST).decrypt(stored).decode()
        except (InvalidToken, ValueError) as error:
            raise SecretUnreadableError from error

    def rotate(self, stored: str) -> str:
        """The same secret under the present key. Raises ``SecretUnreadableError``."""
        try:
            return self._fernet(_AT_REST).rotate(stored).decode()
        except (InvalidToken, ValueError) as error:
            raise SecretUnreadableError from error

    def sign(self, payload: dict[str, Any], *, purpose: str, max_age: timedelta) -> str:
        """A URL-safe token of ``payload`` (JSON values) that opens for the same purpose until ``max_age`` passed.

        The content is encrypted too: an address that ends in a log tells nothing.
        """
        content = json.dumps({"exp": self._now() + int(max_age.total_seconds()), "payload": payload})
        return self._fernet(f"link {purpose}").encrypt_at_time(content.encode(), self._now()).decode().rstrip("=")

    def open_signed(self, token: str, *, purpose: str) -> dict[str, Any]:
        """The payload of ``sign``. Raises ``LinkInvalidError`` or ``LinkExpiredError``."""
        if len(token) > _LONGEST_LINK or not token.isascii():
            raise LinkInvalidError
        try:
            content = json.loads(self._fernet(f"link {purpose}").decrypt(token + "=" * (-len(token) % 4)))
        except (InvalidToken, ValueError) as error:
            raise LinkInvalidError from error
        if self._now() >= content["exp"]:
            raise LinkExpiredError
        payload: dict[str, Any] = content["payload"]
        return payload

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    def _fernet(self, purpose: str) -> MultiFernet:
        if purpose not in self._fernets:
            self._fernets[purpose] = MultiFernet([Fernet(derive_key(secret, purpose)) for secret in self._secrets])
        return self._fernets[purpose]


def derive_key(secret: str, purpose: str) -> bytes:
    """A 256-bit key of one purpose, URL-safe base64 (HKDF-SHA256, RFC 5869)."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"tollwatch {purpose}".encode()).derive(
        secret.encode()
    )
    return urlsafe_b64encode(derived)


def secret_key(settings: Settings) -> str:
    """``SECRET_KEY``, or in the sandbox one made once and kept in the data folder, readable by its owner only.

    Raises ``SettingsError`` outside the sandbox when it is empty.
    """
    configured = settings.secret_key.get_secret_value()
    if configured:
        return configured
    if not settings.sandbox:
        raise SettingsError(setting="SECRET_KEY", problem="it is empty")
    path = settings.data_dir / KEY_FILE
    if not path.exists():
        _create_once(path)
    return path.read_text(encoding="ascii").strip()


def _create_once(path: Path) -> None:
    """Two processes may start together: the file appears whole or not at all, and the first one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _previous(settings: Settings) -> list[str]:
    listed = settings.secret_key_previous.get_secret_value().split(",")
    return [key.strip() for key in listed if key.strip()]
