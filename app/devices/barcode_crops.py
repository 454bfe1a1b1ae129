"""A patch of bars cut out: turned upright, then its bars made vertical where the camera looked from the side."""

from typing import Final

import cv2
import numpy as np

from app.devices.barcode_read import Image, Matrix
from app.devices.barcode_regions import Region

UPRIGHT_WIDTHS: Final = (400, 900)
UPRIGHT_PIXELS: Final = 160_000
"""A long low code has many narrow bars: it may be wider, as long as the crop stays this small."""
BENT: Final = (1e-3, 1e-2, 3e-1)
"""How little a slant of the bars is believed: all of them, more to one side, more in the middle."""
LEANING: Final = 0.6
"""Slope against the bars above which an edge is none of theirs."""


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


def straightened(crop: Image) -> Image:
    """The crop with every bar vertical; its middle line stays as it is.

    Bars seen from the side fan out. Their slant over the width, a parabola, is what the gradients agree on best.
    """
    height, width = crop.shape
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32) - height / 2)
    powers = np.vander(np.arange(width) / width - 0.5, 3, increasing=True)
    bend, straight = np.zeros(3), crop
    for _ in range(2):
        bend = bend + _bend(straight[height // 10 : height - height // 10], powers)
        slope = (powers @ bend).astype(np.float32)
        moved, rows = across + slope * down, down + np.float32(height / 2)
        straight = np.asarray(cv2.remap(crop, moved, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    return straight


def _bend(crop: Image, powers: np.ndarray) -> np.ndarray:
    """Least squares: along a bar brightness does not change, dy + slope * dx = 0."""
    dx, dy = cv2.Scharr(crop, cv2.CV_32F, 1, 0), cv2.Scharr(crop, cv2.CV_32F, 0, 1)
    share = (np.abs(dy) < LEANING * np.abs(dx)) / (np.abs(dx) + 200)
    dx, dy = dx * share, dy * share
    xx, xy = (dx * dx).sum(axis=0), (dx * dy).sum(axis=0)
    normal = (powers * xx[:, None]).T @ powers + np.diag(BENT) * xx.sum() + np.eye(3) * 1e-9
    return np.asarray(np.linalg.solve(normal, -(powers.T @ xy)))


def flattened(crop: Image, back: Matrix) -> tuple[Image, Matrix]:
    """The crop with straight bars and a quarter of its lines, each the mean of four: less noise and work."""
    height, width = max(len(crop) // 4, 16), crop.shape[1]
    low = cv2.resize(straightened(crop), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(low, np.uint8), back * np.array((1, len(crop) / height, 1))
