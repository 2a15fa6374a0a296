"""The watch over people's settings: everybody in turn, changes told once, with who made them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from core.alerts import explain
from core.respond.setting_watch import PollCounts, poll_settings
from core.services import Services
from core.store.engine import Database
from core.store.models.alerts import AlertRow, TimelineRow
from core.store.models.responses import AdminAuditEvent, SettingChange, SettingSnapshot
from core.webex.admin_audit_sync import sync_admin_audit
from core.webex.client import open_client
from tests.respond.conftest import WRITING as WRITING_SCOPES
from tests.respond.conftest import Desk, desk_for, never, quiet
from tests.sandbox.conftest import RunningCloud


def poll(desk: Desk) -> PollCounts:
    desk.clock.step(60)
    return poll_settings(desk.services, quiet, never)


def forward(desk: Desk, person: str, destination: str) -> None:
    held = desk.setting(person, "callForwarding")["callForwarding"]["always"]
    desk.change(
        person, "callForwarding", {"callForwarding": {"always": {**held, "enabled": True, "destination": destination}}}
    )


def count(desk: Desk, table: Any) -> int:
    found = desk.read(lambda session: session.scalar(select(func.count()).select_from(table)))
    return int(found)


def test_the_first_reading_teaches_and_a_foreign_forward_by_another_is_told_once(desk: Desk) -> None:
    first = poll(desk)
    people = len(desk.cloud.get("/v1/people?max=100").json()["items"])
    assert (first.read, first.changed, first.alerts) == (people, 0, 0)
    person = desk.somebody()
    forward(desk, person.uuid, "+37120012345")
    assert poll(desk).alerts == 1
    assert (poll(desk).changed, len(desk.alerts())) == (0, 1)
    (alert,) = desk.alerts()
    assert (alert.detector, alert.entity, alert.site) == ("forwarding_change", person.uuid, person.site.name)
    told = alert.explanation["change"]
    administrator = desk.cloud.tenant.world.administrator
    assert (told["target"], told["changed_by"], told["by_owner"]) == (
        "+37120012345",
        administrator.name,
        person is administrator,
    )
    said = explain.summary(alert, "en")
    assert "+37120012345" in said
    assert administrator.name in said
    assert "Latvia" in said
    change = desk.read(lambda session: session.scalars(select(SettingChange)).one())
    assert change.audit_event_id
    assert change.before["callForwarding"]["always"]["enabled"] is False


def test_an_abuse_of_the_sandbox_is_caught_before_its_first_call(small_desk: Desk) -> None:
    poll(small_desk)
    incident = small_desk.cloud.control("incidents", kind="forwarding")
    small_desk.clock.step(1)
    assert poll(small_desk).alerts == 1
    (alert,) = small_desk.alerts()
    assert alert.entity == incident["entity"]
    assert alert.emitted_at.timestamp() <= incident["started"]


def test_a_forward_inside_the_country_by_its_owner_is_history_and_no_alert(small_desk: Desk) -> None:
    poll(small_desk)
    person = small_desk.somebody()
    forward(small_desk, person.uuid, "2501")
    counts = poll(small_desk)
    assert (counts.changed, counts.alerts) == (1, 0)


def test_everybody_has_their_turn_and_who_was_changed_by_an_administrator_comes_first(
    sqlite_database: Database, cloud: RunningCloud, tmp_path: Path
) -> None:
    desk = desk_for(sqlite_database, cloud, tmp_path, WRITING_SCOPES, settings_poll_per_minute=5)
    read = [poll(desk).read for _ in range(8)]
    assert max(read) == 5
    assert count(desk, SettingSnapshot) == len(cloud.get("/v1/people?max=100").json()["items"])
    last = desk.read(
        lambda session: session.scalars(
            select(SettingSnapshot.person_uuid).order_by(SettingSnapshot.tried_at.desc()).limit(1)
        ).one()
    )
    forward(desk, last, "+37120012345")
    desk.clock.step(1)
    client = open_client(desk.services)
    sync_admin_audit(desk.services, client)
    client.close()
    assert poll(desk).changed == 1


def test_people_with_open_alerts_have_all_their_settings_read(small_desk: Desk) -> None:
    poll(small_desk)
    person = small_desk.somebody()
    forward(small_desk, person.uuid, "+881651234567")
    poll(small_desk)
    small_desk.clock.step(300)
    poll(small_desk)
    kept = small_desk.read(
        lambda session: set(
            session.scalars(select(SettingSnapshot.setting).where(SettingSnapshot.person_uuid == person.uuid))
        )
    )
    assert kept == {"call_forwarding", "outgoing_permission", "call_intercept"}


def test_without_the_right_to_read_nothing_fails_and_webex_is_left_in_peace(reading_desk: Desk) -> None:
    reading_desk.cloud.control("faults", missing_scopes="spark-admin:people_read audit:events_read")
    assert poll(reading_desk).state == "no_right"
    assert poll(reading_desk).state == "waiting"
    client = open_client(reading_desk.services)
    assert sync_admin_audit(reading_desk.services, client).state == "no_right"
    client.close()


def test_the_audit_is_copied_once(desk: Desk) -> None:
    person = desk.somebody()
    forward(desk, person.uuid, "+37120012345")
    client = open_client(desk.services)
    desk.clock.step(60)
    first = sync_admin_audit(desk.services, client)
    again = sync_admin_audit(desk.services, client)
    client.close()
    assert first.new >= 1
    assert again.new == 0
    event = desk.read(
        lambda session: session.scalars(select(AdminAuditEvent).where(AdminAuditEvent.setting != "")).one()
    )
    assert (event.setting, event.target_uuid) == ("call_forwarding", person.uuid)


def test_a_switched_off_watch_asks_nothing(small_desk: Desk) -> None:
    settings = small_desk.services.settings.model_copy(update={"settings_poll_per_minute": 0})
    services: Services = replace(small_desk.services, settings=settings)
    assert poll_settings(services, quiet, never).state == "off"
    assert (count(small_desk, AlertRow), count(small_desk, TimelineRow)) == (0, 0)
