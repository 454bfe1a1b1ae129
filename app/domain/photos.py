"""What a photo of a barcode may be refused for."""

from app.domain.errors import ShopError


class NoBarcode(ShopError):
    """No code in the photo that can be trusted; `hints` say what its taker may do better."""

    code = "no_barcode"


class ImageEmpty(ShopError):
    """A photo of no bytes."""

    code = "image_empty"


class ImageFormat(ShopError):
    """Neither JPEG nor PNG nor WebP, whatever its name says."""

    code = "image_format"


class ImageTooLarge(ShopError):
    """More bytes or pixels than a photo of a barcode needs."""

    code = "image_too_large"


class ImageBroken(ShopError):
    """A photo that begins like one and cannot be decoded."""

    code = "image_broken"
