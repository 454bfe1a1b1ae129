"""Stock levels, the ledger, exceptions and the start page in the back office."""

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.clock import utc_now
from app.models.catalog import Product
from app.models.stock import StockAdjustment, StockException, StockLevel, StockMovement
from app.queries import replenishment as replenishment_questions
from app.services import checkout, stock
from tests import factories
from tests.factories import NOON, Shop
from tests.web.office import Office, open_shop, sit_down, writing


@pytest.fixture
def desk(app: Flask) -> tuple[Office, Shop]:
    return sit_down(app)


def milk(app: Flask, shop: Shop, **columns: Any) -> Product:
    with writing(app) as session:
        return factories.make_product(session, shop, **({"on_hand": 5} | columns))


def key(shop: Shop, product: Product) -> str:
    return f"{shop.store_id},{product.id}"


def on_hand(app: Flask, shop: Shop, product: Product) -> int:
    with writing(app) as session:
        return factories.level(session, shop, product)[0]


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


def test_levels_below_zero_are_found_by_their_filter(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop, name="Sold twice")
    milk(app, shop, name="In order")
    office.post("stock/adjust/", id=key(shop, product), quantity="-7", reason="correction")

    page = office.page("stock/", flt3_negative="1")

    assert "Sold twice" in page
    assert "In order" not in page


def test_the_ledger_is_filtered_by_product_store_kind_and_day(app: Flask, desk: Any) -> None:
    office, shop = desk
    first, second = milk(app, shop, name="Milk", sku="M1"), milk(app, shop, name="Bread", sku="B1")
    office.post("stock/adjust/", id=key(shop, first), quantity="-1", reason="waste")
    tomorrow = (utc_now() + timedelta(days=2)).date().isoformat()

    def rows(**query: str) -> int:
        return int(office.page("movements/", **query).count("<tr>")) - 1

    assert rows() == 3
    assert rows(search=first.sku) == 2
    assert rows(search="M") == 1
    assert "Nothing to show." in office.page("movements/", search="M")
    assert rows(flt1_kind="waste") == 1
    assert rows(flt0_store=str(shop.store_id)) == 3
    assert "Nothing to show." in office.page("movements/", flt0_store="999")
    assert rows(flt2_from="2026-03-02", flt3_to="2026-03-02") == 2
    assert "Nothing to show." in office.page("movements/", flt2_from=tomorrow)
    assert "cannot be filtered by" in office.page("movements/", flt2_from="Feb 30")
    assert second.id


def exception_of(app: Flask, office: Office, shop: Shop, product: Product) -> int:
    office.post("stock/adjust/", id=key(shop, product), quantity="-7", reason="correction")
    with writing(app) as session:
        return int(session.scalars(select(StockException.id)).one())


def test_an_exception_stays_open_while_stock_is_negative(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop)
    exception_id = exception_of(app, office, shop, product)

    office.post("exceptions/resolve/", id=exception_id, note="looked")

    assert "Available stock is still negative" in office.said()
    assert "Sold beyond the books" in office.page("exceptions/") or "Adjusted below zero" in office.page("exceptions/")
    with writing(app) as session:
        assert session.get_one(StockException, exception_id).open_key is not None


def test_an_exception_is_resolved_once_the_stock_is_right(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop)
    exception_id = exception_of(app, office, shop, product)
    office.post("stock/adjust/", id=key(shop, product), quantity="4", reason="found")

    office.post("exceptions/resolve/", id=exception_id, note="two were behind the shelf")

    with writing(app) as session:
        exception = session.get_one(StockException, exception_id)
        assert (exception.open_key, exception.note) == (None, "two were behind the shelf")
        assert exception.resolved_by_id == shop.cashier.id
        assert stock.verify(session) == []


def test_a_sale_shows_lines_payments_and_whether_the_ledger_has_it(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop, name="Milk", price=199)
    with writing(app) as session:
        sale_id = checkout.ring_up(session, factories.basket(shop, (product, 2), paid=500), now=NOON).sale_id

    waiting = office.page("sales/details/", id=str(sale_id))
    with writing(app) as session:
        stock.post_sales(session, now=NOON)
    posted = office.page("sales/details/", id=str(sale_id))

    assert ("€3.98" in waiting, "€5.00" in waiting, "-€1.02" in waiting) == (True, True, True)
    assert waiting.count(">Waiting</span>") == 2
    assert posted.count(">Posted</span>") == 2
    number = f"{shop.store.code}-{sale_id:08d}"
    assert number in office.page("sales/", search=number)
    assert "Nothing to show." in office.page("sales/", search=f"{shop.store.code}-{sale_id + 1:08d}")


def test_the_start_page_shows_true_figures(app: Flask, desk: Any) -> None:
    office, shop = desk
    other = open_shop(app)
    short = milk(app, shop, name="Milk", price=250, safety_stock=9000)
    with writing(app) as session:
        for place in (shop, other):
            product = short if place is shop else factories.make_product(session, other, on_hand=9, price=1000)
            checkout.ring_up(session, factories.basket(place, (product, 1)), now=utc_now())

    page = office.page("")

    assert "€12.50" in page
    assert "Receipts: 2" in page
    assert page.count("<strong>2</strong>") == 1
    assert "Milk" in page


def test_who_may_not_see_sales_sees_no_takings(app: Flask) -> None:
    office, _shop = sit_down(app, "ops")

    page = office.page("")

    assert "Waiting for the ledger" in page
    assert "Sales today" not in page
    assert "Most urgent" not in page


def test_nothing_of_this_left_the_books_wrong(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop)
    exception_of(app, office, shop, product)

    with writing(app) as session:
        assert session.scalar(select(func.count()).select_from(StockException)) == 1
        assert stock.verify(session) == []
