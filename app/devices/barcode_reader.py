"""Barcodes in pictures, and never a wrong one: two engines, many views of the picture, and a check against it."""

import time
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Final

import cv2
import numpy as np

from app.devices import barcode_bars, barcode_engines, barcode_regions, barcode_variants
from app.devices.barcode_frames import FrameReader
from app.devices.barcode_read import Image, Matrix, Read, Sighting, Symbology, grey_of
from app.devices.barcode_variants import BARS, IDENTITY, Variant, resampled, widened
from app.devices.barcode_vote import Ballot
from app.devices.photos import PhotoRefused, grey_photo

__all__ = ["FrameReader", "PhotoRefused", "Read", "Symbology", "read_photo", "read_still"]

STILL_SECONDS: Final = 0.14
"""No further variant is begun after this; one takes some ten milliseconds, so that 300 are never reached."""
STILL_WIDTH: Final = 1280
FIRST: Final = "plain"
TURNS: Final = (0, 0, 1, 0, None, 0, 2, 0, 0)
"""Whose next view it is, the best region's or another's or (None) the whole picture's; the rest in this order."""

cv2.setNumThreads(1)  # a till must not wait for a picture: the other cores are its own


def read_still(
    picture: Image, *, seconds: float = STILL_SECONDS, clock: Callable[[], float] = time.perf_counter
) -> list[Read]:
    """Every code that certainly stands in `picture` (grey, or BGR), within `seconds` of `clock`."""
    end = clock() + seconds
    original = grey_of(picture)
    grey, back = widened(original, STILL_WIDTH) if original.shape[1] > STILL_WIDTH else (original, IDENTITY)
    ballot = Ballot(original)
    for variant in _cascade(original, grey, back):
        name, view, matrix, ground = variant()
        for engine in _engines(name):
            if clock() < end or name == FIRST:
                ballot.add(engine(view, matrix, name), ground)
        if clock() < end and ballot.in_doubt():
            ballot.add(barcode_engines.zxing(*resampled(view, matrix, name)))
        if clock() >= end or ballot.reads():
            break
    return ballot.reads()


def _engines(name: str) -> tuple[Callable[[Image, Matrix, str], list[Sighting]], ...]:
    return (barcode_bars.read,) if name.endswith(BARS) else (barcode_engines.zxing, barcode_engines.zbar)


def read_photo(content: bytes) -> list[Read]:
    """Every code in an uploaded JPEG, PNG or WebP of at most 5 MB and 20 megapixels.

    Raises:
        PhotoRefused: with a word for the reason.
    """
    return read_still(grey_photo(content))


def _cascade(original: Image, grey: Image, back: np.ndarray) -> Iterator[Callable[[], Variant]]:
    yield lambda: (FIRST, grey, back, None)
    regions = enumerate(barcode_regions.bars(original))
    parts = [barcode_variants.of_region(original, region, f"region {number}") for number, region in regions]
    whole = barcode_variants.of_whole(grey, back)
    for turn in TURNS:
        yield from islice(whole if turn is None else parts[turn] if turn < len(parts) else (), 1)
    yield from chain(*parts[:1], whole, *parts[1:])
