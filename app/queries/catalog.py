"""What the till asks about products."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from app.domain.barcode import LabelRule, LabelValue
from app.domain.catalog import with_any_zeros
from app.domain.checkout import Article
from app.domain.quantity import ONE
from app.models.catalog import Category, InStoreLabelRule, Product, ProductBarcode
from app.models.stock import StockLevel, Store


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a product: how much one scan sells, and a price of its own if it has one."""

    code: str
    product_id: int
    pack_quantity: int
    pack_price: int | None


@dataclass(frozen=True, slots=True)
class Availability:
    """What may still be sold of a product, and its price."""

    product_id: int
    available: int
    price: int


def _articles() -> Select[*tuple[object, ...]]:
    """Products as sold in the store that the parameter `store_id` names."""
    statement: Select[*tuple[object, ...]] = (
        select(
            Product.id.label("product_id"),
            Product.sku,
            Product.barcode,
            Product.plu,
            Product.name,
            Product.unit,
            Product.selling_price.label("unit_price"),
            Product.purchase_price.label("unit_cost"),
            Category.name.label("category"),
            func.coalesce(Product.shortage_policy, Store.shortage_policy).label("policy"),
            Product.is_archived,
            Product.is_stocked,
            func.coalesce(StockLevel.on_hand, 0).label("on_hand"),
            func.coalesce(StockLevel.reserved, 0).label("reserved"),
            func.coalesce(StockLevel.revision, 0).label("revision"),
        )
        .select_from(Product)
        .join(Store, Store.id == bindparam("store_id"))
        # Every product has one; but a database that knows little of a young shop would begin with an inner join's
        # categories, and walk through all their products.
        .outerjoin(Category, Category.id == Product.category_id)
        .outerjoin(StockLevel, and_(StockLevel.store_id == Store.id, StockLevel.product_id == Product.id))
    )
    return statement


def _article(row: Row[*tuple[object, ...]]) -> Article:
    return Article._make(row)


# Built once and run on the connection: every sale asks it.
_ARTICLES: Final = _articles().where(Product.id.in_(bindparam("ids", expanding=True)))


def articles(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, Article]:
    """The named products as sold in `store_id`, by id."""
    rows = session.connection().execute(_ARTICLES, {"store_id": store_id, "ids": sorted(set(product_ids))})
    return {row[0]: _article(row) for row in rows}  # type: ignore[misc]


_p, _b = Product.__table__.c, ProductBarcode.__table__.c
_WANTED: Final[BindParameter[Any]] = bindparam("wanted", expanding=True)
_CODES: Final = union_all(
    select(_p.barcode, _p.id, literal(ONE), null()).where(_p.barcode.in_(_WANTED)),
    select(_b.code, _b.product_id, _b.pack_quantity, _b.pack_price).where(_b.code.in_(_WANTED)),
)
_SKUS: Final = select(_p.sku, _p.id, literal(ONE), null()).where(_p.sku.in_(_WANTED))
# The number a cashier types for goods without a code: fruit, bread, what is weighed at the till.
_PLUS: Final = select(_p.plu, _p.id, literal(ONE), null()).where(_p.plu.in_(_WANTED))


def codes(session: Session, wanted: Collection[str]) -> dict[str, list[Code]]:
    """The products that carry each normalised code: as barcode or further code, else as article number, else as PLU."""
    found: dict[str, list[Code]] = {}
    missing = list(wanted)
    for statement in (_CODES, _SKUS, _PLUS):
        if not missing:
            break
        for row in session.connection().execute(statement, {"wanted": missing}):
            found.setdefault(row[0], []).append(Code(*row))
        missing = [code for code in missing if code not in found]
    return found


def label_rules(session: Session) -> list[LabelRule]:
    """The in-store label formats, longest prefix first."""
    rows = session.scalars(select(InStoreLabelRule)).all()
    rules = [
        LabelRule(row.prefix, row.item_digits, LabelValue(row.value), row.value_decimals, row.has_verifier)
        for row in rows
    ]
    return sorted(rules, key=lambda rule: -len(rule.prefix))


def product_id_by_plu(session: Session, plu: str) -> int | None:
    """The product with this item number on in-store labels; leading zeros do not matter."""
    return session.scalar(select(Product.id).where(Product.plu.in_(with_any_zeros(plu))).limit(1))


def prices(session: Session, product_ids: Collection[int]) -> dict[int, int]:
    """The selling price of the named products, by id."""
    rows = session.execute(select(Product.id, Product.selling_price).where(Product.id.in_(set(product_ids))))
    return {row.id: row.selling_price for row in rows}


def availability(session: Session, store_id: int, product_ids: Collection[int]) -> list[Availability]:
    """What may still be sold of the named products."""
    rows = session.execute(
        select(
            Product.id,
            func.coalesce(StockLevel.on_hand - StockLevel.reserved, 0),
            Product.selling_price,
        )
        .outerjoin(StockLevel, and_(StockLevel.store_id == store_id, StockLevel.product_id == Product.id))
        .where(Product.id.in_(set(product_ids)))
        .order_by(Product.id)
    )
    return [Availability(*row) for row in rows]
