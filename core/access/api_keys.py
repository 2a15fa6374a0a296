"""Keys for programs: shown once when issued, kept as a hash, limited to scopes and in time.

A scope is a permission. A key never reaches further than its issuer: at issue every scope must be held, and in
use it counts only as far as the issuer's present role allows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from core.access.errors import ScopeNotHeldError
from core.access.people import Person, person_from
from core.access.permissions import PERMISSIONS, permissions_of
from core.access.tokens import hash_of, new_token
from core.clock import Clock
from core.errors import InvalidInputError, NotFoundError
from core.store import audit
from core.store.engine import Database
from core.store.models.access import ApiKeyRow, PersonRow

PREFIX = "tw_"
LONGEST_LIFE_DAYS = 366
_SHOWN = len(PREFIX) + 6
_TOUCH_EVERY = timedelta(minutes=1)
_LONGEST_TOKEN = 100


@dataclass(frozen=True)
class ApiKey:
    """What can be shown of a key at any time."""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    issuer: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class Issued:
    """A new key with its token: the only moment the token is known."""

    key: ApiKey
    token: str


@dataclass(frozen=True)
class Holder:
    """Who stands behind a valid key, and what it may do now."""

    key_id: int
    prefix: str
    person: Person
    permissions: frozenset[str]


def issue(
    database: Database, clock: Clock, issuer: Person, *, name: str, scopes: frozenset[str], valid_days: int | None
) -> Issued:
    """Make a key for ``issuer``. Raises ``ScopeNotHeldError``, ``InvalidInputError``."""
    _check(issuer, name, scopes, valid_days)
    token, now = new_token(PREFIX), clock.now()
    row = ApiKeyRow(
        name=name.strip(),
        prefix=token[:_SHOWN],
        token_hash=hash_of(token),
        scopes=sorted(scopes),
        person_id=issuer.id,
        created_at=now,
        expires_at=now + timedelta(days=valid_days) if valid_days else None,
    )
    with database.write() as session:
        session.add(row)
        session.flush()
        detail = {"name": row.name, "scopes": row.scopes}
        audit.record(session, actor=issuer.name, action="api_key.issued", subject=row.prefix, detail=detail, at=now)
    return Issued(key=_key_from(row, issuer.name), token=token)


def _check(issuer: Person, name: str, scopes: frozenset[str], valid_days: int | None) -> None:
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise InvalidInputError(field="name", problem="1..100")
    if not scopes or not scopes <= set(PERMISSIONS):
        raise InvalidInputError(field="scopes", problem=", ".join(sorted(scopes - set(PERMISSIONS)))[:200])
    if valid_days is not None and not 1 <= valid_days <= LONGEST_LIFE_DAYS:
        raise InvalidInputError(field="valid_days", problem=f"1..{LONGEST_LIFE_DAYS}")
    for scope in sorted(scopes - permissions_of(issuer.role)):
        raise ScopeNotHeldError(scope=scope)


def holder(database: Database, clock: Clock, token: str) -> Holder | None:
    """Who holds a key; ``None`` for an unknown, revoked or expired one and for a closed issuer's."""
    if not token.startswith(PREFIX) or len(token) > _LONGEST_TOKEN:
        return None
    now = clock.now()
    with database.read() as session:
        found = session.execute(
            select(ApiKeyRow, PersonRow)
            .join(PersonRow, PersonRow.id == ApiKeyRow.person_id)
            .where(
                ApiKeyRow.token_hash == hash_of(token),
                ApiKeyRow.revoked_at.is_(None),
                ApiKeyRow.expires_at.is_(None) | (ApiKeyRow.expires_at > now),
                PersonRow.disabled_at.is_(None),
            )
        ).one_or_none()
    if found is None:
        return None
    row, person = found
    if row.last_used_at is None or now - row.last_used_at >= _TOUCH_EVERY:
        _touch(database, row.id, now)
    permissions = frozenset(row.scopes) & permissions_of(person.role)
    return Holder(key_id=row.id, prefix=row.prefix, person=person_from(person), permissions=permissions)


def _touch(database: Database, key_id: int, now: datetime) -> None:
    with database.write() as session:
        session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(last_used_at=now))


def page(database: Database, *, before: int | None = None, limit: int = 100) -> list[ApiKey]:
    """Up to ``limit`` keys, newest first, older than the key ``before``; revoked and expired ones included."""
    query = select(ApiKeyRow, PersonRow.name).join(PersonRow, PersonRow.id == ApiKeyRow.person_id)
    if before is not None:
        query = query.where(ApiKeyRow.id < before)
    with database.read() as session:
        rows = session.execute(query.order_by(ApiKeyRow.id.desc()).limit(limit))
        return [_key_from(row, issuer) for row, issuer in rows]


def revoke(database: Database, clock: Clock, key_id: int, *, actor: str) -> None:
    """End a key at once. Raises ``NotFoundError``; ending it twice changes nothing."""
    with database.write() as session:
        row = session.get(ApiKeyRow, key_id, with_for_update=True)
        if row is None:
            raise NotFoundError(what="api key")
        if row.revoked_at is not None:
            return
        row.revoked_at = clock.now()
        audit.record(session, actor=actor, action="api_key.revoked", subject=row.prefix, at=clock.now())


def _key_from(row: ApiKeyRow, issuer: str) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        issuer=issuer,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
