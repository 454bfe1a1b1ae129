"""Rows for tests, with the least a test has to say."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.checkout import BasketLine, NewSale
from app.domain.pricing import Tendered
from app.models.catalog import Category, InStoreLabelRule, Product, ProductBarcode, Supplier
from app.models.staff import Role, User
from app.models.stock import StockLevel, Store
from app.models.stocktake import Stocktake
from app.services import stock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Shop:
    """A store and somebody who works there."""

    store: Store
    cashier: User

    @property
    def store_id(self) -> int:
        return self.store.id


def make_shop(session: Session, *, role: str = "cashier", **columns: object) -> Shop:
    number = next(_numbers)
    store = Store(code=f"T{number}", name=f"Test shop {number}", **columns)
    session.add(store)
    session.flush()
    return Shop(store, make_user(session, store, role=role))


def make_user(session: Session, store: Store, *, role: str = "cashier", password: str = "no login") -> User:
    number = next(_numbers)
    known = session.scalar(select(Role).where(Role.name == role)) or Role(name=role)
    user = User(
        username=f"{role}{number}", display_name=f"{role.title()} {number}", password=password,
        fs_uniquifier=uuid4().hex, store_id=store.id, roles=[known],
    )  # fmt: skip
    session.add(user)
    session.flush()
    return user


def make_product(
    session: Session, shop: Shop | None = None, *, on_hand: int | None = None, price: int = 100, **columns: object
) -> Product:
    """A product; with `on_hand` pieces (or thousandths of a kg product) as its opening balance in `shop`."""
    number = next(_numbers)
    defaults: dict[str, object] = {
        "sku": f"SKU{number}", "name": f"Product {number}", "selling_price": price, "unit": "piece",
        "search_text": f"product {number}", "category_id": make_category(session).id,
    }  # fmt: skip
    product = Product(**(defaults | columns))
    session.add(product)
    session.flush()
    if shop and on_hand:
        quantity = on_hand * 1000 if product.unit == "piece" else on_hand
        stock.adjust(
            session, store_id=shop.store_id, product_id=product.id, quantity=quantity, reason="opening",
            user_id=None, now=NOON,
        )  # fmt: skip
    return product


def make_category(session: Session, name: str = "Groceries") -> Category:
    found = session.scalar(select(Category).where(Category.name == name))
    if found is None:
        found = Category(name=name)
        session.add(found)
        session.flush()
    return found


def make_supplier(session: Session, **columns: object) -> Supplier:
    supplier = Supplier(**({"name": f"Supplier {next(_numbers)}", "lead_time_days": 2} | columns))
    session.add(supplier)
    session.flush()
    return supplier


def make_barcode(session: Session, product: Product, code: str, **columns: object) -> ProductBarcode:
    barcode = ProductBarcode(code=code, product_id=product.id, **columns)
    session.add(barcode)
    session.flush()
    return barcode


def make_label_rule(session: Session, **columns: object) -> InStoreLabelRule:
    rule = InStoreLabelRule(**columns)
    session.add(rule)
    session.flush()
    return rule


def basket(
    shop: Shop,
    *lines: tuple[Product, int],
    uuid: UUID | None = None,
    total: int | None = None,
    paid: int | None = None,
    tender: str = "cash",
    goods_in_hand: bool = False,
) -> NewSale:
    """A sale of (product, pieces) lines, paid exactly unless told otherwise."""
    due = sum(product.selling_price * pieces for product, pieces in lines) if total is None else total
    paid = due if paid is None else paid
    return NewSale(
        uuid=uuid or uuid4(), store_id=shop.store_id, till="T1", cashier_id=shop.cashier.id,
        lines=tuple(BasketLine(product.id, pieces * 1000) for product, pieces in lines),
        payments=(Tendered(tender, paid),) if paid else (), expected_total=due, goods_in_hand=goods_in_hand,
    )  # fmt: skip


def make_posted_count(session: Session, shop: Shop, *, at: datetime) -> Stocktake:
    """A count of four lines of which three were right, and nine tenths of the value."""
    row = Stocktake(
        uuid=uuid4(), request_hash="", store_id=shop.store_id, kind="list", state="posted", opened_at=at,
        opened_by_id=shop.cashier.id, posted_at=at, lines_counted=4, lines_right=3, book_value=1000,
        variance_value=100,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def level(session: Session, shop: Shop, product: Product) -> tuple[int, int]:
    """(on hand, reserved) as stored, in thousandths."""
    row = session.execute(
        select(StockLevel.on_hand, StockLevel.reserved).where(
            StockLevel.store_id == shop.store_id, StockLevel.product_id == product.id
        )
    ).one()
    return row.on_hand, row.reserved
