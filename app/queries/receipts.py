"""Receipts as printed: one shape for a fresh sale, a repeated request and a reprint."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.checkout import Payment, Refund, RefundLine, Sale, SaleLine
from app.models.staff import User
from app.models.stock import Store


class ReceiptLine(NamedTuple):
    """A sold line; `returned` is how much of it has come back."""

    id: int
    product_id: int
    name: str
    unit: str
    quantity: int
    unit_price: int
    total: int
    returned: int


@dataclass(frozen=True, slots=True)
class ReceiptPayment:
    """What was handed over in one tender."""

    tender: str
    amount: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A sale as the customer sees it; amounts in minor units, quantities in thousandths."""

    id: int
    uuid: UUID
    number: str
    store_id: int
    store_code: str
    store_name: str
    store_address: str
    currency: str
    till: str
    cashier: str
    sold_at: datetime
    total: int
    change: int
    refunded: int
    lines: tuple[ReceiptLine, ...]
    payments: tuple[ReceiptPayment, ...]


def sale_number(store_code: str, sale_id: int) -> str:
    """The number printed on the receipt. Derived from the row's id: no shared counter that tills queue for."""
    return f"{store_code}-{sale_id:08d}"


def receipts(session: Session, sale_ids: Collection[int]) -> dict[int, Receipt]:
    """The receipts of `sale_ids`, by id; five questions however many sales."""
    heads = session.execute(
        select(
            Sale.id, Sale.uuid, Sale.store_id, Store.code, Store.name, Store.address, Store.currency, Sale.till,
            User.display_name, User.username, Sale.sold_at, Sale.total, Sale.change_given,
        )
        .join(Store, Store.id == Sale.store_id)
        .join(User, User.id == Sale.cashier_id)
        .where(Sale.id.in_(sale_ids))
    ).all()  # fmt: skip
    lines = _lines(session, sale_ids)
    payments = _payments(session, sale_ids)
    refunded = _refunded(session, sale_ids)
    return {
        head.id: Receipt(
            id=head.id, uuid=head.uuid, number=sale_number(head.code, head.id), store_id=head.store_id,
            store_code=head.code, store_name=head.name, store_address=head.address, currency=head.currency,
            till=head.till, cashier=head.display_name or head.username, sold_at=head.sold_at, total=head.total,
            change=head.change_given, refunded=refunded.get(head.id, 0), lines=tuple(lines.get(head.id, ())),
            payments=tuple(payments.get(head.id, ())),
        )
        for head in heads
    }  # fmt: skip


def _lines(session: Session, sale_ids: Collection[int]) -> dict[int, list[ReceiptLine]]:
    returned = dict(
        session.execute(
            select(RefundLine.sale_line_id, func.sum(RefundLine.quantity))
            .join(Refund, Refund.id == RefundLine.refund_id)
            .where(Refund.sale_id.in_(sale_ids))
            .group_by(RefundLine.sale_line_id)
        ).all()
    )
    found: dict[int, list[ReceiptLine]] = {}
    rows = session.execute(
        select(
            SaleLine.sale_id, SaleLine.id, SaleLine.product_id, SaleLine.name, SaleLine.unit, SaleLine.quantity,
            SaleLine.unit_price, SaleLine.total,
        )
        .where(SaleLine.sale_id.in_(sale_ids))
        .order_by(SaleLine.id)
    )  # fmt: skip
    for row in rows:
        found.setdefault(row.sale_id, []).append(ReceiptLine(*row[1:], int(returned.get(row.id, 0))))
    return found


def _payments(session: Session, sale_ids: Collection[int]) -> dict[int, list[ReceiptPayment]]:
    found: dict[int, list[ReceiptPayment]] = {}
    rows = session.execute(
        select(Payment.sale_id, Payment.tender, Payment.amount)
        .where(Payment.sale_id.in_(sale_ids))
        .order_by(Payment.id)
    )
    for row in rows:
        found.setdefault(row.sale_id, []).append(ReceiptPayment(row.tender, row.amount))
    return found


def _refunded(session: Session, sale_ids: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        select(Refund.sale_id, func.sum(Refund.total)).where(Refund.sale_id.in_(sale_ids)).group_by(Refund.sale_id)
    )
    return {row[0]: int(row[1]) for row in rows}


@dataclass(frozen=True, slots=True)
class StoredSale:
    """Which sale a UUID already stands for."""

    sale_id: int
    store_id: int
    request_hash: str


def stored(session: Session, uuids: Collection[UUID]) -> dict[UUID, StoredSale]:
    """The sales that already carry one of `uuids`."""
    if not uuids:
        return {}
    # Every group of sales asks: a text with the numbers in it costs a third of a statement with bound ones.
    listed = ",".join([f"'{uuid.hex}'" for uuid in uuids])
    rows = session.connection().exec_driver_sql(
        f"SELECT uuid, id, store_id, request_hash FROM sales WHERE uuid IN ({listed})"  # noqa: S608 - hexadecimal digits
    )
    return {UUID(row[0]): StoredSale(row[1], row[2], row[3]) for row in rows}


def sale_id_by_uuid(session: Session, store_id: int, uuid: UUID) -> int | None:
    """The sale with this UUID in this store."""
    return session.scalar(select(Sale.id).where(Sale.uuid == uuid, Sale.store_id == store_id))


def sale_id_by_number(session: Session, store_id: int, number: str) -> int | None:
    """The sale with this receipt number in this store; the digits alone will do."""
    digits = number.strip().rpartition("-")[2]
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        return None
    row = session.execute(
        select(Sale.id, Store.code)
        .join(Store, Store.id == Sale.store_id)
        .where(Sale.id == int(digits), Sale.store_id == store_id)
    ).one_or_none()
    if row is None or number.strip().upper() not in (digits, sale_number(row.code, row.id)):
        return None
    return int(row.id)


@dataclass(frozen=True, slots=True)
class RecentSale:
    """A row of the till's list of last receipts."""

    uuid: UUID
    number: str
    sold_at: datetime
    total: int
    till: str


def recent(session: Session, store_id: int, limit: int) -> list[RecentSale]:
    """The newest sales of a store."""
    rows = session.execute(
        select(Sale.id, Sale.uuid, Sale.sold_at, Sale.total, Sale.till, Store.code)
        .join(Store, Store.id == Sale.store_id)
        .where(Sale.store_id == store_id)
        # By day first, as the store's own index has it: by number alone a quiet store would be looked for among all.
        .order_by(Sale.business_date.desc(), Sale.id.desc())
        .limit(limit)
    )
    return [RecentSale(row.uuid, sale_number(row.code, row.id), row.sold_at, row.total, row.till) for row in rows]
