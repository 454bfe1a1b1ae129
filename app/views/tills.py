"""At an enrolled till: whose browser it is, and six digits in place of a password."""

from typing import Final

from flask import Response, after_this_request, current_app, request
from flask_security import hash_password
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.domain.pins import is_pin, pin_fault
from app.domain.second_factor import is_obliged
from app.domain.staff_refusals import PinChangeNeeded, PinWeak, TillNotEnrolled
from app.queries import tills as till_queries
from app.queries.staff import StaffRow
from app.queries.tills import PinRow, TillRow
from app.services import tills
from app.unit_of_work import read_only, transact
from app.views.passwords import Proof, check, check_password

KEPT_S: Final = 400 * 24 * 3600
"""As long as browsers keep any cookie."""


def current_till() -> TillRow | None:
    """The till this browser was made, if any."""
    secret = request.cookies.get(_cookie_name())
    if not secret:
        return None
    with read_only() as session:
        return till_queries.of_secret(session, secret)


def keep(secret: str) -> None:
    """Hand the browser the secret that makes it a till."""

    @after_this_request
    def _set(response: Response) -> Response:
        is_secure = bool(current_app.config["SETTINGS"].secure_cookies)
        response.set_cookie(_cookie_name(), secret, max_age=KEPT_S, secure=is_secure, httponly=True, samesite="Strict")
        return response


def check_password_or_pin(username: str, typed: str) -> StaffRow:
    """Whoever agrees to something at this till, by their password or, where it is enrolled, their PIN.

    Raises as `check_password`, and:
        PinChangeNeeded: the PIN was given by a manager and its owner has chosen none yet.
    """
    till = current_till() if is_pin(typed) else None
    if till is None:
        return check_password(username, typed)
    row, must_change = _check_pin(username, typed, till, for_all=True)
    if must_change:
        raise PinChangeNeeded
    return row


def log_in_by_pin(username: str, pin: str, till: TillRow, *, may_be_one_time: bool) -> StaffRow:
    """The user of this name and PIN at this till. Who manages the shop or its servers logs in by password.

    Raises as `check_password`, and:
        PinChangeNeeded: the PIN was given by a manager, who chose it for one login only.
    """
    row, must_change = _check_pin(username, pin, till, for_all=False)
    if must_change and not may_be_one_time:
        raise PinChangeNeeded
    return row


def refuse_weak(pin: str, old: str) -> None:
    """Whether this may be somebody's new PIN, after what they typed to log in.

    Raises:
        PinWeak: too easy to guess, or the old one.
        TillNotEnrolled: this browser is no till.
    """
    if current_till() is None:
        raise TillNotEnrolled
    fault = pin_fault(pin, old)
    if fault is not None:
        raise PinWeak(reason=fault)


def choose_pin(row: StaffRow, pin: str) -> None:
    """Give oneself another PIN, which `refuse_weak` did not refuse."""
    hashed = str(hash_password(pin))
    transact(
        lambda session: tills.set_pin(
            session, user_id=row.id, pin_hash=hashed, is_one_time=False, by=row.id, now=utc_now()
        )
    )


def _check_pin(username: str, pin: str, till: TillRow, *, for_all: bool) -> tuple[StaffRow, bool]:
    found: list[PinRow] = []

    def hash_of(session: Session, row: StaffRow) -> str | None:
        stored = till_queries.pin_of(session, row.id)
        is_taken = row.store_id == till.store_id and (for_all or not is_obliged(row.roles))
        found[:] = [stored] if stored is not None and is_taken else []
        return found[0].hash if found else None

    row = check(username, pin, Proof(hash_of, tills.renew_hash, place=f"till:{till.id}"))
    return row, found[0].must_change


def _cookie_name() -> str:
    return "__Host-aisle-till" if current_app.config["SETTINGS"].secure_cookies else "aisle-till"
