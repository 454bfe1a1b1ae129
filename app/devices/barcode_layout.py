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

NEAR: Final = 3
"""Neighbouring modules that a blur may mix into one."""
FINE: Final = 8
"""Points of a module while it is drawn."""


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

    def templates(self, per_module: int, blur: float, spread: float) -> Array:
        """Unit templates of all digits (second axis) at each digit place (first axis).

        Each is seven modules wide and one to each side, drawn between the neighbours that the code claims.
        """
        return _templates(self, per_module, blur, spread)


def layout_of(text: str, symbology: Symbology) -> Layout | None:
    """The layout of a retail code; None for every other symbology."""
    if symbology in (Symbology.EAN_13, Symbology.UPC_A):
        return ean_13(text.zfill(13), symbology)
    if symbology is Symbology.EAN_8:
        return _halves(symbology, text, "LLLLRRRR")
    if symbology is Symbology.UPC_E:
        words = UPC_E_PARITY[int(text[7])]
        words = words if text[0] == "0" else words.translate(str.maketrans("LG", "GL"))
        bits = "101" + "".join(_module_bits(text[1:7], words)) + "010101"
        places = tuple((3 + 7 * place, False) for place in range(6))
        return Layout(symbology, bits, tuple(map(int, text[1:7])), tuple(words), places)
    return None


def ean_13(text: str, symbology: Symbology = Symbology.EAN_13) -> Layout:
    """The layout of 13 digits; a UPC-A is drawn the same, with a zero before it."""
    return _halves(symbology, text[1:], EAN_PARITY[int(text[0])] + "RRRRRR")


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
    dark = np.array([[int(bit) for bit in bits]], float)
    return np.asarray(_seen(np.pad(dark, ((0, 0), (NEAR, NEAR))), per_module, blur, spread)[0])


@lru_cache(maxsize=256)
def _templates(layout: Layout, per_module: int, blur: float, spread: float) -> Array:
    around = np.pad([int(bit) for bit in layout.bits], NEAR + 1)
    width = 9 + 2 * NEAR
    modules = np.array([np.tile(around[start : start + width], (20, 1)) for start, _ in layout.places])
    for place, (_, right) in enumerate(layout.places):
        modules[place, :, NEAR + 1 : NEAR + 8] = _WORDS[right]
    shapes = _seen(modules.reshape(-1, width), per_module, blur, spread).reshape(*modules.shape[:2], -1)
    shapes -= shapes.mean(axis=2, keepdims=True)
    return np.asarray(shapes / np.linalg.norm(shapes, axis=2, keepdims=True))


def _seen(modules: Array, per_module: int, blur: float, spread: float) -> Array:
    """Rows of modules as a camera sees them, without the `NEAR` first and last."""
    dark = np.repeat(modules.astype(float), FINE, axis=1)
    by = round(abs(spread) / 2 * FINE)
    kept = dark.copy()
    for shift in range(1, by + 1):
        grown = np.maximum if spread > 0 else np.minimum
        kept[:, shift:] = grown(kept[:, shift:], dark[:, :-shift])
        kept[:, :-shift] = grown(kept[:, :-shift], dark[:, shift:])
    step, weights = FINE // per_module, _camera(per_module, blur)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(kept, len(weights), axis=1)[:, ::step] @ weights)


@lru_cache(maxsize=32)
def _camera(per_module: int, blur: float) -> Array:
    """What a sample takes of the points around it: a Gaussian over the width of the sample."""
    step = FINE // per_module
    points = np.arange(2 * NEAR * FINE + step)
    middles = NEAR * FINE + np.arange(step)
    share = np.exp(-0.5 * ((points[:, None] - middles) / (blur * FINE)) ** 2).mean(axis=1)
    return np.asarray(share / share.sum())


_WORDS: Final = {
    False: np.array([[int(module) for module in word] for word in (*LEFT, *EVEN)]),
    True: np.array([[int(module) for module in word] for word in (*RIGHT, *RIGHT)]),
}
