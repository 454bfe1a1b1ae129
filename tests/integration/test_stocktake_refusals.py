"""Where a count may be opened, and what is refused on the way."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.errors import QuantityOutOfRange, ShopError, UnknownBarcode
from app.domain.stocktake import Kind, Reason
from app.domain.stocktake_refusals import (
    NothingCountedYet,
    NothingToCount,
    NotInStocktake,
    ProductUnknown,
    QuantityNotWhole,
    StocktakeClosed,
    StocktakeOpen,
    StocktakeOverlaps,
    StocktakeUnknown,
    StocktakeUuidConflict,
)
from app.models.stocktake import StocktakeCount, StocktakeLine
from app.services import stocktake
from app.services.stocktake import Scope
from tests.counting_desk import after, begin, open_scope
from tests.factories import NOON, make_product, make_shop


def test_a_product_is_counted_in_one_session_at_a_time(session: Session) -> None:
    shop = make_shop(session)
    milk, tea = (make_product(session, shop, on_hand=20, shelf="A1") for _ in range(2))
    counting = begin(session, shop, milk)

    with pytest.raises(StocktakeOverlaps) as refusal:
        open_scope(session, shop, Scope(Kind.SHELF, shelf="A1"), counting.counter)
    stocktake.cancel(session, counting.id, store_ids=None, user_id=counting.manager.id, now=after(9))
    second = open_scope(session, shop, Scope(Kind.SHELF, shelf="A1"), counting.counter)

    assert refusal.value.details == {"stocktake_id": counting.id, "products": 1}
    lines = session.scalars(select(StocktakeLine.product_id).where(StocktakeLine.stocktake_id == second))
    assert sorted(lines) == [milk.id, tea.id]


def test_a_category_has_what_is_stocked_and_on_sale(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=1)
    make_product(session, is_stocked=False)
    make_product(session, is_archived=True)

    opened = open_scope(session, shop, Scope(Kind.CATEGORY, category_id=milk.category_id), shop.cashier)

    assert session.scalars(select(StocktakeLine.product_id).where(StocktakeLine.stocktake_id == opened)).all() == [
        milk.id
    ]


def test_the_same_session_again_is_the_first_and_another_under_its_number_is_refused(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20, shelf="A1")
    uuid, scope = uuid4(), Scope(Kind.SHELF, shelf="A1")
    first = open_scope(session, shop, scope, shop.cashier, uuid=uuid)

    again = open_scope(session, shop, scope, shop.cashier, uuid=uuid)
    with pytest.raises(StocktakeUuidConflict):
        open_scope(session, shop, Scope(Kind.LIST, product_ids=(milk.id,)), shop.cashier, uuid=uuid)

    assert again == first


def test_a_cancelled_session_books_nothing_and_takes_nothing(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)
    counting.count(milk, 18)
    for _ in range(2):
        stocktake.cancel(session, counting.id, store_ids=None, user_id=counting.manager.id, now=after(9))

    for step in (counting.close, counting.approve, lambda: counting.count(milk, 17)):
        with pytest.raises(StocktakeClosed):
            step()
    assert counting.movements() == []


@pytest.mark.parametrize(
    ("what", "pieces", "refusal"),
    [
        ("milk", -1, QuantityOutOfRange),
        ("milk", 10_000_000, QuantityOutOfRange),
        ("milk", 0.5, QuantityNotWhole),
        ("tea", 1, NotInStocktake),
        ("nobody knows", 1, UnknownBarcode),
        ("gone", 1, ProductUnknown),
    ],
)
def test_figures_that_cannot_be_are_refused(
    session: Session, what: str, pieces: float, refusal: type[ShopError]
) -> None:
    shop = make_shop(session)
    milk, tea = (make_product(session, shop, on_hand=20) for _ in range(2))
    counting = begin(session, shop, milk)
    gone = type("Gone", (), {"id": 4711})

    with pytest.raises(refusal):
        counting.count({"milk": milk, "tea": tea, "gone": gone}.get(what, what), pieces)

    assert session.scalar(select(func.count()).select_from(StocktakeCount)) == 0


def test_steps_out_of_order_are_refused(session: Session) -> None:
    shop, elsewhere = make_shop(session), make_shop(session)
    milk = make_product(session, shop, on_hand=20)
    counting = begin(session, shop, milk)

    with pytest.raises(StocktakeOpen):
        counting.approve()
    with pytest.raises(NothingCountedYet):
        counting.close()
    with pytest.raises(NothingToCount):
        open_scope(session, shop, Scope(Kind.SHELF, shelf="nowhere"), counting.counter)
    with pytest.raises(StocktakeUnknown):
        stocktake.cancel(session, counting.id, store_ids=[elsewhere.store_id], user_id=1, now=NOON)
    with pytest.raises(StocktakeUnknown):
        stocktake.cancel(session, 4711, store_ids=None, user_id=1, now=NOON)
    counting.count(milk, 19)
    counting.close()
    with pytest.raises(NotInStocktake):
        counting.approve(reasons={4711: Reason.THEFT})
