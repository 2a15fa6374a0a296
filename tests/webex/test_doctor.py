"""Each thing that may be wrong with a connection has its finding and its remedy."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.clock import SteppedClock
from core.doctor import Finding
from core.language import LANGUAGES
from core.services import Services
from core.store.engine import Database, StoreBusyError
from core.webex import cursors
from core.webex.doctor import findings
from tests.store.crossing import cross_once
from tests.webex.conftest import connect, services_for
from tests.webex.feeding import ingest
from tests.webex.scripted_cloud import ScriptedCloud, fails

ALL_SCOPES = (
    "spark-admin:calling_cdr_read analytics:read_all spark-admin:organizations_read spark-admin:people_read "
    "spark-admin:telephony_config_read spark-admin:locations_read spark-admin:recordings_read audit:events_read"
)


def found(services: Services) -> dict[str, Finding]:
    """The findings by code; every text of each is there in both languages."""
    listed = findings(services)
    for finding in listed:
        for language in LANGUAGES:
            assert finding.message(language)
            assert finding.level == "ok" or finding.remedy(language)
    return {finding.code: finding for finding in listed}


def test_nothing_connected(services: Services, cloud: ScriptedCloud) -> None:
    assert [finding.code for finding in findings(services)] == ["webex_not_connected"]
    assert cloud.seen == []


def test_all_is_well(services: Services, cloud: ScriptedCloud) -> None:
    cloud.scopes = ALL_SCOPES
    connect(services, cloud)
    ingest(services)
    listed = found(services)
    assert {finding.level for finding in listed.values()} == {"ok"}
    assert {"webex_token", "webex_expiry", "webex_scopes", "webex_people", "webex_call_history"} <= set(listed)


def test_each_missing_scope_is_named(services: Services, cloud: ScriptedCloud) -> None:
    cloud.scopes = ALL_SCOPES.replace("spark-admin:calling_cdr_read ", "").replace(" audit:events_read", "")
    connect(services, cloud)
    missing = [finding for finding in findings(services) if finding.code == "webex_scope_missing"]
    assert [(finding.level, finding.facts["scope"]) for finding in missing] == [
        ("problem", "spark-admin:calling_cdr_read"),
        ("warning", "audit:events_read"),
    ]


def test_a_missing_role_is_found_by_asking_when_nothing_was_fetched_lately(
    by_hand: Services, cloud: ScriptedCloud
) -> None:
    cloud.answer("/cdr_feed", fails(403))
    finding = found(by_hand)["webex_call_history_role"]
    assert finding.level == "problem"
    assert "ten minutes" in finding.remedy("en")


def test_a_busy_database_is_not_blamed_on_webex(
    cloud: ScriptedCloud, postgres_database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    services = services_for(cloud, postgres_database, clock, tmp_path, webex_access_token="by-hand-token")
    cross_once(postgres_database, "rate_gate", "INSERT")
    with pytest.raises(StoreBusyError):
        findings(services)
    assert "webex_call_history" in found(services)


def test_asking_never_waits_for_the_turn_of_call_history(
    cloud: ScriptedCloud, by_hand: Services, clock: SteppedClock
) -> None:
    slow = services_for(
        cloud,
        by_hand.database,
        clock,
        by_hand.settings.data_dir,
        webex_access_token="by-hand-token",
        webex_rate_scale=1,
    )
    assert found(slow)["webex_call_history"].level == "ok"
    before = clock.monotonic()
    assert "webex_call_history_unknown" in found(slow)
    assert clock.monotonic() == before


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/people", "webex_people"),
        ("/locations", "webex_locations"),
        ("/admin/convergedRecordings", "webex_recordings"),
    ],
)
def test_a_forbidden_list_is_a_warning(by_hand: Services, cloud: ScriptedCloud, path: str, code: str) -> None:
    cloud.answer(path, fails(403, "missing required roles"))
    finding = found(by_hand)[code]
    assert finding.level == "warning"
    assert "missing required roles" in finding.message("en")


@pytest.mark.parametrize(
    ("responders", "code"),
    [
        ([fails(401), fails(401)], "webex_token_refused"),
        ([fails(429, Retry_After="30")], "webex_busy"),
        ([fails(503)], "webex_unreachable"),
    ],
)
def test_a_token_that_does_not_work_ends_the_examination(
    by_hand: Services, cloud: ScriptedCloud, responders: list[Any], code: str
) -> None:
    cloud.answer("/people/me", *responders)
    assert list(found(by_hand)) == [code]


def test_a_token_under_another_key_says_connect_again(
    services: Services, cloud: ScriptedCloud, clock: SteppedClock
) -> None:
    connect(services, cloud)
    other = services_for(
        cloud, services.database, clock, services.settings.data_dir, secret_key="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab"
    )
    assert list(found(other)) == ["webex_token_unreadable"]


def test_a_cursor_in_the_future_is_found(by_hand: Services) -> None:
    with by_hand.database.write() as session:
        cursors.change_calls(
            session, lambda cursor: cursor.advanced(datetime(2999, 12, 31, tzinfo=UTC)), by_hand.clock.now()
        )
    assert found(by_hand)["webex_cursor_ahead"].level == "problem"


def test_records_that_stopped_arriving_are_found(by_hand: Services, clock: SteppedClock) -> None:
    ingest(by_hand)
    clock.step(3600)
    assert found(by_hand)["webex_progress"].level == "warning"
