"""``GET /organizations``: the organisations the connected person sees; one for a customer's administrator."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from core.webex.client import WebexClient
from core.webex.identifiers import uuid_of
from core.webex.persons import plain


def read_organisations(client: WebexClient) -> Iterator[dict[str, Any]]:
    """The columns of ``WebexOrganisation`` for each organisation Webex lists."""
    for page in client.pages("/organizations"):
        for item in page:
            if isinstance(item, dict) and item.get("id"):
                yield organisation_columns(item)


def organisation_columns(item: dict[str, Any]) -> dict[str, Any]:
    """One organisation of the API as columns."""
    return {
        "uuid": uuid_of(str(item["id"]))[:100],
        "webex_id": str(item["id"])[:300],
        "name": plain(str(item.get("displayName") or "")),
        "created_at": _instant(item.get("created")),
    }


def _instant(value: object) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
