"""Sums of fortnights: what reports of many days read instead of every day, and never when they no longer hold."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.reports import Period, fortnight_of
from app.models.catalog import Product
from app.models.reports import DailySales, FortnightSales, SummarisedDay
from app.services import reports, reports_analysis, reports_fortnights, reports_period
from app.services.reports_analysis import Analysis
from tests.factories import NOON, Shop, make_category, make_product, make_shop

TODAY = date(2026, 3, 2)
FIRST = TODAY - timedelta(days=60)
PERIOD = Period(TODAY - timedelta(days=45), TODAY)


@pytest.fixture
def shop(session: Session) -> Shop:
    """Sixty days on which milk and bread sold, some of the bread on offer, some of it given back."""
    shop = make_shop(session, time_zone="UTC")
    milk, bread = (make_product(session, shop, category_id=make_category(session, one).id) for one in ("D", "B"))
    for back in range(1, 61):
        day = TODAY - timedelta(days=back)
        session.add(SummarisedDay(store_id=shop.store_id, business_date=day, summarised_at=NOON, edition=1))
        session.add(sold(shop, milk, day, units=2000, gross=300, cost=200))
        session.add(
            sold(
                shop, bread, day, units=3000, gross=600, cost=150, returned=1000, refunded=200, returned_cost=50,
                is_promoted=back % 20 == 0, out_of_stock_minutes=back,
            )
        )  # fmt: skip
    session.flush()
    return shop


def sold(shop: Shop, product: Product, day: date, **columns: int) -> DailySales:
    return DailySales(store_id=shop.store_id, product_id=product.id, business_date=day, **columns)


def sum_up_all(session: Session) -> int:
    due = reports_fortnights.due(session, now=NOON)
    return sum(reports_fortnights.sum_up(session, *one, now=NOON) for one in due)


def asked(session: Session, shop: Shop) -> list[Analysis]:
    where = reports_period.scope(session, shop.store_id, None)
    return [one(session, where, PERIOD, now=NOON) for one in (reports_analysis.categories, reports_analysis.products)]


def test_reports_say_the_same_with_the_sums_as_without(session: Session, shop: Shop) -> None:
    before = asked(session, shop)

    done = sum_up_all(session)

    assert done == 4
    assert asked(session, shop) == before
    assert [(row.is_promoted, row.out_of_stock_minutes) for row in before[1].rows] == [
        (True, sum(range(1, 46))), (False, 0),
    ]  # fmt: skip


def test_reports_read_the_sums(session: Session, shop: Shop) -> None:
    sum_up_all(session)
    session.execute(update(FortnightSales).values(net=0))

    whole = asked(session, shop)[0].total.figures.net

    days = PERIOD.days - 1
    read_by_day = days - 14 * len([one for one in PERIOD.fortnights() if one <= TODAY - timedelta(days=17)])
    assert (whole, read_by_day) == (700 * read_by_day, 17)


def test_a_day_that_is_summarised_again_is_seen_at_once_and_summed_up_again(session: Session, shop: Shop) -> None:
    sum_up_all(session)
    day = TODAY - timedelta(days=30)

    reports.summarise_day(session, shop.store_id, day, now=NOON)  # it has no receipts: its sales go

    assert asked(session, shop)[0].total.figures.net == 700 * 44
    assert reports_fortnights.due(session, now=NOON) == [(shop.store_id, fortnight_of(day))]
    sum_up_all(session)
    assert asked(session, shop)[0].total.figures.net == 700 * 44


def test_a_day_that_an_older_version_has_summarised_meanwhile_is_summed_up_again(session: Session, shop: Shop) -> None:
    sum_up_all(session)
    day, later = TODAY - timedelta(days=30), NOON + timedelta(minutes=1)
    session.execute(update(DailySales).where(DailySales.business_date == day).values(gross=0, refunded=0))
    session.execute(update(SummarisedDay).where(SummarisedDay.business_date == day).values(summarised_at=later))

    done = sum_up_all(session)

    assert (done, asked(session, shop)[0].total.figures.net) == (1, 700 * 44)


def test_only_fortnights_that_are_over_for_some_days_are_due(session: Session, shop: Shop) -> None:
    firsts = [first for _store, first in reports_fortnights.due(session, now=NOON)]

    assert firsts[0] == fortnight_of(FIRST)
    assert firsts[-1] + timedelta(days=13) < TODAY - timedelta(days=reports.ALWAYS_AGAIN)
    assert fortnight_of(TODAY) not in firsts


def test_summing_up_again_leaves_the_same_rows(session: Session, shop: Shop) -> None:
    sum_up_all(session)
    columns = FortnightSales.__table__.columns
    before = session.execute(select(*columns).order_by(*columns)).all()
    reports_fortnights.reopen(session, shop.store_id, FIRST)

    again = sum_up_all(session)

    assert (again, session.execute(select(*columns).order_by(*columns)).all()) == (1, before)
