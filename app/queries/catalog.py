"""What the till asks about products."""

from collections.abc import Collection, Sequence
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
from app.models.catalog import CatalogEdition, Category, InStoreLabelRule, Product, ProductBarcode
from app.models.stock import StockLevel, Store
from app.queries.plain_lists import listed


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


# Built once and run on the connection: every sale asks one of them.
EDITION_ID: Final = 1
_EDITION: Final = select(CatalogEdition.number).where(CatalogEdition.id == EDITION_ID)
_EDITION_TEXT: Final = str(_EDITION.compile(compile_kwargs={"literal_binds": True}))
_ARTICLES: Final = _articles().where(Product.id.in_(bindparam("ids", expanding=True)))
_ARTICLES_WITH_EDITION: Final = _ARTICLES.add_columns(_EDITION.scalar_subquery())
_NEXT_ARTICLES: Final = (
    _articles()
    .add_columns(_EDITION.scalar_subquery())
    .where(Product.id > bindparam("after"))
    .order_by(Product.id)
    .limit(bindparam("most"))
)


def articles(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, Article]:
    """The named products as sold in `store_id`, by id."""
    rows = session.connection().execute(_ARTICLES, {"store_id": store_id, "ids": sorted(set(product_ids))})
    return {row[0]: _article(row) for row in rows}  # type: ignore[misc]


def edition(session: Session) -> int | None:
    """The edition of the catalogue in force; None: nobody has ever said that one changed."""
    return session.connection().exec_driver_sql(_EDITION_TEXT).scalar()


@dataclass(frozen=True, slots=True)
class DatedArticles:
    """Products by id, and the edition of the catalogue that they were read in."""

    edition: int | None
    articles: dict[int, Article]


def dated_articles(session: Session, store_id: int, product_ids: Collection[int]) -> DatedArticles:
    """The named products as sold in `store_id`, with the edition that was in force in the moment they were read."""
    asked = {"store_id": store_id, "ids": sorted(set(product_ids))}
    return _dated(session.connection().execute(_ARTICLES_WITH_EDITION, asked).all())


def dated_articles_after(session: Session, store_id: int, product_id: int, limit: int) -> DatedArticles:
    """The same for the next `limit` products by their number, none but those after `product_id`."""
    asked = {"store_id": store_id, "after": product_id, "most": limit}
    return _dated(session.connection().execute(_NEXT_ARTICLES, asked).all())


def _dated(rows: Sequence[Row[Any]]) -> DatedArticles:
    return DatedArticles(rows[0][-1] if rows else None, {row[0]: Article._make(row[:-1]) for row in rows})


_p, _b = Product.__table__.c, ProductBarcode.__table__.c
_WANTED: Final[BindParameter[Any]] = bindparam("wanted", expanding=True)
_CODES: Final = union_all(
    select(_p.barcode, _p.id, literal(ONE), null()).where(_p.barcode.in_(_WANTED)),
    select(_b.code, _b.product_id, _b.pack_quantity, _b.pack_price).where(_b.code.in_(_WANTED)),
)
_NEXT_BARCODES: Final = (
    select(_p.id, _p.barcode)
    .where(_p.id > bindparam("after"), _p.barcode.is_not(None), _p.is_archived.is_(False))
    .order_by(_p.id)
    .limit(bindparam("most"))
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


def barcodes_after(session: Session, product_id: int, limit: int) -> list[tuple[int, str]]:
    """Number and barcode of the next `limit` products on sale with one, by their number, from after `product_id`."""
    rows = session.connection().execute(_NEXT_BARCODES, {"after": product_id, "most": limit})
    return [(row[0], row[1]) for row in rows]


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


# Asked for hundreds of products several times a second: built once, the numbers written into the text.
_AVAILABILITY: Final = """
SELECT products.id, COALESCE(stock_levels.on_hand - stock_levels.reserved, 0), products.selling_price
FROM products LEFT JOIN stock_levels ON stock_levels.store_id = {store_id:d} AND stock_levels.product_id = products.id
WHERE products.id IN ({ids}) ORDER BY products.id"""


def availability(session: Session, store_id: int, product_ids: Collection[int]) -> list[Availability]:
    """What may still be sold of the named products."""
    if not product_ids:
        return []
    text = _AVAILABILITY.format(store_id=store_id, ids=listed(set(product_ids)))
    rows = session.connection().exec_driver_sql(text)
    return [Availability(*row) for row in rows]
