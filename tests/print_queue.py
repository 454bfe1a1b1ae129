"""A sale, a printer and the receipt that is asked of it, as tests of printing need them."""

from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.models.printing import Printer, PrintJob
from app.services import checkout, printing
from tests import factories
from tests.factories import NOON, Shop


def sell(session: Session, shop: Shop, name: str = "Milk") -> UUID:
    milk = factories.make_product(session, shop, on_hand=20, name=name)
    sale = factories.basket(shop, (milk, 2))
    checkout.ring_up(session, sale, now=NOON)
    return sale.uuid


def make_printer(session: Session, shop: Shop, **columns: object) -> Printer:
    printer = Printer(**({"name": f"P{uuid4().hex[:6]}", "store_id": shop.store_id, "address": "10.0.0.9"} | columns))
    session.add(printer)
    session.flush()
    return printer


def ask(session: Session, shop: Shop, sale: UUID, *, uuid: UUID | None = None, is_copy: bool = False) -> PrintJob:
    return printing.ask(
        session, uuid=uuid or uuid4(), sale_uuid=sale, store_id=shop.store_id, till="T1", is_copy=is_copy,
        user_id=shop.cashier.id, now=NOON,
    ).job  # fmt: skip
