"""Is this the password? Few at a time: hashing is made slow on purpose and must not starve the tills."""

import functools
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flask import request
from flask_security import hash_password
from flask_security.proxies import _security
from flask_security.utils import verify_password
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.domain.errors import Busy
from app.domain.login_rules import MAX_USERNAME, normalised_password, normalised_username
from app.domain.staff_refusals import LoginFailed
from app.queries import staff as staff_queries
from app.queries.staff import StaffRow
from app.services import audit, login_throttle
from app.services import staff as staff_services
from app.unit_of_work import transact

AT_ONCE: Final = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) // 2))
SEATS: Final = threading.BoundedSemaphore(8)
"""Logins in work or waiting; the ninth is told to come back, so that most threads stay with the tills."""


def check_password(username: str, password: str) -> StaffRow:
    """The active user of this name and password; the attempt counts against the account and the address.

    Raises:
        LoginLocked: earlier wrong passwords make this account or address wait.
        LoginFailed: unknown name, wrong password or disabled user; nothing says which.
        Busy: too many logins at once.
    """
    name, address = normalised_username(username)[:MAX_USERNAME], request.remote_addr or ""
    with _seat():
        row = transact(lambda session: _begin(session, name, address))
        if not _is_right(row, normalised_password(password)):
            transact(lambda session: _note_failure(session, row, name, address))
            raise LoginFailed
    assert row is not None
    transact(lambda session: _note_success(session, row, password, address))
    return row


def _begin(session: Session, username: str, address: str) -> StaffRow | None:
    login_throttle.claim_attempt(session, username=username, address=address, now=utc_now())
    return staff_queries.by_username(session, username)


def _is_right(row: StaffRow | None, password: str) -> bool:
    # An unknown name, or an account that nobody can log in to, costs the same time as any other.
    nobodys = _nobodys_hash()
    has_hash = row is not None and _security.pwd_context.identify(row.password_hash) is not None
    with AT_ONCE:
        is_same = verify_password(password, row.password_hash if row is not None and has_hash else nobodys)
    return is_same and has_hash and row is not None and row.is_active


def _note_failure(session: Session, row: StaffRow | None, username: str, address: str) -> None:
    audit.record(
        session,
        action="login_failed",
        user_id=row.id if row is not None else None,
        subject_kind="login",
        subject_id=username,
        details={"address": address},
        now=utc_now(),
    )


def _note_success(session: Session, row: StaffRow, password: str, address: str) -> None:
    login_throttle.forgive_attempt(session, username=row.username, address=address, now=utc_now())
    if _security.pwd_context.needs_update(row.password_hash):
        staff_services.renew_hash(session, user_id=row.id, password_hash=hash_password(normalised_password(password)))


@contextmanager
def _seat() -> Iterator[None]:
    if not SEATS.acquire(blocking=False):
        raise Busy(retry_after_s=1)
    try:
        yield
    finally:
        SEATS.release()


@functools.cache
def _nobodys_hash() -> str:
    return str(hash_password(secrets.token_hex(16)))
