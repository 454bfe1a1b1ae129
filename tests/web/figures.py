"""A shop with a little past, and somebody who asks for its reports."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask

from app.models.catalog import Product
from app.services import checkout, reports, stock
from tests.factories import basket, make_category, make_product
from tests.web.office import sit_down, writing

NOW = datetime(2026, 3, 12, 11, 30, tzinfo=UTC)
TODAY = date(2026, 3, 12)


class Figures:
    """A shop that sold milk and bread yesterday and a week ago, and milk today."""

    def __init__(self, app: Flask) -> None:
        self.office, self.shop = sit_down(app)
        with writing(app) as session:
            dairy, bakery = make_category(session, "Dairy"), make_category(session, "=Bakery")
            self.milk = make_product(
                session, self.shop, on_hand=100, price=150, purchase_price=100, name="Milk", category_id=dairy.id
            )
            self.bread = make_product(
                session, self.shop, on_hand=3, price=200, purchase_price=50, name="+Bread", category_id=bakery.id
            )
            self.dairy, self.bakery = dairy.id, bakery.id
            self.sell(session, self.milk, 4, NOW - timedelta(days=7))
            self.sell(session, self.milk, 6, NOW - timedelta(days=1))
            self.sell(session, self.bread, 3, NOW - timedelta(days=1, hours=-2))
            stock.post_sales(session, now=NOW)
            for day in (7, 6, 5, 4, 3, 2, 1):
                reports.summarise_day(session, self.shop.store_id, TODAY - timedelta(days=day), now=NOW)
            self.sell(session, self.milk, 2, NOW - timedelta(minutes=30))

    def sell(self, session: Any, product: Product, pieces: int, at: datetime) -> None:
        checkout.ring_up(session, basket(self.shop, (product, pieces)), now=at)

    def ask(self, path: str, **query: Any) -> Any:
        answer = self.office.client.get(f"/api/reports/{path}", query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def spoil(self) -> None:
        """Eight cream that keep five days: three put on the shelf nine days ago, five three days ago."""
        with writing(self.office.client.application) as session:
            self.cream = make_product(session, name="Cream", shelf_life_days=5, purchase_price=200)
            for pieces, days in ((3, 9), (5, 3)):
                stock.adjust(
                    session, store_id=self.shop.store_id, product_id=self.cream.id, quantity=pieces * 1000,
                    reason="opening", user_id=None, now=NOW - timedelta(days=days),
                )  # fmt: skip
