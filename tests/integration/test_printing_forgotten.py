"""Receipts that came to an end long ago leave the print queue; what still waits for somebody never does."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.models.printing import Printer, PrintJob
from app.services import checkout, printing
from app.tasks import printing as tasks
from app.unit_of_work import read_only, unit_of_work
from tests.factories import Shop, basket, make_product, make_shop

LONG_AGO = timedelta(days=90, minutes=1)
LATELY = timedelta(days=89, hours=23)


def make_job(session: Session, shop: Shop, printer: Printer, state: str, ended_at: datetime | None) -> PrintJob:
    """A job of a sale made when it ended, or just now."""
    at = ended_at or utc_now() - LONG_AGO
    sale = basket(shop, (make_product(session, shop, on_hand=2), 1))
    sold = checkout.ring_up(session, sale, now=at)
    job = PrintJob(
        uuid=uuid4(), printer_id=printer.id, store_id=shop.store_id, till="T1", sale_id=sold.sale_id,
        original_key=str(sold.sale_id), state=state, requested_at=at, requested_by_id=shop.cashier.id,
        ended_at=ended_at,
    )  # fmt: skip
    session.add(job)
    session.flush()
    return job


@pytest.fixture
def front(app_context: Flask) -> tuple[Shop, Printer]:
    """A shop and its printer."""
    with unit_of_work() as session:
        shop = make_shop(session)
        printer = Printer(name="Front", store_id=shop.store_id, address="10.0.0.9")
        session.add(printer)
    return shop, printer


def states_left() -> list[str]:
    with read_only() as session:
        return sorted(session.scalars(select(PrintJob.state)))


def test_only_what_ended_ninety_days_ago_is_forgotten(front: tuple[Shop, Printer]) -> None:
    shop, printer = front
    with unit_of_work() as session:
        for state, age in (
            ("printed", LONG_AGO), ("given_up", LONG_AGO), ("perhaps", LONG_AGO), ("printed", LATELY),
            ("waiting", None), ("sending", None),
        ):  # fmt: skip
            make_job(session, shop, printer, state, None if age is None else utc_now() - age)

    forgotten = [tasks.forget(), tasks.forget()]

    assert forgotten == [2, 0]
    assert states_left() == ["perhaps", "printed", "sending", "waiting"]


def test_much_is_forgotten_a_little_at_a_time(front: tuple[Shop, Printer], monkeypatch: pytest.MonkeyPatch) -> None:
    shop, printer = front
    with unit_of_work() as session:
        for _ in range(5):
            make_job(session, shop, printer, "printed", utc_now() - LONG_AGO)
    monkeypatch.setattr(printing, "BATCH", 2)

    batches = []
    for _ in range(4):
        with unit_of_work() as session:
            batches.append(printing.forget(session, printer.id, now=utc_now()))

    assert batches == [2, 2, 1, 0]


def test_one_run_forgets_all_batches_of_all_printers(
    front: tuple[Shop, Printer], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, printer = front
    with unit_of_work() as session:
        other = Printer(name="Back", store_id=shop.store_id, till="T2", address="10.0.0.8")
        session.add(other)
        session.flush()
        for at in (printer, other, other, other):
            make_job(session, shop, at, "printed", utc_now() - LONG_AGO)
    monkeypatch.setattr(printing, "BATCH", 2)

    assert tasks.forget() == 4
    assert states_left() == []


def test_a_forgotten_original_comes_again_as_a_copy_only(front: tuple[Shop, Printer]) -> None:
    shop, printer = front
    with unit_of_work() as session:
        sale_uuid: UUID = make_job(session, shop, printer, "printed", utc_now() - LONG_AGO).sale.uuid
    tasks.forget()

    with unit_of_work() as session:
        asked = printing.ask(
            session, uuid=uuid4(), sale_uuid=sale_uuid, store_id=shop.store_id, till="T1", is_copy=False,
            user_id=shop.cashier.id, now=utc_now(),
        )  # fmt: skip

    assert (asked.is_new, asked.job.copy_number, asked.job.original_key) == (True, 1, None)
