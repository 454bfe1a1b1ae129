"""The checkout page in a real browser on the running shop: keyboard and scanner only."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.checkout_page import Till

PATE = "3850334043641"
BEEF = "3850334018236"
LAMB = "3850334018212"
PATE_PRICE = "€0.99"
SAUSAGE_BY_KG = "90670453"


def test_two_keys_lead_from_the_last_scan_to_the_receipt(till: Till) -> None:
    till.scan(PATE, BEEF)
    expect(till.lines).to_have_count(2)

    till.press("Enter", "Enter")

    expect(till.receipt_number).to_have_text(re.compile(r"^S1-\d{8}$"))
    assert till.sales() == 1


def test_thirty_scans_in_a_row_with_a_dialog_open_all_count_and_none_is_typed(till: Till) -> None:
    till.press("F3")
    till.type("mi")

    till.scan(*[PATE, BEEF, LAMB] * 10)

    expect(till.dialog("Find a product").get_by_role("textbox")).to_have_value("mi")
    till.press("Escape")
    expect(till.quantities).to_have_text(["10", "10", "10"])


def test_an_unknown_code_is_named_and_stops_nothing(till: Till) -> None:
    till.scan("96385074", PATE)

    expect(till.lines).to_have_count(1)
    expect(till.notices.filter(has_text="96385074")).to_be_visible()


def test_a_code_of_two_products_asks_which_and_enter_takes_the_chosen_one(till: Till) -> None:
    items = till.page.request.get("/api/products", params={"search": "buddy"}).json()["items"]
    refusal = {"code": "ambiguous_barcode", "message": "Which?", "details": {"candidates": items[:2]}}
    till.page.route("**/by-barcode/96385074", lambda route: route.fulfill(status=409, json={"error": refusal}))

    till.scan("96385074")
    expect(till.dialog("Which product is it?")).to_be_visible()
    till.press("ArrowDown", "Enter")

    expect(till.lines).to_have_count(1)
    expect(till.lines).to_contain_text([items[1]["name"]])
    expect(till.page.locator("#entry")).to_be_focused()


def test_more_than_one_line_may_have_is_refused_when_it_is_scanned(till: Till) -> None:
    till.type("998*")
    till.scan(PATE)
    expect(till.quantities).to_have_text(["998"])

    till.scan(PATE, PATE)

    expect(till.notices.filter(has_text="At most 999 on one line")).to_be_visible()
    expect(till.quantities).to_have_text(["999"])


def test_a_line_the_server_will_not_sell_is_selected_and_named(till: Till) -> None:
    till.scan(PATE, BEEF)
    expect(till.lines).to_have_count(2)
    refusal = {"code": "product_archived", "message": "Line 1: gone.", "details": {"lines": [{"line": 0}]}}
    till.page.route("**/api/sales", lambda route: route.fulfill(status=409, json={"error": refusal}))

    till.press("F8", "Enter")

    expect(till.notices.filter(has_text="BUDDY MP MINI PIL 300G · Line 1: gone.")).to_be_visible()
    expect(till.lines.first).to_have_attribute("aria-selected", "true")


def test_the_entry_field_has_the_focus_again_after_the_receipt(till: Till) -> None:
    till.scan(PATE)
    expect(till.lines).to_have_count(1)
    till.pay("F8")

    till.next_customer()

    expect(till.page.locator("#entry")).to_be_focused()


def test_a_quantity_typed_before_the_scan_multiplies_it(till: Till) -> None:
    till.type("12*")
    till.scan(PATE)

    expect(till.quantities).to_have_text(["12"])
    expect(till.total).to_have_text("€11.88")


def test_lines_are_chosen_changed_and_voided_by_keys(till: Till) -> None:
    till.scan(PATE, BEEF)
    expect(till.lines).to_have_count(2)

    till.press("ArrowUp", "F2")
    till.type("3")
    till.press("Enter", "ArrowDown", "Delete")

    expect(till.quantities).to_have_text(["3"])
    expect(till.lines).to_contain_text(["BUDDY MP MINI PIL 300G"])


def test_a_scan_while_the_quantity_is_changed_comes_on_top(till: Till) -> None:
    till.scan(PATE)
    expect(till.lines).to_have_count(1)
    till.press("F2")
    expect(till.dialog("Change the quantity")).to_be_visible()

    till.scan(PATE)
    expect(till.quantities).to_have_text(["2"])
    till.type("5")
    till.press("Enter")

    expect(till.quantities).to_have_text(["6"])


def test_goods_by_weight_ask_for_the_weight_while_later_scans_wait_in_line(till: Till) -> None:
    till.scan(SAUSAGE_BY_KG)
    weight = till.dialog("Weigh the goods").get_by_role("textbox")
    expect(weight).to_be_focused()

    till.scan(PATE)
    expect(weight).to_have_value("")
    till.type("0.25")
    till.press("Enter")

    expect(till.quantities).to_have_text(["0.250 kg", "1"])


def test_the_payment_screen_ignores_scans_and_says_so(till: Till) -> None:
    till.scan(PATE)
    expect(till.lines).to_have_count(1)
    till.press("F9")
    expect(till.dialog("Payment")).to_be_visible()

    till.scan(BEEF)

    expect(till.notices.filter(has_text=BEEF)).to_be_visible()
    expect(till.dialog("Payment").get_by_role("textbox")).to_have_value("")
    till.press("Escape")
    expect(till.lines).to_have_count(1)


def test_cash_above_the_sum_shows_the_change_and_the_next_scan_serves_the_next_customer(till: Till) -> None:
    till.scan(PATE)
    expect(till.total).to_have_text(PATE_PRICE)

    till.press("F9", "ArrowDown")
    expect(till.page.get_by_test_id("change")).to_have_text("€4.01")
    till.press("Enter")
    expect(till.page.get_by_test_id("receipt-change")).to_have_text("€4.01")
    till.scan(BEEF)

    expect(till.dialog("Receipt")).to_have_count(0)
    expect(till.lines).to_have_count(1)


def test_a_sale_is_split_over_card_and_cash(till: Till) -> None:
    till.type("3*")
    till.scan(PATE)
    expect(till.total).to_have_text("€2.97")

    till.press("F8")
    till.type("1")
    till.press("Enter")
    expect(till.page.get_by_test_id("due")).to_have_text("€1.97")
    till.press("Enter")

    expect(till.page.locator(".paper-frame")).to_contain_text(re.compile(r"Card\s*€1\.00.*Cash\s*€1\.97", re.S))


def test_a_sale_on_one_till_lowers_the_stock_on_another(new_page: Callable[..., Page]) -> None:
    seller, watcher = Till(new_page()).open(), Till(new_page()).open("cashier2", "demo-till-two")
    watcher.scan(LAMB)
    expect(watcher.lines).to_have_count(1)
    before = watcher.stock()

    seller.scan(LAMB, LAMB)
    seller.pay()

    expect(watcher.page.locator(".line-stock")).to_have_text(re.compile(rf"\b{before - 2}$"))


def test_a_shortage_is_sold_only_up_to_what_is_available(till: Till) -> None:
    till.scan(BEEF)
    expect(till.lines).to_have_count(1)
    available = till.stock()
    till.press("F2")
    till.type("999")
    till.press("Enter", "Enter")
    expect(till.dialog("Payment")).to_be_visible()

    till.press("Enter")
    short = till.dialog("Not enough in stock")
    expect(short.get_by_role("row").nth(1)).to_contain_text(re.compile(rf"999\s*{available}\s*{available}"))
    till.press("Escape")

    assert till.sales() == 0


def test_goods_in_hand_are_sold_when_a_supervisor_agrees(till: Till) -> None:
    till.type("999*")
    till.scan("3850334018199")
    expect(till.lines).to_have_count(1)
    till.press("F8")
    expect(till.dialog("Payment")).to_be_visible()
    till.press("Enter")
    expect(till.dialog("Not enough in stock")).to_be_visible()

    till.press("g")
    till.page.locator("[name=approver]").fill("supervisor")
    till.page.locator("[name=approver-password]").fill("demo-floor-lead")
    till.press("Enter")

    expect(till.receipt_number).to_be_visible()
    assert till.sales() == 1


def test_a_basket_parked_on_one_till_is_taken_up_on_another(new_page: Callable[..., Page]) -> None:
    first, second = Till(new_page()).open(), Till(new_page()).open("cashier2", "demo-till-two")
    first.scan(PATE, SAUSAGE_BY_KG)
    first.dialog("Weigh the goods").wait_for()
    first.type("0.2")
    first.press("Enter")
    expect(first.lines).to_have_count(2)
    total = first.total.inner_text()

    first.press("F6")
    first.type("Mrs Tan")
    first.press("Enter")
    expect(first.lines).to_have_count(0)
    second.press("F7")
    expect(second.dialog("Parked baskets")).to_contain_text("Mrs Tan")
    second.press("Enter")

    expect(second.total).to_have_text(total)
    expect(second.quantities).to_have_text(["1", "0.200 kg"])


@pytest.mark.parametrize(("locale", "title"), [("zh-CN", "登录"), ("en-GB", "Sign in")])
@pytest.mark.parametrize("width", [390, 1366])
def test_the_page_fits_the_screen_in_both_languages(
    new_page: Callable[..., Page], locale: str, title: str, width: int
) -> None:
    page = new_page(locale=locale, width=width)
    page.goto("/checkout")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    till = Till(page)
    till.sign_in()
    till.scan(PATE)
    expect(till.lines).to_have_count(1)

    assert page.evaluate("() => document.documentElement.scrollWidth") == width
