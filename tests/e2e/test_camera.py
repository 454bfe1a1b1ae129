"""Barcodes before a camera, in a real browser on the running shop: at the till's own camera and over the belt."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.barcode_video import Size, frames, write_avi, write_mjpeg
from tests.e2e.checkout_page import Till
from tests.e2e.conftest import BROWSERS, SAFE_ARGUMENTS
from tests.live_shop import LiveShop

PATE: Final = "3850334043641"
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
def till_with_camera(browser: Browser, shop: LiveShop, tmp_path: Path) -> Iterator[Callable[[Path], Till]]:
    """Opens a till in a browser whose camera sees a video."""
    opened: list[Browser] = []

    def make(video: Path) -> Till:
        camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        seeing = browser.browser_type.launch(
            executable_path=next((found for name in BROWSERS if (found := shutil.which(name))), None),
            args=[*SAFE_ARGUMENTS, *camera, f"--use-file-for-fake-video-capture={video}"],
        )
        opened.append(seeing)
        page = seeing.new_page(base_url=shop.url, locale="en-GB", viewport={"width": 1366, "height": 768})
        page.set_default_timeout(10_000)
        page.add_init_script(KEEP_TRACKS)
        return Till(page).open()

    yield make
    for one in opened:
        one.close()


def states(page: Page) -> Any:
    """What became of every camera the page was given."""
    return page.evaluate("window.tracks.map((track) => track.readyState)")


def test_a_product_before_the_camera_is_in_the_basket_once(
    till_with_camera: Callable[[Path], Till], tmp_path: Path
) -> None:
    till = till_with_camera(write_mjpeg(tmp_path / "pate.mjpeg", frames(PATE, 20)))
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
    till_with_camera: Callable[[Path], Till], tmp_path: Path
) -> None:
    passing = itertools.chain(frames(PATE, PER_SECOND, size=SMALL), frames(None, round(2.2 * PER_SECOND), size=SMALL))
    till = till_with_camera(write_mjpeg(tmp_path / "passing.mjpeg", passing))
    till.press("F12")
    expect(till.quantities).to_have_text(["1"])

    till.page.context.set_offline(True)
    expect(till.page.locator(".entry-looking")).to_contain_text("1 scan")
    expect(till.quantities).to_have_text(["1"])
    till.press("Escape")
    till.page.context.set_offline(False)

    expect(till.quantities).to_have_text(["2"])


def test_where_the_browser_cannot_read_the_server_does(
    till_with_camera: Callable[[Path], Till], tmp_path: Path
) -> None:
    till = till_with_camera(write_mjpeg(tmp_path / "pate.mjpeg", frames(PATE, 20)))
    till.page.route("**/barcodeWorker-*", lambda route: route.abort())

    with till.page.expect_request("**/api/devices/decode") as asked:
        till.press("F12")

    expect(till.quantities).to_have_text(["1"])
    assert asked.value.headers["content-type"] == "image/jpeg"


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
