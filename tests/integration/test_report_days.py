"""What a summary knows beside sums: hours, cashiers, offers, hours without stock; and that a recount says the same."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.refunds import NewRefund, ReturnedLine
from app.models.checkout import RefundLine, Sale, SaleLine
from app.models.reports import DailyCashier, DailyHour, DailySales, SummarisedDay
from app.queries import reports as report_queries
from app.services import checkout, refunds, reports, reports_day, stock
from app.tasks import reports as tasks
from app.unit_of_work import read_only, unit_of_work
from tests.factories import NOON, Shop, basket, make_product, make_shop, make_user

DAY = date(2026, 3, 2)
LATER = NOON + timedelta(days=1)


def sell(session: Session, shop: Shop, product: Any, pieces: int, at: datetime = NOON, **how: Any) -> int:
    return checkout.ring_up(session, basket(shop, (product, pieces), goods_in_hand=True, **how), now=at).sale_id


def give_back(session: Session, shop: Shop, sale_id: int, pieces: int, to: str, at: datetime = NOON) -> None:
    sale_uuid = session.scalars(select(Sale.uuid).where(Sale.id == sale_id)).one()
    line_id = session.scalars(select(SaleLine.id).where(SaleLine.sale_id == sale_id)).one()
    line = ReturnedLine(line_id, pieces * 1000, to)
    request = NewRefund(
        uuid=uuid4(), sale_uuid=sale_uuid, store_id=shop.store_id, till="T1", cashier_id=shop.cashier.id,
        lines=(line,), reason="broken",
    )  # fmt: skip
    refunds.refund(session, request, now=at)


def summarise(session: Session, shop: Shop, day: date = DAY) -> None:
    stock.post_sales(session, now=LATER, limit=1000)
    reports.summarise_day(session, shop.store_id, day, now=LATER)


def columns_of(session: Session, *columns: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(select(*columns).order_by(*columns))]


def test_only_what_went_back_to_the_shelf_gives_its_cost_back(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=50, price=130, purchase_price=80)
    sale = sell(session, shop, milk, 5)
    give_back(session, shop, sale, 1, "shelf")
    give_back(session, shop, sale, 2, "waste")

    summarise(session, shop)

    row = report_queries.counted(session, shop.store_id, DAY)[0]
    assert columns_of(session, DailySales.cost, DailySales.returned_cost) == [(400, 80)]
    assert (row.net, row.margin) == (260, 260 - 400 + 80)


def test_takings_are_kept_by_hour_of_the_shops_clock_and_by_cashier(session: Session) -> None:
    shop = make_shop(session, time_zone="Asia/Shanghai")
    other = make_user(session, shop.store)
    milk = make_product(session, shop, on_hand=50, price=100)
    sale = sell(session, shop, milk, 2, NOON)
    sell(session, Shop(shop.store, other), milk, 3, NOON + timedelta(hours=1))
    give_back(session, shop, sale, 1, "shelf", NOON + timedelta(hours=1))

    summarise(session, shop)

    figures = ("receipts", "lines", "gross", "refunds", "refunded")
    hours = columns_of(session, DailyHour.hour, *(getattr(DailyHour, name) for name in figures))
    people = columns_of(session, DailyCashier.cashier_id, *(getattr(DailyCashier, name) for name in figures))
    assert hours == [(20, 1, 1, 200, 0, 0), (21, 1, 1, 300, 1, 100)]
    assert people == [(shop.cashier.id, 1, 1, 200, 1, 100), (other.id, 1, 1, 300, 0, 0)]
    assert columns_of(session, SummarisedDay.open_minutes, SummarisedDay.edition) == [(60, report_queries.EDITION)]


def test_a_product_clearly_below_its_usual_price_is_on_offer(session: Session) -> None:
    shop = make_shop(session)
    cheap, stable = make_product(session, shop, on_hand=99, price=200), make_product(session, shop, on_hand=99)
    for count, price in enumerate((200, 200, 150, 195)):
        cheap.selling_price = price
        session.flush()
        for product in (cheap, stable):
            sell(session, shop, product, 1, NOON + timedelta(days=count))
        summarise(session, shop, DAY + timedelta(days=count))

    flags = session.execute(
        select(DailySales.business_date, DailySales.product_id)
        .where(DailySales.is_promoted.is_(True))
        .order_by(DailySales.business_date)
    ).all()
    assert [tuple(row) for row in flags] == [(DAY + timedelta(days=2), cheap.id)]


OPENED, CLOSED = NOON, NOON + timedelta(hours=8)


@pytest.mark.parametrize(
    ("left", "steps", "minutes"),
    [
        (5, [], 0),
        (0, [], 480),
        (-1, [(60, 3)], 60),
        (2, [(30, -2)], 450),
        (2, [(30, -2), (90, 10)], 60),
        (1, [(-120, -1), (-60, 4)], 0),
        (1, [(600, -1)], 0),
        (0, [(600, 5)], 480),
    ],
)
def test_minutes_without_stock_count_while_the_shop_sells(
    left: int, steps: list[tuple[int, int]], minutes: int
) -> None:
    moments = [(NOON + timedelta(minutes=at), change) for at, change in steps]

    assert reports_day.minutes_without(left, moments, OPENED, CLOSED) == minutes


def test_what_is_gone_is_missing_until_more_comes_even_on_days_it_does_not_sell(session: Session) -> None:
    shop = make_shop(session)
    milk, bread = make_product(session, shop, on_hand=2), make_product(session, shop, on_hand=99)
    make_product(session, shop)
    for count in range(3):  # the shop sells bread from noon to four, every day
        for hour in (0, 4):
            sell(session, shop, bread, 1, NOON + timedelta(days=count, hours=hour))
    sell(session, shop, milk, 2, NOON + timedelta(hours=1))
    stock.post_sales(session, now=LATER)
    stock.adjust(
        session, store_id=shop.store_id, product_id=milk.id, quantity=9_000, reason="found", user_id=None,
        now=NOON + timedelta(days=2, hours=3),
    )  # fmt: skip

    for count in range(3):
        summarise(session, shop, DAY + timedelta(days=count))

    rows = session.execute(
        select(DailySales.business_date, DailySales.units, DailySales.out_of_stock_minutes)
        .where(DailySales.product_id == milk.id)
        .order_by(DailySales.business_date)
    ).all()
    assert [(row[0].day, row[1], row[2]) for row in rows] == [(2, 2_000, 180), (3, 0, 240), (4, 0, 180)]
    assert session.scalar(select(func.count(DailySales.product_id.distinct()))) == 2


@pytest.mark.usefixtures("app_context")
def test_one_walk_through_the_ledger_finds_what_a_walk_for_each_day_finds() -> None:
    random.seed(5)
    with unit_of_work() as session:
        shop = make_shop(session)
        goods = [make_product(session, shop, on_hand=random.randint(1, 9)) for _ in range(8)]
        for _ in range(120):
            at = NOON + timedelta(minutes=random.randint(0, 9 * 24 * 60))
            sell(session, shop, random.choice(goods), 1, at)
        stock.post_sales(session, now=LATER, limit=1000)
    days = [DAY + timedelta(days=count) for count in (0, 1, 2, 5, 8)]

    with read_only() as session:
        zone = report_queries.time_zones(session)[shop.store_id]
        together = reports_day.missing(session, shop.store_id, zone, days)
        single = {day: reports_day.missing(session, shop.store_id, zone, [day]).get(day) for day in days}

    assert together == single
    assert sum(len(one) for one in together.values()) > 8


def test_a_late_sale_long_ago_keeps_the_hours_that_are_known_and_spares_the_ledger(session: Session) -> None:
    shop = make_shop(session)
    milk, bread = make_product(session, shop, on_hand=1), make_product(session, shop, on_hand=99)
    for count in range(0, 60, 30):
        for hour in (0, 4):
            sell(session, shop, bread, 1, NOON + timedelta(days=count, hours=hour))
    sell(session, shop, milk, 1, NOON + timedelta(hours=1))
    summarise(session, shop)
    before = reports.hours_without_stock(session, {(shop.store_id, DAY)})
    stock.adjust(
        session, store_id=shop.store_id, product_id=milk.id, quantity=5_000, reason="found", user_id=None, now=NOON
    )

    late = {(shop.store_id, DAY), (shop.store_id, DAY + timedelta(days=36))}

    assert before == {shop.store_id: {DAY: {milk.id: 180}}}
    assert reports.hours_without_stock(session, late)[shop.store_id][DAY] == {milk.id: 180}
    assert reports.hours_without_stock(session, {(shop.store_id, DAY)}) == {shop.store_id: {DAY: {}}}


@pytest.mark.usefixtures("app_context")
def test_after_late_sales_and_refunds_every_closed_day_is_what_a_recount_of_its_receipts_says() -> None:
    random.seed(11)
    end = NOON + timedelta(days=12)
    with unit_of_work() as session:
        shop, second = make_shop(session), make_shop(session, time_zone="Asia/Tokyo")
        goods = {
            one.store_id: [make_product(session, one, on_hand=40, price=99 + n, purchase_price=61) for n in range(5)]
            for one in (shop, second)
        }
    for round_ in range(4):  # trade, count, trade on days that were counted already, count again
        with unit_of_work() as session:
            for one in (shop, second):
                _trade(session, one, goods[one.store_id], round_)
            stock.post_sales(session, now=end, limit=1000)
        with time_machine.travel(end + timedelta(hours=round_), tick=False):
            assert tasks.summarise_days() > 0

    with read_only() as session:
        stored = {
            (row.store_id, row.business_date, row.product_id): row
            for row in session.scalars(select(DailySales).where(DailySales.units + DailySales.returned > 0))
        }
        recounted = {
            (one.store_id, day, row.product_id): row
            for one in (shop, second)
            for day in (DAY + timedelta(days=count) for count in range(-1, 12))
            for row in report_queries.counted(session, one.store_id, day)
        }
        assert stock.verify(session) == []
        assert len(session.scalars(select(RefundLine.id)).all()) > 20
    assert stored.keys() == recounted.keys()
    assert len(stored) > 60
    for key, row in recounted.items():
        assert [getattr(stored[key], name) for name in report_queries.SUMS] == [
            getattr(row, name) for name in report_queries.SUMS
        ]


def _trade(session: Session, shop: Shop, goods: list[Any], round_: int) -> None:
    for _ in range(30):
        at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=random.randint(0, 11 * 24 * 60))
        sale = sell(session, shop, random.choice(goods), random.randint(1, 4), at)
        if random.random() < 0.3:
            to = random.choice(["shelf", "waste"])
            give_back(session, shop, sale, 1, to, at + timedelta(hours=random.randint(0, 30)))


@pytest.mark.usefixtures("app_context")
def test_days_of_an_older_edition_are_counted_again() -> None:
    with unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=50)
        for count in range(40):
            sell(session, shop, milk, 1, NOON + timedelta(days=count))
        stock.post_sales(session, now=LATER, limit=1000)
        for count in range(40):
            day = DAY + timedelta(days=count)
            session.add(SummarisedDay(store_id=shop.store_id, business_date=day, summarised_at=NOON, edition=0))

    with time_machine.travel(NOON + timedelta(days=40), tick=False):
        first = tasks.summarise_days()
        again = tasks.summarise_days()

    assert (first, again) == (40, 3)


@pytest.mark.usefixtures("app_context")
def test_a_backlog_that_takes_too_long_goes_on_with_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work() as session:
        shop = make_shop(session)
        sell(session, shop, make_product(session, shop, on_hand=50), 1)
        stock.post_sales(session, now=NOON)

    monkeypatch.setattr(tasks, "ENOUGH_S", 0.0)
    with time_machine.travel(NOON + timedelta(days=5), tick=False):
        none = tasks.summarise_days()
        monkeypatch.undo()
        rest = tasks.summarise_days()

    assert (none, rest) == (0, 5)
