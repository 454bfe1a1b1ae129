"""Cash that goes back: the till has its drawer opened for it, and hears when it stays shut."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.clock import utc_now
from app.devices.printer_fake import PrinterServer
from app.domain.printing import NetworkAddress
from app.models.checkout import Refund
from app.models.printing import Printer
from app.unit_of_work import unit_of_work
from app.views.api import counter_devices
from tests.servers import wait_until
from tests.web.test_refunds import address, body, sell
from tests.web.till import Till, open_till, sale, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DRAWER = "/api/devices/drawer"


@pytest.fixture
def till(app: Flask) -> Till:
    return open_till(app, refund_limit=1_000)


@pytest.fixture
def printer(app: Flask, till: Till, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrinterServer]:
    """A printer in the network with a drawer; it stands at till T1."""
    with PrinterServer() as server, app.app_context():
        here = NetworkAddress("127.0.0.1", server.port)
        monkeypatch.setattr(counter_devices, "printer_address", lambda text: here)
        with unit_of_work() as session:
            session.add(Printer(name="Front", store_id=till.shop.store_id, till="T1", address="10.0.0.9"))
        yield server


def give_back(app: Flask, till: Till) -> dict[str, Any]:
    """Refund the whole of a cash sale; what the till then asks the drawer for."""
    receipt = sell(app, till)
    answer = till.post(address(receipt), body(receipt))
    assert answer.status_code == 201
    return {"till": "T1", "refund_uuid": answer.get_json()["uuid"]}


@pytest.mark.usefixtures("patient_devices")
def test_a_cash_refund_opens_the_drawer_of_its_till(app: Flask, till: Till, printer: PrinterServer) -> None:
    asked = give_back(app, till)
    kicks_before = printer.kicks

    answer = till.post(DRAWER, asked)
    wait_until(lambda: printer.kicks > 0)

    assert (kicks_before, answer.status_code, printer.kicks, printer.papers) == (0, 200, 1, [])


@pytest.mark.parametrize("refund", ["by card", "of another till", "long ago", "never made"])
def test_a_cashier_opens_no_drawer_where_no_cash_goes_back(
    app: Flask, till: Till, printer: PrinterServer, refund: str
) -> None:
    asked = give_back(app, till)
    if refund == "by card":
        paid = {"payments": [{"tender": "card", "amount": 300}]}
        receipt = till.post("/api/sales", sale((stock(app, till.shop, price=100), 3), **paid)).get_json()
        asked["refund_uuid"] = till.post(address(receipt), body(receipt, 1)).get_json()["uuid"]
    elif refund == "of another till":
        asked["till"] = "T2"
        with unit_of_work() as session:
            session.add(Printer(name="Back", store_id=till.shop.store_id, till="T2", address="10.0.0.8"))
    elif refund == "long ago":
        with unit_of_work() as session:
            session.query(Refund).update({Refund.refunded_at: utc_now() - timedelta(minutes=6)})
    else:
        asked["refund_uuid"] = str(uuid4())

    answer = till.post(DRAWER, asked)

    assert (answer.status_code, printer.kicks) == (403, 0)


@pytest.mark.parametrize(
    ("place", "code"), [("no drawer", "no_drawer"), ("no printer", "no_printer"), ("switched off", "printer_away")]
)
def test_a_drawer_that_cannot_open_says_so_to_its_till_and_the_refund_stands(
    app: Flask, till: Till, printer: PrinterServer, place: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work() as session:
        row = session.get_one(Printer, 1)
        row.has_drawer, row.is_active = place != "no drawer", place != "no printer"
    if place == "switched off":
        monkeypatch.setattr(counter_devices, "printer_address", lambda text: NetworkAddress("127.0.0.1", 1))
    asked = give_back(app, till)

    answer = till.post(DRAWER, asked)

    assert (answer.get_json()["error"]["code"], printer.kicks) == (code, 0)
