"""What reports cost in a shop with years of sales: the nightly run, every report, the whole dashboard.

python -m benchmarks.report_times [--json] [--products 10000] [--lines 10000000] [--rounds 5]
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

import requests
from sqlalchemy import create_engine, text

# Runs as a file as well as with -m.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from app.clock import utc_now
from app.services import checkout, reports
from app.tasks import reports as report_tasks
from app.unit_of_work import transact
from benchmarks import history, processor_time, size_questions, size_work
from benchmarks.baskets import Baskets
from benchmarks.size_questions import Site
from benchmarks.till_shop import open_shop

SALES_TODAY: Final = 500
CATEGORIES: Final = 20
EMPTY: Final = 50
"""Every so manieth product has been sold out to the last piece."""
REPORTS: Final = {
    "today": "today", "categories, 28 days": "categories?limit=200", "products, 28 days": "products?limit=50",
    "categories, 400 days": "categories?first={long}&last={today}&limit=200", "sales per day and hour": "hours",
    "cashiers": "cashiers", "stock value, slow and dead": "stock", "shrinkage": "shrinkage",
    "a product, 400 days": "products/1?first={long}&last={today}",
}  # fmt: skip
FIRST_SIGHT: Final = ("today", "categories, 28 days")
PAGE: Final = (
    "products, 28 days", "sales per day and hour", "stock value, slow and dead", "shrinkage", "cashiers",
)  # fmt: skip


def main() -> None:
    """Fill, run, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with open_shop(options.products, web_workers=1, threads=16, is_posting=False) as shop:
        past = history.History(options.products, options.lines, shop.store_id, shop.cashier_id, utc_now().date())
        history.fill(shop.database_url, past, lambda line: print(line, file=sys.stderr))
        _vary(shop.database_url)
        site = size_questions.at(shop, past)
        found = {
            "site": site.label,
            "days": past.days,
            "night": _night(site),
            "reports": _reports(site, options.rounds),
        }
    print(json.dumps(found) if options.json else as_text(found))


def _vary(url: str) -> None:
    """Several categories, an opening before the first sale, and products that are sold out."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (
            (
                "INSERT INTO categories (name, service_level) SELECT CONCAT('Category ', seq), 950"
                f" FROM seq_1_to_{CATEGORIES}"
            ),
            (
                "UPDATE products SET category_id = (SELECT MIN(id) FROM categories WHERE name = 'Category 1')"
                f" + id MOD {CATEGORIES}"
            ),
            (
                "UPDATE stock_movements SET occurred_at = (SELECT MIN(sold_at) FROM sales) - INTERVAL 1 HOUR"
                " WHERE kind = 'opening'"
            ),
            (
                "CREATE TABLE sold (PRIMARY KEY (product_id)) SELECT product_id, SUM(units) AS units FROM daily_sales"
                f" WHERE product_id MOD {EMPTY} = 0 GROUP BY product_id"
            ),
            (
                "UPDATE stock_movements m JOIN sold s ON s.product_id = m.product_id SET m.quantity = s.units"
                " WHERE m.kind = 'opening'"
            ),
            "UPDATE stock_levels v JOIN sold s ON s.product_id = v.product_id SET v.on_hand = 0",
            "DROP TABLE sold",
        ):
            connection.execute(text(statement))
    engine.dispose()


def _night(site: Site) -> dict[str, Any]:
    """Seconds and rows read of what the night does: the hourly run, and a late sale long ago."""
    with site.app.app_context():
        _sell_today(site)
        run = _measured(site, report_tasks.summarise_days)
        late = (utc_now() - timedelta(days=site.past.days // 2)).date()
        transact(lambda session: reports.reopen(session, {(site.shop.store_id, late)}))
        return {"the last three days": run, "and a day long ago": _measured(site, report_tasks.summarise_days)}


def _sell_today(site: Site) -> None:
    source = Baskets(site.shop.prices, lines=size_questions.LINES, seed=7)
    baskets = iter(source)
    for _group in range(SALES_TODAY // 50):
        sales = [size_work._sale(site, source, next(baskets)) for _ in range(50)]
        transact(lambda session, sales=sales: checkout.ring_up_all(session, sales, now=utc_now()))  # type: ignore[misc]


def _measured(site: Site, work: Callable[[], int]) -> dict[str, float]:
    rows, began, spent = site.rows_read(), time.perf_counter(), _processor_s(site)
    days = work()
    return {
        "days": days, "s": time.perf_counter() - began, "cpu_s": _processor_s(site) - spent,
        "rows": site.rows_read() - rows,
    }  # fmt: skip


def _processor_s(site: Site) -> float:
    """Of the database, the web and this process: what a busy machine does not change."""
    own = time.process_time()
    return own + sum(processor_time.of_tree(pid) for pid in (site.shop.web_pid, site.shop.database_pid))


def _reports(site: Site, rounds: int) -> dict[str, Any]:
    today = utc_now().date()
    paths = {
        name: path.format(today=today, long=today - timedelta(days=399)) for name, path in REPORTS.items()
    }  # fmt: skip
    _ask(site, paths["categories, 28 days"])  # data frames are loaded by the first who asks
    found = {name: _times(site, [path], rounds) for name, path in paths.items()}
    found["first sight: today and categories, at once"] = _times(site, [paths[name] for name in FIRST_SIGHT], rounds)
    found["the rest of the page, at once"] = _times(site, [paths[name] for name in PAGE], rounds)
    return found


def _times(site: Site, paths: list[str], rounds: int) -> dict[str, float]:
    took, rows, spent = [], site.rows_read(), _processor_s(site)
    with ThreadPoolExecutor(6) as threads:
        for _round in range(rounds):
            began = time.perf_counter()
            list(threads.map(lambda path: _ask(site, path), paths))
            took.append(time.perf_counter() - began)
    return {
        "median_ms": median(took) * 1000, "best_ms": min(took) * 1000,
        "cpu_ms": (_processor_s(site) - spent) * 1000 / rounds, "rows": (site.rows_read() - rows) / rounds,
    }  # fmt: skip


def _ask(site: Site, path: str) -> None:
    headers = {"Authorization": f"Bearer {site.office}"}
    answer = requests.get(f"{site.shop.system.url}/api/reports/{path}", headers=headers, timeout=60)
    answer.raise_for_status()


def as_text(found: dict[str, Any]) -> str:
    """Tables for people."""
    lines = [f"{found['site']}, {found['days']} days", ""]
    lines += ["| nightly run | days | s | processor s | rows read |", "| --- " * 5 + "|"]
    lines += [
        f"| {name} | {one['days']} | {one['s']:.1f} | {one['cpu_s']:.1f} | {one['rows']:,} |"
        for name, one in found["night"].items()
    ]
    lines += ["", "| report | median ms | best ms | processor ms | rows read |", "| --- " * 5 + "|"]
    lines += [
        f"| {name} | {one['median_ms']:.0f} | {one['best_ms']:.0f} | {one['cpu_ms']:.0f} | {one['rows']:,.0f} |"
        for name, one in found["reports"].items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
