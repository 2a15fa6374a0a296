"""Asking Claude what a message means where the rules are unsure: put in the web process, answered in the sidecar.

A question is a command that lives as long as its message waits. Without a key, a budget, a sidecar, or where too much
was asked already, nothing is asked and the rules' reading stands.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.assistant import breaker, budget
from core.assistant.errors import AssistantBusyError, BudgetSpentError
from core.assistant.messages import is_configured
from core.services import Services
from core.store import commands, job_runs, rate_gate
from core.store.models.operations import Command
from core.store.models.watson import WatsonRequestRow, WatsonSessionRow
from core.watson import dialogue, sessions
from core.watson.book import Book
from core.watson.carrying_out import DoorCaller
from core.watson.dialogue import Help, Open
from core.watson.door import Message
from core.watson.vocabulary import INTENTS, QUESTION, SCOPES

JOB = "read_messages"
SIDECAR_DOWN, CROWDED, LATE = "sidecar_down", "crowded", "late"
"""Why Claude was not heard, beside the codes of ``core.assistant.errors``."""
MOST_WAITING = 16
"""So many messages wait for Claude at once in all; the next are read by the rules alone."""
QUESTIONS, PER_SECONDS = 30, 600
"""So many questions a caller may cause in that time: one of them shall not spend everybody's budget."""


@dataclass(frozen=True)
class Asked:
    """What became of asking: the question's number, or a ``problem`` (a code); neither where the rules are sure."""

    question: int | None = None
    problem: str = ""

    @property
    def help(self) -> Help | None:
        """What the door is told when no answer came."""
        problem = LATE if self.question is not None else self.problem
        return Help(problem=problem) if problem else None


def ask(services: Services, book: Book, caller: DoorCaller, message: Message) -> Asked:
    """Put a message's question if it has one; the same message again gives the same question."""
    settings = services.settings
    if not is_configured(settings) or not settings.watson_claude_seconds:
        return Asked()
    if not any(caller.may(SCOPES[intent]) for intent in INTENTS):
        return Asked()
    before = _open(services, caller, message)
    if before is None or not dialogue.wants_help(message.text, before, book, services.clock.now()):
        return Asked()
    problem = _hindrance(services, caller)
    if problem:
        return Asked(problem=problem)
    now = services.clock.now()
    until = now + timedelta(seconds=settings.watson_claude_seconds)
    told = {"text": message.text, "intent": before.intent, "awaiting": before.awaiting, "until": until.isoformat()}
    with services.database.write() as session:
        key = f"{QUESTION}:{_fingerprint(caller, message)}"
        number = commands.request(session, QUESTION, told, caller.name, now, idempotency_key=key)
        commands.request(session, "run_job", {"job": JOB}, caller.name, now, idempotency_key=f"{JOB}:{number}")
        if _was_answered(session, caller, message):
            # Its twin was answered while this one looked, and took the question away with it.
            session.rollback()
            return Asked()
    return Asked(number)


def answer(services: Services, question: int) -> Help | None:
    """The answer, if it is there; one without an intent and with a problem where there will be none."""
    with services.database.read() as session:
        row = session.get(Command, question)
        if row is None:
            return Help(problem=LATE)
        return None if row.state in commands.OPEN else _help(row.result)


def forget(services: Services, question: int) -> None:
    """Remove a question whose message was answered, with the text in it."""
    with services.database.write() as session:
        session.execute(delete(Command).where(Command.id == question, Command.kind == QUESTION))


def _fingerprint(caller: DoorCaller, message: Message) -> str:
    """Tells a message from every other, also from one of the same name with another body."""
    return hashlib.sha256("\n".join((caller.name, message.key, "")).encode() + message.body).hexdigest()


def _open(services: Services, caller: DoorCaller, message: Message) -> Open | None:
    """What is open of the message's conversation; ``None`` where the message was answered before."""
    with services.database.read() as session:
        if _was_answered(session, caller, message):
            return None
        talk = session.scalars(
            select(WatsonSessionRow).where(
                WatsonSessionRow.caller == caller.name[:200],
                WatsonSessionRow.name == message.session,
                WatsonSessionRow.expires_at > services.clock.now(),
            )
        ).first()
        return sessions.open_of(talk) if talk else Open()


def _was_answered(session: Session, caller: DoorCaller, message: Message) -> bool:
    known = select(WatsonRequestRow.id).where(
        WatsonRequestRow.caller == caller.name[:200], WatsonRequestRow.key == message.key
    )
    return session.scalars(known).first() is not None


def _hindrance(services: Services, caller: DoorCaller) -> str:
    """Why nothing is asked, empty where nothing stands against it."""
    settings, database, now = services.settings, services.database, services.clock.now()
    with database.read() as session:
        if budget.spent(session, now) >= settings.assistant_monthly_budget:
            return BudgetSpentError.code
        if not job_runs.sidecar_is_alive(session, now):
            return SIDECAR_DOWN
        waiting = select(func.count()).where(Command.kind == QUESTION, Command.state.in_(commands.OPEN))
        if (session.scalar(waiting) or 0) >= MOST_WAITING:
            return CROWDED
    try:
        breaker.check(database, services.clock)
    except AssistantBusyError as error:
        return error.code
    bucket = f"watson_claude:{caller.name}"[:120]
    wait = rate_gate.take(database, bucket, capacity=QUESTIONS, per_seconds=PER_SECONDS, clock=services.clock)
    return CROWDED if wait > 0 else ""


def _help(result: Mapping[str, Any] | None) -> Help:
    told = result or {"problem": LATE}
    intent = next((one for one in INTENTS if one == told.get("intent")), None)
    facts = told.get("facts")
    return Help(intent, facts if isinstance(facts, dict) else {}, str(told.get("problem") or ""))
