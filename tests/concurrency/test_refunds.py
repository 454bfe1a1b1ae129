"""Two tills and one receipt: goods come back once."""

from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import func, select

from app.domain.errors import ShopError
from app.domain.refunds import NewRefund, ReturnedLine
from app.models.checkout import Refund, Sale, SaleLine
from app.services import checkout, refunds, stock
from app.unit_of_work import read_only, transact, unit_of_work
from tests.concurrency.test_checkout import all_at_once, post_everything, shop_with, violations
from tests.factories import NOON, Shop, basket, level


def sell(app: Flask, shop: Shop, product: object, pieces: int) -> tuple[UUID, int]:
    """The sale's UUID and its only line."""
    with app.app_context(), unit_of_work() as session:
        sale_id = checkout.ring_up(session, basket(shop, (product, pieces)), now=NOON).sale_id  # type: ignore[arg-type]
        uuid = session.scalars(select(Sale.uuid).where(Sale.id == sale_id)).one()
        return uuid, session.scalars(select(SaleLine.id).where(SaleLine.sale_id == sale_id)).one()


def give_back(app: Flask, shop: Shop, sale: tuple[UUID, int], *, uuid: UUID | None = None) -> str:
    """How one till's attempt to take one piece back ends."""
    request = NewRefund(
        uuid=uuid or uuid4(), sale_uuid=sale[0], store_id=shop.store_id, till="T1", cashier_id=shop.cashier.id,
        lines=(ReturnedLine(sale[1], 1_000, "shelf"),), reason="broken",
    )  # fmt: skip
    with app.app_context():
        try:
            done = transact(lambda session: refunds.refund(session, request, now=NOON), budget_s=30, tries=20)
        except ShopError as refusal:
            return refusal.code
    return "new" if done.is_new else "again"


def test_two_tills_refund_the_last_piece_and_one_wins(app: Flask) -> None:
    shop, [milk] = shop_with(app, 10)
    sale = sell(app, shop, milk, 1)

    endings = all_at_once([lambda: give_back(app, shop, sale)] * 2)

    assert endings == {"new": 1, "refund_exceeds": 1}
    assert violations(app) == []


def test_many_tills_never_take_back_more_than_was_sold_while_the_sale_is_posted(app: Flask) -> None:
    shop, [milk] = shop_with(app, 10)
    sale = sell(app, shop, milk, 5)

    def post() -> str:
        with app.app_context():
            transact(lambda session: stock.post_sales(session, now=NOON), budget_s=30, tries=20)
        return "posted"

    endings = all_at_once([*[lambda: give_back(app, shop, sale)] * 12, post, post])

    assert endings == {"new": 5, "refund_exceeds": 7, "posted": 2}
    post_everything(app)
    with app.app_context(), read_only() as session:
        assert level(session, shop, milk) == (10_000, 0)
    assert violations(app) == []


def test_one_uuid_from_ten_threads_is_one_refund(app: Flask) -> None:
    shop, [milk] = shop_with(app, 10)
    sale, uuid = sell(app, shop, milk, 5), uuid4()

    endings = all_at_once([lambda: give_back(app, shop, sale, uuid=uuid)] * 10)

    assert endings == {"new": 1, "again": 9}
    with app.app_context(), read_only() as session:
        assert session.scalar(select(func.count()).select_from(Refund)) == 1


def test_one_uuid_for_two_sales_is_one_refund_and_one_conflict(app: Flask) -> None:
    shop, [milk] = shop_with(app, 10)
    sales, uuid = [sell(app, shop, milk, 1) for _ in range(2)], uuid4()

    endings = all_at_once([lambda sale=sale: give_back(app, shop, sale, uuid=uuid) for sale in sales])  # type: ignore[misc]

    assert endings == {"new": 1, "refund_uuid_conflict": 1}
