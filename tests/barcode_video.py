"""Videos of a product's barcode as a camera would see it: on a grainy ground, a little turned, never quite still."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from app.devices.barcode_layout import layout_of
from app.devices.barcode_read import Image, Symbology

Size = tuple[int, int]
SIZE: Final = (1280, 720)
"""Width and height."""
PER_SECOND: Final = 20
ACROSS: Final = 320
"""Narrowest bars in the width of a picture."""
SEED: Final = 7


def frames(text: str | None, count: int, *, turned: float = 6.0, size: Size = SIZE) -> Iterator[Image]:
    """So many pictures of an EAN-13 on its white label, or of the ground alone; BGR."""
    random = np.random.default_rng(SEED)
    label = _label(text, size[0] // ACROSS) if text else None
    for number in range(count):
        ground = random.normal(120, 22, (size[1], size[0])).clip(0, 255).astype(np.uint8)
        if label is not None:
            _lay(ground, label, turned + np.sin(number / 9), shift=4 * np.sin(number / 5))
        yield np.asarray(cv2.cvtColor(cv2.GaussianBlur(ground, (3, 3), 0), cv2.COLOR_GRAY2BGR), np.uint8)


def write_mjpeg(path: Path, pictures: Iterator[Image]) -> Path:
    """One JPEG after the other: what Chromium takes for a camera."""
    with path.open("wb") as file:
        for picture in pictures:
            file.write(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes())
    return path


def write_avi(path: Path, pictures: Iterator[Image], size: Size = SIZE) -> Path:
    """What OpenCV takes for a camera."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), PER_SECOND, size)
    for picture in pictures:
        writer.write(picture)
    writer.release()
    return path


def _label(text: str, module: int) -> Image:
    layout = layout_of(text, Symbology.EAN_13)
    assert layout is not None
    bars = np.repeat(np.array([20 if bit == "1" else 235 for bit in layout.bits], np.uint8), module)
    return np.pad(np.tile(bars, (55 * module, 1)), 12 * module, constant_values=235)


def _lay(ground: Image, label: Image, degrees: float, shift: float) -> None:
    height, width = label.shape
    size = ground.shape[1], ground.shape[0]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[:, 2] += (size[0] / 2 - width / 2 + shift, size[1] / 2 - height / 2 + shift / 2)
    laid = cv2.warpAffine(label, turn, size, flags=cv2.INTER_LINEAR)
    inside = cv2.warpAffine(np.full_like(label, 255), turn, size) > 127
    noise = np.random.default_rng(SEED).normal(0, 6, ground.shape)
    ground[inside] = (laid + noise).clip(0, 255).astype(np.uint8)[inside]
