"""A list of the best sellers is sorted by the database, and says what the whole table would have said."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.domain.reports import Period
from app.models.catalog import Product
from app.models.reports import DailySales, SummarisedDay
from app.queries import reports_best
from app.services import reports_analysis, reports_fortnights, reports_period
from app.services.reports_analysis import Analysis
from tests.factories import NOON, Shop, make_category, make_product, make_shop
from tests.integration.test_reports import give_back, sell

TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)
DAYS = 110
PRODUCTS = 12
PARTS = 2
"""Rows of a total: fortnights, and single days."""
AGES = [Period(YESTERDAY, YESTERDAY), Period(TODAY - timedelta(days=7), YESTERDAY),
        Period(TODAY - timedelta(days=33), YESTERDAY), Period(TODAY - timedelta(days=50), YESTERDAY)]  # fmt: skip


@pytest.fixture
def shop(session: Session) -> Shop:
    """Two stores that sold twelve products of two categories; four of them stopped yesterday, and two sell the same."""
    shop = make_shop(session, time_zone="UTC", refund_limit=10**6)
    other = make_shop(session, time_zone="UTC").store
    categories = [make_category(session, name).id for name in ("Dairy", "Bread")]
    products = [
        make_product(session, shop, on_hand=900, category_id=categories[place % 2]) for place in range(PRODUCTS)
    ]
    for store in (shop.store, other):
        for back in range(1, DAYS + 1):
            day = TODAY - timedelta(days=back)
            session.add(SummarisedDay(store_id=store.id, business_date=day, summarised_at=NOON, edition=1))
            session.add_all(
                sold(store.id, product, place, back)
                for place, product in enumerate(products)
                if back > 1 or place % 3
            )  # fmt: skip
    session.flush()
    for due in reports_fortnights.due(session, now=NOON):
        reports_fortnights.sum_up(session, *due, now=NOON)
    return shop


def sold(store_id: int, product: Product, place: int, back: int) -> DailySales:
    same, came_back = max(place, 2), back % 2  # the first ones cannot be told apart by their amounts
    return DailySales(
        store_id=store_id, product_id=product.id, business_date=TODAY - timedelta(days=back), units=1000 * (same + 1),
        gross=same * 10 * (1 + (back + same) % 5), cost=same * 6, returned=1000 * came_back, refunded=50 * came_back,
        returned_cost=30 * came_back, is_promoted=(back + place) % 9 == 0, out_of_stock_minutes=back * place,
    )  # fmt: skip


def asked(session: Session, shop: Shop, period: Period, store: int | None, **which: Any) -> Analysis:
    where = reports_period.scope(session, shop.store_id, store)
    return reports_analysis.products(session, where, period, now=NOON, **which)


@pytest.mark.parametrize("period", AGES, ids=lambda period: f"{period.days} days")
@pytest.mark.parametrize("store", [None, reports_period.ALL_STORES], ids=["one store", "all stores"])
@pytest.mark.parametrize("limit", [1, 5, PRODUCTS + 1])
def test_the_best_are_the_first_of_all(
    session: Session, shop: Shop, period: Period, store: int | None, limit: int
) -> None:
    whole = asked(session, shop, period, store)

    with handed_over(session) as rows:
        best = asked(session, shop, period, store, limit=limit)

    assert best == replace(whole, rows=whole.rows[:limit])
    assert len(whole.rows) == (8 if period.days == 1 else PRODUCTS)
    assert max(rows) <= max(limit, PARTS)


@pytest.mark.parametrize("days", [1, 5, 28, 60])
@pytest.mark.parametrize("limit", [1, 4, PRODUCTS + 2])
def test_what_sold_today_is_added_and_sorted_with_the_rest(session: Session, shop: Shop, days: int, limit: int) -> None:
    period = Period(TODAY - timedelta(days=days - 1), TODAY)
    order = [row.id for row in asked(session, shop, AGES[2], None).rows]
    new = make_product(session, shop, on_hand=900)
    # The last becomes the first, the first falls, another is new.
    sell(session, shop, session.get_one(Product, order[-1]), 300, at=NOON - timedelta(hours=1))
    sell(session, shop, new, 30, at=NOON - timedelta(hours=1))
    before = sell(session, shop, session.get_one(Product, order[0]), 200, at=NOON - timedelta(days=DAYS + 5))
    give_back(session, shop, before, 200, at=NOON - timedelta(hours=1))
    whole = asked(session, shop, period, None)

    best = asked(session, shop, period, None, limit=limit)

    assert best == replace(whole, rows=whole.rows[:limit])
    assert (whole.rows[0].id, whole.rows[-1].id) == (order[-1], order[0])
    assert whole.row_count == (3 if days == 1 else PRODUCTS + 1)
    assert new.id in {row.id for row in whole.rows}


def test_a_product_that_falls_today_makes_room_for_the_next(session: Session, shop: Shop) -> None:
    first, second, third = [row.id for row in asked(session, shop, AGES[2], None, limit=3).rows]
    before = sell(session, shop, session.get_one(Product, first), 200, at=NOON - timedelta(days=DAYS + 5))
    give_back(session, shop, before, 200, at=NOON - timedelta(hours=1))

    found = asked(session, shop, Period(AGES[2].first, TODAY), None, limit=2)

    assert [row.id for row in found.rows] == [second, third]


@pytest.mark.parametrize("days", [1, 5])
def test_what_sold_so_far_on_the_days_compared_is_added(session: Session, shop: Shop, days: int) -> None:
    period = Period(TODAY - timedelta(days=days - 1), TODAY)
    product = session.get_one(Product, asked(session, shop, AGES[0], None).rows[0].id)
    for back in (0, days, 7):
        sell(session, shop, product, 7, at=NOON - timedelta(days=back, hours=1))
    whole = asked(session, shop, period, None)

    best = asked(session, shop, period, None, limit=1)

    assert best == replace(whole, rows=whole.rows[:1])
    assert min(best.total.previous.net, best.total.weekdays.net, best.rows[0].previous.net) >= 700


def test_what_another_category_sold_today_is_left_out(session: Session, shop: Shop) -> None:
    here, there = make_category(session, "Fruit").id, make_category(session, "Fish").id
    for category in (here, there):
        product = make_product(session, shop, on_hand=9, category_id=category)
        sell(session, shop, product, 3, at=NOON - timedelta(hours=1))
    period = Period(AGES[1].first, TODAY)
    whole = asked(session, shop, period, None, category_id=here)

    best = asked(session, shop, period, None, category_id=here, limit=3)

    assert (best, best.total.figures.net) == (replace(whole, rows=whole.rows[:3]), 300)


@pytest.mark.parametrize("least", [("SORTED", 3), ("FEW", 2)], ids=["of many days", "of many rows"])
def test_a_long_list_is_cut_from_the_whole_table(
    session: Session, shop: Shop, least: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = asked(session, shop, AGES[1], None)
    monkeypatch.setattr(reports_analysis, *least)
    monkeypatch.delattr(reports_best, "best")

    assert asked(session, shop, AGES[1], None, limit=2) == replace(whole, rows=whole.rows[:2])


def test_of_a_category_too(session: Session, shop: Shop) -> None:
    category = session.get_one(Product, asked(session, shop, AGES[2], None).rows[0].id).category_id
    whole = asked(session, shop, AGES[2], None, category_id=category)

    best = asked(session, shop, AGES[2], None, category_id=category, limit=2)

    assert (best, whole.row_count) == (replace(whole, rows=whole.rows[:2]), PRODUCTS // 2)


def test_a_day_that_is_not_summarised_is_counted(session: Session, shop: Shop) -> None:
    day = session.get_one(SummarisedDay, (shop.store_id, YESTERDAY))
    day.summarised_at = None
    session.flush()

    # Nobody has receipts of what was filled in here, so that a counted day is an empty one.
    assert asked(session, shop, AGES[0], None, limit=5).row_count == 0
    whole = asked(session, shop, AGES[1], None)
    assert asked(session, shop, AGES[1], None, limit=5) == replace(whole, rows=whole.rows[:5])


def test_all_together_are_compared_with_all_that_sold_before(session: Session, shop: Shop) -> None:
    found = asked(session, shop, AGES[0], None, limit=5)

    where = reports_period.scope(session, shop.store_id, None)
    by_category = reports_analysis.categories(session, where, AGES[0], now=NOON)
    assert (found.total.previous, found.total.weekdays) == (by_category.total.previous, by_category.total.weekdays)
    assert found.total.previous.net > sum(row.previous.net for row in asked(session, shop, AGES[0], None).rows)


@contextmanager
def handed_over(session: Session) -> Iterator[list[int]]:
    """How many rows each statement about products handed over meanwhile; SQLite does not tell."""
    rows: list[int] = [0]
    engine = session.get_bind()

    def note(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if "_sales" in statement.lower():
            rows.append(cursor.rowcount)

    event.listen(engine, "after_cursor_execute", note)
    try:
        yield rows
    finally:
        event.remove(engine, "after_cursor_execute", note)
