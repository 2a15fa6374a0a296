"""What administrators did in the pretend cloud: signing in each working day, and changes of calling settings."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.sandbox.archive import instant, milliseconds
from core.sandbox.call_settings_book import Change
from core.sandbox.legs import stamp
from core.sandbox.randomness import named_uuid, stream
from core.sandbox.tenant import Tenant
from core.sandbox.wire import WireError, answer, bare_uuid, webex_id, whole_number
from core.sandbox.world import ORGANISATION, Person

SCOPE = "audit:events_read"
LARGEST_PAGE = 200
LONGEST = timedelta(days=366)
CATEGORIES = ("LOGINS", "USERS", "CALLING")
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"
_WORDS = {
    "call_forwarding": "call forwarding",
    "outgoing_permission": "outgoing calling permissions",
    "call_intercept": "call intercept",
}


def routes(tenant: Tenant) -> list[Route]:
    """Events and their categories."""
    audit = _Audit(tenant)
    return [
        Route("/v1/adminAudit/events", audit.events),
        Route("/v1/adminAudit/eventCategories", audit.categories),
    ]


class _Audit:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def categories(self, request: Request) -> Response:
        self._tenant.authorise(request, SCOPE)
        return answer({"eventCategories": list(CATEGORIES)})

    def events(self, request: Request) -> Response:
        """Newest first, by offset."""
        self._tenant.authorise(request, SCOPE)
        if bare_uuid(request.query_params.get("orgId", "")) != self._tenant.world.org_uuid:
            raise WireError(403, "The organization of the token is another one.")
        since, until = _instant(request, "from"), _instant(request, "to")
        if until <= since or until - since > LONGEST:
            raise WireError(400, "The window from 'from' to 'to' must be longer than nothing and at most a year.")
        size = whole_number(request, "max", 100, LARGEST_PAGE)
        offset = request.query_params.get("offset", "0")
        start = int(offset) if offset.isdigit() else 0
        found = self._found(request, since, min(until, self._tenant.clock.now()))
        headers = {}
        if start + size < len(found):
            following = request.url.include_query_params(offset=start + size)
            headers["Link"] = f'<{following}>; rel="next"'
        return answer({"items": found[start : start + size]}, headers)

    def _found(self, request: Request, since: datetime, until: datetime) -> list[dict[str, Any]]:
        changes = self._tenant.call_settings.changes(milliseconds(since), milliseconds(until))
        items = [self._change(change) for change in changes] + self._logins(since, until)
        wanted = set(filter(None, request.query_params.get("eventCategories", "").split(",")))
        actor = bare_uuid(request.query_params.get("actorId", ""))
        items = [
            item
            for item in items
            if (not wanted or item["data"]["eventCategory"] in wanted)
            and (not actor or item["actorId"] == _coded(actor))
        ]
        return sorted(items, key=lambda item: str(item["created"]), reverse=True)

    def _change(self, change: Change) -> dict[str, Any]:
        world, words = self._tenant.world, _WORDS[change.setting]
        person = next(each for each in world.people if each.uuid == change.person)
        actor = next(each for each in world.people if each.uuid == change.actor)
        data = {
            "eventCategory": "CALLING",
            "eventDescription": f"An admin changed the {words} settings of a user",
            "actionText": f"{actor.name} changed the {words} settings of {person.name}",
            "targetType": "USER",
            "targetId": _coded(person.uuid),
            "targetName": person.name,
        }
        return self._event(change.id, change.at, actor, change.address, data)

    def _logins(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        world, made = self._tenant.world, []
        day = since.date()
        while day <= until.date():
            draw = stream(world.seed, "administrator signs in", day)
            moment = datetime(day.year, day.month, day.day, draw.randrange(12, 16), draw.randrange(60), tzinfo=UTC)
            if day.weekday() < 5 and since <= moment < until:
                name = world.administrator.name
                data = {
                    "eventCategory": "LOGINS",
                    "eventDescription": "An Admin logged in",
                    "actionText": f"{name} logged into organization {ORGANISATION}",
                    "targetType": "TargetResourceType.ORG",
                    "targetId": _coded(world.org_uuid),
                    "targetName": ORGANISATION,
                }
                uuid = named_uuid(world.seed, "login", day)
                made.append(self._event(uuid, milliseconds(moment), world.administrator, "198.51.100.20", data))
            day += timedelta(days=1)
        return made

    def _event(self, uuid: str, at: int, actor: Person, address: str, data: dict[str, Any]) -> dict[str, Any]:
        organisation = webex_id("ORGANIZATION", self._tenant.world.org_uuid)
        return {
            "id": _coded(uuid),
            "actorId": _coded(actor.uuid),
            "actorOrgId": organisation,
            "created": stamp(at),
            "data": {
                "actorName": actor.name,
                "actorEmail": actor.email,
                "actorOrgName": ORGANISATION,
                "actorIp": address,
                "actorUserAgent": _AGENT,
                "adminRoles": ["Full_Admin"],
                "trackingId": f"ATLAS_{named_uuid('tracking', uuid)}_0",
                "targetOrgId": organisation,
                "targetOrgName": ORGANISATION,
                **data,
            },
        }


def _coded(uuid: str) -> str:
    """Identifiers of this API are base64 of the bare UUID."""
    return urlsafe_b64encode(uuid.encode()).decode().rstrip("=")


def _instant(request: Request, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        raise WireError(400, f"{name} is required in the form YYYY-MM-DDTHH:MM:SS.mmmZ") from None
    return instant(milliseconds(found if found.tzinfo else found.replace(tzinfo=UTC)))
