"""How far a counting session is, as the phone's list shows it."""

from sqlalchemy.orm import Session

from app.queries import stocktake as questions
from tests.factories import make_product, make_shop
from tests.integration.test_stocktake import begin


def test_every_line_that_has_to_be_counted_again_is_counted(session: Session) -> None:
    shop = make_shop(session)
    milk, tea, rice, salt = (make_product(session, shop, on_hand=10_000) for _ in range(4))
    counting = begin(session, shop, milk, tea, rice, salt)
    for product in (milk, tea, rice):
        counting.count(product, 900)

    counting.close()

    assert questions.progress(session, [counting.id]) == {counting.id: (4, 3, 3)}


def test_sessions_are_told_apart_however_often_a_product_was_counted(session: Session) -> None:
    shop = make_shop(session)
    milk, tea = (make_product(session, shop, on_hand=10_000) for _ in range(2))
    before = begin(session, shop, milk, tea)
    before.count(milk, 10_000)
    before.count(tea, 10_000)
    before.close()
    before.approve()
    counting = begin(session, shop, milk, tea)
    counting.count(milk, 6_000)
    counting.count(milk, 4_000, is_more=True)

    assert questions.progress(session, [before.id, counting.id]) == {before.id: (2, 2, 0), counting.id: (2, 1, 0)}
