"""Audio asked for by a link: which recording, to play or to keep, for whom, for a short while, under our signature."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, cast
from urllib.parse import urlencode

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.store import audit
from core.store.encryption import LinkInvalidError, Vault
from core.store.models.recordings import RecordingPlayRow

Use = Literal["play", "download"]
PERMISSIONS: dict[Use, str] = {"play": "recordings.play", "download": "recordings.download"}
LINK_LASTS = timedelta(hours=1)
"""Time to hear a call: the player comes back with the same link for each part it needs."""

_PURPOSE = "recording audio"


@dataclass(frozen=True)
class AudioOrder:
    """What a link orders; ``link_hash`` tells one link from another."""

    person_id: int
    recording_id: int
    use: Use
    link_hash: str


def audio_link(vault: Vault, person_id: int, recording_id: int, use: Use = "play") -> str:
    """The address, on this site, under which ``person_id`` and nobody else gets the audio while the link lasts.

    Make it only for somebody who holds the permission; the route asks for it again.
    """
    payload: dict[str, Any] = {"person": person_id, "recording": recording_id, "use": use}
    token = vault.sign(payload, purpose=_PURPOSE, max_age=LINK_LASTS)
    return f"/recordings/{recording_id}/audio?{urlencode({'token': token})}"


def order_of(vault: Vault, token: str) -> AudioOrder:
    """What a link orders. Raises ``LinkInvalidError`` or ``LinkExpiredError``."""
    payload = vault.open_signed(token, purpose=_PURPOSE)
    if payload.get("use") not in PERMISSIONS:
        raise LinkInvalidError
    return AudioOrder(
        person_id=int(payload["person"]),
        recording_id=int(payload["recording"]),
        use=cast(Use, payload["use"]),
        link_hash=sha256(token.encode()).hexdigest(),
    )


def note_use(session: Session, order: AudioOrder, *, actor: str, at: datetime) -> bool:
    """Write a play or a download into the audit the first time its link is used; whether it was the first."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {
        "link_hash": order.link_hash,
        "recording_id": order.recording_id,
        "actor": actor[:200],
        "kind": order.use,
        "at": at,
    }
    statement = insert(RecordingPlayRow).values(row).on_conflict_do_nothing().returning(RecordingPlayRow.link_hash)
    if session.execute(statement).scalar_one_or_none() is None:
        return False
    audit.record(session, actor=actor, action=f"recordings.{order.use}", subject=str(order.recording_id), at=at)
    return True
