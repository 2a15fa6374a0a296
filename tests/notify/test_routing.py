"""Which channels hear of what, when, and how often."""

from datetime import UTC, datetime, timedelta

import pytest

from core.access import people
from core.access.people import NewPerson
from core.clock import SteppedClock
from core.errors import InvalidInputError
from core.notify import channel_book, digests, rules
from core.notify.hours import Hours, Place, hours_from, next_daily, zone_of
from core.notify.rule_words import sentence
from core.notify.rules import Rule
from core.services import Services
from core.store import audit, dead_letters
from core.store.models.webex import WebexLocation
from tests.conftest import NOON
from tests.notify.conftest import add_channel, add_rule, messages, send, tell

BOGOTA = Place("u1", "Bogotá", "America/Bogota", "CO")
DENVER = Place("u2", "Denver", "America/Denver", "US")
OFFICE = Hours(mode="within", start=8 * 60, end=18 * 60)


def add_site(services: Services, uuid: str, name: str, zone: str, country: str) -> None:
    with services.database.write() as session:
        row = WebexLocation(uuid=uuid, webex_id=uuid, name=name, time_zone=zone, country=country)
        row.changed_at = services.clock.now()
        session.add(row)


def states(services: Services) -> list[str]:
    return [row.state for row in messages(services)]


def test_without_rules_nobody_is_told(services: Services) -> None:
    add_channel(services)
    assert tell(services) == 0


def test_severity_subject_event_and_site_decide(services: Services) -> None:
    add_site(services, "u1", "Bogotá", "America/Bogota", "CO")
    channel = add_channel(services)
    chosen = {"severities": ("high", "critical"), "subjects": ("alert",), "events": ("opened",), "sites": ("u1",)}
    add_rule(services, channel, **chosen)
    assert tell(services, 1, site="u1") == 1
    assert tell(services, 2, site="Bogotá") == 1, "a site by its name"
    assert tell(services, 3, site="u1", severity="medium") == 0
    assert tell(services, 4, site="u1", subject="case") == 0
    assert tell(services, 5, site="u1", event="resolved") == 0
    assert tell(services, 6, site="u2") == 0
    assert tell(services, 7) == 0


def test_people_are_told_of_by_the_names_they_go_by(sandbox: Services) -> None:
    add_rule(sandbox, add_channel(sandbox))
    ana = NewPerson(name="ana@example.com", display_name="Ana Rojas", role="analyst")
    people.add(sandbox.database, sandbox.clock, ana, actor="test")
    tell(sandbox, facts={"actor": "ana@example.com", "owner": "who@example.com"})
    (row,) = messages(sandbox)
    assert (row.content["actor"], row.content["owner"]) == ("Ana Rojas", "who@example.com")


def test_the_same_transaction_again_writes_nothing(services: Services) -> None:
    add_rule(services, add_channel(services))
    assert tell(services, 1) == 1
    assert tell(services, 1) == 0


def test_one_channel_is_told_once_however_many_rules_name_it(services: Services) -> None:
    channel = add_channel(services)
    add_rule(services, channel, delivery="daily")
    add_rule(services, channel)
    assert tell(services) == 1
    assert states(services) == ["queued"], "the rule that tells soonest wins"


def test_the_same_is_not_told_again_within_its_hours_unless_worse(services: Services) -> None:
    add_rule(services, add_channel(services), repeat_hours=24)
    assert tell(services, 1, severity="medium") == 1
    services.clock.sleep(3600)
    assert tell(services, 1, severity="medium", event="extended") == 0
    assert tell(services, 2, severity="medium") == 1, "another alert"
    assert tell(services, 1, severity="high", event="worsened") == 1
    assert tell(services, 1, severity="high", event="resolved") == 1, "that it ended is no repetition"
    services.clock.sleep(25 * 3600)
    assert tell(services, 1, severity="medium", event="extended") == 1


def test_a_message_that_never_arrived_does_not_silence_the_next(services: Services) -> None:
    add_rule(services, add_channel(services), repeat_hours=24)
    tell(services, 1)
    with services.database.write() as session:
        dead_letters.discard(session, messages(services)[0].id, services.clock.now())
    services.clock.sleep(60)
    assert tell(services, 1) == 1


def test_muted_and_paused_are_silent(services: Services) -> None:
    channel = add_channel(services)
    rule = add_rule(services, channel)
    assert tell(services, 1, facts={"muted": True}) == 0
    channel_book.pause(services, channel, paused=True, actor="ana")
    assert tell(services, 2) == 0
    channel_book.pause(services, channel, paused=False, actor="ana")
    rules.pause(services.database, services.clock, rule, paused=True, actor="ana")
    assert tell(services, 3) == 0


def test_what_waits_for_a_paused_channel_waits_until_it_goes_on(services: Services) -> None:
    channel = add_channel(services)
    add_rule(services, channel)
    tell(services)
    channel_book.pause(services, channel, paused=True, actor="ana")
    assert send(services) == {}
    channel_book.pause(services, channel, paused=False, actor="ana")
    assert send(services) == {"sent": 1}


def test_facts_that_nobody_asked_to_tell_stay_here(services: Services) -> None:
    add_rule(services, add_channel(services))
    tell(services, facts={"password": "hunter2", "calls": 3})
    (row,) = messages(services)
    assert "password" not in row.content
    assert row.content["calls"] == 3


def test_hours_hold_or_leave_what_comes_outside(services: Services) -> None:
    add_site(services, "u1", "Bogotá", "America/Bogota", "CO")
    night = NOON.replace(hour=23) + timedelta(hours=4)
    skipping, holding = add_channel(services, name="skips"), add_channel(services, name="holds")
    add_rule(services, skipping, hours=OFFICE)
    add_rule(services, holding, hours=Hours(mode="within", start=480, end=1080, otherwise="hold"))
    assert tell(services, 1, site="u1", at=night) == 1
    (row,) = messages(services)
    assert row.channel_id == holding
    assert row.not_before == datetime(2026, 11, 23, 13, 0, tzinfo=UTC), "Monday, eight in Bogotá"


@pytest.mark.parametrize(
    ("hours", "place", "at", "acts"),
    [
        (OFFICE, BOGOTA, "2026-11-20T13:00", True),
        (OFFICE, BOGOTA, "2026-11-20T12:59", False),
        (OFFICE, BOGOTA, "2026-11-20T22:59", True),
        (OFFICE, BOGOTA, "2026-11-20T23:00", False),
        (OFFICE, BOGOTA, "2026-11-21T15:00", False),
        (OFFICE, BOGOTA, "2026-11-16T15:00", False),  # Independence of Cartagena, moved to Monday
        (OFFICE, DENVER, "2026-11-16T16:00", True),
        (OFFICE, DENVER, "2026-11-26T16:00", False),  # Thanksgiving
        (OFFICE, DENVER, "2026-03-06T15:00", True),  # standard time: eight o'clock is 15:00 UTC
        (OFFICE, DENVER, "2026-03-09T14:00", True),  # summer time: 14:00 UTC
        (Hours(mode="outside", start=480, end=1080), BOGOTA, "2026-11-21T15:00", True),
        (Hours(mode="within", start=1320, end=360), BOGOTA, "2026-11-21T05:00", True),  # Friday's night, after midnight
        (Hours(mode="within", start=1320, end=360), BOGOTA, "2026-11-22T05:00", False),  # Saturday's
        (Hours(mode="within", start=0, end=0), BOGOTA, "2026-11-20T05:00", True),
        (Hours(mode="within", start=480, end=1080, zone="Europe/Madrid"), BOGOTA, "2026-11-20T07:30", True),
    ],
)
def test_hours_follow_the_clock_and_holidays_of_the_site(hours: Hours, place: Place, at: str, acts: bool) -> None:
    assert hours.acts(datetime.fromisoformat(at).replace(tzinfo=UTC), place) is acts


def test_the_next_opening_is_found_through_holidays_and_changes_of_the_clock() -> None:
    hold = Hours(mode="within", start=480, end=1080, otherwise="hold")
    eve = datetime(2026, 3, 7, 3, 0, tzinfo=UTC)  # Friday evening in Denver, before the clocks go forward
    assert hold.due(eve, DENVER) == datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
    long_weekend = datetime(2026, 11, 14, 1, 0, tzinfo=UTC)
    assert hold.due(long_weekend, BOGOTA) == datetime(2026, 11, 17, 13, 0, tzinfo=UTC)


def test_a_rule_that_could_never_act_is_refused() -> None:
    for wrong in ({"mode": "within", "days": ()}, {"mode": "never"}, {"start": 1500}, {"zone": "Mars/Olympus"}):
        with pytest.raises(InvalidInputError):
            hours_from({**Hours().to_json(), **wrong})


def test_digests_gather_and_are_told_once(services: Services) -> None:
    add_rule(services, add_channel(services), severities=("low",), delivery="hourly")
    for number in range(3):
        tell(services, number, severity="low", facts={"entity_name": f"Person {number}"})
    assert states(services) == ["collecting"] * 3
    assert digests.collect_due(services) == 0, "the hour has not come"
    services.clock.sleep(3600)
    assert digests.collect_due(services) == 1
    assert digests.collect_due(services) == 0
    assert send(services) == {"sent": 1}
    assert states(services) == ["collected"] * 3 + ["sent"]
    digest = messages(services)[-1]
    assert {row.digest_id for row in messages(services)[:3]} == {digest.id}
    assert [item["content"]["entity_name"] for item in digest.content["items"]] == [f"Person {n}" for n in range(3)]


def test_a_daily_digest_leaves_at_eight_by_the_sites_clock() -> None:
    zone = zone_of("America/Denver")
    before_change = datetime(2026, 10, 31, 20, 0, tzinfo=UTC)
    assert next_daily(before_change, 480, zone) == datetime(2026, 11, 1, 15, 0, tzinfo=UTC)
    assert next_daily(datetime(2026, 11, 1, 15, 0, tzinfo=UTC), 480, zone) == datetime(2026, 11, 2, 15, tzinfo=UTC)


def test_a_channel_sends_no_more_a_minute_than_it_may(services: Services, clock: SteppedClock) -> None:
    channel = add_channel(services)
    add_rule(services, channel)
    with services.database.write() as session:
        channel_book.find(session, channel).per_minute = 2
    for number in range(5):
        tell(services, number)
    assert send(services) == {"sent": 2, "waiting": 1}
    clock.step(61)
    assert send(services) == {"sent": 2, "waiting": 1}
    clock.step(61)
    assert send(services) == {"sent": 1}
    assert {row.attempts for row in messages(services)} == {1}


def test_removing_a_channel_gives_up_what_waits_and_its_rules(services: Services) -> None:
    channel = add_channel(services)
    add_rule(services, channel)
    tell(services)
    assert channel_book.remove(services, channel, actor="ana") == 1
    assert states(services) == ["discarded"]
    with services.database.read() as session:
        assert rules.listed(session) == []
        actions = [entry.action for entry in audit.entries(session).entries]
    assert {"notification_channel.removed", "notification_channel.added", "notification_rule.added"} <= set(actions)


def test_a_rule_reads_as_a_sentence_in_both_languages() -> None:
    rule = Rule(channel_id=1, severities=("high", "critical"), subjects=("alert",), sites=("u1",))
    sites = {"u1": "Bogotá"}
    english = sentence(rule, "en", channel="Desk", sites=sites)
    assert (
        english == "High and above alerts at Bogotá, any hour → Desk, at once, the same again after 24 h or when worse"
    )
    assert "Alertas de severidad Alta o superior en Bogotá" in sentence(rule, "es", channel="Desk", sites=sites)
    daily = Rule(channel_id=1, delivery="daily", hours=OFFICE, repeat_hours=0)
    assert "Mon-Fri 08:00-18:00, public holidays closed" in sentence(daily, "en", channel="Desk", sites={})
