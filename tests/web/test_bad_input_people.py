"""Bad refunds, approvals, logins and addresses, rows 26 to 29 and 70 to 71 of docs/bad-input.md."""

from typing import Any, Final
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.refusals import refused
from tests.web.staff_room import PASSWORD, csrf, hire, log_in
from tests.web.till import Till, open_till, sale, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Refusal = tuple[int, str, str]
RANGE: Final = (422, "quantity_out_of_range", "The quantity is out of range.")
NUMBER: Final = "This must be a whole number in range."


@pytest.fixture
def till(app: Flask) -> Till:
    return open_till(app, refund_limit=1_000)


def sell(app: Flask, till: Till, **columns: Any) -> dict[str, Any]:
    receipt: dict[str, Any] = till.post("/api/sales", sale((stock(app, till.shop, **columns), 3))).get_json()
    return receipt


def refund(app: Flask, till: Till, receipt: dict[str, Any], **changes: Any) -> Refusal:
    line = {"line_id": receipt["lines"][0]["id"], "quantity": 1000, "to": "shelf"}
    body = {"uuid": str(uuid4()), "till": "T1", "lines": [line], "reason": "damaged"} | changes
    return refused(app, lambda language: till.post(f"/api/sales/{receipt['uuid']}/refunds", body, headers=language))


LINES: Final[list[tuple[dict[str, Any], Refusal]]] = [
    ({"quantity": 0}, RANGE),
    ({"quantity": -1000}, RANGE),
    ({"quantity": 1500}, (422, "quantity_not_whole", "Line 1: pieces must be whole.")),
    ({"quantity": 4000}, (422, "refund_exceeds", "More than was sold and not yet returned.")),
    ({"quantity": 10**18}, (422, "refund_exceeds", "More than was sold and not yet returned.")),
    ({"quantity": "1000"}, (422, "quantity_type", f"lines.0.quantity: {NUMBER}")),
    ({"to": "pocket"}, (422, "invalid_request", "lines.0.to: This value is not one of the known ones.")),
    ({"amount": 5}, (422, "unknown_field", "lines.0.amount: This field is not known.")),
    ({"line_id": 99_999}, (422, "refund_line_mismatch", "That line does not belong to this sale.")),
    ({"line_id": -(2**63) + 1}, (422, "refund_line_mismatch", "That line does not belong to this sale.")),
]


@pytest.mark.parametrize(("change", "expected"), LINES, ids=range(len(LINES)))
def test_a_line_that_cannot_come_back_is_refused(
    app: Flask, till: Till, change: dict[str, Any], expected: Refusal
) -> None:
    receipt = sell(app, till)
    line = {"line_id": receipt["lines"][0]["id"], "quantity": 1000, "to": "shelf"} | change

    assert refund(app, till, receipt, lines=[line]) == expected


def test_a_refund_is_never_refunded_again(app: Flask, till: Till) -> None:
    receipt = sell(app, till)
    line = {"line_id": receipt["lines"][0]["id"], "quantity": 3000, "to": "shelf"}
    slip = till.post(
        f"/api/sales/{receipt['uuid']}/refunds",
        {"uuid": str(uuid4()), "till": "T1", "lines": [line], "reason": "damaged"},
    ).get_json()

    again = refund(app, till, receipt)
    of_the_refund = refund(app, till, receipt | {"uuid": slip["uuid"]})

    assert again == (422, "refund_exceeds", "More than was sold and not yet returned.")
    assert of_the_refund == (404, "sale_unknown", "There is no such sale.")


def test_a_line_of_another_sale_is_refused(app: Flask, till: Till) -> None:
    receipt, other = sell(app, till), sell(app, till)

    answer = refund(app, till, receipt | {"lines": other["lines"]})

    assert answer == (422, "refund_line_mismatch", "That line does not belong to this sale.")


def test_a_refund_over_the_limit_needs_somebody_else(app: Flask, till: Till) -> None:
    receipt = sell(app, till, price=1_001)

    assert refund(app, till, receipt) == (403, "approval_needed", "A supervisor must approve this.")


def approve(app: Flask, client: FlaskClient, **changes: Any) -> Refusal:
    token = csrf(client)
    body = {"username": "x", "password": PASSWORD, "action": "refund_over_limit", "subject": str(uuid4())} | changes
    return refused(app, lambda language: client.post("/api/approvals", json=body, headers=token | language))


def test_nobody_approves_for_themselves(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "supervisor")
    log_in(client, names["supervisor"])

    expected = (403, "self_approval", "Somebody else must approve: not the cashier.")
    assert approve(app, client, username=names["supervisor"]) == expected


def test_a_colleague_without_the_right_approves_nothing(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "ops")
    log_in(client, names["cashier"])

    answer = approve(app, client, username=names["ops"])

    assert answer == (403, "not_allowed", "You are not allowed to do this.")


def test_wrong_passwords_of_a_supervisor_make_the_till_wait(app: Flask, client: FlaskClient) -> None:
    names = hire(app, "cashier", "supervisor")
    log_in(client, names["cashier"])
    for _ in range(5):
        client.post(
            "/api/approvals",
            json={"username": names["supervisor"], "password": "wrong", "action": "refund_over_limit",
                  "subject": str(uuid4())},
            headers=csrf(client),
        )  # fmt: skip

    status, code, message = approve(app, client, username=names["supervisor"])

    assert (status, code) == (429, "login_locked")
    assert message in ("Too many attempts: wait 60 seconds.", "Too many attempts: wait 59 seconds.")


WRONG: Final = (401, "login_failed", "User name or password is wrong.")
LOGINS: Final[list[tuple[dict[str, Any], Refusal]]] = [
    ({"username": "' OR 1=1 --"}, WRONG),
    ({"username": "сashier"}, WRONG),
    ({"username": "ｃashier"}, WRONG),
    ({"username": "\x00"}, WRONG),
    ({"password": "p" * 128}, WRONG),
    ({"password": "p" * 129}, (422, "invalid_request", "password: The text is too long.")),
    ({"password": "p" * 10_000}, (422, "invalid_request", "password: The text is too long.")),
    ({"username": "u" * 65}, (422, "invalid_request", "username: The text is too long.")),
    ({"username": ""}, (422, "invalid_request", "username: The text is too short.")),
    ({"password": None}, (422, "invalid_request", "password: This must be text.")),
    ({"is_admin": True}, (422, "unknown_field", "is_admin: This field is not known.")),
]


@pytest.mark.parametrize(("change", "expected"), LOGINS, ids=range(len(LOGINS)))
def test_a_login_that_cannot_be_is_refused(
    app: Flask, client: FlaskClient, change: dict[str, Any], expected: Refusal
) -> None:
    token = csrf(client)
    body = {"username": "nobody", "password": "wrong password"} | change

    def send(language: dict[str, str]) -> TestResponse:
        return client.post("/api/session", json=body, headers=token | language)

    assert refused(app, send) == expected


ADDRESSES: Final[list[tuple[str, str, Refusal]]] = [
    ("GET", "/api/nowhere", (404, "not_found", "There is nothing at this address.")),
    ("GET", "/api/../etc/passwd", (404, "not_found", "There is nothing at this address.")),
    ("GET", "/api/%2e%2e/%2e%2e/etc/passwd", (404, "not_found", "There is nothing at this address.")),
    ("GET", "/api/sales/%00", (404, "not_found", "There is nothing at this address.")),
    ("GET", "/api/sales/1", (404, "not_found", "There is nothing at this address.")),
    ("PUT", "/api/sales", (405, "method_not_allowed", "This address does not take that method.")),
    ("BREW", "/api/sales", (405, "method_not_allowed", "This address does not take that method.")),
]


@pytest.mark.parametrize(("method", "path", "expected"), ADDRESSES)
def test_an_odd_address_or_method_is_refused(app: Flask, till: Till, method: str, path: str, expected: Refusal) -> None:
    def send(language: dict[str, str]) -> TestResponse:
        return till.client.open(path, method=method, headers=till._headers() | language)

    assert refused(app, send) == expected
