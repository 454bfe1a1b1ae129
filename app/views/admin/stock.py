"""Stock levels: adjustments and safety stock."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import abort, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import contains_eager
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import Length

from app.clock import utc_now
from app.domain.staff import Permission
from app.models.catalog import Product
from app.models.stock import StockException, StockLevel, StockMovement, Store
from app.queries import catalog_search, locks
from app.queries.replenishment import effective_safety
from app.services import stock_by_hand, stock_safety
from app.unit_of_work import read_only
from app.views.admin import documents, exports, formats
from app.views.admin.base import as_id, route
from app.views.admin.filters import FlagFilter, RowFilter
from app.views.admin.formats import badge, column
from app.views.admin.forms import ChangeField, QuantityField, SecureForm, offered
from app.views.admin.lists import ModelPage, search_words
from app.views.admin.product_form import category_rows
from app.views.admin.refused import shown_again
from app.views.admin.stock_columns import PRODUCT_LABELS, first_level, store_rows

AVAILABLE = StockLevel.on_hand - StockLevel.reserved
RARE = frozenset({"low", "negative"})
"""Filters that few rows pass."""
REASONS = {
    "correction": _("Correction after counting"), "waste": _("Waste"), "theft": _("Theft"), "found": _("Found"),
}  # fmt: skip


class AdjustForm(SecureForm):
    """A correction of stock."""

    id = HiddenField()
    quantity = ChangeField(_("By how much"), description=_("+3 adds three, -3 takes three away."))
    reason = SelectField(_("Reason"), choices=offered(REASONS.items()))
    note = StringField(_("Note"), [Length(max=200)])


class SafetyForm(SecureForm):
    """A safety stock of this store's own."""

    id = HiddenField()
    safety_stock = QuantityField(
        _("Safety stock here"),
        is_optional=True,
        description=_("What you set here stays; empty: as the forecast proposes, or as the product says."),
    )


class LevelPage(ModelPage):
    """Stock per store and product. Figures change through documents only; safety stock through its own form."""

    permission = Permission.VIEW_STOCK
    opens_by_name = True
    allowed = {"adjust": Permission.ADJUST_STOCK, "safety": Permission.MANAGE_CATALOG}  # noqa: RUF012
    store_column = "store_id"
    subtitle = _("What each store has, has promised and may still sell.")
    details_template = "admin/level.html"
    is_live = True
    column_list = ("product", "store", "on_hand", "reserved", "available", "safety", "state")
    column_details_list = column_list
    columns_numeric = frozenset({"on_hand", "reserved", "available", "safety"})
    figures: ClassVar[Mapping[str, Any]] = {
        "product": lambda row: exports.cell(row.product.name),
        "on_hand": lambda row: formats.units(row.on_hand),
        "reserved": lambda row: formats.units(row.reserved),
        "available": lambda row: formats.units(row.available),
        "safety": lambda row: formats.units(effective(row)),
    }
    column_searchable_list = ("product.search_text",)
    column_sortable_list = (("product", "product.name"), "on_hand", "reserved")
    column_default_sort = ("product.name", False)
    column_labels = PRODUCT_LABELS
    column_filters = (
        RowFilter("store", _("Store"), lambda id_: StockLevel.store_id == id_, options=store_rows),
        RowFilter("category", _("Category"), lambda id_: Product.category_id == id_, options=category_rows),
        FlagFilter("low", _("Below safety stock"), lambda low: _below() if low else ~_below()),
        FlagFilter("negative", _("Negative"), lambda yes: AVAILABLE < 0 if yes else AVAILABLE >= 0),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.column_formatters = _level_columns(self)
        super().__init__(*args, **kwargs)

    def get_query(self) -> Any:
        """Levels with product and store in one question."""
        levels = self._asked.query(StockLevel).select_from(Product)
        return self._own(
            levels.join(StockLevel, StockLevel.product_id == Product.id).join(StockLevel.store)
            .options(contains_eager(StockLevel.product), contains_eager(StockLevel.store))
        )  # fmt: skip

    def get_count_query(self) -> Any:
        """The same joins: filters speak of product and store."""
        return super().get_count_query().join(StockLevel.product).join(StockLevel.store)

    def get_one(self, id: str) -> Any:
        """A level by "store,product", when the user may see that store; an empty one where there is none yet."""
        store_id, _comma, product_id = str(id).partition(",")
        key = (as_id(store_id), as_id(product_id))
        found = self.get_query().filter(StockLevel.store_id == key[0], StockLevel.product_id == key[1]).one_or_none()
        return found or first_level(*key)

    def _apply_sorting(self, query: Any, joins: Any, sort_column: Any, sort_desc: bool) -> Any:
        # The product is joined already; Flask-Admin would join it again.
        columns = {"on_hand": StockLevel.on_hand, "reserved": StockLevel.reserved}
        wanted = columns.get(sort_column, Product.name)
        order = [wanted, Product.id]
        if wanted is Product.name and not g.aisle_filtered & RARE:
            # Along the index of names until the page is full, instead of sorting every level of every store.
            query = _in_this_order(query)
        else:
            order.append(StockLevel.store_id)
        return query.order_by(*(one.desc() if sort_desc else one for one in order)), joins

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        words = search_words(search)
        found = catalog_search.contains(words)
        if (few := catalog_search.among(self._asked, words)) is not None:
            found.append(Product.id.in_(few))
            g.aisle_filtered |= RARE
        return query.filter(*found), count_query.filter(*found), joins, count_joins

    def search_placeholder(self) -> str:
        """What can be searched for."""
        return str(gettext("Name, number or pinyin"))

    def sections(self, row: Any) -> Mapping[str, Any]:
        """The newest ledger rows, an open exception, and the two forms."""
        with read_only() as session:
            movements = session.scalars(
                select(StockMovement)
                .where(StockMovement.store_id == row.store_id, StockMovement.product_id == row.product_id)
                .order_by(StockMovement.id.desc())
                .limit(20)
            ).all()
            documents.find(session, movements)
            exception = session.scalars(
                select(StockException).where(StockException.open_key == f"{row.store_id}:{row.product_id}")
            ).first()
        key = f"{row.store_id},{row.product_id}"
        return {
            "movements": [(one, documents.shown(one, row.store.code)) for one in movements],
            "exception": exception, "adjust_form": AdjustForm(id=key),
            "safety_form": SafetyForm(id=key, safety_stock=row.safety_stock if row.is_safety_pinned else None),
            "effective": effective(row),
        }  # fmt: skip

    @route("/adjust/", "POST")
    def adjust(self) -> ResponseReturnValue:
        """Book a correction through the ledger."""
        form, level = AdjustForm(request.form), self._posted_level()
        is_done = form.validate() and self.attempt(
            lambda session: stock_by_hand.adjust(
                session, store_id=level.store_id, product_id=level.product_id, quantity=form.quantity.data or 0,
                reason=form.reason.data, note=form.note.data, user_id=self.staff.id, now=utc_now(),
            ),
            done=gettext("Booked: the stock is changed."), form=form,
        )  # fmt: skip
        if not is_done:
            return shown_again(self, level, form.id.data, adjust_form=form)
        return redirect(self.get_url(".details_view", id=form.id.data))

    @route("/safety/", "POST")
    def safety(self) -> ResponseReturnValue:
        """Give this store a safety stock of its own, or none."""
        form, level = SafetyForm(request.form), self._posted_level()
        is_done = form.validate() and self.attempt(
            lambda session: stock_safety.set_safety_stock(
                session, store_id=level.store_id, product_id=level.product_id, safety_stock=form.safety_stock.data,
                user_id=self.staff.id, now=utc_now(),
            ),
            done=gettext("Safety stock saved."), form=form,
        )  # fmt: skip
        if not is_done:
            return shown_again(self, level, form.id.data, safety_form=form)
        return redirect(self.get_url(".details_view", id=form.id.data))

    def _posted_level(self) -> StockLevel:
        level: StockLevel | None = self.get_one(request.form.get("id", ""))
        return level or abort(404)


def effective(level: StockLevel) -> int:
    """The safety stock in force for a level."""
    if level.safety_stock is not None:
        return level.safety_stock
    return level.product.safety_stock if level.store.kind == "shop" else 0


def _in_this_order(query: Any) -> Any:
    """Join as written. In a small shop the database would rather read all stores at once, and sort afterwards."""
    for dialect in ("mysql", "mariadb"):
        query = query.prefix_with("STRAIGHT_JOIN", dialect=dialect)
        query = query.with_hint(Product, catalog_search.BY_NAME, dialect)
        query = query.with_hint(Store, locks.BY_KEY, dialect)
    return query


def _below() -> Any:
    return (effective_safety() > AVAILABLE) & Product.is_stocked.is_(True) & Product.is_archived.is_(False)


def _level_state(row: Any) -> Any:
    if row.available < 0 or row.on_hand < 0:
        return badge(str(gettext("Negative")), "red")
    is_low = row.available < effective(row) and row.product.is_stocked and not row.product.is_archived
    return badge("low", "amber") if is_low else ""


def _available(row: StockLevel) -> Markup:
    # Followed by live-stock.js.
    return Markup('<span data-live-store="{}" data-product="{}" data-unit="{}">{}</span>').format(
        row.store_id, row.product_id, row.product.unit, formats.quantity(row.available, row.product.unit)
    )


def _level_columns(page: LevelPage) -> dict[str, Any]:
    return {
        "product": column(
            lambda row: Markup('<a class="strong" href="{}">{}</a><span class="sub">{}</span>').format(
                page.get_url(".details_view", id=f"{row.store_id},{row.product_id}"), row.product.name, row.product.sku
            )
        ),
        "store": column(lambda row: str(row.store)),
        "on_hand": column(lambda row: formats.quantity(row.on_hand, row.product.unit)),
        "reserved": column(lambda row: formats.quantity(row.reserved, row.product.unit)),
        "available": column(_available),
        "safety": column(lambda row: formats.quantity(effective(row), row.product.unit)),
        "state": column(_level_state),
    }
