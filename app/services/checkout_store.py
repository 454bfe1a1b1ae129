"""Writing baskets: sales, lines and payments in multi-row inserts.

The till's hot path: without the ORM, on the connection itself.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import cast
from uuid import UUID

from sqlalchemy import Connection, Table
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain.business_day import business_date
from app.domain.checkout import NewSale, PricedLine, Shortage
from app.domain.events import SalesCompleted
from app.failpoints import failpoint
from app.models.checkout import Payment, Sale, SaleLine
from app.models.staff import AuditEntry
from app.queries.receipts import Receipt, ReceiptLine, ReceiptPayment, sale_number
from app.queries.stores import StoreHead
from app.services import numbered_rows, stock_exceptions

_SALES, _LINES, _PAYMENTS = (cast(Table, model.__table__) for model in (Sale, SaleLine, Payment))


@dataclass(slots=True)
class Candidate:
    """A basket on its way to being a sale."""

    sale: NewSale
    lines: list[PricedLine] = field(default_factory=list)
    total: int = 0
    change: int = 0
    short: list[Shortage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Written:
    """A sale in the database, not yet committed; its receipt is made when somebody asks for it."""

    sale_id: int
    line_ids: Sequence[int]
    basket: Candidate
    head: StoreHead
    sold_at: datetime

    def receipt(self) -> Receipt:
        """The receipt, as `queries.receipts` would find it."""
        one, head = self.basket, self.head
        lines = zip(self.line_ids, one.lines, strict=True)
        return Receipt(
            id=self.sale_id, uuid=one.sale.uuid, number=sale_number(head.code, self.sale_id), store_id=head.id,
            store_code=head.code, store_name=head.name, store_address=head.address, currency=head.currency,
            till=one.sale.till, cashier=one.sale.cashier_name, sold_at=self.sold_at, total=one.total,
            change=one.change, refunded=0, lines=tuple(_receipt_line(line_id, line) for line_id, line in lines),
            payments=tuple(ReceiptPayment(payment.tender, payment.amount) for payment in one.sale.payments),
        )  # fmt: skip


def write(
    session: Session, baskets: Sequence[Candidate], heads: Mapping[int, StoreHead], *, now: datetime
) -> dict[UUID, Written]:
    """Write the sales, lines and payments of `baskets`; `heads` are their stores. The sales by UUID."""
    return _insert(session.connection(), baskets, heads, now) if baskets else {}


def complete(session: Session, sales: Collection[Written], *, now: datetime) -> None:
    """Say of sales, whose goods are reserved now, that they stand, and where the books denied what was sold."""
    if not sales:
        return
    for one in sales:
        if one.basket.short:
            _note_shortage(session, one.sale_id, one.basket, now)
    announce(session, SalesCompleted(tuple(sorted(one.sale_id for one in sales))))
    failpoint("checkout_store.stored")


def _insert(
    connection: Connection, accepted: Sequence[Candidate], heads: Mapping[int, StoreHead], now: datetime
) -> dict[UUID, Written]:
    days = {store_id: business_date(now, head.time_zone) for store_id, head in heads.items()}
    sales = [_sale_row(one, now, days[one.sale.store_id]) for one in accepted]
    ids = dict(zip((one.sale.uuid for one in accepted), numbered_rows.insert(connection, _SALES, sales), strict=True))
    lines = [row for one in accepted for row in _line_rows(ids[one.sale.uuid], one)]
    line_ids = iter(numbered_rows.insert(connection, _LINES, lines))
    payments = [row for one in accepted for row in _payment_rows(ids[one.sale.uuid], one)]
    numbered_rows.insert(connection, _PAYMENTS, payments)
    return {
        one.sale.uuid: Written(
            ids[one.sale.uuid], list(islice(line_ids, len(one.lines))), one, heads[one.sale.store_id], now
        )
        for one in accepted
    }


def _sale_row(candidate: Candidate, now: datetime, day: date) -> dict[str, object]:
    sale = candidate.sale
    return {
        "uuid": sale.uuid,
        "store_id": sale.store_id,
        "till": sale.till,
        "cashier_id": sale.cashier_id,
        "approver_id": sale.approver_id,
        "sold_at": now,
        "business_date": day,
        "total": candidate.total,
        "change_given": candidate.change,
        "request_hash": sale.request_hash,
        "copy_count": 0,
    }


def _line_rows(sale_id: int, candidate: Candidate) -> list[dict[str, object]]:
    return [
        {
            "sale_id": sale_id,
            "product_id": line.article.product_id,
            "name": line.article.name,
            "unit": line.article.unit,
            "quantity": line.quantity,
            "unit_price": line.article.unit_price,
            "unit_cost": line.article.unit_cost,
            "total": line.total,
            "barcode": line.barcode,
            "is_stocked": line.article.is_stocked,
        }
        for line in candidate.lines
    ]


def _payment_rows(sale_id: int, candidate: Candidate) -> list[dict[str, object]]:
    return [
        {"sale_id": sale_id, "tender": payment.tender, "amount": payment.amount} for payment in candidate.sale.payments
    ]


def _note_shortage(session: Session, sale_id: int, candidate: Candidate, now: datetime) -> None:
    """The shelf had what the books deny: ask for a recount, and say who decided."""
    sale = candidate.sale
    for short in candidate.short:
        stock_exceptions.open_for(
            session, store_id=sale.store_id, product_id=short.product_id, available=short.available,
            wanted=short.wanted, now=now, user_id=sale.cashier_id, sale_id=sale_id,
        )  # fmt: skip
    if sale.goods_in_hand:
        lines = [asdict(short) for short in candidate.short]
        session.add(
            AuditEntry(
                at=now, user_id=sale.approver_id or sale.cashier_id, action="sale.goods_in_hand", subject_kind="sale",
                subject_id=str(sale.uuid), details={"cashier_id": sale.cashier_id, "lines": lines},
            )
        )  # fmt: skip
        session.flush()


def _receipt_line(line_id: int, line: PricedLine) -> ReceiptLine:
    article = line.article
    return ReceiptLine(
        line_id, article.product_id, article.name, article.unit, line.quantity, article.unit_price, line.total, 0
    )
