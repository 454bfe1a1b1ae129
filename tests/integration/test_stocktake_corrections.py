"""Who has keyed in a wrong figure puts it right; nobody else's figure changes, and the audit log keeps the mistake."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.stocktake import Place
from app.domain.stocktake_refusals import StocktakeClosed
from app.models.staff import AuditEntry
from app.models.stocktake import StocktakeCount
from tests.counting_desk import begin, new_count, right
from tests.factories import make_product, make_shop, make_user


def figures(session: Session) -> list[int]:
    return list(session.scalars(select(StocktakeCount.quantity).order_by(StocktakeCount.id)))


def test_a_figure_that_was_a_mistake_is_replaced_and_noted(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 200)

    corrected = counting.count(milk, 20, minute=6, is_instead=True)
    counting.close()
    counting.approve()

    assert (corrected.total, corrected.needs_recount) == (20_000, False)
    assert figures(session) == [200_000, 20_000]
    assert (counting.line(milk).counted, counting.movements()) == (20_000, [])
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "stocktake.corrected")).one()
    assert entry.details == {"product": milk.id, "quantity": [200_000, 20_000]}
    assert entry.user_id == counting.counter.id
    assert right(session) == []


def test_both_places_of_ones_own_are_replaced_and_a_colleagues_figure_stays(session: Session) -> None:
    shop = make_shop(session)
    milk, colleague = make_product(session, shop, on_hand=20), make_user(session, shop.store)
    counting = begin(session, shop, milk)
    counting.count(milk, 9, by=colleague)
    counting.count(milk, 5)
    counting.count(milk, 5, is_more=True, place=Place.BACK)

    corrected = counting.count(milk, 11, is_instead=True)
    counting.close()

    assert corrected.total == 11_000
    assert counting.line(milk).counted == 20_000


def test_the_first_figure_may_be_said_to_stand_instead_of_none(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)

    counted = counting.count(milk, 20, is_instead=True)

    assert (counted.total, figures(session)) == (20_000, [20_000])
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == "stocktake.corrected")).all() == []


def test_a_correction_that_is_sent_twice_is_stored_once_and_the_mistake_does_not_come_back(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    mistake, right = new_count(milk, 200, 5), new_count(milk, 20, 6, is_instead=True)
    counting.tell(mistake)

    answers = [counting.tell(right, now=6) for _ in range(2)]
    late = counting.tell(mistake, now=7)

    assert [(answer.is_new, answer.total) for answer in answers] == [(True, 20_000), (False, 20_000)]
    assert (late.is_new, late.total) == (False, 20_000)


def test_a_recount_is_corrected_until_it_is_booked(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 10)
    counting.close()
    counting.count(milk, 2, minute=35)

    corrected = counting.count(milk, 20, minute=36, is_instead=True)
    counting.approve()

    assert (corrected.needs_recount, counting.line(milk).counted) == (False, 20_000)
    with pytest.raises(StocktakeClosed):
        counting.count(milk, 19, minute=50, is_instead=True)


def test_after_the_close_a_figure_that_is_believed_is_not_changed_any_more(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 20)
    counting.close()

    with pytest.raises(StocktakeClosed):
        counting.count(milk, 18, minute=35, is_instead=True)

    assert figures(session) == [20_000]
