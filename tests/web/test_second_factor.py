"""A code beside the password: asked for at every login, never taken twice."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models.staff import AuditEntry
from tests.databases import Database, new_app
from tests.web.second_factors import START, Clock, code_at, error, post, set_up, sign_in, wrong_code
from tests.web.staff_room import PASSWORD, csrf, forged, hire

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def logins(app: Flask) -> list[str]:
    """What the logins so far were proved by."""
    with app.app_context(), Session(db.engine) as session:
        wanted = select(AuditEntry.details).where(AuditEntry.action == "login").order_by(AuditEntry.id)
        return [details["by"] for details in session.scalars(wanted)]


def test_after_setting_up_a_password_alone_opens_nothing(app: Flask, client: FlaskClient, manager: str) -> None:
    set_up(client, START)
    other = app.test_client()

    by_cookie, by_token = sign_in(other, manager), sign_in(other, manager, token=True)

    assert (error(by_cookie), error(by_token)) == ((401, "second_factor_needed"),) * 2
    assert other.get("/api/session").get_json()["user"] is None


def test_password_and_code_log_in_by_cookie_and_by_token(
    app: Flask, client: FlaskClient, manager: str, clock: Clock
) -> None:
    secret, _codes = set_up(client, START)
    other = app.test_client()

    by_cookie = sign_in(other, manager, code_at(secret, clock.step()))
    by_token = sign_in(app.test_client(), manager, code_at(secret, clock.step()), token=True)

    assert (by_cookie.status_code, by_token.status_code) == (200, 200)
    assert other.get("/api/session").get_json()["user"]["username"] == manager
    assert logins(app) == ["password", "password and code", "password and code"]
    token = {"Authorization": f"Bearer {by_token.get_json()['token']}"}
    program = app.test_client(use_cookies=False)
    assert program.get("/api/products?search=x", headers=token).status_code == 200


def test_a_code_opens_once(app: Flask, client: FlaskClient, manager: str, clock: Clock) -> None:
    secret, _codes = set_up(client, START)
    code = code_at(secret, clock.step())

    answers = [sign_in(app.test_client(), manager, code).status_code for _ in range(2)]
    of_set_up = sign_in(app.test_client(), manager, code_at(secret, START))

    assert answers == [200, 401]
    assert error(of_set_up) == (401, "second_factor_failed")


def test_wrong_password_and_wrong_code_are_told_apart_by_nobody(app: Flask, client: FlaskClient, manager: str) -> None:
    secret, _codes = set_up(client, START)
    other, wrong = app.test_client(), wrong_code(secret, START)

    answers = [
        sign_in(other, manager, wrong),
        sign_in(other, manager, wrong, password="wrong password"),
        sign_in(other, "nobody", wrong),
    ]

    texts = {answer.get_json()["error"]["message"] for answer in answers}
    assert {error(answer) for answer in answers} == {(401, "second_factor_failed")}
    assert texts == {"User name, password or code is wrong."}


def test_a_fifth_wrong_code_makes_even_the_right_one_wait_wherever_it_comes_from(
    app: Flask, client: FlaskClient, manager: str, clock: Clock
) -> None:
    secret, _codes = set_up(client, START)
    other, right = app.test_client(), code_at(secret, clock.step())
    wrong = wrong_code(secret, clock.now)
    tries = [
        other.post(
            "/api/session", json={"username": manager, "password": PASSWORD, "second_factor": wrong},
            headers=csrf(other), environ_overrides={"REMOTE_ADDR": f"192.0.2.{number}"},
        ).status_code
        for number in range(5)
    ]  # fmt: skip

    refused = sign_in(other, manager, right)
    clock.step(3)
    opened = sign_in(other, manager, code_at(secret, clock.now))

    assert tries == [401] * 5
    assert (error(refused), refused.headers["Retry-After"]) == ((429, "login_locked"), "60")
    assert opened.status_code == 200


def test_who_does_not_know_the_password_makes_nobody_wait_for_codes(
    app: Flask, client: FlaskClient, manager: str, clock: Clock
) -> None:
    secret, _codes = set_up(client, START)
    for number in range(8):
        stranger = {"REMOTE_ADDR": f"198.51.100.{number}"}
        credentials = {"username": manager, "password": "wrong password", "second_factor": "000000"}
        client.post("/api/session", json=credentials, headers=csrf(client), environ_overrides=stranger)

    assert sign_in(app.test_client(), manager, code_at(secret, clock.step())).status_code == 200


def test_the_login_page_asks_for_the_code_in_a_second_step(
    app: Flask, client: FlaskClient, manager: str, clock: Clock
) -> None:
    secret, _codes = set_up(client, START)
    other = app.test_client()

    page = post(other, "/login", username=manager, password=PASSWORD, next="/admin/stock/")
    proof = page.text.partition('name="proof" value="')[2].partition('"')[0]
    wrong = post(other, "/login/code", proof=proof, code=wrong_code(secret, clock.now), next="/admin/stock/")
    entered = post(other, "/login/code", proof=proof, code=code_at(secret, clock.step()), next="/admin/stock/")

    assert (page.status_code, "Code of your authenticator app" in page.text) == (200, True)
    assert PASSWORD not in page.text
    assert (wrong.status_code, "This code is wrong, or it was used before." in wrong.text) == (401, True)
    assert (entered.status_code, entered.location) == (303, "/admin/stock/")
    assert other.get("/admin/stock/").status_code == 200


def test_the_second_step_ends_after_five_minutes_and_cannot_be_made_up(
    app: Flask, client: FlaskClient, manager: str, clock: Clock
) -> None:
    secret, _codes = set_up(client, START)
    other = app.test_client()
    page = post(other, "/login", username=manager, password=PASSWORD)
    proof = page.text.partition('name="proof" value="')[2].partition('"')[0]

    made_up = post(other, "/login/code", proof=forged(proof), code=code_at(secret, clock.step()))
    too_late = post(other, "/login/code", proof=proof, code=code_at(secret, clock.step(10)))

    assert (made_up.status_code, too_late.status_code) == (400, 400)
    assert other.get("/api/session").get_json()["user"] is None


@pytest.fixture
def strict(database: Database, redis_url: str) -> Flask:
    """A shop that requires a second factor."""
    return new_app(database.url, second_factor="required")


def test_who_lacks_the_required_second_factor_is_led_to_set_it_up_and_can_do_nothing_else(
    strict: Flask, clock: Clock
) -> None:
    names = hire(strict, "manager")
    client = strict.test_client()
    entered = post(client, "/login", username=names["manager"], password=PASSWORD, next="/admin/")

    led = {path: client.get(path).location for path in ("/admin/", "/admin/users/", "/dashboard", "/admin/users/new/")}
    by_api, queues = client.get("/api/products?search=x"), client.get("/api/queues/access")

    assert entered.status_code == 303
    assert set(led.values()) == {"/admin/account/"}
    assert (error(by_api), queues.status_code) == ((403, "second_factor_missing"), 403)
    assert "This shop asks for a second factor" in client.get("/admin/account/").text

    set_up(client, START)

    assert (client.get("/admin/").status_code, client.get("/api/products?search=x").status_code) == (200, 200)


@pytest.mark.parametrize("with_token", [False, True])
def test_tills_and_programs_do_not_let_in_who_lacks_it(strict: Flask, clock: Clock, with_token: bool) -> None:
    names = hire(strict, "ops")
    client = strict.test_client()

    answer = sign_in(client, names["ops"], token=with_token)

    assert error(answer) == (403, "second_factor_missing")
    assert client.get("/api/session").get_json()["user"] is None


@pytest.mark.parametrize("role", ["cashier", "supervisor"])
def test_others_work_on_with_their_password(strict: Flask, clock: Clock, role: str) -> None:
    names = hire(strict, role)
    client = strict.test_client()

    assert sign_in(client, names[role]).status_code == 200
    assert client.get("/api/products?search=x").status_code == 200
