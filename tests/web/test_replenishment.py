"""What the start page of the back office says about shortages."""

import pytest
from flask import Flask

from tests.factories import make_product, make_supplier
from tests.web.office import Office, open_shop, writing

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_start_page_counts_shortages_that_nobody_delivers(app: Flask) -> None:
    shop = open_shop(app)
    with writing(app) as session:
        make_product(session, shop, on_hand=1, safety_stock=5_000, supplier_id=None)
        make_product(session, shop, on_hand=1, safety_stock=5_000, supplier_id=make_supplier(session).id)

    page = Office(app, shop.cashier.username).page("")

    assert "1 without an active supplier: not ordered" in page


def test_the_start_page_says_nothing_of_suppliers_when_everything_can_be_ordered(app: Flask) -> None:
    shop = open_shop(app)
    with writing(app) as session:
        make_product(session, shop, on_hand=1, safety_stock=5_000, supplier_id=make_supplier(session).id)

    page = Office(app, shop.cashier.username).page("")

    assert "active supplier" not in page
    assert "products in stores" in page
