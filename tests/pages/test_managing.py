"""What Jobs, Connections and Users do when somebody presses their buttons."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from core.access import api_keys, password_links, people
from core.access.errors import PasswordLinkClosedError
from core.access.people import Person
from core.calls import quarantine, uploads
from core.calls.errors import SourceFileError
from core.calls.ingest import store_records
from core.calls.quarantine import WAITING
from core.language import translate
from core.services import Services
from core.store import audit, commands, job_runs
from core.store.models.operations import Command, ScheduledJob
from core.webex import connections
from jobs.import_upload import import_upload
from jobs.registry import JobContext
from jobs.runner import run_job
from tests.calls.records import leg
from tests.pages.conftest import Browser, open_page, sign_in, texts_of


def asked_for(parts: Services) -> list[Command]:
    with parts.database.read() as session:
        return commands.recent(session)


def audited(parts: Services) -> list[str]:
    with parts.database.read() as session:
        return [entry.action for entry in audit.entries(session).entries]


def publish_a_job(parts: Services, name: str = "ingest") -> None:
    with parts.database.write() as session:
        row = ScheduledJob(name=name, every_seconds=60.0, cron=None, next_run_at=parts.clock.now(), position=0)
        job_runs.publish_schedule(session, [row])


def test_run_now_asks_the_sidecar_and_is_audited(parts: Services, browser: Browser) -> None:
    person = sign_in(parts, browser, "supervisor")
    publish_a_job(parts)
    open_page("job_board").button(key="run_ingest").click().run()
    (command,) = asked_for(parts)
    assert (command.kind, command.arguments["job"], command.requested_by) == ("run_job", "ingest", person.name)
    assert "job.asked" in audited(parts)


def test_an_analyst_sees_jobs_but_cannot_run_them(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst")
    publish_a_job(parts)
    assert open_page("job_board").button(key="run_ingest").disabled


def test_a_run_that_goes_on_is_not_told_as_one_that_ended(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst", "es")
    publish_a_job(parts)
    job_runs.start(parts.database, "ingest", "schedule", 0, parts.clock.now() - timedelta(minutes=3))
    shown = texts_of(open_page("job_board"))
    assert "en curso desde hace 3 min" in shown
    assert "duró" not in shown


def test_a_failed_run_shows_its_error_with_the_remedy(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    publish_a_job(parts)
    run = job_runs.start(parts.database, "ingest", "schedule", 0, parts.clock.now())
    error = {"code": "calls_storage_full", "facts": {"path": "/data"}}
    job_runs.end(parts.database, run, job_runs.FAILED, parts.clock.now(), error=error)
    shown = texts_of(open_page("job_board"))
    assert translate("errors.calls_storage_full.remedy", "en", path="/data") in shown.replace("\\", "")
    history = open_page("job_board", view="history").dataframe[0].value
    assert translate("jobs_page.states.failed", "en") in history.to_string()


def test_the_quarantine_shows_reasons_and_discards_what_was_chosen(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("job_board", view="quarantine")
    assert translate("quarantine.reason.time_unreadable", "en") in app.dataframe[0].value.to_string()
    choose_first(app)
    assert "yesterday at noon" in str(app.json[0].value)
    app.button(key="quarantine_discard").click().run()
    with parts.database.read() as session:
        assert sum(quarantine.counts(session, state=WAITING).values()) == 1, "nothing goes before the question"
    app.button(key="quarantine_discard_yes").click().run()
    with parts.database.read() as session:
        assert quarantine.counts(session, state=WAITING) == {}
    assert "quarantine.discarded" in audited(parts)


def choose_first(app: AppTest) -> None:
    """Select the first row of the page's grid, as a click in the browser does."""
    (grid,) = app.dataframe
    app.session_state[grid.proto.id.split("-", 2)[2]] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()


def test_after_a_discard_no_other_record_is_chosen(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    another = leg(9998) | {"Start time": "tomorrow"}
    store_records(parts, [another], source="import", origin="other.csv")
    app = open_page("job_board", view="quarantine")
    choose_first(app)
    app.button(key="quarantine_discard").click().run()
    app.button(key="quarantine_discard_yes").click().run()
    assert len(app.dataframe[0].value) == 1
    assert not app.json
    assert app.button(key="quarantine_discard").disabled


def test_a_retry_of_what_still_cannot_be_read_keeps_it(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    open_page("job_board", view="quarantine").button(key="quarantine_retry").click().run()
    with parts.database.read() as session:
        assert sum(quarantine.counts(session, state=WAITING).values()) == 1


def test_an_upload_becomes_calls_by_the_import_job(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("connections", view="imports")
    content = json.dumps({"items": [leg(50_001), leg(50_002)]}).encode()
    app.file_uploader[0].upload("../../september feed.json", content)
    app.form_submit_button[0].click().run()
    assert not app.exception
    (command,) = asked_for(parts)
    arguments = {name: value for name, value in command.arguments.items() if name != "job"}
    assert uploads.path_of(parts.settings, arguments["upload"]).parent.parent == parts.settings.data_dir / "uploads"
    outcome = import_upload(JobContext(services=parts, arguments=arguments))
    assert (outcome["read"], outcome["new"]) == (2, 2)
    assert not (parts.settings.data_dir / "uploads" / arguments["upload"]).exists()
    app.run()
    assert "september feed.json" in app.dataframe[0].value.to_string()


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_file_that_is_none_is_told_with_its_reason(parts: Services, browser: Browser, language: str) -> None:
    sign_in(parts, browser, "supervisor", language)
    publish_an_upload_job(parts)
    app = open_page("connections", view="imports")
    app.file_uploader[0].upload("holiday.csv", b"Name,Colour\nAna,red\n")
    app.form_submit_button[0].click().run()
    (command,) = asked_for(parts)
    ended = run_job(parts, import_upload, "request", command.arguments)
    assert isinstance(ended.error, SourceFileError)
    app.run()
    problem = translate("calls_file.no_header", language, known=0, columns=2)  # type: ignore[arg-type]
    remedy = translate("errors.calls_file.remedy", language)  # type: ignore[arg-type]
    for shown in (texts_of(app), texts_of(open_page("job_board"))):
        plain = shown.replace("\\", "")
        assert "holiday.csv" in plain
        assert problem in plain
        assert remedy in plain
        assert translate("jobs_page.nothing_new", language) not in plain  # type: ignore[arg-type]
    history = open_page("job_board", view="history").dataframe[0].value
    assert problem in history.to_string()


def test_somebodys_bad_file_is_no_trouble_of_the_jobs(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    publish_an_upload_job(parts)
    run = job_runs.start(parts.database, "import_upload", "request", 0, parts.clock.now())
    job_runs.end(parts.database, run, job_runs.FAILED, parts.clock.now(), error={"code": "calls_file", "facts": {}})
    app = open_page("connections")
    assert translate("ui.freshness.jobs_failing", "en", n=1) not in texts_of(app)
    app.button(key="webex_test").click().run()
    assert translate("doctor.jobs.warning", "en", jobs="import_upload") not in texts_of(app).replace("\\", "")


def publish_an_upload_job(parts: Services) -> None:
    with parts.database.write() as session:
        row = ScheduledJob(name="import_upload", every_seconds=None, cron=None, next_run_at=None, position=0)
        job_runs.publish_schedule(session, [row])


def test_an_analyst_is_offered_no_import(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst")
    assert not open_page("connections", view="imports").file_uploader


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"connected": "webex"}, "connections.banner.connected_again"),
        ({"problem": "webex_code_refused"}, "errors.webex_code_refused.remedy"),
        ({"problem": "webex_consent_denied"}, "errors.webex_consent_denied.remedy"),
        ({"problem": "<script>"}, "errors.unexpected.remedy"),
    ],
)
def test_the_outcome_of_a_consent_is_told(
    parts: Services, browser: Browser, query: dict[str, str], expected: str
) -> None:
    sign_in(parts, browser, "admin")
    app = open_page("connections", **query)
    shown = texts_of(app)
    assert translate(expected, "en").split("{")[0] in shown.replace("\\", "")
    assert "<script>" not in shown
    assert "{" not in shown
    assert not set(app.query_params) & set(query), "a reload does not tell it again"


def test_the_first_connection_promises_the_history(empty_parts: Services, browser: Browser) -> None:
    sign_in(empty_parts, browser, "admin")
    shown = texts_of(open_page("connections", connected="webex"))
    assert translate("connections.banner.connected", "en") in shown


def test_nothing_of_a_former_connection_stands_once_it_is_ended(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    with parts.database.write() as session:
        row = connections.find_or_add(session, parts.settings, "admin")
        row.state, row.person_name, row.connected_by = "disconnected", "Wendy Webex", "adriana"
        row.connected_at, row.scopes_granted = parts.clock.now(), parts.settings.webex_scopes
    shown = texts_of(open_page("connections"))
    assert "Wendy Webex" not in shown
    assert ":green[:material/check_circle:]" not in shown
    assert translate("connections.scopes.asked", "en") in shown


def test_the_same_file_can_be_given_twice(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("connections", view="imports")
    for _ in range(2):
        app.file_uploader[0].upload("same.json", json.dumps({"items": [leg(50_003)]}).encode())
        app.form_submit_button[0].click().run()
        assert not app.file_uploader[0].value
    assert [command.arguments["job"] for command in asked_for(parts)] == ["import_upload"] * 2


def test_the_doctor_says_what_is_wrong_and_what_to_do(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("connections")
    app.button(key="webex_test").click().run()
    assert not app.exception
    assert translate("doctor.sidecar_never.remedy", "en") in texts_of(app).replace("\\", "")


def test_only_an_administrator_is_offered_the_connection(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    assert not any("/webex/login" in shown.value for shown in open_page("connections").html)
    sign_in(parts, browser, "admin")
    assert any("/webex/login?next=/connections" in shown.value for shown in open_page("connections").html)


def test_a_person_is_added_with_a_password_shown_once(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    app = open_page("users", view="people")
    app.text_input(key="new_name").set_value("nora@example")
    app.text_input(key="new_display_name").set_value("Nora Díaz")
    app.selectbox(key="new_role").set_value("operator")
    assert app.selectbox(key="new_language").options == ["English", "Spanish"]
    app.radio(key="new_way").set_value("by_password")
    app.form_submit_button[0].click().run()
    added = people.find(parts.database, "nora@example")
    assert added is not None
    assert (added.role, added.has_password) == ("operator", True)
    assert len(app.code[0].value) >= 12
    app.run()
    assert not app.code, "the password is shown once"


def test_a_person_is_added_with_a_link_that_can_be_replaced_and_revoked(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    app = open_page("users", view="people")
    app.text_input(key="new_name").set_value("nora@example")
    app.text_input(key="new_display_name").set_value("Nora Díaz")
    app.form_submit_button[0].click().run()
    first = app.code[0].value
    nora = named(parts, "nora@example")
    assert (nora.has_password, password_links.holder(parts, token_in(first)).id) == (False, nora.id)
    app.selectbox(key="change_who").set_value(nora).run()
    assert not app.code, "the link is shown once"
    app.button(key="person_link").click().run()
    second = app.code[0].value
    with pytest.raises(PasswordLinkClosedError):
        password_links.holder(parts, token_in(first))
    app.button(key="person_link_revoke").click().run()
    with pytest.raises(PasswordLinkClosedError):
        password_links.holder(parts, token_in(second))


def token_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["token"][0]


def test_people_change_their_own_password(parts: Services, browser: Browser) -> None:
    ana = sign_in(parts, browser, "analyst", "es")
    people.set_password(parts.database, parts.clock, ana.id, "siete caballos verdes", actor="test")
    sign_in(parts, browser, "analyst", "es")
    app = open_page("job_board")

    def send(present: str, wanted: str, again: str) -> None:
        app.button(key="own_password").click().run()
        for field, value in (("present", present), ("wanted", wanted), ("again", again)):
            app.text_input(key=f"own_password_{field}").set_value(value)
        title = translate("users.own_password.title", "es")
        next(button for button in app.form_submit_button if button.label == title).click().run()

    send("siete caballos verdes", "nueve montañas de sal", "nueve montañas")
    assert app.session_state["own_password_problem"] == translate("users.own_password.differ", "es")
    send("wrong", "nueve montañas de sal", "nueve montañas de sal")
    assert app.session_state["own_password_problem"].code == "present_password"
    send("siete caballos verdes", "nueve montañas de sal", "nueve montañas de sal")
    assert not app.exception
    assert "person.password_changed" in audited(parts)


def test_who_has_no_password_is_offered_no_change(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst")
    assert "own_password" not in [button.key for button in open_page("job_board").button]


def test_a_name_that_is_taken_is_refused_in_place(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    app = open_page("users", view="people")
    app.text_input(key="new_name").set_value("analyst@example")
    app.text_input(key="new_display_name").set_value("Somebody")
    app.form_submit_button[0].click().run()
    assert translate("errors.person_exists.remedy", "en") in texts_of(app).replace("\\", "")


def named(parts: Services, name: str) -> Person:
    found = people.find(parts.database, name)
    assert found
    return found


def test_a_role_changes_and_an_account_closes(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    app = open_page("users", view="people")
    label = next(option for option in app.selectbox(key="change_who").options if "operator@example" in option)
    app.selectbox(key="change_who").set_value(label).run()
    person = named(parts, "operator@example")
    app.selectbox(key=f"role_{person.id}_operator").set_value("analyst").run()
    assert named(parts, "operator@example").role == "analyst"
    app.button(key="person_close").click().run()
    assert named(parts, "operator@example").disabled


def test_a_key_is_issued_shown_once_and_revoked(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    app = open_page("users", view="keys")
    app.text_input(key="key_name").set_value("dashboard")
    app.multiselect(key="key_scopes").set_value(["calls.view"])
    app.form_submit_button[0].click().run()
    token = app.code[0].value
    holder = api_keys.holder(parts.database, parts.clock, token)
    assert holder is not None
    assert holder.permissions == {"calls.view"}
    app.run()
    app.button(key="revoke").click().run()
    assert api_keys.holder(parts.database, parts.clock, token) is None


def test_the_audit_is_filtered_by_action(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "admin")
    app = open_page("users", view="audit")
    app.text_input(key="audit_action").set_value("session").run()
    actions = set(app.dataframe[0].value[translate("users.audit.action", "en")])
    assert actions == {"session.started"}


def test_the_language_is_kept_with_the_person(parts: Services, browser: Browser) -> None:
    person = sign_in(parts, browser, "analyst", "en")
    app = open_page("overview")
    app.segmented_control(key="menu_language").set_value("es").run()
    assert app.title[0].value == translate("ui.pages.overview.title", "es")
    assert people.get(parts.database, person.id).language == "es"
    assert open_page("calls").title[0].value == translate("ui.pages.calls.title", "es")
