"""What an import asks: the catalogue as it is, and whether this file was imported before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.catalog import FurtherCode
from app.models.catalog import Category, Product, ProductBarcode, Supplier
from app.models.staff import AuditEntry
from app.models.stock import StockLevel

IN_LIMIT = 5000
ACTION = "catalog.imported"
COLUMNS = (
    "id", "sku", "barcode", "plu", "name", "search_text", "brand", "net_quantity", "shelf", "category_id",
    "supplier_id", "unit", "purchase_price", "selling_price", "safety_stock", "pack_size", "minimum_order",
    "shelf_life_days", "shortage_policy", "is_stocked", "is_archived",
)  # fmt: skip


def products(session: Session) -> list[dict[str, Any]]:
    """Every product as plain values."""
    rows = session.execute(select(*(getattr(Product, name) for name in COLUMNS)).order_by(Product.id))
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def further_codes(session: Session) -> dict[int, tuple[FurtherCode, ...]]:
    """The further barcodes of every product that has some, sorted."""
    rows = session.execute(
        select(ProductBarcode.product_id, ProductBarcode.code, ProductBarcode.pack_quantity, ProductBarcode.pack_price)
    )
    found: dict[int, list[FurtherCode]] = {}
    for product_id, code, pack_quantity, pack_price in rows:
        found.setdefault(product_id, []).append(FurtherCode(code, pack_quantity, pack_price))
    return {product_id: tuple(sorted(codes)) for product_id, codes in found.items()}


def category_ids(session: Session) -> dict[str, int]:
    """Categories by name."""
    return {row.name: row.id for row in session.execute(select(Category.id, Category.name))}


def supplier_ids(session: Session) -> dict[str, int]:
    """Suppliers by name."""
    return {row.name: row.id for row in session.execute(select(Supplier.id, Supplier.name))}


def ids_by_sku(session: Session, skus: Sequence[str]) -> dict[str, int]:
    """The ids of the named article numbers."""
    wanted = set(skus)
    rows = session.execute(select(Product.sku, Product.id))
    return {row.sku: row.id for row in rows if row.sku in wanted}


def stocked_in(session: Session, product_ids: Sequence[int]) -> dict[int, list[int]]:
    """Which of `product_ids` have a stock level, by store."""
    found: dict[int, list[int]] = {}
    for start in range(0, len(product_ids), IN_LIMIT):
        part = product_ids[start : start + IN_LIMIT]
        rows = session.execute(
            select(StockLevel.store_id, StockLevel.product_id)
            .where(StockLevel.product_id.in_(part))
            .order_by(StockLevel.store_id, StockLevel.product_id)
        )
        for store_id, product_id in rows:
            found.setdefault(store_id, []).append(product_id)
    return found


def imported_at(session: Session, digest: str) -> datetime | None:
    """When a file with this SHA-256 was last imported."""
    return session.scalar(
        select(func.max(AuditEntry.at)).where(
            AuditEntry.subject_kind == "catalog", AuditEntry.subject_id == digest, AuditEntry.action == ACTION
        )
    )
