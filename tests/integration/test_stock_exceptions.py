"""Shelf and books disagree until somebody has counted."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.back_office import RowUnknown
from app.models.staff import AuditEntry
from app.models.stock import StockException
from app.services import checkout, stock, stock_exceptions
from app.services.stock_exceptions import StillShort
from tests.factories import NOON, Shop, basket, make_product, make_shop


def oversold(session: Session) -> tuple[Shop, StockException]:
    """A shop that sold 3 of 2 with the goods in hand."""
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=2)
    checkout.ring_up(session, basket(shop, (milk, 3), goods_in_hand=True), now=NOON)
    return shop, session.scalars(select(StockException)).one()


def count_to(session: Session, shop: Shop, exception: StockException, pieces: int) -> None:
    stock.adjust(
        session, store_id=shop.store_id, product_id=exception.product_id, quantity=pieces * 1000, reason="correction",
        user_id=shop.cashier.id, now=NOON,
    )  # fmt: skip


def test_an_exception_stays_open_while_the_books_promise_more_than_they_have(session: Session) -> None:
    shop, exception = oversold(session)

    with pytest.raises(StillShort) as refusal:
        stock_exceptions.resolve(session, exception.id, note="looked", user_id=shop.cashier.id, now=NOON)

    assert refusal.value.details == {"available": -1_000}
    assert exception.open_key == f"{shop.store_id}:{exception.product_id}"


def test_an_exception_is_closed_once_the_count_is_right(session: Session) -> None:
    shop, exception = oversold(session)
    count_to(session, shop, exception, 1)

    closed = stock_exceptions.resolve(session, exception.id, note="one more found", user_id=shop.cashier.id, now=NOON)

    assert (closed.open_key, closed.resolved_at, closed.note) == (None, NOON, "one more found")
    assert session.scalars(select(AuditEntry.action)).all()[-1] == "stock.exception_resolved"
    assert stock.verify(session) == []


def test_closing_a_closed_exception_changes_nothing(session: Session) -> None:
    shop, exception = oversold(session)
    count_to(session, shop, exception, 1)
    stock_exceptions.resolve(session, exception.id, note="first", user_id=shop.cashier.id, now=NOON)

    stock_exceptions.resolve(session, exception.id, note="second", user_id=shop.cashier.id, now=NOON)

    assert exception.note == "first"


def test_the_next_shortage_opens_a_new_exception(session: Session) -> None:
    shop, exception = oversold(session)
    count_to(session, shop, exception, 1)
    stock_exceptions.resolve(session, exception.id, note="", user_id=shop.cashier.id, now=NOON)

    count_to(session, shop, exception, -5)

    kinds = session.scalars(select(StockException.kind).order_by(StockException.id)).all()
    assert kinds == ["sold_beyond_books", "adjusted_below_zero"]


def test_an_unknown_exception_is_named(session: Session) -> None:
    shop = make_shop(session)

    with pytest.raises(RowUnknown):
        stock_exceptions.resolve(session, 4711, note="", user_id=shop.cashier.id, now=NOON)
