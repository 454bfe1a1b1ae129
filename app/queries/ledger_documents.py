"""The documents behind movements: each names a line of a sale, a refund, a delivery or a count."""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.models.checkout import RefundLine, SaleLine
from app.models.receiving import GoodsReceipt, GoodsReceiptLine
from app.models.stocktake import StocktakeLine


class Document(NamedTuple):
    """`kind` is sale, refund, order (a delivery of it) or count."""

    kind: str
    id: int


LINES: Final[Mapping[str, tuple[str, Select[*tuple[Any, ...]]]]] = {
    "sale_line": ("sale", select(SaleLine.id, SaleLine.sale_id)),
    "refund_line": ("refund", select(RefundLine.id, RefundLine.refund_id)),
    "refund_waste": ("refund", select(RefundLine.id, RefundLine.refund_id)),
    "receipt_line": ("order", select(GoodsReceiptLine.id, GoodsReceipt.order_id).join(GoodsReceiptLine.receipt)),
    "stocktake_line": ("count", select(StocktakeLine.id, StocktakeLine.stocktake_id)),
}
"""Of each kind of source the kind of its document, and its lines with their documents."""


def documents(session: Session, sources: Collection[tuple[str, int]]) -> dict[tuple[str, int], Document]:
    """The document of each source (kind and id of a line) that has one; a question for each kind."""
    found: dict[tuple[str, int], Document] = {}
    for source_kind, (kind, lines) in LINES.items():
        ids = [line_id for one, line_id in sources if one == source_kind]
        if ids:
            rows = session.execute(lines.where(lines.selected_columns[0].in_(ids)))
            found |= {(source_kind, line_id): Document(kind, document_id) for line_id, document_id in rows}
    return found
