"""An alert to ask about, a server to ask, and the parts of the product between them."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.calls.table import CallTable
from core.clock import SteppedClock
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
from core.store.models.alerts import AlertRow, CaseRow
from tests.assistant.asked import KEY, no_waiting, server
from tests.assistant.messages_server import MessagesServer
from tests.conftest import NOON

__all__ = ["no_waiting", "server"]


@pytest.fixture
def services(database: Database, clock: SteppedClock, server: MessagesServer, tmp_path: Path) -> Services:
    """The product with a key and the server's address."""
    settings = load_settings(
        {
            "data_dir": tmp_path / "var",
            "anthropic_api_key": KEY,
            "anthropic_base_url": server.url,
            "allow_insecure_endpoints": True,
        }
    )
    return Services(settings, clock, database, CallTable(settings.calls_path))


@pytest.fixture
def alert(database: Database) -> int:
    """A HIGH alert about a user called Ana Núñez: 14 calls to Latvia, 312.5 dollars."""
    return add_alert(database)


def add_alert(database: Database, **changes: object) -> int:
    """Store an alert; gives its id."""
    with database.write() as session:
        case = CaseRow(
            public_id=f"C-{changes.get('public_id', 'A-AAAAAAAA')}"[:16],
            entity_kind="user",
            entity="u-ana",
            entity_name="Ana Núñez",
            opened_at=NOON,
            last_at=NOON,
            alerts=1,
        )
        session.add(case)
        session.flush()
        fields = {
            "public_id": "A-AAAAAAAA",
            "dedupe_key": f"international_calls|u-ana|LV|{changes.get('public_id', '')}",
            "detector": "international_calls",
            "alert_type": "international_calls",
            "severity": "high",
            "severity_rank": 2,
            "entity_kind": "user",
            "entity": "u-ana",
            "entity_name": "Ana Núñez",
            "site": "Bogotá",
            "explanation": {
                "observed": {"score": 31.4, "calls": 14},
                "expected": {"calls": 0.2},
                "notes": ["new_country"],
                "destinations": [
                    {"country": "LV", "tier": 3, "kind": "mobile", "calls": 14, "minutes": 250.4, "cost": 312.5}
                ],
                "sample": ["report-1"],
            },
            "evidence_count": 14,
            "cost": 312.5,
            "first_seen": NOON - timedelta(hours=3),
            "last_seen": NOON,
            "emitted_at": NOON,
            "created_at": NOON,
            "changed_at": NOON,
            "case_id": case.id,
        }
        row = AlertRow(**{**fields, **changes})
        session.add(row)
        session.flush()
        return row.id
