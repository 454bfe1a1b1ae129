"""Inserting many rows with one statement and knowing their numbers without asking for them.

Sources: the servers number the rows of an INSERT whose length is known one after the other, `auto_increment_increment`
apart, and report the first (MySQL manual, "AUTO_INCREMENT Handling in InnoDB": no gaps for simple inserts in any lock
mode). SQLite has one writer and gives each row the highest number so far plus one.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Insert

AT_ONCE: Final = 500
"""Rows in a statement: the driver cuts longer texts into several statements and reports the last one's number."""
STEP: Final = "aisle_auto_increment_increment"


def insert(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert `rows`, which bring no number of their own; their numbers, in order."""
    numbers: list[int] = []
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        result = connection.execute(statement, part)
        if connection.dialect.name == "sqlite":
            last = connection.exec_driver_sql("SELECT last_insert_rowid()").scalar_one()
            numbers += range(last - len(part) + 1, last + 1)
        else:
            step = _step(connection)
            numbers += range(result.lastrowid, result.lastrowid + step * len(part), step)
    return numbers


def _step(connection: Connection) -> int:
    if STEP not in connection.info:
        connection.info[STEP] = connection.exec_driver_sql("SELECT @@auto_increment_increment").scalar_one()
    return int(connection.info[STEP])
