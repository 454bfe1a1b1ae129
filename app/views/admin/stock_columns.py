"""What lists about stock share: words, stores to choose from, a change with its sign."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import select

from app.models.stock import Store
from app.unit_of_work import read_only
from app.views.access import current_staff
from app.views.admin import formats
from app.views.admin.base import visible_stores

PRODUCT_LABELS: Mapping[str, Any] = {
    "product": _("Product"), "store": _("Store"), "on_hand": _("On hand"), "reserved": _("Reserved"),
    "available": _("Available"), "safety": _("Safety stock"), "state": _("State"), "kind": _("Kind"),
    "quantity": _("Quantity"), "occurred_at": _("When"), "booked_at": _("Booked"), "source": _("Document"),
    "opened_at": _("Opened"), "wanted": _("Wanted"), "resolved_at": _("Resolved"), "note": _("Note"),
}  # fmt: skip


def store_rows() -> list[tuple[int, str]]:
    """The stores the user may see."""
    stores = visible_stores(current_staff())
    with read_only() as session:
        rows = session.execute(select(Store.id, Store.code, Store.name).order_by(Store.code)).all()
    return [(row.id, f"{row.code} {row.name}") for row in rows if stores is None or row.id in stores]


def signed(row: Any) -> Markup:
    """A change with its sign, red when goods left."""
    shown = formats.quantity(row.quantity, row.product.unit if row.product else None)
    tone = "minus" if row.quantity < 0 else "plus"
    return Markup('<span class="{}">{}{}</span>').format(tone, "" if row.quantity < 0 else "+", shown)
