"""Many workers, one draft: no line twice, no delivery twice, whatever overlaps."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import func, select

from app.domain.errors import ShopError
from app.models.receiving import GoodsReceipt
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.models.reports import DailySales
from app.services import checkout, receiving, replenishment, replenishment_orders, reports, stock
from app.unit_of_work import read_only, transact, unit_of_work
from tests.concurrency.test_checkout import all_at_once, violations
from tests.factories import NOON, Shop, basket, level, make_product, make_shop, make_supplier

PRODUCTS = 12


def short_shop(app: Flask) -> tuple[Shop, list[Any]]:
    """A shop whose products all lack 9 of their safety stock of 12; three suppliers deliver tens."""
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        suppliers = [make_supplier(session) for _ in range(3)]
        columns = {"safety_stock": 12_000, "pack_size": 10_000}
        return shop, [
            make_product(session, shop, on_hand=3, supplier_id=suppliers[place % 3].id, **columns)
            for place in range(PRODUCTS)
        ]


def run(app: Flask, work: Any) -> str:
    with app.app_context():
        try:
            transact(work, budget_s=30, tries=30)
        except ShopError as refusal:
            return refusal.code
    return "done"


def top_up(app: Flask, shop: Shop, products: list[Any]) -> str:
    ids = [product.id for product in products]
    return run(app, lambda session: replenishment.top_up(session, shop.store_id, ids, now=NOON))


def counts(app: Flask) -> tuple[int, int]:
    """Orders and lines."""
    with app.app_context(), read_only() as session:
        orders = session.scalar(select(func.count()).select_from(ReplenishmentOrder)) or 0
        return orders, session.scalar(select(func.count()).select_from(ReplenishmentOrderLine)) or 0


def test_ten_workers_make_each_line_once(app: Flask) -> None:
    shop, products = short_shop(app)

    endings = all_at_once([
        lambda part=part: top_up(app, shop, part)  # type: ignore[misc]
        for part in (products, products[::-1], products[:7], products[5:], products[::2]) * 2
    ])  # fmt: skip

    assert endings == {"done": 10}
    assert counts(app) == (3, PRODUCTS)
    assert violations(app) == []


def test_approving_while_workers_top_up_orders_nothing_twice(app: Flask) -> None:
    shop, products = short_shop(app)
    top_up(app, shop, products[:6])
    with app.app_context(), read_only() as session:
        drafts = list(session.scalars(select(ReplenishmentOrder.id)))

    def approve(order_id: int) -> str:
        return run(
            app,
            lambda session: replenishment_orders.approve(session, order_id, user_id=shop.cashier.id, now=NOON),
        )

    endings = all_at_once([
        *[lambda: top_up(app, shop, products)] * 6,
        *[lambda key=key: approve(key) for key in drafts],
    ])  # fmt: skip

    assert endings == {"done": 6 + len(drafts)}
    assert counts(app)[1] == PRODUCTS
    assert violations(app) == []


def place(app: Flask, shop: Shop, product: Any) -> tuple[int, int]:
    """A placed order of 30 of a product, and its line."""
    top_up(app, shop, [product])
    with app.app_context(), unit_of_work() as session:
        order_id = session.scalars(select(ReplenishmentOrder.id)).one()
        line_id = session.scalars(select(ReplenishmentOrderLine.id)).one()
        replenishment_orders.approve(session, order_id, user_id=shop.cashier.id, now=NOON)
        replenishment_orders.place(session, order_id, user_id=shop.cashier.id, now=NOON)
    return order_id, line_id


def receive(app: Flask, shop: Shop, order: tuple[int, int], pieces: int, uuid: UUID) -> str:
    return run(
        app,
        lambda session: receiving.receive(
            session, order[0], uuid=uuid, counted={order[1]: pieces * 1_000}, accept_surplus=False,
            user_id=shop.cashier.id, now=NOON,
        ),
    )  # fmt: skip


def test_one_delivery_sent_by_five_phones_is_booked_once(app: Flask) -> None:
    shop, products = short_shop(app)
    order, uuid = place(app, shop, products[0]), uuid4()

    endings = all_at_once([lambda: receive(app, shop, order, 30, uuid)] * 5)

    assert endings == {"done": 5}
    with app.app_context(), read_only() as session:
        assert session.scalar(select(func.count()).select_from(GoodsReceipt)) == 1
        assert level(session, shop, products[0]) == (33_000, 0)
    assert violations(app) == []


def test_five_deliveries_never_bring_more_than_was_ordered(app: Flask) -> None:
    shop, products = short_shop(app)
    order = place(app, shop, products[0])

    endings = all_at_once([lambda: receive(app, shop, order, 10, uuid4())] * 5)

    assert endings == {"done": 3, "order_state": 2}
    with app.app_context(), read_only() as session:
        assert level(session, shop, products[0]) == (33_000, 0)
    assert violations(app) == []


def test_runs_of_one_day_wait_for_each_other(app: Flask) -> None:
    shop, _ = short_shop(app)

    endings = all_at_once([
        lambda: run(app, lambda session: reports.summarise_day(session, shop.store_id, NOON.date(), now=NOON))
    ] * 6)  # fmt: skip

    assert endings == {"done": 6}
    assert violations(app) == []


def test_stock_that_moves_while_workers_order_keeps_the_books(app: Flask) -> None:
    shop, products = short_shop(app)

    def take(product: Any) -> str:
        return run(
            app,
            lambda session: stock.adjust(
                session, store_id=shop.store_id, product_id=product.id, quantity=-1_000, reason="waste",
                user_id=None, now=NOON,
            ),
        )  # fmt: skip

    endings = all_at_once([
        *[lambda product=product: take(product) for product in products],
        *[lambda: top_up(app, shop, products)] * 4,
    ])  # fmt: skip

    assert endings == {"done": PRODUCTS + 4}
    top_up(app, shop, products)
    with app.app_context(), read_only() as session:
        quantities = set(session.scalars(select(ReplenishmentOrderLine.quantity)))
        assert stock.verify(session) == []
    assert quantities == {30_000}


def test_a_late_sale_that_is_posted_while_its_day_is_summarised_is_counted_or_opens_the_day(app: Flask) -> None:
    shop, products = short_shop(app)
    day = NOON.date()

    def sell_and_post(product: Any) -> str:
        sold = run(app, lambda session: checkout.ring_up(session, basket(shop, (product, 1)), now=NOON))
        return sold if sold != "done" else run(app, lambda session: stock.post_sales(session, now=NOON))

    def summarise() -> str:
        return run(app, lambda session: reports.summarise_day(session, shop.store_id, day, now=NOON))

    summarise()
    endings = all_at_once([
        *[lambda product=product: sell_and_post(product) for product in products],
        *[summarise] * 2,
    ])  # fmt: skip
    run(app, lambda session: stock.post_sales(session, now=NOON))

    assert endings == {"done": PRODUCTS + 2}
    assert violations(app) == []
    with app.app_context(), read_only() as session:
        due = reports.due_days(session, now=NOON + timedelta(days=30))
        counted = session.scalar(select(func.coalesce(func.sum(DailySales.units), 0)))
    assert (shop.store_id, day) in due or counted == PRODUCTS * 1_000
