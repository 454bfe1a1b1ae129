"""Which use cases put a new edition of the catalogue in force."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.models.catalog import CatalogEdition, Category, Product
from app.models.stock import Store
from app.queries import catalog
from app.services import catalog_edit, checkout, master_data, stock
from app.services.catalog_edit import Editor
from app.unit_of_work import read_only, unit_of_work
from tests.factories import NOON, Shop, basket, make_category, make_product, make_shop

pytestmark = pytest.mark.usefixtures("app_context")
Deed = Callable[[Session, Shop, Product], object]


def edition() -> int | None:
    with read_only() as session:
        return catalog.edition(session)


def after(deed: Deed) -> tuple[int | None, int | None]:
    """The editions before and after."""
    with unit_of_work() as session:
        shop = make_shop(session)
        milk = make_product(session, shop, on_hand=5)
    before = edition()
    with unit_of_work() as session:
        deed(session, shop, session.get_one(Product, milk.id))
    return before, edition()


def add(session: Session, shop: Shop, milk: Product) -> None:
    values = replace(catalog_edit.values_of(milk), sku="NEW-1", barcode=None, plu=None, name="Oat milk")
    catalog_edit.create_product(session, values=values, editor=Editor(shop.cashier.id, "office"), now=NOON)


def rename(session: Session, shop: Shop, milk: Product) -> None:
    values = replace(catalog_edit.values_of(milk), name="Whole milk")
    catalog_edit.change_product(
        session, milk.id, values=values, version=milk.version, editor=Editor(shop.cashier.id, "office"), now=NOON
    )


def archive(session: Session, shop: Shop, milk: Product) -> None:
    editor = Editor(shop.cashier.id, "office")
    catalog_edit.set_archived(session, milk.id, is_archived=True, version=milk.version, editor=editor, now=NOON)


def remove(session: Session, shop: Shop, _milk: Product) -> None:
    never_sold = make_product(session)
    catalog_edit.delete_product(session, never_sold.id, editor=Editor(shop.cashier.id, "office"), now=NOON)


def rename_category(session: Session, shop: Shop, milk: Product) -> None:
    values = {"name": "Dairy"}
    master_data.save(session, Category, milk.category_id, values=values, user_id=shop.cashier.id, now=NOON)


def remove_category(session: Session, shop: Shop, _milk: Product) -> None:
    empty = make_category(session, "Nothing")
    master_data.delete(session, Category, empty.id, user_id=shop.cashier.id, now=NOON)


def move_store(session: Session, shop: Shop, _milk: Product) -> None:
    values = {"code": shop.store.code, "address": "Harbour 1"}
    master_data.save(session, Store, shop.store_id, values=values, user_id=shop.cashier.id, now=NOON)


def sell(session: Session, shop: Shop, milk: Product) -> None:
    checkout.ring_up(session, basket(shop, (milk, 1)), now=NOON)


def waste(session: Session, shop: Shop, milk: Product) -> None:
    stock.adjust(
        session, store_id=shop.store_id, product_id=milk.id, quantity=-1000, reason="waste",
        user_id=shop.cashier.id, now=NOON,
    )  # fmt: skip


@pytest.mark.parametrize("deed", [add, rename, archive, remove, rename_category, remove_category, move_store])
def test_a_change_of_the_catalogue_puts_a_new_edition_in_force(deed: Deed) -> None:
    before, now = after(deed)

    assert now is not None
    assert now != before


@pytest.mark.parametrize("deed", [sell, waste])
def test_stock_that_moves_leaves_the_edition(deed: Deed) -> None:
    before, now = after(deed)

    assert now == before


def test_where_the_edition_was_lost_the_next_change_makes_one() -> None:
    with unit_of_work() as session:
        session.execute(delete(CatalogEdition))

    before, now = after(rename)

    assert before is None
    assert now is not None


def test_two_editions_are_never_the_same_by_counting_on() -> None:
    """A database that went back would come to the same number with other prices behind it."""
    first, second = after(rename)
    _, third = after(rename)

    assert first is not None
    assert second is not None
    assert third is not None
    assert second - first != 1
    assert third - second != second - first


def test_the_guard_sees_a_change_that_nobody_announces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.catalog_edit.announce", lambda session, fact: None)

    with pytest.raises(AssertionError, match="no new edition"):
        after(rename)

    with read_only() as session:
        assert session.scalars(select(Product.name).where(Product.name == "Whole milk")).all() == []
