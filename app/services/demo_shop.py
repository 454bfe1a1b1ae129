"""The demo shop: places, people, label formats, the real catalogue and a few months of sales."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from string import ascii_uppercase
from typing import Any, Final
from uuid import uuid5

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.domain.business_day import business_date
from app.domain.quantity import ONE
from app.domain.refunds import Destination, NewRefund, ReturnedLine
from app.domain.staff import Role
from app.models.catalog import InStoreLabelRule, Product, Supplier
from app.models.checkout import Sale, SaleLine
from app.models.labels import LabelFlag
from app.models.stock import Store
from app.queries import replenishment as replenishment_queries
from app.services import (
    audit_seal,
    catalog,
    catalog_files,
    demo_fresh,
    demo_history,
    refunds,
    replenishment,
    reports,
    reports_day,
    staff,
)
from app.services.demo_fresh import Fresh
from app.services.demo_history import History, ReceiptLine

DATA: Final = Path(__file__).resolve().parent.parent / "data"
LEAD_DAYS: Final = {"Morning Fresh": 1, "Blue Cold Chain": 2, "Adria Grocery": 2, "Old Cellar Wines": 6,
                    "Linden Cosmetics": 7, "Morning Light Imports": 14}  # fmt: skip
USUAL_LEAD_DAYS: Final = 3
REFUND_EVERY: Final = 180
PER_SHELF: Final = 40
REASONS: Final = ("Damaged packaging", "Wrong product taken", "Does not taste right")
LABEL_RULES: Final[tuple[dict[str, Any], ...]] = (
    {"prefix": "20", "item_digits": 5, "value": "weight", "value_decimals": 3, "has_verifier": False},
    {"prefix": "21", "item_digits": 5, "value": "weight", "value_decimals": 3, "has_verifier": True},
    {"prefix": "22", "item_digits": 5, "value": "price", "value_decimals": 2, "has_verifier": False},
    {"prefix": "23", "item_digits": 5, "value": "price", "value_decimals": 2, "has_verifier": True},
)


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody of the demo; the password is public on purpose and opens nothing in production."""

    username: str
    display_name: str
    role: Role
    password: str


USERS: Final = (
    DemoUser("cashier", "Ana (cashier)", Role.CASHIER, "demo-till-one"),
    DemoUser("cashier2", "Luka (cashier)", Role.CASHIER, "demo-till-two"),
    DemoUser("supervisor", "Maja (supervisor)", Role.SUPERVISOR, "demo-floor-lead"),
    DemoUser("manager", "Ivan (manager)", Role.MANAGER, "demo-back-office"),
    DemoUser("ops", "Petra (operations)", Role.OPS, "demo-night-watch"),
)
PUBLIC_PASSWORDS: Final = frozenset(user.password for user in USERS)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the demo now holds."""

    products: int
    receipts: int


def is_empty(session: Session) -> bool:
    """Whether there is no store yet: only then is a demo shop made."""
    return session.scalar(select(Store.id).limit(1)) is None


def load(session: Session, *, hash_password: Callable[[str], str], now: datetime) -> Loaded:
    """Make the whole demo shop in an empty database."""
    shop, warehouse = _stores(session)
    user_ids = _users(session, shop.id, hash_password, now)
    session.add_all(InStoreLabelRule(**rule) for rule in LABEL_RULES)
    session.flush()
    report = catalog.import_products(
        session, catalog_files.read_path(DATA / "catalogue.csv.gz"), user_id=user_ids["manager"],
        user_name="manager", now=now,
    )  # fmt: skip
    _shelves(session)
    session.execute(delete(LabelFlag))  # the labels of this shop hang already
    _lead_times(session)
    found, goods = _history(session, shop, warehouse, user_ids, now)
    _refunds(session, shop, user_ids["cashier2"], now)
    days = _count_days(session, shop, now)
    demo_fresh.deliver(session, shop, goods, user_id=user_ids["manager"])
    _hours_without_stock(session, shop, days, now)
    for store_id, product_ids in replenishment_queries.to_look_at(session).items():
        replenishment.top_up(session, store_id, product_ids, now=now)
    audit_seal.seal(session)  # entries of months ago that nobody sealed would look like added ones
    return Loaded(report.created, len(found.sales))


def _shelves(session: Session) -> None:
    """A letter for each category, and a number for every few products of it: what one person counts in an hour."""
    on_shelf: dict[str, list[int]] = defaultdict(list)
    categories: dict[int, int] = {}
    rows = session.execute(select(Product.category_id, Product.id).order_by(Product.category_id, Product.name))
    for category_id, product_id in rows:
        place = categories[category_id] = categories.get(category_id, -1) + 1
        letter = ascii_uppercase[(len(categories) - 1) % len(ascii_uppercase)]
        on_shelf[f"{letter}{place // PER_SHELF + 1}"].append(product_id)
    for shelf, product_ids in on_shelf.items():
        placed = update(Product).where(Product.id.in_(product_ids)).values(shelf=shelf, version=Product.version)
        session.execute(placed, execution_options={"synchronize_session": False})


def _history(
    session: Session, shop: Store, warehouse: Store, user_ids: dict[str, int], now: datetime
) -> tuple[History, dict[int, Fresh]]:
    """What was sold; and of that what does not keep and came again: its deliveries are still to be made."""
    yesterday = business_date(now, shop.time_zone) - timedelta(days=1)
    shelf = demo_history.articles(session)
    lines = demo_history.shifted(list(receipt_lines()), yesterday)
    cashiers = [user_ids["cashier"], user_ids["cashier2"]]
    found = demo_history.history(lines, shelf, store_id=shop.id, zone=shop.time_zone, cashier_ids=cashiers)
    goods = demo_fresh.fresh(shelf, lines, shop.time_zone, now)
    demo_fresh.note_lives(session, goods.values())
    came = {key: one.came_at for key, one in goods.items()}
    opened = demo_history.openings(found, shelf, came, shop_id=shop.id, warehouse_id=warehouse.id)
    demo_history.store(session, found, opened, user_id=user_ids["manager"])
    return found, goods


def _refunds(session: Session, shop: Store, cashier_id: int, now: datetime) -> None:
    """A few pieces came back the morning after, some to the shelf, some to waste."""
    bought = (Sale.id == SaleLine.sale_id) & (SaleLine.quantity == ONE) & (SaleLine.total < shop.refund_limit)
    lines = session.execute(
        select(Sale.uuid, Sale.sold_at, func.min(SaleLine.id).label("line_id"))
        .join(SaleLine, bought)
        .where(Sale.store_id == shop.id, Sale.id % REFUND_EVERY == 0, Sale.sold_at < now - timedelta(days=2))
        .group_by(Sale.id)
        .order_by(Sale.id)
    ).all()
    for place, line in enumerate(lines):
        destination = Destination.WASTE if place % 3 == 0 else Destination.SHELF
        request = NewRefund(
            uuid=uuid5(line.uuid, "refund"), sale_uuid=line.uuid, store_id=shop.id, till="T1", cashier_id=cashier_id,
            lines=(ReturnedLine(line.line_id, ONE, destination),), reason=REASONS[place % len(REASONS)],
        )  # fmt: skip
        refunds.refund(session, request, now=line.sold_at + timedelta(hours=20))


def _count_days(session: Session, shop: Store, now: datetime) -> list[date]:
    """Summarise every day; which those are."""
    days = sorted(day for store_id, day in reports.due_days(session, now=now) if store_id == shop.id)
    for day in days:
        reports.summarise_day(session, shop.id, day, now=now, missing={})
    return days


def _hours_without_stock(session: Session, shop: Store, days: list[date], now: datetime) -> None:
    """One walk back through the ledger for all days; it has to know by then what sells, and what came."""
    missing = reports_day.missing(session, shop.id, shop.time_zone, days)
    for day in missing:
        reports.summarise_day(session, shop.id, day, now=now, missing=missing)


def receipt_lines() -> Iterator[ReceiptLine]:
    """The lines of the shipped sample."""
    with gzip.open(DATA / "receipts.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            sold_at = datetime.fromisoformat(row["sold_at"])
            yield ReceiptLine(int(row["receipt"]), sold_at, row["sku"], int(row["thousandths"]))


def _stores(session: Session) -> tuple[Store, Store]:
    shop = Store(code="S1", name="Aisle demo shop", kind="shop", address="Trg 1, Zagreb")
    warehouse = Store(code="W1", name="Aisle demo warehouse", kind="warehouse", address="Cesta 2, Zagreb")
    session.add_all([shop, warehouse])
    session.flush()
    return shop, warehouse


def _users(session: Session, store_id: int, hash_password: Callable[[str], str], now: datetime) -> dict[str, int]:
    return {
        user.username: staff.create_user(
            session, username=user.username, display_name=user.display_name,
            password_hash=hash_password(user.password), roles=[user.role], store_id=store_id, by=None, now=now,
        )
        for user in USERS
    }  # fmt: skip


def _lead_times(session: Session) -> None:
    session.execute(update(Supplier).values(lead_time_days=USUAL_LEAD_DAYS))
    for name, days in LEAD_DAYS.items():
        session.execute(update(Supplier).where(Supplier.name == name).values(lead_time_days=days))
