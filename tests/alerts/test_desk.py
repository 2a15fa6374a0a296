"""The supervisors' figures: open work, cost at risk, times to own and to resolve, precision; on both databases."""

from datetime import timedelta
from itertools import count

import pytest

from core.alerts.desk import DeskFigures, Took, desk_figures
from core.store.engine import Database
from core.store.models.alerts import AlertRow, CaseRow
from tests.conftest import NOON

NUMBERS = count(1)


def alert(database: Database, **fields: object) -> None:
    """One alert, two days old."""
    number, at = next(NUMBERS), NOON - timedelta(days=2)
    told: dict[str, object] = {
        "public_id": f"A-{number}", "dedupe_key": f"k{number}", "detector": "satellite", "alert_type": "satellite",
        "severity": "medium", "severity_rank": 1, "entity_kind": "user", "entity": "u1", "first_seen": at,
        "last_seen": at, "emitted_at": at, "created_at": at, "changed_at": at, "case_id": 1, "site": "Bogotá",
    }  # fmt: skip
    with database.write() as session:
        if session.get(CaseRow, 1) is None:
            session.add(CaseRow(id=1, public_id="C-1", entity_kind="user", entity="u1", opened_at=at, last_at=at))
            session.flush()
        session.add(AlertRow(**(told | fields)))


def closed(minutes: int, verdict: str) -> dict[str, object]:
    at = NOON - timedelta(days=2) + timedelta(minutes=minutes)
    return {
        "is_open": False, "state": "resolved", "verdict": verdict, "acknowledged_at": at - timedelta(minutes=1),
        "resolved_at": at, "owner": "ana",
    }  # fmt: skip


def figures(database: Database, *sites: str) -> DeskFigures:
    with database.read() as session:
        return desk_figures(session, NOON, sites)


def test_nothing_raised_is_no_figure(database: Database) -> None:
    found = figures(database)
    assert (found.total_open, found.cost_at_risk, found.precision, found.to_own) == (0, 0, None, Took())


def test_open_work_cost_and_owners(database: Database) -> None:
    alert(database, cost=10.25)
    alert(database, severity="critical", cost=5, owner="ana", site="Denver")
    alert(database, cost=99, deleted_at=NOON)
    alert(database, cost=99, **closed(5, "benign"))
    found = figures(database)
    assert found.open == {"low": 0, "medium": 1, "high": 0, "critical": 1}
    assert (found.unowned, found.cost_at_risk) == (1, 15.25)
    assert figures(database, "Denver").open["critical"] == figures(database, "Denver").total_open == 1


def test_times_and_precision_of_what_was_closed(database: Database) -> None:
    for minutes in range(1, 10):
        alert(database, **closed(minutes, "true_positive" if minutes > 3 else "benign"))
    alert(database, **closed(1000, "duplicate"))
    alert(database, **closed(9000, "benign"), is_backfilled=True)
    alert(database, **(closed(7, "benign") | {"emitted_at": NOON - timedelta(days=40)}))
    found = figures(database)
    assert found.to_resolve == Took(6 * 60, 1000 * 60)
    assert found.to_own == Took(5 * 60, 999 * 60)
    assert found.precision == pytest.approx(6 / 9)
    assert found.judged == 9
