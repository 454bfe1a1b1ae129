"""The demo shop's past: receipts, their ledger rows and the stock that is left, inserted in bulk.

The rows are what checkout and posting would have written one by one; `flask stock verify` proves it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from app.domain.pricing import PriceTag, line_total
from app.domain.quantity import ONE
from app.models.base import Base
from app.models.catalog import Product

CHUNK: Final = 5000
OPENING: Final = "opening"
TILLS: Final = ("T1", "T2", "T3")
NOTES: Final = (500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A line of the sample: receipt number, the shop's own clock, article number and thousandths."""

    receipt: int
    sold_at: datetime
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Article:
    """A product as the history sells it."""

    product_id: int
    sku: str
    barcode: str | None
    name: str
    unit: str
    price: int
    cost: int
    safety_stock: int


def number_of(text: str, below: int) -> int:
    """A number from 0 to below - 1 that `text` always gives: the demo is the same everywhere."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % below


def articles(session: Session) -> dict[str, Article]:
    """Every product by article number."""
    rows = session.execute(
        select(
            Product.id, Product.sku, Product.barcode, Product.name, Product.unit, Product.selling_price,
            Product.purchase_price, Product.safety_stock,
        )
    )  # fmt: skip
    return {row.sku: Article(*row) for row in rows}


def shifted(lines: Sequence[ReceiptLine], yesterday: date) -> list[ReceiptLine]:
    """The lines moved by whole weeks so that they end with `yesterday` and weekdays stay what they were."""
    behind = (yesterday - max(line.sold_at for line in lines).date()).days
    move = timedelta(days=-(-behind // 7) * 7)
    moved = (ReceiptLine(line.receipt, line.sold_at + move, line.sku, line.quantity) for line in lines)
    return sorted((line for line in moved if line.sold_at.date() <= yesterday), key=attrgetter("sold_at", "receipt"))


@dataclass(slots=True)
class History:
    """The rows of every table, ready to be inserted."""

    sales: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    payments: list[dict[str, Any]]


def history(
    lines: Sequence[ReceiptLine], shelf: Mapping[str, Article], *, store_id: int, zone: str, cashier_ids: Sequence[int]
) -> History:
    """Sales of `lines` (in time order) at today's prices, paid and posted."""
    found = History([], [], [])
    for sale_id, (receipt, group) in enumerate(groupby(lines, key=attrgetter("receipt")), start=1):
        basket = list(group)
        sale_lines = list(_sale_lines(sale_id, basket, shelf))
        total = sum(line["total"] for line in sale_lines)
        sold_at = basket[0].sold_at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        payments = _payments(sale_id, receipt, total)
        till = number_of(f"till {receipt}", len(TILLS))
        uuid = uuid5(NAMESPACE_OID, f"aisle demo receipt {receipt}")
        found.sales.append(
            {
                "id": sale_id, "uuid": uuid, "store_id": store_id, "till": TILLS[till],
                "cashier_id": cashier_ids[till % len(cashier_ids)], "sold_at": sold_at,
                "business_date": basket[0].sold_at.date(), "total": total,
                "change_given": sum(payment["amount"] for payment in payments) - total,
                "request_hash": hashlib.sha256(uuid.bytes).hexdigest(), "copy_count": 0,
                "posted_at": sold_at + timedelta(seconds=1),
            }
        )  # fmt: skip
        found.lines += sale_lines
        found.payments += payments
    for line_id, line in enumerate(found.lines, start=1):
        line["id"] = line_id
    return found


def _sale_lines(sale_id: int, basket: Sequence[ReceiptLine], shelf: Mapping[str, Article]) -> Iterator[dict[str, Any]]:
    quantities: Counter[str] = Counter()
    for line in basket:
        quantities[line.sku] += line.quantity
    for sku, quantity in quantities.items():
        article = shelf[sku]
        yield {
            "sale_id": sale_id, "product_id": article.product_id, "name": article.name, "unit": article.unit,
            "quantity": quantity, "unit_price": article.price, "unit_cost": article.cost,
            "total": line_total(quantity, PriceTag(article.price)), "barcode": article.barcode, "is_stocked": True,
        }  # fmt: skip


def _payments(sale_id: int, receipt: int, total: int) -> list[dict[str, Any]]:
    way = number_of(f"tender {receipt}", 10)
    if way < 6:
        return [{"sale_id": sale_id, "tender": "card", "amount": total}]
    if way < 7:
        return [{"sale_id": sale_id, "tender": "mobile", "amount": total}]
    note = next((note for note in NOTES if note >= total), -(-total // 1000) * 1000)
    return [{"sale_id": sale_id, "tender": "cash", "amount": note}]


def stock_left(article: Article, sold: int) -> int:
    """Thousandths on the shelf after the history: most have plenty, some sit right above safety stock, a few below."""
    place = number_of(f"stock {article.sku}", 100)
    if sold and place == 0:
        left = article.safety_stock // 2
    elif sold and place <= 5:
        left = article.safety_stock + 1000 * (place % 2)
    else:
        left = article.safety_stock + 1000 * (10 + number_of(f"shelf {article.sku}", 30)) + sold // 2
    return left // 1000 * 1000


@dataclass(frozen=True, slots=True)
class Opening:
    """Goods that were there when the history began."""

    store_id: int
    product_id: int
    quantity: int


def openings(
    found: History, shelf: Mapping[str, Article], came: Mapping[int, datetime], *, shop_id: int, warehouse_id: int
) -> list[Opening]:
    """What the shop must have had to end with `stock_left`; the warehouse holds packs of what sells.

    Of what came again since (product and moment) it had hardly more than it sold until then, and the warehouse none.
    """
    sold, again = _sold(found, came)
    rows = []
    for article in shelf.values():
        key, went = article.product_id, sold[article.product_id]
        left = _eve(article, again[key]) if key in came else stock_left(article, went)
        rows.append(Opening(shop_id, key, went - again[key] + left))
        if went and key not in came:
            reserve = 12_000 * (1 + number_of(f"reserve {article.sku}", 10))
            rows.append(Opening(warehouse_id, key, reserve))
    return [row for row in rows if row.quantity]


def _eve(article: Article, again: int) -> int:
    """What is left of goods that come the next day: short, so that they were ordered, and sold first by now."""
    return min(ONE, again) if article.safety_stock > ONE else 0


def _sold(found: History, came: Mapping[int, datetime]) -> tuple[Counter[int], Counter[int]]:
    """What was sold of each product, and what of that since it came again."""
    sold_at = {sale["id"]: sale["sold_at"] for sale in found.sales}
    sold, again = Counter[int](), Counter[int]()
    for line in found.lines:
        key = line["product_id"]
        sold[key] += line["quantity"]
        if key in came and sold_at[line["sale_id"]] >= came[key]:
            again[key] += line["quantity"]
    return sold, again


def store(session: Session, found: History, opened: Sequence[Opening], *, user_id: int) -> None:
    """Insert everything: opening balances before the first sale, one movement per document line."""
    start = min(sale["sold_at"] for sale in found.sales) - timedelta(hours=6)
    _insert(session, "sales", found.sales)
    _insert(session, "sale_lines", found.lines)
    _insert(session, "payments", found.payments)
    _insert(session, "stock_adjustments", [
        {"id": key, "store_id": row.store_id, "product_id": row.product_id, "quantity": row.quantity,
         "reason": OPENING, "note": "demo", "user_id": user_id, "adjusted_at": start}
        for key, row in enumerate(opened, start=1)
    ])  # fmt: skip
    movements = [*_opening_movements(opened, start), *_sale_movements(found)]
    _insert(session, "stock_movements", [row | {"booked_at": row["occurred_at"]} for row in movements])
    _insert(session, "stock_levels", list(_levels(movements)))


def _opening_movements(opened: Sequence[Opening], start: datetime) -> Iterator[dict[str, Any]]:
    for key, row in enumerate(opened, start=1):
        yield {
            "store_id": row.store_id, "product_id": row.product_id, "kind": OPENING, "quantity": row.quantity,
            "source_kind": "adjustment", "source_id": key, "occurred_at": start,
        }  # fmt: skip


def _sale_movements(found: History) -> Iterator[dict[str, Any]]:
    sales = {sale["id"]: sale for sale in found.sales}
    for line in found.lines:
        sale = sales[line["sale_id"]]
        yield {
            "store_id": sale["store_id"], "product_id": line["product_id"], "kind": "sale",
            "quantity": -line["quantity"], "source_kind": "sale_line", "source_id": line["id"],
            "occurred_at": sale["sold_at"],
        }  # fmt: skip


def _levels(movements: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    on_hand: Counter[tuple[int, int]] = Counter()
    for row in movements:
        on_hand[row["store_id"], row["product_id"]] += row["quantity"]
    for (store_id, product_id), quantity in sorted(on_hand.items()):
        yield {"store_id": store_id, "product_id": product_id, "on_hand": quantity, "reserved": 0}


def _insert(session: Session, table_name: str, rows: Sequence[dict[str, Any]]) -> None:
    table: Table = Base.metadata.tables[table_name]
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(table), rows[start : start + CHUNK])
