"""People who meet on the same row: one wins, the other is told, nothing happens twice."""

from uuid import uuid4

import pytest
from flask import Flask

from app.domain.errors import StaleVersion
from app.models.catalog import Product
from app.services import catalog_edit
from app.services.catalog_checks import ProductValues
from app.services.catalog_edit import Editor
from app.unit_of_work import read_only, transact
from tests.concurrency.test_checkout import all_at_once, post_everything, ring_up, violations
from tests.concurrency.test_replenishment import place, receive, short_shop
from tests.factories import NOON, basket, level, make_user

pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


def test_two_managers_change_one_product_and_the_second_is_told_who_was_first(app: Flask) -> None:
    shop, [product, *_] = short_shop(app)
    with app.app_context():
        managers = [transact(lambda session: make_user(session, shop.store, role="manager")) for _ in range(2)]
        with read_only() as session:
            seen = session.get_one(Product, product.id)
            shown = {name: catalog_edit.values_of(seen) for name in ("price", "safety")}
            version = seen.version
    wanted = {
        "price": changed(shown["price"], selling_price=105),
        "safety": changed(shown["safety"], safety_stock=13_000),
    }
    told: list[str] = []

    def save(editor: Editor, values: ProductValues) -> str:
        with app.app_context():
            try:
                transact(
                    lambda session: catalog_edit.change_product(
                        session, product.id, values=values, version=version, editor=editor, now=NOON, is_confirmed=True
                    )
                )
            except StaleVersion as stale:
                told.append(stale.details["by"])
                return "stale"
            return editor.name

    editors = [Editor(manager.id, manager.display_name) for manager in managers]
    endings = all_at_once([
        lambda: save(editors[0], wanted["price"]),
        lambda: save(editors[1], wanted["safety"]),
    ])  # fmt: skip

    [winner] = endings.keys() - {"stale"}
    assert endings["stale"] == 1
    assert told == [winner]
    with app.app_context(), read_only() as session:
        now = session.get_one(Product, product.id)
        assert (now.version, now.updated_by) == (version + 1, winner)
        assert catalog_edit.values_of(now) in wanted.values()


def changed(values: ProductValues, **changes: int) -> ProductValues:
    """The form with some fields typed over."""
    return ProductValues(**({name: getattr(values, name) for name in ProductValues.__dataclass_fields__} | changes))


def test_a_delivery_sent_twice_while_its_goods_are_sold_is_booked_once(app: Flask) -> None:
    shop, [product, *_] = short_shop(app)
    order, uuid = place(app, shop, product), uuid4()

    endings = all_at_once([
        *[lambda: receive(app, shop, order, 30, uuid)] * 2,
        *[lambda: ring_up(app, basket(shop, (product, 1)))] * 10,
    ])  # fmt: skip
    post_everything(app)

    assert endings["done"] == 2
    assert set(endings) <= {"done", "new", "insufficient_stock"}
    with app.app_context(), read_only() as session:
        assert level(session, shop, product) == (33_000 - endings["new"] * 1_000, 0)
    assert violations(app) == []
