"""The limit: the same sale as one transaction of bare PyMySQL, no web, no checks, one process a connection."""

import multiprocessing
import time
from datetime import UTC, datetime
from multiprocessing.sharedctypes import Synchronized
from typing import Any
from uuid import uuid4

import pymysql
from sqlalchemy.engine import make_url

from benchmarks.baskets import Baskets


def sales_per_second(
    url: str, store_id: int, cashier_id: int, prices: dict[int, int], *, processes: int, seconds: float, lines: int
) -> float:
    """How many sales a second `processes` bare clients commit."""
    count = multiprocessing.Value("q", 0)
    workers = [
        multiprocessing.Process(
            target=_sell, args=(url, store_id, cashier_id, prices, lines, 1000 + number, seconds, count)
        )
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return round(float(count.value) / seconds, 1)


def _sell(
    url: str, store_id: int, cashier_id: int, prices: dict[int, int], lines: int, seed: int, seconds: float,
    count: "Synchronized[int]",
) -> None:  # fmt: skip
    target = make_url(url)
    connection = pymysql.connect(
        host=target.host or "", port=target.port or 3306, user=target.username, password=target.password or "",
        database=target.database, ssl_disabled=True,
        init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    )  # fmt: skip
    baskets = Baskets(prices, lines=lines, seed=seed)
    done, until = 0, time.perf_counter() + seconds
    for basket in baskets:
        if time.perf_counter() > until:
            break
        done += _sell_one(connection, store_id, cashier_id, baskets, basket)
    with count.get_lock():
        count.value += done


def _sell_one(connection: Any, store_id: int, cashier_id: int, baskets: Baskets, basket: list[tuple[int, int]]) -> int:
    ids = sorted(product_id for product_id, _ in basket)
    marks = ",".join(["%s"] * len(ids))
    cursor = connection.cursor()
    try:
        connection.begin()
        cursor.execute(f"SELECT id, name, selling_price FROM products WHERE id IN ({marks})", ids)
        found = {row[0]: row for row in cursor.fetchall()}
        cursor.execute(
            "SELECT product_id, on_hand, reserved FROM stock_levels"
            f" WHERE store_id = %s AND product_id IN ({marks}) ORDER BY product_id FOR UPDATE",
            [store_id, *ids],
        )
        cursor.fetchall()
        _store(cursor, store_id, cashier_id, baskets.total(basket), basket, found)
        connection.commit()
    except pymysql.OperationalError:  # a deadlock victim: not counted
        connection.rollback()
        return 0
    return 1


def _store(
    cursor: Any, store_id: int, cashier_id: int, total: int, basket: list[tuple[int, int]], found: dict[int, Any]
) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(
        "INSERT INTO sales (uuid, store_id, till, cashier_id, sold_at, business_date, total, change_given,"
        " request_hash, copy_count) VALUES (%s,%s,'B1',%s,%s,%s,%s,0,%s,0)",
        (uuid4().hex, store_id, cashier_id, now, now.date(), total, "0" * 64),
    )
    sale_id = cursor.lastrowid
    cursor.executemany(
        "INSERT INTO sale_lines (sale_id, product_id, name, unit, quantity, unit_price, unit_cost, total, is_stocked)"
        " VALUES (%s,%s,%s,'piece',%s,%s,40,%s,1)",
        [
            (sale_id, product_id, found[product_id][1], quantity, found[product_id][2],
             found[product_id][2] * quantity // 1000)
            for product_id, quantity in basket
        ],
    )  # fmt: skip
    cursor.execute("INSERT INTO payments (sale_id, tender, amount) VALUES (%s,'cash',%s)", (sale_id, total))
    cases = " ".join("WHEN %s THEN %s" for _ in basket)
    marks = ",".join(["%s"] * len(basket))
    flat = [value for line in basket for value in line]
    cursor.execute(
        f"UPDATE stock_levels SET reserved = reserved + CASE product_id {cases} ELSE 0 END"
        f" WHERE store_id = %s AND product_id IN ({marks})",
        [*flat, store_id, *(product_id for product_id, _ in basket)],
    )
