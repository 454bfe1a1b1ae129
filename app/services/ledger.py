"""Ledger before level: the only code that changes on_hand or reserved."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, bindparam, case, func, insert, literal, select
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain.events import LevelNow, LevelsChanged, StockChanged, StockFellBelowSafety
from app.failpoints import failpoint
from app.models.catalog import Product
from app.models.checkout import Sale, SaleLine
from app.models.stock import StockLevel, StockMovement, Store
from app.queries import locks
from app.queries import replenishment as replenishment_queries
from app.queries.locks import LockedLevel
from app.queries.plain_lists import listed

Changes = Mapping[int, Mapping[int, tuple[int, int]]]
"""(on_hand change, reserved change) per product, per store."""
_MOVEMENT: Final = insert(StockMovement.__table__)  # type: ignore[arg-type]
_s, _l, _m = Sale.__table__.c, SaleLine.__table__.c, StockMovement.__table__.c
_SOLD: Final = and_(_l.sale_id == _s.id, _l.sale_id.in_(bindparam("sale_ids", expanding=True)), _l.is_stocked.is_(True))
# In a young shop the database would rather walk through all lines, which stand in the order that is asked for.
_BY_SALE: Final = "FORCE INDEX (ix_sale_lines_sale_id)"
# The database copies the lines of the receipts into the ledger by itself: a batch need not travel there and back.
_SALE_MOVEMENTS: Final = _MOVEMENT.from_select(
    [_m.store_id, _m.product_id, _m.kind, _m.quantity, _m.source_kind, _m.source_id, _m.occurred_at, _m.booked_at],
    select(
        _s.store_id, _l.product_id, literal("sale"), -_l.quantity, literal("sale_line"), _l.id, _s.sold_at,
        bindparam("now", type_=_m.booked_at.type),
    )
    .where(_SOLD)
    .order_by(_l.sale_id, _l.id)
    .with_hint(SaleLine.__table__, _BY_SALE, "mysql")
    .with_hint(SaleLine.__table__, _BY_SALE, "mariadb"),
)  # fmt: skip
# Asked along with the sums, since posting leaves what may still be sold as it is: which products are short by now.
_SOLD_QUANTITIES: Final = (
    select(
        _s.store_id, _l.product_id, func.sum(_l.quantity),
        func.max(case((replenishment_queries.is_below_safety(), 1), else_=0)),
    )
    .select_from(Sale)
    .join(SaleLine, _l.sale_id == _s.id)
    .outerjoin(Store, Store.id == _s.store_id)
    .outerjoin(Product, Product.id == _l.product_id)
    .outerjoin(StockLevel, and_(StockLevel.store_id == _s.store_id, StockLevel.product_id == _l.product_id))
    .where(_l.sale_id.in_(bindparam("sale_ids", expanding=True)), _l.is_stocked.is_(True))
    .group_by(_s.store_id, _l.product_id)
    .with_hint(SaleLine.__table__, _BY_SALE, "mysql")
    .with_hint(SaleLine.__table__, _BY_SALE, "mariadb")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement to book. `quantity` in thousandths, negative when goods leave.

    (`source_kind`, `source_id`) is the document line behind it; booking it twice breaks a unique key.
    `releases` is how much reservation the movement settles (a sale's own quantity, else 0).
    """

    store_id: int
    product_id: int
    kind: str
    quantity: int
    source_kind: str
    source_id: int
    occurred_at: datetime
    releases: int = 0


def book(session: Session, entries: Sequence[Entry], *, now: datetime) -> None:
    """Write movements and change levels by them, in key order; announce what changed and what fell short."""
    if not entries:
        return
    session.connection().execute(_MOVEMENT, [_row(entry, now) for entry in entries])
    changes = _per_store(entries)
    _settle(session, changes)
    _announce_shortages(session, changes)


def book_sales(session: Session, sale_ids: Sequence[int], *, now: datetime) -> None:
    """The same for every line of the sales that takes from stock; settles what the sales have reserved."""
    connection = session.connection()
    connection.execute(_SALE_MOVEMENTS, {"sale_ids": sale_ids, "now": now})
    sold: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    short: dict[int, list[int]] = defaultdict(list)
    for store_id, product_id, quantity, is_short in connection.execute(_SOLD_QUANTITIES, {"sale_ids": sale_ids}):
        taken = -int(quantity)
        sold[store_id][product_id] = (taken, taken)
        if is_short:
            short[store_id].append(product_id)
    for store_id, product_ids in sorted(short.items()):
        announce(session, StockFellBelowSafety(store_id, tuple(sorted(product_ids))))
    _settle(session, sold)  # the levels last: every till waits for them


def _settle(session: Session, changes: Changes) -> None:
    failpoint("ledger.movements_written")
    for store_id, of_store in sorted(changes.items()):
        _change_levels(session, store_id, locks.stock_levels(session, store_id, of_store.keys()), of_store)
        # A posted sale only turns a promise into a movement: what may still be sold stays as every page has it.
        sellable = [product_id for product_id, (on_hand, reserved) in of_store.items() if on_hand != reserved]
        if sellable:
            announce(session, StockChanged(store_id, tuple(sorted(sellable))))


def reserve(session: Session, store_id: int, levels: Mapping[int, LockedLevel], quantities: Mapping[int, int]) -> None:
    """Add to `reserved` for products whose `levels` are locked already; one statement."""
    _change_levels(session, store_id, levels, {key: (0, quantity) for key, quantity in quantities.items()})
    announce(session, StockChanged(store_id, tuple(sorted(quantities))))


def announce_changes(session: Session, store_id: int, product_ids: Iterable[int]) -> None:
    """Say which levels changed and which of them are now below safety stock."""
    changed = tuple(sorted(product_ids))
    announce(session, StockChanged(store_id, changed))
    _announce_shortages(session, {store_id: changed})


def _announce_shortages(session: Session, changed: Mapping[int, Iterable[int]]) -> None:
    for store_id, product_ids in sorted(changed.items()):
        below = replenishment_queries.below_safety(session, store_id, sorted(product_ids))
        if below:
            announce(session, StockFellBelowSafety(store_id, tuple(below)))


def _row(entry: Entry, now: datetime) -> dict[str, object]:
    return {
        "store_id": entry.store_id,
        "product_id": entry.product_id,
        "kind": entry.kind,
        "quantity": entry.quantity,
        "source_kind": entry.source_kind,
        "source_id": entry.source_id,
        "occurred_at": entry.occurred_at,
        "booked_at": now,
    }


def _per_store(entries: Sequence[Entry]) -> dict[int, dict[int, tuple[int, int]]]:
    sums: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    for entry in entries:
        on_hand, reserved = sums[entry.store_id].get(entry.product_id, (0, 0))
        sums[entry.store_id][entry.product_id] = (on_hand + entry.quantity, reserved - entry.releases)
    return sums


def _change_levels(
    session: Session, store_id: int, levels: Mapping[int, LockedLevel], changes: Mapping[int, tuple[int, int]]
) -> None:
    # Whole numbers only, written into the text: a statement per number of products would crowd out all others
    # from the cache of compiled statements, and binding hundreds of parameters costs more than parsing them.
    on_hand = _change_of("on_hand", {key: change[0] for key, change in changes.items()})
    reserved = _change_of("reserved", {key: change[1] for key, change in changes.items()})
    path = "" if session.get_bind().dialect.name == "sqlite" else locks.BY_KEY
    session.connection().exec_driver_sql(
        f"UPDATE stock_levels {path} SET {on_hand}{reserved}revision = revision + 1"  # noqa: S608
        f" WHERE store_id = {store_id:d} AND product_id IN ({listed(changes)})"
    )
    now = (_after(levels[key], *changes[key]) for key in sorted(changes))
    announce(session, LevelsChanged(store_id, tuple(now)))


def _change_of(column: str, changes: Mapping[int, int]) -> str:
    """What is set of one column; products that change alike stand together, since a list is searched by halves."""
    alike: dict[int, list[int]] = defaultdict(list)
    for product_id, change in changes.items():
        alike[change].append(product_id)
    most, *others = sorted(alike, key=lambda change: -len(alike[change]))
    if not others:
        return f"{column} = {column} + {most:d}, " if most else ""
    cases = " ".join(f"WHEN product_id IN ({listed(alike[change])}) THEN {change:d}" for change in others)
    return f"{column} = {column} + CASE {cases} ELSE {most:d} END, "


def _after(level: LockedLevel, on_hand: int, reserved: int) -> LevelNow:
    return LevelNow(level.product_id, level.on_hand + on_hand, level.reserved + reserved, level.revision + 1)
