"""How EAN-13, UPC-A, EAN-8 and UPC-E are built of modules (GS1 General Specifications 5.2)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.devices.barcode_read import Symbology

Array = NDArray[np.float64]
LEFT: Final = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
RIGHT: Final = tuple("".join("10"[int(module)] for module in digit) for digit in LEFT)
EVEN: Final = tuple(digit[::-1] for digit in RIGHT)
EAN_PARITY: Final = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")
UPC_E_PARITY: Final = (
    "GGGLLL",
    "GGLGLL",
    "GGLLGL",
    "GGLLLG",
    "GLGGLL",
    "GLLGGL",
    "GLLLGG",
    "GLGLGL",
    "GLGLLG",
    "GLLGLG",
)


@dataclass(frozen=True)
class Layout:
    """One claimed code: its modules, where its digits stand and which other codes could stand there."""

    symbology: Symbology
    bits: str
    digits: tuple[int, ...]
    """Digits that are drawn."""
    words: tuple[str, ...]
    """Set of each drawn digit: L, G or R."""
    places: tuple[tuple[int, bool], ...]
    """First module of each drawn digit and whether it is of the right half."""

    @property
    def modules(self) -> int:
        """Width without quiet zones."""
        return len(self.bits)

    def drawn(self, per_module: int, blur: float, spread: float) -> Array:
        """The whole code as a camera sees it: darkness per sample."""
        return _render(self.bits, per_module, blur, spread)

    def templates(self, right: bool, per_module: int, blur: float, spread: float) -> Array:
        """Unit templates of the digits of one half (rows), with one module of the neighbours to each side."""
        return _templates(right, per_module, blur, spread)


def layout_of(text: str, symbology: Symbology) -> Layout | None:
    """The layout of a retail code; None for every other symbology."""
    if symbology in (Symbology.EAN_13, Symbology.UPC_A):
        full = text.zfill(13)
        return _halves(symbology, full[1:], EAN_PARITY[int(full[0])] + "RRRRRR")
    if symbology is Symbology.EAN_8:
        return _halves(symbology, text, "LLLLRRRR")
    if symbology is Symbology.UPC_E:
        words = UPC_E_PARITY[int(text[7])]
        words = words if text[0] == "0" else words.translate(str.maketrans("LG", "GL"))
        bits = "101" + "".join(_module_bits(text[1:7], words)) + "010101"
        places = tuple((3 + 7 * place, False) for place in range(6))
        return Layout(symbology, bits, tuple(map(int, text[1:7])), tuple(words), places)
    return None


def _halves(symbology: Symbology, digits: str, words: str) -> Layout:
    drawn, half = _module_bits(digits, words), len(digits) // 2
    bits = "101" + "".join(drawn[:half]) + "01010" + "".join(drawn[half:]) + "101"
    places = tuple((3 + 7 * place + (5 if place >= half else 0), place >= half) for place in range(len(digits)))
    return Layout(symbology, bits, tuple(map(int, digits)), tuple(words), places)


def _module_bits(digits: str, words: str) -> list[str]:
    sets = {"L": LEFT, "G": EVEN, "R": RIGHT}
    return [sets[word][int(digit)] for digit, word in zip(digits, words, strict=True)]


@lru_cache(maxsize=512)
def _render(bits: str, per_module: int, blur: float, spread: float) -> Array:
    """Bars grown by `spread` modules, blurred by a Gaussian of `blur` modules."""
    fine = 8
    dark = np.repeat(np.array([int(bit) for bit in bits], float), fine)
    edges = np.flatnonzero(np.diff(dark))
    grown, by = dark.copy(), round(abs(spread) / 2 * fine)
    for edge in edges:
        low, high = max(edge + 1 - by, 0), edge + 1 + by
        grown[low:high] = 1.0 if spread > 0 else 0.0
    seen = _blurred(grown, blur * fine)
    return np.asarray(seen.reshape(-1, fine // per_module).mean(axis=1))


def _blurred(dark: Array, sigma: float) -> Array:
    reach = int(3 * sigma) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    padded = np.pad(dark, reach, mode="edge")
    return np.asarray(np.convolve(padded, kernel / kernel.sum(), mode="valid"))


@lru_cache(maxsize=64)
def _templates(right: bool, per_module: int, blur: float, spread: float) -> Array:
    # A left digit starts light and ends dark, a right one the other way: the modules next to it are known.
    words = [f"0{digit}1" for digit in (*RIGHT, *RIGHT)] if right else [f"1{digit}0" for digit in (*LEFT, *EVEN)]
    drawn = np.array([_render(word, per_module, blur, spread) for word in words])
    drawn -= drawn.mean(axis=1, keepdims=True)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
