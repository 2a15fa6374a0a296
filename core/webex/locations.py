"""``GET /locations``: the sites, with the time zone their after-hours rules are read in."""

from collections.abc import Iterator
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from core.webex.client import WebexClient
from core.webex.identifiers import uuid_of
from core.webex.persons import plain

PAGE = "100"


def read_locations(client: WebexClient) -> Iterator[dict[str, Any]]:
    """The columns of ``WebexLocation`` for each location Webex lists."""
    for page in client.pages("/locations", {"max": PAGE}):
        for item in page:
            if isinstance(item, dict) and item.get("id"):
                yield location_columns(item)


def location_columns(item: dict[str, Any]) -> dict[str, Any]:
    """One location of the API as columns; an unknown time zone or country becomes empty."""
    found = item.get("address")
    address: dict[str, Any] = found if isinstance(found, dict) else {}
    parts = (address.get(name) for name in ("address1", "address2", "city", "state", "postalCode"))
    zone, country = str(item.get("timeZone") or ""), str(address.get("country") or "").strip().upper()
    return {
        "uuid": uuid_of(str(item["id"]))[:100],
        "webex_id": str(item["id"])[:300],
        "name": plain(str(item.get("name") or "")),
        "time_zone": zone if zone in _zones() else "",
        "country": country if len(country) == 2 and country.isalpha() and country.isascii() else "",
        "city": plain(str(address.get("city") or ""))[:200],
        "address": plain(", ".join(str(part) for part in parts if part))[:400],
        "preferred_language": plain(str(item.get("preferredLanguage") or ""))[:20],
        "org_uuid": uuid_of(str(item["orgId"]))[:100] if item.get("orgId") else "",
    }


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
