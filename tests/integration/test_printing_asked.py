"""Which receipt is asked of which printer: one original, numbered copies, the printer of the till."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.after_commit import waiting
from app.domain.errors import SaleUnknown
from app.domain.events import PrintRequested
from app.domain.printing import NoPrinter, PrintUuidConflict
from app.models.printing import PrintJob
from tests import factories
from tests.print_queue import ask, make_printer, sell

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_an_original_is_asked_for_as_often_as_one_likes(session: Session) -> None:
    shop = factories.make_shop(session)
    make_printer(session, shop)
    sale = sell(session, shop)

    jobs = {ask(session, shop, sale).id for _ in range(3)}

    assert len(jobs) == 1
    assert [fact for fact in waiting(session) if isinstance(fact, PrintRequested)] != []


def test_copies_are_numbered(session: Session) -> None:
    shop = factories.make_shop(session)
    make_printer(session, shop)
    sale = sell(session, shop)
    ask(session, shop, sale)

    copies = [ask(session, shop, sale, is_copy=True).copy_number for _ in range(2)]

    assert copies == [1, 2]


def test_one_uuid_stands_for_one_receipt(session: Session) -> None:
    shop = factories.make_shop(session)
    make_printer(session, shop)
    uuid = uuid4()
    ask(session, shop, sell(session, shop), uuid=uuid)

    with pytest.raises(PrintUuidConflict):
        ask(session, shop, sell(session, shop), uuid=uuid)

    assert session.scalar(select(func.count()).select_from(PrintJob)) == 1


def test_a_till_has_its_own_printer_before_that_of_the_store(session: Session) -> None:
    shop = factories.make_shop(session)
    make_printer(session, shop)
    own = make_printer(session, shop, till="T1")

    job = ask(session, shop, sell(session, shop))

    assert job.printer_id == own.id


def test_a_shop_without_printer_says_so(session: Session) -> None:
    shop = factories.make_shop(session)
    make_printer(session, shop, is_active=False)

    with pytest.raises(NoPrinter):
        ask(session, shop, sell(session, shop))


def test_the_sale_of_another_store_is_not_printed(session: Session) -> None:
    shop, other = factories.make_shop(session), factories.make_shop(session)
    make_printer(session, other)

    with pytest.raises(SaleUnknown):
        ask(session, other, sell(session, shop))
