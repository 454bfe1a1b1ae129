"""Goods brought back against their sale: never more than sold, never more than paid, once per UUID."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.business_day import business_date
from app.domain.errors import ApprovalNeeded, RefundUuidConflict, SaleUnknown, SelfApproval
from app.domain.refunds import Destination, NewRefund, RefundedLine, money_back, refunded_lines
from app.domain.staff import Permission
from app.models.checkout import Refund, RefundLine, RefundPayment, Sale
from app.models.stock import Store
from app.queries import locks, receipts
from app.queries import refunds as refund_queries
from app.services import audit, ledger, reports
from app.services.ledger import Entry


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund that stands; `is_new` False: this UUID had been refunded before, nothing changed now."""

    refund_id: int
    is_new: bool


def refund(session: Session, request: NewRefund, *, now: datetime) -> Refunded:
    """Take goods back: to the shelf they can be sold again, to waste they are booked in and out.

    Works before and after the sale is posted. Refunds of one sale wait for each other.

    Raises:
        SaleUnknown: no such sale in this store.
        RefundUuidConflict: the UUID stands for another refund.
        NothingReturned, RefundLineMismatch, QuantityOutOfRange, InvalidBasket, RefundExceeds: see `domain.refunds`.
        ApprovalNeeded: above the store's limit, earlier refunds of this sale included, and nobody agreed.
        SelfApproval: the cashier cannot be the one who agrees.
    """
    sale_id = _sale_id(session, request)
    sale = locks.sale(session, sale_id)
    if known := _known(session, request):
        return known
    lines = refunded_lines(refund_queries.sold_lines(session, sale_id), request.lines)
    total = sum(line.amount for line in lines)
    store = session.get_one(Store, sale.store_id)
    _demand_approval(session, request, sale_id, total, store.refund_limit)
    row = _store(session, request, sale, lines, total, store.time_zone, now)
    ledger.book(session, _entries(row, lines, now), now=now)
    _note(session, request, row, lines, now)
    return Refunded(row.id, is_new=True)


def refunded_before(session: Session, request: NewRefund) -> Refunded | None:
    """The refund that stands for this request already; None: it was never stored.

    Raises:
        SaleUnknown, RefundUuidConflict: as for `refund`.
    """
    _sale_id(session, request)
    return _known(session, request)


def _sale_id(session: Session, request: NewRefund) -> int:
    sale_id = receipts.sale_id_by_uuid(session, request.store_id, request.sale_uuid)
    if sale_id is None:
        raise SaleUnknown(uuid=str(request.sale_uuid))
    return sale_id


def _known(session: Session, request: NewRefund) -> Refunded | None:
    known = refund_queries.stored(session, request.uuid)
    if known is None:
        return None
    if known.request_hash != request.request_hash:
        raise RefundUuidConflict(uuid=str(request.uuid))
    return Refunded(known.refund_id, is_new=False)


def _demand_approval(session: Session, request: NewRefund, sale_id: int, total: int, limit: int) -> None:
    if request.approver_id == request.cashier_id:
        raise SelfApproval
    # Counted per sale: a large refund cannot be cut into small ones.
    given = refund_queries.refunded_total(session, sale_id) + total
    if given > limit and not request.may_exceed_limit and request.approver_id is None:
        raise ApprovalNeeded(action=Permission.REFUND_OVER_LIMIT.value, total=total, limit=limit)


def _store(
    session: Session,
    request: NewRefund,
    sale: Sale,
    lines: list[RefundedLine],
    total: int,
    time_zone: str,
    now: datetime,
) -> Refund:
    back = money_back(total, refund_queries.kept_by_tender(session, sale.id, sale.change_given))
    row = Refund(
        uuid=request.uuid, sale_id=sale.id, store_id=sale.store_id, till=request.till, cashier_id=request.cashier_id,
        approver_id=request.approver_id, refunded_at=now, business_date=business_date(now, time_zone), total=total,
        reason=request.reason, request_hash=request.request_hash,
    )  # fmt: skip
    row.lines = [
        RefundLine(
            sale_line_id=line.sold.id, product_id=line.sold.product_id, quantity=line.quantity, amount=line.amount,
            destination=line.to,
        )
        for line in lines
    ]  # fmt: skip
    row.payments = [RefundPayment(tender=one.tender, amount=one.amount) for one in back]
    session.add(row)
    session.flush()
    reports.reopen(session, {(row.store_id, row.business_date)})
    return row


def _entries(row: Refund, lines: list[RefundedLine], now: datetime) -> list[Entry]:
    """Goods for the shelf come in; goods for waste come in and go out, so that shrinkage shows."""
    found = []
    for stored, line in zip(row.lines, lines, strict=True):
        if not line.sold.is_stocked:
            continue
        key, product_id = stored.id, line.sold.product_id
        found.append(Entry(row.store_id, product_id, "return", line.quantity, "refund_line", key, now))
        if line.to == Destination.WASTE:
            found.append(Entry(row.store_id, product_id, "waste", -line.quantity, "refund_waste", key, now))
    return found


def _note(session: Session, request: NewRefund, row: Refund, lines: list[RefundedLine], now: datetime) -> None:
    details = {
        "sale": str(request.sale_uuid),
        "total": row.total,
        "cashier_id": request.cashier_id,
        "reason": request.reason,
        "lines": [asdict(line) for line in request.lines],
    }
    audit.record(
        session, user_id=request.approver_id or request.cashier_id, action="sale.refunded", subject_kind="refund",
        subject_id=request.uuid, details=details, now=now,
    )  # fmt: skip
    session.flush()
