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
