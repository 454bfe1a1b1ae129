"""Where the modules of a claimed code stand on a line across its bars, from the edges of the bars themselves.

Paper is round, creased and seen from the side: no start and end tell where the middle is. The edges do: of the claimed
code they stand at known modules, and a cubic through them is all that paper can do without a fold.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.devices.barcode_layout import Layout
from app.devices.barcode_read import Image

Array = NDArray[np.float64]
Edge = tuple[float, bool]
"""Where on a line, and whether it gets darker there."""
HEIGHTS: Final = np.linspace(0.15, 0.85, 7)
"""Of the lines that are looked at, as shares of the height of the crop."""
THICK: Final = 3
"""Rows to each side that are averaged to one line."""
SMOOTHING: Final = np.array((0.05, 0.24, 0.42, 0.24, 0.05))
BEND: Final = 3
"""Degree of the curve from modules to pixels."""
FAITHFUL: Final = 0.4
"""Modules that the edges may stand off the curve, root mean square; beyond it this is another code or none."""
PROMINENT: Final = (0.12, 0.25, 0.4)
"""Of the local standard deviation: a smaller rise or fall is noise; which of them fits is tried."""
LEAST_SPREAD: Final = 2.0
"""Grey levels: a plain surface is not made to bars."""


@dataclass(frozen=True, slots=True)
class Traced:
    """A line on which the edges of the claimed code were found: the line, levelled, and where its modules are."""

    dark: Array
    curve: Array
    """Coefficients, rising, from the share of the code that lies before a point to its pixel."""
    off: float
    """Modules that the edges stand off the curve, root mean square."""

    def at(self, share: Array) -> Array:
        """Darkness at these shares of the code; before 0 and after 1 too."""
        pixels = np.polynomial.polynomial.polyval(share, self.curve)
        return np.asarray(np.interp(pixels, np.arange(len(self.dark)), self.dark))


def traced(crop: Image, layout: Layout) -> list[Traced]:
    """The lines of an upright crop, bars vertical, on which the claimed code can be traced, in reading order."""
    seen = [(line, _choices(line)) for line in (line_of(crop, height) for height in HEIGHTS)]
    ways = [[one for line, choices in way if (one := _trace(line, choices, layout))] for way in (seen, _turned(seen))]
    return max(ways, key=lambda way: (len(way), -sum(one.off for one in way)))


def _choices(dark: Array) -> list[list[Edge]]:
    """The edges of a line, by what is taken for noise."""
    turns, found = _turns(dark), []
    for least in PROMINENT:
        turns = _prominent(dark, turns, least)
        found.append(_crossings(dark, turns))
    return found


def _turned(seen: list[tuple[Array, list[list[Edge]]]]) -> list[tuple[Array, list[list[Edge]]]]:
    """The same lines read from their end."""
    return [
        (line[::-1], [[(len(line) - 1 - at, not darker) for at, darker in reversed(found)] for found in choices])
        for line, choices in seen
    ]


def _trace(dark: Array, choices: list[list[Edge]], layout: Layout) -> Traced | None:
    """The line with the curve through its edges, if they stand where those of the claimed code should."""
    marks = _marks(layout)
    curves = [_curve(dark, found, marks, layout.modules) for found in choices if len(found) >= len(marks)]
    best = min((curve for curve in curves if curve), key=lambda curve: curve.off, default=None)
    return best if best and best.off < FAITHFUL else None


def _curve(dark: Array, found: list[Edge], marks: Array, modules: int) -> Traced | None:
    """The curve through the edges that stand best for the marks of a code."""
    firsts = [first for first in range(len(found) - len(marks) + 1) if found[first][1]]
    if not firsts:
        return None
    at = np.array([edge for edge, _ in found])
    seen = np.array([at[first : first + len(marks)] for first in firsts])
    powers = np.vander(marks, BEND + 1, increasing=True)
    curves = seen @ np.linalg.pinv(powers).T
    module = (seen[:, -1] - seen[:, 0]) / modules
    off = np.sqrt(np.mean((seen - curves @ powers.T) ** 2, axis=1)) / module
    best = int(np.argmin(off))
    return Traced(dark, curves[best], float(off[best]))


@lru_cache(maxsize=64)
def _marks(layout: Layout) -> Array:
    """Where the edges of a code are, as shares of it."""
    return np.flatnonzero(np.diff(np.array([0, *map(int, layout.bits), 0]))) / layout.modules


def edges(dark: Array) -> list[Edge]:
    """The edges of all bars that are more than noise."""
    return _crossings(dark, _prominent(dark, _turns(dark), PROMINENT[1]))


def _crossings(dark: Array, turns: list[int]) -> list[Edge]:
    """Every edge between two turns of the brightness, where it is half way: pixel and whether it gets darker."""
    found = []
    for one, two in pairwise(turns):
        if dark[one] == dark[two]:
            continue  # a blank line, from end to end
        half = (dark[one] + dark[two]) / 2
        way = dark[one : two + 1] - half
        crossing = int(np.argmax((way[:-1] * way[1:] <= 0) & (way[:-1] != way[1:])))
        share = way[crossing] / (way[crossing] - way[crossing + 1])
        found.append((one + crossing + float(share), bool(dark[two] > dark[one])))
    return found


def _turns(dark: Array) -> list[int]:
    """Darkest and lightest points by turns."""
    slope = np.diff(dark)
    moving = np.flatnonzero(slope)
    turning = moving[:-1][slope[moving[:-1]] * slope[moving[1:]] < 0]
    return [0, *(turning + 1).tolist(), len(dark) - 1]


def _prominent(dark: Array, turns: list[int], least: float) -> list[int]:
    """The turns without those between which the brightness changes little, the least taken out first."""
    turns, steps = list(turns), np.abs(np.diff(dark[turns])).tolist()
    while len(steps) > 2 and (smallest := min(steps)) < least:
        first = steps.index(smallest)
        if first in (0, len(steps) - 1):
            del turns[first and first + 1], steps[first]
        else:  # the steps to both sides go the same way: with this one they are one
            del turns[first : first + 2]
            steps[first - 1 : first + 2] = [steps[first - 1] - smallest + steps[first + 1]]
    return turns


def levelled(dark: Array, reach: int) -> Array:
    """The line with its brightness and contrast within `reach` samples taken out: a shine must hide no bar."""
    padded = np.pad(np.asarray(dark, float), (reach + 1, reach), mode="edge")
    total, squares = np.cumsum(padded), np.cumsum(padded * padded)
    count = 2 * reach + 1
    mean = (total[count:] - total[:-count]) / count
    spread = np.sqrt(np.maximum((squares[count:] - squares[:-count]) / count - mean * mean, 0))
    return np.asarray((dark - mean) / (spread + LEAST_SPREAD))


def line_of(crop: Image, height: float) -> Array:
    """The line at this share of the height of an upright crop: mean of some rows, smoothed, levelled."""
    at = int(len(crop) * height)
    dark = 255.0 - crop[max(at - THICK, 0) : at + THICK + 1].mean(axis=0)
    smooth = np.convolve(np.pad(dark, 2, mode="edge"), SMOOTHING, mode="valid")
    return levelled(smooth, max(len(dark) // 12, 5))
