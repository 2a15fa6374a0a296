"""The doctor finds what is wrong, says what to do in both languages, and never breaks on what it finds."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core import doctor
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.doctor import Finding, findings
from core.errors import TransientError
from core.language import LANGUAGES
from core.services import Services
from core.settings import Settings, load_settings
from core.store import audit, backup, commands, job_runs
from core.store.engine import Database
from core.store.leases import Lease
from core.store.migrate import downgrade
from core.store.models.operations import AuditEntry, ScheduledJob
from tests.conftest import NOON


@pytest.fixture
def services(settings: Settings, clock: SteppedClock, sqlite_database: Database) -> Services:
    return Services(settings, clock, sqlite_database, CallTable(settings.calls_path))


def level(services: Services, code: str, *, production: bool = False) -> str:
    return next((found.level for found in findings(services, production=production) if found.code == code), "")


def test_a_fresh_installation_is_told_to_start_the_sidecar_and_to_have_a_backup(services: Services) -> None:
    found = {finding.code: finding.level for finding in findings(services)}
    assert (found["sidecar_never"], found["backups_none"]) == ("problem", "warning")
    assert {found[code] for code in ("folder", "disk", "database", "migrations", "calls", "audit", "commands")} == {
        "ok"
    }


def test_times_are_told_in_the_readers_zone_and_else_as_utc() -> None:
    finding = Finding("webex_progress", "warning", {"at": NOON, "windows": 2})
    assert "up to 2026-11-20 12:00." in finding.message("en", ZoneInfo("America/Bogota"))
    assert "hasta 2026-11-20 17:00 UTC." in finding.message("es")


def test_problems_come_first(services: Services) -> None:
    levels = [doctor.LEVELS.index(finding.level) for finding in findings(services, production=True)]
    assert levels == sorted(levels)


def test_a_silent_sidecar_is_a_problem(services: Services, clock: SteppedClock) -> None:
    assert Lease(services.database, job_runs.SIDECAR, "one", clock).try_acquire()
    assert level(services, "sidecar") == "ok"
    clock.step(61)
    assert level(services, "sidecar") == "problem"


def test_an_old_backup_is_a_problem(services: Services, clock: SteppedClock) -> None:
    backup.back_up(services.database, services.settings.data_dir / backup.FOLDER, clock, keep=2)
    assert level(services, "backups") == "ok"
    clock.step(timedelta(hours=51).total_seconds())
    assert level(services, "backups") == "problem"


def test_a_job_that_failed_or_is_late_is_named(services: Services, clock: SteppedClock) -> None:
    with services.database.write() as session:
        job_runs.publish_schedule(session, [ScheduledJob(name="ingest", every_seconds=60, position=0)])
    run_id = job_runs.start(services.database, "ingest", "schedule", 0, NOON)
    job_runs.end(services.database, run_id, job_runs.DONE, NOON)
    assert level(services, "jobs") == "ok"
    clock.step(400)
    (late,) = [finding for finding in findings(services) if finding.code == "jobs"]
    assert (late.level, late.facts["jobs"]) == ("warning", "ingest")


def test_a_dead_command_is_a_warning(services: Services, clock: SteppedClock) -> None:
    with services.database.write() as session:
        commands.request(session, "run_job", {}, "ana", NOON)
    for _ in range(commands.ATTEMPTS_BEFORE_DEAD):
        clock.step(5000)
        (claimed,) = commands.claim(services.database, ("run_job",), clock, 60)
        commands.fail(services.database, claimed, TransientError(), clock)
    assert level(services, "commands") == "warning"


def test_an_altered_audit_is_a_problem(services: Services) -> None:
    with services.database.write() as session:
        audit.record(session, actor="ana", action="sign_in", at=NOON)
        session.add(AuditEntry(at=NOON, actor="x", action="y", detail={}, previous_hash="0" * 64, hash="f" * 64))
    assert level(services, "audit") == "problem"


def test_a_database_of_another_version_is_a_problem_and_nothing_else_breaks(services: Services) -> None:
    downgrade(services.database, "-1")
    found = findings(services)
    assert [finding.code for finding in found if finding.level == "problem"] == ["migrations"]


def test_a_database_that_does_not_answer_is_a_problem(settings: Settings, clock: SteppedClock) -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    services = Services(settings, clock, database, CallTable(settings.calls_path))
    assert [finding.code for finding in findings(services) if finding.level == "problem"] == ["database"]


def test_a_data_folder_that_cannot_be_written_is_a_problem(
    settings: Settings, clock: SteppedClock, sqlite_database: Database, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    blocked = settings.model_copy(update={"data_dir": tmp_path / "file" / "var"})
    assert level(Services(blocked, clock, sqlite_database, CallTable(blocked.calls_path)), "folder") == "problem"


def test_a_table_of_calls_that_cannot_be_read_is_a_problem(services: Services) -> None:
    log = services.settings.calls_path / "_delta_log"
    log.mkdir(parents=True)
    (log / f"{0:020}.json").write_text("not json")
    assert level(services, "calls") == "problem"


def test_the_check_list_before_going_live(services: Services) -> None:
    found = {finding.code: finding.level for finding in findings(services, production=True)}
    assert (found["sandbox"], found["secret_key"], found["https"]) == ("problem", "problem", "problem")
    assert (found["origins"], found["permissions"]) == ("ok", "warning")
    services.settings.data_dir.chmod(0o750)
    ready = load_settings(
        {
            "data_dir": services.settings.data_dir,
            "sandbox": False,
            "secret_key": "kJ3v-9sQ2mWx7Lp0Rt5Yz8Bc4Nd6Fg1Hh",
            "base_url": "https://tollwatch.example.org",
            "webex_api_url": "http://127.0.0.1:1/v1",
            "allow_insecure_endpoints": True,
            "cors_origins": "https://own.example.org, *",
        }
    )
    live = Services(ready, services.clock, services.database, services.calls)
    found = {finding.code: finding.level for finding in findings(live, production=True)}
    assert (found["sandbox"], found["secret_key"], found["https"]) == ("ok", "ok", "ok")
    assert (found["endpoints"], found["database_kind"], found["time"]) == ("warning", "warning", "warning")
    assert (found["origins"], found["permissions"]) == ("problem", "ok")


def test_the_check_list_on_postgresql(settings: Settings, clock: SteppedClock, database: Database) -> None:
    services = Services(settings, clock, database, CallTable(settings.calls_path))
    found = {finding.code: finding.level for finding in findings(services, production=True)}
    assert found["database_kind"] == ("warning" if database.is_sqlite else "ok")
    assert found.get("database_tls", "ok") == "ok"


@pytest.mark.parametrize("production", [False, True])
def test_every_finding_speaks_both_languages(services: Services, production: bool) -> None:
    for finding in findings(services, production=production):
        for language in LANGUAGES:
            assert finding.message(language)
            assert bool(finding.remedy(language)) == (finding.level != "ok")


def test_a_part_that_breaks_is_a_finding_of_its_own(services: Services) -> None:
    def broken(_services: Services) -> list[Finding]:
        raise RuntimeError("token=abc")

    (found,) = doctor.looked_at(broken, services)
    assert (found.code, found.level, found.facts) == ("unseen", "warning", {"part": "broken", "reason": "RuntimeError"})
