"""A supervisor agrees at the till: who may, for what, and for how long."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.errors import ApprovalInvalid
from app.domain.staff import Permission
from app.domain.staff_refusals import LoginAgain
from app.extensions import db
from app.models.staff import AuditEntry, User
from app.views.api.approvals import read_approval
from tests.web.staff_room import PASSWORD, csrf, forged, hire, log_in

START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def ask_approval(client: FlaskClient, username: str, **changes: object) -> tuple[int, dict[str, object]]:
    body = {"username": username, "password": PASSWORD, "action": "goods_in_hand", "subject": str(uuid4())}
    answer = client.post("/api/approvals", json=body | changes, headers=csrf(client))
    return answer.status_code, answer.get_json()


def read(app: Flask, client: FlaskClient, token: str, action: Permission, subject: UUID) -> int:
    """Read an approval the way the checkout does, as whoever `client` is logged in as."""
    cookie = client.get_cookie("aisle")
    assert cookie is not None
    with app.test_request_context("/api/sales", headers={"Cookie": f"aisle={cookie.value}"}):
        return read_approval(token, action, subject)


def test_a_supervisor_approves_at_the_till_without_logging_the_cashier_out(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "supervisor")
    log_in(client, names["cashier"])
    subject = uuid4()

    status, answer = ask_approval(client, names["supervisor"], subject=str(subject))

    assert (status, answer["expires_in_s"]) == (201, 120)
    assert answer["approver"] == f"Supervisor {names['supervisor'].removeprefix('supervisor')}"
    assert client.get("/api/session").get_json()["user"]["username"] == names["cashier"]
    with app.app_context(), Session(db.engine) as session:
        approver = session.scalars(select(User.id).where(User.username == names["supervisor"])).one()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "approved")).one()
    assert read(app, client, str(answer["approval"]), Permission.GOODS_IN_HAND, subject) == approver
    assert (entry.user_id, entry.subject_id) == (approver, str(subject))


def test_an_approval_is_good_for_its_action_its_subject_and_its_cashier_only(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "supervisor", "manager")
    other = app.test_client()
    log_in(client, names["cashier"])
    log_in(other, names["manager"])
    subject = uuid4()
    token = str(ask_approval(client, names["supervisor"], subject=str(subject))[1]["approval"])

    for reader, action, about, text in (
        (client, Permission.REFUND_OVER_LIMIT, subject, token),
        (client, Permission.GOODS_IN_HAND, uuid4(), token),
        (other, Permission.GOODS_IN_HAND, subject, token),
        (client, Permission.GOODS_IN_HAND, subject, forged(token)),
        (client, Permission.GOODS_IN_HAND, subject, "é"),
    ):
        with pytest.raises(ApprovalInvalid):
            read(app, reader, text, action, about)
    with pytest.raises(LoginAgain), app.test_request_context("/api/sales"):
        read_approval(token, Permission.GOODS_IN_HAND, subject)


def test_an_approval_ends_after_two_minutes(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "supervisor")
    subject = uuid4()
    with time_machine.travel(START, tick=False) as clock:
        log_in(client, names["cashier"])
        token = str(ask_approval(client, names["supervisor"], subject=str(subject))[1]["approval"])

        clock.shift(timedelta(seconds=120))
        in_time = read(app, client, token, Permission.GOODS_IN_HAND, subject)
        clock.shift(timedelta(seconds=1))
        with pytest.raises(ApprovalInvalid):
            read(app, client, token, Permission.GOODS_IN_HAND, subject)

    assert in_time > 0


def test_nobody_approves_for_themselves(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "supervisor")
    log_in(client, names["supervisor"])

    status, answer = ask_approval(client, names["supervisor"].upper())

    assert (status, answer["error"]["code"]) == (403, "self_approval")  # type: ignore[index]


def test_a_cashier_cannot_approve_and_the_attempt_is_audited(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "supervisor", "cashier")
    log_in(client, names["supervisor"])

    status, answer = ask_approval(client, names["cashier"])

    assert (status, answer["error"]["code"]) == (403, "not_allowed")  # type: ignore[index]
    with app.app_context(), Session(db.engine) as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["login", "approval_denied"]


def test_a_wrong_password_approves_nothing_and_the_sixth_try_waits(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "supervisor")
    log_in(client, names["cashier"])

    tries = [ask_approval(client, names["supervisor"], password="wrong") for _ in range(6)]

    codes = [answer["error"]["code"] for _status, answer in tries]  # type: ignore[index]
    assert codes == ["login_failed"] * 5 + ["login_locked"]
    assert client.get("/api/session").get_json()["user"]["username"] == names["cashier"]


@pytest.mark.parametrize("changes", [{"action": "manage_staff"}, {"subject": "x"}, {"subject": str(UUID(int=0))}])
def test_only_known_actions_on_real_subjects_can_be_approved(
    app: Flask, client: FlaskClient, changes: dict[str, str]
) -> None:
    names = hire(app, "cashier", "supervisor")
    log_in(client, names["cashier"])

    assert ask_approval(client, names["supervisor"], **changes)[0] == 422
