"""An alert worked in a real browser: opened by link, acknowledged and closed by keys, found again by its state."""

import pytest
from playwright.sync_api import expect

from core.alerts import query
from core.alerts.receive import receive_drafts
from tests.alerts.drafts import draft, legs
from tests.browser.conftest import Product, Watched, sign_in
from tests.waiting import until

pytestmark = pytest.mark.browser

WAIT = 30_000


def raised(product: Product) -> int:
    """The number of an alert about nobody of the pretend company."""
    now = product.services.clock.now()
    made = draft("browser", who="zoe", severity="critical", evidence=("browser 1",), at=now)
    with product.services.database.write() as session:
        return receive_drafts(session, [made], at=now, legs=legs("browser 1", at=now))[0].alert_id


def test_an_alert_is_acknowledged_and_closed_by_keys(desk: Watched, product: Product) -> None:
    number = raised(product)

    def stored(field: str) -> object:
        with product.services.database.read() as session:
            return getattr(query.one(session, number), field)

    page = sign_in(desk, "analyst", f"/alerts?alert={number}")
    expect(page.get_by_text("Zoe at Bogotá", exact=False)).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("button", name="Acknowledge")).to_be_enabled(timeout=WAIT)
    desk.press("a", lambda: stored("acknowledged_by"))
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0, timeout=WAIT)
    desk.press("x", page.get_by_role("dialog").is_visible)
    page.get_by_role("dialog").get_by_text("Harmless").click(timeout=WAIT)
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).last.click(timeout=WAIT)
    assert until(lambda: stored("verdict")) == "benign"
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=WAIT)
    expect(page.get_by_role("button", name="Reopen")).to_be_visible(timeout=WAIT)
