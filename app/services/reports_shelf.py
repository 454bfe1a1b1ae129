"""Stock as money: what it is worth, how long it lasts, what does not move, and what went without being sold."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.domain.business_day import bounds
from app.domain.money import divide_half_up
from app.domain.quantity import ONE
from app.domain.reports import Period
from app.queries import reports_period as questions
from app.queries import reports_stock
from app.queries.reports_stock import StockRow
from app.queries.reports_sums import Sold
from app.services import reports_period as periods
from app.services.reports_period import Scope

COVER_DAYS: Final = 28
"""The days whose sales say how long stock lasts."""
DEAD_DAYS: Final = 90
"""Without a sale for so long, stock is dead."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Stock of one product; `days` None: it does not sell. `value` at purchase price."""

    product_id: int
    name: str
    unit: str
    category_id: int
    on_hand: int
    value: int
    sold: int
    days: float | None


@dataclass(frozen=True, slots=True)
class CategoryStock:
    """Stock of a category."""

    id: int
    name: str
    products: int
    value: int
    retail_value: int
    sold_cost: int
    days: float | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """All stock of the stores: totals, by category, and every product."""

    value: int
    retail_value: int
    days: float | None
    dead_value: int
    categories: tuple[CategoryStock, ...]
    slow: tuple[Cover, ...]
    dead: tuple[Cover, ...]


def shelf(session: Session, where: Scope, *, now: datetime) -> Shelf:
    """Stock now, beside what the four weeks up to yesterday sold."""
    today = where.today(now)
    span = Period(today - timedelta(days=COVER_DAYS), today - timedelta(days=1))
    sold = periods.products(session, where, span, now=now)
    rows = _together(session, where)
    covers = [_cover(row, sold.get(row.product_id)) for row in rows]
    # Most have sold in the last four weeks, which is known by now; only the rest has to be looked up.
    alive = {one.product_id for one in covers if one.sold}
    rest = [one.product_id for one in covers if not one.sold]
    for store in where.stores:
        alive |= reports_stock.sold_since(session, store.id, rest, today - timedelta(days=DEAD_DAYS)) if rest else set()
    dead = [one for one in covers if one.product_id not in alive and one.on_hand > 0]
    slow = [one for one in covers if one.days is not None and one.on_hand > 0]
    groups = _by_category(rows, sold, questions.category_names(session))
    return Shelf(
        sum(one.value for one in groups), sum(one.retail_value for one in groups),
        _days(sum(one.value for one in groups), sum(one.sold_cost for one in groups)), sum(one.value for one in dead),
        tuple(sorted(groups, key=lambda one: -one.value)),
        tuple(sorted(slow, key=lambda one: (-(one.days or 0), one.product_id))),
        tuple(sorted(dead, key=lambda one: (-one.value, one.product_id))),
    )  # fmt: skip


def _together(session: Session, where: Scope) -> list[StockRow]:
    found: dict[int, StockRow] = {}
    for store in where.stores:
        for row in reports_stock.stock(session, store.id):
            if (other := found.get(row.product_id)) is not None:
                row = StockRow(
                    row.product_id, row.name, row.unit, row.category_id, row.on_hand + other.on_hand,
                    row.available + other.available, row.purchase_price, row.selling_price,
                )  # fmt: skip
            found[row.product_id] = row
    return [found[key] for key in sorted(found)]


def _worth(quantity: int, price: int) -> int:
    return divide_half_up(quantity * price, ONE)


def _cover(row: StockRow, sold: Sold | None) -> Cover:
    units = max(0, sold.units) if sold else 0
    return Cover(
        row.product_id, row.name, row.unit, row.category_id, row.on_hand, _worth(row.on_hand, row.purchase_price),
        units, _days(row.on_hand, units),
    )  # fmt: skip


def _days(stock: int, sold: int) -> float | None:
    """How long `stock` lasts when `COVER_DAYS` days sold `sold`."""
    return round(max(0, stock) * COVER_DAYS / sold, 1) if sold > 0 else None


def _by_category(rows: list[StockRow], sold: dict[int, Sold], names: dict[int, str]) -> list[CategoryStock]:
    grouped: dict[int, list[StockRow]] = defaultdict(list)
    for row in rows:
        grouped[row.category_id].append(row)
    found = []
    for key, group in grouped.items():
        value = sum(_worth(row.on_hand, row.purchase_price) for row in group)
        retail = sum(_worth(row.on_hand, row.selling_price) for row in group)
        cost = sum(one.cost for row in group if (one := sold.get(row.product_id)))
        found.append(CategoryStock(key, names.get(key, f"#{key}"), len(group), value, retail, cost, _days(value, cost)))
    return found


@dataclass(frozen=True, slots=True)
class Loss:
    """Movements of one kind: how many, of what, and their value at the purchase price of now."""

    kind: str
    movements: int
    quantity: int
    value: int
    worst: tuple[tuple[int, str, int], ...]


def shrinkage(session: Session, where: Scope, period: Period) -> list[Loss]:
    """What left or appeared for other reasons than buying and selling, the greatest loss first."""
    grouped: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for store in where.stores:
        start, end = bounds(period.first, store.time_zone)[0], bounds(period.last, store.time_zone)[1]
        for row in reports_stock.losses(session, store.id, start, end):
            sums = grouped[row.kind][row.product_id]
            sums[0], sums[1], sums[2] = sums[0] + row.movements, sums[1] + row.quantity, sums[2] + row.value
    heads = questions.heads(session, {key for of in grouped.values() for key in of})
    found = []
    for kind, of in grouped.items():
        values = {key: divide_half_up(one[2], ONE) for key, one in of.items()}
        worst = sorted(values, key=lambda key: -abs(values[key]))[:5]
        found.append(
            Loss(
                kind, sum(one[0] for one in of.values()), sum(one[1] for one in of.values()), sum(values.values()),
                tuple((key, heads[key].name if key in heads else f"#{key}", values[key]) for key in worst),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: one.value)
