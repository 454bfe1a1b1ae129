"""What Flask-Admin leaves open stays closed: rights, tokens, other stores, the address line, the words of errors."""

from typing import Any, Final

import pytest
from flask import Flask

from app.domain.staff import Permission, permissions_of
from app.models.checkout import Sale
from app.models.replenishment import ReplenishmentOrder
from app.models.stock import StockException
from app.services import checkout, stock_exceptions
from app.views.admin.base import Page
from app.views.admin.lists import ModelPage
from tests import factories
from tests.factories import NOON, Shop
from tests.web.office import Office, open_shop, sit_down, writing

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ROLES: Final = ("cashier", "supervisor", "manager", "ops")
FORMS: Final[dict[str, set[str]]] = {
    "categories": {"name", "service_level"},
    "labels": {"prefix", "item_digits", "value", "value_decimals", "has_verifier"},
    "printers": {
        "name", "store_id", "till", "address", "columns_per_line", "locale", "footer", "logo_file", "without_logo",
        "has_drawer", "is_automatic", "is_active",
    },
    "products": {
        "name", "sku", "barcode", "category_id", "supplier_id", "selling_price", "purchase_price", "unit",
        "safety_stock", "pack_size", "minimum_order", "shelf_life_days", "brand", "net_quantity", "shelf", "plu",
        "shortage_policy", "is_stocked", "further_barcodes", "version", "is_confirmed",
    },
    "scales": {"name", "store_id", "till", "address", "is_active"},
    "stores": {
        "code", "name", "kind", "address", "currency", "time_zone", "shortage_policy", "refund_limit",
        "count_limit", "is_active",
    },
    "suppliers": {"name", "email", "phone", "lead_time_days", "is_active"},
    "users": {"username", "display_name", "password", "one_time_pin", "store_id", "roles", "is_active"},
    "enrolled_tills": {"till", "store_id"},
}  # fmt: skip
"""Every field somebody can fill in; pages that stand nowhere have none."""


def pages(app: Flask) -> list[Any]:
    """The views of the back office."""
    return list(app.extensions["admin"][0]._views)


def rules(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of everything below /admin except files."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin") and not rule.endpoint.endswith(".static"):
            path = rule.rule.replace("<export_type>", "csv")
            found += [(rule.endpoint, method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return sorted(found)


def test_every_page_is_one_of_ours(app: Flask) -> None:
    assert [page.endpoint for page in pages(app) if not isinstance(page, Page)] == []
    assert len(pages(app)) >= 15


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_address_answers_each_role_as_its_page_says(app: Flask, role: str | None) -> None:
    held = permissions_of([role]) if role else frozenset()
    client = sit_down(app, role)[0].client if role else app.test_client()
    token = {"X-CSRFToken": client.get("/api/session").get_json()["csrf_token"]}
    by_endpoint = {page.endpoint: page for page in pages(app)}
    wrong = []

    for endpoint, method, path in rules(app):
        page, _dot, name = endpoint.rpartition(".")
        needed = by_endpoint[page].needed(name)
        may = needed in held and Permission.VIEW_BACK_OFFICE in held
        answer = client.open(path, method=method, headers=token)
        is_login = answer.status_code == 303 and str(answer.location).startswith("/login")
        is_right = is_login if role is None else (answer.status_code == 403) != may and answer.status_code < 500
        if not is_right:
            wrong.append((endpoint, method, answer.status_code))

    assert wrong == []


def test_what_nobody_named_is_closed_to_managers_too(app: Flask) -> None:
    office, _shop = sit_down(app)

    statuses = {
        office.post("categories/action/", action="delete", rowid="1").status_code,
        office.post("suppliers/ajax/update/", list_form_pk="1", name="x").status_code,
        office.get("products/ajax/lookup/", name="category", query="", limit="1000000000").status_code,
        office.post("sales/delete/", id="1").status_code,
        office.post("movements/edit/", id="1").status_code,
        office.get("users/details/", id="1").status_code,
    }

    assert statuses <= {403, 302}
    assert office.post("users/delete/", id="1").status_code == 403
    assert office.post("audit/delete/", id="1").status_code == 403


def test_no_write_is_taken_without_the_token(app: Flask) -> None:
    office, _shop = sit_down(app)

    statuses = {
        (endpoint, office.client.post(path, data={"id": "1"}).status_code)
        for endpoint, method, path in rules(app)
        if method == "POST"
    }

    assert {status for _endpoint, status in statuses} == {400}
    assert len(statuses) > 40


def test_forms_check_the_token_themselves_too(app: Flask) -> None:
    bare = [page.endpoint for page in pages(app) if isinstance(page, ModelPage) and not page.form.Meta.csrf]
    delete_forms = [page for page in pages(app) if isinstance(page, ModelPage) and not page.get_delete_form().Meta.csrf]

    assert (bare, delete_forms) == ([], [])


def test_forms_have_exactly_the_fields_people_may_fill_in(app: Flask) -> None:
    with app.test_request_context():
        found = {
            page.endpoint: {field.name for field in form()} - {"csrf_token"}
            for page in pages(app)
            if isinstance(page, ModelPage)
            for form in (page._create_form_class, page._edit_form_class)
        }

    assert {endpoint: names for endpoint, names in found.items() if names} == FORMS


def two_shops(app: Flask, role: str) -> tuple[Office, Shop, Shop]:
    office, own = sit_down(app, role)
    return office, own, open_shop(app)


def rows_of(app: Flask, shop: Shop) -> dict[str, str]:
    """One row of each kind in a shop; addresses of their pages."""
    with writing(app) as session:
        product = factories.make_product(session, shop, on_hand=5)
        checkout.ring_up(session, factories.basket(shop, (product, 1)), now=NOON)
        stock_exceptions.open_for(
            session, store_id=shop.store_id, product_id=product.id, available=0, wanted=1, now=NOON, user_id=None
        )
        supplier = factories.make_supplier(session)
        order = ReplenishmentOrder(store_id=shop.store_id, supplier_id=supplier.id, created_at=NOON)
        session.add(order)
        session.flush()
        sale = session.query(Sale).filter_by(store_id=shop.store_id).one()
        exception = session.query(StockException).filter_by(store_id=shop.store_id).one()
        return {
            "sales": str(sale.id), "exceptions": str(exception.id), "orders": str(order.id),
            "stock": f"{shop.store_id},{product.id}",
        }  # fmt: skip


def test_a_supervisor_sees_only_rows_of_the_own_store(app: Flask) -> None:
    office, own, other = two_shops(app, "supervisor")
    mine, theirs = rows_of(app, own), rows_of(app, other)

    opened = {page: office.get(f"{page}/details/", id=key).status_code for page, key in mine.items()}
    refused = {page: office.get(f"{page}/details/", id=key).status_code for page, key in theirs.items()}
    exported = {page: office.page(f"{page}/export/csv/").count("\n") - 1 for page in mine}
    steps = [
        office.post("exceptions/resolve/", id=theirs["exceptions"], note="x").status_code,
        office.get("orders/receive/", id=theirs["orders"]).status_code,
        office.post("orders/receive/", id=theirs["orders"]).status_code,
    ]

    assert set(opened.values()) == {200}
    assert set(refused.values()) == {302}
    assert set(exported.values()) == {1}
    assert f"{other.store.code}-" not in office.page("sales/")
    assert steps == [404, 404, 404]


def test_a_manager_runs_all_stores(app: Flask) -> None:
    office, own, other = two_shops(app, "manager")
    rows_of(app, own)
    theirs = rows_of(app, other)

    opened = {page: office.get(f"{page}/details/", id=key).status_code for page, key in theirs.items()}

    assert set(opened.values()) == {200}


@pytest.mark.parametrize(
    "query",
    [
        {"page": "-1"}, {"page": "999999999999"}, {"page_size": "1000000000"}, {"sort": "99"}, {"sort": "password"},
        {"sort": "-3", "desc": "7"}, {"search": "%%%%_____" * 1200}, {"search": "' OR 1=1--"}, {"search": "\0"},
        {"flt0_category": "' OR 1=1--"}, {"flt0_category": "9" * 400}, {"flt99_password": "x"}, {"flt": "x"},
        {"endpoint": "x"}, {"_scheme": "javascript", "_external": "1"}, {"url": "//evil.example"},
        {"_anchor": "x", "_method": "POST"},
    ],
    ids=str,
)  # fmt: skip
def test_a_forged_address_line_does_no_harm(app: Flask, query: dict[str, str]) -> None:
    office, shop = sit_down(app)
    with writing(app) as session:
        for _number in range(60):
            factories.make_product(session, shop)

    for path in ("products/", "users/", "sales/", "movements/", "stock/", "audit/"):
        page = office.page(path, **query)

        assert page.count("<tr>") <= 52
        assert "javascript:" not in page
        assert 'href="//evil' not in page


def test_nobody_is_sent_to_another_site_after_a_step(app: Flask) -> None:
    office, _shop = sit_down(app)
    with writing(app) as session:
        category = factories.make_category(session, "Empty")

    answer = office.post("categories/delete/", id=category.id, url="//evil.example/")

    assert answer.location == "/admin/categories/"
