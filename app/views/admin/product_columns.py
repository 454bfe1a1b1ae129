"""How a product is shown in the list and on its page."""

from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from app.views.admin import formats
from app.views.admin.formats import badge, column
from app.views.admin.product_cells import shown, typed


def _name(view: Any, row: Any) -> Markup:
    code = formats.plain_code(row.barcode) if row.barcode else ""
    return Markup('<a class="strong" href="{}">{}</a><span class="sub">{} {}</span>').format(
        view.get_url(".details_view", id=row.id), row.name, row.sku, code if code != row.sku else ""
    )


def _editable(view: Any, row: Any, name: str) -> Any:
    if not view.may_run("ajax_update") or row.is_archived:
        return shown(row, name)
    return Markup(
        '<button type="button" class="cell-edit" data-url="{}" data-id="{}" data-version="{}" data-field="{}"'
        ' data-value="{}" title="{}">{}</button>'
    ).format(
        view.get_url(".ajax_update"), row.id, row.version, name, typed(row, name), gettext("Click to change"),
        shown(row, name),
    )  # fmt: skip


def _state(row: Any) -> Any:
    if row.is_archived:
        return badge("archived", "grey")
    return badge("low_somewhere", "red") if row.need_replenishment else ""


def _figures() -> dict[str, Any]:
    return {
        "category": column(lambda row: row.category.name),
        "supplier": column(lambda row: row.supplier and row.supplier.name),
        "purchase_price": column(lambda row: formats.money(row.purchase_price)),
        "current_stock": column(lambda row: formats.quantity(row.current_stock, row.unit)),
        "reserved_stock": column(lambda row: formats.quantity(row.reserved_stock, row.unit)),
        "available": column(lambda row: formats.quantity(row.current_stock - row.reserved_stock, row.unit)),
        "state": column(_state),
    }


def list_formatters(page: Any) -> dict[str, Any]:
    """Columns of the list; price and safety stock can be changed in place."""
    return _figures() | {
        "name": column(lambda row: _name(page, row)),
        "selling_price": column(lambda row: _editable(page, row, "selling_price")),
        "safety_stock": column(lambda row: _editable(page, row, "safety_stock")),
    }


def detail_formatters() -> dict[str, Any]:
    """Rows of the product\'s page."""
    return _figures() | {
        "barcode": column(lambda row: row.barcode and formats.plain_code(row.barcode)),
        "brand": column(lambda row: row.brand),
        "net_quantity": column(lambda row: row.net_quantity),
        "shelf": column(lambda row: row.shelf),
        "plu": column(lambda row: row.plu),
        "unit": column(lambda row: formats.word(formats.UNITS, row.unit)),
        "selling_price": column(lambda row: shown(row, "selling_price")),
        "safety_stock": column(lambda row: shown(row, "safety_stock")),
        "pack_size": column(lambda row: formats.quantity(row.pack_size, row.unit)),
        "policy": column(lambda row: row.shortage_policy and formats.word(formats.POLICIES, row.shortage_policy)),
        "is_stocked": column(lambda row: formats.yes_no(row.is_stocked)),
        "updated": column(lambda row: f"{formats.moment(row.updated_at)} {row.updated_by or ''}"),
    }
