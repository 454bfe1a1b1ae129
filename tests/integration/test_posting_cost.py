"""What posting reads does not grow with the shop, though the database may know little of its tables yet."""

import pytest
from sqlalchemy.orm import Session

from app.models.catalog import Product
from app.queries import replenishment
from app.services import checkout, stock
from app.unit_of_work import unit_of_work
from tests.factories import NOON, basket
from tests.integration.test_checkout_cost import rows_read, stocked_shop, young

__all__ = ["young"]
pytestmark = [
    pytest.mark.parametrize("database", ["mariadb"], indirect=True),
    pytest.mark.usefixtures("young", "app_context"),
]
FEW = (7, 700, 2700)


def cost(session: Session, before: int) -> int:
    return rows_read(session) - before


def test_a_question_for_shortages_reads_the_products_it_is_about() -> None:
    shop = stocked_shop()
    with unit_of_work() as session:
        before = rows_read(session)

        replenishment.below_safety(session, shop.store_id, FEW)

        assert cost(session, before) < 50


def test_posting_reads_its_own_sales_and_products() -> None:
    shop = stocked_shop()
    with unit_of_work() as session:
        products = [session.get_one(Product, number) for number in FEW]
        checkout.ring_up(session, basket(shop, *((one, 2) for one in products)), now=NOON)
        before = rows_read(session)

        stock.post_sales(session, now=NOON)

        assert cost(session, before) < 200
