"""The words inside codes: UPC-E in both its lengths, GTINs of every symbology, GS1 elements (biip)."""

from typing import Final

import biip
from biip import ParseConfig
from biip.gs1_messages import GS1Message

from app.devices.barcode_read import RETAIL, Symbology
from app.domain.barcode import is_gtin, to_gtin14

_GROUP_SEPARATOR: Final = "\x1d"
_LOOSE: Final = ParseConfig(gs1_element_strings_verify_date=False)


def plain_digits(text: str, symbology: Symbology) -> str:
    """`text` in one form: UPC-E with 8 digits, DataBar with 14, Expanded with its identifiers in brackets."""
    if symbology is Symbology.UPC_E and len(text) > 8:
        return upc_e(text[-12:]) or text
    if symbology is Symbology.DATABAR:
        return text.replace("(01)", "").removeprefix("01") if len(text) > 14 else text
    if symbology is Symbology.DATABAR_EXPANDED and not text.startswith("("):
        return "".join(f"({name}){value}" for name, value in elements(text).items()) or text
    return text


def gtin_of(text: str, symbology: Symbology, found: dict[str, str]) -> str | None:
    """The GTIN-14 in `text`, None where the code carries none."""
    if symbology in (*RETAIL, Symbology.ITF_14, Symbology.DATABAR):
        digits = upc_a(text) if symbology is Symbology.UPC_E else text
        return to_gtin14(digits) if digits and is_gtin(digits) else None
    number = found.get("01", "")
    return number if is_gtin(number) else None


def elements(text: str) -> dict[str, str]:
    """The GS1 elements of `text` by application identifier; empty where it is no GS1 message or link."""
    try:
        if text.startswith("("):
            parsed = GS1Message.parse_hri(text, config=_LOOSE)
            found = parsed.element_strings if parsed else []
        elif text.startswith(("http://", "https://")):
            link = biip.parse(text, config=_LOOSE).gs1_digital_link_uri
            found = link.element_strings if link else []
        else:
            found = GS1Message.parse(text, config=_LOOSE).element_strings
    except (biip.BiipException, ValueError, KeyError, IndexError):
        return {}
    return {one.ai.ai: one.value for one in found}


def upc_a(short: str) -> str | None:
    """The 12 digits of UPC-A that an 8-digit UPC-E stands for (GS1 General Specifications 5.2.2.4.2)."""
    if not (len(short) == 8 and short.isdigit() and short[0] in "01"):
        return None
    number, body, last = short[0], short[1:7], short[6]
    if last in "012":
        middle = body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        middle = body[:3] + "00000" + body[3:5]
    elif last == "4":
        middle = body[:4] + "00000" + body[4]
    else:
        middle = body[:5] + "0000" + last
    return number + middle + short[7]


def upc_e(long: str) -> str | None:
    """The 8-digit form of a 12-digit UPC-A, None where it has none."""
    if not (len(long) == 12 and long.isdigit() and long[0] in "01"):
        return None
    maker, item = long[1:6], long[6:11]
    bodies = (maker[:2] + item[2:] + maker[2], maker[:3] + item[3:] + "3", maker[:4] + item[4:] + "4", maker + item[4:])
    shorts = (long[0] + body + long[11] for body in bodies)
    return next((short for short in shorts if upc_a(short) == long), None)
