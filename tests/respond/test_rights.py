"""The right to change settings: optional, asked for only on request, and known without asking Webex."""

from urllib.parse import parse_qs, urlsplit

import httpx

from core.respond.rights import write_right
from core.sandbox.credentials import LAUNCHER_HEADER
from core.webex import oauth
from tests.respond.conftest import Desk

SCOPE = "spark-admin:people_write"


def scopes_of(address: str) -> list[str]:
    return parse_qs(urlsplit(address).query)["scope"][0].split()


def consent(desk: Desk, *, writes_settings: bool) -> None:
    """Walk through a consent as the browser would."""
    address = oauth.start_authorisation(desk.services, actor="ana", browser="b", writes_settings=writes_settings)
    assert (SCOPE in scopes_of(address)) is writes_settings
    answer = httpx.get(f"{address}&auto_consent=1", headers={LAUNCHER_HEADER: "1"}, trust_env=False)
    given = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    oauth.finish_authorisation(desk.services, state=given["state"], code=given["code"], browser="b", actor="ana")


def test_the_right_comes_with_a_consent_of_its_own_and_goes_with_the_next(reading_desk: Desk) -> None:
    assert write_right(reading_desk.services) == "missing"
    consent(reading_desk, writes_settings=True)
    assert write_right(reading_desk.services) == "granted"
    consent(reading_desk, writes_settings=False)
    assert write_right(reading_desk.services) == "missing"


def test_without_a_connection_there_is_no_right(reading_desk: Desk) -> None:
    oauth.disconnect(reading_desk.services, actor="ana")
    assert write_right(reading_desk.services) == "not_connected"
