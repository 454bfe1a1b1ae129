"""The login page of the office, where it leads, and when the office asks for the password again."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.domain.staff import Permission
from app.views.access import anyone, requires
from tests.databases import Database, new_app
from tests.web.staff_room import PASSWORD, change, csrf, hire, log_in

START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


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
    app.add_url_rule("/office", "office", requires(Permission.MANAGE_CATALOG)(lambda: "figures"))
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
    ("language", "said"), [("en", "The number below helps us find it."), ("zh-CN", "凭以下编号可以查明原因")]
)
def test_a_bug_is_a_page_with_a_number_and_nothing_else(
    database: Database, redis_url: str, language: str, said: str
) -> None:
    app = new_app(database.url)
    app.add_url_rule("/broken", "broken", anyone(lambda: str(1 // 0)))

    answer = app.test_client().get("/broken", headers={"Accept-Language": language})

    assert answer.status_code == 500
    assert said in answer.text
    assert f'<code class="number">{answer.headers["X-Request-ID"]}</code>' in answer.text
    assert "ZeroDivisionError" not in answer.text
