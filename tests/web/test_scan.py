"""The till's API: what a code, a label or a word finds."""

import pytest
from flask import Flask
from sqlalchemy import update

from app.domain.barcode import check_digit
from app.live.news import Listener
from app.models.catalog import Product
from app.unit_of_work import unit_of_work
from app.views.api.catalog import scan_answer
from app.views.api.known_products import KNOWN, KnownProducts
from tests.factories import make_barcode, make_label_rule
from tests.web.till import Till, code, open_till, sale, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def till(app: Flask) -> Till:
    return open_till(app)


def test_upc_a_and_ean_13_find_one_product(app: Flask, till: Till) -> None:
    soup = stock(app, till.shop, barcode="00036000291452")

    found = [till.get(f"/api/products/by-barcode/{text}") for text in ("036000291452", "0036000291452")]

    assert [answer.get_json()["product"]["id"] for answer in found] == [soup.id, soup.id]
    assert [answer.get_json()["quantity"] for answer in found] == [1000, 1000]


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        ("4006381333932", 422, "barcode_check_digit"),
        ("4006381333931", 404, "unknown_barcode"),
        ("https://example.org/p/1", 422, "not_a_product_code"),
        ("%F0%9F%9B%92", 422, "not_a_product_code"),
        ("9" * 49, 422, "not_a_product_code"),
        ("0123", 404, "unknown_barcode"),
    ],
)
def test_codes_that_are_no_product_say_why(till: Till, text: str, status: int, expected: str) -> None:
    assert code(till.get(f"/api/products/by-barcode/{text}")) == (status, expected)


def test_blanks_around_a_code_are_not_remembered_as_another_code(app: Flask, till: Till) -> None:
    class AlwaysCurrent(Listener):
        is_current = True

        def start(self) -> None:
            """Hear nothing."""

    redis_url = app.config["SETTINGS"].redis_url
    app.extensions[KNOWN] = KnownProducts(60, scan_answer, lambda hear: AlwaysCurrent(redis_url, hear))
    stock(app, till.shop, sku="123", name="Milk")
    till.get("/api/products/by-barcode/123")
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Product).values(name="Cream"))

    answer = till.get(f"/api/products/by-barcode/{'%20' * 2_000}123%20")

    assert answer.get_json()["product"]["name"] == "Milk"


def test_article_numbers_are_text(app: Flask, till: Till) -> None:
    stock(app, till.shop, sku="123")
    wanted = stock(app, till.shop, sku="0123")

    assert till.get("/api/products/by-barcode/0123").get_json()["product"]["id"] == wanted.id


def test_two_products_with_one_code_ask_to_choose(app: Flask, till: Till) -> None:
    one, other = stock(app, till.shop), stock(app, till.shop)
    with app.app_context(), unit_of_work() as session:
        for product in (one, other):
            make_barcode(session, product, "04006381333931")

    answer = till.get("/api/products/by-barcode/4006381333931")
    candidates = answer.get_json()["error"]["details"]["candidates"]

    assert code(answer) == (409, "ambiguous_barcode")
    assert {candidate["id"] for candidate in candidates} == {one.id, other.id}
    assert candidates[0].keys() >= {"name", "price", "available", "unit"}


def test_an_in_store_label_is_scanned_priced_and_sold_at_its_printed_total(app: Flask, till: Till) -> None:
    with app.app_context(), unit_of_work() as session:
        make_label_rule(session, prefix="22", item_digits=5, value="price", value_decimals=2)
    ham = stock(app, till.shop, 5000, unit="kg", price=1399, plu="00042")
    label = "220004200499" + str(check_digit("220004200499"))

    scan = till.get(f"/api/products/by-barcode/{label}").get_json()
    line = {"product_id": ham.id, "quantity": scan["quantity"], "barcode": scan["barcode"]}
    priced = till.post("/api/baskets/price", {"lines": [line]}).get_json()
    sold = till.post("/api/sales", sale(lines=[line], expected_total=499, payments=[{"tender": "card", "amount": 499}]))

    assert (scan["label_total"], scan["quantity"]) == (499, 357)
    assert priced["total"] == 499
    assert sold.status_code == 201


def test_a_label_sent_with_another_weight_is_refused(app: Flask, till: Till) -> None:
    with app.app_context(), unit_of_work() as session:
        make_label_rule(session, prefix="20", item_digits=5, value="weight", value_decimals=3)
    ham = stock(app, till.shop, 5000, unit="kg", price=1399, plu="00042")
    label = "200004201234" + str(check_digit("200004201234"))

    answer = till.post("/api/baskets/price", {"lines": [{"product_id": ham.id, "quantity": 1, "barcode": label}]})

    assert code(answer) == (422, "label_mismatch")


def test_search_finds_words_codes_and_pinyin_initials(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop, name="Fresh milk 1 l", search_text="fresh milk 1 l alpine")
    tofu = stock(app, till.shop, name="豆腐", search_text="豆腐 df doufu")

    def found(words: str) -> list[int]:
        answer = till.get("/api/products", query_string={"search": words})
        return [item["id"] for item in answer.get_json()["items"]]

    assert found("milk fresh") == [milk.id]
    assert found("df") == [tofu.id]
    assert found("豆") == [tofu.id]
    assert found(milk.sku) == [milk.id]
    assert found("%") == []
    assert found("' OR 1=1 --") == []
