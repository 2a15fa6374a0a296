"""Claude's view of alerts and cases for programs: ask, and read what came."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from core.assistant.errors import AssistantOffError
from core.assistant.facts import NAME, Subject, facts_of
from core.assistant.messages import is_configured
from core.assistant.requests import request_explanation
from core.assistant.views import View, views
from core.language import DEFAULT_LANGUAGE, Language
from core.store import audit
from core.web.api.parameters import Identifier, Opened
from core.web.identity import Caller, require

router = APIRouter(tags=["assistant"])

Asker = Annotated[Caller, Depends(require("assistant.ask"))]
SubjectName = Annotated[Subject, Path(description="What the view is about.")]


class ViewOut(BaseModel):
    """One question and what became of it; ``answer`` is there when ``state`` is done, in which ``<ENTITY>`` stands
    for the user, site or caller. Instants are UTC, ``cost`` in US dollars."""

    id: int
    state: Literal["queued", "done", "failed"]
    language: str
    answer: dict[str, Any] | None
    model: str
    cost: float
    error: dict[str, Any] | None
    requested_by: str
    requested_at: datetime
    answered_at: datetime | None


class Views(BaseModel):
    """The questions about a subject, newest first, ten at most."""

    items: list[ViewOut]


class Asked(BaseModel):
    """The question's id; the answer appears among the views."""

    id: int = Field(description="Id of the view that will hold the answer.")


@router.get("/assistant/{subject}/{subject_id}", response_model=Views, dependencies=[Depends(require("alerts.view"))])
def list_views(subject: SubjectName, subject_id: Identifier, opened: Opened) -> Views:
    """What Claude said about an alert or case."""
    with opened.database.read() as session:
        facts_of(session, subject, subject_id, DEFAULT_LANGUAGE)
        return Views(items=[_out(view) for view in views(session, subject, subject_id, name=NAME)])


@router.post("/assistant/{subject}/{subject_id}", status_code=202, response_model=Asked)
def ask_for_view(
    subject: SubjectName,
    subject_id: Identifier,
    opened: Opened,
    caller: Asker,
    language: Annotated[Language, Query(description="Language of the answer.")] = DEFAULT_LANGUAGE,
) -> Asked:
    """Ask Claude; the sidecar fetches the answer. 409 without a key, 404 for what does not exist."""
    if not is_configured(opened.settings):
        raise AssistantOffError
    now = opened.clock.now()
    with opened.database.write() as session:
        facts_of(session, subject, subject_id, language)
        view_id = request_explanation(
            session, subject=subject, subject_id=subject_id, requested_by=caller.actor, at=now, language=language
        )
        audit.record(session, actor=caller.actor, action="assistant.asked", subject=f"{subject}:{subject_id}", at=now)
    return Asked(id=view_id)


def _out(view: View) -> ViewOut:
    return ViewOut.model_validate(view, from_attributes=True)
