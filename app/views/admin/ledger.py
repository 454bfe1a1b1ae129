"""The ledger: every change of stock, read-only."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.domain.staff import Permission
from app.models.catalog import Product
from app.models.stock import StockMovement
from app.views.admin import formats
from app.views.admin.filters import ChoiceFilter, RowFilter, since, until
from app.views.admin.formats import column
from app.views.admin.lists import ModelPage
from app.views.admin.stock_columns import PRODUCT_LABELS, signed, store_rows


def _exact_product(text: str) -> Any:
    """Products by whole article number or barcode: the ledger is long, so no search in the middle of words."""
    code = text.zfill(14) if text.isdigit() else text
    return StockMovement.product_id.in_(
        select(Product.id).where(or_(Product.sku == text, Product.barcode.in_([text, code])))
    )


class MovementPage(ModelPage):
    """The ledger: read-only, newest first, never counted."""

    permission = Permission.VIEW_STOCK
    store_column = "store_id"
    may_be_old = True
    subtitle = _("The ledger: why stock changed. Nobody edits it.")
    simple_list_pager = True
    can_view_details = False
    column_list = ("occurred_at", "store", "product", "kind", "quantity", "source", "booked_at")
    columns_numeric = frozenset({"quantity"})
    figures: ClassVar[Mapping[str, Any]] = {"quantity": lambda row: formats.units(row.quantity)}
    column_sortable_list = ()
    column_default_sort = ("id", True)
    column_labels = PRODUCT_LABELS
    column_searchable_list = ("source_kind",)
    column_filters = (
        RowFilter("store", _("Store"), lambda id_: StockMovement.store_id == id_, options=store_rows),
        ChoiceFilter(
            "kind",
            _("Kind"),
            lambda kind: StockMovement.kind == kind,
            options=lambda: list(formats.MOVEMENT_KINDS.items()),
        ),
        since("from", _("From"), StockMovement.occurred_at),
        until("to", _("To"), StockMovement.occurred_at),
    )
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "occurred_at": column(lambda row: formats.moment(row.occurred_at)),
        "booked_at": column(lambda row: formats.moment(row.booked_at)),
        "store": column(lambda row: row.store and str(row.store)),
        "product": column(lambda row: row.product.name if row.product else f"#{row.product_id}"),
        "kind": column(lambda row: formats.word(formats.MOVEMENT_KINDS, row.kind)),
        "quantity": column(lambda row: signed(row)),
        "source": column(lambda row: f"{formats.word(formats.DOCUMENTS, row.source_kind)} {row.source_id}"),
    }

    def get_query(self) -> Any:
        """Rows with product and store in one question."""
        return super().get_query().options(joinedload(StockMovement.product), joinedload(StockMovement.store))

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        return query.filter(_exact_product(search)), count_query, joins, count_joins

    def search_placeholder(self) -> str:
        """What can be searched for."""
        return str(gettext("Whole article number or barcode"))
