"""One call a slot, whoever is killed, replaced or refused in between."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SteppedClock
from core.dialer import policy_book
from core.dialer.calls import DialRequest, request_dial
from core.dialer.refused import DialRefusedError
from core.errors import ConflictError, NotFoundError
from core.number_tests import book, query, words
from core.number_tests.dialling import attempt_now, dial_due, run_now
from core.number_tests.settling import KEPT
from core.number_tests.vocabulary import ACTOR
from core.services import Services
from core.store import audit, job_runs
from core.store.crash_points import KILLED
from core.store.engine import Database, StoreBusyError
from core.store.leases import LeaseLostError
from jobs.registry import JobContext
from jobs.run_number_tests import run_number_tests
from tests.conftest import NOON, PythonRunner
from tests.dialer.keeping import CLOCK, Asterisk, ended, keeper
from tests.number_tests.desk import (
    NUMBER,
    TEST,
    add,
    alerts,
    allow,
    answered,
    calls,
    end,
    runs,
    services_over,
    step,
    work_off,
)
from tests.store.crossing import cross_once

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
