"""``GET /people``: the people of the organisation, with numbers and extension (``callingData``)."""

from collections.abc import Iterator
from typing import Any

from core.webex.client import WebexClient
from core.webex.identifiers import uuid_of
from core.webex.persons import plain

PAGE = "100"
"""With ``callingData=true`` Webex refuses more than 100 a page."""

_MACHINES = {"bot", "appuser"}


def read_people(client: WebexClient) -> Iterator[dict[str, Any]]:
    """The columns of ``WebexPerson`` for each person Webex lists; machine accounts are left out."""
    for page in client.pages("/people", {"callingData": "true", "max": PAGE}):
        for item in page:
            if isinstance(item, dict) and item.get("id") and str(item.get("type", "person")).lower() not in _MACHINES:
                yield person_columns(item)


def person_columns(item: dict[str, Any]) -> dict[str, Any]:
    """One person of the API as columns; every value may be absent or of another type."""
    emails, numbers = item.get("emails"), _numbers(item.get("phoneNumbers"))
    return {
        "uuid": uuid_of(str(item["id"]))[:100],
        "webex_id": str(item["id"])[:300],
        "name": _text(item, "displayName"),
        "email": plain(str(emails[0]))[:320] if isinstance(emails, list) and emails else "",
        "department": _text(item, "department", 200),
        "title": _text(item, "title", 200),
        "manager_uuid": _uuid(item, "managerId"),
        "location_uuid": _uuid(item, "locationId"),
        "work_number": _work_number(numbers),
        "extension": _text(item, "extension", 20),
        "numbers": numbers,
        "status": _text(item, "status", 30),
        "org_uuid": _uuid(item, "orgId"),
    }


def _numbers(value: object) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else []
    return [
        {
            "type": plain(str(entry.get("type") or ""))[:30],
            "value": _digits(str(entry.get("value") or "")),
            "primary": entry.get("primary") is True,
        }
        for entry in listed[:20]
        if isinstance(entry, dict) and entry.get("value")
    ]


def _work_number(numbers: list[dict[str, Any]]) -> str:
    """The primary work number, else any work number, else none."""
    work = [number for number in numbers if number["type"].lower().startswith("work")]
    work.sort(key=lambda number: not number["primary"])
    return work[0]["value"] if work else ""


def _digits(value: str) -> str:
    return "".join(letter for letter in value if letter.isdigit() or letter == "+")[:40]


def _text(item: dict[str, Any], key: str, longest: int = 300) -> str:
    value = item.get(key)
    return plain(str(value))[:longest] if value is not None else ""


def _uuid(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return uuid_of(str(value))[:100] if value else ""
