"""A thousand tills: reports, sales, look-ups, both mixed, one hot product, and the bare SQL limit, in one run.

python -m benchmarks.tills [--json] [--seconds 6] [--products 20000]
"""

import argparse
import itertools
import json
import random
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Runs as a file as well as with -m.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from sqlalchemy import Engine, create_engine, text

from app.clock import utc_now
from benchmarks import bare_sql, closed_loop, history, processor_time, size_questions
from benchmarks.baskets import Baskets
from benchmarks.checkout import LINES, sale_requests
from benchmarks.till_shop import TillShop, ean, open_shop
from tests.servers import wait_until

CONNECTIONS = (1, 16, 64, 256, 1000)
HOT_PIECES = 300
PAST = 200_000
"""Lines of twenty days that were sold before, for the reports."""
REPORTS = ("report of today", "report of a day, categories", "report of a day, products", "report of a day, hours")
FINE = (b"200", b"201")
Phase = Callable[[], dict[str, Any]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--web-workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=48)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
    with open_shop(options.products, web_workers=options.web_workers, threads=options.threads) as shop:
        past = history.History(options.products, PAST, shop.store_id, shop.cashier_id, utc_now().date())
        history.fill(shop.database_url, past)
        result = measure(size_questions.at(shop, past), options.seconds)
    print(json.dumps(result) if options.json else as_text(result))


def measure(site: size_questions.Site, seconds: float) -> dict[str, Any]:
    """All phases, one after the other; the office asks before a rush makes a day of eighty thousand receipts."""
    shop, token = site.shop, site.till
    _warm_up(shop, token)
    _phase(shop, 4, seconds / 2, _reports(site))
    report = _phase(shop, 4, seconds, _reports(site))
    search = _phase(shop, 4, seconds / 2, _searches(shop, token))
    sale = {str(count): _phase(shop, count, seconds, sale_requests(shop, token, 100 + count)) for count in CONNECTIONS}
    _phase(shop, 1000, seconds / 2, _lookups(shop, token, 6))  # a process that runs knows what sells
    lookup = _phase(shop, 1000, seconds, _lookups(shop, token, 7))
    anything = _phase(shop, 1000, seconds, _lookups_of_anything(shop, token))
    bare = _phase(shop, 1000, seconds, itertools.repeat(closed_loop.get("/healthz", token)))
    mixed = _phase(shop, 1000, seconds, _mixed(shop, token))
    limits = {
        processes: bare_sql.sales_per_second(
            shop.database_url, shop.store_id, shop.cashier_id, shop.prices, processes=processes, seconds=seconds,
            lines=LINES,
        )
        for processes in (4, 16)
    }  # fmt: skip
    return {
        "sale": sale, "lookup": {"1000": lookup}, "lookup_anything": {"1000": anything},
        "bare_route": {"1000": bare}, "mixed": {"1000": mixed},
        "hot": _hot(shop, token, seconds), "report": {"4": report}, "search": {"4": search},
        "limit": {"per_s": max(limits.values()), "by_processes": limits},
    }  # fmt: skip


def _warm_up(shop: TillShop, token: str) -> None:
    """Sell a little and wait until it is posted: the worker's own start would count as the tills' time."""
    _phase(shop, 16, 2, sale_requests(shop, token, 1))
    engine = create_engine(shop.database_url)
    try:
        wait_until(lambda: _unposted(engine) == 0, seconds=60, step=0.25)
    finally:
        engine.dispose()


def _unposted(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT COUNT(*) FROM sales WHERE posted_at IS NULL")).scalar_one())


def _phase(
    shop: TillShop, connections: int, seconds: float, requests: Iterator[bytes], fine: tuple[bytes, ...] = FINE
) -> dict[str, Any]:
    """One closed loop, with the processor seconds that server and database spent on it."""
    pids = {"web": shop.web_pid, "database": shop.database_pid}
    before = {name: processor_time.of_tree(pid) for name, pid in pids.items()}
    measured = closed_loop.run(shop.system.port, connections, seconds, requests, ok=fine)
    thousands = max(len(measured.seconds), 1) / 1000
    spent = {name: round((processor_time.of_tree(pid) - before[name]) / thousands, 3) for name, pid in pids.items()}
    return measured.summary() | {"cpu_s_per_1000": round(sum(spent.values()), 3), "cpu_s_per_1000_by": spent}


def _lookups(shop: TillShop, token: str, seed: int) -> Iterator[bytes]:
    """Scans of what baskets hold: some products are in every second one."""
    numbers = {product_id: number for number, product_id in enumerate(shop.prices, start=1)}
    for lines in Baskets(shop.prices, lines=LINES, seed=seed):
        for product_id, _quantity in lines:
            yield closed_loop.get(f"/api/products/by-barcode/{ean(numbers[product_id])}", token)


def _lookups_of_anything(shop: TillShop, token: str) -> Iterator[bytes]:
    """Every product is as likely as any other: what is remembered helps least."""
    chance = random.Random(10)
    numbers = range(1, len(shop.prices) + 1)
    while True:
        yield closed_loop.get(f"/api/products/by-barcode/{ean(chance.choice(numbers))}", token)


def _reports(site: size_questions.Site) -> Iterator[bytes]:
    """Today, and a day by category, by product and by hour, in turn."""
    for one in itertools.cycle([size_questions.QUESTIONS[name](site, "") for name in REPORTS]):
        yield next(one)


def _searches(shop: TillShop, token: str) -> Iterator[bytes]:
    for number in itertools.count(1):
        yield closed_loop.get(f"/api/products?search=product+{number % 97}&limit=20", token)


def _mixed(shop: TillShop, token: str) -> Iterator[bytes]:
    """Nine look-ups to one sale."""
    lookups, sales = _lookups(shop, token, 8), sale_requests(shop, token, 9)
    for number in itertools.count():
        yield next(sales) if number % 10 == 0 else next(lookups)


def _hot(shop: TillShop, token: str, seconds: float) -> dict[str, Any]:
    """One promoted product in every basket with 300 pieces: exactly 300 may be sold."""
    hot = next(iter(shop.prices))
    engine = create_engine(shop.database_url)
    level = {"store": shop.store_id, "product": hot}
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE stock_levels SET on_hand = reserved + :pieces WHERE store_id = :store AND product_id = :product"
            ),
            level | {"pieces": HOT_PIECES * 1000},
        )
    sold_before = _sold(engine, level)
    phase = _phase(shop, 256, seconds, _hot_baskets(shop, token, hot), (*FINE, b"409"))
    sold = _sold(engine, level) - sold_before
    engine.dispose()
    return {"stock": HOT_PIECES, "sold": sold // 1000, **phase}


def _sold(engine: Engine, level: dict[str, int]) -> int:
    with engine.connect() as connection:
        return int(
            connection.execute(
                text(
                    "SELECT COALESCE(SUM(l.quantity), 0) FROM sale_lines l JOIN sales s ON s.id = l.sale_id"
                    " WHERE s.store_id = :store AND l.product_id = :product"
                ),
                level,
            ).scalar_one()
        )


def _hot_baskets(shop: TillShop, token: str, hot: int) -> Iterator[bytes]:
    baskets = Baskets(shop.prices, lines=LINES, seed=77)
    for lines in baskets:
        others = [(product_id, quantity) for product_id, quantity in lines if product_id != hot]
        yield closed_loop.post("/api/sales", baskets.sale([(hot, 1000), *others[: LINES - 1]]), token)


def as_text(result: dict[str, Any]) -> str:
    """A table for people."""
    limit = result["limit"]["per_s"]
    rows = ["what     connections     per s  mean ms   p50 ms   p95 ms   p99 ms  errors  cpu s/1000"]
    for name in ("sale", "lookup", "lookup_anything", "bare_route", "mixed", "report", "search"):
        for count, one in result[name].items():
            rows.append(
                f"{name:<16}{count:>6}  {one['per_s']:>8}  {one['mean_ms']:>7}  {one['p50_ms']:>7}  {one['p95_ms']:>7}"
                f"  {one['p99_ms']:>7}  {one['errors']:>6}  {one['cpu_s_per_1000']:>10}"
            )
    hot = result["hot"]
    rows.append(f"hot product: {hot['stock']} pieces, {hot['sold']} sold, {hot['errors']} errors, {hot['per_s']}/s")
    rows.append(f"bare SQL limit: {limit} sales/s {result['limit']['by_processes']}")
    rows.append(f"sales of limit: { ({key: round(one['per_s'] / limit, 2) for key, one in result['sale'].items()}) }")
    ratio = result["lookup"]["1000"]["per_s"] / max(result["bare_route"]["1000"]["per_s"], 1)
    rows.append(f"look-up of bare route: {ratio:.2f}")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
