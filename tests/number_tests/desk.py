"""Scheduled tests and the calls they make, for the tests of them."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from core.calls.table import CallTable
from core.clock import Clock, SteppedClock
from core.dialer import connection, policy_book
from core.number_tests import book, query
from core.number_tests.definition import NumberTest
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
from core.store.models.alerts import AlertRow
from core.store.models.dialer import OutboundCallRow
from core.store.models.number_tests import NumberTestRunRow
from jobs.registry import JobContext
from jobs.run_number_tests import run_number_tests

NUMBER = "+576015550133"
TEST = NumberTest("Main line", NUMBER, time_zone="America/Bogota", every_minutes=30)


def services_over(database: Database, tmp_path: Path, clock: Clock) -> Services:
    settings = load_settings({"data_dir": tmp_path / "var", "_env_file": None})
    opened = Services(settings, clock, database, CallTable(tmp_path / "calls"))
    allow(opened)
    return opened


def allow(opened: Services, **changes: object) -> None:
    with opened.database.write() as session:
        connection.publish(session, connection.CONNECTED, opened.clock.now())
        _, version = policy_book.rules(session)
        wanted = policy_book.rules_from({"country": "CO", "zone": "America/Bogota", **changes})
        policy_book.change(session, wanted, version=version, actor="admin", at=opened.clock.now())


def add(opened: Services, test: NumberTest = TEST) -> int:
    with opened.database.write() as session:
        return book.add(session, test, actor="admin", at=opened.clock.now())


def step(opened: Services, **span: float) -> None:
    assert isinstance(opened.clock, SteppedClock)
    opened.clock.step(timedelta(**span).total_seconds())
    with opened.database.write() as session:
        connection.publish(session, connection.CONNECTED, opened.clock.now())


def work_off(opened: Services) -> dict[str, object]:
    return {name: value for name, value in run_number_tests(JobContext(opened)).items() if value}


def runs(opened: Services, test_id: int) -> list[NumberTestRunRow]:
    with opened.database.read() as session:
        return query.results(session, test_id).rows[::-1]


def calls(opened: Services) -> list[OutboundCallRow]:
    with opened.database.read() as session:
        return list(session.scalars(select(OutboundCallRow).order_by(OutboundCallRow.id)))


def alerts(opened: Services) -> list[AlertRow]:
    with opened.database.read() as session:
        return list(session.scalars(select(AlertRow).order_by(AlertRow.id)))


def end(opened: Services, **told: object) -> None:
    """End the last call as the listener would."""
    with opened.database.write() as session:
        row = session.scalars(select(OutboundCallRow).order_by(OutboundCallRow.id.desc()).limit(1)).one()
        now = opened.clock.now()
        row.is_open, row.dialed_at, row.ended_at, row.placing_at = False, now, now, now
        for name, value in told.items():
            setattr(row, name, value)


def answered(opened: Services, after: float = 4.0, **told: object) -> None:
    at = opened.clock.now() + timedelta(seconds=after)
    end(opened, status="completed", answered_at=at, **({"hangup_by": "limit"} | told))
