"""Where bars are: patches whose brightness changes in one direction only, cut out upright.

The structure tensor of a bar pattern has one large and one small eigenvalue (coherence near 1), text and faces do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.devices.barcode_read import Corners, Image, Matrix

Array = NDArray[np.float64]
Planes = NDArray[Any]
SEARCHED_WIDTH: Final = 480
WINDOW: Final = 15
COHERENT: Final = 0.7
MOST_REGIONS: Final = 3
UPRIGHT_WIDTHS: Final = (400, 900)
UPRIGHT_PIXELS: Final = 160_000
"""A long low code has many narrow bars: it may be wider, as long as the crop stays this small."""


@dataclass(frozen=True, slots=True)
class Region:
    """A patch of parallel bars: its middle, the direction across the bars (radians), width and height in pixels."""

    middle: tuple[float, float]
    angle: float
    width: float
    height: float


def bars(grey: Image) -> list[Region]:
    """The likeliest places of linear codes, the largest first."""
    scale = min(1.0, SEARCHED_WIDTH / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    dx, dy = cv2.Scharr(small, cv2.CV_32F, 1, 0), cv2.Scharr(small, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.blur(part, (WINDOW, WINDOW)) for part in (dx * dx, dy * dy, dx * dy))
    energy = xx + yy
    coherence = cv2.sqrt((xx - yy) ** 2 + 4 * xy**2) / (energy + 1e3)
    strong = energy > max(float(energy.mean()) * 0.6, 2e4)
    patches = ((coherence > COHERENT) & strong).astype(np.uint8)
    closed = cv2.morphologyEx(patches, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    mask = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)), np.uint8)
    found = sorted(_components(mask, xx, yy, xy), key=lambda one: -one[0])
    return [_scaled(region, 1 / scale) for _, region in found[:MOST_REGIONS]]


def _components(mask: Image, xx: Planes, yy: Planes, xy: Planes) -> Iterator[tuple[float, Region]]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < 350:
            continue
        rows, columns = np.nonzero(labels == label)
        angle = 0.5 * np.arctan2(2 * xy[rows, columns].sum(), (xx[rows, columns] - yy[rows, columns]).sum())
        yield (
            float((xx[rows, columns] + yy[rows, columns]).sum()),
            _spanned(np.column_stack((columns, rows)).astype(float), float(angle)),
        )


def _spanned(points: Array, angle: float) -> Region:
    along, across = np.array((np.cos(angle), np.sin(angle))), np.array((-np.sin(angle), np.cos(angle)))
    u, v = points @ along, points @ across
    (u0, u1), (v0, v1) = np.percentile(u, (0.5, 99.5)), np.percentile(v, (0.5, 99.5))
    middle = along * (u0 + u1) / 2 + across * (v0 + v1) / 2
    return Region((float(middle[0]), float(middle[1])), angle, float(u1 - u0), float(v1 - v0))


def _scaled(region: Region, scale: float) -> Region:
    x, y = region.middle
    return Region((x * scale, y * scale), region.angle, region.width * scale, region.height * scale)


def upright(grey: Image, region: Region) -> tuple[Image, Matrix]:
    """The region with room for quiet zones, bars standing; and the matrix that maps its points back."""
    wide, high = region.width * 1.35 + 20, region.height * 1.05 + 6
    widest = max(UPRIGHT_WIDTHS[1], min(1600.0, float(np.sqrt(UPRIGHT_PIXELS * wide / high))))
    scale = float(np.clip(wide, UPRIGHT_WIDTHS[0], widest)) / wide
    size = (max(round(wide * scale), 8), max(round(min(high * scale, 320)), 24))
    cos, sin = np.cos(region.angle) / scale, np.sin(region.angle) / scale
    back = np.array(((cos, -sin, 0.0), (sin, cos, 0.0)))
    back[:, 2] = np.array(region.middle) - back[:, :2] @ (np.array(size) / 2)
    crop = cv2.warpAffine(
        grey, back, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(crop, np.uint8), back


def squared(grey: Image, corners: Corners) -> Corners:
    """The corners of a linear code from points anywhere on its outline, first edge to last edge across its bars."""
    x, y = np.floor(corners.min(axis=0)).astype(int) - 2
    right, low = np.ceil(corners.max(axis=0)).astype(int) + 3
    patch = grey[max(y, 0) : max(low, 1), max(x, 0) : max(right, 1)]
    if min(patch.shape) < 3:
        return corners
    dx, dy = cv2.Scharr(patch, cv2.CV_32F, 1, 0), cv2.Scharr(patch, cv2.CV_32F, 0, 1)
    angle = 0.5 * np.arctan2(2 * float((dx * dy).sum()), float((dx * dx - dy * dy).sum()))
    along, across = np.array((np.cos(angle), np.sin(angle))), np.array((-np.sin(angle), np.cos(angle)))
    u, v = corners @ along, corners @ across
    return np.array(
        [
            along * a + across * b
            for a, b in ((u.min(), v.min()), (u.max(), v.min()), (u.max(), v.max()), (u.min(), v.max()))
        ]
    )
