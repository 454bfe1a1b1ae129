"""The books proved range by range: what stands in any range is found, and tills may go on selling meanwhile."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.domain.refunds import NewRefund, ReturnedLine
from app.models.checkout import RefundLine, RefundPayment, Sale, SaleLine
from app.models.stock import StockAdjustment, StockLevel, StockMovement
from app.queries import proof
from app.queries.ops import shop_state
from app.services import checkout, refunds, stock
from app.tasks import stock as tasks
from tests.factories import NOON, basket, make_product, make_shop


@pytest.fixture(autouse=True)
def narrow_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("RANGE", 2), ("SUMMED", 2), ("TAIL", 1), ("ROWS", 1)):
        monkeypatch.setattr(proof, name, value)


def sell(session: Session, times: int) -> list[int]:
    """Ids of so many posted sales of one piece."""
    shop = make_shop(session)
    product = make_product(session, shop, on_hand=100)
    for _ in range(times):
        checkout.ring_up(session, basket(shop, (product, 1)), now=NOON)
    stock.post_sales(session, now=NOON)
    session.flush()
    return list(session.scalars(select(Sale.id).order_by(Sale.id)))


def found(session: Session) -> list[tuple[str, int]]:
    return [(one.invariant, next(iter(one.row.values()))) for one in stock.verify(session)]


def test_right_books_of_many_ranges_are_right(session: Session) -> None:
    sell(session, 7)

    assert stock.verify(session) == []


def test_a_wrong_row_is_found_in_every_range(session: Session) -> None:
    sales = sell(session, 7)

    session.execute(update(Sale).values(total=Sale.total + 1))

    assert found(session) == [
        *(("sale_total_is_sum_of_lines", sale) for sale in sales),
        *(("payments_cover_total", sale) for sale in sales),
    ]


def test_a_line_without_its_movement_is_found_in_every_range(session: Session) -> None:
    sell(session, 5)
    lines = list(session.scalars(select(SaleLine.id).order_by(SaleLine.id)))

    session.execute(delete(StockMovement).where(StockMovement.source_kind == "sale_line"))
    session.execute(update(StockLevel).values(on_hand=100_000))

    assert found(session) == [("posted_has_its_movement", line) for line in lines]


def test_a_movement_of_a_line_beyond_the_last_one_is_found(session: Session) -> None:
    sell(session, 5)
    stray = max(session.scalars(select(SaleLine.id))) + 1000

    movement = session.scalars(select(StockMovement).where(StockMovement.source_kind == "sale_line").limit(1)).one()
    line, movement.source_id = movement.source_id, stray
    session.flush()

    assert found(session) == [("posted_has_its_movement", line), ("movement_has_its_posted_line", movement.id)]


def test_levels_of_every_store_are_compared_with_all_their_movements(session: Session) -> None:
    here, there = make_shop(session), make_shop(session)
    right, wrong = (make_product(session, here, on_hand=count) for count in (3, 4))
    make_product(session, there, on_hand=5)
    lost = make_product(session, there, on_hand=6)

    session.execute(update(StockLevel).where(StockLevel.product_id == wrong.id).values(on_hand=4_001))
    session.execute(delete(StockLevel).where(StockLevel.product_id == lost.id))

    assert [one.row for one in stock.verify(session)] == [
        {"store_id": here.store_id, "product_id": wrong.id, "difference": 1},
        {"store_id": there.store_id, "product_id": lost.id, "difference": -6_000},
    ]
    assert right.id not in {one.row["product_id"] for one in stock.verify(session)}


def test_of_many_wrong_rows_fifty_are_named(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "RANGE", 7)
    sell(session, 30)
    sell(session, 30)

    session.execute(update(Sale).values(total=Sale.total + 1))

    named = [name for name, _id in found(session)]
    assert [named.count(name) for name in ("sale_total_is_sum_of_lines", "payments_cover_total")] == [50, 50]


def test_sales_posted_between_two_statements_are_no_violation(session: Session) -> None:
    shop = make_shop(session)
    product = make_product(session, shop, on_hand=1000)
    rests = 0

    def sell_meanwhile() -> None:
        nonlocal rests
        rests += 1
        if rests <= 40:
            checkout.ring_up(session, basket(shop, (product, 1)), now=NOON)
            stock.post_sales(session, now=NOON)

    assert stock.verify(session, rest=sell_meanwhile) == []
    assert rests > 40


def test_a_movement_whose_transaction_ended_late_is_no_violation(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(session, 9)
    session.execute(update(StockMovement).values(id=StockMovement.id + 1_000_000))
    add_up = proof._moved
    late: list[int] = []

    def with_a_late_one(after: int, end: int) -> proof.Statement:
        if not late:
            late.append(_book(session, movement_id=after, quantity=7))
        return add_up(after, end)

    monkeypatch.setattr(proof, "_moved", with_a_late_one)

    assert stock.verify(session) == []
    assert late == [7]


def test_a_long_proof_goes_on_in_messages_of_its_own(
    app_context: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(session, 2)
    session.execute(update(Sale).values(total=Sale.total + 1))
    session.commit()
    sent: list[Any] = []
    monkeypatch.setattr(tasks, "PROOF_S", 0)
    monkeypatch.setattr(tasks.verify, "apply_async", lambda args: sent.append(args))

    tasks.verify()
    first = list(sent)
    assert shop_state(session, now=NOON).proof is None
    for args in sent:
        tasks.verify(*args)

    assert first == [(1, 2)]
    assert [done for done, _found in sent] == list(range(1, stock.INVARIANTS))
    session.rollback()
    noted = shop_state(session, now=NOON).proof
    assert noted is not None
    assert noted.violations == 4


def test_a_refund_that_is_not_the_sum_of_its_lines_or_not_paid_out_is_found(session: Session) -> None:
    refund = give_back(session)

    session.execute(update(RefundLine).values(amount=RefundLine.amount - 1))
    session.execute(update(RefundPayment).values(amount=RefundPayment.amount + 1))

    assert found(session) == [("refund_total_is_sum_of_lines", refund), ("refund_is_paid_out", refund)]


def test_an_adjustment_that_was_not_booked_and_one_booked_elsewhere_are_found(session: Session) -> None:
    shop = make_shop(session)
    lost, moved = (make_product(session, shop, on_hand=count) for count in (3, 4))
    papers = dict(session.execute(select(StockAdjustment.product_id, StockAdjustment.id)).all())

    session.execute(delete(StockMovement).where(StockMovement.product_id == lost.id))
    session.execute(update(StockMovement).values(product_id=lost.id))
    session.execute(update(StockLevel).where(StockLevel.product_id == moved.id).values(on_hand=0))
    session.execute(update(StockLevel).where(StockLevel.product_id == lost.id).values(on_hand=4_000))

    assert found(session) == [("adjustments_are_booked", papers[lost.id]), ("adjustments_are_booked", papers[moved.id])]


def test_a_movement_that_is_not_what_its_document_says_is_found(session: Session) -> None:
    make_product(session, make_shop(session), on_hand=3)
    movement = session.scalars(select(StockMovement)).one()

    movement.quantity = 5_000
    session.flush()
    session.execute(update(StockLevel).values(on_hand=5_000))

    assert [(one.invariant, one.row["movement_id"], one.row["documented"]) for one in stock.verify(session)] == [
        ("movement_has_its_document", movement.id, 3_000)
    ]


@pytest.mark.parametrize("kind", ["adjustment", "refund_line", "refund_waste", "receipt_line", "stocktake_line"])
def test_a_movement_without_a_document_is_found(session: Session, kind: str) -> None:
    sell(session, 1)

    session.execute(update(StockMovement).where(StockMovement.kind == "opening").values(source_kind=kind, source_id=77))

    named = [(one.invariant, one.row.get("source_kind")) for one in stock.verify(session)]
    assert ("movement_has_its_document", kind) in named


def give_back(session: Session) -> int:
    """The number of a refund of one piece."""
    sell(session, 1)
    sale = session.scalars(select(Sale)).one()
    line_id = session.scalars(select(SaleLine.id)).one()
    request = NewRefund(
        uuid=uuid4(), sale_uuid=sale.uuid, store_id=sale.store_id, till="T1", cashier_id=sale.cashier_id,
        lines=(ReturnedLine(line_id, 1000, "shelf"),), reason="broken",
    )  # fmt: skip
    return refunds.refund(session, request, now=NOON).refund_id


def _book(session: Session, *, movement_id: int, quantity: int) -> int:
    """Book a movement with a number that has been passed by."""
    level = session.scalars(select(StockLevel)).one()
    level.on_hand += quantity
    key = {"store_id": level.store_id, "product_id": level.product_id, "quantity": quantity}
    session.add(StockAdjustment(id=100, **key, reason="found", adjusted_at=NOON))
    session.add(
        StockMovement(
            id=movement_id, **key, kind="correction", source_kind="adjustment", source_id=100, occurred_at=NOON,
            booked_at=NOON,
        )
    )  # fmt: skip
    session.flush()
    return quantity
