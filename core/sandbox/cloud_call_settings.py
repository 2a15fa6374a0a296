"""People's calling settings in the pretend cloud: outgoing permission, call forwarding, call intercept."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.sandbox.archive import milliseconds
from core.sandbox.call_settings_book import CALL_TYPES, Change, Setting
from core.sandbox.tenant import Tenant
from core.sandbox.wire import WireError, answer, bare_uuid, new_tracking_id
from core.sandbox.working_days import is_employed
from core.sandbox.world import Person

READ, WRITE = "spark-admin:people_read", "spark-admin:people_write"
_PATHS: dict[Setting, str] = {
    "outgoing_permission": "outgoingPermission",
    "call_forwarding": "callForwarding",
    "call_intercept": "intercept",
}
_ACTIONS = ("ALLOW", "BLOCK", "AUTH_CODE", "TRANSFER_NUMBER_1", "TRANSFER_NUMBER_2", "TRANSFER_NUMBER_3")
_LARGEST_BODY = 20_000

Body = dict[str, Any]


def routes(tenant: Tenant) -> list[Route]:
    """The three settings of a person, to read and to replace."""
    settings = _CallSettings(tenant)
    made = []
    for setting, name in _PATHS.items():
        path = f"/v1/people/{{identifier}}/features/{name}"
        made.append(Route(path, settings.reader(setting), methods=["GET"]))
        made.append(Route(path, settings.writer(setting), methods=["PUT"]))
    return made


class _CallSettings:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def reader(self, setting: Setting) -> Callable[[Request], Response]:
        def read(request: Request) -> Response:
            self._tenant.authorise(request, READ)
            return answer(self._now(self._person(request), setting))

        return read

    def writer(self, setting: Setting) -> Callable[[Request], Any]:
        async def write(request: Request) -> Response:
            self._tenant.authorise(request, WRITE)
            person, given = self._person(request), await _body(request)
            value = _REPLACED[setting](self._now(person, setting), given)
            self._keep(person, setting, value, request)
            return Response(status_code=204, headers={"trackingid": new_tracking_id()})

        return write

    def _now(self, person: Person, setting: Setting) -> Body:
        return self._tenant.call_settings.value(person, setting, milliseconds(self._tenant.clock.now()))

    def _keep(self, person: Person, setting: Setting, value: Body, request: Request) -> None:
        now = milliseconds(self._tenant.clock.now())
        address = request.client.host if request.client else ""
        actor = self._tenant.world.administrator.uuid
        self._tenant.call_settings.put(Change(now, person.uuid, setting, value, actor, address))
        self._tenant.archive.forget()

    def _person(self, request: Request) -> Person:
        uuid, today = bare_uuid(request.path_params["identifier"]), self._tenant.clock.now().date()
        for person in self._tenant.world.people:
            if person.uuid == uuid and person.is_human and is_employed(person, today):
                return person
        raise WireError(404, "The requested resource could not be found.")


async def _body(request: Request) -> Body:
    raw = await request.body()
    if not raw or len(raw) > _LARGEST_BODY:
        raise WireError(400, "The request body is missing or too large.")
    try:
        value = await request.json()
    except ValueError:
        raise WireError(400, "The request body is no JSON.") from None
    if not isinstance(value, dict):
        raise WireError(400, "The request body must be a JSON object.")
    return value


def _permission(held: Body, given: Body) -> Body:
    """Replaces the listed kinds of call; what is not listed stays. ``isCallTypeRestrictionEnabled`` is read only."""
    rows = given.get("callingPermissions")
    if not isinstance(rows, list):
        raise WireError(400, "callingPermissions is required.")
    changed = {}
    for row in rows:
        if set(row) - {"callType", "action", "transferEnabled"}:
            raise WireError(400, f"Unknown field in callingPermissions: {', '.join(sorted(row))}.")
        if row.get("callType") not in CALL_TYPES or row.get("action") not in _ACTIONS:
            raise WireError(400, f"Invalid callType or action: {row.get('callType')} {row.get('action')}.")
        if not isinstance(row.get("transferEnabled"), bool):
            raise WireError(400, "transferEnabled is required.")
        changed[row["callType"]] = row
    permissions = [{**row, **changed.get(row["callType"], {})} for row in held["callingPermissions"]]
    flags = {name: bool(given.get(name, held[name])) for name in ("useCustomEnabled", "useCustomPermissions")}
    return {**flags, "callingPermissions": permissions}


def _forwarding(held: Body, given: Body) -> Body:
    """Replaces the kinds of forwarding that are given, field by field."""
    kinds = given.get("callForwarding", {})
    if not isinstance(kinds, dict) or set(kinds) - set(held["callForwarding"]):
        raise WireError(400, "callForwarding holds always, busy and noAnswer.")
    made = {kind: {**value, **_forward(kinds.get(kind, {}))} for kind, value in held["callForwarding"].items()}
    if not 2 <= made["noAnswer"]["numberOfRings"] <= 20:
        raise WireError(400, "numberOfRings must be between 2 and 20.")
    continuity = {**held["businessContinuity"], **_forward(given.get("businessContinuity", {}))}
    return {"callForwarding": made, "businessContinuity": continuity}


def _forward(part: Any) -> Body:
    known = {"enabled", "destination", "ringReminderEnabled", "numberOfRings", "destinationVoicemailEnabled"}
    if not isinstance(part, dict) or set(part) - known:
        raise WireError(400, "A kind of forwarding holds a field that cannot be set.")
    if part.get("enabled") and not part.get("destination"):
        raise WireError(400, "A destination is required for forwarding that is enabled.")
    return part


def _intercept(held: Body, given: Body) -> Body:
    made = dict(held)
    if "enabled" in given:
        made["enabled"] = bool(given["enabled"])
    for part in ("incoming", "outgoing"):
        if isinstance(given.get(part), dict):
            made[part] = {**held[part], **given[part]}
    announcements = given.get("incoming", {}).get("announcements")
    if isinstance(announcements, dict):
        made["incoming"]["announcements"] = {**held["incoming"]["announcements"], **announcements}
    return made


_REPLACED: dict[Setting, Callable[[Body, Body], Body]] = {
    "outgoing_permission": _permission,
    "call_forwarding": _forwarding,
    "call_intercept": _intercept,
}
