"""The best other code: which codes parity and check digit allow, and how well the picture fits the best of them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.devices.barcode_layout import EAN_PARITY, UPC_E_PARITY, Layout
from app.devices.barcode_read import Symbology

Array = NDArray[np.float64]
LIKE: Final = 0.92
"""Mean correlation of digits with their templates in four of five photos."""
DOUBT: Final = 2.0
_BEFORE: Final = {weight: (np.arange(10)[None, :] - weight * np.arange(10)[:, None]) % 10 for weight in (1, 3)}
"""Sum before a digit (row) was added, for each sum after it (column)."""
_IS_EVEN: Final = np.array([[word == "G" for word in f"{parity}RRRRRR"] for parity in EAN_PARITY])
_UPC_E_WEIGHTS: Final = np.array(
    [(1, 3, 3, 1, 3, 1)] * 3 + [(1, 3, 1, 1, 3, 0), (1, 3, 1, 3, 3, 0)] + [(1, 3, 1, 3, 1, 3)] * 5
)
"""Weight of each of the six drawn digits in the check digit, by the last of them, which says where the zeros go."""
_LIKELIEST: Final = 4


def lead(table: Array, layout: Layout) -> float:
    """Score of the claim less that of the best other code; `table` has ten columns of L or R, ten of G.

    The best of many bad likenesses is no likeness: what the digits lack of `LIKE` is taken off.
    """
    columns = [digit + (10 if word == "G" else 0) for digit, word in zip(layout.digits, layout.words, strict=True)]
    claimed = table[np.arange(len(columns)), columns]
    lacking = max(LIKE - float(claimed.mean()), 0.0)
    return float(claimed.sum()) - _best_other(table, layout) - DOUBT * lacking


def likeliest(table: Array) -> str:
    """The best code of 13 digits that parity and check digit allow."""
    sums = np.full((10, 10), -np.inf)
    sums[np.arange(10), np.arange(10)] = 0  # the first digit is the parity, and has weight 1
    chosen = []
    for place in range(12):
        scores = np.where(_IS_EVEN[:, place, None], table[place, 10:], table[place, :10])
        tried = sums[:, _BEFORE[1 if place % 2 else 3]] + scores[:, :, None]
        chosen.append(tried.argmax(axis=1))
        sums = tried.max(axis=1)
    first, rest, digits = int(sums[:, 0].argmax()), 0, ""
    for place in range(11, -1, -1):
        digit = int(chosen[place][first, rest])
        digits, rest = f"{digit}{digits}", (rest - (1 if place % 2 else 3) * digit) % 10
    return f"{first}{digits}"


def _best_other(table: Array, layout: Layout) -> float:
    if layout.symbology is Symbology.UPC_E:
        return max(_upc_e(table, layout, number, check) for number in (0, 1) for check in range(10))
    if layout.symbology is Symbology.EAN_8:
        return _best_path(table, ["LLLLRRRR"], layout)
    return _best_path(table, [f"{parity}RRRRRR" for parity in EAN_PARITY], layout)


def _best_path(table: Array, parities: list[str], layout: Layout) -> float:
    """The best score over digits whose weighted sum ends in 0, the claimed code itself left out.

    State, for each parity: whether a digit differs from the claimed ones, and the sum so far modulo ten. The first
    digit of an EAN-13 is its parity; it has weight 1.
    """
    best = np.full((len(parities), 2, 10), -np.inf)
    for first, parity in enumerate(parities):
        best[first, 0 if parity == "".join(layout.words) else 1, first] = 0
    for place, digit in enumerate(layout.digits):
        weight = 3 if (len(layout.digits) - 1 - place) % 2 else 1
        even = np.array([parity[place] == "G" for parity in parities])
        scores = np.where(even[:, None], table[place, 10:], table[place, :10])
        best = _step(best, scores, weight, digit)
    return float(best[:, 1, 0].max())


def _step(best: Array, scores: Array, weight: int, own: int) -> Array:
    moved = best[:, :, _BEFORE[weight]] + scores[:, None, :, None]
    same = moved[:, 0, own].copy()
    moved[:, 0, own] = -np.inf
    return np.stack((same, moved.max(axis=(1, 2))), axis=1)


def _upc_e(table: Array, layout: Layout, number: int, check: int) -> float:
    """The best UPC-E with this number system and check digit, which its parity says; from the likeliest digits."""
    words = upc_e_words(number, check)
    rows = np.array([table[place, 10:] if word == "G" else table[place, :10] for place, word in enumerate(words)])
    likely = np.argsort(rows, axis=1)[:, : -_LIKELIEST - 1 : -1]
    digits = likely[np.arange(6)[:, None], _CHOICES].T
    sums = (digits * _UPC_E_WEIGHTS[digits[:, 5]]).sum(axis=1) + 3 * number
    fine = (sums + check) % 10 == 0
    if words == "".join(layout.words):
        fine &= (digits != layout.digits).any(axis=1)
    scores = rows[np.arange(6), digits].sum(axis=1)
    return float(scores[fine].max(initial=-6.0))


def upc_e_words(number: int, check: int) -> str:
    """Sets of the six drawn digits of UPC-E: they say number system and check digit."""
    words = UPC_E_PARITY[check]
    return words if number == 0 else words.translate(str.maketrans("LG", "GL"))


_CHOICES: Final = np.array(np.meshgrid(*[np.arange(_LIKELIEST)] * 6)).reshape(6, -1)
