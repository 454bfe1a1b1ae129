"""Every posting and every refund opens its day again: by key, however many days have been summarised."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.models.reports import SummarisedDay
from app.services import reports
from tests.factories import NOON, make_shop

pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)
FIRST = date(2024, 1, 1)
DAYS = 700


def rows_read(session: Session) -> int:
    """Rows this connection has made the database read so far."""
    status = session.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'"))
    return sum(int(value) for _name, value in status)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_days_are_opened_again_without_reading_the_others(session: Session, count: int) -> None:
    shop = make_shop(session)
    key = {"store_id": shop.store_id, "summarised_at": NOON}
    session.execute(
        insert(SummarisedDay), [key | {"business_date": FIRST + timedelta(days=day)} for day in range(DAYS)]
    )
    days = [FIRST + timedelta(days=100 * number) for number in range(count)]

    before = rows_read(session)
    reports.reopen(session, {(shop.store_id, day) for day in days})
    read = rows_read(session) - before

    opened = session.scalars(select(SummarisedDay.business_date).where(SummarisedDay.summarised_at.is_(None))).all()
    assert sorted(opened) == days
    assert read < 20
