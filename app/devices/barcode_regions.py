"""Where bars are: patches whose brightness goes up and down in one direction only.

The structure tensor of a bar pattern has one large and one small eigenvalue (coherence near 1), text and faces do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.devices.barcode_read import Corners, Image

Array = NDArray[np.float64]
Planes = NDArray[Any]
Indices = NDArray[np.intp]
SEARCHED_WIDTH: Final = 480
WINDOW: Final = 15
COHERENT: Final = 0.6
STRONG: Final = 0.02
"""Mean of the squared gradient after `_gradients`, above which a patch is no noise."""
SATURATED: Final = 640.0
"""Gradient that counts half: grey bars in a blurred photo must not be hidden by the black edge of their label."""
DIRECTIONS: Final = 6
LEAST_PATCH: Final = 350
MOST_REGIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Region:
    """A patch of parallel bars: its middle, the direction across the bars (radians), width and height in pixels."""

    middle: tuple[float, float]
    angle: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tensor:
    """The structure tensor of a picture, averaged over windows, and where it says that bars may be."""

    flat: Planes
    """Squared gradient along the rows less that down the columns."""
    slant: Planes
    """Twice the product of both: with `flat` a vector at twice the angle of the gradient."""
    length: Planes
    """Of this vector."""
    weight: Planes
    """How much goes up and down there; an edge alone goes one way."""
    may_be_bars: Planes


def bars(grey: Image, most: int = MOST_REGIONS, searched_width: int = SEARCHED_WIDTH) -> list[Region]:
    """The likeliest places of linear codes, the best first; looked for in the picture at this width."""
    scale = min(1.0, searched_width / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    tensor = _tensor(np.asarray(small, np.uint8))
    found: list[Region] = []
    for _, rows, columns in sorted(_patches(tensor), key=lambda one: -one[0]):
        region = _spanned(rows, columns, tensor)
        if not any(_is_same(region, other) for other in found):
            found.append(region)
        if len(found) == most:
            break
    return [_scaled(region, 1 / scale) for region in found]


def _tensor(grey: Image) -> Tensor:
    dx, dy = _gradients(grey)
    xx, yy, xy = (cv2.blur(part, (WINDOW, WINDOW)) for part in (dx * dx, dy * dy, dx * dy))
    energy, flat, slant = xx + yy, xx - yy, xy + xy
    length = cv2.magnitude(flat, slant)
    wide = (2 * WINDOW - 1, 2 * WINDOW - 1)
    one_way = cv2.blur(dx, wide) ** 2 + cv2.blur(dy, wide) ** 2
    weight = energy * (1 - one_way / (cv2.blur(energy, wide) + np.float32(1e-3)))
    return Tensor(flat, slant, length, weight, (length > COHERENT * (energy + 0.01)) & (energy > STRONG))


def _gradients(grey: Image) -> tuple[Planes, Planes]:
    dx, dy = cv2.Scharr(grey, cv2.CV_32F, 1, 0), cv2.Scharr(grey, cv2.CV_32F, 0, 1)
    share = 1 / (cv2.magnitude(dx, dy) + np.float32(SATURATED))
    return dx * share, dy * share


def _patches(tensor: Tensor) -> Iterator[tuple[float, Indices, Indices]]:
    """Connected patches of one direction each, so that a frame around a label does not swallow its bars."""
    near = tensor.length * np.float32(np.cos(1.5 * np.pi / DIRECTIONS))
    for angle in np.arange(DIRECTIONS, dtype=np.float32) * np.float32(2 * np.pi / DIRECTIONS):
        mask = tensor.may_be_bars & (tensor.flat * np.cos(angle) + tensor.slant * np.sin(angle) > near)
        if cv2.countNonZero(mask.view(np.uint8)) >= LEAST_PATCH:
            square = np.ones((9, 9), np.uint8)
            closed = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_CLOSE, square)
            yield from _components(np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, square), np.uint8), tensor)


def _components(mask: Image, tensor: Tensor) -> Iterator[tuple[float, Indices, Indices]]:
    """Weight of each connected patch, the rows and the columns of its points."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    for label in range(1, count):
        x, y, width, height, area = stats[label]
        if area >= LEAST_PATCH:
            rows, columns = np.nonzero(labels[y : y + height, x : x + width] == label)
            yield float(tensor.weight[rows + y, columns + x].sum()), rows + y, columns + x


def _is_same(one: Region, other: Region) -> bool:
    """Whether two directions found the same bars."""
    apart = float(np.hypot(one.middle[0] - other.middle[0], one.middle[1] - other.middle[1]))
    return apart < 0.25 * max(one.width, other.width) and abs(np.sin(one.angle - other.angle)) < 0.35


def _spanned(rows: Indices, columns: Indices, tensor: Tensor) -> Region:
    angle = 0.5 * float(np.arctan2(tensor.slant[rows, columns].sum(), tensor.flat[rows, columns].sum()))
    points = np.column_stack((columns, rows)).astype(float)
    along, across = np.array((np.cos(angle), np.sin(angle))), np.array((-np.sin(angle), np.cos(angle)))
    (u0, u1), (v0, v1) = (_span(points @ way) for way in (along, across))
    middle = along * (u0 + u1) / 2 + across * (v0 + v1) / 2
    return Region((float(middle[0]), float(middle[1])), angle, float(u1 - u0), float(v1 - v0))


def _span(places: Array) -> tuple[float, float]:
    """From the first to the last, but for one in two hundred at each end."""
    places, few = np.sort(places), len(places) // 200
    return float(places[few]), float(places[-1 - few])


def _scaled(region: Region, scale: float) -> Region:
    x, y = region.middle
    return Region((x * scale, y * scale), region.angle, region.width * scale, region.height * scale)


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
