"""Six digits at an enrolled till: enrolling it, logging in, choosing another, agreeing to what a cashier does."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models.staff import AuditEntry, EnrolledTill, Pin, User
from app.services import tills
from tests.databases import Database, new_app
from tests.web.second_factors import post
from tests.web.staff_room import PASSWORD, csrf, hire, log_in

START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PIN: Final = "402817"
OTHER: Final = "739164"
SALE: Final = "00000000-0000-4000-8000-000000000001"
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def give_pin(app: Flask, username: str, pin: str = PIN, *, is_one_time: bool = False) -> None:
    with app.app_context(), Session(db.engine) as session:
        user = session.scalars(select(User).where(User.username == username)).one()
        tills.set_pin(
            session, user_id=user.id, pin_hash=str(hash_password(pin)), is_one_time=is_one_time, by=user.id, now=START
        )
        session.commit()


def offer(app: Flask, manager: FlaskClient, till: str = "T7") -> str:
    """A code from the back office."""
    with app.app_context(), Session(db.engine) as session:
        store_id = session.scalars(select(User.store_id)).first()
    post(manager, "/admin/tills/new/", till=till, store_id=str(store_id))
    found = re.search(r"\(Enrol this till\): ([A-Z2-7]{4}-[A-Z2-7]{4})", manager.get("/admin/tills/").text)
    assert found is not None
    return found[1]


def enrol(client: FlaskClient, code: str) -> Any:
    return client.post("/api/tills", json={"code": code}, headers=csrf(client))


class Shop:
    """A manager in the office, and a cashier at a till that is enrolled."""

    def __init__(self, app: Flask, *others: str) -> None:
        self.app = app
        self.names = hire(app, "manager", "cashier", *others)
        self.manager = app.test_client()
        assert log_in(self.manager, self.names["manager"]).status_code == 200
        self.till = app.test_client()
        assert enrol(self.till, offer(app, self.manager)).status_code == 201
        give_pin(app, self.names["cashier"])

    def sign_in(self, typed: str = PIN, role: str = "cashier", **fields: Any) -> Any:
        credentials = {"username": self.names[role], "password": typed} | fields
        return self.till.post("/api/session", json=credentials, headers=csrf(self.till))


@pytest.fixture
def shop(app: Flask) -> Shop:
    return Shop(app)


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def test_a_cashier_signs_in_by_pin_at_an_enrolled_till(shop: Shop) -> None:
    answer = shop.sign_in()

    assert (answer.status_code, answer.get_json()["till"]) == (200, "T7")
    with shop.app.app_context(), Session(db.engine) as session:
        till_id = session.scalars(select(EnrolledTill.id)).one()
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "login").order_by(AuditEntry.id)).all()
    assert entries[-1].details == {"by": "pin", "till_id": till_id}
    assert shop.till.get("/api/products?search=x").status_code == 200


def test_a_password_opens_an_enrolled_till_too(shop: Shop) -> None:
    assert shop.sign_in(PASSWORD).status_code == 200


def test_elsewhere_a_pin_is_a_wrong_password(shop: Shop) -> None:
    elsewhere = shop.app.test_client()

    by_pin = log_in(elsewhere, shop.names["cashier"], PIN)
    by_wrong_password = log_in(elsewhere, shop.names["cashier"], "wrong password")

    assert error(by_pin) == error(by_wrong_password) == (401, "login_failed")
    assert by_pin.get_json()["error"]["message"] == by_wrong_password.get_json()["error"]["message"]


def test_a_program_gets_no_token_for_a_pin(shop: Shop) -> None:
    assert error(shop.sign_in(token=True)) == (401, "login_failed")


@pytest.mark.parametrize("role", ["manager", "ops"])
def test_who_manages_the_shop_or_its_servers_does_not_log_in_by_pin(app: Flask, role: str) -> None:
    shop = Shop(app, "ops")
    give_pin(app, shop.names[role])

    assert error(shop.sign_in(role=role)) == (401, "login_failed")


def test_a_pin_of_another_store_opens_nothing_here(shop: Shop) -> None:
    with shop.app.app_context(), Session(db.engine) as session:
        till = session.scalars(select(EnrolledTill)).one()
        other = type(till.store)(code="T9", name="Another shop")
        session.add(other)
        session.flush()
        till.store_id = other.id
        session.commit()

    assert error(shop.sign_in()) == (401, "login_failed")


def test_after_five_wrong_pins_even_the_right_one_waits_at_this_till_only(shop: Shop) -> None:
    second = shop.app.test_client()
    enrol(second, offer(shop.app, shop.manager, "T8"))
    with time_machine.travel(START, tick=False):
        tries = [shop.sign_in(OTHER).status_code for _ in range(5)]

        refused = shop.sign_in()
        at_the_other = log_in(second, shop.names["cashier"], PIN)

    assert tries == [401] * 5
    assert (error(refused), refused.headers["Retry-After"]) == ((429, "login_locked"), "60")
    assert at_the_other.status_code == 200


def test_a_manager_lets_a_cashier_try_again_at_once(shop: Shop) -> None:
    for _ in range(5):
        shop.sign_in(OTHER)
    with shop.app.app_context(), Session(db.engine) as session:
        cashier = session.scalars(select(User).where(User.username == shop.names["cashier"])).one().id

    post(shop.manager, "/admin/users/unlock/", id=str(cashier))

    assert shop.sign_in().status_code == 200


def test_a_cashier_chooses_a_pin_with_the_password(shop: Shop) -> None:
    chosen = shop.sign_in(PASSWORD, new_pin=OTHER)

    assert chosen.status_code == 200
    assert (shop.sign_in(PIN).status_code, shop.sign_in(OTHER).status_code) == (401, 200)
    with shop.app.app_context(), Session(db.engine) as session:
        stored = session.scalars(select(Pin)).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "pin_set").order_by(AuditEntry.id)).all()
    assert stored.hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert entry[-1].details == {"one_time": False}


@pytest.mark.parametrize("new_pin", ["123456", "000000", "311299", "40281", "password"])
def test_an_easy_pin_is_refused_and_changes_nothing(shop: Shop, new_pin: str) -> None:
    refused = shop.sign_in(PASSWORD, new_pin=new_pin)

    assert error(refused) == (422, "pin_weak")
    assert shop.till.get("/api/session").get_json()["user"] is None
    assert shop.sign_in().status_code == 200


def test_a_wrong_password_chooses_no_pin(shop: Shop) -> None:
    assert error(shop.sign_in("wrong password", new_pin=OTHER)) == (401, "login_failed")
    assert shop.sign_in().status_code == 200


def test_a_pin_is_chosen_at_enrolled_tills_only(shop: Shop) -> None:
    elsewhere = shop.app.test_client()
    credentials = {"username": shop.names["cashier"], "password": PASSWORD, "new_pin": OTHER}

    answer = elsewhere.post("/api/session", json=credentials, headers=csrf(elsewhere))

    assert error(answer) == (403, "till_not_enrolled")


def test_a_pin_given_by_a_manager_opens_once_to_choose_another(shop: Shop) -> None:
    with shop.app.app_context(), Session(db.engine) as session:
        cashier = session.scalars(select(User).where(User.username == shop.names["cashier"])).one()
        form = {"username": cashier.username, "display_name": "Mia", "store_id": str(cashier.store_id),
                "roles": "cashier", "is_active": "y", "one_time_pin": OTHER}  # fmt: skip
        path = f"/admin/users/edit/?id={cashier.id}"
    easy = post(shop.manager, path, **(form | {"one_time_pin": "123456"}))
    given = post(shop.manager, path, **form)

    without, same = shop.sign_in(OTHER), shop.sign_in(OTHER, new_pin=OTHER)
    chosen = shop.sign_in(OTHER, new_pin="836052")

    assert (easy.status_code, given.status_code) == (422, 302)
    assert (error(without), error(same)) == ((403, "pin_change_needed"), (422, "pin_weak"))
    assert (chosen.status_code, shop.sign_in("836052").status_code, shop.sign_in(OTHER).status_code) == (200, 200, 401)


@pytest.mark.parametrize("role", ["supervisor", "manager"])
def test_who_agrees_at_an_enrolled_till_types_the_own_pin(app: Flask, role: str) -> None:
    shop = Shop(app, "supervisor")
    give_pin(app, shop.names[role], OTHER)
    token = {"X-CSRFToken": shop.sign_in().get_json()["csrf_token"]}
    asked = {"username": shop.names[role], "action": "refund_over_limit", "subject": SALE}

    by_pin = shop.till.post("/api/approvals", json=asked | {"password": OTHER}, headers=token)
    by_password = shop.till.post("/api/approvals", json=asked | {"password": PASSWORD}, headers=token)
    by_anothers = shop.till.post("/api/approvals", json=asked | {"password": PIN}, headers=token)

    assert (by_pin.status_code, by_password.status_code, by_anothers.status_code) == (201, 201, 401)


def test_the_own_pin_approves_nothing_of_ones_own(shop: Shop) -> None:
    token = {"X-CSRFToken": shop.sign_in().get_json()["csrf_token"]}
    asked = {"username": shop.names["cashier"], "password": PIN, "action": "refund_over_limit", "subject": SALE}

    assert error(shop.till.post("/api/approvals", json=asked, headers=token)) == (403, "self_approval")


def test_a_code_enrols_one_browser_within_a_quarter_of_an_hour(app: Flask, shop: Shop) -> None:
    used, late = offer(app, shop.manager, "T8"), offer(app, shop.manager, "T9")
    first, second = app.test_client(), app.test_client()

    enrolled = enrol(first, used.lower().replace("-", " "))
    again = enrol(second, used)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
        expired = enrol(second, late)

    assert (enrolled.status_code, enrolled.get_json()) == (201, {"till": "T8"})
    assert (error(again), error(expired)) == ((422, "till_code_wrong"),) * 2
    assert second.get("/api/session").get_json()["till"] is None


def test_guessing_codes_makes_the_next_guess_wait(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(START, tick=False):
        statuses = [enrol(client, "AAAA-AAAA").status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]


def test_no_till_is_enrolled_from_another_site(app: Flask, shop: Shop) -> None:
    code = offer(app, shop.manager, "T8")

    answer = app.test_client().post("/api/tills", json={"code": code})

    assert error(answer) == (400, "form_expired")


def test_the_secret_of_a_till_is_in_a_cookie_that_no_script_reads_and_stored_as_a_hash(
    app: Flask, database: Database, shop: Shop
) -> None:
    strict = new_app(database.url, secure_cookies=True)
    client = strict.test_client()
    https = {"base_url": "https://localhost"}
    token = client.get("/api/session", **https).get_json()["csrf_token"]
    headers = {"X-CSRFToken": token, "Referer": "https://localhost/checkout"}

    answer = client.post("/api/tills", json={"code": offer(app, shop.manager, "T8")}, headers=headers, **https)

    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if "till" in one)
    name, _, rest = cookie.partition("=")
    secret, *flags = rest.split("; ")
    assert (answer.status_code, name, len(secret)) == (201, "__Host-aisle-till", 43)
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(flags)
    with app.app_context(), Session(db.engine) as session:
        stored = session.scalars(select(EnrolledTill).where(EnrolledTill.till == "T8")).one()
    assert stored.code_hash is None
    assert stored.secret_hash is not None
    assert (len(stored.secret_hash), secret in stored.secret_hash) == (64, False)


def test_revoking_a_till_ends_its_logins_and_its_pins(app: Flask, shop: Shop) -> None:
    shop.sign_in()
    elsewhere = app.test_client()
    log_in(elsewhere, shop.names["cashier"])
    with app.app_context(), Session(db.engine) as session:
        till_id = session.scalars(select(EnrolledTill.id)).one()

    post(shop.manager, "/admin/tills/delete/", id=str(till_id))

    assert error(shop.till.get("/api/products?search=x")) == (401, "login_again")
    assert elsewhere.get("/api/products?search=x").status_code == 200
    assert error(shop.sign_in()) == (401, "login_failed")
    with app.app_context(), Session(db.engine) as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "till"))
        assert list(actions) == ["till_offered", "till_enrolled", "till_revoked"]


def test_a_forged_secret_makes_no_till(shop: Shop) -> None:
    stranger = shop.app.test_client()
    stranger.set_cookie("aisle-till", "x" * 43)

    assert stranger.get("/api/session").get_json()["till"] is None
    assert error(log_in(stranger, shop.names["cashier"], PIN)) == (401, "login_failed")
