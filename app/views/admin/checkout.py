"""Sales and refunds, read-only: what was sold, how it was paid, whether the ledger has it yet."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import false, select
from sqlalchemy.orm import joinedload

from app.domain.staff import Permission
from app.models.checkout import Refund, RefundPayment, Sale
from app.models.stock import StockMovement
from app.queries import receipts
from app.unit_of_work import read_only
from app.views.admin import formats
from app.views.admin.filters import DateFilter, FlagFilter, ListFilter, RowFilter
from app.views.admin.formats import badge, column
from app.views.admin.long_lists import LongList
from app.views.admin.people import person, person_rows
from app.views.admin.stock_columns import store_rows

LABELS: Mapping[str, Any] = {
    "number": _("Receipt"), "sold_at": _("When"), "refunded_at": _("When"), "store": _("Store"), "till": _("Till"),
    "cashier": _("Cashier"), "approver": _("Approved by"), "total": _("Total"), "change_given": _("Change"),
    "copy_count": _("Copies printed"), "business_date": _("Business day"), "state": _("Ledger"), "uuid": _("Id"),
    "reason": _("Reason"), "sale": _("Sale"), "posted_at": _("Posted"),
}  # fmt: skip


def sale_number(sale: Sale) -> str:
    """The number printed on the receipt."""
    return receipts.sale_number(sale.store.code, sale.id)


def refund_number(refund: Refund, store_code: str) -> str:
    """The number printed on the refund slip."""
    return f"{store_code}-R{refund.id:08d}"


class DocumentPage(LongList):
    """Sales and refunds share their address line: newest first, never counted, found by number or id."""

    permission = Permission.VIEW_SALES
    may_be_old = True
    opens_by_name = True
    day_follows_store = True
    numbered = frozenset({"cashier", "till", "posted"})
    columns_numeric = frozenset({"total", "change_given", "copy_count"})
    figures: ClassVar[Mapping[str, Any]] = {"total": lambda row: formats.major(row.total)}
    column_searchable_list = ("till",)
    column_labels = LABELS

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        return query.filter(_found(self.model, search)), count_query, joins, count_joins

    def search_placeholder(self) -> str:
        """What can be searched for."""
        return str(gettext("Receipt number"))


def _found(model: Any, search: str) -> Any:
    """By receipt number (its digits alone will do) or by the sale's UUID; nothing else."""
    digits = search.strip().rpartition("-")[2].lstrip("rR")
    if digits.isascii() and digits.isdigit() and len(digits) <= 18:
        return model.id == int(digits)
    try:
        return model.uuid == UUID(search.strip())
    except ValueError:
        return false()


class SalePage(DocumentPage):
    """Every sale with its lines, payments and movements."""

    day = "business_date"
    store_column = "store_id"
    subtitle = _("Every receipt, and whether the ledger has it yet.")
    details_template = "admin/sale.html"
    column_list = ("number", "sold_at", "store", "till", "cashier", "total", "state")
    column_details_list = (
        "number",
        "sold_at",
        "business_date",
        "store",
        "till",
        "cashier",
        "approver",
        "total",
        "change_given",
        "copy_count",
        "state",
        "posted_at",
        "uuid",
    )
    column_filters = (
        RowFilter("store", _("Store"), lambda id_: Sale.store_id == id_, options=store_rows),
        RowFilter("cashier", _("Cashier"), lambda id_: Sale.cashier_id == id_, options=person_rows),
        ListFilter("till", _("Till"), lambda till: Sale.till == till),
        FlagFilter("posted", _("Posted"), lambda yes: Sale.posted_at.is_not(None) if yes else Sale.posted_at.is_(None)),
        DateFilter("from", _("From"), lambda day: Sale.business_date >= day),
        DateFilter("to", _("To"), lambda day: Sale.business_date <= day),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.column_formatters = _sale_columns(self)
        super().__init__(*args, **kwargs)

    def get_query(self) -> Any:
        """Sales with their store in one question."""
        return super().get_query().options(joinedload(Sale.store))

    def sections(self, row: Sale) -> Mapping[str, Any]:
        """Lines, payments, refunds and the ledger rows of the lines."""
        line_ids = [line.id for line in row.lines]
        with read_only() as session:
            booked = session.execute(
                select(StockMovement.source_id, StockMovement.quantity, StockMovement.booked_at).where(
                    StockMovement.source_kind == "sale_line", StockMovement.source_id.in_(line_ids)
                )
            ).all()
            refunds = session.scalars(select(Refund).where(Refund.sale_id == row.id).order_by(Refund.id)).all()
        return {"lines": row.lines, "payments": row.payments, "booked": {one.source_id: one for one in booked},
                "refunds": refunds}  # fmt: skip


class RefundPage(DocumentPage):
    """Every refund with what came back and where it went."""

    day = "business_date"
    store_column = "store_id"
    subtitle = _("What customers brought back.")
    details_template = "admin/refund.html"
    column_list = ("number", "refunded_at", "sale", "till", "cashier", "approver", "total", "reason")
    column_details_list = (
        "number",
        "refunded_at",
        "business_date",
        "sale",
        "till",
        "cashier",
        "approver",
        "total",
        "reason",
        "uuid",
    )
    column_filters = (
        RowFilter("store", _("Store"), lambda id_: Refund.store_id == id_, options=store_rows),
        RowFilter("cashier", _("Cashier"), lambda id_: Refund.cashier_id == id_, options=person_rows),
        DateFilter("from", _("From"), lambda day: Refund.business_date >= day),
        DateFilter("to", _("To"), lambda day: Refund.business_date <= day),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.column_formatters = _refund_columns(self)
        super().__init__(*args, **kwargs)

    def get_query(self) -> Any:
        """Refunds with their sale and its store in one question."""
        return super().get_query().options(joinedload(Refund.sale).joinedload(Sale.store))

    def sections(self, row: Refund) -> Mapping[str, Any]:
        """What came back, and the money handed out."""
        with read_only() as session:
            payments = session.scalars(select(RefundPayment).where(RefundPayment.refund_id == row.id)).all()
        return {"lines": row.lines, "payments": payments}


def _shared_columns() -> dict[str, Any]:
    return {
        "till": column(lambda row: row.till),
        "cashier": column(lambda row: person(row.cashier_id)),
        "approver": column(lambda row: row.approver_id and person(row.approver_id)),
        "total": column(lambda row: formats.money(row.total)),
        "business_date": column(lambda row: formats.day(row.business_date)),
        "uuid": column(lambda row: str(row.uuid)),
    }


def _sale_columns(page: SalePage) -> dict[str, Any]:
    return _shared_columns() | {
        "number": column(lambda row: formats.strong_link(page.get_url(".details_view", id=row.id), sale_number(row))),
        "sold_at": column(lambda row: formats.moment(row.sold_at)),
        "store": column(lambda row: str(row.store)),
        "change_given": column(lambda row: formats.money(row.change_given)),
        "posted_at": column(lambda row: formats.moment(row.posted_at)),
        "state": column(lambda row: badge("posted", "green") if row.posted_at else badge("waiting", "amber")),
    }


def _refund_columns(page: RefundPage) -> dict[str, Any]:
    return _shared_columns() | {
        "number": column(
            lambda row: formats.strong_link(
                page.get_url(".details_view", id=row.id), refund_number(row, row.sale.store.code)
            )
        ),
        "refunded_at": column(lambda row: formats.moment(row.refunded_at)),
        "sale": column(
            lambda row: formats.link(page.get_url("sales.details_view", id=row.sale_id), sale_number(row.sale))
        ),
        "reason": column(lambda row: row.reason),
    }
