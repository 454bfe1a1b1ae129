"""What does not keep in the demo shop: shelf lives by kind of goods, and the deliveries of the last days.

Deliveries go the way of every other: a shortage is proposed, approved, placed and received.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.business_day import bounds, business_date
from app.domain.quantity import Unit
from app.domain.replenishment import State
from app.domain.shelf_life import warning_days
from app.models.catalog import Product, Supplier
from app.models.replenishment import ReplenishmentOrder
from app.models.stock import Store
from app.services import receiving, replenishment, replenishment_orders
from app.services.demo_history import Article, ReceiptLine, number_of

KINDS: Final[tuple[tuple[str, str, int], ...]] = (
    (Unit.KG, r"(JUN|SVINJ|SV |PIL|PUR|MLJEV|MARINIR|TELE)(?!.*SMRZ)", 6),
    (Unit.KG, r"BANAN|JABUK|KRUMPIR|LUK |RAJČIC|NARANČ|LIMUN|MRKVA|PAPRIK|GROŽĐE|KRUŠK|BROKUL|BRESKV|MARELIC", 7),
    (Unit.KG, r"ŠUNK|SALAM|KOBAS|SLANIN|PANCET|MORTAD|HRENOV|PRŠUT|SIR ", 25),
    (Unit.PIECE, r"KRUH|KAJZERICA|PECIVO (?!ČAJNO)", 5),
    (Unit.PIECE, r"MLIJEKO (?!.*(UHT|TRAJNO|TIJ|KAVU|ČOKOL|KONDENZ|ZAMJ|PRAH| TR ))", 12),
    (Unit.PIECE, r"JOGURT|KEFIR|ACIDOFIL|KISELO VRHNJE|VRHNJE|SIR (SVJ|NAM|MEKI)", 21),
    (Unit.PIECE, r"JAJA SVJ", 24),
    (Unit.PIECE, r"HRENOVKE|KOBASICA|ŠUNKA|SALAMA|MORTADELA", 25),
    (Unit.PIECE, r"SIR ", 40),
    (Unit.PIECE, r"(MASLAC|MARGARIN) (?!TIJ)", 60),
)
"""Unit, how the name begins, and the days that such goods keep; the first that fits holds."""
CAME: Final = (1, 2, 3, 5, 9, 19)
"""Days ago on which goods came; each product the last time on one of them."""
PAST, SOON = 4, 20
"""Of a hundred products so many came so long ago that they are past their life, and so many that they soon will be."""
SELLING: Final = timedelta(days=28)
OFTEN: Final = 3
"""Receipts of four weeks: what sells less often has no shelf life in this shop."""
OPENS: Final = timedelta(hours=6, minutes=30)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A product that does not keep: its life, and when it was delivered."""

    product_id: int
    shelf_life_days: int
    came_at: datetime


def fresh(articles: Mapping[str, Article], lines: Iterable[ReceiptLine], zone: str, now: datetime) -> dict[int, Fresh]:
    """Which articles do not keep and sell well, by product."""
    today = business_date(now, zone)
    moments = {days: bounds(today - timedelta(days=days), zone)[0] + OPENS for days in CAME}
    sold_on: dict[str, list[date]] = defaultdict(list)
    for line in lines:
        sold_on[line.sku].append(line.sold_at.date())
    found = {}
    for sku, days in sold_on.items():
        often = sum(day > today - SELLING for day in days) >= OFTEN
        life = _life(articles[sku]) if often else None
        came = _came(sku, life, (today - max(days)).days) if life else None
        if life and came:
            key = articles[sku].product_id
            found[key] = Fresh(key, life, moments[came])
    return found


def _life(article: Article) -> int | None:
    return next((days for unit, begin, days in KINDS if article.unit == unit and re.match(begin, article.name)), None)


def _came(sku: str, life: int, sold: int) -> int | None:
    """Days ago, before it was `sold` for the last time; None: not within its life."""
    good_for = life - warning_days(life)
    place = number_of(f"age {sku}", 100)
    came = [days for days in CAME if days >= sold]
    long_ago = [days for days in came if days >= life] if place < PAST else []
    lately = [days for days in came if good_for <= days < life] if place < SOON else []
    choice = long_ago[:1] or lately or [days for days in came if days < good_for]
    return choice[number_of(f"came {sku}", len(choice))] if choice else None


def note_lives(session: Session, goods: Collection[Fresh]) -> None:
    """Write down how long they keep."""
    by_life: dict[int, list[int]] = defaultdict(list)
    for one in goods:
        by_life[one.shelf_life_days].append(one.product_id)
    for days, product_ids in by_life.items():
        kept = update(Product).where(Product.id.in_(product_ids))
        session.execute(
            kept.values(shelf_life_days=days, version=Product.version),
            execution_options={"synchronize_session": False},
        )


def deliver(session: Session, shop: Store, goods: Mapping[int, Fresh], *, user_id: int) -> int:
    """Order what is short and take it in, delivery by delivery, the oldest first; how many orders that were."""
    by_moment: dict[datetime, list[int]] = defaultdict(list)
    for one in goods.values():
        by_moment[one.came_at].append(one.product_id)
    orders = 0
    for moment, product_ids in sorted(by_moment.items()):
        ordered_at = moment - timedelta(days=1)
        replenishment.top_up(session, shop.id, product_ids, now=ordered_at)
        drafts = select(ReplenishmentOrder.id).where(
            ReplenishmentOrder.store_id == shop.id, ReplenishmentOrder.state == State.DRAFT
        )
        for order_id in session.scalars(drafts.order_by(ReplenishmentOrder.id)).all():
            _take_in(session, order_id, ordered_at, moment, user_id)
            orders += 1
    return orders


def _take_in(session: Session, order_id: int, ordered_at: datetime, moment: datetime, user_id: int) -> None:
    replenishment_orders.approve(session, order_id, user_id=user_id, now=ordered_at)
    order = replenishment_orders.place(session, order_id, user_id=user_id, now=ordered_at)
    supplier = session.get_one(Supplier, order.supplier_id)
    receiving.receive(
        session, order_id, uuid=uuid5(NAMESPACE_OID, f"aisle demo delivery {supplier.name} {moment.isoformat()}"),
        counted={line.id: line.quantity for line in replenishment_orders.lines_of(session, order)},
        accept_surplus=False, user_id=user_id, now=moment,
    )  # fmt: skip
