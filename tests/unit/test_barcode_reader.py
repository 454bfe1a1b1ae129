"""The barcode reader on codes drawn here: what is right is read, what is wrong or doubtful is not."""

import io
import time
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as Pictures

from app.devices import barcode_modules
from app.devices.barcode_layout import layout_of
from app.devices.barcode_read import Image, Sighting
from app.devices.barcode_reader import FrameReader, PhotoRefused, Symbology, read_photo, read_still
from app.devices.gs1_text import elements, upc_a, upc_e
from app.devices.photos import PhotoBroken, PhotoEmpty, PhotoFormatUnknown, PhotoTooLarge

DRAWN = [
    ("4006381333931", Symbology.EAN_13), ("9780201752847", Symbology.EAN_13), ("036000291452", Symbology.UPC_A),
    ("96385074", Symbology.EAN_8), ("04965802", Symbology.UPC_E),
]  # fmt: skip


def draw(text: str, symbology: Symbology, module: int = 3) -> Image:
    layout = layout_of(text, symbology)
    assert layout is not None
    bars = np.repeat(np.array([0 if bit == "1" else 255 for bit in layout.bits], np.uint8), module)
    return np.pad(np.tile(bars, (120, 1)), 60, constant_values=255)


def png(picture: Image) -> bytes:
    content = io.BytesIO()
    Pictures.fromarray(picture).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize(("text", "symbology"), DRAWN)
def test_a_drawn_code_is_read_as_what_it_is(text: str, symbology: Symbology) -> None:
    reads = read_still(draw(text, symbology), seconds=20)

    assert [(read.text, read.symbology) for read in reads] == [(text, symbology)]


@pytest.mark.parametrize("degrees", [90, 180, 270, 12])
def test_a_turned_code_is_read(degrees: int) -> None:
    picture = np.pad(draw(*DRAWN[0]), ((150, 150), (60, 60)), constant_values=255)
    middle = (picture.shape[1] / 2, picture.shape[0] / 2)
    turned: Any = cv2.warpAffine(
        picture, cv2.getRotationMatrix2D(middle, degrees, 1), picture.shape[::-1], borderValue=255
    )

    assert [read.text for read in read_still(turned, seconds=20)] == ["4006381333931"]


def test_a_read_tells_its_gtin_with_fourteen_digits() -> None:
    (read,) = read_still(draw("04965802", Symbology.UPC_E), seconds=20)

    assert read.gtin == "00049000006582"


def test_the_picture_denies_a_wrong_code_with_a_right_check_digit() -> None:
    picture = draw("9784872348880", Symbology.EAN_13)
    corners = np.array([(60.0, 60), (345, 60), (345, 180), (60, 180)])

    true = barcode_modules.margin(picture, Sighting("9784872348880", Symbology.EAN_13, corners, "zxing plain"))
    wrong = barcode_modules.margin(picture, Sighting("9784832348820", Symbology.EAN_13, corners, "zxing plain"))

    assert true is not None
    assert true > 0.12
    assert wrong is not None
    assert wrong < -0.2


@pytest.mark.parametrize("seed", range(3))
def test_noise_and_half_a_code_are_not_read(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 255, (240, 320), dtype=np.uint8)
    half = draw(*DRAWN[0])[:, : 60 + 45 * 3]

    assert read_still(noise, seconds=0.5) == []
    assert read_still(half, seconds=0.5) == []


def test_video_believes_a_code_with_the_second_frame_within_a_second() -> None:
    now = [0.0]
    camera, frame = FrameReader(clock=lambda: now[0]), draw(*DRAWN[0])

    first = camera.read(frame)
    now[0] = 0.1
    second = camera.read(frame)
    now[0] = 5.0
    late = camera.read(frame)

    assert [[read.text for read in reads] for reads in (first, second, late)] == [[], ["4006381333931"], []]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", PhotoEmpty),
        (b"GIF89a" + bytes(40), PhotoFormatUnknown),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PhotoFormatUnknown),
        (b"%PDF-1.7 renamed.jpg", PhotoFormatUnknown),
        (bytes(5_000_001), PhotoTooLarge),
        (png(np.zeros((60, 60), np.uint8))[:60], PhotoBroken),
    ],
)
def test_bytes_that_are_no_picture_are_refused_with_the_reason(content: bytes, refusal: type[PhotoRefused]) -> None:
    with pytest.raises(refusal):
        read_photo(content)


def test_a_small_file_that_unfolds_to_900_megapixels_is_refused_before_it_is_decoded() -> None:
    head = png(np.zeros((1, 1), np.uint8))
    side = (30_000).to_bytes(4, "big")
    ihdr = b"IHDR" + side + side + head[24:29]
    bomb = head[:12] + ihdr + zlib.crc32(ihdr).to_bytes(4, "big") + head[33:]
    begun = time.thread_time()

    with pytest.raises(PhotoTooLarge):
        read_photo(bomb)

    assert time.thread_time() - begun < 1


def test_a_photo_is_read_from_its_bytes() -> None:
    assert [read.text for read in read_photo(png(draw(*DRAWN[0])))] == ["4006381333931"]


def test_upc_e_has_one_long_form_and_comes_back_from_it() -> None:
    assert upc_a("04965802") == "049000006582"
    assert upc_e("049000006582") == "04965802"


def test_gs1_elements_are_told_by_identifier() -> None:
    assert elements("0190012345678908310300175015100312") == {"01": "90012345678908", "3103": "001750", "15": "100312"}
