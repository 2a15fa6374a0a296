"""Signing in through an identity provider: real HTTP between browser, product and provider."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from core.access import people, sessions
from core.access.people import NewPerson
from core.clock import SystemClock
from core.store.engine import Database
from core.store.migrate import upgrade
from tests.web.identity_provider import IdentityProvider
from tests.web.page_wire import visit, web_process
from tests.web.serving import serving

CLOCK = SystemClock()
ANA = {"sub": "42", "email": "Ana@example.com", "email_verified": True, "name": "Ana"}


class Product:
    """The product with its provider and its database."""

    def __init__(self, address: str, provider: IdentityProvider, database: Database) -> None:
        self.address = address
        self.provider = provider
        self.database = database

    def sign_in(self, wanted: str, **claims: Any) -> tuple[httpx.Response, httpx.Client]:
        """Follow every redirect from a deep link to where the browser ends."""
        self.provider.claims = {**ANA, **claims}
        browser = httpx.Client(base_url=self.address, headers={"Accept": "text/html"}, timeout=30)
        page = browser.get(wanted, follow_redirects=True)
        link = page.text.split('href="/sign-in/organisation?')[1].split('"')[0]
        return browser.get(f"/sign-in/organisation?{link}", follow_redirects=True), browser


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("oidc")
    database = Database(f"sqlite:///{folder / 'var' / 'state.db'}")
    upgrade(database)
    people.add(database, CLOCK, NewPerson("ana@example.com", "Ana", "analyst"), actor="test")
    people.add(database, CLOCK, NewPerson("root@example.com", "Root", "admin"), actor="test")
    provider = IdentityProvider({})
    with (
        serving(provider.application()) as issuer,
        web_process(
            "app.py",
            folder,
            SANDBOX="0",
            SECRET_KEY="k3Yf0r-tests-0123456789-abcdefghijklmnop",
            OIDC_METADATA_URL=f"{issuer}/.well-known/openid-configuration",
            OIDC_CLIENT_ID="tollwatch",
            OIDC_CLIENT_SECRET="p3-credential-of-the-test",
        ) as address,
    ):
        yield Product(address, provider, database)
    database.close()


def test_a_deep_link_survives_and_the_session_is_ours(product: Product) -> None:
    last, browser = product.sign_in("/calls?c_direction=ORIGINATING&c_x=a%26b")
    assert last.status_code == 200
    assert str(last.url) == f"{product.address}/calls?c_direction=ORIGINATING&c_x=a%26b"
    assert not [name for name in browser.cookies if name.startswith("_streamlit_user")]
    me = browser.get("/api/v1/me").json()["person"]
    assert (me["name"], me["role"]) == ("ana@example.com", "analyst")
    token = browser.cookies[sessions.COOKIE]
    assert "state-signed-out" not in visit(product.address, "calls", token)
    sessions.end_all(product.database, CLOCK, me["id"], actor="test")
    assert browser.get("/calls").headers["location"].startswith("/sign-in")


def test_many_groups_in_the_claims_do_no_harm(product: Product) -> None:
    last, browser = product.sign_in("/jobs", groups=[f"group-{number:05}" for number in range(600)])
    assert str(last.url) == f"{product.address}/jobs"
    assert sum(len(name) + len(value) for name, value in browser.cookies.items()) < 1500


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "77", "email": "stranger@example.com"},
        {"sub": "78", "email": "root@example.com", "email_verified": False},
    ],
)
def test_a_stranger_is_told_to_ask_for_an_account(product: Product, claims: dict[str, Any]) -> None:
    last, browser = product.sign_in("/calls", **claims)
    assert last.url.path == "/sign-in"
    assert "you have no open account here" in last.text
    assert sessions.COOKIE not in browser.cookies
    assert browser.get("/api/v1/me").status_code == 401


def test_a_refusal_by_the_provider_is_told(product: Product) -> None:
    product.provider.refusal = "access_denied"
    try:
        last, browser = product.sign_in("/calls")
    finally:
        product.provider.refusal = ""
    assert last.url.path == "/sign-in"
    assert "did not finish" in last.text
    assert sessions.COOKIE not in browser.cookies


def test_a_callback_nobody_asked_for_opens_nothing(product: Product) -> None:
    with httpx.Client(base_url=product.address) as browser:
        answer = browser.get("/oauth2callback?code=stolen&state=guessed")
        assert answer.headers["location"] == "/sign-in?problem=identity_provider"
        assert not browser.cookies


def test_passwords_are_closed_where_a_provider_is_in_charge(product: Product) -> None:
    with httpx.Client(base_url=product.address) as browser:
        assert 'type="password"' not in browser.get("/sign-in").text
        form = {"form_token": browser.cookies["tollwatch_form"], "name": "root@example.com", "password": "x"}
        answer = browser.post("/sign-in", data=form)
        assert answer.status_code == 403
