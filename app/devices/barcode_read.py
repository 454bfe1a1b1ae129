"""What a barcode reader answers: one read code and where it stood in the picture."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Matrix = NDArray[np.float64]
Corners = NDArray[np.float64]
"""Four points (x, y) clockwise from the start of the first line read: start, end, end, start."""


class Symbology(StrEnum):
    """The kinds of code a shop meets."""

    EAN_13 = "EAN-13"
    EAN_8 = "EAN-8"
    UPC_A = "UPC-A"
    UPC_E = "UPC-E"
    CODE_128 = "Code 128"
    ITF_14 = "ITF-14"
    DATABAR = "GS1 DataBar"
    DATABAR_EXPANDED = "GS1 DataBar Expanded"
    QR = "QR"
    DATA_MATRIX = "DataMatrix"


RETAIL: Final = (Symbology.EAN_13, Symbology.EAN_8, Symbology.UPC_A, Symbology.UPC_E)
SHORT: Final = (Symbology.EAN_8, Symbology.UPC_E)
_IDENTIFIER: Final = re.compile(r"\((\d{2,4})\)")


@dataclass(frozen=True, slots=True)
class Read:
    """One code that stands in the picture beyond reasonable doubt.

    `gtin` is the 14-digit number where the code carries one, `elements` its GS1 elements by application identifier,
    `corners` four points in pixels of the picture given, `confidence` 0 to 1.
    """

    text: str
    symbology: Symbology
    gtin: str | None
    corners: tuple[tuple[float, float], ...]
    confidence: float
    elements: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one engine made of one variant of the picture: a claim, not yet believed."""

    text: str
    symbology: Symbology
    corners: Corners
    witness: str
    """Who saw it in what: two sightings with one witness are one vote."""
    is_gs1: bool = False
    """The code itself says that its text is GS1 elements; the text then has identifiers in brackets."""

    @property
    def key(self) -> tuple[Symbology, str]:
        """What two sightings of the same code share: zbar knows neither the separators nor the brackets of GS1."""
        bare = _IDENTIFIER.sub(r"\1", self.text) if self.is_gs1 else self.text
        return self.symbology, bare.replace("\x1d", "")


@dataclass(frozen=True, slots=True)
class Ground:
    """A picture of the bars as they are, for asking it about a claim: the whole one, or a crop with straight bars."""

    picture: Image
    back: Matrix
    """Maps its points into the whole picture."""

    def seen_in(self, sighting: Sighting) -> Sighting:
        """The sighting with its corners in this picture."""
        corners = (sighting.corners - self.back[:, 2]) @ np.linalg.inv(self.back[:, :2]).T
        return replace(sighting, corners=corners)


def grey_of(picture: Image) -> Image:
    """One channel, in one piece of memory."""
    if picture.ndim == 3:
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    return np.ascontiguousarray(picture)
