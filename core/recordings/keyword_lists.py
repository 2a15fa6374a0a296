"""The keyword lists an admin keeps: made, changed and put away, each change in the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.detection.finding import SEVERITIES
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.recordings.transcript_files import plain_line
from core.recordings.vocabulary import DATA_VERSION
from core.store import audit, data_version
from core.store.models.recordings import KeywordHitRow, KeywordListRow

LANGUAGES = ("", "es", "en")
"""Empty listens to calls in any language."""
LONGEST_NAME, LONGEST_PHRASE, MOST_PHRASES, MOST_LISTS = 120, 100, 200, 100


@dataclass(frozen=True)
class ListContent:
    """What an admin types; ``severity`` empty raises no alert."""

    name: str
    language: str
    phrases: Sequence[str]
    severity: str = ""
    is_active: bool = True


def create(session: Session, content: ListContent, *, actor: str, at: datetime) -> int:
    """Add a list; gives its id. Raises ``InvalidInputError``, also for a name that is taken."""
    checked = _checked(session, content, None)
    if len(session.scalars(select(KeywordListRow.id)).all()) >= MOST_LISTS:
        raise InvalidInputError(field="name", problem=f"<= {MOST_LISTS}")
    row = KeywordListRow(changed_at=at, changed_by=actor[:200])
    _apply(row, checked)
    session.add(row)
    session.flush()
    _record(session, row, "created", actor, at)
    return row.id


def change(session: Session, list_id: int, content: ListContent, *, version: int, actor: str, at: datetime) -> None:
    """Change a list. Raises ``NotFoundError``, ``ConflictError`` for an old ``version``, ``InvalidInputError``.

    Recordings that were listened to before keep their hits until they are processed again.
    """
    row = _known(session, list_id, version)
    _apply(row, _checked(session, content, list_id))
    row.version += 1
    row.changed_at, row.changed_by = at, actor[:200]
    _record(session, row, "changed", actor, at)


def remove(session: Session, list_id: int, *, version: int, actor: str, at: datetime) -> None:
    """Remove a list with its hits; alerts it raised stay. Raises ``NotFoundError``, ``ConflictError``."""
    row = _known(session, list_id, version)
    _record(session, row, "removed", actor, at)
    session.execute(delete(KeywordHitRow).where(KeywordHitRow.list_id == list_id))
    session.delete(row)


def every(session: Session) -> list[KeywordListRow]:
    """All lists by name."""
    return list(session.scalars(select(KeywordListRow).order_by(KeywordListRow.name)))


def _known(session: Session, list_id: int, version: int) -> KeywordListRow:
    row = session.get(KeywordListRow, list_id, with_for_update=True)
    if row is None:
        raise NotFoundError(what="keyword list")
    if row.version != version:
        raise ConflictError(what=row.name)
    return row


def _checked(session: Session, content: ListContent, list_id: int | None) -> ListContent:
    name = plain_line(content.name)
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInputError(field="name", problem=f"1-{LONGEST_NAME} characters")
    taken = session.scalars(select(KeywordListRow.id).where(KeywordListRow.name == name)).first()
    if taken is not None and taken != list_id:
        raise InvalidInputError(field="name", problem=name)
    if content.language not in LANGUAGES:
        raise InvalidInputError(field="language", problem=content.language[:20])
    if content.severity and content.severity not in SEVERITIES:
        raise InvalidInputError(field="severity", problem=content.severity[:20])
    phrases = list(dict.fromkeys(filter(None, (plain_line(phrase) for phrase in content.phrases))))
    wrong = next((one for one in phrases if len(one) > LONGEST_PHRASE or not any(map(str.isalnum, one))), None)
    if wrong is not None or not 1 <= len(phrases) <= MOST_PHRASES:
        raise InvalidInputError(field="phrases", problem=wrong[:40] if wrong else f"1-{MOST_PHRASES}")
    return ListContent(name, content.language, phrases, content.severity, content.is_active)


def _apply(row: KeywordListRow, content: ListContent) -> None:
    row.name, row.language, row.severity = content.name, content.language, content.severity
    row.phrases, row.is_active = list(content.phrases), content.is_active


def _record(session: Session, row: KeywordListRow, deed: str, actor: str, at: datetime) -> None:
    data_version.bump(session, DATA_VERSION, at)
    detail = {"name": row.name, "phrases": len(row.phrases), "severity": row.severity, "is_active": row.is_active}
    audit.record(session, actor=actor, action=f"keyword_list.{deed}", subject=str(row.id), detail=detail, at=at)
