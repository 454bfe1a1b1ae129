"""Finding products by words: by their beginnings, which have an index; only where no word begins so, by reading all."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from app.domain.checkout import Article
from app.domain.search_text import BEGINNING, fold
from app.models.catalog import Product, ProductWord
from app.queries import catalog

FEW: Final = 500
"""More products than this that share a beginning are read in the order of their names until enough are found."""
LAST: Final = "\U0010ffff"
BY_NAME: Final = "FORCE INDEX (ix_products_name)"


def search(session: Session, store_id: int, words: Sequence[str], limit: int) -> list[Article]:
    """Products that are on sale and have every word in name, brand, codes or pinyin; best match first.

    Three letters and fewer are looked for at the beginnings of words; inside of words only where none begins so.
    """
    if not words:
        return []
    found = _with_code(session, words[0])
    few = among(session, words)
    matching = _matching(words)
    if few is not None:
        starts = Product.search_text.startswith(fold(words[0]), autoescape=True)
        found += session.scalars(
            matching.where(Product.id.in_(few)).order_by(starts.desc(), Product.name, Product.id).limit(limit)
        )
    else:
        begins = Product.name.startswith(words[0], autoescape=True)
        found += session.scalars(_by_name(matching.where(begins), limit))
        if len(found) < limit:
            found += session.scalars(_by_name(matching, limit))
    wanted = list(dict.fromkeys(found))[:limit]
    articles = catalog.articles(session, store_id, wanted)
    return [articles[product_id] for product_id in wanted if product_id in articles]


def among(session: Session, words: Collection[str]) -> list[int] | None:
    """A few products among which are all that have every word as a beginning; None: there may be many, or none."""
    for word in sorted({fold(word)[:BEGINNING] for word in words}, key=len, reverse=True):
        found = session.scalars(
            select(ProductWord.product_id).where(ProductWord.word.between(word, word + LAST)).limit(FEW + 1)
        ).all()
        if 0 < len(found) <= FEW:
            return sorted(set(found))
    return None


def contains(words: Collection[str]) -> list[ColumnElement[bool]]:
    """That a product has every word, anywhere."""
    return [Product.search_text.contains(fold(word), autoescape=True) for word in words]


def _matching(words: Sequence[str]) -> Select[Any]:
    return select(Product.id).where(Product.is_archived.is_(False), *contains(words))


def _by_name(matching: Select[Any], limit: int) -> Select[Any]:
    for dialect in ("mysql", "mariadb"):
        matching = matching.with_hint(Product, BY_NAME, dialect)
    return matching.order_by(Product.name, Product.id).limit(limit)


def _with_code(session: Session, word: str) -> list[int]:
    # One question per index: asked for together with words, the database would read every product.
    asked = (Product.sku == word, or_(Product.barcode == word, Product.barcode == word.zfill(14)))
    return [
        product_id
        for one in asked
        for product_id in session.scalars(select(Product.id).where(one, Product.is_archived.is_(False)))
    ]
