"""People who meet on the same row: one wins, the other is told, nothing happens twice."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.domain.checkout import NewSale
from app.domain.errors import ShopError, StaleVersion
from app.domain.stocktake import Kind
from app.models.catalog import Product
from app.models.stock import StockMovement
from app.services import catalog_edit, checkout, stocktake, stocktake_counts, stocktake_posting
from app.services.catalog_checks import ProductValues
from app.services.catalog_edit import Editor
from app.services.stocktake import Scope
from app.services.stocktake_counts import NewCount
from app.unit_of_work import read_only, transact
from tests.concurrency.test_checkout import all_at_once, post_everything, ring_up, shop_with, violations
from tests.concurrency.test_replenishment import place, receive, short_shop
from tests.factories import NOON, Shop, basket, level, make_user

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


def closed_count(app: Flask, shop: Shop, pieces: dict[int, int]) -> tuple[int, int]:
    """A closed session in which the products were counted, and the manager who will approve it."""
    with app.app_context():
        manager = transact(lambda session: make_user(session, shop.store, role="manager")).id
        scope = Scope(Kind.LIST, product_ids=tuple(sorted(pieces)))
        opened = transact(
            lambda session: stocktake.open_session(
                session, uuid=uuid4(), store_id=shop.store_id, scope=scope, user_id=shop.cashier.id, now=utc_now()
            )
        )
        for product_id, count in pieces.items():
            seen = NewCount(uuid4(), count * 1_000, utc_now(), product_id)
            transact(
                lambda session, seen=seen: stocktake_counts.record_count(  # type: ignore[misc]
                    session, opened.stocktake_id, seen, store_id=shop.store_id, user_id=shop.cashier.id, now=utc_now()
                )
            )
        transact(
            lambda session: stocktake_posting.close(
                session, opened.stocktake_id, store_ids=None, user_id=shop.cashier.id, now=utc_now()
            )
        )
    return opened.stocktake_id, manager


def end_count(app: Flask, stocktake_id: int, manager: int, *, approves: bool = True) -> str:
    """How an attempt to approve or to cancel ends: "new", "again", "cancelled" or the refusal's code."""

    def work(session: Session) -> str:
        if approves:
            done = stocktake_posting.approve(
                session, stocktake_id, reasons={}, store_ids=None, user_id=manager, now=utc_now()
            )
            return "posted" if done.is_new else "again"
        stocktake.cancel(session, stocktake_id, store_ids=None, user_id=manager, now=utc_now())
        return "cancelled"

    with app.app_context():
        try:
            return transact(work, budget_s=30, tries=20)
        except ShopError as refusal:
            return refusal.code


def sell_now(app: Flask, sale: NewSale) -> str:
    """How a till's attempt ends; the moment of the sale decides whether it is in a count."""
    with app.app_context():
        rung = transact(lambda session: checkout.ring_up(session, sale, now=utc_now()), budget_s=30, tries=20)
    return "new" if rung.is_new else "again"


def booked(app: Flask) -> list[int]:
    with app.app_context(), read_only() as session:
        return list(session.scalars(select(StockMovement.quantity).where(StockMovement.kind == "count")))


def test_a_count_approved_by_many_at_once_while_tills_sell_is_booked_once(app: Flask) -> None:
    shop, [milk, tea] = shop_with(app, 100, 100)
    stocktake_id, manager = closed_count(app, shop, {milk.id: 97, tea.id: 100})

    endings = all_at_once([
        *[lambda: end_count(app, stocktake_id, manager)] * 4,
        *[lambda: sell_now(app, basket(shop, (milk, 1), (tea, 2)))] * 10,
        *[lambda: sell_now(app, basket(shop, (tea, 1), (milk, 1)))] * 10,
    ])  # fmt: skip
    post_everything(app)

    assert endings == {"posted": 1, "again": 3, "new": 20}
    assert booked(app) == [-3_000]
    with app.app_context(), read_only() as session:
        assert [level(session, shop, one) for one in (milk, tea)] == [(77_000, 0), (70_000, 0)]
    assert violations(app) == []


def test_a_count_approved_and_cancelled_at_once_ends_one_way(app: Flask) -> None:
    shop, [milk] = shop_with(app, 100)
    stocktake_id, manager = closed_count(app, shop, {milk.id: 97})

    endings = all_at_once([
        lambda: end_count(app, stocktake_id, manager),
        lambda: end_count(app, stocktake_id, manager, approves=False),
    ])  # fmt: skip

    assert endings in ({"posted": 1, "stocktake_closed": 1}, {"cancelled": 1, "stocktake_closed": 1})
    assert booked(app) == ([-3_000] if endings["posted"] else [])
    assert violations(app) == []
