"""A till with a printer, a drawer and a scale, in a real browser on the running shop."""

import socket
from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.devices.printer_fake import PrinterServer
from app.devices.scale_simulator import ScaleSimulator
from app.domain.printing import PRINTER_PORTS
from tests.e2e.checkout_page import Till
from tests.servers import wait_until

SAUSAGE_BY_KG = "90670453"
PATE = "3850334043641"
SHUT = "The drawer did not open. The printer does not answer: switch it on, or open the drawer with its key."


def free_port() -> int:
    """One of the ports where receipt printers listen."""
    for port in reversed(PRINTER_PORTS):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("every printer port is in use")


def set_up(page: Page, kind: str, till: Till, address: str) -> None:
    """What a manager does once for each device."""
    page.goto(f"/admin/{kind}/new/")
    page.locator("#name").fill(f"{kind} of {till.name}")
    page.locator("#store_id").select_option(label="S1 Aisle demo shop")
    page.locator("#till").fill(till.name)
    page.locator("#address").fill(address)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(address)).to_be_visible()


def log_in(page: Page) -> None:
    page.goto("/login?next=/admin/")
    page.locator("[name=username]").fill("manager")
    page.locator("[name=password]").fill("demo-back-office")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Menu")).to_be_visible()


def take_back(till: Till, number: str) -> None:
    """Refund a whole receipt by keys."""
    till.press("F5")
    till.type(number)
    till.press("Enter")
    refund = till.dialog("Refund")
    expect(refund.locator(".short-input")).to_be_focused()
    till.press("F3", "ArrowDown", "F9")
    expect(refund).to_contain_text("Give back")


def test_a_till_weighs_takes_cash_prints_and_gives_cash_back(new_page: Callable[..., Page]) -> None:
    till, office = Till(new_page()), new_page()
    port = free_port()
    with PrinterServer(port) as printer, ScaleSimulator(grams=480) as scale:
        log_in(office)
        set_up(office, "printers", till, f"127.0.0.1:{port}")
        set_up(office, "scales", till, scale.address)
        till.open()

        till.scan(SAUSAGE_BY_KG)
        till.press("Enter")
        expect(till.dialog("Weigh the goods").get_by_role("textbox")).to_have_value("0.480")
        till.press("Enter")
        expect(till.lines).to_have_count(1)
        number = till.pay()
        expect(till.page.get_by_test_id("print-state")).to_have_text("Printed.")

        kicks_of_the_sale = printer.kicks
        till.next_customer()
        take_back(till, number)
        wait_until(lambda: printer.kicks > kicks_of_the_sale)
        till.press("Enter")
        kicks = (kicks_of_the_sale, printer.kicks)
    expect(till.dialog("Refund")).to_have_count(0)

    till.scan(PATE)
    expect(till.lines).to_have_count(1)
    till.pay()
    expect(till.page.get_by_test_id("drawer-state")).to_have_text(SHUT)
    till.next_customer()
    expect(till.page.locator("#entry")).to_be_focused()

    [paper] = printer.papers
    assert kicks == (1, 2)
    assert b"0.480 kg x " in paper
    assert number.encode() in paper
