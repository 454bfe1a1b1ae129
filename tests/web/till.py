"""A till for web tests: a shop with goods, a logged-in cashier, and baskets to send."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from werkzeug.test import TestResponse

from app.models.catalog import Product
from app.unit_of_work import unit_of_work
from tests.factories import Shop, make_product, make_shop, make_user

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Till:
    """A client that sends the cashier's token."""

    client: FlaskClient
    token: str
    shop: Shop

    def get(self, path: str, **arguments: Any) -> TestResponse:
        return self.client.get(path, headers=self._headers(), **arguments)

    def post(self, path: str, body: Any = None, **arguments: Any) -> TestResponse:
        headers = self._headers() | arguments.pop("headers", {})
        if body is not None:
            arguments["json"] = body
        return self.client.post(path, headers=headers, **arguments)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def open_till(app: Flask, *, role: str = "cashier", shop: Shop | None = None, **columns: Any) -> Till:
    """Log somebody of `role` in, in a new shop or in `shop`."""
    with app.app_context(), unit_of_work() as session:
        if shop is None:
            shop = make_shop(session, role=role, **columns)
            user = session.merge(shop.cashier)
        else:
            user = make_user(session, shop.store, role=role)
        user.password = hash_password(PASSWORD)
        username = user.username
    client = app.test_client()
    answer = client.post("/api/session", json={"username": username, "password": PASSWORD, "token": True})
    assert answer.status_code == 200, answer.get_json()
    return Till(client, answer.get_json()["token"], shop)


def stock(app: Flask, shop: Shop, pieces: int = 10, **columns: Any) -> Product:
    """A product with `pieces` on hand in the shop."""
    with app.app_context(), unit_of_work() as session:
        return make_product(session, shop, on_hand=pieces, **columns)


def sale(*lines: tuple[Product, int], **changes: Any) -> dict[str, Any]:
    """A basket of (product, pieces) lines paid exactly in cash; `changes` replace fields of the request."""
    total = sum(product.selling_price * pieces for product, pieces in lines)
    body = {
        "uuid": str(uuid4()),
        "till": "T1",
        "lines": [{"product_id": product.id, "quantity": pieces * 1000} for product, pieces in lines],
        "payments": [{"tender": "cash", "amount": total}],
        "expected_total": total,
    }
    return body | changes


def code(answer: TestResponse) -> tuple[int, str]:
    """(status, code) of a refusal."""
    return answer.status_code, answer.get_json()["error"]["code"]
