"""The manager's dashboard in a real browser on the running shop."""

import csv
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.checkout_page import Till

PATE = "3850334043641"
MANAGER, PASSWORD = "manager", "demo-back-office"


class Dashboard:
    """A page with a manager logged in."""

    def __init__(self, page: Page, *, locale: str = "en") -> None:
        self.page = page
        token = page.request.get("/api/session").json()["csrf_token"]
        headers = {"X-CSRFToken": token}
        answer = page.request.post(
            "/api/session", data={"username": MANAGER, "password": PASSWORD}, headers=headers
        )  # fmt: skip
        assert answer.ok, answer.text()
        self.headers = {"X-CSRFToken": answer.json()["csrf_token"]}
        self.speak(locale)

    def speak(self, locale: str) -> None:
        """Choose the language, which stays the user's wherever they log in."""
        self.page.request.put("/api/session/locale", data={"locale": locale}, headers=self.headers)

    def open(self, query: str = "") -> "Dashboard":
        self.page.goto(f"/dashboard{query}")
        expect(self.page.locator(".tile")).to_have_count(6)
        return self

    def card(self, heading: str) -> Locator:
        return self.page.get_by_role("region", name=heading, exact=True).filter(has=self.page.locator(".card-head"))

    def table_of(self, heading: str) -> Locator:
        """The card's figures as a table, reached by the keyboard alone."""
        card = self.card(heading)
        switch = card.get_by_role("button", name="Table")
        switch.focus()
        switch.press("Enter")
        return card.get_by_role("table")


@pytest.fixture
def dashboard(page: Page) -> Dashboard:
    return Dashboard(page)


def test_what_is_sold_at_the_till_stands_on_the_dashboard(dashboard: Dashboard, new_page: Callable[..., Page]) -> None:
    dashboard.open()
    tile = dashboard.page.locator(".tile").first
    before = tile.locator("strong").inner_text()
    till = Till(new_page()).open()
    till.scan(PATE)
    till.press("Enter", "Enter")
    expect(till.receipt_number).to_be_visible()

    dashboard.page.reload()

    expect(tile.locator("strong")).not_to_have_text(before)
    expect(tile.locator("strong")).to_have_text(re.compile(r"^€[\d,]+\.\d\d$"))


def test_every_chart_says_in_words_what_it_shows_and_has_a_table(dashboard: Dashboard) -> None:
    dashboard.open()
    charts = dashboard.page.get_by_role("img")
    expect(charts).to_have_count(8)

    expect(charts.first.locator("canvas")).to_be_visible()
    words = [chart.get_attribute("aria-label") or "" for chart in charts.all()]
    tables = {
        name: dashboard.table_of(name).get_by_role("row").count()
        for name in ("Today by hour", "Categories", "Top sellers", "Sales per day", "Sales per hour", "Stock value")
    }

    assert [text for text in words if len(text) < 15] == []
    assert tables["Categories"] == 8  # six categories between heading and total
    assert min(tables.values()) > 5


def test_a_category_leads_to_products_to_days_and_to_the_rows_behind_them(dashboard: Dashboard) -> None:
    dashboard.open()

    dashboard.table_of("Categories").get_by_role("button", name="Drinks").press("Enter")
    products = dashboard.table_of("Drinks: products")
    expect(dashboard.card("Drinks: products")).to_have_attribute("aria-busy", "false")
    name = products.get_by_role("row").nth(1).get_by_role("button").inner_text()
    products.get_by_role("button", name=name).first.press("Enter")
    days = dashboard.table_of(name)
    days.get_by_role("link", name="Movements").first.click()

    expect(dashboard.page).to_have_url(re.compile(r"/admin/movements/\?.*flt\d_from=\d{4}-\d\d-\d\d"))
    expect(dashboard.page.get_by_role("row").nth(1)).to_contain_text(name)


def test_a_period_is_chosen_kept_in_the_address_and_kept_as_a_file(dashboard: Dashboard, tmp_path: Path) -> None:
    dashboard.open()
    last = date.fromisoformat(dashboard.page.get_by_label("To", exact=True).input_value())
    first = last - timedelta(days=13)
    dashboard.page.get_by_label("From", exact=True).fill(first.isoformat())
    dashboard.page.get_by_role("button", name="Show", exact=True).click()
    expect(dashboard.page).to_have_url(re.compile(rf"first={first}&last={last}"))

    with dashboard.page.expect_download() as download:
        dashboard.card("Categories").get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "categories.csv")
    rows = list(csv.reader((tmp_path / "categories.csv").read_text(encoding="utf-8-sig").splitlines()))

    total = dashboard.table_of("Categories").get_by_role("row").last.get_by_role("cell").nth(2).inner_text()
    assert rows[-1][1] == "Total"
    assert f"€{float(rows[-1][3]):,.2f}" == total


def test_dates_that_cannot_be_are_refused_on_the_page(dashboard: Dashboard) -> None:
    dashboard.open()

    dashboard.page.get_by_label("From", exact=True).fill("2020-01-01")
    dashboard.page.get_by_role("button", name="Show", exact=True).click()

    expect(dashboard.page.get_by_role("alert")).to_have_text(
        "Write days as YYYY-MM-DD, in order and at most 400 days apart."
    )


def test_a_product_is_found_by_its_words(dashboard: Dashboard) -> None:
    dashboard.open()

    dashboard.page.get_by_role("searchbox", name="Find a product").fill("pivo")
    dashboard.page.locator(".finds").get_by_role("button").first.press("Enter")

    expect(dashboard.page).to_have_url(re.compile(r"product=\d+"))


def test_a_phone_in_chinese_and_at_night_shows_all_without_scrolling_sideways(new_page: Callable[..., Page]) -> None:
    page = new_page(locale="zh-CN", width=390, height=844)
    page.emulate_media(color_scheme="dark")

    dashboard = Dashboard(page, locale="zh").open()

    expect(page.get_by_role("heading", name="经营看板")).to_be_visible()
    expect(page.get_by_role("heading", name="类别分析")).to_be_visible()
    expect(page.get_by_role("heading", name="收银员")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 22)"
    dashboard.speak("en")


def test_a_table_wider_than_the_phone_shows_where_there_is_more(new_page: Callable[..., Page]) -> None:
    dashboard = Dashboard(new_page(width=390, height=844)).open()
    table = dashboard.card("Cashiers").locator(".beyond")

    expect(table).to_have_class("beyond right")
    table.locator(".table").evaluate("box => { box.scrollLeft = box.scrollWidth }")

    expect(table).to_have_class("beyond left")


def test_somebody_without_the_right_is_kept_out(page: Page) -> None:
    answer = page.goto("/dashboard")

    assert answer is not None
    expect(page).to_have_url(re.compile("/login"))


def test_days_are_typed_as_the_pages_write_them(dashboard: Dashboard) -> None:
    dashboard.open()
    last = date.fromisoformat(dashboard.page.get_by_label("To", exact=True).input_value())
    first = last - timedelta(days=6)

    dashboard.page.get_by_label("From", exact=True).press("Control+a")
    dashboard.page.keyboard.type(f"{first:%Y%m%d}")
    dashboard.page.keyboard.press("Enter")

    expect(dashboard.page).to_have_url(re.compile(rf"first={first}&last={last}"))
    expect(dashboard.page.get_by_label("From", exact=True)).to_have_value(first.isoformat())


def test_days_of_the_office_are_typed_too_or_chosen_in_a_calendar(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.goto("/admin/movements/")

    page.get_by_label("From", exact=True).focus()
    page.keyboard.type("20260302")
    page.get_by_role("button", name="Calendar: To").press("Enter")
    page.keyboard.press("Escape")
    page.locator("input[type=date]").nth(1).fill("2026-03-05")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"flt\d_from=2026-03-02&flt\d_to=2026-03-05"))
