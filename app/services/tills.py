"""Browsers made tills of the shop, and the PINs of those who work at them."""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain.events import StaffChanged
from app.domain.second_factor import tidy
from app.domain.staff_refusals import TillCodeWrong, TillUnknown
from app.models.staff import EnrolledTill, LoginSession, Pin
from app.queries.tills import TillRow, hash_of, of_secret
from app.services import audit
from app.services.second_factor_seal import keyed_hash

GOOD_FOR: Final = timedelta(minutes=15)
CODE_BYTES: Final = 5
SECRET_BYTES: Final = 32
CODES_OF: Final = "till"


def offer(
    session: Session, *, store_id: int, till: str, secret_key: str, by: int, now: datetime
) -> tuple[EnrolledTill, str]:
    """A till to be enrolled within a quarter of an hour, and the code to type there."""
    code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
    row = EnrolledTill(
        store_id=store_id, till=till, code_hash=keyed_hash(secret_key, CODES_OF, code), code_expires_at=now + GOOD_FOR,
        offered_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note(session, "till_offered", row.id, by=by, now=now, till=till, store_id=store_id)
    return row, f"{code[:4]}-{code[4:]}"


def enrol(session: Session, *, code: str, secret_key: str, now: datetime) -> tuple[TillRow, str]:
    """Make the browser that sends the code a till; returns the till and the secret the browser keeps.

    Raises:
        TillCodeWrong: no till waits for it, or no more. Of two who send it, one gets the till.
    """
    code_hash, secret = keyed_hash(secret_key, CODES_OF, tidy(code)), secrets.token_urlsafe(SECRET_BYTES)
    waiting = update(EnrolledTill).where(EnrolledTill.code_hash == code_hash, EnrolledTill.code_expires_at > now)
    done = session.execute(
        waiting.values(code_hash=None, code_expires_at=None, secret_hash=hash_of(secret), enrolled_at=now)
    )
    if cast("CursorResult[Any]", done).rowcount != 1:
        raise TillCodeWrong
    till = of_secret(session, secret)
    assert till is not None
    _note(session, "till_enrolled", till.id, by=None, now=now, till=till.till, store_id=till.store_id)
    return till, secret


def revoke(session: Session, *, till_id: int, by: int, now: datetime) -> None:
    """The browser is no till any more; logins that began there end.

    Raises:
        TillUnknown: no such till.
    """
    till = session.get(EnrolledTill, till_id, with_for_update=True)
    if till is None:
        raise TillUnknown
    session.execute(delete(LoginSession).where(LoginSession.till_id == till_id))
    session.delete(till)
    announce(session, StaffChanged(by))
    _note(session, "till_revoked", till_id, by=by, now=now, till=till.till, store_id=till.store_id)


def set_pin(session: Session, *, user_id: int, pin_hash: str, is_one_time: bool, by: int, now: datetime) -> None:
    """A new PIN; one given by somebody else opens once, to choose another."""
    values = {"hash": pin_hash, "must_change": is_one_time, "set_at": now}
    if session.scalar(select(Pin.user_id).where(Pin.user_id == user_id).with_for_update()) is None:
        session.execute(insert(Pin).values(user_id=user_id, **values))
    else:
        session.execute(update(Pin).where(Pin.user_id == user_id).values(values))
    details = {"one_time": is_one_time}
    audit.record(
        session, action="pin_set", user_id=by, subject_kind="user", subject_id=user_id, details=details, now=now
    )


def renew_hash(session: Session, user_id: int, pin_hash: str) -> None:
    """The same PIN, hashed with today's settings."""
    session.execute(update(Pin).where(Pin.user_id == user_id).values(hash=pin_hash))


def _note(session: Session, action: str, till_id: int, *, by: int | None, now: datetime, **details: Any) -> None:
    audit.record(session, action=action, user_id=by, subject_kind="till", subject_id=till_id, details=details, now=now)
