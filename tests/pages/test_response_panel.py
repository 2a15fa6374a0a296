"""The panel of an alert that changes settings in Webex: proposal, consent, progress, undo, and what is missing."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.alerts.receive import receive_drafts
from core.detection.finding import AlertDraft
from core.sandbox.call_settings_book import beginning
from core.sandbox.founding import build_world
from core.services import Services
from core.settings import DEFAULT_SCOPES
from core.store.models.responses import ResponseChange, ResponseRow
from core.store.models.webex import WebexConnection, WebexPerson
from core.webex.call_settings_store import Reading, keep
from tests.pages.conftest import Browser, open_page, sign_in, texts_of

WRITING = f"{DEFAULT_SCOPES} spark-admin:people_write"


@dataclass
class Desk:
    """An alert about a person whose permissions were read."""

    parts: Services
    alert: int
    person: str
    before: dict[str, Any]


@pytest.fixture
def desk(parts: Services) -> Desk:
    world = build_world(7, 24)
    person = next(one for one in world.people if one.is_human and one.international)
    before = beginning(world, person, "outgoing_permission")
    now = parts.clock.now()
    draft = AlertDraft(
        detector="international_calls",
        severity="high",
        entity_kind="user",
        entity=person.uuid,
        entity_name=person.name,
        destination_group="LV",
        local_day=now.date().isoformat(),
        emitted_at=int(now.timestamp()),
        evidence=["record"],
        explanation={"observed": {}, "expected": {}},
        cost=30.0,
        dedupe_key="alert of the panel",
    )
    with parts.database.write() as session:
        session.add(WebexConnection(kind="admin", state="connected", scopes_asked=WRITING, scopes_granted=WRITING))
        session.add(
            WebexPerson(uuid=person.uuid, webex_id="x", name=person.name, changed_at=now, numbers=[], is_removed=False)
        )
        keep(session, Reading(person.uuid, "outgoing_permission", before, now, now))
        alert = receive_drafts(session, [draft], at=now)[0].alert_id
    return Desk(parts, alert, person.uuid, before)


def open_panel(desk: Desk) -> AppTest:
    return open_page("alerts", alert=str(desk.alert), tab="respond")


def key(desk: Desk, action: str) -> str:
    return f"respond_{desk.alert}_{action}:{desk.person}"


def written(desk: Desk) -> list[ResponseRow]:
    with desk.parts.database.read() as session:
        return list(session.scalars(select(ResponseRow)))


def test_an_admin_sees_before_and_after_consents_and_asks(desk: Desk, browser: Browser) -> None:
    sign_in(desk.parts, browser, "admin")
    app = open_panel(desk)
    assert not app.exception
    assert app.checkbox(key=key(desk, "block_calls")).value
    assert not app.checkbox(key=key(desk, "intercept")).value
    table = app.dataframe[1].value
    assert ("Abroad: call", "Allowed", "Blocked") in [tuple(row) for row in table.itertuples(index=False)]
    app.button(key="response_apply").click().run()
    app.button(key="response_do").click().run()
    assert written(desk) == []
    assert "was not confirmed" in texts_of(app)
    app.button(key="response_apply").click().run()
    app.checkbox(key="response_consent").check()
    app.button(key="response_do").click().run()
    assert not app.exception
    (row,) = written(desk)
    assert (row.state, row.is_working, row.requested_by) == ("applying", True, "admin@example")
    assert "Being applied" in str([element.proto for element in app.get("badge")]) + texts_of(app)


def test_what_was_applied_can_be_undone_with_consent_and_a_conflict_shows_three_states(
    desk: Desk, browser: Browser
) -> None:
    now = desk.parts.clock.now()
    ours = {**desk.before, "useCustomPermissions": True}
    theirs = {**ours, "callingPermissions": [{**row, "action": "AUTH_CODE"} for row in ours["callingPermissions"]]}
    with desk.parts.database.write() as session:
        row = ResponseRow(
            alert_id=desk.alert, state="applied", is_working=False, requested_by="admin@example", requested_at=now
        )
        session.add(row)
        session.flush()
        session.add(
            ResponseChange(
                response_id=row.id,
                action="block_calls",
                setting="outgoing_permission",
                person_uuid=desk.person,
                person_name="Ana",
                state="applied",
                before=desk.before,
                intended=ours,
                found=theirs,
                applied_at=now,
                error={"code": "respond_changed_meanwhile", "facts": {"what": "Ana"}},
            )
        )
        number = row.id
    sign_in(desk.parts, browser, "admin")
    app = open_panel(desk)
    assert not app.exception
    assert "Somebody else changed the setting of Ana" in texts_of(app)
    columns = list(app.dataframe[1].value.columns)
    assert columns == ["Setting", "Saved", "Set by Tollwatch", "Now"]
    app.button(key=f"response_undo_{number}").click().run()
    app.checkbox(key="undo_consent").check()
    app.button(key="undo_do").click().run()
    assert not app.exception
    (row,) = written(desk)
    assert (row.state, row.undo_forced) == ("undoing", True)


@pytest.mark.parametrize("role", ["analyst", "supervisor"])
def test_others_see_the_proposal_and_cannot_act(desk: Desk, browser: Browser, role: str) -> None:
    sign_in(desk.parts, browser, role)
    app = open_panel(desk)
    assert "Only an administrator" in texts_of(app)
    assert app.checkbox(key=key(desk, "block_calls")).disabled
    assert app.button(key="response_apply").disabled
    with desk.parts.database.write() as session:
        session.get_one(WebexConnection, "admin").scopes_granted = DEFAULT_SCOPES
    shown = texts_of(open_panel(desk))
    assert "An administrator can grant it" in shown
    assert "connect with that right" not in shown


def test_a_connection_that_only_reads_says_what_to_do(desk: Desk, browser: Browser) -> None:
    with desk.parts.database.write() as session:
        session.get_one(WebexConnection, "admin").scopes_granted = DEFAULT_SCOPES
    sign_in(desk.parts, browser, "admin")
    app = open_panel(desk)
    assert "connect with that right" in texts_of(app)
    assert app.button(key="response_apply").disabled
