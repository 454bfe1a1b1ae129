"""What lists about stock share: words, stores to choose from, a change with its sign."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.models.catalog import Product
from app.models.stock import StockLevel, Store
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


def levels_of(product: Product) -> list[StockLevel]:
    """The product's level in every store; nothing where an open store has never had it."""
    with read_only() as session:
        levels = select(StockLevel).options(joinedload(StockLevel.store)).where(StockLevel.product_id == product.id)
        found = {level.store_id: level for level in session.scalars(levels)}
        others = session.scalars(select(Store).where(Store.is_active.is_(True), Store.id.not_in(found))).all()
    if product.is_stocked and not product.is_archived:
        found |= {store.id: _nothing(store, product) for store in others}
    return [found[store_id] for store_id in sorted(found)]


def first_level(store_id: int, product_id: int) -> StockLevel | None:
    """Where the first stock of a product is booked: in an open store one may see, which has never had it."""
    stores = visible_stores(current_staff())
    if stores is not None and store_id not in stores:
        return None
    with read_only() as session:
        store, product = session.get(Store, store_id), session.get(Product, product_id)
    if store is None or product is None or not store.is_active:
        return None
    return _nothing(store, product) if product.is_stocked and not product.is_archived else None


def _nothing(store: Store, product: Product) -> StockLevel:
    # Belongs to no session: the row is made by whatever is booked first.
    return StockLevel(
        store_id=store.id, product_id=product.id, on_hand=0, reserved=0, is_safety_pinned=False, revision=0,
        store=store, product=product,
    )  # fmt: skip


def signed(row: Any) -> Markup:
    """A change with its sign, red when goods left."""
    shown = formats.quantity(row.quantity, row.product.unit if row.product else None)
    tone = "minus" if row.quantity < 0 else "plus"
    return Markup('<span class="{}">{}{}</span>').format(tone, "" if row.quantity < 0 else "+", shown)
