"""Sales a second over HTTP beside the bare SQL limit, in one run.

python -m benchmarks.checkout [--json] [--seconds 8] [--products 20000] [--connections 1,16,64]
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

# Runs as a file as well as with -m.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import requests

from benchmarks import bare_sql, closed_loop
from benchmarks.baskets import Baskets
from benchmarks.till_shop import PASSWORD, TillShop, open_shop

LINES = 5
CREATED = (b"201",)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--connections", default="1,16,64")
    parser.add_argument("--web-workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=16)
    options = parser.parse_args()
    with open_shop(options.products, web_workers=options.web_workers, threads=options.threads) as shop:
        result = measure(shop, [int(text) for text in options.connections.split(",")], options.seconds)
    print(json.dumps(result) if options.json else as_text(result))


def measure(shop: TillShop, connections: list[int], seconds: float) -> dict[str, object]:
    """The sale at each number of connections, then the limit."""
    token = log_in(shop)
    closed_loop.run(shop.system.port, 8, 2, sale_requests(shop, token, 1), ok=CREATED)  # warm up
    sale = {
        str(count): closed_loop.run(
            shop.system.port, count, seconds, sale_requests(shop, token, 10 + count), ok=CREATED
        ).summary()
        for count in connections
    }
    limits = {
        processes: bare_sql.sales_per_second(
            shop.database_url, shop.store_id, shop.cashier_id, shop.prices, processes=processes, seconds=seconds,
            lines=LINES,
        )
        for processes in (4, 16)
    }  # fmt: skip
    best = max(limits.values())
    ratios = {count: round(float(one["per_s"]) / best, 2) for count, one in sale.items()}
    return {"sale": sale, "limit": {"per_s": best, "by_processes": limits}, "ratio_to_limit": ratios}


def sale_requests(shop: TillShop, token: str, seed: int) -> Iterator[bytes]:
    """An endless stream of sales of five lines."""
    baskets = Baskets(shop.prices, lines=LINES, seed=seed)
    for basket in baskets:
        yield closed_loop.post("/api/sales", baskets.sale(basket), token)


def log_in(shop: TillShop) -> str:
    """A till's token."""
    credentials = {"username": shop.username, "password": PASSWORD, "token": True}
    answer = requests.post(f"{shop.system.url}/api/session", json=credentials, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["token"])


def as_text(result: dict[str, object]) -> str:
    """A table for people."""
    rows = ["connections  sales/s  mean ms  p50 ms  p95 ms  p99 ms  errors  of limit"]
    sale, ratios, limit = result["sale"], result["ratio_to_limit"], result["limit"]
    assert isinstance(sale, dict)
    assert isinstance(ratios, dict)
    assert isinstance(limit, dict)
    rows += [
        f"{count:>11}  {one['per_s']:>7}  {one['mean_ms']:>7}  {one['p50_ms']:>6}  {one['p95_ms']:>6}"
        f"  {one['p99_ms']:>6}  {one['errors']:>6}  {ratios[count]:>7}x"
        for count, one in sale.items()
    ]
    rows.append(f"bare SQL limit: {limit['per_s']} sales/s {limit['by_processes']}")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
