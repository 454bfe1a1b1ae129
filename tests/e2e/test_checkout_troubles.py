"""The checkout page when something goes wrong: lost answers, reloads, ended sessions, changed prices."""

import sqlite3

from playwright.sync_api import Route, expect

from tests.e2e.checkout_page import Till
from tests.live_shop import LiveShop

PATE = "3850334043641"
BEEF = "3850334018236"
PATE_PRICE = "€0.99"


def test_a_price_changed_meanwhile_is_shown_before_it_is_charged(till: Till, shop: LiveShop) -> None:
    till.scan(PATE)
    expect(till.total).to_have_text(PATE_PRICE)
    with till.page.expect_response("**/api/baskets/price"):
        till.press("Enter")

    set_price(shop, "90725768", 109)
    try:
        till.press("Enter")
        expect(till.dialog("Prices have changed")).to_contain_text("€1.09")
        till.press("Enter")
        expect(till.page.get_by_test_id("due")).to_have_text("€1.09")
        till.press("Enter")
        expect(till.receipt_number).to_be_visible()
    finally:
        set_price(shop, "90725768", 99)


def test_an_answer_that_got_lost_leads_to_one_sale(till: Till) -> None:
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().json()["number"])
            route.abort()
        else:
            route.continue_()

    till.page.route("**/api/sales", lose)
    till.scan(PATE)
    expect(till.lines).to_have_count(1)
    till.press("Enter")
    expect(till.dialog("Payment")).to_be_visible()
    till.press("Enter", "Enter", "Enter")

    expect(till.receipt_number).to_be_visible()
    assert [till.receipt_number.inner_text(), till.sales()] == [lost[0], 1]


def test_a_reload_in_the_middle_of_paying_ends_in_the_same_receipt(till: Till) -> None:
    stored: list[str] = []

    def hold(route: Route) -> None:
        # The server has the sale, the page never hears of it.
        if route.request.method == "POST":
            stored.append(route.fetch().json()["number"])

    till.page.route("**/api/sales", hold)
    till.scan(PATE)
    expect(till.lines).to_have_count(1)
    till.press("Enter")
    expect(till.dialog("Payment")).to_be_visible()
    till.press("Enter")
    expect(till.dialog("Finishing the payment")).to_be_visible()
    till.page.wait_for_timeout(500)
    till.page.unroute("**/api/sales")
    till.page.reload()

    expect(till.receipt_number).to_have_text(stored[0])
    assert till.sales() == 1


def test_a_basket_survives_reload_and_the_end_of_the_session(till: Till) -> None:
    till.scan(PATE, BEEF)
    expect(till.lines).to_have_count(2)
    till.page.reload()
    expect(till.lines).to_have_count(2)

    till.page.context.clear_cookies()
    till.press("Enter")
    expect(till.dialog("Please sign in again")).to_be_visible()
    till.sign_in()
    expect(till.dialog("Payment")).to_be_visible()
    till.press("Enter")

    expect(till.receipt_number).to_be_visible()
    assert till.sales() == 1


def test_two_windows_of_one_till_share_the_basket_and_sell_it_once(till: Till) -> None:
    till.scan(PATE)
    expect(till.lines).to_have_count(1)
    other = Till(till.page.context.new_page())
    other.page.goto("/checkout")
    expect(other.lines).to_have_count(1)

    other.pay()

    till.page.bring_to_front()
    expect(till.lines).to_have_count(0)
    assert till.sales() == 1


def test_a_payment_begun_for_a_basket_that_the_other_window_sells_is_closed(till: Till) -> None:
    till.scan(PATE)
    expect(till.lines).to_have_count(1)
    other = Till(till.page.context.new_page())
    other.page.goto("/checkout")
    expect(other.lines).to_have_count(1)
    till.page.bring_to_front()
    till.press("F9")
    expect(till.dialog("Payment")).to_be_visible()

    other.page.bring_to_front()
    other.pay()

    expect(till.dialog("Payment")).to_have_count(0)


def set_price(shop: LiveShop, sku: str, price: int) -> None:
    """Change a selling price as the back office does, without its page: a new edition of the catalogue is in force."""
    with sqlite3.connect(shop.var / "aisle.db", timeout=60) as database:
        changed = database.execute("UPDATE products SET selling_price = ? WHERE sku = ?", (price, sku)).rowcount
        database.execute("UPDATE catalog_editions SET number = random() >> 2")
    assert changed == 1
