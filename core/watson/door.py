"""Taking one message: reception, analysis, classification, execution, response, all in one transaction.

The same id again gives the first answer and does nothing; where doing fails, what it began is undone and the answer
says why. Of requests with one id at the same time one does the work and the others wait for its answer.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.errors import NotAllowedError, PermanentError, TollwatchError
from core.language import Language, translate
from core.services import Services
from core.store import data_version
from core.store.models.watson import WatsonRequestRow, WatsonSessionRow
from core.visits.errors import VisitClashError, VisitTimeError
from core.watson import activity, dialogue, sessions
from core.watson import book as known
from core.watson.activity import Log
from core.watson.book import Book
from core.watson.carrying_out import DoorCaller, Order, Result, check_scope, do
from core.watson.dialogue import Help, Open, Turn
from core.watson.errors import WatsonFactError, WatsonRepeatedError
from core.watson.vocabulary import ASKING, DONE, DROPPED, FAILED, REFUSED, SESSION_LIFE, UNKNOWN, Intent
from core.watson.words import language_of

Answer = Mapping[str, Any]
_SAID = "said"
_LONGEST_SAID = 8000


@dataclass(frozen=True)
class Message:
    """One message as it came. ``key`` names it among the caller's, ``session`` the conversation it belongs to.

    ``body`` is what was sent, for telling a repetition from another message under the same key; ``signed`` is how its
    signature stood: checked, unchecked or none.
    """

    text: str
    key: str
    session: str
    body: bytes
    language: Language | None = None
    signed: str = "none"


def receive(services: Services, caller: DoorCaller, message: Message, help: Help | None = None) -> Answer:
    """Take a message and give the answer; the same again for the same key. ``help`` is Claude's reading of it.

    Raises ``WatsonRepeatedError`` for the same key with another body.
    """
    book, now = known.load(services), services.clock.now()
    with services.database.write() as session:
        language = message.language or language_of(message.text)
        row = _begin(session, caller, message, language, now)
        if row is None:
            return _first_answer(session, caller, message)
        talk = sessions.join(session, caller.name[:200], message.session, language, now)
        if message.language is None:
            language = language_of(message.text, otherwise=_language(talk.language))
        talk.language, talk.last_at, talk.expires_at = language, now, now + SESSION_LIFE
        talk.requests += 1
        row.session_id, row.language = talk.id, language
        data_version.bump(session, activity.DATA_VERSION, now)
        log = Log(session, caller.name, now, row.id, talk.id)
        log.step("reception", detail={"characters": len(message.text), "signature": message.signed})
        handling = _Handling(session, services, caller, message, help, book, row, talk, log, language, now)
        row.answer = handling.answer()
        return row.answer


def refuse(services: Services, caller: str, error: TollwatchError) -> None:
    """Note a message of a known caller that was refused before it was read."""
    now = services.clock.now()
    with services.database.write() as session:
        data_version.bump(session, activity.DATA_VERSION, now)
        Log(session, caller, now).step("reception", REFUSED, error=error)


def _begin(
    session: Session, caller: DoorCaller, message: Message, language: Language, now: datetime
) -> WatsonRequestRow | None:
    """The row of a new message; ``None`` when there is one with its key, whose transaction has then ended."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = session.execute(
        insert(WatsonRequestRow)
        .values(
            caller=caller.name[:200],
            key=message.key,
            body_hash=_hash(message.body),
            text=message.text,
            language=language,
            intent="",
            state=UNKNOWN,
            answer={},
            received_at=now,
        )
        .on_conflict_do_nothing(index_elements=[WatsonRequestRow.caller, WatsonRequestRow.key])
        .returning(WatsonRequestRow.id)
    ).scalar_one_or_none()
    return None if made is None else session.get_one(WatsonRequestRow, made)


def _first_answer(session: Session, caller: DoorCaller, message: Message) -> Answer:
    row = session.scalars(
        select(WatsonRequestRow).where(
            WatsonRequestRow.caller == caller.name[:200], WatsonRequestRow.key == message.key
        )
    ).one()
    if row.body_hash != _hash(message.body):
        raise WatsonRepeatedError(what=message.key)
    return row.answer


@dataclass(frozen=True)
class _Handling:
    """One message on its way from what was read to what is answered."""

    session: Session
    services: Services
    caller: DoorCaller
    message: Message
    help: Help | None
    book: Book
    row: WatsonRequestRow
    talk: WatsonSessionRow
    log: Log
    language: Language
    now: datetime

    def answer(self) -> dict[str, Any]:
        before = sessions.open_of(self.talk)
        turn = dialogue.take(self.message.text, before, self.book, self.now, self.help)
        read = {"language": self.language, "facts": sorted(turn.facts), "by": turn.source}
        if self.help is not None and self.help.problem:
            read["claude"] = self.help.problem
        self.log.step("analysis", detail=read)
        self.log.step("classification", detail={"intent": turn.intent or "", "missing": turn.missing})
        self.row.intent = turn.intent or ""
        if turn.is_dropped:
            sessions.settle(self.talk, Open())
            return self._told(DROPPED, turn, translate("watson.dropped", self.language))
        if turn.intent is None:
            return self._told(UNKNOWN, turn, translate("watson.not_understood", self.language))
        said = self._said(before, turn)
        try:
            check_scope(turn.intent, self.caller)
        except NotAllowedError as error:
            sessions.settle(self.talk, Open())
            return self._not_done(REFUSED, turn, error)
        if turn.missing:
            return self._asks(turn, said, turn.missing)
        return self._carried_out(turn, turn.intent, said)

    def _carried_out(self, turn: Turn, intent: Intent, said: str) -> dict[str, Any]:
        order = Order(intent, turn.facts, said, self.caller, self.message.key, self.row.id, self.language, self.now)
        try:
            with self.session.begin_nested():
                result = do(self.session, self.services, self.book, order)
        except WatsonFactError as error:
            return self._asks(turn, said, str(error.facts["fact"]))
        except (VisitClashError, VisitTimeError) as error:
            facts = {name: value for name, value in turn.facts.items() if name not in ("day", "time")}
            self.log.step("execution", FAILED, error=error)
            return self._asks(replace(turn, facts=facts), said, "day", error)
        except PermanentError as error:
            sessions.settle(self.talk, Open())
            return self._not_done(REFUSED if isinstance(error, NotAllowedError) else FAILED, turn, error)
        sessions.settle(self.talk, Open())
        self.log.step("execution", detail={"kind": result.kind, "id": result.public_id})
        reply = translate(f"watson.done.{intent}", self.language, **result.told)
        if turn.has_more:
            reply = f"{reply} {translate('watson.one_at_a_time', self.language)}"
        return self._told(DONE, turn, reply, result=result)

    def _asks(self, turn: Turn, said: str, fact: str, error: TollwatchError | None = None) -> dict[str, Any]:
        sessions.settle(self.talk, Open(turn.intent or "", {**turn.facts, _SAID: said}, fact))
        question = translate(f"watson.ask.{fact}", self.language)
        if turn.goes_on and error is None and self._asked_before() == fact:
            question = f"{translate('watson.not_found', self.language)} {question}"
        reply = f"{error.message(self.language)} {question}" if error else question
        return self._told(ASKING, turn, reply, asks=fact, error=error)

    def _asked_before(self) -> str:
        """The fact that was asked for last; asked for again, the answer to it named nothing that is known."""
        query = (
            select(WatsonRequestRow.answer)
            .where(WatsonRequestRow.session_id == self.talk.id, WatsonRequestRow.id < self.row.id)
            .order_by(WatsonRequestRow.id.desc())
            .limit(1)
        )
        last = self.session.scalars(query).first()
        return str((last or {}).get("asks") or "")

    def _not_done(self, state: str, turn: Turn, error: TollwatchError) -> dict[str, Any]:
        self.log.step("execution", state, error=error)
        reply = f"{error.message(self.language)} {error.remedy(self.language)}"
        return self._told(state, turn, reply, error=error)

    def _told(
        self,
        state: str,
        turn: Turn,
        reply: str,
        *,
        asks: str = "",
        result: Result | None = None,
        error: TollwatchError | None = None,
    ) -> dict[str, Any]:
        self.row.state = state
        self.log.step("response", state, detail={"asks": asks} if asks else None)
        base = self.services.settings.base_url.rstrip("/")
        made = None
        if result is not None:
            made = {"kind": result.kind, "id": result.public_id, "link": f"{base}/{result.path}"}
        refused = None
        if error is not None:
            refused = {
                "code": error.code,
                "message": error.message(self.language),
                "remedy": error.remedy(self.language),
            }
        return {
            "request_id": self.row.id,
            "session_id": self.talk.name,
            "state": state,
            "intent": turn.intent,
            "understood_by": turn.source,
            "language": self.language,
            "reply": reply,
            "asks": asks or None,
            "facts": {name: value for name, value in turn.facts.items() if name != _SAID},
            "result": made,
            "error": refused,
            "session_expires_at": self.talk.expires_at.isoformat(),
        }

    def _said(self, before: Open, turn: Turn) -> str:
        """What the conversation said of this thing, line by line."""
        earlier = str(before.facts.get(_SAID, "")) if turn.goes_on else ""
        return f"{earlier}\n{self.message.text}".strip()[:_LONGEST_SAID]


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _language(code: str) -> Language:
    return cast(Language, code)
