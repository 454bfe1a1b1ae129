"""Users, roles, login throttling and the audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import MYSQL, Base, BigId, UtcDateTime, short_code
from app.models.stock import Store

roles_users = Table(
    "roles_users",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="RESTRICT"), primary_key=True),
    mysql_engine=MYSQL["mysql_engine"],
    mysql_charset=MYSQL["mysql_charset"],
    mysql_collate=MYSQL["mysql_collate"],
)


class Role(Base):
    """cashier, supervisor, manager, ops; what each may do is in `domain.staff`."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(short_code(32), unique=True)
    description: Mapped[str] = mapped_column(String(200), default="")

    def __str__(self) -> str:
        return self.name


class User(Base):
    """Somebody who works here. `fs_uniquifier` names the login session: changing it logs out everywhere."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    username: Mapped[str] = mapped_column(short_code(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(100), default="")
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(short_code(64), unique=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    locale: Mapped[str | None] = mapped_column(short_code(16))
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    second_factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when a login asks for a code of `second_factors`; here, so that no request has to look there."""

    store: Mapped[Store] = relationship()
    roles: Mapped[list[Role]] = relationship(secondary=roles_users)

    def __str__(self) -> str:
        return self.display_name or self.username


class LoginSession(Base):
    """One login of a browser or a program. Deleting the row ends it, whoever holds a copy of the cookie."""

    __tablename__ = "login_sessions"
    __table_args__ = (Index("ix_login_sessions_expires_at", "expires_at"), MYSQL)

    id: Mapped[str] = mapped_column(short_code(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    till_id: Mapped[int | None] = mapped_column(Integer)
    """The enrolled till at which it began: it ends when that is revoked."""


class EnrolledTill(Base):
    """A browser that proves by a secret of its own to be a till of the shop; until then, the code it is made one by."""

    __tablename__ = "enrolled_tills"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    till: Mapped[str] = mapped_column(short_code(16))
    code_hash: Mapped[str | None] = mapped_column(short_code(64), unique=True)
    code_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    secret_hash: Mapped[str | None] = mapped_column(short_code(64), unique=True)
    enrolled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    offered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    store: Mapped[Store] = relationship()


class Pin(Base):
    """The hash of somebody's six digits for enrolled tills."""

    __tablename__ = "pins"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(255))
    must_change: Mapped[bool] = mapped_column(Boolean, default=False)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SecondFactor(Base):
    """The secret of somebody's authenticator app, sealed, and the last step whose code was used: none works twice."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[str] = mapped_column(short_code(160))
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """The keyed hash of a code for a lost telephone; the row goes when the code is used."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[str] = mapped_column(short_code(64), primary_key=True)


class LoginThrottle(Base):
    """Wrong passwords in a row for one key (account + address, or address alone) and until when it waits."""

    __tablename__ = "login_throttles"
    __table_args__ = (Index("ix_login_throttles_last_failed_at", "last_failed_at"), MYSQL)

    key: Mapped[str] = mapped_column(short_code(128), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    last_failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """Who did what to what, append-only."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_subject", "subject_kind", "subject_id"),
        Index("ix_audit_entries_at", "at"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    action: Mapped[str] = mapped_column(short_code(40))
    subject_kind: Mapped[str] = mapped_column(short_code(32), default="")
    subject_id: Mapped[str] = mapped_column(short_code(64), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON)

    user: Mapped[User | None] = relationship()


class AuditSeal(Base):
    """One link of the chain over the audit log: `hash` covers the hash before it and the content of its entry."""

    __tablename__ = "audit_seals"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entries.id"), unique=True)
    hash: Mapped[str] = mapped_column(short_code(64))
