"""What one may decide to count: categories and shelves that have something to count."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.models.catalog import Category, Product


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category and how many products a session of it would have."""

    id: int
    name: str
    products: int


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """A shelf and how many products a session of it would have."""

    shelf: str
    products: int


def categories(session: Session) -> list[CategoryRow]:
    """Categories by name; those without a product to count are left out."""
    rows = session.execute(
        select(Category.id, Category.name, func.count(Product.id))
        .join(Product, and_(Product.category_id == Category.id, _is_counted()))
        .group_by(Category.id, Category.name)
        .order_by(Category.name)
    )
    return [CategoryRow(*row) for row in rows]


def shelves(session: Session) -> list[ShelfRow]:
    """Shelves in their order."""
    rows = session.execute(
        select(Product.shelf, func.count())
        .where(_is_counted(), Product.shelf.is_not(None), Product.shelf != "")
        .group_by(Product.shelf)
        .order_by(Product.shelf)
    )
    return [ShelfRow(shelf or "", products) for shelf, products in rows]


def _is_counted() -> ColumnElement[bool]:
    return and_(Product.is_stocked.is_(True), Product.is_archived.is_(False))
