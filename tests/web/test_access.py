"""Every address, as a stranger and as each role, and what denials leave behind."""

from typing import Final

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.staff import Permission, permissions_of
from app.extensions import db
from app.models.staff import AuditEntry, User
from tests.databases import Database, new_app
from tests.web.staff_room import bearer, hire
from tests.web.walk import addresses

P = Permission
ROLES: Final = ("cashier", "supervisor", "manager", "ops")
PUBLIC: Final = frozenset({
    "static", "openapi.spec", "health.alive", "health.ready", "metrics.scrape", "login.show", "login.log_in",
    "login.log_in_with_code", "login.log_out", "login.set_language", "pages.index", "pages.checkout", "session.state",
    "session.log_in", "session.log_out", "session.set_locale", "setup.create", "setup.show", "admin.static",
    "phone.show", "phone.manifest", "phone.worker", "tills.enrol",
})  # fmt: skip
"""For everybody: they say nothing of the shop, or ask for a login by themselves."""
NEEDED: Final[dict[str, Permission]] = {
    "approvals.approve": P.SELL,
    "catalog.availability": P.SELL,
    "catalog.by_barcode": P.SELL,
    "catalog.search": P.SELL,
    "checkout.price_basket": P.SELL,
    "checkout.receipt": P.SELL,
    "checkout.reprint": P.SELL,
    "checkout.ring_up": P.SELL,
    "checkout.sales": P.SELL,
    "counter_devices.again": P.SELL,
    "counter_devices.ask": P.SELL,
    "counter_devices.counter": P.SELL,
    "counter_devices.job": P.SELL,
    "counter_devices.open_drawer": P.SELL,
    "counter_devices.weigh": P.SELL,
    "live.way_in": P.SELL,
    "devices.decode": P.SELL,
    "parked_baskets.park": P.SELL,
    "parked_baskets.resume": P.SELL,
    "parked_baskets.waiting": P.SELL,
    "queues.may_see": P.VIEW_QUEUES,
    "refunds.refund": P.REFUND,
    "look_up.show": P.VIEW_STOCK,
    "purchase_orders.approve": P.APPROVE_ORDERS,
    "purchase_orders.change_line": P.APPROVE_ORDERS,
    "purchase_orders.orders": P.RECEIVE_GOODS,
    "purchase_orders.place": P.APPROVE_ORDERS,
    "purchase_orders.receive": P.RECEIVE_GOODS,
    "purchase_orders.show": P.RECEIVE_GOODS,
    "shelf_checks.answered": P.COUNT_STOCK,
    "shelf_checks.listed": P.VIEW_STOCK,
    "stocktake_proposals.proposals": P.COUNT_STOCK,
    "stocktakes.approve": P.APPROVE_COUNTS,
    "stocktakes.cancel": P.APPROVE_COUNTS,
    "stocktakes.close": P.COUNT_STOCK,
    "stocktakes.count": P.COUNT_STOCK,
    "stocktakes.open_session": P.COUNT_STOCK,
    "stocktakes.sessions": P.COUNT_STOCK,
    "stocktake_areas.areas": P.COUNT_STOCK,
    "stocktakes.show": P.COUNT_STOCK,
    "dashboard.file": P.VIEW_REPORTS,
    "dashboard.page": P.VIEW_REPORTS,
    "reports.cashiers": P.VIEW_REPORTS,
    "reports.categories": P.VIEW_REPORTS,
    "reports.expiring": P.VIEW_REPORTS,
    "reports.hours": P.VIEW_REPORTS,
    "reports.product": P.VIEW_REPORTS,
    "reports.products": P.VIEW_REPORTS,
    "reports.shrinkage": P.VIEW_REPORTS,
    "reports.stock": P.VIEW_REPORTS,
    "reports.today": P.VIEW_REPORTS,
}
"""What the till's endpoints ask for. An endpoint that stands nowhere fails the test."""
READ: Final = ("index_view", "details_view", "export")
WRITE: Final = ("create_view", "edit_view", "delete_view")
BY_FLASK_ADMIN: Final = (*READ, *WRITE, "action_view", "ajax_lookup", "ajax_update")
OFFICE: Final[dict[str, dict[Permission, tuple[str, ...]]]] = {
    "account": {
        P.VIEW_BACK_OFFICE: ("index", "start", "confirm", "turn_off", "recovery_codes", "log_out_elsewhere"),
    },
    "admin": {P.VIEW_BACK_OFFICE: ("index",)},
    "audit": {P.VIEW_AUDIT: READ},
    "categories": {P.MANAGE_CATALOG: READ + WRITE},
    "forecast_runs": {P.VIEW_REPORTS: READ},
    "counts": {P.VIEW_STOCK: READ, P.COUNT_STOCK: ("close",), P.APPROVE_COUNTS: ("approve", "cancel")},
    "enrolled_tills": {P.MANAGE_STAFF: (*READ, "create_view", "delete_view")},
    "exceptions": {P.VIEW_STOCK: READ, P.RESOLVE_EXCEPTIONS: ("resolve",)},
    "labels": {P.MANAGE_CATALOG: READ + WRITE},
    "label_batches": {P.PRINT_LABELS: (*READ, "as_pdf")},
    "label_flags": {P.PRINT_LABELS: (*READ, "delete_view", "print_labels", "add", "weigh")},
    "print_jobs": {P.VIEW_SALES: (*READ, "again", "was_printed", "give_up")},
    "printers": {P.MANAGE_DEVICES: (*READ, *WRITE, "test")},
    "scales": {P.MANAGE_DEVICES: (*READ, *WRITE, "test")},
    "movements": {P.VIEW_STOCK: READ},
    "orders": {
        P.RECEIVE_GOODS: (*READ, "receive"),
        P.APPROVE_ORDERS: ("approve", "place", "cancel", "quantity"),
    },
    "office_refunds": {P.VIEW_SALES: READ},
    "office_shelf_checks": {P.VIEW_STOCK: READ, P.COUNT_STOCK: ("answer",)},
    "order_edits": {P.VIEW_REPORTS: ("index",)},
    "products": {P.MANAGE_CATALOG: (*READ, *WRITE, "ajax_update", "archive", "restore")},
    "roles": {P.MANAGE_STAFF: READ},
    "sales": {P.VIEW_SALES: READ},
    "stock": {P.VIEW_STOCK: READ, P.ADJUST_STOCK: ("adjust",), P.MANAGE_CATALOG: ("safety",)},
    "stores": {P.MANAGE_CATALOG: READ + WRITE},
    "suppliers": {P.MANAGE_CATALOG: READ + WRITE},
    "what_if": {P.VIEW_REPORTS: ("index", "ask", "show")},
    "users": {
        P.MANAGE_STAFF: (*READ, "create_view", "edit_view", "reset_second_factor", "unlock", "log_out_everywhere"),
    },
}
"""What the pages of the office ask for. What Flask-Admin adds to a page and is not named here is for nobody."""


def needed() -> dict[str, Permission | None]:
    """What each endpoint asks for; None: nobody may."""
    for_nobody = {f"{page}.{method}": None for page in OFFICE for method in BY_FLASK_ADMIN}
    in_office = {
        f"{page}.{method}": permission
        for page, methods_by_permission in OFFICE.items()
        for permission, methods in methods_by_permission.items()
        for method in methods
    }
    return for_nobody | in_office | NEEDED


pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_every_endpoint_says_who_may_use_it(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    said = PUBLIC | needed().keys()

    assert endpoints - said == set()
    assert {one for one in said - endpoints if needed().get(one, "public") is not None} == set()


def test_a_stranger_gets_nowhere_but_to_the_public_addresses(app: Flask, client: FlaskClient) -> None:
    wrong = []
    for rule, method, path in addresses(app):
        if rule.endpoint in PUBLIC:
            continue
        answer = client.open(path, method=method)
        expected = (401, None) if path.startswith("/api/") else (303, "/login")
        found = (answer.status_code, (answer.location or "").partition("?")[0] or None)
        if found != expected:
            wrong.append((rule.endpoint, method, found))

    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_where_its_permissions_reach_and_nowhere_else(app: Flask, role: str) -> None:
    names = hire(app, role)
    program = app.test_client(use_cookies=False)
    token = bearer(program, names[role])
    table = needed()
    wrong = []
    for rule, method, path in addresses(app):
        if rule.endpoint in PUBLIC:
            continue
        answer = program.open(path, method=method, headers=token)
        is_let_in = answer.status_code not in (401, 403, 500, 501) and answer.location != "/login"
        may = table[rule.endpoint] in permissions_of([role])
        if is_let_in != may or (not may and answer.status_code != 403):
            wrong.append((rule.endpoint, method, answer.status_code, may))

    assert wrong == []


def test_the_public_addresses_answer_strangers(app: Flask, client: FlaskClient) -> None:
    statuses = {
        path: client.get(path).status_code
        for rule, method, path in addresses(app)
        if rule.endpoint in PUBLIC and method == "GET" and not rule.endpoint.endswith("static")
    }

    built = {"/checkout": 200, "/phone": 200, "/phone/sw.js": 200}
    assert statuses | built == {
        "/": 303, "/login": 200, "/checkout": 200, "/openapi.json": 200, "/healthz": 200, "/readyz": 200,
        "/api/session": 200, "/metrics": 403, "/setup/1": 410, "/phone": 200, "/phone/sw.js": 200,
        "/phone/manifest.webmanifest": 200,
    }  # fmt: skip


def test_a_view_that_names_no_permission_is_closed_to_managers_too(database: Database, redis_url: str) -> None:
    app = new_app(database.url)
    app.add_url_rule("/api/forgotten", "forgotten", lambda: "secret")
    names = hire(app, "manager")
    program = app.test_client(use_cookies=False)

    as_manager = program.get("/api/forgotten", headers=bearer(program, names["manager"]))
    as_stranger = program.get("/api/forgotten")

    assert (as_manager.status_code, as_stranger.status_code) == (403, 401)


def test_a_denial_names_the_code_and_is_audited(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "ops")
    token = bearer(client, names["ops"])

    answer = client.get("/api/products?search=milk", headers=token)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "not_allowed")
    with app.app_context(), Session(db.engine) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "denied")).one()
        user = session.get_one(User, entry.user_id)
    assert (user.username, entry.subject_id) == (names["ops"], "/api/products")
    assert entry.details == {"permission": "sell", "method": "GET"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/static/../config.py", 404),
        ("GET", "/static/%2e%2e/config.py", 404),
        ("GET", "/static/x%00.css", 404),
        ("GET", "/api/sales/%00", 404),
        ("BREW", "/login", 405),
        ("PUT", "/login", 405),
    ],
)
def test_odd_addresses_and_methods_are_refused_without_a_trace(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)

    assert answer.status_code == status
    assert "Traceback" not in answer.text
