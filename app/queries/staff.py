"""Who is it: questions about users and their logins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.models.base import UtcDateTime
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
    second_factor_at: datetime | None
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


# Tables, not entities: every request asks, and the mapper would double the cost.
_users_table = User.__table__
_roles_table = Role.__table__
_logins = LoginSession.__table__
_USERS: Final = (
    select(
        *(_users_table.c[name] for name in ("id", "username", "display_name", "store_id", "locale", "last_login_at")),
        _users_table.c.second_factor_at,
        _users_table.c.password.label("password_hash"),
        _users_table.c.active.label("is_active"),
        _users_table.c.fs_uniquifier.label("uniquifier"),
        _roles_table.c.name.label("role"),
    )
    .select_from(_users_table)
    .outerjoin(roles_users, roles_users.c.user_id == _users_table.c.id)
    .outerjoin(_roles_table, _roles_table.c.id == roles_users.c.role_id)
)
"""Users with one row per role, or one without any."""
_OF_SESSION: Final = _USERS.join(_logins, _logins.c.user_id == _users_table.c.id).where(
    _logins.c.id == bindparam("session_id"), _logins.c.expires_at > bindparam("now", type_=UtcDateTime)
)
_BY_USERNAME: Final = _USERS.where(_users_table.c.username == bindparam("username"))


def of_session(session: Session, session_id: str, *, now: datetime) -> StaffRow | None:
    """Whose login this is, when it has not ended by `now`. Runs in every request: one SELECT by primary key."""
    return _one(session.execute(_OF_SESSION, {"session_id": session_id, "now": now}).all())


def by_username(session: Session, username: str) -> StaffRow | None:
    """The user of this name, disabled or not."""
    return _one(session.execute(_BY_USERNAME, {"username": username}).all())


def store_of(session: Session, store_id: int) -> StoreProfile:
    """The store of this id."""
    columns = [getattr(Store, name) for name in StoreProfile.__slots__]
    return StoreProfile(*session.execute(select(*columns).where(Store.id == store_id)).one())


def everybody(session: Session) -> list[StaffRow]:
    """All users by name."""
    found: dict[int, list[Any]] = {}
    for row in session.execute(_USERS.order_by(_users_table.c.username)).all():
        found.setdefault(row.id, []).append(row)
    return [_merge(rows) for rows in found.values()]


def _one(rows: Sequence[Any]) -> StaffRow | None:
    return _merge(rows) if rows else None


def _merge(rows: Sequence[Any]) -> StaffRow:
    user = dict(rows[0]._mapping)
    user["roles"] = frozenset(row.role for row in rows if row.role)
    del user["role"]
    return StaffRow(**user)
