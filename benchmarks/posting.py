"""How fast the ledger catches up: a burst of sales waits, then one stock worker posts it.

python -m benchmarks.posting [--json] [--sales 20000] [--products 5000]
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

# Runs as a file as well as with -m.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from flask import Flask
from sqlalchemy import func, select

from app.clock import utc_now
from app.domain.checkout import BasketLine, NewSale
from app.domain.pricing import Tendered
from app.factory import create_app
from app.models.checkout import Sale
from app.services import checkout, stock
from app.unit_of_work import read_only, transact
from benchmarks import processor_time
from benchmarks.baskets import Baskets
from benchmarks.checkout import LINES
from benchmarks.till_shop import TillShop, open_shop
from tests.databases import settings_for

GROUP = 32


def main() -> None:
    """Sell, start the worker, wait, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sales", type=int, default=20_000)
    parser.add_argument("--products", type=int, default=5_000)
    options = parser.parse_args()
    with open_shop(options.products, web_workers=1, threads=4, is_posting=False) as shop:
        result = measure(shop, create_app(settings_for(shop.database_url)), options.sales)
    print(json.dumps(result) if options.json else as_text(result))


def measure(shop: TillShop, app: Flask, sales: int) -> dict[str, Any]:
    """The burst, the time until nothing waits, and whether the books agree."""
    baskets = iter(Baskets(shop.prices, lines=LINES, seed=5))
    source = Baskets(shop.prices, lines=LINES, seed=6)
    with app.app_context():
        for _ in range(sales // GROUP):
            _sell(shop, [_sale(shop, source, next(baskets)) for _ in range(GROUP)])
        waiting = _unposted()
        worker = shop.system.start_stock_worker(processes=1).group
        shop.system.start_beat()
        begun = time.perf_counter()
        while (left := _unposted()) == waiting:
            time.sleep(0.05)
        before = _processor_seconds(worker, shop)
        while _unposted():
            time.sleep(0.25)
        seconds = time.perf_counter() - begun
        spent = [1000 * (now - then) / left for then, now in zip(before, _processor_seconds(worker, shop), strict=True)]
        with read_only() as session:
            broken = len(stock.verify(session))
    return {
        "burst": waiting, "drained_s": round(seconds, 1), "per_s": round(waiting / seconds, 1), "violations": broken,
        "worker_ms": round(spent[0], 3), "database_ms": round(spent[1], 3),
    }  # fmt: skip


def _sell(shop: TillShop, sales: list[NewSale]) -> None:
    transact(lambda session: checkout.ring_up_all(session, sales, now=utc_now()))


def _sale(shop: TillShop, source: Baskets, lines: list[tuple[int, int]]) -> NewSale:
    total = source.total(lines)
    return NewSale(
        uuid=UUID(source.uuid()), store_id=shop.store_id, till="B1", cashier_id=shop.cashier_id,
        lines=tuple(BasketLine(*line) for line in lines), payments=(Tendered("cash", total),), expected_total=total,
    )  # fmt: skip


def _processor_seconds(worker: int, shop: TillShop) -> tuple[float, float]:
    """What the worker and the database have used so far."""
    return processor_time.of_tree(worker), processor_time.of_tree(shop.database_pid)


def _unposted() -> int:
    with read_only() as session:
        return session.scalar(select(func.count()).select_from(Sale).where(Sale.posted_at.is_(None))) or 0


def as_text(result: dict[str, Any]) -> str:
    """One line for people."""
    return (
        f"{result['burst']} sales waited; posted in {result['drained_s']} s with the worker's start"
        f" ({result['per_s']}/s); {result['violations']} violations; processor time a sale once it had begun:"
        f" worker {result['worker_ms']} ms, database {result['database_ms']} ms"
    )


if __name__ == "__main__":
    main()
