"""The camera over the belt: what it reads is handed on once, and what goes wrong is said once."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from app.cli.camera_watch import watch
from app.devices.barcode_read import Image, Read, Symbology
from app.devices.camera import Belt, CameraLost, FakeCamera, Passing, VideoCamera, code_of
from tests.barcode_video import frames, write_avi

MILK = "4006381333931"
BREAD = "3850334043641"
SMALL = (640, 360)
Run = tuple[list[Image], str | None]


@dataclass
class Clock:
    """A time of the test's own."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let it be later."""
        self.now += seconds

    def step(self) -> None:
        """What passes between two pictures."""
        self.now += 0.1


@dataclass
class Till:
    """A till, and the trouble that each delivery meets first."""

    troubles: list[str] = field(default_factory=list)
    till: str = "T1"
    offered: list[Passing] = field(default_factory=list)

    def deliver(self, passing: Passing) -> str | None:
        self.offered.append(passing)
        return self.troubles.pop(0) if self.troubles else None


def seen(text: str | None, seconds: float) -> list[Image]:
    """So many seconds of pictures."""
    return list(frames(text, round(seconds * 10), size=SMALL))


def played(till: Till, *runs: Run) -> list[str]:
    """What the watch says while it plays these runs of a camera."""
    clock, said = Clock(), list[str]()
    camera = FakeCamera(list(runs), pause=clock.step)
    watch(camera, till, name="camera 0", say=said.append, clock=clock, sleep=clock.sleep)
    return said


def read_of(text: str, symbology: Symbology, gtin: str | None) -> Read:
    return Read(text, symbology, gtin, ((0.0, 0.0),) * 4, 1.0)


def test_a_product_in_the_picture_goes_to_the_till_once() -> None:
    till = Till()

    said = played(till, (seen(MILK, 2.5), None))

    assert said == [
        "camera 0: watching for till T1",
        f"camera 0: {MILK} to till T1",
        "camera 0: the video has ended",
    ]
    assert [one.code for one in till.offered] == [MILK]


@pytest.mark.parametrize(("seconds_away", "count"), [(1.2, 1), (1.8, 2)])
def test_a_product_counts_again_only_after_it_was_away(seconds_away: float, count: int) -> None:
    till = Till()

    played(till, (seen(MILK, 0.5) + seen(None, seconds_away) + seen(MILK, 0.5), None))

    assert [one.code for one in till.offered] == [MILK] * count


@pytest.mark.parametrize(("high", "wide"), [(60, 150), (24, 80), (300, 500)])
def test_small_products_that_pass_one_after_the_other_count_each(high: int, wide: int) -> None:
    belt_alone = np.full((720, 1280), 90, np.uint8)
    product = belt_alone.copy()
    product[200 : 200 + high, 300 : 300 + wide] = 220
    corners = ((300.0, 200.0), (300.0 + wide, 200.0), (300.0 + wide, 200.0 + high), (300.0, 200.0 + high))
    read = Read(MILK, Symbology.EAN_13, f"0{MILK}", corners, 1.0)
    belt, clock, count = Belt(), Clock(), 0

    for frame, reads in 3 * (5 * [(product, [read])] + 40 * [(belt_alone, [])]):
        for passing in belt.look(frame, reads, clock()):
            belt.take(passing)
            count += 1
        clock.step()

    assert count == 3


def test_products_go_to_the_till_in_the_order_they_pass() -> None:
    till = Till()

    played(till, (seen(MILK, 0.4) + seen(BREAD, 0.4), None))

    assert [one.code for one in till.offered] == [MILK, BREAD]


def test_while_nobody_takes_a_product_it_is_offered_each_second_as_the_same_one() -> None:
    till = Till(["nobody has till T1 open"] * 2)

    said = played(till, (seen(MILK, 3.5), None))

    assert [one.id for one in till.offered] == [till.offered[0].id] * 3
    assert said[1:3] == [f"camera 0: {MILK} waits: nobody has till T1 open", f"camera 0: {MILK} to till T1"]


def test_a_product_that_nobody_took_is_offered_for_five_seconds_after_its_going_and_then_forgotten() -> None:
    till = Till(["nobody has till T1 open"] * 10)

    played(till, (seen(MILK, 0.5) + seen(None, 8.0), None))

    assert len(till.offered) == 6
    assert till.offered[-1].seen_at < 0.5


def test_a_camera_that_is_pulled_out_is_opened_again_and_said_so_once() -> None:
    till = Till()

    away: Run = ([], "cannot be opened.")
    said = played(till, (seen(MILK, 0.4), "gives no more pictures."), away, away, (seen(BREAD, 0.4), None))

    assert said == [
        "camera 0: watching for till T1",
        f"camera 0: {MILK} to till T1",
        "camera 0: gives no more pictures. Trying again.",
        "camera 0: cannot be opened. Trying again.",
        "camera 0: watching for till T1",
        f"camera 0: {BREAD} to till T1",
        "camera 0: the video has ended",
    ]


def test_a_product_lying_still_has_not_left_even_when_it_cannot_be_read() -> None:
    belt, [picture] = Belt(), seen(MILK, 0.1)
    [first] = belt.look(picture, [read_of(MILK, Symbology.EAN_13, f"0{MILK}")], now=0)
    belt.take(first)
    for second in range(1, 60):
        belt.look(picture, [], now=float(second))

    assert belt.look(picture, [read_of(MILK, Symbology.EAN_13, f"0{MILK}")], now=60) == []


@pytest.mark.parametrize(
    ("text", "symbology", "gtin", "expected"),
    [
        (MILK, Symbology.EAN_13, f"0{MILK}", MILK),
        ("04965802", Symbology.UPC_E, "00049600005802", "00049600005802"),
        ("(01)09506000134352(10)AB", Symbology.DATABAR_EXPANDED, "09506000134352", "09506000134352"),
        ("A-17", Symbology.CODE_128, None, "A-17"),
        ("https://example.com", Symbology.QR, None, None),
    ],
)
def test_a_read_is_looked_up_by_its_product_number(
    text: str, symbology: Symbology, gtin: str | None, expected: str | None
) -> None:
    assert code_of(read_of(text, symbology, gtin)) == expected


def test_a_video_file_plays_at_its_own_speed_and_ends(tmp_path: Path) -> None:
    file = write_avi(tmp_path / "belt.avi", frames(MILK, 20, size=SMALL), SMALL)
    clock = Clock()

    pictures = list(VideoCamera(file, clock=clock, sleep=clock.sleep).frames())

    assert (len(pictures), pictures[0].shape) == (10, (360, 640, 3))
    assert clock.now == pytest.approx(0.9)


def test_a_camera_that_is_not_there_says_what_to_look_at() -> None:
    with pytest.raises(CameraLost, match="is it plugged in"):
        next(VideoCamera(63).frames())
