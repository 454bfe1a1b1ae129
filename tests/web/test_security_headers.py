"""What every answer tells the browser, how cookies travel, and whom the shop believes about addresses."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.services import checkout, stock_exceptions
from app.views.access import anyone
from tests import factories
from tests.databases import Database, new_app
from tests.factories import NOON, Shop
from tests.web.office import sit_down, writing
from tests.web.refusals import content
from tests.web.staff_room import csrf, hire, log_in
from tests.web.walk import addresses

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
FOREVER: Final = "public, max-age=31536000, immutable"
WALKERS: Final = (None, "cashier", "manager")


def walk(app: Flask, role: str | None) -> Iterator[tuple[str, TestResponse]]:
    """GET every address as somebody of `role`, in a shop where something has happened."""
    client, shop = app.test_client(), None
    if role:
        office, shop = sit_down(app, role)
        client = office.client
        happen(app, shop)
    for rule, method, path in addresses(app):
        if method == "GET":
            yield rule.endpoint, client.get(path, query_string={"id": "1"})
    yield "nowhere", client.get("/nowhere")
    yield "api nowhere", client.get("/api/nowhere")


def happen(app: Flask, shop: Shop) -> None:
    """Goods, a sale and an open exception in the shop."""
    with writing(app) as session:
        supplier = factories.make_supplier(session)
        product = factories.make_product(session, shop, on_hand=5, supplier_id=supplier.id)
        checkout.ring_up(session, factories.basket(shop, (product, 1)), now=NOON)
        stock_exceptions.open_for(
            session, store_id=shop.store_id, product_id=product.id, available=0, wanted=1, now=NOON, user_id=None
        )


def faults_of(headers: Any) -> list[str]:
    """What is missing from the headers of an answer."""
    policy = headers.get("Content-Security-Policy", "")
    wanted = {
        "scripts": "script-src 'self';" in policy and "unsafe-eval" not in policy,
        "objects": "object-src 'none'" in policy and "base-uri 'none'" in policy,
        "forms": "form-action 'self'" in policy,
        "frames": "frame-ancestors 'none'" in policy and headers.get("X-Frame-Options") == "DENY",
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": headers.get("Referrer-Policy") == "same-origin",
        "opener": headers.get("Cross-Origin-Opener-Policy") == "same-origin" or "html" not in headers["Content-Type"],
        "request id": len(headers.get("X-Request-ID", "")) == 32,
        "server": "Server" not in headers and "X-Powered-By" not in headers,
    }
    return [name for name, holds in wanted.items() if not holds]


@pytest.mark.parametrize("role", WALKERS)
def test_every_answer_carries_the_headers_and_no_page_with_data_is_kept(app: Flask, role: str | None) -> None:
    wrong = []
    for endpoint, answer in walk(app, role):
        is_file = endpoint == "static" or endpoint.endswith(".static")
        is_kept = answer.headers.get("Cache-Control") not in ("no-store", "no-store, must-revalidate")
        if faults_of(answer.headers) or (is_kept and not is_file) or answer.status_code >= 500:
            wrong.append((endpoint, answer.status_code, faults_of(answer.headers), answer.headers.get("Cache-Control")))

    assert wrong == []


@pytest.mark.parametrize("role", ["cashier", "manager"])
def test_looking_at_every_address_changes_nothing(app: Flask, role: str) -> None:
    steps = walk(app, role)
    next(steps)
    before = content(app)

    statuses = [answer.status_code for _endpoint, answer in steps]

    assert content(app) == before
    assert sum(len(rows) for rows in before.values()) >= 12
    assert statuses.count(200) >= (20 if role == "manager" else 5)


def test_every_address_that_writes_demands_the_token_of_its_page(app: Flask) -> None:
    office, _shop = sit_down(app)
    # A program that asks for a token sends no cookie, so there is nothing to forge.
    writes = [
        (rule.endpoint, method, path)
        for rule, method, path in addresses(app)
        if method not in ("GET", "TRACE") and not rule.endpoint.endswith("static")
    ]

    answers = {
        (endpoint, method): office.client.open(path, method=method, data={"id": "1"} if "/api/" not in path else None)
        for endpoint, method, path in writes
    }

    wrong = {key: answer.status_code for key, answer in answers.items() if answer.status_code != 400}
    assert wrong == {}
    assert len(answers) > 50


def test_only_files_with_a_hash_in_their_name_are_kept_for_long(client: FlaskClient, app: Flask) -> None:
    hashed = client.get("/static/dist/assets/none-12345678.js").headers["Cache-Control"]
    plain = client.get("/static/pages/pages.css").headers["Cache-Control"]

    assert (hashed, plain) == (FOREVER, "no-cache")


def test_the_camera_is_for_pages_that_scan_and_web_assembly_for_its_worker_alone(client: FlaskClient) -> None:
    paths = (
        *("/checkout", "/phone", "/phone/count", "/", "/login", "/admin/", "/phonebook"),
        *("/static/dist/assets/barcodeWorker-12345678.js", "/static/dist/assets/checkout-12345678.js"),
    )

    answers = {path: client.get(path).headers for path in paths}

    assert [path for path in paths if "camera=(self)" in answers[path]["Permissions-Policy"]] == list(paths[:3])
    assert all("camera=()" in answers[path]["Permissions-Policy"] for path in paths[3:])
    wasm = [path for path in paths if "'wasm-unsafe-eval'" in answers[path]["Content-Security-Policy"]]
    assert wasm == [paths[7]]
    assert "script-src 'self' 'wasm-unsafe-eval';" in answers[paths[7]]["Content-Security-Policy"]
    assert not any("'unsafe-eval'" in headers["Content-Security-Policy"] for headers in answers.values())


def test_over_https_browsers_are_told_to_stay_there(database: Database, redis_url: str) -> None:
    app = new_app(database.url, secure_cookies=True)

    answer = app.test_client().get("/login", base_url="https://shop.example")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31556926"
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert cookie.startswith("__Host-aisle=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))


def test_no_other_cookie_is_set_and_none_says_anything(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "manager")
    log_in(client, names["manager"])

    cookies = {cookie.key: cookie for cookie in (client._cookies or {}).values()}

    assert set(cookies) == {"aisle"}
    assert names["manager"] not in cookies["aisle"].value


def said_by(app: Flask, **headers: str) -> dict[str, Any]:
    """What the application takes for the caller's address, scheme and host."""
    return dict(app.test_client().get("/who", headers=headers).get_json())


@pytest.mark.parametrize(
    ("proxies", "believed"),
    [
        (0, {"address": "127.0.0.1", "scheme": "http", "host": "localhost"}),
        (1, {"address": "192.0.2.7", "scheme": "https", "host": "shop.example"}),
    ],
)
def test_forwarded_headers_count_only_behind_a_proxy_that_is_named(
    database: Database, redis_url: str, proxies: int, believed: dict[str, str]
) -> None:
    app = new_app(database.url, trusted_proxies=proxies)
    app.add_url_rule(
        "/who",
        "who",
        anyone(lambda: {"address": request.remote_addr, "scheme": request.scheme, "host": request.host}),
    )

    # A caller may write anything before what the proxy adds at the end.
    found = said_by(
        app,
        **{
            "X-Forwarded-For": "203.0.113.9, 192.0.2.7",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "shop.example",
        },
    )

    assert found == believed


def test_a_forged_address_does_not_escape_the_wait_after_wrong_passwords(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")
    for number in range(5):
        headers = csrf(client) | {"X-Forwarded-For": f"192.0.2.{number}"}
        client.post("/api/session", json={"username": names["cashier"], "password": "wrong"}, headers=headers)

    assert log_in(client, names["cashier"]).status_code == 429


@pytest.mark.parametrize("host", ["evil.example", "evil.example:1;script-src *", "'unsafe-inline'", "a\tb"])
def test_a_forged_host_changes_neither_redirects_nor_the_policy(client: FlaskClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    page = client.get("/login", headers={"Host": host})

    assert answer.status_code in (303, 400)
    assert answer.location in ("/login", None)
    assert "evil" not in page.text
    assert "evil" not in page.headers["Content-Security-Policy"]


def multipart(fields: int, length: int) -> bytes:
    """A form of so many fields of so many letters, as a browser would send it."""
    part = '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + "y" * length + "\r\n"
    return (part * fields + "--x--\r\n").encode()


@pytest.mark.parametrize(("fields", "length", "status"), [(1_100, 1, 413), (1, 600_000, 413), (5, 10, 422)])
def test_a_form_of_too_many_parts_or_too_much_text_is_refused(
    app: Flask, fields: int, length: int, status: int
) -> None:
    office, _shop = sit_down(app)

    answer = office.client.post(
        "/admin/categories/new/",
        data=multipart(fields, length),
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRFToken": office.token},
    )

    assert answer.status_code == status


def test_what_a_method_may_be_is_said_in_the_refusal(client: FlaskClient) -> None:
    answer = client.open("/api/session", method="TRACE")
    page = client.put("/login")

    assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (
        405,
        {"DELETE", "GET", "HEAD", "OPTIONS", "POST"},
    )
    assert (page.status_code, set(page.headers["Allow"].split(", "))) == (405, {"GET", "HEAD", "OPTIONS", "POST"})
