"""Mails to addresses of their own, beside the channels: an invitation to a client, a report to its readers."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from core.language import Language
from core.notify.kinds import addresses_in
from core.notify.notice import Attachment
from core.notify.severities import NONE
from core.notify.wording import LETTER
from core.store import outbox
from core.store.outbox import Parcel

LARGEST_ATTACHMENTS = 8 * 2**20
"""Bytes of all attachments of a mail together."""


@dataclass(frozen=True)
class Letter:
    """A mail in one language. ``facts`` are label and value, ``path`` the page it leads to below ``BASE_URL``.

    ``highlight`` is what must not be overlooked, such as when; ``closing`` comes after everything else. Answers go to
    ``reply_to``, one address; without one to the sender. ``because`` says why the reader gets it, ``manage`` is the
    page below ``BASE_URL`` where that is changed.
    """

    title: str
    lead: str = ""
    highlight: str = ""
    closing: str = ""
    paragraphs: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    path: str = ""
    reply_to: str = ""
    because: str = ""
    manage: str = ""
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True)
class About:
    """What a mail belongs to, for the log and so that mails about one thing form one thread.

    Of mails with the same ``newest_of`` only the newest leaves, as ``core.store.outbox.Parcel`` says.
    """

    subject: str
    subject_id: int
    event: str
    severity: str = NONE
    newest_of: str = ""


def write_mail(
    session: Session,
    letter: Letter,
    about: About,
    *,
    recipients: Sequence[str],
    language: Language,
    key: str,
    at: datetime,
) -> int | None:
    """Put a mail into the outbox in the caller's transaction; gives its id, ``None`` when ``key`` was written before.

    Raises what ``mail`` raises.
    """
    return outbox.put(session, mail(letter, about, recipients=recipients, language=language, key=key), at=at)


def mail(letter: Letter, about: About, *, recipients: Sequence[str], language: Language, key: str) -> Parcel:
    """A mail as the outbox takes it.

    Raises ``InvalidInputError`` for addresses that are none, and for attachments beyond ``LARGEST_ATTACHMENTS``.
    """
    known = addresses_in(" ".join(recipients))
    if not known:
        raise InvalidInputError(field="recipients", problem="–")
    if sum(len(attachment.content) for attachment in letter.attachments) > LARGEST_ATTACHMENTS:
        raise InvalidInputError(field="attachments", problem=f"> {LARGEST_ATTACHMENTS >> 20} MB")
    return Parcel(
        key=key,
        kind="email",
        subject=about.subject,
        subject_id=about.subject_id,
        event=about.event,
        severity=about.severity,
        content={LETTER: _stored(letter)},
        language=language,
        recipients=known,
        newest_of=about.newest_of,
    )


def _stored(letter: Letter) -> Mapping[str, object]:
    return {
        "title": letter.title,
        "lead": letter.lead,
        "highlight": letter.highlight,
        "closing": letter.closing,
        "paragraphs": list(letter.paragraphs),
        "facts": [list(pair) for pair in letter.facts],
        "path": letter.path,
        "reply_to": letter.reply_to,
        "because": letter.because,
        "manage": letter.manage,
        "attachments": [
            {
                "name": attachment.name,
                "media_type": attachment.media_type,
                "content": base64.b64encode(attachment.content).decode(),
            }
            for attachment in letter.attachments
        ],
    }
