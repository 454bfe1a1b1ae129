"""One session opened by a phone that asks again before it has heard."""

from collections.abc import Callable
from uuid import UUID, uuid4

from flask import Flask

from app.domain.errors import ShopError
from app.domain.stocktake import Kind
from app.services import stocktake
from app.services.stocktake import Scope
from app.unit_of_work import transact
from tests.concurrency.test_checkout import all_at_once, shop_with
from tests.factories import NOON, Shop


def opener(app: Flask, shop: Shop, uuid: UUID, product_ids: tuple[int, ...]) -> Callable[[], str]:
    """How one request ends: "new", "again" or the refusal's code."""

    def open_it() -> str:
        with app.app_context():
            try:
                opened = transact(
                    lambda session: stocktake.open_session(
                        session, uuid=uuid, store_id=shop.store_id, scope=Scope(Kind.LIST, product_ids=product_ids),
                        user_id=shop.cashier.id, now=NOON,
                    ),
                    budget_s=30, tries=20,
                )  # fmt: skip
            except ShopError as refusal:
                return refusal.code
        return "new" if opened.is_new else "again"

    return open_it


def test_one_uuid_from_ten_threads_opens_one_session(app: Flask) -> None:
    shop, products = shop_with(app, *[1] * 40)
    wanted = tuple(product.id for product in products)
    uuids = [uuid4() for _ in range(10)]

    for place, uuid in enumerate(uuids):
        part = wanted[place * 4 : place * 4 + 4]
        endings = all_at_once([opener(app, shop, uuid, part)] * 10)

        assert endings == {"new": 1, "again": 9}
