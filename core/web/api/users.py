"""The people of the product: the caller themself, and the administration of all."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from core.access import own_password, password_links, people, sessions
from core.access.people import NewPerson, Person
from core.access.permissions import is_role, permissions_of
from core.errors import NotAllowedError
from core.web.api.parameters import Identifier, Opened
from core.web.identity import Caller, identified, require, session_token
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor

router = APIRouter(tags=["people"])

Administrator = Annotated[Caller, Depends(require("users.manage"))]
Anybody = Annotated[Caller, Depends(identified)]


class PersonOut(BaseModel):
    """Somebody who may sign in; instants are UTC, ``time_zone`` is an IANA name or empty."""

    id: int
    name: str
    display_name: str
    role: str
    language: str
    time_zone: str
    disabled: bool
    has_password: bool
    created_at: datetime
    last_sign_in_at: datetime | None


class Me(BaseModel):
    """Who is calling, what they may do, and the token their browser sends with each change."""

    person: PersonOut
    permissions: list[str]
    csrf_token: str | None = Field(description="Send as X-CSRF-Token with POST, PATCH and DELETE; null with a key.")


class PersonIn(BaseModel):
    """A person to add."""

    name: str = Field(min_length=1, max_length=200)
    display_name: str = Field(min_length=1, max_length=200)
    role: str = Field(max_length=20)
    password: str | None = Field(default=None, max_length=256)
    language: str = Field(default="en", max_length=2)
    time_zone: str = Field(default="", max_length=60)


class PersonChange(BaseModel):
    """What to change of a person; what is left out stays."""

    role: str | None = Field(default=None, max_length=20)
    disabled: bool | None = None
    password: str | None = Field(default=None, max_length=256)


class Preferences(BaseModel):
    """A person's own choices."""

    language: str = Field(max_length=2)
    time_zone: str = Field(default="", max_length=60)


class OwnPassword(BaseModel):
    """The present password and the one that takes its place."""

    present: str = Field(max_length=256)
    wanted: str = Field(max_length=256)


class PasswordLinkOut(BaseModel):
    """A one-time address at which a person sets their password; given this once. ``expires_at`` is UTC."""

    address: str
    expires_at: datetime


@router.get("/me")
def me(request: Request, caller: Anybody) -> Me:
    """The caller."""
    token = None if caller.api_key else session_token(request)
    return Me(
        person=_shown(caller.person),
        permissions=sorted(caller.permissions),
        csrf_token=sessions.csrf_token(token) if token else None,
    )


@router.patch("/me")
def change_me(wanted: Preferences, services: Opened, caller: Anybody) -> PersonOut:
    """Change the caller's language and time zone."""
    person = people.set_preferences(
        services.database,
        services.clock,
        caller.person.id,
        language=wanted.language,
        time_zone=wanted.time_zone,
        actor=caller.actor,
    )
    return _shown(person)


@router.post("/me/password", status_code=204)
def change_my_password(request: Request, wanted: OwnPassword, services: Opened, caller: Anybody) -> None:
    """Change the caller's password and end their other sessions. Keys cannot."""
    token = session_token(request)
    if caller.api_key is not None or token is None:
        raise NotAllowedError(permission="password")
    own_password.change(
        services.database, services.clock, caller.person.id, wanted.present, wanted.wanted, session_token=token
    )


@router.get("/users")
def list_people(
    services: Opened, _caller: Administrator, cursor: CursorText = None, limit: Limit = DEFAULT_LIMIT
) -> Paged[PersonOut]:
    """Everybody, by name."""
    after = decode_cursor(cursor, str)[0] if cursor else ""
    found = people.page(services.database, after=after, limit=limit + 1)
    shown = found[:limit]
    following = encode_cursor(shown[-1].name) if len(found) > limit else None
    return Paged(items=[_shown(person) for person in shown], next=following)


@router.post("/users", status_code=201)
def add_person(new: PersonIn, services: Opened, caller: Administrator) -> PersonOut:
    """Add a person. A key gives only roles that may no more than the key itself."""
    _keep_within(caller, new.role)
    return _shown(people.add(services.database, services.clock, NewPerson(**new.model_dump()), actor=caller.actor))


@router.get("/users/{person_id}")
def one_person(person_id: Identifier, services: Opened, _caller: Administrator) -> PersonOut:
    """One person."""
    return _shown(people.get(services.database, person_id))


@router.patch("/users/{person_id}")
def change_person(person_id: Identifier, wanted: PersonChange, services: Opened, caller: Administrator) -> PersonOut:
    """Change role, password, or whether the account is open; each ends the person's sessions.

    A key changes role and password only of people who may no more than the key itself, before and after.
    """
    database, clock, actor = services.database, services.clock, caller.actor
    if wanted.role is not None or wanted.password is not None:
        _keep_within(caller, people.get(database, person_id).role)
    if wanted.role is not None:
        _keep_within(caller, wanted.role)
    if wanted.role is not None:
        people.change_role(database, clock, person_id, wanted.role, actor=actor)
    if wanted.password is not None:
        people.set_password(database, clock, person_id, wanted.password, actor=actor)
    if wanted.disabled is not None:
        change = people.disable if wanted.disabled else people.enable
        change(database, clock, person_id, actor=actor)
    return _shown(people.get(database, person_id))


@router.post("/users/{person_id}/sign-out", status_code=204)
def sign_out_everywhere(person_id: Identifier, services: Opened, caller: Administrator) -> None:
    """End all sessions of a person."""
    people.get(services.database, person_id)
    sessions.end_all(services.database, services.clock, person_id, actor=caller.actor)


@router.post("/users/{person_id}/password-link", status_code=201)
def make_password_link(person_id: Identifier, services: Opened, caller: Administrator) -> PasswordLinkOut:
    """A one-time link by which the person sets their password; a former one ends.

    A key makes links only for people who may no more than the key itself.
    """
    _keep_within(caller, people.get(services.database, person_id).role)
    return PasswordLinkOut(**vars(password_links.make(services, person_id, actor=caller.actor)))


@router.delete("/users/{person_id}/password-link", status_code=204)
def revoke_password_link(person_id: Identifier, services: Opened, caller: Administrator) -> None:
    """End the person's open link."""
    people.get(services.database, person_id)
    password_links.revoke(services.database, services.clock, person_id, actor=caller.actor)


def _keep_within(caller: Caller, role: str) -> None:
    """Raise ``NotAllowedError`` when a key would reach, through a person of ``role``, further than its scopes."""
    if caller.api_key is None or not is_role(role):
        return
    for permission in sorted(permissions_of(role) - caller.permissions):
        raise NotAllowedError(permission=permission)


def _shown(person: Person) -> PersonOut:
    return PersonOut(**vars(person))
