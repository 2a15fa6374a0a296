"""Sending a webhook signed as Standard Webhooks says (https://www.standardwebhooks.com): id, time, body."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping

from core.errors import InvalidInputError
from core.notify.notice import Order, Receipt
from core.notify.outbound import post

PREFIX = "whsec_"
_KEY_BYTES = 32
_FEWEST_KEY_BYTES, _MOST_KEY_BYTES = 24, 64


def made_up() -> Mapping[str, str]:
    """A signing secret for a person who gave none; shown to them once."""
    return {"signing_secret": PREFIX + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}


def check(values: Mapping[str, str]) -> None:
    """Raise ``InvalidInputError`` for a signing secret that is none."""
    for secret in values.get("signing_secret", "").split():
        _key(secret)


def send(order: Order) -> Receipt:
    """One attempt: the same id and body each time, the time and so the signature of this attempt."""
    body = json.dumps(_body(order), ensure_ascii=False, separators=(",", ":")).encode()
    moment = str(int(order.services.clock.now().timestamp()))
    signed = f"{order.message_id}.{moment}.".encode() + body
    signatures = [signature(secret, signed) for secret in order.values["signing_secret"].split()]
    headers = {
        "webhook-id": order.message_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(signatures),
    }
    answer = post(order.services, order.values["url"], body, headers)
    return Receipt(answer.said())


def signature(secret: str, signed: bytes) -> str:
    """The signature ``v1,…`` of ``<id>.<timestamp>.<body>``."""
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError(field="signing_secret", problem="base64") from error
    if not _FEWEST_KEY_BYTES <= len(key) <= _MOST_KEY_BYTES:
        raise InvalidInputError(field="signing_secret", problem=f"{_FEWEST_KEY_BYTES}..{_MOST_KEY_BYTES}")
    return key


def _body(order: Order) -> dict[str, object]:
    notice = order.notice
    told = {"title": notice.title, "text": notice.as_text(), "link": notice.link}
    return {"type": notice.event, "timestamp": order.written_at.isoformat(), "data": {**notice.data, **told}}
