"""Who is it: questions about users and their logins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.models.staff import LoginSession, Role, User, roles_users
from app.models.stock import Store


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A user with the names of their roles."""

    id: int
    username: str
    display_name: str
    password_hash: str
    is_active: bool
    uniquifier: str
    store_id: int
    locale: str | None
    last_login_at: datetime | None
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class StoreProfile:
    """The store somebody works in; `refund_limit` in minor units of its currency."""

    id: int
    code: str
    name: str
    currency: str
    time_zone: str
    refund_limit: int
    shortage_policy: str


_USER = (
    User.id,
    User.username,
    User.display_name,
    User.password.label("password_hash"),
    User.active.label("is_active"),
    User.fs_uniquifier.label("uniquifier"),
    User.store_id,
    User.locale,
    User.last_login_at,
)


def _users() -> Select[*tuple[Any, ...]]:
    """Users with one row per role (or one without any)."""
    return (
        select(*_USER, Role.name.label("role"))
        .select_from(User)
        .outerjoin(roles_users, roles_users.c.user_id == User.id)
        .outerjoin(Role, Role.id == roles_users.c.role_id)
    )


def of_session(session: Session, session_id: str, *, now: datetime) -> StaffRow | None:
    """Whose login this is, when it has not ended by `now`. Runs in every request: one SELECT by primary key."""
    statement = _users().join(LoginSession, LoginSession.user_id == User.id)
    found = statement.where(LoginSession.id == session_id, LoginSession.expires_at > now)
    return _one(session.execute(found).all())


def by_username(session: Session, username: str) -> StaffRow | None:
    """The user of this name, disabled or not."""
    return _one(session.execute(_users().where(User.username == username)).all())


def store_of(session: Session, store_id: int) -> StoreProfile:
    """The store of this id."""
    columns = [getattr(Store, name) for name in StoreProfile.__slots__]
    return StoreProfile(*session.execute(select(*columns).where(Store.id == store_id)).one())


def everybody(session: Session) -> list[StaffRow]:
    """All users by name."""
    found: dict[int, list[Row[Any]]] = {}
    for row in session.execute(_users().order_by(User.username)).all():
        found.setdefault(row.id, []).append(row)
    return [_merge(rows) for rows in found.values()]


def _one(rows: Sequence[Row[Any]]) -> StaffRow | None:
    return _merge(rows) if rows else None


def _merge(rows: Sequence[Row[Any]]) -> StaffRow:
    user = dict(rows[0]._mapping)
    user["roles"] = frozenset(row.role for row in rows if row.role)
    del user["role"]
    return StaffRow(**user)
