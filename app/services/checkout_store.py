"""Writing decided baskets: sales, lines and payments in multi-row inserts, one update of the reservations.

The till's hot path: statements are built once and run on the connection, without the ORM.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, insert
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain.business_day import business_date
from app.domain.checkout import NewSale, PricedLine, Shortage, wanted_by_product
from app.domain.events import SalesCompleted
from app.failpoints import failpoint
from app.models.checkout import Payment, Sale, SaleLine
from app.models.staff import AuditEntry
from app.queries.locks import LockedLevel
from app.queries.receipts import Receipt, ReceiptLine, ReceiptPayment, sale_number
from app.queries.stores import StoreHead
from app.services import ledger, numbered_rows, stock_exceptions

_SALE: Final = insert(Sale.__table__)  # type: ignore[arg-type]
_LINE: Final = insert(SaleLine.__table__)  # type: ignore[arg-type]
_PAYMENT: Final = insert(Payment.__table__)  # type: ignore[arg-type]
LockedLevels = Mapping[int, Mapping[int, LockedLevel]]
"""By store and product."""


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


def store(
    session: Session,
    accepted: Sequence[Candidate],
    levels: LockedLevels,
    heads: Mapping[int, StoreHead],
    *,
    now: datetime,
) -> dict[UUID, Written]:
    """Write the accepted baskets of a group and reserve their goods; the sales by UUID.

    `levels` are those of all goods of the group, locked; `heads` their stores.
    """
    if not accepted:
        return {}
    written = _insert(session.connection(), accepted, heads, now)
    _reserve(session, accepted, levels)
    for one in accepted:
        if one.short:
            _note_shortage(session, written[one.sale.uuid].sale_id, one, now)
    announce(session, SalesCompleted(tuple(sorted(one.sale_id for one in written.values()))))
    failpoint("checkout_store.stored")
    return written


def _insert(
    connection: Connection, accepted: Sequence[Candidate], heads: Mapping[int, StoreHead], now: datetime
) -> dict[UUID, Written]:
    sales = [_sale_row(one, now, heads[one.sale.store_id]) for one in accepted]
    ids = dict(zip((one.sale.uuid for one in accepted), numbered_rows.insert(connection, _SALE, sales), strict=True))
    lines = [row for one in accepted for row in _line_rows(ids[one.sale.uuid], one)]
    line_ids = iter(numbered_rows.insert(connection, _LINE, lines))
    payments = [row for one in accepted for row in _payment_rows(ids[one.sale.uuid], one)]
    if payments:
        connection.execute(_PAYMENT, payments)
    return {
        one.sale.uuid: Written(
            ids[one.sale.uuid], list(islice(line_ids, len(one.lines))), one, heads[one.sale.store_id], now
        )
        for one in accepted
    }


def _sale_row(candidate: Candidate, now: datetime, head: StoreHead) -> dict[str, object]:
    sale = candidate.sale
    return {
        "uuid": sale.uuid,
        "store_id": sale.store_id,
        "till": sale.till,
        "cashier_id": sale.cashier_id,
        "approver_id": sale.approver_id,
        "sold_at": now,
        "business_date": business_date(now, head.time_zone),
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


def _reserve(session: Session, accepted: Sequence[Candidate], levels: LockedLevels) -> None:
    for store_id in sorted({one.sale.store_id for one in accepted}):
        wanted = wanted_by_product(line for one in accepted if one.sale.store_id == store_id for line in one.lines)
        if wanted:
            ledger.reserve(session, store_id, levels[store_id], wanted)


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
