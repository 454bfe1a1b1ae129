"""Counting lists without reading large tables to their end."""

from typing import Any, Final

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Query

MOST: Final = 1000
"""A list of more rows has no number in its heading and no last page."""


class ShortCount(Query[Any]):
    """A query that counts its rows up to `MOST`; None when there are more."""

    def scalar(self) -> int | None:
        """The number of rows, or None for many."""
        found = self.session.scalar(select(func.count()).select_from(self.limit(MOST + 1).subquery())) or 0
        return found if found <= MOST else None


def short_count(session: Any) -> Any:
    """A count to narrow down like any query."""
    return ShortCount(literal_column("1").label("one"), session=session)
