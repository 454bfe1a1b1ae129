"""What the dashboards show: a shop under load, a real Prometheus, every panel's own query, one SVG a dashboard.

python -m benchmarks.dashboards [--seconds 150] [--to docs/images]

Forty tills sell and look up, sales come in waves; halfway the posting worker is away for a while and comes back.
"""

import argparse
import asyncio
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import closed_loop, live_streams, panels
from benchmarks.baskets import Baskets
from benchmarks.checkout import log_in
from benchmarks.till_shop import TillShop, ean, open_shop, own_folder
from tests.prometheus import DASHBOARDS, Prometheus
from tests.system import ROOT, Process

TOKEN = "only-for-prometheus-0123456789"
TILLS = 40
PAGES = 60
SALES_A_SECOND = 60
SCRAPE_WINDOW = "10s"
STEP_S = 2


def main() -> None:
    """Run, ask, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images")
    options = parser.parse_args()
    with own_folder("aisle-dashboards-") as folder:
        draw_all(folder, options.seconds, options.to)


def draw_all(folder: Path, seconds: float, to: Path) -> None:
    """A shop under load, and a picture of each dashboard."""
    os.environ |= {"METRICS_TOKEN": TOKEN, "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"), "HEARTBEAT_S": "2"}
    with open_shop(5000, web_workers=2, threads=16, is_posting=False) as shop:
        prometheus = Prometheus(folder / "prometheus", shop.system.port, TOKEN)
        try:
            began, ended = run(shop, prometheus, seconds)
            for path in sorted(DASHBOARDS.glob("*.json")):
                picture(path, prometheus, began, ended, to)
        finally:
            prometheus.stop()


def run(shop: TillShop, prometheus: Prometheus, seconds: float) -> tuple[float, float]:
    """The load; when it began and ended, in Unix time."""
    shop.system.start_streams()
    shop.system.start_default_worker()
    shop.system.start_beat()
    worker = shop.system.start_stock_worker()
    command(shop, "flask", "--app", "wsgi", "stock", "verify", "--record")
    command(shop, "celery", "-A", "worker", "call", "reports.summarise_days")
    prometheus.wait_until_asked()
    began = time.time()
    asyncio.run(load(shop, log_in(shop), seconds, worker))
    return began, time.time()


def command(shop: TillShop, *words: str) -> None:
    """One command with the shop's settings."""
    environment = shop.system.environment | {"AISLE_ROLE": "worker"}
    subprocess.run([sys.executable, "-m", *words], cwd=ROOT, env=environment, check=True, capture_output=True)


async def load(shop: TillShop, token: str, seconds: float, worker: Process) -> None:
    """Pages that listen, tills that sell, and a worker that is away from 40 % to 55 % of the time."""
    address = urlsplit(live_streams.way_in(shop, token))
    pages = [asyncio.create_task(listen(address.port or 0, f"{address.path}?{address.query}")) for _ in range(PAGES)]
    began = time.perf_counter()
    requests = requests_of(shop, token)
    tills = [asyncio.create_task(till(shop.system.port, requests, began, seconds)) for _ in range(TILLS)]
    await asyncio.sleep(seconds * 0.4)
    worker.kill()
    await asyncio.sleep(seconds * 0.15)
    shop.system.start_stock_worker(name="worker-stock-again")
    await asyncio.gather(*tills)
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, return_exceptions=True)


async def listen(port: int, path: str) -> None:
    """An open page."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(f"GET {path} HTTP/1.0\r\nHost: till\r\n\r\n".encode())
    with suppress(asyncio.IncompleteReadError):
        while True:
            await reader.readuntil(b"\n\n")


async def till(port: int, requests: Iterator[bytes], began: float, seconds: float) -> None:
    """One till: a look-up or a sale now and then, more often at the height of a wave."""
    chance = random.Random()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (gone := time.perf_counter() - began) < seconds:
        wave = 0.6 + 0.4 * math.sin(gone / 12)
        await asyncio.sleep(chance.expovariate(SALES_A_SECOND * 4 * wave / TILLS))
        writer.write(next(requests))
        await closed_loop.read_answer(reader)
    writer.close()


def requests_of(shop: TillShop, token: str) -> Iterator[bytes]:
    """Three look-ups to a sale; some codes nobody knows, some totals that are out of date, some strangers."""
    chance = random.Random(7)
    baskets = Baskets(shop.prices, lines=5, seed=7)
    for lines in baskets:
        for _ in range(3):
            known = chance.random() > 0.04
            code = ean(chance.randint(1, len(shop.prices))) if known else ean(900_000)
            yield closed_loop.get(f"/api/products/by-barcode/{code}", token if chance.random() > 0.02 else "stranger")
        sale = baskets.sale(lines)
        if chance.random() < 0.03:
            sale["expected_total"] += 10
        yield closed_loop.post("/api/sales", sale, token)


def picture(path: Path, prometheus: Prometheus, began: float, ended: float, folder: Path) -> None:
    """Ask every panel of a dashboard and draw it."""
    dashboard = panels.read(path)
    found = {one["title"]: series_of(one, prometheus, began, ended) for one in dashboard["panels"]}
    empty = [title for title, series in found.items() if not any(one.points for one in series)]
    panels.draw(dashboard, found, ended - began, folder / f"dashboards-{path.stem}.svg")
    print(f"{path.stem}: {len(found)} panels, without data: {', '.join(empty) or 'none'}")


def series_of(panel: dict[str, Any], prometheus: Prometheus, began: float, ended: float) -> Sequence[panels.Series]:
    """All lines of a panel over the run."""
    found = []
    for target in panel["targets"]:
        query = target["expr"].replace("$__rate_interval", SCRAPE_WINDOW)
        for row in prometheus.ask_range(query, began, ended, STEP_S):
            points = [(at - began, float(text)) for at, text in row["values"] if math.isfinite(float(text))]
            found.append(panels.Series(panels.legend_of(target["legendFormat"], row["metric"]), points))
    return found


if __name__ == "__main__":
    main()
