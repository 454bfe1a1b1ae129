"""Barcode readers on a folder of pictures with manifest.csv: read, misread and milliseconds, ours beside the others.

python -m benchmarks.decode_barcodes DIR [--json] [--decoders aisle,pyzbar,zxingcpp,cv2] [--clock wall|thread]
python -m benchmarks.decode_barcodes DIR --frames [--json]: live video instead, beside pyzbar limited to EAN and UPC
"""

import argparse
import csv
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar
from pyzbar.pyzbar import ZBarSymbol

# Runs as a file as well as with -m.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from app.devices.barcode_read import Image
from app.devices.barcode_reader import FrameReader, read_still
from app.devices.gs1_text import upc_a

CLOCKS = {"wall": time.perf_counter, "thread": time.thread_time}
Clock = Callable[[], float]
FRAME = (960, 540)
FRAMES = 6
RETAIL = [ZBarSymbol.EAN13, ZBarSymbol.EAN8, ZBarSymbol.UPCA, ZBarSymbol.UPCE]
Row = dict[str, str]
Decoder = Callable[[Image, Clock], list[str]]


def main() -> None:
    """Read every picture with every decoder, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--decoders", default=",".join(DECODERS))
    parser.add_argument("--clock", choices=sorted(CLOCKS), default="wall", help="thread: this thread's processor time")
    parser.add_argument("--frames", action="store_true", help="six frames of 960 x 540 of every photo")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rows = list(csv.DictReader((options.folder / "manifest.csv").read_text(encoding="utf-8").splitlines()))
    if options.frames:
        seen = frames(options.folder, [row for row in rows if row["kind"] == "photo"], CLOCKS[options.clock])
        print(
            json.dumps({"frames": seen}, indent=1) if options.json else "\n".join(f"{k:30}{v}" for k, v in seen.items())
        )
        return
    results = {name: run(name, options.folder, rows, CLOCKS[options.clock]) for name in options.decoders.split(",")}
    print(json.dumps({"decoders": results}, indent=1) if options.json else table(results))


def run(name: str, folder: Path, rows: list[Row], clock: Clock) -> dict[str, Any]:
    """Counts and times of one decoder."""
    decode, outcomes = DECODERS[name], []
    decode(np.full((80, 80), 255, np.uint8), clock)  # loads what the first call loads
    for row in rows:
        picture = cv2.imread(str(folder / row["file"]), cv2.IMREAD_GRAYSCALE)
        begun = clock()
        texts = decode(cast(Image, picture), clock)
        outcomes.append((row, *judged(row, texts), (clock() - begun) * 1000))
    groups = defaultdict(list)
    for outcome in outcomes:
        groups[outcome[0]["group"]].append(outcome)
        groups[f"set {outcome[0]['set']}"].append(outcome)
    photos = [outcome for outcome in outcomes if outcome[0]["kind"] == "photo"]
    return {
        **summary(outcomes), "photos": len(photos), "photos_read": sum(read for _, read, _, _ in photos),
        "misread_files": [row["file"] for row, _, wrong, _ in outcomes if wrong],
        "groups": {group: summary(members) for group, members in sorted(groups.items())},
    }  # fmt: skip


def frames(folder: Path, rows: list[Row], clock: Clock) -> dict[str, Any]:
    """Milliseconds a frame of both, their ratios, and photos of which a code was accepted."""
    times: dict[str, list[float]] = {"aisle": [], "pyzbar": []}
    outcomes = {"aisle": [0, 0], "pyzbar": [0, 0]}
    for row in rows:
        picture = cast(Image, cv2.imread(str(folder / row["file"]), cv2.IMREAD_GRAYSCALE))
        frame = np.asarray(cv2.resize(picture, FRAME), np.uint8)
        readers: dict[str, Callable[[Image], list[Any]]] = {
            "aisle": FrameReader().read,
            "pyzbar": partial(pyzbar.decode, symbols=RETAIL),
        }
        for name, read in readers.items():
            texts: list[str] = []
            for _ in range(FRAMES):
                begun = clock()
                codes = read(frame)
                times[name].append((clock() - begun) * 1000)
                texts += [code.data.decode() if name == "pyzbar" else code.text for code in codes]
            outcomes[name] = [sum(pair) for pair in zip(outcomes[name], judged(row, texts), strict=True)]
    result: dict[str, Any] = {"photos": len(rows)}
    for name, taken in times.items():
        median, p95 = (round(float(np.percentile(taken, share)), 1) for share in (50, 95))
        result |= {f"{name} accepted": outcomes[name][0], f"{name} misread": outcomes[name][1]}
        result |= {f"{name} ms_median": median, f"{name} ms_p95": p95}
    for share in ("ms_median", "ms_p95"):
        result[f"ratio {share}"] = round(result[f"aisle {share}"] / result[f"pyzbar {share}"], 2)
    return result


def judged(row: Row, texts: list[str]) -> tuple[bool, bool]:
    """Whether the expected text was read, and whether anything was read that does not stand in the picture."""
    wanted = canonical(row["expected"])
    there = {canonical(text) for text in [row["expected"], *row["also_visible"].split("|")] if text}
    seen = {canonical(text) for text in texts}
    return bool(wanted) and wanted in seen, bool(seen - there)


def canonical(text: str) -> str:
    """One spelling of the same content: GTINs with 14 digits, GS1 identifiers without brackets, no FNC1."""
    bare = text.replace("(", "").replace(")", "").replace("\x1d", "").strip()
    if bare.isdigit() and len(bare) == 16 and bare.startswith("01"):
        bare = bare[2:]
    if bare.isdigit() and len(bare) in (12, 13):
        return bare.zfill(14)
    # Eight digits may be EAN-8 or UPC-E: libraries spell UPC-E as UPC-A, so both are compared as UPC-A where it fits.
    return (upc_a(bare) or bare).zfill(14) if bare.isdigit() and len(bare) == 8 and is_upc_e(bare) else bare


def is_upc_e(text: str) -> bool:
    """Whether the eight digits are a UPC-E with a right check digit."""
    long = upc_a(text)
    return long is not None and sum(int(d) * (1 if place % 2 else 3) for place, d in enumerate(long)) % 10 == 0


def summary(outcomes: list[Any]) -> dict[str, Any]:
    """Counts and milliseconds of some outcomes."""
    times = [milliseconds for *_, milliseconds in outcomes]
    return {
        "pictures": len(outcomes), "read": sum(read for _, read, _, _ in outcomes),
        "misread": sum(wrong for _, _, wrong, _ in outcomes), "ms_median": round(float(np.median(times)), 1),
        "ms_p95": round(float(np.percentile(times, 95)), 1), "ms_max": round(max(times), 1),
    }  # fmt: skip


def table(results: dict[str, dict[str, Any]]) -> str:
    """One line per group: read/pictures, misread, median and p95 of every decoder."""
    lines = [f"{'':34}" + "".join(f"{name:>26}" for name in results)]
    lines.append(f"{'group':34}" + f"{'read bad  median    p95':>26}" * len(results))
    for group in next(iter(results.values()))["groups"]:
        lines.append(f"{group:34}" + "".join(_cell(result["groups"][group]) for result in results.values()))
    lines.append(f"{'all':34}" + "".join(_cell(result) for result in results.values()))
    photos = (f"{result['photos_read']} of {result['photos']}" for result in results.values())
    lines.append(f"{'photos read':34}" + "".join(f"{text:>26}" for text in photos))
    return "\n".join(lines)


def _cell(one: dict[str, Any]) -> str:
    return f"{one['read']:>6}/{one['pictures']:<3} {one['misread']:>2} {one['ms_median']:>6} {one['ms_p95']:>6}"


def _cv2(picture: Image, _: Clock) -> list[str]:
    found, texts, *_rest = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(picture)
    return [text for text in texts if text] if found else []


DECODERS: dict[str, Decoder] = {
    "aisle": lambda picture, clock: [read.text for read in read_still(picture, clock=clock)],
    "pyzbar": lambda picture, _: [code.data.decode("utf-8", "replace") for code in pyzbar.decode(picture)],
    "zxingcpp": lambda picture, _: [code.text for code in zxingcpp.read_barcodes(picture)],
    "cv2": _cv2,
}

if __name__ == "__main__":
    main()
