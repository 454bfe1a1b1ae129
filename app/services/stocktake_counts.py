"""One figure from the shelf: kept with its moment and what the books said of that moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.catalog import MAX_QUANTITY
from app.domain.errors import QuantityOutOfRange
from app.domain.quantity import ONE, Unit, is_whole
from app.domain.stocktake import Moment, Place, State, covers, moment
from app.domain.stocktake_refusals import (
    AlreadyCounted,
    CountUuidConflict,
    NotInStocktake,
    ProductUnknown,
    QuantityNotWhole,
    StocktakeClosed,
)
from app.models.catalog import Product
from app.models.stocktake import Stocktake, StocktakeCount, StocktakeLine
from app.queries import locks
from app.queries import stocktake as questions
from app.services import checkout_pricing, stocktake, stocktake_variance

FARTHEST: Final = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class NewCount:
    """What a phone says: thousandths of a product (or of what one scan of `code` holds) at a place and a time.

    `is_more`: added to what the same person has counted of it. `is_instead`: that was a mistake, this is all of it.
    """

    uuid: UUID
    quantity: int
    said_at: datetime
    product_id: int | None = None
    code: str | None = None
    sent_at: datetime | None = None
    is_more: bool = False
    is_instead: bool = False
    place: Place = Place.SHELF


@dataclass(frozen=True, slots=True)
class Counted:
    """A stored count; `total` is what its counter has in this round. `is_new` False: it was stored before."""

    uuid: UUID
    product_id: int
    name: str
    quantity: int
    total: int
    needs_recount: bool
    is_moment_doubtful: bool
    is_new: bool


def record_count(
    session: Session, stocktake_id: int, count: NewCount, *, store_id: int, user_id: int, now: datetime
) -> Counted:
    """Keep a count. The session's row is held: counts of one session take turns, and none slips in behind its close.

    Raises:
        StocktakeUnknown, StocktakeClosed: no such session, or it takes no count of this product any more.
        CountUuidConflict: the UUID stands for another count.
        ProductUnknown, UnknownBarcode, NotInStocktake: nothing that is to be counted here.
        QuantityOutOfRange, QuantityNotWhole: no possible quantity.
        AlreadyCounted: this person has counted it, and said neither that this is more of it nor that it was a mistake.
    """
    row = stocktake.locked(session, stocktake_id, [store_id])
    product, quantity = _product(session, store_id, count)
    if known := session.scalars(select(StocktakeCount).where(StocktakeCount.uuid == count.uuid)).one_or_none():
        return _again(session, row, known, product, quantity, user_id)
    if row.state not in (State.OPEN, State.COUNTED):
        raise StocktakeClosed(state=row.state)
    _check(product, quantity)
    line = _line(session, row, product)
    at = moment(count.said_at, count.sent_at, now=now, opened_at=row.opened_at)
    round_ = _round(session, row, line, count, at, user_id)
    if count.is_instead:
        _note_mistake(session, row, line, round_, quantity, user_id, now)
    _store(session, row, line, count, quantity, at, round_, user_id, now)
    if row.state == State.COUNTED:
        stocktake_variance.settle(session, row, [line])
    return _counted(session, line, product, count.uuid, quantity, at.is_doubtful, round_, user_id, is_new=True)


def _product(session: Session, store_id: int, count: NewCount) -> tuple[Product, int]:
    """The product, and the quantity of it: three scans of a carton code are three cartons."""
    product_id, quantity = count.product_id, count.quantity
    if count.code is not None:
        scan = checkout_pricing.scan(session, store_id, count.code)
        product_id = scan.article.product_id
        is_carton = scan.label_total is None and scan.article.unit == Unit.PIECE and scan.quantity is not None
        quantity = quantity * (scan.quantity or ONE) // ONE if is_carton else quantity
    product = session.get(Product, product_id)
    if product is None:
        raise ProductUnknown(product_id=product_id)
    return product, quantity


def _check(product: Product, quantity: int) -> None:
    if not 0 <= quantity <= MAX_QUANTITY:
        raise QuantityOutOfRange(quantity=quantity, limit=MAX_QUANTITY)
    if product.unit == Unit.PIECE and not is_whole(quantity):
        raise QuantityNotWhole(quantity=quantity)


def _line(session: Session, row: Stocktake, product: Product) -> StocktakeLine:
    statement = select(StocktakeLine).where(
        StocktakeLine.stocktake_id == row.id, StocktakeLine.product_id == product.id
    )
    line = session.scalars(statement).one_or_none()
    if line is None:
        raise NotInStocktake(product_id=product.id, name=product.name)
    return line


def _round(session: Session, row: Stocktake, line: StocktakeLine, count: NewCount, at: Moment, user_id: int) -> int:
    """Which round the count belongs to.

    While the session is open: the first. Afterwards a line that has to be counted again takes a further round, and
    the first round still takes what was counted before the close and could not be sent in time.
    """
    last = session.scalar(select(func.max(StocktakeCount.round)).where(StocktakeCount.line_id == line.id)) or 0
    is_before_close = row.closed_at is None or at.at <= row.closed_at
    if is_before_close and last > 1:  # perhaps one of two places: never a recount
        raise StocktakeClosed(state=row.state, product_id=line.product_id)
    if is_before_close:
        own = _own(session, line, 1, user_id)
        if own is not None and not (count.is_more or count.is_instead):
            raise AlreadyCounted(product_id=line.product_id, total=own)
        return 1
    if (count.is_more or count.is_instead) and last > 1 and _own(session, line, last, user_id) is not None:
        return last
    if last > 1 and _is_half_done(session, line, last, count, user_id):
        return last
    # A correction by hand may have overtaken the counts since they were looked at.
    stocktake_variance.settle(session, row, [line])
    if not line.needs_recount:
        raise StocktakeClosed(state=row.state, product_id=line.product_id)
    return last + 1


def _is_half_done(session: Session, line: StocktakeLine, last: int, count: NewCount, user_id: int) -> bool:
    """Whether the count is a further place of a recount that has not been everywhere yet."""
    rounds = questions.parts(session, [line.id])[line.id]
    places = {round_: {part.place for part in parts} for round_, parts in rounds.items()}
    if covers(places[last], places[1]):
        return False
    if count.place.value in places[last] and not count.is_more:
        raise AlreadyCounted(product_id=line.product_id, total=_own(session, line, last, user_id) or 0)
    return True


def _own(session: Session, line: StocktakeLine, round_: int, user_id: int) -> int | None:
    """What somebody has counted in a round; None: nothing yet."""
    parts = questions.parts(session, [line.id])[line.id][round_]
    own = [part.quantity for part in parts if part.counter_id == user_id]
    return sum(own) if own else None


def _note_mistake(
    session: Session, row: Stocktake, line: StocktakeLine, round_: int, quantity: int, user_id: int, now: datetime
) -> None:
    if (before := _own(session, line, round_, user_id)) is None:
        return
    stocktake.note(session, row, "corrected", user_id, now, product=line.product_id, quantity=[before, quantity])


def _store(
    session: Session,
    row: Stocktake,
    line: StocktakeLine,
    count: NewCount,
    quantity: int,
    at: Moment,
    round_: int,
    user_id: int,
    now: datetime,
) -> None:
    # Held while it is read: no sale of this product is half done in between.
    locks.stock_levels(session, row.store_id, [line.product_id])
    history = questions.histories(session, row.store_id, [line.product_id], since=at.at)[line.product_id]
    session.add(
        StocktakeCount(
            uuid=count.uuid, line_id=line.id, round=round_, place=count.place.value, quantity=quantity,
            book=history.at(at.at), counted_at=at.at, said_at=_writable(count.said_at, now),
            is_moment_doubtful=at.is_doubtful, received_at=now, counted_by_id=user_id, is_instead=count.is_instead,
        )
    )  # fmt: skip
    session.flush()


def _writable(said_at: datetime, now: datetime) -> datetime:
    """What a phone's clock said, within what every database can hold."""
    return min(max(said_at, now - FARTHEST), now + FARTHEST)


def _again(
    session: Session, row: Stocktake, known: StocktakeCount, product: Product, quantity: int, user_id: int
) -> Counted:
    line = session.get_one(StocktakeLine, known.line_id)
    found = (line.stocktake_id, line.product_id, known.quantity, known.counted_by_id)
    if found != (row.id, product.id, quantity, user_id):
        raise CountUuidConflict(uuid=str(known.uuid))
    doubtful = known.is_moment_doubtful
    return _counted(session, line, product, known.uuid, quantity, doubtful, known.round, user_id, is_new=False)


def _counted(
    session: Session,
    line: StocktakeLine,
    product: Product,
    uuid: UUID,
    quantity: int,
    is_doubtful: bool,
    round_: int,
    user_id: int,
    *,
    is_new: bool,
) -> Counted:
    total = _own(session, line, round_, user_id) or 0
    return Counted(uuid, product.id, product.name, quantity, total, line.needs_recount, is_doubtful, is_new)
