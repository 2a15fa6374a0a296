"""What Claude said, for pages and programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.assistant.facts import NAME, Subject
from core.store.models.assistant import AssistantViewRow


@dataclass(frozen=True)
class View:
    """One question and what became of it. ``answer`` has the fields of ``core.assistant.form.AlertView`` when
    ``state`` is done, with the name put back.

    ``error`` is code and facts as ``core.errors`` has them, while waiting too. Instants aware, UTC.
    """

    id: int
    state: str
    language: str
    answer: Mapping[str, Any] | None
    model: str
    cost: float
    error: Mapping[str, Any] | None
    requested_by: str
    requested_at: datetime
    answered_at: datetime | None


def views(session: Session, subject: Subject, subject_id: int, *, name: str = NAME, limit: int = 10) -> list[View]:
    """The questions about a subject, newest first; ``name`` stands for the entity in the answers."""
    query = (
        select(AssistantViewRow)
        .where(AssistantViewRow.subject == subject, AssistantViewRow.subject_id == subject_id)
        .order_by(AssistantViewRow.id.desc())
        .limit(limit)
    )
    return [_view(row, name) for row in session.scalars(query)]


def _view(row: AssistantViewRow, name: str) -> View:
    return View(
        id=row.id,
        state=row.state,
        language=row.language,
        answer=_named(row.answer, name) if row.answer else None,
        model=row.model,
        cost=row.cost,
        error={"code": row.error_code, "facts": row.error_facts or {}} if row.error_code else None,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        answered_at=row.answered_at,
    )


def _named(node: Any, name: str) -> Any:
    if isinstance(node, str):
        return node.replace(NAME, name)
    if isinstance(node, dict):
        return {key: _named(value, name) for key, value in node.items()}
    if isinstance(node, list):
        return [_named(value, name) for value in node]
    return node
