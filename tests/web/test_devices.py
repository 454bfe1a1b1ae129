"""Photos of barcodes sent to the API."""

import io
import os
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from flask import Flask
from PIL import Image as Pictures
from werkzeug.test import TestResponse

from app.devices.barcode_layout import layout_of
from app.devices.barcode_read import Image, Symbology
from app.devices.photo_desk import Decoded, DeskBusy, PhotoDesk
from app.views.api import devices
from tests.web.till import Till, code, open_till

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MILK = "4006381333931"


@pytest.fixture(scope="module")
def desk() -> Iterator[PhotoDesk]:
    """One child for all tests: it takes a second to start."""
    desk = PhotoDesk(patience_s=60, start_s=60)
    yield desk
    desk.close()


@pytest.fixture
def till(app: Flask, desk: PhotoDesk) -> Till:
    app.extensions[devices.DESK] = desk
    return open_till(app)


def barcode(text: str) -> Image:
    layout = layout_of(text, Symbology.EAN_13)
    assert layout is not None
    bars = np.repeat(np.array([0 if bit == "1" else 255 for bit in layout.bits], np.uint8), 3)
    return np.pad(np.tile(bars, (120, 1)), 60, constant_values=255)


def file(picture: Image, kind: str = "PNG") -> bytes:
    content = io.BytesIO()
    Pictures.fromarray(picture).save(content, kind)
    return content.getvalue()


def send(till: Till, content: bytes) -> TestResponse:
    return till.post("/api/devices/decode", data=content, content_type="image/jpeg")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_barcode_in_a_photo_is_read(till: Till, kind: str) -> None:
    answer = send(till, file(barcode(MILK), kind))

    [found] = answer.get_json()["codes"]
    assert (answer.status_code, found["text"], found["symbology"], found["gtin"]) == (200, MILK, "EAN-13", f"0{MILK}")
    assert len(found["corners"]) == 4


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (422, "image_empty")),
        (b"GIF89a" + bytes(100), (415, "image_format")),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", (415, "image_format")),
        (b"%PDF-1.7", (415, "image_format")),
        (file(barcode(MILK), "JPEG")[:400], (422, "image_broken")),
        (bytes(5_000_001), (413, "too_large")),
    ],
)
def test_what_is_no_photo_is_refused_in_words(till: Till, content: bytes, expected: tuple[int, str]) -> None:
    assert code(send(till, content)) == expected


@pytest.mark.parametrize(("grey", "hint"), [(10, "too_dark"), (250, "too_bright"), (128, "blurred")])
def test_a_photo_without_a_code_says_what_to_do_better(till: Till, grey: int, hint: str) -> None:
    answer = send(till, file(np.full((480, 640), grey, np.uint8)))

    assert code(answer) == (422, "no_barcode")
    assert hint in answer.get_json()["error"]["details"]["hints"]


def test_a_decoder_that_died_is_replaced(till: Till, desk: PhotoDesk) -> None:
    send(till, file(barcode(MILK)))
    assert desk._child is not None
    os.kill(desk._child.pid, signal.SIGKILL)
    desk._child.wait()

    assert send(till, file(barcode(MILK))).status_code == 200


class FullDesk:
    def read(self, _content: bytes) -> Decoded:
        raise DeskBusy


def test_too_many_photos_at_once_are_asked_to_come_again(app: Flask, till: Till) -> None:
    app.extensions[devices.DESK] = FullDesk()

    answer = send(till, b"\xff\xd8\xff photo")

    assert code(answer) == (503, "busy")
    assert answer.headers["Retry-After"] == "2"


def test_strangers_send_no_photos(client: Any) -> None:
    assert client.post("/api/devices/decode", data=b"x", content_type="image/png").status_code in (400, 401)
