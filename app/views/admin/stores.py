"""Stores: shops and warehouses."""

from collections.abc import Mapping
from typing import Any, ClassVar
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from app.views.admin import formats, wording
from app.views.admin.catalog import MasterPage, printable, tidy
from app.views.admin.formats import column
from app.views.admin.forms import MoneyField, Pattern, SecureForm, offered


class StoreForm(SecureForm):
    """A store."""

    code = StringField(
        _("Code"),
        [
            DataRequired(),
            Pattern(r"^[A-Z0-9]{1,8}$", message=_("Only capital letters and digits, one to eight of them.")),
        ],
        description=_("Up to eight capital letters or digits; printed on receipts."),
    )
    name = StringField(_("Name"), [DataRequired(), Length(max=100), printable], filters=[tidy])
    kind = SelectField(_("Kind"), choices=offered(formats.STORE_KINDS.items()))
    address = StringField(_("Address"), [Length(max=300), printable])
    currency = StringField(_("Currency"), [DataRequired()], default="EUR")
    time_zone = StringField(_("Time zone"), [DataRequired()], default="Europe/Zagreb")
    shortage_policy = SelectField(_("When the books say sold out"), choices=offered(formats.POLICIES.items()))
    refund_limit = MoneyField(_("Refunds without a supervisor up to"), default=5000)
    count_limit = MoneyField(
        _("Counts without a second person up to"), default=50000,
        description=_("Worth of the variances that somebody may book of what they have counted themselves."),
    )  # fmt: skip
    is_active = BooleanField(_("Active"), default=True)

    def validate_currency(self, field: Any) -> None:
        """A code, not a symbol."""
        if not (len(field.data) == 3 and field.data.isascii() and field.data.isalpha() and field.data.isupper()):
            raise ValidationError(wording.field_text("currency", {}))

    def validate_time_zone(self, field: Any) -> None:
        """It decides the business day, so it must exist."""
        if field.data not in available_timezones():
            raise ValidationError(wording.field_text("time_zone", {}))


class StorePage(MasterPage):
    """Places with stock of their own."""

    form = StoreForm
    subtitle = _("Shops that sell and warehouses that hold.")
    in_use = _("This store has stock, sales or staff: make it inactive instead.")
    column_list = (
        "code",
        "name",
        "kind",
        "currency",
        "time_zone",
        "shortage_policy",
        "refund_limit",
        "count_limit",
        "is_active",
    )
    columns_numeric = frozenset({"refund_limit", "count_limit"})
    column_default_sort = "code"
    column_labels: ClassVar[Mapping[str, Any]] = {
        "code": _("Code"), "name": _("Name"), "kind": _("Kind"), "currency": _("Currency"),
        "time_zone": _("Time zone"), "shortage_policy": _("When sold out"), "refund_limit": _("Refund limit"),
        "count_limit": _("Count limit"), "is_active": _("Active"),
    }  # fmt: skip
    column_formatters: ClassVar[Mapping[str, Any]] = {
        "kind": column(lambda row: formats.word(formats.STORE_KINDS, row.kind)),
        "shortage_policy": column(lambda row: formats.word(formats.POLICIES, row.shortage_policy)),
        "refund_limit": column(lambda row: formats.money(row.refund_limit, row.currency)),
        "count_limit": column(lambda row: formats.money(row.count_limit, row.currency)),
        "is_active": column(lambda row: formats.yes_no(row.is_active)),
    }
