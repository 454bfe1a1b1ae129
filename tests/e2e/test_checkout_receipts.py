"""Receipts on the checkout page in a real browser: printed again, and goods that come back."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.checkout_page import Till

PATE = "3850334043641"
BEEF = "3850334018236"
LAMB = "3850334018212"
PATE_PRICE = "€0.99"
SAUSAGE_BY_KG = "90670453"


def test_a_reprint_is_marked_as_a_copy(till: Till) -> None:
    till.page.evaluate("() => { window.print = () => {} }")
    till.scan(PATE)
    expect(till.lines).to_have_count(1)
    till.pay("F10")
    till.next_customer()

    till.press("F4")
    expect(till.dialog("Recent receipts").get_by_role("option").first).to_be_visible()
    till.press("p")

    expect(till.page.locator(".paper-frame .paper-copy")).to_have_text("COPY 1")


def test_a_refund_takes_back_no_more_than_was_sold(till: Till) -> None:
    till.scan(PATE, PATE)
    expect(till.quantities).to_have_text(["2"])
    number = till.pay()
    till.next_customer()
    till.press("F5")
    till.type(number)
    till.press("Enter")
    refund = till.dialog("Refund")
    expect(refund.get_by_label("Return: BUDDY MP MINI PIL 300G")).to_be_focused()

    till.type("3")
    till.press("F9")
    expect(refund.get_by_role("alert")).to_contain_text("At most 2")
    till.press("Backspace")
    till.type("1")
    till.press("F2", "ArrowDown", "ArrowDown", "F9")

    expect(refund).to_contain_text("Give back")
    expect(refund).to_contain_text(PATE_PRICE)


def test_a_refund_higher_than_the_screen_scrolls_to_the_field_in_use(new_page: Callable[..., Page]) -> None:
    till = Till(new_page(height=330)).open()
    till.scan(PATE, BEEF, LAMB)
    expect(till.lines).to_have_count(3)
    number = till.pay()
    till.next_customer()
    till.press("F5")
    till.type(number)
    till.press("Enter")
    expect(till.dialog("Refund").locator(".short-input").first).to_be_focused()

    till.press("F3")

    reason = till.dialog("Refund").get_by_label("Reason")
    expect(reason).to_be_focused()
    expect(reason).to_be_in_viewport()
    expect(till.dialog("Refund").get_by_role("heading", name="Refund")).to_be_in_viewport()


def test_a_refund_above_the_limit_needs_a_supervisor(till: Till) -> None:
    till.scan(SAUSAGE_BY_KG)
    expect(till.dialog("Weigh the goods")).to_be_visible()
    till.type("5")
    till.press("Enter")
    expect(till.total).to_have_text("€62.45")
    till.pay("F8")
    till.next_customer()
    till.press("F4")
    expect(till.dialog("Recent receipts").get_by_role("option").first).to_contain_text("€62.45")
    till.press("r")
    refund = till.dialog("Refund")
    expect(refund.get_by_label("Return: KOBASICA DOMAĆA SUHA K PLUS")).to_be_focused()

    till.type("5")
    till.press("ArrowDown")
    till.type("Spoilt")
    till.press("F9")
    expect(till.dialog("Supervisor approval")).to_be_visible()
    till.page.locator("[name=approver]").fill("supervisor")
    till.page.locator("[name=approver-password]").fill("demo-floor-lead")
    till.press("Enter")

    expect(refund).to_contain_text(re.compile(r"Give back\s*€62\.45\s*Card\s*€62\.45"))
