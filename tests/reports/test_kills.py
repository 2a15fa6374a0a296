"""kill -9 between any two steps of a report: never lost, one mail under one id, no half file."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from core.clock import SystemClock
from core.reports import files
from core.reports.order import ReportOrder
from core.reports.schedules import Schedule, add
from core.services import Services
from core.store.crash_points import KILLED
from core.store.engine import Database
from core.store.models.reports import ReportRunRow, ReportScheduleRow
from tests.conftest import PythonRunner
from tests.reports.conftest import services_over
from tests.reports.test_making import all_runs, mails

pytestmark = pytest.mark.faults
STEPS = (
    "reports.due_noted", "reports.claimed", "reports.file_written", "reports.before_commit", "reports.made",
)  # fmt: skip


def run(services: Services, crash_at: str = "") -> tuple[int, str]:
    environment = {"TOLLWATCH_CRASH_AT": crash_at} if crash_at else {}
    folder = str(services.settings.data_dir)
    arguments = ("-m", "tests.reports.maker_process", services.database.url, folder)
    return PythonRunner(*arguments, **environment).finish()


def due_now(services: Services) -> None:
    """A schedule that is due since this minute."""
    now = SystemClock().now()
    schedule = Schedule(
        "Weekly", ReportOrder("calls", "last_week"), "0 6 * * 1", "UTC", ("html", "xlsx"), "en", ("ana@example.com",)
    )
    with services.database.write() as session:
        add(session, schedule, actor="sergio", at=now)
        session.execute(update(ReportScheduleRow).values(next_at=now - timedelta(minutes=1)))


@pytest.mark.parametrize("step", STEPS)
def test_a_report_survives_the_death_of_its_maker(sqlite_database: Database, tmp_path: Path, step: str) -> None:
    survives(sqlite_database, tmp_path, step)


def test_it_survives_on_postgresql_too(postgres_database: Database, tmp_path: Path) -> None:
    survives(postgres_database, tmp_path, "reports.before_commit")


def survives(database: Database, tmp_path: Path, step: str) -> None:
    """Kill a maker at ``step``, let its lease run out, and let another go on."""
    services = services_over(database, tmp_path, SystemClock())
    due_now(services)
    code, output = run(services, step)
    assert code == KILLED, output
    (row,) = all_runs(services)
    assert (row.state == "done") == (step == "reports.made") == (len(mails(services)) == 1)
    with services.database.write() as session:
        past = SystemClock().now() - timedelta(hours=1)
        session.execute(update(ReportRunRow).where(ReportRunRow.lease_until.is_not(None)).values(lease_until=past))
    code, output = run(services)
    assert code == 0, output
    (after,) = all_runs(services)
    assert (after.id, after.state) == (row.id, "done")
    (mail,) = mails(services)
    assert mail.key == f"report:{row.id}"
    kept = sorted(path.name for path in files.folder_of(services.settings, row.id).iterdir())
    assert kept == sorted(file["name"] for file in after.files)
