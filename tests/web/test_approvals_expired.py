"""An approval that has ended meanwhile: what was sold or given back with it stays so, and is told again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask

from app.clock import utc_now
from app.domain.staff import Permission
from tests.web.till import PASSWORD, Till, code, open_till, sale, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@contextmanager
def minutes_later(minutes: int) -> Iterator[None]:
    with time_machine.travel(utc_now() + timedelta(minutes=minutes)):
        yield


@pytest.fixture
def till(app: Flask) -> Till:
    return open_till(app, refund_limit=100)


def approval(app: Flask, till: Till, action: Permission, subject: str) -> str:
    """What a supervisor of the shop signs."""
    supervisor = open_till(app, role="supervisor", shop=till.shop)
    username = supervisor.get("/api/session").get_json()["user"]["username"]
    body = {"username": username, "password": PASSWORD, "action": action.value, "subject": subject}
    token: str = till.post("/api/approvals", body).get_json()["approval"]
    return token


def goods_in_hand(app: Flask, till: Till) -> dict[str, Any]:
    """A basket that the books do not cover, with a supervisor's word that the goods are there."""
    uuid = str(uuid4())
    token = approval(app, till, Permission.GOODS_IN_HAND, uuid)
    return sale((stock(app, till.shop, 1), 3), uuid=uuid, goods_in_hand={"approval": token})


def test_a_sale_that_is_stored_is_told_again_when_its_approval_has_ended(app: Flask, till: Till) -> None:
    body = goods_in_hand(app, till)
    first = till.post("/api/sales", body)

    with minutes_later(3):
        again = till.post("/api/sales", body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json() == first.get_json()


def test_the_next_cashier_hears_of_the_sale_that_was_on_its_way(app: Flask, till: Till) -> None:
    body = goods_in_hand(app, till)
    first = till.post("/api/sales", body)
    relief = open_till(app, shop=till.shop)

    again = relief.post("/api/sales", body)

    assert (again.status_code, again.get_json()) == (200, first.get_json())


def test_an_ended_approval_sells_nothing(app: Flask, till: Till) -> None:
    body = goods_in_hand(app, till)

    with minutes_later(3):
        answer = till.post("/api/sales", body)

    assert code(answer) == (403, "approval_invalid")
    assert till.get(f"/api/sales/{body['uuid']}").status_code == 404


def test_an_ended_approval_does_not_make_another_basket_the_stored_one(app: Flask, till: Till) -> None:
    body = goods_in_hand(app, till)
    till.post("/api/sales", body)
    other = body | {"lines": [body["lines"][0] | {"quantity": 4000}]}

    with minutes_later(3):
        answer = till.post("/api/sales", other)

    assert code(answer) == (409, "sale_uuid_conflict")


def refund_over_the_limit(app: Flask, till: Till) -> tuple[str, dict[str, Any]]:
    """Where to, and what a till sends with a supervisor's word."""
    receipt = till.post("/api/sales", sale((stock(app, till.shop, price=501), 3))).get_json()
    uuid = str(uuid4())
    line = {"line_id": receipt["lines"][0]["id"], "quantity": 1000, "to": "shelf"}
    token = approval(app, till, Permission.REFUND_OVER_LIMIT, uuid)
    body = {"uuid": uuid, "till": "T1", "lines": [line], "reason": "damaged", "approval": token}
    return f"/api/sales/{receipt['uuid']}/refunds", body


def test_a_refund_that_is_stored_is_told_again_when_its_approval_has_ended(app: Flask, till: Till) -> None:
    address, body = refund_over_the_limit(app, till)
    first = till.post(address, body)

    with minutes_later(3):
        again = till.post(address, body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json() == first.get_json()


def test_an_ended_approval_gives_nothing_back(app: Flask, till: Till) -> None:
    address, body = refund_over_the_limit(app, till)

    with minutes_later(3):
        answer = till.post(address, body)

    assert code(answer) == (403, "approval_invalid")
    assert till.get(address.removesuffix("/refunds")).get_json()["refundable"] == 1503


def test_a_stored_refund_is_not_told_to_another_store(app: Flask, till: Till) -> None:
    address, body = refund_over_the_limit(app, till)
    till.post(address, body)
    elsewhere = open_till(app)

    assert code(elsewhere.post(address, body)) == (404, "sale_unknown")
