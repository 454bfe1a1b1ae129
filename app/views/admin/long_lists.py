"""Lists that grow for ever: never counted, and read from an index that already has their order."""

from typing import Any, ClassVar, Final

from flask import g

from app.views.admin.base import visible_stores
from app.views.admin.lists import ModelPage

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

    def _apply_sorting(self, query: Any, joins: Any, sort_column: Any, sort_desc: bool) -> Any:
        if self._is_by_day(g.aisle_filtered):
            query = query.order_by(getattr(self.model, self.day).desc())
        return super()._apply_sorting(query, joins, None, True)

    def _is_by_day(self, filtered: frozenset[str]) -> bool:
        if filtered & DAY_KEYS:
            return True
        of_stores = "store" in filtered or visible_stores(self.staff) is not None
        return self.day_follows_store and of_stores and not filtered & self.numbered
