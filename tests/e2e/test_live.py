"""Live stock in a real browser on the running shop: what one till sells, the others see without asking."""

from collections.abc import Callable
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from tests.e2e.checkout_page import Till

MANAGER = ("manager", "demo-back-office")
PATE = "3850334043641"
ASKING = "**/api/products/availability*"


def test_another_till_sees_a_sale_through_its_stream(new_page: Callable[..., Page]) -> None:
    watching, selling = Till(new_page()), Till(new_page())
    # Whatever arrives now was told, not asked for.
    watching.page.route(ASKING, lambda route: route.abort())
    with watching.page.expect_response(lambda answer: "/events?" in answer.url) as stream:
        watching.open()
    watching.scan(PATE)
    selling.open()
    selling.scan(PATE, PATE)
    expect(watching.lines).to_have_count(1)
    before = watching.stock()

    selling.pay()

    expect(watching.page.locator(".line-stock").first).to_contain_text(str(before - 2))
    assert stream.value.request.resource_type == "eventsource"


def test_the_stock_list_of_the_office_follows_a_sale(new_page: Callable[..., Page]) -> None:
    office, selling = new_page(), Till(new_page())
    office.goto("/login")
    office.locator("[name=username]").fill(MANAGER[0])
    office.locator("[name=password]").fill(MANAGER[1])
    office.keyboard.press("Enter")
    office.wait_for_url("**/")
    selling.open()
    selling.scan(PATE)
    expect(selling.lines).to_have_count(1)
    stock = selling.stock()
    name = selling.page.locator(".line-name strong").first.inner_text()
    office.goto("/admin/stock/?" + urlencode({"search": name}))
    cell = office.locator("tr", has_text=name).locator("[data-live-store]").first
    expect(cell).to_have_text(f"{stock:,}")

    selling.pay()

    expect(cell).to_have_text(f"{stock - 1:,}")


def test_a_till_goes_on_by_asking_when_the_streams_are_away(new_page: Callable[..., Page]) -> None:
    watching, selling = Till(new_page()), Till(new_page())
    watching.page.route("**/events?*", lambda route: route.abort())
    watching.open()
    watching.scan(PATE)
    selling.open()
    selling.scan(PATE)
    expect(watching.lines).to_have_count(1)
    before = watching.stock()

    selling.pay()

    expect(watching.page.locator(".line-stock").first).to_contain_text(str(before - 1))
