"""Taking goods back against a receipt."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from apiflask import APIBlueprint
from pydantic import Field, StringConstraints

from app.clock import utc_now
from app.domain.errors import ApprovalInvalid
from app.domain.refunds import Destination, NewRefund, ReturnedLine
from app.domain.staff import Permission
from app.queries import refunds as refund_queries
from app.services import refunds
from app.services.refunds import Refunded
from app.unit_of_work import read_only, transact
from app.views.access import Staff, current_staff, requires
from app.views.api.approvals import read_approval
from app.views.api.payloads import Answer, ClientUuid, Payload, WholeNumber

bp = APIBlueprint("refunds", __name__, url_prefix="/api/sales", tag="Checkout")
Till = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,16}$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ReturnedLinePayload(Payload):
    """Thousandths of a receipt line that come back, and where the goods go."""

    line_id: WholeNumber
    quantity: WholeNumber
    to: Destination


class RefundPayload(Payload):
    """What comes back and why. No amounts: the receipt says what was paid."""

    uuid: ClientUuid
    till: Till
    lines: list[ReturnedLinePayload]
    reason: Reason
    approval: str | None = Field(default=None, max_length=2000)


class RefundedLineAnswer(Answer):
    """A returned line with its amount."""

    line_id: int
    name: str
    quantity: int
    amount: int
    to: str


class RefundedPaymentAnswer(Answer):
    """Money given back in one tender."""

    tender: str
    amount: int


class RefundAnswer(Answer):
    """A refund slip."""

    uuid: UUID
    number: str
    sale_uuid: UUID
    at: datetime
    lines: list[RefundedLineAnswer]
    total: int
    payments: list[RefundedPaymentAnswer]
    cashier: str
    approver: str | None


@bp.post("/<uuid:sale_uuid>/refunds")
@requires(Permission.REFUND)
@bp.input(RefundPayload)
@bp.output(RefundAnswer, status_code=201)
def refund(sale_uuid: UUID, json_data: RefundPayload) -> tuple[RefundAnswer, int]:
    """Refund lines of a sale. The same UUID and content again answers 200 with the first refund."""
    done = _refund(sale_uuid, json_data, current_staff())
    with read_only() as session:
        slip = refund_queries.slip(session, done.refund_id)
    return RefundAnswer.model_validate(slip), 201 if done.is_new else 200


def _refund(sale_uuid: UUID, payload: RefundPayload, staff: Staff) -> Refunded:
    try:
        approver_id = _approver(payload)
    except ApprovalInvalid:
        # A till asks until it hears of its refund: for longer than an approval lasts, and after the next login.
        with read_only() as session:
            request = _new_refund(sale_uuid, payload, staff, None)
            if (known := refunds.refunded_before(session, request)) is None:
                raise
            return known
    request = _new_refund(sale_uuid, payload, staff, approver_id)
    return transact(lambda session: refunds.refund(session, request, now=utc_now()))


def _approver(payload: RefundPayload) -> int | None:
    if not payload.approval:
        return None
    return read_approval(payload.approval, action=Permission.REFUND_OVER_LIMIT, subject=payload.uuid)


def _new_refund(sale_uuid: UUID, payload: RefundPayload, staff: Staff, approver_id: int | None) -> NewRefund:
    return NewRefund(
        uuid=payload.uuid, sale_uuid=sale_uuid, store_id=staff.store_id, till=payload.till, cashier_id=staff.id,
        lines=tuple(ReturnedLine(line.line_id, line.quantity, line.to.value) for line in payload.lines),
        reason=payload.reason, approver_id=approver_id, may_exceed_limit=staff.may(Permission.REFUND_OVER_LIMIT),
    )  # fmt: skip
