"""The till's printer, drawer and scale over the API."""

import threading
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.devices import receipt_printer
from app.devices.printer_fake import FakePrinter
from app.devices.receipt_printer import PrinterAway
from app.devices.scale_simulator import ScaleSimulator
from app.models.printing import Printer, Scale
from app.models.staff import AuditEntry
from app.tasks import printing as tasks
from app.unit_of_work import read_only, unit_of_work
from app.views.api import counter_devices
from tests.web.till import Till, open_till, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> FakePrinter:
    """The printer of every address."""
    fake = FakePrinter()
    monkeypatch.setattr(receipt_printer, "printer_at", lambda address: fake)
    return fake


def place(app: Flask, till: Till, **columns: Any) -> int:
    """A printer at the till."""
    with app.app_context(), unit_of_work() as session:
        printer = Printer(**({"name": uuid4().hex, "store_id": till.shop.store_id, "address": "10.0.0.9"} | columns))
        session.add(printer)
        session.flush()
        return printer.id


def sell(app: Flask, till: Till, *, tender: str = "cash") -> str:
    milk = stock(app, till.shop, price=100)
    uuid = str(uuid4())
    sale = {
        "uuid": uuid, "till": "T1", "lines": [{"product_id": milk.id, "quantity": 1000}], "expected_total": 100,
        "payments": [{"tender": tender, "amount": 100}],
    }  # fmt: skip
    assert till.post("/api/sales", sale).status_code == 201
    return uuid


def ask(till: Till, sale: str, **more: Any) -> Any:
    return till.post("/api/print-jobs", {"uuid": str(uuid4()), "sale_uuid": sale, "till": "T1"} | more)


def denials_and_drawers(app: Flask) -> list[tuple[str, Any]]:
    with app.app_context(), read_only() as session:
        rows = session.execute(select(AuditEntry.action, AuditEntry.details).order_by(AuditEntry.id)).all()
    return [(row.action, row.details) for row in rows if row.action in ("denied", "drawer.no_sale")]


def test_a_till_learns_what_stands_beside_it(app: Flask) -> None:
    till = open_till(app)
    empty = till.get("/api/devices/counter?till=T1").get_json()
    place(app, till, name="Front")
    ask(till, sell(app, till))

    found = till.get("/api/devices/counter?till=T1").get_json()

    assert empty == {"printer": None, "has_scale": False, "waiting": 0, "perhaps": 0}
    assert found == {
        "printer": {"name": "Front", "has_drawer": True, "is_automatic": True}, "has_scale": False, "waiting": 1,
        "perhaps": 0,
    }  # fmt: skip


def test_a_receipt_is_queued_once_and_its_job_tells_when_it_is_on_paper(app: Flask, paper: FakePrinter) -> None:
    till = open_till(app)
    printer_id = place(app, till)
    sale = sell(app, till)

    first, second = ask(till, sale), ask(till, sale)
    with app.app_context():
        tasks.work(printer_id)
    job = till.get(f"/api/print-jobs/{first.get_json()['uuid']}").get_json()

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.get_json() == first.get_json()
    assert (job["state"], job["copy_number"], len(paper.papers)) == ("printed", 0, 1)


def test_a_job_of_another_store_is_not_there(app: Flask) -> None:
    till, other = open_till(app), open_till(app)
    place(app, till)
    uuid = ask(till, sell(app, till)).get_json()["uuid"]

    for answer in (other.get(f"/api/print-jobs/{uuid}"), other.post(f"/api/print-jobs/{uuid}/again")):
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "print_job_unknown")


def test_a_cash_sale_just_made_opens_the_drawer_and_says_nothing(app: Flask, paper: FakePrinter) -> None:
    till = open_till(app)
    place(app, till)

    answer = till.post("/api/devices/drawer", {"till": "T1", "sale_uuid": sell(app, till)})

    assert (answer.status_code, paper.kicks, denials_and_drawers(app)) == (200, 1, [])


@pytest.mark.parametrize("sold", ["card", "nothing", "at another till"])
def test_a_cashier_does_not_open_the_drawer_without_a_cash_sale(app: Flask, paper: FakePrinter, sold: str) -> None:
    till = open_till(app)
    place(app, till)
    body = {"till": "T2" if sold == "at another till" else "T1"}
    if sold != "nothing":
        body["sale_uuid"] = sell(app, till, tender="card" if sold == "card" else "cash")

    answer = till.post("/api/devices/drawer", body)

    assert (answer.status_code, paper.kicks) == (403, 0)
    assert [action for action, _details in denials_and_drawers(app)] == ["denied"]


def test_a_supervisor_opens_the_drawer_and_it_is_written_down(app: Flask, paper: FakePrinter) -> None:
    till = open_till(app, role="supervisor")
    place(app, till)

    opened = till.post("/api/devices/drawer", {"till": "T1"})
    paper.trouble = PrinterAway("off")
    stuck = till.post("/api/devices/drawer", {"till": "T1"})

    assert (opened.status_code, stuck.status_code, stuck.get_json()["error"]["code"]) == (200, 409, "printer_away")
    assert [(action, details["opened"]) for action, details in denials_and_drawers(app)] == [
        ("drawer.no_sale", True), ("drawer.no_sale", False),
    ]  # fmt: skip


def test_a_drawer_nobody_had_time_to_open_is_not_written_down_as_open(
    app: Flask, paper: FakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = open_till(app, role="supervisor")
    place(app, till)
    monkeypatch.setattr(counter_devices, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(counter_devices, "PATIENCE_S", 0.01)
    counter_devices._turns.acquire()

    answer = till.post("/api/devices/drawer", {"till": "T1"})

    assert (answer.status_code, paper.kicks) == (503, 0)
    assert [(details["opened"], details["problem"]) for _action, details in denials_and_drawers(app)] == [
        (False, "busy"),
    ]  # fmt: skip


def test_a_printer_without_drawer_opens_none(app: Flask, paper: FakePrinter) -> None:
    till = open_till(app, role="supervisor")
    place(app, till, has_drawer=False)

    answer = till.post("/api/devices/drawer", {"till": "T1"})

    assert (answer.status_code, answer.get_json()["error"]["code"], paper.kicks) == (409, "no_drawer", 0)


@pytest.mark.usefixtures("patient_devices")
def test_the_scale_says_what_lies_on_it_or_what_to_do(app: Flask) -> None:
    till = open_till(app)
    with ScaleSimulator(grams=480) as simulator:
        with app.app_context(), unit_of_work() as session:
            session.add(Scale(name="S", store_id=till.shop.store_id, till="T1", address=simulator.address))
        weighed = till.get("/api/devices/scale?till=T1")
        elsewhere = till.get("/api/devices/scale?till=T2")
        found = {}
        for state in ("moving", "overload", "negative"):
            simulator.state = state
            found[state] = till.get("/api/devices/scale?till=T1").get_json()["error"]["code"]

    assert (weighed.status_code, weighed.get_json()) == (200, {"grams": 480})
    assert elsewhere.get_json()["error"]["code"] == "no_scale"
    assert found == {"moving": "scale_unstable", "overload": "scale_overload", "negative": "scale_negative"}
