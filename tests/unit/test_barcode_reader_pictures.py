"""The barcode reader on photos of real goods, where the collection stands beside the repository, and on broken files.

BARCODE_PICTURES names another folder with a manifest.csv; BARCODE_MUTATIONS=10000 breaks that many files.
"""

import csv
import os
import time
from functools import cache
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest

from app.devices.barcode_read import Image
from app.devices.barcode_reader import PhotoRefused, Symbology, read_photo, read_still
from benchmarks.decode_barcodes import judged
from tests.unit.test_barcode_reader import draw

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "barcodes"
FOLDER = Path(os.environ.get("BARCODE_PICTURES", BESIDE))
MUTATIONS = int(os.environ.get("BARCODE_MUTATIONS", "40"))
MOST_GROWTH = 150_000
"""Kilobytes of memory that thousands of broken pictures may leave behind."""
TRUE = "4006381333931"
KINDS = {
    ".png": [],
    ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 80],
    ".webp": [cv2.IMWRITE_WEBP_QUALITY, 80],
}  # fmt: skip


@cache
def outcomes() -> list[tuple[dict[str, str], bool, bool]]:
    """Every third picture: its row, whether it was read, whether anything else was."""
    if not (FOLDER / "manifest.csv").is_file():
        pytest.skip("no collection of pictures here")
    rows = list(csv.DictReader((FOLDER / "manifest.csv").read_text(encoding="utf-8").splitlines()))[::3]
    found = []
    for row in rows:
        picture = cast(Image, cv2.imread(str(FOLDER / row["file"]), cv2.IMREAD_GRAYSCALE))
        reads = read_still(picture, clock=time.thread_time)
        found.append((row, *judged(row, [read.text for read in reads])))
    return found


def test_no_picture_is_misread() -> None:
    assert [row["file"] for row, _, misread in outcomes() if misread] == []


def test_four_of_five_photos_are_read() -> None:
    photos = [read for row, read, _ in outcomes() if row["kind"] == "photo"]

    assert sum(photos) >= 0.8 * len(photos)


def test_nineteen_of_twenty_rendered_codes_are_read() -> None:
    rendered = [read for row, read, _ in outcomes() if row["kind"] == "rendered" and "not GTIN" not in row["group"]]

    assert sum(rendered) >= 0.95 * len(rendered)


def test_broken_files_and_pictures_are_read_rightly_or_refused() -> None:
    random = np.random.default_rng(MUTATIONS)
    files = [encoded(kind, options) for kind, options in KINDS.items()]
    for number in range(MUTATIONS // 2):
        assert_right_or_refused(broken(files[number % len(files)], random))
    before = resident_kb()

    for number in range(MUTATIONS // 2):
        assert_right(spoiled(draw(TRUE, Symbology.EAN_13, 2), random, number))
        assert_right_or_refused(random.bytes(int(random.integers(0, 400))))

    assert resident_kb() - before < MOST_GROWTH


def encoded(kind: str, options: list[int]) -> bytes:
    return cv2.imencode(kind, draw(TRUE, Symbology.EAN_13, 2), options)[1].tobytes()


def broken(file: bytes, random: Any) -> bytes:
    """Some bytes changed, then perhaps cut off, a piece doubled or another file's middle put in."""
    content = bytearray(file)
    for place in random.integers(0, len(content), random.integers(1, 12)):
        content[place] = random.integers(0, 256)
    cut = int(random.integers(0, len(content)))
    ways = (bytes(content), bytes(content[:cut]), bytes(content[:cut] + content[cut // 2 :]), bytes(content[cut:]))
    return ways[int(random.integers(0, len(ways)))]


def spoiled(picture: Image, random: Any, number: int) -> Image:
    """Noise, a blur, columns gone or doubled, a blot, an odd shape: by turns."""
    kind, (height, width) = number % 6, picture.shape
    x, y = int(random.integers(0, width)), int(random.integers(0, height))
    if kind == 0:
        noisy = picture + random.normal(0, random.uniform(5, 90), picture.shape)
        return np.asarray(np.clip(noisy, 0, 255), np.uint8)
    if kind == 1:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), random.uniform(0.3, 5)), np.uint8)
    if kind == 2:
        return np.ascontiguousarray(np.delete(picture, random.integers(0, width, random.integers(1, 40)), axis=1))
    if kind == 3:
        return np.ascontiguousarray(np.repeat(picture, random.integers(1, 3, width), axis=1))
    if kind == 4:
        return np.asarray(cv2.circle(picture.copy(), (x, y), int(random.integers(3, 120)), 0, -1), np.uint8)
    return np.ascontiguousarray(picture[y : y + 1 + x % 7, : x + 1])


def assert_right_or_refused(content: bytes) -> None:
    try:
        reads = read_photo(content)
    except PhotoRefused:
        return
    assert {read.text for read in reads} <= {TRUE}


def assert_right(picture: Image) -> None:
    begun = time.thread_time()

    assert {read.text for read in read_still(picture, clock=time.thread_time)} <= {TRUE}
    assert time.thread_time() - begun < 1


def resident_kb() -> int:
    """Memory of this process now; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS"))
