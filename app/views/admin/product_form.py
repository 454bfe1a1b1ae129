"""The product form: what a manager types, and back."""

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.domain.catalog import MOST_DAYS, FurtherCode
from app.domain.quantity import ONE
from app.models.catalog import NAME_LENGTH, SHELF_LENGTH, Category, Supplier
from app.services.catalog_checks import MAX_FURTHER, ProductValues
from app.unit_of_work import read_only
from app.views.admin.formats import POLICIES, UNITS, plain_code
from app.views.admin.forms import MoneyField, QuantityField, RowSelect, SecureForm, offered, text_or_none


class CodeField(StringField):  # type: ignore[misc]
    """A barcode, shown without the zeros that pad it inside."""

    def _value(self) -> str:
        return plain_code(self.data) if self.data else ""


class FurtherCodeForm(Form):  # type: ignore[misc]
    """One further barcode; an empty code removes the row."""

    code = CodeField(_("Barcode"))
    pack_quantity = QuantityField(_("Sells"), default=ONE)
    pack_price = MoneyField(_("Price of the pack"), is_optional=True)


def category_rows() -> list[tuple[int, str]]:
    """Categories to choose from."""
    with read_only() as session:
        return [
            (row.id, row.name) for row in session.execute(select(Category.id, Category.name).order_by(Category.name))
        ]


def supplier_rows() -> list[tuple[int, str]]:
    """Suppliers to choose from."""
    with read_only() as session:
        return [
            (row.id, row.name) for row in session.execute(select(Supplier.id, Supplier.name).order_by(Supplier.name))
        ]


class ProductForm(SecureForm):
    """Exactly the fields a manager may edit; stock is not one of them."""

    name = StringField(_("Name"), [DataRequired(), Length(max=NAME_LENGTH)])
    sku = StringField(_("Article number"), [DataRequired(), Length(max=48)])
    barcode = CodeField(
        _("Barcode"), [Length(max=48)], description=_("EAN, UPC or another code; the check digit is verified.")
    )
    category_id = RowSelect(_("Category"), rows=category_rows)
    supplier_id = RowSelect(_("Supplier"), rows=supplier_rows, is_optional=True)
    selling_price = MoneyField(_("Selling price"), description=_("Per piece or kg, VAT included."))
    purchase_price = MoneyField(_("Purchase price"))
    unit = SelectField(_("Unit"), choices=offered(UNITS.items()))
    safety_stock = QuantityField(
        _("Safety stock"), description=_("Per shop, until a forecast proposes one or a shop has its own.")
    )
    pack_size = QuantityField(_("Pack size"), default=ONE, description=_("What the supplier delivers as one."))
    minimum_order = QuantityField(
        _("Least order"), is_optional=True, description=_("Less than this the supplier does not send.")
    )
    shelf_life_days = IntegerField(
        _("Shelf life in days"), [Optional(), NumberRange(1, MOST_DAYS)],
        description=_("From delivery on; empty for what keeps."),
    )  # fmt: skip
    brand = StringField(_("Brand"), [Length(max=100)])
    net_quantity = StringField(_("Content"), [Length(max=30)], description=_("As printed, such as 500 g."))
    shelf = StringField(
        _("Shelf"), [Length(max=SHELF_LENGTH)], description=_("Where it stands; counts go along shelves.")
    )
    plu = StringField(_("PLU"), [Length(max=8)], description=_("Item number on in-store labels."))
    shortage_policy = SelectField(
        _("When the books say sold out"), choices=offered([("", _("As the store")), *POLICIES.items()])
    )
    is_stocked = BooleanField(_("Stock is kept"), default=True)
    further_barcodes = FieldList(FormField(FurtherCodeForm), label=_("Further barcodes"), max_entries=MAX_FURTHER)
    version = HiddenField()
    is_confirmed = BooleanField(_("I mean it"))


def values_from(form: Any) -> ProductValues:
    """What the form says, as the use case wants it."""
    return ProductValues(
        sku=form.sku.data,
        barcode=text_or_none(form.barcode.data),
        plu=text_or_none(form.plu.data),
        name=form.name.data,
        brand=text_or_none(form.brand.data),
        net_quantity=text_or_none(form.net_quantity.data),
        category_id=form.category_id.data,
        supplier_id=form.supplier_id.data,
        unit=form.unit.data,
        purchase_price=form.purchase_price.data,
        selling_price=form.selling_price.data,
        safety_stock=form.safety_stock.data,
        pack_size=form.pack_size.data,
        shortage_policy=form.shortage_policy.data or None,
        is_stocked=form.is_stocked.data,
        further=_further(form),
        minimum_order=form.minimum_order.data or 0,
        shelf_life_days=form.shelf_life_days.data,
        shelf=text_or_none(form.shelf.data),
    )


def _further(form: Any) -> tuple[FurtherCode, ...]:
    rows = [entry.form for entry in form.further_barcodes.entries]
    return tuple(
        FurtherCode(row.code.data, row.pack_quantity.data, row.pack_price.data)
        for row in rows
        if text_or_none(row.code.data)
    )


def drop_empty_codes(form: Any) -> None:
    """Forget rows of further barcodes that were left empty, so that their other cells are not asked for."""
    field = form.further_barcodes
    field.entries = [entry for entry in field.entries if text_or_none(entry.form.code.data)]


LABELS = {
    "further": _("Further barcodes"),
    **{name: getattr(ProductForm, name).args[0] for name in (
        "name", "sku", "barcode", "category_id", "supplier_id", "selling_price", "purchase_price", "unit",
        "safety_stock", "pack_size", "minimum_order", "shelf_life_days", "brand", "net_quantity", "shelf", "plu",
        "shortage_policy", "is_stocked",
    )},
}  # fmt: skip
