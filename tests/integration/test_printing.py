"""From the sale to the paper: printed once, kept while the printer is off, asked about when it is not certain."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.devices import receipt_printer
from app.devices.printer_fake import FakePrinter, PrinterServer
from app.devices.receipt_printer import PrinterAway, PrinterDoubt
from app.domain.printing import NetworkAddress, NoPrinter, PrintJobState
from app.models.checkout import Sale
from app.models.printing import Printer, PrintJob
from app.models.staff import AuditEntry
from app.services import printing
from app.tasks import printing as tasks
from app.unit_of_work import read_only, unit_of_work
from tests import factories
from tests.factories import NOON
from tests.print_queue import ask, make_printer, sell

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> FakePrinter:
    """The printer of every address."""
    fake = FakePrinter()
    monkeypatch.setattr(receipt_printer, "printer_at", lambda address: fake)
    return fake


@pytest.fixture
def queued(app_context: Flask, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """A printer and the job that waits for it; the message about it is lost."""
    monkeypatch.setattr(tasks.nudger, "nudge", lambda printer_ids: None)
    with unit_of_work() as session:
        shop = factories.make_shop(session)
        printer = make_printer(session, shop)
        return printer.id, ask(session, shop, sell(session, shop)).id


def job(job_id: int) -> PrintJob:
    with read_only() as session:
        return session.get_one(PrintJob, job_id)


def test_a_receipt_is_printed_once(queued: tuple[int, int], paper: FakePrinter) -> None:
    printer_id, job_id = queued

    first, second = tasks.work(printer_id), tasks.work(printer_id)

    assert (first, second, len(paper.papers)) == (1, 0, 1)
    assert job(job_id).state == "printed"
    assert b"Milk" in paper.papers[0]
    assert b"COPY" not in paper.papers[0]


def test_a_printer_that_is_off_is_left_alone_and_then_gets_it(queued: tuple[int, int], paper: FakePrinter) -> None:
    printer_id, job_id = queued
    paper.trouble = PrinterAway("paper")

    tasks.work(printer_id)
    resting = tasks.work(printer_id)
    paper.trouble = None
    with unit_of_work() as session:
        printer = session.get_one(Printer, printer_id)
        assert (printer.failures, job(job_id).state, job(job_id).problem) == (1, "waiting", "paper")
        printer.quiet_until = NOON
    done = tasks.work(printer_id)

    assert (resting, done, job(job_id).state, job(job_id).attempts) == (0, 1, "printed", 2)
    with read_only() as session:
        assert session.get_one(Printer, printer_id).failures == 0


def test_a_receipt_that_broke_off_is_not_sent_again_by_itself(queued: tuple[int, int], paper: FakePrinter) -> None:
    printer_id, job_id = queued
    paper.trouble = PrinterDoubt("plug pulled")
    tasks.work(printer_id)
    paper.trouble = None
    with unit_of_work() as session:
        session.get_one(Printer, printer_id).quiet_until = None

    again = tasks.work(printer_id)

    assert (again, job(job_id).state, paper.papers) == (0, "perhaps", [])


def test_a_receipt_whose_worker_died_is_perhaps_printed(queued: tuple[int, int]) -> None:
    printer_id, job_id = queued
    with unit_of_work() as session:
        assert printing.claim(session, printer_id, now=NOON) is not None

    with unit_of_work() as session:
        too_early = printing.claim(session, printer_id, now=NOON + timedelta(seconds=59))
    state_then = job(job_id).state
    with unit_of_work() as session:
        nothing = printing.claim(session, printer_id, now=NOON + timedelta(seconds=61))

    assert (too_early, state_then, nothing, job(job_id).state) == (None, "sending", None, "perhaps")


def test_what_was_perhaps_printed_comes_again_as_a_copy_and_is_audited(
    queued: tuple[int, int], paper: FakePrinter
) -> None:
    printer_id, job_id = queued
    paper.trouble = PrinterDoubt("plug pulled")
    tasks.work(printer_id)
    paper.trouble = None

    with unit_of_work() as session:
        printing.print_again(session, job_id, user_id=job(job_id).requested_by_id, now=NOON)
    tasks.work(printer_id)

    assert b"COPY 1" in paper.papers[0]
    with read_only() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert actions[-2:] == ["sale.reprint", "print_job.again"]
        assert session.scalar(select(Sale.copy_count)) == 1


def test_a_slow_printer_is_left_before_the_time_limit_breaks_off_a_receipt(
    queued: tuple[int, int], paper: FakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer_id, first_id = queued
    with unit_of_work() as session:
        first = session.get_one(PrintJob, first_id)
        sale = session.get_one(Sale, first.sale_id)
        printing.ask(
            session, uuid=uuid4(), sale_uuid=sale.uuid, store_id=first.store_id, till="T1", is_copy=True,
            user_id=first.requested_by_id, now=NOON,
        )  # fmt: skip
    clock = [0.0]
    monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: clock[0]))

    def slowly(content: bytes) -> None:
        clock[0] += tasks.MOST_S + 1
        paper.papers.append(content)

    monkeypatch.setattr(paper, "send", slowly)

    done = tasks.work(printer_id)

    assert (done, len(paper.papers)) == (1, 1)
    with read_only() as session:
        assert session.scalars(select(PrintJob.state).order_by(PrintJob.id)).all() == ["printed", "waiting"]


def test_a_doubtful_receipt_that_was_given_up_comes_again_as_a_copy_too(
    queued: tuple[int, int], paper: FakePrinter
) -> None:
    printer_id, job_id = queued
    paper.trouble = PrinterDoubt("plug pulled")
    tasks.work(printer_id)
    paper.trouble = None
    user_id = job(job_id).requested_by_id

    for step in (printing.give_up, printing.print_again):
        with unit_of_work() as session:
            step(session, job_id, user_id=user_id, now=NOON)
    tasks.work(printer_id)

    assert b"COPY 1" in paper.papers[0]


def test_what_waits_for_a_printer_that_was_taken_away_goes_to_the_one_in_its_place(
    queued: tuple[int, int], paper: FakePrinter
) -> None:
    printer_id, job_id = queued
    user_id = job(job_id).requested_by_id
    with unit_of_work() as session:
        old = session.get_one(Printer, printer_id)
        old.is_active = False
        store_id = old.store_id

    with pytest.raises(NoPrinter), unit_of_work() as session:
        printing.print_again(session, job_id, user_id=user_id, now=NOON)
    with unit_of_work() as session:
        new = Printer(name="New", store_id=store_id, till="T1", address="10.0.0.10")
        session.add(new)
        session.flush()
        printing.print_again(session, job_id, user_id=user_id, now=NOON)

    assert (tasks.work(printer_id), tasks.work(new.id)) == (0, 1)
    assert job(job_id).state == "printed"


def test_only_a_doubtful_receipt_can_be_found_on_paper(queued: tuple[int, int], app_context: Flask) -> None:
    _printer_id, job_id = queued

    with pytest.raises(PrintJobState), unit_of_work() as session:
        printing.was_printed(session, job_id, user_id=job(job_id).requested_by_id, now=NOON)

    assert job(job_id).state == "waiting"


def test_a_receipt_given_up_is_not_printed(queued: tuple[int, int], paper: FakePrinter) -> None:
    printer_id, job_id = queued
    with unit_of_work() as session:
        printing.give_up(session, job_id, user_id=job(job_id).requested_by_id, now=NOON)

    tasks.work(printer_id)

    assert (paper.papers, job(job_id).state) == ([], "given_up")


def test_the_sweep_finds_what_a_lost_message_left(queued: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    monkeypatch.setattr(tasks.work, "apply_async", lambda args, **_: sent.append(args))

    due = tasks.sweep()

    assert (due, sent) == (1, [(queued[0],)])


@pytest.mark.usefixtures("patient_devices")
def test_a_real_connection_brings_the_bytes_over(app_context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with PrinterServer() as server:
        here = NetworkAddress("127.0.0.1", server.port)
        monkeypatch.setattr(tasks, "printer_address", lambda text: here)
        with unit_of_work() as session:
            shop = factories.make_shop(session, address="上海市")
            printer = make_printer(session, shop, locale="zh")
            ask(session, shop, sell(session, shop, "<img src=x onerror=alert(1)>\x1bp\x00"))

        tasks.work(printer.id)

    [content] = server.papers
    assert "合计".encode("gbk") in content
    assert "上海市".encode("gbk") in content
    assert b"<img src=x onerror=alert(1)>" in content
    assert server.kicks == 0
