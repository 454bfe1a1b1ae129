"""Six digits for the till: which are too easy to guess."""

from datetime import date
from itertools import pairwise
from typing import Final

DIGITS: Final = 6
MIN_DIFFERENT: Final = 3
WALKS: Final = frozenset({"159753", "147258", "258369", "147369", "159357", "520131", "520520", "789456", "456123"})
"""Walks over the keypad and numbers that sound like words."""
DATE_ORDERS: Final = ((4, 2, 0), (4, 0, 2), (0, 2, 4))
"""Where year, month and day start: 311299, 123199, 991231."""


def is_pin(text: str) -> bool:
    """Whether this is meant as a PIN; no password is so short."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def pin_fault(pin: str, old: str | None = None) -> str | None:
    """Why a new PIN cannot be taken ("form", "too_simple", "same"), or None."""
    if not is_pin(pin):
        return "form"
    if pin == old:
        return "same"
    return "too_simple" if _is_pattern(pin) or _is_date(pin) else None


def _is_pattern(pin: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    is_repeat = pin[:3] * 2 == pin or pin[:2] * 3 == pin
    is_pairs = pin[::2] == pin[1::2]
    is_even_run = len(steps) == 1
    return len(set(pin)) < MIN_DIFFERENT or is_even_run or is_repeat or is_pairs or pin == pin[::-1] or pin in WALKS


def _is_date(pin: str) -> bool:
    return any(_exists(*(int(pin[start : start + 2]) for start in order)) for order in DATE_ORDERS)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        # 2000 to 2099: whichever century was meant, only the 29th of February could differ.
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True
