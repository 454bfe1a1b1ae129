"""Orders in the back office: approve, place, change, receive."""

import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.replenishment import Need, reason_of
from app.models.catalog import Product
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.services import stock
from tests import factories
from tests.factories import NOON, Shop
from tests.web.office import BAD_NAME, Office, sit_down, writing


@pytest.fixture
def desk(app: Flask) -> tuple[Office, Shop]:
    return sit_down(app)


def draft(app: Flask, shop: Shop, *, pieces: int = 12, pack: int = 6, name: str = "Milk") -> tuple[int, int, Product]:
    """A draft with one line; ids of order and line, and the product."""
    with writing(app) as session:
        supplier = factories.make_supplier(session)
        product = factories.make_product(
            session, shop, on_hand=5, name=name, pack_size=pack * 1000, supplier_id=supplier.id, safety_stock=4000
        )
        order = ReplenishmentOrder(
            store_id=shop.store_id, supplier_id=supplier.id, created_at=NOON, draft_key=f"{shop.store_id}:{supplier.id}"
        )
        session.add(order)
        session.flush()
        need = Need(
            available=5000, on_order=0, safety_stock=9000, sold=28_000, days=28, lead_time_days=2, pack_size=pack * 1000
        )
        line = ReplenishmentOrderLine(
            order_id=order.id, product_id=product.id, open_key=f"{shop.store_id}:{product.id}", quantity=pieces * 1000,
            unit_cost=150, reason=reason_of(need),
        )  # fmt: skip
        session.add(line)
        session.flush()
        return order.id, line.id, product


def approve(office: Office, order_id: int) -> Any:
    """Press the button of the page as it is now."""
    return office.post("orders/approve/", id=order_id, seen=seen(office, order_id))


def place(office: Office, order_id: int) -> Any:
    """Press the next one."""
    return office.post("orders/place/", id=order_id, seen=seen(office, order_id))


def seen(office: Office, order_id: int) -> list[str]:
    return re.findall(r'name="seen" value="([^"]+)"', office.page("orders/details/", id=order_id))


def order_and_place(office: Office, order_id: int) -> None:
    approve(office, order_id)
    place(office, order_id)


def state(app: Flask, order_id: int) -> str:
    with writing(app) as session:
        return session.get_one(ReplenishmentOrder, order_id).state


def test_an_order_says_why_each_line_is_there(app: Flask, desk: Any) -> None:
    office, shop = desk
    order_id, _line, _product = draft(app, shop, name=BAD_NAME)

    page = office.page("orders/details/", id=order_id)

    assert "Sells 1.0 a day; 5 available of safety stock 9, 0 on order; delivery in 2 days;" in page
    assert "€18.00" in page
    assert BAD_NAME not in page


def test_an_order_goes_from_draft_over_approved_and_placed_into_stock(app: Flask, desk: Any) -> None:
    office, shop = desk
    order_id, line_id, product = draft(app, shop)

    approve(office, order_id)
    approved = state(app, order_id)
    place(office, order_id)
    placed = state(app, order_id)
    office.post("orders/receive/", id=order_id, uuid=str(uuid4()), **{f"counted-{line_id}": "12"})

    assert (approved, placed, state(app, order_id)) == ("approved", "placed", "received")
    with writing(app) as session:
        assert factories.level(session, shop, product) == (17_000, 0)
        assert stock.verify(session) == []


def test_a_delivery_sent_twice_is_booked_once(app: Flask, desk: Any) -> None:
    office, shop = desk
    order_id, line_id, product = draft(app, shop)
    order_and_place(office, order_id)
    delivery = {"id": order_id, "uuid": str(uuid4()), f"counted-{line_id}": "6"}

    first, again = office.post("orders/receive/", **delivery), office.post("orders/receive/", **delivery)

    assert (first.status_code, again.status_code) == (302, 302)
    with writing(app) as session:
        assert factories.level(session, shop, product) == (11_000, 0)
    assert state(app, order_id) == "placed"


def test_more_than_ordered_is_asked_for_once_more(app: Flask, desk: Any) -> None:
    office, shop = desk
    order_id, line_id, product = draft(app, shop)
    order_and_place(office, order_id)
    delivery = {"id": order_id, "uuid": str(uuid4()), f"counted-{line_id}": "13"}

    asked = office.post("orders/receive/", **delivery)
    with writing(app) as session:
        before = factories.level(session, shop, product)
    office.post("orders/receive/", **delivery, accept_surplus="y")

    assert (asked.status_code, "Surplus" in asked.text, 'value="13"' in asked.text) == (409, True, True)
    assert before == (5000, 0)
    with writing(app) as session:
        assert factories.level(session, shop, product) == (18_000, 0)


def test_a_line_saved_as_it_was_is_not_called_changed(app: Flask, desk: Any) -> None:
    office, shop = desk
    order_id, line_id, _product = draft(app, shop)

    office.post("orders/quantity/", id=order_id, line_id=line_id, quantity="12")

    page = office.page("orders/details/", id=order_id)
    assert "That is what it was; nothing is changed." in page
    assert "Changed by hand" not in page


def test_a_quantity_is_changed_in_whole_packs(app: Flask, desk: Any) -> None:
    office, shop = desk
    order_id, line_id, _product = draft(app, shop)

    office.post("orders/quantity/", id=order_id, line_id=line_id, quantity="7")
    refused = office.said()
    office.post("orders/quantity/", id=order_id, line_id=line_id, quantity="18")

    assert "whole packs" in refused
    with writing(app) as session:
        line = session.get_one(ReplenishmentOrderLine, line_id)
        assert (line.quantity, line.is_edited) == (18_000, True)


@pytest.mark.parametrize("typed", ["-1", "abc", "1e9", "=1+1"])
def test_a_count_that_is_no_number_books_nothing(app: Flask, desk: Any, typed: str) -> None:
    office, shop = desk
    order_id, line_id, product = draft(app, shop)
    order_and_place(office, order_id)

    answer = office.post("orders/receive/", id=order_id, uuid=str(uuid4()), **{f"counted-{line_id}": typed})

    assert answer.status_code == 422
    with writing(app) as session:
        assert factories.level(session, shop, product) == (5000, 0)


def test_steps_out_of_order_are_refused_in_words(app: Flask, desk: Any) -> None:
    office, shop = desk
    order_id, line_id, _product = draft(app, shop)

    too_early = office.post("orders/place/", id=order_id)
    answer = office.post("orders/receive/", id=order_id, uuid=str(uuid4()), **{f"counted-{line_id}": "1"})
    office.post("orders/cancel/", id=order_id)
    too_late = office.post("orders/approve/", id=order_id)

    assert "no longer in the state" in too_early.text
    assert answer.status_code == 409
    assert state(app, order_id) == "cancelled"
    assert "no longer in the state" in too_late.text


@pytest.mark.parametrize(
    ("step", "was", "becomes"), [("approve", "draft", "approved"), ("place", "approved", "placed")]
)
def test_a_line_that_grew_behind_the_page_is_shown_before_the_step_is_taken(
    app: Flask, desk: Any, step: str, was: str, becomes: str
) -> None:
    office, shop = desk
    order_id, line_id, _product = draft(app, shop, name="Butter")
    with writing(app) as session:
        session.get_one(ReplenishmentOrder, order_id).state = was
    before = seen(office, order_id)
    with writing(app) as session:
        session.get_one(ReplenishmentOrderLine, line_id).quantity = 18_000

    refused = office.post(f"orders/{step}/", id=order_id, seen=before)
    still = state(app, order_id)
    again = office.post(f"orders/{step}/", id=order_id, seen=re.findall('name="seen" value="([^"]+)"', refused.text))

    assert (refused.status_code, still) == (409, was)
    assert "The order has changed meanwhile: Butter. Look at it again." in refused.text
    assert 'value="18"' in refused.text
    assert (again.status_code, state(app, order_id)) == (302, becomes)


@pytest.mark.parametrize("seen", [[], ["1:2"], ["x:y:z"], ["1:12000:150:9"]])
def test_an_approval_of_nothing_one_was_shown_is_refused(app: Flask, desk: Any, seen: list[str]) -> None:
    office, shop = desk
    order_id, _line, _product = draft(app, shop)

    answer = office.post("orders/approve/", id=order_id, seen=seen)

    assert answer.status_code in (404, 409)
    assert state(app, order_id) == "draft"


def test_a_supervisor_receives_but_does_not_approve(app: Flask, desk: Any) -> None:
    manager, shop = desk
    order_id, line_id, product = draft(app, shop)
    with writing(app) as session:
        hand = factories.make_user(session, shop.store, role="supervisor", password=shop.cashier.password)
    supervisor = Office(app, hand.username)

    refused = supervisor.post("orders/approve/", id=order_id).status_code
    order_and_place(manager, order_id)
    received = supervisor.post("orders/receive/", id=order_id, uuid=str(uuid4()), **{f"counted-{line_id}": "12"})

    assert (refused, received.status_code) == (403, 302)
    with writing(app) as session:
        assert session.scalars(select(ReplenishmentOrder.state)).one() == "received"
        assert factories.level(session, shop, product)[0] == 17_000
