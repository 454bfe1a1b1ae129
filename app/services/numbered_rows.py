"""Inserting many rows with one statement and knowing their numbers without asking for them.

Sources: the servers number the rows of an INSERT whose length is known one after the other, `auto_increment_increment`
apart, and report the first (MySQL manual, "AUTO_INCREMENT Handling in InnoDB": no gaps for simple inserts in any lock
mode). SQLite has one writer and gives each row the highest number so far plus one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table

AT_ONCE: Final = 500
"""Rows in a statement: their values must stay below what a server takes at once."""
STEP: Final = "aisle_auto_increment_increment"
CONVERSIONS: Final = "aisle_conversions"
Conversion = Callable[[Any], Any] | None


def insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert `rows`, all of the same columns and without a number of their own; their numbers, in order.

    A column that is left out takes what the database has for it, not the model's default.
    """
    numbers: list[int] = []
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        text, values = _statement(connection, table, part)
        result = connection.exec_driver_sql(text, values)
        if connection.dialect.name == "sqlite":
            last = connection.exec_driver_sql("SELECT last_insert_rowid()").scalar_one()
            numbers += range(last - len(part) + 1, last + 1)
        else:
            step = _step(connection)
            numbers += range(result.lastrowid, result.lastrowid + step * len(part), step)
    return numbers


def _statement(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> tuple[str, tuple[Any, ...]]:
    """The text with whole numbers written into it (binding costs more than parsing them), and all other values."""
    conversions = _conversions(connection, table)
    columns = list(rows[0])
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    values: list[Any] = []
    tuples = []
    for row in rows:
        written = []
        for column in columns:
            value = row[column]
            if value is None:
                written.append("NULL")
            elif isinstance(value, int):
                written.append(f"{value:d}")
            else:
                convert = conversions[column]
                values.append(convert(value) if convert else value)
                written.append(mark)
        tuples.append(",".join(written))
    return f"INSERT INTO {table.name} ({','.join(columns)}) VALUES ({'),('.join(tuples)})", tuple(values)  # noqa: S608


def _conversions(connection: Connection, table: Table) -> dict[str, Conversion]:
    """What each column's values have to go through for this driver."""
    known: dict[str, dict[str, Conversion]] = connection.info.setdefault(CONVERSIONS, {})
    if table.name not in known:
        dialect = connection.dialect
        known[table.name] = {one.name: one.type.dialect_impl(dialect).bind_processor(dialect) for one in table.columns}
    return known[table.name]


def _step(connection: Connection) -> int:
    if STEP not in connection.info:
        connection.info[STEP] = connection.exec_driver_sql("SELECT @@auto_increment_increment").scalar_one()
    return int(connection.info[STEP])
