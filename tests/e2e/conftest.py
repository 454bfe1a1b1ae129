"""A real browser on the whole running shop."""

import shutil
from collections.abc import Callable, Generator, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.e2e.checkout_page import Till
from tests.live_shop import LiveShop

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SAFE_ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

LONG_MS = 60_000
"""What a page does at once may take that long on a busy machine."""
expect.set_options(timeout=LONG_MS)

PAGES = pytest.StashKey[list[Page]]()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """The demo shop, started once for all browser tests."""
    shop = LiveShop(tmp_path_factory.mktemp("shop"))
    try:
        shop.start()
        yield shop
    finally:
        shop.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SAFE_ARGUMENTS)
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say with a failure what its pages showed."""
    report = yield
    if report.when == "call" and report.failed:
        for page in item.stash.get(PAGES, []):
            report.sections.append((f"page {page.url}", _seen(page)))
    return report


def _seen(page: Page) -> str:
    try:
        return page.locator("body").inner_text(timeout=1_000)
    except PlaywrightError as error:
        return f"not to be read: {error}"


@pytest.fixture
def new_page(browser: Browser, shop: LiveShop, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Make a page in a browser profile of its own; the test fails when any of its pages reported an error."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    pages = request.node.stash.setdefault(PAGES, [])

    def make(*, locale: str = "en-GB", width: int = 1366, height: int = 768) -> Page:
        context = browser.new_context(
            base_url=shop.url, locale=locale, viewport={"width": width, "height": height}, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(LONG_MS)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: _note(complaints, message))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page of a till's size, in English."""
    return new_page()


@pytest.fixture
def till(page: Page) -> Till:
    """A till with a cashier signed in."""
    return Till(page).open()


def _note(complaints: list[str], message: ConsoleMessage) -> None:
    # A refusal by the server is also reported here by the browser itself; tests provoke those on purpose.
    if message.type == "error" and "Failed to load resource" not in message.text:
        complaints.append(f"{message.location.get('url')}: {message.text}")
