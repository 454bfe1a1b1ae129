"""How far a counting session is, as the phone's list shows it."""

from sqlalchemy.orm import Session

from app.queries import stocktake as questions
from app.queries import stocktake_proposals
from tests.counting_desk import after, begin
from tests.factories import NOON, make_product, make_shop


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


def test_accuracy_is_that_of_all_counts_of_the_stores_since_then(session: Session) -> None:
    shop = make_shop(session)
    goods = [make_product(session, shop, on_hand=100, purchase_price=100) for _ in range(4)]
    counting = begin(session, shop, *goods)
    for product, pieces in zip(goods, (100, 100, 100, 90), strict=True):
        counting.count(product, pieces)
    counting.close()
    counting.approve()

    found = stocktake_proposals.accuracy(session, [shop.store_id], since=NOON)
    before = stocktake_proposals.accuracy(session, None, since=after(60))

    assert (found.stocktakes, found.of_lines, found.of_value) == (1, 75.0, 97.5)
    assert (before.of_lines, before.of_value) == (None, None)
