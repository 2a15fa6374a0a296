"""Operators and clients for programs: lists, one, adding, changing, shifts, absences, and the load picture."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from core.errors import InvalidInputError
from core.language import Language
from core.operators import clients, load, presence, roster
from core.operators.clients import ClientForm
from core.operators.hours import Shift
from core.operators.presence import Absence, Presence
from core.operators.roster import OperatorForm
from core.operators.vocabulary import (
    LARGEST_CAPACITY,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_NOTES,
    LONGEST_PHONE,
    LONGEST_SKILL,
    MOST_SITES,
    MOST_SKILLS,
    AbsenceReason,
    PriorityClass,
)
from core.services import Services
from core.store.models.operators import ClientRow, OperatorRow
from core.web.api.parameters import Identifier, Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor

router = APIRouter(tags=["operators"])

Viewer = Annotated[Caller, Depends(require("tickets.view"))]
Manager = Annotated[Caller, Depends(require("operators.manage"))]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="`HH:MM` of the local day.")]
Version = Annotated[int | None, Field(ge=1, description="The version the change was made from; 409 when it moved on.")]


class ShiftShape(BaseModel):
    """A weekly shift; one that does not end after it begins ends on the next day. Weekdays: 0 is Monday."""

    model_config = ConfigDict(extra="forbid")

    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)]
    begins: ClockTime
    ends: ClockTime
    time_zone: Annotated[str, Field(max_length=60, description="IANA name.")]
    valid_from: date | None = None
    valid_until: date | None = None

    def shift(self) -> Shift:
        """The shift meant. Raises ``InvalidInputError``."""
        return Shift(
            tuple(self.weekdays),
            _minute(self.begins),
            _minute(self.ends),
            self.time_zone,
            self.valid_from,
            self.valid_until,
        ).checked()


class OperatorIn(BaseModel):
    """An operator; `person` is the name they sign in with. No `sites` means all, `capacity` 0 no limit."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    person: Name = ""
    email: Name = ""
    phone: Annotated[str, Field(max_length=LONGEST_PHONE)] = ""
    language: Language = "en"
    skills: Annotated[list[Annotated[str, Field(max_length=LONGEST_SKILL)]], Field(max_length=MOST_SKILLS)] = []
    sites: Annotated[list[Name], Field(max_length=MOST_SITES)] = []
    capacity: Annotated[int, Field(ge=0, le=LARGEST_CAPACITY)] = 0
    is_active: bool = True
    shifts: Annotated[list[ShiftShape] | None, Field(max_length=50, description="Left out: they stay.")] = None
    version: Version = None

    def form(self) -> OperatorForm:
        """The form meant."""
        told = self.model_dump(exclude={"shifts", "version"})
        return OperatorForm(**{**told, "skills": tuple(self.skills), "sites": tuple(self.sites)})


class OperatorOut(BaseModel):
    """An operator with where they stand now and how much they have to do; instants are UTC."""

    id: int
    name: str
    person: str | None
    email: str
    phone: str
    language: str
    skills: list[str]
    sites: list[str]
    capacity: int
    is_active: bool
    version: int
    presence: str
    absent_until: datetime | None
    next_shift_at: datetime | None
    open_tickets: int
    waiting_tickets: int
    overdue_tickets: int
    shifts: list[ShiftShape]


class AbsenceIn(BaseModel):
    """A span in which an operator is not there; ISO 8601 with the distance from UTC."""

    model_config = ConfigDict(extra="forbid")

    begins_at: datetime
    ends_at: datetime
    reason: AbsenceReason = "holiday"
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""


class AbsenceOut(AbsenceIn):
    """An absence as kept."""

    id: int
    operator_id: int


class ClientIn(BaseModel):
    """A client; `contact` is the person there, `site` the site that serves them."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    contact: Name = ""
    email: Name = ""
    phone: Annotated[str, Field(max_length=LONGEST_PHONE)] = ""
    site: Name = ""
    language: Language = "en"
    priority_class: PriorityClass = "standard"
    notes: Annotated[str, Field(max_length=LONGEST_NOTES)] = ""
    is_active: bool = True
    version: Version = None

    def form(self) -> ClientForm:
        """The form meant."""
        return ClientForm(**self.model_dump(exclude={"version"}))


class ClientOut(BaseModel):
    """A client as kept."""

    id: int
    name: str
    contact: str
    email: str
    phone: str
    site: str
    language: str
    priority_class: str
    notes: str
    is_active: bool
    version: int


@router.get("/operators")
def operators(
    services: Opened, _caller: Viewer, cursor: CursorText = None, limit: Limit = DEFAULT_LIMIT
) -> Paged[OperatorOut]:
    """Every operator by name, with where they stand and how much they have to do."""
    after: tuple[str, int] | None = None
    if cursor:
        name, number = decode_cursor(cursor, str, int)
        after = (name, number)
    with services.database.read() as session:
        rows = roster.page(session, after=after, limit=limit + 1)
        items = _operators(session, rows[:limit], services.clock.now())
    last = rows[limit - 1] if len(rows) > limit else None
    return Paged(items=items, next=encode_cursor(last.name, last.id) if last else None)


@router.post("/operators", status_code=201)
def add_operator(new: OperatorIn, services: Opened, caller: Manager) -> OperatorOut:
    """Add an operator."""
    return _save_operator(new, services, caller, None)


@router.get("/operators/{number}")
def operator(number: Identifier, services: Opened, _caller: Viewer) -> OperatorOut:
    """One operator."""
    with services.database.read() as session:
        return _operators(session, [roster.one(session, number)], services.clock.now())[0]


@router.put("/operators/{number}")
def change_operator(number: Identifier, new: OperatorIn, services: Opened, caller: Manager) -> OperatorOut:
    """Change an operator into what is given; `is_active` false lets them retire."""
    return _save_operator(new, services, caller, number)


@router.get("/operators/{number}/absences")
def absences(number: Identifier, services: Opened, _caller: Viewer) -> Paged[AbsenceOut]:
    """An operator's present and coming absences."""
    with services.database.read() as session:
        roster.one(session, number)
        rows = presence.absences(session, services.clock.now(), [number])
        names = AbsenceOut.model_fields
        return Paged(items=[AbsenceOut(**{name: getattr(row, name) for name in names}) for row in rows])


@router.post("/operators/{number}/absences", status_code=201)
def add_absence(number: Identifier, new: AbsenceIn, services: Opened, caller: Manager) -> AbsenceOut:
    """Note that an operator is not there for a span."""
    for field in ("begins_at", "ends_at"):
        if getattr(new, field).utcoffset() is None:
            raise InvalidInputError(field=field, problem="ISO 8601, UTC±hh:mm")
    absence = Absence(new.begins_at, new.ends_at, new.reason, new.note)
    with services.database.write() as session:
        made = presence.add_absence(session, number, absence, actor=caller.actor, at=services.clock.now())
    return AbsenceOut(id=made, operator_id=number, **new.model_dump())


@router.delete("/operators/{number}/absences/{absence}", status_code=204)
def remove_absence(number: Identifier, absence: Identifier, services: Opened, caller: Manager) -> None:
    """Take an absence back."""
    with services.database.write() as session:
        roster.one(session, number)
        presence.remove_absence(session, absence, actor=caller.actor, at=services.clock.now())


@router.get("/clients")
def all_clients(
    services: Opened, _caller: Viewer, cursor: CursorText = None, limit: Limit = DEFAULT_LIMIT
) -> Paged[ClientOut]:
    """Every client by name."""
    after = str(decode_cursor(cursor, str)[0]) if cursor else ""
    with services.database.read() as session:
        rows = clients.page(session, after=after, limit=limit + 1)
        items = [_client(row) for row in rows[:limit]]
    return Paged(items=items, next=encode_cursor(rows[limit - 1].name) if len(rows) > limit else None)


@router.post("/clients", status_code=201)
def add_client(new: ClientIn, services: Opened, caller: Manager) -> ClientOut:
    """Add a client."""
    return _save_client(new, services, caller, None)


@router.get("/clients/{number}")
def client(number: Identifier, services: Opened, _caller: Viewer) -> ClientOut:
    """One client."""
    with services.database.read() as session:
        return _client(clients.one(session, number))


@router.put("/clients/{number}")
def change_client(number: Identifier, new: ClientIn, services: Opened, caller: Manager) -> ClientOut:
    """Change a client into what is given."""
    return _save_client(new, services, caller, number)


def _save_operator(new: OperatorIn, services: Services, caller: Caller, number: int | None) -> OperatorOut:
    at = services.clock.now()
    with services.database.write() as session:
        kept = roster.save(session, new.form(), actor=caller.actor, at=at, operator_id=number, version=new.version)
        if new.shifts is not None:
            shifts = [one.shift() for one in new.shifts]
            presence.set_shifts(session, kept, shifts, actor=caller.actor, at=at)
            session.flush()
        return _operators(session, [roster.one(session, kept)], at)[0]


def _save_client(new: ClientIn, services: Services, caller: Caller, number: int | None) -> ClientOut:
    at = services.clock.now()
    with services.database.write() as session:
        kept = clients.save(session, new.form(), actor=caller.actor, at=at, client_id=number, version=new.version)
        return _client(clients.one(session, kept))


def _operators(session: Session, rows: list[OperatorRow], at: datetime) -> list[OperatorOut]:
    ids = [row.id for row in rows]
    stand, loads = presence.at_instant(session, ids, at), load.of_operators(session, ids, at)
    shifts = presence.shifts_of(session, ids)
    own = ("id", "name", "person", "email", "phone", "language", "skills", "sites", "capacity", "is_active", "version")
    return [
        OperatorOut(
            **{name: getattr(row, name) for name in own},
            **_stands(stand[row.id]),
            open_tickets=loads[row.id].open,
            waiting_tickets=loads[row.id].waiting,
            overdue_tickets=loads[row.id].overdue,
            shifts=[ShiftShape.model_validate(presence.told(one)) for one in shifts[row.id]],
        )
        for row in rows
    ]


def _stands(stands: Presence) -> dict[str, Any]:
    return {"presence": stands.state, "absent_until": stands.until, "next_shift_at": stands.next_at}


def _client(row: ClientRow) -> ClientOut:
    return ClientOut(**{name: getattr(row, name) for name in ClientOut.model_fields})


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
