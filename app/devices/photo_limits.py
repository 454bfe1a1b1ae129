"""What a photo may weigh; apart, so that the web processes need no image library to know it."""

from typing import Final

MOST_BYTES: Final = 5_000_000
MOST_PIXELS: Final = 20_000_000


def may_be_photo(content: bytes) -> bool:
    """Whether the bytes begin like a JPEG, PNG or WebP; what does not need not wait for the decoder."""
    return content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n")) or content[8:12] == b"WEBP"
