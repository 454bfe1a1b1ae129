"""Where the modules of a claimed code stand on a line across its bars, from the edges of the bars themselves.

Paper is round, creased and seen from the side: no start and end tell where the middle is. The edges do: of the claimed
code they stand at known modules, and a cubic through them is all that paper can do without a fold.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.devices.barcode_layout import Layout
from app.devices.barcode_read import Image

Array = NDArray[np.float64]
LINES: Final = 7
EDGES_OF_CROP: Final = (0.15, 0.85)
"""Heights of the first and the last line, as shares of the crop."""
THICK: Final = 3
"""Rows to each side that are averaged to one line."""
SMOOTHING: Final = np.array((0.05, 0.24, 0.42, 0.24, 0.05))
BEND: Final = 3
"""Degree of the curve from modules to pixels."""
FAITHFUL: Final = 0.4
"""Modules that the edges may stand off the curve, root mean square; beyond it this is another code or none."""
PROMINENT: Final = 0.25
"""Of the local standard deviation: a smaller rise or fall is noise."""
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
    tops = (len(crop) * np.linspace(*EDGES_OF_CROP, LINES)).astype(int)
    lines = [_levelled(255.0 - crop[max(top - THICK, 0) : top + THICK + 1].mean(axis=0)) for top in tops]
    ways = [[one for line in lines if (one := _trace(line[::way], layout))] for way in (1, -1)]
    return max(ways, key=lambda way: (len(way), -sum(one.off for one in way)))


def _trace(dark: Array, layout: Layout) -> Traced | None:
    """The line with the curve through its edges, if they stand where those of the claimed code should."""
    edges = _edges(dark)
    marks = np.flatnonzero(np.diff(np.array([0, *map(int, layout.bits), 0]))) / layout.modules
    rising = [first for first in range(len(edges) - len(marks) + 1) if edges[first][1]]
    if not rising:
        return None
    at = np.array([edge for edge, _ in edges])
    seen = np.array([at[first : first + len(marks)] for first in rising])
    powers = np.vander(marks, BEND + 1, increasing=True)
    curves = seen @ np.linalg.pinv(powers).T
    module = (seen[:, -1] - seen[:, 0]) / layout.modules
    off = np.sqrt(np.mean((seen - curves @ powers.T) ** 2, axis=1)) / module
    best = int(np.argmin(off))
    return Traced(dark, curves[best], float(off[best])) if off[best] < FAITHFUL else None


def _edges(dark: Array) -> list[tuple[float, bool]]:
    """Every edge between two turns of the brightness, where it is half way: pixel and whether it gets darker."""
    turns = _turns(dark)
    found = []
    for one, two in pairwise(turns):
        half = (dark[one] + dark[two]) / 2
        way = dark[one : two + 1] - half
        crossing = int(np.argmax((way[:-1] * way[1:] <= 0) & (way[:-1] != way[1:])))
        share = way[crossing] / (way[crossing] - way[crossing + 1])
        found.append((one + crossing + float(share), bool(dark[two] > dark[one])))
    return found


def _turns(dark: Array) -> list[int]:
    """Darkest and lightest points by turns; the least rises and falls are taken out until all are prominent."""
    slope = np.sign(np.diff(dark))
    turns = [0, *(int(place) + 1 for place in np.flatnonzero(slope[1:] * slope[:-1] < 0)), len(dark) - 1]
    steps = np.abs(np.diff(dark[turns]))
    while len(steps) > 2 and steps.min() < PROMINENT:
        least = int(np.argmin(steps))
        if least == 0 or least == len(steps) - 1:
            del turns[least if least == 0 else least + 1]
        else:
            del turns[least : least + 2]
        steps = np.abs(np.diff(dark[turns]))
    return turns


def _levelled(dark: Array) -> Array:
    """The line with its local brightness and contrast taken out: a shine over half a code must hide no bar."""
    dark = np.convolve(np.pad(dark, 2, mode="edge"), SMOOTHING, mode="valid")
    window = np.ones(max(len(dark) // 12, 5) * 2 + 1)
    count = np.convolve(np.ones(len(dark)), window, mode="same")
    mean = np.convolve(dark, window, mode="same") / count
    spread = np.sqrt(np.convolve((dark - mean) ** 2, window, mode="same") / count)
    return (dark - mean) / (spread + LEAST_SPREAD)
