"""Keys for programs."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from core.access import api_keys
from core.access.api_keys import LONGEST_LIFE_DAYS, ApiKey
from core.access.errors import ScopeNotHeldError
from core.web.api.parameters import Identifier, Opened
from core.web.identity import Caller, require
from core.web.paging import DEFAULT_LIMIT, CursorText, Limit, Paged, decode_cursor, encode_cursor

router = APIRouter(prefix="/api-keys", tags=["keys"])

Administrator = Annotated[Caller, Depends(require("api_keys.manage"))]


class KeyOut(BaseModel):
    """A key without its secret; instants are UTC."""

    id: int
    name: str
    prefix: str
    scopes: list[str]
    issuer: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class KeyIn(BaseModel):
    """A key to issue; ``scopes`` are permissions the issuer holds."""

    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1, max_length=50)
    valid_days: int | None = Field(default=90, ge=1, le=LONGEST_LIFE_DAYS, description="null = until revoked")


class KeyIssued(BaseModel):
    """The new key. ``token`` is told this once and never again."""

    key: KeyOut
    token: str


@router.get("")
def list_keys(
    services: Opened, _caller: Administrator, cursor: CursorText = None, limit: Limit = DEFAULT_LIMIT
) -> Paged[KeyOut]:
    """All keys, newest first."""
    before = decode_cursor(cursor, int)[0] if cursor else None
    found = api_keys.page(services.database, before=before, limit=limit + 1)
    shown = found[:limit]
    following = encode_cursor(shown[-1].id) if len(found) > limit else None
    return Paged(items=[_shown(key) for key in shown], next=following)


@router.post("", status_code=201)
def issue_key(new: KeyIn, services: Opened, caller: Administrator) -> KeyIssued:
    """Issue a key; it never reaches further than the caller, key or person."""
    scopes = frozenset(new.scopes)
    for scope in sorted(scopes - caller.permissions):
        raise ScopeNotHeldError(scope=scope[:80])
    issued = api_keys.issue(
        services.database, services.clock, caller.person, name=new.name, scopes=scopes, valid_days=new.valid_days
    )
    return KeyIssued(key=_shown(issued.key), token=issued.token)


@router.delete("/{key_id}", status_code=204)
def revoke_key(key_id: Identifier, services: Opened, caller: Administrator) -> None:
    """End a key at once."""
    api_keys.revoke(services.database, services.clock, key_id, actor=caller.actor)


def _shown(key: ApiKey) -> KeyOut:
    return KeyOut(**{**vars(key), "scopes": list(key.scopes)})
