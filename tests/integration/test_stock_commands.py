"""`flask stock verify` and `flask stock post`: the books proved and kept without Celery."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.models.checkout import Sale
from app.models.stock import StockLevel, StockMovement
from app.services import checkout
from tests.factories import NOON, basket, level, make_product, make_shop


@pytest.fixture
def run(app: Flask) -> Callable[..., Any]:
    return app.test_cli_runner().invoke


def test_right_books_are_said_to_be_right(run: Callable[..., Any], session: Session) -> None:
    shop = make_shop(session)
    make_product(session, shop, on_hand=5)
    session.commit()

    result = run(args=["stock", "verify"])

    assert (result.exit_code, result.output) == (0, "The books are right: every invariant holds.\n")


def test_a_changed_movement_is_named_with_its_document(run: Callable[..., Any], session: Session) -> None:
    shop = make_shop(session)
    product = make_product(session, shop, on_hand=5)
    movement = session.scalars(select(StockMovement)).one()
    document = f"source_kind=adjustment, source_id={movement.source_id}, quantity=7000, documented=5000"
    session.execute(update(StockMovement).values(quantity=7000))
    session.commit()

    result = run(args=["stock", "verify"])

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"on_hand_is_sum_of_movements: store_id={shop.store_id}, product_id={product.id}, difference=-2000",
        f"  first bad movement: {movement.id} (opening 7000) of adjustment {movement.source_id}, which says 5000",
        f"movement_has_its_document: movement_id={movement.id}, {document}",
        "2 violations.",
    ]


def test_a_level_changed_without_a_movement_is_said_so(run: Callable[..., Any], session: Session) -> None:
    shop = make_shop(session)
    make_product(session, shop, on_hand=5)
    session.execute(update(StockLevel).values(on_hand=6000))
    session.commit()

    result = run(args=["stock", "verify"])

    assert result.exit_code == 1
    assert "the level was changed without a movement" in result.output


def test_waiting_sales_are_posted_without_celery(run: Callable[..., Any], session: Session) -> None:
    shop = make_shop(session)
    product = make_product(session, shop, on_hand=5)
    for _ in range(3):
        checkout.ring_up(session, basket(shop, (product, 1)), now=NOON)
    session.commit()

    result = run(args=["stock", "post"])
    again = run(args=["stock", "post"])

    assert (result.output, again.output) == ("3 sales posted.\n", "0 sales posted.\n")
    session.expire_all()
    assert session.scalar(select(func.count()).where(Sale.posted_at.is_(None)).select_from(Sale)) == 0
    assert level(session, shop, product) == (2000, 0)
