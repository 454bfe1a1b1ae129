"""Which printer and scale stand at a till, and what waits for paper."""

from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.domain.printing import JobState
from app.models.printing import Printer, PrintJob, Scale

Device = TypeVar("Device", Printer, Scale)
ENDED_STATES: Final = (JobState.PRINTED, JobState.GIVEN_UP)
OPEN_STATES: Final = (JobState.WAITING, JobState.SENDING, JobState.PERHAPS)


def printer_of(session: Session, store_id: int, till: str) -> Printer | None:
    """The till's own printer, else the one for all tills of the store."""
    return session.scalar(_of_till(Printer, store_id, till))


def scale_of(session: Session, store_id: int, till: str) -> Scale | None:
    """The till's own scale, else the one for all tills of the store."""
    return session.scalar(_of_till(Scale, store_id, till))


def job_by_uuid(session: Session, uuid: UUID) -> PrintJob | None:
    """The job that carries this UUID."""
    return session.scalar(select(PrintJob).where(PrintJob.uuid == uuid))


def original_of(session: Session, sale_id: int) -> PrintJob | None:
    """The job of a sale's original receipt."""
    return session.scalar(select(PrintJob).where(PrintJob.original_key == str(sale_id)))


def sending(session: Session, printer_id: int) -> list[PrintJob]:
    """Jobs that are on their way to this printer."""
    statement = select(PrintJob).where(PrintJob.printer_id == printer_id, PrintJob.state == JobState.SENDING)
    return list(session.scalars(statement))


def next_waiting(session: Session, printer_id: int) -> PrintJob | None:
    """The oldest job that waits for this printer."""
    return session.scalar(
        select(PrintJob)
        .where(PrintJob.printer_id == printer_id, PrintJob.state == JobState.WAITING)
        .order_by(PrintJob.id)
        .limit(1)
    )


def due_printers(session: Session, *, now: datetime) -> list[int]:
    """Printers with work that nobody asked to leave alone."""
    is_busy = PrintJob.state.in_((JobState.WAITING, JobState.SENDING))
    return list(
        session.scalars(
            select(PrintJob.printer_id)
            .join(Printer, Printer.id == PrintJob.printer_id)
            .where(is_busy, Printer.is_active, or_(Printer.quiet_until.is_(None), Printer.quiet_until <= now))
            .distinct()
            .order_by(PrintJob.printer_id)
        )
    )


def all_printers(session: Session) -> list[int]:
    """Every printer that there is or was."""
    return list(session.scalars(select(Printer.id).order_by(Printer.id)))


def ended_jobs(session: Session, printer_id: int, *, before: datetime, limit: int) -> list[int]:
    """Of a printer's oldest jobs in each state that is an end those that ended before then.

    Read along the index of printer, state and number, never further than `limit`: a night on which there is nothing
    to forget does not walk over all that is kept.
    """
    found = []
    for state in ENDED_STATES:
        oldest = (
            select(PrintJob.id, PrintJob.ended_at)
            .where(PrintJob.printer_id == printer_id, PrintJob.state == state)
            .order_by(PrintJob.id)
            .limit(limit)
        )
        found += [row.id for row in session.execute(oldest) if row.ended_at is not None and row.ended_at < before]
    return sorted(found)[:limit]


def open_jobs(session: Session, printer_id: int) -> dict[str, int]:
    """How many jobs of a printer stand in each state that is not an end."""
    rows = session.execute(
        select(PrintJob.state, func.count())
        .where(PrintJob.printer_id == printer_id, PrintJob.state.in_(OPEN_STATES))
        .group_by(PrintJob.state)
    )
    return {row[0]: row[1] for row in rows}


def _of_till(model: type[Device], store_id: int, till: str) -> Select[Device]:
    # The empty till sorts first: its own one wins.
    return (
        select(model)
        .where(model.store_id == store_id, model.till.in_((till, "")), model.is_active)
        .order_by(model.till.desc())
        .limit(1)
    )
