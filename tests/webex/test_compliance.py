"""The second connection: a compliance officer of the same organisation, asked for no more than it takes."""

from urllib.parse import parse_qs, urlsplit

import pytest

from core.services import Services
from core.webex import oauth
from core.webex.errors import WrongOrganisationError
from tests.webex.conftest import connect
from tests.webex.scripted_cloud import ME, ScriptedCloud, fails, says


def asked(services: Services, *, deletes_recordings: bool = False) -> dict[str, str]:
    address = oauth.start_authorisation(
        services, kind="compliance", actor="ana", browser="b", deletes_recordings=deletes_recordings
    )
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def finish(services: Services, cloud: ScriptedCloud, query: dict[str, str]) -> oauth.Connected:
    cloud.codes["code-2"] = query["code_challenge"]
    return oauth.finish_authorisation(services, state=query["state"], code="code-2", browser="b", actor="ana")


def test_the_officer_is_asked_to_read_and_only_on_a_click_to_delete(services: Services) -> None:
    assert asked(services)["scope"] == "spark-compliance:recordings_read spark:people_read"
    assert asked(services, deletes_recordings=True)["scope"].endswith("spark-compliance:recordings_write")


def test_one_right_more_takes_no_other_away(services: Services, cloud: ScriptedCloud) -> None:
    cloud.scopes = "spark-admin:calling_cdr_read spark-admin:people_write"
    connect(services, cloud)
    address = oauth.start_authorisation(services, actor="ana", browser="b", deletes_recordings=True)
    scopes = parse_qs(urlsplit(address).query)["scope"][0].split()
    assert {"spark-admin:people_write", "spark-admin:recordings_write"} <= set(scopes)
    address = oauth.start_authorisation(services, actor="ana", browser="b")
    assert "spark-admin:people_write" not in parse_qs(urlsplit(address).query)["scope"][0], "Connect gives it back"


def test_both_connections_act_in_one_organisation(services: Services, cloud: ScriptedCloud) -> None:
    connect(services, cloud)
    other = {**ME, "orgId": "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi9vdGhlcg"}
    cloud.answer("/people/me", says(other))
    with pytest.raises(WrongOrganisationError):
        finish(services, cloud, asked(services))
    assert oauth.status(services, "compliance").state == "disconnected"
    cloud.answer(f"/organizations/{ME['orgId']}", fails(403))
    assert finish(services, cloud, asked(services)).org_name == "Acme", "its scopes do not read the name"
    assert oauth.status(services, "compliance").is_connected


def test_what_its_scopes_do_not_open_is_not_asked_for(services: Services, cloud: ScriptedCloud) -> None:
    cloud.scopes = "spark-admin:organizations_read"
    connect(services, cloud)
    path = f"/organizations/{ME['orgId']}"
    assert len(cloud.requests(path)) == 1
    cloud.scopes = "spark-compliance:recordings_read spark:people_read"
    assert finish(services, cloud, asked(services)).org_name == "Acme"
    assert len(cloud.requests(path)) == 1, "a refusal would stand in the log as if something were wrong"


def test_one_is_disconnected_without_the_other(services: Services, cloud: ScriptedCloud) -> None:
    connect(services, cloud)
    finish(services, cloud, asked(services))
    assert oauth.disconnect(services, kind="compliance", actor="ana") is False, "Webex would end both"
    assert oauth.status(services).is_connected
    assert oauth.disconnect(services, actor="ana") is True
