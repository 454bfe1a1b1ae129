"""What the back office says: refusals and bad fields in the user's words."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Field, Form

from app.domain.back_office import FieldFault
from app.domain.errors import ShopError
from app.views.errors import ANSWERS

FIELD_TEXTS: Final[Mapping[str, Any]] = {
    "required": _("Please fill this in."),
    "too_long": _("At most %(limit)s characters."),
    "too_many": _("At most %(limit)s."),
    "control_characters": _("This contains invisible characters."),
    "digits_only": _("Digits only."),
    "more_than_zero": _("This must be more than zero (and not absurdly large)."),
    "not_nothing": _("A change of nothing, or an absurdly large one."),
    "takes_away": _("Waste and theft take goods away: put a minus before the quantity, or choose another reason."),
    "adds": _("What is found comes on top: write the quantity without a minus, or choose another reason."),
    "not_negative": _("This cannot be negative (nor absurdly large)."),
    "whole_pieces": _("Pieces must be whole."),
    "one_decimal": _("At most one decimal."),
    "out_of_range": _("Between %(low)s and %(high)s."),
    "taken": _("Already used by “%(name)s”."),
    "twice": _("This stands here twice."),
    "unknown": _("Please choose one of the list."),
    "barcode_check_digit": _("The check digit is wrong: look again at the code."),
    "not_a_product_code": _("This is not a product code."),
    "label_digits": _("The value must be left 1 to 8 digits; 4 or 5 when there is a verifier digit."),
    "time_zone": _("There is no such time zone."),
    "currency": _("Three capital letters, such as EUR."),
    "price_form": _("“%(value)s” is not an amount: write 1234.50 or 1234,50."),
    "price_ambiguous": _("“%(value)s” may be thousands or decimals: write 1234.50 or 1234,50."),
    "price_decimals": _("At most two decimals."),
    "not_a_number": _("“%(value)s” is not a number."),
    "negative": _("This cannot be negative."),
    "zero": _("This must be more than zero."),
    "over_limit": _("At most %(limit)s."),
    "decimals": _("At most three decimals."),
}  # fmt: skip

DOUBTS: Final[Mapping[str, Any]] = {
    "below_cost": _("The selling price is below the purchase price."),
    "steep_rise": _("The new price is more than ten times the old one."),
}


def refusal_text(error: ShopError) -> str:
    """Why something was refused, in the user's language and without a word about tables."""
    if error.code in ANSWERS:
        return _filled(ANSWERS[error.code][1], error.details)
    return str(gettext("This was refused."))


def fault_text(fault: FieldFault) -> str:
    """What is wrong with one field."""
    return field_text(fault.code, fault.params)


def field_text(code: str, params: Mapping[str, Any]) -> str:
    """The text of a fault's code with its figures."""
    return _filled(FIELD_TEXTS.get(code, _("This value cannot be used.")), params)


def _filled(text: Any, params: Mapping[str, Any]) -> str:
    try:
        return str(text) % {key: str(value)[:80] for key, value in params.items()}
    except (KeyError, ValueError):
        return str(text)


def show_fault(form: Form, fault: FieldFault) -> None:
    """Write the fault under its field ("further-0-code" is a field of the first row of a list)."""
    field = _find(form, fault.field)
    errors = list(field.errors) if field is not None else []
    if field is not None:
        field.errors = [*errors, fault_text(fault)]


def _find(form: Form, name: str) -> Field | None:
    for field in form:
        if field.name == name:
            return field
        if name.startswith(f"{field.name}-"):
            for entry in getattr(field, "entries", ()):
                found = _find(entry.form, name)
                if found is not None:
                    return found
    return None
