"""People, organisations and locations of the pretend cloud."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.sandbox.tenant import Tenant
from core.sandbox.wire import WireError, answer, bare_uuid, page_of, webex_id, whole_number
from core.sandbox.working_days import is_employed
from core.sandbox.world import ORGANISATION, Person, Site

_PEOPLE = ("spark-admin:people_read", "spark:people_read")
_LOCATIONS = ("spark-admin:locations_read", "spark-admin:telephony_config_read")
_ORGANISATIONS = ("spark-admin:organizations_read",)
_CREATED = "2024-03-11T14:26:16.000Z"


def routes(tenant: Tenant) -> list[Route]:
    """The directory's endpoints."""
    directory = _Directory(tenant)
    return [
        Route("/v1/people", directory.people),
        Route("/v1/people/me", directory.me),
        Route("/v1/people/{identifier}", directory.person),
        Route("/v1/organizations", directory.organisations),
        Route("/v1/organizations/{identifier}", directory.organisation),
        Route("/v1/locations", directory.locations),
        Route("/v1/locations/{identifier}", directory.location),
    ]


class _Directory:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def people(self, request: Request) -> Response:
        self._tenant.authorise(request, _PEOPLE[0])
        calling = request.query_params.get("callingData") == "true"
        most = 50 if "locationId" in request.query_params else 100 if calling else 1000
        size = whole_number(request, "max", min(100, most), most)
        chosen, missing = self._chosen(request)
        page, headers = page_of(request, chosen, size)
        body: dict[str, Any] = {"items": [self._person(person, calling) for person in page], "notFoundIds": missing}
        return answer(body, headers)

    def me(self, request: Request) -> Response:
        self._tenant.authorise(request, *_PEOPLE)
        calling = request.query_params.get("callingData") == "true"
        return answer(self._person(self._tenant.world.administrator, calling))

    def person(self, request: Request) -> Response:
        self._tenant.authorise(request, *_PEOPLE)
        uuid = bare_uuid(request.path_params["identifier"])
        calling = request.query_params.get("callingData") == "true"
        found = next((person for person in self._staff() if person.uuid == uuid), None)
        if found is None:
            raise WireError(404, "The requested resource could not be found.")
        return answer(self._person(found, calling))

    def organisations(self, request: Request) -> Response:
        self._tenant.authorise(request, *_ORGANISATIONS)
        return answer({"items": [self._organisation()]})

    def organisation(self, request: Request) -> Response:
        self._tenant.authorise(request, *_ORGANISATIONS)
        if bare_uuid(request.path_params["identifier"]) != self._tenant.world.org_uuid:
            raise WireError(404, "The requested resource could not be found.")
        return answer(self._organisation())

    def locations(self, request: Request) -> Response:
        self._tenant.authorise(request, *_LOCATIONS)
        wanted = request.query_params.get("name", "")
        sites = [site for site in self._tenant.world.sites if wanted.lower() in site.name.lower()]
        size = whole_number(request, "max", 100, 1000)
        page, headers = page_of(request, sites, size)
        return answer({"items": [self._location(site) for site in page]}, headers)

    def location(self, request: Request) -> Response:
        self._tenant.authorise(request, *_LOCATIONS)
        uuid = bare_uuid(request.path_params["identifier"])
        found = next((site for site in self._tenant.world.sites if site.uuid == uuid), None)
        if found is None:
            raise WireError(404, "The requested resource could not be found.")
        return answer(self._location(found))

    def _staff(self) -> list[Person]:
        """Users who work here today; workspaces and virtual lines are no people."""
        today = self._tenant.clock.now().date()
        return [person for person in self._tenant.world.people if person.is_human and is_employed(person, today)]

    def _chosen(self, request: Request) -> tuple[list[Person], list[str]]:
        query = request.query_params
        people = self._staff()
        missing: list[str] = []
        if "id" in query:
            wanted = {bare_uuid(each): each for each in query["id"].split(",")}
            people = [person for person in people if person.uuid in wanted]
            missing = [each for uuid, each in wanted.items() if uuid not in {person.uuid for person in people}]
        if "email" in query:
            people = [person for person in people if person.email == query["email"].lower()]
        if "displayName" in query:
            people = [person for person in people if person.name.lower().startswith(query["displayName"].lower())]
        if "locationId" in query:
            people = [person for person in people if person.site.uuid == bare_uuid(query["locationId"])]
        return people, missing

    def _person(self, person: Person, calling: bool) -> dict[str, Any]:
        world = self._tenant.world
        body: dict[str, Any] = {
            "id": webex_id("PEOPLE", person.uuid),
            "emails": [person.email],
            "displayName": person.name,
            "nickName": person.first_name,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "orgId": webex_id("ORGANIZATION", world.org_uuid),
            "roles": [webex_id("ROLE", world.org_uuid)] if person is world.administrator else [],
            "licenses": [webex_id("LICENSE", world.org_uuid)],
            "department": person.department,
            "title": person.title,
            "created": _CREATED,
            "lastModified": _CREATED,
            "timezone": person.site.zone,
            "status": "active",
            "invitePending": "false",
            "loginEnabled": "true",
            "type": "person",
        }
        if calling:
            body |= self._calling(person)
        return body

    def _calling(self, person: Person) -> dict[str, Any]:
        numbers = [{"type": "mobile", "value": person.mobile, "primary": False}]
        if person.direct_number:
            numbers.insert(0, {"type": "work", "value": person.direct_number, "primary": True})
        return {
            "phoneNumbers": numbers,
            "extension": person.extension,
            "locationId": webex_id("LOCATION", person.site.uuid),
        }

    def _organisation(self) -> dict[str, Any]:
        identifier = webex_id("ORGANIZATION", self._tenant.world.org_uuid)
        return {"id": identifier, "displayName": ORGANISATION, "created": _CREATED}

    def _location(self, site: Site) -> dict[str, Any]:
        facts = site.facts
        return {
            "id": webex_id("LOCATION", site.uuid),
            "name": site.name,
            "orgId": webex_id("ORGANIZATION", self._tenant.world.org_uuid),
            "timeZone": site.zone,
            "preferredLanguage": facts.language,
            "address": {
                "address1": facts.address,
                "city": facts.city,
                "state": facts.state,
                "postalCode": facts.postal_code,
                "country": site.country,
            },
            "latitude": facts.latitude,
            "longitude": facts.longitude,
        }
