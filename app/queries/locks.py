"""The only place that locks rows. Stock levels are always locked in key order, sales and orders before levels."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, bindparam, insert, select
from sqlalchemy.orm import Session

from app.models.catalog import Category
from app.models.checkout import Sale
from app.models.forecast import ForecastChunk, ForecastRun, ShelfCheck
from app.models.printing import Printer
from app.models.replenishment import ReplenishmentOrder
from app.models.reports import SummarisedDay, SummedFortnight
from app.models.staff import LoginThrottle, Role, User
from app.models.stock import StockLevel
from app.models.stocktake import Stocktake
from app.queries.plain_lists import listed


class LockedLevel(NamedTuple):
    """A stock level nobody else can change until this transaction ends."""

    product_id: int
    on_hand: int
    reserved: int
    revision: int = 0

    @property
    def available(self) -> int:
        """What may still be sold."""
        return self.on_hand - self.reserved


BY_KEY: Final = "FORCE INDEX (PRIMARY)"
"""Whoever locks levels goes through the primary key. In a small shop the database may prefer the index on the product;
then one till holds the index and waits for the row while another holds the row and waits for the index: a deadlock."""


def stock_levels(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, LockedLevel]:
    """Lock the levels of `product_ids` in `store_id` in key order, making missing rows first."""
    wanted = sorted(set(product_ids))
    found = _lock_levels(session, store_id, wanted)
    missing = [product_id for product_id in wanted if product_id not in found]
    if missing:
        _make_levels(session, store_id, missing)
        found = _lock_levels(session, store_id, wanted)
    return found


def _lock_levels(session: Session, store_id: int, product_ids: Sequence[int]) -> dict[int, LockedLevel]:
    if not product_ids:
        return {}
    # SQLite has one writer, who has locked everything.
    hint, lock = ("", "") if session.get_bind().dialect.name == "sqlite" else (BY_KEY, "FOR UPDATE")
    rows = session.connection().exec_driver_sql(
        f"SELECT stock_levels.product_id, on_hand, reserved, revision FROM stock_levels {hint}"  # noqa: S608
        f" WHERE store_id = {store_id:d} AND product_id IN ({listed(product_ids)}) ORDER BY product_id {lock}"
    )
    return {row[0]: LockedLevel._make(row) for row in rows}


def _make_levels(session: Session, store_id: int, product_ids: Sequence[int]) -> None:
    # Two tills may meet a product's first sale together: the second insert is ignored.
    ignore = "OR IGNORE" if session.get_bind().dialect.name == "sqlite" else "IGNORE"
    session.execute(
        insert(StockLevel).prefix_with(ignore),
        [{"store_id": store_id, "product_id": product_id, "on_hand": 0, "reserved": 0} for product_id in product_ids],
    )


class UnpostedSale(NamedTuple):
    """A sale that this transaction posts, and the day it belongs to."""

    id: int
    store_id: int
    business_date: date


_s = Sale.__table__.c
_CLAIM_SALES: Final = (
    select(_s.id, _s.store_id, _s.business_date)
    .where(_s.posted_at.is_(None))
    .order_by(_s.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def unposted_sales(session: Session, *, limit: int) -> list[UnpostedSale]:
    """Claim up to `limit` sales whose ledger rows are still to be written, oldest first.

    Sales another worker holds are skipped, so any number of workers may run.
    """
    return [UnpostedSale._make(row) for row in session.connection().execute(_CLAIM_SALES, {"limit": limit})]


def sale(session: Session, sale_id: int) -> Sale:
    """Lock one sale: refunds of it wait for each other."""
    return session.execute(
        select(Sale).where(Sale.id == sale_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()


def printer(session: Session, printer_id: int) -> Printer | None:
    """Lock one printer: its jobs are taken one after the other."""
    return session.execute(
        select(Printer).where(Printer.id == printer_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()


def replenishment_order(session: Session, order_id: int) -> ReplenishmentOrder | None:
    """Lock one order, or None when there is none."""
    return session.execute(
        select(ReplenishmentOrder)
        .where(ReplenishmentOrder.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def stocktake(session: Session, stocktake_id: int) -> Stocktake | None:
    """Lock one counting session, or None when there is none. Before levels: counts, close and approval take turns."""
    return session.execute(
        select(Stocktake)
        .where(Stocktake.id == stocktake_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def draft_orders(session: Session, store_id: int, supplier_ids: Collection[int], *, now: datetime) -> dict[int, int]:
    """Lock the draft order of each supplier in key order, making missing ones first; order ids by supplier."""
    wanted = sorted(set(supplier_ids))
    found = _lock_drafts(session, store_id, wanted)
    missing = [supplier_id for supplier_id in wanted if supplier_id not in found]
    if missing:
        # Two workers may meet a supplier's first shortage together: the second insert is ignored.
        ignore = "OR IGNORE" if session.get_bind().dialect.name == "sqlite" else "IGNORE"
        session.execute(
            insert(ReplenishmentOrder).prefix_with(ignore),
            [
                {"store_id": store_id, "supplier_id": supplier_id, "state": "draft", "created_at": now,
                 "draft_key": f"{store_id}:{supplier_id}"}
                for supplier_id in missing
            ],
        )  # fmt: skip
        found = _lock_drafts(session, store_id, wanted)
    return found


def _lock_drafts(session: Session, store_id: int, supplier_ids: Sequence[int]) -> dict[int, int]:
    if not supplier_ids:
        return {}
    rows = session.execute(
        select(ReplenishmentOrder.supplier_id, ReplenishmentOrder.id)
        .where(ReplenishmentOrder.draft_key.in_([f"{store_id}:{supplier_id}" for supplier_id in supplier_ids]))
        .order_by(ReplenishmentOrder.draft_key)
        .with_for_update()
    )
    return {row.supplier_id: row.id for row in rows}


def summarised_day(session: Session, store_id: int, day: date) -> datetime | None:
    """Lock one day's mark, making it first when it is missing; when the day was last summarised."""
    statement = (
        select(SummarisedDay.summarised_at)
        .where(SummarisedDay.store_id == store_id, SummarisedDay.business_date == day)
        .with_for_update()
    )
    found = session.scalars(statement).all()
    if not found:
        ignore = "OR IGNORE" if session.get_bind().dialect.name == "sqlite" else "IGNORE"
        session.execute(insert(SummarisedDay).prefix_with(ignore), [{"store_id": store_id, "business_date": day}])
        found = session.scalars(statement).all()
    return found[0]


def fortnight(session: Session, store_id: int, first: date) -> SummedFortnight:
    """Lock the mark of a store's fortnight, making it first when it is missing."""
    wanted = select(SummedFortnight).where(SummedFortnight.store_id == store_id, SummedFortnight.first_day == first)
    wanted = wanted.with_for_update().execution_options(populate_existing=True)
    if (found := session.scalars(wanted).one_or_none()) is not None:
        return found
    ignore = "OR IGNORE" if session.get_bind().dialect.name == "sqlite" else "IGNORE"
    key = {"store_id": store_id, "first_day": first, "summed_at": None}
    session.execute(insert(SummedFortnight).prefix_with(ignore), [key])
    return session.scalars(wanted).one()


def catalog(session: Session, category_names: Sequence[str]) -> None:
    """Hold the named categories, making missing ones: a second import waits until this one has ended.

    Tills never lock categories, so nobody at a till notices.
    """
    ignore = "OR IGNORE" if session.get_bind().dialect.name == "sqlite" else "IGNORE"
    session.execute(insert(Category).prefix_with(ignore), [{"name": name} for name in category_names])
    session.execute(
        select(Category.id).where(Category.name.in_(category_names)).order_by(Category.id).with_for_update()
    )


@dataclass(frozen=True, slots=True)
class LockedThrottle:
    """Wrong passwords counted under one key; nobody else counts until this transaction ends."""

    failures: int
    last_failed_at: datetime
    locked_until: datetime | None

    def failures_by(self, now: datetime, forget_after: timedelta) -> int:
        """The failures that still count."""
        return self.failures if now - self.last_failed_at < forget_after else 0


def login_throttles(session: Session, keys: Collection[str], *, now: datetime) -> dict[str, LockedThrottle]:
    """Lock the counters of `keys` in key order, making missing ones first."""
    ignore = "OR IGNORE" if session.get_bind().dialect.name == "sqlite" else "IGNORE"
    blank = [{"key": key, "failures": 0, "last_failed_at": now} for key in sorted(keys)]
    session.execute(insert(LoginThrottle).prefix_with(ignore), blank)
    wanted = select(LoginThrottle).where(LoginThrottle.key.in_(keys)).order_by(LoginThrottle.key).with_for_update()
    rows = session.execute(wanted.with_only_columns(*LoginThrottle.__table__.columns)).all()
    return {row.key: LockedThrottle(row.failures, row.last_failed_at or now, row.locked_until) for row in rows}


def active_managers(session: Session) -> list[int]:
    """Lock the managers who can log in: of two who disable each other, the second sees what the first did."""
    statement = select(User.id).join(User.roles).where(Role.name == "manager", User.active).order_by(User.id)
    return list(session.scalars(statement.with_for_update()))


def forecast_chunk(session: Session, run_id: int, *, free: ColumnElement[bool], attempts: int) -> ForecastChunk | None:
    """Lock the next chunk of a run that is `free` and was tried `attempts` times; those others hold are skipped."""
    return session.scalars(
        select(ForecastChunk)
        .where(
            ForecastChunk.run_id == run_id, ForecastChunk.done_at.is_(None), ForecastChunk.attempts == attempts, free
        )
        .order_by(ForecastChunk.number)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def forecast_run(session: Session, run_id: int) -> ForecastRun:
    """Lock one run: who ends the last of its chunks ends it."""
    wanted = select(ForecastRun).where(ForecastRun.id == run_id)
    return session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one()


def shelf_check(session: Session, check_id: int) -> ShelfCheck | None:
    """Lock one shelf to look at, or None when there is none."""
    wanted = select(ShelfCheck).where(ShelfCheck.id == check_id)
    return session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()
