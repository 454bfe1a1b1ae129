"""The till as a test sees it: what a cashier's hands and a scanner do, and what the page then shows."""

import re
from itertools import count

from playwright.sync_api import Locator, Page, expect

from tests.e2e.scanner import Scanner

_tills = count(1)


class Till:
    """A checkout page; its till name is its own, so that its sales can be counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._scanner = Scanner(page)
        self.name = f"E{next(_tills)}"

    def open(self, username: str = "cashier", password: str = "demo-till-one") -> "Till":
        """Load the page and sign in."""
        self.page.goto("/checkout")
        self.page.locator("[name=till]").fill(self.name)
        self.sign_in(username, password)
        return self

    def sign_in(self, username: str = "cashier", password: str = "demo-till-one") -> None:
        """Fill the login form that is shown."""
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill(password)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("[name=password]")).to_have_count(0)

    def scan(self, *codes: str) -> None:
        """What a scanner does: characters faster than any hand, then Enter."""
        for code in codes:
            self._scanner.type(code)
        # No hand reaches the next key sooner; a scanner's own second Enter would.
        self.page.wait_for_timeout(50)

    def type(self, text: str) -> None:
        """What a hand does."""
        self.page.keyboard.type(text, delay=70)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as fast as a hand can."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(60)

    @property
    def lines(self) -> Locator:
        """The lines of the basket."""
        return self.page.locator(".lines [role=option]")

    @property
    def quantities(self) -> Locator:
        """The quantity of each line."""
        return self.page.locator(".line-quantity")

    @property
    def total(self) -> Locator:
        """The sum to pay."""
        return self.page.get_by_test_id("total")

    @property
    def notices(self) -> Locator:
        """The messages that come and go."""
        return self.page.locator(".notice")

    @property
    def receipt_number(self) -> Locator:
        """The number on the receipt that is shown."""
        return self.page.get_by_test_id("receipt-number")

    def dialog(self, title: str) -> Locator:
        """The open dialog with this title."""
        return self.page.get_by_role("dialog", name=title, exact=True)

    def pay(self, key: str = "Enter") -> str:
        """Pay the exact sum with two keys; the receipt's number."""
        self.press(key)
        expect(self.dialog("Payment")).to_be_visible()
        self.press("Enter")
        expect(self.receipt_number).to_have_text(re.compile(r"^S1-\d{8}$"))
        return self.receipt_number.inner_text()

    def next_customer(self) -> None:
        """Leave the receipt as soon as the page lets go of it."""
        self.page.wait_for_timeout(700)
        self.press("Enter")
        expect(self.dialog("Receipt")).to_have_count(0)

    def sales(self) -> int:
        """How many sales the server has from this till."""
        items = self.page.request.get("/api/sales?recent=100").json()["items"]
        return sum(sale["till"] == self.name for sale in items)

    def stock(self, line: int = 0) -> int:
        """The pieces in stock that a line shows."""
        found = re.search(r"-?\d+", self.page.locator(".line-stock").nth(line).inner_text())
        assert found
        return int(found[0])
