"""Where mails go in the sandbox without a mail server: files in the data folder, shown on the Notifications page."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from core.settings import Settings

FOLDER = "mail"
MOST_SHOWN = 50
MOST_KEPT = 500
LARGEST_SHOWN = 2 * 2**20


@dataclass(frozen=True)
class KeptMail:
    """One mail in the folder: what a mail program would show of it."""

    name: str
    at: datetime | None
    subject: str
    to: str
    text: str
    html: str


def is_used(settings: Settings) -> bool:
    """Whether mails go to the folder instead of a mail server."""
    return settings.sandbox and not settings.smtp_host


def keep(settings: Settings, message_id: str, recipients: Sequence[str], content: bytes) -> str:
    """Write a mail whole or not at all; the same mail again replaces itself. Gives the file's name."""
    folder = settings.data_dir / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = hashlib.sha256(" ".join(recipients).encode()).hexdigest()[:8]
    name = f"{message_id}-{mark}.eml"
    draft = folder / f".{name}.{os.getpid()}"
    draft.write_bytes(content)
    draft.replace(folder / name)
    _forget_oldest(folder)
    return f"{FOLDER}/{name}"


def kept(settings: Settings, limit: int = MOST_SHOWN) -> list[KeptMail]:
    """The newest mails of the folder, newest first."""
    found = _files(settings.data_dir / FOLDER)[:limit]
    return [_read(path) for path in found if path.stat().st_size <= LARGEST_SHOWN]


def content_of(settings: Settings, name: str) -> bytes:
    """One mail as it was kept; empty for a name that ``kept`` did not give."""
    found = next((path for path in _files(settings.data_dir / FOLDER) if path.name == name), None)
    return found.read_bytes() if found else b""


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _forget_oldest(folder: Path) -> None:
    for path in _files(folder)[MOST_KEPT:]:
        path.unlink(missing_ok=True)


def _read(path: Path) -> KeptMail:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    return KeptMail(
        name=path.name,
        at=_date(mail),
        subject=str(mail["Subject"] or ""),
        to=str(mail["To"] or ""),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _date(mail: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(str(mail["Date"]))
    except ValueError:
        return None
