"""Which labels are out of date, and what was printed."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.models.catalog import InStoreLabelRule, Product
from app.models.labels import LabelBatch, LabelFlag


@dataclass(frozen=True, slots=True)
class LabelProduct:
    """What of a product stands on its label."""

    id: int
    name: str
    sku: str
    plu: str | None
    barcode: str | None
    unit: str
    net_quantity: str | None
    selling_price: int


_COLUMNS = (
    Product.id, Product.name, Product.sku, Product.plu, Product.barcode, Product.unit, Product.net_quantity,
    Product.selling_price,
)  # fmt: skip
_AS_ON_SHELVES = (Product.category_id, Product.name, Product.id)


def flagged(
    session: Session, store_id: int, *, category_id: int | None, ids: Collection[int] | None, limit: int
) -> list[LabelProduct]:
    """Products on sale whose label in the store is out of date, by category and name: the order of the shelves."""
    statement = _flagged(store_id, category_id)
    if ids is not None:
        statement = statement.where(Product.id.in_(ids))
    rows = session.execute(statement.order_by(*_AS_ON_SHELVES).limit(limit))
    return [LabelProduct(*row) for row in rows]


def products(session: Session, ids: Collection[int]) -> list[LabelProduct]:
    """These products as they stand now, in the same order."""
    rows = session.execute(select(*_COLUMNS).where(Product.id.in_(ids)).order_by(*_AS_ON_SHELVES))
    return [LabelProduct(*row) for row in rows]


def flagged_count(session: Session, store_id: int, *, category_id: int | None = None) -> int:
    """How many those are."""
    statement = _flagged(store_id, category_id).with_only_columns(func.count())
    return session.scalar(statement) or 0


def product(session: Session, code: str) -> LabelProduct | None:
    """The product on sale with this barcode, article number or item number."""
    keys = {code, code.zfill(14)} if code.isascii() and code.isdigit() else {code}
    row = session.execute(
        select(*_COLUMNS)
        .where(
            Product.is_archived.is_(False), (Product.barcode.in_(keys)) | (Product.sku == code) | (Product.plu == code)
        )
        .order_by((Product.sku == code).desc(), Product.id)
        .limit(1)
    ).one_or_none()
    return LabelProduct(*row) if row else None


def batch(session: Session, batch_id: int) -> LabelBatch | None:
    """What was printed together."""
    return session.get(LabelBatch, batch_id)


def label_rules(session: Session) -> list[InStoreLabelRule]:
    """The formats of in-store labels, by prefix."""
    return list(session.scalars(select(InStoreLabelRule).order_by(InStoreLabelRule.prefix)))


def _flagged(
    store_id: int, category_id: int | None
) -> Select[int, str, str, str | None, str | None, str, str | None, int]:
    statement = (
        select(*_COLUMNS)
        .join(LabelFlag, LabelFlag.product_id == Product.id)
        .where(LabelFlag.store_id == store_id, Product.is_archived.is_(False))
    )
    return statement if category_id is None else statement.where(Product.category_id == category_id)
