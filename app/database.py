"""Engine options per database, and which database error means what.

Source of the error table: MySQL and MariaDB error references; see docs/architecture.md.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, ExceptionContext, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

LOCK_WAIT_S: Final = 3
SCHEMA_WAIT_S: Final = 3
SQLITE_BUSY_MS: Final = 10_000
TRY_AGAIN: Final = frozenset({1213, 1205, 3572, 1020, 2006, 2013, 2055})
"""Deadlock, lock wait, NOWAIT, snapshot conflict, connection lost: the whole transaction may run again."""
AWAY: Final = frozenset({1021, 1040, 1114, 1203, 1290, 1836, 1969, 2002, 2003, 3024})
"""Disk full, too many connections, read-only, a statement stopped for its length, unreachable: wait."""
DEMOTED: Final = frozenset({1290, 1836})
DUPLICATE: Final = 1062
NOT_MIGRATED: Final = frozenset({1054, 1146})
"""A column or a table that this version expects is not there."""
WRITE_OPTION: Final = "aisle_write"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a process waits for one answer of the server, and the server for the process's next statement."""

    answer_s: int
    idle_s: int


PATIENCE: Final[Mapping[str, Patience]] = {
    "web": Patience(answer_s=5, idle_s=30),  # above the lock wait; a customer stands at the till
    "worker": Patience(answer_s=300, idle_s=60),  # the longest task; each task has a limit of its own
    "command": Patience(answer_s=86_400, idle_s=28_800),  # migrations and proofs of large tables
}
"""By role. After `idle_s` without a word the server gives up: what a lost connection had locked is free again."""
STATEMENT_LIMIT: Final = "/*M! , max_statement_time={s} */ /*!50708 , max_execution_time={ms} */"
"""MariaDB's limit, and the one of MySQL (for questions alone), each hidden from the other server by a comment. Without
it a statement runs on for nobody after the driver has given up on its answer."""


def engine_options(url: str, role: str = "web") -> dict[str, Any]:
    """Keyword arguments of `create_engine` for `url`, as patient as `role` may be."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": SQLITE_BUSY_MS / 1000, "check_same_thread": False}, "pool_size": 20}
    loopback = "@127.0.0.1" in url or "@localhost" in url
    patience = PATIENCE[role]
    session = {"innodb_lock_wait_timeout": LOCK_WAIT_S, "wait_timeout": patience.idle_s, "time_zone": "'+00:00'"}
    connect_args: dict[str, Any] = {
        "connect_timeout": 3,
        "read_timeout": patience.answer_s,
        "write_timeout": patience.answer_s,
        "charset": "utf8mb4",
        "init_command": "SET SESSION "
        + ", ".join(f"{name}={value}" for name, value in session.items())
        + STATEMENT_LIMIT.format(s=patience.answer_s, ms=patience.answer_s * 1000),
    }
    if loopback:  # TLS to oneself costs twice the time of a query
        connect_args["ssl_disabled"] = True
    return {
        "connect_args": connect_args,
        "isolation_level": "READ COMMITTED",
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        "pool_size": 20,
        "max_overflow": 20,
        "pool_timeout": 5,
    }


def install(engine: Engine) -> None:
    """Teach a SQLite engine WAL and honest transactions, and every other to leave a primary that was demoted."""
    event.listen(engine, "handle_error", _leave_demoted)
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _sqlite_pragmas)
    event.listen(engine, "begin", _sqlite_begin)


def _leave_demoted(context: ExceptionContext) -> None:
    # A read-only server is not the primary any more: its connections go, new ones look its name up again.
    if isinstance(context.sqlalchemy_exception, DBAPIError) and error_number(context.sqlalchemy_exception) in DEMOTED:
        context.is_disconnect = True


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: _sqlite_begin does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={SQLITE_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    # A writer takes the lock at once: a reader that turns writer would fail without waiting.
    immediate = connection.get_execution_options().get(WRITE_OPTION, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def begin_migration(engine: Engine) -> Iterator[Connection]:
    """A connection that may change the schema; a second migrator waits for the first.

    A change of a table waits for everybody who reads it, and whoever comes later waits behind the change: it gives up
    after a moment, so that tills go on, and may be started again.
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            connection.exec_driver_sql(f"SET SESSION lock_wait_timeout={SCHEMA_WAIT_S}")
            connection.commit()
        yield connection.execution_options(**{WRITE_OPTION: True})


def begin_write(session: Session) -> None:
    """Open the session's transaction as one that will write."""
    session.connection(execution_options={WRITE_OPTION: True})


def error_number(error: DBAPIError) -> int | None:
    """The server's error number, when it gave one."""
    args = getattr(error.orig, "args", ())
    return args[0] if args and isinstance(args[0], int) else None


def may_try_again(error: DBAPIError) -> bool:
    """Whether the whole transaction may run again: deadlock, lock wait, lost connection."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    return error.connection_invalidated or error_number(error) in TRY_AGAIN


def is_duplicate(error: DBAPIError) -> bool:
    """Whether somebody stored the same unique key first: run again, the use case will find their row."""
    if isinstance(error.orig, sqlite3.IntegrityError):
        return "UNIQUE" in str(error.orig)
    return error_number(error) == DUPLICATE


def is_away(error: DBAPIError) -> bool:
    """Whether the database cannot serve now; the same request may succeed later."""
    return isinstance(error, OperationalError) and (error_number(error) in AWAY or error.connection_invalidated)


def is_not_migrated(error: DBAPIError) -> bool:
    """Whether the statement asks for what only a later migration makes."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return str(error.orig).startswith(("no such table", "no such column"))
    return error_number(error) in NOT_MIGRATED
