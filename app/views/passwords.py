"""Is this the password, or the PIN? Few at a time: hashing is made slow on purpose and must not starve the tills."""

import functools
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from flask import current_app, request
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
from app.services.demo_shop import PUBLIC_PASSWORDS
from app.unit_of_work import transact

AT_ONCE: Final = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) // 2))
SEATS: Final = threading.BoundedSemaphore(8)
"""Logins in work or waiting; the ninth is told to come back, so that most threads stay with the tills."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One way to prove who one is: where tries are counted, what is stored, and how it is hashed anew."""

    hash_of: Callable[[Session, StaffRow], str | None]
    renew: Callable[[Session, int, str], None]
    place: str = ""
    """The enrolled till; empty: the address of the request."""


BY_PASSWORD: Final = Proof(
    hash_of=lambda _session, row: row.password_hash,
    renew=lambda session, user_id, hashed: staff_services.renew_hash(session, user_id=user_id, password_hash=hashed),
)


@dataclass(frozen=True, slots=True)
class _Claim:
    """An attempt that was counted, and whom it is about."""

    username: str
    address: str
    row: StaffRow | None
    stored: str | None


def check_password(username: str, password: str) -> StaffRow:
    """The active user of this name and password; the attempt counts against the account and the address.

    Raises:
        LoginLocked: earlier wrong passwords make this account or address wait.
        LoginFailed: unknown name, wrong password or disabled user; nothing says which.
        Busy: too many logins at once.
    """
    return check(username, password, BY_PASSWORD)


def check(username: str, typed: str, proof: Proof) -> StaffRow:
    """The active user of this name who proves it so; as `check_password`."""
    name, address = normalised_username(username)[:MAX_USERNAME], request.remote_addr or ""
    with _seat():
        claim = transact(lambda session: _begin(session, name, address, proof))
        if not _is_right(claim, normalised_password(typed)):
            transact(lambda session: _note_failure(session, claim))
            raise LoginFailed
    row = claim.row
    assert row is not None
    transact(lambda session: _note_success(session, claim, row, typed, proof))
    return row


def _begin(session: Session, username: str, address: str, proof: Proof) -> _Claim:
    login_throttle.claim_attempt(session, username=username, address=address, place=proof.place, now=utc_now())
    row = staff_queries.by_username(session, username)
    return _Claim(username, address, row, proof.hash_of(session, row) if row is not None else None)


def _is_right(claim: _Claim, typed: str) -> bool:
    # An unknown name, or an account that nobody can log in to, costs the same time as any other.
    nobodys, stored = _nobodys_hash(), claim.stored or ""
    has_hash = _security.pwd_context.identify(stored) is not None
    with AT_ONCE:
        is_same = verify_password(typed, stored if has_hash else nobodys)
    return is_same and has_hash and claim.row is not None and claim.row.is_active and not _is_everybodys(typed)


def _is_everybodys(typed: str) -> bool:
    # A demo that went live keeps its users: whoever read the manual would be their manager.
    return current_app.config["SETTINGS"].aisle_env == "production" and typed in PUBLIC_PASSWORDS


def _note_failure(session: Session, claim: _Claim) -> None:
    audit.record(
        session,
        action="login_failed",
        user_id=claim.row.id if claim.row is not None else None,
        subject_kind="login",
        subject_id=claim.username,
        details={"address": claim.address},
        now=utc_now(),
    )


def _note_success(session: Session, claim: _Claim, row: StaffRow, typed: str, proof: Proof) -> None:
    login_throttle.forgive_attempt(
        session, username=row.username, address=claim.address, place=proof.place, now=utc_now()
    )
    if _security.pwd_context.needs_update(claim.stored):
        proof.renew(session, row.id, str(hash_password(normalised_password(typed))))


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
