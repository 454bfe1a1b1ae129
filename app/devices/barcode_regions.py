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

    xx: Planes
    yy: Planes
    xy: Planes
    weight: Planes
    """How much goes up and down there; an edge alone goes one way."""
    may_be_bars: Planes


def bars(grey: Image) -> list[Region]:
    """The likeliest places of linear codes, the best first."""
    scale = min(1.0, SEARCHED_WIDTH / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    tensor = _tensor(np.asarray(small, np.uint8))
    found: list[Region] = []
    for _, region in sorted(_patches(tensor), key=lambda one: -one[0]):
        if not any(_is_same(region, other) for other in found):
            found.append(region)
        if len(found) == MOST_REGIONS:
            break
    return [_scaled(region, 1 / scale) for region in found]


def _tensor(grey: Image) -> Tensor:
    dx, dy = _gradients(grey)
    xx, yy, xy = (cv2.blur(part, (WINDOW, WINDOW)) for part in (dx * dx, dy * dy, dx * dy))
    energy = xx + yy
    coherence = cv2.sqrt((xx - yy) ** 2 + 4 * xy**2) / (energy + 0.01)
    wide = (2 * WINDOW - 1, 2 * WINDOW - 1)
    one_way = cv2.blur(dx, wide) ** 2 + cv2.blur(dy, wide) ** 2
    weight = energy * (1 - one_way / (cv2.blur(energy, wide) + 1e-3))
    return Tensor(xx, yy, xy, weight, (coherence > COHERENT) & (energy > STRONG))


def _gradients(grey: Image) -> tuple[Planes, Planes]:
    dx, dy = cv2.Scharr(grey, cv2.CV_32F, 1, 0), cv2.Scharr(grey, cv2.CV_32F, 0, 1)
    share = 1 / (cv2.magnitude(dx, dy) + SATURATED)
    return dx * share, dy * share


def _patches(tensor: Tensor) -> Iterator[tuple[float, Region]]:
    """Connected patches of one direction each, so that a frame around a label does not swallow its bars."""
    turned = cv2.phase(tensor.xx - tensor.yy, 2 * tensor.xy)  # twice the angle
    for direction in range(DIRECTIONS):
        off = np.abs((turned - direction * 2 * np.pi / DIRECTIONS + np.pi) % (2 * np.pi) - np.pi)
        mask = (tensor.may_be_bars & (off < 1.5 * np.pi / DIRECTIONS)).astype(np.uint8)
        if cv2.countNonZero(mask) >= LEAST_PATCH:
            square = np.ones((9, 9), np.uint8)
            closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, square)
            yield from _components(np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, square), np.uint8), tensor)


def _components(mask: Image, tensor: Tensor) -> Iterator[tuple[float, Region]]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    for label in range(1, count):
        x, y, width, height, area = stats[label]
        if area >= LEAST_PATCH:
            rows, columns = np.nonzero(labels[y : y + height, x : x + width] == label)
            at = (rows + y, columns + x)
            angle = 0.5 * np.arctan2(2 * tensor.xy[at].sum(), (tensor.xx[at] - tensor.yy[at]).sum())
            yield float(tensor.weight[at].sum()), _spanned(np.column_stack((at[1], at[0])).astype(float), float(angle))


def _is_same(one: Region, other: Region) -> bool:
    """Whether two directions found the same bars."""
    apart = float(np.hypot(one.middle[0] - other.middle[0], one.middle[1] - other.middle[1]))
    return apart < 0.25 * max(one.width, other.width) and abs(np.sin(one.angle - other.angle)) < 0.35


def _spanned(points: Array, angle: float) -> Region:
    along, across = np.array((np.cos(angle), np.sin(angle))), np.array((-np.sin(angle), np.cos(angle)))
    u, v = points @ along, points @ across
    (u0, u1), (v0, v1) = np.percentile(u, (0.5, 99.5)), np.percentile(v, (0.5, 99.5))
    middle = along * (u0 + u1) / 2 + across * (v0 + v1) / 2
    return Region((float(middle[0]), float(middle[1])), angle, float(u1 - u0), float(v1 - v0))


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
