"""A small, varied history of legs in a real table, and the plain rows it was made of to compare with."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.calls.fields import RECORD_SCHEMA
from core.calls.table import CallTable

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
USERS = (("Ana Restrepo", "uuid-ana"), ("José Núñez", "uuid-jose"), (None, "uuid-lobby"), ("NA-less", None))
SITES = (("Bogotá", "site-bog"), ("San José", "site-sjo"), (None, None))
NUMBERS = ("+573165550188", "+573165550199", "+5352345678", "573165550188", "1001", "1002", "10015", "*67", None)
COUNTRIES = ("CO", "CU", "US", None)
OUTCOMES = ("answered", "unanswered", "busy", "voicemail", "service")
USER_TYPES = ("User", "Place", "CallCenterPremium", "HuntGroup", None)
REASONS = (None, None, "Deflection", "CallParkRetrieve", "Unrecognised")
TRUNKS = ("Trunk Bogotá", "LGW-1", None)


def history(count: int = 240, seed: int = 5, days: int = 12) -> list[dict[str, Any]]:
    """Rows of ``RECORD_SCHEMA`` as plain dictionaries; many share their start time to the microsecond."""
    chance = random.Random(seed)
    return [_row(chance, number, days) for number in range(count)]


def stored(folder: Path, rows: list[dict[str, Any]]) -> CallTable:
    """A table of calls that holds ``rows``."""
    table = CallTable(folder / "calls")
    if rows:
        table.append(pa.Table.from_pylist(rows, schema=RECORD_SCHEMA))
    return table


def row(number: int, start: datetime, **values: Any) -> dict[str, Any]:
    """One row with a Report ID and a start time; the rest null unless given."""
    naive = start.astimezone(UTC).replace(tzinfo=None)
    empty: dict[str, Any] = dict.fromkeys(RECORD_SCHEMA.names)
    known = {"report_id": f"report-{number:05d}", "start_time": naive, "dt": naive.date().isoformat(), "copy_rank": 0}
    return empty | known | {"stored_at": naive, "raw": "{}", "source": "feed"} | values


def is_conversation(one: dict[str, Any]) -> bool:
    """Whether a row stands for a conversation, told once more in plain words."""
    fetched = one["related_reason"] in ("CallParkRetrieve", "CallRetrieve", "CallPickup", "DirectedCallPickup")
    if one["outcome"] == "answered":
        return bool(one["off_net"] or one["direction"] == "TERMINATING" or fetched)
    sent_out = one["outcome"] == "service" and one["off_net"] and one["direction"] == "ORIGINATING"
    return bool(sent_out and one["related_reason"] not in ("Unrecognised", "Unrecognized"))


def distinct_calls(rows: list[dict[str, Any]]) -> int:
    """How many calls the rows are of."""
    return len({one["correlation_id"] or one["report_id"] for one in rows})


def _row(chance: random.Random, number: int, days: int) -> dict[str, Any]:
    minutes = chance.randrange(days * 24 * 6) * 10
    name, uuid = chance.choice(USERS)
    site, site_uuid = chance.choice(SITES)
    far = chance.choice(NUMBERS)
    return row(
        number,
        NOW - timedelta(minutes=minutes),
        user=name,
        user_uuid=uuid,
        user_number=chance.choice(("1001", "+576015550101", None)),
        location=site,
        site_uuid=site_uuid,
        direction=chance.choice(("ORIGINATING", "TERMINATING")),
        call_type=chance.choice(("SIP_NATIONAL", "SIP_INTERNATIONAL", "SIP_ENTERPRISE")),
        outcome=chance.choice(OUTCOMES),
        duration=chance.choice((0, 1, 30, 95, 600, None)),
        far_number=far,
        called_number=far,
        calling_number=chance.choice(NUMBERS),
        far_country=chance.choice(COUNTRIES),
        international=chance.choice((True, False, None)),
        off_net=chance.choice((True, False, None)),
        inbound_trunk=chance.choice(TRUNKS),
        outbound_trunk=chance.choice(TRUNKS),
        correlation_id=f"call-{number // 3}",
        user_type=chance.choice(USER_TYPES),
        related_reason=chance.choice(REASONS),
    )
