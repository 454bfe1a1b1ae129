"""The two engines that read codes: zxing-cpp and zbar, with one form of answer."""

from collections.abc import Iterator
from typing import Any, Final

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar
from pyzbar.pyzbar import ZBarSymbol

from app.devices.barcode_read import Corners, Image, Matrix, Sighting, Symbology
from app.devices.gs1_text import plain_digits
from app.domain.barcode import is_gtin

_F: Final = zxingcpp.BarcodeFormat
_ZXING: Final = {
    _F.EAN13: Symbology.EAN_13, _F.EAN8: Symbology.EAN_8, _F.UPCA: Symbology.UPC_A, _F.UPCE: Symbology.UPC_E,
    _F.Code128: Symbology.CODE_128, _F.ITF: Symbology.ITF_14, _F.ITF14: Symbology.ITF_14,
    _F.DataBar: Symbology.DATABAR, _F.DataBarOmni: Symbology.DATABAR, _F.DataBarStk: Symbology.DATABAR,
    _F.DataBarStkOmni: Symbology.DATABAR, _F.DataBarLtd: Symbology.DATABAR,
    _F.DataBarExp: Symbology.DATABAR_EXPANDED, _F.DataBarExpStk: Symbology.DATABAR_EXPANDED,
    _F.QRCode: Symbology.QR, _F.DataMatrix: Symbology.DATA_MATRIX,
}  # fmt: skip
_ZBAR: Final = {
    "EAN13": Symbology.EAN_13, "EAN8": Symbology.EAN_8, "UPCA": Symbology.UPC_A, "UPCE": Symbology.UPC_E,
    "CODE128": Symbology.CODE_128, "I25": Symbology.ITF_14, "DATABAR": Symbology.DATABAR,
    "DATABAR_EXP": Symbology.DATABAR_EXPANDED,
}  # fmt: skip
_ZXING_RETAIL: Final = [_F.EAN13, _F.EAN8, _F.UPCA, _F.UPCE]
_ZXING_SOME: Final = zxingcpp.BarcodeFormats(_ZXING_RETAIL)
_ZXING_ALL: Final = zxingcpp.BarcodeFormats([
    *_ZXING_RETAIL, _F.Code128, _F.ITF, _F.DataBar, _F.DataBarLtd, _F.DataBarExp, _F.DataBarExpStk, _F.DataBarStk,
    _F.QRCode, _F.DataMatrix,
])  # fmt: skip
_ZBAR_RETAIL: Final = [ZBarSymbol.EAN13, ZBarSymbol.EAN8, ZBarSymbol.UPCA, ZBarSymbol.UPCE]
_ZBAR_ALL: Final = [*_ZBAR_RETAIL, ZBarSymbol.CODE128, ZBarSymbol.I25, ZBarSymbol.DATABAR, ZBarSymbol.DATABAR_EXP]


def zxing(
    picture: Image, back: Matrix, variant: str, *, retail_only: bool = False, hard: bool = True
) -> list[Sighting]:
    """What zxing-cpp sees; `back` maps points of `picture` into the original, `hard` also looks turned and smaller."""
    found = zxingcpp.read_barcodes(
        picture, formats=_ZXING_SOME if retail_only else _ZXING_ALL, try_rotate=hard, try_downscale=hard,
        try_invert=False, text_mode=zxingcpp.TextMode.HRI,
    )  # fmt: skip
    return list(_claims(_zxing_claims(found), back, f"zxing {variant}"))


def zbar(picture: Image, back: Matrix, variant: str, *, retail_only: bool = False) -> list[Sighting]:
    """What zbar sees; `back` maps points of `picture` into the original."""
    wanted = _ZBAR_RETAIL if retail_only else _ZBAR_ALL
    found = pyzbar.decode(np.ascontiguousarray(picture), symbols=wanted)
    return list(_claims(_zbar_claims(found), back, f"zbar {variant}"))


Claim = tuple[str, Symbology, Corners, bool]


def _zxing_claims(found: Any) -> Iterator[Claim]:
    for code in found:
        if code.format in _ZXING:
            place = code.position
            points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
            is_gs1 = code.content_type == zxingcpp.ContentType.GS1
            text = code.text if is_gs1 else _plain(code)
            yield text, _ZXING[code.format], np.array([(p.x, p.y) for p in points], float), is_gs1


def _plain(code: Any) -> str:
    """The text with its control characters: the form with brackets spells them out, as if they were letters."""
    has_control = any(byte < 32 or byte == 127 for byte in code.bytes)
    return code.bytes.decode("utf-8", "replace") if has_control else str(code.text)


def _zbar_claims(found: Any) -> Iterator[Claim]:
    for code in found:
        if code.type in _ZBAR and len(code.polygon) >= 2:
            is_gs1 = code.type == "DATABAR_EXP"
            yield code.data.decode("utf-8", "replace"), _ZBAR[code.type], _box(code.polygon), is_gs1


def _box(polygon: Any) -> Corners:
    """zbar gives the hull of the ends of its scan lines; the lines run along the longer side of its box or across."""
    return np.asarray(cv2.boxPoints(cv2.minAreaRect(np.array([(p.x, p.y) for p in polygon], np.float32))), float)


def _claims(claims: Iterator[Claim], back: Matrix, witness: str) -> Iterator[Sighting]:
    for text, symbology, corners, is_gs1 in claims:
        kind, said = _settled(symbology, plain_digits(text, symbology))
        if kind is not None:
            yield Sighting(said, kind, corners @ back[:, :2].T + back[:, 2], witness, is_gs1)


def _settled(symbology: Symbology, text: str) -> tuple[Symbology | None, str]:
    """One name for one code: UPC-A is what an EAN-13 with a leading zero is called; other ITF is no product code."""
    if symbology is Symbology.EAN_13 and text.startswith("0"):
        return Symbology.UPC_A, text[1:]
    if symbology is Symbology.UPC_A and len(text) == 13:
        return Symbology.UPC_A, text[1:]
    if symbology is Symbology.ITF_14 and not (len(text) == 14 and is_gtin(text)):
        return None, text
    if symbology is Symbology.DATABAR_EXPANDED and not text.startswith("("):
        return None, text  # zbar's text without brackets that is no message of known identifiers
    return symbology, text
