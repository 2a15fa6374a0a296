"""The traffic of a world over days: reproducible, day by day, and of believable proportions."""

from collections import Counter
from datetime import date, timedelta
from functools import cache

import phonenumbers
import pytest

from core.sandbox.founding import build_world
from core.sandbox.legs import Leg
from core.sandbox.numbering import PLANS, draw_number, draw_satellite_number
from core.sandbox.randomness import stream
from core.sandbox.traffic import Traffic
from core.sandbox.working_days import attendance, campaign_of, is_on_leave, openness
from core.sandbox.world import World

MONDAY = date(2026, 9, 7)


@cache
def world() -> World:
    return build_world(11, 90)


@cache
def day(which: date) -> list[Leg]:
    return Traffic(world()).day(which)


@cache
def week() -> list[Leg]:
    return [leg for ahead in range(7) for leg in day(MONDAY + timedelta(days=ahead))]


def share(matching: int, of: int) -> float:
    return matching / of


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    again = Traffic(build_world(11, 90)).day(MONDAY)
    assert [leg.record for leg in again] == [leg.record for leg in day(MONDAY)]
    other = Traffic(build_world(12, 90)).day(MONDAY)
    assert {leg.record["Report ID"] for leg in other}.isdisjoint(leg.record["Report ID"] for leg in again)


def test_a_day_does_not_depend_on_which_days_were_made_before() -> None:
    traffic = Traffic(build_world(11, 90))
    for back in (3, 1, 9):
        traffic.day(MONDAY - timedelta(days=back))
    assert [leg.record for leg in traffic.day(MONDAY)] == [leg.record for leg in day(MONDAY)]


def test_a_working_day_has_some_thirty_records_a_person() -> None:
    working = [len(day(MONDAY + timedelta(days=ahead))) for ahead in range(5)]
    assert 18 * 90 < sum(working) / 5 < 50 * 90


def test_weekends_are_quiet() -> None:
    working = sum(len(day(MONDAY + timedelta(days=ahead))) for ahead in range(5)) / 5
    weekend = sum(len(day(MONDAY + timedelta(days=ahead))) for ahead in (5, 6)) / 2
    assert 0.02 < weekend / working < 0.3


def test_a_holiday_is_quiet_in_its_own_country_only() -> None:
    holiday, ordinary = date(2026, 7, 20), date(2026, 7, 27)
    assert openness("CO", holiday) < 0.1
    assert openness("US", holiday) == 1
    counts = {which: Counter(leg.record["Location"] for leg in day(which)) for which in (holiday, ordinary)}
    assert counts[holiday]["Bogotá"] < 0.35 * counts[ordinary]["Bogotá"]
    assert counts[holiday]["San José"] > 0.5 * counts[ordinary]["San José"]


@pytest.mark.parametrize(
    ("country", "which", "least", "most"),
    [
        ("GT", date(2026, 9, 14), 0.3, 0.8),
        ("CO", date(2026, 12, 24), 0.2, 0.6),
        ("CR", date(2026, 4, 1), 0.3, 0.8),
        ("US", date(2026, 11, 27), 0.0, 0.8),
        ("CO", date(2026, 9, 9), 1.0, 1.0),
    ],
)
def test_bridges_and_eves_are_quieter(country: str, which: date, least: float, most: float) -> None:
    assert least <= openness(country, which) <= most


def test_about_three_quarters_of_calls_out_are_answered() -> None:
    out = [leg.record for leg in week() if leg.record["Call type"] in {"SIP_NATIONAL", "SIP_MOBILE"}]
    assert 0.62 < share(sum(record["Answered"] == "true" for record in out), len(out)) < 0.86


def test_a_few_calls_out_in_a_hundred_go_abroad_and_to_the_neighbours() -> None:
    kinds = {"SIP_NATIONAL", "SIP_MOBILE", "SIP_INTERNATIONAL", "SIP_TOLLFREE"}
    out = [leg.record for leg in week() if leg.record["Call type"] in kinds]
    abroad = [record for record in out if record["Call type"] == "SIP_INTERNATIONAL"]
    assert 0.02 < share(len(abroad), len(out)) < 0.15
    near = Counter(record["International country"] for record in abroad)
    assert share(sum(near[country] for country in ("CO", "CR", "GT", "SV", "US")), len(abroad)) > 0.35


def test_most_calls_fall_into_working_hours() -> None:
    hours: Counter[int] = Counter()
    for leg in week():
        local = leg.start + int(leg.record["Site timezone"]) * 60_000
        hours[local // 3_600_000 % 24] += 1
    assert share(sum(hours[hour] for hour in range(8, 18)), sum(hours.values())) > 0.8
    assert 0 < share(sum(hours[hour] for hour in range(5)), sum(hours.values())) < 0.05


def test_people_who_are_on_leave_or_gone_make_no_calls() -> None:
    away = {person.uuid for person in world().people if attendance(world(), person, MONDAY) == 0}
    assert any(is_on_leave(world().seed, person, MONDAY) for person in world().people)
    originating = {
        leg.record["User UUID"]
        for leg in day(MONDAY)
        if leg.record["Direction"] == "ORIGINATING" and not leg.record["Related call ID"]
    }
    assert originating.isdisjoint(away)


def test_a_campaign_raises_the_calls_of_its_people() -> None:
    campaign = world().campaigns[9]
    members = {world().people[index].uuid for index in campaign.people}
    before = campaign.start - timedelta(days=7)
    assert campaign_of(world(), world().people[campaign.people[0]], campaign.start) == campaign

    def calls(which: date) -> int:
        return sum(
            leg.record["User UUID"] in members and leg.record["Direction"] == "ORIGINATING"
            for ahead in range(5)
            for leg in day(which + timedelta(days=ahead))
        )

    assert calls(campaign.start) > 1.3 * calls(before)


@pytest.mark.parametrize("country", sorted(PLANS))
def test_numbers_belong_to_their_country(country: str) -> None:
    draw = stream("numbers", country)
    for line in ("fixed", "mobile"):
        for _ in range(12):
            number = draw_number(draw, country, line)
            parsed = phonenumbers.parse(number)
            assert phonenumbers.is_possible_number(parsed), number
            assert phonenumbers.region_code_for_number(parsed) == country, number


def test_premium_and_satellite_numbers_are_known_as_such() -> None:
    draw = stream("special numbers")
    for country in ("CO", "CR", "US"):
        parsed = phonenumbers.parse(draw_number(draw, country, "premium"))
        assert phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.PREMIUM_RATE
    for _ in range(20):
        parsed = phonenumbers.parse(draw_satellite_number(draw))
        assert parsed.country_code in {870, 881, 882, 883}


def test_every_extension_and_direct_number_is_given_once() -> None:
    large = build_world(5, 600)
    parties = [*large.people, *large.services]
    assert len({party.extension for party in parties}) == len(parties)
    direct = [party.direct_number for party in parties if party.direct_number]
    assert len(set(direct)) == len(direct)
    assert len({person.email for person in large.people}) == len(large.people)
