"""What a shop can sell, for whoever has to choose among all of it."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.catalog import Product
from app.models.checkout import Sale


@dataclass(frozen=True, slots=True)
class Sellable:
    """A product on sale: its id, article number, a code to scan and its unit."""

    product_id: int
    sku: str
    code: str
    unit: str


def sellable(session: Session) -> list[Sellable]:
    """Every product that is not archived, by article number."""
    rows = session.execute(
        select(Product.id, Product.sku, func.coalesce(Product.barcode, Product.sku), Product.unit)
        .where(Product.is_archived.is_(False))
        .order_by(Product.sku)
    )
    return [Sellable(*row) for row in rows]


def waiting_to_be_posted(session: Session) -> int:
    """How many sales the ledger does not know yet."""
    return session.scalar(select(func.count()).select_from(Sale).where(Sale.posted_at.is_(None))) or 0
