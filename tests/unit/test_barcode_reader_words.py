"""The barcode reader on codes that carry more than a number, on what is no product code, and on doubt."""

import cv2
import numpy as np
import pytest
import zxingcpp
from zxingcpp import BarcodeFormat

from app.devices import barcode_engines, barcode_variants
from app.devices.barcode_read import Image, Sighting
from app.devices.barcode_reader import FrameReader, PhotoRefused, Symbology, read_photo, read_still
from app.devices.barcode_vote import EARLIER, Ballot, Claim
from app.domain.barcode import normalise
from app.domain.errors import NotAProductCode
from tests.unit.test_barcode_reader import draw, png

MESSAGE = "(01)09506000134352(15)271231(3103)001250(10)AB12"
ELEMENTS = {"01": "09506000134352", "15": "271231", "3103": "001250", "10": "AB12"}
SQUARE = np.array([(0.0, 0), (300, 0), (300, 100), (0, 100)])


def drawn(text: str, kind: BarcodeFormat, *, is_gs1: bool = False, scale: int = 3) -> Image:
    code = zxingcpp.create_barcode(text, kind, **({"gs1": True} if is_gs1 else {}))
    return np.pad(np.array(code.to_image(scale=scale)), 40, constant_values=255)


def seen(text: str, symbology: Symbology, *witnesses: str, corners: np.ndarray = SQUARE) -> list[Sighting]:
    return [Sighting(text, symbology, corners, witness) for witness in witnesses]


@pytest.mark.parametrize(
    ("kind", "symbology"),
    [
        (BarcodeFormat.Code128, Symbology.CODE_128),
        (BarcodeFormat.QRCode, Symbology.QR),
        (BarcodeFormat.DataMatrix, Symbology.DATA_MATRIX),
        (BarcodeFormat.DataBarExp, Symbology.DATABAR_EXPANDED),
        (BarcodeFormat.DataBarExpStk, Symbology.DATABAR_EXPANDED),
    ],
)
def test_a_gs1_message_is_read_with_its_elements(kind: BarcodeFormat, symbology: Symbology) -> None:
    (read,) = read_still(drawn(MESSAGE, kind, is_gs1=True), seconds=20)

    assert (read.symbology, read.gtin, read.elements) == (symbology, "09506000134352", ELEMENTS)


@pytest.mark.parametrize(
    ("text", "kind", "symbology", "gtin"),
    [
        ("SHELF-0042", BarcodeFormat.Code128, Symbology.CODE_128, None),
        ("0109506000134352", BarcodeFormat.Code128, Symbology.CODE_128, None),  # without the sign that it is GS1
        ("09506000134352", BarcodeFormat.ITF14, Symbology.ITF_14, "09506000134352"),
        ("09506000134352", BarcodeFormat.DataBarOmni, Symbology.DATABAR, "09506000134352"),
        ("09506000134352", BarcodeFormat.DataBarLtd, Symbology.DATABAR, "09506000134352"),
    ],
)
def test_a_code_of_goods_in_transit_is_read(
    text: str, kind: BarcodeFormat, symbology: Symbology, gtin: str | None
) -> None:
    (read,) = read_still(drawn(text, kind), seconds=20)

    assert (read.text, read.symbology, read.gtin) == (text, symbology, gtin)


def test_a_gs1_web_address_tells_its_product() -> None:
    (read,) = read_still(drawn("https://id.gs1.org/01/09506000134352/10/AB12", BarcodeFormat.QRCode), seconds=20)

    assert (read.gtin, read.elements) == ("09506000134352", {"01": "09506000134352", "10": "AB12"})


@pytest.mark.parametrize("text", ["https://example.org/menu", "a\x07b", "fish \N{FISH}", "x" * 2000])
def test_a_qr_that_is_no_product_code_has_no_gtin_and_is_no_key(text: str) -> None:
    (read,) = read_still(drawn(text, BarcodeFormat.QRCode), seconds=20)

    assert (read.gtin, read.elements) == (None, {})
    if text != "https://example.org/menu":
        with pytest.raises(NotAProductCode):
            normalise(read.text)


@pytest.mark.parametrize("text", ["950600013435", "0950600013435212"])
def test_interleaved_2_of_5_of_another_length_is_not_answered(text: str) -> None:
    picture = drawn(text, BarcodeFormat.ITF)

    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [text]
    assert read_still(picture, seconds=1) == []


def test_two_products_in_one_place_are_a_conflict_and_neither_is_answered() -> None:
    picture = draw("4006381333931", Symbology.EAN_13)
    corners = np.array([(60.0, 60), (345, 60), (345, 180), (60, 180)])
    ballot = Ballot(picture)
    ballot.claims = [
        Claim(seen(text, Symbology.EAN_13, "zxing plain", corners=corners), lead=0.5)
        for text in ("4006381333931", "9780201752847")
    ]

    assert ballot.reads() == []


def test_two_products_in_two_places_are_both_answered() -> None:
    upper, lower = draw("4006381333931", Symbology.EAN_13), draw("9780201752847", Symbology.EAN_13)

    reads = read_still(np.concatenate((upper, lower)), seconds=20)

    assert {read.text for read in reads} == {"4006381333931", "9780201752847"}


def test_both_engines_on_one_view_are_one_look_at_a_code_without_gs1_content() -> None:
    ballot = Ballot(np.full((120, 320), 255, np.uint8))

    ballot.add(seen("SHELF-0042", Symbology.CODE_128, "zxing plain", "zbar plain"))
    before = ballot.reads()
    ballot.add(seen("SHELF-0042", Symbology.CODE_128, "zxing contrast"))

    assert before == []
    assert [read.text for read in ballot.reads()] == ["SHELF-0042"]


def test_another_text_in_its_place_makes_a_code_128_doubtful_until_it_is_outvoted() -> None:
    ballot = Ballot(np.full((120, 320), 255, np.uint8))

    ballot.add(seen("SHELF-0043", Symbology.CODE_128, "zbar plain"))
    ballot.add(seen("SHELF-0042", Symbology.CODE_128, "zxing plain", "zxing contrast"))
    before = ballot.reads()
    ballot.add(seen("SHELF-0042", Symbology.CODE_128, "zxing sharp"))

    assert before == []
    assert [read.text for read in ballot.reads()] == ["SHELF-0042"]


def test_an_itf_14_needs_a_second_view_and_a_third_witness() -> None:
    ballot = Ballot(np.full((120, 320), 255, np.uint8))

    ballot.add(seen("09506000134352", Symbology.ITF_14, "zxing plain", "zxing contrast"))
    before = ballot.reads()
    ballot.add(seen("09506000134352", Symbology.ITF_14, "zbar contrast"))

    assert before == []
    assert [read.gtin for read in ballot.reads()] == ["09506000134352"]


@pytest.mark.parametrize(
    ("lead", "witnesses", "is_believed"),
    [
        (0.3, ["zxing plain"], True),
        (0.13, ["zxing plain"], False),
        (0.13, ["zxing plain", "zbar plain"], False),
        (0.13, ["zxing plain", "zxing sharp"], True),
        (0.04, ["zxing plain", "zbar sharp", "zxing black"], False),
        (-0.4, ["zxing plain", "zbar sharp", "zxing black"], False),
        (0.2, ["bars region 0 bars", "bars region 1 bars"], False),
        (0.2, ["bars region 0 bars", "zbar plain"], True),
        (0.3, ["bars region 0 bars"], True),
    ],
)
def test_a_small_lead_over_other_products_needs_a_second_view(
    lead: float, witnesses: list[str], is_believed: bool
) -> None:
    claim = Claim(seen("4006381333931", Symbology.EAN_13, *witnesses), lead=lead)

    assert claim.believed() is is_believed


def test_an_earlier_frame_is_another_view() -> None:
    claim = Claim(seen("SHELF-0042", Symbology.CODE_128, "zxing frame", EARLIER))

    assert claim.variants == 2


@pytest.mark.parametrize(("text", "symbology"), [("96385074", Symbology.EAN_8), ("04965802", Symbology.UPC_E)])
def test_video_reads_short_codes_in_the_second_frame(text: str, symbology: Symbology) -> None:
    camera, frame = FrameReader(clock=lambda: 0.0), draw(text, symbology)

    answers = [[read.text for read in camera.read(frame)] for _ in range(2)]

    assert answers == [[], [text]]


def test_a_long_low_code_keeps_its_pixels() -> None:
    """Two and a half pixels a bar, the bars grown by half a pixel: the whole picture says nothing to either engine."""
    text = "33c64780-a9c0-e92a-820c-fae7011c11e2"
    picture = drawn(text, BarcodeFormat.Code128, scale=10)
    fine = cv2.erode(picture[100:150], np.ones((1, 4), np.uint8))
    small = np.asarray(cv2.resize(fine, None, fx=0.25, fy=1.6, interpolation=cv2.INTER_AREA), np.uint8)

    assert [read.text for read in read_still(small, seconds=20)] == [text]


def test_a_resampled_view_maps_its_points_to_the_same_place() -> None:
    picture = draw("4006381333931", Symbology.EAN_13)

    (once,) = barcode_engines.zxing(picture, barcode_variants.IDENTITY, "plain")
    (again,) = barcode_engines.zxing(*barcode_variants.resampled(picture, barcode_variants.IDENTITY, "plain"))

    assert np.abs(once.corners - again.corners).max() < 3


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"avif"])
def test_a_picture_format_of_telephones_that_is_not_decoded_here_is_refused_by_name(brand: bytes) -> None:
    with pytest.raises(PhotoRefused) as refused:
        read_photo(b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00mif1" + brand + bytes(400))

    assert refused.value.reason == "format"


def test_a_blurred_photo_is_answered_empty_within_the_time_of_a_still() -> None:
    blurred = np.asarray(cv2.GaussianBlur(draw("4006381333931", Symbology.EAN_13), (0, 0), 12), np.uint8)

    assert read_photo(png(blurred)) == []


def test_the_reader_leaves_the_other_cores_to_the_tills() -> None:
    assert cv2.getNumThreads() == 1
