"""Pricing a basket, ringing up a sale, reading receipts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response
from flask.typing import ResponseReturnValue
from pydantic import Field

from app.clock import utc_now
from app.domain.checkout import NewSale, Tender
from app.domain.errors import ApprovalInvalid, ApprovalNeeded, SaleUnknown
from app.domain.money import MINOR_DIGITS
from app.domain.pricing import Tendered
from app.domain.staff import Permission
from app.observability import sale_stored
from app.queries import receipts
from app.queries.refunds import RefundSlip, slips_of
from app.services import checkout, checkout_pricing, reprints
from app.services.checkout import Rung
from app.unit_of_work import read_only, transact
from app.views.access import Staff, current_staff, requires
from app.views.api import counter
from app.views.api.approvals import read_approval
from app.views.api.payloads import (
    Answer,
    ClientUuid,
    LinePayload,
    Payload,
    PricedLineAnswer,
    ShortageAnswer,
    WholeNumber,
    answered,
)
from app.views.api.refunds import RefundAnswer

bp = APIBlueprint("checkout", __name__, url_prefix="/api", tag="Checkout")
Till = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,16}$")]


class BasketPayload(Payload):
    """A basket to price."""

    lines: list[LinePayload]


class PricedBasketAnswer(Answer):
    """Merged lines, the total, and what the books cannot cover."""

    lines: list[PricedLineAnswer]
    total: int
    short: list[ShortageAnswer]


class PaymentPayload(Payload):
    """What the customer handed over in one tender, minor units."""

    tender: Tender
    amount: WholeNumber


class GoodsInHandPayload(Payload):
    """The cashier has the goods that the books deny; `approval` by somebody who may say so."""

    approval: str | None = Field(default=None, max_length=2000)


class SalePayload(Payload):
    """A basket as paid. No prices: only the total that was shown."""

    uuid: ClientUuid
    till: Till
    lines: list[LinePayload]
    payments: list[PaymentPayload] = Field(max_length=10)
    expected_total: WholeNumber
    goods_in_hand: GoodsInHandPayload | None = None


class ReceiptLineAnswer(Answer):
    """A sold line."""

    id: int
    product_id: int
    name: str
    unit: str
    quantity: int
    unit_price: int
    total: int
    returned: int


class PaymentAnswer(Answer):
    """One tender."""

    tender: str
    amount: int


class StoreAnswer(Answer):
    """Head of the receipt."""

    code: str
    name: str
    address: str


class ReceiptAnswer(Answer):
    """A sale as the customer sees it."""

    uuid: UUID
    number: str
    store: StoreAnswer
    till: str
    cashier: str
    sold_at: datetime
    currency: str
    minor_digits: int = MINOR_DIGITS
    lines: list[ReceiptLineAnswer]
    total: int
    payments: list[PaymentAnswer]
    change: int
    refunds: list[RefundAnswer]
    refundable: int

    @classmethod
    def of(cls, receipt: receipts.Receipt, refunds: Sequence[RefundSlip] = ()) -> "ReceiptAnswer":
        """Shape a receipt and what has come back of it."""
        store = {"code": receipt.store_code, "name": receipt.store_name, "address": receipt.store_address}
        # Checked as a whole: to check every line by itself takes twice the time.
        return cls.model_validate({
            "uuid": receipt.uuid, "number": receipt.number, "store": store, "till": receipt.till,
            "cashier": receipt.cashier, "sold_at": receipt.sold_at, "currency": receipt.currency,
            "lines": receipt.lines, "total": receipt.total, "payments": receipt.payments, "change": receipt.change,
            "refunds": refunds, "refundable": receipt.total - receipt.refunded,
        })  # fmt: skip


class CopyAnswer(ReceiptAnswer):
    """A reprint, marked as one."""

    copy_number: int


class RecentQuery(Payload):
    """Either a receipt number, or how many of the newest."""

    number: str | None = Field(default=None, max_length=40)
    recent: int = Field(default=20, ge=1, le=100)


class RecentSaleAnswer(Answer):
    """A row of the list of last receipts."""

    uuid: UUID
    number: str
    sold_at: datetime
    total: int
    till: str


class RecentSales(Answer):
    """The newest sales of the store."""

    items: list[RecentSaleAnswer]


@bp.post("/baskets/price")
@requires(Permission.SELL)
@bp.input(BasketPayload)
@bp.output(PricedBasketAnswer)
def price_basket(json_data: BasketPayload) -> PricedBasketAnswer:
    """What the basket costs now; stores nothing."""
    lines = [line.to_domain() for line in json_data.lines]
    with read_only() as session:
        priced = checkout_pricing.price_basket(session, current_staff().store_id, lines)
    return PricedBasketAnswer(
        lines=[PricedLineAnswer.of(line) for line in priced.lines],
        total=priced.total,
        short=[ShortageAnswer.of(short) for short in priced.short],
    )


@bp.post("/sales")
@requires(Permission.SELL)
@bp.input(SalePayload)
@bp.output(ReceiptAnswer, status_code=201)
def ring_up(json_data: SalePayload) -> Response:
    """Sell a basket. The same UUID and basket again answers 200 with the first receipt."""
    rung = _ring_up(json_data, current_staff())
    if rung.is_new:
        sale_stored(json_data.expected_total, (line.quantity for line in json_data.lines))
    shaped = ReceiptAnswer.of(rung.written.receipt()) if rung.written else _receipt(rung.sale_id)
    return answered(shaped, 201 if rung.is_new else 200)


@bp.get("/sales/<uuid:sale_uuid>")
@requires(Permission.SELL)
@bp.output(ReceiptAnswer)
def receipt(sale_uuid: UUID) -> ReceiptAnswer:
    """A receipt of this store."""
    with read_only() as session:
        sale_id = receipts.sale_id_by_uuid(session, current_staff().store_id, sale_uuid)
    return _receipt(sale_id)


@bp.get("/sales")
@requires(Permission.SELL)
@bp.input(RecentQuery, location="query")
def sales(query_data: RecentQuery) -> ResponseReturnValue:
    """The receipt with `number`, or the newest sales of this store."""
    store_id = current_staff().store_id
    with read_only() as session:
        if query_data.number is None:
            found = receipts.recent(session, store_id, query_data.recent)
            return RecentSales(items=[RecentSaleAnswer.model_validate(one) for one in found]).model_dump(mode="json")
        sale_id = receipts.sale_id_by_number(session, store_id, query_data.number)
    return _receipt(sale_id).model_dump(mode="json")


@bp.post("/sales/<uuid:sale_uuid>/reprints")
@requires(Permission.SELL)
@bp.output(CopyAnswer)
def reprint(sale_uuid: UUID) -> CopyAnswer:
    """The receipt once more, counted and marked as a copy."""
    staff = current_staff()
    copy = transact(
        lambda session: reprints.reprint(session, sale_uuid, store_id=staff.store_id, user_id=staff.id, now=utc_now())
    )
    shaped = ReceiptAnswer.of(copy.receipt)
    return CopyAnswer(**dict(shaped), copy_number=copy.number)


def _ring_up(payload: SalePayload, staff: Staff) -> Rung:
    try:
        approver_id = _approver(payload, staff) if payload.goods_in_hand is not None else None
    except (ApprovalInvalid, ApprovalNeeded):
        # A till asks until it hears of its sale: for longer than an approval lasts, and after the next cashier's login.
        with read_only() as session:
            if (rung := checkout.sold_before(session, _new_sale(payload, staff, None))) is None:
                raise
            return rung
    return counter.ring_up(_new_sale(payload, staff, approver_id))


def _new_sale(payload: SalePayload, staff: Staff, approver_id: int | None) -> NewSale:
    return NewSale(
        uuid=payload.uuid, store_id=staff.store_id, till=payload.till, cashier_id=staff.id,
        lines=tuple(line.to_domain() for line in payload.lines),
        payments=tuple(Tendered(payment.tender.value, payment.amount) for payment in payload.payments),
        expected_total=payload.expected_total, goods_in_hand=payload.goods_in_hand is not None,
        approver_id=approver_id, cashier_name=staff.display_name,
    )  # fmt: skip


def _approver(payload: SalePayload, staff: Staff) -> int | None:
    """Who says that the goods are in hand: a supervisor by approval, or the cashier's own right."""
    token = payload.goods_in_hand.approval if payload.goods_in_hand else None
    if token:
        return read_approval(token, action=Permission.GOODS_IN_HAND, subject=payload.uuid)
    if Permission.GOODS_IN_HAND not in staff.permissions:
        raise ApprovalNeeded(action=Permission.GOODS_IN_HAND.value)
    return None


def _receipt(sale_id: int | None) -> ReceiptAnswer:
    if sale_id is None:
        raise SaleUnknown()
    with read_only() as session:
        receipt = receipts.receipts(session, [sale_id])[sale_id]
        has_returns = any(line.returned for line in receipt.lines)
        return ReceiptAnswer.of(receipt, slips_of(session, sale_id) if has_returns else ())
