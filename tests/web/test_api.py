"""The API's own capabilities: people, keys, the connection, commands, its description."""

from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from core.access.errors import LastAdminError
from core.access.permissions import permissions_of
from core.store import audit, commands
from core.store.models.webex import WebexLocation, WebexPerson
from tests.access.conftest import PASSWORD
from tests.web.conftest import OpenDesk
from tests.web.serving import Desk

SEEN = datetime(2026, 11, 20, tzinfo=UTC)


def test_people_are_added_changed_and_closed(desk: Desk) -> None:
    admin = desk.browser("admin")
    made = admin.post(
        "/api/v1/users", json={"name": "Ana", "display_name": "Ana R", "role": "analyst", "password": PASSWORD}
    )
    assert made.status_code == 201
    person = made.json()
    assert person["name"] == "ana"
    assert PASSWORD not in made.text
    path = f"/api/v1/users/{person['id']}"
    assert admin.patch(path, json={"role": "supervisor"}).json()["role"] == "supervisor"
    assert admin.patch(path, json={"disabled": True}).json()["disabled"] is True
    assert admin.post(f"{path}/sign-out").status_code == 204
    assert admin.get(path).json()["disabled"] is True
    again = admin.post("/api/v1/users", json={"name": "ANA", "display_name": "x", "role": "analyst"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "person_exists")


def test_the_last_admin_stays(desk: Desk) -> None:
    admin = desk.browser("admin")
    me = admin.get("/api/v1/me").json()["person"]["id"]
    for change in ({"role": "analyst"}, {"disabled": True}):
        answer = admin.patch(f"/api/v1/users/{me}", json=change)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, LastAdminError.code)


def test_lists_come_in_pages(desk: Desk) -> None:
    admin = desk.browser("admin")
    for number in range(5):
        desk.person("analyst", f"person-{number}")
    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        body = admin.get("/api/v1/users", params={"limit": 2, "cursor": cursor} if cursor else {"limit": 2}).json()
        assert set(body) == {"items", "next", "previous"}
        assert len(body["items"]) <= 2
        names += [person["name"] for person in body["items"]]
        cursor = body["next"]
    assert names == sorted(names)
    assert len(names) == 6


def test_everybody_sees_and_tunes_themself(desk: Desk) -> None:
    operator = desk.browser("operator")
    me = operator.get("/api/v1/me").json()
    assert me["permissions"] == sorted(permissions_of("operator"))
    changed = operator.patch("/api/v1/me", json={"language": "es", "time_zone": "America/Bogota"})
    assert (changed.json()["language"], changed.json()["time_zone"]) == ("es", "America/Bogota")
    assert operator.get("/api/v1/users").json()["error"]["message"].startswith("Su rol no permite")
    assert desk.program("operator").get("/api/v1/me").json()["csrf_token"] is None


def test_keys_are_issued_shown_once_and_revoked(desk: Desk) -> None:
    admin = desk.browser("admin")
    issued = admin.post("/api/v1/api-keys", json={"name": "export", "scopes": ["overview.view"]})
    assert issued.status_code == 201
    token, key = issued.json()["token"], issued.json()["key"]
    bearer = {"Authorization": f"Bearer {token}"}
    program = desk.browser()
    assert program.get("/api/v1/status", headers=bearer).json()["environment"] == "sandbox"
    assert token not in admin.get("/api/v1/api-keys").text
    assert admin.delete(f"/api/v1/api-keys/{key['id']}").status_code == 204
    assert program.get("/api/v1/status", headers=bearer).status_code == 401


def test_a_key_cannot_make_a_greater_one(desk: Desk) -> None:
    program = desk.program("admin", "api_keys.manage")
    answer = program.post("/api/v1/api-keys", json={"name": "more", "scopes": ["users.manage"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "scope_not_held")


def test_a_key_needs_no_forgery_token_and_ignores_a_wrong_scheme(desk: Desk) -> None:
    program = desk.program("supervisor", "jobs.run")
    assert program.post("/api/v1/cdrs/sync").status_code == 202
    token = program.headers["authorization"].removeprefix("Bearer ")
    for wrong in (f"Basic {token}", f"Bearer {token}x", "Bearer", f"bearer  tw_{'x' * 5000}"):
        assert desk.browser().get("/api/v1/me", headers={"Authorization": wrong}).status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/cdrs/sync", "/api/v1/cdr/ingest"])
def test_asking_for_records_makes_one_command(desk: Desk, path: str) -> None:
    supervisor = desk.browser("supervisor")
    window = {"since": "2026-11-19T00:00:00-05:00", "until": "2026-11-20T00:00:00Z"}
    first = supervisor.post(path, json=window, headers={"Idempotency-Key": "k1"})
    again = supervisor.post(path, json=window, headers={"Idempotency-Key": "k1"})
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    with desk.services.database.read() as session:
        command = commands.find(session, first.json()["command_id"])
        noted = audit.entries(session, audit.AuditFilter(action="job.asked")).entries
    assert (command.kind, command.state) == ("run_job", "queued")
    assert command.arguments["job"] == "ingest"
    assert command.arguments["since"] == "2026-11-19T00:00:00-05:00"
    assert noted[-1].actor == "supervisor@example.com"
    told = supervisor.get(f"/api/v1/commands/{command.id}").json()
    assert (told["state"], told["requested_by"]) == ("queued", "supervisor@example.com")


@pytest.mark.parametrize(
    "window",
    [
        {"since": "2026-11-20T00:00:00Z", "until": "2026-11-19T00:00:00Z"},
        {"since": "2026-11-20T00:00:00"},
        {"since": "yesterday"},
        {"since": 9**30},
    ],
)
def test_a_window_that_makes_no_sense_asks_for_nothing(desk: Desk, window: dict[str, object]) -> None:
    assert desk.browser("supervisor").post("/api/v1/cdrs/sync", json=window).status_code == 422
    with desk.services.database.read() as session:
        assert commands.recent(session) == []


def test_the_state_of_the_connection(desk: Desk) -> None:
    told = desk.browser("analyst").get("/api/v1/cdrs/status").json()
    assert (told["connected"], told["environment"], told["state"]) == (False, "sandbox", "disconnected")


def test_the_directory_in_pages(desk: Desk) -> None:
    with desk.services.database.write() as session:
        for number in range(3):
            session.add(WebexLocation(uuid=f"l{number}", webex_id="", name="Bogotá", time_zone="", changed_at=SEEN))
            session.add(WebexPerson(uuid=f"p{number}", webex_id="", name=f"Person {number}", changed_at=SEEN))
        session.add(WebexLocation(uuid="gone", webex_id="", name="Away", is_removed=True, changed_at=SEEN))
    analyst = desk.browser("analyst")
    first = analyst.get("/api/v1/cdrs/locations?limit=2").json()
    rest = analyst.get("/api/v1/cdrs/locations", params={"cursor": first["next"]}).json()
    assert [site["uuid"] for site in first["items"] + rest["items"]] == ["l0", "l1", "l2"]
    assert rest["next"] is None
    assert [person["name"] for person in analyst.get("/api/v1/cdrs/people").json()["items"]] == [
        "Person 0",
        "Person 1",
        "Person 2",
    ]


def test_the_description_is_whole_and_drawn_without_help_from_outside(desk: Desk) -> None:
    stranger = desk.browser()
    described = stranger.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": "/api/v1"}]
    assert {"/cdrs/sync", "/cdr/ingest", "/cdrs/status", "/users", "/api-keys", "/me"} <= set(described["paths"])
    page = stranger.get("/api/v1/docs").text
    for path in described["paths"]:
        assert f"/api/v1{path}" in page
    assert "<script" not in page
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_answers_keep_to_the_description(desk: Desk) -> None:
    admin = desk.browser("admin")
    described = admin.get("/api/v1/openapi.json").json()
    validator = Draft202012Validator({"$ref": "#/components/schemas/Error", **described})
    refused = admin.get("/api/v1/users/12345")
    assert refused.status_code == 404
    validator.validate(refused.json())
    for path in ("/status", "/users", "/me", "/cdrs/status"):
        answer = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator({**answer, **described}).validate(admin.get(f"/api/v1{path}").json())


def test_other_sites_are_let_in_only_when_listed_and_never_with_a_session(open_desk: OpenDesk, desk: Desk) -> None:
    origin = {"Origin": "https://portal.example"}
    assert "access-control-allow-origin" not in desk.program("admin").get("/api/v1/me", headers=origin).headers
    listed = open_desk(cors_origins="https://portal.example")
    answer = listed.program("admin").get("/api/v1/me", headers=origin)
    assert answer.headers["access-control-allow-origin"] == "https://portal.example"
    assert "access-control-allow-credentials" not in answer.headers
    other = listed.program("admin").get("/api/v1/me", headers={"Origin": "https://attacker.example"})
    assert "access-control-allow-origin" not in other.headers
    asked = listed.browser().options(
        "/api/v1/me", headers={**origin, "Access-Control-Request-Method": "GET", "Accept": "*/*"}
    )
    assert asked.status_code == 200
    assert "access-control-allow-origin" not in listed.browser().get("/sign-in", headers=origin).headers
