"""Scheduled tests: when they are due, what a call's end says, one call a slot, and the alert of those that miss."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.alerts import explain, timeline, work
from core.alerts.work import Actor, Target
from core.calls.table import CallTable
from core.clock import SteppedClock
from core.dialer import connection, policy_book
from core.dialer.calls import DialRequest, request_dial
from core.dialer.refused import DialRefusedError
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.language import LANGUAGES
from core.number_tests import book, query, slots, words
from core.number_tests.definition import NumberTest
from core.number_tests.dialling import attempt_now, dial_due, run_now
from core.number_tests.judging import judge
from core.number_tests.settling import KEPT
from core.number_tests.vocabulary import ACTOR
from core.services import Services
from core.settings import load_settings
from core.store import audit, job_runs
from core.store.crash_points import KILLED
from core.store.engine import Database, StoreBusyError
from core.store.leases import LeaseLostError
from core.store.models.alerts import AlertRow
from core.store.models.dialer import OutboundCallRow
from core.store.models.number_tests import NumberTestRow, NumberTestRunRow
from jobs.registry import JobContext
from jobs.run_number_tests import run_number_tests
from tests.conftest import NOON, PythonRunner
from tests.dialer.keeping import CLOCK, Asterisk, ended, keeper
from tests.store.crossing import cross_once

NUMBER = "+576015550133"
KILLED_RUN = """
import sys
from datetime import datetime
from core.clock import SteppedClock
from core.number_tests.dialling import dial_due
from core.number_tests.settling import settle
from core.services import Services
from core.settings import load_settings
from core.store.engine import Database
clock = SteppedClock(datetime.fromisoformat(sys.argv[2]))
services = Services(load_settings({"_env_file": None}), clock, Database(sys.argv[1]), None)
{"dial_due": dial_due, "settle": settle}[sys.argv[3]](services)
"""
TEST = NumberTest("Main line", NUMBER, time_zone="America/Bogota", every_minutes=30)


@pytest.fixture
def opened(database: Database, tmp_path: Path, clock: SteppedClock) -> Services:
    return services_over(database, tmp_path, clock)


@pytest.fixture
def on_file(sqlite_database: Database, tmp_path: Path, clock: SteppedClock) -> Services:
    """Where the kind of database does not matter."""
    return services_over(sqlite_database, tmp_path, clock)


def services_over(database: Database, tmp_path: Path, clock: object) -> Services:
    settings = load_settings({"data_dir": tmp_path / "var", "_env_file": None})
    opened = Services(settings, clock, database, CallTable(tmp_path / "calls"))  # type: ignore[arg-type]
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


@pytest.mark.parametrize(
    ("changes", "now", "slot"),
    [
        ({}, "2026-11-20T17:01", "2026-11-20T17:00"),
        ({}, "2026-11-20T17:04", None),
        ({}, "2026-11-20T12:00", "2026-11-20T12:00"),
        ({}, "2026-11-20T11:59", None),
        ({}, "2026-11-21T00:00", None),
        ({"weekdays": (0,)}, "2026-11-20T17:01", None),
        ({"every_minutes": 45, "last_hour": 24}, "2026-11-21T04:31", "2026-11-21T04:30"),
        ({"every_minutes": 1440}, "2026-11-20T17:00", None),
        # New York left summer time at 06:00 UTC on 1 November 2026: 01:00 came twice, each slot once.
        ({"time_zone": "America/New_York", "first_hour": 0}, "2026-11-01T06:00", "2026-11-01T06:00"),
    ],
)
def test_a_slot_is_due_for_a_short_while(changes: dict[str, object], now: str, slot: str | None) -> None:
    test = replace(TEST, **changes)  # type: ignore[arg-type]  # a table of changes
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = slots.due(test, at - timedelta(days=1), at)
    assert found == (datetime.fromisoformat(slot).replace(tzinfo=UTC) if slot else None)
    assert found is None or slots.due(test, found, at) is None, "what lies before it was set up is not dialled"
    assert slots.following(test, at) > at
    assert found is None or slots.following(test, found - timedelta(seconds=1)) == found


def test_a_week_without_the_hour_of_a_test_is_passed_over() -> None:
    # New York entered summer time on Sunday, 8 March 2026: there was no hour from two to three.
    test = replace(TEST, time_zone="America/New_York", weekdays=(6,), first_hour=2, last_hour=3)
    week_before = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert slots.following(test, week_before) == datetime(2026, 3, 15, 6, tzinfo=UTC)
    assert slots.due(test, week_before, datetime(2026, 3, 8, 7, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "}, {"number": "911; --"}, {"endpoint": "Local/911@out/{number}"}, {"endpoint": "PJSIP/911@trunk"},
        {"expects": "rings"}, {"within_seconds": 0}, {"hold_seconds": 600}, {"media": "recording:x"}, {"weekdays": ()},
        {"weekdays": (7,)}, {"first_hour": 9, "last_hour": 9}, {"time_zone": "Mars"}, {"every_minutes": 4},
        {"caller_id": "x" * 50},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        replace(TEST, **wrong)  # type: ignore[arg-type]  # a table of changes


def seconds(after: float | None) -> dict[str, object]:
    return {"dialed_at": NOON, "answered_at": None if after is None else NOON + timedelta(seconds=after)}


@pytest.mark.parametrize(
    ("expects", "told", "outcome", "reason"),
    [
        ("answers", {"status": "completed", **seconds(20), "hangup_by": "limit"}, "passed", "answered"),
        ("answers", {"status": "completed", **seconds(3), "hangup_by": "prompt"}, "passed", "answered"),
        ("answers", {"status": "completed", **seconds(20.1), "hangup_by": "limit"}, "missed", "answered_late"),
        ("answers", {"status": "completed", **seconds(3)}, "missed", "ended_early"),
        ("answers", {"status": "completed", **seconds(3), "hangup_by": "ana"}, "unobserved", "hung_up"),
        ("answers", {"status": "completed", **seconds(3), "detail": "unobserved"}, "unobserved", "unobserved"),
        ("answers", {"status": "failed", "detail": "unobserved"}, "unobserved", "unobserved"),
        ("answers", {"status": "failed", "detail": "cancelled", "hangup_by": "ana"}, "unobserved", "hung_up"),
        ("answers", {"status": "failed", "detail": "not_placed"}, "not_dialled", "not_placed"),
        ("answers", {"status": "failed", "detail": "not_accepted"}, "missed", "failed"),
        ("answers", {"status": "failed", "cause": 1}, "missed", "failed"),
        ("answers", {"status": "busy", "cause": 17}, "missed", "busy"),
        ("answers", {"status": "no_answer", "cause": 19}, "missed", "no_answer"),
        ("unanswered", {"status": "busy", "cause": 17}, "passed", "busy"),
        ("unanswered", {"status": "no_answer", "cause": 19}, "passed", "no_answer"),
        ("unanswered", {"status": "completed", **seconds(3), "hangup_by": "limit"}, "missed", "answered"),
        ("unanswered", {"status": "failed", "cause": 1}, "missed", "failed"),
    ],
)
def test_the_end_of_a_call_says_what_the_test_came_to(
    expects: str, told: dict[str, object], outcome: str, reason: str
) -> None:
    call = OutboundCallRow(**{"detail": "", "hangup_by": "", **told})
    found = judge(expects, 20, call)
    assert (found.outcome, found.reason) == (outcome, reason)
    if found.outcome == "passed" and expects == "answers":
        assert judge(expects, 20, call, has_play_failed=True).reason == "not_played"
    run = NumberTestRunRow(outcome=found.outcome, reason=found.reason, facts=found.facts)
    for language in LANGUAGES:
        shown = words.reason_words(run, language)
        assert shown
        assert "{" not in shown


def test_the_cause_and_the_seconds_of_a_test_are_told_as_people_say_them() -> None:
    assert words.why("failed", {"cause": 1}, "es") == "La llamada falló. El número no existe."
    assert words.why("failed", {"cause": "–"}, "en") == "The call failed. No cause was given."
    assert words.why("answered", {"seconds": 1.2}, "es") == "Contestó a los 1,2 s."


def test_a_slot_is_dialled_once_judged_and_not_made_up(opened: Services) -> None:
    test_id = add(opened)
    assert work_off(opened) == {}, "noon itself was there before the test"
    step(opened, minutes=30, seconds=5)
    assert work_off(opened) == {"dialled": 1}
    assert work_off(opened) == {}
    (call,) = calls(opened)
    assert (call.number, call.source, call.test_id, call.requested_by) == (NUMBER, "test", test_id, ACTOR)
    assert (call.ring_seconds, call.max_seconds, call.after_answer, call.reason) == (30, 5, "hold", "Main line")
    with opened.database.write() as session, pytest.raises(ConflictError):
        run_now(session, opened.settings, test_id, actor="admin", at=opened.clock.now())
    answered(opened, 4.2)
    assert work_off(opened) == {"passed": 1}
    (run,) = runs(opened, test_id)
    assert (run.slot, run.outcome, run.answered_after) == (NOON + timedelta(minutes=30), "passed", 4.2)
    step(opened, minutes=40)
    assert work_off(opened) == {}, "the slot of 13:00 passed while nothing ran"
    step(opened, minutes=20)
    assert work_off(opened) == {"dialled": 1}
    step(opened, minutes=30)
    assert work_off(opened) == {}, "one run at a time"
    answered(opened)
    assert work_off(opened) == {"passed": 1, "dialled": 1}
    assert (len(calls(opened)), alerts(opened)) == (3, [])


def test_who_was_replaced_dials_nothing(on_file: Services) -> None:
    add(on_file)
    step(on_file, minutes=30)

    def replaced(_session: object) -> None:
        raise LeaseLostError(name=job_runs.SIDECAR)

    with pytest.raises(LeaseLostError):
        dial_due(on_file, replaced)
    assert calls(on_file) == []
    assert dial_due(on_file)["dialled"] == 1


def test_two_sidecars_at_once_dial_once(opened: Services) -> None:
    add(opened)
    step(opened, minutes=30)
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(dial_due(opened)["dialled"])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(counts), len(calls(opened))) == ([0, 0, 0, 1], 1)


@pytest.mark.faults
def test_a_killed_run_is_done_again_and_leaves_nothing_twice(on_file: Services, run_python: type[PythonRunner]) -> None:
    test_id = add(on_file)
    step(on_file, minutes=30)
    for moment, deed in (("dialled", "dial_due"), ("settled", "settle")):
        killed = run_python(
            "-c", KILLED_RUN, on_file.database.url, on_file.clock.now().isoformat(), deed,
            TOLLWATCH_CRASH_AT=f"number_tests.{moment}",
        )  # fmt: skip
        assert killed.finish()[0] == KILLED, killed.shown()
        assert ([run.outcome for run in runs(on_file, test_id)], alerts(on_file)) == (
            ([], []) if moment == "dialled" else (["running"], [])
        )
        assert run_number_tests(JobContext(on_file))["dialled" if moment == "dialled" else "missed"] == 1
        assert len(calls(on_file)) == 1
        end(on_file, status="busy", cause=17)
    assert [row.evidence_count for row in alerts(on_file)] == [1]


def test_misses_grow_one_alert_until_it_is_closed_and_a_pass_is_noted(on_file: Services) -> None:
    test_id = add(on_file)
    severities = []
    for _ in range(3):
        step(on_file, minutes=30)
        assert work_off(on_file)["dialled"] == 1
        end(on_file, status="no_answer", cause=19, detail="timeout")
        assert work_off(on_file) == {"missed": 1}
        assert work_off(on_file) == {}
        (alert,) = alerts(on_file)
        severities.append(alert.severity)
    assert severities == ["medium", "medium", "high"]
    assert (alert.alert_type, alert.entity_kind, alert.entity, alert.evidence_count) == (
        "number_test", "number", NUMBER, 3
    )  # fmt: skip
    assert alert.announced_at is not None
    assert alert.last_seen == on_file.clock.now()
    assert "3 times" in explain.written_explanation(alert, "en")
    assert all("{" not in explain.written_explanation(alert, language) for language in LANGUAGES)
    step(on_file, minutes=30)
    work_off(on_file)
    end(on_file, status="failed", detail="unobserved")
    assert work_off(on_file) == {"unobserved": 1}
    assert alerts(on_file)[0].evidence_count == 3
    miss_or_pass(on_file, is_miss=False)
    with on_file.database.read() as session:
        deed = timeline.entries(session, alert.id)[0]
        assert (deed.action, deed.actor, deed.detail) == ("recovered", ACTOR, {"misses": 3})
        assert session.get_one(NumberTestRow, test_id).misses_in_a_row == 0
    miss_or_pass(on_file)
    assert [row.evidence_count for row in alerts(on_file)] == [4], "it was still open"
    miss_or_pass(on_file, is_miss=False)
    with on_file.database.write() as session:
        work.close(session, Target(alert.id), Actor("ana", on_file.clock.now()), verdict="benign")
    miss_or_pass(on_file)
    assert [(row.evidence_count, row.is_open) for row in alerts(on_file)] == [(4, False), (1, True)]


def miss_or_pass(opened: Services, *, is_miss: bool = True) -> None:
    step(opened, minutes=30)
    work_off(opened)
    if is_miss:
        end(opened, status="busy", cause=17)
    else:
        answered(opened)
    work_off(opened)


def test_what_cannot_be_dialled_is_told_and_is_no_miss(on_file: Services) -> None:
    test_id = add(on_file, replace(TEST, number="+13055550100"))
    step(on_file, minutes=30)
    assert work_off(on_file) == {"not_dialled": 1}
    assert work_off(on_file) == {}
    allow(on_file, tests_budget_a_day=0.001, countries=["US"])
    step(on_file, minutes=30)
    assert work_off(on_file) == {"not_dialled": 1}
    allow(on_file, countries=["US"])
    assert isinstance(on_file.clock, SteppedClock)
    on_file.clock.step(1800)
    assert work_off(on_file) == {"not_dialled": 1}, "the listener is gone"
    told = [(run.reason, words.reason_words(run, "en")) for run in runs(on_file, test_id)]
    assert [reason for reason, _ in told] == ["refused", "refused", "not_possible"]
    assert ["United States" in told[0][1], "budget" in told[1][1], "Asterisk" in told[2][1]] == [True] * 3
    assert (calls(on_file), alerts(on_file)) == ([], [])
    allow(on_file)
    with pytest.raises(DialRefusedError):
        attempt_now(on_file, test_id, actor="admin")
    with on_file.database.read() as session:
        kept = audit.entries(session, audit.AuditFilter(action="dialer.refused")).entries
    assert [(entry.actor, entry.subject, entry.detail["refused_by"]) for entry in reversed(kept)] == [
        (ACTOR, "+13055550100", ["country"]),
        (ACTOR, "+13055550100", ["budget"]),
        ("admin", "+13055550100", ["country"]),
    ]


def test_a_busy_database_is_not_told_as_a_test_that_could_not_be_dialled(
    postgres_database: Database, tmp_path: Path, clock: SteppedClock
) -> None:
    opened = services_over(postgres_database, tmp_path, clock)
    test_id = add(opened)
    step(opened, minutes=30)
    cross_once(postgres_database, "outbound_call", "INSERT")
    with pytest.raises(StoreBusyError):
        dial_due(opened)
    assert runs(opened, test_id) == []
    assert dial_due(opened) == {"dialled": 1, "not_dialled": 0}


def test_a_busy_minute_is_gone_through_at_the_pace_of_tests(on_file: Services) -> None:
    for name in ("Line A", "Line B"):
        add(on_file, replace(TEST, name=name))
    step(on_file, minutes=30)
    earlier = DialRequest(NUMBER, f"PJSIP/{NUMBER}@trunk", source="test")
    with on_file.database.write() as session:
        for _ in range(policy_book.TESTS_A_MINUTE - 1):
            request_dial(session, earlier, actor=ACTOR, at=on_file.clock.now())
    assert work_off(on_file) == {"dialled": 1}
    step(on_file, seconds=61)
    assert work_off(on_file) == {"dialled": 1}


def test_people_change_pause_run_and_remove_tests(opened: Services) -> None:
    test_id = add(opened, replace(TEST, endpoint="PJSIP/{number}@trunk-b", media="tone:ring"))
    now = opened.clock.now()
    with opened.database.write() as session:
        with pytest.raises(ConflictError):
            book.change(session, test_id, TEST, version=7, actor="admin", at=now)
        book.pause(session, test_id, is_paused=True, actor="admin", at=now)
        run = run_now(session, opened.settings, test_id, actor="admin", at=now)
        assert (run.asked_by, run.slot) == ("admin", now)
    (call,) = calls(opened)
    assert (call.endpoint, call.after_answer, call.media) == (f"PJSIP/{NUMBER}@trunk-b", "play", "tone:ring")
    step(opened, minutes=30)
    answered(opened)
    assert work_off(opened) == {"passed": 1}, "a paused test is not dialled"
    with opened.database.write() as session:
        book.change(session, test_id, TEST, version=2, actor="admin", at=opened.clock.now())
        book.pause(session, test_id, is_paused=False, actor="admin", at=opened.clock.now())
        assert query.recent(session, [test_id])[test_id][0].outcome == "passed"
    step(opened, days=KEPT.days + 1)
    assert work_off(opened)["forgotten"] == 1
    with opened.database.write() as session:
        book.remove(session, test_id, actor="admin", at=opened.clock.now())
    with opened.database.read() as session:
        assert book.listed(session) == []
        deeds = {entry.action for entry in audit.entries(session).entries if entry.subject == str(test_id)}
        with pytest.raises(NotFoundError):
            query.results(session, test_id)
    assert deeds == {f"number_test.{deed}" for deed in ("added", "paused", "run", "changed", "resumed", "removed")}


def test_at_a_pretend_asterisk(sqlite_database: Database, tmp_path: Path, exchange: Asterisk) -> None:
    opened = services_over(sqlite_database, tmp_path, CLOCK)
    expected = {"33": ("answers", "passed"), "00": ("answers", "missed"), "17": ("unanswered", "passed"),
                "50": ("answers", "missed")}  # fmt: skip
    with keeper(sqlite_database, exchange.address()):
        tests = {}
        for last, (expects, _) in expected.items():
            tests[last] = add(
                opened, replace(TEST, name=f"Line {last}", number=NUMBER[:-2] + last, expects=expects, hold_seconds=1)
            )
        with sqlite_database.write() as session:
            for test_id in tests.values():
                run_now(session, opened.settings, test_id, actor="admin", at=CLOCK.now())
        for call in calls(opened):
            ended(sqlite_database, call.call_id)
    run_number_tests(JobContext(opened))
    found = {last: runs(opened, test_id)[0].outcome for last, test_id in tests.items()}
    assert found == {last: outcome for last, (_, outcome) in expected.items()}
    assert {row.entity for row in alerts(opened)} == {NUMBER[:-2] + "00", NUMBER[:-2] + "50"}
