"""Which six digits may open a till."""

import pytest

from app.domain.pins import is_pin, pin_fault


@pytest.mark.parametrize(
    "pin",
    ["000000", "111112", "123456", "654321", "890123", "135791", "121212", "123123", "112233", "123321", "159753"],
)
def test_rows_and_repetitions_are_refused(pin: str) -> None:
    assert pin_fault(pin) == "too_simple"


@pytest.mark.parametrize("pin", ["311299", "123199", "991231", "290296", "010185"])
def test_dates_are_refused_in_every_order(pin: str) -> None:
    assert pin_fault(pin) == "too_simple"


@pytest.mark.parametrize("pin", ["402817", "739164", "321399", "290297"])
def test_other_digits_are_taken(pin: str) -> None:
    assert pin_fault(pin) is None


def test_most_pins_are_left() -> None:
    left = sum(pin_fault(f"{number:06}") is None for number in range(0, 1_000_000, 7))

    assert left / (1_000_000 / 7) > 0.88


def test_the_old_pin_is_not_a_new_one() -> None:
    assert (pin_fault("402817", "402817"), pin_fault("402817", "739164")) == ("same", None)


@pytest.mark.parametrize("text", ["", "12345", "1234567", "40281a", "４０２８１７", " 40281"])
def test_a_pin_is_six_plain_digits(text: str) -> None:
    assert not is_pin(text)
    assert pin_fault(text) == "form"
