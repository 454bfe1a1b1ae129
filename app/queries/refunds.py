"""What has come back of a sale."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from app.domain.refunds import SoldLine
from app.models.checkout import Payment, Refund, RefundLine, RefundPayment, Sale, SaleLine
from app.models.staff import User
from app.models.stock import Store


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """A returned line."""

    line_id: int
    name: str
    quantity: int
    amount: int
    to: str


@dataclass(frozen=True, slots=True)
class RefundedPayment:
    """Money given back in one tender."""

    tender: str
    amount: int


@dataclass(frozen=True, slots=True)
class RefundSlip:
    """A refund as the customer sees it; amounts in minor units, quantities in thousandths."""

    id: int
    uuid: UUID
    number: str
    sale_uuid: UUID
    at: datetime
    total: int
    cashier: str
    approver: str | None
    lines: tuple[RefundedLine, ...]
    payments: tuple[RefundedPayment, ...]


def refund_number(store_code: str, refund_id: int) -> str:
    """The number printed on the slip."""
    return f"{store_code}-R{refund_id:08d}"


def slip(session: Session, refund_id: int) -> RefundSlip:
    """One refund."""
    return _slips(session, _heads().where(Refund.id == refund_id))[0]


def slips_of(session: Session, sale_id: int) -> list[RefundSlip]:
    """Every refund of a sale, oldest first; three questions however many."""
    return _slips(session, _heads().where(Refund.sale_id == sale_id))


def _heads() -> Select[*tuple[Any, ...]]:
    approver = aliased(User)
    return (
        select(
            Refund.id, Refund.uuid, Store.code, Sale.uuid.label("sale_uuid"), Refund.refunded_at, Refund.total,
            func.coalesce(func.nullif(User.display_name, ""), User.username).label("cashier"),
            func.coalesce(func.nullif(approver.display_name, ""), approver.username).label("approver"),
        )
        .join(Sale, Sale.id == Refund.sale_id)
        .join(Store, Store.id == Refund.store_id)
        .join(User, User.id == Refund.cashier_id)
        .outerjoin(approver, approver.id == Refund.approver_id)
        .order_by(Refund.id)
    )  # fmt: skip


def _slips(session: Session, heads: Select[*tuple[Any, ...]]) -> list[RefundSlip]:
    rows = session.execute(heads).all()
    ids = [row.id for row in rows]
    if not ids:
        return []
    lines, payments = _lines(session, ids), _payments(session, ids)
    return [_slip(row, tuple(lines.get(row.id, ())), tuple(payments.get(row.id, ()))) for row in rows]


def _slip(
    row: Row[*tuple[Any, ...]], lines: tuple[RefundedLine, ...], payments: tuple[RefundedPayment, ...]
) -> RefundSlip:
    return RefundSlip(
        id=row.id, uuid=row.uuid, number=refund_number(row.code, row.id), sale_uuid=row.sale_uuid, at=row.refunded_at,
        total=row.total, cashier=row.cashier, approver=row.approver, lines=lines, payments=payments,
    )  # fmt: skip


def _lines(session: Session, refund_ids: Collection[int]) -> dict[int, list[RefundedLine]]:
    rows = session.execute(
        select(
            RefundLine.refund_id, RefundLine.sale_line_id, SaleLine.name, RefundLine.quantity, RefundLine.amount,
            RefundLine.destination,
        )
        .join(SaleLine, SaleLine.id == RefundLine.sale_line_id)
        .where(RefundLine.refund_id.in_(refund_ids))
        .order_by(RefundLine.id)
    )  # fmt: skip
    found: dict[int, list[RefundedLine]] = {}
    for row in rows:
        found.setdefault(row.refund_id, []).append(RefundedLine(*row[1:]))
    return found


def _payments(session: Session, refund_ids: Collection[int]) -> dict[int, list[RefundedPayment]]:
    rows = session.execute(
        select(RefundPayment.refund_id, RefundPayment.tender, RefundPayment.amount)
        .where(RefundPayment.refund_id.in_(refund_ids))
        .order_by(RefundPayment.id)
    )
    found: dict[int, list[RefundedPayment]] = {}
    for row in rows:
        found.setdefault(row.refund_id, []).append(RefundedPayment(row.tender, row.amount))
    return found


@dataclass(frozen=True, slots=True)
class StoredRefund:
    """Which refund a UUID already stands for."""

    refund_id: int
    request_hash: str


def stored(session: Session, uuid: UUID) -> StoredRefund | None:
    """The refund with this UUID."""
    row = session.execute(select(Refund.id, Refund.request_hash).where(Refund.uuid == uuid)).one_or_none()
    return StoredRefund(row.id, row.request_hash) if row else None


def sold_lines(session: Session, sale_id: int) -> dict[int, SoldLine]:
    """The lines of a sale with what has come back of each, by id."""
    returned = (
        select(RefundLine.sale_line_id, func.sum(RefundLine.quantity).label("quantity"))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.sale_id == sale_id)
        .group_by(RefundLine.sale_line_id)
        .subquery()
    )
    rows = session.execute(
        select(
            SaleLine.id, SaleLine.product_id, SaleLine.name, SaleLine.unit, SaleLine.quantity, SaleLine.total,
            SaleLine.is_stocked, func.coalesce(returned.c.quantity, 0).label("returned"),
        )
        .outerjoin(returned, returned.c.sale_line_id == SaleLine.id)
        .where(SaleLine.sale_id == sale_id)
        .order_by(SaleLine.id)
    )  # fmt: skip
    return {
        row.id: SoldLine(
            id=row.id, product_id=row.product_id, name=row.name, unit=row.unit, quantity=row.quantity,
            total=row.total, is_stocked=row.is_stocked, returned=int(row.returned),
        )
        for row in rows
    }  # fmt: skip


def refunded_total(session: Session, sale_id: int) -> int:
    """What has been given back of a sale so far."""
    return int(session.scalar(select(func.coalesce(func.sum(Refund.total), 0)).where(Refund.sale_id == sale_id)) or 0)


def kept_by_tender(session: Session, sale_id: int, change: int) -> dict[str, int]:
    """What the shop still holds of each tender: paid, less change (cash), less what was given back."""
    kept = dict(session.execute(select(Payment.tender, Payment.amount).where(Payment.sale_id == sale_id)).all())
    if change:
        kept["cash"] = kept.get("cash", 0) - change
    back = session.execute(
        select(RefundPayment.tender, func.sum(RefundPayment.amount))
        .join(Refund, Refund.id == RefundPayment.refund_id)
        .where(Refund.sale_id == sale_id)
        .group_by(RefundPayment.tender)
    )
    for tender, amount in back:
        kept[tender] = kept.get(tender, 0) - int(amount)
    return kept
