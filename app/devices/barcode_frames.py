"""Codes in live video: a fast pass over every frame, one costlier view by turns, belief after two agreeing frames."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from app.devices import barcode_crops, barcode_engines, barcode_regions
from app.devices.barcode_read import Image, Read, Sighting, grey_of
from app.devices.barcode_variants import IDENTITY
from app.devices.barcode_vote import EARLIER, Ballot

AGREE_WITHIN: Final = 1.0
"""Seconds between two sightings that make one read."""
SEARCHED_WIDTH: Final = 320
LINES: Final = 4
"""Along which a frame is asked about a claim: the one before it agreed."""
EVERY_OTHER_LINE: Final = np.array(((1.0, 0, 0), (0, 2.0, 0)))
Key = tuple[str, str]


@dataclass(slots=True)
class FrameReader:
    """Reads the frames of one camera, one after the other; not for two threads.

    A code is answered for every frame in which it is believed: who pushes it to a till drops the repetitions.
    """

    clock: Callable[[], float] = time.monotonic
    turn: int = 0
    _seen: dict[Key, float] = field(default_factory=dict)

    def read(self, frame: Image) -> list[Read]:
        """The codes of this frame that were seen within the last second as well and that the picture confirms."""
        grey, now = grey_of(frame), self.clock()
        self.turn += 1
        sightings = barcode_engines.zxing(grey, IDENTITY, "frame", retail_only=True, hard=False)
        if not sightings:
            sightings = self._by_turns(grey)
        agreed = [one for one in sightings if now - self._seen.get(one.key, float("-inf")) <= AGREE_WITHIN]
        self._seen = {key: at for key, at in self._seen.items() if now - at <= AGREE_WITHIN}
        self._seen |= {one.key: now for one in sightings}
        return _believed(grey, agreed)

    def _by_turns(self, grey: Image) -> list[Sighting]:
        """One of three: zbar on every other line, the likeliest bars upright, the picture turned."""
        if self.turn % 3 == 0:
            return barcode_engines.zxing(grey, IDENTITY, "turned", hard=True)
        if self.turn % 3 == 1:
            return barcode_engines.zbar(grey[::2], EVERY_OTHER_LINE, "frame", retail_only=True)
        for region in barcode_regions.bars(grey, most=1, searched_width=SEARCHED_WIDTH):
            crop, back = barcode_crops.flattened(*barcode_crops.upright(grey, region))
            found = barcode_engines.zxing(crop, back, "upright", hard=False)
            return found or barcode_engines.zbar(crop, back, "upright", retail_only=True)
        return []


def _believed(grey: Image, agreed: list[Sighting]) -> list[Read]:
    """An earlier frame is the second witness of every sighting; the picture itself must still agree."""
    ballot = Ballot(grey, lines=LINES)
    ballot.add(agreed)
    ballot.add([replace(one, witness=EARLIER) for one in agreed])
    return ballot.reads()
