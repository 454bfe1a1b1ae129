"""Reports as tables of cells: for CSV and xlsx. Money and quantities as decimal numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from flask_babel import lazy_gettext as _
from pydantic import Field

from app.domain.money import MINOR_DIGITS
from app.views.admin.formats import MOVEMENT_KINDS
from app.views.api import reports_questions as questions
from app.views.api.payloads import Payload

MOST_ROWS: Final = 50_000
Cells = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report: which question it answers, its heading and its rows."""

    query: type[Payload]
    ask: Callable[[Any], Any]
    heading: Sequence[Any]
    rows: Callable[[Any], list[Cells]]


def amount(minor: int | None) -> Decimal | None:
    """Minor units as a number of the currency."""
    return None if minor is None else Decimal(minor).scaleb(-MINOR_DIGITS)


def number(thousandths: int) -> Decimal:
    """Thousandths as pieces or kilograms."""
    return Decimal(thousandths).scaleb(-3)


def _analysis(answer: Any) -> list[Cells]:
    return [_analysis_row(answer, row) for row in (*answer.rows, answer.total)]


def _analysis_row(answer: Any, row: Any) -> Cells:
    figures, name = row.figures, row.name or str(_("Total"))
    earlier = (
        number(row.previous.units),
        amount(row.previous.net),
        number(row.weekdays.units),
        amount(row.weekdays.net),
    )
    return (
        row.id or None, name, number(figures.units), amount(figures.net), amount(figures.cost), amount(figures.margin),
        figures.share_units, figures.share_net, *earlier, answer.about.currency,
    )  # fmt: skip


def _days(answer: Any) -> list[Cells]:
    return [
        (
            day.day, answer.sku, answer.name, number(day.units), number(day.returned), amount(day.gross),
            amount(day.net), amount(day.cost), amount(day.margin), int(day.is_promoted),
            round(day.out_of_stock_minutes / 60, 2), round(day.open_minutes / 60, 2), answer.about.currency,
        )
        for day in answer.days
    ]  # fmt: skip


def _hours(answer: Any) -> list[Cells]:
    return [
        (f"{row.hour:02d}:00", row.receipts, row.lines, amount(row.net), answer.about.currency) for row in answer.hours
    ]


def _by_day(answer: Any) -> list[Cells]:
    return [
        (row.day, row.receipts, row.lines, amount(row.net), amount(row.refunded), answer.about.currency)
        for row in answer.days
    ]


def _cashiers(answer: Any) -> list[Cells]:
    return [
        (
            row.name, row.receipts, row.lines, amount(row.gross), row.refunds, amount(row.refunded), amount(row.net),
            amount(row.average_amount), answer.about.currency,
        )
        for row in answer.rows
    ]  # fmt: skip


def _stock(answer: Any) -> list[Cells]:
    return [
        (row.id, row.name, row.products, amount(row.value), amount(row.retail_value), row.days, answer.about.currency)
        for row in answer.categories
    ]


def _slow(answer: Any) -> list[Cells]:
    return [_cover(answer, row) for row in answer.slow]


def _dead(answer: Any) -> list[Cells]:
    return [_cover(answer, row) for row in answer.dead]


def _cover(answer: Any, row: Any) -> Cells:
    return (
        row.product_id, row.name, number(row.on_hand), amount(row.value), number(row.sold), row.days,
        answer.about.currency,
    )  # fmt: skip


def _expiring(answer: Any) -> list[Cells]:
    return [
        (
            row.product_id, row.name, number(row.available), number(row.quantity), number(row.past), row.sell_by,
            number(row.left), amount(row.value), amount(row.past_value), answer.about.currency,
        )
        for row in answer.rows
    ]  # fmt: skip


def _shrinkage(answer: Any) -> list[Cells]:
    return [
        (
            str(MOVEMENT_KINDS.get(row.kind, row.kind)), row.movements, number(row.quantity), amount(row.value),
            answer.about.currency,
        )
        for row in answer.rows
    ]  # fmt: skip


class ProductFileQuery(questions.PeriodQuery):
    """One product, day by day."""

    product: int = Field(ge=1, le=2**31 - 1)


def _product(query: ProductFileQuery) -> Any:
    return questions.product(query.product, query)


_MONEY: Final = _("Currency")
_ANALYSIS: Final = (
    _("Number"), _("Name"), _("Quantity"), _("Amount"), _("Cost"), _("Margin"), _("Share of quantity %"),
    _("Share of amount %"), _("Quantity before"), _("Amount before"), _("Quantity on the same weekdays"),
    _("Amount on the same weekdays"), _MONEY,
)  # fmt: skip
_COVER: Final = (
    _("Number"), _("Name"), _("On hand"), _("Value"), _("Sold in 28 days"), _("Days of cover"), _MONEY,
)  # fmt: skip
SHEETS: Final[Mapping[str, Sheet]] = {
    "categories": Sheet(questions.RowsQuery, questions.categories, _ANALYSIS, _analysis),
    "products": Sheet(questions.ProductsQuery, questions.products, _ANALYSIS, _analysis),
    "product": Sheet(
        ProductFileQuery, _product,
        (_("Day"), _("Article number"), _("Name"), _("Sold"), _("Returned"), _("Gross"), _("Amount"), _("Cost"),
         _("Margin"), _("On offer"), _("Hours without stock"), _("Hours open"), _MONEY), _days,
    ),
    "hours": Sheet(
        questions.PeriodQuery, questions.hours, (_("Hour"), _("Receipts"), _("Lines"), _("Amount"), _MONEY), _hours
    ),
    "days": Sheet(
        questions.PeriodQuery, questions.hours,
        (_("Day"), _("Receipts"), _("Lines"), _("Amount"), _("Refunds"), _MONEY), _by_day,
    ),
    "cashiers": Sheet(
        questions.PeriodQuery, questions.cashiers,
        (_("Cashier"), _("Receipts"), _("Lines"), _("Gross"), _("Number of refunds"), _("Refunds"), _("Amount"),
         _("Average receipt"), _MONEY), _cashiers,
    ),
    "stock": Sheet(
        questions.StockQuery, questions.stock,
        (_("Number"), _("Name"), _("Products"), _("Value"), _("At selling price"), _("Days of cover"), _MONEY), _stock,
    ),
    "slow": Sheet(questions.StockQuery, questions.stock, _COVER, _slow),
    "dead": Sheet(questions.StockQuery, questions.stock, _COVER, _dead),
    "expiring": Sheet(
        questions.StockQuery, questions.expiring,
        (_("Number"), _("Name"), _("Available"), _("Expiring"), _("Past its shelf life"), _("Sell by"),
         _("Probably left over"), _("Value"), _("Value past its shelf life"), _MONEY), _expiring,
    ),
    "shrinkage": Sheet(
        questions.PeriodQuery, questions.shrinkage,
        (_("Reason"), _("Movements"), _("Quantity"), _("Value"), _MONEY), _shrinkage,
    ),
}  # fmt: skip
"""Every report there is a file of, by its name in the address."""
