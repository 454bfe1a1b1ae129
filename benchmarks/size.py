"""Cost against size: the same questions to shops with few and many products, with no history and years of it.

All shops run at the same time and are asked in turn, so that a busy machine is busy for all of them.

python -m benchmarks.size [--json] [--sizes 1000:10000,100000:10000000] [--seconds 1] [--rounds 5]
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

# Runs as a file as well as with -m.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from app.clock import utc_now
from benchmarks import closed_loop, history, size_questions, size_work
from benchmarks.size_questions import QUESTIONS, Site
from benchmarks.till_shop import open_shop

FINE = (b"200", b"201")
SIZES = "1000:10000,100000:10000,100000:1000000,100000:10000000"
"""The smallest has sold for a day: its pages are full, so that pages are compared with pages."""
CONNECTIONS = (1, 16)
Results = dict[str, dict[str, list[float]]]


def main() -> None:
    """Open every shop, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", default=SIZES, help="products:lines, ascending")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with ExitStack() as stack:
        sites = [stack.enter_context(_site(*map(int, size.split(":")))) for size in options.sizes.split(",")]
        result = measure(sites, options.seconds, options.rounds)
    print(json.dumps(result) if options.json else as_text(result))


@contextmanager
def _site(products: int, lines: int) -> Iterator[Site]:
    with open_shop(products, web_workers=1, threads=16, is_posting=False) as shop:
        past = history.History(products, lines, shop.store_id, shop.cashier_id, utc_now().date())
        history.fill(shop.database_url, past, lambda line: print(line, file=sys.stderr))
        yield size_questions.at(shop, past)
    shutil.rmtree(shop.system.folder, ignore_errors=True)


def measure(sites: list[Site], seconds: float, rounds: int) -> dict[str, Any]:
    """Milliseconds and rows read per question and size: the median of the quietest round."""
    for site in sites:
        _ask(site, "sale", 4, seconds, 1)
    answers = {
        f"{name} ({connections})": _question(sites, name, connections, seconds, rounds)
        for name in QUESTIONS
        for connections in CONNECTIONS
    }
    works = {name: _work(sites, name, rounds) for name in size_work.WORKS}
    return {
        "sizes": [site.label for site in sites],
        "answers": answers,
        "works": works,
        "verify_s": [size_work.verify_s(site) for site in sites],
    }


def _question(sites: list[Site], name: str, connections: int, seconds: float, rounds: int) -> dict[str, Any]:
    found: list[list[tuple[float, float, int]]] = [[] for _site in sites]
    for turn in range(rounds):
        for site, ours in zip(sites, found, strict=True):
            ours.append(_ask(site, name, connections, seconds, 100 * turn + connections))
    times = [min(one[0] for one in ours) for ours in found]
    return {
        "p50_ms": times, "rows": [round(median(one[1] for one in ours)) for ours in found],
        "errors": sum(one[2] for ours in found for one in ours), "ratio": ratio(times),
    }  # fmt: skip


def _ask(site: Site, name: str, connections: int, seconds: float, seed: int) -> tuple[float, float, int]:
    """Half of all answers within so many milliseconds, rows that the database read for one, errors."""
    before = site.rows_read()
    measured = closed_loop.run(
        site.shop.system.port, connections, seconds, QUESTIONS[name](site, f"{name}{seed}"), ok=FINE
    )
    summary = measured.summary()
    asked = max(len(measured.seconds), 1)
    return median(measured.seconds or [0.0]) * 1000, (site.rows_read() - before) / asked, int(summary["errors"])


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
    """A table for people."""
    rows = ["| what (connections), p50 ms | " + " | ".join(result["sizes"]) + " | slowest : first | rows read |"]
    rows.append("| --- " * (len(result["sizes"]) + 3) + "|")
    for name, one in result["answers"].items():
        times = " | ".join(f"{value:.1f}" for value in one["p50_ms"])
        errors = f" ({one['errors']} errors)" if one["errors"] else ""
        rows.append(f"| {name}{errors} | {times} | {one['ratio']:.2f} | {' / '.join(map(str, one['rows']))} |")
    for name, one in result["works"].items():
        rows.append(f"| {name} | " + " | ".join(f"{value:.2f}" for value in one["ms"]) + f" | {one['ratio']:.2f} | |")
    rows.append("| `flask stock verify`, s | " + " | ".join(f"{value:.1f}" for value in result["verify_s"]) + " | | |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
