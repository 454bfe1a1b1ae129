"""Years of sales put straight into MariaDB: posted sales with payments, lines, movements and daily summaries.

Every figure of a row is computed from its number, so that one statement fills a whole table; what it leaves is
what selling and posting would have left, and `flask stock verify` agrees with it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Final

from sqlalchemy import create_engine, text

from app.queries.reports import EDITION

LINES: Final = 5
SALES_A_DAY: Final = 2000
"""Of one store."""
SALES_A_STORE: Final = 2_000_000
SPREAD: Final = 7919
"""A prime: neighbours in popularity are no neighbours in the table."""
SHORT: Final = 50
"""Levels below their safety stock."""


@dataclass(frozen=True, slots=True)
class History:
    """How much there is to be filled in: sales of five lines, the same number on each day before `today`."""

    products: int
    lines: int
    first_store: int
    cashier: int
    today: date

    @property
    def sales(self) -> int:
        """As many as the lines need."""
        return self.lines // LINES

    @property
    def stores(self) -> int:
        """A further store for every two million sales."""
        return max(1, -(-self.sales // SALES_A_STORE))

    @property
    def a_day(self) -> int:
        """Sales a day, all stores together."""
        return SALES_A_DAY * self.stores

    @property
    def days(self) -> int:
        """Days with sales, the last of them yesterday."""
        return -(-self.sales // self.a_day)

    @property
    def begins(self) -> datetime:
        """The morning of the first sale."""
        return datetime.combine(self.today - timedelta(days=self.days), time(8))


def fill(database_url: str, history: History, say: Callable[[str], object] = lambda _line: None) -> None:
    """Put the history into a stocked shop that has sold nothing yet."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        # An empty table filled by one statement without these checks gets its indexes sorted, not row by row.
        connection.exec_driver_sql("SET SESSION unique_checks=0, foreign_key_checks=0, time_zone='+00:00'")
        for name, statement in _statements(history):
            begun = perf_counter()
            connection.execute(text(statement))
            connection.commit()
            say(f"{name}: {perf_counter() - begun:.0f} s")
    engine.dispose()


def _statements(history: History) -> Iterator[tuple[str, str]]:
    yield "stores", _stores(history)
    if history.lines:
        yield from _opening(history)
        yield from _sold(history)
    # Every product has a safety stock; a few levels of the first store are below theirs, however many there are.
    yield "safety stock", "UPDATE products SET safety_stock = 20000, search_text = CONCAT(search_text, ' ', LOWER(sku))"
    yield (
        "shortages",
        (
            "UPDATE stock_levels SET safety_stock = on_hand - reserved + 1000000"
            f" WHERE store_id = {history.first_store} ORDER BY product_id DESC LIMIT {SHORT}"
        ),
    )
    yield (
        "words",
        (
            "INSERT IGNORE INTO product_words (word, product_id) SELECT 'product', id FROM products"
            " UNION ALL SELECT SUBSTR(name, 9), id FROM products UNION ALL SELECT LOWER(sku), id FROM products"
        ),
    )
    yield (
        "statistics",
        (
            "ANALYZE TABLE sales, payments, sale_lines, stock_movements, daily_sales, stock_levels, products,"
            " product_words"
        ),
    )


def _sold(history: History) -> Iterator[tuple[str, str]]:
    yield from _receipts(history)
    yield from _lines(history)
    yield from _summaries()
    yield from _levels()


def _receipts(history: History) -> Iterator[tuple[str, str]]:
    sales = f"seq_1_to_{history.sales} AS s"
    yield "sales", (
        "INSERT INTO sales (id, uuid, store_id, till, cashier_id, sold_at, business_date, total, change_given,"
        " request_hash, copy_count, posted_at) SELECT s.seq, MD5(CONCAT('sale', s.seq)),"
        f" {_store(history, 's.seq')}, CONCAT('T', 1 + s.seq MOD 8), {history.cashier}, {_sold_at(history, 's.seq')},"
        f" DATE({_sold_at(history, 's.seq')}), {_total(history, 's.seq')}, 0,"
        f" REPEAT(MD5(s.seq), 2), 0, {_sold_at(history, 's.seq')} + INTERVAL 2 SECOND FROM {sales}"
    )  # fmt: skip
    yield (
        "payments",
        (
            "INSERT INTO payments (id, sale_id, tender, amount)"
            f" SELECT s.seq, s.seq, 'cash', {_total(history, 's.seq')} FROM {sales}"
        ),
    )


def _lines(history: History) -> Iterator[tuple[str, str]]:
    lines = f"seq_1_to_{history.lines} AS l"
    product, sale = _product(history, "l.seq"), f"1 + (l.seq - 1) DIV {LINES}"
    yield (
        "lines",
        (
            "INSERT INTO sale_lines (id, sale_id, product_id, name, unit, quantity, unit_price, unit_cost, total,"
            f" is_stocked) SELECT l.seq, {sale}, {product}, CONCAT('Product ', {product}), 'piece', 1000,"
            f" {_price(product)}, 40, {_price(product)}, 1 FROM {lines}"
        ),
    )
    at = _sold_at(history, f"({sale})")
    yield (
        "movements",
        (
            "INSERT INTO stock_movements (id, store_id, product_id, kind, quantity, source_kind, source_id,"
            f" occurred_at, booked_at) SELECT l.seq, {_store(history, f'({sale})')}, {product}, 'sale', -1000,"
            f" 'sale_line', l.seq, {at}, {at} + INTERVAL 2 SECOND FROM {lines}"
        ),
    )
    yield (
        "movements of the opening",
        (
            "INSERT INTO stock_movements (store_id, product_id, kind, quantity, source_kind, source_id, occurred_at,"
            " booked_at) SELECT store_id, product_id, 'opening', quantity, 'adjustment', id, adjusted_at, adjusted_at"
            " FROM stock_adjustments"
        ),
    )


def _summaries() -> Iterator[tuple[str, str]]:
    yield (
        "summaries",
        (
            "INSERT INTO daily_sales (store_id, business_date, product_id, units, returned, gross, refunded, cost)"
            " SELECT s.store_id, s.business_date, l.product_id, SUM(l.quantity), 0, SUM(l.total), 0, 40 * COUNT(*)"
            " FROM sales s JOIN sale_lines l ON l.sale_id = s.id GROUP BY s.store_id, s.business_date, l.product_id"
        ),
    )
    yield (
        "summarised days",
        (
            "INSERT INTO summarised_days (store_id, business_date, summarised_at, edition, open_minutes)"
            f" SELECT store_id, business_date, business_date + INTERVAL 1 DAY, {EDITION}, {_open_minutes()}"
            " FROM sales GROUP BY store_id, business_date"
        ),
    )
    for table, key in (("daily_hours", "HOUR(sold_at)"), ("daily_cashiers", "cashier_id")):
        yield (
            table,
            (
                f"INSERT INTO {table} SELECT store_id, business_date, {key}, COUNT(*), {LINES} * COUNT(*), SUM(total),"
                f" 0, 0 FROM sales GROUP BY store_id, business_date, {key}"
            ),
        )


def _open_minutes() -> str:
    """From the first receipt to the last; half minutes go to the even side, as the application rounds them."""
    seconds = "TIMESTAMPDIFF(SECOND, MIN(sold_at), MAX(sold_at))"
    return f"ROUND({seconds} / 60) - ({seconds} % 120 = 30)"


def _levels() -> Iterator[tuple[str, str]]:
    # By a table of its own: asked together, the database would sum up the days of each level one by one.
    yield (
        "sold",
        (
            "CREATE TABLE sold (PRIMARY KEY (store_id, product_id))"
            " SELECT store_id, product_id, SUM(units) AS units FROM daily_sales GROUP BY store_id, product_id"
        ),
    )
    yield (
        "levels",
        (
            "UPDATE stock_levels v JOIN sold s ON s.store_id = v.store_id AND s.product_id = v.product_id"
            " SET v.on_hand = v.on_hand - s.units"
        ),
    )
    yield "sold again", "DROP TABLE sold"


def _stores(history: History) -> str:
    """Copies of the first store, numbered on from it."""
    return (
        "INSERT INTO stores (id, code, name, kind, address, currency, time_zone, shortage_policy, refund_limit,"
        f" is_active) SELECT id + n.seq, CONCAT('H', n.seq), CONCAT('Further shop ', n.seq), kind, address, currency,"
        f" time_zone, shortage_policy, refund_limit, 1 FROM stores JOIN seq_1_to_{max(history.stores, 2) - 1} AS n"
        f" WHERE id = {history.first_store} AND n.seq < {history.stores}"
    )


def _opening(history: History) -> Iterator[tuple[str, str]]:
    """The further stores get what the first one got; the ledger of it is written again after the sales'."""
    others = f"SELECT id FROM stores WHERE id > {history.first_store}"
    yield (
        "adjustments",
        (
            "INSERT INTO stock_adjustments (store_id, product_id, quantity, reason, note, adjusted_at)"
            " SELECT o.id, a.product_id, a.quantity, a.reason, a.note, a.adjusted_at"
            f" FROM stock_adjustments a JOIN ({others}) o"
        ),
    )
    yield (
        "levels of further stores",
        (
            "INSERT INTO stock_levels (store_id, product_id, on_hand, reserved)"
            f" SELECT o.id, v.product_id, v.on_hand, 0 FROM stock_levels v JOIN ({others}) o"
        ),
    )
    yield "ledger emptied", "TRUNCATE TABLE stock_movements"


def _store(history: History, sale: str) -> str:
    return f"{history.first_store} + {sale} MOD {history.stores}"


def product_of_rank(products: int, rank: int) -> int:
    """The id of the product that so many others sell better than."""
    return 1 + rank * SPREAD % products


def _product(history: History, line: str) -> str:
    """By Zipf's law: the logarithm of the rank is even between nothing and that of the last."""
    rank = f"FLOOR(POW({history.products}, (CRC32({line}) & 16777215) / 16777216))"
    return f"(1 + ({rank} * {SPREAD}) MOD {history.products})"


def _price(product: str) -> str:
    return f"(50 + ({product} * 37) MOD 1500)"


def _total(history: History, sale: str) -> str:
    lines = (_product(history, f"(({sale} - 1) * {LINES} + {place})") for place in range(1, LINES + 1))
    return " + ".join(_price(line) for line in lines)


def _sold_at(history: History, sale: str) -> str:
    """Twelve hours a day from eight in the morning."""
    number, step = f"({sale} - 1)", 12 * 3600 * 1_000_000 // history.a_day
    moment = f"TIMESTAMP '{history.begins:%Y-%m-%d %H:%M:%S}'"
    return (
        f"({moment} + INTERVAL {number} DIV {history.a_day} DAY"
        f" + INTERVAL ({number} MOD {history.a_day}) * {step} MICROSECOND)"
    )
