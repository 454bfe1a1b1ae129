"""The list of products in the back office: found, marked, shown as text, in any order, at a fixed price."""

from typing import Any

import pytest
from flask import Flask

from tests import factories
from tests.web.office import BAD_NAME, Office, counted_queries, sit_down, writing
from tests.web.test_admin_products import EAN, form_of, new_product


@pytest.fixture
def desk(app: Flask) -> tuple[Office, Any]:
    return sit_down(app)


def test_the_list_is_searched_by_name_pinyin_number_and_barcode(app: Flask, desk: Any) -> None:
    office, shop = desk
    model = new_product(app, shop, name="Bystander")
    office.post("products/new/", **form_of(model, name="纯牛奶 Milk", sku="M-77", barcode=EAN))

    found = {
        text: ("纯牛奶" in page, "Bystander" in page)
        for text in ("milk", "cnn", "M-77", EAN, "nothing")
        for page in [office.page("products/", search=text)]
    }

    yes, no = (True, False), (False, False)
    assert found == {"milk": yes, "cnn": yes, "M-77": yes, EAN: yes, "nothing": no}


def test_low_stock_is_marked_and_filtered(app: Flask, desk: Any) -> None:
    office, shop = desk
    new_product(app, shop, name="Scarce", on_hand=2, safety_stock=5000)
    new_product(app, shop, name="Plenty", on_hand=9, safety_stock=5000)

    page = office.page("products/", flt3_low="1")

    assert "Scarce" in page
    assert "Plenty" not in page
    assert '<span class="chip chip-red">Low in a store</span>' in page


def test_a_name_full_of_html_stays_text_everywhere(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = new_product(app, shop, name=BAD_NAME, on_hand=1, safety_stock=5000)

    pages = [
        office.page(path)
        for path in ("", "products/", f"products/details/?id={product.id}", f"products/edit/?id={product.id}",
                     "stock/", f"stock/details/?id={shop.store_id},{product.id}", "movements/")
    ]  # fmt: skip

    assert [BAD_NAME in page for page in pages] == [False] * 7
    assert ["&lt;img src=x onerror=alert(1)&gt;" in page for page in pages] == [True] * 7


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_list_asks_as_many_questions_for_fifty_products_as_for_one(app: Flask, desk: Any) -> None:
    office, shop = desk
    new_product(app, shop, on_hand=1)
    with counted_queries(app) as for_one:
        office.page("products/")
    with writing(app) as session:
        for _number in range(49):
            factories.make_product(session, shop, supplier_id=factories.make_supplier(session).id)

    with counted_queries(app) as for_fifty:
        page = office.page("products/")

    assert page.count('class="cell-edit"') == 100
    # Who asks, their store, the two filters' choices, how many, and the rows.
    assert (len(for_one), len(for_fifty)) == (6, 6)


@pytest.mark.parametrize(
    "query", [{"page": "-1"}, {"page": "99999999999999999999"}, {"sort": "5", "desc": "1"}, {"sort": "3"}]
)
def test_any_page_and_order_can_be_asked_for(app: Flask, desk: Any, query: dict[str, str]) -> None:
    office, shop = desk
    new_product(app, shop, name="Milk", on_hand=3)

    page = office.page("products/", **query)

    assert ("Milk" in page) == (query.get("page") != "99999999999999999999")
