"""Receipt printers: bytes go to a printer in the network, on USB or behind a device file.

What a printer can tell us decides how sure we are. Asked `DLE EOT`, one that can answer says whether it is ready
before anything is sent; asked `GS r` at the end, it answers when everything is on paper. A mute one is believed
when it has taken all bytes.
"""

import errno
import os
import select
import socket
import time
from pathlib import Path
from typing import Final, Protocol

from app.devices.printer_paper import ASK_WHEN_DONE
from app.domain.printing import Address, NetworkAddress, UsbAddress

CONNECT_S: Final = 1.0
ANSWER_S: Final = 0.3
WRITE_S: Final = 4.0
PAPER_S: Final = 8.0
"""How long a printer that talks may take to bring a long receipt to paper."""
KICK: Final = b"\x1bp\x00\x19\xfa"
"""`ESC p 0 25 250`: 50 ms of current on pin 2, where cash drawers hang."""
ASK_PRINTER: Final = b"\x10\x04\x01"
ASK_OFFLINE: Final = b"\x10\x04\x02"
ASK_PAPER: Final = b"\x10\x04\x04"
USB_DEVICES: Final = Path("/sys/class/usbmisc")


class PrinterAway(Exception):
    """Nothing came to paper, and it is certain; `reason` is off, paper, cover or not_ready."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PrinterDoubt(Exception):
    """Something was sent and then it broke: part of it, or all, may be on paper."""


class ReceiptPrinter(Protocol):
    """What a till needs of a printer."""

    def send(self, content: bytes) -> None:
        """Print `content`.

        Raises:
            PrinterAway: nothing was printed.
            PrinterDoubt: perhaps something was.
        """

    def open_drawer(self) -> None:
        """Open the drawer that hangs on the printer.

        Raises:
            PrinterAway: it did not take the command.
        """


class Line(Protocol):
    """An open connection to a printer; deadlines are moments of `time.monotonic`."""

    def write(self, content: bytes, deadline: float) -> None:
        """Hand over everything, or raise OSError."""

    def read(self, deadline: float) -> bytes:
        """What the printer says until then; nothing when it says nothing."""

    def close(self) -> None:
        """Hang up."""


class NetworkLine:
    """A TCP connection."""

    def __init__(self, address: NetworkAddress) -> None:
        self._socket = socket.create_connection((address.host, address.port), timeout=CONNECT_S)

    def write(self, content: bytes, deadline: float) -> None:
        """Hand over everything, or raise OSError."""
        self._socket.settimeout(max(deadline - time.monotonic(), 0.01))
        self._socket.sendall(content)

    def read(self, deadline: float) -> bytes:
        """What the printer says until then; nothing when it says nothing; OSError when it hangs up."""
        self._socket.settimeout(max(deadline - time.monotonic(), 0.01))
        try:
            said = self._socket.recv(16)
        except TimeoutError:
            return b""
        if not said:
            raise ConnectionResetError(errno.ECONNRESET, "the printer hung up")
        return said

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


class FileLine:
    """A device file, never waited for longer than the deadline: a printer without paper takes no bytes."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)

    def write(self, content: bytes, deadline: float) -> None:
        """Hand over everything, or raise OSError."""
        rest = memoryview(content)
        while rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([], [self._file], [], left)[1]:
                raise TimeoutError(errno.ETIMEDOUT, "the printer takes no more")
            rest = rest[os.write(self._file, rest[:4096]) :]

    def read(self, deadline: float) -> bytes:
        """What the printer says until then; nothing when it says nothing."""
        left = max(deadline - time.monotonic(), 0)
        return os.read(self._file, 16) if select.select([self._file], [], [], left)[0] else b""

    def close(self) -> None:
        """Hang up."""
        os.close(self._file)


class EscPosPrinter:
    """A printer that understands ESC/POS, wherever it is."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def send(self, content: bytes) -> None:
        """Print `content`; see `ReceiptPrinter`."""
        line = self._open()
        try:
            talks = self._ready(line)
            self._print(line, content, talks)
        finally:
            line.close()

    def open_drawer(self) -> None:
        """Open the drawer; see `ReceiptPrinter`."""
        line = self._open()
        try:
            line.write(KICK, time.monotonic() + CONNECT_S)
        except OSError as error:
            raise PrinterAway("off") from error
        finally:
            line.close()

    def _open(self) -> Line:
        try:
            return open_line(self._address)
        except OSError as error:
            raise PrinterAway("off") from error

    def _ready(self, line: Line) -> bool:
        """Whether the printer talks; one that does and is not ready has printed nothing."""
        try:
            state = self._asked(line, ASK_PRINTER)
            if state is None:
                return False
            if state & 0x08:
                raise PrinterAway(self._why_offline(line))
        except OSError as error:
            raise PrinterAway("off") from error
        return True

    def _why_offline(self, line: Line) -> str:
        if (self._asked(line, ASK_PAPER) or 0) & 0x60:
            return "paper"
        return "cover" if (self._asked(line, ASK_OFFLINE) or 0) & 0x04 else "not_ready"

    @staticmethod
    def _asked(line: Line, question: bytes) -> int | None:
        line.write(question, time.monotonic() + ANSWER_S)
        said = line.read(time.monotonic() + ANSWER_S)
        # The fixed bits of a status byte: 0xx1xx10. Anything else is no answer to this.
        return next((byte for byte in said if byte & 0x93 == 0x12), None)

    @staticmethod
    def _print(line: Line, content: bytes, talks: bool) -> None:
        try:
            line.write(content, time.monotonic() + WRITE_S)
            is_done = not talks or not content.endswith(ASK_WHEN_DONE) or bool(line.read(time.monotonic() + PAPER_S))
        except OSError as error:
            raise PrinterDoubt(str(error)) from error
        if not is_done:
            raise PrinterDoubt("no answer that it is on paper")


def open_line(address: Address) -> Line:
    """Connect to a printer; OSError when it is not there."""
    if isinstance(address, NetworkAddress):
        return NetworkLine(address)
    return FileLine(usb_path(address) if isinstance(address, UsbAddress) else address.path)


def usb_path(address: UsbAddress, devices: Path = USB_DEVICES) -> str:
    """The device file that Linux gives the USB printer of this maker and model."""
    for found in sorted(devices.glob("lp*")):
        if _usb_id(found) == (address.vendor, address.product):
            return f"/dev/usb/{found.name}"
    raise FileNotFoundError(errno.ENOENT, "no such USB printer")


def _usb_id(device: Path) -> tuple[str, str] | None:
    # The link leads to the interface; maker and model stand with the device above it.
    above = (device / "device").resolve().parent
    try:
        return (above / "idVendor").read_text().strip(), (above / "idProduct").read_text().strip()
    except OSError:
        return None


def printer_at(address: Address) -> ReceiptPrinter:
    """The printer at an address."""
    return EscPosPrinter(address)
