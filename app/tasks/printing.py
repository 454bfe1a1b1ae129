"""Putting receipts on paper: the table is the queue, the message a nudge, a printer that is off delays only itself."""

import time
from collections.abc import Mapping
from typing import Any, Final

import structlog
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from app.clock import utc_now
from app.devices import printer_paper, receipt_printer
from app.devices.receipt_printer import PrinterAway, PrinterDoubt, ReceiptPrinter
from app.domain.events import PrintRequested
from app.domain.printing import printer_address
from app.extensions import celery
from app.observability import PAPERS
from app.queries import printing as questions
from app.services import printing
from app.services.printing import Claimed
from app.services.printing_paper import paper_of
from app.tasks.publisher import Breaker, Nudger
from app.unit_of_work import read_only, transact

MOST: Final = 50
"""Receipts of one printer in one run: others shall have their turn."""
MOST_S: Final = 10.0
"""No receipt is begun later: neither the time limit nor the end of a worker may fall between the bytes of one."""
MOST_FORGETTING_S: Final = 60.0
LANGUAGES: Final = {"en": "en", "zh": "zh_Hans_CN"}
WORDS: Final[Mapping[str, Any]] = {
    "receipt": _("Receipt"), "till": _("Till"), "cashier": _("Cashier"), "total": _("Total"), "change": _("Change"),
    "copy": _("COPY"), "tax": _("Prices include VAT"), "thanks": _("Thank you for your purchase"), "cash": _("Cash"),
    "card": _("Card"), "mobile": _("Mobile payment"), "returned": _("returned"),
}  # fmt: skip
log = structlog.get_logger(__name__)
breaker = Breaker("printing")


@celery.task(name="printing.work", soft_time_limit=120, time_limit=150)
def work(printer_id: int) -> int:
    """Print what waits for one printer; how many receipts came to paper."""
    done, until = 0, time.monotonic() + MOST_S
    while done < MOST and time.monotonic() < until:
        claimed = transact(lambda session: printing.claim(session, printer_id, now=utc_now()))
        if claimed is None or not _put_on_paper(claimed):
            break
        done += 1
    return done


@celery.task(name="printing.sweep", soft_time_limit=30, time_limit=45)
def sweep() -> int:
    """Send a worker to every printer that has work: what a lost message left, what was put off."""
    with read_only() as session:
        due = questions.due_printers(session, now=utc_now())
    for printer_id in due:
        work.apply_async(args=(printer_id,), expires=30)
    return len(due)


@celery.task(name="printing.forget")
def forget() -> int:
    """Forget the receipts that ended long ago, in batches that hold up nobody; how many were."""
    done, until = 0, time.monotonic() + MOST_FORGETTING_S
    with read_only() as session:
        printers = questions.all_printers(session)
    for printer_id in printers:
        while time.monotonic() < until and (batch := _forget(printer_id)):
            done += batch
    if done:
        log.info("receipts_forgotten", jobs=done)
    return done


def _forget(printer_id: int) -> int:
    return transact(lambda session: printing.forget(session, printer_id, now=utc_now()))


def _put_on_paper(claimed: Claimed) -> bool:
    try:
        content = printer_paper.printed(_paper(claimed))
        printer = _printer(claimed.printer.address)
    except Exception:
        log.exception("receipt_unprintable", job=claimed.job_id)
        transact(lambda session: printing.unprintable(session, claimed.job_id, now=utc_now()))
        return True
    return _send(claimed, printer, content)


def _paper(claimed: Claimed) -> printer_paper.Paper:
    with force_locale(LANGUAGES.get(claimed.printer.locale, "en")):
        words = {name: str(word) for name, word in WORDS.items()}
    return paper_of(
        claimed.receipt, claimed.printer, copy_number=claimed.copy_number, time_zone=claimed.time_zone, words=words
    )


def _printer(text: str) -> ReceiptPrinter:
    address = printer_address(text)
    if address is None:
        raise ValueError(f"no address of a printer: {text}")
    return receipt_printer.printer_at(address)


def _send(claimed: Claimed, printer: ReceiptPrinter, content: bytes) -> bool:
    """Print; whatever the outcome, the row says it."""
    job_id, outcome = claimed.job_id, "printed"
    try:
        printer.send(content)
    except PrinterAway as error:
        outcome, reason = "away", error.reason
        transact(lambda session: printing.put_off(session, job_id, reason=reason, now=utc_now()))
    except PrinterDoubt:
        outcome = "doubt"
        transact(lambda session: printing.doubted(session, job_id, now=utc_now()))
    else:
        transact(lambda session: printing.printed(session, job_id, now=utc_now()))
    PAPERS.labels(outcome).inc()
    if outcome != "printed":
        log.warning("receipt_not_printed", job=job_id, printer=claimed.printer.id, outcome=outcome)
    return outcome == "printed"


def _nudge(printer_ids: list[int]) -> None:
    for printer_id in sorted(set(printer_ids)):
        work.apply_async(args=(printer_id,), retry=False, expires=30)


nudger = Nudger(_nudge, breaker)


def on_print_requested(fact: PrintRequested) -> None:
    """Send a worker to the printer; never waits and never fails."""
    nudger.nudge([fact.printer_id])
