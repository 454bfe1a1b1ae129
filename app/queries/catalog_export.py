"""The product list as it is exported."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalog import FurtherCode
from app.models.catalog import Category, Product, Supplier
from app.queries.catalog_import import further_codes


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One product with the names of its category and supplier; money in minor units, quantities in thousandths."""

    sku: str
    barcode: str | None
    name: str
    brand: str | None
    category: str
    supplier: str | None
    unit: str
    purchase_price: int
    selling_price: int
    safety_stock: int
    pack_size: int
    minimum_order: int
    shelf_life_days: int | None
    net_quantity: str | None
    shelf: str | None
    plu: str | None
    shortage_policy: str | None
    is_stocked: bool
    is_archived: bool
    further_barcodes: tuple[FurtherCode, ...]


def rows(session: Session, limit: int) -> Iterator[ExportRow]:
    """At most `limit` products by article number."""
    further = further_codes(session)
    statement = (
        select(
            Product.id, Product.sku, Product.barcode, Product.name, Product.brand, Category.name, Supplier.name,
            Product.unit, Product.purchase_price, Product.selling_price, Product.safety_stock, Product.pack_size,
            Product.minimum_order, Product.shelf_life_days, Product.net_quantity, Product.shelf, Product.plu,
            Product.shortage_policy, Product.is_stocked, Product.is_archived,
        )
        .join(Category, Category.id == Product.category_id)
        .outerjoin(Supplier, Supplier.id == Product.supplier_id)
        .order_by(Product.sku)
        .limit(limit)
    )  # fmt: skip
    for product_id, *values in session.execute(statement):
        yield ExportRow(*(*values, further.get(product_id, ())))
