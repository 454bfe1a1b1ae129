"""What stands on a counter: receipts to the printer, the drawer, the scale."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.devices import receipt_printer, scale
from app.devices.receipt_printer import PrinterAway
from app.devices.scale import ScaleTrouble
from app.domain.errors import Busy, ShopError
from app.domain.printing import (
    JobState,
    PrinterUnreachable,
    PrintJobUnknown,
    ScaleAway,
    ScaleEmpty,
    ScaleNegative,
    ScaleOverload,
    ScalePounds,
    ScaleUnstable,
    printer_address,
)
from app.domain.staff import Permission
from app.models.printing import Printer, PrintJob
from app.queries import printing as questions
from app.services import counter_devices, printing
from app.unit_of_work import RETRY_AFTER_S, read_only, transact
from app.views.access import Staff, current_staff, demand, requires
from app.views.api.payloads import Answer, ClientUuid, Payload, answered

MOST_AT_ONCE: Final = 4
"""Threads of this process that may wait for devices: tills that sell need the others."""
PATIENCE_S: Final = 0.3
TROUBLES: Final[dict[str, type[ShopError]]] = {
    "unstable": ScaleUnstable, "overload": ScaleOverload, "negative": ScaleNegative, "not_zeroed": ScaleNegative,
    "empty": ScaleEmpty, "pounds": ScalePounds,
}  # fmt: skip
Till = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,16}$")]
_turns = threading.BoundedSemaphore(MOST_AT_ONCE)
bp = APIBlueprint("counter_devices", __name__, url_prefix="/api", tag="Devices")


class TillQuery(Payload):
    """Which till asks."""

    till: Till


class PrinterAnswer(Answer):
    """The till's printer; `is_automatic`: every receipt is printed without being asked for."""

    name: str
    has_drawer: bool
    is_automatic: bool


class CounterAnswer(Answer):
    """What stands at the till, and how many receipts are not on paper yet."""

    printer: PrinterAnswer | None
    has_scale: bool
    waiting: int
    perhaps: int


class PrintPayload(Payload):
    """A receipt to print; not `is_copy`: the original, once, whoever asks how often."""

    uuid: ClientUuid
    sale_uuid: ClientUuid
    till: Till
    is_copy: bool = False


class PrintJobAnswer(Answer):
    """Where it stands; `problem` says why it still waits: off, paper, cover, not_ready, broken_off, unprintable."""

    uuid: UUID
    state: JobState
    copy_number: int
    attempts: int
    problem: str
    requested_at: datetime


class DrawerPayload(Payload):
    """The drawer of a till: for a cash sale or refund just made, or without one by who may do that."""

    till: Till
    sale_uuid: ClientUuid | None = None
    refund_uuid: ClientUuid | None = None


class DrawerAnswer(Answer):
    """The printer took the command."""

    is_open: bool = True


class WeightAnswer(Answer):
    """What lies on the scale, at rest."""

    grams: int


@bp.get("/devices/counter")
@requires(Permission.SELL)
@bp.input(TillQuery, location="query")
@bp.output(CounterAnswer)
def counter(query_data: TillQuery) -> CounterAnswer:
    """What stands at a till."""
    with read_only() as session:
        found = counter_devices.counter_of(session, store_id=current_staff().store_id, till=query_data.till)
    return CounterAnswer.model_validate(found)


@bp.post("/print-jobs")
@requires(Permission.SELL)
@bp.input(PrintPayload)
@bp.output(PrintJobAnswer, status_code=201)
def ask(json_data: PrintPayload) -> Response:
    """Queue a receipt for the till's printer. The same UUID again answers 200 with the job as it stands."""
    staff = current_staff()
    asked = transact(
        lambda session: printing.ask(
            session, uuid=json_data.uuid, sale_uuid=json_data.sale_uuid, store_id=staff.store_id,
            till=json_data.till, is_copy=json_data.is_copy, user_id=staff.id, now=utc_now(),
        )
    )  # fmt: skip
    return answered(PrintJobAnswer.model_validate(asked.job), 201 if asked.is_new else 200)


@bp.get("/print-jobs/<uuid:job_uuid>")
@requires(Permission.SELL)
@bp.output(PrintJobAnswer)
def job(job_uuid: UUID) -> PrintJobAnswer:
    """Where a print job of this store stands."""
    return PrintJobAnswer.model_validate(_job(job_uuid))


@bp.post("/print-jobs/<uuid:job_uuid>/again")
@requires(Permission.SELL)
@bp.output(PrintJobAnswer)
def again(job_uuid: UUID) -> PrintJobAnswer:
    """Try at once what waits; what perhaps was printed comes as a copy."""
    job_id, user_id = _job(job_uuid).id, current_staff().id
    found = transact(lambda session: printing.print_again(session, job_id, user_id=user_id, now=utc_now()))
    return PrintJobAnswer.model_validate(found)


@bp.post("/devices/drawer")
@requires(Permission.SELL)
@bp.input(DrawerPayload)
@bp.output(DrawerAnswer)
def open_drawer(json_data: DrawerPayload) -> DrawerAnswer:
    """Open the cash drawer now. Without a fresh cash sale or refund it takes a permission and is audited."""
    staff, till = current_staff(), json_data.till
    with read_only() as session:
        printer = counter_devices.drawer_of(session, store_id=staff.store_id, till=till)
        is_for_cash = _is_for_cash(session, json_data, staff)
    if is_for_cash:
        _kick(printer)
    else:
        demand(Permission.OPEN_DRAWER)
        _open_without_sale(printer, staff, till)
    return DrawerAnswer()


@bp.get("/devices/scale")
@requires(Permission.SELL)
@bp.input(TillQuery, location="query")
@bp.output(WeightAnswer)
def weigh(query_data: TillQuery) -> WeightAnswer:
    """What lies on the till's scale."""
    with read_only() as session:
        address = counter_devices.scale_address(session, store_id=current_staff().store_id, till=query_data.till)
    with _turn():
        try:
            return WeightAnswer(grams=scale.ToledoScale(address).weigh())
        except ScaleTrouble as error:
            raise TROUBLES.get(error.reason, ScaleAway)() from error


def _job(job_uuid: UUID) -> PrintJob:
    with read_only() as session:
        found = questions.job_by_uuid(session, job_uuid)
    if found is None or found.store_id != current_staff().store_id:
        raise PrintJobUnknown
    return found


def _is_for_cash(session: Session, asked: DrawerPayload, staff: Staff) -> bool:
    store_id, till, now = staff.store_id, asked.till, utc_now()
    if asked.refund_uuid is not None:
        return counter_devices.gives_cash(session, asked.refund_uuid, store_id=store_id, till=till, now=now)
    if asked.sale_uuid is not None:
        return counter_devices.takes_cash(session, asked.sale_uuid, store_id=store_id, till=till, now=now)
    return False


def _open_without_sale(printer: Printer, staff: Staff, till: str) -> None:
    problem = ""
    try:
        _kick(printer)
    except ShopError as error:
        problem = str(error.details.get("reason", error.code))
        raise
    finally:
        transact(
            lambda session: counter_devices.record_no_sale(
                session, store_id=staff.store_id, till=till, user_id=staff.id, is_open=not problem, problem=problem,
                now=utc_now(),
            )
        )  # fmt: skip


def _kick(printer: Printer) -> None:
    address = printer_address(printer.address)
    if address is None:
        raise PrinterUnreachable(reason="off")
    with _turn():
        try:
            receipt_printer.printer_at(address).open_drawer()
        except PrinterAway as error:
            raise PrinterUnreachable(reason=error.reason) from error


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE_S):
        raise Busy(retry_after_s=RETRY_AFTER_S)
    try:
        yield
    finally:
        _turns.release()
