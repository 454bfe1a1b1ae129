"""Lists that grow for ever: never counted, and read from an index that already has their order."""

import functools
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from flask import g
from flask_admin.model.base import ViewArgs

from app.views.admin import exports
from app.views.admin.base import visible_stores
from app.views.admin.lists import ModelPage, ask
from app.views.recent_writes import near

BLOCK: Final = 1000
"""So many rows of an export are read and written at once."""
DAY_KEYS: Final = frozenset({"from", "to"})


class LongList(ModelPage):
    """Newest first: by number, or by day where a filter has an index that goes on with the day.

    Numbers and days agree but for sales around midnight; asked for a month of last year, the database would
    otherwise read every row since.
    """

    simple_list_pager = True
    column_sortable_list = ()
    column_default_sort = ("id", True)
    day: ClassVar[str]
    """Name of the column that the filters `from` and `to` compare; its index ends with the number."""
    day_follows_store: ClassVar[bool] = False
    """Whether an index leads from the store to the day."""
    numbered: ClassVar[frozenset[str]] = frozenset()
    """Filters with an index that leads to the number."""

    def write_export(self, kind: str) -> exports.Written:
        """The filtered list as a file; of its rows a block at a time is in memory."""
        wanted = functools.partial(self._written, kind, self._get_list_extra_args())
        return near(functools.partial(ask, wanted)) if self.may_be_old else wanted()

    def _written(self, kind: str, asked: ViewArgs) -> exports.Written:
        g.aisle_filtered = self.filtered(asked.filters)
        # Past our own list, which would ask for all rows at once.
        _count, query = super(ModelPage, self).get_list(
            0, None, True, asked.search, asked.filters, execute=False, page_size=exports.MAX_ROWS
        )
        return exports.written(kind, self.export_heading(), self._cells(query))

    def _cells(self, query: Any) -> Iterator[Sequence[Any]]:
        # The numbers first: what is booked meanwhile moves no row from one block into the next.
        ids = [row[0] for row in query.with_entities(self.model.id)]
        for start in range(0, len(ids), BLOCK):
            block = ids[start : start + BLOCK]
            found = {row.id: row for row in self.get_query().filter(self.model.id.in_(block))}
            yield from self.export_rows([found[key] for key in block if key in found])

    def _apply_sorting(self, query: Any, joins: Any, sort_column: Any, sort_desc: bool) -> Any:
        if self._is_by_day(g.aisle_filtered):
            query = query.order_by(getattr(self.model, self.day).desc())
        return super()._apply_sorting(query, joins, None, True)

    def _is_by_day(self, filtered: frozenset[str]) -> bool:
        if filtered & DAY_KEYS:
            return True
        of_stores = "store" in filtered or visible_stores(self.staff) is not None
        return self.day_follows_store and of_stores and not filtered & self.numbered
