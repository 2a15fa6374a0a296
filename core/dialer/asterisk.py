"""Which Asterisk we dial with, and how a number or extension is spelt for it."""

import re

from core.asterisk.address import AsteriskAddress
from core.errors import InvalidInputError
from core.sandbox.credentials import ASTERISK_PASSWORD, ASTERISK_USER
from core.settings import Settings

_DIALLED = re.compile(r"\+?[0-9*#]{1,40}", re.ASCII)
_RESOURCE = re.compile(r"([A-Za-z0-9]+)/(?:.*@)?([A-Za-z0-9_.-]+)")


def address_of(settings: Settings) -> AsteriskAddress | None:
    """Where Asterisk is and as whom we speak to it; ``None`` where none is set up."""
    if not settings.ari_url:
        return None
    is_pretended = settings.sandbox and not settings.ari_http_url
    return AsteriskAddress(
        base=settings.ari_url,
        username=ASTERISK_USER if is_pretended else settings.ari_username,
        password=ASTERISK_PASSWORD if is_pretended else settings.ari_password.get_secret_value(),
        application=settings.ari_app,
        certificate=settings.ari_ca,
    )


def endpoint_of(settings: Settings, number: str, pattern: str = "") -> str:
    """Asterisk's word for ringing a number (E.164 or as dialled), by ``pattern``, else by ``ARI_ENDPOINT``.

    Raises ``InvalidInputError``.
    """
    return _spelt(pattern or settings.ari_endpoint, number)


def extension_endpoint_of(settings: Settings, extension: str) -> str:
    """Asterisk's word for ringing an extension, by ``ARI_EXTENSION_ENDPOINT``. Raises ``InvalidInputError``."""
    return _spelt(settings.ari_extension_endpoint, extension)


def trunk_of(settings: Settings) -> tuple[str, str] | None:
    """Technology and name of the endpoint that numbers leave by, for a look at its state; ``None`` for other forms."""
    found = _RESOURCE.fullmatch(settings.ari_endpoint.replace("{number}", ""))
    return (found[1], found[2]) if found else None


def _spelt(pattern: str, number: str) -> str:
    if not _DIALLED.fullmatch(number):
        raise InvalidInputError(field="number", problem=number[:40])
    return pattern.replace("{number}", number)
