"""Setting up a second factor, and what takes it away again: in the office, by a manager, by command."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models.staff import RecoveryCode, SecondFactor, User
from tests.web.second_factors import START, Clock, audited, code_at, post, scan, set_up, sign_in, wrong_code
from tests.web.staff_room import PASSWORD, hire, log_in

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_recovery_code_opens_once_and_is_not_stored_as_it_is(app: Flask, client: FlaskClient, manager: str) -> None:
    _secret, codes = set_up(client, START)
    typed = codes[3].lower().replace("-", " ")

    answers = [sign_in(app.test_client(), manager, typed).status_code for _ in range(2)]

    assert (len(codes), answers) == (10, [200, 401])
    with app.app_context(), Session(db.engine) as session:
        stored = list(session.scalars(select(RecoveryCode.hash)))
    assert len(stored) == 9
    assert {len(one) for one in stored} == {64}
    assert "recovery_code_used" in audited(app)


def test_the_secret_is_stored_sealed(app: Flask, client: FlaskClient, manager: str) -> None:
    secret = scan(client)

    with app.app_context(), Session(db.engine) as session:
        sealed = session.scalars(select(SecondFactor.sealed)).one()

    assert secret.hex() not in sealed
    assert secret not in sealed.encode()


def test_setting_up_asks_for_password_and_code_and_ends_other_logins(
    app: Flask, client: FlaskClient, manager: str
) -> None:
    other = app.test_client()
    log_in(other, manager)
    secret = scan(client)

    without = post(client, "/admin/account/confirm/", password="wrong password", code=code_at(secret, START))
    no_code = post(client, "/admin/account/confirm/", password=PASSWORD, code=wrong_code(secret, START))
    still_in = other.get("/admin/").status_code
    done = post(client, "/admin/account/confirm/", password=PASSWORD, code=code_at(secret, START))

    assert (without.status_code, no_code.status_code, done.status_code) == (422, 422, 200)
    assert (still_in, other.get("/admin/").status_code, client.get("/admin/").status_code) == (200, 303, 200)


def test_a_secret_that_is_in_use_is_never_shown_again(client: FlaskClient, manager: str) -> None:
    set_up(client, START)

    again = post(client, "/admin/account/start/")
    page = client.get("/admin/account/").text

    assert again.status_code == 302
    assert 'class="key"' not in page
    assert "<svg" not in page


def test_turning_off_takes_password_and_code(app: Flask, client: FlaskClient, manager: str, clock: Clock) -> None:
    secret, _codes = set_up(client, START)

    without = post(client, "/admin/account/turn-off/", password=PASSWORD, code=wrong_code(secret, clock.now))
    still_on = sign_in(app.test_client(), manager).status_code
    done = post(client, "/admin/account/turn-off/", password=PASSWORD, code=code_at(secret, clock.step()))

    assert (without.status_code, still_on, done.status_code) == (422, 401, 302)
    assert sign_in(app.test_client(), manager).status_code == 200
    assert [action for action in audited(app) if action.startswith("second_factor")] == [
        "second_factor_on", "second_factor_off",
    ]  # fmt: skip


def test_new_recovery_codes_make_the_old_ones_worthless(
    app: Flask, client: FlaskClient, manager: str, clock: Clock
) -> None:
    secret, old = set_up(client, START)

    page = post(client, "/admin/account/recovery-codes/", password=PASSWORD, code=code_at(secret, clock.step()))

    assert (page.status_code, page.text.count("<li><code>")) == (200, 10)
    assert old[0] not in page.text
    assert sign_in(app.test_client(), manager, old[0]).status_code == 401


def user_id(app: Flask, username: str) -> int:
    with app.app_context(), Session(db.engine) as session:
        return session.scalars(select(User.id).where(User.username == username)).one()


def test_a_manager_resets_the_second_factor_of_somebody_else_and_not_their_own(
    app: Flask, client: FlaskClient, clock: Clock
) -> None:
    names = hire(app, "manager", "supervisor")
    supervisor = app.test_client()
    log_in(supervisor, names["supervisor"])
    set_up(supervisor, START)
    log_in(client, names["manager"])
    set_up(client, START)

    other = post(client, "/admin/users/reset-second-factor/", id=str(user_id(app, names["supervisor"])))
    own = post(client, "/admin/users/reset-second-factor/", id=str(user_id(app, names["manager"])))

    assert (other.status_code, own.status_code) == (302, 302)
    assert supervisor.get("/admin/").status_code == 303
    assert sign_in(app.test_client(), names["supervisor"]).status_code == 200
    assert sign_in(app.test_client(), names["manager"]).status_code == 401
    assert audited(app).count("second_factor_reset") == 1


def test_the_command_line_resets_a_second_factor(app: Flask, client: FlaskClient, manager: str) -> None:
    set_up(client, START)

    first, second = (app.test_cli_runner().invoke(args=["staff", "reset-second-factor", manager]) for _ in range(2))

    assert (first.exit_code, first.output) == (0, "Second factor reset.\n")
    assert (second.exit_code, second.output) == (1, "Error: This user has no second factor.\n")
    assert sign_in(app.test_client(), manager).status_code == 200


def test_a_manager_lets_somebody_try_again_at_once(app: Flask, client: FlaskClient, clock: Clock) -> None:
    names = hire(app, "manager", "cashier")
    log_in(client, names["manager"])
    for _ in range(5):
        log_in(app.test_client(), names["cashier"], "wrong password")
    locked = log_in(app.test_client(), names["cashier"]).status_code

    post(client, "/admin/users/unlock/", id=str(user_id(app, names["cashier"])))

    assert (locked, log_in(app.test_client(), names["cashier"]).status_code) == (429, 200)


def test_a_manager_ends_every_login_of_somebody(app: Flask, client: FlaskClient, clock: Clock) -> None:
    names = hire(app, "manager", "supervisor")
    log_in(client, names["manager"])
    supervisor = app.test_client()
    log_in(supervisor, names["supervisor"])

    post(client, "/admin/users/log-out/", id=str(user_id(app, names["supervisor"])))

    assert supervisor.get("/admin/").status_code == 303
    assert client.get("/admin/").status_code == 200


def test_logging_out_everywhere_else_keeps_this_login(app: Flask, client: FlaskClient, manager: str) -> None:
    other = app.test_client()
    log_in(other, manager)

    post(client, "/admin/account/log-out-elsewhere/")

    assert (other.get("/admin/").status_code, client.get("/admin/").status_code) == (303, 200)


def test_enter_in_the_form_of_a_user_saves_and_does_nothing_to_the_login(
    app: Flask, client: FlaskClient, manager: str
) -> None:
    set_up(client, START)

    page = client.get(f"/admin/users/edit/?id={user_id(app, manager)}").text

    form = page.partition('class="card form"')[2].partition("</form>")[0]
    assert (form.count("<button"), ">Save<" in form) == (1, True)
    steps = ("unlock", "log-out", "reset-second-factor")
    assert [f'action="/admin/users/{step}/"' in page for step in steps] == [True] * 3
