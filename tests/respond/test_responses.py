"""Answers to alerts: proposed, applied with the state before saved, read back, undone; and what keeps them from it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from core.alerts import timeline
from core.calls.ingest import store_records
from core.errors import NotFoundError
from core.respond.applying import apply, undo
from core.respond.carrying_out import WorkDone, work_off
from core.respond.errors import (
    ConsentMissingError,
    NothingToUndoError,
    NotProposedError,
    ResponseUnderWayError,
    WriteRightMissingError,
)
from core.respond.proposals import of_alert
from core.respond.setting_watch import no_fence, read_people
from core.store import audit
from core.store.models.operations import Command
from core.store.models.responses import ResponseChange, ResponseRow
from core.webex.call_settings_shape import same
from tests.calls.records import leg
from tests.respond.alerts import raise_alert
from tests.respond.conftest import Desk, never

BLOCKED = {"INTERNATIONAL", "PREMIUM_SERVICES_I", "PREMIUM_SERVICES_II"}


def work(desk: Desk) -> WorkDone:
    return work_off(desk.services, never, no_fence)


def blocked_types(desk: Desk, person: str) -> set[str]:
    rows = desk.setting(person, "outgoingPermission")["callingPermissions"]
    return {row["callType"] for row in rows if row["action"] == "BLOCK" and not row["transferEnabled"]}


def ask(desk: Desk, alert: int, *chosen: str, **more: Any) -> int:
    return apply(desk.services, alert, chosen, actor="Ana", consent=True, **more)


def response(desk: Desk, number: int) -> tuple[ResponseRow, list[ResponseChange]]:
    with desk.services.database.read() as session:
        changes = session.scalars(
            select(ResponseChange).where(ResponseChange.response_id == number).order_by(ResponseChange.id)
        )
        return session.get_one(ResponseRow, number), list(changes)


def deeds(desk: Desk, alert: int) -> list[str]:
    rows = desk.read(lambda session: timeline.entries(session, alert))
    return [row.action for row in reversed(rows)]


def test_a_block_is_proposed_applied_read_back_and_undone_to_what_was_saved(desk: Desk) -> None:
    person = desk.somebody().uuid
    before = desk.setting(person, "outgoingPermission")
    alert = raise_alert(desk, person)
    read_people(desk.services, [person])
    proposed = {one.action: one for one in of_alert(desk.services, alert)}
    assert [(one.action, one.is_recommended) for one in proposed.values()] == [
        ("block_calls", True),
        ("intercept", False),
    ]
    assert {(one.field, one.aspect, one.after) for one in proposed["block_calls"].changes} >= {
        ("INTERNATIONAL", "action", "BLOCK"),
        ("INTERNATIONAL", "transferEnabled", False),
    }
    number = ask(desk, alert, proposed["block_calls"].key)
    assert desk.setting(person, "outgoingPermission") == before
    assert work(desk).applied == 1
    assert blocked_types(desk, person) == BLOCKED
    row, (change,) = response(desk, number)
    assert (row.state, row.is_working, change.state, change.before) == ("applied", False, "applied", before)
    assert {one.action for one in of_alert(desk.services, alert) if one.is_needless} == {"block_calls"}
    undo(desk.services, number, actor="Berta", consent=True)
    assert work(desk).undone == 1
    assert same("outgoing_permission", desk.setting(person, "outgoingPermission"), before)
    assert response(desk, number)[0].state == "undone"
    assert deeds(desk, alert) == ["raised", "response_asked", "response_applied", "undo_asked", "response_undone"]
    told = desk.read(lambda session: [(one.actor, one.action) for one in audit.entries(session).entries][::-1])
    assert [one for one in told if one[1].startswith("response")] == [
        ("Ana", "response.asked"),
        ("Ana", "response.applied"),
        ("Berta", "response.undo_asked"),
        ("Berta", "response.undone"),
    ]


def test_one_that_breaks_unforeseen_does_not_hold_up_the_others(desk: Desk) -> None:
    first, second = desk.somebody().uuid, desk.somebody(1).uuid
    broken = ask(desk, raise_alert(desk, first), f"block_calls:{first}")
    sound = ask(desk, raise_alert(desk, second), f"block_calls:{second}")
    with desk.services.database.write() as session:
        for change in session.scalars(select(ResponseChange).where(ResponseChange.response_id == broken)):
            change.setting = "nonsense"
    done = work(desk)
    assert (done.applied, done.waiting) == (1, 1)
    assert response(desk, sound)[0].state == "applied"
    assert response(desk, broken)[0].is_working


def test_a_blocked_person_s_live_abuse_stops(small_desk: Desk) -> None:
    incident = small_desk.cloud.control("incidents", kind="irsf_burst")
    alert = raise_alert(small_desk, incident["entity"])
    ask(small_desk, alert, f"block_calls:{incident['entity']}")
    work(small_desk)
    small_desk.clock.step(8 * 3600)
    now = int(small_desk.clock.now().timestamp() * 1000)
    copies = small_desk.cloud.tenant.archive.stored(now - 9 * 3_600_000, now, now)
    found = [copy.body for copy in copies if copy.report_id in incident["report_ids"]]
    assert found
    assert all(b'"Answered":"false"' in body and b"AdminCallBlock" in body for body in found)


def test_an_abusive_forward_is_switched_off_and_only_that(small_desk: Desk) -> None:
    incident = small_desk.cloud.control("incidents", kind="forwarding")
    small_desk.clock.step(1)
    person = incident["entity"]
    held = small_desk.setting(person, "callForwarding")
    alert = raise_alert(small_desk, person, "forwarding_change")
    ask(small_desk, alert, f"stop_forwarding:{person}")
    work(small_desk)
    now = small_desk.setting(person, "callForwarding")
    assert now["callForwarding"]["always"] == {**held["callForwarding"]["always"], "enabled": False}
    assert now["businessContinuity"] == held["businessContinuity"]


def test_what_somebody_else_changed_is_not_overwritten_unless_forced(desk: Desk) -> None:
    person = desk.somebody().uuid
    alert = raise_alert(desk, person)
    number = ask(desk, alert, f"block_calls:{person}")
    work(desk)
    _, (change,) = response(desk, number)
    theirs = desk.setting(person, "outgoingPermission")
    rows = [
        {**{name: row[name] for name in ("callType", "action", "transferEnabled")}, "action": "AUTH_CODE"}
        for row in theirs["callingPermissions"]
    ]
    desk.change(person, "outgoingPermission", {"callingPermissions": rows})
    undo(desk.services, number, actor="Ana", consent=True)
    assert work(desk).kept == 1
    row, (left,) = response(desk, number)
    assert (row.state, left.state, left.error and left.error["code"]) == (
        "applied",
        "applied",
        "respond_changed_meanwhile",
    )
    assert left.found is not None
    assert {one["action"] for one in left.found["callingPermissions"]} == {"AUTH_CODE"}
    assert (left.before, left.intended) == (change.before, change.intended)
    assert deeds(desk, alert)[-1] == "undo_failed"
    undo(desk.services, number, actor="Ana", consent=True, forced=True)
    assert work(desk).undone == 1
    assert same("outgoing_permission", desk.setting(person, "outgoingPermission"), change.before or {})


def test_a_part_that_fails_is_shown_and_the_rest_holds_and_can_be_undone(desk: Desk) -> None:
    person = desk.somebody().uuid
    alert = raise_alert(desk, person, "call_forwarding")
    number = ask(desk, alert, f"block_calls:{person}", f"intercept:{person}")
    desk.cloud.control("faults", failures=[{"path": "/features/intercept", "status": 400}])
    done = work(desk)
    assert (done.applied, done.failed) == (1, 1)
    row, changes = response(desk, number)
    assert (row.state, [change.state for change in changes]) == ("failed", ["applied", "failed"])
    assert changes[1].error == {"code": "webex_request_refused", "facts": changes[1].error["facts"]}  # type: ignore[index]
    undo(desk.services, number, actor="Ana", consent=True)
    work(desk)
    assert response(desk, number)[0].state == "undone"
    assert blocked_types(desk, person) == set()


def test_a_passing_failure_is_tried_again_until_there_were_enough(desk: Desk) -> None:
    person = desk.somebody().uuid
    alert = raise_alert(desk, person)
    number = ask(desk, alert, f"block_calls:{person}")
    desk.cloud.control("faults", failures=[{"path": "/features/outgoingPermission", "status": 503, "times": 3}])
    assert work(desk).waiting == 1
    row, (change,) = response(desk, number)
    assert (row.is_working, change.error and change.error["code"]) == (True, "webex_unavailable")
    assert work(desk).applied == 1
    undo(desk.services, number, actor="Ana", consent=True)
    desk.cloud.control("faults", failures=[{"path": "/features/outgoingPermission", "status": 503, "times": 99}])
    for _ in range(10):
        work(desk)
    row, (change,) = response(desk, number)
    assert (row.is_working, change.state, change.error and change.error["code"]) == (
        False,
        "applied",
        "respond_gave_up",
    )


def test_the_same_request_twice_is_one_and_another_for_the_same_setting_waits(desk: Desk) -> None:
    person = desk.somebody().uuid
    first, second = raise_alert(desk, person), raise_alert(desk, person, "satellite")
    number = ask(desk, first, f"block_calls:{person}", idempotency_key="once")
    assert ask(desk, first, f"block_calls:{person}", idempotency_key="once") == number
    with pytest.raises(ResponseUnderWayError):
        ask(desk, second, f"block_calls:{person}")
    work(desk)
    assert work(desk) == WorkDone()
    assert ask(desk, first, f"block_calls:{person}", idempotency_key="once") == number
    assert len(desk.read(lambda session: list(session.scalars(select(Command))))) == 1


def test_many_who_confirm_at_the_same_moment_ask_for_one_change(desk: Desk) -> None:
    person = desk.somebody().uuid
    alert = raise_alert(desk, person)
    together = Barrier(8)

    def confirm(number: int) -> int | str:
        together.wait()
        try:
            return ask(desk, alert, f"block_calls:{person}", idempotency_key=f"click {number // 4}")
        except ResponseUnderWayError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(confirm, range(8)))
    assert len(set(answers)) == 2
    assert sorted(Counter(answers).values()) == [4, 4]
    assert len(desk.read(lambda session: list(session.scalars(select(Command))))) == 1
    assert deeds(desk, alert).count("response_asked") == 1


def test_what_cannot_be_done_is_refused_before_anything_is_asked(small_desk: Desk) -> None:
    person = small_desk.somebody().uuid
    alert = raise_alert(small_desk, person)
    with pytest.raises(ConsentMissingError):
        apply(small_desk.services, alert, [f"block_calls:{person}"], actor="Ana", consent=False)
    with pytest.raises(NotProposedError):
        ask(small_desk, alert, f"stop_forwarding:{person}")
    with pytest.raises(NotProposedError):
        ask(small_desk, alert, f"block_calls:{small_desk.somebody(1).uuid}")
    with pytest.raises(NotFoundError):
        ask(small_desk, 10_000, f"block_calls:{person}")
    number = ask(small_desk, alert, f"block_calls:{person}")
    with pytest.raises(NothingToUndoError):
        undo(small_desk.services, number, actor="Ana", consent=True)
    with pytest.raises(NotFoundError):
        undo(small_desk.services, 10_000, actor="Ana", consent=True)


def test_a_connection_that_only_reads_says_what_to_do(reading_desk: Desk) -> None:
    person = reading_desk.somebody().uuid
    alert = raise_alert(reading_desk, person)
    with pytest.raises(WriteRightMissingError) as caught:
        ask(reading_desk, alert, f"block_calls:{person}")
    assert "spark-admin:people_write" in caught.value.message("es")
    assert "Control Hub" in caught.value.remedy()


def test_a_right_that_is_gone_meanwhile_is_named_and_nothing_is_changed(small_desk: Desk) -> None:
    person = small_desk.somebody().uuid
    before = small_desk.setting(person, "outgoingPermission")
    alert = raise_alert(small_desk, person)
    number = ask(small_desk, alert, f"block_calls:{person}")
    small_desk.cloud.control("faults", missing_scopes="spark-admin:people_write")
    assert work(small_desk).failed == 1
    _, (change,) = response(small_desk, number)
    assert change.error is not None
    assert (change.error["code"], change.error["facts"]["scope"]) == (
        "webex_settings_right_missing",
        "spark-admin:people_write",
    )
    assert small_desk.setting(person, "outgoingPermission") == before


def test_nothing_is_proposed_where_no_setting_helps(small_desk: Desk) -> None:
    person = small_desk.somebody().uuid
    assert of_alert(small_desk.services, raise_alert(small_desk, person, "inbound_flood")) == []
    assert of_alert(small_desk.services, raise_alert(small_desk, "nobody")) == []


def test_for_a_site_the_people_behind_its_evidence_are_proposed_for(small_desk: Desk) -> None:
    people = [small_desk.somebody(position) for position in range(2)]
    now = small_desk.clock.now()
    legs = [
        leg(number, start=now - timedelta(hours=1), User_UUID=people[number % 2].uuid, Direction="ORIGINATING")
        for number in range(3)
    ]
    store_records(small_desk.services, legs, source="import", origin="test")
    alert = raise_alert(
        small_desk, people[0].site.uuid, entity_kind="location", evidence=[str(one["Report ID"]) for one in legs]
    )
    proposed = [one for one in of_alert(small_desk.services, alert) if one.is_recommended]
    assert [(one.action, one.person) for one in proposed] == [("block_calls", one.uuid) for one in people]
    number = ask(small_desk, alert, *(one.key for one in proposed))
    assert work(small_desk).applied == 2
    assert response(small_desk, number)[0].state == "applied"
