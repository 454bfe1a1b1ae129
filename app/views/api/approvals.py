"""A supervisor agrees at the till: a signed answer, good for one action on one sale or refund and two minutes."""

from typing import Any, Final, Literal
from uuid import UUID

from apiflask import APIBlueprint
from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import Field

from app.clock import utc_now
from app.domain.errors import ApprovalInvalid, NotAllowed, SelfApproval, WrongStore
from app.domain.login_rules import MAX_PASSWORD, MAX_USERNAME, normalised_username
from app.domain.staff import Permission
from app.services import audit
from app.unit_of_work import transact
from app.views.access import Staff, current_staff, requires
from app.views.api.payloads import Answer, ClientUuid, Payload
from app.views.tills import check_password_or_pin

APPROVAL_S: Final = 120
SALT: Final = "approval"
bp = APIBlueprint("approvals", __name__, url_prefix="/api/approvals", tag="Approvals")


class ApprovalPayload(Payload):
    """A supervisor's own name and password, and what they agree to: an action on this sale or refund.

    At an enrolled till `password` may be their PIN.
    """

    username: str = Field(min_length=1, max_length=MAX_USERNAME)
    password: str = Field(min_length=1, max_length=MAX_PASSWORD, repr=False)
    action: Literal[Permission.GOODS_IN_HAND, Permission.REFUND_OVER_LIMIT]
    subject: ClientUuid


class ApprovalAnswer(Answer):
    """Send `approval` with the sale or refund within `expires_in_s`."""

    approval: str
    approver: str
    expires_in_s: int = APPROVAL_S


@bp.post("")
@requires(Permission.SELL)
@bp.input(ApprovalPayload)
@bp.output(ApprovalAnswer, status_code=201)
def approve(json_data: ApprovalPayload) -> tuple[ApprovalAnswer, int]:
    """A second person agrees; the cashier stays logged in."""
    cashier = current_staff()
    if normalised_username(json_data.username) == cashier.username:
        raise SelfApproval
    approver = Staff.of(check_password_or_pin(json_data.username, json_data.password))
    _note(json_data, cashier, approver, is_granted=approver.may(json_data.action))
    _demand(approver, json_data.action, cashier)
    token = sign_approval(
        action=json_data.action, subject=json_data.subject, approver_id=approver.id, cashier_id=cashier.id
    )
    return ApprovalAnswer(approval=token, approver=approver.display_name), 201


def _demand(approver: Staff, action: Permission, cashier: Staff) -> None:
    if not approver.may(action):
        raise NotAllowed
    if approver.store_id != cashier.store_id and not approver.may(Permission.MANAGE_STAFF):
        raise WrongStore


def _note(payload: ApprovalPayload, cashier: Staff, approver: Staff, *, is_granted: bool) -> None:
    details = {"approval": payload.action.value, "cashier": cashier.id}
    transact(
        lambda session: audit.record(
            session,
            action="approved" if is_granted else "approval_denied",
            user_id=approver.id,
            subject_kind="approval",
            subject_id=str(payload.subject),
            details=details,
            now=utc_now(),
        )
    )


def sign_approval(*, action: Permission, subject: UUID, approver_id: int, cashier_id: int) -> str:
    """The token that says so."""
    return str(_signer().dumps([action.value, str(subject), approver_id, cashier_id]))


def read_approval(token: str, action: Permission, subject: UUID) -> int:
    """The id of whoever approved `action` on `subject` for the cashier who is asking.

    Raises:
        ApprovalInvalid: forged, older than two minutes, or given for something or somebody else.
    """
    try:
        claims: list[Any] = _signer().loads(token, max_age=APPROVAL_S)
    except BadData as error:
        raise ApprovalInvalid from error
    *bound, approver_id, cashier_id = claims
    if bound != [action.value, str(subject)] or cashier_id != current_staff().id:
        raise ApprovalInvalid
    return int(approver_id)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=SALT)
