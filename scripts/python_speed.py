"""How fast the Python is that runs this file: prints its path, its version and the seconds of a fixed piece of work.

The work is of the kind a till's request is made of: attributes, calls, dictionaries, short texts. It needs the parts
of the standard library that Aisle does; a Python without them ends with an error instead.
"""

import ctypes
import os
import sqlite3
import ssl
import sys
import time

NEEDED = (ctypes, sqlite3, ssl)
ROUNDS, TIMES = 4000, 7


class Line:
    """One line of a basket."""

    __slots__ = ("number", "price")

    def __init__(self, number: int, price: int) -> None:
        self.number = number
        self.price = price

    def total(self) -> int:
        """Price of all pieces."""
        return self.number * self.price


def work() -> float:
    """Seconds of one turn."""
    begun = time.perf_counter()
    shown: dict[str, tuple[int, str]] = {}
    for number in range(ROUNDS):
        line = Line(number % 7, number)
        shown[str(number % 97)] = (line.total(), f"{line.number} x {line.price}")
    return time.perf_counter() - begun


if __name__ == "__main__":
    # The best of many: whatever else the machine does only ever adds.
    print(os.path.realpath(sys.executable))
    print(*sys.version_info[:2])
    print(min(work() for _ in range(TIMES)))
