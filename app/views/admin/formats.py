"""How figures, moments and states are shown in lists and details; everything escapes itself."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import format_currency, format_decimal, gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup, escape
from sqlalchemy import select

from app.domain.quantity import Unit
from app.models.stock import Store
from app.unit_of_work import read_only
from app.views.access import current_staff

Formatter = Callable[[Any, Any, Any, str], Any]
NONE: Final = "—"

STATES: Final = {
    "draft": _("Draft"), "approved": _("Approved"), "placed": _("Placed"), "received": _("Received"),
    "cancelled": _("Cancelled"), "counted": _("Counted"), "posted": _("Posted"), "waiting": _("Waiting"),
    "counting": _("Being counted"), "open": _("Open"),
    "resolved": _("Resolved"), "archived": _("Archived"), "active": _("Active"), "disabled": _("Disabled"),
    "expired": _("Expired"),
    "low": _("Low"),
    "to_print": _("To be printed"),
    "sending": _("Printing"), "printed": _("Printed"), "perhaps": _("Perhaps printed"), "given_up": _("Given up"),
    "low_somewhere": _("Low in a store"),
}  # fmt: skip
TENDERS: Final = {"cash": _("Cash"), "card": _("Card"), "mobile": _("Mobile payment")}
UNITS: Final = {"piece": _("piece"), "kg": _("kg")}
POLICIES: Final = {"block": _("Block"), "allow": _("Allow")}
STORE_KINDS: Final = {"shop": _("Shop"), "warehouse": _("Warehouse")}
MOVEMENT_KINDS: Final = {
    "sale": _("Sale"), "return": _("Return"), "receipt": _("Goods received"), "opening": _("Opening balance"),
    "correction": _("Correction"), "waste": _("Waste"), "theft": _("Theft"), "count": _("Count"), "found": _("Found"),
}  # fmt: skip
DOCUMENTS: Final = {
    "sale_line": _("Sale line"), "refund_line": _("Refund line"), "refund_waste": _("Refund to waste"),
    "receipt_line": _("Delivery line"), "adjustment": _("Adjustment"), "stocktake_line": _("Count line"),
}  # fmt: skip
EXCEPTION_KINDS: Final = {
    "sold_beyond_books": _("Sold beyond the books"), "adjusted_below_zero": _("Adjusted below zero"),
    "shelf_empty": _("Shelf found empty"),
}  # fmt: skip
ROLES: Final = {
    "cashier": _("Cashier"), "supervisor": _("Supervisor"), "manager": _("Manager"), "ops": _("Operations"),
}  # fmt: skip


def home_store() -> Store:
    """The store the user works in; asked once per request."""
    if "aisle_home_store" not in g:
        with read_only() as session:
            g.aisle_home_store = session.scalars(select(Store).where(Store.id == current_staff().store_id)).one()
    store: Store = g.aisle_home_store
    return store


def money(amount: int | None, currency: str | None = None) -> str:
    """Minor units in the store's currency: "€1.99"."""
    if amount is None:
        return NONE
    return str(format_currency(Decimal(amount).scaleb(-2), currency or home_store().currency))


def quantity(thousandths: int | None, unit: str | None = None) -> str:
    """Thousandths with three decimals for kg and none for whole pieces."""
    if thousandths is None:
        return NONE
    amount = Decimal(thousandths).scaleb(-3)
    if unit == Unit.KG:
        return str(format_decimal(amount, format="#,##0.000"))
    return str(format_decimal(amount, format="#,##0.###"))


def major(amount: int | None) -> Decimal | None:
    """Minor units as a number for a spreadsheet."""
    return None if amount is None else Decimal(amount).scaleb(-2)


def units(thousandths: int | None) -> Decimal | None:
    """Thousandths as a number for a spreadsheet."""
    return None if thousandths is None else Decimal(thousandths).scaleb(-3)


def moment(value: datetime | None) -> str:
    """Date and time on the store's own clock."""
    if value is None:
        return NONE
    # A date and its time stay on one line.
    return f"{value.astimezone(ZoneInfo(home_store().time_zone)):%Y-%m-%d\u00a0%H:%M}"


def share(per_mille: int | None) -> str:
    """Of 1000, in per cent."""
    return NONE if per_mille is None else str(format_decimal(Decimal(per_mille) / 10, format="0.#"))


def time_of_day(value: datetime | None) -> str:
    """Hours to seconds on the store's own clock; nothing for no time."""
    return value.astimezone(ZoneInfo(home_store().time_zone)).strftime("%H:%M:%S") if value is not None else ""


def day(value: date | None) -> str:
    """A calendar day."""
    return NONE if value is None else value.strftime("%Y-%m-%d")


def badge(state: str, tone: str = "") -> Markup:
    """A small coloured word."""
    return Markup('<span class="chip {}">{}</span>').format(f"chip-{tone or state}", STATES.get(state, state))


def link(url: str, text: Any) -> Markup:
    """A link whose text is only text."""
    return Markup('<a href="{}">{}</a>').format(url, text)


def yes_no(value: bool) -> Markup:
    """A tick or a dash, said aloud to screen readers."""
    if value:
        return Markup('<span class="tick" role="img" aria-label="{}">✓</span>').format(gettext("Yes"))
    return Markup('<span class="muted" role="img" aria-label="{}">–</span>').format(gettext("No"))


def column(show: Callable[[Any], Any]) -> Formatter:
    """A Flask-Admin formatter that shows `show(row)`; None becomes a dash."""

    def formatter(_view: Any, _context: Any, row: Any, _name: str) -> Any:
        shown = show(row)
        return NONE if shown is None or shown == "" else escape(shown)

    return formatter


def word(words: Any, value: str | None) -> str:
    """The user's word for a stored code; looked up once per request, as a list says few words many times."""
    if value is None:
        return NONE
    known: dict[Any, str] = g.setdefault("aisle_words", {})
    if (key := (id(words), value)) not in known:
        known[key] = str(words.get(value, value))
    return known[key]


def plain(shown: Any) -> Any:
    """What a list shows, without its colours; a dash is an empty cell."""
    if isinstance(shown, Markup):
        # Most cells have nothing to be stripped, and an export has very many.
        shown = shown.striptags() if "<" in shown or "&" in shown else " ".join(str(shown).split())
    return None if shown == NONE else shown


def plain_code(code: str) -> str:
    """A GTIN without the zeros that pad it to 14 digits: EAN-8 or EAN-13; other codes as they are."""
    if len(code) == 14 and code.isdigit():
        for length in (8, 13):
            if not code[:-length].strip("0"):
                return code[-length:]
    return code


def strong_link(url: str, text: str) -> Markup:
    """The link by which a row is opened."""
    return Markup('<a class="strong" href="{}">{}</a>').format(url, text)
