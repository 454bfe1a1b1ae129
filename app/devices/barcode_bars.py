"""A reader of EAN-13 and UPC-A where engines see no edges: small or blurred bars, read by what whole digits look like.

It only claims: what it says is asked of the picture like any claim, and a single view needs the larger lead.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from app.devices import barcode_edges, barcode_modules, barcode_rivals
from app.devices.barcode_edges import Edge, Traced
from app.devices.barcode_layout import ean_13
from app.devices.barcode_read import Image, Matrix, Sighting, Symbology

Array = NDArray[np.float64]
HEIGHTS: Final = (0.3, 0.5, 0.7)
"""Of the lines that are read, as shares of the crop."""
SHARES: Final = (0.4, 0.9)
"""Of the width of an upright crop that a code in it may take."""
QUIET: Final = 5
MODULES: Final = 95
BEGIN: Final = 0.3
"""Of half a rise: where a bar begins."""
MOST_PLACES: Final = 3
PROMISING: Final = 0.78
"""Mean likeness of the digit places to digits; where it is lower there is no code, and bars of other codes have it."""
ROUNDS: Final = 3
BLUR: Final = 0.75
ANY: Final = ean_13("0000000000000")
"""For the places of the digits, which are the same in every code."""
FIRST_MOVES: Final = np.array(np.meshgrid(*[(-1, -0.5, 0, 0.5, 1, 1.5)] * 2, (-2, -1, 0, 1, 2)), float).reshape(3, -1).T
"""Modules by which start, end and middle are moved before the first round."""
MOVES: Final = np.array(np.meshgrid(*[(-0.5, -0.25, 0, 0.25, 0.5)] * 3), float).reshape(3, -1).T
"""And after each round."""


def read(crop: Image, back: Matrix, name: str) -> list[Sighting]:
    """The code that two lines of an upright crop agree on, at most one."""
    found: dict[str, Array] = {}
    for height in HEIGHTS:
        guess = _guess(barcode_edges.line_of(crop, height))
        if guess and guess.text in found:
            return [_sighting(guess.text, guess.ends, crop, back, name)]
        if guess:
            found[guess.text] = guess.ends
    return []


def _sighting(text: str, ends: Array, crop: Image, back: Matrix, name: str) -> Sighting:
    low, high = len(crop) * HEIGHTS[0], len(crop) * HEIGHTS[-1]
    corners = np.array(((ends[0], low), (ends[1], low), (ends[1], high), (ends[0], high)))
    kind = Symbology.UPC_A if text.startswith("0") else Symbology.EAN_13
    return Sighting(text.removeprefix("0"), kind, corners @ back[:, :2].T + back[:, 2], f"bars {name}")


def _guess(line: Array) -> "_Guess | None":
    """The likeliest code at the likeliest place: digits and place by turns."""
    found = max((_look(line, *place) for place in _places(barcode_edges.edges(line), len(line))), default=None)
    if found is None or found.score < PROMISING:
        return None
    guess = _Guess.of(found)
    for _ in range(ROUNDS):
        guess = _Guess.of(guess.moved())
    return guess


def _begin(line: Array, edge: float) -> float:
    """Where it begins to get dark before the first edge: blurred guard bars have one edge, too far within."""
    at = int(edge)
    paper = float(line[max(at - 12, 0) : at + 1].min())
    light = np.flatnonzero(line[: at + 1] < paper + BEGIN * (line[at] - paper))
    return float(light[-1]) if len(light) else edge


def _places(edges: list[Edge], width: int) -> list[tuple[float, float]]:
    """First and last edge of what may be a code: light to both sides, the widest first."""
    at = np.array([0.0, *(place for place, _ in edges), float(width)])
    starts = [(at[i], at[i] - at[i - 1]) for i, (_, darker) in enumerate(edges, 1) if darker]
    ends = [(at[i], at[i + 1] - at[i]) for i, (_, darker) in enumerate(edges, 1) if not darker]
    pairs = [
        (float(start), float(end))
        for start, left in starts
        for end, right in ends
        if SHARES[0] * width < end - start < SHARES[1] * width and min(left, right) > QUIET * (end - start) / MODULES
    ]
    return sorted(pairs, key=lambda pair: pair[0] - pair[1])[:MOST_PLACES]


def _look(line: Array, first_edge: float, last_edge: float) -> "_Place":
    """Where exactly the digits of a code between two edges stand, and in which direction they are read."""
    last = len(line) - 1
    start, end = _begin(line, first_edge), last - _begin(line[::-1], last - last_edge)
    return max(
        _Place.of(line[:: -1 if is_turned else 1], _near(np.array((first, end - start, 0.0)), FIRST_MOVES), is_turned)
        for is_turned, first in ((False, start), (True, last - end))
    )


def _near(curve: Array, moves: Array) -> Array:
    """Curves with start, end and middle a little moved."""
    start, end, sag = (moves * curve[1] / MODULES).T
    return np.asarray(curve + np.column_stack((start, end - start + 4 * sag, -4 * sag)))


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """A curve on a line, and how much its digit places look like digits."""

    score: float
    line: Array = field(compare=False)
    curve: Array = field(compare=False)
    is_turned: bool = field(compare=False)

    @classmethod
    def of(cls, line: Array, tried: Array, is_turned: bool) -> Self:
        """The best of some curves."""
        score, best = barcode_modules.likest(line, tried, ANY, BLUR)
        return cls(score, line, tried[best], is_turned)


@dataclass(frozen=True, slots=True)
class _Guess:
    """The best code that parity and check digit allow along a curve on a line."""

    place: _Place
    text: str

    @classmethod
    def of(cls, place: _Place) -> Self:
        """Weigh every digit place."""
        table = barcode_modules.weigh(Traced(place.line, place.curve, 0.0), ANY, BLUR, 0.0)
        return cls(place, barcode_rivals.likeliest(table))

    def moved(self) -> _Place:
        """The place a little moved, to where the whole code fits best."""
        tried = _near(self.place.curve, MOVES)
        best = barcode_modules.fittest(self.place.line, tried, ean_13(self.text), BLUR)
        return replace(self.place, curve=tried[best])

    @property
    def ends(self) -> Array:
        """Start and end on the line as it stands in the crop, in reading order."""
        ends = self.place.curve[0] + np.array((0.0, self.place.curve[1:].sum()))
        return np.asarray(len(self.place.line) - 1 - ends if self.place.is_turned else ends)
