"""Users, roles and the audit log in the back office."""

from typing import Any

import pytest
from flask import Flask
from flask_security.utils import verify_password
from sqlalchemy import select

from app.models.staff import AuditEntry, User
from tests import factories
from tests.web.office import BAD_NAME, Office, sit_down, writing
from tests.web.staff_room import log_in

GOOD = "seven purple otters dance"


@pytest.fixture
def desk(app: Flask) -> tuple[Office, Any]:
    return sit_down(app)


def form(shop: Any, **changes: Any) -> dict[str, Any]:
    return {
        "username": "mia", "display_name": "Mia", "password": GOOD, "store_id": shop.store_id, "roles": ["cashier"],
        "is_active": "y",
    } | changes  # fmt: skip


def user(app: Flask, username: str) -> User:
    with writing(app) as session:
        found = session.scalars(select(User).where(User.username == username)).one()
        found.roles  # noqa: B018 - loaded for the test
        return found


def test_a_new_user_may_log_in_and_the_password_is_stored_hashed(app: Flask, desk: Any) -> None:
    office, shop = desk

    answer = office.post("users/new/", **form(shop))

    assert answer.status_code == 302
    assert log_in(app.test_client(), "mia", GOOD).status_code == 200
    with app.app_context():
        stored = user(app, "mia").password
        assert stored.startswith("$argon2id$")
        assert verify_password(GOOD, stored)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "short"}, "The password is too easy to guess"),
        ({"password": ""}, "Please fill this in."),
        ({"username": "no spaces"}, "A user name has 1 to 64"),
        ({"store_id": "999"}, "Please choose one of the list."),
        ({"roles": ["owner"]}, "valid choice"),
        ({"display_name": ""}, "This field is required."),
    ],
)
def test_a_bad_user_is_refused_at_the_field(app: Flask, desk: Any, changes: dict[str, Any], said: str) -> None:
    office, shop = desk

    answer = office.post("users/new/", **form(shop, **changes))

    assert answer.status_code == 422
    assert said in answer.text
    with writing(app) as session:
        assert session.scalars(select(User).where(User.username == "mia")).all() == []


def test_a_taken_name_is_refused(app: Flask, desk: Any) -> None:
    office, shop = desk
    office.post("users/new/", **form(shop))

    answer = office.post("users/new/", **form(shop))

    assert answer.status_code == 409
    assert "Another user has this name." in answer.text


def test_nobody_changes_their_own_roles(app: Flask, desk: Any) -> None:
    office, shop = desk
    me = shop.cashier

    answer = office.post(f"users/edit/?id={me.id}", **form(shop, username=me.username, password="", roles=["cashier"]))

    assert answer.status_code == 409
    assert "Nobody changes their own rights" in answer.text
    assert [role.name for role in user(app, me.username).roles] == ["manager"]


def test_the_last_manager_is_not_removed(app: Flask, desk: Any) -> None:
    office, shop = desk
    office.post("users/new/", **form(shop, roles=["manager"]))
    second = Office(app, "mia", GOOD)
    first = form(shop, username=shop.cashier.username, password="", roles=["cashier"])
    second.post(f"users/edit/?id={shop.cashier.id}", **first)
    demoted = [role.name for role in user(app, shop.cashier.username).roles]

    refused = office.post(f"users/edit/?id={user(app, 'mia').id}", **form(shop, password="", roles=["cashier"]))
    own = second.post(f"users/edit/?id={user(app, 'mia').id}", **form(shop, password="", roles=["cashier"]))

    assert demoted == ["cashier"]
    assert (refused.status_code, own.status_code) == (403, 409)
    assert [role.name for role in user(app, "mia").roles] == ["manager"]


def test_disabling_somebody_logs_them_out_at_once(app: Flask, desk: Any) -> None:
    office, shop = desk
    office.post("users/new/", **form(shop))
    till = app.test_client()
    log_in(till, "mia", GOOD)
    before = till.get("/api/session").get_json()["user"]

    fields = form(shop, password="")
    del fields["is_active"]
    office.post(f"users/edit/?id={user(app, 'mia').id}", **fields)

    assert before["username"] == "mia"
    assert till.get("/api/session").get_json()["user"] is None
    assert log_in(app.test_client(), "mia", GOOD).status_code == 401


def test_a_new_password_ends_the_old_sessions(app: Flask, desk: Any) -> None:
    office, shop = desk
    office.post("users/new/", **form(shop))
    till = app.test_client()
    log_in(till, "mia", GOOD)

    office.post(f"users/edit/?id={user(app, 'mia').id}", **form(shop, password="nine yellow herons sing"))

    assert till.get("/api/session").get_json()["user"] is None
    assert log_in(app.test_client(), "mia", "nine yellow herons sing").status_code == 200


def test_the_form_never_shows_a_password_and_takes_no_other_name(app: Flask, desk: Any) -> None:
    office, shop = desk
    office.post("users/new/", **form(shop))
    mia = user(app, "mia")

    page = office.page(f"users/edit/?id={mia.id}")
    office.post(f"users/edit/?id={mia.id}", **form(shop, username="root", password="", fs_uniquifier="x", id="1"))

    assert "$argon2" not in page
    after = user(app, "mia")
    assert (after.username, after.fs_uniquifier, after.password) == ("mia", mia.fs_uniquifier, mia.password)


def test_the_audit_log_names_who_did_what_and_nobody_edits_it(app: Flask, desk: Any) -> None:
    office, shop = desk
    with writing(app) as session:
        product = factories.make_product(session, shop, name=BAD_NAME)
    office.post("products/archive/", id=product.id, version=1)

    page = office.page("audit/", flt1_action="product.archived")
    with writing(app) as session:
        entry_id = session.scalars(select(AuditEntry.id).where(AuditEntry.action == "product.archived")).one()
    details = office.page("audit/details/", id=entry_id)

    assert shop.cashier.display_name in page
    assert "&lt;img src=x" in details
    assert BAD_NAME not in page + details
    assert [office.post(f"audit/{step}/", id=entry_id).status_code for step in ("edit", "delete", "new")] == [403] * 3


def test_roles_say_what_they_may(app: Flask, desk: Any) -> None:
    office, _shop = desk

    page = office.page("roles/")

    assert "manage the catalogue" in page
    assert office.post("roles/new/", name="root").status_code == 403


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_back_office_speaks_chinese(app: Flask, desk: Any) -> None:
    office, _shop = desk
    office.client.post("/language", data={"csrf_token": office.token, "locale": "zh", "next": "/admin/"})

    page = office.page("products/")
    answer = office.post("suppliers/new/", name="S", lead_time_days="")

    assert '<html lang="zh-Hans">' in page
    assert "商品" in page
    assert "Products" not in page
    assert "该字段" in answer.text
