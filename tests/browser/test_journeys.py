"""What a person does, in a real browser against the whole product."""

import csv
import io
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from core.calls.filters import CallFilter
from core.ui.navigation import SCREENS, address
from tests.browser.conftest import Product, Watched, sign_in, watched

pytestmark = pytest.mark.browser

WAIT = 30_000


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_deep_link_survives_sign_in(desk: Watched) -> None:
    page = sign_in(desk, "analyst", "/calls?last=7d&outcome=answered")
    assert urlsplit(page.url).path == "/calls"
    assert query(page) == {"last": ["7d"], "outcome": ["answered"]}
    expect(page.get_by_role("heading", name="Calls")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("with outcome answered").first).to_be_visible(timeout=WAIT)


def test_a_filter_goes_into_the_address_and_comes_back_on_reload(desk: Watched) -> None:
    page = sign_in(desk, "analyst", "/calls?last=7d")
    number = page.get_by_label("Number or extension")
    number.fill("+57")
    number.press("Enter")
    page.wait_for_url(re.compile("number="), timeout=WAIT)
    page.reload()
    desk.settled()
    expect(page.get_by_label("Number or extension")).to_have_value("+57", timeout=WAIT)
    expect(page.get_by_text("with a number starting with").first).to_be_visible(timeout=WAIT)


def test_a_brush_over_the_histogram_sets_the_period(desk: Watched) -> None:
    page = sign_in(desk, "analyst", "/calls?last=7d")
    plot = page.locator(".st-key-histogram .nsewdrag").first

    def brush() -> None:
        box = plot.bounding_box(timeout=WAIT)
        assert box
        page.mouse.move(box["x"] + box["width"] * 0.60, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.95, box["y"] + box["height"] / 2, steps=8)
        page.mouse.up()

    desk.insist(brush, lambda: re.search("since=.*until=", page.url))
    chosen = CallFilter.from_query(query(page))
    assert chosen.since
    assert chosen.until
    assert 1 < (chosen.until - chosen.since).total_seconds() / 86_400 < 4


def test_older_and_newer_by_key(desk: Watched) -> None:
    page = sign_in(desk, "analyst", "/calls?last=7d")
    expect(page.get_by_role("button", name="Older")).to_be_enabled(timeout=WAIT)
    desk.press("ArrowRight", lambda: "cursor" in query(page))
    first = query(page)["cursor"]
    expect(page.get_by_role("button", name="Newer")).to_be_enabled(timeout=WAIT)
    desk.press("ArrowLeft", lambda: first[0] not in unquote(page.url))


def test_the_csv_holds_exactly_what_the_filter_shows(desk: Watched, product: Product) -> None:
    page = sign_in(desk, "analyst", "/calls?last=7d")
    newest = product.queries.newest()
    assert newest
    chosen = CallFilter(since=newest.replace(hour=0, minute=0, second=0, microsecond=0), until=newest)
    path = "&".join(f"{key}={value}" for key, values in chosen.to_query().items() for value in values)
    desk.open(f"/calls?{path.replace('+', '%2B')}")
    with page.expect_download(timeout=WAIT) as waiting:
        page.get_by_role("link", name="Export CSV").click()
    rows = list(csv.DictReader(io.StringIO(waiting.value.path().read_text(encoding="utf-8-sig"))))
    shown = product.queries.page(chosen, limit=1000)
    assert [row["Report ID"] for row in rows[:1000]] == [row["report_id"] for row in shown.rows]
    assert len(rows) == product.queries.count(chosen)


def test_a_row_opens_its_record_and_the_record_has_a_link(desk: Watched, product: Product) -> None:
    leg = product.queries.page(CallFilter(last="7d")).rows[0]
    page = sign_in(desk, "analyst", f"/calls?last=7d&leg={leg['report_id']}")
    expect(page.get_by_role("button", name="Copy id")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Close").click()
    page.wait_for_url(lambda url: "leg=" not in url, timeout=WAIT)


def test_the_language_changes_and_stays(desk: Watched) -> None:
    page = sign_in(desk, "operator", "/")
    page.locator("[data-testid=stSidebar] [data-testid=stPopover] button").click()
    page.get_by_text("Español", exact=True).click()
    expect(page.get_by_role("heading", name="Resumen")).to_be_visible(timeout=WAIT)
    page.reload()
    desk.settled()
    expect(page.get_by_role("heading", name="Resumen")).to_be_visible(timeout=WAIT)
    page.locator("[data-testid=stSidebar] [data-testid=stPopover] button").click()
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible(timeout=WAIT)


def test_the_theme_changes_on_every_page_and_stays(desk: Watched) -> None:
    page = sign_in(desk, "analyst", "/")
    assert ground(page) == "rgb(245, 245, 245)"
    page.locator("[data-testid=stSidebar] [data-testid=stPopover] button").click()
    expect(page.get_by_role("link", name="Sign out")).to_have_css("color", "rgb(245, 245, 245)")
    dark = page.get_by_role("button", name="Dark", exact=True)
    expect(dark).to_have_css("border-radius", "0px 8px 8px 0px")
    dark.click()
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(18, 18, 20)", timeout=WAIT)
    desk.open("/calls")
    assert ground(page) == "rgb(18, 18, 20)"


GROUND = """() => {
  const app = document.querySelector("[data-testid=stApp]");
  return app && getComputedStyle(app).backgroundColor;
}"""


def ground(page: Page) -> str:
    return str(page.evaluate(GROUND))


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_every_page_is_clean_and_fits(chromium: Browser, product: Product, scheme: str, width: int) -> None:
    """No console error, no request to anywhere else, nothing wider than the window, in both themes."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    shown = watched(context, product)
    page = sign_in(shown, "admin", "/")
    for screen in SCREENS:
        shown.open(address(screen.name))
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=WAIT)
        shown.settled()
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
        assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth"), screen.name
        assert ground(page) == ("rgb(18, 18, 20)" if scheme == "dark" else "rgb(245, 245, 245)")
    context.close()
    assert shown.problems == []


def test_the_audit_comes_as_a_file(desk: Watched) -> None:
    page = sign_in(desk, "admin", "/users?view=audit")
    with page.expect_download(timeout=WAIT) as waiting:
        page.get_by_role("link", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(waiting.value.path().read_text(encoding="utf-8-sig"))))
    assert {"audit.export", "session.started"} <= {row["Action"] for row in rows}


def test_an_address_that_leads_nowhere_says_so_in_our_words(desk: Watched) -> None:
    page = sign_in(desk, "operator", "/nothing-here")
    expect(page.get_by_text("There is no such page")).to_be_visible(timeout=WAIT)
    page.get_by_role("link", name="To the overview").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible(timeout=WAIT)


def test_the_overview_answers_to_its_name(desk: Watched) -> None:
    page = sign_in(desk, "operator", "/overview")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible(timeout=WAIT)
