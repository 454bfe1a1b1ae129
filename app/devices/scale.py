"""Scales on the counter, by the Mettler Toledo 8217 protocol, which scales of many makers speak.

The till sends `W`; the scale answers `STX 00.480 CR` (kilograms, three decimals; an `N` before the CR says that a
tare was taken off) or, while it cannot weigh, `STX ? s CR`, where bits of `s` say why: 0 it moves, 1 too heavy,
2 below zero, 3 not zeroed at its start. Serial lines run at 9600 baud, 7 data bits, even parity, 1 stop bit.
"""

import re
import socket
import time
from typing import Final, Protocol

import serial

ASK_WEIGHT: Final = b"W"
STX: Final = b"\x02"
CR: Final = b"\r"
PATIENCE_S: Final = 0.6
OPEN_S: Final = 1.0
READ_S: Final = 0.1
LONGEST: Final = 64
NETWORK: Final = "socket://"
MOST_GRAMS: Final = 60_000
MOVES, TOO_HEAVY, BELOW_ZERO, NOT_ZEROED = 0x01, 0x02, 0x04, 0x08
_KILOGRAMS: Final = re.compile(rb"\x02 *(\d{1,3}\.\d{3}) *N?\r")
_POUNDS: Final = re.compile(rb"\x02 *\d{1,4}\.\d{2} *N?\r")
_STATE: Final = re.compile(rb"\x02\?([\x00-\xff])\r", re.DOTALL)
_WHY: Final = ((TOO_HEAVY, "overload"), (BELOW_ZERO, "negative"), (MOVES, "unstable"), (NOT_ZEROED, "not_zeroed"))


class ScaleTrouble(Exception):
    """No weight; `reason` is away, garbled, unstable, overload, negative, not_zeroed, empty or pounds."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Scale(Protocol):
    """What a till needs of a scale."""

    def weigh(self) -> int:
        """Grams on the scale, at rest.

        Raises:
            ScaleTrouble: it cannot say.
        """


class ToledoScale:
    """A scale on a serial line (`/dev/ttyUSB0`, `COM3`) or behind a network adapter (`socket://host:port`)."""

    def __init__(self, address: str) -> None:
        self._address = address

    def weigh(self) -> int:
        """Grams on the scale; see `Scale`."""
        try:
            return grams(self._ask())
        except (OSError, serial.SerialException) as error:
            raise ScaleTrouble("away") from error

    def _ask(self) -> bytes:
        line = _open(self._address)
        try:
            line.write(ASK_WEIGHT)
            return _frame(line)
        finally:
            line.close()


class Line(Protocol):
    """An open connection; a read waits a tenth of a second at most."""

    def write(self, content: bytes, /) -> int | None:
        """Send, or raise OSError."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none when nothing came."""

    def close(self) -> None:
        """Hang up."""


class NetworkLine:
    """A serial line behind a network adapter; pyserial's own waits five seconds for one that is off."""

    def __init__(self, address: str) -> None:
        host, _, port = address.removeprefix(NETWORK).rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=OPEN_S)
        self._socket.settimeout(READ_S)

    def write(self, content: bytes, /) -> None:
        """Send, or raise OSError."""
        self._socket.sendall(content)

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none when nothing came; OSError when it hangs up."""
        try:
            said = self._socket.recv(size)
        except TimeoutError:
            return b""
        if not said:
            raise ConnectionResetError("the scale hung up")
        return said

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _open(address: str) -> Line:
    if address.startswith(NETWORK):
        return NetworkLine(address)
    # Two programs on one line would take each other's answers: exclusive.
    line: Line = serial.serial_for_url(
        address, baudrate=9600, bytesize=serial.SEVENBITS, parity=serial.PARITY_EVEN, timeout=READ_S,
        write_timeout=PATIENCE_S, exclusive=True,
    )  # fmt: skip
    return line


def _frame(line: Line) -> bytes:
    """From STX to CR, as much of it as came in time; what stood in the line before is dropped."""
    said, deadline = b"", time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and len(said) < LONGEST:
        said += line.read(1)
        start = said.rfind(STX)
        if start >= 0 and said.endswith(CR) and len(said) - start > 2:
            return said[start:]
    return said


def grams(frame: bytes) -> int:
    """The grams an answer says.

    Raises:
        ScaleTrouble: it says something else.
    """
    if not frame:
        raise ScaleTrouble("away")
    if found := _KILOGRAMS.fullmatch(frame):
        return _checked(int(found[1].replace(b".", b"")))
    if found := _STATE.fullmatch(frame):
        raise ScaleTrouble(_reason(found[1][0]))
    raise ScaleTrouble("pounds" if _POUNDS.fullmatch(frame) else "garbled")


def _checked(found: int) -> int:
    if found == 0:
        raise ScaleTrouble("empty")
    if found > MOST_GRAMS:
        raise ScaleTrouble("garbled")
    return found


def _reason(state: int) -> str:
    """The most pressing of the reasons in the bits of a status."""
    return next((reason for bit, reason in _WHY if state & bit), "unstable")
