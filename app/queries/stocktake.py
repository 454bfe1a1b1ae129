"""Questions about counting sessions, and what happened to goods around a count."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, case, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from app.domain.stocktake import CORRECTIONS, Change, History, Part, Place, value
from app.models.catalog import Category, Product
from app.models.checkout import Sale, SaleLine
from app.models.staff import User
from app.models.stock import StockLevel, StockMovement
from app.models.stocktake import Stocktake, StocktakeCount, StocktakeLine

AT_THE_BACK: Final = ("receipt",)
"""Movements of goods that stand in the store room first."""
SHELF, BACK, CORRECTED, LEVEL = range(4)
"""What a row of a history is; numbers, since texts of two tables may be compared in different ways."""


def histories(session: Session, store_id: int, product_ids: Collection[int], *, since: datetime) -> dict[int, History]:
    """What the named products have now and what changed it after `since`, by product.

    One statement, so that a sale in between cannot be in one half of the answer only. Sales count from the moment they
    were paid, posted or not; their movements are left out.
    """
    levels: dict[int, int] = {}
    changes: dict[int, list[Change]] = defaultdict(list)
    for product_id, at, quantity, kind in session.execute(_history(store_id, product_ids, since)):
        if kind == LEVEL:
            levels[product_id] = int(quantity)
        else:
            place = Place.BACK if kind == BACK else Place.SHELF
            changes[product_id].append(Change(at, int(quantity), place, kind == CORRECTED))
    return {key: History(levels.get(key, 0), tuple(changes.get(key, ()))) for key in product_ids}


def _history(store_id: int, product_ids: Collection[int], since: datetime) -> Any:
    wanted = sorted(product_ids)
    kind = case(
        (StockMovement.kind.in_(AT_THE_BACK), BACK), (StockMovement.kind.in_(sorted(CORRECTIONS)), CORRECTED),
        else_=SHELF,
    )  # fmt: skip
    sold = (
        select(SaleLine.product_id, Sale.sold_at, -SaleLine.quantity, literal(SHELF))
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(
            Sale.store_id == store_id, Sale.sold_at > since, SaleLine.product_id.in_(wanted),
            SaleLine.is_stocked.is_(True),
        )
    )  # fmt: skip
    moved = select(
        StockMovement.product_id, StockMovement.occurred_at, StockMovement.quantity, kind
    ).where(
        StockMovement.store_id == store_id, StockMovement.product_id.in_(wanted), StockMovement.occurred_at > since,
        StockMovement.kind != "sale",
    )  # fmt: skip
    now = select(
        StockLevel.product_id, null(), StockLevel.on_hand - StockLevel.reserved,
        literal(LEVEL),
    ).where(StockLevel.store_id == store_id, StockLevel.product_id.in_(wanted))  # fmt: skip
    return union_all(sold, moved, now)


def parts(session: Session, line_ids: Collection[int]) -> dict[int, dict[int, list[Part]]]:
    """What was counted, by line and round; without what its own counter has called a mistake."""
    found: dict[int, dict[int, list[Part]]] = defaultdict(lambda: defaultdict(list))
    rows = session.execute(
        select(
            StocktakeCount.line_id, StocktakeCount.round, StocktakeCount.quantity, StocktakeCount.counted_at,
            StocktakeCount.place, StocktakeCount.is_moment_doubtful, StocktakeCount.counted_by_id,
            StocktakeCount.is_instead,
        )
        .where(StocktakeCount.line_id.in_(line_ids)).order_by(StocktakeCount.round, StocktakeCount.id)
    )  # fmt: skip
    for row in rows:
        rounds, part = found[row[0]], Part(*row[2:-1])
        before = [one for one in rounds[row[1]] if not (row.is_instead and one.counter_id == part.counter_id)]
        rounds[row[1]] = [*before, part]
    return found


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A counting session as lists show it."""

    id: int
    uuid: UUID
    store_id: int
    state: str
    kind: str
    name: str
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    posted_at: datetime | None
    lines_counted: int
    lines_right: int
    products: int
    counted: int
    recounts: int


def sessions(
    session: Session, store_id: int, *, state: str | None = None, stocktake_id: int | None = None, limit: int = 50
) -> list[SessionRow]:
    """The newest sessions of a store."""
    statement = _sessions().where(Stocktake.store_id == store_id).order_by(Stocktake.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(Stocktake.state == state)
    if stocktake_id is not None:
        statement = statement.where(Stocktake.id == stocktake_id)
    found = session.execute(statement).all()
    sums = progress(session, [row.id for row in found])
    return [
        SessionRow(
            row.id, row.uuid, row.store_id, row.state, row.kind, row.category or row.shelf or "", row.opened_at,
            row.display_name or row.username, row.closed_at, row.posted_at, row.lines_counted, row.lines_right,
            *sums.get(row.id, (0, 0, 0)),
        )
        for row in found
    ]  # fmt: skip


def _sessions() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Stocktake.id, Stocktake.uuid, Stocktake.store_id, Stocktake.state, Stocktake.kind,
            Category.name.label("category"), Stocktake.shelf, Stocktake.opened_at, User.display_name, User.username,
            Stocktake.closed_at, Stocktake.posted_at, Stocktake.lines_counted, Stocktake.lines_right,
        )
        .join(User, User.id == Stocktake.opened_by_id)
        .outerjoin(Category, Category.id == Stocktake.category_id)
    )  # fmt: skip


def progress(session: Session, stocktake_ids: Collection[int]) -> dict[int, tuple[int, int, int]]:
    """How many products each session has, how many are counted, and how many must be counted again."""
    if not stocktake_ids:
        return {}
    counted = (
        select(StocktakeCount.line_id)
        .join(StocktakeLine, StocktakeLine.id == StocktakeCount.line_id)
        .where(StocktakeLine.stocktake_id.in_(stocktake_ids))
        .distinct()
        .subquery()
    )
    rows = session.execute(
        select(
            StocktakeLine.stocktake_id, func.count(), func.count(counted.c.line_id),
            # A sum of booleans would come back as one.
            func.sum(case((StocktakeLine.needs_recount.is_(True), 1), else_=0)),
        )
        .outerjoin(counted, counted.c.line_id == StocktakeLine.id)
        .where(StocktakeLine.stocktake_id.in_(stocktake_ids))
        .group_by(StocktakeLine.stocktake_id)
    )  # fmt: skip
    return {row[0]: (row[1], row[2], int(row[3] or 0)) for row in rows}


@dataclass(frozen=True, slots=True)
class LineRow:
    """A product of a session; `own` is what one person has counted of it in the newest round, None: nothing.

    `own_counts` are all counts of that person that the database had when `own` was added up.
    """

    id: int
    product_id: int
    name: str
    sku: str
    unit: str
    shelf: str | None
    barcode: str | None
    needs_recount: bool
    counted: int | None
    book: int | None
    variance: int | None
    unit_cost: int
    reason: str
    own: int | None
    own_counts: tuple[UUID, ...]

    @property
    def variance_value(self) -> int | None:
        """What the variance is worth, with its sign."""
        return (
            None if self.variance is None else value(self.variance, self.unit_cost) * (-1 if self.variance < 0 else 1)
        )


@dataclass(frozen=True, slots=True)
class OwnCounts:
    """What one person has counted of a product: the sum of the newest round, and every count by its UUID."""

    total: int
    uuids: tuple[UUID, ...]


def lines(session: Session, stocktake_id: int, *, counter_id: int) -> list[LineRow]:
    """The products of a session along the shelves."""
    own = _own(session, stocktake_id, counter_id)
    rows = session.execute(
        select(
            StocktakeLine.id, StocktakeLine.product_id, Product.name, Product.sku, Product.unit, Product.shelf,
            Product.barcode, StocktakeLine.needs_recount, StocktakeLine.counted, StocktakeLine.book,
            StocktakeLine.variance, StocktakeLine.unit_cost, StocktakeLine.reason,
        )
        .join(Product, Product.id == StocktakeLine.product_id)
        .where(StocktakeLine.stocktake_id == stocktake_id)
        .order_by(Product.shelf, Product.name, Product.id)
    )  # fmt: skip
    return [_line(row, own.get(row.id)) for row in rows]


def _line(row: Any, own: OwnCounts | None) -> LineRow:
    return LineRow(**row._mapping, own=own.total if own else None, own_counts=own.uuids if own else ())


def _own(session: Session, stocktake_id: int, counter_id: int) -> Mapping[int, OwnCounts]:
    """By line. One statement: the sum contains the very counts that are named."""
    rounds: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    uuids: dict[int, list[UUID]] = defaultdict(list)
    said = (StocktakeCount.quantity, StocktakeCount.uuid, StocktakeCount.is_instead)
    for line_id, round_, quantity, uuid, is_instead in session.execute(
        select(StocktakeCount.line_id, StocktakeCount.round, *said)
        .join(StocktakeLine, StocktakeLine.id == StocktakeCount.line_id)
        .where(StocktakeLine.stocktake_id == stocktake_id, StocktakeCount.counted_by_id == counter_id)
        .order_by(StocktakeCount.id)
    ):
        rounds[line_id][round_] = quantity + (0 if is_instead else rounds[line_id][round_])
        uuids[line_id].append(uuid)
    return {line_id: OwnCounts(sums[max(sums)], tuple(uuids[line_id])) for line_id, sums in rounds.items()}


@dataclass(frozen=True, slots=True)
class Countable:
    """What a line needs to know of its product: its unit and what one of it is worth."""

    unit: str
    unit_cost: int


def countables(session: Session, product_ids: Collection[int]) -> dict[int, Countable]:
    """The named products; worth their purchase price, or what they sell for when that is not known."""
    rows = session.execute(
        select(Product.id, Product.unit, func.coalesce(func.nullif(Product.purchase_price, 0), Product.selling_price))
        .where(Product.id.in_(product_ids))
    )  # fmt: skip
    return {row[0]: Countable(row[1], row[2]) for row in rows}


def to_count(
    session: Session,
    *,
    category_id: int | None = None,
    shelf: str | None = None,
    product_ids: Collection[int] | None = None,
) -> list[int]:
    """The stocked products of a category, a shelf or a list, by id."""
    statement = select(Product.id).where(Product.is_stocked.is_(True)).order_by(Product.id)
    if product_ids is not None:
        statement = statement.where(Product.id.in_(product_ids))
    else:
        statement = statement.where(Product.is_archived.is_(False))
    if category_id is not None:
        statement = statement.where(Product.category_id == category_id)
    if shelf is not None:
        statement = statement.where(Product.shelf == shelf)
    return list(session.scalars(statement))


def overlapping(session: Session, open_keys: Collection[str]) -> tuple[int, int] | None:
    """A session that has not ended and holds some of the keys, and how many it holds; None: there is none."""
    row = session.execute(
        select(StocktakeLine.stocktake_id, func.count())
        .where(StocktakeLine.open_key.in_(open_keys))
        .group_by(StocktakeLine.stocktake_id)
        .order_by(StocktakeLine.stocktake_id)
        .limit(1)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def counters_of(session: Session, stocktake_id: int) -> dict[int, set[int]]:
    """Who counted each line."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = session.execute(
        select(StocktakeCount.line_id, StocktakeCount.counted_by_id).join(
            StocktakeLine, and_(StocktakeLine.id == StocktakeCount.line_id, StocktakeLine.stocktake_id == stocktake_id)
        )
    )
    for line_id, user_id in rows:
        found[line_id].add(user_id)
    return found
