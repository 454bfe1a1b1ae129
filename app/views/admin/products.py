"""Products: list, form, price and safety stock in the list, archive."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, ClassVar

from flask import flash, g, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload, undefer

from app.clock import utc_now
from app.domain import barcode
from app.domain.back_office import ConfirmationNeeded, InvalidFields, RowUnknown
from app.domain.catalog import FurtherCode
from app.domain.catalog_columns import OWN
from app.domain.errors import ShopError, StaleVersion
from app.domain.staff import Permission
from app.models.catalog import Product, ProductBarcode
from app.queries import catalog_search
from app.queries.catalog_export import ExportRow
from app.queries.catalog_import import further_codes
from app.services import catalog_edit, catalog_export
from app.unit_of_work import transact
from app.views.admin import formats, wording
from app.views.admin.base import posted_id, route
from app.views.admin.filters import ChoiceFilter, FlagFilter, RowFilter
from app.views.admin.lists import ModelPage, search_words
from app.views.admin.product_cells import CELLS, as_version, first_error, saved_cell, show_stale, stale_cell
from app.views.admin.product_columns import detail_formatters, list_formatters
from app.views.admin.product_form import (
    ProductForm,
    category_rows,
    drop_empty_codes,
    supplier_rows,
    values_from,
)
from app.views.admin.stock_columns import levels_of
from app.views.recent_writes import near

STATES = {"0": _("On sale"), "1": _("Archived"), "all": _("All")}


def _state_is(value: str) -> Any:
    return Product.id.is_not(None) if value == "all" else Product.is_archived.is_(value == "1")


class ProductPage(ModelPage):
    """The catalogue. Figures of stock are sums over all stores."""

    permission = Permission.MANAGE_CATALOG
    may_be_old = True
    opens_by_name = True
    writes = Permission.MANAGE_CATALOG
    allowed = {  # noqa: RUF012 - Flask-Admin reads class attributes
        "ajax_update": Permission.MANAGE_CATALOG,
        "archive": Permission.MANAGE_CATALOG,
        "restore": Permission.MANAGE_CATALOG,
    }
    form = ProductForm
    subtitle = _("Prices, codes and safety stock of everything the shops sell.")
    edit_template = create_template = "admin/product_form.html"
    details_template = "admin/product.html"
    column_list = (
        "name",
        "category",
        "supplier",
        "selling_price",
        "purchase_price",
        "current_stock",
        "available",
        "safety_stock",
        "state",
    )
    column_details_list = (
        "name",
        "sku",
        "barcode",
        "category",
        "supplier",
        "brand",
        "net_quantity",
        "shelf",
        "unit",
        "selling_price",
        "purchase_price",
        "pack_size",
        "plu",
        "policy",
        "is_stocked",
        "current_stock",
        "reserved_stock",
        "available",
        "safety_stock",
        "state",
        "updated",
    )
    column_searchable_list = ("search_text",)
    column_sortable_list = (
        "name",
        ("category", "category.name"),
        ("supplier", "supplier.name"),
        "selling_price",
        "purchase_price",
        "current_stock",
        "safety_stock",
    )
    column_default_sort = "name"
    columns_numeric = frozenset(
        {"selling_price", "purchase_price", "current_stock", "available", "safety_stock", "reserved_stock", "pack_size"}
    )
    column_labels: ClassVar[Mapping[str, Any]] = {
        "name": _("Product"), "sku": _("Article number"), "barcode": _("Barcode"), "category": _("Category"),
        "supplier": _("Supplier"), "brand": _("Brand"), "net_quantity": _("Content"), "unit": _("Unit"),
        "shelf": _("Shelf"),
        "selling_price": _("Price"), "purchase_price": _("Cost"), "pack_size": _("Pack size"), "plu": _("PLU"),
        "policy": _("When sold out"), "is_stocked": _("Stock is kept"), "current_stock": _("In stock"),
        "reserved_stock": _("Reserved"), "available": _("Available"), "safety_stock": _("Safety stock"),
        "state": _("State"), "updated": _("Last changed"),
    }  # fmt: skip
    column_filters = (
        RowFilter("category", _("Category"), lambda id_: Product.category_id == id_, options=category_rows),
        RowFilter("supplier", _("Supplier"), lambda id_: Product.supplier_id == id_, options=supplier_rows),
        ChoiceFilter("unit", _("Unit"), lambda unit: Product.unit == unit, options=lambda: list(formats.UNITS.items())),
        FlagFilter("low", _("Low stock"), lambda low: Product.need_replenishment.is_(low)),
        # What is no longer sold is shown when somebody asks for it.
        ChoiceFilter("state", _("State"), _state_is, options=lambda: list(STATES.items())).starting_with("0"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.column_formatters = list_formatters(self)
        self.column_formatters_detail = detail_formatters()
        super().__init__(*args, **kwargs)

    # Rows

    def get_query(self) -> Any:
        """Products with their sums, category and supplier in one question."""
        return super().get_query().options(
            undefer(Product.current_stock), undefer(Product.reserved_stock), undefer(Product.need_replenishment),
            joinedload(Product.category), joinedload(Product.supplier),
        )  # fmt: skip

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        words, codes = search_words(search), _by_code(self._asked, search)
        found = or_(and_(*catalog_search.contains(words)), Product.id.in_(codes))
        if (few := catalog_search.among(self._asked, words)) is not None:
            found = and_(Product.id.in_({*few, *codes}), found)
            g.aisle_filtered |= {"few"}
        return query.filter(found), count_query.filter(found), joins, count_joins

    def _apply_sorting(self, query: Any, joins: Any, sort_column: Any, sort_desc: bool) -> Any:
        if sort_column in (None, "name") and g.aisle_filtered <= {"state"}:
            # Along the index of names until the page is full: a few thousand products the database would sort.
            for dialect in ("mysql", "mariadb"):
                query = query.with_hint(Product, catalog_search.BY_NAME, dialect)
        return super()._apply_sorting(query, joins, sort_column, sort_desc)

    def search_placeholder(self) -> str:
        """What can be searched for."""
        return str(gettext("Name, number, barcode or pinyin"))

    def sections(self, row: Any) -> Mapping[str, Any]:
        """Stock per store and further barcodes."""
        return {"levels": levels_of(row), "further": row.further_barcodes}

    def export_heading(self) -> list[str]:
        """The heading that the import reads."""
        return list(OWN)

    def export_rows(self, rows: Sequence[Product]) -> list[Sequence[Any]]:
        """Every product as the import reads it back; prices and quantities are numbers."""
        further = near(further_codes)
        return [_exported(row, further.get(row.id, ())) for row in rows]

    # Writing

    def store(self, session: Session, form: Any, row_id: int | None) -> Any:
        """Create or change through the use case, at the version the form was filled from."""
        values, confirmed = values_from(form), bool(form.is_confirmed.data)
        if row_id is None:
            return catalog_edit.create_product(
                session, values=values, editor=self.editor, now=utc_now(), is_confirmed=confirmed
            )
        return catalog_edit.change_product(
            session, row_id, values=values, version=as_version(form.version.data), editor=self.editor, now=utc_now(),
            is_confirmed=confirmed,
        )  # fmt: skip

    def remove(self, session: Session, row_id: int) -> None:
        """Delete what has no history."""
        catalog_edit.delete_product(session, row_id, editor=self.editor, now=utc_now())

    def validate_form(self, form: Any) -> bool:
        """Rows of further barcodes left empty are no rows."""
        if hasattr(form, "further_barcodes"):
            drop_empty_codes(form)
        return bool(super().validate_form(form))

    def refuse(self, error: ShopError) -> None:
        """A stale form is shown with what it is now, beside what was typed."""
        super().refuse(error) if not isinstance(error, StaleVersion) else show_stale(error)

    @route("/archive/", "POST")
    def archive(self) -> ResponseReturnValue:
        """Take a product off sale; its history stays."""
        return self._set_archived(True, gettext("Archived: it is no longer sold, its history stays."))

    @route("/restore/", "POST")
    def restore(self) -> ResponseReturnValue:
        """Sell an archived product again."""
        return self._set_archived(False, gettext("On sale again."))

    def _set_archived(self, is_archived: bool, done: str) -> ResponseReturnValue:
        product_id, version = posted_id(), as_version(request.form.get("version"))
        self.attempt(
            lambda session: catalog_edit.set_archived(
                session, product_id, is_archived=is_archived, version=version, editor=self.editor, now=utc_now()
            ),
            done=done,
        )
        if g.get("admin_stale"):
            flash(g.admin_stale["message"], "error")
        return redirect(self.get_url(".details_view", id=product_id))

    @route("/ajax/update/", "POST")
    def ajax_update(self) -> ResponseReturnValue:
        """One cell of the list: a new price or safety stock for the version that was on the screen."""
        name = next((name for name in CELLS if name in request.form), None)
        if name is None:
            return jsonify(message=gettext("This cannot be changed here.")), 422
        form = CELLS[name](request.form)
        if not form.validate():
            return jsonify(message=first_error(form)), 422
        try:
            product = transact(lambda session: self._change_cell(session, form, name))
        except InvalidFields as error:
            return jsonify(message=" ".join(wording.fault_text(fault) for fault in error.faults)), 422
        except ConfirmationNeeded as error:
            return jsonify(doubts=[str(wording.DOUBTS[code]) for code in error.details["doubts"]]), 422
        except StaleVersion as error:
            return jsonify(stale_cell(error, name)), 409
        except ShopError as error:
            return jsonify(message=wording.refusal_text(error)), 409
        return jsonify(saved_cell(product, name))

    def _change_cell(self, session: Session, form: Any, name: str) -> Product:
        product = session.get(Product, form.id.data)
        if product is None:
            raise RowUnknown
        values = replace(catalog_edit.values_of(product), **{name: form[name].data})
        return catalog_edit.change_product(
            session, product.id, values=values, version=form.version.data, editor=self.editor, now=utc_now(),
            is_confirmed=form.is_confirmed.data,
        )  # fmt: skip


def _exported(row: Product, further: tuple[FurtherCode, ...]) -> list[Any]:
    cells = catalog_export.cells(
        ExportRow(
            **{name: getattr(row, name) for name in _SAME}, category=row.category.name,
            supplier=row.supplier.name if row.supplier else None, further_barcodes=further,
        )
    )  # fmt: skip
    return [Decimal(text) if name in _NUMBERS else text for name, text in zip(OWN, cells, strict=True)]


_NUMBERS = frozenset({"purchase_price", "selling_price", "safety_stock", "pack_size", "minimum_order"})
_SAME = tuple(one.name for one in fields(ExportRow) if one.name not in ("category", "supplier", "further_barcodes"))


def _by_code(session: Any, search: str) -> list[int]:
    """An article number or a whole code finds its product whatever the name says; one question per index."""
    text = search.strip()
    asked = [select(Product.id).where(Product.sku == text)]
    with suppress(ShopError):
        code = barcode.normalise(text)
        asked.append(select(Product.id).where(Product.barcode == code))
        asked.append(select(ProductBarcode.product_id).where(ProductBarcode.code == code))
    return [product_id for one in asked for product_id in session.scalars(one)]
