"""Barcodes before a camera, in a real browser on the running shop: at the till's own camera and over the belt."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.barcode_video import Size, frames, write_avi, write_mjpeg
from tests.e2e.checkout_page import Till
from tests.e2e.conftest import BROWSERS, LONG_MS, SAFE_ARGUMENTS
from tests.live_shop import LiveShop
from tests.servers import wait_until

PATE: Final = "3850334043641"
MANAGER: Final = ("manager", "demo-back-office")
SMALL: Final[Size] = (640, 360)
PER_SECOND: Final = 30
"""The speed at which Chromium plays such a file, over and over."""
KEEP_TRACKS: Final = """
  window.tracks = []
  const own = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await own(wanted)
    window.tracks.push(...stream.getTracks())
    return stream
  }
"""


@pytest.fixture
def page_with_camera(browser: Browser, shop: LiveShop) -> Iterator[Callable[..., Page]]:
    """Makes a page in a browser whose camera sees a video."""
    opened: list[Browser] = []

    def make(video: Path, *, width: int = 1366, height: int = 768) -> Page:
        camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        seeing = browser.browser_type.launch(
            executable_path=next((found for name in BROWSERS if (found := shutil.which(name))), None),
            args=[*SAFE_ARGUMENTS, *camera, f"--use-file-for-fake-video-capture={video}"],
        )
        opened.append(seeing)
        page = seeing.new_page(base_url=shop.url, locale="en-GB", viewport={"width": width, "height": height})
        page.set_default_timeout(LONG_MS)
        page.add_init_script(KEEP_TRACKS)
        return page

    yield make
    for one in opened:
        one.close()


def states(page: Page) -> Any:
    """What became of every camera the page was given."""
    return page.evaluate("window.tracks.map((track) => track.readyState)")


def test_a_product_before_the_camera_is_in_the_basket_once(
    page_with_camera: Callable[..., Page], tmp_path: Path
) -> None:
    till = Till(page_with_camera(write_mjpeg(tmp_path / "pate.mjpeg", frames(PATE, 20)))).open()
    asked: list[str] = []
    till.page.on("request", lambda request: asked.append(request.url))

    till.press("F12")

    expect(till.quantities).to_have_text(["1"])
    expect(till.page.get_by_test_id("camera-hint")).to_have_text(f"Read: {PATE}")
    till.page.wait_for_timeout(2500)
    expect(till.quantities).to_have_text(["1"])
    assert states(till.page) == ["live"]
    assert [url for url in asked if "/decode" in url] == []
    till.press("Escape")
    expect(till.page.get_by_test_id("camera")).to_have_count(0)
    assert states(till.page) == ["ended"]


def test_a_product_that_comes_again_while_the_network_is_away_is_not_lost(
    page_with_camera: Callable[..., Page], tmp_path: Path
) -> None:
    passing = itertools.chain(frames(PATE, PER_SECOND, size=SMALL), frames(None, round(2.2 * PER_SECOND), size=SMALL))
    till = Till(page_with_camera(write_mjpeg(tmp_path / "passing.mjpeg", passing))).open()
    till.press("F12")
    expect(till.quantities).to_have_text(["1"])

    till.page.context.set_offline(True)
    expect(till.page.locator(".entry-looking")).to_contain_text("1 scan")
    expect(till.quantities).to_have_text(["1"])
    till.press("Escape")
    till.page.context.set_offline(False)

    expect(till.quantities).to_have_text(["2"])


def test_where_the_browser_cannot_read_the_server_does(page_with_camera: Callable[..., Page], tmp_path: Path) -> None:
    till = Till(page_with_camera(write_mjpeg(tmp_path / "pate.mjpeg", frames(PATE, 20)))).open()
    till.page.route("**/barcodeWorker-*", lambda route: route.abort())

    with till.page.expect_request("**/api/devices/decode") as asked:
        till.page.get_by_role("button", name="Scan with the camera").click()

    expect(till.quantities).to_have_text(["1"])
    assert asked.value.headers["content-type"] == "image/jpeg"


def test_a_product_before_the_camera_of_a_telephone_is_counted(
    page_with_camera: Callable[..., Page], tmp_path: Path
) -> None:
    page = page_with_camera(write_mjpeg(tmp_path / "pate.mjpeg", frames(PATE, 20)), width=390, height=780)
    page.goto("/phone")
    page.locator("[name=username]").fill(MANAGER[0])
    page.locator("[name=password]").fill(MANAGER[1])
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("tile-count")).to_be_visible()
    with counting(page) as number:
        page.goto(f"/phone#/count/{number}")

        page.get_by_test_id("camera-button").click()
        page.get_by_test_id("count-quantity").press("7")
        page.get_by_test_id("count-save").click()

        expect(page.get_by_test_id("progress")).to_contain_text("1 of 1")
        wait_until(lambda: my_count(page, number) == 7000)
        # The camera looks on, and the product that still lies before it is not counted again.
        page.wait_for_timeout(1500)
        assert states(page)[-1] == "live"
        expect(page.get_by_test_id("count-quantity")).to_have_count(0)


@contextmanager
def counting(page: Page) -> Iterator[int]:
    """A session that counts one product, cancelled in the end: other tests count too."""
    headers = {"X-CSRFToken": page.request.get("/api/session").json()["csrf_token"]}
    product = page.request.get(f"/api/products/by-barcode/{PATE}").json()["product"]["id"]
    body = {"uuid": str(uuid4()), "kind": "list", "product_ids": [product]}
    number = page.request.post("/api/stocktakes", headers=headers, data=body).json()["id"]
    try:
        yield number
    finally:
        assert page.request.post(f"/api/stocktakes/{number}/cancel", headers=headers).ok


def my_count(page: Page, number: int) -> Any:
    """What the server has of the one product being counted."""
    return page.request.get(f"/api/stocktakes/{number}").json()["lines"][0]["counted"]


def test_a_till_without_a_camera_says_so(page: Page) -> None:
    till = Till(page).open()

    till.press("F12")

    expect(page.get_by_test_id("camera-trouble")).to_contain_text("camera")
    till.press("Escape")
    till.scan(PATE)
    expect(till.quantities).to_have_text(["1"])


def test_the_camera_over_the_belt_scans_for_its_till_and_for_no_other(
    shop: LiveShop, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    till, other = Till(new_page()), Till(new_page())
    for one in (till, other):
        with one.page.expect_response(lambda answer: "/events?" in answer.url):
            one.open()
    video = write_avi(tmp_path / "belt.avi", frames(PATE, 40))

    said = shop.flask("camera", "watch", "--device", str(video), "--till", till.name).splitlines()

    expect(till.quantities).to_have_text(["1"])
    expect(other.lines).to_have_count(0)
    assert said[-3:] == [
        f"camera {video}: watching for till {till.name}",
        f"camera {video}: {PATE} to till {till.name}",
        f"camera {video}: the video has ended",
    ]
