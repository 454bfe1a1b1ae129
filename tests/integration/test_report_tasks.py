"""The hourly run over business days."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.refunds import NewRefund, ReturnedLine
from app.models.checkout import Sale, SaleLine
from app.models.reports import DailySales, SummarisedDay
from app.queries import reports_sums
from app.services import checkout, refunds, stock
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
    with time_machine.travel(datetime(2026, 3, 2, 23, 10, tzinfo=UTC), tick=False):
        after = tasks.summarise_days()

    assert (before, after) == (0, 1)


def test_a_refund_still_open_at_midnight_is_in_the_first_summary_of_its_day() -> None:
    shop = shop_that_sold()
    last_second, just_after = datetime(2026, 3, 2, 22, 59, 59, tzinfo=UTC), datetime(2026, 3, 2, 23, 0, 30, tzinfo=UTC)

    with unit_of_work() as session:
        give_back(session, shop, last_second)
        with time_machine.travel(just_after, tick=False):
            meanwhile = tasks.summarise_days()
    with time_machine.travel(just_after + timedelta(minutes=10), tick=False):
        first = tasks.summarise_days()

    with read_only() as session:
        refunded = session.scalars(select(DailySales.refunded)).all()
    assert (meanwhile, first, refunded) == (0, 1, [100])


def give_back(session: Session, shop: Shop, at: datetime) -> None:
    """The one piece that was sold, as far as the end of its transaction."""
    sale, line = session.execute(select(Sale.uuid, SaleLine.id).join(SaleLine, SaleLine.sale_id == Sale.id)).one()
    request = NewRefund(
        uuid=uuid4(), sale_uuid=sale, store_id=shop.store_id, till="T1", cashier_id=shop.cashier.id,
        lines=(ReturnedLine(line, 1000, "shelf"),), reason="broken",
    )  # fmt: skip
    refunds.refund(session, request, now=at)
    session.flush()
