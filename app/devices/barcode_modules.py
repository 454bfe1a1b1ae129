"""The honesty check: does the picture itself say what an engine claims to have read?

The bars are sampled along several lines, every digit is correlated with all its templates, and the claimed code must
beat the best other code that parity and check digit allow. A wrong read with a right check digit differs from the
truth in two digits at least, so the truth is that other code.
"""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.devices import barcode_edges, barcode_rivals
from app.devices.barcode_edges import Traced
from app.devices.barcode_layout import Layout, layout_of
from app.devices.barcode_read import Corners, Image, Sighting
from app.devices.barcode_regions import squared

Array = NDArray[np.float64]
Indices = NDArray[np.intp]
LINES: Final = 7
PER_MODULE: Final = 4
FINE: Final = 16
AROUND: Final = 8
LEVELLED: Final = 9
"""Modules to each side within which brightness and contrast are made equal."""
QUIET: Final = 5
HALF_DENSITY: Final = slice(2 * PER_MODULE, -2 * PER_MODULE, 2)
"""The samples of the code itself, every other one: enough to find its place."""
BLURS: Final = (0.25, 0.55, 0.9)
SPREADS: Final = (-0.25, 0.0, 0.25)
SEEN: Final = [(blur, spread) for blur in BLURS for spread in SPREADS]
SHIFTS: Final = (-1, 0, 1)
"""Samples a digit may stand off its place: paper is round."""
LEAST_PIXELS: Final = 0.7
"""Of a module; below that neighbouring bars are one grey."""
WORTH_SAMPLING: Final = 0.6
"""Lines that fit the whole code worse than this say nothing about its digits."""


def _tried(offsets: Array, sags: Array) -> Array:
    """Every start, end and sag of the middle, in modules."""
    return np.array(np.meshgrid(offsets, offsets, sags), float).reshape(3, -1).T


COARSE: Final = _tried(np.arange(-4, 5, 1.0), np.arange(-4, 5, 2.0))
FINER: Final = _tried(np.arange(-0.5, 0.6, 0.25), np.arange(-1, 1.1, 0.5))


def margin(grey: Image, sighting: Sighting, lines: int = LINES) -> float | None:
    """How far the claim beats the best other code, in correlation summed over the digits; None: it cannot be said."""
    layout = layout_of(sighting.text, sighting.symbology)
    if layout is None:
        return None
    corners = _outline(grey, sighting, layout)
    return _margin([_weigh(grey, line, layout) for line in _lines(corners, lines)], layout)


def margin_upright(crop: Image, sighting: Sighting) -> float | None:
    """The same in a crop with vertical bars: along the edges of the bars where these can be traced."""
    layout = layout_of(sighting.text, sighting.symbology)
    if layout is None:
        return None
    lines = [_weigh_traced(line, layout) for line in barcode_edges.traced(crop, layout)]
    lead = _margin(lines, layout)
    return margin(crop, sighting) if lead is None else lead


def _margin(tables: list[Array | None], layout: Layout) -> float | None:
    weighed = [table for table in tables if table is not None]
    return barcode_rivals.lead(np.mean(weighed, axis=0), layout) if len(weighed) >= 2 else None


def _weigh_traced(line: Traced, layout: Layout) -> Array | None:
    samples = line.at(_places(layout.modules) / layout.modules)
    score, _, how = _seen_best(samples[None, HALF_DENSITY], layout, SEEN)
    return None if score < WORTH_SAMPLING else _slots(samples, layout, *SEEN[how])


def weigh(line: Traced, layout: Layout, blur: float, spread: float) -> Array:
    """Correlation of each digit place (rows) with each template (columns) along the curve of a line."""
    return _slots(line.at(_places(layout.modules) / layout.modules), layout, blur, spread)


def likest(dark: Array, curves: Array, layout: Layout, blur: float) -> tuple[float, int]:
    """Along which of some curves (rows of rising coefficients) every digit place looks most like some digit.

    The mean correlation of the places with the digit they look like, and which curve it is.
    """
    rows = _along(dark, curves, _places(layout.modules) / layout.modules)
    cuts = rows[:, _cuts(layout.places)[:, len(SHIFTS) // 2]].transpose(1, 0, 2)
    cuts = cuts - cuts.mean(axis=2, keepdims=True)
    cuts /= np.maximum(np.linalg.norm(cuts, axis=2, keepdims=True), 1e-6)
    likeness = cuts @ layout.templates(PER_MODULE, blur, 0.0).transpose(0, 2, 1)
    scores = likeness.max(axis=2).mean(axis=0)
    best = int(np.argmax(scores))
    return float(scores[best]), best


def fittest(dark: Array, curves: Array, layout: Layout, blur: float) -> int:
    """Which of some curves (rows of rising coefficients) on a line fits a whole code best."""
    rows = _along(dark, curves, _places(layout.modules)[HALF_DENSITY] / layout.modules)
    return _seen_best(rows, layout, [(blur, 0.0)])[1]


def _along(dark: Array, curves: Array, share: Array) -> Array:
    pixels = curves @ np.vander(share, curves.shape[1], increasing=True).T
    return np.asarray(np.interp(pixels.ravel(), np.arange(len(dark)), dark).reshape(pixels.shape))


def is_alone(grey: Image, sighting: Sighting) -> bool:
    """Whether light paper stands to both sides, so that the claim is no part of a longer code."""
    layout = layout_of(sighting.text, sighting.symbology)
    if layout is None:
        return False
    corners = _outline(grey, sighting, layout)
    found = [_quiet(_sampled(grey, line, layout.modules), layout) for line in _lines(corners, LINES)]
    return sum(found) * 2 > len(found)


def _quiet(dark: Array, layout: Layout) -> bool:
    """Nothing dark within `QUIET` modules of the first and the last bar."""
    index = _fit(dark, layout)[1]
    first, last = index[2 * PER_MODULE], index[-2 * PER_MODULE]
    light, black = np.percentile(dark[first:last], (10, 90))
    sides = dark[max(first - QUIET * FINE, 0) : max(first - FINE, 1)], dark[last + FINE : last + QUIET * FINE]
    return all(bool(np.max(side, initial=0) < (light + black) / 2) for side in sides)


def _outline(grey: Image, sighting: Sighting, layout: Layout) -> Corners:
    """The corners, first bar to last bar in reading order."""
    corners = squared(grey, sighting.corners) if sighting.witness.startswith("zbar") else sighting.corners
    return max((corners, corners[[2, 3, 0, 1]]), key=lambda way: _likeness(grey, way, layout))


def _lines(corners: Corners, count: int) -> list[Array]:
    """Start and end of lines across the bars, from the upper to the lower edge of what was read."""
    top, bottom = corners[[0, 1]], corners[[3, 2]]
    if np.linalg.norm(bottom - top, axis=1).max() < 6:  # seen on one line alone: look to both sides of it
        along = top[1] - top[0]
        across = np.array((-along[1], along[0])) / max(float(np.hypot(*along)), 1) * 4
        top, bottom = top - across, bottom + across
    return [top + (bottom - top) * share for share in np.linspace(0.1, 0.9, count)]


def _weigh(grey: Image, line: Array, layout: Layout) -> Array | None:
    """Correlation of each digit place (rows) with each template (columns) on one line."""
    if float(np.hypot(*(line[1] - line[0]))) < layout.modules * LEAST_PIXELS:
        return None
    dark = _levelled(grey, line, layout.modules)
    score, stretch, blur, spread = _fit(dark, layout)
    if score < WORTH_SAMPLING:
        return None
    return _slots(dark[stretch], layout, blur, spread)


def _likeness(grey: Image, corners: Corners, layout: Layout) -> float:
    """How much the middle line looks like the claimed code, read in this direction."""
    return _fit(_levelled(grey, (corners[[0, 1]] + corners[[3, 2]]) / 2, layout.modules), layout)[0]


def _levelled(grey: Image, line: Array, modules: int) -> Array:
    return barcode_edges.levelled(_sampled(grey, line, modules), LEVELLED * FINE)


def _sampled(grey: Image, line: Array, modules: int) -> Array:
    """Darkness along a line, from `AROUND` modules before the code to as many behind, `FINE` samples a module."""
    share = np.arange(-AROUND * FINE, (modules + AROUND) * FINE + 1) / (modules * FINE)
    points = (line[0] + share[:, None] * (line[1] - line[0])).astype(np.float32)
    light = cv2.remap(grey, points[:, :1], points[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(255.0 - light.ravel(), np.float32)


def _fit(dark: Array, layout: Layout) -> tuple[float, Indices, float, float]:
    """The stretch of the line that looks most like the claimed code, with the blur and the spread of the ink.

    First a coarse search for start, end and sag, then a fine one around the best of it.
    """
    _, chosen, _ = _seen_best(dark[_coarse(layout.modules)], layout, [(BLURS[1], 0.0)])
    fine = COARSE[chosen] + FINER
    rows = dark[_positions(fine, layout.modules, _places(layout.modules)[HALF_DENSITY])]
    score, chosen, how = _seen_best(rows, layout, SEEN)
    stretch = _positions(fine[chosen : chosen + 1], layout.modules, _places(layout.modules))[0]
    return score, stretch, *SEEN[how]


@lru_cache(maxsize=4)
def _coarse(modules: int) -> Indices:
    return _positions(COARSE, modules, _places(modules)[HALF_DENSITY])


def _seen_best(rows: Array, layout: Layout, seen: list[tuple[float, float]]) -> tuple[float, int, int]:
    """The row of samples (at half density) that looks most like the claimed code, seen in one of these ways."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    drawn = np.array([_drawn_unit(layout, *how) for how in seen])
    scores = rows @ drawn.T / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    stretch, how = np.unravel_index(int(np.argmax(scores)), scores.shape)
    return float(scores[stretch, how]), int(stretch), int(how)


@lru_cache(maxsize=512)
def _drawn_unit(layout: Layout, blur: float, spread: float) -> Array:
    drawn = layout.drawn(PER_MODULE, blur, spread)[::2].astype(np.float32)
    drawn -= drawn.mean()
    return np.asarray(drawn / np.linalg.norm(drawn))


def _places(modules: int) -> Array:
    """The samples to take, in modules, with two modules more at both ends for digits off their place."""
    return (np.arange(-2 * PER_MODULE, (modules + 2) * PER_MODULE) + 0.5) / PER_MODULE


def _positions(tried: Array, modules: int, place: Array) -> Indices:
    """For each stretch the fine samples to take."""
    share = place / modules
    start, end, sag = tried[:, :1], tried[:, 1:2], tried[:, 2:]
    moved = place + start * (1 - share) + end * share + sag * 4 * share * (1 - share)
    return np.clip(np.rint((moved + AROUND) * FINE), 0, (modules + 2 * AROUND) * FINE).astype(np.intp)


def _slots(samples: Array, layout: Layout, blur: float, spread: float) -> Array:
    """Best correlation of every digit place with every template, over small shifts."""
    cuts = samples[_cuts(layout.places)]
    cuts = cuts - cuts.mean(axis=2, keepdims=True)
    cuts /= np.maximum(np.linalg.norm(cuts, axis=2, keepdims=True), 1e-6)
    return np.asarray((cuts @ layout.templates(PER_MODULE, blur, spread).transpose(0, 2, 1)).max(axis=1))


@lru_cache(maxsize=4)
def _cuts(places: tuple[tuple[int, bool], ...]) -> Indices:
    """Samples of each digit (first axis), shifted: seven modules and one to each side, whose colour is known."""
    first = np.array([(start - 1 + 2) * PER_MODULE for start, _ in places])
    return np.asarray(first[:, None, None] + np.array(SHIFTS)[None, :, None] + np.arange(9 * PER_MODULE), np.intp)
