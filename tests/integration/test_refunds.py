"""Goods brought back, on real databases."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.errors import (
    ApprovalNeeded,
    RefundExceeds,
    RefundLineMismatch,
    RefundUuidConflict,
    SaleUnknown,
    SelfApproval,
)  # fmt: skip
from app.domain.pricing import Tendered
from app.domain.refunds import NewRefund, ReturnedLine
from app.models.catalog import Product
from app.models.checkout import Refund, RefundPayment, Sale, SaleLine
from app.models.staff import AuditEntry
from app.models.stock import StockMovement
from app.queries import receipts
from app.queries import refunds as questions
from app.services import checkout, refunds, stock
from tests.factories import NOON, Shop, basket, level, make_product, make_shop, make_user


def sell(session: Session, shop: Shop, *lines: tuple[Product, int], **options: Any) -> Sale:
    rung = checkout.ring_up(session, basket(shop, *lines, **options), now=NOON)
    return session.get_one(Sale, rung.sale_id)


def line_ids(session: Session, sale: Sale) -> list[int]:
    return list(session.scalars(select(SaleLine.id).where(SaleLine.sale_id == sale.id).order_by(SaleLine.id)))


def request(shop: Shop, sale: Sale, returning: Sequence[tuple[int, int, str]], **changes: Any) -> NewRefund:
    """A refund of (line, pieces, shelf or waste)."""
    returned = tuple(ReturnedLine(line_id, pieces * 1000, to) for line_id, pieces, to in returning)
    values: dict[str, Any] = {
        "uuid": uuid4(), "sale_uuid": sale.uuid, "store_id": shop.store_id, "till": "T1",
        "cashier_id": shop.cashier.id, "lines": returned, "reason": "broken",
    }  # fmt: skip
    return NewRefund(**(values | changes))


def give_back(
    session: Session, shop: Shop, sale: Sale, *lines: tuple[int, int, str], **changes: Any
) -> refunds.Refunded:
    return refunds.refund(session, request(shop, sale, lines, **changes), now=NOON)


def post(session: Session) -> None:
    stock.post_sales(session, now=NOON)


def movements(session: Session) -> list[tuple[str, int, str]]:
    rows = session.execute(
        select(StockMovement.kind, StockMovement.quantity, StockMovement.source_kind)
        .where(StockMovement.source_kind.in_(("refund_line", "refund_waste")))
        .order_by(StockMovement.id)
    )
    return [(row.kind, row.quantity, row.source_kind) for row in rows]


def refund_count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Refund)) or 0


def test_goods_for_the_shelf_can_be_sold_again(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    sale = sell(session, shop, (milk, 3))
    post(session)

    give_back(session, shop, sale, (line_ids(session, sale)[0], 2, "shelf"))

    assert level(session, shop, milk) == (9_000, 0)
    assert movements(session) == [("return", 2_000, "refund_line")]
    assert stock.verify(session) == []


def test_goods_for_waste_come_in_and_go_out_so_that_shrinkage_shows(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    sale = sell(session, shop, (milk, 3))
    post(session)

    give_back(session, shop, sale, (line_ids(session, sale)[0], 2, "waste"))

    assert level(session, shop, milk) == (7_000, 0)
    assert movements(session) == [("return", 2_000, "refund_line"), ("waste", -2_000, "refund_waste")]
    assert stock.verify(session) == []


def test_a_sale_can_come_back_before_the_ledger_has_it(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    sale = sell(session, shop, (milk, 3))

    give_back(session, shop, sale, (line_ids(session, sale)[0], 3, "shelf"))

    assert level(session, shop, milk) == (13_000, 3_000)
    assert stock.verify(session) == []
    post(session)
    assert level(session, shop, milk) == (10_000, 0)
    assert stock.verify(session) == []


def test_goods_without_stock_come_back_without_a_movement(session: Session) -> None:
    shop = make_shop(session)
    voucher = make_product(session, is_stocked=False)
    sale = sell(session, shop, (voucher, 1))

    give_back(session, shop, sale, (line_ids(session, sale)[0], 1, "shelf"))

    assert movements(session) == []
    assert stock.verify(session) == []


def test_the_slip_names_lines_amounts_tenders_and_people(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10, price=129)
    sale = sell(session, shop, (milk, 3))
    supervisor = make_user(session, shop.store, role="supervisor")
    line = line_ids(session, sale)[0]

    done = give_back(session, shop, sale, (line, 2, "shelf"), approver_id=supervisor.id)

    slip = questions.slip(session, done.refund_id)
    assert (slip.number, slip.total) == (f"{shop.store.code}-R{done.refund_id:08d}", 258)
    assert (slip.cashier, slip.approver) == (shop.cashier.display_name, supervisor.display_name)
    assert [(one.line_id, one.name, one.quantity, one.amount, one.to) for one in slip.lines] == [
        (line, milk.name, 2_000, 258, "shelf")
    ]
    assert [(one.tender, one.amount) for one in slip.payments] == [("cash", 258)]
    assert questions.slips_of(session, sale.id) == [slip]


def test_the_receipt_shows_what_came_back_and_what_is_left(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10, price=129)
    sale = sell(session, shop, (milk, 3))

    give_back(session, shop, sale, (line_ids(session, sale)[0], 2, "shelf"))

    receipt = receipts.receipts(session, [sale.id])[sale.id]
    assert (receipt.lines[0].returned, receipt.refunded, receipt.total) == (2_000, 258, 387)


def test_money_goes_back_to_its_tenders_net_of_change(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10, price=100)
    sold = basket(shop, (milk, 6), paid=0, total=600)
    paid = (Tendered("cash", 500), Tendered("card", 200), Tendered("mobile", 100))
    rung = checkout.ring_up(session, replace(sold, payments=paid), now=NOON)
    sale = session.get_one(Sale, rung.sale_id)
    line = line_ids(session, sale)[0]

    give_back(session, shop, sale, (line, 1, "shelf"))
    give_back(session, shop, sale, (line, 3, "shelf"))
    give_back(session, shop, sale, (line, 2, "shelf"))

    rows = session.execute(select(RefundPayment.tender, RefundPayment.amount).order_by(RefundPayment.id)).all()
    assert rows == [("card", 100), ("card", 100), ("mobile", 100), ("cash", 100), ("cash", 200)]
    assert stock.verify(session) == []


def test_more_than_was_sold_never_comes_back(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    sale = sell(session, shop, (milk, 3))
    line = line_ids(session, sale)[0]
    give_back(session, shop, sale, (line, 2, "shelf"))

    with pytest.raises(RefundExceeds) as refusal:
        give_back(session, shop, sale, (line, 2, "shelf"))

    assert refusal.value.details["lines"] == [{"line_id": line, "name": milk.name, "wanted": 2_000, "left": 1_000}]
    assert refund_count(session) == 1


def test_the_same_uuid_refunds_once(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    sale = sell(session, shop, (milk, 3))
    again = request(shop, sale, [(line_ids(session, sale)[0], 1, "shelf")])

    first = refunds.refund(session, again, now=NOON)
    second = refunds.refund(session, again, now=NOON)

    assert (first.is_new, second) == (True, refunds.Refunded(first.refund_id, is_new=False))
    assert level(session, shop, milk) == (11_000, 3_000)


@pytest.mark.parametrize("change", [{"reason": "another"}, {"lines": (ReturnedLine(0, 1, "shelf"),)}])
def test_the_same_uuid_with_other_content_is_refused(session: Session, change: dict[str, Any]) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    sale = sell(session, shop, (milk, 3))
    uuid = uuid4()
    line = (line_ids(session, sale)[0], 1, "shelf")
    give_back(session, shop, sale, line, uuid=uuid)

    with pytest.raises(RefundUuidConflict):
        refunds.refund(session, request(shop, sale, [line], uuid=uuid, **change), now=NOON)

    assert refund_count(session) == 1


def test_the_same_uuid_for_another_sale_is_refused(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    one, other = sell(session, shop, (milk, 1)), sell(session, shop, (milk, 1))
    uuid = uuid4()
    give_back(session, shop, one, (line_ids(session, one)[0], 1, "shelf"), uuid=uuid)

    with pytest.raises(RefundUuidConflict):
        give_back(session, shop, other, (line_ids(session, other)[0], 1, "shelf"), uuid=uuid)


def test_a_line_of_another_sale_is_refused(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    one, other = sell(session, shop, (milk, 1)), sell(session, shop, (milk, 1))

    with pytest.raises(RefundLineMismatch):
        give_back(session, shop, one, (line_ids(session, other)[0], 1, "shelf"))

    assert refund_count(session) == 0


@pytest.mark.parametrize("uuid", [UUID(int=5), None])
def test_a_sale_that_is_unknown_or_of_another_store_is_refused(session: Session, uuid: UUID | None) -> None:
    shop, elsewhere = make_shop(session), make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    sale = sell(session, shop, (milk, 1))

    with pytest.raises(SaleUnknown):
        give_back(session, elsewhere, sale, (line_ids(session, sale)[0], 1, "shelf"), sale_uuid=uuid or sale.uuid)


def test_a_refund_above_the_limit_needs_somebody_else(session: Session) -> None:
    shop = make_shop(session, refund_limit=1000)
    wine = make_product(session, shop, on_hand=10, price=501)
    sale = sell(session, shop, (wine, 4))
    line = line_ids(session, sale)[0]
    supervisor = make_user(session, shop.store, role="supervisor")

    with pytest.raises(ApprovalNeeded) as refusal:
        give_back(session, shop, sale, (line, 2, "shelf"))
    with pytest.raises(SelfApproval):
        give_back(session, shop, sale, (line, 2, "shelf"), approver_id=shop.cashier.id)

    assert refusal.value.details == {"action": "refund_over_limit", "total": 1002, "limit": 1000}
    assert refund_count(session) == 0
    give_back(session, shop, sale, (line, 2, "shelf"), approver_id=supervisor.id)
    assert refund_count(session) == 1


def test_a_large_refund_cannot_be_cut_into_small_ones(session: Session) -> None:
    shop = make_shop(session, refund_limit=1000)
    wine = make_product(session, shop, on_hand=10, price=501)
    sale = sell(session, shop, (wine, 4))
    line = line_ids(session, sale)[0]
    give_back(session, shop, sale, (line, 1, "shelf"))

    with pytest.raises(ApprovalNeeded):
        give_back(session, shop, sale, (line, 1, "shelf"))

    assert refund_count(session) == 1


def test_who_may_exceed_the_limit_needs_nobody(session: Session) -> None:
    shop = make_shop(session, refund_limit=1000, role="supervisor")
    wine = make_product(session, shop, on_hand=10, price=501)
    sale = sell(session, shop, (wine, 4))

    give_back(session, shop, sale, (line_ids(session, sale)[0], 4, "shelf"), may_exceed_limit=True)

    assert refund_count(session) == 1


def test_a_refund_is_audited_under_whoever_agreed(session: Session) -> None:
    shop = make_shop(session)
    milk = make_product(session, shop, on_hand=10)
    sale = sell(session, shop, (milk, 1))
    supervisor = make_user(session, shop.store, role="supervisor")

    give_back(session, shop, sale, (line_ids(session, sale)[0], 1, "waste"), approver_id=supervisor.id)

    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "sale.refunded")).one()
    assert entry.user_id == supervisor.id
    assert entry.details["cashier_id"] == shop.cashier.id
    assert entry.details["total"] == 100
