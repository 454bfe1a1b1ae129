"""Keeping the beginnings that a search finds products by in step with what the products are called."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.domain.search_text import beginnings
from app.models.catalog import Product, ProductWord

CHUNK: Final = 1000
_WORD: Final = insert(ProductWord.__table__)  # type: ignore[arg-type]


def keep(session: Session, product_ids: Collection[int]) -> None:
    """Write the beginnings of the named products anew, as their stored texts say."""
    wanted = sorted(product_ids)
    for start in range(0, len(wanted), CHUNK):
        _keep(session, wanted[start : start + CHUNK])


def keep_all(session: Session) -> int:
    """The same for every product; how many there are."""
    product_ids = session.scalars(select(Product.id)).all()
    keep(session, product_ids)
    return len(product_ids)


def _keep(session: Session, product_ids: list[int]) -> None:
    session.execute(
        delete(ProductWord).where(ProductWord.product_id.in_(product_ids)),
        execution_options={"synchronize_session": False},
    )
    texts = session.execute(select(Product.id, Product.search_text).where(Product.id.in_(product_ids)))
    rows = [{"word": word, "product_id": row.id} for row in texts for word in beginnings(row.search_text)]
    if rows:
        session.execute(_WORD, sorted(rows, key=lambda row: (row["word"], row["product_id"])))
