"""Orders and stock on the phone: what is to come, what came, where it is."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.models.receiving import GoodsReceipt
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.services import replenishment, replenishment_orders, stock
from app.unit_of_work import read_only
from tests.factories import NOON, make_product, make_supplier
from tests.web.office import writing
from tests.web.till import Till, code, open_till

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Ordered:
    """A draft over 30 pieces, the people concerned and the product."""

    order_id: int
    product: Any
    manager: Till
    supervisor: Till

    @property
    def path(self) -> str:
        return f"/api/orders/{self.order_id}"


@pytest.fixture
def ordered(app: Flask) -> Ordered:
    supervisor = open_till(app, role="supervisor")
    with writing(app) as session:
        supplier = make_supplier(session, name="Morning Fresh")
        product = make_product(
            session, supervisor.shop, on_hand=3, supplier_id=supplier.id, safety_stock=12_000, pack_size=10_000,
            purchase_price=50, shelf="A1",
        )  # fmt: skip
        replenishment.top_up(session, supervisor.shop.store_id, [product.id], now=NOON)
        order_id = session.scalars(select(ReplenishmentOrder.id)).one()
    return Ordered(order_id, product, open_till(app, role="manager", shop=supervisor.shop), supervisor)


def shown(ordered: Ordered) -> dict[str, Any]:
    """What a manager agrees to who looks at the order now."""
    lines = ordered.manager.get(ordered.path).get_json()["lines"]
    return {"lines": [{key: line[key] for key in ("product_id", "quantity", "unit_cost")} for line in lines]}


def place(ordered: Ordered) -> int:
    """Approve and place the order; its line."""
    seen = shown(ordered)
    answers = [ordered.manager.post(f"{ordered.path}/{step}", seen) for step in ("approve", "place")]
    assert [answer.status_code for answer in answers] == [200, 200]
    return int(answers[-1].get_json()["lines"][0]["id"])


def test_a_draft_is_listed_with_what_it_costs_and_why(ordered: Ordered) -> None:
    [listed] = ordered.supervisor.get("/api/orders?state=draft").get_json()["orders"]
    order = ordered.supervisor.get(ordered.path).get_json()

    assert listed == {
        "id": ordered.order_id, "state": "draft", "supplier": "Morning Fresh", "store": ordered.manager.shop.store.name,
        "expected_on": None, "lines": 1, "total_cost": 1500,
    }  # fmt: skip
    [line] = order["lines"]
    assert (line["product_id"], line["quantity"], line["received"], line["pack_size"]) == (
        ordered.product.id, 30_000, 0, 10_000,
    )  # fmt: skip
    assert line["reason"].startswith("Not sold lately; 3 available of safety stock 12")
    assert ordered.supervisor.get("/api/orders?state=placed").get_json() == {"orders": []}


def test_a_manager_changes_approves_and_places_and_the_goods_are_received_once(app: Flask, ordered: Ordered) -> None:
    line_id = ordered.manager.get(ordered.path).get_json()["lines"][0]["id"]
    changed = ordered.manager.client.put(
        f"{ordered.path}/lines/{line_id}", json={"quantity": 40_000}, headers=ordered.manager._headers()
    )
    place(ordered)
    delivery = {"uuid": str(uuid4()), "lines": [{"line_id": line_id, "counted": 40_000}]}

    answers = [ordered.supervisor.post(f"{ordered.path}/receipts", delivery) for _ in range(2)]

    assert changed.get_json()["lines"][0]["quantity"] == 40_000
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].get_json() == answers[1].get_json()
    assert answers[0].get_json()["order_state"] == "received"
    with app.app_context(), read_only() as session:
        assert len(session.scalars(select(GoodsReceipt)).all()) == 1
    stocked = ordered.supervisor.get(f"/api/products/{ordered.product.id}/stock").get_json()
    assert stocked["stores"][0]["on_hand"] == 43_000


def test_only_the_lines_that_were_shown_are_approved(app: Flask, ordered: Ordered) -> None:
    seen = shown(ordered)
    shop = ordered.manager.shop
    with writing(app) as session:
        more = make_product(
            session, shop, on_hand=1, name="Butter", supplier_id=ordered.product.supplier_id, safety_stock=6_000,
            pack_size=6_000, purchase_price=90,
        )  # fmt: skip
        replenishment.top_up(session, shop.store_id, [more.id], now=NOON)

    refused = ordered.manager.post(f"{ordered.path}/approve", seen)
    after = ordered.manager.get(ordered.path).get_json()
    approved = ordered.manager.post(f"{ordered.path}/approve", shown(ordered))

    error = refused.get_json()["error"]
    assert (refused.status_code, error["code"]) == (409, "order_changed")
    assert error["message"] == "The order has changed meanwhile: Butter. Look at it again."
    assert error["details"]["lines"] == shown(ordered)["lines"]
    assert (after["state"], len(after["lines"])) == ("draft", 2)
    assert (approved.status_code, approved.get_json()["state"]) == (200, "approved")


def test_only_the_lines_that_were_shown_are_placed(app: Flask, ordered: Ordered) -> None:
    seen = shown(ordered)
    ordered.manager.post(f"{ordered.path}/approve", seen)
    with writing(app) as session:
        line_id = session.scalars(select(ReplenishmentOrderLine.id)).one()
        replenishment_orders.edit_line(
            session, line_id, quantity=40_000, user_id=ordered.manager.shop.cashier.id, now=NOON
        )

    refused = ordered.manager.post(f"{ordered.path}/place", seen)
    after = ordered.manager.get(ordered.path).get_json()
    placed = ordered.manager.post(f"{ordered.path}/place", shown(ordered))

    error = refused.get_json()["error"]
    assert (refused.status_code, error["code"], after["state"]) == (409, "order_changed", "approved")
    assert error["details"]["lines"] == [{"product_id": ordered.product.id, "quantity": 40_000, "unit_cost": 50}]
    assert (placed.status_code, placed.get_json()["state"]) == (200, "placed")


def test_an_order_is_not_placed_unseen(ordered: Ordered) -> None:
    ordered.manager.post(f"{ordered.path}/approve", shown(ordered))

    refused = ordered.manager.post(f"{ordered.path}/place", {})

    assert code(refused) == (422, "invalid_request")
    assert ordered.manager.get(ordered.path).get_json()["state"] == "approved"


def test_a_reason_that_reads_otherwise_by_now_does_not_hinder_an_approval(app: Flask, ordered: Ordered) -> None:
    seen, before = shown(ordered), ordered.manager.get(ordered.path).get_json()["lines"][0]["reason"]
    with writing(app) as session:
        stock.adjust(
            session, store_id=ordered.manager.shop.store_id, product_id=ordered.product.id, quantity=-1_000,
            reason="waste", user_id=None, now=NOON,
        )  # fmt: skip
        replenishment.top_up(session, ordered.manager.shop.store_id, [ordered.product.id], now=NOON)

    approved = ordered.manager.post(f"{ordered.path}/approve", seen)

    assert (approved.status_code, approved.get_json()["state"]) == (200, "approved")
    assert approved.get_json()["lines"][0]["reason"] != before


def test_an_order_names_the_deliveries_that_what_came_contains(ordered: Ordered) -> None:
    line_id = place(ordered)
    before = ordered.supervisor.get(ordered.path).get_json()
    delivery = {"uuid": str(uuid4()), "lines": [{"line_id": line_id, "counted": 10_000}]}
    ordered.supervisor.post(f"{ordered.path}/receipts", delivery)

    after = ordered.supervisor.get(ordered.path).get_json()

    assert (before["lines"][0]["received"], before["receipts"]) == (0, [])
    assert (after["lines"][0]["received"], after["receipts"]) == (10_000, [delivery["uuid"]])


def test_a_surplus_is_asked_about(ordered: Ordered) -> None:
    line_id = place(ordered)
    delivery = {"uuid": str(uuid4()), "lines": [{"line_id": line_id, "counted": 31_000}]}

    asked = ordered.supervisor.post(f"{ordered.path}/receipts", delivery)
    kept = ordered.supervisor.post(f"{ordered.path}/receipts", delivery | {"accept_surplus": True})

    assert (code(asked), kept.status_code) == ((409, "over_delivery"), 201)


def test_a_line_that_stands_twice_or_belongs_elsewhere_is_refused(ordered: Ordered) -> None:
    line_id = place(ordered)
    twice = {"uuid": str(uuid4()), "lines": [{"line_id": line_id, "counted": 1000}] * 2}
    foreign = {"uuid": str(uuid4()), "lines": [{"line_id": 4711, "counted": 1000}]}

    answers = [ordered.supervisor.post(f"{ordered.path}/receipts", body) for body in (twice, foreign)]

    assert [code(answer) for answer in answers] == [(422, "invalid_request"), (422, "order_line_unknown")]
    elsewhere = ordered.manager.client.put(
        f"{ordered.path}/lines/4711", json={"quantity": 1000}, headers=ordered.manager._headers()
    )
    assert code(elsewhere) == (422, "order_line_unknown")


def test_an_order_of_another_store_is_nobodys_business_but_a_managers(app: Flask, ordered: Ordered) -> None:
    neighbour = open_till(app, role="supervisor")
    delivery = {"uuid": str(uuid4()), "lines": []}

    assert neighbour.get("/api/orders").get_json() == {"orders": []}
    assert code(neighbour.get(ordered.path)) == (404, "order_unknown")
    assert code(neighbour.post(f"{ordered.path}/receipts", delivery)) == (404, "order_unknown")
    assert ordered.manager.get(ordered.path).status_code == 200


def test_where_a_product_is_and_when_more_of_it_comes(ordered: Ordered) -> None:
    place(ordered)

    found = ordered.supervisor.get(f"/api/products/{ordered.product.id}/stock").get_json()

    expected_on = ordered.supervisor.get(ordered.path).get_json()["expected_on"]
    store = ordered.supervisor.shop.store
    assert found == {
        "product_id": ordered.product.id, "name": ordered.product.name, "unit": "piece", "price": 100, "shelf": "A1",
        "on_order": 30_000, "expected_on": expected_on,
        "stores": [
            {"code": store.code, "name": store.name, "on_hand": 3000, "reserved": 0, "available": 3000,
             "safety_stock": 12_000, "is_being_counted": False}
        ],
    }  # fmt: skip
    assert expected_on is not None
    assert code(ordered.supervisor.get("/api/products/4711/stock")) == (404, "product_unknown")


def test_others_see_their_own_store_and_managers_all(app: Flask, ordered: Ordered) -> None:
    neighbour = open_till(app, role="supervisor")
    path = f"/api/products/{ordered.product.id}/stock"

    assert neighbour.get(path).get_json()["stores"] == []
    assert len(ordered.manager.get(path).get_json()["stores"]) == 1


def test_what_to_count_today_says_why(ordered: Ordered) -> None:
    [proposal] = ordered.manager.get("/api/stocktakes/proposals?limit=1").get_json()["proposals"]

    assert (proposal["product_id"], proposal["shelf"]) == (ordered.product.id, "A1")
    assert proposal["why"] == "Stock worth 1.50 EUR, sells 0.0 a day, never counted"
    assert proposal["score"] > 0
