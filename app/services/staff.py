"""Logins and user accounts. Passwords come hashed; nothing here knows how."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.after_commit import announce
from app.domain.errors import StoreUnknown
from app.domain.events import StaffChanged
from app.domain.login_rules import is_username, normalised_username
from app.domain.staff import Role as RoleName
from app.domain.staff_refusals import (
    LastManager,
    ManagerExists,
    OwnAccount,
    RoleUnknown,
    UsernameInvalid,
    UsernameTaken,
    UserUnknown,
)
from app.models.staff import LoginSession, Role, User
from app.models.stock import Store
from app.queries import locks
from app.queries import staff as staff_queries
from app.services import audit


def begin_login(
    session: Session, *, session_id: str, user_id: int, hours: int, by: str = "password", till_id: int | None = None,
    now: datetime,
) -> None:  # fmt: skip
    """Record a login that ends by itself after `hours`, and what it was proved by; logins long over are forgotten."""
    session.execute(delete(LoginSession).where(LoginSession.expires_at < now - timedelta(days=1)))
    ends = now + timedelta(hours=hours)
    login = {"id": session_id, "user_id": user_id, "started_at": now, "expires_at": ends, "till_id": till_id}
    session.execute(insert(LoginSession).values(login))
    session.execute(update(User).where(User.id == user_id).values(last_login_at=now))
    details = {"by": by} | ({} if till_id is None else {"till_id": till_id})
    audit.record(
        session, action="login", user_id=user_id, subject_kind="user", subject_id=user_id, details=details, now=now
    )


def end_login(session: Session, *, session_id: str, user_id: int, now: datetime) -> None:
    """End one login at once."""
    session.execute(delete(LoginSession).where(LoginSession.id == session_id))
    announce(session, StaffChanged(user_id))
    audit.record(session, action="logout", user_id=user_id, subject_kind="user", subject_id=user_id, now=now)


def end_all_logins(session: Session, *, user_id: int, by: int | None, now: datetime) -> None:
    """Log a user out everywhere: cookies and tokens carry the old uniquifier and are worth nothing."""
    _forget_logins(session, user_id)
    audit.record(session, action="logout_all", user_id=by, subject_kind="user", subject_id=user_id, now=now)


def end_other_logins(session: Session, *, user_id: int, session_id: str, now: datetime) -> None:
    """Leave the user who asks only the login `session_id`."""
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id, LoginSession.id != session_id))
    announce(session, StaffChanged(user_id))
    audit.record(session, action="logout_elsewhere", user_id=user_id, subject_kind="user", subject_id=user_id, now=now)


def create_user(
    session: Session,
    *,
    username: str,
    display_name: str,
    password_hash: str,
    roles: Collection[str],
    store_id: int,
    by: int | None,
    now: datetime,
) -> int:
    """A new user with these roles; returns the id.

    Raises:
        UsernameInvalid: not 1-64 of a-z, 0-9, dot, dash, underscore.
        UsernameTaken: somebody has this name.
        RoleUnknown: no such role.
    """
    name = normalised_username(username)
    if not is_username(name):
        raise UsernameInvalid
    if staff_queries.by_username(session, name) is not None:
        raise UsernameTaken(username=name)
    user = User(
        username=name, display_name=display_name, password=password_hash, fs_uniquifier=new_uniquifier(),
        store_id=store_id, roles=_roles(session, roles),
    )  # fmt: skip
    session.add(user)
    session.flush()
    audit.record(
        session, action="user_created", user_id=by, subject_kind="user", subject_id=user.id,
        details={"username": name, "roles": sorted(roles)}, now=now,
    )  # fmt: skip
    return user.id


def create_first_manager(
    session: Session, *, username: str, display_name: str, password_hash: str, store_code: str, now: datetime
) -> int:
    """The manager who lets in everybody else, and their store when there is none yet; returns the user's id.

    Raises:
        ManagerExists: this is for the very first one.
        StoreUnknown: there are stores, but none of this code.
    """
    if locks.active_managers(session):
        raise ManagerExists
    if session.scalar(select(Store.id).limit(1)) is None:
        session.add(Store(code=store_code, name=store_code))
        session.flush()
    return create_user(
        session,
        username=username,
        display_name=display_name,
        password_hash=password_hash,
        roles=[RoleName.MANAGER],
        store_id=store_id_of(session, store_code),
        by=None,
        now=now,
    )


def store_id_of(session: Session, code: str) -> int:
    """The id of the store with this code.

    Raises:
        StoreUnknown: there is none.
    """
    store_id = session.scalar(select(Store.id).where(Store.code == code))
    if store_id is None:
        raise StoreUnknown(store=code)
    return store_id


def set_password(session: Session, *, user_id: int, password_hash: str, by: int | None, now: datetime) -> None:
    """A new password; ends every login of the user."""
    _user(session, user_id).password = password_hash
    session.flush()
    _forget_logins(session, user_id)
    audit.record(session, action="password_set", user_id=by, subject_kind="user", subject_id=user_id, now=now)


def renew_hash(session: Session, *, user_id: int, password_hash: str) -> None:
    """The same password, hashed with today's settings."""
    session.execute(update(User).where(User.id == user_id).values(password=password_hash))


def set_active(session: Session, *, user_id: int, is_active: bool, by: int | None, now: datetime) -> None:
    """Let a user in again, or out at once.

    Raises:
        OwnAccount: nobody disables themselves.
        LastManager: somebody must be left who can manage staff.
    """
    user = _user(session, user_id)
    _refuse_own(user_id, by)
    if not is_active:
        _keep_a_manager(session, without=user_id)
        _forget_logins(session, user_id)
    user.active = is_active
    announce(session, StaffChanged(user_id))
    action = "user_enabled" if is_active else "user_disabled"
    audit.record(session, action=action, user_id=by, subject_kind="user", subject_id=user_id, now=now)


def set_roles(session: Session, *, user_id: int, roles: Collection[str], by: int | None, now: datetime) -> None:
    """Give a user exactly these roles, in force with their next request.

    Raises:
        OwnAccount: nobody changes their own roles.
        LastManager: somebody must be left who can manage staff.
        RoleUnknown: no such role.
    """
    user = _user(session, user_id)
    _refuse_own(user_id, by)
    if RoleName.MANAGER not in roles:
        _keep_a_manager(session, without=user_id)
    before = sorted(role.name for role in user.roles)
    user.roles = _roles(session, roles)
    announce(session, StaffChanged(user_id))
    details = {"before": before, "after": sorted(roles)}
    audit.record(
        session, action="roles_set", user_id=by, subject_kind="user", subject_id=user_id, details=details, now=now
    )


def set_locale(session: Session, *, user_id: int, locale: str) -> None:
    """The user's own language."""
    session.execute(update(User).where(User.id == user_id).values(locale=locale))
    announce(session, StaffChanged(user_id))


def new_uniquifier() -> str:
    """What names all logins of a user."""
    return secrets.token_hex(16)


def _user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise UserUnknown
    return user


def _roles(session: Session, names: Collection[str]) -> list[Role]:
    unknown = sorted(set(names) - {role.value for role in RoleName})
    if unknown:
        raise RoleUnknown(roles=unknown)
    found = {role.name: role for role in session.scalars(select(Role).where(Role.name.in_(names)))}
    return [found.get(name) or Role(name=name) for name in sorted(set(names))]


def _refuse_own(user_id: int, by: int | None) -> None:
    if user_id == by:
        raise OwnAccount


def _keep_a_manager(session: Session, *, without: int) -> None:
    if locks.active_managers(session) == [without]:
        raise LastManager


def _forget_logins(session: Session, user_id: int) -> None:
    session.execute(update(User).where(User.id == user_id).values(fs_uniquifier=new_uniquifier()))
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))
    announce(session, StaffChanged(user_id))
