"""The second factor of a login: set up, used, and taken away again. No code opens anything twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain import second_factor as rule
from app.domain.events import StaffChanged
from app.domain.staff_refusals import (
    OwnAccount,
    SecondFactorFailed,
    SecondFactorState,
    SecondFactorUnreadable,
    UserUnknown,
)
from app.models.staff import RecoveryCode, SecondFactor, User
from app.services import audit, staff
from app.services.second_factor_seal import keyed_hash, opened, seal


def start(session: Session, *, user_id: int, secret_key: str) -> None:
    """A new secret for the user's app; it asks for nothing until a code of it was shown.

    Raises:
        SecondFactorState: the user has a second factor.
    """
    _user(session, user_id, is_on=False)
    sealed = seal(secret_key, user_id, rule.new_secret())
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
    session.execute(insert(SecondFactor).values(user_id=user_id, sealed=sealed, last_step=0))


def secret_of(session: Session, user_id: int, *, secret_key: str) -> bytes | None:
    """The secret of the user's app, confirmed or not; None when there is none or it was sealed under another key."""
    sealed = session.scalar(select(SecondFactor.sealed).where(SecondFactor.user_id == user_id))
    return opened(secret_key, user_id, sealed) if sealed else None


def confirm(
    session: Session, *, user_id: int, typed: str, secret_key: str, session_id: str, now: datetime
) -> list[str]:
    """The app shows the right code: from now on every login asks for one. Ends all logins but `session_id`.

    Returns the recovery codes, which nobody can be shown again.

    Raises:
        SecondFactorState: there is nothing to confirm.
        SecondFactorFailed: not a code of this secret.
    """
    user = _user(session, user_id, is_on=False)
    if not _take_step(session, user_id, rule.tidy(typed), secret_key, now):
        raise SecondFactorFailed
    user.second_factor_at = now
    staff.end_other_logins(session, user_id=user_id, session_id=session_id, now=now)
    _note(session, "second_factor_on", user_id, by=user_id, now=now)
    return _new_recovery_codes(session, user_id, secret_key)


def use(
    session: Session, *, user_id: int, typed: str, secret_key: str, now: datetime, old_keys: Sequence[str] = ()
) -> bool:
    """Whether `typed` is a code of the user's app that was not used yet, or one of the recovery codes.

    A secret that opens with one of `old_keys` alone is sealed anew.

    Raises:
        SecondFactorUnreadable: no key opens the secret any more, so that no code can ever be right.
    """
    _move_to(session, user_id, secret_key, old_keys)
    code = rule.tidy(typed)
    if rule.is_code(code):
        return _take_step(session, user_id, code, secret_key, now)
    hashes = [keyed_hash(one, user_id, code) for one in (secret_key, *old_keys)]
    wanted = delete(RecoveryCode).where(RecoveryCode.user_id == user_id, RecoveryCode.hash.in_(hashes))
    if not _hit_one(session.execute(wanted)):
        return False
    _note(session, "recovery_code_used", user_id, by=user_id, now=now)
    return True


def reseal(session: Session, *, secret_key: str, old_keys: Sequence[str]) -> tuple[int, list[str]]:
    """Seal everybody's secret under `secret_key`: how many open with it now, and whose no key opens."""
    users = session.execute(select(User.id, User.username).join(SecondFactor, SecondFactor.user_id == User.id)).all()
    lost = []
    for user_id, username in users:
        try:
            _move_to(session, user_id, secret_key, old_keys)
        except SecondFactorUnreadable:
            lost.append(username)
    return len(users) - len(lost), sorted(lost)


def renew_recovery_codes(session: Session, *, user_id: int, secret_key: str, now: datetime) -> list[str]:
    """Ten new recovery codes; the old ones are worth nothing.

    Raises:
        SecondFactorState: the user has no second factor.
    """
    _user(session, user_id, is_on=True)
    _note(session, "recovery_codes_renewed", user_id, by=user_id, now=now)
    return _new_recovery_codes(session, user_id, secret_key)


def is_on(session: Session, user_id: int) -> bool:
    """Whether a login of the user asks for a code."""
    return session.scalar(select(User.second_factor_at).where(User.id == user_id)) is not None


def recovery_codes_left(session: Session, user_id: int) -> int:
    """How many recovery codes were not used yet."""
    return session.scalar(select(func.count()).where(RecoveryCode.user_id == user_id)) or 0


def turn_off(session: Session, *, user_id: int, now: datetime) -> None:
    """Passwords alone again, for oneself; the caller has asked for password and code.

    Raises:
        SecondFactorState: the user has no second factor.
    """
    _forget(session, _user(session, user_id, is_on=True))
    _note(session, "second_factor_off", user_id, by=user_id, now=now)


def reset(session: Session, *, user_id: int, by: int | None, now: datetime) -> None:
    """Take the second factor of somebody who lost it, and end all their logins; `by` None: from the command line.

    Raises:
        OwnAccount: one's own is turned off with password and code.
        SecondFactorState: the user has no second factor.
    """
    if user_id == by:
        raise OwnAccount
    _forget(session, _user(session, user_id, is_on=True))
    session.flush()
    staff.end_all_logins(session, user_id=user_id, by=by, now=now)
    _note(session, "second_factor_reset", user_id, by=by, now=now)


def _user(session: Session, user_id: int, *, is_on: bool) -> User:
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise UserUnknown
    if (user.second_factor_at is not None) != is_on:
        raise SecondFactorState
    return user


def _move_to(session: Session, user_id: int, secret_key: str, old_keys: Sequence[str]) -> None:
    """See that the secret is sealed under `secret_key`."""
    if secret_of(session, user_id, secret_key=secret_key) is not None:
        return
    found = (secret_of(session, user_id, secret_key=key) for key in old_keys)
    secret = next((one for one in found if one is not None), None)
    if secret is None:
        raise SecondFactorUnreadable
    mine = update(SecondFactor).where(SecondFactor.user_id == user_id)
    session.execute(mine.values(sealed=seal(secret_key, user_id, secret)))


def _take_step(session: Session, user_id: int, code: str, secret_key: str, now: datetime) -> bool:
    secret = secret_of(session, user_id, secret_key=secret_key)
    step = rule.matching_step(secret, code, now) if secret is not None else None
    if step is None:
        return False
    # Only forward: of two who send the same code, one finds the step taken.
    newer = update(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
    return _hit_one(session.execute(newer.values(last_step=step)))


def _new_recovery_codes(session: Session, user_id: int, secret_key: str) -> list[str]:
    codes = [rule.new_recovery_code() for _ in range(rule.RECOVERY_CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    hashes = [keyed_hash(secret_key, user_id, rule.tidy(code)) for code in codes]
    session.execute(insert(RecoveryCode), [{"user_id": user_id, "hash": one} for one in hashes])
    return codes


def _forget(session: Session, user: User) -> None:
    user.second_factor_at = None
    for kept in (SecondFactor, RecoveryCode):
        session.execute(delete(kept).where(kept.user_id == user.id))
    announce(session, StaffChanged(user.id))


def _note(session: Session, action: str, user_id: int, *, by: int | None, now: datetime) -> None:
    audit.record(session, action=action, user_id=by, subject_kind="user", subject_id=user_id, now=now)


def _hit_one(result: Any) -> bool:
    return cast("CursorResult[Any]", result).rowcount == 1
