"""Bad input in the back office, rows 54 to 62 and 72 of docs/bad-input.md: named at its field, in both languages."""

import re
from typing import Any, Final

import pytest
from flask import Flask

from tests import factories
from tests.web.office import Office, sit_down, writing
from tests.web.refusals import CHINESE, content

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ERROR: Final = re.compile(r'<p class="error"[^>]*>(.*?)</p>', re.S)
NEGATIVE: Final = "This cannot be negative."
Fields = dict[str, Any]


def product(shop: Any, **changes: Any) -> Fields:
    return {
        "name": "Milk", "sku": "M1", "barcode": "", "category_id": 1, "supplier_id": "", "selling_price": "1.29",
        "purchase_price": "0.80", "unit": "piece", "safety_stock": "0", "pack_size": "1", "shortage_policy": "",
        "is_stocked": "y", "version": "0",
    } | changes  # fmt: skip


def supplier(shop: Any, **changes: Any) -> Fields:
    return {"name": "Dairy", "lead_time_days": "2", "is_active": "y"} | changes


def store(shop: Any, **changes: Any) -> Fields:
    return {
        "code": "Z1", "name": "North", "kind": "shop", "currency": "EUR", "time_zone": "UTC",
        "shortage_policy": "block", "refund_limit": "50", "count_limit": "500", "is_active": "y",
    } | changes  # fmt: skip


def label(shop: Any, **changes: Any) -> Fields:
    return {"prefix": "21", "item_digits": "5", "value": "weight", "value_decimals": "3"} | changes


def user(shop: Any, **changes: Any) -> Fields:
    return {
        "username": "mia", "display_name": "Mia", "password": "correct horse battery", "store_id": shop.store_id,
        "roles": ["cashier"], "is_active": "y",
    } | changes  # fmt: skip


FORMS: Final = {"products": product, "suppliers": supplier, "stores": store, "labels": label, "users": user}
BAD: Final[list[tuple[str, Fields, str]]] = [
    ("products", {"safety_stock": "-5"}, NEGATIVE),
    ("products", {"safety_stock": "many"}, "“many” is not a number."),
    ("products", {"safety_stock": "1e400"}, "“1e400” is not a number."),
    ("products", {"safety_stock": "99999999"}, "At most"),
    ("products", {"safety_stock": "0.5"}, "Pieces must be whole."),
    ("products", {"selling_price": "0"}, "This must be more than zero"),
    ("products", {"selling_price": "free"}, "“free” is not an amount"),
    ("products", {"selling_price": "NaN"}, "“NaN” is not an amount"),
    ("products", {"selling_price": "1e9"}, "“1e9” is not an amount"),
    ("products", {"selling_price": "9" * 30}, "At most"),
    ("products", {"purchase_price": "-1"}, NEGATIVE),
    ("products", {"pack_size": "0"}, "This must be more than zero"),
    ("products", {"barcode": "4006381333932"}, "The check digit is wrong"),
    ("products", {"name": ""}, "This field is required."),
    ("products", {"name": "x" * 5_000}, "cannot be longer than"),
    ("products", {"category_id": "4711"}, "Please choose one of the list."),
    ("suppliers", {"lead_time_days": "-1"}, "between 0 and 365"),
    ("suppliers", {"lead_time_days": ""}, "This field is required."),
    ("suppliers", {"lead_time_days": "soon"}, "Not a valid integer value."),
    ("suppliers", {"name": " "}, "This field is required."),
    ("suppliers", {"email": "nobody"}, "This is not an e-mail address."),
    ("stores", {"code": "lower case"}, "Only capital letters and digits, one to eight of them."),
    ("stores", {"time_zone": "Mars/Base"}, "There is no such time zone."),
    ("stores", {"refund_limit": "-1"}, NEGATIVE),
    ("labels", {"prefix": "30"}, "A prefix begins with 20 to 29 and has at most four digits."),
    ("labels", {"item_digits": "x"}, "Not a valid integer value."),
    ("users", {"username": "ана"}, "A user name has 1 to 64"),
    ("users", {"password": "short"}, "The password is too easy to guess"),
    ("users", {"password": "passwordpassword"}, "The password is too easy to guess"),
    ("users", {"password": "p" * 129}, "The password is too easy to guess"),
    ("users", {"store_id": "999"}, "Please choose one of the list."),
]


@pytest.mark.parametrize(("page", "changes", "said"), BAD, ids=range(len(BAD)))
def test_a_bad_field_is_named_in_both_languages_and_nothing_is_stored(
    app: Flask, page: str, changes: Fields, said: str
) -> None:
    office, shop = sit_down(app)
    with writing(app) as session:
        factories.make_category(session)
    fields, before = FORMS[page](shop, **changes), content(app)

    english, chinese = (send(office, f"{page}/new/", language, fields) for language in ("en", "zh-CN"))

    assert (english[0], chinese[0]) == (422, 422)
    assert [text for text in english[1] if said in text], english[1]
    assert len(english[1]) == len(chinese[1])
    assert [text for text in chinese[1] if not CHINESE.search(text)] == []
    assert content(app) == before


def send(office: Office, path: str, language: str, fields: Fields) -> tuple[int, list[str]]:
    """Status, and what stands at the fields."""
    answer = office.client.post(
        f"/admin/{path}", data={"csrf_token": office.token} | fields, headers={"Accept-Language": language}
    )
    assert "Traceback" not in answer.text
    return answer.status_code, ERROR.findall(answer.text)


PAGES: Final = ("products", "users", "sales", "movements", "stock", "orders", "audit", "office_refunds")
FORGED: Final[list[dict[str, str]]] = [
    {"sort": "password_hash"}, {"sort": "-1"}, {"sort": "1e9"}, {"page": "-1"}, {"page": "x"},
    {"page_size": "1000000000"}, {"page_size": "-5"}, {"search": "%_" * 5_000}, {"search": "' OR 1=1 --"},
    {"flt0_1": "' OR 1=1 --"}, {"flt0_since": "2026-02-30"}, {"flt0_since": "2026-03-02", "flt1_until": "2026-03-01"},
    {"flt0_since": "0001-01-01"}, {"flt0_since": "9999-12-31"}, {"flt0_99": "x"},
]  # fmt: skip


@pytest.mark.parametrize("query", FORGED, ids=str)
def test_a_forged_list_shows_at_most_a_page_and_changes_nothing(app: Flask, query: dict[str, str]) -> None:
    office, _shop = sit_down(app)
    before = content(app)

    for page in PAGES:
        path = "refunds" if page == "office_refunds" else page
        answer = office.get(f"{path}/", **query)

        assert answer.status_code == 200
        assert answer.text.count("<tr") <= 102
        assert not re.search(r"Traceback|sqlalchemy|argon2id", answer.text)
    assert content(app) == before


@pytest.mark.parametrize("key", ["0", "-1", "x", "9" * 40, "1,2", "' OR 1=1", ""])
@pytest.mark.parametrize(
    "page", ["products/edit/", "products/details/", "users/edit/", "sales/details/", "stock/details/"]
)
def test_a_row_that_is_not_there_is_no_error_of_ours(app: Flask, page: str, key: str) -> None:
    office, _shop = sit_down(app)

    answer = office.get(page, id=key)

    assert answer.status_code in (302, 403, 404)
    assert "Traceback" not in answer.text
