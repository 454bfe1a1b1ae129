"""Shops with a past that can be forecast."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.models.catalog import Product
from app.models.reports import DailySales, SummarisedDay
from app.services import forecast
from app.unit_of_work import unit_of_work
from tests.factories import NOON, Shop, make_product, make_shop

TODAY = date(2026, 3, 2)
WEEK = (6, 4, 4, 5, 7, 12, 3)
"""Pieces from Monday to Sunday."""


def make_past(session: Session, shop: Shop, products: Sequence[Product], days: int = 70) -> None:
    """Every day of the past, with the same week again and again."""
    for back in range(1, days + 1):
        day = TODAY - timedelta(days=back)
        session.add(SummarisedDay(store_id=shop.store_id, business_date=day, summarised_at=NOON, open_minutes=600))
        for product in products:
            units = WEEK[day.weekday()] * 1000
            key: dict[str, Any] = {"store_id": shop.store_id, "business_date": day, "product_id": product.id}
            session.add(DailySales(**key, units=units, gross=units // 10))
    session.flush()


def make_shop_in_chunks(monkeypatch: pytest.MonkeyPatch, *, products: int) -> Shop:
    """A stored shop with a month of sales, its products forecast by twos."""
    monkeypatch.setattr(forecast, "CHUNK", 2)
    with unit_of_work() as session:
        shop = make_shop(session)
        make_past(session, shop, [make_product(session, shop, on_hand=9) for _number in range(products)], days=30)
        return shop
