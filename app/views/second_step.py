"""What follows the right password: the code of an authenticator app, for those who have one.

That a password was right is told only to who typed it; whether it was the password or the code that was wrong is
not told to a program that sends both. Codes are counted per account, wherever they come from.
"""

from typing import Any, Final

from flask import Flask, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.config import Settings
from app.domain.second_factor import is_obliged
from app.domain.staff_refusals import (
    LoginAgain,
    LoginFailed,
    SecondFactorFailed,
    SecondFactorMissing,
    SecondFactorNeeded,
)
from app.queries import staff as staff_queries
from app.queries.staff import StaffRow
from app.services import audit, login_throttle, second_factor
from app.unit_of_work import read_only, transact
from app.views.access import needs_login
from app.views.login_state import current_row
from app.views.passwords import check_password

PROOF_S: Final = 300
PURPOSE: Final = "second step"
OPEN: Final = frozenset({"account.index", "account.start", "account.confirm"})
"""Where somebody without the second factor they need may go."""


def init_app(app: Flask, settings: Settings) -> None:
    """Let nobody work who has not set up what the shop requires."""
    if settings.requires_second_factor:
        app.before_request(_lead_to_set_up)


def check_login(username: str, password: str, code: str | None) -> StaffRow:
    """The active user of this name and password, and code where one is asked for.

    Raises:
        Busy: too many logins at once.
        LoginFailed: name or password is wrong, and no code was sent.
        SecondFactorNeeded: name and password are right, a code was not sent.
        SecondFactorFailed: a code was sent, and something is wrong.
        SecondFactorUnreadable: everything may be right, but the shop's key has changed and it cannot tell.
        SecondFactorMissing: this shop wants a second factor of this user, who has none.
        LoginLocked: earlier wrong tries make this one wait.
    """
    try:
        row = check_password(username, password)
    except LoginFailed:
        if code is None:
            raise
        raise SecondFactorFailed from None
    if is_missing(row):
        raise SecondFactorMissing
    if is_asked_of(row):
        if code is None:
            raise SecondFactorNeeded
        check_code(row, code)
    return row


def is_asked_of(row: StaffRow) -> bool:
    """Whether this user has a second factor."""
    return row.second_factor_at is not None


def is_missing(row: StaffRow) -> bool:
    """Whether this user needs a second factor here and has none."""
    needed = current_app.config["SETTINGS"].requires_second_factor and is_obliged(row.roles)
    return needed and row.second_factor_at is None


def check_code(row: StaffRow, typed: str) -> None:
    """Use up a code of the user.

    Raises:
        SecondFactorFailed: it is none of theirs, or was used before.
        SecondFactorUnreadable: the shop cannot check any code of theirs.
        LoginLocked: earlier wrong codes make this one wait.
    """
    address = request.remote_addr or ""
    if not transact(lambda session: _try_code(session, row, typed, address)):
        raise SecondFactorFailed


def _try_code(session: Session, row: StaffRow, typed: str, address: str) -> bool:
    now, settings = utc_now(), current_app.config["SETTINGS"]
    login_throttle.claim_code(session, username=row.username, now=now)
    if second_factor.use(
        session, user_id=row.id, typed=typed, secret_key=settings.secret_key, old_keys=settings.old_keys, now=now
    ):
        login_throttle.forgive_code(session, username=row.username)
        return True
    details = {"address": address, "second_factor": True}
    audit.record(
        session, action="login_failed", user_id=row.id, subject_kind="login", subject_id=row.username,
        details=details, now=now,
    )  # fmt: skip
    return False


def proof_of(row: StaffRow) -> str:
    """What the page of the second step sends along instead of the password, good for five minutes."""
    return str(_signer().dumps([row.username, row.uniquifier]))


def row_of(proof: str) -> StaffRow:
    """Whose password was right.

    Raises:
        LoginAgain: the proof is forged or too old, or the user's password or rights to enter have changed.
    """
    try:
        claims: list[Any] = _signer().loads(proof, max_age=PROOF_S)
    except BadData as error:
        raise LoginAgain from error
    username, uniquifier = claims
    with read_only() as session:
        row = staff_queries.by_username(session, username)
    if row is None or not row.is_active or row.uniquifier != uniquifier:
        raise LoginAgain
    return row


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=PURPOSE)


def _lead_to_set_up() -> None:
    if not needs_login() or request.endpoint in OPEN:
        return
    row = current_row()
    if row is not None and is_missing(row):
        raise SecondFactorMissing
