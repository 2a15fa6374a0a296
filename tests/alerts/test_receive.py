"""Drafts become alerts once, whatever is repeated, and grow, come back and stay quiet as they should."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from core.alerts import mutes, query, work
from core.alerts.evidence import alerts_on, verdicts
from core.alerts.explain import countries
from core.alerts.mutes import MuteScope
from core.alerts.receive import Received, receive_drafts
from core.alerts.timeline import entries
from core.alerts.work import Actor, Target
from core.detection.finding import Severity
from core.store.engine import Database
from core.store.models.alerts import AlertRow, CaseRow, EvidenceRow, TimelineRow
from tests.alerts.drafts import draft, legs
from tests.conftest import NOON

GRACE = Actor("grace@example", NOON + timedelta(minutes=5))


def receive(database: Database, *drafts: Any, at: datetime = NOON, **more: Any) -> list[Received]:
    facts = legs(*(one for each in drafts for one in each.evidence), at=at)
    with database.write() as session:
        return receive_drafts(session, drafts, at=at, legs=facts, **more)


def the_alert(database: Database, number: int) -> AlertRow:
    with database.read() as session:
        return query.one(session, number)


def counted(database: Database, table: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def actions(database: Database, number: int) -> list[str]:
    with database.read() as session:
        return [row.action for row in reversed(entries(session, number))]


def test_a_draft_becomes_an_alert_with_its_evidence_case_and_timeline(database: Database) -> None:
    received = receive(database, draft(evidence=("r1", "r2", "r3")))
    assert [(one.is_new, one.severity) for one in received] == [(True, "high")]
    row = the_alert(database, received[0].alert_id)
    assert (row.state, row.site, row.evidence_count, row.entity_name) == ("open", "Bogotá", 3, "Ana")
    assert row.first_seen < row.last_seen <= NOON
    assert actions(database, row.id) == ["raised"]
    with database.read() as session:
        case = session.get_one(CaseRow, row.case_id)
        assert (case.alerts, case.state, case.severity, case.cost) == (1, "open", "high", 37.5)
        assert alerts_on(session, ["r2"])[0].id == row.id
        assert alerts_on(session, correlation_id="call r3")[0].id == row.id
        assert alerts_on(session, ["r9"]) == []


def test_the_same_again_changes_nothing(database: Database) -> None:
    first = receive(database, draft())[0]
    before = the_alert(database, first.alert_id)
    again = receive(database, draft(), draft(), at=NOON + timedelta(hours=3))
    assert again == [Received(first.alert_id, False, False, "high")]
    after = the_alert(database, first.alert_id)
    assert (after.version, after.changed_at, after.evidence_count) == (before.version, before.changed_at, 2)
    assert (counted(database, AlertRow), counted(database, TimelineRow), counted(database, EvidenceRow)) == (1, 1, 2)


def test_more_evidence_extends_and_a_worse_severity_worsens(database: Database) -> None:
    number = receive(database, draft(severity="medium"))[0].alert_id
    later = NOON + timedelta(minutes=20)
    assert not receive(database, draft(severity="medium", evidence=("r1", "r2", "r3")), at=later)[0].worsened
    assert receive(database, draft(severity="critical", evidence=("r1", "r4")), at=later)[0].worsened
    row = the_alert(database, number)
    assert (row.severity, row.evidence_count, row.last_seen > NOON) == ("critical", 4, True)
    assert actions(database, number) == ["raised", "grew", "worsened"]


def test_evidence_of_the_day_before_moves_the_beginning_of_an_alert(database: Database) -> None:
    number = receive(database, draft(evidence=("r1", "r2")))[0].alert_id
    before = the_alert(database, number)
    yesterday = NOON - timedelta(hours=17)
    receive(database, draft(evidence=("r0",), cost=50.0), at=yesterday)
    row = the_alert(database, number)
    with database.read() as session:
        starts = list(session.scalars(select(EvidenceRow.started_at).where(EvidenceRow.alert_id == number)))
    assert (row.first_seen, row.last_seen) == (min(filter(None, starts)), before.last_seen)
    assert row.first_seen < before.first_seen - timedelta(hours=16)


def test_an_alert_tells_every_country_its_calls_led_to(database: Database) -> None:
    def led_to(**calls: int) -> dict[str, object]:
        return {"destinations": [{"country": country, "tier": 3, "calls": n} for country, n in calls.items()]}

    number = receive(database, draft(evidence=("r1", "r2"), explanation=led_to(LV=2)))[0].alert_id
    receive(database, draft(evidence=("r3", "r4", "r5"), explanation=led_to(CU=1, LV=1)))
    row = the_alert(database, number)
    assert countries(row, "en") == ["Cuba", "Latvia"]
    assert [one["calls"] for one in row.explanation["destinations"]] == [1, 2]


def test_another_key_over_the_same_records_is_the_same_abuse(database: Database) -> None:
    number = receive(database, draft("monday", evidence=("r1", "r2", "r3")))[0].alert_id
    again = receive(database, draft("tuesday", evidence=("r2", "r3", "r4"), detector="cost_velocity"))[0]
    assert (again.alert_id, again.is_new) == (number, False)
    assert the_alert(database, number).explanation["also_seen_by"] == ["cost_velocity"]
    other = receive(database, draft("wednesday", evidence=("r4", "r5", "r6", "r7")))[0]
    assert other.is_new


def test_alerts_of_one_entity_within_a_day_make_a_case(database: Database) -> None:
    drafts = [
        draft(f"k{hours}", evidence=(f"e{hours}",), at=NOON + timedelta(hours=hours)) for hours in (0, 20, 40, 90)
    ]
    received = receive(database, *drafts, draft("bob", who="bob", evidence=("b1",)), at=NOON)
    numbers = {each.dedupe_key: 0 for each in drafts}
    with database.read() as session:
        found = {row.dedupe_key: row.case_id for row in session.scalars(select(AlertRow))}
    assert len(received) == 5
    assert len({found[key] for key in list(numbers)[:3]}) == 1
    assert len(set(found.values())) == 3


def test_what_is_muted_is_kept_and_counted_but_hidden(database: Database) -> None:
    scope = MuteScope(detector="international_calls", entity_kind="user", entity="ana")
    with database.write() as session:
        mute = work.mute(session, Actor("grace", NOON), scope, expires_at=NOON + timedelta(hours=4), reason="a trip")
    number = receive(database, draft(), at=NOON + timedelta(hours=1))[0].alert_id
    assert receive(database, draft("bob", who="bob", evidence=("b",)))[0].is_new
    row = the_alert(database, number)
    assert row.muted_until == NOON + timedelta(hours=4)
    assert row.announced_at is None
    with database.read() as session:
        assert mutes.in_force(session, NOON)[0].hits == 1
    receive(database, draft(evidence=("r1", "r2", "r3")), at=NOON + timedelta(hours=5))
    after = the_alert(database, number)
    assert after.muted_until is None
    assert after.announced_at is not None
    with database.write() as session:
        later = Actor("grace", NOON + timedelta(hours=6))
        again = work.mute(session, later, scope, expires_at=NOON + timedelta(hours=9), reason="still")
        work.lift_mute(session, later, again.id)
    assert the_alert(database, number).muted_until is None
    assert mute.id != again.id
    assert actions(database, number) == ["raised", "muted", "grew", "muted", "unmuted"]


def test_people_are_told_once_then_when_it_gets_worse_or_after_a_day(database: Database) -> None:
    number = receive(database, draft(severity="medium"))[0].alert_id
    told = the_alert(database, number).announced_at
    evidence = ["r1"]
    steps: tuple[tuple[int, Severity, bool], ...] = (
        (2, "medium", False), (3, "high", True), (4, "high", False), (28, "high", True),
    )  # fmt: skip
    for hours, severity, expected in steps:
        at = NOON + timedelta(hours=hours)
        evidence.append(f"h{hours}")
        receive(database, draft(severity=severity, evidence=tuple(evidence)), at=at)
        now_told = the_alert(database, number).announced_at
        assert (now_told != told) is expected, hours
        told = now_told


def test_history_is_marked_and_told_to_nobody(database: Database) -> None:
    old = draft("old", at=NOON - timedelta(days=3))
    number = receive(database, old, history_before=NOON)[0].alert_id
    row = the_alert(database, number)
    assert (row.is_backfilled, row.announced_at) == (True, None)
    fresh = receive(database, draft("new", evidence=("n1",), at=NOON + timedelta(minutes=1)), history_before=NOON)[0]
    assert not the_alert(database, fresh.alert_id).is_backfilled


def test_a_closed_alert_comes_back_only_when_the_abuse_goes_on(database: Database) -> None:
    for verdict, comes_back in (("true_positive", True), ("benign", False), ("tuned", False)):
        key = f"close {verdict}"
        first = draft(key, who=verdict, evidence=(f"{verdict} 1",))
        number = receive(database, first)[0].alert_id
        with database.write() as session:
            work.close(session, Target(number), GRACE, verdict=verdict)
        receive(database, first, at=NOON + timedelta(hours=1))
        assert the_alert(database, number).state == "resolved"
        more = draft(key, who=verdict, evidence=(f"{verdict} 1", f"{verdict} 2"))
        receive(database, more, at=NOON + timedelta(hours=2))
        assert (the_alert(database, number).state == "open") is comes_back
        worse = draft(key, who=verdict, evidence=(f"{verdict} 1", f"{verdict} 2"), severity="critical")
        receive(database, worse, at=NOON + timedelta(hours=3))
        assert the_alert(database, number).state == "open"


def test_verdicts_are_told_by_record_and_confirmed_abuse_outweighs_the_rest(database: Database) -> None:
    since = (NOON - timedelta(days=2)).date()
    shared = ("both 1", "both 2", "both 3")
    drafts = [draft(name, who=name, evidence=(name,)) for name in ("one", "two", "three")]
    drafts += [draft("four", who="four", evidence=shared), draft("five", who="five", evidence=shared)]
    numbers = [receive(database, each)[0].alert_id for each in drafts]
    with database.write() as session:
        for number, verdict in zip(numbers, ("true_positive", "benign", "", "true_positive", "benign"), strict=True):
            if verdict:
                work.close(session, Target(number), GRACE, verdict=verdict)
    with database.read() as session:
        told = verdicts(session, since)
    assert told == {"one": "true_positive", "two": "benign"} | dict.fromkeys(shared, "true_positive")


def test_what_was_deleted_stays_away(database: Database) -> None:
    number = receive(database, draft())[0].alert_id
    with database.write() as session:
        work.delete(session, Target(number), GRACE, reason="a test")
    receive(database, draft(evidence=("r1", "r2", "r3"), severity="critical"), at=NOON + timedelta(hours=1))
    with database.read() as session:
        assert session.get_one(AlertRow, number).deleted_at == GRACE.at
        assert session.scalar(select(func.count()).select_from(AlertRow).where(AlertRow.deleted_at.is_(None))) == 0
