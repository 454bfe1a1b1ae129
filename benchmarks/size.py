"""Cost against size: the same questions to shops with few and many products, with no history and years of it.

All shops run at the same time and are asked in turn, so that a busy machine is busy for all of them.

python -m benchmarks.size [--json] [--sizes 1000:10000,100000:10000000] [--seconds 1] [--rounds 5]
    [--connections 1,16]
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

# Runs as a file as well as with -m.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from app.clock import utc_now
from benchmarks import closed_loop, history, processor_time, size_questions, size_work
from benchmarks.size_questions import AT_TILLS, QUESTIONS, Site
from benchmarks.till_shop import open_shop

FINE = (b"200", b"201")
SIZES = "1000:10000,100000:10000,100000:1000000,100000:10000000"
"""The smallest has sold for a day: its pages are full, so that pages are compared with pages."""
CONNECTIONS = "1,16"
WARM_UP = 60
Results = dict[str, dict[str, list[float]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Half of all answers within so many milliseconds; processor time of web and database, rows read, per answer."""

    p50_ms: float
    cpu_ms: float
    rows: float
    errors: int


def main() -> None:
    """Open every shop, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", default=SIZES, help="products:lines, ascending")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", default=CONNECTIONS)
    options = parser.parse_args()
    connections = [int(one) for one in options.connections.split(",")]
    with ExitStack() as stack:
        sites = [stack.enter_context(_site(*map(int, size.split(":")))) for size in options.sizes.split(",")]
        result = measure(sites, connections, options.seconds, options.rounds)
    print(json.dumps(result) if options.json else as_text(result))


@contextmanager
def _site(products: int, lines: int) -> Iterator[Site]:
    with open_shop(products, web_workers=1, threads=16, is_posting=False) as shop:
        past = history.History(products, lines, shop.store_id, shop.cashier_id, utc_now().date())
        history.fill(shop.database_url, past, lambda line: print(line, file=sys.stderr))
        yield size_questions.at(shop, past)


def measure(sites: list[Site], connections: list[int], seconds: float, rounds: int) -> dict[str, Any]:
    """Milliseconds and rows read per question and size: the median of the quietest round."""
    answers: dict[str, Any] = {}
    for name in QUESTIONS:
        if name == next(iter(AT_TILLS)):
            _warm_up(sites, max(connections), seconds)
        for count in connections:
            answers[f"{name} ({count})"] = _question(sites, name, count, seconds, rounds)
    works = {name: _work(sites, name, rounds) for name in size_work.WORKS}
    return {
        "sizes": [site.label for site in sites],
        "answers": answers,
        "works": works,
        "verify_s": [size_work.verify_s(site) for site in sites],
    }


def _warm_up(sites: list[Site], connections: int, seconds: float) -> None:
    """A process that runs knows what sells."""
    for site in sites:
        for name in ("sale", "look-up"):
            _ask(site, name, connections, WARM_UP * seconds, 1)


def _question(sites: list[Site], name: str, connections: int, seconds: float, rounds: int) -> dict[str, Any]:
    found: list[list[Asked]] = [[] for _site in sites]
    for turn in range(rounds):
        for site, ours in zip(sites, found, strict=True):
            ours.append(_ask(site, name, connections, seconds, 100 * turn + connections))
    times = [min(one.p50_ms for one in ours) for ours in found]
    processor = [min(one.cpu_ms for one in ours) for ours in found]
    return {
        "p50_ms": times, "ratio": ratio(times), "cpu_ms": processor, "cpu_ratio": ratio(processor),
        "rows": [round(median(one.rows for one in ours)) for ours in found],
        "errors": sum(one.errors for ours in found for one in ours),
    }  # fmt: skip


def _ask(site: Site, name: str, connections: int, seconds: float, seed: int) -> Asked:
    shop, rows, spent = site.shop, site.rows_read(), _processor_s(site)
    measured = closed_loop.run(shop.system.port, connections, seconds, QUESTIONS[name](site, f"{name}{seed}"), ok=FINE)
    asked = max(len(measured.seconds), 1)
    return Asked(
        median(measured.seconds or [0.0]) * 1000, (_processor_s(site) - spent) * 1000 / asked,
        (site.rows_read() - rows) / asked, measured.errors,
    )  # fmt: skip


def _processor_s(site: Site) -> float:
    return sum(processor_time.of_tree(pid) for pid in (site.shop.web_pid, site.shop.database_pid))


def _work(sites: list[Site], name: str, rounds: int) -> dict[str, Any]:
    found: list[list[float]] = [[] for _site in sites]
    for _turn in range(rounds):
        for site, ours in zip(sites, found, strict=True):
            ours.append(size_work.run(site, name))
    times = [min(ours) for ours in found]
    return {"ms": times, "ratio": ratio(times)}


def ratio(times: list[float]) -> float:
    """The slowest size of all in terms of the first."""
    return round(max(times) / max(times[0], 0.001), 2)


def as_text(result: dict[str, Any]) -> str:
    """Tables for people: milliseconds until the answer, and of processor."""
    rows: list[str] = []
    for kind, title, share in (("p50_ms", "p50 ms", "ratio"), ("cpu_ms", "processor ms", "cpu_ratio")):
        rows.append(f"| what (connections), {title} | {' | '.join(result['sizes'])} | most : first | rows read |")
        rows.append("| --- " * (len(result["sizes"]) + 3) + "|")
        for name, one in result["answers"].items():
            errors = f" ({one['errors']} errors)" if one["errors"] else ""
            rows.append(
                f"| {name}{errors} | {_cells(one[kind])} | {one[share]:.2f} | {_cells(one['rows'], ' / ', 0)} |"
            )
        rows.append("")
    rows += [
        f"| {name} | {_cells(one['ms'], places=2)} | {one['ratio']:.2f} |" for name, one in result["works"].items()
    ]
    rows.append(f"| `flask stock verify`, s | {_cells(result['verify_s'])} | |")
    return "\n".join(rows)


def _cells(values: list[float], between: str = " | ", places: int = 1) -> str:
    return between.join(f"{value:.{places}f}" for value in values)


if __name__ == "__main__":
    main()
