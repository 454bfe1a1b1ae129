"""Stock corrected by hand and safety stock in the back office."""

import html
import re
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import select

from app.models.stock import StockAdjustment, StockLevel, StockMovement
from app.queries import replenishment as replenishment_questions
from app.services import stock
from tests import factories
from tests.factories import Shop
from tests.web.office import Office, sit_down, writing
from tests.web.stock_desk import key, milk, on_hand


@pytest.fixture
def desk(app: Flask) -> tuple[Office, Shop]:
    return sit_down(app)


def test_stock_is_adjusted_through_the_ledger_with_reason_and_note(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop)

    office.post("stock/adjust/", id=key(shop, product), quantity="-3", reason="waste", note="broken")

    assert "Booked: the stock is changed." in office.said()
    assert on_hand(app, shop, product) == 2000
    with writing(app) as session:
        document = session.scalars(select(StockAdjustment).where(StockAdjustment.reason == "waste")).one()
        movement = session.scalars(select(StockMovement).where(StockMovement.source_id == document.id)).one()
        assert (document.note, document.user_id, movement.quantity) == ("broken", shop.cashier.id, -3000)
        assert stock.verify(session) == []


def test_a_double_click_books_an_adjustment_once(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop)

    clicks = [
        office.post("stock/adjust/", id=key(shop, product), quantity="3", reason="found", note="")
        for _click in range(2)
    ]

    assert [click.status_code for click in clicks] == [302, 409]
    assert "You booked exactly this a moment ago" in clicks[1].text
    assert on_hand(app, shop, product) == 8000


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quantity": "0", "reason": "waste"}, "A change of nothing"),
        ({"quantity": "1.5", "reason": "waste"}, "Pieces must be whole."),
        ({"quantity": "lots", "reason": "waste"}, "is not a number"),
        ({"quantity": "", "reason": "waste"}, "Please fill this in."),
        ({"quantity": "1", "reason": "opening"}, "Not a valid choice"),
        ({"quantity": "9999999", "reason": "waste"}, "At most"),
        ({"quantity": "+3", "reason": "waste"}, "Waste and theft take goods away: put a minus before the quantity"),
        ({"quantity": "3", "reason": "theft"}, "Waste and theft take goods away: put a minus before the quantity"),
        ({"quantity": "-3", "reason": "found"}, "What is found comes on top: write the quantity without a minus"),
    ],
)
def test_a_bad_adjustment_is_refused_and_books_nothing(
    app: Flask, desk: Any, fields: dict[str, str], said: str
) -> None:
    office, shop = desk
    product = milk(app, shop)

    refused = office.post("stock/adjust/", id=key(shop, product), **fields)

    assert refused.status_code == 422
    assert said in " ".join(re.findall(r'<p class="error"[^>]*>(.*?)</p>', refused.text))
    assert on_hand(app, shop, product) == 5000


def test_a_refused_adjustment_comes_back_as_it_was_typed(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop)

    page = office.post("stock/adjust/", id=key(shop, product), quantity="+3", reason="waste", note="fell off").text

    quantity = re.search(r'<input[^>]* name="quantity"[^>]*>', page)
    assert quantity is not None
    assert 'value="+3"' in quantity[0]
    assert 'aria-describedby="quantity-error"' in quantity[0]
    assert '<option selected value="waste">' in page
    assert re.search(r'name="note"[^>]* value="fell off"', page)
    assert "Nothing is saved yet: please look at the fields marked in red." in page


def test_a_refused_safety_stock_comes_back_as_it_was_typed(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop)

    refused = office.post("stock/safety/", id=key(shop, product), safety_stock="plenty")

    assert refused.status_code == 422
    assert re.search(r'name="safety_stock"[^>]* value="plenty"', refused.text)
    assert '<p class="error" id="safety_stock-error">“plenty” is not a number.</p>' in refused.text


@pytest.mark.parametrize(
    ("path", "fields", "page"),
    [
        ("stock/adjust/", {"quantity": "lots", "reason": "waste"}, "/admin/stock/details/?id={level}"),
        ("what-if/ask/", {}, "/admin/what-if/"),
    ],
)
def test_a_refused_form_may_be_read_in_the_other_language(
    app: Flask, desk: Any, path: str, fields: dict[str, str], page: str
) -> None:
    office, shop = desk
    level = key(shop, milk(app, shop))

    refused = office.post(path, id=level, **fields)
    switch = html.unescape(re.findall(r'name="next" value="([^"]+)"', refused.text)[0])

    assert unquote(switch) == page.format(level=level)
    assert office.client.get(switch).status_code == 200


def test_a_store_gets_a_safety_stock_of_its_own_and_loses_it_again(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop, safety_stock=2000)

    office.post("stock/safety/", id=key(shop, product), safety_stock="9")
    with writing(app) as session:
        own = session.get_one(StockLevel, (shop.store_id, product.id)).safety_stock
    low = office.page("stock/", flt2_low="1")
    office.post("stock/safety/", id=key(shop, product), safety_stock="")

    assert own == 9000
    assert product.name in low
    assert product.name not in office.page("stock/", flt2_low="1")


def test_safety_stock_is_the_only_figure_a_level_takes(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop)

    refused = office.post("stock/safety/", id=key(shop, product), safety_stock="-1", on_hand="99", reserved="7")

    assert refused.status_code == 422
    assert "This cannot be negative." in refused.text
    with writing(app) as session:
        assert factories.level(session, shop, product) == (5000, 0)
        assert session.get_one(StockLevel, (shop.store_id, product.id)).safety_stock is None


def test_a_product_no_store_has_had_gets_its_first_stock_in_the_office(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop, on_hand=None)

    way_there = unquote(office.page("products/details/", id=str(product.id)))
    page = office.page("stock/details/", id=key(shop, product))
    office.post("stock/adjust/", id=key(shop, product), quantity="12", reason="found", note="brought along")

    assert f"/admin/stock/details/?id={key(shop, product)}" in way_there
    assert "Adjust stock" in page
    assert on_hand(app, shop, product) == 12_000
    with writing(app) as session:
        assert stock.verify(session) == []


def test_a_product_no_store_has_had_is_ordered_once_a_store_wants_it(app: Flask, desk: Any) -> None:
    office, shop = desk
    with writing(app) as session:
        supplier_id = factories.make_supplier(session).id
    product = milk(app, shop, on_hand=None, supplier_id=supplier_id)

    office.post("stock/safety/", id=key(shop, product), safety_stock="6")

    with writing(app) as session:
        assert replenishment_questions.to_look_at(session) == {shop.store_id: [product.id]}


@pytest.mark.parametrize("columns", [{"is_archived": True}, {"is_stocked": False}])
def test_nothing_is_booked_for_a_product_without_stock(app: Flask, desk: Any, columns: dict[str, bool]) -> None:
    office, shop = desk
    product = milk(app, shop, on_hand=None, **columns)

    way_there = office.page("products/details/", id=str(product.id))
    refused = office.post("stock/adjust/", id=key(shop, product), quantity="12", reason="found")

    assert "No store has had it yet." in way_there
    assert refused.status_code == 404


def test_first_stock_is_seen_in_ones_own_stores_only(app: Flask, desk: Any) -> None:
    _office, shop = desk
    product = milk(app, shop, on_hand=None)
    neighbour, _shop = sit_down(app, "supervisor")

    assert neighbour.get("stock/details/", id=key(shop, product)).status_code == 302


def test_a_supervisor_reads_stock_but_adjusts_nothing(app: Flask) -> None:
    office, shop = sit_down(app, "supervisor")
    product = milk(app, shop)

    page = office.page("stock/details/", id=key(shop, product))
    refused = office.post("stock/adjust/", id=key(shop, product), quantity="3", reason="found")

    assert "Adjust stock" not in page
    assert refused.status_code == 403
    assert on_hand(app, shop, product) == 5000
