"""Labels: flagged when something printed on them changes, cleared by the batch that prints them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session

from app.domain.back_office import RowUnknown
from app.domain.barcode import LabelRule
from app.domain.labels import (
    MOST_LABELS,
    PRINTED_FIELDS,
    Label,
    LabelNotPossible,
    NothingToPrint,
    shelf_label,
    weight_label,
)
from app.models.catalog import Product
from app.models.labels import LabelBatch, LabelFlag
from app.models.stock import Store
from app.queries import catalog, labels

CHUNK: Final = 500
SHOP: Final = "shop"


def is_printed(fields: Iterable[str]) -> bool:
    """Whether one of these fields of a product stands on its label."""
    return not PRINTED_FIELDS.isdisjoint(fields)


def flag(session: Session, product_ids: Collection[int], *, now: datetime, store_id: int | None = None) -> None:
    """Say that the labels of these products are out of date, in one shop or in all of them; saying it twice is fine."""
    ignore = "OR IGNORE" if session.get_bind().dialect.name == "sqlite" else "IGNORE"
    wanted = sorted(set(product_ids))
    shops = Store.id == store_id if store_id is not None else (Store.kind == SHOP) & Store.is_active
    for start in range(0, len(wanted), CHUNK):
        chosen = (
            select(Store.id, Product.id, literal(now, LabelFlag.flagged_at.type))
            .select_from(Store)
            .join(Product, Product.id.in_(wanted[start : start + CHUNK]))
            .where(shops)
            .order_by(Store.id, Product.id)
        )
        columns = ["store_id", "product_id", "flagged_at"]
        session.execute(insert(LabelFlag).prefix_with(ignore).from_select(columns, chosen))


def unflag(session: Session, flag_id: int) -> None:
    """Say that a label needs no printing."""
    session.execute(delete(LabelFlag).where(LabelFlag.id == flag_id))


def print_flagged(
    session: Session,
    *,
    store_id: int,
    category_id: int | None = None,
    ids: Collection[int] | None = None,
    today: date,
    user_id: int,
    now: datetime,
) -> LabelBatch:
    """Make a batch of the labels that are out of date, and take their flags away.

    Raises:
        NothingToPrint: there are none.
    """
    flagged = labels.flagged(session, store_id, category_id=category_id, ids=ids, limit=MOST_LABELS)
    if not flagged:
        raise NothingToPrint
    wanted = [product.id for product in flagged]
    session.execute(delete(LabelFlag).where(LabelFlag.store_id == store_id, LabelFlag.product_id.in_(wanted)))
    # Read once the flags are ours: what changed before is on the label, what changes now waits and flags again.
    products = labels.products(session, wanted)
    currency = session.get_one(Store, store_id).currency
    drawn = [shelf_label(product, currency, today) for product in products]
    return _keep(session, store_id, "shelf", drawn, user_id, now)


def print_weighed(
    session: Session, *, store_id: int, code: str, weights: Sequence[int], today: date, user_id: int, now: datetime
) -> LabelBatch:
    """Make in-store labels for weighed pieces of one product, grams each.

    Raises:
        RowUnknown: no product on sale has this code.
        LabelNotPossible: it is not sold by weight, or no format of in-store labels fits.
    """
    product = labels.product(session, code)
    if product is None:
        raise RowUnknown
    rules = catalog.label_rules(session)
    if not rules:
        raise LabelNotPossible(reason="rule")
    currency = session.get_one(Store, store_id).currency
    drawn = [_weighed(product, rules, grams, currency, today) for grams in weights]
    return _keep(session, store_id, "weight", drawn, user_id, now)


def _weighed(product: labels.LabelProduct, rules: Sequence[LabelRule], grams: int, currency: str, today: date) -> Label:
    """By the first format that can say it."""
    refused: LabelNotPossible | None = None
    for rule in rules:
        try:
            return weight_label(product, rule, grams=grams, currency=currency, today=today)
        except LabelNotPossible as error:
            refused = refused or error
    raise refused or LabelNotPossible(reason="rule")


def _keep(
    session: Session, store_id: int, kind: str, drawn: Sequence[Label], user_id: int, now: datetime
) -> LabelBatch:
    batch = LabelBatch(
        store_id=store_id, kind=kind, label_count=len(drawn), labels=[label.stored() for label in drawn],
        printed_at=now, printed_by_id=user_id,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return batch
