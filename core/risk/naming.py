"""Finding users by what people write down: a name, an extension, a number, an e-mail address, a UUID."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core.store.models.detection import CallingUser
from core.store.models.webex import WebexPerson

MOST_WORDS = 5000
_AT_A_TIME = 200


@dataclass(frozen=True)
class Named:
    """UUIDs of the users found, and the words that name nobody, or more than one."""

    users: tuple[str, ...]
    unknown: tuple[str, ...]


def users_named(session: Session, words: Iterable[str]) -> Named:
    """The users that ``words`` name, one each."""
    wanted = list(dict.fromkeys(word.strip() for word in words if word.strip()))[:MOST_WORDS]
    found: dict[str, set[str]] = {}
    for begin in range(0, len(wanted), _AT_A_TIME):
        batch = [word.casefold() for word in wanted[begin : begin + _AT_A_TIME]]
        batch += [word for word in wanted[begin : begin + _AT_A_TIME] if word.lower() != word]
        for uuid, *names in [*_directory(session, batch), *_callers(session, batch)]:
            for name in names:
                found.setdefault(str(name).casefold(), set()).add(uuid)
            found.setdefault(uuid.casefold(), set()).add(uuid)
    single = {word: found.get(word.casefold(), set()) for word in wanted}
    users = {next(iter(uuids)) for uuids in single.values() if len(uuids) == 1}
    return Named(tuple(sorted(users)), tuple(word for word, uuids in single.items() if len(uuids) != 1))


def _directory(session: Session, batch: list[str]) -> list[tuple[str, ...]]:
    columns = (WebexPerson.uuid, WebexPerson.name, WebexPerson.email, WebexPerson.extension, WebexPerson.work_number)
    query = select(*columns).where(WebexPerson.is_removed.is_(False), _any_of(columns, batch))
    return [tuple(row) for row in session.execute(query)]


def _callers(session: Session, batch: list[str]) -> list[tuple[str, ...]]:
    columns = (CallingUser.uuid, CallingUser.name, CallingUser.extension, CallingUser.number)
    return [tuple(row) for row in session.execute(select(*columns).where(_any_of(columns, batch)))]


def _any_of(columns: Iterable[Any], batch: list[str]) -> ColumnElement[bool]:
    """Whether any column is one of ``batch``, in any case or as written: SQLite knows the case of ASCII alone."""
    return or_(*(or_(func.lower(column).in_(batch), column.in_(batch)) for column in columns))


def names_of(session: Session, uuids: Iterable[str]) -> dict[str, str]:
    """The names of users by UUID, as far as they are known."""
    wanted = list(dict.fromkeys(uuids))
    found: dict[str, str] = {}
    for begin in range(0, len(wanted), _AT_A_TIME):
        batch = wanted[begin : begin + _AT_A_TIME]
        callers = select(CallingUser.uuid, CallingUser.name).where(CallingUser.uuid.in_(batch))
        people = select(WebexPerson.uuid, WebexPerson.name).where(WebexPerson.uuid.in_(batch))
        for query in (callers, people):
            found |= {uuid: name for uuid, name in session.execute(query) if name}
    return found
