"""The ledger: every change of stock, read-only."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select, union_all
from sqlalchemy.orm import Session, joinedload

from app.domain.staff import Permission
from app.models.catalog import Product
from app.models.stock import StockMovement, Store
from app.views.admin import documents, formats
from app.views.admin.base import visible_stores
from app.views.admin.filters import ChoiceFilter, RowFilter, since, until
from app.views.admin.formats import column
from app.views.admin.long_lists import LongList
from app.views.admin.stock_columns import PRODUCT_LABELS, signed, store_rows
from app.views.recent_writes import near


def _products_of(session: Session, text: str) -> list[int]:
    """Products by whole article number or barcode: the ledger is long, so no search in the middle of words."""
    code = text.zfill(14) if text.isdigit() else text
    # One question per index: asked for together, the database reads every product.
    by_sku = select(Product.id).where(Product.sku == text)
    by_code = select(Product.id).where(Product.barcode.in_([text, code]))
    return sorted({product_id for asked in (by_sku, by_code) for product_id in session.scalars(asked)})


class MovementPage(LongList):
    """The ledger: read-only, newest first, never counted."""

    permission = Permission.VIEW_STOCK
    store_column = "store_id"
    may_be_old = True
    subtitle = _("The ledger: why stock changed. Nobody edits it.")
    day = "occurred_at"
    can_view_details = False
    column_list = ("occurred_at", "store", "product", "kind", "quantity", "source", "booked_at")
    columns_numeric = frozenset({"quantity"})
    figures: ClassVar[Mapping[str, Any]] = {"quantity": lambda row: formats.units(row.quantity)}
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
        "source": column(lambda row: documents.shown(row, row.store.code if row.store else "")),
    }

    def get_query(self) -> Any:
        """Rows with what is shown of product and store in one question."""
        return (
            super()
            .get_query()
            .options(
                joinedload(StockMovement.product).load_only(Product.name, Product.unit),
                joinedload(StockMovement.store).load_only(Store.code, Store.name),
            )
        )

    def get_list(self, *args: Any, **kwargs: Any) -> Any:
        """The list, with the document of each movement in one more question for each kind of them."""
        count, rows = super().get_list(*args, **kwargs)
        near(functools.partial(documents.find, movements=rows))
        return count, rows

    def export_rows(self, rows: Sequence[Any]) -> list[Sequence[Any]]:
        """The cells of each row, with its document."""
        documents.find(self._asked, rows)
        return super().export_rows(rows)

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        g.aisle_ledger_products = _products_of(self._asked, search)
        return query.filter(StockMovement.product_id.in_(g.aisle_ledger_products)), count_query, joins, count_joins

    def _apply_pagination(self, query: Any, page: int | None, page_size: int | None) -> Any:
        # The index of a product begins with the store: the newest of each store, then the newest of those.
        if product_ids := g.pop("aisle_ledger_products", None):
            most = ((page or 0) + 1) * (page_size or self.page_size)
            newest = union_all(
                *(
                    _newest(query, store_id, product_id, most)
                    for store_id in self._stores()
                    for product_id in product_ids
                )
            ).subquery()
            query = query.join(newest, newest.c.id == StockMovement.id)
        return super()._apply_pagination(query, page, page_size)

    def _stores(self) -> list[int]:
        seen = visible_stores(self.staff)
        return sorted(self._asked.scalars(select(Store.id)) if seen is None else seen)

    def search_placeholder(self) -> str:
        """What can be searched for."""
        return str(gettext("Whole article number or barcode"))


def _newest(query: Any, store_id: int, product_id: int, most: int) -> Any:
    one = query.filter(StockMovement.store_id == store_id, StockMovement.product_id == product_id)
    return select(one.with_entities(StockMovement.id).limit(most).subquery().c.id)
