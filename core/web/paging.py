"""One shape for every list: ``{"items": [...], "next": cursor | null, "previous": cursor | null}``.

A cursor is opaque to callers: base64 of a short JSON list of sort keys. Pass it back as ``cursor`` to go on;
``previous`` leads to newer or earlier items.
"""

import base64
import binascii
import json
import math
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from core.errors import InvalidInputError
from core.store.storable import is_storable

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000
LARGEST_NUMBER = 2**63 - 1
_LONGEST_CURSOR = 1024

Item = TypeVar("Item")
Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT, description="Most items in one answer.")]
CursorText = Annotated[
    str | None, Query(max_length=_LONGEST_CURSOR, description="`next` or `previous` of an earlier answer.")
]


class Paged(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next: str | None = None
    previous: str | None = None


def encode_cursor(*keys: str | int | float | None) -> str:
    """The opaque form of sort keys; only what JSON carries unchanged."""
    return base64.urlsafe_b64encode(json.dumps(keys, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type) -> list[Any]:
    """The sort keys behind a cursor, one of each kind in ``kinds``. Raises ``InvalidInputError`` for anything else."""
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidInputError(field="cursor", problem="unreadable") from error
    if not isinstance(keys, list) or len(keys) != len(kinds) or not all(map(_fits, keys, kinds)):
        raise InvalidInputError(field="cursor", problem="unreadable")
    return keys


def _fits(key: object, kind: type) -> bool:
    if isinstance(key, float) and not math.isfinite(key):
        return False
    if isinstance(key, str) and not is_storable(key):
        return False
    if isinstance(key, int) and not -LARGEST_NUMBER <= key <= LARGEST_NUMBER:
        return False
    return isinstance(key, kind) and not isinstance(key, bool)
