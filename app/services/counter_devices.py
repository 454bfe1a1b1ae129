"""What stands at a till: may this drawer be opened, which scale is asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.printing import NoDrawer, NoPrinter, NoScale
from app.models.checkout import Payment, Refund, RefundPayment, Sale
from app.models.printing import Printer
from app.queries import printing
from app.services import audit

CASH: Final = "cash"
FRESH: Final = timedelta(minutes=5)
"""How long after a cash sale or refund its till may open the drawer for it."""


@dataclass(frozen=True, slots=True)
class Counter:
    """The devices of one till; `waiting` and `perhaps` count the receipts that are not on paper yet."""

    printer: Printer | None
    has_scale: bool
    waiting: int
    perhaps: int


def counter_of(session: Session, *, store_id: int, till: str) -> Counter:
    """What stands at this till."""
    printer = printing.printer_of(session, store_id, till)
    jobs = printing.open_jobs(session, printer.id) if printer else {}
    return Counter(
        printer, printing.scale_of(session, store_id, till) is not None,
        waiting=jobs.get("waiting", 0) + jobs.get("sending", 0), perhaps=jobs.get("perhaps", 0),
    )  # fmt: skip


def drawer_of(session: Session, *, store_id: int, till: str) -> Printer:
    """The printer that the till's drawer hangs on.

    Raises:
        NoPrinter, NoDrawer: there is none.
    """
    printer = printing.printer_of(session, store_id, till)
    if printer is None:
        raise NoPrinter
    if not printer.has_drawer:
        raise NoDrawer
    return printer


def takes_cash(session: Session, sale_uuid: UUID, *, store_id: int, till: str, now: datetime) -> bool:
    """Whether the drawer may open for this sale: a cash sale of this till, made a moment ago."""
    statement = (
        select(Sale.id)
        .join(Payment, Payment.sale_id == Sale.id)
        .where(
            Sale.uuid == sale_uuid, Sale.store_id == store_id, Sale.till == till, Payment.tender == CASH,
            Sale.sold_at > now - FRESH,
        )
        .limit(1)
    )  # fmt: skip
    return session.scalar(statement) is not None


def gives_cash(session: Session, refund_uuid: UUID, *, store_id: int, till: str, now: datetime) -> bool:
    """Whether the drawer may open for this refund: one of this till that gives cash back, made a moment ago."""
    statement = (
        select(Refund.id)
        .join(RefundPayment, RefundPayment.refund_id == Refund.id)
        .where(
            Refund.uuid == refund_uuid, Refund.store_id == store_id, Refund.till == till, RefundPayment.tender == CASH,
            Refund.refunded_at > now - FRESH,
        )
        .limit(1)
    )  # fmt: skip
    return session.scalar(statement) is not None


def record_no_sale(
    session: Session, *, store_id: int, till: str, user_id: int, is_open: bool, problem: str, now: datetime
) -> None:
    """Note that a drawer was opened, or was to be, without a sale."""
    details = {"store_id": store_id, "till": till, "opened": is_open} | ({"problem": problem} if problem else {})
    audit.record(
        session, user_id=user_id, action="drawer.no_sale", subject_kind="till", subject_id=till, details=details,
        now=now,
    )  # fmt: skip


def scale_address(session: Session, *, store_id: int, till: str) -> str:
    """Where the till's scale is.

    Raises:
        NoScale: there is none.
    """
    scale = printing.scale_of(session, store_id, till)
    if scale is None:
        raise NoScale
    return scale.address
