"""Barcodes in photos, for pages whose browser cannot read them by itself and for programs."""

from typing import Any, Final

import structlog
from apiflask import APIBlueprint
from flask import Flask, current_app, request

from app.devices.photo_desk import Decoded, DecoderFailed, DeskBusy, PhotoDesk
from app.devices.photo_limits import MOST_BYTES, may_be_photo
from app.domain.errors import Busy, ShopError
from app.domain.photos import ImageBroken, ImageEmpty, ImageFormat, ImageTooLarge, NoBarcode
from app.domain.staff import Permission
from app.unit_of_work import RETRY_AFTER_S
from app.views.access import requires
from app.views.api.payloads import Answer

DESK: Final = "aisle_photo_desk"
REFUSALS: Final[dict[str, type[ShopError]]] = {
    "empty": ImageEmpty, "format": ImageFormat, "too_large": ImageTooLarge, "broken": ImageBroken,
}  # fmt: skip
log = structlog.get_logger(__name__)
bp = APIBlueprint("devices", __name__, url_prefix="/api/devices", tag="Devices")


class CodeAnswer(Answer):
    """One code: its text, GTIN-14 where it is one, GS1 elements, corner points in pixels, confidence 0 to 1."""

    text: str
    symbology: str
    gtin: str | None
    elements: dict[str, str]
    corners: list[tuple[float, float]]
    confidence: float


class DecodedAnswer(Answer):
    """Every code that certainly stands in the photo."""

    codes: list[CodeAnswer]


def init_app(app: Flask) -> None:
    """Give the application its desk for photos; no process is started before the first one."""
    app.extensions[DESK] = PhotoDesk()


@bp.url_value_preprocessor
def _allow_photos(_endpoint: str | None, _values: Any) -> None:
    # Before anybody touches the body; everything else stays at the limit of the application.
    request.max_content_length = MOST_BYTES


@bp.post("/decode")
@requires(Permission.SELL)
@bp.doc(description="The body is the photo itself: JPEG, PNG or WebP, at most 5 MB and 20 megapixels.")
@bp.output(DecodedAnswer)
def decode() -> DecodedAnswer:
    """The barcodes in a photo."""
    content = request.get_data()
    if not content:
        raise ImageEmpty
    if not may_be_photo(content):
        raise ImageFormat
    decoded = _decoded(content)
    if decoded.refused is not None:
        raise REFUSALS[decoded.refused]()
    if not decoded.reads:
        raise NoBarcode(hints=list(decoded.hints))
    return DecodedAnswer(codes=[CodeAnswer.model_validate(read) for read in decoded.reads])


def _decoded(content: bytes) -> Decoded:
    desk: PhotoDesk = current_app.extensions[DESK]
    try:
        return desk.read(content)
    except DeskBusy as error:
        raise Busy(retry_after_s=RETRY_AFTER_S) from error
    except DecoderFailed as error:
        log.warning("photo_ended_the_decoder", reason=str(error), bytes=len(content))
        raise ImageBroken from error
