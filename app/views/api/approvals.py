"""A supervisor agrees at the till: a signed answer, good for one action on one sale or refund and two minutes."""

from typing import Any, Final
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from app.domain.errors import ApprovalInvalid
from app.domain.staff import Permission
from app.views.access import current_staff

APPROVAL_S: Final = 120
SALT: Final = "approval"


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
