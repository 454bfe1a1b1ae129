"""Products in the back office."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import after_commit
from app.domain.events import Fact, ProductChanged, StockFellBelowSafety
from app.models.catalog import Product, ProductBarcode
from app.models.staff import AuditEntry
from tests import factories
from tests.web.office import Office, sit_down, writing

EAN = "3850334043641"


def form_of(product: Product, **changes: Any) -> dict[str, Any]:
    """The product form as a browser would send it."""
    return {
        "name": product.name, "sku": product.sku, "barcode": product.barcode or "", "category_id": product.category_id,
        "supplier_id": "", "selling_price": f"{product.selling_price / 100:.2f}", "purchase_price": "0.50",
        "unit": "piece", "safety_stock": "0", "pack_size": "1", "shortage_policy": "", "is_stocked": "y",
        "version": product.version,
    } | changes  # fmt: skip


def stored(app: Flask, product_id: int) -> Product:
    with writing(app) as session:
        return session.get_one(Product, product_id)


def new_product(app: Flask, shop: Any, **columns: Any) -> Product:
    with writing(app) as session:
        return factories.make_product(session, shop, **columns)


@pytest.fixture
def desk(app: Flask) -> tuple[Office, Any]:
    return sit_down(app)


@pytest.fixture
def facts(app: Flask) -> Iterator[list[Fact]]:
    """What left after commit, in order."""
    before = dict(after_commit._routes)
    seen: list[Fact] = []
    after_commit.set_routes({ProductChanged: [seen.append], StockFellBelowSafety: [seen.append]})
    yield seen
    after_commit.set_routes(before)


def test_a_product_is_created_with_prices_in_cents_and_a_normalised_barcode(app: Flask, desk: Any) -> None:
    office, shop = desk
    model = new_product(app, shop)

    answer = office.post(
        "products/new/",
        **form_of(model, name="Fresh milk", sku="MILK-1", barcode=EAN, selling_price="1,99", safety_stock="12",
                  **{"further_barcodes-0-code": "13850334043648", "further_barcodes-0-pack_quantity": "24",
                     "further_barcodes-0-pack_price": "39.90"}),
    )  # fmt: skip

    assert answer.status_code == 302
    with writing(app) as session:
        milk = session.scalars(select(Product).where(Product.sku == "MILK-1")).one()
        code = session.scalars(select(ProductBarcode)).one()
        assert (milk.barcode, milk.selling_price, milk.safety_stock) == ("03850334043641", 199, 12_000)
        assert (code.code, code.pack_quantity, code.pack_price) == ("13850334043648", 24_000, 3990)
        assert milk.search_text == "fresh milk milk-1"
        assert milk.updated_by == shop.cashier.display_name


def test_a_change_is_audited_with_old_and_new_and_announced(app: Flask, desk: Any, facts: list[Fact]) -> None:
    office, shop = desk
    product = new_product(app, shop, price=199)

    answer = office.post(f"products/edit/?id={product.id}", **form_of(product, selling_price="2.49"))

    assert answer.status_code == 302
    assert facts == [ProductChanged((product.id,))]
    with writing(app) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "product.changed")).one()
        assert entry.details["selling_price"] == [199, 249]
        assert entry.user_id == shop.cashier.id


def test_a_higher_safety_stock_announces_the_shortage(app: Flask, desk: Any, facts: list[Fact]) -> None:
    office, shop = desk
    product = new_product(app, shop, on_hand=5)
    facts.clear()

    office.post(f"products/edit/?id={product.id}", **form_of(product, safety_stock="6", purchase_price="0"))

    assert facts == [ProductChanged((product.id,)), StockFellBelowSafety(shop.store_id, (product.id,))]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("selling_price", "0", "This must be more than zero"),
        ("selling_price", "free", "is not an amount"),
        ("selling_price", "-1", "This cannot be negative."),
        ("selling_price", "", "Please fill this in."),
        ("safety_stock", "-5", "This cannot be negative."),
        ("safety_stock", "many", "“many” is not a number."),
        ("safety_stock", "99999999", "At most"),
        ("safety_stock", "1.5", "Pieces must be whole."),
        ("pack_size", "0", "This must be more than zero"),
        ("barcode", "3850334043642", "The check digit is wrong"),
        ("barcode", "https://evil.example", "This is not a product code."),
        ("category_id", "4711", "Please choose one of the list."),
        ("unit", "bucket", "Not a valid choice"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_stored(app: Flask, desk: Any, field: str, typed: str, said: str) -> None:
    office, shop = desk
    product = new_product(app, shop, price=199)

    answer = office.post(f"products/edit/?id={product.id}", **form_of(product, name="Other", **{field: typed}))

    assert answer.status_code == 422
    assert said in answer.text
    assert stored(app, product.id).name == product.name


def test_a_code_of_another_product_is_refused_by_its_name(app: Flask, desk: Any) -> None:
    office, shop = desk
    new_product(app, shop, name="The first", barcode="03850334043641", sku="A1")
    product = new_product(app, shop)

    answer = office.post(f"products/edit/?id={product.id}", **form_of(product, sku="A1", barcode=EAN))

    assert answer.status_code == 422
    assert answer.text.count("Already used by “The first”.") == 2


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"selling_price": "0.40"}, "The selling price is below the purchase price."),
        ({"selling_price": "20.00"}, "The new price is more than ten times the old one."),
    ],
)
def test_an_odd_price_is_asked_for_once_more(app: Flask, desk: Any, changes: dict[str, str], doubt: str) -> None:
    office, shop = desk
    product = new_product(app, shop, price=199)

    asked = office.post(f"products/edit/?id={product.id}", **form_of(product, **changes))
    before = stored(app, product.id).selling_price
    confirmed = office.post(f"products/edit/?id={product.id}", **form_of(product, **changes), is_confirmed="y")

    assert (asked.status_code, doubt in asked.text, before) == (422, True, 199)
    assert confirmed.status_code == 302
    assert stored(app, product.id).selling_price == round(float(changes["selling_price"]) * 100)


def test_a_stale_form_is_refused_and_shows_who_changed_what(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = new_product(app, shop, price=199)
    office.post(f"products/edit/?id={product.id}", **form_of(product, selling_price="2.49"))

    answer = office.post(f"products/edit/?id={product.id}", **form_of(product, selling_price="2.99"))

    assert answer.status_code == 409
    assert f"Changed by {shop.cashier.display_name} at" in answer.text
    assert re.search(r"Selling price</th><td>€2.99</td><td><strong>€2.49</strong>", answer.text)
    assert stored(app, product.id).selling_price == 249


def test_a_price_is_changed_in_the_list_at_the_version_on_the_screen(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = new_product(app, shop, price=199)

    fresh = office.post("products/ajax/update/", id=product.id, version=1, selling_price="2.49")
    stale = office.post("products/ajax/update/", id=product.id, version=1, selling_price="9.99")
    next_one = office.post("products/ajax/update/", id=product.id, version=2, safety_stock="7")

    assert (fresh.status_code, fresh.json) == (200, {"version": 2, "value": "2.49", "text": "€2.49"})
    assert (stale.status_code, stale.json["current"]) == (409, "€2.49")
    assert f"Changed by {shop.cashier.display_name}" in stale.json["message"]
    assert next_one.json == {"version": 3, "value": "7", "text": "7"}
    now = stored(app, product.id)
    assert (now.selling_price, now.safety_stock) == (249, 7000)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"selling_price": "0"}, 422), ({"selling_price": "abc"}, 422), ({"safety_stock": "-1"}, 422),
        ({"purchase_price": "1"}, 422), ({"name": "x"}, 422), ({"is_archived": "1"}, 422),
        ({"selling_price": "900"}, 422),
    ],
)  # fmt: skip
def test_a_bad_cell_changes_nothing(app: Flask, desk: Any, fields: dict[str, str], status: int) -> None:
    office, shop = desk
    product = new_product(app, shop, price=199)

    answer = office.post("products/ajax/update/", id=product.id, version=1, **fields)

    assert answer.status_code == status
    assert stored(app, product.id).version == 1


def test_an_odd_price_in_the_list_is_stored_when_confirmed(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = new_product(app, shop, price=199)

    asked = office.post("products/ajax/update/", id=product.id, version=1, selling_price="900")
    done = office.post("products/ajax/update/", id=product.id, version=1, selling_price="900", is_confirmed="y")

    assert asked.json == {"doubts": ["The new price is more than ten times the old one."]}
    assert done.json["text"] == "€900.00"


def test_a_product_with_movements_is_archived_not_deleted(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = new_product(app, shop, on_hand=5)

    office.post("products/delete/", id=product.id)
    said = office.said()
    office.post("products/archive/", id=product.id, version=1)

    assert "archive it instead" in said
    assert stored(app, product.id).is_archived is True
    assert product.name not in office.page("products/")
    assert product.name in office.page("products/", flt4_state="1")


def test_a_product_nobody_ever_sold_is_deleted_and_audited(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = new_product(app, shop)

    office.post("products/delete/", id=product.id)

    with writing(app) as session:
        assert session.get(Product, product.id) is None
        assert session.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "product")).all() == [
            "product.deleted"
        ]
