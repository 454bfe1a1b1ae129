"""Print jobs and the addresses of what stands on a counter."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.errors import ShopError

PRINTER_PORTS: Final = range(9100, 9110)
"""Where receipt printers listen; anything else on the network must not be reached by naming it a printer."""
LONGEST_PAUSE_S: Final = 60
FIRST_PAUSE_S: Final = 2
_HOST: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,9}")
"""No empty part and none above 63 letters: such names break the look-up itself."""
_NETWORK: Final = re.compile(rf"(?:tcp://)?({_HOST.pattern})(?::(\d{{1,5}}))?")
_USB: Final = re.compile(r"usb:([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})")
_FILE: Final = re.compile(
    r"file:(/dev/(?:(?:usb/)?(?:lp|usblp)\d{1,3}|tty(?:USB|ACM|S)\d{1,3}|[A-Za-z0-9_-]{0,20}printer[A-Za-z0-9_-]{0,20}))"
)
"""Printers, serial lines and what an operator named a printer: never a disk or the memory."""
_SCALE: Final = re.compile(rf"socket://({_HOST.pattern}):(\d{{1,5}})|/dev/tty[A-Za-z0-9._-]{{1,40}}|COM\d{{1,3}}")


class JobState(StrEnum):
    """Where a receipt to print stands. `perhaps`: it was being sent when something broke; a person must look."""

    WAITING = "waiting"
    SENDING = "sending"
    PRINTED = "printed"
    PERHAPS = "perhaps"
    GIVEN_UP = "given_up"


class PrinterLanguage(StrEnum):
    """The language of the words on paper."""

    EN = "en"
    ZH = "zh"


@dataclass(frozen=True, slots=True)
class NetworkAddress:
    """A printer in the network."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class UsbAddress:
    """A USB printer by maker and model, in lower case hexadecimal digits."""

    vendor: str
    product: str


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A printer that is a device file."""

    path: str


Address = NetworkAddress | UsbAddress | FileAddress


def printer_address(text: str) -> Address | None:
    """Where a printer is: `host:9100`, `usb:04b8:0202` or `file:/dev/usb/lp0`; None when it is none of these."""
    if usb := _USB.fullmatch(text):
        return UsbAddress(usb[1].lower(), usb[2].lower())
    if file := _FILE.fullmatch(text):
        return FileAddress(file[1])
    if network := _NETWORK.fullmatch(text):
        port = int(network[2] or PRINTER_PORTS.start)
        return NetworkAddress(network[1], port) if port in PRINTER_PORTS else None
    return None


def is_scale_address(text: str) -> bool:
    """Whether a scale can be there: `/dev/ttyUSB0`, `COM3` or `socket://host:port`."""
    found = _SCALE.fullmatch(text)
    return found is not None and (found[2] is None or 1024 <= int(found[2]) <= 65535)


def pause_s(failures: int) -> int:
    """How long to leave a printer alone that has failed `failures` times in a row."""
    return int(min(FIRST_PAUSE_S * 2 ** max(failures - 1, 0), LONGEST_PAUSE_S))


class NoPrinter(ShopError):
    """No printer stands at this till."""

    code = "no_printer"


class PrinterUnreachable(ShopError):
    """The printer did not take a command; `reason` says why."""

    code = "printer_away"


class NoDrawer(ShopError):
    """No drawer hangs on this till's printer."""

    code = "no_drawer"


class PrintJobUnknown(ShopError):
    """No such print job in this store."""

    code = "print_job_unknown"


class PrintJobState(ShopError):
    """The print job is no longer in the state this step needs."""

    code = "print_job_state"


class PrintUuidConflict(ShopError):
    """This UUID already stands for another print job."""

    code = "print_uuid_conflict"


class NoScale(ShopError):
    """No scale stands at this till."""

    code = "no_scale"


class ScaleAway(ShopError):
    """The scale does not answer, or says what no scale says."""

    code = "scale_away"


class ScaleUnstable(ShopError):
    """The goods still move."""

    code = "scale_unstable"


class ScaleOverload(ShopError):
    """More than the scale can weigh."""

    code = "scale_overload"


class ScaleNegative(ShopError):
    """Below zero, or not at zero when it started."""

    code = "scale_negative"


class ScaleEmpty(ShopError):
    """Nothing lies on the scale."""

    code = "scale_empty"


class ScalePounds(ShopError):
    """The scale weighs in pounds."""

    code = "scale_pounds"
