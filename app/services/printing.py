"""Receipts on their way to paper: asked for after the sale, printed by a worker, kept until a person says otherwise."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain.errors import SaleUnknown
from app.domain.events import PrintRequested
from app.domain.printing import JobState, NoPrinter, PrintJobState, PrintJobUnknown, PrintUuidConflict, pause_s
from app.models.checkout import Sale
from app.models.printing import Printer, PrintJob
from app.queries import locks, printing, receipts
from app.services import audit, reprints

LEASE: Final = timedelta(seconds=60)
"""Longer than sending can take: a job that is still being sent after it was sent by somebody who died."""
KEPT: Final = timedelta(days=90)
"""How long a receipt that came to an end stays in the queue."""
BATCH: Final = 500
UNPRINTABLE: Final = "unprintable"
BROKEN_OFF: Final = "broken_off"


@dataclass(frozen=True, slots=True)
class Asked:
    """A job and whether this request made it."""

    job: PrintJob
    is_new: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that is ours to send, and everything that goes on its paper."""

    job_id: int
    copy_number: int
    printer: Printer
    receipt: receipts.Receipt
    time_zone: str


def ask(
    session: Session,
    *,
    uuid: UUID,
    sale_uuid: UUID,
    store_id: int,
    till: str,
    is_copy: bool,
    user_id: int,
    now: datetime,
) -> Asked:
    """Queue a receipt. The first is the original, whoever asks how often; a copy is counted and marked.

    Of a sale whose original may have been forgotten every further one is a copy.

    Raises:
        SaleUnknown: no such sale in this store.
        NoPrinter: none stands at this till.
        PrintUuidConflict: the UUID stands for the receipt of another sale.
    """
    sale_id = receipts.sale_id_by_uuid(session, store_id, sale_uuid)
    if sale_id is None:
        raise SaleUnknown
    known = _asked_before(session, uuid, sale_id, is_copy=is_copy)
    if known is not None:
        return Asked(known, is_new=False)
    printer = printing.printer_of(session, store_id, till)
    if printer is None:
        raise NoPrinter
    is_copy = is_copy or session.get_one(Sale, sale_id).sold_at < now - KEPT
    copy_number = _copy_number(session, sale_uuid, store_id, user_id, now) if is_copy else 0
    job = PrintJob(
        uuid=uuid, printer_id=printer.id, store_id=store_id, till=till, sale_id=sale_id, copy_number=copy_number,
        original_key=None if is_copy else str(sale_id), state=JobState.WAITING, attempts=0, problem="",
        requested_at=now, requested_by_id=user_id,
    )  # fmt: skip
    session.add(job)
    session.flush()
    announce(session, PrintRequested(printer.id))
    return Asked(job, is_new=True)


def _asked_before(session: Session, uuid: UUID, sale_id: int, *, is_copy: bool) -> PrintJob | None:
    known = printing.job_by_uuid(session, uuid)
    if known is not None and known.sale_id != sale_id:
        raise PrintUuidConflict
    return known if known is not None or is_copy else printing.original_of(session, sale_id)


def claim(session: Session, printer_id: int, *, now: datetime) -> Claimed | None:
    """Take the printer's next job, or None while it rests, is at work, or has nothing to do.

    A job whose sender died is perhaps printed: a person decides.
    """
    printer = locks.printer(session, printer_id)
    if printer is None or not printer.is_active or (printer.quiet_until and printer.quiet_until > now):
        return None
    for job in printing.sending(session, printer_id):
        if job.claimed_at and job.claimed_at > now - LEASE:
            return None
        _end(job, JobState.PERHAPS, BROKEN_OFF, now)
    session.flush()
    job_or_none = printing.next_waiting(session, printer_id)
    if job_or_none is None:
        return None
    job = job_or_none
    job.state, job.claimed_at, job.attempts = JobState.SENDING, now, job.attempts + 1
    session.flush()
    receipt = receipts.receipts(session, [job.sale_id])[job.sale_id]
    return Claimed(job.id, job.copy_number, printer, receipt, printer.store.time_zone)


def printed(session: Session, job_id: int, *, now: datetime) -> None:
    """It is on paper."""
    job, printer = _sent(session, job_id)
    printer.failures, printer.quiet_until = 0, None
    if job.state == JobState.SENDING:
        _end(job, JobState.PRINTED, "", now)


def put_off(session: Session, job_id: int, *, reason: str, now: datetime) -> None:
    """Nothing came to paper: it waits on, and the printer is left alone for longer each time."""
    job, printer = _sent(session, job_id)
    printer.failures += 1
    printer.quiet_until = now + timedelta(seconds=pause_s(printer.failures))
    if job.state == JobState.SENDING:
        job.state, job.problem, job.claimed_at = JobState.WAITING, reason, None


def doubted(session: Session, job_id: int, *, now: datetime) -> None:
    """It broke while it was printing: a person looks at the paper."""
    job, printer = _sent(session, job_id)
    printer.failures += 1
    printer.quiet_until = now + timedelta(seconds=pause_s(printer.failures))
    if job.state == JobState.SENDING:
        _end(job, JobState.PERHAPS, BROKEN_OFF, now)


def unprintable(session: Session, job_id: int, *, now: datetime) -> None:
    """It cannot be put on paper by us: given up, so that the others behind it are not held up."""
    job, _printer = _sent(session, job_id)
    _end(job, JobState.GIVEN_UP, UNPRINTABLE, now)


def print_again(session: Session, job_id: int, *, user_id: int, now: datetime) -> PrintJob:
    """Somebody wants it now: what waits is tried at once, what perhaps was printed comes as a copy.

    Raises:
        PrintJobUnknown, PrintJobState: it is gone, being sent or certainly printed.
        NoPrinter: its printer was taken away, and the till has no other.
    """
    job = _job_in(session, job_id, JobState.WAITING, JobState.PERHAPS, JobState.GIVEN_UP)
    if job.state != JobState.WAITING:
        # Given up since or not: part of it may be on paper.
        if job.state == JobState.PERHAPS or job.problem == BROKEN_OFF:
            sale = session.get_one(Sale, job.sale_id)
            job.copy_number = _copy_number(session, sale.uuid, job.store_id, user_id, now)
        _record(session, job, "again", user_id, now)
        job.state, job.problem, job.claimed_at, job.ended_at = JobState.WAITING, "", None, None
    printer = _standing(session, job)
    job.printer_id, printer.quiet_until = printer.id, None
    session.flush()
    announce(session, PrintRequested(job.printer_id))
    return job


def was_printed(session: Session, job_id: int, *, user_id: int, now: datetime) -> PrintJob:
    """Somebody found it on paper."""
    job = _job_in(session, job_id, JobState.PERHAPS)
    _record(session, job, "was_printed", user_id, now)
    _end(job, JobState.PRINTED, "", now)
    return job


def give_up(session: Session, job_id: int, *, user_id: int, now: datetime) -> PrintJob:
    """Nobody wants it any more."""
    job = _job_in(session, job_id, JobState.WAITING, JobState.PERHAPS)
    _record(session, job, "given_up", user_id, now)
    _end(job, JobState.GIVEN_UP, job.problem, now)
    return job


def forget(session: Session, printer_id: int, *, now: datetime) -> int:
    """Delete a batch of a printer's receipts that ended long ago; how many. What waits or is in doubt stays."""
    before = now - KEPT
    ended = printing.ended_jobs(session, printer_id, before=before, limit=BATCH)
    # Meanwhile somebody may have asked for one of them again.
    still = PrintJob.id.in_(ended), PrintJob.state.in_(printing.ENDED_STATES), PrintJob.ended_at < before
    session.execute(delete(PrintJob).where(*still).execution_options(synchronize_session=False))
    return len(ended)


def _copy_number(session: Session, sale_uuid: UUID, store_id: int, user_id: int, now: datetime) -> int:
    return reprints.reprint(session, sale_uuid, store_id=store_id, user_id=user_id, now=now).number


def _sent(session: Session, job_id: int) -> tuple[PrintJob, Printer]:
    """The job and its printer; the printer is locked first, as everywhere."""
    job = session.get_one(PrintJob, job_id)
    printer = locks.printer(session, job.printer_id)
    assert printer is not None  # a printer with jobs cannot be deleted
    session.refresh(job)
    return job, printer


def _job_in(session: Session, job_id: int, *states: JobState) -> PrintJob:
    job = session.get(PrintJob, job_id)
    if job is None:
        raise PrintJobUnknown
    locks.printer(session, job.printer_id)
    session.refresh(job)
    if job.state not in states:
        raise PrintJobState(state=job.state)
    return job


def _standing(session: Session, job: PrintJob) -> Printer:
    """The job's printer, or the one that stands at its till instead."""
    printer = session.get_one(Printer, job.printer_id)
    instead = printer if printer.is_active else printing.printer_of(session, job.store_id, job.till)
    if instead is None:
        raise NoPrinter
    return instead


def _end(job: PrintJob, state: JobState, problem: str, now: datetime) -> None:
    job.state, job.problem, job.ended_at = state, problem, now


def _record(session: Session, job: PrintJob, step: str, user_id: int, now: datetime) -> None:
    audit.record(
        session, user_id=user_id, action=f"print_job.{step}", subject_kind="print_job", subject_id=job.uuid,
        details={"was": job.state, "attempts": job.attempts}, now=now,
    )  # fmt: skip
