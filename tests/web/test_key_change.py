"""A new SECRET_KEY: with the old one among SECRET_KEY_FALLBACKS nobody notices; without it people hear the truth."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.views.recent_logins import recent_logins
from tests.databases import TEST_SECRETS, Database, new_app
from tests.web.second_factors import START, Clock, code_at, error, set_up, sign_in
from tests.web.staff_room import PASSWORD, bearer, csrf, log_in

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
OLD = TEST_SECRETS["secret_key"]
NEW = "another-one-for-tests-4711"


def with_new_key(database: Database) -> Flask:
    """The shop after a change, reading what was signed and sealed before."""
    return new_app(database.url, secret_key=NEW, secret_key_fallbacks=OLD)


def test_logins_forms_and_tokens_survive_the_change_and_new_ones_need_the_old_key_no_more(
    database: Database, app: Flask, client: FlaskClient, manager: str
) -> None:
    log_in(client, manager)
    form, token = csrf(client), bearer(app.test_client(use_cookies=False), manager)
    browser = with_new_key(database).test_client()
    browser._cookies = client._cookies

    kept = browser.get("/api/session").get_json()["user"]
    signed_out = browser.delete("/api/session", headers=form).status_code
    by_token = with_new_key(database).test_client(use_cookies=False).get("/api/products?search=x", headers=token)
    later = bearer(with_new_key(database).test_client(use_cookies=False), manager)
    recent_logins.forget()  # what this process believes for a second was proved under the old key
    after = new_app(database.url, secret_key=NEW).test_client(use_cookies=False)

    assert (kept["username"], signed_out, by_token.status_code) == (manager, 204, 200)
    assert after.get("/api/products?search=x", headers=later).status_code == 200
    assert after.get("/api/products?search=x", headers=token).status_code == 401


def test_a_second_factor_opens_with_the_old_key_and_from_then_on_with_the_new_one(
    database: Database, app: Flask, client: FlaskClient, manager: str, clock: Clock
) -> None:
    secret, codes = set_up(client, START)
    changed = with_new_key(database)

    by_recovery = sign_in(changed.test_client(), manager, codes[0])
    by_app = sign_in(changed.test_client(), manager, code_at(secret, clock.step()))
    without = sign_in(new_app(database.url, secret_key=NEW).test_client(), manager, code_at(secret, clock.step()))

    assert [answer.status_code for answer in (by_recovery, by_app, without)] == [200, 200, 200]


def test_everybodys_second_factor_is_sealed_anew_by_one_command(
    database: Database, app: Flask, client: FlaskClient, manager: str, clock: Clock
) -> None:
    secret, _codes = set_up(client, START)

    done = with_new_key(database).test_cli_runner().invoke(args=["staff", "reseal-second-factors"])

    assert (done.exit_code, done.output) == (0, "1 second factors open with SECRET_KEY.\n")
    alone = new_app(database.url, secret_key=NEW).test_client()
    assert sign_in(alone, manager, code_at(secret, clock.step())).status_code == 200


def test_without_the_old_key_the_right_code_is_not_called_wrong_and_a_reset_helps(
    database: Database, app: Flask, client: FlaskClient, manager: str, clock: Clock
) -> None:
    secret, codes = set_up(client, START)
    changed = new_app(database.url, secret_key=NEW)

    answers = [
        sign_in(changed.test_client(), manager, code) for code in (code_at(secret, clock.step()), codes[0], "000000")
    ]
    wrong_password = sign_in(changed.test_client(), manager, "000000", password="wrong password")
    told = changed.test_cli_runner().invoke(args=["staff", "reseal-second-factors"])
    changed.test_cli_runner().invoke(args=["staff", "reset-second-factor", manager])

    assert {error(answer) for answer in answers} == {(403, "second_factor_unreadable")}
    assert error(wrong_password) == (401, "second_factor_failed")
    assert (told.exit_code, f"No key opens those of: {manager}." in told.output) == (1, True)
    assert sign_in(changed.test_client(), manager).status_code == 200


def test_the_page_of_the_second_step_says_so_too(
    database: Database, app: Flask, client: FlaskClient, manager: str, clock: Clock
) -> None:
    secret, _codes = set_up(client, START)
    browser = new_app(database.url, secret_key=NEW).test_client()
    form = {"username": manager, "password": PASSWORD, "csrf_token": csrf(browser)["X-CSRFToken"]}
    step = browser.post("/login", data=form)
    proof = step.text.partition('name="proof" value="')[2].partition('"')[0]

    answer = browser.post(
        "/login/code",
        data={"proof": proof, "code": code_at(secret, clock.step()), "csrf_token": csrf(browser)["X-CSRFToken"]},
    )

    assert proof
    assert answer.status_code == 403
    assert "have your second factor reset" in answer.text
