"""The one-time link that makes the first manager."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.extensions import db
from app.models.staff import User
from tests.web.staff_room import PASSWORD, forged, hire, log_in

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def printed(app: Flask) -> str:
    return app.test_cli_runner().invoke(args=["staff", "setup-link", "--url", "https://shop.example/"]).output


def link(app: Flask) -> str:
    found = re.search(r"https://shop\.example(/setup/\S+)", printed(app))
    assert found
    return found[1]


def fill_in(client: FlaskClient, path: str, **typed: str) -> TestResponse:
    form = {"username": "Ana", "name": "Ana K.", "store": "S1", "password": PASSWORD} | typed
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).get_data(as_text=True))
    return client.post(path, data=form | {"csrf_token": token[1] if token else ""})


def managers(app: Flask) -> list[str]:
    with app.app_context(), Session(db.engine) as session:
        return list(session.scalars(select(User.username)))


def test_the_link_makes_a_manager_who_can_log_in(app: Flask, client: FlaskClient) -> None:
    answer = fill_in(client, link(app))

    assert (answer.status_code, answer.location) == (303, "/login")
    user = log_in(client, "ana").get_json()["user"]
    assert (user["roles"], user["display_name"], user["store"]["code"]) == (["manager"], "Ana K.", "S1")


def test_the_link_works_once(app: Flask, client: FlaskClient) -> None:
    path = link(app)
    fill_in(client, path)

    again = fill_in(app.test_client(), path, username="eve")

    assert again.status_code in (400, 410)
    assert app.test_client().get(path).status_code == 410
    assert managers(app) == ["ana"]


def test_the_link_is_good_for_a_day(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(START, tick=False):
        path = link(app)
    with time_machine.travel(START + timedelta(days=1, minutes=1), tick=False):
        assert client.get(path).status_code == 410
        assert fill_in(client, path).status_code in (400, 410)

    assert managers(app) == []


def test_nobody_can_make_up_a_link(app: Flask, client: FlaskClient) -> None:
    path = link(app)

    assert client.get(forged(path)).status_code == 410
    assert client.get("/setup/guess").status_code == 410


def test_a_shop_with_a_manager_prints_no_link(app: Flask) -> None:
    hire(app, "manager")

    assert printed(app) == "There is a manager already: use `flask staff create` or `set-password`.\n"


@pytest.mark.parametrize(
    ("typed", "text"),
    [({"password": "short"}, "too easy to guess"), ({"username": "a b"}, "1 to 64"), ({"username": ""}, "1 to 64")],
)
def test_what_is_wrong_is_said_and_nobody_is_made(
    app: Flask, client: FlaskClient, typed: dict[str, str], text: str
) -> None:
    answer = fill_in(client, link(app), **typed)

    assert answer.status_code == 422
    assert text in answer.get_data(as_text=True)
    assert managers(app) == []


def test_a_form_from_elsewhere_makes_nobody(app: Flask, client: FlaskClient) -> None:
    answer = client.post(link(app), data={"username": "eve", "password": PASSWORD, "store": "S1"})

    assert answer.status_code == 400
    assert managers(app) == []
