"""Which document a movement comes from, and the way there."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.models.stock import StockMovement
from app.queries import ledger_documents
from app.queries.ledger_documents import Document
from app.queries.receipts import sale_number
from app.queries.refunds import refund_number
from app.views.admin import formats

PAGES: Final[Mapping[str, str]] = {
    "sale": "sales.details_view", "refund": "office_refunds.details_view", "order": "orders.details_view",
    "count": "counts.details_view",
}  # fmt: skip


def find(session: Session, movements: Collection[StockMovement]) -> None:
    """Note on each movement the document it comes from, as `shown_document`."""
    found = ledger_documents.documents(session, {(one.source_kind, one.source_id) for one in movements})
    for one in movements:
        one.shown_document = found.get((one.source_kind, one.source_id))  # type: ignore[attr-defined]


def shown(movement: Any, store_code: str) -> Any:
    """The number of the document, which leads to it; where there is none, the line that is named."""
    document: Document | None = movement.shown_document
    if document is None:
        return f"{formats.word(formats.DOCUMENTS, movement.source_kind)} {movement.source_id}"
    return formats.link(url_for(PAGES[document.kind], id=document.id), _number(document, store_code))


def _number(document: Document, store_code: str) -> str:
    if document.kind == "sale":
        return sale_number(store_code, document.id)
    if document.kind == "refund":
        return refund_number(store_code, document.id)
    word = gettext("Order") if document.kind == "order" else gettext("Count")
    return f"{word}\u00a0#{document.id}"  # on one line
