"""The hourly run over business days."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.models.reports import SummarisedDay
from app.queries import reports_sums
from app.services import checkout, stock
from app.tasks import reports as tasks
from app.unit_of_work import read_only, unit_of_work
from tests.factories import NOON, Shop, basket, make_product, make_shop

pytestmark = pytest.mark.usefixtures("app_context")


def shop_that_sold() -> Shop:
    with unit_of_work() as session:
        shop = make_shop(session)
        checkout.ring_up(session, basket(shop, (make_product(session, shop, on_hand=9), 1)), now=NOON)
        stock.post_sales(session, now=NOON)
        return shop


def test_the_hourly_run_catches_up_and_then_repeats_the_last_three_days() -> None:
    shop_that_sold()

    with time_machine.travel(NOON + timedelta(days=5), tick=False):
        first = tasks.summarise_days()
    with time_machine.travel(NOON + timedelta(days=5, hours=1), tick=False):
        again = tasks.summarise_days()

    with read_only() as session:
        days = session.scalars(select(SummarisedDay.business_date).order_by(SummarisedDay.business_date)).all()
        assert stock.verify(session) == []
    assert (first, again) == (5, 3)
    assert days == [NOON.date() + timedelta(days=count) for count in range(5)]


def test_the_hourly_run_sums_up_a_fortnight_that_has_been_over_for_three_days() -> None:
    shop = shop_that_sold()

    found = []
    for days in (16, 17):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            tasks.summarise_days()
        with read_only() as session:
            found.append(reports_sums.summed(session, shop.store_id, [NOON.date()]))

    assert found == [[], [NOON.date()]]


def test_one_day_can_be_asked_for_by_its_date() -> None:
    shop = shop_that_sold()

    assert tasks.summarise_day(shop.store_id, "2026-03-02") == 1
    with pytest.raises(ValueError):
        tasks.summarise_day(shop.store_id, "2026-02-30")


def test_a_shop_is_summarised_after_its_own_midnight() -> None:
    shop_that_sold()

    with time_machine.travel(datetime(2026, 3, 2, 22, 59, tzinfo=UTC), tick=False):
        before = tasks.summarise_days()
    with time_machine.travel(datetime(2026, 3, 2, 23, 1, tzinfo=UTC), tick=False):
        after = tasks.summarise_days()

    assert (before, after) == (0, 1)
