"""What reports look like. Money in minor units, quantities in thousandths, shares in per cent."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from app.domain.money import MINOR_DIGITS
from app.domain.reports import Period
from app.queries.reports_period import DaySum, PartDay
from app.services.reports_period import Scope
from app.views.api.payloads import Answer

if TYPE_CHECKING:  # data frames cost every start half a second
    from app.services.reports_analysis import Analysis


class StoreAnswer(Answer):
    """A store one may ask for."""

    id: int
    code: str
    name: str


class About(Answer):
    """Whose figures these are and what their amounts are in; `as_of` null: of this moment."""

    stores: list[StoreAnswer]
    currency: str
    minor_digits: int = MINOR_DIGITS
    time_zone: str
    as_of: datetime | None

    @classmethod
    def of(cls, where: Scope, as_of: datetime | None) -> "About":
        """Name the stores of a report."""
        stores = [StoreAnswer.model_validate(store) for store in where.stores]
        return cls(stores=stores, currency=where.currency, time_zone=where.home.time_zone, as_of=as_of)


class Span(Answer):
    """Business days, both included."""

    first: date
    last: date


class FiguresAnswer(Answer):
    """Sold less returned."""

    units: int
    net: int
    cost: int
    margin: int
    share_units: float | None
    share_net: float | None


class ComparedAnswer(Answer):
    """The same of the days it is compared with."""

    units: int
    net: int
    margin: int


class RowAnswer(Answer):
    """A category or product; `unit` null: goods of several units."""

    id: int
    name: str
    unit: str | None
    figures: FiguresAnswer
    previous: ComparedAnswer
    weekdays: ComparedAnswer
    is_promoted: bool
    out_of_stock_minutes: int


class AnalysisAnswer(Answer):
    """Rows by amount, all together, and which days they are compared with."""

    about: About
    period: Span
    previous: Span
    weekdays: Span
    rows: list[RowAnswer]
    row_count: int
    total: RowAnswer

    @classmethod
    def of(cls, about: About, found: "Analysis") -> "AnalysisAnswer":
        """Shape an analysis."""
        return cls(
            about=about, period=span(found.period), previous=span(found.previous), weekdays=span(found.weekdays),
            rows=[RowAnswer.model_validate(row) for row in found.rows], row_count=found.row_count,
            total=RowAnswer.model_validate(found.total),
        )  # fmt: skip


class DayAnswer(Answer):
    """One product on one day; `open_minutes` 0: the store did not sell, or the day is not over."""

    day: date
    units: int
    returned: int
    gross: int
    net: int
    cost: int
    margin: int
    is_promoted: bool
    out_of_stock_minutes: int
    open_minutes: int

    @classmethod
    def of(cls, row: DaySum) -> "DayAnswer":
        """Shape a day."""
        sold = row.sold
        return cls(
            day=row.day, units=sold.units, returned=sold.returned, gross=sold.gross, net=sold.net,
            cost=sold.cost - sold.returned_cost, margin=sold.margin, is_promoted=sold.is_promoted,
            out_of_stock_minutes=sold.out_of_stock_minutes, open_minutes=row.open_minutes,
        )  # fmt: skip


class FanAnswer(Answer):
    """The newest forecast, a figure a day from `first_day`."""

    first_day: date
    mean: list[int]
    quantiles: dict[str, list[int]]
    method: str
    wape: float | None
    bias: float | None
    history_days: int


class ProductAnswer(Answer):
    """A product day by day; `forecast` null: none, or of several stores."""

    about: About
    period: Span
    id: int
    name: str
    sku: str
    unit: str
    category_id: int
    available: int
    days: list[DayAnswer]
    forecast: FanAnswer | None


class HourSumAnswer(Answer):
    """One hour of the clock over all days."""

    hour: int
    receipts: int
    lines: int
    net: int


class DaySumAnswer(Answer):
    """One day of the period, all goods."""

    day: date
    receipts: int
    lines: int
    net: int
    refunded: int


class HoursAnswer(Answer):
    """Takings by hour and by day; averages are of a receipt."""

    about: About
    period: Span
    open_days: int
    receipts: int
    average_amount: int | None
    average_lines: float | None
    hours: list[HourSumAnswer]
    days: list[DaySumAnswer]


class CashierAnswer(Answer):
    """What one cashier took."""

    id: int
    name: str
    receipts: int
    lines: int
    gross: int
    refunds: int
    refunded: int
    net: int
    average_amount: int | None


class CashiersAnswer(Answer):
    """Every cashier of the period."""

    about: About
    period: Span
    rows: list[CashierAnswer]


def span(period: Period) -> Span:
    """Shape a period."""
    return Span(first=period.first, last=period.last)


def average(amount: int, count: int) -> int | None:
    """Per receipt, rounded; None of nothing."""
    return round(amount / count) if count else None


def hours_answer(about: About, period: Period, rows: list[PartDay]) -> HoursAnswer:
    """Add up by hour and by day."""
    receipts, lines, net = sum(r.receipts for r in rows), sum(r.lines for r in rows), sum(map(_net, rows))
    by_hour: dict[int, list[PartDay]] = {}
    by_day: dict[date, list[PartDay]] = {}
    for row in rows:
        by_hour.setdefault(row.key, []).append(row)
        by_day.setdefault(row.day, []).append(row)
    return HoursAnswer(
        about=about, period=span(period), open_days=len(by_day), receipts=receipts,
        average_amount=average(net, receipts), average_lines=round(lines / receipts, 2) if receipts else None,
        hours=[HourSumAnswer(hour=key, **_sums(by_hour[key])) for key in sorted(by_hour)],
        days=[
            DaySumAnswer(day=key, refunded=sum(r.refunded for r in by_day[key]), **_sums(by_day[key]))
            for key in sorted(by_day)
        ],
    )  # fmt: skip


def _net(row: PartDay) -> int:
    return row.gross - row.refunded


def _sums(rows: list[PartDay]) -> dict[str, Any]:
    return {
        "receipts": sum(r.receipts for r in rows), "lines": sum(r.lines for r in rows), "net": sum(map(_net, rows)),
    }  # fmt: skip


def cashiers_answer(about: About, period: Period, rows: list[PartDay], names: dict[int, str]) -> CashiersAnswer:
    """Add up by cashier, the greatest takings first."""
    by_cashier: dict[int, list[PartDay]] = {}
    for row in rows:
        by_cashier.setdefault(row.key, []).append(row)
    answers = [
        CashierAnswer(
            id=key, name=names.get(key, f"#{key}"), gross=sum(r.gross for r in of), refunds=sum(r.refunds for r in of),
            refunded=sum(r.refunded for r in of), **_sums(of),
            average_amount=average(sum(r.gross for r in of), sum(r.receipts for r in of)),
        )
        for key, of in by_cashier.items()
    ]  # fmt: skip
    return CashiersAnswer(about=about, period=span(period), rows=sorted(answers, key=lambda one: (-one.net, one.id)))
