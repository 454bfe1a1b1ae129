"""Wrong passwords make the next try wait, a little longer each time; nobody is locked out for good.

An attempt is counted before the password is looked at and taken back when it was right: a hundred guesses sent
at once are counted as a hundred.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app.domain.login_rules import FORGET_AFTER, PER_ACCOUNT, PER_ADDRESS, WaitRule
from app.domain.staff_refusals import LoginLocked, UserUnknown
from app.models.staff import LoginThrottle, User
from app.queries import locks
from app.queries.locks import LockedThrottle
from app.services import audit

KEEP: Final = timedelta(days=1)


def claim_attempt(session: Session, *, username: str, address: str, place: str = "", now: datetime) -> None:
    """Count one attempt of `username` from `address`, or at the enrolled till `place`, which has no other address.

    Raises:
        LoginLocked: an earlier wrong password still makes them wait; `retry_after_s` says how long.
    """
    rules = _rules(username, address, place)
    session.execute(delete(LoginThrottle).where(LoginThrottle.last_failed_at < now - KEEP))
    throttles = locks.login_throttles(session, rules, now=now)
    _refuse_while_waiting(throttles, now)
    for key, rule in rules.items():
        failures = throttles[key].failures_by(now, FORGET_AFTER) + 1
        _store(session, key, failures=failures, last_failed_at=now, locked_until=now + rule.wait(failures))


def forgive_attempt(session: Session, *, username: str, address: str, place: str = "", now: datetime) -> None:
    """The password was right: the account starts anew, the address gets this attempt back."""
    by_account, by_address = _rules(username, address, place)
    session.execute(delete(LoginThrottle).where(LoginThrottle.key == by_account))
    throttle = locks.login_throttles(session, [by_address], now=now)[by_address]
    _store(session, by_address, failures=max(throttle.failures - 1, 0), last_failed_at=now, locked_until=None)


def claim_code(session: Session, *, username: str, now: datetime) -> None:
    """Count one second factor that follows a right password, wherever it comes from.

    Only who knows the password gets here, so that nobody else can make the account wait.

    Raises:
        LoginLocked: earlier wrong codes still make them wait.
    """
    key = _of_codes(username)
    throttle = locks.login_throttles(session, [key], now=now)[key]
    _refuse_while_waiting({key: throttle}, now)
    failures = throttle.failures_by(now, FORGET_AFTER) + 1
    _store(session, key, failures=failures, last_failed_at=now, locked_until=now + PER_ACCOUNT.wait(failures))


def forgive_code(session: Session, *, username: str) -> None:
    """The code was right: the count starts anew."""
    session.execute(delete(LoginThrottle).where(LoginThrottle.key == _of_codes(username)))


def unlock(session: Session, *, user_id: int, by: int, now: datetime) -> None:
    """Let somebody try again at once, wherever they are; addresses that guessed many names still wait.

    Raises:
        UserUnknown: no such user.
    """
    username = session.scalar(select(User.username).where(User.id == user_id))
    if username is None:
        raise UserUnknown
    of_account = LoginThrottle.key.startswith(f"account:{username}@", autoescape=True)
    session.execute(delete(LoginThrottle).where(or_(of_account, LoginThrottle.key == _of_codes(username))))
    audit.record(session, action="login_unlocked", user_id=by, subject_kind="user", subject_id=user_id, now=now)


def _of_codes(username: str) -> str:
    return f"code:{username}"


def _refuse_while_waiting(throttles: Mapping[str, LockedThrottle], now: datetime) -> None:
    waits = [one.locked_until - now for one in throttles.values() if one.locked_until and one.locked_until > now]
    if waits:
        raise LoginLocked(retry_after_s=ceil(max(waits).total_seconds()))


def _rules(username: str, address: str, place: str) -> dict[str, WaitRule]:
    return {f"account:{username}@{place or address}": PER_ACCOUNT, f"address:{address}": PER_ADDRESS}


def _store(
    session: Session, key: str, *, failures: int, last_failed_at: datetime, locked_until: datetime | None
) -> None:
    session.execute(
        update(LoginThrottle)
        .where(LoginThrottle.key == key)
        .values(failures=failures, last_failed_at=last_failed_at, locked_until=locked_until)
    )
