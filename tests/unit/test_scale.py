"""What a scale answers, bit by bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.devices.scale import ScaleTrouble, ToledoScale, grams
from app.devices.scale_simulator import ScaleSimulator


def trouble(frame: bytes) -> str:
    with pytest.raises(ScaleTrouble) as found:
        grams(frame)
    return found.value.reason


@pytest.mark.parametrize(
    ("frame", "found"),
    [(b"\x0200.480\r", 480), (b"\x02 0.480\r", 480), (b"\x0212.345N\r", 12_345), (b"\x020.005\r", 5)],
)
def test_kilograms_become_grams(frame: bytes, found: int) -> None:
    assert grams(frame) == found


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"\x02?A\r", "unstable"),
        (b"\x02?C\r", "overload"),
        (b"\x02?D\r", "negative"),
        (b"\x02?H\r", "not_zeroed"),
        (b"\x02?G\r", "overload"),
        (b"\x02?@\r", "unstable"),
        (b"\x0200.000\r", "empty"),
        (b"\x02001.20\r", "pounds"),
        (b"\x0299.999\r", "garbled"),
        (b"\x020.4\r", "garbled"),
        (b"0.480\r", "garbled"),
        (b"", "away"),
    ],
)
def test_everything_else_is_trouble_with_a_reason(frame: bytes, reason: str) -> None:
    assert trouble(frame) == reason


@given(st.binary(max_size=40))
def test_noise_on_the_line_is_never_more_than_the_scale_can_weigh(frame: bytes) -> None:
    try:
        found = grams(frame)
    except ScaleTrouble:
        return

    assert 0 < found <= 60_000


@pytest.mark.usefixtures("patient_devices")
def test_a_scale_is_asked_over_the_network() -> None:
    with ScaleSimulator(grams=1234) as simulator:
        assert ToledoScale(simulator.address).weigh() == 1234


def test_a_scale_that_is_silent_or_gone_is_away() -> None:
    with ScaleSimulator() as simulator:
        simulator.state = "silent"
        with pytest.raises(ScaleTrouble) as silent:
            ToledoScale(simulator.address).weigh()
    with pytest.raises(ScaleTrouble) as gone:
        ToledoScale(simulator.address).weigh()

    assert (silent.value.reason, gone.value.reason) == ("away", "away")
