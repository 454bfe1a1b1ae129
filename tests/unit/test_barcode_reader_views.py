"""The barcode reader on pictures that engines cannot read as they are: from the side, bent, blurred; and on doubt."""

import cv2
import numpy as np
import pytest

from app.devices import barcode_bars, barcode_crops, barcode_engines, barcode_modules, barcode_regions, barcode_variants
from app.devices.barcode_read import Ground, Image, Sighting, Symbology
from app.devices.barcode_reader import read_still
from app.devices.barcode_variants import IDENTITY
from app.devices.barcode_vote import Ballot, Claim
from tests.unit.test_barcode_reader import draw

TEXT = "4006381333931"
SQUARE = np.array([(0.0, 0), (300, 0), (300, 100), (0, 100)])


def seen_from_the_side(picture: Image, narrower: float) -> Image:
    """The upper edge narrower than the lower one."""
    height, width = picture.shape
    to = np.array([(width * narrower, 0), (width * (1 - narrower), 0), (width, height), (0, height)], np.float32)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return np.asarray(
        cv2.warpPerspective(picture, cv2.getPerspectiveTransform(corners, to), (width, height), borderValue=255),
        np.uint8,
    )


def bent(picture: Image, by: float) -> Image:
    """Around a bottle whose middle is left of the code: modules get narrower to the right."""
    height, width = picture.shape
    share = np.linspace(0, 1, width)
    across = np.tile((np.sin(share * by) / np.sin(by) * (width - 1)).astype(np.float32), (height, 1))
    down = np.tile(np.arange(height, dtype=np.float32)[:, None], (1, width))
    return np.asarray(cv2.remap(picture, across, down, cv2.INTER_LINEAR), np.uint8)


def blurred(picture: Image, sigma: float) -> Image:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def slant(crop: Image) -> float:
    """Mean slope of the edges, to either side."""
    dx, dy = cv2.Scharr(crop, cv2.CV_32F, 1, 0), cv2.Scharr(crop, cv2.CV_32F, 0, 1)
    strong = np.abs(dx) > 1000
    return float(np.mean(np.abs(dy[strong] / dx[strong])))


def test_bars_that_fan_out_are_made_vertical() -> None:
    fan = seen_from_the_side(draw(TEXT, Symbology.EAN_13), 0.12)[70:170]

    straight = barcode_crops.straightened(fan)

    assert slant(fan) > 0.07
    assert slant(straight[10:-10]) < 0.5 * slant(fan)


def test_the_middle_line_of_a_crop_stays_where_it_is() -> None:
    fan = seen_from_the_side(draw(TEXT, Symbology.EAN_13), 0.12)[70:170]

    straight = barcode_crops.straightened(fan)

    assert np.abs(straight[50].astype(int) - fan[50]).max() < 12


def test_grey_bars_are_found_beside_the_black_edge_of_their_label() -> None:
    picture = np.full((480, 640), 10, np.uint8)
    picture[100:400, 60:600] = 250
    bars = 255 - (255 - blurred(draw(TEXT, Symbology.EAN_13, 4)[60:160, 60:-60], 3.0)) // 3
    picture[200:300, 130:510] = np.minimum(picture[200:300, 130:510], bars)

    best = barcode_regions.bars(picture)[0]

    assert np.hypot(best.middle[0] - 320, best.middle[1] - 250) < 40
    assert abs(np.sin(best.angle)) < 0.1


@pytest.mark.parametrize(("module", "sigma"), [(2, 1.2), (3, 1.8), (3, 2.2)])
def test_a_blurred_code_is_claimed_rightly_where_both_engines_see_none(module: int, sigma: float) -> None:
    picture = blurred(draw(TEXT, Symbology.EAN_13, module), sigma)[40:-40, 20:-20]

    claims = barcode_bars.read(picture, IDENTITY, "crop")

    assert barcode_engines.zxing(picture, IDENTITY, "crop") == barcode_engines.zbar(picture, IDENTITY, "crop") == []
    assert [(one.text, one.symbology) for one in claims] == [(TEXT, Symbology.EAN_13)]


def test_a_blurred_upc_a_is_claimed_by_its_own_name_upside_down_too() -> None:
    picture = blurred(draw("036000291452", Symbology.UPC_A, 2), 1.2)[40:-40, 20:-20]

    (claim,) = barcode_bars.read(np.ascontiguousarray(picture[::-1, ::-1]), IDENTITY, "crop")

    assert (claim.text, claim.symbology) == ("036000291452", Symbology.UPC_A)
    assert claim.corners[0][0] > claim.corners[1][0]


def test_a_wrong_claim_about_a_code_blurred_beyond_reading_is_denied() -> None:
    picture = blurred(draw(TEXT, Symbology.EAN_13, 2), 1.8)
    claims = barcode_bars.read(picture[40:-40, 20:-20], IDENTITY, "crop")

    assert [one.text for one in claims] not in ([], [TEXT])
    assert {read.text for read in read_still(picture, seconds=20)} <= {TEXT}


@pytest.mark.parametrize("seed", range(6))
def test_stripes_that_are_no_code_are_not_read(seed: int) -> None:
    widths = np.random.default_rng(seed).integers(2, 9, 59)
    stripes = np.repeat(np.arange(59) % 2 * 255, widths).astype(np.uint8)
    picture = np.pad(np.tile(stripes, (120, 1)), 60, constant_values=255)

    assert read_still(blurred(picture, 1.0), seconds=1) == []


@pytest.mark.parametrize("by", [0.8, 1.1])
def test_around_a_bottle_the_picture_tells_the_true_code_from_a_wrong_one(by: float) -> None:
    crop = bent(draw("9784872348880", Symbology.EAN_13, 4), by)
    corners = np.array([(60.0, 60), (440, 60), (440, 180), (60, 180)])

    true = barcode_modules.margin_upright(crop, Sighting("9784872348880", Symbology.EAN_13, corners, "zxing crop"))
    wrong = barcode_modules.margin_upright(crop, Sighting("9784832348820", Symbology.EAN_13, corners, "zxing crop"))

    assert true is not None
    assert true > 0.16
    assert wrong is not None
    assert wrong < -0.1


def test_a_claim_made_in_a_crop_is_asked_of_that_crop() -> None:
    picture = draw(TEXT, Symbology.EAN_13)
    view, back, ground = next(barcode_variants.of_region(picture, barcode_regions.bars(picture)[0], "region 0"))()[1:]
    ballot = Ballot(np.full_like(picture, 255))

    ballot.add(barcode_engines.zxing(view, back, "region 0"), ground)

    assert isinstance(ground, Ground)
    assert [read.text for read in ballot.reads()] == [TEXT]


@pytest.mark.parametrize(
    ("lead", "others", "other_lead", "is_told"),
    [
        (0.25, 1, -0.05, True),
        (0.25, 3, -0.05, False),
        (0.25, 3, -0.4, True),
        (0.25, 3, None, False),
        (0.5, 3, None, True),
    ],
)
def test_a_small_lead_loses_to_what_the_engines_say_more_often_unless_the_picture_denies_it(
    lead: float, others: int, other_lead: float | None, is_told: bool
) -> None:
    ballot = Ballot(np.full((120, 320), 255, np.uint8))
    other = [Sighting("9009387333931", Symbology.EAN_13, SQUARE, f"zbar {view}") for view in range(others)]
    ballot.claims = [
        Claim([Sighting(TEXT, Symbology.EAN_13, SQUARE, "zxing plain")], lead=lead),
        Claim(other, lead=other_lead),
    ]

    assert [read.text for read in ballot.reads()] == ([TEXT] if is_told else [])
