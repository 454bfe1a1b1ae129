"""Change one product by hand: checked, audited, and never over somebody else's change."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain import price_check
from app.domain.back_office import ConfirmationNeeded, RowUnknown
from app.domain.catalog import FurtherCode
from app.domain.errors import InUse, StaleVersion
from app.domain.events import ProductChanged, StockFellBelowSafety
from app.models.catalog import Product, ProductBarcode
from app.models.checkout import SaleLine
from app.models.replenishment import ReplenishmentOrderLine
from app.models.stock import StockAdjustment, StockLevel, StockMovement, Store
from app.models.stocktake import StocktakeLine
from app.queries import locks
from app.queries import replenishment as replenishment_queries
from app.services import audit, catalog_search_words, labels
from app.services.catalog_checks import ProductValues, checked
from app.services.catalog_search_text import search_text


@dataclass(frozen=True, slots=True)
class Editor:
    """Who changes something: the id for the audit log, the name for whoever comes second."""

    user_id: int
    name: str


def create_product(
    session: Session, *, values: ProductValues, editor: Editor, now: datetime, is_confirmed: bool = False
) -> Product:
    """Add a product.

    Raises:
        InvalidFields: names every bad field.
        ConfirmationNeeded: a price that looks like a slip and was not confirmed.
    """
    clean = checked(session, values, product_id=None)
    _ask_if_odd(clean, old_price=None, is_confirmed=is_confirmed)
    product = Product()
    _apply(product, clean, editor, now)
    session.add(product)
    session.flush()
    catalog_search_words.keep(session, [product.id])
    labels.flag(session, [product.id], now=now)
    _record(session, editor, "product.created", product.id, asdict(clean), now)
    announce(session, ProductChanged((product.id,)))
    _open_stock(session, product)
    announce_shortage(session, product.id)
    return product


def change_product(
    session: Session,
    product_id: int,
    *,
    values: ProductValues,
    version: int,
    editor: Editor,
    now: datetime,
    is_confirmed: bool = False,
) -> Product:
    """Change a product that is still at `version`.

    Raises:
        RowUnknown: it is gone.
        StaleVersion: somebody changed it meanwhile; says who, when and what it is now.
        InvalidFields, ConfirmationNeeded: as for a new product.
    """
    product = _at_version(session, product_id, version)
    before = values_of(product)
    clean = checked(session, values, product_id=product_id)
    _ask_if_odd(clean, old_price=before.selling_price, old_cost=before.purchase_price, is_confirmed=is_confirmed)
    changed = audit.changes(asdict(before), asdict(clean))
    if not changed:
        return product
    _apply(product, clean, editor, now)
    session.flush()
    if {"name", "brand", "sku"} & changed.keys():
        catalog_search_words.keep(session, [product_id])
    if labels.is_printed(changed):
        labels.flag(session, [product_id], now=now)
    _record(session, editor, "product.changed", product_id, changed, now)
    announce(session, ProductChanged((product_id,)))
    if {"safety_stock", "supplier_id"} & changed.keys():
        _open_stock(session, product)
        announce_shortage(session, product_id)
    return product


def set_archived(
    session: Session, product_id: int, *, is_archived: bool, version: int, editor: Editor, now: datetime
) -> Product:
    """Take a product off sale, or bring it back."""
    product = _at_version(session, product_id, version)
    product.is_archived = is_archived
    _stamp(product, editor, now)
    session.flush()
    action = "product.archived" if is_archived else "product.restored"
    _record(session, editor, action, product_id, {"name": product.name}, now)
    announce(session, ProductChanged((product_id,)))
    return product


def delete_product(session: Session, product_id: int, *, editor: Editor, now: datetime) -> None:
    """Remove a product that never sold, moved or was ordered.

    Raises:
        InUse: something still tells its story; archive it instead.
    """
    product = session.get(Product, product_id, with_for_update=True)
    if product is None:
        raise RowUnknown(product_id=product_id)
    if has_history(session, product_id):
        raise InUse(product_id=product_id)
    _record(session, editor, "product.deleted", product_id, asdict(values_of(product)), now)
    for level in session.scalars(select(StockLevel).where(StockLevel.product_id == product_id)):
        session.delete(level)
    session.flush()
    session.delete(product)
    session.flush()
    announce(session, ProductChanged((product_id,)))


def has_history(session: Session, product_id: int) -> bool:
    """Whether a sale, a movement, an adjustment, a count or an order speaks of the product."""
    stories = (SaleLine, StockMovement, StockAdjustment, ReplenishmentOrderLine, StocktakeLine)
    return any(session.scalar(select(exists().where(story.product_id == product_id))) for story in stories)


def announce_shortage(session: Session, product_id: int) -> None:
    """Say in which stores the product is now below its safety stock."""
    for store_id in session.scalars(select(Store.id).order_by(Store.id)):
        if replenishment_queries.below_safety(session, store_id, [product_id]):
            announce(session, StockFellBelowSafety(store_id, (product_id,)))


def _open_stock(session: Session, product: Product) -> None:
    """Where there is one shop, its stock of a product that it is to keep and can order begins at nothing."""
    if product.safety_stock and product.supplier_id and product.is_stocked and not product.is_archived:
        shop_id = replenishment_queries.only_shop(session)
        # Of several shops nobody has said which is to sell it: there stock begins with goods or a level's own figure.
        if shop_id is not None:
            locks.stock_levels(session, shop_id, [product.id])


def values_of(product: Product) -> ProductValues:
    """What a manager may edit of `product`, as it is now."""
    own = {field.name: getattr(product, field.name) for field in fields(ProductValues) if field.name != "further"}
    further = tuple(FurtherCode(row.code, row.pack_quantity, row.pack_price) for row in product.further_barcodes)
    return ProductValues(**own, further=further)


def _at_version(session: Session, product_id: int, version: int) -> Product:
    product = session.get(Product, product_id, with_for_update=True)
    if product is None:
        raise RowUnknown(product_id=product_id)
    if product.version != version:
        raise StaleVersion(
            by=product.updated_by or "",
            at=product.updated_at.isoformat() if product.updated_at else "",
            version=product.version,
            current=asdict(values_of(product)),
        )
    return product


def _ask_if_odd(
    values: ProductValues, *, old_price: int | None, old_cost: int | None = None, is_confirmed: bool
) -> None:
    """Only a changed price or cost is doubted: an odd price that stays is no news."""
    if is_confirmed or (values.selling_price, values.purchase_price) == (old_price, old_cost):
        return
    found = price_check.doubts(price=values.selling_price, cost=values.purchase_price, old_price=old_price)
    if found:
        raise ConfirmationNeeded(doubts=list(found))


def _apply(product: Product, values: ProductValues, editor: Editor, now: datetime) -> None:
    for field in fields(ProductValues):
        if field.name != "further":
            setattr(product, field.name, getattr(values, field.name))
    _apply_codes(product, values.further)
    product.search_text = search_text(values.name, values.brand, values.sku)
    _stamp(product, editor, now)


def _apply_codes(product: Product, wanted: tuple[FurtherCode, ...]) -> None:
    known = {row.code: row for row in product.further_barcodes}
    for code in wanted:
        row = known.get(code.code)
        if row is None:
            product.further_barcodes.append(ProductBarcode(**asdict(code)))
        else:
            row.pack_quantity, row.pack_price = code.pack_quantity, code.pack_price
    for gone in known.keys() - {code.code for code in wanted}:
        product.further_barcodes.remove(known[gone])


def _stamp(product: Product, editor: Editor, now: datetime) -> None:
    # Also when only a further barcode changed: the row must count a version, or the next form is not stale.
    product.updated_at = now
    product.updated_by = editor.name


def _record(
    session: Session, editor: Editor, action: str, product_id: int, details: Mapping[str, Any], now: datetime
) -> None:
    audit.record(
        session, user_id=editor.user_id, action=action, subject_kind="product", subject_id=product_id,
        details=details, now=now,
    )  # fmt: skip
