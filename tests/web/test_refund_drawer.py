"""Cash that goes back: the till's drawer opens for it, behind the refund."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.devices.printer_fake import PrinterServer
from app.domain.printing import NetworkAddress
from app.models.printing import Printer
from app.tasks import printing as tasks
from app.unit_of_work import unit_of_work
from tests.servers import wait_until
from tests.web.test_refunds import address, body, sell
from tests.web.till import Till, open_till, sale, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Message = tuple[int, str]


@pytest.fixture
def till(app: Flask) -> Till:
    return open_till(app, refund_limit=1_000)


@pytest.fixture
def printer(app: Flask, till: Till, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrinterServer]:
    """A printer in the network with a drawer; it stands at till T1."""
    with PrinterServer() as server, app.app_context():
        here = NetworkAddress("127.0.0.1", server.port)
        monkeypatch.setattr(tasks, "printer_address", lambda text: here)
        with unit_of_work() as session:
            session.add(Printer(name="Front", store_id=till.shop.store_id, till="T1", address="10.0.0.9"))
        yield server


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """What would go to the broker."""
    sent: list[Message] = []
    monkeypatch.setattr(tasks.drawers, "nudge", sent.extend)
    return sent


def worked_off(messages: list[Message]) -> list[bool]:
    """What a worker makes of them."""
    return [tasks.open_drawer(*one) for one in messages]


def test_a_cash_refund_opens_the_drawer_of_its_till(
    app: Flask, till: Till, printer: PrinterServer, messages: list[Message]
) -> None:
    receipt = sell(app, till)

    answer = till.post(address(receipt), body(receipt))
    kicks_before = printer.kicks

    assert (answer.status_code, kicks_before) == (201, 0)
    assert worked_off(messages) == [True]
    wait_until(lambda: printer.kicks > 0)
    assert (printer.kicks, printer.papers) == (1, [])


def test_the_same_refund_again_opens_no_drawer_again(
    app: Flask, till: Till, printer: PrinterServer, messages: list[Message]
) -> None:
    receipt = sell(app, till)
    request = body(receipt)

    answers = [till.post(address(receipt), request).status_code for _ in range(2)]

    assert (answers, len(messages)) == ([201, 200], 1)


@pytest.mark.parametrize("reason", ["card", "refused"])
def test_no_drawer_opens_where_no_cash_goes_back(
    app: Flask, till: Till, printer: PrinterServer, messages: list[Message], reason: str
) -> None:
    paid: dict[str, Any] = {"payments": [{"tender": "card", "amount": 300}]} if reason == "card" else {}
    receipt = till.post("/api/sales", sale((stock(app, till.shop, price=100), 3), **paid)).get_json()

    answer = till.post(address(receipt), body(receipt, 1 if reason == "card" else 4))

    assert answer.status_code == (201 if reason == "card" else 422)
    assert messages == []


@pytest.mark.parametrize("place", ["no drawer", "no printer", "switched off"])
def test_a_drawer_that_cannot_open_holds_up_neither_refund_nor_worker(
    app: Flask,
    till: Till,
    printer: PrinterServer,
    messages: list[Message],
    place: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with unit_of_work() as session:
        row = session.get_one(Printer, 1)
        row.has_drawer, row.is_active = place != "no drawer", place != "no printer"
    if place == "switched off":
        monkeypatch.setattr(tasks, "printer_address", lambda text: NetworkAddress("127.0.0.1", 1))
    receipt = sell(app, till)

    answer = till.post(address(receipt), body(receipt))

    assert (answer.status_code, worked_off(messages), printer.kicks) == (201, [False], 0)


def test_a_drawer_is_not_opened_long_after_the_refund(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.open_drawer, "apply_async", lambda **message: sent.append(message))

    tasks._ask_for_drawers([(1, "T1"), (1, "T1"), (1, "T2")])

    assert sent == [
        {"args": (1, "T1"), "retry": False, "expires": 10}, {"args": (1, "T2"), "retry": False, "expires": 10},
    ]  # fmt: skip
