"""The warehouse phone as a test sees it: what a thumb and a scanner do, and what the page then shows."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.scanner import Scanner

LONG_MS = 60_000
# Not `wait_for_function`: the page itself evaluates what that looks at again, and its security policy refuses to.
IS_KEPT = """
longest => Promise.race([
  new Promise((give) => {
    const { serviceWorker } = navigator
    const look = () => { if (serviceWorker.controller !== null) give(true) }
    serviceWorker.addEventListener('controllerchange', look)
    look()
  }).then(() => navigator.serviceWorker.ready).then(() => true),
  new Promise((give) => setTimeout(give, longest, false)),
])
"""
"""Whether the service worker is in charge of the page before the longest time is over."""


class Phone:
    """The page /phone on a telephone's screen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._scanner = Scanner(page)

    def open(self, username: str = "supervisor", password: str = "demo-floor-lead") -> "Phone":
        """Load the page, sign in, and wait until it would open without a network."""
        self.page.goto("/phone")
        self.sign_in(username, password)
        assert self.page.evaluate(IS_KEPT, LONG_MS), "the page would not open without a network"
        return self

    def sign_in(self, username: str = "supervisor", password: str = "demo-floor-lead") -> None:
        """Fill the login form that is shown."""
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill(password)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("[name=password]")).to_have_count(0)

    def go(self, path: str) -> None:
        """Open one of its pages, as a tile or a row does."""
        self.page.evaluate("path => { location.hash = `#/${path}` }", path)

    def scan(self, code: str) -> None:
        """What a scanner does: characters faster than any hand, then Enter. First the page has to be there."""
        expect(self.page.locator("form.code")).to_be_visible()
        self._scanner.type(code)

    def key_in(self, digits: str) -> None:
        """Press the keys of the number pad."""
        for digit in digits:
            self.pad.get_by_role("button", name=digit, exact=True).click()

    def count(self, code: str, digits: str) -> None:
        """Scan, key in, save, and see it written down or asked about: no later key goes into the same sheet."""
        self.scan(code)
        expect(self.quantity).to_be_visible()
        self.key_in(digits)
        self.press("count-save")
        expect(self.quantity).to_have_count(0)

    def press(self, test_id: str) -> None:
        """Tap what has this name."""
        self.page.get_by_test_id(test_id).click()

    @property
    def pad(self) -> Locator:
        """The number pad."""
        return self.page.locator(".pad")

    @property
    def quantity(self) -> Locator:
        """What is keyed in."""
        return self.page.get_by_test_id("count-quantity")

    @property
    def progress(self) -> Locator:
        """How far the count is."""
        return self.page.get_by_test_id("progress")

    @property
    def waiting(self) -> Locator:
        """How many records wait to be sent; not there when none does."""
        return self.page.get_by_test_id("waiting")

    @property
    def refused(self) -> Locator:
        """How many records the server has refused; not there when none is."""
        return self.page.get_by_test_id("refused")
