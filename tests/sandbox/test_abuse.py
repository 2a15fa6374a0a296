"""Incidents: each kind looks like what it is, its label names exactly its records, and nothing else moves."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from core.sandbox.abuse import KINDS, Incident, plan_incident, write_incident
from core.sandbox.archive import Archive, milliseconds, site_day
from core.sandbox.founding import build_world
from core.sandbox.incident_book import OPENING, IncidentBook
from core.sandbox.randomness import stream
from core.sandbox.traffic import Traffic

DAY = date(2026, 11, 18)


@cache
def traffic() -> Traffic:
    return Traffic(build_world(4, 60))


@cache
def incident(kind: str, strength: float = 1.0) -> Incident:
    plan = plan_incident(traffic().world, kind, DAY, stream("test", kind), strength)
    return write_incident(traffic().world, traffic().templates, plan)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_incident_is_labelled_and_can_be_made_again(kind: str) -> None:
    made = incident(kind)
    label = made.label()
    assert label["report_ids"] == [leg.record["Report ID"] for leg in made.legs]
    assert len(set(label["report_ids"])) == len(made.legs) > 0
    assert label["started"] < label["ended"]
    named = {leg.record["User UUID"] for leg in made.legs} | {leg.record["Site UUID"] for leg in made.legs}
    assert label["entity"] in named
    plan = plan_incident(traffic().world, kind, DAY, stream("test", kind), 1.0)
    assert write_incident(traffic().world, traffic().templates, plan).label() == label


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"long_calls", "scan", "wangiri"}))
def test_half_the_strength_is_fewer_calls(kind: str) -> None:
    assert len(incident(kind, 0.5).legs) < 0.85 * len(incident(kind).legs)


@pytest.mark.parametrize("kind", ["irsf_burst", "slow_drip", "caribbean", "satellite", "code_guessing", "new_device"])
def test_abuse_abroad_is_international(kind: str) -> None:
    assert {leg.record["Call type"] for leg in incident(kind).legs} == {"SIP_INTERNATIONAL"}


@pytest.mark.parametrize("kind", ["irsf_burst", "code_guessing", "new_device", "after_hours", "concurrency"])
def test_abuse_at_night_happens_at_night(kind: str) -> None:
    hours = {(leg.start // 60_000 + int(leg.record["Site timezone"])) // 60 % 24 for leg in incident(kind).legs}
    assert hours <= {21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7}


def test_concurrent_calls_overlap() -> None:
    events = sorted(
        (when, step) for leg in incident("concurrency").legs for when, step in ((leg.start, 1), (leg.report, -1))
    )
    running = peak = 0
    for _, step in events:
        running += step
        peak = max(peak, running)
    assert peak >= 8


def test_sequential_dialling_counts_upwards() -> None:
    numbers = [
        int(leg.record["Called number"][1:])
        for leg in sorted(incident("sequential_dialling").legs, key=lambda x: x.start)
    ]
    assert all(0 < later - earlier <= 2 for earlier, later in pairwise(numbers))


def test_wangiri_rings_once_and_is_called_back() -> None:
    legs = [leg.record for leg in incident("wangiri").legs]
    rung = [record for record in legs if record["Direction"] == "TERMINATING"]
    back = [record for record in legs if record["Direction"] == "ORIGINATING"]
    assert all(record["Answered"] == "false" and int(record["Ring duration"]) <= 4 for record in rung)
    assert {record["Called number"] for record in back} <= {record["Calling number"] for record in rung}
    assert back


def test_forwarded_callers_go_abroad_at_the_cost_of_the_person() -> None:
    legs = [leg.record for leg in incident("forwarding").legs]
    by_local = {record["Local call ID"]: record for record in legs}
    out = [record for record in legs if record["Direction"] == "ORIGINATING"]
    assert len(out) * 2 == len(legs)
    for record in out:
        assert record["Related reason"] == "CallForwardAlways"
        assert record["Redirecting number"] == by_local[record["Related call ID"]]["User number"]
        assert record["Call type"] == "SIP_INTERNATIONAL"


def test_guessed_codes_differ_until_one_works() -> None:
    legs = sorted((leg.start, leg.record) for leg in incident("code_guessing").legs)
    refused = [record["Authorization code"] for _, record in legs if record["Call outcome"] == "Refusal"]
    worked = [record["Authorization code"] for _, record in legs if record["Answered"] == "true"]
    assert len(set(refused)) > 8
    assert len(set(worked)) == 1


def test_a_flooded_queue_is_called_from_ever_new_numbers() -> None:
    calls = [leg.record for leg in incident("tdos").legs if leg.record["Call type"] == "SIP_INBOUND"]
    assert len(calls) > 100
    assert max(Counter(record["Calling number"] for record in calls).values()) <= 2


def test_an_injected_incident_leaves_all_other_records_as_they_were(tmp_path: Path) -> None:
    book = IncidentBook(tmp_path / "incidents.json", traffic(), DAY, live=False)
    archive = Archive(traffic(), DAY, book.around)
    before = {(copy.inserted, copy.body) for copy in archive.day(DAY)}
    injected = book.inject(plan_incident(traffic().world, "premium", DAY, stream("inject")))
    archive.forget()
    after = {(copy.inserted, copy.body) for copy in archive.day(DAY)}
    assert before < after
    assert {json.loads(body)["Report ID"] for _, body in after - before} == set(injected.report_ids)


def test_injected_incidents_survive_a_restart(tmp_path: Path) -> None:
    book = IncidentBook(tmp_path / "incidents.json", traffic(), DAY, live=False)
    injected = book.inject(plan_incident(traffic().world, "robodial", DAY, stream("inject")))
    again = IncidentBook(tmp_path / "incidents.json", traffic(), DAY, live=False)
    assert [each.label() for each in again.between(DAY, DAY + timedelta(days=1))] == [injected.label()]


def test_records_of_an_injected_incident_are_stored_after_the_injection(tmp_path: Path) -> None:
    book = IncidentBook(tmp_path / "incidents.json", traffic(), DAY, live=False)
    known = milliseconds(datetime(2026, 11, 19, 12, tzinfo=UTC))
    plan = plan_incident(traffic().world, "premium", DAY, stream("inject"))
    injected = book.inject(plan.__class__(plan.kind, plan.start, plan.strength, plan.victim, known))
    copies = Archive(traffic(), DAY, book.around).stored(known, known + 60_000, known + 60_000)
    assert {copy.report_id for copy in copies} >= set(injected.report_ids)


def test_a_demonstration_opens_with_a_handful_of_incidents_and_more_come(tmp_path: Path) -> None:
    book = IncidentBook(tmp_path / "incidents.json", traffic(), DAY, live=True)
    opening = book.between(DAY - timedelta(days=10), DAY - timedelta(days=1))
    assert sorted(each.kind for each in opening) == sorted(kind for _, kind in OPENING)
    later = book.between(DAY, DAY + timedelta(days=20))
    assert 15 < len(later) < 60


def test_long_incidents_reach_into_the_following_days(tmp_path: Path) -> None:
    book = IncidentBook(tmp_path / "incidents.json", traffic(), DAY, live=False)
    drip = book.inject(plan_incident(traffic().world, "slow_drip", DAY, stream("inject")))
    days = {site_day(leg.start) for leg in drip.legs}
    assert len(days) >= 4
    archive = Archive(traffic(), DAY, book.around)
    found = {copy.report_id for day in days for copy in archive.day(day)}
    assert found >= set(drip.report_ids)
