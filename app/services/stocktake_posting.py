"""A counting session is closed, judged by a manager, and booked once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.stocktake import Finding, Limits, Reason, State, value
from app.domain.stocktake_refusals import (
    NothingCountedYet,
    NotInStocktake,
    RecountNeeded,
    SecondPersonNeeded,
    StocktakeClosed,
    StocktakeOpen,
)
from app.models.catalog import Product
from app.models.stock import StockException, Store
from app.models.stocktake import Stocktake, StocktakeLine
from app.queries import locks
from app.queries import stocktake as questions
from app.services import ledger, stock_exceptions, stocktake, stocktake_variance
from app.services.ledger import Entry


@dataclass(frozen=True, slots=True)
class Posted:
    """A session that stands in the ledger; `is_new` False: it did before."""

    stocktake_id: int
    movements: int
    is_new: bool


def close(
    session: Session, stocktake_id: int, *, store_ids: Collection[int] | None, user_id: int, now: datetime
) -> None:
    """End the counting: from now on only lines that must be counted again take figures. A second close changes nothing.

    Raises:
        StocktakeUnknown, StocktakeClosed: no such session, or it is cancelled.
        NothingCountedYet: nobody has counted anything yet.
    """
    row = stocktake.locked(session, stocktake_id, store_ids)
    if row.state == State.CANCELLED:
        raise StocktakeClosed(state=row.state)
    if row.state != State.OPEN:
        return
    lines = stocktake.lines_of(session, row)
    stocktake_variance.settle(session, row, lines)
    counted = [line for line in lines if line.counted is not None or line.needs_recount]
    if not counted:
        raise NothingCountedYet
    row.state, row.closed_at, row.closed_by_id = State.COUNTED.value, now, user_id
    recounts = sum(line.needs_recount for line in lines)
    stocktake.note(session, row, "closed", user_id, now, counted=len(counted), recounts=recounts)


def look_again(session: Session, stocktake_id: int, *, store_ids: Collection[int] | None) -> None:
    """Bring the figures of a closed session up to date."""
    row = stocktake.locked(session, stocktake_id, store_ids)
    if row.state == State.COUNTED:
        stocktake_variance.settle(session, row, stocktake.lines_of(session, row))


def approve(
    session: Session,
    stocktake_id: int,
    *,
    reasons: Mapping[int, Reason],
    store_ids: Collection[int] | None,
    user_id: int,
    now: datetime,
) -> Posted:
    """Book a closed session: one movement for each product with a variance. A second approval changes nothing.

    Products that nobody counted stay as they are.

    Raises:
        StocktakeUnknown, StocktakeOpen, StocktakeClosed: no such session, or not at this step.
        NotInStocktake: a reason for a product of another session.
        RecountNeeded: some lines cannot be believed yet; names each.
        SecondPersonNeeded: somebody else has to approve what this person has counted.
    """
    row = stocktake.locked(session, stocktake_id, store_ids)
    if row.state == State.POSTED:
        return Posted(row.id, 0, is_new=False)
    _demand_closed(row)
    lines = stocktake.lines_of(session, row)
    if foreign := reasons.keys() - {line.product_id for line in lines}:
        raise NotInStocktake(product_ids=sorted(foreign))
    _hold(session, row, lines)
    if again := [line for line in lines if line.needs_recount]:
        raise RecountNeeded(lines=_named(session, again))
    _demand_second_person(session, row, lines, user_id)
    _give_reasons(lines, reasons)
    movements = _book(session, row, lines, now)
    _finish(session, row, lines, user_id, now)
    resolved = _resolve(session, row, lines, user_id, now)
    stocktake.note(session, row, "posted", user_id, now, **_figures(row), movements=movements, resolved=resolved)
    return Posted(row.id, movements, is_new=True)


def _demand_closed(row: Stocktake) -> None:
    if row.state == State.OPEN:
        raise StocktakeOpen(stocktake_id=row.id)
    if row.state == State.CANCELLED:
        raise StocktakeClosed(state=row.state)


def _hold(session: Session, row: Stocktake, lines: Sequence[StocktakeLine]) -> None:
    """Lock what will be changed, and judge it by the books as they stand then; tills of other products go on."""
    stocktake_variance.settle(session, row, lines)
    changing = [line for line in lines if line.variance]
    asked = set(_exceptions(session, row, lines))
    locks.stock_levels(session, row.store_id, {line.product_id for line in changing} | asked)
    stocktake_variance.settle(session, row, changing)


def _exceptions(session: Session, row: Stocktake, lines: Sequence[StocktakeLine]) -> dict[int, int]:
    """The open exceptions of the counted products: exception by product."""
    keys = [stocktake.open_key(row.store_id, line.product_id) for line in lines if line.counted is not None]
    statement = select(StockException.product_id, StockException.id).where(StockException.open_key.in_(keys))
    return dict(session.execute(statement).all())


def _named(session: Session, lines: Sequence[StocktakeLine]) -> list[dict[str, Any]]:
    names = {product.id: product.name for product in _products(session, lines)}
    return [{"product_id": line.product_id, "name": names[line.product_id]} for line in lines]


def _products(session: Session, lines: Sequence[StocktakeLine]) -> list[Product]:
    return list(session.scalars(select(Product).where(Product.id.in_([line.product_id for line in lines]))))


def _demand_second_person(session: Session, row: Stocktake, lines: Sequence[StocktakeLine], user_id: int) -> None:
    counters = questions.counters_of(session, row.id)
    own = sum(
        value(line.variance or 0, line.unit_cost) for line in lines if user_id in counters.get(line.id, frozenset())
    )
    limit = session.get_one(Store, row.store_id).count_limit
    if own > limit:
        raise SecondPersonNeeded(value=own, limit=limit)


def _give_reasons(lines: Sequence[StocktakeLine], reasons: Mapping[int, Reason]) -> None:
    for line in lines:
        if line.variance:
            line.reason = reasons.get(line.product_id, Reason.UNKNOWN).value


def _book(session: Session, row: Stocktake, lines: Sequence[StocktakeLine], now: datetime) -> int:
    entries = [
        # From the moment of the count on the books agree with the shelf, whenever it is booked.
        Entry(row.store_id, line.product_id, "count", line.variance, "stocktake_line", line.id, line.counted_at or now)
        for line in lines
        if line.variance
    ]
    ledger.book(session, entries, now=now)
    return len(entries)


def _finish(session: Session, row: Stocktake, lines: Sequence[StocktakeLine], user_id: int, now: datetime) -> None:
    counted = [line for line in lines if line.counted is not None]
    units = {product.id: product.unit for product in _products(session, counted)}
    row.lines_counted = len(counted)
    row.lines_right = sum(_is_right(line, units[line.product_id]) for line in counted)
    row.book_value = sum(value(max(line.book or 0, 0), line.unit_cost) for line in counted)
    worth = [(value(line.variance or 0, line.unit_cost), line.variance or 0) for line in counted]
    row.variance_value = sum(amount for amount, _ in worth)
    row.net_value = sum(amount if variance > 0 else -amount for amount, variance in worth)
    row.state, row.posted_at, row.approved_by_id = State.POSTED.value, now, user_id
    stocktake.release(session, row)


def _is_right(line: StocktakeLine, unit: str) -> bool:
    found = Finding(line.decided_round or 1, line.counted or 0, line.variance or 0, line.counted_at)  # type: ignore[arg-type]
    return Limits(unit, line.unit_cost, 0).is_right(found)


def _resolve(session: Session, row: Stocktake, lines: Sequence[StocktakeLine], user_id: int, now: datetime) -> int:
    """Close the questions the count has answered; open one where more is promised than there is."""
    levels = locks.stock_levels(session, row.store_id, [line.product_id for line in lines if line.variance])
    for level in levels.values():
        if level.available < 0 or level.on_hand < 0:
            stock_exceptions.open_for(
                session, store_id=row.store_id, product_id=level.product_id, available=level.available, wanted=0,
                now=now, user_id=user_id, kind="adjusted_below_zero",
            )  # fmt: skip
    waiting = sorted(_exceptions(session, row, lines).values())
    return sum(_answered(session, one, row, user_id, now) for one in waiting)


def _answered(session: Session, exception_id: int, row: Stocktake, user_id: int, now: datetime) -> bool:
    try:
        stock_exceptions.resolve(session, exception_id, note=f"count #{row.id}", user_id=user_id, now=now)
    except stock_exceptions.StillShort:
        return False
    return True


def _figures(row: Stocktake) -> dict[str, int]:
    return {
        "counted": row.lines_counted, "right": row.lines_right, "book_value": row.book_value,
        "variance_value": row.variance_value, "net_value": row.net_value,
    }  # fmt: skip
