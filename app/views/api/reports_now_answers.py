"""What the report of today, of stock and of losses looks like."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from app.services.reports_expiring import Perishing
from app.services.reports_shelf import Shelf
from app.views.api.payloads import Answer
from app.views.api.reports_answers import About, Span, StoreAnswer


class HourAnswer(Answer):
    """One hour of today."""

    hour: int
    net: int
    receipts: int
    expected: int


class AlertAnswer(Answer):
    """A product below its safety stock."""

    store_id: int
    product_id: int
    store: str
    name: str
    unit: str
    available: int
    safety: int


class AccuracyAnswer(Answer):
    """How right the books are: counted lines of the last 90 days, and the last proof of the ledger."""

    counted_lines: int
    right_lines: int
    percent: float | None
    proved_at: datetime | None
    violations: int | None


class TodayAnswer(Answer):
    """The day so far, and what waits."""

    about: About
    choices: list[StoreAnswer]
    day: date
    hours: list[HourAnswer]
    gross: int
    refunded: int
    receipts: int
    lines: int
    refunds: int
    expected: int
    expected_by_now: int
    expected_from: Literal["forecast", "weekdays", "none"]
    below_safety: int
    nobody_delivers: int
    alerts: list[AlertAnswer]
    orders: dict[str, int]
    exceptions: int
    unposted: int
    shelf_checks: int
    accuracy: AccuracyAnswer


class CategoryStockAnswer(Answer):
    """Stock of a category: value at purchase and at selling price, and how many days it lasts."""

    id: int
    name: str
    products: int
    value: int
    retail_value: int
    days: float | None


class CoverAnswer(Answer):
    """Stock of a product; `sold` in the last 28 days."""

    product_id: int
    name: str
    unit: str
    on_hand: int
    value: int
    sold: int
    days: float | None


class StockAnswer(Answer):
    """Stock now. `slow` lasts longest; `dead` has not sold for 90 days."""

    about: About
    value: int
    retail_value: int
    days: float | None
    dead_value: int
    dead_count: int
    categories: list[CategoryStockAnswer]
    slow: list[CoverAnswer]
    dead: list[CoverAnswer]

    @classmethod
    def of(cls, about: About, found: Shelf, limit: int) -> "StockAnswer":
        """Shape stock, its lists cut to `limit`."""
        return cls(
            about=about, value=found.value, retail_value=found.retail_value, days=found.days,
            dead_value=found.dead_value, dead_count=len(found.dead),
            categories=[CategoryStockAnswer.model_validate(one) for one in found.categories],
            slow=[CoverAnswer.model_validate(one) for one in found.slow[:limit]],
            dead=[CoverAnswer.model_validate(one) for one in found.dead[:limit]],
        )  # fmt: skip


class ExpiringProductAnswer(Answer):
    """What of a product expires soon, `past` of `quantity` already; `left` will probably be left over.

    `sell_by`: the first last day of sale of what may still be sold; null: all of it is past its life.
    """

    product_id: int
    name: str
    unit: str
    available: int
    quantity: int
    past: int
    left: int
    value: int
    past_value: int
    sell_by: date | None


class ExpiringAnswer(Answer):
    """Stock that expires soon, estimated: first in, first out, by deliveries and the products' shelf life.

    `count` products of `perishables`, which are those in stock that have a shelf life; values at purchase price.
    """

    about: About
    value: int
    past_value: int
    count: int
    perishables: int
    rows: list[ExpiringProductAnswer]

    @classmethod
    def of(cls, about: About, found: Perishing, limit: int) -> "ExpiringAnswer":
        """Shape it, its list cut to `limit`."""
        return cls(
            about=about, value=found.value, past_value=found.past_value, count=len(found.rows),
            perishables=found.perishables,
            rows=[ExpiringProductAnswer.model_validate(one) for one in found.rows[:limit]],
        )  # fmt: skip


class LossProductAnswer(Answer):
    """A product that lost (or gained) most for a reason."""

    product_id: int
    name: str
    value: int


class LossAnswer(Answer):
    """Movements of one reason; values at the purchase price of now, losses negative."""

    kind: str = Field(pattern="^[a-z_]+$")
    movements: int
    quantity: int
    value: int
    worst: list[LossProductAnswer]


class ShrinkageAnswer(Answer):
    """What left or appeared without being bought or sold."""

    about: About
    period: Span
    value: int
    rows: list[LossAnswer]
