"""What pages of the back office say, ask and leave unsaid."""

from typing import Any

import pytest
from flask import Flask, get_flashed_messages
from sqlalchemy import insert

from app.clock import utc_now
from app.domain.staff import Permission
from app.extensions import db
from app.models.catalog import Category
from app.services import audit
from app.views.admin.staff import PERMISSION_WORDS
from tests import factories
from tests.web.office import Office, counted_queries, sit_down, writing

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def pages(app: Flask) -> list[Any]:
    """The views of the back office."""
    return list(app.extensions["admin"][0]._views)


def test_long_tables_are_never_searched_in_the_middle_of_words(app: Flask) -> None:
    office, _shop = sit_down(app)

    with counted_queries(app) as sent:
        for path in ("movements/", "sales/", "refunds/", "audit/"):
            office.page(path, search="1234")

    assert [statement for statement in sent if "LIKE" in statement.upper()] == []
    assert len(sent) >= 4


def test_wildcards_in_a_search_are_letters(app: Flask) -> None:
    office, _shop = sit_down(app)

    assert "Nothing to show." in office.page("suppliers/", search="%")


def test_a_conflict_in_the_database_is_said_without_its_words(app: Flask) -> None:
    _office, shop = sit_down(app)
    page = next(page for page in pages(app) if page.endpoint == "categories")
    with writing(app) as session:
        factories.make_category(session, "Dairy")

    with app.test_request_context():
        done = page.attempt(lambda session: session.execute(insert(Category).values(name="Dairy")))
        page.handle_view_exception(RuntimeError("categories.name"))
        said = get_flashed_messages()

    assert done is None
    assert said == ["Something like this exists already, or it is in use. Nothing was changed."] * 2
    assert shop.store_id


def test_what_is_in_use_is_not_deleted_and_says_so_in_human_words(app: Flask) -> None:
    office, shop = sit_down(app)
    with writing(app) as session:
        supplier = factories.make_supplier(session)
        product = factories.make_product(session, shop, supplier_id=supplier.id)

    said = []
    for path, key in (("categories", product.category_id), ("suppliers", supplier.id), ("stores", shop.store_id)):
        office.post(f"{path}/delete/", id=key)
        said.append(office.said())

    assert said == [
        "Products still belong to this category: move them first.",
        "Products or orders still name this supplier: make it inactive instead.",
        "This store has stock, sales or staff: make it inactive instead.",
    ]
    with app.app_context():
        assert db.session.get(Category, product.category_id) is not None


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("suppliers", {"name": "S", "lead_time_days": "-1"}, "between 0 and 365"),
        ("suppliers", {"name": "S", "lead_time_days": ""}, "This field is required."),
        ("suppliers", {"name": " ", "lead_time_days": "1"}, "This field is required."),
        ("categories", {"name": "Groceries"}, "Already used by “Groceries”."),
        ("stores", {"code": "lower", "name": "x", "currency": "EUR", "time_zone": "UTC", "kind": "shop",
                    "shortage_policy": "block", "refund_limit": "1", "count_limit": "1"},
         "Only capital letters and digits, one to eight of them."),
        ("stores", {"code": "Z1", "name": "x", "currency": "€", "time_zone": "Mars/Base", "kind": "shop",
                    "shortage_policy": "block", "refund_limit": "1", "count_limit": "1"},
         "There is no such time zone."),
        ("tills", {"till": "no blank", "store_id": "1"}, "Letters and digits."),
        ("labels", {"prefix": "30", "item_digits": "5", "value": "weight", "value_decimals": "3"},
         "A prefix begins with 20 to 29 and has at most four digits."),
        ("labels", {"prefix": "21", "item_digits": "8", "value": "price", "value_decimals": "2",
                    "has_verifier": "y"}, "The value must be left 1 to 8 digits"),
    ],
)  # fmt: skip
def test_bad_master_data_is_named_at_its_field(app: Flask, path: str, fields: dict[str, str], said: str) -> None:
    office, _shop = sit_down(app)
    with writing(app) as session:
        factories.make_category(session)

    answer = office.post(f"{path}/new/", **fields)

    assert answer.status_code == 422
    assert said in answer.text


def test_the_menu_shows_what_the_user_may_open(app: Flask) -> None:
    supervisor, _shop = sit_down(app, "supervisor")
    ops, _shop = sit_down(app, "ops")

    def names(office: Office) -> list[str]:
        page = office.page("")
        return [name for name in ("/products/", "/sales/", "/stock/", "/orders/", "/users/", "/audit/") if name in page]

    assert names(supervisor) == ["/sales/", "/stock/", "/orders/"]
    assert names(ops) == []


def test_pages_carry_no_inline_script(app: Flask) -> None:
    office, _shop = sit_down(app)

    answer = office.get("products/")

    assert "<script>" not in answer.text
    assert "onclick" not in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_form_that_is_not_right_says_where_to_look(app: Flask) -> None:
    office, _shop = sit_down(app)

    answer = office.post("suppliers/new/", name="")

    assert answer.status_code == 422
    assert "please look at the fields marked in red" in answer.text
    assert "Failed to create record" not in answer.text


def test_the_page_of_roles_has_human_words_for_every_permission(app: Flask) -> None:
    office, _shop = sit_down(app)

    page = office.page("roles/")

    assert set(PERMISSION_WORDS) == set(Permission)
    assert [one for one in Permission if "_" in one and f">{one}<" in page] == []
    assert all(str(word) in page for word in PERMISSION_WORDS.values())


def test_an_entry_of_the_audit_log_without_details_shows_a_dash(app: Flask) -> None:
    office, _shop = sit_down(app)
    with writing(app) as session:
        audit.record(session, user_id=None, action="stock.verify", subject_kind="stock", now=utc_now())

    page = office.page("audit/")

    assert "<code>stock.verify</code>" in page
    assert '<td data-label="Details" class="">—</td>' in page
    assert '<span class="raw"></span>' not in page
