"""What the Detectors page shows and does: tuning with preview and revert, expected activity, tariffs."""

from datetime import timedelta

import pytest

from core.detection import preview, suppression, tariffs, tuning
from core.detection.registry import detectors
from core.language import translate
from core.risk.naming import users_named
from core.services import Services
from core.store import audit
from core.store.models.alerts import AlertRow, CaseRow
from core.store.models.detection import CallingUser, DetectionPreview
from core.store.models.webex import WebexLocation, WebexPerson
from jobs.preview_detection import preview_detection
from jobs.registry import JobContext
from tests.pages.conftest import Browser, open_page, sign_in, texts_of

PARAMETER = "tune_after_hours_0_p_calls"


def alert(services: Services, number: int, **fields: object) -> None:
    """One alert of the after-hours detector, a day old."""
    at = services.clock.now() - timedelta(days=1)
    told: dict[str, object] = {
        "public_id": f"A-{number}", "dedupe_key": f"k{number}", "detector": "after_hours", "alert_type": "after_hours",
        "severity": "medium", "severity_rank": 1, "entity_kind": "user", "entity": "u1", "first_seen": at,
        "last_seen": at, "emitted_at": at, "created_at": at, "changed_at": at, "case_id": 1,
    }  # fmt: skip
    with services.database.write() as session:
        if session.get(CaseRow, 1) is None:
            session.add(CaseRow(id=1, public_id="C-1", entity_kind="user", entity="u1", opened_at=at, last_at=at))
            session.flush()
        session.add(AlertRow(**(told | fields)))


def test_the_list_shows_every_detector_with_its_record(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst")
    alert(parts, 1, verdict="true_positive", state="resolved", is_open=False)
    alert(parts, 2, verdict="benign", state="resolved", is_open=False)
    alert(parts, 3)
    shown = open_page("detectors").dataframe[0].value
    assert len(shown) == len(detectors())
    (row,) = [row for row in shown.to_dict("records") if row["Detector"] == "Calls outside working hours"]
    assert (row["Alerts, 30 days"], row["Open"], row["Precision"]) == (3, 1, "50.0 %")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_detector_tells_what_it_is_in_both_languages(parts: Services, browser: Browser, language: str) -> None:
    sign_in(parts, browser, "analyst", language)
    app = open_page("detectors", detector="after_hours")
    assert not app.exception
    shown = texts_of(app).replace("\\", "")
    (known,) = [one for one in detectors() if one.id == "after_hours"]
    for part in ("purpose", "runbook", "false_positives"):
        assert " ".join(known.about[part][language].split()) in shown
    assert app.number_input(key=PARAMETER).disabled, "an analyst looks, a supervisor tunes"


def test_a_change_needs_a_reason_and_is_taken_back(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("detectors", detector="after_hours")
    app.number_input(key=PARAMETER).set_value(9)
    app.button(key="tune_apply").click().run()
    assert translate("tuning.form.no_reason", "en") in texts_of(app)
    app.text_input(key="tune_after_hours_0_reason").set_value("night shift")
    app.button(key="tune_apply").click().run()
    assert not app.exception
    with parts.database.read() as session:
        assert tuning.parameter_changes(session) == {"after_hours": {"calls": 9.0}}
        (change,) = tuning.history(session)
        assert next(entry.action for entry in audit.entries(session).entries) == "detector.tuned"
    assert change.reason == "night shift"
    app.button(key=f"tuning_revert_{change.id}").click().run()
    with parts.database.read() as session:
        assert tuning.parameter_changes(session) == {}
    assert not app.exception


def test_a_preview_is_asked_for_worked_out_and_shown(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("detectors", detector="after_hours")
    app.number_input(key=PARAMETER).set_value(3)
    app.button(key="tune_preview").click().run()
    with parts.database.read() as session:
        row = preview.latest(session, "after_hours")
    assert row is not None
    assert row.proposal["parameters"] == {"calls": 3.0}
    preview_detection(JobContext(parts, arguments={"preview": row.id}))
    app = open_page("detectors", detector="after_hours")
    assert translate("tuning.preview.title", "en", days=30) in texts_of(app)
    with parts.database.read() as session:
        stored = session.get(DetectionPreview, row.id)
    assert stored is not None
    assert stored.state == preview.DONE
    assert not app.exception


def fill_directory(parts: Services) -> None:
    at = parts.clock.now()
    with parts.database.write() as session:
        session.add(WebexLocation(uuid="s1", webex_id="l", name="Bogotá", changed_at=at))
        session.add(WebexPerson(uuid="u1", webex_id="p", name="Ana Díaz", extension="201", changed_at=at))
        session.add(WebexPerson(uuid="u2", webex_id="q", name="Twin", changed_at=at))
        session.add(CallingUser(uuid="u3", name="Twin", number="+57601"))


def test_people_are_found_by_any_of_their_names(parts: Services) -> None:
    fill_directory(parts)
    with parts.database.read() as session:
        found = users_named(session, ["ana díaz", "u2", " +57601", "Twin", "nobody", ""])
    assert (found.users, found.unknown) == (("u1", "u2", "u3"), ("Twin", "nobody"))


def test_a_destination_is_allowed_and_ended(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    fill_directory(parts)
    app = open_page("detectors", view="expected")
    app.text_input(key="allowed_value").set_value("cu")
    app.text_input(key="allowed_reason").set_value("supplier")
    next(button for button in app.button if button.label == "Allow").click().run()
    with parts.database.read() as session:
        (entry,) = suppression.listed_allowances(session)
    assert (entry.value, entry.scope_kind) == ("CU", "org")
    app.button(key=f"allowed_end_{entry.id}").click().run()
    with parts.database.read() as session:
        assert suppression.listed_allowances(session)[0].ended_at is not None
    assert not app.exception


def test_a_campaign_names_people_that_exist(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    fill_directory(parts)
    today = parts.clock.now().date()
    for people, declared in (("nobody", 0), ("Ana Díaz\n+57601", 1)):
        app = open_page("detectors", view="expected")
        app.text_input(key="campaign_name").set_value("Calls of November")
        app.text_area(key="campaign_people").set_value(people)
        app.date_input(key="campaign_days").set_value((today, today + timedelta(days=3)))
        next(button for button in app.button if button.label == "Declare").click().run()
        assert not app.exception
        with parts.database.read() as session:
            assert len(suppression.listed_campaigns(session)) == declared
    with parts.database.read() as session:
        assert tuning.campaigns(session)[0]["users"] == ["u1", "u3"]


def test_a_tariff_is_checked_shown_loaded_and_taken_back(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("detectors", view="tariff")
    app.file_uploader[0].upload("prices.csv", b"country,price\nCU,1.2\nCuba,3\n").run()
    assert translate("tuning.tariffs.problems.destination", "en") in app.table[0].value.to_string()
    assert translate("tuning.tariffs.problem_lines_one", "en") in texts_of(app)
    app = open_page("detectors", view="tariff")
    app.file_uploader[0].upload("prices.csv", b"country,price\nCU,1.2\n").run()
    app.text_input(key="tariff_reason").set_value("new contract")
    app.button(key="tariff_load").click().run()
    assert not app.exception
    with parts.database.read() as session:
        used = tariffs.in_use(session)
    assert used is not None
    assert used.reason == "new contract"
    app.button(key="tariff_use_default").click().run()
    with parts.database.read() as session:
        assert tariffs.in_use(session) is None
