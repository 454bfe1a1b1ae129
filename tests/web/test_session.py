"""Logging in and out over HTTP: cookies, tokens, languages."""

import io
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models.staff import AuditEntry, LoginSession
from app.services import demo_shop, login_throttle
from app.views.recent_logins import recent_logins
from tests.databases import Database, new_app
from tests.web.refusals import content
from tests.web.staff_room import PASSWORD, bearer, change, csrf, hire, log_in

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def audit_actions(app: Flask) -> list[str]:
    with app.app_context(), Session(db.engine) as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_stranger_gets_a_token_for_forms_and_no_user(client: FlaskClient) -> None:
    answer = client.get("/api/session")

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json | {"csrf_token": ""} == {
        "user": None,
        "csrf_token": "",
        "locale": "en",
        "is_demo": False,
        "till": None,
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_login_tells_who_it_is_what_they_may_do_and_where_they_work(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")

    user = log_in(client, names["cashier"]).get_json()["user"]

    assert user["username"] == names["cashier"]
    assert (user["roles"], user["permissions"]) == (["cashier"], ["refund", "sell"])
    assert user["store"] | {"id": 0} == {
        "id": 0, "code": "T1", "name": "Test shop", "currency": "EUR", "minor_digits": 2,
        "time_zone": "Europe/Zagreb", "refund_limit": 5000, "shortage_policy": "block",
    }  # fmt: skip
    assert client.get("/api/session").get_json()["user"] == user


def test_the_user_name_is_the_same_in_capitals(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")

    assert log_in(client, f" {names['cashier'].upper()} ").status_code == 200


@pytest.mark.parametrize("username", ["nobody", "' OR 1=1 --", "сashier", "\x00", "a" * 64])
def test_an_unknown_user_reads_like_a_wrong_password(app: Flask, client: FlaskClient, username: str) -> None:
    names = hire(app, "cashier")
    wrong = log_in(client, names["cashier"], "wrong password")

    unknown = log_in(client, username)

    assert (wrong.status_code, unknown.status_code) == (401, 401)
    both = [answer.get_json()["error"] | {"request_id": ""} for answer in (wrong, unknown)]
    assert both[0] == both[1]
    assert both[0]["code"] == "login_failed"


def test_a_wrong_password_stores_no_login_and_is_audited(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")

    log_in(client, names["cashier"], "wrong password")

    assert client.get("/api/session").get_json()["user"] is None
    assert audit_actions(app) == ["login_failed"]


def test_a_password_stands_in_no_log_and_no_table_even_when_the_login_breaks(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = hire(app, "cashier")
    log_in(client, names["cashier"], "a secret of mine")
    log_in(client, names["cashier"])
    monkeypatch.setattr(login_throttle, "claim_attempt", lambda *_args, **_words: 1 // 0)
    written = io.StringIO()
    monkeypatch.setattr(next(one for one in logging.getLogger().handlers if hasattr(one, "stream")), "stream", written)

    broken = log_in(client, names["cashier"], "a secret of mine").status_code

    logged = written.getvalue()
    with app.app_context(), Session(db.engine) as session:
        noted = str([(one.action, one.subject_id, one.details) for one in session.scalars(select(AuditEntry))])
    assert (broken, "ZeroDivisionError" in logged, "login_failed" in noted) == (500, True, True)
    assert [secret for secret in ("secret of mine", PASSWORD) if secret in logged + noted + str(content(app))] == []


def test_a_disabled_user_reads_like_a_wrong_password(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", is_active=False)

    assert log_in(client, names["cashier"]).get_json()["error"]["code"] == "login_failed"


@pytest.mark.parametrize(
    "body",
    [
        {"username": "x", "password": "p" * 129},
        {"username": "x" * 65, "password": "p"},
        {"username": "", "password": "p"},
        {"username": "x"},
        {"username": ["x"], "password": "p"},
        {"username": "x", "password": "p", "is_admin": True},
        {"username": "x", "password": "\ud800"},
    ],
)
def test_malformed_credentials_are_refused_before_any_hashing(client: FlaskClient, body: dict[str, object]) -> None:
    answer = client.post("/api/session", json=body, headers=csrf(client))

    assert answer.status_code == 422
    assert answer.get_json()["error"]["details"]["fields"]


def test_a_login_without_the_form_token_is_refused(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")

    answer = client.post("/api/session", json={"username": names["cashier"], "password": PASSWORD})

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "form_expired")
    assert audit_actions(app) == []


def test_a_write_by_cookie_needs_the_token_of_its_own_session(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")
    before = csrf(client)
    log_in(client, names["cashier"])

    without = client.post("/api/baskets/price", json={"lines": []})
    stale = client.post("/api/baskets/price", json={"lines": []}, headers=before)

    codes = [answer.get_json()["error"]["code"] for answer in (without, stale)]
    assert codes == ["form_expired", "form_expired"]


def test_a_write_without_any_session_asks_to_log_in_again(client: FlaskClient) -> None:
    answer = client.post("/api/baskets/price", json={"lines": []})

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "login_again")


def test_logging_out_ends_every_copy_of_the_cookie(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")
    log_in(client, names["cashier"])
    stolen = client.get_cookie("aisle")
    assert stolen is not None

    answer = client.delete("/api/session", headers=csrf(client))
    client.set_cookie("aisle", stolen.value)

    assert answer.status_code == 204
    assert client.get("/api/session").get_json()["user"] is None
    assert audit_actions(app) == ["login", "logout"]


def test_every_login_has_a_new_session_and_a_new_form_token(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")
    before = csrf(client)["X-CSRFToken"]

    first = log_in(client, names["cashier"]).get_json()["csrf_token"]
    second = log_in(client, names["cashier"]).get_json()["csrf_token"]

    assert len({before, first, second}) == 3
    with app.app_context(), Session(db.engine) as session:
        assert session.scalar(select(func.count()).select_from(LoginSession)) == 2


def test_a_program_works_by_token_without_cookie_or_form_token(app: Flask) -> None:
    names = hire(app, "cashier")
    program = app.test_client(use_cookies=False)
    token = bearer(program, names["cashier"])

    me = program.get("/api/session", headers=token).get_json()["user"]
    write = program.post("/api/baskets/price", json={"lines": []}, headers=token)
    other = program.get("/api/session", headers={"Authentication-Token": token["Authorization"][7:]}).get_json()["user"]

    assert me["username"] == other["username"] == names["cashier"]
    assert write.get_json()["error"]["code"] == "empty_basket"


def test_a_program_can_end_its_token(app: Flask) -> None:
    names = hire(app, "cashier")
    program = app.test_client(use_cookies=False)
    token = bearer(program, names["cashier"])

    program.delete("/api/session", headers=token)

    assert program.get("/api/session", headers=token).get_json()["user"] is None


@pytest.mark.parametrize("token", ["", "x", "WyJ4Il0.Zg.Zg", "é"])
def test_a_bad_token_is_nobody_even_beside_a_good_cookie(app: Flask, client: FlaskClient, token: str) -> None:
    names = hire(app, "cashier")
    log_in(client, names["cashier"])

    answer = client.post("/api/baskets/price", json={"lines": []}, headers={"Authorization": f"Bearer {token}"})

    assert answer.get_json()["error"]["code"] == "login_again"


def test_a_session_ends_after_its_hours_however_busy(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier")
    with time_machine.travel(START, tick=False) as clock:
        log_in(client, names["cashier"])
        clock.shift(timedelta(hours=11, minutes=59))
        before = client.get("/api/products?search=x").status_code
        clock.shift(timedelta(minutes=2))
        after = client.get("/api/products?search=x")

    assert (before, after.status_code) == (200, 401)
    assert after.get_json()["error"]["code"] == "login_again"


def test_disabling_a_user_or_changing_the_uniquifier_ends_all_logins_at_once(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "supervisor")
    second = app.test_client()
    log_in(client, names["cashier"])
    log_in(second, names["supervisor"])

    change(app, names["cashier"], active=False)
    change(app, names["supervisor"], fs_uniquifier="another")

    assert client.get("/api/session").get_json()["user"] is None
    assert second.get("/api/session").get_json()["user"] is None


def test_the_cookie_is_closed_to_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/api/session").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie


def test_a_till_request_reads_the_user_with_one_query_at_most_once_a_second(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import event

    now = time.time()
    monkeypatch.setattr(recent_logins, "_clock", lambda: now)
    names = hire(app, "supervisor")
    log_in(client, names["supervisor"])
    client.get("/api/session")
    statements: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, text, *_: statements.append(text))

    recent_logins.forget()
    for _ in range(3):
        client.get("/api/products/availability?ids=1")

    assert sum("login_sessions" in text for text in statements) == 1
    assert sum("users" in text and "login_sessions" not in text for text in statements) == 0


@pytest.mark.parametrize(("mode", "status"), [("demo", 200), ("production", 401)])
def test_the_passwords_of_a_demo_that_went_live_open_nothing(
    app: Flask, database: Database, mode: str, status: int
) -> None:
    names = hire(app, "cashier")
    with app.app_context():
        change(app, names["cashier"], password=hash_password(demo_shop.USERS[0].password))
    client = new_app(database.url, aisle_env=mode, secure_cookies=mode == "production").test_client()
    credentials = {"username": names["cashier"], "password": demo_shop.USERS[0].password, "token": True}

    answer = client.post("/api/session", json=credentials)

    assert answer.status_code == status
