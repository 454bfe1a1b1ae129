"""What a photo may weigh; apart, so that the web processes need no image library to know it."""

from typing import Final

MOST_BYTES: Final = 5_000_000
MOST_PIXELS: Final = 20_000_000
