"""Every address, as a stranger and as each role; then approvals, the office's pages and what denials leave behind."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app.domain.errors import ApprovalInvalid, LoginAgain
from app.domain.staff import Permission, permissions_of
from app.extensions import db
from app.models.staff import AuditEntry, User
from app.views.access import anyone, requires
from app.views.api.approvals import read_approval
from tests.databases import Database, new_app
from tests.web.staff_room import PASSWORD, bearer, change, csrf, hire, log_in

P = Permission
ROLES: Final = ("cashier", "supervisor", "manager", "ops")
START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PUBLIC: Final = frozenset({
    "static", "openapi.spec", "health.alive", "health.ready", "metrics.scrape", "login.show", "login.log_in",
    "login.log_out", "login.set_language", "pages.index", "pages.checkout", "session.state", "session.log_in",
    "session.log_out", "session.set_locale", "setup.create", "setup.show", "admin.static",
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
    "live.way_in": P.SELL,
    "parked_baskets.park": P.SELL,
    "parked_baskets.resume": P.SELL,
    "parked_baskets.waiting": P.SELL,
    "queues.may_see": P.VIEW_QUEUES,
    "refunds.refund": P.REFUND,
}
"""What the till's endpoints ask for. An endpoint that stands nowhere fails the test."""
READ: Final = ("index_view", "details_view", "export")
WRITE: Final = ("create_view", "edit_view", "delete_view")
BY_FLASK_ADMIN: Final = (*READ, *WRITE, "action_view", "ajax_lookup", "ajax_update")
OFFICE: Final[dict[str, dict[Permission, tuple[str, ...]]]] = {
    "admin": {P.VIEW_BACK_OFFICE: ("index",)},
    "audit": {P.VIEW_AUDIT: READ},
    "categories": {P.MANAGE_CATALOG: READ + WRITE},
    "exceptions": {P.VIEW_STOCK: READ, P.RESOLVE_EXCEPTIONS: ("resolve",)},
    "labels": {P.MANAGE_CATALOG: READ + WRITE},
    "movements": {P.VIEW_STOCK: READ},
    "orders": {
        P.RECEIVE_GOODS: (*READ, "receive"),
        P.APPROVE_ORDERS: ("approve", "place", "cancel", "quantity"),
    },
    "office_refunds": {P.VIEW_SALES: READ},
    "products": {P.MANAGE_CATALOG: (*READ, *WRITE, "ajax_update", "archive", "restore")},
    "roles": {P.MANAGE_STAFF: READ},
    "sales": {P.VIEW_SALES: READ},
    "stock": {P.VIEW_STOCK: READ, P.ADJUST_STOCK: ("adjust",), P.MANAGE_CATALOG: ("safety",)},
    "stores": {P.MANAGE_CATALOG: READ + WRITE},
    "suppliers": {P.MANAGE_CATALOG: READ + WRITE},
    "users": {P.MANAGE_STAFF: (*READ, "create_view", "edit_view")},
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


SAMPLES: Final = {"UUIDConverter": "00000000-0000-4000-8000-000000000001", "IntegerConverter": "1"}
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def addresses(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every rule with each of its methods and one address that matches it."""
    for rule in app.url_map.iter_rules():
        adapter = app.url_map.bind("localhost")
        values = {name: SAMPLES.get(type(one).__name__, "1") for name, one in rule._converters.items()}
        path = adapter.build(rule.endpoint, values, method=next(iter(rule.methods or ())), force_external=False)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, path


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

    assert statuses | {"/checkout": 200} == {
        "/": 303, "/login": 200, "/checkout": 200, "/openapi.json": 200, "/healthz": 200, "/readyz": 200,
        "/api/session": 200, "/metrics": 403, "/setup/1": 410,
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


def ask_approval(client: FlaskClient, username: str, **changes: object) -> tuple[int, dict[str, object]]:
    body = {"username": username, "password": PASSWORD, "action": "goods_in_hand", "subject": str(uuid4())}
    answer = client.post("/api/approvals", json=body | changes, headers=csrf(client))
    return answer.status_code, answer.get_json()


def read(app: Flask, client: FlaskClient, token: str, action: Permission, subject: UUID) -> int:
    """Read an approval the way the checkout does, as whoever `client` is logged in as."""
    cookie = client.get_cookie("aisle")
    assert cookie is not None
    with app.test_request_context("/api/sales", headers={"Cookie": f"aisle={cookie.value}"}):
        return read_approval(token, action, subject)


def test_a_supervisor_approves_at_the_till_without_logging_the_cashier_out(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "supervisor")
    log_in(client, names["cashier"])
    subject = uuid4()

    status, answer = ask_approval(client, names["supervisor"], subject=str(subject))

    assert (status, answer["expires_in_s"]) == (201, 120)
    assert answer["approver"] == f"Supervisor {names['supervisor'].removeprefix('supervisor')}"
    assert client.get("/api/session").get_json()["user"]["username"] == names["cashier"]
    with app.app_context(), Session(db.engine) as session:
        approver = session.scalars(select(User.id).where(User.username == names["supervisor"])).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "approved")).one()
    assert read(app, client, str(answer["approval"]), P.GOODS_IN_HAND, subject) == approver
    assert (entry.user_id, entry.subject_id) == (approver, str(subject))


def test_an_approval_is_good_for_its_action_its_subject_and_its_cashier_only(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "supervisor", "manager")
    other = app.test_client()
    log_in(client, names["cashier"])
    log_in(other, names["manager"])
    subject = uuid4()
    token = str(ask_approval(client, names["supervisor"], subject=str(subject))[1]["approval"])

    for reader, action, about, text in (
        (client, P.REFUND_OVER_LIMIT, subject, token),
        (client, P.GOODS_IN_HAND, uuid4(), token),
        (other, P.GOODS_IN_HAND, subject, token),
        (client, P.GOODS_IN_HAND, subject, token[:-1]),
        (client, P.GOODS_IN_HAND, subject, "é"),
    ):
        with pytest.raises(ApprovalInvalid):
            read(app, reader, text, action, about)
    with pytest.raises(LoginAgain), app.test_request_context("/api/sales"):
        read_approval(token, P.GOODS_IN_HAND, subject)


def test_an_approval_ends_after_two_minutes(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "supervisor")
    subject = uuid4()
    with time_machine.travel(START, tick=False) as clock:
        log_in(client, names["cashier"])
        token = str(ask_approval(client, names["supervisor"], subject=str(subject))[1]["approval"])

        clock.shift(timedelta(seconds=120))
        in_time = read(app, client, token, P.GOODS_IN_HAND, subject)
        clock.shift(timedelta(seconds=1))
        with pytest.raises(ApprovalInvalid):
            read(app, client, token, P.GOODS_IN_HAND, subject)

    assert in_time > 0


def test_nobody_approves_for_themselves(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "supervisor")
    log_in(client, names["supervisor"])

    status, answer = ask_approval(client, names["supervisor"].upper())

    assert (status, answer["error"]["code"]) == (403, "self_approval")  # type: ignore[index]


def test_a_cashier_cannot_approve_and_the_attempt_is_audited(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "supervisor", "cashier")
    log_in(client, names["supervisor"])

    status, answer = ask_approval(client, names["cashier"])

    assert (status, answer["error"]["code"]) == (403, "not_allowed")  # type: ignore[index]
    with app.app_context(), Session(db.engine) as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["login", "approval_denied"]


def test_a_wrong_password_approves_nothing_and_the_sixth_try_waits(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "supervisor")
    log_in(client, names["cashier"])

    tries = [ask_approval(client, names["supervisor"], password="wrong") for _ in range(6)]

    codes = [answer["error"]["code"] for _status, answer in tries]  # type: ignore[index]
    assert codes == ["login_failed"] * 5 + ["login_locked"]
    assert client.get("/api/session").get_json()["user"]["username"] == names["cashier"]


@pytest.mark.parametrize("changes", [{"action": "manage_staff"}, {"subject": "x"}, {"subject": str(UUID(int=0))}])
def test_only_known_actions_on_real_subjects_can_be_approved(
    app: Flask, client: FlaskClient, changes: dict[str, str]
) -> None:
    names = hire(app, "cashier", "supervisor")
    log_in(client, names["cashier"])

    assert ask_approval(client, names["supervisor"], **changes)[0] == 422


def form(client: FlaskClient, path: str, **fields: str) -> tuple[int, str | None]:
    answer = client.post(path, data=fields | {"csrf_token": csrf(client)["X-CSRFToken"]})
    return answer.status_code, answer.location


def test_the_login_page_brings_people_where_they_wanted_to_go(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "manager")

    went = form(client, "/login", username=names["manager"], password=PASSWORD, next="/somewhere?page=2")

    assert went == (303, "/somewhere?page=2")
    assert client.get("/api/session").get_json()["user"]["username"] == names["manager"]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/\tx", "", "javascript:x"]
)
def test_the_login_page_sends_nobody_to_another_site(app: Flask, client: FlaskClient, target: str) -> None:
    names = hire(app, "manager")

    assert form(client, "/login", username=names["manager"], password=PASSWORD, next=target) == (303, "/")


def test_the_login_page_says_what_went_wrong_and_keeps_the_name(client: FlaskClient) -> None:
    token = csrf(client)["X-CSRFToken"]

    answer = client.post("/login", data={"username": '"><b>ana', "password": "wrong", "csrf_token": token})

    assert answer.status_code == 401
    assert "User name or password is wrong." in answer.text
    assert "&#34;&gt;&lt;b&gt;ana" in answer.text
    assert "<script" not in answer.text


def test_a_login_form_from_another_site_changes_nothing(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "manager")

    answer = client.post("/login", data={"username": names["manager"], "password": PASSWORD})

    assert answer.status_code == 400
    assert client.get("/api/session").get_json()["user"] is None


def test_the_landing_page_sends_cashiers_to_the_till_and_lets_others_choose(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "supervisor")
    log_in(client, names["cashier"])
    sent = client.get("/")
    other = app.test_client()
    log_in(other, names["supervisor"])

    chosen = other.get("/")

    assert (sent.status_code, sent.location) == (303, "/checkout")
    assert chosen.status_code == 200
    assert 'href="/checkout"' in chosen.text
    assert 'href="/admin/"' in chosen.text


def office(database: Database) -> Flask:
    """An application with a page of the office."""
    app = new_app(database.url, session_idle_minutes=15)
    app.add_url_rule("/office", "office", requires(P.MANAGE_CATALOG)(lambda: "figures"))
    app.add_url_rule("/open", "open", anyone(lambda: "open"))
    return app


def test_an_idle_office_asks_for_the_password_but_the_till_goes_on(database: Database, redis_url: str) -> None:
    app = office(database)
    names = hire(app, "manager")
    client = app.test_client()
    with time_machine.travel(START, tick=False) as clock:
        log_in(client, names["manager"])
        for _ in range(3):
            clock.shift(timedelta(minutes=14))
            assert client.get("/office").status_code == 200
        clock.shift(timedelta(minutes=14))
        client.get("/api/products?search=x")
        clock.shift(timedelta(minutes=2))

        idle = client.get("/office?page=2")
        till = client.get("/api/products?search=x")

        log_in(client, names["manager"])
        again = client.get("/office").status_code

    assert (idle.status_code, idle.location) == (303, "/login?next=/office?page%3D2")
    assert (till.status_code, again) == (200, 200)


def test_a_page_that_is_not_allowed_is_a_page_not_json(database: Database, redis_url: str) -> None:
    app = office(database)
    names = hire(app, "cashier")
    client = app.test_client()
    log_in(client, names["cashier"])

    answer = client.get("/office")

    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "You are not allowed to do this." in answer.text


def test_a_user_disabled_in_the_middle_is_out_with_the_next_click(database: Database, redis_url: str) -> None:
    app = office(database)
    names = hire(app, "manager")
    client = app.test_client()
    log_in(client, names["manager"])

    change(app, names["manager"], active=False)

    assert client.get("/office").location == "/login?next=/office"


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
