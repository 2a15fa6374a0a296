"""What happened at the door: each request with its steps, what was refused, and how long it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session

from core.errors import TollwatchError
from core.store.models.operations import Command
from core.store.models.watson import WatsonActivityRow, WatsonRequestRow, WatsonSessionRow
from core.watson.vocabulary import QUESTION, Step

DATA_VERSION = "watson"
OK = "done"


@dataclass(frozen=True)
class Log:
    """Writes the steps of one request in its transaction; without a request those of one refused at the door."""

    session: Session
    caller: str
    at: datetime
    request_id: int | None = None
    session_id: int | None = None

    def step(
        self,
        step: Step,
        outcome: str = OK,
        detail: Mapping[str, Any] | None = None,
        error: TollwatchError | None = None,
    ) -> None:
        """Note a step, with the error that ended it; whoever writes the first bumps ``DATA_VERSION``."""
        told = dict(detail or {})
        if error is not None:
            told["facts"] = {name: str(value)[:200] for name, value in error.facts.items()}
        self.session.add(
            WatsonActivityRow(
                request_id=self.request_id,
                session_id=self.session_id,
                caller=self.caller[:200],
                at=self.at,
                step=step,
                outcome=outcome,
                detail=told,
                error_code=error.code if error else "",
            )
        )


@dataclass(frozen=True)
class Talk:
    """A conversation with its requests, oldest first, and the steps of each."""

    session: WatsonSessionRow
    requests: Sequence[tuple[WatsonRequestRow, Sequence[WatsonActivityRow]]]


def talks(session: Session, *, before: int | None = None, limit: int = 20, caller: str = "") -> list[Talk]:
    """Conversations, the newest first, those with a number below ``before``; of one ``caller`` where one is named."""
    query = select(WatsonSessionRow).order_by(WatsonSessionRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(WatsonSessionRow.id < before)
    if caller:
        query = query.where(WatsonSessionRow.caller == caller)
    found = list(session.scalars(query))
    numbers = [row.id for row in found]
    requests = session.scalars(
        select(WatsonRequestRow).where(WatsonRequestRow.session_id.in_(numbers)).order_by(WatsonRequestRow.id)
    ).all()
    steps: dict[int, list[WatsonActivityRow]] = {}
    for step in session.scalars(
        select(WatsonActivityRow).where(WatsonActivityRow.session_id.in_(numbers)).order_by(WatsonActivityRow.id)
    ):
        steps.setdefault(step.request_id or 0, []).append(step)
    return [Talk(row, [(one, steps.get(one.id, [])) for one in requests if one.session_id == row.id]) for row in found]


def failures(session: Session, *, limit: int = 20) -> list[WatsonActivityRow]:
    """The steps that ended in an error, newest first, those refused at the door among them."""
    query = select(WatsonActivityRow).where(WatsonActivityRow.error_code != "")
    return list(session.scalars(query.order_by(WatsonActivityRow.id.desc()).limit(limit)))


def counts(session: Session, since: datetime) -> dict[str, int]:
    """How many requests ended in which state since an instant."""
    query = (
        select(WatsonRequestRow.state, func.count())
        .where(WatsonRequestRow.received_at >= since)
        .group_by(WatsonRequestRow.state)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def last_request(session: Session) -> WatsonRequestRow | None:
    """The newest request."""
    return session.scalars(select(WatsonRequestRow).order_by(WatsonRequestRow.id.desc()).limit(1)).first()


def open_sessions(session: Session, now: datetime) -> int:
    """Conversations in which a fact is awaited."""
    query = select(func.count()).where(WatsonSessionRow.awaiting != "", WatsonSessionRow.expires_at > now)
    return session.scalar(query) or 0


def prune(session: Session, before: datetime) -> int:
    """Forget what came before an instant: requests, their steps and their conversations; gives how many requests."""
    session.execute(delete(WatsonActivityRow).where(WatsonActivityRow.at < before))
    session.execute(delete(WatsonSessionRow).where(WatsonSessionRow.last_at < before))
    session.execute(delete(Command).where(Command.kind == QUESTION, Command.requested_at < before))
    gone = session.execute(delete(WatsonRequestRow).where(WatsonRequestRow.received_at < before))
    return cast("CursorResult[Any]", gone).rowcount
