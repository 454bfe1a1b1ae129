"""Daily summaries: counted from receipts, again and again the same."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.checkout import BasketLine
from app.domain.refunds import NewRefund, ReturnedLine
from app.models.catalog import Product
from app.models.checkout import Sale, SaleLine
from app.models.reports import DailySales, SummarisedDay
from app.services import checkout, refunds, reports, stock
from tests.factories import NOON, Shop, basket, make_product, make_shop

DAY = date(2026, 3, 2)
NEXT_DAY = NOON + timedelta(days=1)
ROW = (
    DailySales.product_id,
    DailySales.units,
    DailySales.returned,
    DailySales.gross,
    DailySales.refunded,
    DailySales.cost,
)


def sell(session: Session, shop: Shop, product: Product, pieces: int, *, at: datetime = NOON) -> int:
    return checkout.ring_up(session, basket(shop, (product, pieces)), now=at).sale_id


def give_back(session: Session, shop: Shop, sale_id: int, pieces: int, *, at: datetime = NOON) -> None:
    sale_uuid = session.scalars(select(Sale.uuid).where(Sale.id == sale_id)).one()
    line_id = session.scalars(select(SaleLine.id).where(SaleLine.sale_id == sale_id)).one()
    refunds.refund(
        session,
        NewRefund(
            uuid=uuid4(), sale_uuid=sale_uuid, store_id=shop.store_id, till="T1", cashier_id=shop.cashier.id,
            lines=(ReturnedLine(line_id, pieces * 1000, "shelf"),), reason="broken",
        ),
        now=at,
    )  # fmt: skip


def post(session: Session) -> None:
    stock.post_sales(session, now=NOON)


def summarise(session: Session, shop: Shop, day: date = DAY) -> reports.Summary | None:
    return reports.summarise_day(session, shop.store_id, day, now=NEXT_DAY)


def rows(session: Session) -> list[tuple[int, ...]]:
    return [tuple(row) for row in session.execute(select(*ROW).order_by(DailySales.product_id))]


def marks(session: Session) -> dict[date, datetime | None]:
    found = session.execute(select(SummarisedDay.business_date, SummarisedDay.summarised_at))
    return dict(found.all())


def test_a_day_is_what_was_sold_returned_taken_and_paid_for(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=50, price=129, purchase_price=77)
    bread = make_product(session, shop, on_hand=50, price=200, purchase_price=90)
    sale = sell(session, shop, milk, 3)
    sell(session, shop, milk, 2)
    sell(session, shop, bread, 1)
    give_back(session, shop, sale, 1)

    summary = summarise(session, shop)

    assert rows(session) == [(milk.id, 5_000, 1_000, 645, 129, 385), (bread.id, 1_000, 0, 200, 0, 90)]
    assert summary == reports.Summary(products=2, net=716)
    assert marks(session) == {DAY: NEXT_DAY}


def test_summarising_again_gives_the_same_rows(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=50)
    sell(session, shop, milk, 3)

    summarise(session, shop)
    first = rows(session)
    summarise(session, shop)

    assert rows(session) == first == [(milk.id, 3_000, 0, 300, 0, 0)]


def test_a_refund_counts_on_the_day_it_is_made(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=50)
    sale = sell(session, shop, milk, 3)
    give_back(session, shop, sale, 3, at=NEXT_DAY)

    summarise(session, shop, DAY)
    summarise(session, shop, DAY + timedelta(days=1))

    assert rows(session) == [(milk.id, 3_000, 0, 300, 0, 0), (milk.id, 0, 3_000, 0, 300, 0)]


def test_another_store_is_another_day(session: Session) -> None:
    shop, elsewhere = make_shop(session), make_shop(session)
    milk = make_product(session, shop, on_hand=50)
    sell(session, shop, milk, 3)

    summarise(session, elsewhere)

    assert rows(session) == []


def test_a_late_sale_opens_its_day_again_when_it_is_posted(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=50)
    sell(session, shop, milk, 3)
    post(session)
    summarise(session, shop)
    assert stock.verify(session) == []

    sell(session, shop, milk, 1)
    assert stock.verify(session) == []
    post(session)

    assert marks(session) == {DAY: None}
    assert (shop.store_id, DAY) in reports.due_days(session, now=NEXT_DAY + timedelta(days=30))
    summarise(session, shop)
    assert rows(session) == [(milk.id, 4_000, 0, 400, 0, 0)]
    assert stock.verify(session) == []


def test_a_late_refund_opens_its_day_again_at_once(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=50)
    sale = sell(session, shop, milk, 3)
    post(session)
    summarise(session, shop)

    give_back(session, shop, sale, 1)

    assert marks(session) == {DAY: None}
    assert stock.verify(session) == []


@pytest.mark.parametrize("column", ["units", "returned", "gross", "refunded", "cost", "returned_cost"])
def test_a_summary_that_is_not_what_the_receipts_say_is_found(session: Session, column: str) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=50, purchase_price=60)
    sell(session, shop, milk, 3)
    post(session)
    summarise(session, shop)

    session.execute(update(DailySales).values({column: getattr(DailySales, column) + 1}))

    found = stock.verify(session)
    assert [one.invariant for one in found] == ["daily_summary_is_recomputed_summary"]
    assert (found[0].row["store_id"], found[0].row["product_id"]) == (shop.store_id, milk.id)


def test_a_missing_summary_row_is_found(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=50)
    sell(session, shop, milk, 3)
    post(session)

    session.add(SummarisedDay(store_id=shop.store_id, business_date=DAY, summarised_at=NEXT_DAY))
    session.flush()

    assert [one.invariant for one in stock.verify(session)] == ["daily_summary_is_recomputed_summary"]


def test_cost_is_rounded_once_a_day_and_still_agrees(session: Session) -> None:
    shop = make_shop(session)
    cheese = make_product(session, shop, on_hand=50_000, unit="kg", price=1_000, purchase_price=333)
    line = basket(shop, total=250)
    for _ in range(3):
        sale = replace(line, uuid=uuid4(), lines=(BasketLine(cheese.id, 250),))
        checkout.ring_up(session, sale, now=NOON)
    post(session)

    summarise(session, shop)

    assert rows(session) == [(cheese.id, 750, 0, 750, 0, 250)]
    assert stock.verify(session) == []


def test_every_closed_day_since_the_first_sale_is_due_and_today_is_not(session: Session) -> None:
    shop = make_shop(session)
    make_shop(session)
    sell(session, shop, make_product(session, shop, on_hand=50), 1)

    due = reports.due_days(session, now=NOON + timedelta(days=5))

    assert due == [(shop.store_id, DAY + timedelta(days=count)) for count in range(5)]


def test_the_last_three_closed_days_are_due_even_when_they_are_done(session: Session) -> None:
    shop = make_shop(session)
    sell(session, shop, make_product(session, shop, on_hand=50), 1)
    for count in range(6):
        summarise(session, shop, DAY + timedelta(days=count))

    due = reports.due_days(session, now=NOON + timedelta(days=6))

    assert due == [(shop.store_id, DAY + timedelta(days=count)) for count in (3, 4, 5)]


def test_a_day_closes_by_the_clock_of_its_own_store(session: Session) -> None:
    tokyo, zagreb = make_shop(session, time_zone="Asia/Tokyo"), make_shop(session, time_zone="Europe/Zagreb")
    evening = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    for shop in (tokyo, zagreb):
        sell(session, shop, make_product(session, shop, on_hand=50), 1, at=NOON)

    assert reports.due_days(session, now=evening) == [(tokyo.store_id, DAY)]


def test_a_day_that_another_run_has_just_done_is_left_alone(session: Session) -> None:
    shop = make_shop(session)
    sell(session, shop, make_product(session, shop, on_hand=50), 1)
    summarise(session, shop)

    earlier, later = NEXT_DAY - timedelta(seconds=1), NEXT_DAY + timedelta(seconds=1)

    assert reports.summarise_day(session, shop.store_id, DAY, now=later, unless_since=earlier) is None
    assert reports.summarise_day(session, shop.store_id, DAY, now=later, unless_since=later) is not None
