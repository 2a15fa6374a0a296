"""Refuses signs that PostgreSQL and UTF-8 cannot hold, wherever they stand in a request, before a route sees them."""

import json
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from core.errors import InvalidInputError
from core.store.storable import is_storable

_PROBLEM = "U+0000, U+D800-DFFF"


async def refuse_unstorable(request: Request) -> None:
    """A dependency of every route of the API. Raises ``InvalidInputError`` naming the parameter or field."""
    for name, value in (*request.path_params.items(), *request.query_params.multi_items()):
        _check(name, str(value))
    if request.headers.get("content-type", "").partition(";")[0].strip().endswith("json"):
        for name, value in _texts(_content(await request.body())):
            _check(name, value)


def _content(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        # What cannot be read is the route's to refuse, in the words it has for that.
        return None


def _texts(content: Any) -> Iterator[tuple[str, str]]:
    """Every text of a JSON value, names included, with the name under which it stands."""
    waiting: list[tuple[str, Any]] = [("body", content)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, dict):
            yield from ((name, key) for key in value)
            waiting += value.items()
        elif isinstance(value, list):
            waiting += ((name, each) for each in value)


def _check(name: str, value: str) -> None:
    if not is_storable(value):
        raise InvalidInputError(field=name[:80] if is_storable(name) else "body", problem=_PROBLEM)
