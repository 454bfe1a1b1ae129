"""User accounts, waiting after wrong passwords, and the commands for both, on every database."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_security.utils import verify_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.errors import ShopError, StoreUnknown
from app.domain.staff_refusals import (
    LastManager,
    LoginLocked,
    ManagerExists,
    OwnAccount,
    RoleUnknown,
    UsernameInvalid,
    UsernameTaken,
    UserUnknown,
)
from app.extensions import db
from app.models.staff import AuditEntry, LoginThrottle, User
from app.queries import staff as staff_queries
from app.services import login_throttle, staff
from app.unit_of_work import transact
from tests.factories import NOON, make_shop, make_user

HERE = "192.0.2.7"


def create(session: Session, store_id: int, username: str = "ana", *roles: str) -> int:
    return staff.create_user(
        session, username=username, display_name="Ana", password_hash="x", roles=roles or ["cashier"],
        store_id=store_id, by=None, now=NOON,
    )  # fmt: skip


def test_a_new_user_has_the_roles_and_is_audited(session: Session) -> None:
    shop = make_shop(session)

    user_id = create(session, shop.store_id, " ANA ", "cashier", "ops")

    row = staff_queries.by_username(session, "ana")
    assert row is not None
    assert (row.id, row.roles, row.is_active) == (user_id, frozenset({"cashier", "ops"}), True)
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_id) == ("user_created", str(user_id))
    assert entry.details == {"username": "ana", "roles": ["cashier", "ops"]}


@pytest.mark.parametrize(
    ("username", "roles", "refusal"),
    [("ana", ["cashier"], UsernameTaken), ("a b", ["cashier"], UsernameInvalid), ("eva", ["owner"], RoleUnknown)],
)
def test_a_refused_user_is_not_made(
    session: Session, username: str, roles: list[str], refusal: type[ShopError]
) -> None:
    shop = make_shop(session)
    create(session, shop.store_id)

    with pytest.raises(refusal):
        create(session, shop.store_id, username, *roles)

    assert len(staff_queries.everybody(session)) == 2


def test_a_new_password_ends_every_login(session: Session) -> None:
    shop = make_shop(session)
    staff.begin_login(session, session_id="s1", user_id=shop.cashier.id, hours=12, now=NOON)
    before = shop.cashier.fs_uniquifier

    staff.set_password(session, user_id=shop.cashier.id, password_hash="new", by=None, now=NOON)

    session.refresh(shop.cashier)
    assert shop.cashier.password == "new"
    assert shop.cashier.fs_uniquifier != before
    assert staff_queries.of_session(session, "s1", now=NOON) is None


def test_a_login_is_known_until_its_hours_are_over(session: Session) -> None:
    shop = make_shop(session)

    staff.begin_login(session, session_id="s1", user_id=shop.cashier.id, hours=12, now=NOON)

    last = staff_queries.of_session(session, "s1", now=NOON + timedelta(hours=12, seconds=-1))
    assert last is not None
    assert last.username == shop.cashier.username
    assert staff_queries.of_session(session, "s1", now=NOON + timedelta(hours=12)) is None
    assert staff_queries.of_session(session, "S1", now=NOON) is None


def test_the_last_manager_stays(session: Session) -> None:
    shop = make_shop(session, role="manager")
    disabled = make_user(session, shop.store, role="manager")
    disabled.active = False
    session.flush()

    with pytest.raises(LastManager):
        staff.set_active(session, user_id=shop.cashier.id, is_active=False, by=None, now=NOON)
    with pytest.raises(LastManager):
        staff.set_roles(session, user_id=shop.cashier.id, roles=["cashier"], by=None, now=NOON)

    row = staff_queries.by_username(session, shop.cashier.username)
    assert row is not None
    assert (row.is_active, row.roles) == (True, frozenset({"manager"}))


def test_nobody_changes_their_own_rights(session: Session) -> None:
    shop = make_shop(session, role="manager")
    own = shop.cashier.id

    with pytest.raises(OwnAccount):
        staff.set_roles(session, user_id=own, roles=["ops"], by=own, now=NOON)
    with pytest.raises(OwnAccount):
        staff.set_active(session, user_id=own, is_active=False, by=own, now=NOON)


def test_changed_roles_are_in_force_and_audited(session: Session) -> None:
    shop = make_shop(session)

    staff.set_roles(session, user_id=shop.cashier.id, roles=["supervisor"], by=None, now=NOON)
    session.flush()

    row = staff_queries.by_username(session, shop.cashier.username)
    assert row is not None
    assert row.roles == {"supervisor"}
    assert session.scalars(select(AuditEntry.details)).one() == {"before": ["cashier"], "after": ["supervisor"]}


def test_a_change_to_nobody_is_refused(session: Session) -> None:
    with pytest.raises(UserUnknown):
        staff.set_active(session, user_id=4711, is_active=False, by=None, now=NOON)


def test_the_first_manager_brings_the_store_and_there_is_only_one_first(session: Session) -> None:
    def make(username: str) -> int:
        return staff.create_first_manager(
            session, username=username, display_name="", password_hash="x", store_code="S1", now=NOON
        )

    make("boss")

    assert staff.store_id_of(session, "S1") > 0
    with pytest.raises(ManagerExists):
        make("boss2")
    with pytest.raises(StoreUnknown):
        staff.store_id_of(session, "S2")


def test_a_right_password_gives_the_attempt_back(session: Session) -> None:
    for _ in range(3):
        login_throttle.claim_attempt(session, username="ana", address=HERE, now=NOON)

    login_throttle.forgive_attempt(session, username="ana", address=HERE, now=NOON)

    rows = session.execute(select(LoginThrottle.key, LoginThrottle.failures)).all()
    assert [tuple(row) for row in rows] == [(f"address:{HERE}", 2)]


def test_wrong_passwords_of_an_hour_ago_are_forgotten(session: Session) -> None:
    for _ in range(4):
        login_throttle.claim_attempt(session, username="ana", address=HERE, now=NOON)

    later = NOON + timedelta(hours=1)
    login_throttle.claim_attempt(session, username="ana", address=HERE, now=later)

    failures = session.scalar(select(LoginThrottle.failures).where(LoginThrottle.key == f"account:ana@{HERE}"))
    assert failures == 1


def test_counters_of_yesterday_are_deleted(session: Session) -> None:
    login_throttle.claim_attempt(session, username="ana", address=HERE, now=NOON)

    login_throttle.claim_attempt(session, username="eva", address="192.0.2.8", now=NOON + timedelta(days=2))

    keys = list(session.scalars(select(LoginThrottle.key).order_by(LoginThrottle.key)))
    assert keys == ["account:eva@192.0.2.8", "address:192.0.2.8"]


def test_twenty_guesses_at_once_are_counted_as_twenty(app: Flask) -> None:
    outcomes: list[str] = []

    def guess() -> None:
        with app.app_context():
            try:
                transact(
                    lambda session: login_throttle.claim_attempt(session, username="ana", address=HERE, now=NOON),
                    tries=50, budget_s=120,
                )  # fmt: skip
                outcomes.append("tried")
            except LoginLocked:
                outcomes.append("waits")

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["tried"] * 5 + ["waits"] * 15


def test_create_admin_prints_a_password_that_works_and_refuses_a_second_one(app: Flask) -> None:
    runner = app.test_cli_runner()

    first = runner.invoke(args=["staff", "create-admin", "boss", "--generate"])
    second = runner.invoke(args=["staff", "create-admin", "other", "--generate"])

    password = first.output.rpartition(": ")[2].strip()
    with app.app_context(), Session(db.engine) as session:
        user = session.scalars(select(User)).one()
        assert verify_password(password, user.password)
        assert user.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (first.exit_code, second.exit_code) == (0, 1)
    assert "There is a manager already" in second.output


def test_a_password_from_a_file_must_be_hard_to_guess(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("123456\n")

    answer = app.test_cli_runner().invoke(args=["staff", "create-admin", "boss", "--password-file", str(file)])

    assert (answer.exit_code, answer.output) == (1, "Error: A password has 12 to 128 characters.\n")
    with app.app_context(), Session(db.engine) as session:
        assert session.scalars(select(User)).all() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_users_way_through_the_commands(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=["staff", "create-admin", "boss", "--generate"])

    said = [
        runner.invoke(args=["staff", *words]).output.splitlines()[0]
        for words in (
            ["create", "ana", "--role", "cashier", "--store", "S1", "--generate"],
            ["create", "ana", "--role", "cashier", "--store", "S1", "--generate"],
            ["create", "eva", "--role", "cashier", "--store", "S9", "--generate"],
            ["set-roles", "ana", "supervisor", "ops"],
            ["set-password", "ana", "--generate"],
            ["disable", "ana"],
            ["enable", "ana"],
            ["logout", "ana"],
            ["disable", "boss"],
            ["disable", "nobody"],
            ["list"],
        )
    ]

    assert said[:-1] == [
        "User ana created.",
        "Error: Another user has this name.",
        "Error: There is no such store.",
        "Roles set.",
        "Password changed.",
        "Disabled and logged out everywhere.",
        "Enabled.",
        "Logged out everywhere.",
        "Error: Somebody must be left who manages staff.",
        "Error: There is no such user.",
    ]
    assert said[-1].split() == ["ana", "ops,", "supervisor", "never"]
