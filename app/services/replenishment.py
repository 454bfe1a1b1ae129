"""Shortage becomes an order: proposals by themselves, decisions by a manager.

A draft follows the books. Whenever a product is looked at, its proposed line is worked out afresh: it grows with
further sales, shrinks, and goes when the shortage is over or its supplier has changed; a draft left without lines
goes too. A line that a manager has edited stays exactly as they left it. A product with a line on an approved or
placed order gets no second one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from app.domain import replenishment as rule
from app.domain.business_day import business_date
from app.domain.forecast import Outlook
from app.domain.replenishment import HISTORY_DAYS, Demand, Need
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.queries import forecast, locks, replenishment, stores
from app.queries.replenishment import OpenLine, Position


@dataclass(frozen=True, slots=True)
class ToppedUp:
    """How many lines were made or changed, and how many proposals were withdrawn."""

    written: int = 0
    withdrawn: int = 0


def top_up(session: Session, store_id: int, product_ids: Collection[int], *, now: datetime) -> ToppedUp:
    """Bring the drafts of a store in line with the stock of the named products; running it twice changes nothing."""
    drafts = locks.draft_orders(session, store_id, _suppliers(session, store_id, product_ids), now=now)
    # Asked again behind the lock: another worker or a manager may have been faster.
    lines = replenishment.open_lines(session, store_id, product_ids)
    positions = replenishment.positions(session, store_id, product_ids)
    needs = _needs(session, store_id, positions, lines, now)
    withdrawn = _withdraw(session, positions, lines, needs, drafts)
    written = _write(session, store_id, positions, {**lines, **dict.fromkeys(withdrawn)}, needs, drafts)
    _drop_empty(session, drafts.values())
    return ToppedUp(written, len(withdrawn))


def _suppliers(session: Session, store_id: int, product_ids: Collection[int]) -> set[int]:
    """Whose drafts may change: suppliers of short products without a firm line, and of drafted lines."""
    lines = replenishment.open_lines(session, store_id, product_ids)
    positions = replenishment.positions(session, store_id, product_ids)
    short = {
        position.supplier_id
        for key, position in positions.items()
        if position.supplier_id is not None and key not in lines and position.available < position.safety_stock
    }
    proposed = [line for line in lines.values() if line.is_proposal]
    moved = {positions[line.product_id].supplier_id for line in proposed if line.product_id in positions}
    return {key for key in short | moved if key is not None} | {line.supplier_id for line in proposed}


def _needs(
    session: Session,
    store_id: int,
    positions: Mapping[int, Position],
    lines: Mapping[int, OpenLine],
    now: datetime,
) -> dict[int, Need]:
    """What ordering knows of every product that can be ordered."""
    today = business_date(now, stores.time_zones(session, [store_id])[store_id])
    first = max(replenishment.first_summarised_day(session, store_id) or today, today - timedelta(days=HISTORY_DAYS))
    last = today - timedelta(days=1)
    sold = replenishment.sold_between(session, store_id, positions.keys(), first=first, last=last)
    outlooks = forecast.outlooks(session, store_id, positions.keys())
    return {
        key: Need(
            available=position.available, on_order=_firmly_ordered(lines.get(key)), safety_stock=position.safety_stock,
            sold=max(sold.get(key, 0), 0), days=max((today - first).days, 0), unit=position.unit,
            lead_time_days=position.lead_time_days, pack_size=position.pack_size, is_pinned=position.is_pinned,
            minimum_order=position.minimum_order, demand=demand(position, outlooks.get(key), today),
        )
        for key, position in positions.items()
        if position.supplier_id is not None
    }  # fmt: skip


def demand(position: Position, outlook: Outlook | None, today: date) -> Demand | None:
    """What the forecast says of a product for ordering; None when there is none that still holds."""
    if outlook is None or not outlook.holds_on(today):
        return None
    return rule.demand_of(
        outlook, today, lead_time_days=position.lead_time_days, service_level=position.service_level,
        shelf_life_days=position.shelf_life_days,
    )  # fmt: skip


def _firmly_ordered(line: OpenLine | None) -> int:
    return max(line.quantity - line.received, 0) if line is not None and line.is_firm else 0


def _withdraw(
    session: Session,
    positions: Mapping[int, Position],
    lines: Mapping[int, OpenLine],
    needs: Mapping[int, Need],
    drafts: Mapping[int, int],
) -> list[int]:
    """Delete proposals that nobody needs any more, or that another supplier will deliver; their products."""
    over = [
        line
        for key, line in lines.items()
        if line.is_proposal
        and drafts.get(line.supplier_id) == line.order_id
        and (key not in needs or not needs[key].is_short or positions[key].supplier_id != line.supplier_id)
    ]
    if over:
        session.execute(
            delete(ReplenishmentOrderLine).where(ReplenishmentOrderLine.id.in_([line.id for line in over])),
            execution_options={"synchronize_session": False},
        )
    return [line.product_id for line in over]


def _write(
    session: Session,
    store_id: int,
    positions: Mapping[int, Position],
    lines: Mapping[int, OpenLine | None],
    needs: Mapping[int, Need],
    drafts: Mapping[int, int],
) -> int:
    """Make or change the line of every short product on its supplier's draft; how many."""
    made, changed = [], []
    for key, need in needs.items():
        line, order_id = lines.get(key), drafts.get(positions[key].supplier_id or 0)
        if not need.is_short or order_id is None or (line is not None and not line.is_proposal):
            continue
        quantity = rule.quantity_to_order(need)
        figures = {
            "quantity": quantity, "proposed": quantity, "unit_cost": positions[key].purchase_price,
            "reason": rule.reason_of(need),
        }  # fmt: skip
        if line is None:
            fixed = {"order_id": order_id, "product_id": key, "open_key": replenishment.open_key(store_id, key)}
            made.append(fixed | figures)
        else:
            changed.append({"id": line.id} | figures)
    if made:
        session.execute(insert(ReplenishmentOrderLine), made)
    if changed:
        session.execute(update(ReplenishmentOrderLine), changed)
    return len(made) + len(changed)


def _drop_empty(session: Session, order_ids: Iterable[int]) -> None:
    has_lines = exists(
        select(ReplenishmentOrderLine.id).where(ReplenishmentOrderLine.order_id == ReplenishmentOrder.id)
    )
    session.execute(
        delete(ReplenishmentOrder).where(ReplenishmentOrder.id.in_(list(order_ids)), ~has_lines),
        execution_options={"synchronize_session": False},
    )
