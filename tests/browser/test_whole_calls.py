"""Whole calls beside their records, and the Queues page, in a real browser."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from core.journeys.update import update_journeys
from tests.browser.conftest import Product, Watched, sign_in

pytestmark = pytest.mark.browser

WAIT = 60_000


def test_records_become_whole_calls_and_queues_are_drawn(desk: Watched, product: Product) -> None:
    update_journeys(product.services)
    page = sign_in(desk, "supervisor", "/calls?last=all")
    page.locator(".st-key-calls_view").get_by_text("Whole calls").click(timeout=WAIT)
    page.wait_for_url(re.compile("view=journeys"), timeout=WAIT)
    assert parse_qs(urlsplit(page.url).query)["last"] == ["all"]
    expect(page.locator("[data-testid=stMetric]").filter(has_text="Median wait")).to_be_visible(timeout=WAIT)
    expect(page.locator("[data-testid=stDataFrame] canvas").first).to_be_visible(timeout=WAIT)
    desk.open("/queues?last=all&threshold=30")
    expect(page.locator("[data-testid=stMetric]").filter(has_text="Service level")).to_be_visible(timeout=WAIT)
    expect(page.locator(".st-key-ways .sankey-node").first).to_be_attached(timeout=WAIT)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
