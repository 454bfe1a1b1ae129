"""The shop's own books beside the warehouse phone: what is really stored."""

import sqlite3
from contextlib import closing
from typing import Any
from uuid import uuid4

import requests

from tests.live_shop import LiveShop

MANAGER = ("manager", "demo-back-office")
Row = tuple[Any, ...]


class Books:
    """The shop's database and its API for programs, beside the phone."""

    def __init__(self, shop: LiveShop) -> None:
        self._shop = shop
        self._http = requests.Session()
        answer = self.call("POST", "/api/session", username=MANAGER[0], password=MANAGER[1], token=True)
        self._http.headers["Authorization"] = f"Bearer {answer['token']}"

    def call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """A request that must succeed."""
        answer = self._http.request(method, f"{self._shop.url}{path}", json=body or None, timeout=60)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def rows(self, statement: str, *values: Any) -> list[Row]:
        """What a query answers."""
        with closing(sqlite3.connect(self._shop.var / "aisle.db", timeout=60)) as connection:
            return connection.execute(statement, values).fetchall()

    def free_products(self, how_many: int) -> list[Row]:
        """Id and printed code of pieces that no open session counts."""
        return self.rows(
            "SELECT id, substr(barcode, 2) FROM products WHERE unit = 'piece' AND is_stocked AND NOT is_archived"
            " AND barcode LIKE '0385%'"
            " AND id NOT IN (SELECT product_id FROM stocktake_lines WHERE open_key IS NOT NULL) ORDER BY id LIMIT ?",
            how_many,
        )

    def stocktake(self, products: list[Row]) -> int:
        """Start to count these; the session's number."""
        ids = [product_id for product_id, _ in products]
        return int(self.call("POST", "/api/stocktakes", uuid=str(uuid4()), kind="list", product_ids=ids)["id"])

    def placed_order(self) -> dict[str, Any]:
        """An order that is on its way."""
        number = self.call("GET", "/api/orders?state=draft")["orders"][0]["id"]
        lines = self.call("GET", f"/api/orders/{number}")["lines"]
        seen = [{key: line[key] for key in ("product_id", "quantity", "unit_cost")} for line in lines]
        for step in ("approve", "place"):
            self.call("POST", f"/api/orders/{number}/{step}", lines=seen)
        return self.call("GET", f"/api/orders/{number}")

    def counts(self, stocktake: int) -> list[Row]:
        """Product and thousandths of every count that is stored, in the order they came."""
        return self.rows(
            "SELECT l.product_id, c.quantity FROM stocktake_counts c JOIN stocktake_lines l ON l.id = c.line_id"
            " WHERE l.stocktake_id = ? ORDER BY c.id",
            stocktake,
        )

    def received(self, order: int) -> list[Row]:
        """Order, product and thousandths of every line of a delivery that is stored."""
        return self.rows(
            "SELECT r.order_id, l.product_id, l.counted FROM goods_receipt_lines l JOIN goods_receipts r"
            " ON r.id = l.receipt_id WHERE r.order_id = ? ORDER BY l.order_line_id",
            order,
        )

    def moved(self, order: int) -> list[Row]:
        """Product and thousandths of every movement that a delivery made."""
        return self.rows(
            "SELECT product_id, quantity FROM stock_movements WHERE kind = 'receipt' AND source_id IN (SELECT l.id FROM"
            " goods_receipt_lines l JOIN goods_receipts r ON r.id = l.receipt_id WHERE r.order_id = ?)"
            " ORDER BY source_id",
            order,
        )
