"""Every address names a permission or stands on a short list, and the server keeps to it."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from core.access.permissions import PERMISSIONS, ROLES, allowed
from core.web import api
from core.web.api import dialing
from core.web.identity import ANY_CALLER
from core.web.middleware.gate import PUBLIC
from core.web.options import routes
from tests.web.serving import Desk

WITHOUT_PERMISSION = {
    "/healthz",
    "/health",
    "/readyz",
    "/robots.txt",
    "/sign-in",
    "/sign-out",
    "/set-up",
    "/set-password",
    "/sign-in/organisation",
    "/calendars/visits.ics",
    "/api/v1/openapi.json",
    "/api/v1/docs",
    "/api/v1/watson/openapi.json",
    "/api/v2/token",
    "/api/v2/openapi.json",
    "/api/v2/docs",
}
Address = tuple[str, str, str]


def permissions_in(dependant: Dependant) -> Iterator[str]:
    for part in dependant.dependencies:
        permission = getattr(part.call, "permission", None)
        if permission is not None:
            yield permission
        yield from permissions_in(part)


def permission_of(route: Any) -> str | None:
    if isinstance(route, APIRoute):
        return next(permissions_in(route.dependant), None)
    return getattr(route.endpoint, "permission", None)


def included(prefix: str) -> list[BaseRoute]:
    routers = (dialing.router,) if prefix == dialing.PREFIX else api.routers()
    return [route for router in routers for route in router.routes]


def walk(found: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for route in found:
        if isinstance(route, Mount):
            if isinstance(route.app, FastAPI):
                yield from walk([*route.app.routes, *included(prefix + route.path)], prefix + route.path)
        elif isinstance(route, Route | APIRoute):
            yield prefix + route.path, route


ADDRESSES: list[Address] = [
    (path, method, permission_of(route) or "")
    for path, route in walk(routes())
    for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"})
]
GUARDED = [address for address in ADDRESSES if address[0] not in WITHOUT_PERMISSION]


def test_the_walk_finds_the_api() -> None:
    paths = {path for path, _, _ in ADDRESSES}
    assert {"/api/v1/users", "/api/v1/cdrs/sync", "/api/v1/cdr/ingest", "/metrics", "/webex/callback"} <= paths
    assert len([path for path in paths if path.startswith(api.PREFIX)]) >= 12


@pytest.mark.parametrize(("path", "method", "permission"), ADDRESSES)
def test_every_address_names_a_permission_or_is_listed(path: str, method: str, permission: str) -> None:
    if path in WITHOUT_PERMISSION:
        assert permission == ""
    else:
        assert permission in {*PERMISSIONS, ANY_CALLER}


def test_nothing_else_is_public() -> None:
    assert set(PUBLIC) - WITHOUT_PERMISSION == {
        "/auth/login",
        "/oauth2callback",
        "/_stcore/health",
        "/_stcore/host-config",
        "/favicon.png",
    }


def concrete(path: str) -> str:
    for name in ("person_id", "key_id", "command_id", "view_id"):
        path = path.replace(f"{{{name}}}", "999999")
    return path.replace("{call_id}", "none").replace("{format}", "csv")


def test_nobody_gets_in_without_saying_who(desk: Desk) -> None:
    stranger = desk.browser()
    stranger.headers["Accept"] = "application/json"
    stranger.headers["Host"] = "localhost"
    stranger.headers["X-Forwarded-For"] = "192.0.2.1"
    for path, method, _ in GUARDED:
        answer = stranger.request(method, concrete(path), json={})
        assert (answer.status_code, path) == (401, path)
        assert answer.json()["error"]["code"] == "not_signed_in"


@pytest.mark.parametrize("role", ROLES)
def test_every_role_meets_its_limits_at_every_address(desk: Desk, role: str) -> None:
    desk.person("admin", "keeper@example.com")
    browser, program = desk.browser(role), desk.program(role)
    browser.headers["X-Forwarded-For"] = program.headers["X-Forwarded-For"] = "192.0.2.1"
    for path, method, permission in GUARDED:
        if permission == ANY_CALLER or allowed(role, permission):
            continue
        for caller in (browser, program):
            answer = caller.request(method, concrete(path), json={})
            assert (answer.status_code, path) == (403, path)
            assert answer.json()["error"]["facts"] == {"permission": permission}


def test_a_key_reaches_only_its_scopes(desk: Desk) -> None:
    narrow = desk.program("admin", "overview.view")
    narrow.headers["X-Forwarded-For"] = "192.0.2.1"
    assert narrow.get("/api/v1/status").status_code == 200
    for path, method, permission in GUARDED:
        if permission not in (ANY_CALLER, "overview.view"):
            assert narrow.request(method, concrete(path), json={}).status_code == 403
