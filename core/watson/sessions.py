"""Conversations: a caller's requests under one name belong together until a while after the last of them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.language import Language
from core.store.models.watson import WatsonSessionRow
from core.watson.dialogue import Open
from core.watson.vocabulary import SESSION_LIFE


def join(session: Session, caller: str, name: str, language: Language, at: datetime) -> WatsonSessionRow:
    """The caller's conversation of that name, held until the end of the transaction, begun anew when it was over."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(WatsonSessionRow)
        .values(
            caller=caller,
            name=name,
            language=language,
            intent="",
            facts={},
            awaiting="",
            requests=0,
            started_at=at,
            last_at=at,
            expires_at=at + SESSION_LIFE,
        )
        .on_conflict_do_nothing(index_elements=[WatsonSessionRow.caller, WatsonSessionRow.name])
    )
    query = select(WatsonSessionRow).where(WatsonSessionRow.caller == caller, WatsonSessionRow.name == name)
    row = session.scalars(query.with_for_update()).one()
    if row.expires_at <= at:
        settle(row, Open())
    return row


def open_of(row: WatsonSessionRow) -> Open:
    """What the conversation has so far."""
    return Open(row.intent, row.facts, row.awaiting)


def settle(row: WatsonSessionRow, now_open: Open) -> None:
    """Keep what is open, or nothing."""
    row.intent, row.facts, row.awaiting = now_open.intent, dict(now_open.facts), now_open.awaiting
