"""Printers, scales, the print queue and labels in the back office."""

import io
import sqlite3
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from app.devices import receipt_printer
from app.devices.printer_fake import FakePrinter
from app.devices.receipt_printer import PrinterAway
from app.devices.scale_simulator import ScaleSimulator
from app.extensions import db
from app.models.catalog import InStoreLabelRule
from app.models.labels import LabelBatch, LabelFlag
from app.models.printing import Printer, PrintJob, Scale
from app.models.staff import AuditEntry
from app.services import checkout, labels, printer_logo, printing
from tests import factories
from tests.factories import NOON, Shop
from tests.web.office import BAD_NAME, open_shop, sit_down, writing

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> FakePrinter:
    """The printer of every address."""
    fake = FakePrinter()
    monkeypatch.setattr(receipt_printer, "printer_at", lambda address: fake)
    return fake


def printer_form(shop: Shop, **fields: Any) -> dict[str, Any]:
    return {
        "name": "Front", "store_id": shop.store_id, "till": "T1", "address": "10.0.0.9", "columns_per_line": "48",
        "locale": "zh", "footer": "", "has_drawer": "y", "is_automatic": "y", "is_active": "y",
    } | fields  # fmt: skip


def stored(app: Flask, model: type[Any]) -> list[Any]:
    with writing(app) as session:
        return list(session.scalars(select(model).order_by(model.id)))


def queue(app: Flask, shop: Shop, state: str = "waiting", name: str = "Milk") -> int:
    with writing(app) as session:
        printer = Printer(name=f"P{uuid4().hex[:8]}", store_id=shop.store_id, address="10.0.0.9")
        session.add(printer)
        milk = factories.make_product(session, shop, on_hand=9, name=name)
        sale = factories.basket(shop, (milk, 1))
        checkout.ring_up(session, sale, now=NOON)
        job = printing.ask(
            session, uuid=uuid4(), sale_uuid=sale.uuid, store_id=shop.store_id, till="T1", is_copy=False,
            user_id=shop.cashier.id, now=NOON,
        ).job  # fmt: skip
        job.state = state
        return job.id


def test_a_printer_is_added_with_its_logo_and_tried(app: Flask, paper: FakePrinter) -> None:
    office, shop = sit_down(app)
    file = io.BytesIO()
    Image.new("1", (400, 80)).save(file, "PNG")

    added = office.post("printers/new/", **printer_form(shop), logo_file=(io.BytesIO(file.getvalue()), "logo.png"))
    [printer] = stored(app, Printer)
    office.post("printers/test/", id=printer.id)

    assert added.status_code == 302
    assert (printer.name, printer.till, printer.locale) == ("Front", "T1", "zh")
    assert Image.open(io.BytesIO(printer.logo)).size == (400, 80)
    assert "谢谢惠顾".encode("gbk") in paper.papers[0]
    assert [row.action for row in stored(app, AuditEntry)][1:] == ["printer.created", "printer.logo"]


def test_a_logo_is_kept_when_the_database_asks_for_a_second_try(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    office, shop = sit_down(app)
    file = io.BytesIO()
    Image.new("1", (400, 80)).save(file, "PNG")
    locked = [OperationalError("", {}, sqlite3.OperationalError("database is locked"))]
    change = printer_logo.change

    def refused_once(*args: Any, **kwargs: Any) -> None:
        if locked:
            raise locked.pop()
        change(*args, **kwargs)

    monkeypatch.setattr(printer_logo, "change", refused_once)

    added = office.post("printers/new/", **printer_form(shop), logo_file=(io.BytesIO(file.getvalue()), "logo.png"))

    assert (added.status_code, locked) == (302, [])
    assert Image.open(io.BytesIO(stored(app, Printer)[0].logo)).size == (400, 80)


@pytest.mark.parametrize(
    "wrong",
    [{"address": "file:/etc/passwd"}, {"address": "10.0.0.9:6379"}, {"till": "T 1"}, {"columns_per_line": "40"},
     {"name": ""}, {"logo_file": (io.BytesIO(b"GIF89a"), "logo.gif")}],
)  # fmt: skip
def test_a_printer_that_cannot_be_is_refused(app: Flask, wrong: dict[str, Any]) -> None:
    office, shop = sit_down(app)

    answer = office.post("printers/new/", **printer_form(shop, **wrong))

    assert (answer.status_code, stored(app, Printer)) == (422, [])


def test_the_only_printer_of_a_till_is_one(app: Flask) -> None:
    office, shop = sit_down(app)
    office.post("printers/new/", **printer_form(shop))

    answer = office.post("printers/new/", **printer_form(shop, name="Second"))

    assert (answer.status_code, len(stored(app, Printer))) == (409, 1)


def test_a_printer_that_is_off_is_said_to_be(app: Flask, paper: FakePrinter) -> None:
    office, shop = sit_down(app)
    office.post("printers/new/", **printer_form(shop))
    paper.trouble = PrinterAway("paper")

    office.post("printers/test/", id=stored(app, Printer)[0].id)

    assert "No paper" in office.said("printers/")


@pytest.mark.usefixtures("patient_devices")
def test_a_scale_is_added_and_weighs(app: Flask) -> None:
    office, shop = sit_down(app)
    with ScaleSimulator(grams=480) as simulator:
        fields = {"name": "S", "store_id": shop.store_id, "till": "", "is_active": "y"}
        refused = office.post("scales/new/", **fields, address="spy:///dev/ttyS0?file=/x")
        office.post("scales/new/", **fields, address=simulator.address)
        office.said("scales/")
        office.post("scales/test/", id=stored(app, Scale)[0].id)

        assert refused.status_code == 422
        assert "0.480 kg" in office.said("scales/")


def test_a_receipt_that_perhaps_was_printed_is_asked_about(app: Flask) -> None:
    office, shop = sit_down(app, "supervisor")
    job_id = queue(app, shop, "perhaps")

    page = office.page("print-jobs/details/", id=job_id)
    office.post("print-jobs/was-printed/", id=job_id)

    assert "Look whether it came out" in page
    assert stored(app, PrintJob)[0].state == "printed"


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [("again", "given_up", "waiting"), ("give-up", "waiting", "given_up"), ("again", "printed", "printed"),
     ("give-up", "sending", "sending")],
)  # fmt: skip
def test_the_queue_does_only_what_fits_the_state(app: Flask, step: str, before: str, after: str) -> None:
    office, shop = sit_down(app, "supervisor")
    job_id = queue(app, shop, before)

    office.post(f"print-jobs/{step}/", id=job_id)

    assert stored(app, PrintJob)[0].state == after


def test_the_queue_of_another_store_is_not_there(app: Flask) -> None:
    office, _shop = sit_down(app, "supervisor")
    job_id = queue(app, open_shop(app))

    assert f"details/?id={job_id}" not in office.page("print-jobs/")
    assert office.post("print-jobs/give-up/", id=job_id).status_code == 404


def flagged(app: Flask, shop: Shop, *names: str) -> None:
    with writing(app) as session:
        ids = [factories.make_product(session, name=name, barcode=None).id for name in names]
        labels.flag(session, ids, now=NOON, store_id=shop.store_id)


def test_labels_out_of_date_become_a_pdf_and_leave_the_list(app: Flask) -> None:
    office, shop = sit_down(app, "supervisor")
    flagged(app, shop, "Milk", BAD_NAME)
    before = office.page("label-flags/")

    made = office.post("label-flags/print/", store=shop.store_id, category="")
    batch = office.page(made.location.removeprefix("/admin/"))
    [kept] = stored(app, LabelBatch)
    sheet = office.get("label-batches/pdf/", id=kept.id, format="a4_3x8", first="3")

    assert "Milk" in before
    assert BAD_NAME not in before + batch
    assert (kept.label_count, stored(app, LabelFlag)) == (2, [])
    assert (sheet.mimetype, sheet.data[:5]) == ("application/pdf", b"%PDF-")


def test_the_list_of_batches_leaves_their_labels_where_they_are(app: Flask) -> None:
    office, shop = sit_down(app, "supervisor")
    flagged(app, shop, "Milk")
    office.post("label-flags/print/", store=shop.store_id, category="")
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cu, statement, *_more: asked.append(statement))

    listed = office.page("label-batches/")
    of_the_list = [statement for statement in asked if "FROM label_batches" in statement]

    assert "#1" in listed
    assert of_the_list
    assert not [statement for statement in of_the_list if "label_batches.labels " in statement]


def test_nothing_out_of_date_makes_no_batch(app: Flask) -> None:
    office, shop = sit_down(app, "supervisor")

    office.post("label-flags/print/", store=shop.store_id)

    assert "No label is out of date" in office.said("label-flags/")


def test_a_lost_label_is_put_on_the_list_and_taken_off(app: Flask) -> None:
    office, shop = sit_down(app, "supervisor")
    with writing(app) as session:
        factories.make_product(session, sku="M-1", name="Milk")
    office.post("label-flags/add/", store=shop.store_id, code="M-1")
    [flag] = stored(app, LabelFlag)

    office.post("label-flags/delete/", id=flag.id)
    office.said("label-flags/")
    office.post("label-flags/add/", store=shop.store_id, code="nothing")

    assert stored(app, LabelFlag) == []
    assert "No product on sale has this code" in office.said("label-flags/")


def test_weighed_pieces_get_a_label_each(app: Flask) -> None:
    office, shop = sit_down(app, "supervisor")
    with writing(app) as session:
        session.add(InStoreLabelRule(prefix="21", item_digits=5, value="weight", value_decimals=3))
        factories.make_product(session, unit="kg", plu="42", name="Cheese")

    office.post("label-flags/weigh/", store=shop.store_id, code="42", weights="0.480 0,515")

    assert [label["code"] for label in stored(app, LabelBatch)[0].labels] == ["2100042004801", "2100042005150"]


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ("", "Please fill this in"),
        ("half", "is not a number"),
        ("100", "can say this weight"),
        ("-1", "negative"),
        ("0.480 0", "must be more than zero"),
    ],
)
def test_a_weight_that_is_none_makes_no_label(app: Flask, weights: str, said: str) -> None:
    office, shop = sit_down(app, "supervisor")
    with writing(app) as session:
        session.add(InStoreLabelRule(prefix="21", item_digits=5, value="weight", value_decimals=3))
        factories.make_product(session, unit="kg", plu="42", name="Cheese")

    office.post("label-flags/weigh/", store=shop.store_id, code="42", weights=weights)

    assert said in office.said("label-flags/")
    assert stored(app, LabelBatch) == []


def test_labels_of_another_store_are_for_its_own_people(app: Flask) -> None:
    office, _shop = sit_down(app, "supervisor")
    other = open_shop(app)
    flagged(app, other, "Milk")

    answer = office.post("label-flags/print/", store=other.store_id)

    assert (answer.status_code, len(stored(app, LabelFlag))) == (404, 1)


def test_a_supervisor_does_not_set_up_printers(app: Flask) -> None:
    office, shop = sit_down(app, "supervisor")

    assert office.post("printers/new/", **printer_form(shop)).status_code == 403


def test_a_receipt_that_waits_is_to_be_printed_not_to_be_booked(app: Flask) -> None:
    office, shop = sit_down(app)
    queue(app, shop)

    page = office.page("print-jobs/")

    assert "To be printed</span>" in page
    assert ">Waiting<" not in page
