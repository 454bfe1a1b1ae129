"""A Grafana dashboard drawn as one SVG from the results of its own queries, laid out as Grafana lays it out."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

COLUMN, ROW, GAP = 40, 26, 8
MARGIN_LEFT, MARGIN_RIGHT, TITLE, LEGEND = 62, 12, 26, 16
COLOURS = ("#3274d9", "#e0752d", "#37872d", "#c4162a", "#8f3bb8", "#0a8ea0", "#b5a000", "#7a5c45")
MOST_NAMED = len(COLOURS)
LONGEST_NAME = 34
STYLE = (
    "text{font-family:Helvetica,Arial,sans-serif}.h{font-size:19px;font-weight:bold;fill:#24292e}.t{font-size:13px;fill:#24292e}"
    ".b{font-size:30px;text-anchor:middle;fill:#37872d}.n{font-size:14px;text-anchor:middle;fill:#8e8e8e}"
    ".x{font-size:10.5px;text-anchor:middle;fill:#6e7079}.y{font-size:10.5px;text-anchor:end;fill:#6e7079}"
    ".l{font-size:10.5px;fill:#44474d}"
)
Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a panel: what it is called, and (seconds since the start, value)."""

    name: str
    points: Points


def draw(dashboard: Mapping[str, Any], found: Mapping[str, Sequence[Series]], seconds: float, path: Path) -> None:
    """Write the picture; `found` gives the series of each panel by its title."""
    panels = dashboard["panels"]
    high = max(one["gridPos"]["y"] + one["gridPos"]["h"] for one in panels) * ROW + 40
    width = 24 * COLUMN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{high}" viewBox="0 0 {width} {high}">',
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{high}" fill="#f4f5f5"/>',
        _text("h", 12, 26, dashboard["title"]),
        *(line for one in panels for line in _panel(one, found[one["title"]], seconds)),
        "</svg>",
    ]
    path.write_text("\n".join(parts) + "\n")


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}">{escape(text)}</text>'


def _panel(panel: Mapping[str, Any], series: Sequence[Series], seconds: float) -> Iterator[str]:
    place = panel["gridPos"]
    x, y = place["x"] * COLUMN + GAP / 2, place["y"] * ROW + 40
    width, height = place["w"] * COLUMN - GAP, place["h"] * ROW - GAP
    yield f'<g transform="translate({x:g},{y:g})">'
    yield f'<rect width="{width}" height="{height}" rx="3" fill="#fff" stroke="#dcdfe4"/>'
    yield _text("t", 10, 18, panel["title"])
    unit = panel["fieldConfig"]["defaults"].get("unit", "short")
    drawn = [one for one in series if one.points]
    if not drawn:
        yield _text("n", width / 2, height / 2 + 8, "no data")
    elif panel["type"] == "stat":
        yield _text("b", width / 2, height / 2 + 22, said(drawn[0].points[-1][1], unit))
    else:
        yield from _lines(drawn, unit, seconds, width, height)
    yield "</g>"


def _lines(series: list[Series], unit: str, seconds: float, width: float, height: float) -> Iterator[str]:
    series = sorted(series, key=lambda one: -max(value for _, value in one.points))
    left, right, top, bottom = MARGIN_LEFT, width - MARGIN_RIGHT, TITLE + 4, height - LEGEND - 22
    ticks = _ticks(max(value for one in series for _, value in one.points))
    for tick in ticks:
        at = bottom - (bottom - top) * tick / ticks[-1]
        yield f'<path d="M{left} {at:.1f}H{right}" stroke="#e6e8eb"/>'
        yield _text("y", left - 6, at + 4, said(tick, unit))
    for second in range(0, int(seconds) + 1, 30):
        at = left + (right - left) * second / seconds
        yield _text("x", at, bottom + 14, f"{second // 60}:{second % 60:02d}")
    for number, one in enumerate(series):
        path = _path(one.points, left, right - left, bottom, (bottom - top) / ticks[-1], seconds)
        yield f'<path d="{path}" fill="none" stroke="{COLOURS[number % MOST_NAMED]}" stroke-width="1.6"/>'
    yield from _legend([one.name for one in series], height, width)


def _path(points: Points, left: float, wide: float, bottom: float, scale: float, seconds: float) -> str:
    step = min((later[0] - sooner[0] for sooner, later in pairwise(points)), default=0.0)
    words, last = [], -math.inf
    for at, value in points:
        pen = "L" if at - last <= step * 1.5 else "M"
        words.append(f"{pen}{left + wide * at / seconds:.0f} {bottom - value * scale:.1f}")
        last = at
    return "".join(words)


def _legend(names: list[str], height: float, width: float) -> Iterator[str]:
    at = 12.0
    for number, name in enumerate(names[:MOST_NAMED]):
        short = name if len(name) <= LONGEST_NAME else f"…{name[1 - LONGEST_NAME :]}"
        needs = 22 + len(short) * 6.4
        if at + needs > width - 60:
            yield _text("l", at, height - 9, f"and {len(names) - number} more")
            return
        yield f'<rect x="{at:.0f}" y="{height - 15}" width="11" height="4" fill="{COLOURS[number]}"/>'
        yield _text("l", at + 15, height - 9, short)
        at += needs


def _ticks(highest: float) -> list[float]:
    """Zero and a few round numbers above, the last one not below `highest`."""
    if highest <= 0:
        return [0.0, 1.0]
    raw = highest / 4
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= raw * 0.999)
    return [step * number for number in range(math.ceil(highest / step * 0.999) + 1)]


def said(value: float, unit: str) -> str:
    """A number as the panel's unit has it."""
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "s":
        return _span(value)
    text = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
    return text + {"ms": " ms", "reqps": "/s", "ops": "/s"}.get(unit, "")


def _span(seconds: float) -> str:
    if seconds == 0:
        return "0 s"
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 120 else f"{seconds / 60:.3g} min"


def legend_of(template: str, labels: Mapping[str, str]) -> str:
    """Grafana's legend format with its labels filled in."""
    for name, text in labels.items():
        template = template.replace("{{" + name + "}}", text)
    return re.sub(r"{{\w+}}", "none", template)


def read(path: Path) -> dict[str, Any]:
    """A dashboard as it is provisioned."""
    return dict(json.loads(path.read_text()))
