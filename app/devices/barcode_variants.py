"""Other views of one picture, each with the matrix that maps its points back into the original."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import cv2
import numpy as np

from app.devices.barcode_crops import straightened, upright
from app.devices.barcode_read import Ground, Image, Matrix
from app.devices.barcode_regions import Region

Variant = tuple[str, Image, Matrix, Ground | None]
"""Name, view, the way back, and the crop that may be asked about the bars; None: the picture itself."""
COMBED: Final = 15
"""Pixels along the bars that become one."""
RESAMPLED: Final = 1.2
"""Times larger, for a second look at a view: no whole number, so that no bar keeps its share of a pixel."""
BARS: Final = " bars"
"""End of the name of the view that is read by what digits look like, not by the engines."""
IDENTITY: Final[Matrix] = np.array(((1.0, 0, 0), (0, 1.0, 0)))


def contrast(grey: Image) -> Image:
    """Local contrast raised (CLAHE)."""
    return np.asarray(cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(grey), np.uint8)


def sharp(grey: Image) -> Image:
    """Twice the size, edges lifted (unsharp mask)."""
    big = cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.addWeighted(big, 2.2, cv2.GaussianBlur(big, (0, 0), 2.5), -1.2, 0), np.uint8)


def combed(crop: Image) -> Image:
    """Upright bars without noise: the mean along the bars, twice the size, edges lifted strongly."""
    big = cv2.resize(cv2.blur(crop, (1, COMBED)), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.addWeighted(big, 5.0, cv2.GaussianBlur(big, (0, 0), 5), -4.0, 0), np.uint8)


def black_white(grey: Image) -> Image:
    """Each point against the mean of its surroundings."""
    block = max(grey.shape[1] // 16, 8) * 2 + 1
    return np.asarray(
        cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, block, 3), np.uint8
    )


def widened(grey: Image, width: int) -> tuple[Image, Matrix]:
    """The picture at another width."""
    scale = width / grey.shape[1]
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way), np.uint8), IDENTITY / scale


def resampled(view: Image, back: Matrix, name: str) -> tuple[Image, Matrix, str]:
    """A view again, its bars on other pixels: what an engine only guessed there it will not guess here."""
    larger, _ = widened(view, round(view.shape[1] * RESAMPLED))
    matrix = back.copy()
    matrix[:, :2] /= RESAMPLED
    return larger, matrix, f"{name} resampled"


def of_region(grey: Image, region: Region, name: str) -> Iterator[Callable[[], Variant]]:
    """Upright crops of one region."""
    crop, back = upright(grey, region)
    crop = straightened(crop)
    ground, half = Ground(crop, back), back.copy()
    half[:, :2] /= 2
    yield lambda: (f"{name} upright", crop, back, ground)
    yield lambda: (f"{name} combed", combed(crop), half, ground)
    yield lambda: (f"{name} contrast", contrast(crop), back, ground)
    yield lambda: (f"{name} sharp", sharp(crop), half, ground)
    yield lambda: (f"{name} black", black_white(crop), back, ground)
    yield lambda: (f"{name}{BARS}", crop, back, ground)


def of_whole(grey: Image, back: Matrix) -> Iterator[Callable[[], Variant]]:
    """The whole picture again, by other means; `back` only scales."""
    yield lambda: ("contrast", contrast(grey), back, None)
    for width in (960, 1280):
        if not 0.8 < width / grey.shape[1] < 1.25 and width * width * grey.shape[0] / grey.shape[1] < 1.7e6:
            yield partial(_of_width, grey, back, width)
    if grey.size < 500_000:
        yield lambda: ("sharp", sharp(grey), back / 2, None)
    yield lambda: ("black", black_white(grey), back, None)


def _of_width(grey: Image, back: Matrix, width: int) -> Variant:
    larger, smaller_again = widened(grey, width)
    return f"width {width}", larger, back * smaller_again[0, 0], None
