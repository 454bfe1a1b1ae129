"""From a movement to the document that explains it."""

import re
from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.checkout import Refund
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.models.stocktake import StocktakeLine
from app.services import ledger, receiving, replenishment, replenishment_orders, stock
from app.services.ledger import Entry
from tests.factories import NOON, Shop, make_posted_count, make_product, make_supplier
from tests.integration.test_reports import give_back, sell
from tests.web.office import Office, sit_down, writing
from tests.web.stock_desk import key

pytestmark = pytest.mark.parametrize("database", ["sqlite", "mariadb"], indirect=True)


@dataclass(frozen=True)
class Moved:
    """Milk that was sold, brought back, delivered and counted, and the pages of those documents, the newest first."""

    office: Office
    level: str
    documents: list[tuple[str, str]]


@pytest.fixture
def moved(app: Flask) -> Moved:
    office, shop = sit_down(app)
    with writing(app) as session:
        milk = make_product(
            session, shop, name="Milk", on_hand=5, supplier_id=make_supplier(session).id, safety_stock=9_000
        )
        sale_id = sell(session, shop, milk, 2)
        stock.post_sales(session, now=NOON)
        give_back(session, shop, sale_id, 1)
        refund_id = session.scalars(select(Refund.id).where(Refund.sale_id == sale_id)).one()
        order_id = _deliver(session, shop, milk.id)
        count_id = _count(session, shop, milk.id)
        documents = [
            (f"/admin/counts/details/?id={count_id}", f"Count\u00a0#{count_id}"),
            (f"/admin/orders/details/?id={order_id}", f"Order\u00a0#{order_id}"),
            (f"/admin/refunds/details/?id={refund_id}", f"{shop.store.code}-R{refund_id:08d}"),
            (f"/admin/sales/details/?id={sale_id}", f"{shop.store.code}-{sale_id:08d}"),
        ]
    return Moved(office, key(shop, milk), documents)


def _deliver(session: Session, shop: Shop, product_id: int) -> int:
    replenishment.top_up(session, shop.store_id, [product_id], now=NOON)
    order_id = session.scalars(select(ReplenishmentOrder.id)).one()
    for step in (replenishment_orders.approve, replenishment_orders.place):
        step(session, order_id, user_id=shop.cashier.id, now=NOON)
    line = session.scalars(select(ReplenishmentOrderLine)).one()
    receiving.receive(
        session, order_id, uuid=uuid4(), counted={line.id: line.quantity}, accept_surplus=False,
        user_id=shop.cashier.id, now=NOON,
    )  # fmt: skip
    return order_id


def _count(session: Session, shop: Shop, product_id: int) -> int:
    count_id = make_posted_count(session, shop, at=NOON).id
    line = StocktakeLine(stocktake_id=count_id, product_id=product_id, variance=-1000)
    session.add(line)
    session.flush()
    ledger.book(session, [Entry(shop.store_id, product_id, "count", -1000, "stocktake_line", line.id, NOON)], now=NOON)
    return count_id


def links(page: str) -> list[tuple[str, str]]:
    """Where the documents of a page's rows are, and what they are called."""
    found = re.findall(r'<td[^>]*>\s*<a href="(/admin/(?:counts|orders|refunds|sales)/details[^"]*)">([^<]+)</a>', page)
    return [(address.replace("&amp;", "&"), text) for address, text in found]


def test_the_ledger_leads_to_the_documents(moved: Moved) -> None:
    page = moved.office.page("movements/")

    assert links(page) == moved.documents
    assert re.search(r"Adjustment \d+", page)
    for address, text in moved.documents:
        assert text.split("#")[-1] in moved.office.page(address.removeprefix("/admin/"))


def test_so_does_a_stock_level(moved: Moved) -> None:
    page = moved.office.page("stock/details/", id=moved.level)

    assert links(page) == moved.documents


def test_a_file_names_the_documents(moved: Moved) -> None:
    written = moved.office.get("movements/export/csv/").text

    assert [text.replace("\u00a0", " ") in written for _address, text in moved.documents] == [True] * 4
    assert "Sale line" not in written
