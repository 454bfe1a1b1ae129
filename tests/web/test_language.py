"""Which language one is spoken to in."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models.staff import User
from tests.web.staff_room import csrf, hire, log_in

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_users_own_language_wins_over_the_browsers(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", locale="zh")

    answer = log_in(client, names["cashier"])
    refused = client.get("/api/products/by-barcode/4006381333930", headers={"Accept-Language": "en"})

    assert answer.get_json()["locale"] == "zh"
    assert refused.get_json()["error"]["message"] == "校验码不对，请重新扫描。"


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-TW", "zh"),
        ("de,en;q=0.5,zh;q=0.4", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("", "en"),
    ],
)
def test_strangers_are_spoken_to_in_their_browsers_language(client: FlaskClient, asked: str, spoken: str) -> None:
    assert client.get("/api/session", headers={"Accept-Language": asked}).get_json()["locale"] == spoken


def test_a_chosen_language_stays_with_the_browser_and_the_user(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")
    as_stranger = client.put("/api/session/locale", json={"locale": "zh"}, headers=csrf(client)).get_json()["locale"]
    log_in(client, names["cashier"])
    kept = client.get("/api/session").get_json()["locale"]

    client.put("/api/session/locale", json={"locale": "en"}, headers=csrf(client))

    assert (as_stranger, kept, client.get("/api/session").get_json()["locale"]) == ("zh", "zh", "en")
    with app.app_context(), Session(db.engine) as session:
        assert session.scalar(select(User.locale).where(User.username == names["cashier"])) == "en"


def test_an_unknown_language_is_refused(client: FlaskClient) -> None:
    answer = client.put("/api/session/locale", json={"locale": "tlh"}, headers=csrf(client))

    assert answer.status_code == 422
