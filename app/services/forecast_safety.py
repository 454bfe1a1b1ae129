"""Safety stock proposed by the forecast, for every level a manager has not pinned."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.domain import replenishment as rule
from app.domain.business_day import business_date
from app.domain.forecast import Outlook
from app.models.stock import StockLevel
from app.queries import forecast, locks, replenishment, stores
from app.queries.replenishment import Position
from app.services import ledger
from app.services import replenishment as replenishment_rule


def propose(session: Session, store_id: int, product_ids: Sequence[int], *, now: datetime) -> int:
    """Bring the safety stocks of the named products in line with their forecasts; how many changed.

    The level below which an order is written covers what is needed until goods ordered then arrive. A product with
    no forecast to speak of goes by its own safety stock again.
    """
    today = business_date(now, stores.time_zones(session, [store_id])[store_id])
    outlooks = forecast.outlooks(session, store_id, product_ids)
    known = replenishment.positions(session, store_id, product_ids)
    free = {key: position for key, position in known.items() if not position.is_pinned}
    wanted = {key: _proposed(position, outlooks.get(key), today) for key, position in free.items()}
    return _write(session, store_id, free, wanted)


def _proposed(position: Position, outlook: Outlook | None, today: date) -> int | None:
    said = replenishment_rule.demand(position, outlook, today)
    if said is None or position.supplier_id is None:
        return None
    return rule.proposed_safety(said, position.unit)


def _write(session: Session, store_id: int, known: Mapping[int, Position], wanted: Mapping[int, int | None]) -> int:
    changed = {key: value for key, value in wanted.items() if known[key].own_safety != value}
    if not changed:
        return 0
    locks.stock_levels(session, store_id, changed.keys())
    # A manager may have pinned one since it was read.
    free = (StockLevel.store_id == store_id) & StockLevel.is_safety_pinned.is_(False)
    for value, keys in _grouped(changed).items():
        session.execute(
            update(StockLevel).where(free, StockLevel.product_id.in_(keys)).values(safety_stock=value),
            execution_options={"synchronize_session": False},
        )
    ledger.announce_changes(session, store_id, changed.keys())
    return len(changed)


def _grouped(changed: Mapping[int, int | None]) -> dict[int | None, Collection[int]]:
    found: dict[int | None, list[int]] = {}
    for key, value in sorted(changed.items()):
        found.setdefault(value, []).append(key)
    return dict(found)
