"""Refunds over HTTP: what is answered, refused and never given twice."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.models.checkout import Refund
from app.models.staff import AuditEntry, User
from app.unit_of_work import read_only
from tests.web.till import PASSWORD, Till, code, open_till, sale, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def till(app: Flask) -> Till:
    return open_till(app, refund_limit=1_000)


def sell(app: Flask, till: Till, pieces: int = 3, **columns: Any) -> dict[str, Any]:
    """The receipt of a fresh sale."""
    receipt: dict[str, Any] = till.post("/api/sales", sale((stock(app, till.shop, **columns), pieces))).get_json()
    return receipt


def body(receipt: dict[str, Any], pieces: float = 1, **changes: Any) -> dict[str, Any]:
    line = {"line_id": receipt["lines"][0]["id"], "quantity": int(pieces * 1000), "to": "shelf"}
    return {"uuid": str(uuid4()), "till": "T1", "lines": [line], "reason": "damaged"} | changes


def address(receipt: dict[str, Any]) -> str:
    return f"/api/sales/{receipt['uuid']}/refunds"


def refunds_stored(app: Flask) -> int:
    with app.app_context(), read_only() as session:
        return session.scalar(select(func.count()).select_from(Refund)) or 0


def test_a_refund_answers_with_its_slip(app: Flask, till: Till) -> None:
    receipt = sell(app, till, price=129)
    request = body(receipt, 2)

    answer = till.post(address(receipt), request)
    slip = answer.get_json()

    assert answer.status_code == 201
    assert slip["number"].startswith(f"{till.shop.store.code}-R0000")
    assert slip | {"number": "", "at": ""} == {
        "uuid": request["uuid"], "number": "", "sale_uuid": receipt["uuid"], "at": "", "total": 258,
        "lines": [{"line_id": receipt["lines"][0]["id"], "name": receipt["lines"][0]["name"], "quantity": 2000,
                   "amount": 258, "to": "shelf"}],
        "payments": [{"tender": "cash", "amount": 258}], "cashier": receipt["cashier"], "approver": None,
    }  # fmt: skip


def test_the_receipt_names_its_refunds_and_what_is_left(app: Flask, till: Till) -> None:
    receipt = sell(app, till, price=129)
    assert (receipt["refunds"], receipt["refundable"]) == ([], 387)

    slip = till.post(address(receipt), body(receipt, 2)).get_json()
    found = till.get(f"/api/sales/{receipt['uuid']}").get_json()

    assert (found["refunds"], found["refundable"], found["lines"][0]["returned"]) == ([slip], 129, 2000)


def test_the_same_refund_again_answers_200_with_the_same_slip(app: Flask, till: Till) -> None:
    receipt = sell(app, till)
    request = body(receipt)

    first, again = till.post(address(receipt), request), till.post(address(receipt), request)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert refunds_stored(app) == 1


def test_the_same_uuid_with_other_content_is_a_conflict(app: Flask, till: Till) -> None:
    receipt = sell(app, till)
    request = body(receipt)
    till.post(address(receipt), request)

    assert code(till.post(address(receipt), request | {"reason": "other"})) == (409, "refund_uuid_conflict")
    assert refunds_stored(app) == 1


def test_more_than_is_left_is_refused_with_every_line_named(app: Flask, till: Till) -> None:
    receipt = sell(app, till)
    till.post(address(receipt), body(receipt, 2))

    answer = till.post(address(receipt), body(receipt, 2))

    assert code(answer) == (422, "refund_exceeds")
    assert answer.get_json()["error"]["details"]["lines"] == [
        {"line_id": receipt["lines"][0]["id"], "name": receipt["lines"][0]["name"], "wanted": 2000, "left": 1000}
    ]
    assert refunds_stored(app) == 1


def test_a_line_of_another_sale_is_refused(app: Flask, till: Till) -> None:
    receipt, other = sell(app, till), sell(app, till)

    assert code(till.post(address(receipt), body(other))) == (422, "refund_line_mismatch")
    assert refunds_stored(app) == 0


def test_an_unknown_sale_is_not_found(app: Flask, till: Till) -> None:
    receipt = sell(app, till)

    assert code(till.post(f"/api/sales/{uuid4()}/refunds", body(receipt))) == (404, "sale_unknown")


def test_a_sale_of_another_store_is_not_found(app: Flask, till: Till) -> None:
    receipt = sell(app, till)
    elsewhere = open_till(app)

    assert code(elsewhere.post(address(receipt), body(receipt))) == (404, "sale_unknown")
    assert refunds_stored(app) == 0


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"amount": 5}, "unknown_field"),
        ({"lines": [{"line_id": 1, "quantity": 1000, "to": "shelf", "price": 1}]}, "unknown_field"),
        ({"lines": [{"line_id": 1, "quantity": "1000", "to": "shelf"}]}, "quantity_type"),
        ({"lines": [{"line_id": 1, "quantity": True, "to": "shelf"}]}, "quantity_type"),
        ({"lines": [{"line_id": 1, "quantity": 1000, "to": "pocket"}]}, "invalid_request"),
        ({"reason": "   "}, "invalid_request"),
        ({"reason": "x" * 201}, "invalid_request"),
        ({"till": "T 1"}, "invalid_request"),
        ({"lines": []}, "nothing_returned"),
        ({"approval": "forged"}, "approval_invalid"),
    ],
)
def test_bad_requests_are_named_and_store_nothing(app: Flask, till: Till, change: dict[str, Any], refusal: str) -> None:
    receipt = sell(app, till)

    answer = till.post(address(receipt), body(receipt, **change))

    assert code(answer) == (403 if refusal == "approval_invalid" else 422, refusal)
    assert refunds_stored(app) == 0


@pytest.mark.parametrize(
    ("pieces", "refusal"), [(0, "quantity_out_of_range"), (-1, "quantity_out_of_range"), (0.5, "quantity_not_whole")]
)
def test_impossible_quantities_are_named(app: Flask, till: Till, pieces: float, refusal: str) -> None:
    receipt = sell(app, till)

    assert code(till.post(address(receipt), body(receipt, pieces))) == (422, refusal)
    assert refunds_stored(app) == 0


def approval(app: Flask, till: Till, refund_uuid: str) -> str:
    """A supervisor of the same shop agrees at the till."""
    open_till(app, role="supervisor", shop=till.shop)
    with app.app_context(), read_only() as session:
        username = session.scalars(select(User.username).order_by(User.id.desc())).first()
    answer = till.post("/api/approvals", {
        "username": username, "password": PASSWORD, "action": "refund_over_limit", "subject": refund_uuid,
    })  # fmt: skip
    assert answer.status_code == 201
    token: str = answer.get_json()["approval"]
    return token


def test_a_refund_above_the_limit_needs_an_approval(app: Flask, till: Till) -> None:
    receipt = sell(app, till, price=501)
    request = body(receipt, 2)

    refused = till.post(address(receipt), request)
    given = till.post(address(receipt), request | {"approval": approval(app, till, request["uuid"])})

    assert code(refused) == (403, "approval_needed")
    assert (given.status_code, given.get_json()["total"]) == (201, 1002)
    assert given.get_json()["approver"].startswith("Supervisor")


def test_an_approval_of_another_refund_is_worth_nothing(app: Flask, till: Till) -> None:
    receipt = sell(app, till, price=501)
    token = approval(app, till, str(uuid4()))

    assert code(till.post(address(receipt), body(receipt, 2, approval=token))) == (403, "approval_invalid")
    assert refunds_stored(app) == 0


def test_a_supervisor_needs_no_approval(app: Flask, till: Till) -> None:
    receipt = sell(app, till, price=501)
    supervisor = open_till(app, role="supervisor", shop=till.shop)

    assert supervisor.post(address(receipt), body(receipt, 2)).status_code == 201


def test_ops_may_not_refund(app: Flask, till: Till) -> None:
    receipt = sell(app, till)
    ops = open_till(app, role="ops", shop=till.shop)

    assert code(ops.post(address(receipt), body(receipt))) == (403, "not_allowed")
    assert refunds_stored(app) == 0


def test_a_refund_is_in_the_audit_log(app: Flask, till: Till) -> None:
    receipt = sell(app, till)

    till.post(address(receipt), body(receipt))

    with app.app_context(), read_only() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "refund")).all()
    assert actions == ["sale.refunded"]
