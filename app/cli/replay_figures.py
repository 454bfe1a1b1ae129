"""What a replay writes down and what it adds up."""

import json
import math
import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.clock import utc_now


class Journal:
    """Every attempt and its answer, one JSON object a line, flushed as it happens."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w", encoding="utf-8", buffering=1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, **entry: Any) -> None:
        """Add one line."""
        line = json.dumps({"at": utc_now().isoformat(), **entry}, ensure_ascii=False, separators=(",", ":"))
        with self._lock:
            self._file.write(line + "\n")


@dataclass(slots=True)
class Figures:
    """Counts and latencies of one till, or of all together."""

    sold: int = 0
    lines: int = 0
    gave_up: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    latencies: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: "Figures") -> None:
        """Take the figures of another till in."""
        self.sold += other.sold
        self.lines += other.lines
        self.gave_up += other.gave_up
        self.codes += other.codes
        self.failures += other.failures
        for call, seconds in other.latencies.items():
            self.latencies[call] += seconds


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of the sorted values do not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def summary(figures: Figures, elapsed_s: float) -> list[str]:
    """The figures as lines of text."""
    per_second = figures.sold / elapsed_s if elapsed_s else 0.0
    lines = [
        f"{figures.sold} sales with {figures.lines} lines in {elapsed_s:.1f} s: {per_second:.1f} sales/s",
        f"{figures.gave_up} baskets left empty by shortages",
        f"{'call':<8}{'count':>9}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}{'max ms':>10}",
    ]
    for call, seconds in sorted(figures.latencies.items()):
        ordered = sorted(seconds)
        shown = "".join(f"{percentile(ordered, percent) * 1000:>10.1f}" for percent in (50, 95, 99, 100))
        lines.append(f"{call:<8}{len(ordered):>9}{shown}")
    lines += [f"  {count:>8} × {code}" for code, count in figures.codes.most_common()]
    lines += [f"  {count:>8} × FAILURE {code}" for code, count in figures.failures.most_common()]
    return lines
