"""What is left out of every request changes nothing that anybody could see."""

from typing import Any

import pytest
from apiflask import APIFlask
from flask import Flask, Request
from flask.testing import FlaskClient
from werkzeug.exceptions import SecurityError
from werkzeug.routing import MapAdapter
from werkzeug.test import EnvironBuilder

from tests.web.office import counted_queries
from tests.web.till import code, open_till, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def request_for(app: Flask, path: str, **arguments: Any) -> Request:
    return app.request_class(EnvironBuilder(path, **arguments).get_environ())


def told(adapter: MapAdapter | None) -> tuple[Any, ...]:
    assert adapter is not None
    return (
        adapter.server_name, adapter.script_name, adapter.subdomain, adapter.url_scheme, adapter.path_info.lstrip("/"),
        adapter.default_method, adapter.query_args,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/api/sales", {"method": "POST"}),
        ("/checkout?a=1&b=%C3%A9", {}),
        ("//api//products", {"base_url": "https://Shop.example:8443/"}),
        ("/login", {"environ_overrides": {"QUERY_STRING": "a=\xff&b=\xc3\xa9"}}),
        ("/phone/ä", {"base_url": "http://shop/below/"}),
        ("/events", {"headers": {"Connection": "Upgrade", "Upgrade": "websocket"}}),
        ("/api/sales", {"base_url": "http://[::1]:8000/"}),
    ],
)
def test_addresses_are_understood_as_flask_does(app: Flask, path: str, arguments: dict[str, Any]) -> None:
    ours = app.create_url_adapter(request_for(app, path, **arguments))

    assert told(ours) == told(APIFlask.create_url_adapter(app, request_for(app, path, **arguments)))


def test_a_host_that_is_not_trusted_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["shop.example"])

    with pytest.raises(SecurityError):
        app.create_url_adapter(request_for(app, "/", base_url="http://elsewhere.example/"))
    assert app.create_url_adapter(request_for(app, "/", base_url="http://shop.example/"))


def test_headers_of_an_answer_are_the_same_without_its_body(app: Flask) -> None:
    till = open_till(app)
    stock(app, till.shop, barcode="00036000291452")
    address = "/api/products/by-barcode/036000291452"

    whole = till.get(address)
    head = till.client.head(address, headers={"Authorization": f"Bearer {till.token}"})

    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(whole.data)))
    assert [*whole.headers.keys()] == [*head.headers.keys()]


def test_a_shop_below_a_path_leads_from_there_to_its_first_page(client: FlaskClient) -> None:
    answer = client.get("/", environ_overrides={"SCRIPT_NAME": "/below", "PATH_INFO": ""})

    assert (answer.status_code, answer.location) == (308, "http://localhost/below/")


@pytest.mark.parametrize("host", [".", "a..b", "a" * 300])
def test_a_host_that_no_address_can_have_is_refused_without_a_page(client: FlaskClient, host: str) -> None:
    answers = [
        client.get(path, environ_overrides={"HTTP_HOST": host}) for path in ("/login", "/nowhere", "/api/stores")
    ]

    assert [code(answer) for answer in answers] == [(400, "bad_request")] * 3
    assert all(answer.headers["X-Frame-Options"] == "DENY" for answer in answers)


def test_bytes_that_are_no_text_may_stand_in_an_address(client: FlaskClient) -> None:
    page, sent_on = (
        client.get(path, environ_overrides={"QUERY_STRING": "a=\xff"}) for path in ("/login", "/dashboard")
    )

    assert page.status_code == 200
    assert "login?a=\ufffd" in page.text
    assert (sent_on.status_code, sent_on.location) == (303, "/login?next=/dashboard?a%3D%EF%BF%BD")


@pytest.mark.parametrize("header", ["Authorization", "Authentication-Token"])
def test_a_token_that_ended_is_asked_for_once_and_whatever_cookie_comes_with_it(app: Flask, header: str) -> None:
    ended, desk = open_till(app), open_till(app)
    ended.client.delete("/api/session", headers={"Authorization": f"Bearer {ended.token}"})
    token = ended.token if header == "Authentication-Token" else f"Bearer {ended.token}"

    with counted_queries(app) as sent:
        answer = desk.client.get("/api/products", headers={header: token})

    assert answer.status_code == 401
    assert len(sent) == 1
