"""A key for managing people makes or takes over nobody who may more than the key."""

from typing import Any

import pytest

from core.access import people
from core.access.permissions import permissions_of
from tests.access.conftest import PASSWORD
from tests.web.serving import Desk

ANALYST = sorted({"users.manage", *permissions_of("analyst")})


def new(role: str) -> dict[str, Any]:
    return {"name": f"new-{role}@example.com", "display_name": "New", "role": role}


@pytest.mark.parametrize("role", ["admin", "supervisor"])
def test_a_narrow_key_adds_nobody_above_itself(desk: Desk, role: str) -> None:
    answer = desk.program("admin", *ANALYST).post("/api/v1/users", json=new(role))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    assert people.find(desk.services.database, f"new-{role}@example.com") is None


def test_a_narrow_key_raises_nobody_and_takes_over_nobody_above_itself(desk: Desk) -> None:
    key = desk.program("admin", *ANALYST)
    ana, root = desk.person("analyst").id, desk.person("admin", "keeper@example.com").id
    for person, change in ((ana, {"role": "admin"}), (root, {"role": "analyst"}), (root, {"password": PASSWORD})):
        answer = key.patch(f"/api/v1/users/{person}", json=change)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    assert people.get(desk.services.database, ana).role == "analyst"
    keeper = people.get(desk.services.database, root)
    assert (keeper.role, keeper.has_password) == ("admin", False)


def test_within_its_reach_a_key_manages_people(desk: Desk) -> None:
    narrow, whole = desk.program("admin", *ANALYST), desk.program("admin")
    added = narrow.post("/api/v1/users", json=new("analyst"))
    assert added.status_code == 201
    assert narrow.patch(f"/api/v1/users/{added.json()['id']}", json={"password": PASSWORD}).status_code == 200
    assert whole.post("/api/v1/users", json=new("admin")).status_code == 201


def test_an_administrator_in_a_browser_is_not_held_back(desk: Desk) -> None:
    answer = desk.browser("admin").post("/api/v1/users", json=new("admin"))
    assert answer.status_code == 201
