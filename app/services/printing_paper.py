"""What stands on a receipt of paper, line by line."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.devices.printer_paper import Paper, PaperLine
from app.domain import money, quantity
from app.domain.quantity import Unit
from app.models.printing import Printer
from app.queries.receipts import Receipt, ReceiptLine

WORDS: Final = (
    "receipt", "till", "cashier", "total", "change", "copy", "tax", "thanks", "cash", "card", "mobile", "returned",
)  # fmt: skip
"""The words a receipt needs, in the language of the printer."""


def paper_of(
    receipt: Receipt, printer: Printer, *, copy_number: int, time_zone: str, words: Mapping[str, str]
) -> Paper:
    """The receipt as the printer's paper shows it."""
    return Paper(
        columns=printer.columns_per_line,
        logo=printer.logo,
        head=[receipt.store_name, receipt.store_address],
        banner=f"{words['copy']} {copy_number}" if copy_number else "",
        facts=[
            PaperLine(f"{words['receipt']} {receipt.number}", _moment(receipt.sold_at, time_zone)),
            PaperLine(f"{words['till']} {receipt.till}", f"{words['cashier']} {receipt.cashier}"),
        ],
        lines=[row for line in receipt.lines for row in _sold(line, words)],
        total=PaperLine(words["total"], f"{money.as_text(receipt.total)} {receipt.currency}"),
        payments=list(_paid(receipt, words)),
        number=receipt.number,
        foot=[words["tax"], *([printer.footer] if printer.footer else [words["thanks"]])],
    )


def _sold(line: ReceiptLine, words: Mapping[str, str]) -> Iterator[PaperLine]:
    yield PaperLine(line.name, money.as_text(line.total))
    if line.unit == Unit.KG or line.quantity != quantity.ONE:
        unit = " kg" if line.unit == Unit.KG else ""
        amount = quantity.as_text(line.quantity, line.unit)
        yield PaperLine(f"{amount}{unit} x {money.as_text(line.unit_price)}", is_indented=True)
    if line.returned:
        yield PaperLine(f"{words['returned']} {quantity.as_text(line.returned, line.unit)}", is_indented=True)


def _paid(receipt: Receipt, words: Mapping[str, str]) -> Iterator[PaperLine]:
    for payment in receipt.payments:
        yield PaperLine(words[payment.tender], money.as_text(payment.amount))
    if receipt.change:
        yield PaperLine(words["change"], money.as_text(receipt.change))


def _moment(moment: datetime, time_zone: str) -> str:
    return moment.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%d %H:%M")
