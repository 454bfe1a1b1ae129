"""Many workers at one printer, many windows at one sale: each receipt once and in order."""

import re
import threading
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.devices import receipt_printer
from app.devices.printer_fake import FakePrinter
from app.models.printing import Printer, PrintJob
from app.services import checkout, printing
from app.tasks import printing as tasks
from app.unit_of_work import read_only, transact, unit_of_work
from tests.concurrency.test_checkout import all_at_once
from tests.factories import NOON, basket, make_product, make_shop

RECEIPTS = 12


class OneAtATime(FakePrinter):
    """A printer that notices a second worker."""

    busy = threading.Lock()
    collisions = 0

    def send(self, content: bytes) -> None:
        if not self.busy.acquire(blocking=False):
            type(self).collisions += 1
            return
        try:
            super().send(content)
        finally:
            self.busy.release()


def test_six_workers_print_each_receipt_once_and_in_order(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = OneAtATime()
    monkeypatch.setattr(receipt_printer, "printer_at", lambda address: paper)
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        printer = Printer(name="Front", store_id=shop.store_id, address="10.0.0.9")
        session.add(printer)
        milk = make_product(session, shop, on_hand=100)
        for _ in range(RECEIPTS):
            sale = basket(shop, (milk, 1))
            checkout.ring_up(session, sale, now=NOON)
            printing.ask(
                session, uuid=uuid4(), sale_uuid=sale.uuid, store_id=shop.store_id, till="T1", is_copy=False,
                user_id=shop.cashier.id, now=NOON,
            )  # fmt: skip

    def work() -> str:
        with app.app_context():
            # A worker that finds another at the printer goes home; the sweep sends the next one.
            for _ in range(RECEIPTS):
                tasks.work(printer.id)
        return "done"

    all_at_once([work] * 6)

    numbers = [re.findall(rb"Receipt (T\d+-\d+)", content)[0] for content in paper.papers]
    with app.app_context(), read_only() as session:
        states = session.scalars(select(PrintJob.state)).all()
    assert (len(numbers), numbers, paper.collisions) == (RECEIPTS, sorted(set(numbers)), 0)
    assert set(states) == {"printed"}


def test_eight_windows_ask_for_one_original(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        session.add(Printer(name="Front", store_id=shop.store_id, address="10.0.0.9"))
        sale = basket(shop, (make_product(session, shop, on_hand=5), 1))
        checkout.ring_up(session, sale, now=NOON)

    def ask() -> str:
        with app.app_context():
            asked = transact(
                lambda session: printing.ask(
                    session, uuid=uuid4(), sale_uuid=sale.uuid, store_id=shop.store_id, till="T1", is_copy=False,
                    user_id=shop.cashier.id, now=NOON,
                ),
                budget_s=30, tries=30,
            )  # fmt: skip
            return str(asked.job.id)

    assert len(set(all_at_once([ask] * 8))) == 1
