"""Who a token acts as."""

from dataclasses import dataclass
from urllib.parse import quote

from core.errors import TollwatchError
from core.services import Services
from core.webex.addresses import bearer_hosts
from core.webex.client import WebexClient
from core.webex.errors import CodeRefusedError
from core.webex.grants import open_wire


@dataclass(frozen=True)
class Person:
    """The person behind a token and their organisation; the name of the organisation may be unknown."""

    id: str
    name: str
    email: str
    org_id: str
    org_name: str


_OF_ADMINISTRATORS = "spark-admin:"
"""What scopes begin with that may open an organisation; with none of them Webex refuses."""


@dataclass(frozen=True)
class _NewToken:
    """A token just granted, before anything of it is stored."""

    value: str

    def token(self) -> str:
        return self.value

    def replacement(self, rejected: str) -> str:
        raise self.refused()

    def refused(self) -> CodeRefusedError:
        return CodeRefusedError(detail="401")


def identify_token(services: Services, token: str, scopes: str | None) -> Person:
    """Who a token acts as that is not stored yet; ``scopes`` are its own where Webex told them.

    Raises ``CodeRefusedError`` when Webex does not know it.
    """
    client = WebexClient(
        base=services.settings.webex_api,
        tokens=_NewToken(token),
        wire=open_wire(services),
        hosts=bearer_hosts(services.settings),
        clock=services.clock,
        rate_scale=services.settings.rate_scale,
    )
    try:
        return identify(client, scopes)
    finally:
        client.close()


def identify(client: WebexClient, scopes: str | None = None) -> Person:
    """The person of a client, from ``/people/me``, and the organisation's name unless ``scopes`` rule it out."""
    me = client.get("/people/me")
    emails = me.get("emails")
    org_id = str(me.get("orgId") or "")[:300]
    may_read = scopes is None or _OF_ADMINISTRATORS in scopes
    return Person(
        id=str(me.get("id") or "")[:300],
        name=plain(str(me.get("displayName") or "")),
        email=plain(str(emails[0])) if isinstance(emails, list) and emails else "",
        org_id=org_id,
        org_name=plain(_organisation_name(client, org_id)) if may_read else "",
    )


def _organisation_name(client: WebexClient, org_id: str) -> str:
    try:
        return str(client.get(f"/organizations/{quote(org_id, safe='')}").get("displayName") or "")
    except TollwatchError:
        return ""


def plain(value: str) -> str:
    """Text from outside on one line, without control characters, 300 characters at most."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())[:300]
