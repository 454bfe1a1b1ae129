"""A camera fixed over the belt: its pictures, and each product once for as long as it is in them."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np

from app.devices.barcode_read import RETAIL, Image, Read, Symbology, grey_of

EVERY_S: Final = 0.1
"""Ten looks a second read whatever a belt carries past, and leave the core to others."""
WIDTH: Final = 1280
HEIGHT: Final = 720
GONE_S: Final = 1.5
"""A product that was not seen for this long has left the picture."""
KEPT_S: Final = 5.0
"""One that nobody took is offered for so long: a page whose stream begins anew is back by then."""
AGAIN_S: Final = 1.0
"""Between two tries to hand on a product that nobody took."""
THUMB: Final = (16, 12)
SAME: Final = 5.0
"""Mean difference of two pictures from afar; a camera at rest stays below."""
SAME_PLACE: Final = 12.0
"""And where the code was: a small product that leaves hardly changes the whole."""


Place = tuple[slice, slice]


class CameraLost(Exception):
    """No picture comes; the message says what to look at."""


class Camera(Protocol):
    """Where pictures come from."""

    def frames(self) -> Iterator[Image]:
        """Pictures (BGR or grey) as they come, at most one each `EVERY_S`; ends only where there can be no more.

        Raises:
            CameraLost: unplugged, taken by another program, or no such thing. Asking again opens it anew.
        """
        ...


@dataclass(slots=True)
class VideoCamera:
    """A USB camera by its number, or a video file played at its own speed."""

    device: int | Path
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def frames(self) -> Iterator[Image]:
        """See `Camera`."""
        capture = self._opened()
        try:
            yield from self._file(capture) if isinstance(self.device, Path) else self._live(capture)
        finally:
            capture.release()

    def _opened(self) -> cv2.VideoCapture:
        # What OpenCV itself has to say about a missing camera is written for its authors.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        capture = cv2.VideoCapture(str(self.device) if isinstance(self.device, Path) else self.device)
        if not capture.isOpened():
            raise CameraLost("cannot be opened: is it plugged in, and does no other program use it?")
        if not isinstance(self.device, Path):
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return capture

    def _live(self, capture: cv2.VideoCapture) -> Iterator[Image]:
        due = self.clock()
        while capture.grab():
            # Every picture is fetched, or the next one would be an old one; only some are looked at.
            if self.clock() >= due:
                due = self.clock() + EVERY_S
                yield _picture(capture)
        raise CameraLost("gives no more pictures: is it unplugged?")

    def _file(self, capture: cv2.VideoCapture) -> Iterator[Image]:
        began, due = self.clock(), 0.0
        per_second = capture.get(cv2.CAP_PROP_FPS) or 25.0
        number = 0
        while capture.grab():
            at = number / per_second
            number += 1
            if at + 0.5 / per_second >= due:  # the picture nearest to it
                due += EVERY_S
                self.sleep(max(0.0, began + at - self.clock()))
                yield _picture(capture)


@dataclass(slots=True)
class FakeCamera:
    """Plays what it is given, one run for each time it is opened; a run that names a reason ends with `CameraLost`."""

    runs: list[tuple[Sequence[Image], str | None]]
    pause: Callable[[], None] = lambda: None
    """What passes after each picture."""

    def frames(self) -> Iterator[Image]:
        """See `Camera`."""
        pictures, reason = self.runs.pop(0)
        for picture in pictures:
            yield picture
            self.pause()
        if reason is not None:
            raise CameraLost(reason)


@dataclass(slots=True)
class Passing:
    """One product on its way through the picture."""

    code: str
    seen_at: float
    thumb: Image
    place: Place
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    is_taken: bool = False
    try_at: float = float("-inf")

    def is_over(self, now: float) -> bool:
        """Whether it has left the picture, and nobody is waited for."""
        return now - self.seen_at > (GONE_S if self.is_taken else KEPT_S)


@dataclass(slots=True)
class Belt:
    """Which products are in the picture, and which of them somebody must still take."""

    _passing: dict[str, Passing] = field(default_factory=dict)

    def look(self, frame: Image, reads: Iterable[Read], now: float) -> list[Passing]:
        """The products to hand on with this frame; say `take` or `refuse` of each."""
        thumb = _thumb(frame)
        for read in reads:
            if code := code_of(read):
                place = _place(read, frame)
                passing = self._passing.setdefault(code, Passing(code, now, thumb, place))
                passing.seen_at, passing.thumb, passing.place = now, thumb, place
        for passing in self._passing.values():
            # A picture that has not changed still shows the product, read or not.
            if _is_same(passing, thumb):
                passing.seen_at = now
        self._passing = {code: one for code, one in self._passing.items() if not one.is_over(now)}
        return [one for one in self._passing.values() if not one.is_taken and now >= one.try_at]

    @staticmethod
    def take(passing: Passing) -> None:
        """Somebody has it: no more of it until it has left the picture."""
        passing.is_taken = True

    @staticmethod
    def refuse(passing: Passing, now: float) -> None:
        """Nobody took it: try again soon, for as long as it is in the picture and a little longer."""
        passing.try_at = now + AGAIN_S


def code_of(read: Read) -> str | None:
    """What the shop looks a read up by; None for what is no code of a product."""
    if read.symbology in (*RETAIL, Symbology.ITF_14) and read.symbology is not Symbology.UPC_E:
        return read.text
    if read.symbology in (Symbology.QR, Symbology.DATA_MATRIX):
        return read.gtin
    return read.gtin or read.text


def _picture(capture: cv2.VideoCapture) -> Image:
    is_there, picture = capture.retrieve()
    if not is_there:
        raise CameraLost("gives broken pictures: try another socket or cable.")
    return np.asarray(picture, np.uint8)


def _thumb(frame: Image) -> Image:
    return np.asarray(cv2.resize(grey_of(frame), THUMB, interpolation=cv2.INTER_AREA), np.uint8)


def _place(read: Read, frame: Image) -> Place:
    """The cells of the small picture that the code lies in."""
    (high, wide), (columns, rows) = frame.shape[:2], THUMB
    xs, ys = [x * columns / wide for x, _y in read.corners], [y * rows / high for _x, y in read.corners]
    return _cells(ys, rows), _cells(xs, columns)


def _cells(values: Sequence[float], most: int) -> slice:
    first = min(max(int(min(values)), 0), most - 1)
    return slice(first, max(int(max(values)), first) + 1)


def _is_same(passing: Passing, thumb: Image) -> bool:
    """Whether nothing moved since the code was read, neither as a whole nor where it lay."""
    changes = cv2.absdiff(passing.thumb, thumb)
    return float(np.mean(changes)) < SAME and float(np.mean(changes[passing.place])) < SAME_PLACE
