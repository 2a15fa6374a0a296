"""Schedules make each due report once, over its own period; a report ends made with its mail, or failed with a word."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select

from core.clock import SteppedClock
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.reports import files, runs, schedules
from core.reports.asking import ask_for
from core.reports.carrying_out import Maker, make_waiting, prune
from core.reports.order import ReportOrder
from core.reports.runs import Wanted
from core.reports.schedules import Schedule
from core.services import Services
from core.store.engine import Database
from core.store.models.operations import Command
from core.store.models.outbox import OutboxMessage
from core.store.models.reports import ReportRunRow, ReportScheduleRow
from jobs.make_reports import make_reports
from jobs.registry import JobContext
from tests.conftest import NOON
from tests.reports.conftest import services_over

DAY = timedelta(days=1)


@pytest.fixture
def opened(database: Database, tmp_path: Path, clock: SteppedClock) -> Services:
    """Empty stores on either database."""
    return services_over(database, tmp_path, clock)


def daily(**more: object) -> Schedule:
    fields: dict[str, object] = {
        "name": "Yesterday",
        "order": ReportOrder("calls", "yesterday"),
        "cron": "0 6 * * *",
        "time_zone": "America/New_York",
        "formats": ("html", "csv"),
        "language": "es",
        "recipients": ("ana@example.com", "luis@example.com"),
    }
    return Schedule(**(fields | more))  # type: ignore[arg-type]


def add(services: Services, schedule: Schedule) -> int:
    with services.database.write() as session:
        return schedules.add(session, schedule, actor="sergio", at=services.clock.now())


def all_runs(services: Services) -> list[ReportRunRow]:
    with services.database.read() as session:
        return list(session.scalars(select(ReportRunRow).order_by(ReportRunRow.id)))


def mails(services: Services) -> list[OutboxMessage]:
    with services.database.read() as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def step(services: Services, span: timedelta) -> None:
    assert isinstance(services.clock, SteppedClock)
    services.clock.step(span.total_seconds())


def test_each_due_report_is_made_once_over_the_period_it_should_tell_of(opened: Services) -> None:
    add(opened, daily())
    assert make_reports(JobContext(opened)) == {"due": 0, "files_removed": 0, "forgotten": 0}
    step(opened, 3 * DAY)
    assert make_reports(JobContext(opened))["due"] == 3, "three mornings were missed"
    assert make_reports(JobContext(opened))["due"] == 0
    rows = all_runs(opened)
    assert [row.state for row in rows] == ["done"] * 3
    begins = [datetime(2026, 11, day, 5, tzinfo=UTC) for day in (20, 21, 22)]
    assert [(row.since, row.until) for row in rows] == [(begin, begin + DAY) for begin in begins]
    told = mails(opened)
    assert [mail.subject_id for mail in told] == [row.id for row in rows]
    assert [file["name"] for file in told[0].content["letter"]["attachments"]] == [
        "llamadas-20261120-20261121.html", "llamadas-20261120-20261121.csv"
    ]  # fmt: skip
    assert told[0].recipients == ["ana@example.com", "luis@example.com"]
    with opened.database.read() as session:
        assert runs.mail_states(session, [row.id for row in rows]) == {row.id: "queued" for row in rows}
    assert "Yesterday" in told[0].content["letter"]["title"]
    for row in rows:
        for file in row.files:
            path = files.path_of(opened.settings, row.id, file["name"])
            assert path.stat().st_size == file["bytes"]
            assert path.stat().st_mode & 0o077 == 0


def test_a_schedule_is_changed_paused_and_removed_with_its_version(on_sqlite: Services) -> None:
    made = add(on_sqlite, daily())
    now = on_sqlite.clock.now()
    with on_sqlite.database.write() as session:
        row = schedules.change(session, made, daily(cron="30 7 * * 1"), actor="grace", at=now, version=1)
        assert row.version == 2
        assert row.next_at == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    with pytest.raises(ConflictError), on_sqlite.database.write() as session:
        schedules.change(session, made, daily(), actor="grace", at=now, version=1)
    with on_sqlite.database.write() as session:
        assert schedules.pause(session, made, paused=True, actor="grace", at=now).next_at is None
    step(on_sqlite, 30 * DAY)
    assert schedules.note_due(on_sqlite) == []
    with on_sqlite.database.write() as session:
        row = schedules.pause(session, made, paused=False, actor="grace", at=on_sqlite.clock.now())
        assert row.next_at is not None
        assert row.next_at > on_sqlite.clock.now(), "a rest is not made up for"
        schedules.remove(session, made, actor="grace", at=now)
        assert schedules.listed(session) == []


def test_another_clock_moves_the_next_time_and_doubles_nothing(on_sqlite: Services) -> None:
    made = add(on_sqlite, daily(cron="0 6 * * *", time_zone="America/New_York"))
    step(on_sqlite, timedelta(hours=18, minutes=30))
    assert len(schedules.note_due(on_sqlite)) == 1
    with on_sqlite.database.write() as session:
        moved = daily(cron="0 6 * * *", time_zone="America/Los_Angeles")
        row = schedules.change(session, made, moved, actor="grace", at=on_sqlite.clock.now())
        assert row.next_at == datetime(2026, 11, 21, 14, 0, tzinfo=UTC), "six in Los Angeles"
    step(on_sqlite, DAY)
    assert len(schedules.note_due(on_sqlite)) == 1
    periods = [(row.since.hour, row.time_zone) for row in all_runs(on_sqlite)]
    assert periods == [(5, "America/New_York"), (8, "America/Los_Angeles")]


def test_two_sidecars_note_a_due_report_once(opened: Services) -> None:
    add(opened, daily())
    step(opened, 3 * DAY)
    together = Barrier(2)

    def note(_: int) -> list[int]:
        together.wait(10)
        return schedules.note_due(opened)

    with ThreadPoolExecutor(2) as pool:
        noted = [number for numbers in pool.map(note, range(2)) for number in numbers]
    assert sorted(noted) == sorted({row.id for row in all_runs(opened)})
    assert len(noted) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 121},
        {"recipients": ("nobody",)},
        {"recipients": ("ana@example.com\r\nBcc: all@example.com",)},
        {"recipients": tuple(f"p{n}@example.com" for n in range(10_000))},
        {"formats": ()},
        {"formats": ("exe",)},
        {"language": "fr"},
        {"time_zone": "Mars/Olympus"},
        {"order": ReportOrder("calls", "", NOON - DAY, NOON)},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        daily(**wrong)


def ask(services: Services, kind: str = "alerts", **more: object) -> int:
    order = ReportOrder(kind, "7d")
    period = order.stretch(services.clock.now(), "America/Bogota")
    wanted = Wanted(order, period, ("json",), "en", **more)  # type: ignore[arg-type]
    with services.database.write() as session:
        return ask_for(session, wanted, key="one", requested_by="grace", at=services.clock.now())


def test_the_same_order_is_made_once_and_wakes_the_job(on_sqlite: Services) -> None:
    assert ask(on_sqlite) == ask(on_sqlite)
    with on_sqlite.database.read() as session:
        assert [row.arguments for row in session.scalars(select(Command))] == [{"job": "make_reports"}]
    doing: list[tuple[int, int, str]] = []
    maker = Maker(on_sqlite, random.Random(1), progress=lambda *told: doing.append(told))
    assert make_waiting(maker) == {"made": 1}
    assert doing == [(0, 1, "Alerts and verdicts")]
    assert mails(on_sqlite) == [], "nobody is to be told"


def test_a_report_whose_maker_died_is_made_by_another_and_the_slow_one_yields(opened: Services) -> None:
    run_id = ask(opened)
    first = runs.claim(opened.database, opened.clock)
    assert first is not None
    assert runs.claim(opened.database, opened.clock) is None
    step(opened, runs.LEASE + timedelta(seconds=1))
    assert make_waiting(Maker(opened, random.Random(1))) == {"made": 1}
    assert not runs.still_at_it(opened.database, first, opened.clock, done=1)
    (row,) = all_runs(opened)
    assert (row.id, row.state, row.attempts) == (run_id, "done", 2)


def test_what_fails_for_good_says_why_to_those_who_wait(on_sqlite: Services) -> None:
    run_id = ask(on_sqlite, recipients=("ana@example.com",))
    with on_sqlite.database.write() as session:
        runs.one(session, run_id).parameters = {"severity": ["awful"]}
    assert make_waiting(Maker(on_sqlite, random.Random(1))) == {"failed": 1}
    (row,) = all_runs(on_sqlite)
    assert (row.state, row.error_code) == ("failed", "invalid_input")
    (mail,) = mails(on_sqlite)
    assert "severity" in mail.content["letter"]["lead"]
    assert [label for label, _ in mail.content["letter"]["facts"]] == ["Period"]
    with on_sqlite.database.write() as session:
        runs.one(session, run_id).parameters = {}
        runs.retry(session, run_id, on_sqlite.clock.now())
    assert make_waiting(Maker(on_sqlite, random.Random(1))) == {"made": 1}
    assert [mail.event for mail in mails(on_sqlite)] == ["failed", "made"]


def test_a_schedule_that_nobody_understands_any_more_rests_and_harms_no_other(on_sqlite: Services) -> None:
    broken, fine = add(on_sqlite, daily()), add(on_sqlite, daily(name="Fine"))
    with on_sqlite.database.write() as session:
        schedules.one(session, broken).kind = "of_a_later_edition"
    step(on_sqlite, DAY)
    make_reports(JobContext(on_sqlite))
    assert [row.schedule_id for row in all_runs(on_sqlite)] == [fine]
    with on_sqlite.database.read() as session:
        row = session.get(ReportScheduleRow, broken)
        assert row is not None
        assert row.next_at is None


def test_files_are_kept_for_a_while_and_the_history_longer(on_sqlite: Services) -> None:
    run_id = ask(on_sqlite)
    make_waiting(Maker(on_sqlite, random.Random(1)))
    step(on_sqlite, runs.FILES_KEPT + DAY)
    assert prune(on_sqlite) == {"files_removed": 1, "forgotten": 0}
    (row,) = all_runs(on_sqlite)
    assert row.files == []
    assert not files.folder_of(on_sqlite.settings, run_id).exists()
    with pytest.raises(NotFoundError):
        runs.file_of(row, "json")
    step(on_sqlite, runs.HISTORY_KEPT)
    assert prune(on_sqlite) == {"files_removed": 0, "forgotten": 1}


def test_a_maker_that_stops_gives_the_report_back(on_sqlite: Services) -> None:
    ask(on_sqlite)
    asked = iter([False, True])
    assert make_waiting(Maker(on_sqlite, random.Random(1), stopping=lambda: next(asked, True))) == {"left": 1}
    (row,) = all_runs(on_sqlite)
    assert (row.state, row.attempts) == ("waiting", 0)
