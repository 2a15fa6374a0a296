"""From a record to the whole call, drawn by a real browser, whatever its people are called."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from core.calls.filters import CallFilter
from core.calls.ingest import store_records
from tests.browser.conftest import Product, Watched, sign_in, watched
from tests.calls.records import uuid_of
from tests.journeys.sequences import ANN, BOB, inbound, pair
from tests.waiting import until

pytestmark = pytest.mark.browser

WAIT = 30_000
DIAGRAM = "[data-testid=stMermaidChart] img"


def drawn_height(page: Page) -> int:
    """How high the ladder is once it is drawn, in its own pixels: it grows with every line of it."""
    expect(page.locator(DIAGRAM)).to_be_visible(timeout=WAIT)
    height = until(lambda: page.locator(DIAGRAM).evaluate("image => image.naturalHeight"), seconds=WAIT / 1000)
    expect(page.locator("[data-testid=stMermaidError]")).to_have_count(0)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    return int(height)


def test_a_record_opens_its_journey_and_the_ladder_is_drawn(desk: Watched, product: Product) -> None:
    rows = product.queries.page(CallFilter(last="all", outcomes=("answered",))).rows
    row = rows[0]
    page = sign_in(desk, "analyst", f"/calls?last=all&outcome=answered&leg={row['report_id']}")
    page.get_by_role("link", name="Open journey").click(timeout=WAIT)
    page.wait_for_url(re.compile("/journey"), timeout=WAIT)
    assert parse_qs(urlsplit(page.url).query)["call"] == [row["report_id"]]
    assert drawn_height(page) > 100
    expect(page.locator(".st-key-journey_segments .barlayer .point").first).to_be_attached(timeout=WAIT)


HOSTILE = (
    "Bob",
    "end",
    "x; P0->>P1: owned",
    "%%{init: {'theme': 'dark'}}%%",
    "<img src=x onerror=alert(1)>",
    "$$x$$ #35; &lt;b",
)


def test_hostile_names_draw_a_ladder_and_nothing_else(desk: Watched, product: Product) -> None:
    for number, name in enumerate(HOSTILE):
        call = f"hostile {number}"
        took = inbound(ANN, "31", 0, 60, 5, call=call, User=name, calling=name, moved="")
        sent = pair(BOB, ANN, ("41", "42"), 70, 90, 75, call=call, User=name, Rel="31:0", related="Deflection")
        store_records(product.services, [took, *sent], source="import", origin="hostile.csv")
    sign_in(desk, "analyst", "/")
    heights = []
    for number in range(len(HOSTILE)):
        page = desk.open(f"/journey?call={uuid_of(f'correlation hostile {number}')}&day=2026-11-19")
        heights.append(drawn_height(page))
        assert page.locator("img[src=x]").count() == 0
    assert len(set(heights)) == 1, "no name adds a line to the ladder"


def test_the_ladder_scrolls_on_a_phone(chromium: Browser, product: Product) -> None:
    row = product.queries.page(CallFilter(last="all", outcomes=("answered",))).rows[0]
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
    shown = watched(context, product)
    page = sign_in(shown, "analyst", f"/journey?call={row['report_id']}")
    assert drawn_height(page) > 100
    assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")
    drawn = page.locator("[data-testid=stMermaidChart]").first.bounding_box()
    context.close()
    assert drawn
    assert drawn["width"] >= 640
