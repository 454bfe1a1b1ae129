"""One product cell of the list, and what a stale form is told."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import g, request
from flask_babel import gettext
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired

from app.domain.errors import StaleVersion
from app.domain.money import as_text as money_text
from app.domain.quantity import as_text as quantity_text
from app.models.catalog import Product
from app.views.admin import formats
from app.views.admin.base import as_id
from app.views.admin.forms import MoneyField, QuantityField, SecureForm
from app.views.admin.product_form import LABELS, ProductForm, category_rows, supplier_rows, values_from


class CellForm(SecureForm):
    """One cell of the list: which row, at which version."""

    id = IntegerField(validators=[InputRequired()])
    version = IntegerField(validators=[InputRequired()])
    is_confirmed = BooleanField()


class PriceCell(CellForm):
    """A new price."""

    selling_price = MoneyField()


class SafetyCell(CellForm):
    """A new safety stock."""

    safety_stock = QuantityField()


CELLS = {"selling_price": PriceCell, "safety_stock": SafetyCell}


def as_version(text: Any) -> int:
    """The version a page was made from; 404 when it cannot be one."""
    return as_id(str(text or ""))


def first_error(form: Any) -> str:
    """The first thing wrong with a cell."""
    return next((str(error) for errors in form.errors.values() for error in errors), gettext("This cannot be used."))


def saved_cell(product: Product, name: str) -> dict[str, Any]:
    """A cell as it is after saving, with the row's new version."""
    return {"version": product.version, "value": typed(product, name), "text": shown(product, name)}


def typed(product: Any, name: str) -> str:
    """A figure as somebody would type it."""
    value = getattr(product, name)
    return money_text(value) if name == "selling_price" else quantity_text(value)


def shown(product: Any, name: str) -> str:
    """A figure as the list shows it."""
    value = getattr(product, name)
    return formats.money(value) if name == "selling_price" else formats.quantity(value, product.unit)


def stale_text(error: StaleVersion) -> str:
    """Who changed it meanwhile, and when."""
    at = formats.moment(datetime.fromisoformat(error.details["at"])) if error.details["at"] else ""
    return str(
        gettext("Changed by %(name)s at %(time)s: reload to see it.", name=error.details["by"] or "?", time=at or "?")
    )


def stale_cell(error: StaleVersion, name: str) -> dict[str, Any]:
    """What the list says of a cell somebody else changed."""
    current = error.details["current"][name]
    shown = formats.money(current) if name == "selling_price" else formats.quantity(current)
    return {"message": stale_text(error), "current": shown}


def show_stale(error: StaleVersion) -> None:
    """Let the form say what changed since it was opened, beside what was typed."""
    g.admin_status = 409
    g.admin_stale = {"message": stale_text(error), "rows": []}
    if request.endpoint and request.endpoint.endswith(".edit_view"):
        typed = asdict(values_from(ProductForm(request.form)))
        current = error.details["current"]
        g.admin_stale["rows"] = [
            (label, plain(name, typed[name]), plain(name, current[name]))
            for name, label in LABELS.items()
            if plain(name, typed[name]) != plain(name, current[name])
        ]


def plain(name: str, value: Any) -> str:
    """A value of the form for the comparison of a stale one."""
    if value is None or value == "":
        return formats.NONE
    if name in ("selling_price", "purchase_price"):
        return formats.money(value)
    if name in ("safety_stock", "pack_size"):
        return formats.quantity(value)
    if name == "further":
        return ", ".join(formats.plain_code(code["code"]) for code in value) or formats.NONE
    if name in ("category_id", "supplier_id"):
        rows = category_rows() if name == "category_id" else supplier_rows()
        return dict(rows).get(value, formats.NONE)
    return formats.plain_code(str(value)) if name == "barcode" else str(value)
