"""Operators and clients from a CSV file: all of it or nothing, rows that are known are changed instead of added."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import InvalidInputError, TollwatchError
from core.operators import clients, roster
from core.operators.clients import ClientForm
from core.operators.errors import RosterFileError
from core.operators.roster import OperatorForm
from core.store.engine import StoreError
from core.store.models.operators import ClientRow, OperatorRow

Kind = Literal["operators", "clients"]
COLUMNS: dict[str, tuple[str, ...]] = {
    "operators": ("name", "person", "email", "phone", "language", "skills", "sites", "capacity"),
    "clients": ("name", "contact", "email", "phone", "site", "language", "priority_class", "notes"),
}
"""The columns of a file by their names in its first line; ``name`` must be there. Several values part by ``;``."""

LARGEST_FILE = 1_000_000
MOST_ROWS = 2000


@dataclass(frozen=True)
class Read:
    """What a file did."""

    added: int = 0
    changed: int = 0


def read(session: Session, kind: Kind, body: bytes, *, actor: str, at: datetime) -> Read:
    """Take a file of UTF-8 in, in the caller's transaction. Raises ``RosterFileError`` with the line at fault.

    An operator is known by who they sign in as, else by mail address, else by name; a client by name. What a file
    has no column for stays as it is.
    """
    rows = _rows(kind, body)
    take = _operator if kind == "operators" else _client
    added = 0
    for line, row in rows:
        try:
            added += take(session, row, actor, at)
        except (RosterFileError, StoreError):
            raise
        except (TollwatchError, ValueError) as error:
            raise RosterFileError(line=line, problem=_problem(error)[:200]) from error
    return Read(added, len(rows) - added)


def _problem(error: TollwatchError | ValueError) -> str:
    if isinstance(error, InvalidInputError):
        return f"{error.facts['field']}: {error.facts['problem']}"
    return str(error)


def _rows(kind: Kind, body: bytes) -> list[tuple[int, Mapping[str, str]]]:
    if len(body) > LARGEST_FILE:
        raise RosterFileError(line=0, problem=f"> {LARGEST_FILE:,} bytes")
    try:
        text = body.decode("utf-8-sig")
        first = text.split("\n", 1)[0]
        table = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
        titles = {title: title.strip().lower() for title in table.fieldnames or () if title}
        unknown = sorted(set(titles.values()) - set(COLUMNS[kind]))
        if unknown or "name" not in titles.values():
            raise RosterFileError(line=1, problem=", ".join(unknown)[:200] or "name")
        found: list[tuple[int, Mapping[str, str]]] = []
        for row in table:
            told = {titles[title]: (value or "").strip() for title, value in row.items() if title in titles}
            if any(told.values()):
                found.append((table.line_num, told))
            if len(found) > MOST_ROWS:
                raise RosterFileError(line=table.line_num, problem=f"> {MOST_ROWS}")
    except (UnicodeDecodeError, csv.Error) as error:
        raise RosterFileError(line=0, problem=str(error)[:200]) from error
    return found


def _operator(session: Session, row: Mapping[str, str], actor: str, at: datetime) -> bool:
    known = _known_operator(session, row)
    kept = roster.form_of(known) if known else OperatorForm("")
    form = OperatorForm(
        **_words(row, kept, ("name", "person", "email", "phone", "language")),
        skills=_several(row, "skills", tuple(kept.skills)),
        sites=_several(row, "sites", tuple(kept.sites)),
        capacity=int(row["capacity"]) if row.get("capacity") else kept.capacity,
        is_active=kept.is_active,
    )
    roster.save(session, form, actor=actor, at=at, operator_id=known.id if known else None)
    return known is None


def _known_operator(session: Session, row: Mapping[str, str]) -> OperatorRow | None:
    conditions: list[tuple[str, Callable[[str], object]]] = [
        ("person", lambda value: OperatorRow.person == value.lower()),
        ("email", lambda value: OperatorRow.email == value),
        ("name", lambda value: OperatorRow.name == value),
    ]
    for column, condition in conditions:
        if value := row.get(column, ""):
            query = select(OperatorRow).where(condition(value)).order_by(OperatorRow.id).limit(1)  # type: ignore[arg-type]
            if (found := session.scalars(query).first()) is not None:
                return found
    return None


def _client(session: Session, row: Mapping[str, str], actor: str, at: datetime) -> bool:
    name = " ".join(row.get("name", "").split())
    known = session.scalar(select(ClientRow).where(ClientRow.name == name))
    kept = clients.form_of(known) if known else ClientForm("")
    names = ("name", "contact", "email", "phone", "site", "language", "priority_class", "notes")
    form = ClientForm(**_words(row, kept, names), is_active=kept.is_active)
    clients.save(session, form, actor=actor, at=at, client_id=known.id if known else None)
    return known is None


def _words(row: Mapping[str, str], kept: object, names: tuple[str, ...]) -> dict[str, str]:
    """The texts of a row; what it leaves empty or has no column for is as it was."""
    return {name: row.get(name) or str(getattr(kept, name)) for name in names}


def _several(row: Mapping[str, str], name: str, kept: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for part in row[name].replace("|", ";").split(";")) if row.get(name) else kept
