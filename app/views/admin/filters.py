"""Filters of the lists: a fixed set of questions; what does not parse is said and ignored."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import has_request_context
from flask_admin.contrib.sqla.filters import BaseSQLAFilter
from sqlalchemy import ColumnElement

from app.domain.business_day import bounds
from app.views.admin.formats import home_store

Options = Callable[[], Sequence[tuple[Any, Any]]]
MAX_TEXT = 100


class ListFilter(BaseSQLAFilter):  # type: ignore[misc]
    """A filter with a name for the address line; the page draws one control for it."""

    control = "text"
    default = ""

    def __init__(
        self,
        key: str,
        label: Any,
        condition: Callable[[Any], ColumnElement[bool]],
        *,
        options: Options | None = None,
    ) -> None:
        self.key = key
        self.condition = condition
        self.choices = options
        super().__init__(None, label)

    def operation(self) -> str:
        """Every filter asks one thing only."""
        return self.key

    def get_options(self, view: Any) -> Sequence[tuple[Any, Any]] | None:
        """The choices, read from the database only for a page."""
        return self.choices() if self.choices is not None and has_request_context() else None

    def clean(self, value: str) -> Any:
        """The value to ask for; ValueError when it cannot be one."""
        text = value.strip()
        if not text or len(text) > MAX_TEXT:
            raise ValueError
        return text

    def apply(self, query: Any, value: Any, alias: Any = None) -> Any:
        """Narrow the list."""
        return query.filter(self.condition(value))


class ChoiceFilter(ListFilter):
    """One of a list of words."""

    control = "choice"

    def starting_with(self, default: str) -> "ChoiceFilter":
        """The same filter, on `default` until somebody chooses."""
        self.default = default
        return self

    def clean(self, value: str) -> Any:
        """Only what is offered."""
        offered = {str(key) for key, _label in self.choices()} if self.choices else set()
        if value not in offered:
            raise ValueError
        return value


class RowFilter(ListFilter):
    """One row of another table by its id."""

    control = "choice"

    def clean(self, value: str) -> int:
        """Digits only, within what a database takes."""
        if not (value.isascii() and value.isdigit()) or len(value) > 15:
            raise ValueError
        return int(value)


class FlagFilter(ListFilter):
    """Yes or no."""

    control = "flag"

    def clean(self, value: str) -> bool:
        """Only 1 and 0."""
        if value not in ("0", "1"):
            raise ValueError
        return value == "1"


class DayFilter(ListFilter):
    """A calendar day on the store's own clock; the condition gets its UTC start and end."""

    control = "day"

    def clean(self, value: str) -> date:
        """A day of this century."""
        found = date.fromisoformat(value)
        if not date(2000, 1, 1) <= found <= date(2100, 1, 1):
            raise ValueError
        return found

    def apply(self, query: Any, value: date, alias: Any = None) -> Any:
        """Narrow the list by the day's bounds."""
        return query.filter(self.condition(bounds(value, home_store().time_zone)))


def since(key: str, label: Any, column: Any) -> DayFilter:
    """From the start of a day on."""
    return DayFilter(key, label, lambda edges: column >= edges[0])


def until(key: str, label: Any, column: Any) -> DayFilter:
    """Up to the end of a day."""
    return DayFilter(key, label, lambda edges: column < edges[1])


class DateFilter(DayFilter):
    """A calendar day compared with a column that is one."""

    def apply(self, query: Any, value: date, alias: Any = None) -> Any:
        """Narrow the list by the day itself."""
        return query.filter(self.condition(value))
