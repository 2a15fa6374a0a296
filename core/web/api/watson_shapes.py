"""What the routes of the Watson door answer."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from core.store.models.watson import WatsonActivityRow
from core.watson.activity import Talk
from core.watson.dialogue import RULES


class ResultOut(BaseModel):
    """What was made, and the page that shows it."""

    kind: str
    id: str
    link: str


class RefusalOut(BaseModel):
    """Why nothing was made, and what to do."""

    code: str
    message: str
    remedy: str


class AnswerOut(BaseModel):
    """The answer to a message; `reply` is for the person, `asks` the fact that is needed next."""

    request_id: int
    session_id: str
    state: str
    intent: str | None
    understood_by: str = RULES
    language: str
    reply: str
    asks: str | None
    facts: dict[str, Any]
    result: ResultOut | None
    error: RefusalOut | None
    session_expires_at: datetime


class StatusOut(BaseModel):
    """The door's settings without secrets, and its last day."""

    address: str
    own_key: bool
    own_key_scopes: list[str]
    signature: str
    per_minute: int
    retention_days: int
    last_request_at: datetime | None
    last_failure_at: datetime | None
    last_failure: str
    open_sessions: int
    requests: dict[str, int]
    claude_seconds: float


class CheckOut(BaseModel):
    """One thing that was tried."""

    name: str
    ok: bool
    needed: bool
    message: str
    remedy: str | None


class TestOut(BaseModel):
    """Whether a message would be served."""

    __test__ = False

    ok: bool
    checks: list[CheckOut]


class StepOut(BaseModel):
    """One step of a request."""

    step: str
    outcome: str
    at: datetime
    detail: dict[str, Any]
    error_code: str


class RequestOut(BaseModel):
    """One message of a conversation."""

    id: int
    received_at: datetime
    text: str
    language: str
    intent: str
    state: str
    reply: str
    steps: list[StepOut]


class SessionOut(BaseModel):
    """A conversation."""

    id: int
    session_id: str
    caller: str
    language: str
    intent: str
    awaiting: str
    started_at: datetime
    last_at: datetime
    expires_at: datetime
    requests: list[RequestOut]


def session_out(talk: Talk) -> SessionOut:
    """A conversation as it is answered."""
    row = talk.session
    return SessionOut(
        id=row.id,
        session_id=row.name,
        caller=row.caller,
        language=row.language,
        intent=row.intent,
        awaiting=row.awaiting,
        started_at=row.started_at,
        last_at=row.last_at,
        expires_at=row.expires_at,
        requests=[
            RequestOut(
                id=one.id,
                received_at=one.received_at,
                text=one.text,
                language=one.language,
                intent=one.intent,
                state=one.state,
                reply=str(one.answer.get("reply", "")),
                steps=[_step_out(step) for step in steps],
            )
            for one, steps in talk.requests
        ],
    )


def _step_out(step: WatsonActivityRow) -> StepOut:
    return StepOut(step=step.step, outcome=step.outcome, at=step.at, detail=step.detail, error_code=step.error_code)
