"""A new product is ordered as soon as the office has said how much to keep, where only one shop can be meant."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.after_commit import waiting
from app.domain.events import StockFellBelowSafety
from app.models.catalog import Product
from app.models.replenishment import ReplenishmentOrderLine
from app.models.stock import StockLevel
from app.queries import replenishment as questions
from app.services import catalog_edit, replenishment, stock
from app.services.catalog_edit import Editor
from tests.factories import NOON, Shop, make_product, make_shop, make_supplier

SIX = 6_000


@pytest.fixture
def shop(session: Session) -> Shop:
    make_shop(session, kind="warehouse")
    make_shop(session, is_active=False)
    return make_shop(session, role="manager")


def create(session: Session, shop: Shop, **columns: Any) -> Product:
    """A product made in the office, of which six are to be kept and somebody delivers."""
    kept: dict[str, Any] = {"safety_stock": SIX, "supplier_id": make_supplier(session).id}
    values = replace(catalog_edit.values_of(make_product(session)), sku="NEW-1", name="Oat milk", **(kept | columns))
    return catalog_edit.create_product(session, values=values, editor=Editor(shop.cashier.id, "office"), now=NOON)


def change(session: Session, shop: Shop, product: Product, **columns: Any) -> None:
    values = replace(catalog_edit.values_of(product), **columns)
    editor = Editor(shop.cashier.id, "office")
    catalog_edit.change_product(session, product.id, values=values, version=product.version, editor=editor, now=NOON)


def levels(session: Session) -> list[tuple[int, int, int]]:
    rows = session.scalars(select(StockLevel))
    return [(level.store_id, level.product_id, level.on_hand) for level in rows]


def test_a_new_product_of_the_only_shop_is_ordered_at_once(session: Session, shop: Shop) -> None:
    product = create(session, shop)

    replenishment.top_up(session, shop.store_id, [product.id], now=NOON)

    assert waiting(session)[-1] == StockFellBelowSafety(shop.store_id, (product.id,))
    assert levels(session) == [(shop.store_id, product.id, 0)]
    assert session.scalars(select(ReplenishmentOrderLine.product_id)).all() == [product.id]
    assert stock.verify(session) == []


@pytest.mark.parametrize("columns", [{"safety_stock": 0}, {"supplier_id": None}])
def test_what_is_not_kept_or_cannot_be_ordered_waits_for_its_first_goods(
    session: Session, shop: Shop, columns: dict[str, Any]
) -> None:
    create(session, shop, **columns)

    assert levels(session) == []


@pytest.mark.parametrize("missing", [{"safety_stock": 0}, {"supplier_id": None}])
def test_it_is_ordered_once_the_office_has_said_what_was_missing(
    session: Session, shop: Shop, missing: dict[str, Any]
) -> None:
    product = create(session, shop, **missing)

    change(session, shop, product, safety_stock=SIX, supplier_id=make_supplier(session).id)

    assert questions.to_look_at(session) == {shop.store_id: [product.id]}


def test_a_new_price_opens_no_stock(session: Session, shop: Shop) -> None:
    listed = make_product(session, safety_stock=SIX, supplier_id=make_supplier(session).id)

    change(session, shop, listed, selling_price=120)

    assert levels(session) == []


def test_of_several_shops_each_begins_by_itself(session: Session, shop: Shop) -> None:
    make_shop(session)

    create(session, shop)

    assert levels(session) == []
    assert questions.to_look_at(session) == {}
