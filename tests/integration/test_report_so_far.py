"""A period that ends today is compared with as much of the earlier days as there has been of it so far."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.domain.reports import Period
from app.models.catalog import Product
from app.services import reports, reports_analysis, reports_period, stock
from app.services.reports_analysis import Analysis
from tests.factories import NOON, Shop, make_product, make_shop
from tests.integration.test_reports import give_back, sell

TODAY = date(2026, 3, 2)
MORNING, EVENING = timedelta(hours=-2), timedelta(hours=6)
WEEK = timedelta(days=7)


@pytest.fixture
def shop(session: Session) -> Shop:
    """A shop on the clock of UTC; NOON is twelve there."""
    return make_shop(session, time_zone="UTC")


@pytest.fixture
def milk(session: Session, shop: Shop) -> Product:
    """Costs 100; yesterday and a week ago two were sold in the morning and five in the evening."""
    milk = make_product(session, shop, on_hand=500)
    for day in (NOON - WEEK, NOON - timedelta(days=1)):
        sell(session, shop, milk, 2, at=day + MORNING)
        sell(session, shop, milk, 5, at=day + EVENING)
    return milk


def summarise(session: Session, shop: Shop) -> None:
    stock.post_sales(session, now=NOON)
    for back in range(1, 15):
        reports.summarise_day(session, shop.store_id, TODAY - timedelta(days=back), now=NOON)


def asked(session: Session, shop: Shop, days: int, *, last: date = TODAY, now: datetime = NOON) -> list[Analysis]:
    """Categories and products of the days up to `last`."""
    where = reports_period.scope(session, shop.store_id, None)
    period = Period(last - timedelta(days=days - 1), last)
    return [one(session, where, period, now=now) for one in (reports_analysis.categories, reports_analysis.products)]


def test_today_is_compared_with_yesterday_up_to_this_hour(session: Session, shop: Shop, milk: Product) -> None:
    sell(session, shop, milk, 3, at=NOON + MORNING)
    summarise(session, shop)

    found = asked(session, shop, 1)

    assert [(one.total.figures.net, one.total.previous.net, one.total.weekdays.net) for one in found] == [
        (300, 200, 200), (300, 200, 200),
    ]  # fmt: skip


def test_the_other_days_of_a_period_count_whole(session: Session, shop: Shop, milk: Product) -> None:
    sell(session, shop, milk, 3, at=NOON + MORNING)
    sell(session, shop, milk, 1, at=NOON - WEEK - timedelta(days=1) + EVENING)
    summarise(session, shop)

    found = asked(session, shop, 7)

    # This week: seven yesterday and three today; the week before: one on its sixth day, two on its seventh by noon.
    assert [(one.total.figures.net, one.total.previous.net) for one in found] == [(1000, 300), (1000, 300)]


def test_what_came_back_later_that_day_is_not_compared_either(session: Session, shop: Shop, milk: Product) -> None:
    sell(session, shop, milk, 3, at=NOON + MORNING)
    sale = sell(session, shop, milk, 1, at=NOON - WEEK + MORNING)
    give_back(session, shop, sale, 1, at=NOON - WEEK + EVENING)
    summarise(session, shop)

    assert [one.total.weekdays.net for one in asked(session, shop, 1)] == [300, 300]


def test_days_that_are_over_are_compared_whole(session: Session, shop: Shop, milk: Product) -> None:
    summarise(session, shop)

    found = asked(session, shop, 1, last=TODAY - timedelta(days=1), now=NOON)

    assert [(one.total.figures.net, one.total.weekdays.net) for one in found] == [(700, 0), (700, 0)]
    assert [one.total.previous.net for one in asked(session, shop, 6, last=TODAY - timedelta(days=1))] == [700, 700]


def test_days_to_come_are_compared_with_nothing(session: Session, shop: Shop, milk: Product) -> None:
    sell(session, shop, milk, 3, at=NOON + MORNING)
    summarise(session, shop)

    found = asked(session, shop, 7, last=TODAY + timedelta(days=3))

    # Today is the fourth of these days; of the week before they only reach its Monday at noon.
    assert [(one.total.figures.net, one.total.previous.net) for one in found] == [(1000, 200), (1000, 200)]
