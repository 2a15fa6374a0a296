from prometheus_client.parser import text_string_to_metric_families

from core.dialer import connection
from core.store.models.operations import Lease
from core.web.middleware.headers import CONTENT_SECURITY_POLICY
from tests.web.serving import Desk


def states(desk: Desk) -> dict[str, bool]:
    return {part["name"]: part["ok"] for part in desk.browser().get("/readyz").json()["components"]}


def test_alive_and_ready(desk: Desk) -> None:
    stranger = desk.browser()
    assert stranger.get("/healthz").json() == {"status": "ok"}
    assert stranger.get("/health").json() == {"status": "ok"}
    ready = stranger.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert states(desk) == {"database": True, "calls": True, "sidecar": False, "asterisk": False}


def test_a_beating_sidecar_makes_it_whole_and_a_silent_one_does_not(desk: Desk) -> None:
    with desk.services.database.write() as session:
        now = desk.clock.now()
        session.add(Lease(name="sidecar", holder="test", epoch=1, expires_at=now, beat_at=now))
    assert desk.browser().get("/readyz").json()["status"] == "degraded"
    with desk.services.database.write() as session:
        connection.publish(session, connection.CONNECTED, now)
    assert desk.browser().get("/readyz").json()["status"] == "ready"
    desk.clock.step(3600)
    assert states(desk)["sidecar"] is False


def test_not_ready_when_the_table_of_calls_cannot_be_read(desk: Desk) -> None:
    log = desk.services.settings.calls_path / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    (log / f"{0:020}.json").write_text("damaged")
    answer = desk.browser().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    calls = next(part for part in answer.json()["components"] if part["name"] == "calls")
    assert calls["detail"].startswith("calls_damaged: ")


def test_a_damaged_database_is_told_to_probes_pages_and_programs(desk: Desk) -> None:
    browser = desk.browser("analyst")
    desk.services.database.close()
    for path in desk.services.settings.data_dir.glob("state.db*"):
        path.write_bytes(b"no database at all" * 500)
    ready = desk.browser().get("/readyz")
    database = ready.json()["components"][0]
    assert (ready.status_code, database["ok"]) == (503, False)
    assert database["detail"].startswith("store_damaged: ")
    page = browser.get("/calls", headers={"Accept-Language": "es"})
    assert page.status_code == 500
    assert "restore-check" in page.text
    assert "está dañada" in page.text
    assert browser.get("/api/v1/me").json()["error"]["code"] == "store_damaged"


def test_measurements_for_collectors_and_key_holders(desk: Desk) -> None:
    desk.browser("analyst").get("/api/v1/me")
    here = desk.browser().get("/metrics").text
    found = {sample.name: sample for family in text_string_to_metric_families(here) for sample in family.samples}
    assert found["tollwatch_sessions"].value == 1
    assert "tollwatch_calls_stored_age_seconds" in found
    assert "tollwatch_job_runs" in here
    routes = {
        sample.labels["route"]
        for family in text_string_to_metric_families(here)
        for sample in family.samples
        if sample.name == "tollwatch_http_responses_total"
    }
    assert "/api/v1/me" in routes
    elsewhere = {"X-Forwarded-For": "192.0.2.1"}
    assert desk.browser().get("/metrics", headers={**elsewhere, "Accept": "*/*"}).status_code == 401
    assert desk.program("analyst").get("/metrics", headers=elsewhere).status_code == 403
    assert desk.program("admin", "metrics.view").get("/metrics", headers=elsewhere).status_code == 200


def test_every_answer_carries_the_headers_that_guard_it(desk: Desk) -> None:
    for answer in (
        desk.browser("admin").get("/calls"),
        desk.browser().get("/sign-in"),
        desk.browser().get("/api/v1/nothing"),
        desk.browser().get("/healthz"),
    ):
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert len(answer.headers["x-request-id"]) == 12
        assert "access-control-allow-origin" not in answer.headers
